// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
)

// converts and merges let a record go on as another one, with the same values.
func converts(d *desk, out *leadsync.Outcome) (object, id string) {
	contact, _ := d.org.Convert(string(out.ID))
	return "Contact", contact
}

func merges(d *desk, out *leadsync.Outcome) (object, id string) {
	row := d.org.Row("Lead", string(out.ID))
	same := make(map[string]any)
	for _, field := range []string{"FirstName", "LastName", "Company", "Email", "Title", "Phone", "MobilePhone"} {
		same[field] = row[field]
	}
	winner := d.org.Insert("Lead", same)
	d.org.Merge("Lead", winner, string(out.ID))
	return "Lead", winner
}

// Before, another lead, which found the surviving record by its address, filled what a rep
// had emptied, and overwrote nothing else of its own connection's.
func TestAnotherLeadKnowsWhatARecordWasBefore(t *testing.T) {
	t.Parallel()
	for name, move := range map[string]func(*desk, *leadsync.Outcome) (object, id string){
		"converted": converts, "merged": merges,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, leadsync.Config{})
			lead := later(visitor(), func(l *leadsync.Lead) { l.MobilePhone = "617-555-0101" })
			out := d.sync(lead)["L1"]
			d.edit(out, map[string]any{"Phone": nil})
			object, id := move(d, out)
			second := later(lead, func(l *leadsync.Lead) {
				l.ID, l.Phone, l.MobilePhone = "L2", "617-555-0102", "617-555-0103"
			})
			out = d.sync(second)["L2"]
			require.Equal(t, id, string(out.ID))
			row := d.org.Row(object, id)
			require.Nil(t, row["Phone"], "it was emptied before")
			require.Equal(t, []leadtype.WarningKind{leadtype.KeptCleared}, warned(out, "Phone"))
			require.Equal(t, "617-555-0103", row["MobilePhone"], "it is the connection's own")
		})
	}
}

// Before, an edit was forgotten on the way: with existing: overwrite it was written over, and
// without it what a rep emptied afterwards was filled again.
func TestAnEditGoesAlongToWhatARecordBecomes(t *testing.T) {
	t.Parallel()
	for name, move := range map[string]func(*desk, *leadsync.Outcome) (object, id string){
		"converted": converts, "merged": merges,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rules := leadsync.DefaultMapping()
			rules.Existing = mapping.OverwriteExisting
			d := newDesk(t, leadsync.Config{Mapper: rules})
			out := d.sync(visitor())["L1"]
			d.edit(out, map[string]any{"Title": "Chief Officer", "Phone": "2"})
			object, id := move(d, out)
			second := later(visitor(), func(l *leadsync.Lead) { l.ID, l.JobTitle, l.MobilePhone = "L2", "Manager", "1" })
			out = d.sync(second)["L2"]
			require.Equal(t, []leadtype.WarningKind{leadtype.KeptEdited}, warned(out, "Title"))
			d.org.Update(object, id, map[string]any{"Phone": nil})
			out = d.sync(later(second, func(l *leadsync.Lead) { l.MobilePhone = "3" }))["L2"]
			require.Equal(t, []leadtype.WarningKind{leadtype.KeptCleared}, warned(out, "Phone"))
			row := d.org.Row(object, id)
			require.Equal(t, []any{"Chief Officer", nil, "3"}, []any{row["Title"], row["Phone"], row["MobilePhone"]})
		})
	}
}

// The control: what a merge took from the other record is nobody's edit of ours.
func TestAMergeBringsValuesOfOthers(t *testing.T) {
	t.Parallel()
	rules := leadsync.DefaultMapping()
	rules.Existing = mapping.OverwriteExisting
	d := newDesk(t, leadsync.Config{Mapper: rules})
	out := d.sync(visitor())["L1"]
	d.edit(out, map[string]any{"Title": "Chief Officer"})
	winner := d.org.Insert("Lead", map[string]any{"FirstName": "Pia", "LastName": "Gibson", "Company": "Acme Ltd",
		"Email": "pia@acme.example", "Title": "Assistant"})
	d.org.Merge("Lead", winner, string(out.ID))
	d.sync(later(visitor(), func(l *leadsync.Lead) { l.ID, l.JobTitle = "L2", "Manager" }))
	require.Equal(t, "Manager", d.org.Row("Lead", winner)["Title"])
}

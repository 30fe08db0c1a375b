// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
)

// again returns the lead as its next capture has it, with another title and phone.
func again(l *leadsync.Lead) *leadsync.Lead {
	return later(l, func(l *leadsync.Lead) {
		l.ID, l.JobTitle, l.Phone, l.CapturedAt = "L2", "Manager", "617-555-0101", l.CapturedAt.Add(time.Hour)
	})
}

// A person's own values that a run replaced are the person's again once they are restored.
// Before, they passed for the connection's, and the next sync wrote over them without an ask.
func TestARevertGivesPeopleTheirValuesBack(t *testing.T) {
	t.Parallel()
	overwriting := mapping.Default()
	overwriting.Existing = mapping.OverwriteExisting
	for name, rules := range map[string]*leadsync.Mapping{"asked": mapping.Default(), "overwrite": overwriting} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, leadsync.Config{Mapper: rules})
			id := d.org.Insert("Lead", map[string]any{"FirstName": "Pia", "LastName": "Gibson", "Company": "Acme Ltd",
				"Email": "pia@acme.example", "Title": "CFO", "Street": "1 Own Road", "City": "Ownham"})
			lead := later(visitor(), func(l *leadsync.Lead) { l.Street, l.City = "2 Fair Road", "Fairham" })
			out := d.sync(lead)["L1"]
			if name == "asked" {
				require.Equal(t, "CFO", d.org.Row("Lead", id)["Title"])
				first := out
				out = d.push(leadsync.Filter{}, leadtype.Ask{Over: []string{"Lead.Title", "Lead.Street", "Lead.City"}})["L1"]
				require.NotEqual(t, first.At, out.At)
			}
			require.Equal(t, "Mgr", d.org.Row("Lead", id)["Title"])
			d.revert(out)
			kept := []any{"CFO", "1 Own Road", "Ownham"}
			has := func() []any {
				row := d.org.Row("Lead", id)
				return []any{row["Title"], row["Street"], row["City"]}
			}
			require.Equal(t, kept, has())

			d.push(leadsync.Filter{})
			require.Equal(t, kept, has(), "by a push")
			out = d.sync(again(lead))["L2"]
			require.Equal(t, kept, has(), "by another lead")
			require.Equal(t, []leadtype.WarningKind{leadtype.KeptEdited}, warned(out, "Title"))
			require.Equal(t, "617-555-0101", d.org.Row("Lead", id)["Phone"], "which is the connection's")
		})
	}
}

// A field that a user has emptied, and that a push with its name filled, is empty again
// after the revert, and stays so.
func TestARevertLeavesEmptyWhatAPersonHadEmptied(t *testing.T) {
	t.Parallel()
	d := newDesk(t, leadsync.Config{Mapper: mapping.Default()})
	lead := visitor()
	out := d.sync(lead)["L1"]
	d.edit(out, map[string]any{"Title": nil})
	out = d.push(leadsync.Filter{}, leadtype.Ask{Over: []string{"Lead.Title"}})["L1"]
	require.Equal(t, "Mgr", d.org.Row("Lead", string(out.ID))["Title"])
	d.revert(out)
	out = d.sync(again(lead))["L2"]
	require.Nil(t, d.org.Row("Lead", string(out.ID))["Title"])
	require.Equal(t, []leadtype.WarningKind{leadtype.KeptCleared}, warned(out, "Title"))
}

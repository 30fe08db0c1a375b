// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// faultyTier is a desk whose mapping has a row for the tier that has to fit, beside others,
// and a record that is not the connection's.
func faultyTier(t *testing.T, write mapping.WriteRule, rules ...mapping.Rule) *desk {
	t.Helper()
	m := mapping.Default()
	m.Sections[0].Rules = slices.Concat(m.Sections[0].Rules,
		[]mapping.Rule{{Source: "custom.tier", Field: "Tier__c", Write: write}}, rules)
	d := newDesk(t, leadsync.Config{Mapper: m, Gather: leadsync.NoGather})
	d.tiers("Gold", "Silver")
	d.org.Insert("Lead", map[string]any{"FirstName": "Pia", "LastName": "Gibson", "Email": "pia@acme.example",
		"Company": "Acme Ltd", "Title": "Intern"})
	return d
}

// tiers gives the org the options of Tier__c.
func (d *desk) tiers(options ...string) {
	d.org.DefineField("Lead", sftest.Field{Name: "Tier__c", Type: "picklist", Restricted: true, Options: options})
}

// A push over a field of a record that is done writes it, also when the value of another row
// does not fit any more. It was dropped, and nothing said so.
func TestAPushOverADoneRecordMindsNoOtherRow(t *testing.T) {
	t.Parallel()
	d := faultyTier(t, mapping.Overwrite)
	out := d.sync(tieredLead())["L1"]
	require.Equal(t, []leadtype.WarningKind{leadtype.KeptExisting}, warned(out, "Title"))
	d.tiers("Silver")
	d.edit(out, map[string]any{"Tier__c": "Silver"})
	out = d.push(leadsync.Filter{})["L1"]
	require.Equal(t, leadsync.Unchanged, out.Action, "what is done stays done: %v", out.Err)

	out = d.push(leadsync.Filter{}, leadtype.Ask{Over: []string{"Lead.Title"}})["L1"]
	require.Equal(t, leadsync.Cleared, out.Stage, "%v", out.Err)
	row := d.org.Row("Lead", string(out.ID))
	require.Equal(t, "Mgr", row["Title"])
	require.Equal(t, "Silver", row["Tier__c"])
	require.Empty(t, warned(out, "Title"))
	require.Nil(t, out.Ask)
}

// A push over a field that does not take the value says so, and is done once it does.
func TestAPushThatFailsIsStillAskedFor(t *testing.T) {
	t.Parallel()
	d := faultyTier(t, mapping.UnlessEdited)
	out := d.sync(tieredLead())["L1"]
	d.tiers("Silver")
	d.edit(out, map[string]any{"Tier__c": "Silver"})
	over := []string{"Lead.Tier__c"}
	out = d.push(leadsync.Filter{}, leadtype.Ask{Over: over})["L1"]
	require.Equal(t, leadsync.Failed, out.Stage, "%v %v", out.Warnings, d.org.Rows("Lead"))
	require.ErrorIs(t, out.Err, leadsync.DataValueValidation)
	require.Equal(t, []string{"Tier__c"}, out.Err.Fields)
	require.Equal(t, over, out.Ask.Over)

	d.tiers("Silver", "Gold")
	out = d.push(leadsync.Filter{})["L1"]
	require.Equal(t, leadsync.Cleared, out.Stage, "%v", out.Err)
	require.Equal(t, "Gold", d.org.Row("Lead", string(out.ID))["Tier__c"])
	require.Nil(t, out.Ask)
	d.edit(out, map[string]any{"Tier__c": "Silver"})
	d.push(leadsync.Filter{})
	require.Equal(t, "Silver", d.org.Row("Lead", string(out.ID))["Tier__c"], "it was asked for once")
}

// What is owed of a record that is done is written though another row does not fit, and stays
// owed while its own does not. It was forgotten.
func TestWhatIsOwedOutlivesRowsThatDoNotFit(t *testing.T) {
	t.Parallel()
	d := faultyTier(t, mapping.Overwrite, mapping.Rule{Source: "custom.rank", Field: "Rank__c", Unfit: mapping.Skip,
		Locked: mapping.Fail})
	rank := sftest.Field{Name: "Rank__c", Type: "picklist", Options: []string{"First"}}
	d.org.DefineField("Lead", rank)
	refuses := true
	d.org.OnRow("Lead", func(_ string, row map[string]any) *sftest.RowError {
		if !refuses || row["Rank__c"] == nil {
			return nil
		}
		return &sftest.RowError{StatusCode: "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", Fields: []string{"Rank__c"}}
	})
	out := d.sync(later(tieredLead(), func(l *leadsync.Lead) {
		l.Custom = map[string]any{"tier": "Gold", "rank": "First"}
	}))["L1"]
	require.Len(t, out.Owed, 1, "%v", out.Err)
	d.tiers("Silver")
	d.edit(out, map[string]any{"Tier__c": "Silver"})
	rank.ReadOnly = true
	d.org.DefineField("Lead", rank)
	for range 2 {
		out = d.push(ofOwed)["L1"]
		require.Equal(t, leadsync.Cleared, out.Stage, "%v", out.Err)
		require.Len(t, out.Owed, 1, "%v", out.Warnings)
		require.Len(t, ofKind(out, leadtype.Owed), 1)
	}
	rank.ReadOnly, refuses = false, false
	d.org.DefineField("Lead", rank)
	out = d.push(ofOwed)["L1"]
	require.Empty(t, out.Owed)
	require.Equal(t, "First", d.org.Row("Lead", string(out.ID))["Rank__c"])
	require.Equal(t, "Silver", d.org.Row("Lead", string(out.ID))["Tier__c"])
}

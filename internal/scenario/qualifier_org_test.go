// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// A note qualifier becomes a Task, once.
func TestNoteQualifierBecomesATaskOnce(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	syncer := scenario.SyncerOf(t, org,
		&leadsync.Config{Qualifiers: []leadsync.Qualifier{{Name: "Budget", Type: mapping.QualifierNote}}})
	lead := scenario.Ada()
	lead.Answers = map[string][]string{"Budget": {"10k"}}

	out := scenario.SyncOne(t, syncer, lead)
	require.Equal(t, leadsync.Unchanged, scenario.SyncOne(t, syncer, lead).Action)

	tasks := org.Rows("Task")
	require.Len(t, tasks, 1)
	require.Equal(t, "Note", tasks[0]["Subject"])
	require.Equal(t, "Budget: 10k", tasks[0]["Description"])
	require.Equal(t, string(out.ID), tasks[0]["WhoId"])
}

// Answers map to a field of any object, value by value to picklist options;
// several go to a multipicklist, or joined into text.
func TestAnswersGoToFieldsOfAnyObject(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	options := []string{"Product Demo", "Pricing", "Other"}
	org.DefineField("Contact",
		sftest.Field{Name: "Interest__c", Type: "multipicklist", Options: options, Restricted: true})
	org.DefineField("Account", sftest.Field{Name: "Interests__c", Type: "string", Length: 100})
	syncer := scenario.SyncerOf(t, org,
		&leadsync.Config{Strategy: leadsync.AccountsAndContacts, Qualifiers: []leadsync.Qualifier{{
			Name: "Interest", Multiple: true, Options: map[string]string{"demo": "Product Demo", "price": "Pricing"},
			Fields: map[salesforce.Object]string{"Contact": "Interest__c", "Account": "Interests__c"},
		}}})
	lead := scenario.Ada()
	lead.Answers = map[string][]string{"Interest": {"Price", "Demo"}}

	scenario.SyncOne(t, syncer, lead)

	require.Equal(t, "Pricing;Product Demo", org.Rows("Contact")[0]["Interest__c"])
	require.Equal(t, "Pricing; Product Demo", org.Rows("Account")[0]["Interests__c"])
}

// A required qualifier without an answer fails the lead, an answer without an
// option is held, passed or dropped; all before any write.
func TestAnswersAreCheckedBeforeAnyWrite(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name      string
		qualifier leadsync.Qualifier
		field     string
		answers   []string
		code      leadsync.Code
		stored    any
	}{
		{"required and blank", leadsync.Qualifier{Required: true}, "Text__c", []string{" "},
			leadsync.RequiredFieldMissing, nil},
		{"required elsewhere", leadsync.Qualifier{Required: true, Events: []string{"fair"}}, "Text__c", nil, "", nil},
		{"required once, archived now", leadsync.Qualifier{Required: true, Archived: true}, "Text__c",
			[]string{"x"}, "", nil},
		{"hold", leadsync.Qualifier{Options: map[string]string{"a": "Gold"}}, "Text__c", []string{"b"},
			leadsync.NoTagMapping, nil},
		{"pass", leadsync.Qualifier{Options: map[string]string{"a": "Gold"}, Unmapped: mapping.PassUnmapped}, "Text__c",
			[]string{"b"}, "", "b"},
		{"pass into a restricted picklist", leadsync.Qualifier{Options: map[string]string{"a": "Gold"},
			Unmapped: mapping.PassUnmapped}, "Tier__c", []string{"b"}, leadsync.NoTagMapping, nil},
		{"drop", leadsync.Qualifier{Options: map[string]string{"a": "Gold"}, Unmapped: mapping.DropUnmapped}, "Tier__c",
			[]string{"b"}, "", nil},
		{"an option that is retired", leadsync.Qualifier{}, "Tier__c", []string{"Iron"}, leadsync.NoTagMapping, nil},
		{"two answers where one is asked for", leadsync.Qualifier{}, "Text__c", []string{"a", "b"},
			leadsync.DataValueValidation, nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			org := sftest.NewOrg(t)
			org.DefineField("Lead", sftest.Field{Name: "Text__c", Type: "string", Length: 50})
			org.DefineField("Lead", sftest.Field{Name: "Tier__c", Type: "picklist", Options: []string{"Gold", "Iron"},
				Inactive: []string{"Iron"}, Restricted: true})
			row.qualifier.Name, row.qualifier.Fields = "Q", map[salesforce.Object]string{"Lead": row.field}
			lead := scenario.Ada()
			lead.EventID, lead.Answers = "expo", map[string][]string{"Q": row.answers}
			outcomes, err := scenario.SyncerOf(t, org, &leadsync.Config{Qualifiers: []leadsync.Qualifier{row.qualifier}}).
				Sync(t.Context(), lead)
			if row.code != "" {
				require.ErrorIs(t, err, row.code)
				require.Equal(t, leadsync.Failed, outcomes[0].Stage)
				require.Zero(t, scenario.WritesOf(org))
				return
			}
			require.NoError(t, err)
			require.Equal(t, row.stored, org.Rows("Lead")[0][row.field])
			require.Equal(t, row.name == "drop", len(outcomes[0].Warnings) > 0)
		})
	}
}

// A record keeps its retired option, as for rows of the mapping.
func TestAnswerMayNameTheRetiredOptionThatTheRecordHolds(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		answers []string
		ok      bool
	}{
		"what it holds":         {[]string{"iron", "gold"}, true},
		"less than it holds":    {[]string{"iron"}, false},
		"one mapped to nothing": {[]string{"iron", "gold", "lead"}, false},
	} {
		org := sftest.NewOrg(t)
		org.DefineField("Lead",
			sftest.Field{Name: "Tiers__c", Type: "multipicklist", Options: []string{"Gold", "Iron"}, Restricted: true})
		id := scenario.InsertLead(org, "Lovelace", scenario.Ada().Email)
		org.Update("Lead", id, map[string]any{"Tiers__c": "Gold;Iron"})
		org.DefineField("Lead", sftest.Field{Name: "Tiers__c", Type: "multipicklist", Options: []string{"Gold", "Iron"},
			Inactive: []string{"Iron"}, Restricted: true})
		syncer := scenario.SyncerOf(t, org, &leadsync.Config{Qualifiers: []leadsync.Qualifier{{Name: "Q", Multiple: true,
			Options: map[string]string{"gold": "Gold", "iron": "Iron"},
			Fields:  map[salesforce.Object]string{"Lead": "Tiers__c"}}}})
		lead := scenario.Ada()
		lead.Answers = map[string][]string{"Q": row.answers}
		_, err := syncer.Sync(t.Context(), lead)
		if row.ok {
			require.NoError(t, err, name)
		} else {
			require.ErrorIs(t, err, leadsync.NoTagMapping, name)
		}
		require.Equal(t, "Gold;Iron", org.Row("Lead", id)["Tiers__c"], name)
	}
}

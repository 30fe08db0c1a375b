// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/revert"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// revertFixture returns an org and a config on one clock.
func revertFixture(t *testing.T) (*sftest.Org, *clock, *leadsync.Config) {
	c := newClock()
	return sftest.NewOrg(t, sftest.WithNow(c.now)), c, &leadsync.Config{Now: c.now, Mapper: scenario.Overwriting()}
}

func syncAll(t *testing.T, syncer *leadsync.Syncer, leads ...*leadsync.Lead) []*leadsync.Outcome {
	t.Helper()
	outcomes, err := syncer.Sync(t.Context(), leads...)
	require.NoError(t, err)
	return outcomes
}

func revertAll(t *testing.T, syncer *leadsync.Syncer, outcomes []*leadsync.Outcome,
	opts revert.Options) *revert.Report {
	t.Helper()
	report, err := syncer.Revert(t.Context(), outcomes, opts)
	require.NoError(t, err)
	return report
}

func TestRevertRestoresWhatIsUnchangedSince(t *testing.T) {
	t.Parallel()
	org, _, cfg := revertFixture(t)
	contact := org.Insert("Contact",
		map[string]any{"LastName": "Lovelace", "Email": "ada@analytical.example", "Title": "Miss", "Phone": "1"})
	lead := scenario.Ada()
	lead.JobTitle, lead.Phone = "Countess", "2"
	syncer := scenario.SyncerOf(t, org, cfg)
	outcomes := syncAll(t, syncer, lead)
	org.Update("Contact", contact, map[string]any{"Phone": "3"})
	calls := org.Calls()

	report := revertAll(t, syncer, outcomes, revert.Options{Delete: true})

	require.Equal(t, calls+2, org.Calls(), "one read, one write")
	row := org.Row("Contact", contact)
	require.Equal(t, "Miss", row["Title"])
	require.Nil(t, row["FirstName"])
	require.Equal(t, "3", row["Phone"])
	require.Len(t, report.Restored, 1)
	require.Contains(t, report.Restored[0].Fields, leadtype.FieldChange{Field: "Title", Before: "Countess", After: "Miss"})
	require.Equal(t, []leadsync.LeadID{"L1"}, report.Restored[0].Leads)
	require.Len(t, report.Left, 1)
	require.ErrorIs(t, report.Left[0].Err, leadsync.StaleRemoteRecord)
	require.Equal(t, []string{"Phone"}, report.Left[0].Err.Fields)
	require.NotContains(t, report.Left[0].Err.Error(), "3")
	text := report.String()
	require.Contains(t, text, "Title: Countess -> Miss")
	require.Contains(t, text, "FirstName: Ada -> (blank)")
	require.Contains(t, text, "STALE_REMOTE_RECORD (Phone)")

	org.ResetLog()
	again := revertAll(t, syncer, outcomes, revert.Options{Delete: true})
	require.Zero(t, scenario.WritesOf(org))
	require.Empty(t, again.Restored)
	require.Equal(t, report.Left, again.Left)
}

func TestRevertDeletesWhatTheRunCreatedChildrenFirst(t *testing.T) {
	t.Parallel()
	org, _, cfg := revertFixture(t)
	cfg.Strategy, cfg.Campaigns = leadsync.AccountsAndContacts, []leadsync.CampaignLink{{CampaignID: scenario.Expo(org)}}
	var order []string
	for _, object := range []string{"Account", "Contact", "CampaignMember", "Task"} {
		org.OnRow(object, func(op string, _ map[string]any) *sftest.RowError {
			if op == "delete" {
				order = append(order, object)
			}
			return nil
		})
	}
	lead := scenario.Ada()
	lead.Activities = []leadsync.Activity{{Kind: leadsync.ActivityCall}}
	syncer := scenario.SyncerOf(t, org, cfg)
	outcomes := syncAll(t, syncer, lead)

	kept := revertAll(t, syncer, outcomes, revert.Options{})
	require.Len(t, kept.Kept, 4)
	require.Empty(t, order)

	calls := org.Calls()
	report := revertAll(t, syncer, outcomes, revert.Options{Delete: true})
	require.Equal(t, calls+5, org.Calls(), "the records, their dependents, three levels")
	require.Len(t, report.Deleted, 4)
	require.Empty(t, report.Left)
	require.ElementsMatch(t, []string{"CampaignMember", "Task"}, order[:2])
	require.Equal(t, []string{"Contact", "Account"}, order[2:])
	for _, object := range []string{"Account", "Contact", "CampaignMember", "Task"} {
		require.Zero(t, org.Count(object), object)
	}

	org.ResetLog()
	again := revertAll(t, syncer, outcomes, revert.Options{Delete: true})
	require.Zero(t, scenario.WritesOf(org))
	require.Equal(t, &revert.Report{At: again.At}, again)
}

func TestRevertKeepsWhatOthersChanged(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		change func(org *sftest.Org, contact, account string)
		left   map[salesforce.Object]string // what stays, and why
	}{
		"a contact was changed": {
			func(org *sftest.Org, contact, _ string) {
				org.Update("Contact", contact, map[string]any{"Department": "Sales"})
			},
			map[salesforce.Object]string{"Contact": "it has been changed since",
				"Account": "a Contact that refers to it is kept"}},
		"a task refers to the contact": {
			func(org *sftest.Org, contact, _ string) {
				org.Insert("Task", map[string]any{"WhoId": contact, "Subject": "Call back"})
			},
			map[salesforce.Object]string{"Contact": "a Task that refers to it is kept",
				"Account": "a Contact that refers to it is kept"}},
		"a colleague came to the account": {
			func(org *sftest.Org, _, account string) {
				org.Insert("Contact", map[string]any{"LastName": "Babbage", "AccountId": account})
			},
			map[salesforce.Object]string{"Account": "a Contact that refers to it is kept"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			org, clock, cfg := revertFixture(t)
			cfg.Strategy = leadsync.AccountsAndContacts
			syncer := scenario.SyncerOf(t, org, cfg)
			outcomes := syncAll(t, syncer, scenario.Ada())
			clock.advance(2 * time.Minute)
			row.change(org, string(outcomes[0].ID), string(outcomes[0].AccountID))

			report := revertAll(t, syncer, outcomes, revert.Options{Delete: true})

			left := make(map[salesforce.Object]string)
			for _, r := range report.Left {
				require.ErrorIs(t, r.Err, leadsync.StaleRemoteRecord)
				left[r.Object] = r.Err.Reason
			}
			require.Equal(t, row.left, left)
			require.Len(t, report.Deleted, 2-len(left))
		})
	}
}

// A record that went into another, or that another went into, is no longer what the
// run made of it, however soon that was.
func TestRevertKeepsAndListsMergedAndConvertedRecords(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		there  bool // the lead was there before the run
		meddle func(org *sftest.Org, lead, other string)
		left   string
	}{
		"created, and merged away": {false, func(org *sftest.Org, lead, other string) {
			org.Merge("Lead", other, lead)
		}, "the record was merged into OTHER"},
		"updated, and merged away": {true, func(org *sftest.Org, lead, other string) {
			org.Merge("Lead", other, lead)
		}, "the record was merged into OTHER"},
		"created, and another merged in": {false, func(org *sftest.Org, lead, other string) {
			org.Merge("Lead", lead, other)
		}, "another record has been merged into it since"},
		"created, and converted": {false, func(org *sftest.Org, lead, _ string) {
			org.Convert(lead)
		}, "it has been converted since"},
		"created, and deleted": {false, func(org *sftest.Org, lead, _ string) { org.Delete("Lead", lead) }, ""},
	} {
		org, _, cfg := revertFixture(t)
		other := scenario.InsertLead(org, "Other", "other@x.example")
		if row.there {
			scenario.InsertLead(org, "Lovelace", "ada@analytical.example")
		}
		syncer := scenario.SyncerOf(t, org, cfg)
		outcomes := syncAll(t, syncer, scenario.Ada())
		row.meddle(org, string(outcomes[0].ID), other)
		org.ResetLog()

		report := revertAll(t, syncer, outcomes, revert.Options{Delete: true})

		require.Zero(t, scenario.WritesOf(org), name)
		if row.left == "" {
			require.Empty(t, report.Left, name)
			continue
		}
		require.Len(t, report.Left, 1, name)
		require.ErrorIs(t, report.Left[0].Err, leadsync.StaleRemoteRecord)
		require.Equal(t, strings.Replace(row.left, "OTHER", other, 1), report.Left[0].Err.Reason, name)
	}
}

func TestRevertUndoesSyncsLastFirst(t *testing.T) {
	t.Parallel()
	org, clock, cfg := revertFixture(t)
	contact := org.Insert("Contact", map[string]any{"LastName": "Lovelace", "FirstName": "Ada",
		"Email": "ada@analytical.example", "Title": "A", "Phone": "1"})
	syncer := scenario.SyncerOf(t, org, cfg)
	var outcomes []*leadsync.Outcome
	for _, value := range []string{"B", "C"} {
		clock.advance(time.Second)
		lead := scenario.Ada()
		lead.JobTitle, lead.Phone = value, value
		outcomes = append(outcomes, syncAll(t, syncer, lead)...)
		org.Update("Contact", contact, map[string]any{"Phone": value + "'"}) // between the syncs, and after
	}
	org.Update("Contact", contact, map[string]any{"Phone": "C"})

	report := revertAll(t, syncer, []*leadsync.Outcome{outcomes[1], nil, outcomes[0]}, revert.Options{})

	row := org.Row("Contact", contact)
	require.Equal(t, "A", row["Title"])
	require.Equal(t, "B'", row["Phone"], "a user wrote it between the syncs: the value before that is unknown")
	require.Len(t, report.Left, 1)
	require.Equal(t, []string{"Phone"}, report.Left[0].Err.Fields)
	require.Equal(t, report.Left, revertAll(t, syncer, outcomes, revert.Options{}).Left,
		"a second revert sees what the first has done")
}

func TestRevertOfSharedRecordIsDoneOnce(t *testing.T) {
	t.Parallel()
	org, _, cfg := revertFixture(t)
	contact := org.Insert("Contact", map[string]any{"LastName": "Lovelace", "Email": "ada@analytical.example"})
	twin := scenario.Ada()
	twin.ID = "L2"
	syncer := scenario.SyncerOf(t, org, cfg)
	outcomes := syncAll(t, syncer, scenario.Ada(), twin)

	report := revertAll(t, syncer, outcomes, revert.Options{})

	require.Nil(t, org.Row("Contact", contact)["FirstName"])
	require.Empty(t, report.Left)
	require.Len(t, report.Restored, 1)
	require.Equal(t, []leadsync.LeadID{"L1", "L2"}, report.Restored[0].Leads)
}

func TestRevertListsWhatPreventsIt(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		meddle func(org *sftest.Org, contact string)
		code   leadsync.Code
		fields []string
	}{
		"the record is gone": {func(org *sftest.Org, contact string) {
			org.Delete("Contact", contact)
		}, leadsync.StaleRemoteRecord, nil},
		"a rule refuses": {func(org *sftest.Org, _ string) {
			org.AddRule("Contact", sftest.Rule{Name: "Title_needed", Field: "Title", Refuses: func(row map[string]any) bool {
				return row["Title"] == nil
			}})
		}, leadsync.DataValueValidation, []string{"Title"}},
		"the field is read-only": {func(org *sftest.Org, _ string) {
			org.ReadOnlyField("Contact", "Title")
		}, leadsync.ConnectionPermission, []string{"Title"}},
		"the field is hidden": {func(org *sftest.Org, _ string) {
			org.HideField("Contact", "Title")
		}, leadsync.MissingRemoteField, []string{"Title"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			org, _, cfg := revertFixture(t)
			contact := org.Insert("Contact",
				map[string]any{"FirstName": "Ada", "LastName": "Lovelace", "Email": "ada@analytical.example"})
			lead := scenario.Ada()
			lead.JobTitle = "Countess"
			syncer := scenario.SyncerOf(t, org, cfg)
			outcomes := syncAll(t, syncer, lead)
			row.meddle(org, contact)

			for _, syncer := range []*leadsync.Syncer{syncer, scenario.SyncerOf(t, org, cfg)} { // the first has a session
				report := revertAll(t, syncer, outcomes, revert.Options{})

				require.Empty(t, report.Restored)
				require.Len(t, report.Left, 1)
				require.ErrorIs(t, report.Left[0].Err, row.code)
				require.Equal(t, row.fields, report.Left[0].Err.Fields)
			}
		})
	}
}

func TestRevertDeletesNothingThatTheUserMayNotDelete(t *testing.T) {
	t.Parallel()
	org, _, cfg := revertFixture(t)
	outcomes := syncAll(t, scenario.SyncerOf(t, org, cfg), scenario.Ada())
	org.Forbid("Lead", "delete")
	org.ResetLog()

	report := revertAll(t, scenario.SyncerOf(t, org, cfg), outcomes, revert.Options{Delete: true})

	require.Zero(t, scenario.WritesOf(org))
	require.Len(t, report.Left, 1)
	require.ErrorIs(t, report.Left[0].Err, leadsync.ConnectionPermission)
}

func TestRevertKeepsAParentWhoseChildWasNotDeleted(t *testing.T) {
	t.Parallel()
	org, _, cfg := revertFixture(t)
	lead := scenario.Ada()
	lead.Activities = []leadsync.Activity{{Kind: leadsync.ActivityCall}}
	syncer := scenario.SyncerOf(t, org, cfg)
	outcomes := syncAll(t, syncer, lead)
	org.OnRow("Task", func(op string, _ map[string]any) *sftest.RowError {
		return &sftest.RowError{StatusCode: "ENTITY_IS_LOCKED", Message: "in approval"}
	})

	report := revertAll(t, syncer, outcomes, revert.Options{Delete: true})

	require.Equal(t, 1, org.Count("Lead"))
	require.Empty(t, report.Deleted)
	require.Len(t, report.Left, 2)
	require.ErrorIs(t, report.Left[0].Err, leadsync.RecordLocked)
	require.ErrorIs(t, report.Left[1].Err, leadsync.BatchCollateral)
}

func TestRevertIsPackedIntoFewCalls(t *testing.T) {
	t.Parallel()
	org, _, cfg := revertFixture(t)
	var leads []*leadsync.Lead
	for i := range 600 {
		lead := scenario.Ada()
		lead.ID, lead.Email = leadsync.LeadID(fmt.Sprintf("L%d", i)), fmt.Sprintf("p%d@analytical.example", i)
		lead.LastName = fmt.Sprintf("Lovelace %d", i)
		leads = append(leads, lead)
		if i < 300 {
			scenario.InsertContact(org, lead.LastName, lead.Email)
		}
	}
	syncer := scenario.SyncerOf(t, org, cfg)
	outcomes := syncAll(t, syncer, leads...)
	calls := org.Calls()

	report := revertAll(t, syncer, outcomes, revert.Options{Delete: true})

	require.Equal(t, calls+4, org.Calls(), "the records, their dependents, the restored, the deleted")
	require.Len(t, report.Restored, 300)
	require.Len(t, report.Deleted, 300)
	require.Empty(t, report.Left)
}

func TestRevertOfNothingSpendsNothing(t *testing.T) {
	t.Parallel()
	org, _, cfg := revertFixture(t)
	report := revertAll(t, scenario.SyncerOf(t, org, cfg), []*leadsync.Outcome{nil, {LeadID: "L1"}},
		revert.Options{Delete: true})
	require.Equal(t, &revert.Report{At: report.At}, report)
	require.Zero(t, org.Calls())
}

func TestRevertListsWhatADamagedOutcomeNames(t *testing.T) {
	t.Parallel()
	org, _, cfg := revertFixture(t)
	contact := scenario.InsertContact(org, "Lovelace", "ada@analytical.example")
	edit := []leadtype.FieldChange{{Field: "Title", After: "Countess"}}
	outcomes := []*leadsync.Outcome{{LeadID: "L1", Parts: []leadtype.Part{
		{Kind: leadtype.PartPerson, Object: "Contact", ID: "no id", Action: leadsync.Created},
		{Kind: leadtype.PartPerson, Object: "Con tact", ID: "003000000000001AAA", Changes: edit},
		{Kind: leadtype.PartPerson, Object: "Contact", ID: "003000000000002AAA", Changes: edit},
		{Kind: "friend", Object: "Contact", ID: salesforce.ID(contact),
			Changes: []leadtype.FieldChange{{Field: "Ti tle", After: "Countess"}}},
	}}}

	report := revertAll(t, scenario.SyncerOf(t, org, cfg), outcomes, revert.Options{Delete: true})

	var codes []leadsync.Code
	for _, left := range report.Left {
		codes = append(codes, left.Err.Code)
	}
	require.Equal(t, []leadsync.Code{leadsync.DataValueValidation, leadsync.ConnectionPermission,
		leadsync.StaleRemoteRecord, leadsync.MissingRemoteField}, codes)
	require.Zero(t, scenario.WritesOf(org))
}

func TestOutcomeOfARetryRemembersWhatTheFirstAttemptDid(t *testing.T) {
	t.Parallel()
	org, _, cfg := revertFixture(t)
	contact := scenario.InsertContact(org, "Lovelace", "ada@analytical.example")
	var refuses atomic.Bool
	refuses.Store(true)
	org.OnRow("Task", func(op string, _ map[string]any) *sftest.RowError {
		if !refuses.Load() {
			return nil
		}
		return &sftest.RowError{StatusCode: "FIELD_CUSTOM_VALIDATION_EXCEPTION", Message: "no"}
	})
	first, second := scenario.Ada(), scenario.Ada()
	second.ID, second.Email = "L2", "new@analytical.example"
	first.Activities = []leadsync.Activity{{Kind: leadsync.ActivityCall}}
	second.Activities = first.Activities
	syncer := scenario.SyncerOf(t, org, cfg)
	_, err := syncer.Capture(t.Context(), first, second)
	require.NoError(t, err)
	require.NoError(t, syncer.Drain(t.Context()))
	refuses.Store(false)
	_, err = syncer.Push(t.Context(), leadsync.Filter{})
	require.NoError(t, err)
	require.NoError(t, syncer.Drain(t.Context()))
	var outcomes []*leadsync.Outcome
	for _, entry := range scenario.StoredIn(t, syncer) {
		require.Equal(t, leadsync.Cleared, entry.Stage)
		outcomes = append(outcomes, entry.Last)
	}

	report := revertAll(t, syncer, outcomes, revert.Options{Delete: true})

	require.Empty(t, report.Left)
	require.Nil(t, org.Row("Contact", contact)["FirstName"])
	require.Zero(t, org.Count("Lead"))
	require.Zero(t, org.Count("Task"))
}

func TestRevertReportMarshals(t *testing.T) {
	t.Parallel()
	org, _, cfg := revertFixture(t)
	scenario.InsertContact(org, "Lovelace", "ada@analytical.example")
	syncer := scenario.SyncerOf(t, org, cfg)
	report := revertAll(t, syncer, syncAll(t, syncer, scenario.Ada()), revert.Options{})
	data, err := json.Marshal(report)
	require.NoError(t, err)
	require.Contains(t, string(data), `{"field":"FirstName","before":"Ada","after":null}`)
}

// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"context"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/revert"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// keyedMix is scenario.EventMix in an org whose records have keys.
func keyedMix(t *testing.T, n int) (*sftest.Org, []*leadsync.Lead, *leadsync.Config) {
	t.Helper()
	org := sftest.NewOrg(t, sftest.WithLogSize(10_000))
	org.AddExternalID("Lead", "Contact", "Account", "Task")
	leads, cfg := scenario.EventMix(org, n)
	return org, leads, cfg
}

// jobsOf counts the ingest jobs of an org, and the looks at them.
func jobsOf(org *sftest.Org) (jobs, looks int) {
	for _, r := range org.Requests() {
		_, rest, ingest := strings.Cut(r.Path, "/jobs/ingest")
		switch {
		case !ingest:
		case r.Method == http.MethodPost:
			jobs++
		case r.Method == http.MethodGet && strings.Count(rest, "/") == 1:
			looks++
		}
	}
	return jobs, looks
}

// signsOf returns what outcomes say, but for ids and times.
func signsOf(outcomes []*leadsync.Outcome) (all []string) {
	for _, out := range outcomes {
		text := string(out.LeadID) + " " + string(out.Stage) + " " + string(out.Action) + " " + string(out.Object)
		if out.Err != nil {
			text += " " + string(out.Err.Code) + " " + strings.Join(out.Err.Fields, ",")
		}
		for _, part := range out.Parts {
			text += " | " + string(part.Kind) + " " + string(part.Action)
			for _, change := range part.Changes {
				text += " " + change.Field
			}
			if part.Err != nil {
				text += " " + string(part.Err.Code)
			}
		}
		for _, w := range out.Warnings {
			text += " ! " + string(w.Kind) + " " + w.Field
		}
		all = append(all, text)
	}
	return all
}

func TestSyncThroughJobsHasTheOutcomesOfCalls(t *testing.T) {
	t.Parallel()
	const n = 300
	var signs [2][]string
	for i, above := range []int{-1, 100} {
		org, leads, cfg := keyedMix(t, n)
		org.OnRow("Lead", func(op string, row map[string]any) *sftest.RowError {
			if row["LastName"] == "Person 37" || op == "update" && row["Email"] == leads[42].Email {
				return &sftest.RowError{StatusCode: "FIELD_CUSTOM_VALIDATION_EXCEPTION", Message: "no"}
			}
			return nil
		})
		leads[57].Activities[0].Notes = strings.Repeat("x", 40_000)
		leads[58].Phone = "#N/A"
		leads[59].Company = ""
		cfg.BulkAbove = above
		syncer := scenario.SyncerOf(t, org, cfg)

		outcomes, err := syncer.Sync(t.Context(), leads...)

		var batch *leadsync.BatchError
		require.ErrorAs(t, err, &batch)
		signs[i] = signsOf(outcomes)
		jobs, _ := jobsOf(org)
		require.Equal(t, above > 0, jobs > 0)
		again, err := syncer.Sync(t.Context(), leads...)
		require.ErrorAs(t, err, &batch)
		require.Len(t, batch.Failed, len(again)-count(again, leadsync.Cleared))
		report, err := syncer.Revert(t.Context(), outcomes, revert.Options{Delete: true})
		require.NoError(t, err)
		require.Empty(t, report.Left)
		require.Zero(t, org.Count("Task"))
		require.Equal(t, n/10*3, org.Count("Lead"))
	}
	require.Equal(t, signs[0], signs[1])
}

func count(outcomes []*leadsync.Outcome, stage leadsync.Stage) (n int) {
	for _, out := range outcomes {
		if out.Stage == stage {
			n++
		}
	}
	return n
}

func TestPlanKnowsTheCallsOfJobs(t *testing.T) {
	t.Parallel()
	org, leads, cfg := keyedMix(t, 400)
	cfg.BulkAbove = 100
	syncer := scenario.SyncerOf(t, org, cfg)
	_, err := syncer.Preflight(t.Context())
	require.NoError(t, err)
	planned, err := syncer.Plan(t.Context(), leads...)
	require.NoError(t, err)
	org.ResetLog()

	_, err = syncer.Sync(t.Context(), leads...)

	require.NoError(t, err)
	jobs, looks := jobsOf(org)
	require.Equal(t, 5, jobs, "Leads to create and to update, Contacts, memberships, Tasks")
	require.Equal(t, planned.LookupCalls+planned.Calls, org.Calls()-looks+jobs, "with one look at each job")
	require.Equal(t, 400, org.Count("Task"))
}

// TestCallBudgetOfABackfill holds README.md's calls of large syncs. A million leads are six times
// 150,000 and 100,000.
func TestCallBudgetOfABackfill(t *testing.T) {
	t.Parallel()
	if os.Getenv("LEADSYNC_TEST_FULL") == "" {
		t.Skip("a hundred thousand leads: set LEADSYNC_TEST_FULL")
	}
	for n, most := range map[int]int{20_000: 29, 100_000: 39, 150_000: 47} {
		org, leads, cfg := keyedMix(t, n)
		syncer := scenario.SyncerOf(t, org, cfg)
		_, err := syncer.Preflight(t.Context())
		require.NoError(t, err)
		org.ResetLog()

		_, err = syncer.Sync(t.Context(), leads...)

		require.NoError(t, err)
		jobs, looks := jobsOf(org)
		t.Logf("%d leads: %d calls, %d jobs, %d looks", n, org.Calls(), jobs, looks)
		require.LessOrEqual(t, org.Calls()-looks+jobs, most, "with one look at each job")
		require.Equal(t, n, org.Count("Task"))
		require.Equal(t, n, org.Count("CampaignMember"))
	}
}

func TestSyncWithoutKeysUsesNoJobs(t *testing.T) {
	t.Parallel()
	for keyed, want := range map[string]int{"": 0, "Task": 0, "Lead": 4} {
		org := sftest.NewOrg(t)
		if keyed != "" {
			org.AddExternalID(keyed)
		}
		leads, cfg := scenario.EventMix(org, 400)
		cfg.BulkAbove = 100
		syncer := scenario.SyncerOf(t, org, cfg)

		_, err := syncer.Sync(t.Context(), leads...)

		require.NoError(t, err)
		jobs, _ := jobsOf(org)
		require.Equal(t, want, jobs, "%s: all but the Tasks, which have no key", keyed)
		require.Equal(t, 400, org.Count("Task"))
	}
}

func TestDrainWritesABacklogThroughJobs(t *testing.T) {
	t.Parallel()
	org, leads, cfg := keyedMix(t, 400)
	cfg.BulkAbove, cfg.BatchSize = 100, 50
	sunk := 0
	cfg.Sink = leadsync.SinkFunc(func(_ context.Context, outcomes []*leadsync.Outcome) error {
		sunk += len(outcomes)
		require.LessOrEqual(t, len(outcomes), 50)
		return nil
	})
	syncer := scenario.SyncerOf(t, org, cfg)
	_, err := syncer.Preflight(t.Context())
	require.NoError(t, err)
	planned, err := syncer.Plan(t.Context(), leads...)
	require.NoError(t, err)
	_, err = syncer.Capture(t.Context(), leads...)
	require.NoError(t, err)
	org.ResetLog()

	require.NoError(t, syncer.Drain(t.Context()))

	for _, entry := range scenario.StoredIn(t, syncer) {
		require.Equal(t, leadsync.Cleared, entry.Stage)
	}
	jobs, looks := jobsOf(org)
	require.Equal(t, 5, jobs, "all leads at once")
	require.Equal(t, planned.LookupCalls+planned.Calls, org.Calls()-looks+jobs)
	require.Equal(t, 400, sunk)

	few := leads[:60]
	for _, lead := range few {
		lead.JobTitle = "Director"
	}
	_, err = syncer.Capture(t.Context(), few...)
	require.NoError(t, err)
	org.ResetLog()
	require.NoError(t, syncer.Drain(t.Context()))
	jobs, _ = jobsOf(org)
	require.Zero(t, jobs, "few go in batches and calls")
}

func TestLargeBatchFindsTheTasksOfItsPeople(t *testing.T) {
	t.Parallel()
	const n = 2100
	org := sftest.NewOrg(t, sftest.WithLogSize(1000))
	org.AddExternalID("Lead", "Contact", "Task")
	leads := scenario.EventLeads(n)
	_, err := scenario.SyncerOf(t, org, nil).Sync(t.Context(), leads...)
	require.NoError(t, err)
	moved := org.Rows("Task")[7]
	other := scenario.InsertLead(org, "Other", "other@example.com")
	org.Update("Task", moved["Id"].(string), map[string]any{"WhoId": other})
	again := scenario.SyncerOf(t, org, nil)
	_, err = again.Preflight(t.Context())
	require.NoError(t, err)
	org.ResetLog()

	planned, err := again.Plan(t.Context(), leads...)

	require.NoError(t, err)
	require.Len(t, planned.Changes, 1, "the Task that is elsewhere")
	for _, r := range org.Requests() {
		for _, statement := range r.SOQL {
			if strings.Contains(statement, "FROM Task") {
				require.NotContains(t, statement, "LeadsyncKey__c IN", "keys are long")
			}
		}
	}
	outcomes, err := again.Apply(t.Context(), planned)
	require.NoError(t, err)
	require.Len(t, outcomes, n)
	require.Equal(t, n, org.Count("Task"))
}

func TestLargeBatchKnowsMembersByTheirOtherRecords(t *testing.T) {
	t.Parallel()
	const n = 2001
	for _, strategy := range []leadsync.Strategy{leadsync.LeadsAndContacts, leadsync.LeadsOnly} {
		org := sftest.NewOrg(t, sftest.WithLogSize(1000))
		campaign := org.Insert("Campaign", map[string]any{"Name": "Expo", "IsActive": true})
		leads := scenario.EventLeads(n)
		for _, lead := range leads {
			lead.Activities = nil
		}
		for _, lead := range leads[:3] { // a Contact is the member, and a Lead may be the match
			contact := org.Insert("Contact",
				map[string]any{"FirstName": "Pat", "LastName": lead.LastName, "Email": lead.Email})
			org.Insert("CampaignMember", map[string]any{"CampaignId": campaign, "ContactId": contact})
		}
		org.Insert("Lead", map[string]any{"FirstName": "Pat", "LastName": leads[0].LastName, "Email": leads[0].Email,
			"Company": "Company 0"})
		cfg := &leadsync.Config{Strategy: strategy,
			Campaigns: []leadsync.CampaignLink{{CampaignID: salesforce.ID(campaign)}}}
		planned, err := scenario.SyncerOf(t, org, cfg).Plan(t.Context(), leads...)
		require.NoError(t, err)
		members := 0
		for _, change := range planned.Changes {
			if change.Object == salesforce.ObjectCampaignMember {
				members++
			}
		}
		require.Equal(t, n-3, members, strategy.Name())
	}
}

// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/preflight"
	"github.com/leadsync/leadsync/revert"
	"github.com/leadsync/leadsync/review"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
	"github.com/leadsync/leadsync/store/memory"
)

// The lead is failed with code and part; what is finished is recorded, and a
// retry sends only the rest.
func TestFailedCustomObjectFailsTheLeadButNotItsPerson(t *testing.T) {
	t.Parallel()
	org := scenario.VisitOrg(t)
	refuse := true
	org.AddRule("Opportunity", sftest.Rule{Name: "No", Message: "No deals today", Refuses: func(map[string]any) bool {
		return refuse
	}})
	syncer := scenario.SyncerOf(t, org, chain())

	outcomes, err := syncer.Sync(t.Context(), scenario.Ada())

	require.ErrorIs(t, err, leadsync.DataValueValidation)
	out := outcomes[0]
	require.Equal(t, leadsync.Failed, out.Stage)
	require.Equal(t, salesforce.Object("Opportunity"), out.Err.Object)
	require.Equal(t, "upsert", out.Err.Op)
	require.Equal(t, leadsync.Created, partOf(t, out, "Contact").Action)
	require.Equal(t, leadsync.Created, partOf(t, out, "Account").Action)
	require.Empty(t, partOf(t, out, "Visit__c").Action, "not reached")
	require.Contains(t, leadsync.Explain(out), "The record, Opportunity, failed with DATA_VALUE_VALIDATION.")
	require.Equal(t, "No deals today", review.Summarize(outcomes).Groups[0].Causes[0].Rule)

	refuse = false
	org.ResetLog()
	again := scenario.SyncOne(t, syncer, scenario.Ada())
	require.Equal(t, 2, scenario.WritesOf(org), "the Opportunity and the Visit__c")
	require.Equal(t, leadsync.Created, partOf(t, again, "Visit__c").Action)
}

func TestCustomObjectThatCannotBeMappedFailsItsLeadAlone(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		arrange func(org *sftest.Org, cfg *leadsync.Config)
		code    leadsync.Code
		field   string
	}{
		"a value that does not fit": {func(org *sftest.Org, _ *leadsync.Config) {
			org.DefineField("Visit__c", sftest.Field{Name: "Notes__c", Type: "int"})
		}, leadsync.DataValueValidation, "Notes__c"},
		"a key that does not fit, for a key is never cut": {func(org *sftest.Org, _ *leadsync.Config) {
			org.DefineField("Visit__c", sftest.Field{Name: "VisitKey__c", ExternalID: true, Unique: true, Length: 1})
		}, leadsync.DataValueValidation, "VisitKey__c"},
		"a key that is none": {func(org *sftest.Org, _ *leadsync.Config) {
			org.DefineField("Visit__c", sftest.Field{Name: "VisitKey__c"})
		}, leadsync.DataValueValidation, "VisitKey__c"},
		"a key that is a number": {func(org *sftest.Org, _ *leadsync.Config) {
			org.DefineField("Visit__c", sftest.Field{Name: "VisitKey__c", Type: "double", ExternalID: true, Unique: true})
		}, leadsync.DataValueValidation, "VisitKey__c"},
		"a key that is hidden": {func(org *sftest.Org, _ *leadsync.Config) { org.HideField("Visit__c", "VisitKey__c") },
			leadsync.MissingRemoteField, "VisitKey__c"},
		"a key that is locked": {func(org *sftest.Org, _ *leadsync.Config) { org.ReadOnlyField("Visit__c", "VisitKey__c") },
			leadsync.ConnectionPermission, "VisitKey__c"},
		"an object that is hidden, or not there": {func(org *sftest.Org, _ *leadsync.Config) {
			org.Forbid("Visit__c", "read")
		},
			leadsync.MissingRemoteField, ""},
		"an object that may not be created": {func(org *sftest.Org, _ *leadsync.Config) { org.Forbid("Visit__c", "create") },
			leadsync.ConnectionPermission, ""},
		"a lookup that is hidden": {func(org *sftest.Org, _ *leadsync.Config) { org.HideField("Visit__c", "Lead__c") },
			leadsync.MissingRemoteField, "Lead__c"},
		"a lookup that is locked, and may not be": {func(org *sftest.Org, cfg *leadsync.Config) {
			org.ReadOnlyField("Visit__c", "Lead__c")
			cfg.Mapper.(*leadsync.Mapping).Locked = mapping.Fail
		}, leadsync.ConnectionPermission, "Lead__c"},
		"a required field that nothing fills": {func(org *sftest.Org, _ *leadsync.Config) {
			org.DefineField("Visit__c", sftest.Field{Name: "Booth__c", Required: true})
		}, leadsync.RequiredFieldMissing, "Booth__c"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			org, cfg := scenario.VisitOrg(t), mappedTo(visits())
			row.arrange(org, cfg)
			lead := scenario.Ada()
			lead.Notes = "met"
			syncer := scenario.SyncerOf(t, org, cfg)
			report, err := syncer.Preflight(t.Context())
			require.NoError(t, err)

			outcomes, err := syncer.Sync(t.Context(), lead)

			require.ErrorIs(t, err, row.code)
			if name != "a value that does not fit" { // which only leads have
				require.True(t, slices.ContainsFunc(report.Findings, func(f preflight.Finding) bool {
					sure := f.Severity == preflight.SeverityError || strings.HasPrefix(name, "a key that does not fit")
					return sure && f.Code == row.code && f.Object == "Visit__c" && f.Field == row.field
				}), "preflight finds it with the same code: %v", report.Findings)
			}
			require.Equal(t, salesforce.Object("Visit__c"), outcomes[0].Err.Object)
			require.Equal(t, leadsync.LeadID("L1"), outcomes[0].Err.LeadID)
			if row.field != "" {
				require.Equal(t, []string{row.field}, outcomes[0].Err.Fields)
			}
			require.Equal(t, leadsync.Created, partOf(t, outcomes[0], "Lead").Action)
			require.Zero(t, org.Count("Visit__c"))
		})
	}
}

func TestLookupIsSkippedWithAWarningUnderThatPolicy(t *testing.T) {
	t.Parallel()
	for name, arrange := range map[string]func(*sftest.Org){
		"hidden": func(org *sftest.Org) { org.HideField("Visit__c", "Lead__c") },
		"locked": func(org *sftest.Org) { org.ReadOnlyField("Visit__c", "Lead__c") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			org, cfg := scenario.VisitOrg(t), mappedTo(visits())
			arrange(org)
			cfg.Mapper.(*leadsync.Mapping).Missing = mapping.Skip
			out := scenario.SyncOne(t, scenario.SyncerOf(t, org, cfg), scenario.Ada())
			require.Len(t, out.Warnings, 1)
			require.Equal(t, "Lead__c", out.Warnings[0].Field)
			require.Equal(t, leadsync.Created, partOf(t, out, "Visit__c").Action)
		})
	}
}

func TestSeveralRecordsWithOneKeyWaitForAChoice(t *testing.T) {
	t.Parallel()
	org := scenario.VisitOrg(t)
	org.DefineField("Visit__c", sftest.Field{Name: "VisitKey__c", ExternalID: true})
	for range 2 {
		org.Insert("Visit__c", map[string]any{"VisitKey__c": "L1"})
	}
	outcomes, err := scenario.SyncerOf(t, org, mappedTo(visits())).Sync(t.Context(), scenario.Ada())
	require.ErrorIs(t, err, leadsync.AmbiguousMatch)
	require.Equal(t, []string{"VisitKey__c"}, outcomes[0].Err.Fields)
	require.Equal(t, 1, org.Count("Lead"))
}

func TestCustomObjectWithoutAnOwnerGetsTheFallbackOwner(t *testing.T) {
	t.Parallel()
	org := scenario.VisitOrg(t)
	owner := org.Insert("User", map[string]any{"LastName": "Queue", "Username": "q@x.example", "Email": "q@x.example",
		"Alias": "q", "IsActive": true})
	cfg := mappedTo(visits())
	cfg.FallbackOwner = salesforce.ID(owner)
	scenario.SyncOne(t, scenario.SyncerOf(t, org, cfg), scenario.Ada())
	require.Equal(t, owner, org.Rows("Visit__c")[0]["OwnerId"])
}

// Finished parts are recorded. What a try wrote stays in the outcome of the next
// one, whatever that one finds, so that it can be reverted.
func TestRetryKeepsWhatEarlierTriesWrote(t *testing.T) {
	t.Parallel()
	org := scenario.VisitOrg(t)
	refused := "Visit__c"
	for _, object := range []string{"Visit__c", "Opportunity"} {
		org.AddRule(object, sftest.Rule{Name: "No", Message: "No", Refuses: func(map[string]any) bool {
			return refused == object
		}})
	}
	cfg := chain()
	var last *leadsync.Outcome
	cfg.Sink = leadsync.SinkFunc(func(_ context.Context, outcomes []*leadsync.Outcome) error {
		last = outcomes[0]
		return nil
	})
	lead := scenario.Ada()
	lead.Activities = []leadsync.Activity{{ID: "A1", Kind: leadsync.ActivityCall}}
	syncer := scenario.SyncerOf(t, org, cfg)
	try := func() {
		_, err := syncer.Capture(t.Context(), lead)
		require.NoError(t, err)
		_, err = syncer.Push(t.Context(), leadsync.Filter{})
		require.NoError(t, err)
		require.NoError(t, syncer.Drain(t.Context()))
	}
	try()
	require.Equal(t, leadsync.Failed, last.Stage)
	lead.Custom, lead.Company = map[string]any{}, strings.Repeat("x", 300) // a key that does not fit
	try()
	require.Equal(t, leadsync.Failed, last.Stage)
	require.ErrorIs(t, partOf(t, last, "Opportunity").Err, leadsync.DataValueValidation)
	lead.Company, refused = scenario.Ada().Company, ""
	try()

	require.Equal(t, leadsync.Cleared, last.Stage)
	require.Equal(t, leadsync.Created, last.Action)
	for _, object := range []salesforce.Object{"Account", "Contact", "Task", "Opportunity", "Visit__c"} {
		require.Equal(t, leadsync.Created, partOf(t, last, object).Action, object)
	}
	report := revertAll(t, syncer, []*leadsync.Outcome{last}, revert.Options{Delete: true})
	require.Empty(t, report.Left)
	for _, object := range []string{"Account", "Contact", "Task", "Opportunity", "Visit__c"} {
		require.Zero(t, org.Count(object), object)
	}
}

// A record that was found is written once its person is, too: it is not done because the
// write of its person failed before its own.
func TestFoundCustomObjectIsWrittenOnceItsPersonIs(t *testing.T) {
	t.Parallel()
	org := scenario.VisitOrg(t)
	refuse := true
	org.AddRule("Contact", sftest.Rule{Name: "No", Message: "No", Refuses: func(map[string]any) bool { return refuse }})
	cfg := mappedTo(visits())
	cfg.Strategy, cfg.Store = leadsync.AccountsAndContacts, memory.New(nil)
	syncer := scenario.SyncerOf(t, org, cfg)
	lead := scenario.Ada()
	lead.Notes = "Asked for prices"
	visit := org.Insert("Visit__c", map[string]any{"VisitKey__c": string(lead.ID)})
	for range 2 {
		_, err := syncer.Capture(t.Context(), lead)
		require.NoError(t, err)
		_, err = syncer.Push(t.Context(), leadsync.Filter{})
		require.NoError(t, err)
		require.NoError(t, syncer.Drain(t.Context()))
		refuse = false
	}

	entry := scenario.StoredIn(t, syncer)[0]
	require.Equal(t, leadsync.Cleared, entry.Stage)
	row := org.Row("Visit__c", visit)
	require.Equal(t, string(entry.Last.ID), row["Contact__c"])
	require.Equal(t, lead.Notes, row["Notes__c"])
}

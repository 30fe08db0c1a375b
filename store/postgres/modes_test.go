// SPDX-License-Identifier: Apache-2.0

package postgres_test

import (
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/postgres"
	"github.com/leadsync/leadsync/store/storetest"
)

// Poolers that cannot keep prepared statements apart need one of these modes. The whole suite
// runs in the one that has the fewest types where LEADSYNC_TEST_FULL is set.
func TestStoreWorksInEveryModeOfPgx(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"cache_statement", "cache_describe", "describe_exec", "exec", "simple_protocol"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			on := pool(t, "default_query_exec_mode="+mode)
			opened, err := postgres.New(t.Context(), on, &postgres.Options{Schema: schema(t, on)})
			require.NoError(t, err)
			callAll(t, opened)
		})
	}
	if os.Getenv("LEADSYNC_TEST_FULL") == "" {
		return
	}
	t.Run("exec in full", func(t *testing.T) {
		t.Parallel()
		storetest.Run(t, func(t *testing.T, now func() time.Time) store.Store {
			return damager{open(t, now, "default_query_exec_mode=exec")}
		})
	})
}

// callAll calls every method with hostile texts, and requires what the calls return.
func callAll(t *testing.T, st store.Store) {
	t.Helper()
	ctx, in := t.Context(), "org\x00\\'"
	const id, record = leadtype.LeadID("L\x00\\'"), salesforce.ID("00Q00000000000AEAQ")
	org, err := st.Bind(ctx, in, "00D00000000000AEAY")
	require.NoError(t, err)
	require.Equal(t, salesforce.ID("00D00000000000AEAY"), org)
	leads := captured(id, "forgotten")
	leads[0].DueAt = time.Now().Add(time.Hour)
	report, err := st.Capture(ctx, in, leads)
	require.NoError(t, err)
	require.Equal(t, 2, report.New)
	wait, waits, err := st.Due(ctx, in)
	require.NoError(t, err)
	require.Equal(t, []any{time.Duration(0), true}, []any{wait, waits})
	n, err := st.Hasten(ctx, in)
	require.NoError(t, err)
	require.Equal(t, 1, n)
	require.NoError(t, st.AddActivities(ctx, in, id, store.StateQueued,
		[]leadtype.Activity{{Kind: leadtype.ActivityNote}}))
	require.NoError(t, st.Forget(ctx, in, "forgotten", "ada", store.Suppress))
	report, err = st.Capture(ctx, in, captured("forgotten"))
	require.NoError(t, err)
	require.Equal(t, 1, report.Suppressed)
	n, err = st.Unsuppress(ctx, in, "forgotten", "", "")
	require.NoError(t, err)
	require.Equal(t, 1, n)

	lease, err := st.Want(ctx, in, "a\x00", time.Minute)
	require.NoError(t, err)
	_, err = st.Acquire(ctx, in, "b", time.Minute)
	require.ErrorIs(t, err, store.ErrLeaseHeld)
	require.NoError(t, st.SetRunState(ctx, lease, []byte("state\x00")))
	state, err := st.RunState(ctx, in)
	require.NoError(t, err)
	require.Equal(t, "state\x00", string(state))
	settle := func(outcome *leadtype.Outcome) {
		t.Helper()
		claimed, err := st.Claim(ctx, lease, 10)
		require.NoError(t, err)
		require.Len(t, claimed, 1)
		require.Len(t, claimed[0].Lead.Activities, 1)
		require.NoError(t, st.Journal(ctx, lease, map[leadtype.LeadID][]leadtype.Intent{id: {{Kind: leadtype.PartTask}}}))
		stale, err := st.Settle(ctx, lease, []store.Settlement{{LeadID: id, Generation: claimed[0].Generation,
			Outcome: outcome, Records: []leadtype.RecordMemory{{ID: record, Lead: id}}}})
		require.NoError(t, err)
		require.Empty(t, stale)
	}
	settle(&leadtype.Outcome{LeadID: id, Stage: leadtype.Failed, ID: record,
		Err:      &leadtype.Error{Code: "NUL\x00", LeadID: id},
		Warnings: []leadtype.Warning{{Kind: leadtype.Unfit, Field: "F\x00"}},
		Parts: []leadtype.Part{{Kind: leadtype.PartPerson, ID: record, Changes: []leadtype.FieldChange{
			{Field: "F", Before: "before", After: "after"}}}}})
	stale, err := st.Resolve(ctx, in, []store.Resolution{{LeadID: id, Generation: 7,
		Outcome: &leadtype.Outcome{LeadID: id, Stage: leadtype.Cleared}}})
	require.NoError(t, err)
	require.Equal(t, []leadtype.LeadID{id}, stale)
	filter := store.Filter{Event: "expo", Leads: []leadtype.LeadID{id}, Codes: []leadtype.Code{"NUL\x00"}, Record: record,
		Text: "ada", Warnings: []leadtype.WarningKind{leadtype.Unfit}, From: time.Unix(1, 0),
		Until:   time.Now().Add(time.Hour),
		Version: 1000, Limit: 5}
	entries, err := st.List(ctx, in, filter)
	require.NoError(t, err)
	require.Len(t, entries, 1)
	counts, err := st.Count(ctx, in, filter)
	require.NoError(t, err)
	require.Len(t, counts.Groups, 1)
	require.Equal(t, id, counts.Groups[0].Oldest)
	warnings, err := st.CountWarnings(ctx, in, filter)
	require.NoError(t, err)
	require.Len(t, warnings, 1)
	events, err := st.CountEvents(ctx, in, filter)
	require.NoError(t, err)
	require.Equal(t, []store.EventCount{{Event: "expo", Stages: map[leadtype.Stage]int{leadtype.Failed: 1}}}, events)
	n, err = st.Expire(ctx, in, time.Now().Add(time.Hour), 10)
	require.NoError(t, err)
	require.Equal(t, 1, n)
	n, err = st.Push(ctx, in, filter, "ada", leadtype.Ask{Over: []string{"Lead.Title"}})
	require.NoError(t, err)
	require.Equal(t, 1, n)
	settle(nil)
	n, err = st.Push(ctx, in, store.Filter{}, "")
	require.NoError(t, err)
	require.Equal(t, 1, n)
	require.NoError(t, st.Remember(ctx, in, []leadtype.RecordMemory{{ID: record, Lead: id}}))
	records, err := st.Records(ctx, in, []salesforce.ID{record})
	require.NoError(t, err)
	require.Equal(t, id, records[record].Lead)
	require.NoError(t, st.Note(ctx, in, store.Step{Kind: store.StepReverted, By: "\x00"}, id, ""))
	require.NoError(t, st.Rebind(ctx, lease, "00D00000000000BEAY", "\x00"))
	require.NoError(t, st.Release(ctx, lease))
	steps, err := st.History(ctx, in, id)
	require.NoError(t, err)
	require.Equal(t, "\x00", steps[len(steps)-2].By)
	n, err = st.Prune(ctx, in, time.Now().Add(time.Hour))
	require.NoError(t, err)
	require.Equal(t, "\x00", steps[len(steps)-1].By)
	require.Equal(t, len(steps)-1+3, n, "and three of the connection")
	taken, err := st.TakePlan(ctx, in, "p\x00")
	require.NoError(t, err)
	require.True(t, taken)
	require.NoError(t, st.ReturnPlan(ctx, in, "p\x00"))
}

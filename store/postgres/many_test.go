// SPDX-License-Identifier: Apache-2.0

package postgres_test

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/postgres"
)

// manyLeads are as many as are copied, with texts that need escapes.
func manyLeads() []store.Captured {
	many := make([]store.Captured, 400)
	for i := range many {
		many[i] = store.Captured{State: store.StateQueued, DueAt: time.UnixMicro(int64(i % 2)), Lead: &leadtype.Lead{
			ID: leadtype.LeadID(fmt.Sprintf("Lead\x00\\%d\xff", i)), EventID: fmt.Sprintf("expo\\%d", i%3), Strategy: "s\x00",
			LastName: "Lovelace \"the\\first", Company: strings.Repeat("Engines {,} ", i%7) + "\u2028 Zoë",
			Activities: []leadtype.Activity{{ID: "A", Kind: leadtype.ActivityNote, Notes: "Met."}}}}
	}
	return many
}

// syncAll claims all leads and settles them.
func syncAll(t *testing.T, in store.Store, chunk int) {
	t.Helper()
	lease, err := in.Acquire(t.Context(), connection, "a", time.Hour)
	require.NoError(t, err)
	claimed, err := in.Claim(t.Context(), lease, 1000)
	require.NoError(t, err)
	require.Len(t, claimed, 400)
	settlements := make([]store.Settlement, len(claimed))
	for i, c := range claimed {
		settlements[i] = store.Settlement{LeadID: c.Lead.ID, Generation: c.Generation, Outcome: &leadtype.Outcome{
			LeadID: c.Lead.ID, Stage: leadtype.Cleared, Action: leadtype.Created, Object: "Lead",
			ID: salesforce.ID(fmt.Sprintf("00Q%012dAAA", i)), At: time.Unix(1, 0).UTC(),
			Warnings: []leadtype.Warning{{Kind: leadtype.Unfit, Field: "F\x00\\", Reason: fmt.Sprint(i % 3)}}}}
	}
	for some := range slices.Chunk(settlements, chunk) {
		stale, err := in.Settle(t.Context(), lease, some)
		require.NoError(t, err)
		require.Empty(t, stale)
	}
	require.NoError(t, in.Release(t.Context(), lease))
}

// copying has a store count the tables that it copies rows into.
func copying(in *postgres.Store) *atomic.Int32 {
	tables := new(atomic.Int32)
	in.Rewrite(func(statement string) string {
		if strings.HasPrefix(statement, "COPY ") {
			tables.Add(1)
		}
		return statement
	})
	return tables
}

// What is copied is as what is inserted, in every mode of pgx.
func TestManyLeadsAreKeptLikeFew(t *testing.T) {
	t.Parallel()
	now := func() time.Time { return time.Unix(2, 0) }
	few := open(t, now)
	copies := copying(few)
	for some := range slices.Chunk(manyLeads(), 100) {
		_, err := few.Capture(t.Context(), connection, some)
		require.NoError(t, err)
	}
	syncAll(t, few, 100)
	require.Zero(t, copies.Load())
	for _, mode := range []string{"cache_statement", "cache_describe", "describe_exec", "exec", "simple_protocol"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			many := open(t, now, "default_query_exec_mode="+mode)
			copies := copying(many)
			report, err := many.Capture(t.Context(), connection, manyLeads())
			require.NoError(t, err)
			require.Equal(t, 400, report.New)
			require.Equal(t, int32(2), copies.Load())
			requireSame(t, few, many)
		})
	}
}

// requireSame requires that one store has the same as another, once it has synced its leads.
func requireSame(t *testing.T, few, many *postgres.Store) {
	t.Helper()
	syncAll(t, many, 400)
	for _, statement := range []string{
		`SELECT (lead.sequence, lead_id, folded, event, strategy, stage, state, retry_at, since, data, activities, words,
			terms, outcome, action, code, cause, kind = 0)::text FROM leadsync.lead ORDER BY sequence`,
		`SELECT (term, sequence)::text FROM leadsync.search ORDER BY term, sequence`,
		`SELECT (sequence, at, change, stage, state, generation, outcome)::text FROM leadsync.history ORDER BY sequence, id`,
		`SELECT (event, strategy, stage, state, sum(leads))::text FROM leadsync.tally GROUP BY event, strategy, stage, state
			HAVING sum(leads) <> 0 ORDER BY 1`,
		`SELECT (event, term, sum(leads))::text FROM leadsync.event_warned GROUP BY event, term ORDER BY 1`,
	} {
		want, err := few.Strings(t.Context(), statement)
		require.NoError(t, err)
		require.NotEmpty(t, want)
		found, err := many.Strings(t.Context(), statement)
		require.NoError(t, err)
		require.Equal(t, want, found)
	}
}

// A row of many that the server refuses fails its call, which says nothing of the row, and no other one.
func TestManyLeadsThatAreRefusedFailAlone(t *testing.T) {
	t.Parallel()
	bad := manyLeads()
	bad[350].Lead.EventID = unindexable()
	c := newCrowd(t, captured("L0"), bad, captured("L3"))
	c.end()
	failed := 0
	for range 3 {
		if err := <-c.errs; err != nil {
			failed++
			requireNoValue(t, err, bad[350].Lead.EventID)
		}
	}
	require.Equal(t, 1, failed)
	require.ElementsMatch(t, []leadtype.LeadID{"held", "L0", "L3"}, kept(t, c.opened))
}

// A host's transaction goes on after a capture of many leads in it, and after one that was refused.
func TestManyLeadsAreCapturedInAHostsTransaction(t *testing.T) {
	t.Parallel()
	on := pool(t)
	opened, err := postgres.New(t.Context(), on, &postgres.Options{Schema: schema(t, on)})
	require.NoError(t, err)
	tx, err := on.Begin(t.Context())
	require.NoError(t, err)
	bad := manyLeads()
	bad[350].Lead.EventID = unindexable()
	_, err = opened.CaptureTx(t.Context(), tx, connection, bad)
	require.Error(t, err)
	report, err := opened.CaptureTx(t.Context(), tx, connection, manyLeads())
	require.NoError(t, err)
	require.Equal(t, 400, report.New)
	require.Empty(t, kept(t, opened))
	require.NoError(t, tx.Commit(t.Context()))
	require.Len(t, kept(t, opened), 400)
}

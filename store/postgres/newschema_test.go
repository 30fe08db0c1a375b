// SPDX-License-Identifier: Apache-2.0

package postgres_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/postgres"
)

// lookUps are the statements that look rows up by values.
func (r *recorder) lookUps(t *testing.T) map[string]recorded {
	t.Helper()
	found := make(map[string]recorded)
	for statement, how := range r.statements {
		if strings.HasPrefix(statement, "WITH given ") || strings.HasPrefix(statement, "WITH steps ") {
			found[statement] = how
		}
	}
	require.Greater(t, len(found), 5)
	return found
}

// byConnection reports whether a plan reads all rows of a connection by an index.
func byConnection(plan string) bool {
	for line := range strings.Lines(plan) {
		condition, found := strings.CutPrefix(strings.TrimSpace(line), "Index Cond: ")
		if found && !strings.Contains(condition, " AND ") && strings.Contains(condition, "connection") {
			return true
		}
	}
	return strings.Contains(plan, "Seq Scan")
}

// Many leads are captured before the server has examined a new table.
func TestLookUpsOfANewSchemaReadNoWholeConnection(t *testing.T) {
	t.Parallel()
	kept, plain, _, seen := traced(t)
	_, err := kept.Capture(t.Context(), connection, captured("L1", "L2", "L7"))
	require.NoError(t, err)
	seen.clear()
	use(t, kept, connection, seen.doing)
	on, err := plain.Acquire(t.Context())
	require.NoError(t, err)
	defer on.Release()
	_, err = on.Exec(t.Context(), `SET enable_seqscan = off`) // as in each transaction of the store
	require.NoError(t, err)
	for n := range 20 {
		var ids []leadtype.LeadID
		for i := range 100 {
			ids = append(ids, leadtype.LeadID(fmt.Sprintf("many-%d-%d", n, i)))
		}
		_, err = kept.Capture(t.Context(), connection, captured(ids...))
		require.NoError(t, err)
	}
	for statement, how := range seen.lookUps(t) {
		plan := explain(t, on.Conn(), statement, how.args)
		require.False(t, byConnection(plan), "%s: %s\n%s", how.operation, statement, plan)
	}
}

// A connection that came after the server has examined the tables has no rows, as far as it knows.
func TestLookUpsOfANewConnectionReadNoWholeConnection(t *testing.T) {
	t.Parallel()
	kept, plain, seen := crowded(t)
	_, err := kept.Capture(t.Context(), "new", captured("L1", "L2", "L7"))
	require.NoError(t, err)
	seen.clear()
	use(t, kept, "new", seen.doing)
	on, err := plain.Acquire(t.Context())
	require.NoError(t, err)
	defer on.Release()
	_, err = on.Exec(t.Context(), `SET enable_seqscan = off`)
	require.NoError(t, err)
	for statement, how := range seen.lookUps(t) {
		plan := explain(t, on.Conn(), statement, how.args)
		require.False(t, byConnection(plan), "%s: %s\n%s", how.operation, statement, plan)
	}
}

// A thousand leads are looked up one by one among some thousands, too, which a join would read all of.
func TestCaptureReadsOnlyTheLeadsThatItConcerns(t *testing.T) {
	t.Parallel()
	kept, plain, name, seen := traced(t)
	many := func(of string) []store.Captured {
		var ids []leadtype.LeadID
		for i := range 1000 {
			ids = append(ids, leadtype.LeadID(fmt.Sprintf("Many-%s-%d", of, i))) // whose folded ids are kept
		}
		return captured(ids...)
	}
	for n := range 10 {
		_, err := kept.Capture(t.Context(), connection, many(fmt.Sprint(n)))
		require.NoError(t, err)
	}
	_, err := plain.Exec(t.Context(), `ANALYZE "`+name+`".lead`)
	require.NoError(t, err)
	seen.clear()
	report, err := kept.Capture(t.Context(), connection, append(many("new"), many("3")[:10]...))
	require.NoError(t, err)
	require.Equal(t, []int{1000, 10}, []int{report.New, report.Same})
	on, err := plain.Acquire(t.Context())
	require.NoError(t, err)
	defer on.Release()
	explained := 0
	for statement, how := range seen.statements {
		if !strings.HasPrefix(statement, "WITH given ") {
			continue
		}
		explained++
		plan := explain(t, on.Conn(), statement, how.args)
		require.NotContains(t, plan, "Hash", statement)
		require.NotContains(t, plan, "Merge", statement)
		require.NotContains(t, plan, "Seq Scan", statement)
	}
	require.Equal(t, 1, explained)
}

// The leads of a batch are looked up one by one, too: an index of the leads in flight, of which a join would read
// all, has dead entries of those that were.
func TestJournalAndSettleReadOnlyTheLeadsThatTheyConcern(t *testing.T) {
	t.Parallel()
	kept, plain, name, seen := traced(t)
	const each = 500
	for n := range 4 {
		var ids []leadtype.LeadID
		for i := range each {
			ids = append(ids, leadtype.LeadID(fmt.Sprintf("L%d-%d", n, i)))
		}
		_, err := kept.Capture(t.Context(), connection, captured(ids...))
		require.NoError(t, err)
	}
	_, err := plain.Exec(t.Context(), `ANALYZE "`+name+`".lead`)
	require.NoError(t, err)
	lease, err := kept.Acquire(t.Context(), connection, "a", time.Hour)
	require.NoError(t, err)
	for range 3 {
		claimed, err := kept.Claim(t.Context(), lease, each)
		require.NoError(t, err)
		require.Len(t, claimed, each)
		seen.clear()
		intents := make(map[leadtype.LeadID][]leadtype.Intent)
		var settlements []store.Settlement
		for _, c := range claimed {
			intents[c.Lead.ID] = []leadtype.Intent{{Kind: leadtype.PartTask, Key: "k"}}
			settlements = append(settlements, store.Settlement{LeadID: c.Lead.ID, Generation: c.Generation,
				Outcome: &leadtype.Outcome{LeadID: c.Lead.ID, Stage: leadtype.Cleared}})
		}
		require.NoError(t, kept.Journal(t.Context(), lease, intents))
		stale, err := kept.Settle(t.Context(), lease, settlements)
		require.NoError(t, err)
		require.Empty(t, stale)
	}
	on, err := plain.Acquire(t.Context())
	require.NoError(t, err)
	defer on.Release()
	explained := 0
	for statement, how := range seen.statements {
		require.NotRegexp(t, `DELETE FROM \S+\.(search|image)\b`, statement, "the first outcome of a lead replaces none")
		if !strings.Contains(statement, "of_lead") {
			continue
		}
		explained++
		plan := explain(t, on.Conn(), statement, how.args)
		for _, whole := range []string{"Hash", "Merge", "Seq Scan", "Bitmap", "lead_in_flight"} {
			require.NotContains(t, plan, whole, statement)
		}
	}
	require.Equal(t, 2, explained)
}

// What is journalled is in no index while a lead is in flight: where its page has room, the server writes the row
// alone.
func TestJournalLeavesIndexesAsTheyAre(t *testing.T) {
	t.Parallel()
	kept := open(t, nil, "pool_max_conns=1")
	var ids []leadtype.LeadID
	for i := range 1000 {
		ids = append(ids, leadtype.LeadID(fmt.Sprintf("L%d", i)))
	}
	_, err := kept.Capture(t.Context(), connection, captured(ids...))
	require.NoError(t, err)
	lease, err := kept.Acquire(t.Context(), connection, "a", time.Hour)
	require.NoError(t, err)
	claimed, err := kept.Claim(t.Context(), lease, len(ids))
	require.NoError(t, err)
	require.Zero(t, hotUpdates(t, kept), "the control: a claim changes indexes")
	intents := make(map[leadtype.LeadID][]leadtype.Intent)
	for _, c := range claimed {
		intents[c.Lead.ID] = []leadtype.Intent{{Kind: leadtype.PartPerson, Key: "k", Update: true,
			Changes: []leadtype.FieldChange{{Field: "Title", Before: "Engineer", After: "Captain"}}}}
	}
	require.NoError(t, kept.Journal(t.Context(), lease, intents))
	// How many depends on how many pages still hold what the claim has replaced, for transactions of other tests.
	require.Positive(t, hotUpdates(t, kept))
}

// hotUpdates, of a store with one connection to the server, returns how many updates of leads have left the indexes
// as they were.
func hotUpdates(t *testing.T, kept *postgres.Store) int {
	t.Helper()
	_, err := kept.Strings(t.Context(), `SELECT pg_stat_force_next_flush()::text`)
	require.NoError(t, err)
	_, err = kept.Strings(t.Context(), `SELECT ''`) // at whose end it is done
	require.NoError(t, err)
	rows, err := kept.Strings(t.Context(), `SELECT n_tup_hot_upd::text FROM pg_stat_user_tables
		WHERE relid = 'leadsync.lead'::regclass`)
	require.NoError(t, err)
	updates, err := strconv.Atoi(rows[0])
	require.NoError(t, err)
	return updates
}

// When the server examines a table of terms before leads have outcomes, it takes the terms of outcomes for none.
func TestLaterOutcomesReadOnlyTheTermsOfTheirLeads(t *testing.T) {
	t.Parallel()
	kept, plain, name, seen := traced(t)
	const leads = 500
	var ids []leadtype.LeadID
	for i := range leads {
		ids = append(ids, leadtype.LeadID(fmt.Sprintf("L%d", i)))
	}
	_, err := kept.Capture(t.Context(), connection, captured(ids...))
	require.NoError(t, err)
	_, err = plain.Exec(t.Context(), `ANALYZE "`+name+`".search`)
	require.NoError(t, err)
	lease, err := kept.Acquire(t.Context(), connection, "a", time.Hour)
	require.NoError(t, err)
	for range 2 {
		claimed, err := kept.Claim(t.Context(), lease, leads)
		require.NoError(t, err)
		require.Len(t, claimed, leads)
		var settlements []store.Settlement
		for _, c := range claimed {
			settlements = append(settlements, store.Settlement{LeadID: c.Lead.ID, Generation: c.Generation,
				Outcome: &leadtype.Outcome{LeadID: c.Lead.ID, Stage: leadtype.Failed, Object: "Lead", ID: "00Q000000000001AAA",
					Err: &leadtype.Error{Code: leadtype.Unknown}}})
		}
		seen.clear()
		_, err = kept.Settle(t.Context(), lease, settlements)
		require.NoError(t, err)
		_, err = kept.Push(t.Context(), connection, store.Filter{}, "ada")
		require.NoError(t, err)
	}
	on, err := plain.Acquire(t.Context())
	require.NoError(t, err)
	defer on.Release()
	_, err = on.Exec(t.Context(), `SET enable_seqscan = off`)
	require.NoError(t, err)
	explained := 0
	for statement, how := range seen.statements {
		if strings.Contains(statement, "DELETE FROM") && strings.Contains(statement, ".search ") {
			explained++
			plan := explain(t, on.Conn(), statement, how.args)
			require.False(t, byConnection(plan), plan)
			require.NotContains(t, plan, "Hash")
			require.NotContains(t, plan, "Merge")
		}
	}
	require.Equal(t, 1, explained)
}

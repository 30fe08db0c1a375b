// SPDX-License-Identifier: Apache-2.0

package postgres_test

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
)

// pages are filters of leads that are close to each other, of some that are all old or all new, of one lead in a
// thousand, and of none.
func pages() map[string]store.Filter {
	return map[string]store.Filter{
		"event":           {Event: "event 3"},
		"stage":           {Stages: []leadtype.Stage{leadtype.Failed}},
		"code":            {Codes: []leadtype.Code{leadtype.DataValueValidation}},
		"old":             {Codes: []leadtype.Code{leadtype.RateLimit}},
		"new":             {Causes: []leadtype.CauseKey{"new"}},
		"few":             {Event: "few"},
		"none":            {Event: "none"},
		"stage and event": {Event: "event 10", Stages: []leadtype.Stage{leadtype.Failed, leadtype.PreSync}},
		"all":             {Stages: []leadtype.Stage{leadtype.PreSync, leadtype.Failed, leadtype.Cleared}},
	}
}

// scattered makes some leads of c1 differ from the others by where they are.
const scattered = `UPDATE leadsync.lead SET
		code = CASE WHEN sequence BETWEEN 100 AND 700 AND sequence % 5 = 0 THEN 'RATE_LIMIT' ELSE code END,
		cause = CASE WHEN sequence > 19500 AND sequence % 7 = 0 THEN 'new' ELSE cause END,
		event = CASE WHEN sequence % 1000 = 17 THEN 'few' ELSE event END
	WHERE connection = (SELECT id FROM leadsync.connection WHERE name = 'c1');
	ANALYZE leadsync.lead`

// All pages of a filter together have what it selects, in order, from either end.
func TestPagesTogetherHaveAllLeadsOfAFilter(t *testing.T) {
	t.Parallel()
	kept, plain, _ := crowded(t)
	_, err := plain.Exec(t.Context(), strings.ReplaceAll(scattered, "leadsync.", kept.Prefix()))
	require.NoError(t, err)
	for name, filter := range pages() {
		all, err := kept.List(t.Context(), "c1", filter)
		require.NoError(t, err)
		require.Equal(t, name == "none", len(all) == 0, name)
		for _, limit := range []int{30, 700, 30_000} {
			for _, newest := range []bool{false, true} {
				filter.Limit, filter.Newest, filter.After = limit, newest, 0
				var found []store.Entry
				for range 10 {
					page, err := kept.List(t.Context(), "c1", filter)
					require.NoError(t, err)
					found = append(found, page...)
					if len(page) < limit {
						break
					}
					filter.After = page[len(page)-1].Sequence
				}
				want := slices.Clone(all)
				if newest {
					slices.Reverse(want)
				}
				require.Equal(t, want[:min(len(want), 10*limit)], found, name)
			}
		}
	}
}

// A page reads few leads, wherever they are among the others.
func TestAPageReadsFewLeads(t *testing.T) {
	t.Parallel()
	kept, plain, seen := crowded(t)
	_, err := plain.Exec(t.Context(), strings.ReplaceAll(scattered, "leadsync.", kept.Prefix()))
	require.NoError(t, err)
	on, err := plain.Acquire(t.Context())
	require.NoError(t, err)
	defer on.Release()
	_, err = on.Exec(t.Context(), `SET enable_seqscan = off; SET enable_bitmapscan = off`) // as the store does
	require.NoError(t, err)
	for name, filter := range pages() {
		for _, newest := range []bool{false, true} {
			seen.clear()
			filter.Limit, filter.Newest = 30, newest
			_, err := kept.List(t.Context(), "c1", filter)
			require.NoError(t, err)
			for statement, how := range seen.statements {
				if strings.Contains(statement, "set_config") {
					continue
				}
				plan := analyze(t, on.Conn(), statement, how.args)
				require.Empty(t, readWhole(plan), plan)
				require.Less(t, readLeads(t, plan), 1500, "%s\n%s", name, plan)
			}
		}
	}
}

// analyze runs a statement for its parameters, and returns its plan with what it read.
func analyze(t *testing.T, on *pgx.Conn, statement string, args []any) string {
	t.Helper()
	rows, err := on.Query(t.Context(), `EXPLAIN (ANALYZE, TIMING OFF, SUMMARY OFF) `+statement, args...)
	require.NoError(t, err)
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err, statement)
	return strings.Join(lines, "\n")
}

// leadScans are the lines of a plan that read leads, and removed those that say how many did not fit.
var (
	leadScans = regexp.MustCompile(`on lead(?:_\d+)? .*actual rows=(\d+) loops=(\d+)`)
	removed   = regexp.MustCompile(`Rows Removed by (?:Filter|Index Recheck): (\d+)`)
)

// readLeads returns how many leads a plan has read.
func readLeads(t *testing.T, plan string) int {
	t.Helper()
	number := func(text string) int {
		n, err := strconv.Atoi(text)
		require.NoError(t, err)
		return n
	}
	read, loops := 0, 0
	for line := range strings.Lines(plan) {
		if found := leadScans.FindStringSubmatch(line); found != nil {
			loops = number(found[2])
			read += number(found[1]) * loops
		} else if strings.Contains(line, "actual rows") {
			loops = 0
		} else if found := removed.FindStringSubmatch(line); found != nil {
			read += number(found[1]) * loops
		}
	}
	require.Contains(t, plan, "actual rows")
	return read
}

// Leads of different kinds are told apart by what they are, not by a number that they may have in common. Here all
// have the same.
func TestKindsWithTheSameNumberAreToldApart(t *testing.T) {
	t.Parallel()
	opened := open(t, nil)
	opened.Rewrite(func(statement string) string {
		return strings.ReplaceAll(statement, `lead.kind = alike.kind AND`, ``)
	})
	for _, of := range []string{"org", "other"} {
		leads := captured("L1", "L2", "L3", "L4", "L5", "L6")
		for i := range leads {
			leads[i].Lead.EventID = []string{"expo", "gala"}[i%2]
		}
		_, err := opened.Capture(t.Context(), of, leads)
		require.NoError(t, err)
	}
	for _, limit := range []int{0, 1, 2, 100} {
		page, err := opened.List(t.Context(), "org", store.Filter{Event: "gala", Limit: limit})
		require.NoError(t, err)
		require.Len(t, page, min(3, max(limit, 3*(1-min(limit, 1)))))
		for i, entry := range page {
			require.Equal(t, int64(2*i+2), entry.Sequence)
		}
	}
	for _, from := range []time.Time{{}, time.Unix(1, 0)} {
		counts, err := opened.Count(t.Context(), "org", store.Filter{Event: "gala", From: from})
		require.NoError(t, err)
		require.Len(t, counts.Groups, 1)
		require.Equal(t, 3, counts.Groups[0].Leads)
		require.Equal(t, leadtype.LeadID("L2"), counts.Groups[0].Oldest)
	}
	pushed, err := opened.Push(t.Context(), "org", store.Filter{Event: "gala", Limit: 2}, "ada")
	require.NoError(t, err)
	require.Equal(t, 2, pushed)
}

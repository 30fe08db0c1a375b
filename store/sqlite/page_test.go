// SPDX-License-Identifier: Apache-2.0

package sqlite_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/store/sqlite"
)

// crowded returns a store with more leads of the name Bob than a page looks at, and before them
// many of the name Ada, some of which are of Grace too.
func crowded(t *testing.T) *sqlite.Store {
	t.Helper()
	kept := open(t, filepath.Join(t.TempDir(), "leads.db"), nil)
	_, err := kept.Capture(t.Context(), "org", queued("first"))
	require.NoError(t, err)
	fill := func(from, n int, words string) {
		require.NoError(t, kept.Exec(t.Context(), fmt.Sprintf(`
			INSERT INTO lead (connection, lead_id, sequence, event, strategy, stage, state, data, since, tally)
			WITH RECURSIVE n (i) AS (SELECT %d UNION ALL SELECT i + 1 FROM n WHERE i < %d)
			SELECT 'org', 'L' || i, i, event, strategy, stage, state, data, since, tally FROM n, lead WHERE lead_id = 'first'`,
			from, from+n-1)))
		require.NoError(t, kept.Exec(t.Context(), fmt.Sprintf(`INSERT INTO word (rowid, words)
			SELECT id, '%s' FROM lead WHERE sequence >= %d`, words, from)))
		require.NoError(t, kept.Exec(t.Context(), `UPDATE tally SET leads = (SELECT count(*) FROM lead)`))
	}
	fill(1000, sqlite.ManyTerms, `6f7267_ada 6f7267_engines`)
	fill(3000, 5, `6f7267_ada 6f7267_grace`)
	fill(10_000, sqlite.Walked+10, `6f7267_bob 6f7267_engines`)
	return kept
}

// A page of a word that many leads have reads no more leads than it has, and no terms; the
// others read the terms of the words that few have. All find what all terms together say.
func TestAPageOfACommonWordStopsEarly(t *testing.T) {
	t.Parallel()
	kept := crowded(t)
	for _, tc := range []struct {
		name, text string
		newest     bool
		after      int64
		walks      bool // is found by looking at leads in order
	}{
		{"all, newest first", "engines", true, 0, true},
		{"all, oldest first", "engines", false, 0, true},
		{"two common words", "bob eng", true, 0, true},
		{"the next page", "engines", true, 15_000, true},
		{"a word that few have", "grace", true, 0, false},
		{"one that few have and one of many", "ada grace", true, 0, false},
		{"of many, but not of the newest", "ada", true, 0, false},
		{"of many, and the oldest", "ada", false, 0, true},
		{"of none", "eve", true, 0, false},
	} {
		filter := leadsync.Filter{Text: tc.text, Newest: tc.newest, After: tc.after, Limit: 50}
		text, err := kept.PageQuery(t.Context(), "org", filter)
		require.NoError(t, err)
		require.Equal(t, tc.walks, strings.HasPrefix(text, "SELECT value"), tc.name)
		page, err := kept.List(t.Context(), "org", filter)
		require.NoError(t, err)
		filter.Limit = 0
		whole, err := kept.List(t.Context(), "org", filter)
		require.NoError(t, err)
		require.Equal(t, whole[:min(50, len(whole))], page, tc.name)
	}
	for _, newest := range []bool{true, false} {
		plan, err := kept.WalkPlan(t.Context(), leadsync.Filter{Text: "bob engines", Newest: newest, Limit: 50})
		require.NoError(t, err)
		says := strings.Join(plan, "; ")
		require.Regexp(t, `^SEARCH lead USING (COVERING )?INDEX \w+ \(connection=\? AND sequence[<>]\?\)`, says)
		for _, costly := range []string{"TEMP B-TREE", "SCAN lead", " search ", "LIST SUBQUERY"} {
			require.NotContains(t, says, costly)
		}
	}
}

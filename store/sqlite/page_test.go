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
		text, _, err := kept.PageQuery(t.Context(), "org", filter)
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

// Words that many leads have each, and none of the newest, are read in the order of the leads and no
// further than the page: by their terms where few begin so.
func TestAPageOfCommonWordsReadsNoMoreTermsThanItHas(t *testing.T) {
	t.Parallel()
	kept := crowded(t)
	none := leadsync.Filter{Text: "bob ada", Newest: true, Limit: 50}
	engines := leadsync.Filter{Text: "ada engin", Newest: true, Limit: 50}
	later, oldest := engines, engines
	later.After, oldest.Newest, oldest.After = 1500, false, 1900
	for _, filter := range []leadsync.Filter{none, engines, later, oldest} {
		text, args, err := kept.PageQuery(t.Context(), "org", filter)
		require.NoError(t, err)
		if filter.After != 0 {
			require.Contains(t, text, "json_each", "a walk has filled the page")
		} else {
			require.Contains(t, args[0], `("6f7267_ada")`)
			require.NotContains(t, args[0], "*")
			plan, err := kept.Strings(t.Context(), "EXPLAIN QUERY PLAN "+text, args...)
			require.NoError(t, err)
			says := strings.Join(plan, "; ")
			require.Regexp(t, `^SCAN word VIRTUAL TABLE INDEX.*SEARCH lead USING INTEGER PRIMARY KEY`, says)
			require.NotContains(t, says, "TEMP B-TREE")
			require.NotContains(t, says, "LIST SUBQUERY")
		}
		requirePage(t, kept, filter)
	}
	require.NoError(t, kept.Exec(t.Context(), `UPDATE word SET words = '6f7267_ada' || rowid WHERE rowid < 500`))
	_, args, err := kept.PageQuery(t.Context(), "org", engines)
	require.NoError(t, err)
	require.Contains(t, args[0], `"6f7267_ada"*`, "too many terms begin so")
	requirePage(t, kept, engines)
}

// Where common words are looked for in an event or a stage, the leads are taken from its first on.
func TestAPageOfACommonWordBeginsWithItsGroup(t *testing.T) {
	t.Parallel()
	kept := crowded(t)
	require.NoError(t, kept.Exec(t.Context(), `INSERT INTO tally (connection, event, strategy, stage, state, action, code,
		cause, leads) SELECT connection, 'fair', strategy, stage, state, action, code, cause, 0 FROM tally`))
	move := func(where string) {
		require.NoError(t, kept.Exec(t.Context(), `UPDATE lead SET event = 'fair',
			tally = (SELECT id FROM tally WHERE event = 'fair') WHERE `+where))
		require.NoError(t, kept.Exec(t.Context(), `UPDATE tally SET leads = (SELECT count(*) FROM lead
			WHERE lead.tally = tally.id)`))
	}
	filter := leadsync.Filter{Event: "fair", Text: "engines", Newest: true, Limit: 50}
	read := func() string {
		text, _, err := kept.PageQuery(t.Context(), "org", filter)
		require.NoError(t, err)
		requirePage(t, kept, filter)
		return text
	}
	require.Contains(t, read(), "json_each", "there are none")
	move(`sequence BETWEEN 1000 AND 1700`)
	require.NotContains(t, read(), "word MATCH", "few leads are looked at themselves")
	move(fmt.Sprintf(`sequence < %d`, 10_000+sqlite.Walked-500))
	require.Contains(t, read(), "json_each", "the walk begins with the event's newest lead")
	filter.After = 10_100
	require.Contains(t, read(), "json_each")
	filter.Newest = false
	require.Contains(t, read(), "json_each")
	filter.After = 30_000
	require.Contains(t, read(), "json_each")
}

// requirePage checks a page against all that the filter finds.
func requirePage(t *testing.T, kept *sqlite.Store, filter leadsync.Filter) {
	t.Helper()
	page, err := kept.List(t.Context(), "org", filter)
	require.NoError(t, err)
	filter.Limit = 0
	whole, err := kept.List(t.Context(), "org", filter)
	require.NoError(t, err)
	require.Equal(t, whole[:min(50, len(whole))], page)
}

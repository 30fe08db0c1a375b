// SPDX-License-Identifier: Apache-2.0

package sqlite_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/sqlite"
)

// crowd is how many leads crowded has.
const crowd = 3*sqlite.Walked + 100

// crowded returns a store with leads of sequences from 1000 on. Every other one has the name ada and a number of its
// own, and a warning, the others bob and a number; the first have both names, and the first half the company engines.
// Every third one is of the event fair, and each lead is in its stage since as many seconds as its sequence.
func crowded(t *testing.T) *sqlite.Store {
	t.Helper()
	kept := open(t, filepath.Join(t.TempDir(), "leads.db"), nil)
	_, err := kept.Capture(t.Context(), "org", queued("first"))
	require.NoError(t, err)
	for _, statement := range []string{
		`INSERT INTO tally (connection, event, strategy, stage, state, action, code, cause, leads)
			SELECT connection, 'fair', strategy, stage, state, action, code, cause, 0 FROM tally`,
		fmt.Sprintf(`INSERT INTO lead (connection, lead_id, sequence, event, strategy, stage, state, data, since, tally)
			WITH RECURSIVE n (i) AS (SELECT 1000 UNION ALL SELECT i + 1 FROM n WHERE i < %d)
			SELECT 'org', 'L' || i, i, e.event, e.strategy, e.stage, e.state, data, i * 1000000, e.id
			FROM n CROSS JOIN lead CROSS JOIN tally AS e
			WHERE lead_id = 'first' AND (e.event = 'fair') = (i %% 3 = 0)`, 999+crowd),
		`INSERT INTO word (rowid, words) SELECT id, iif(sequence % 2 OR sequence < 1060, '6f7267_bob' || sequence, '')
				|| iif(sequence % 2 = 0, ' 6f7267_ada' || sequence, '')
				|| iif(sequence < ` + fmt.Sprint(1000+crowd/2) + `, ' 6f7267_engines', '') || ' 6f7267_any'
			FROM lead WHERE sequence >= 1000`,
		`INSERT INTO search (connection, term, sequence) SELECT 'org', 'Wunfit', sequence FROM lead
			WHERE sequence >= 1000 AND sequence % 2 = 0`,
		`UPDATE tally SET leads = (SELECT count(*) FROM lead WHERE lead.tally = tally.id)`,
	} {
		require.NoError(t, kept.Exec(t.Context(), statement))
	}
	return kept
}

// A page looks at a limited number of leads, says how far it came, and all pages together have what the filter
// selects.
func TestASearchEndsEarlyAndGoesOn(t *testing.T) {
	t.Parallel()
	const most = 400
	kept := crowded(t)
	warned := []leadtype.WarningKind{leadtype.Unfit}
	second := func(n int64) time.Time { return time.Unix(n, 0) }
	for _, tc := range []struct {
		name   string
		filter leadsync.Filter
		pages  int // at least
	}{
		{"two names that few have", leadsync.Filter{Text: "ada bob"}, 4},
		{"and they are of an event", leadsync.Filter{Text: "ada bob", Event: "fair"}, 2},
		{"or of a time", leadsync.Filter{Text: "ada bob", Until: second(999 + crowd)}, 3},
		{"or of a warning", leadsync.Filter{Text: "ada bob", Warnings: warned}, 4},
		{"a warning of an event", leadsync.Filter{Event: "fair", Warnings: warned}, crowd / 6 / most},
		{"a name and a warning of none", leadsync.Filter{Text: "bob", Warnings: warned, From: second(1060)}, 3},
		{"a company of old", leadsync.Filter{Text: "engines"}, crowd / 2 / most},
		{"and a name", leadsync.Filter{Text: "engines ada1"}, 1},
		{"what nobody has", leadsync.Filter{Text: "eve ada"}, 1},
		{"without an answer", leadsync.Filter{Text: "any", Unanswered: true}, 1},
		{"a record of none", leadsync.Filter{Text: "any", Record: "00Q000000000001"}, 1},
		{"two warnings", leadsync.Filter{Text: "any bob", Warnings: append(warned, leadtype.Locked)}, 4},
		{"an event in a time", leadsync.Filter{Event: "fair", From: second(2000), Until: second(2100)}, 1},
	} {
		for _, newest := range []bool{true, false} {
			tc.filter.Newest, tc.filter.After, tc.filter.Limit = newest, 0, 0
			whole, err := kept.List(t.Context(), "org", tc.filter)
			require.NoError(t, err)
			var found []store.Entry
			pages := 0
			for tc.filter.Limit = most; ; pages++ {
				page, err := kept.Search(t.Context(), "org", tc.filter)
				require.NoError(t, err)
				require.LessOrEqual(t, len(page.Entries), most)
				found = append(found, page.Entries...)
				if page.Next == 0 {
					break
				}
				require.True(t, tc.filter.After == 0 || newest == (page.Next < tc.filter.After), tc.name)
				tc.filter.After = page.Next
			}
			require.GreaterOrEqual(t, pages+1, tc.pages, tc.name)
			require.Equal(t, len(whole), len(found), tc.name)
			require.Equal(t, whole, found, tc.name)

			tc.filter.After = 0 // List searches until it has a page
			page, err := kept.List(t.Context(), "org", tc.filter)
			require.NoError(t, err)
			require.Equal(t, whole[:min(most, len(whole))], page, tc.name)
		}
	}
}

// A word that is common is found by its place in the index wherever its leads are: the page is full at once.
func TestASearchFindsOldLeadsAtOnce(t *testing.T) {
	t.Parallel()
	kept := crowded(t)
	for _, text := range []string{"engines", "engines any"} {
		page, err := kept.Search(t.Context(), "org", leadsync.Filter{Text: text, Newest: true, Limit: 50})
		require.NoError(t, err)
		require.Len(t, page.Entries, 50)
		require.Equal(t, int64(999+crowd/2), page.Entries[0].Sequence)
	}
	page, err := kept.Search(t.Context(), "org", leadsync.Filter{Text: "ada bob", Newest: true, Limit: 50})
	require.NoError(t, err)
	require.Empty(t, page.Entries, "the control: others are looked at in order")
	require.Equal(t, int64(999+crowd-sqlite.Walked+1), page.Next)
}

// The statements of a search look leads up one by one and put none in order but those of a window.
func TestASearchReadsNoMoreThanItLooksAt(t *testing.T) {
	t.Parallel()
	kept := open(t, filepath.Join(t.TempDir(), "leads.db"), nil)
	for _, filter := range []leadsync.Filter{{Text: "ada bob"}, {Text: "ada", Event: "expo"},
		{Warnings: []leadtype.WarningKind{leadtype.Unfit}, Stages: []leadsync.Stage{leadsync.Failed}},
		{Text: "ada", From: time.Unix(1, 0), Unanswered: true, Version: 7}, {Record: "00Q000000000001AAA"}} {
		for _, filter.Newest = range []bool{true, false} {
			filter.Limit = 50
			plan, err := kept.SearchPlan(t.Context(), filter)
			require.NoError(t, err)
			for _, says := range plan {
				for _, costly := range []string{"SCAN lead", "SCAN search", "SCAN tally", "SCAN word_content"} {
					require.NotContains(t, says, costly, "%+v", filter)
				}
				if !strings.Contains(says, "lead_tally") {
					require.NotContains(t, says, "TEMP B-TREE", "%+v", filter)
				}
			}
		}
	}
}

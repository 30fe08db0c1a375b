// SPDX-License-Identifier: Apache-2.0

package postgres_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/postgres"
)

// crowdOf is how many leads crowdedWords has.
const crowdOf = 30_000

// words fills a schema with leads of one connection. Every other one has the name ada and a number of its own, and
// a warning, the others bob and a number; the first have both names, and the first half the company engines. Every
// third one is of the event fair, and each lead is in its stage since as many seconds as its sequence.
const words = `
	INSERT INTO leadsync.connection (name, sequence, version) VALUES ('org', 30000, 30000);
	INSERT INTO leadsync.lead (connection, sequence, lead_id, folded, event, strategy, stage, state, since, data)
		SELECT id, n, 'L' || n, 'l' || n, CASE WHEN n % 3 = 0 THEN 'fair' ELSE 'expo' END, 'leads-only', 'cleared', '',
			n::int8 * 1000000, '{"id":"L' || n || '"}' FROM leadsync.connection, generate_series(1, 30000) AS n;
	INSERT INTO leadsync.search (connection, term, sequence)
		SELECT connection, 'tbob' || sequence, sequence FROM leadsync.lead WHERE sequence % 2 = 1 OR sequence < 60
		UNION ALL SELECT connection, 'tada' || sequence, sequence FROM leadsync.lead WHERE sequence % 2 = 0
		UNION ALL SELECT connection, 'tengines', sequence FROM leadsync.lead WHERE sequence <= 15000
		UNION ALL SELECT connection, 'tany', sequence FROM leadsync.lead
		UNION ALL SELECT connection, 'Wunfit', sequence FROM leadsync.lead WHERE sequence % 2 = 0;
	UPDATE leadsync.lead SET words = coalesce(listed.words::text, '{}'), terms = coalesce(listed.terms::text, '{}')
		FROM (SELECT sequence, array_agg(term) FILTER (WHERE term >= 't') AS words,
			array_agg(term) FILTER (WHERE term < 't') AS terms FROM leadsync.search GROUP BY sequence) AS listed
		WHERE lead.sequence = listed.sequence;
	ANALYZE leadsync.lead, leadsync.search`

// crowdedWords returns a store with such leads.
func crowdedWords(t *testing.T) *postgres.Store {
	t.Helper()
	kept, plain, name, _ := traced(t)
	_, err := plain.Exec(t.Context(), strings.ReplaceAll(words, postgres.DefaultSchema+".", `"`+name+`".`))
	require.NoError(t, err)
	return kept
}

// A page looks at a limited number of leads, says how far it came, and all pages together have what the filter
// selects.
func TestASearchEndsEarlyAndGoesOn(t *testing.T) {
	t.Parallel()
	const most = 400
	kept := crowdedWords(t)
	warned := []leadtype.WarningKind{leadtype.Unfit}
	second := func(n int64) time.Time { return time.Unix(n, 0) }
	for _, tc := range []struct {
		name   string
		filter store.Filter
		pages  int // at least
	}{
		{"two names that few have", store.Filter{Text: "ada bob"}, crowdOf / postgres.Walked},
		{"and they are of an event", store.Filter{Text: "ada bob", Event: "fair"}, 10_000 / postgres.FewRows},
		{"or of a time", store.Filter{Text: "ada bob", Until: second(crowdOf)}, crowdOf / postgres.Walked},
		{"or of a warning", store.Filter{Text: "ada bob", Warnings: warned}, 10},
		{"a warning of an event", store.Filter{Event: "fair", Warnings: warned}, crowdOf / 6 / most},
		{"a name and a warning of none", store.Filter{Text: "bob", Warnings: warned, From: second(60)}, 10},
		{"a company of old and a name", store.Filter{Text: "engines ada1"}, 1},
		{"what nobody has", store.Filter{Text: "eve ada"}, 1},
		{"without an answer", store.Filter{Text: "any", Unanswered: true}, 1},
		{"a record of none", store.Filter{Text: "any", Record: "00Q000000000001"}, 1},
		{"two warnings", store.Filter{Text: "any bob", Warnings: append(warned, leadtype.Locked)}, 10},
		{"an event in a time", store.Filter{Event: "fair", From: second(2000), Until: second(2100)}, 1},
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
		}
	}
}

// A word that is common is found by its place in the index wherever its leads are: the page is full at once.
func TestASearchFindsOldLeadsAtOnce(t *testing.T) {
	t.Parallel()
	kept := crowdedWords(t)
	for _, text := range []string{"engines", "engines any"} {
		page, err := kept.Search(t.Context(), "org", store.Filter{Text: text, Newest: true, Limit: 50})
		require.NoError(t, err)
		require.Len(t, page.Entries, 50, text)
		require.Equal(t, int64(15_000), page.Entries[0].Sequence)
	}
	page, err := kept.Search(t.Context(), "org", store.Filter{Text: "ada bob", Newest: true, Limit: 50})
	require.NoError(t, err)
	require.Empty(t, page.Entries, "the control: others are looked at in order")
	require.Equal(t, int64(crowdOf-postgres.Walked+1), page.Next)
}

// SPDX-License-Identifier: Apache-2.0

package sqlite_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/sqlite"
)

// named are leads of which each has a name, and an id, that no other has. Every name is of
// letters of three bytes, so that some separators end within one.
func named(count int, change string) []store.Captured {
	digits := []rune("一二三四五六七八九十百千上下左右")
	captured := make([]store.Captured, count)
	for i := range captured {
		name := change
		for n := i * 40503 % 65536; len([]rune(name)) < 5; n /= 16 {
			name += string(digits[n%16])
		}
		captured[i] = queued(leadsync.LeadID(fmt.Sprintf("lead%06d", i*7919%1000000)))[0]
		captured[i].Lead.FirstName = name
	}
	return captured
}

// separators returns the beginnings of words that the index has for its pages.
func separators(t *testing.T, st *sqlite.Store) []string {
	t.Helper()
	got, err := st.Strings(t.Context(), `SELECT DISTINCT CAST(substr(term, 2) AS TEXT) FROM word_idx
		WHERE length(term) > 1`)
	require.NoError(t, err)
	return got
}

// requireSeparatorsOfWords checks that each separator is the beginning of a word, that the index
// is whole, and that leads are found by their words.
func requireSeparatorsOfWords(t *testing.T, st *sqlite.Store, some ...leadsync.Lead) {
	t.Helper()
	words, err := st.Strings(t.Context(), `SELECT DISTINCT term FROM word_lead`)
	require.NoError(t, err)
	text := "\n" + strings.Join(words, "\n")
	for _, s := range separators(t, st) {
		require.Contains(t, text, "\n"+s)
	}
	require.NoError(t, st.Exec(t.Context(), `INSERT INTO word (word) VALUES ('integrity-check')`))
	for _, lead := range some {
		found, err := st.List(t.Context(), connection, leadsync.Filter{Text: lead.FirstName})
		require.NoError(t, err)
		require.Len(t, found, 1)
	}
}

func TestNoSeparatorOfTheIndexIsAWordThatIsGone(t *testing.T) {
	t.Parallel()
	const leads = 3000
	st := open(t, filepath.Join(t.TempDir(), "leads.db"), nil)
	captured := named(leads, "")
	for chunk := range slices.Chunk(captured, leads/4) {
		_, err := st.Capture(t.Context(), connection, chunk)
		require.NoError(t, err)
	}
	requireSeparatorsOfWords(t, st)
	all := separators(t, st)
	for i, s := range all {
		ids, err := st.Strings(t.Context(), `SELECT lead_id FROM word_lead JOIN lead ON id = doc
			WHERE term >= ? ORDER BY term LIMIT 1`, s)
		require.NoError(t, err)
		at := slices.IndexFunc(captured, func(c store.Captured) bool { return string(c.Lead.ID) == ids[0] })
		if i%2 == 0 {
			require.NoError(t, st.Forget(t.Context(), connection, captured[at].Lead.ID, ""))
			requireSeparatorsOfWords(t, st)
			continue
		}
		changed := named(at+1, "名")[at:]
		_, err = st.Capture(t.Context(), connection, changed)
		require.NoError(t, err)
		requireSeparatorsOfWords(t, st, *changed[0].Lead)
	}
	require.Greater(t, len(all), 10)
}

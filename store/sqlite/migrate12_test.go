// SPDX-License-Identifier: Apache-2.0

package sqlite_test

import (
	"database/sql"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/sqlite"
	"github.com/leadsync/leadsync/store/sqlite/internal/packed"
)

// earlier is edit of a file that is to be one of a schema before 13, in which nothing was packed.
func earlier(t *testing.T, path, statement string) {
	t.Helper()
	asVersion13(t, path)
	db, err := sql.Open("sqlite", path)
	require.NoError(t, err)
	defer db.Close()
	for _, column := range []struct{ table, name string }{{"lead", "data"}, {"lead", "intents"}, {"lead", "outcome"},
		{"history", "outcome"}} {
		rows, err := db.QueryContext(t.Context(), `SELECT id, `+column.name+` FROM `+column.table)
		require.NoError(t, err)
		texts := make(map[int64]string)
		for rows.Next() {
			var id int64
			var text string
			require.NoError(t, rows.Scan(&id, &text))
			if whole := packed.Unpack(text); whole != text {
				texts[id] = whole
			}
		}
		require.NoError(t, rows.Err())
		tx, err := db.BeginTx(t.Context(), nil)
		require.NoError(t, err)
		for id, text := range texts {
			_, err := tx.ExecContext(t.Context(), `UPDATE `+column.table+` SET `+column.name+` = ? WHERE id = ?`, text, id)
			require.NoError(t, err)
		}
		require.NoError(t, tx.Commit())
	}
	edit(t, path, statement)
}

// packedTexts counts the leads whose data, and those whose last outcomes, are packed.
func packedTexts(t *testing.T, kept *sqlite.Store) (data, outcomes int) {
	t.Helper()
	for name, count := range map[string]*int{"data": &data, "outcome": &outcomes} {
		found, err := kept.Strings(t.Context(), `SELECT id FROM lead WHERE substr(`+name+`, 1, 1) = char(1)`)
		require.NoError(t, err)
		*count = len(found)
	}
	return data, outcomes
}

// A file of version 12 has all JSON as it is. It is read, changed, expired and forgotten like what is packed since.
func TestOpenMigratesAFileOfVersion12(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "leads.db")
	now := time.Unix(1_700_000_000, 0)
	clock := func() time.Time { return now }
	kept, err := sqlite.Open(path, &sqlite.Options{Now: clock})
	require.NoError(t, err)
	ids := []leadsync.LeadID{"cleared", "again", "owed", "failed", "gone"}
	capture(t, kept, ids...)
	settleAll := func(kept *sqlite.Store, change func(*leadsync.Outcome)) {
		lease, err := kept.Acquire(t.Context(), connection, "a", time.Hour)
		require.NoError(t, err)
		claimed, err := kept.Claim(t.Context(), lease, len(ids))
		require.NoError(t, err)
		settlements := make([]store.Settlement, len(claimed))
		for i, c := range claimed {
			outcome := synced(c.Lead.ID)
			change(outcome)
			settlements[i] = store.Settlement{LeadID: c.Lead.ID, Generation: c.Generation, Outcome: outcome}
		}
		stale, err := kept.Settle(t.Context(), lease, settlements)
		require.NoError(t, err)
		require.Empty(t, stale)
	}
	settleAll(kept, func(o *leadsync.Outcome) {
		if o.LeadID == "failed" {
			o.Stage, o.Err = leadsync.Failed, &leadsync.Error{Op: "match", Code: leadsync.AmbiguousMatch, LeadID: o.LeadID}
		}
	})
	data, outcomes := packedTexts(t, kept)
	require.Equal(t, []int{len(ids), len(ids)}, []int{data, outcomes})
	before := list(t, kept)
	history := func(kept *sqlite.Store, id leadsync.LeadID) []store.Step {
		steps, err := kept.History(t.Context(), connection, id)
		require.NoError(t, err)
		return steps
	}
	steps := history(kept, "again")
	require.NoError(t, kept.Close())
	earlier(t, path, `PRAGMA user_version = 12`)

	kept = open(t, path, clock)
	data, outcomes = packedTexts(t, kept)
	require.Equal(t, []int{0, 0}, []int{data, outcomes})
	require.Equal(t, before, list(t, kept))
	require.Equal(t, steps, history(kept, "again"))
	report, err := kept.Capture(t.Context(), connection, queued(ids...))
	require.NoError(t, err)
	require.Equal(t, len(ids), report.Same, "the data is compared as it was captured")

	pushed, err := kept.Push(t.Context(), connection, leadsync.Filter{Leads: []leadsync.LeadID{"again"}}, "")
	require.NoError(t, err)
	require.Equal(t, 1, pushed)
	settleAll(kept, func(o *leadsync.Outcome) { o.Action = leadsync.Updated })
	now = now.Add(time.Minute)
	data, outcomes = packedTexts(t, kept)
	require.Equal(t, []int{0, 1}, []int{data, outcomes})
	require.Equal(t, steps, history(kept, "again")[:2])

	for range 2 { // of JSON as it is, and of what is packed
		pushed, err = kept.Push(t.Context(), connection, leadsync.Filter{Leads: []leadsync.LeadID{"again", "owed"}}, "",
			leadtype.Ask{Over: []string{"Lead.Title"}})
		require.NoError(t, err)
		require.Equal(t, 2, pushed)
		for _, entry := range list(t, kept) {
			if slices.Contains([]leadsync.LeadID{"again", "owed"}, entry.Lead.ID) {
				require.Equal(t, []string{"Lead.Title"}, entry.Last.Ask.Over)
			}
		}
		settleAll(kept, func(*leadsync.Outcome) {})
	}
	_, outcomes = packedTexts(t, kept)
	require.Equal(t, 2, outcomes)
	require.NoError(t, kept.Forget(t.Context(), connection, "gone", ""))
	_, err = kept.Expire(t.Context(), connection, now.Add(time.Hour), 10)
	require.NoError(t, err)
	for _, entry := range list(t, kept) {
		require.Nil(t, entry.Unreadable)
		require.Empty(t, entry.Last.Parts[0].Changes[0].Before, "it has expired")
	}
	sound(t, kept)
}

// synced returns an outcome as most leads have it.
func synced(id leadsync.LeadID) *leadsync.Outcome {
	return &leadsync.Outcome{LeadID: id, EventID: "expo", Stage: leadsync.Cleared, Action: leadsync.Created,
		Object: "Lead", ID: "00Q000000000001AAA", Parts: []leadtype.Part{{Kind: leadtype.PartPerson, Object: "Lead",
			ID: "00Q000000000001AAA", Action: leadsync.Updated,
			Changes: []leadtype.FieldChange{{Field: "Title", Before: "Boss", After: "Engineer"}}}}}
}

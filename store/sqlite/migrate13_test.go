// SPDX-License-Identifier: Apache-2.0

package sqlite_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/sqlite"
)

// asVersion13 gives a file its ids as they are, and the index of those that are folded.
func asVersion13(t *testing.T, path string) {
	t.Helper()
	edit(t, path, `DROP TABLE unfolded;
		UPDATE lead SET lead_id = spelled, spelled = lead_id WHERE spelled <> '';
		ALTER TABLE lead RENAME COLUMN spelled TO folded;
		CREATE INDEX lead_folded ON lead (connection, folded) WHERE folded <> '';
		PRAGMA user_version = 13`)
}

// A file of version 13 has ids as they are. Its leads are found by their ids, claimed, journalled, settled and
// forgotten as before, those too that people read alike, of which a file of an early version may have some.
func TestOpenMigratesAFileOfVersion13(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "leads.db")
	kept, err := sqlite.Open(path, nil)
	require.NoError(t, err)
	ids := []leadsync.LeadID{"plain", "Capital", " spaced", "straße", "aB", "x1", "x2", "y1"}
	capture(t, kept, ids...)
	_, err = kept.Capture(t.Context(), "another", queued("Capital", "Ab"))
	require.NoError(t, err)
	lease, err := kept.Acquire(t.Context(), connection, "a", time.Hour)
	require.NoError(t, err)
	_, err = kept.Claim(t.Context(), lease, 2)
	require.NoError(t, err)
	require.NoError(t, kept.Close())
	asVersion13(t, path)
	// What an early version took: two like aB, and one like a lead whose id is folded.
	edit(t, path, `UPDATE lead SET lead_id = 'Ab', folded = 'ab', data = '{"id":"Ab"}' WHERE lead_id = 'x1';
		UPDATE lead SET lead_id = 'AB', folded = 'ab', data = '{"id":"AB"}' WHERE lead_id = 'x2';
		UPDATE lead SET lead_id = 'Plain', folded = 'plain', data = '{"id":"Plain"}' WHERE lead_id = 'y1'`)
	ids = []leadsync.LeadID{"plain", "Capital", " spaced", "straße", "aB", "Ab", "AB", "Plain"}

	kept = open(t, path, nil)
	named := func(entries []store.Entry) []leadsync.LeadID {
		var found []leadsync.LeadID
		for _, entry := range entries {
			require.Nil(t, entry.Unreadable)
			found = append(found, entry.Lead.ID)
		}
		return found
	}
	require.Equal(t, ids, named(list(t, kept)))
	report, err := kept.Capture(t.Context(), connection, queued("CAPITAL", "spaced", "STRASSE", "aB", "ab", "PLAIN", "AB"))
	require.NoError(t, err)
	require.Zero(t, report.New)
	require.Equal(t, 2, report.Replaced+report.Same)
	require.Len(t, report.Alike, 5)
	for _, id := range ids {
		entries, err := kept.List(t.Context(), connection, leadsync.Filter{Leads: []leadsync.LeadID{id}})
		require.NoError(t, err)
		require.Equal(t, []leadsync.LeadID{id}, named(entries))
		steps, err := kept.History(t.Context(), connection, id)
		require.NoError(t, err)
		require.NotEmpty(t, steps, id)
		require.NoError(t, kept.Note(t.Context(), connection, store.Step{Kind: store.StepReverted}, id))
		require.NoError(t, kept.AddActivities(t.Context(), connection, id, store.StateQueued,
			[]leadsync.Activity{{Kind: leadsync.ActivityNote, Notes: "n"}}))
	}
	drainEach(t, kept, ids)
	for i, id := range ids {
		require.NoError(t, kept.Forget(t.Context(), connection, id, ""))
		require.ElementsMatch(t, ids[i+1:], named(list(t, kept)))
	}
	entries, err := kept.List(t.Context(), "another", leadsync.Filter{})
	require.NoError(t, err)
	require.Equal(t, []leadsync.LeadID{"Capital", "Ab"}, named(entries))
	sound(t, kept)
}

// drainEach claims leads, journals an intent of each, lets them fail, and resolves each.
func drainEach(t *testing.T, kept *sqlite.Store, ids []leadsync.LeadID) {
	t.Helper()
	lease, err := kept.Acquire(t.Context(), connection, "b", time.Hour)
	require.NoError(t, err)
	claimed, err := kept.Claim(t.Context(), lease, 100)
	require.NoError(t, err)
	require.Len(t, claimed, len(ids))
	intents := make(map[leadsync.LeadID][]leadtype.Intent)
	settlements := make([]store.Settlement, len(claimed))
	resolutions := make([]store.Resolution, len(claimed))
	for i, c := range claimed {
		intents[c.Lead.ID] = []leadtype.Intent{{Kind: leadtype.PartTask, Key: string(c.Lead.ID)}}
		settlements[i] = store.Settlement{LeadID: c.Lead.ID, Generation: c.Generation, Outcome: refused(c.Lead.ID, 1)}
		resolutions[i] = store.Resolution{LeadID: c.Lead.ID, Generation: c.Generation, Outcome: synced(c.Lead.ID)}
	}
	require.NoError(t, kept.Journal(t.Context(), lease, intents))
	require.ErrorIs(t, kept.Journal(t.Context(), lease, map[leadsync.LeadID][]leadtype.Intent{"pLAIN": nil}),
		store.ErrLeaseLost, "it is no lead, but like one")
	for _, entry := range list(t, kept) {
		require.Equal(t, string(entry.Lead.ID), entry.Intents[0].Key)
	}
	stale, err := kept.Settle(t.Context(), lease, settlements)
	require.NoError(t, err)
	require.Empty(t, stale)
	stale, err = kept.Resolve(t.Context(), connection, resolutions)
	require.NoError(t, err)
	require.Empty(t, stale)
	for _, entry := range list(t, kept) {
		require.Equal(t, leadsync.Cleared, entry.Stage)
		require.Equal(t, entry.Lead.ID, entry.Last.LeadID)
	}
}

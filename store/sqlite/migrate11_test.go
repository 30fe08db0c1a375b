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

// asVersion11 gives each step of the history its own outcome, and the indexes that were replaced.
func asVersion11(t *testing.T, path string) {
	t.Helper()
	earlier(t, path, `UPDATE history SET outcome = (SELECT outcome FROM lead WHERE lead.id = lead) WHERE outcome = '=';
		DROP INDEX lead_queued; DROP INDEX lead_due; DROP INDEX lead_later;
		CREATE INDEX lead_queued ON lead (connection, sequence, retry_at) WHERE state = 'queued';
		CREATE INDEX lead_due ON lead (connection, retry_at) WHERE state = 'queued';
		CREATE TRIGGER search_added AFTER INSERT ON search WHEN new.term >= 'W' AND new.term < 'Y' BEGIN
			INSERT INTO event_warning SELECT connection, event, new.term, 1 FROM lead
				WHERE connection = new.connection AND sequence = new.sequence;
		END;
		CREATE TRIGGER search_removed AFTER DELETE ON search WHEN old.term >= 'W' AND old.term < 'Y' BEGIN
			INSERT INTO event_warning SELECT connection, event, old.term, -1 FROM lead
				WHERE connection = old.connection AND sequence = old.sequence;
		END;
		PRAGMA user_version = 11`)
}

// A file of version 11 has a copy of each outcome in its history. Its leads, in all states, are claimed, counted
// and settled as before, and its history stays as it is.
func TestOpenMigratesAFileOfVersion11(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "leads.db")
	now := time.Unix(1_700_000_000, 0)
	kept, err := sqlite.Open(path, &sqlite.Options{Now: func() time.Time { return now }})
	require.NoError(t, err)
	ids := []leadsync.LeadID{"cleared", "failed", "later", "flying", "owed", "frozen"}
	capture(t, kept, ids...)
	lease, err := kept.Acquire(t.Context(), connection, "a", time.Hour)
	require.NoError(t, err)
	claimed, err := kept.Claim(t.Context(), lease, len(ids))
	require.NoError(t, err)
	candidates := leadtype.ProbeTrace{Candidates: []leadtype.Candidate{{Object: "Lead", ID: "00Q000000000009AAA"}}}
	held := &leadsync.Error{Op: "match", Code: leadsync.AmbiguousMatch, LeadID: "failed"}
	warning := []leadtype.Warning{{Kind: leadtype.Unfit, Field: "F", Reason: "r"}}
	outcomes := map[leadsync.LeadID]*leadsync.Outcome{
		"cleared": {LeadID: "cleared", Stage: leadsync.Cleared, ID: "00Q000000000001AAA", Warnings: warning},
		"failed": {LeadID: "failed", Stage: leadsync.Failed, Err: held,
			Trace: leadtype.MatchTrace{Probes: []leadtype.ProbeTrace{candidates}}},
		"later":  {LeadID: "later", Stage: leadsync.PreSync, RetryAt: now.Add(time.Minute), Err: held},
		"owed":   {LeadID: "owed", Stage: leadsync.Cleared, Warnings: warning},
		"frozen": {LeadID: "frozen", Stage: leadsync.PreSync, Err: held},
	}
	for _, c := range claimed {
		if outcome := outcomes[c.Lead.ID]; outcome != nil {
			_, err := kept.Settle(t.Context(), lease, []store.Settlement{{LeadID: c.Lead.ID, Generation: c.Generation,
				Outcome: outcome}})
			require.NoError(t, err)
		}
	}
	waiting := queued("waiting", "gathers")
	waiting[0].State, waiting[1].DueAt = store.StateWaiting, now.Add(30*time.Second)
	waiting[0].DueAt = now.Add(time.Minute)
	_, err = kept.Capture(t.Context(), connection, append(waiting, queued("new")...))
	require.NoError(t, err)
	history := func(st *sqlite.Store, id leadsync.LeadID) []store.Step {
		steps, err := st.History(t.Context(), connection, id)
		require.NoError(t, err)
		return steps
	}
	before := make(map[leadsync.LeadID][]store.Step)
	for _, id := range ids {
		before[id] = history(kept, id)
	}
	require.NoError(t, kept.Close())
	asVersion11(t, path)

	again := open(t, path, func() time.Time { return now })
	for _, id := range ids {
		require.Equal(t, before[id], history(again, id)[:len(before[id])], id)
	}
	for _, event := range []string{"", "expo"} {
		counts, err := again.CountWarnings(t.Context(), connection, leadsync.Filter{Event: event})
		require.NoError(t, err)
		require.Equal(t, 2, counts[0].Leads)
	}
	take := func() []leadsync.LeadID {
		claimed, err := again.Claim(t.Context(), lease, 10)
		require.NoError(t, err)
		var taken []leadsync.LeadID
		for _, c := range claimed {
			taken = append(taken, c.Lead.ID)
			_, err := again.Settle(t.Context(), lease, []store.Settlement{{LeadID: c.Lead.ID, Generation: c.Generation,
				Outcome: &leadsync.Outcome{LeadID: c.Lead.ID, Stage: leadsync.Cleared}}})
			require.NoError(t, err)
		}
		return taken
	}
	lease, err = again.Acquire(t.Context(), connection, "b", time.Hour)
	require.NoError(t, err)
	require.Equal(t, []leadsync.LeadID{"flying", "new"}, take())
	wait, waits, err := again.Due(t.Context(), connection)
	require.NoError(t, err)
	require.True(t, waits)
	require.Equal(t, 30*time.Second, wait)
	now = now.Add(2 * time.Minute)
	_, err = again.Push(t.Context(), connection, leadsync.Filter{Leads: []leadsync.LeadID{"owed"}}, "",
		leadtype.Ask{Over: []string{"Lead.Title"}})
	require.NoError(t, err)
	require.Equal(t, []leadsync.LeadID{"later", "owed", "waiting", "gathers"}, take())
	for _, id := range ids {
		require.Equal(t, before[id], history(again, id)[:len(before[id])], id)
	}
	steps := history(again, "later")
	require.Equal(t, leadsync.Cleared, steps[len(steps)-1].Outcome.Stage)
	counts, err := again.CountWarnings(t.Context(), connection, leadsync.Filter{Event: "expo"})
	require.NoError(t, err)
	require.Equal(t, 1, counts[0].Leads, "one was settled without it")
	expired, err := again.Expire(t.Context(), connection, now.Add(time.Hour), 10)
	require.NoError(t, err)
	require.Equal(t, 1, expired)
	require.Empty(t, history(again, "failed")[1].Outcome.Trace.Probes[0].Candidates)
	require.NoError(t, again.Forget(t.Context(), connection, "cleared", ""))
	sound(t, again)
}

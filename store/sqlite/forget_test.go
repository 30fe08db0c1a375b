// SPDX-License-Identifier: Apache-2.0

package sqlite_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/sqlite"
)

// canary is a text that occurs only in the lead's data.
func canary(id leadsync.LeadID) string { return "canary-of-" + string(id) + "." }

// marked returns a lead whose data repeats its canary to fill size bytes.
func marked(id leadsync.LeadID, size int) []store.Captured {
	captured := queued(id)
	captured[0].Lead.Notes = strings.Repeat(canary(id), 1+size/20)
	captured[0].Lead.Custom = map[string]any{"x": canary(id)}
	return captured
}

// refused returns an outcome with the lead's canary in every possible place.
func refused(id leadsync.LeadID, size int) *leadsync.Outcome {
	err := &leadsync.Error{Op: "create", Code: leadsync.DataValueValidation, LeadID: id, Reason: canary(id),
		Err: &salesforce.Error{HTTPStatus: 200, Code: "STRING_TOO_LONG", Message: strings.Repeat(canary(id), 1+size/20)}}
	image := leadtype.FieldChange{Field: "Title", Before: canary(id), After: canary(id)}
	return &leadsync.Outcome{LeadID: id, Stage: leadsync.Failed, Err: err,
		Parts:    []leadtype.Part{{Kind: leadtype.PartPerson, Changes: []leadtype.FieldChange{image}}},
		Warnings: []leadtype.Warning{{Reason: canary(id)}}}
}

// churn repeatedly writes leads of different sizes, so that rows move between pages
// and leave copies behind.
func churn(t *testing.T, kept *sqlite.Store, ids []leadsync.LeadID) {
	t.Helper()
	random := rand.New(rand.NewPCG(3, 4))
	lease, err := kept.Acquire(t.Context(), connection, "a", time.Hour)
	require.NoError(t, err)
	for range 6 {
		for _, id := range ids {
			_, err := kept.Capture(t.Context(), connection, marked(id, 1<<random.IntN(14)))
			require.NoError(t, err)
			require.NoError(t, kept.AddActivities(t.Context(), connection, id, store.StateQueued, []leadsync.Activity{
				{Kind: leadsync.ActivityNote, Notes: strings.Repeat(canary(id), 1+random.IntN(100))}}))
		}
		claimed, err := kept.Claim(t.Context(), lease, len(ids))
		require.NoError(t, err)
		settlements := make([]store.Settlement, len(claimed))
		for i, c := range claimed {
			settlements[i] = store.Settlement{LeadID: c.Lead.ID, Generation: c.Generation,
				Outcome: refused(c.Lead.ID, 1<<random.IntN(12)),
				Intents: []leadtype.Intent{{Kind: leadtype.PartTask, Key: canary(c.Lead.ID)}}}
		}
		_, err = kept.Settle(t.Context(), lease, settlements)
		require.NoError(t, err)
	}
}

func TestForgetLeavesNothingInTheFiles(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "leads.db")
	store := open(t, path, nil)
	ids := make([]leadsync.LeadID, 60)
	for i := range ids {
		ids[i] = leadsync.LeadID(fmt.Sprintf("somebody%02d", i))
	}
	churn(t, store, ids)
	found := func() map[leadsync.LeadID]bool {
		files, err := filepath.Glob(path + "*")
		require.NoError(t, err)
		hits := make(map[leadsync.LeadID]bool)
		for _, file := range files {
			data, err := os.ReadFile(file)
			require.NoError(t, err)
			for _, id := range ids {
				hits[id] = hits[id] || bytes.Contains(data, []byte(id)) // the canary has it too
			}
		}
		return hits
	}
	for id, hit := range found() {
		require.True(t, hit, "the canary of %s cannot be seen, so the test proves nothing", id)
	}
	for i, id := range ids {
		if i%2 == 0 {
			require.NoError(t, store.Forget(t.Context(), connection, id, ""))
		}
	}
	hits := found()
	for i, id := range ids {
		require.Equal(t, i%2 == 1, hits[id], string(id))
	}
	require.Len(t, list(t, store), len(ids)/2)
	for _, id := range ids {
		require.NoError(t, store.Forget(t.Context(), connection, id, ""))
	}
	for id, hit := range found() {
		require.False(t, hit, string(id))
	}
}

// A reader keeps the log from being emptied. The lead is deleted from the store, and
// Forget returns an error because it has to be called again.
func TestForgetSaysWhenTheLogStillHoldsTheLead(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "leads.db")
	store := open(t, path, nil)
	_, err := store.Capture(t.Context(), connection, marked("L1", 100))
	require.NoError(t, err)
	require.NoError(t, store.Exec(t.Context(), "PRAGMA busy_timeout = 1"))
	release, err := store.HoldReader(t.Context())
	require.NoError(t, err)
	err = store.Forget(t.Context(), connection, "L1", "")
	require.ErrorContains(t, err, "sqlite: forget: ")
	require.Empty(t, list(t, store))
	require.NoError(t, release())
	require.NoError(t, store.Forget(t.Context(), connection, "L1", ""))
	for _, file := range []string{path, path + "-wal"} {
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		require.False(t, bytes.Contains(data, []byte(canary("L1"))), file)
	}
}

// What has expired is gone from the file, its log and the copies that SQLite made.
func TestExpireLeavesNothingInTheFiles(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "leads.db")
	at := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	kept := open(t, path, func() time.Time { return at })
	const before = "value-before"
	ids := make([]leadsync.LeadID, 200)
	for i := range ids {
		ids[i] = leadsync.LeadID(fmt.Sprintf("L%d", i))
	}
	random := rand.New(rand.NewPCG(5, 6))
	lease, err := kept.Acquire(t.Context(), connection, "a", time.Hour)
	require.NoError(t, err)
	for range 3 {
		var captured []store.Captured
		for _, id := range ids {
			captured = append(captured, marked(id, 1<<random.IntN(12))...)
		}
		_, err := kept.Capture(t.Context(), connection, captured)
		require.NoError(t, err)
		claimed, err := kept.Claim(t.Context(), lease, len(ids))
		require.NoError(t, err)
		settlements := make([]store.Settlement, len(claimed))
		for i, c := range claimed {
			settlements[i] = store.Settlement{LeadID: c.Lead.ID, Generation: c.Generation, Outcome: &leadsync.Outcome{
				LeadID: c.Lead.ID, Stage: leadsync.Cleared, Parts: []leadtype.Part{{Kind: leadtype.PartPerson,
					Changes: []leadtype.FieldChange{{Field: "Description", Before: strings.Repeat(before, 1+random.IntN(60))}}}}}}
		}
		_, err = kept.Settle(t.Context(), lease, settlements)
		require.NoError(t, err)
	}
	found := func() int {
		n := 0
		for _, file := range []string{path, path + "-wal"} {
			data, err := os.ReadFile(file)
			require.NoError(t, err)
			n += bytes.Count(data, []byte(before))
		}
		return n
	}
	require.Positive(t, found())
	release, err := kept.HoldReader(t.Context())
	require.NoError(t, err)
	for {
		n, err := kept.Expire(t.Context(), connection, at.Add(time.Second), 70)
		require.NoError(t, err, "a reader keeps the log from being emptied, which is no failure")
		if n < 70 {
			break
		}
	}
	require.NoError(t, release())
	n, err := kept.Expire(t.Context(), connection, at.Add(time.Second), 70)
	require.NoError(t, err)
	require.Zero(t, n)
	require.Zero(t, found())
	require.Len(t, list(t, kept), len(ids))
}

// The lists by which a lead's terms are found may be damaged, as anything in the file. What is
// left of the terms then goes with the next change of the lead, and with the lead.
func TestTermsGoThoughTheirListIsDamaged(t *testing.T) {
	t.Parallel()
	st := open(t, filepath.Join(t.TempDir(), "leads.db"), nil)
	named := func(name string) []store.Captured {
		captured := queued("L1")
		captured[0].Lead.FirstName = name
		return captured
	}
	terms := func() []string {
		got, err := st.Strings(t.Context(), `SELECT term FROM search WHERE sequence = 1
			UNION ALL SELECT 't' || substr(term, 8) FROM word_lead WHERE doc = 1 ORDER BY 1`)
		require.NoError(t, err)
		return got
	}
	capture(t, st, "L1", "L2")
	_, err := st.Capture(t.Context(), connection, named("Ada"))
	require.NoError(t, err)
	require.Equal(t, []string{"tada", "tl1"}, terms())
	_, err = st.Capture(t.Context(), connection, named("Zoë"))
	require.NoError(t, err)
	require.Equal(t, []string{"tl1", "tzoe"}, terms())

	lease, err := st.Acquire(t.Context(), connection, "a", time.Hour)
	require.NoError(t, err)
	settle := func(record salesforce.ID) {
		t.Helper()
		claimed, err := st.Claim(t.Context(), lease, 1)
		require.NoError(t, err)
		_, err = st.Settle(t.Context(), lease, []store.Settlement{{LeadID: "L1", Generation: claimed[0].Generation,
			Outcome: &leadsync.Outcome{LeadID: "L1", Stage: leadsync.Cleared, ID: record}}})
		require.NoError(t, err)
	}
	settle("00Q000000000001EAA")
	require.NoError(t, st.Damage(t.Context(), connection, "L1", "terms", "no list"))
	_, err = st.Push(t.Context(), connection, leadsync.Filter{Leads: []leadsync.LeadID{"L1"}}, "")
	require.NoError(t, err)
	settle("00Q000000000002EAA")
	require.Equal(t, []string{"R00Q000000000002EAA", "tl1", "tzoe"}, terms())

	require.NoError(t, st.Damage(t.Context(), connection, "L1", "terms", `{"a":1}`))
	require.NoError(t, st.Forget(t.Context(), connection, "L1", ""))
	require.Empty(t, terms())
	found, err := st.List(t.Context(), connection, leadsync.Filter{Text: "l"})
	require.NoError(t, err)
	require.Len(t, found, 1)
}

// SPDX-License-Identifier: Apache-2.0

package sqlite_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
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

// idStart is what the ids of an eraser's leads begin with; six digits follow.
const idStart = "somebody"

// mentions counts the ids in data that follow the prefix, in one pass.
func mentions(data []byte, prefix string) map[leadsync.LeadID]int {
	found := make(map[leadsync.LeadID]int)
	for mark := []byte(prefix + idStart); ; {
		at := bytes.Index(data, mark)
		if at < 0 {
			return found
		}
		data = data[at+len(prefix):]
		found[leadsync.LeadID(data[:min(len(data), len(idStart)+6)])]++
		data = data[len(idStart):]
	}
}

// An eraser forgets leads while others, on the same pages, change.
type eraser struct {
	st     *sqlite.Store
	path   string
	random *rand.Rand
	ids    []leadsync.LeadID // that are in the store
	gone   []leadsync.LeadID
	forget func(leadsync.LeadID) error
}

func newEraser(t *testing.T, leads int, seed uint64) *eraser {
	t.Helper()
	e := &eraser{path: filepath.Join(t.TempDir(), "leads.db"), random: rand.New(rand.NewPCG(1, seed))}
	at := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	e.st = open(t, e.path, func() time.Time { return at })
	e.forget = func(id leadsync.LeadID) error {
		if e.random.IntN(2) == 0 {
			return e.st.Forget(t.Context(), connection, id, "", store.Suppress)
		}
		return e.st.Forget(t.Context(), connection, id, "")
	}
	for i := range leads {
		e.ids = append(e.ids, leadsync.LeadID(fmt.Sprintf("%s%06d", idStart, i)))
	}
	capture(t, e.st, e.ids...)
	return e
}

// work changes two thirds of the leads, in any order, and syncs some: rows of all
// sizes move from page to page.
func (e *eraser) work(t *testing.T) {
	t.Helper()
	e.random.Shuffle(len(e.ids), func(i, j int) { e.ids[i], e.ids[j] = e.ids[j], e.ids[i] })
	var changed []store.Captured
	for _, id := range e.ids[:2*len(e.ids)/3] {
		c := marked(id, e.random.IntN(300))
		c[0].Lead.FirstName = first(id)
		changed = append(changed, c...)
	}
	_, err := e.st.Capture(t.Context(), connection, changed)
	require.NoError(t, err)
	for _, c := range changed[:len(changed)/20] {
		require.NoError(t, e.st.AddActivities(t.Context(), connection, c.Lead.ID, store.StateQueued, []leadsync.Activity{
			{Kind: leadsync.ActivityNote, Notes: strings.Repeat(canary(c.Lead.ID), 1+e.random.IntN(30))}}))
	}
	lease, err := e.st.Acquire(t.Context(), connection, "a", time.Hour)
	require.NoError(t, err)
	claimed, err := e.st.Claim(t.Context(), lease, len(e.ids)/5)
	require.NoError(t, err)
	settlements := make([]store.Settlement, len(claimed))
	for i, c := range claimed {
		settlements[i] = store.Settlement{LeadID: c.Lead.ID, Generation: c.Generation,
			Outcome: shares(c.Lead.ID, claimed[(i+1)%len(claimed)].Lead.ID, e.random.IntN(500)),
			Intents: []leadtype.Intent{{Kind: leadtype.PartTask, Key: canary(c.Lead.ID)}}}
	}
	_, err = e.st.Settle(t.Context(), lease, settlements)
	require.NoError(t, err)
	_, err = e.st.Expire(t.Context(), connection, time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC), 1+len(e.ids)/50)
	require.NoError(t, err)
}

// shares returns the outcome of a lead that overwrote what another lead had written to
// its record.
func shares(id, other leadsync.LeadID, size int) *leadsync.Outcome {
	out := refused(id, size)
	out.ID = recordOf(id)
	out.Parts[0].ID = out.ID
	if id != other {
		out.Parts = append(out.Parts, leadtype.Part{Kind: leadtype.PartPerson, ID: recordOf(other),
			Changes: []leadtype.FieldChange{{Field: "Description", Before: strings.Repeat(canary(other), 1+size/20),
				After: canary(other) + canary(id)}}})
	}
	return out
}

// recordOf is the record of a lead of an eraser.
func recordOf(id leadsync.LeadID) salesforce.ID {
	return salesforce.ID("00Q000000" + string(id)[len(idStart):]).ID18()
}

// first is what a row has once.
func first(id leadsync.LeadID) string { return firstOf + string(id) + "." }

const firstOf = "first-of-"

// erase forgets some leads: first those of which the file has a second copy somewhere.
func (e *eraser) erase(t *testing.T, leads int) {
	t.Helper()
	e.random.Shuffle(len(e.ids), func(i, j int) { e.ids[i], e.ids[j] = e.ids[j], e.ids[i] })
	require.NoError(t, e.st.Exec(t.Context(), "PRAGMA wal_checkpoint(TRUNCATE)"))
	data, err := os.ReadFile(e.path)
	require.NoError(t, err)
	copies := mentions(data, firstOf)
	slices.SortStableFunc(e.ids, func(a, b leadsync.LeadID) int { return copies[b] - copies[a] })
	for _, id := range e.ids[:leads] {
		require.NoError(t, e.forget(id))
	}
	e.gone = append(e.gone, e.ids[:leads]...)
	e.ids = e.ids[leads:]
}

// left returns the forgotten leads that the bytes of the files still hold: of the file,
// its log and the log's index.
func (e *eraser) left(t *testing.T) []leadsync.LeadID {
	t.Helper()
	var all []byte
	for _, path := range []string{e.path, e.path + "-wal", e.path + "-shm"} {
		data, err := os.ReadFile(path)
		require.NoError(t, err)
		all = append(all, data...)
	}
	found := mentions(all, "")
	for _, id := range e.ids {
		require.Positive(t, found[id], "%s cannot be seen, so the test proves nothing", id)
	}
	var left []leadsync.LeadID
	for _, id := range e.gone {
		if found[id] > 0 {
			left = append(left, id)
		}
	}
	return left
}

// run forgets leads in four rounds, with work between them.
func (e *eraser) run(t *testing.T, erasures int) {
	t.Helper()
	for range 3 {
		e.work(t)
	}
	for range 4 {
		e.work(t)
		e.erase(t, erasures/4)
	}
}

// erasures is how many leads the tests forget, of three times as many.
const erasures = 80

// fullErasures is how many one test forgets where LEADSYNC_TEST_FULL is set.
const fullErasures = 2000

func TestForgetLeavesNothingUnderChurn(t *testing.T) {
	t.Parallel()
	forgotten := erasures
	if os.Getenv("LEADSYNC_TEST_FULL") != "" {
		forgotten = fullErasures
	}
	e := newEraser(t, 3*forgotten, 6)
	e.run(t, forgotten)
	require.Empty(t, e.left(t))
	sound(t, e.st)
	e.work(t) // what the writer has in memory does not come back
	require.Empty(t, e.left(t))
	e.erase(t, 1)
	require.Empty(t, e.left(t))
	require.Len(t, list(t, e.st), len(e.ids))
}

// The control: secure_delete alone leaves copies of rows behind. The next Forget clears
// what an interrupted one left, and the first after Open what an earlier process, or an
// earlier version, left.
func TestForgetWouldLeaveCopiesWithoutClearingPages(t *testing.T) {
	t.Parallel()
	var e *eraser
	var left []leadsync.LeadID
	for seed := uint64(6); len(left) == 0; seed++ { // where copies are left depends on the sizes of all rows
		require.Less(t, seed, uint64(16), "no copy is left")
		e = newEraser(t, 3*erasures, seed)
		e.forget = func(id leadsync.LeadID) error { return e.st.RemoveOnly(t.Context(), connection, id) }
		e.run(t, erasures)
		left = e.left(t)
	}
	t.Logf("%d of %d forgotten leads can be read", len(left), len(e.gone))
	later := *e
	later.path = filepath.Join(t.TempDir(), "leads.db")
	data, err := os.ReadFile(e.path) // the log is empty
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(later.path, data, 0o600))

	require.NoError(t, e.st.Forget(t.Context(), connection, e.gone[0], ""))
	require.Empty(t, e.left(t))
	sound(t, e.st)

	later.st = open(t, later.path, nil)
	require.NotEmpty(t, later.left(t))
	require.NoError(t, later.st.Forget(t.Context(), connection, later.gone[0], ""))
	require.Empty(t, later.left(t))
}

// The control: other leads hold what a forgotten one had written to their records.
func TestForgetWouldLeaveWhatOtherLeadsHold(t *testing.T) {
	t.Parallel()
	e := newEraser(t, 3*erasures, 1)
	e.forget = func(id leadsync.LeadID) error { return e.st.ForgetAlone(t.Context(), connection, id) }
	e.run(t, erasures)
	require.NotEmpty(t, e.left(t))
}

// sound checks that the file is whole.
func sound(t *testing.T, st *sqlite.Store) {
	t.Helper()
	got, err := st.Strings(t.Context(), "PRAGMA integrity_check")
	require.NoError(t, err)
	require.Equal(t, []string{"ok"}, got)
}

// The first Forget looks at every page, the others at those that have changed.
func TestForgetLooksAtWhatHasChanged(t *testing.T) {
	t.Parallel()
	e := newEraser(t, 600, 6)
	e.work(t)
	e.work(t)
	require.Equal(t, -1, e.st.Changed())
	e.erase(t, 1)
	require.GreaterOrEqual(t, e.st.Changed(), 0)
	e.erase(t, 1)
	before := e.st.Changed()
	require.Less(t, before, 50)
	capture(t, e.st, "new")
	require.Greater(t, e.st.Changed(), before)
	require.Less(t, e.st.Changed(), 50)
	e.erase(t, 1)
	require.GreaterOrEqual(t, e.st.Changed(), 0)

	require.NoError(t, e.st.Exec(t.Context(), "PRAGMA wal_autocheckpoint = 10"))
	e.erase(t, 1)
	e.work(t) // the log starts over now and then
	e.work(t)
	require.Greater(t, e.st.Changed(), 100)
	e.erase(t, 1)
	require.Empty(t, e.left(t))
}

// Another program may write to the file, as an administrator's does. Its pages are not
// known.
func TestForgetLooksAtEveryPageWhenAnotherProgramHasWritten(t *testing.T) {
	t.Parallel()
	e := newEraser(t, 3*erasures, 6)
	for range 4 {
		e.work(t)
	}
	e.erase(t, 1)
	require.Empty(t, e.left(t))
	edit(t, e.path, strings.Repeat("UPDATE lead SET data = data || ' ' WHERE id % 7 = 0;", 300)+
		"PRAGMA secure_delete = 1; UPDATE lead SET outcome = ''; DELETE FROM image; "+
		"DELETE FROM history WHERE lead % 3 = 0; DELETE FROM search WHERE sequence % 3 = 0; "+
		"DELETE FROM word WHERE rowid % 3 = 0; "+
		"DELETE FROM lead WHERE id % 3 = 0;"+
		"PRAGMA wal_checkpoint(TRUNCATE)") // its frames are gone
	entries := list(t, e.st)
	kept := make(map[leadsync.LeadID]bool)
	for _, entry := range entries {
		kept[entry.Lead.ID] = true
	}
	var ids []leadsync.LeadID
	for _, id := range e.ids {
		if kept[id] {
			ids = append(ids, id)
		} else {
			e.gone = append(e.gone, id)
		}
	}
	e.ids = ids
	require.NotEmpty(t, e.left(t), "otherwise the test proves nothing")
	require.NoError(t, e.st.Forget(t.Context(), connection, e.gone[0], ""))
	require.Empty(t, e.left(t))
}

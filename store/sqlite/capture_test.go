// SPDX-License-Identifier: Apache-2.0

package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
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

// waitFor waits until n captures are queued for the writer.
func waitFor(store *sqlite.Store, n int) {
	for store.Waiting() < n {
		runtime.Gosched()
	}
}

func TestCapturesOfConcurrentCallersShareACommit(t *testing.T) {
	t.Parallel()
	store := open(t, filepath.Join(t.TempDir(), "leads.db"), nil)
	version := func() string {
		got, err := store.Strings(t.Context(), "SELECT count(*) FROM history")
		require.NoError(t, err)
		return got[0]
	}
	release, err := store.HoldWriter(t.Context())
	require.NoError(t, err)
	const callers = 20
	errs := make(chan error, callers)
	for i := range callers {
		go func() {
			_, err := store.Capture(t.Context(), connection, queued(leadsync.LeadID(fmt.Sprintf("L%d", i))))
			errs <- err
		}()
	}
	waitFor(store, callers)
	require.Equal(t, "0", version())
	require.NoError(t, release())
	require.NoError(t, <-errs) // all are stored when the first one returns
	require.Equal(t, "20", version())
	for range callers - 1 {
		require.NoError(t, <-errs)
	}
}

func TestCaptureThatIsCancelledWhileItWaitsIsNotStored(t *testing.T) {
	t.Parallel()
	store := open(t, filepath.Join(t.TempDir(), "leads.db"), nil)
	release, err := store.HoldWriter(t.Context())
	require.NoError(t, err)
	leader, follower := make(chan error, 1), make(chan error, 1)
	go func() {
		_, err := store.Capture(t.Context(), connection, queued("L1"))
		leader <- err
	}()
	waitFor(store, 1)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		_, err := store.Capture(ctx, connection, queued("L2"))
		follower <- err
	}()
	waitFor(store, 2)
	cancel()
	require.ErrorIs(t, <-follower, context.Canceled)
	require.NoError(t, release())
	require.NoError(t, <-leader)
	entries := list(t, store)
	require.Len(t, entries, 1)
	require.Equal(t, leadsync.LeadID("L1"), entries[0].Lead.ID)
}

// Cancelling the writing caller must not fail the calls of others.
func TestCaptureOutlivesTheCallerThatWritesForIt(t *testing.T) {
	t.Parallel()
	store := open(t, filepath.Join(t.TempDir(), "leads.db"), nil)
	release, err := store.HoldWriter(t.Context())
	require.NoError(t, err)
	leader, follower := make(chan error, 1), make(chan error, 1)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		_, err := store.Capture(ctx, connection, queued("L1"))
		leader <- err
	}()
	waitFor(store, 1)
	go func() {
		_, err := store.Capture(t.Context(), connection, queued("L2"))
		follower <- err
	}()
	waitFor(store, 2)
	cancel()
	require.NoError(t, release())
	require.NoError(t, <-follower)
	require.NoError(t, <-leader, "it was written, so it is acknowledged")
	require.Len(t, list(t, store), 2)
}

func TestCaptureFailsWholeWhenTheDiskIsFull(t *testing.T) {
	t.Parallel()
	store := open(t, filepath.Join(t.TempDir(), "leads.db"), nil)
	capture(t, store, "L1")
	pages, err := store.Strings(t.Context(), "PRAGMA page_count")
	require.NoError(t, err)
	require.NoError(t, store.Exec(t.Context(), "PRAGMA max_page_count = "+pages[0]))
	big := queued("L2", "L3")
	big[1].Lead.Notes = strings.Repeat("secret", 100_000)
	_, err = store.Capture(t.Context(), connection, big)
	require.ErrorContains(t, err, "sqlite: capture: ")
	require.ErrorContains(t, err, "full")
	require.NotContains(t, err.Error(), "secret")
	require.Len(t, list(t, store), 1)

	require.NoError(t, store.Exec(t.Context(), "PRAGMA max_page_count = 1000000"))
	report, err := store.Capture(t.Context(), connection, big)
	require.NoError(t, err)
	require.Equal(t, 2, report.New)
}

func TestCaptureThatFailsDoesNotFailItsNeighbours(t *testing.T) {
	t.Parallel()
	store := open(t, filepath.Join(t.TempDir(), "leads.db"), nil)
	require.NoError(t, store.Exec(t.Context(),
		`CREATE TRIGGER poison BEFORE INSERT ON lead WHEN NEW.lead_id = 'poison' BEGIN SELECT RAISE(ABORT, 'poisoned'); END`))
	release, err := store.HoldWriter(t.Context())
	require.NoError(t, err)
	ids := []leadsync.LeadID{"L1", "poison", "L2"}
	errs := make([]chan error, len(ids))
	for i, id := range ids {
		errs[i] = make(chan error, 1)
		go func() {
			report, err := store.Capture(t.Context(), connection, queued(id))
			if err != nil && report.New != 0 {
				err = errors.New("a failed capture reports a new lead")
			}
			errs[i] <- err
		}()
		waitFor(store, i+1)
	}
	require.NoError(t, release())
	require.NoError(t, <-errs[0])
	require.ErrorContains(t, <-errs[1], "poisoned")
	require.NoError(t, <-errs[2])
	require.Len(t, list(t, store), 2)
}

// Another program holds the file, as a backup does. All callers share one wait for
// it.
func TestCapturesFailTogetherWhenTheFileIsBusy(t *testing.T) {
	t.Parallel()
	const callers, patience = 20, time.Second
	path := filepath.Join(t.TempDir(), "leads.db")
	store := open(t, path, nil)
	require.NoError(t, store.Exec(t.Context(), fmt.Sprintf("PRAGMA busy_timeout = %d", patience.Milliseconds())))
	db, err := sql.Open("sqlite", path)
	require.NoError(t, err)
	defer db.Close()
	other, err := db.Conn(t.Context())
	require.NoError(t, err)
	_, err = other.ExecContext(t.Context(), "BEGIN IMMEDIATE")
	require.NoError(t, err)
	start := time.Now()
	errs := make(chan error, callers)
	for i := range callers {
		go func() {
			_, err := store.Capture(t.Context(), connection, queued(leadsync.LeadID(fmt.Sprintf("L%d", i))))
			errs <- err
		}()
	}
	for range callers {
		require.ErrorContains(t, <-errs, "locked")
	}
	require.Less(t, time.Since(start), callers*patience)
	_, err = other.ExecContext(t.Context(), "ROLLBACK")
	require.NoError(t, err)
	capture(t, store, "L1")
	require.Len(t, list(t, store), 1)
}

func TestCaptureRefusesWhatJSONCannotCarry(t *testing.T) {
	t.Parallel()
	store := open(t, filepath.Join(t.TempDir(), "leads.db"), nil)
	bad := queued("L1")
	bad[0].Lead.Custom = map[string]any{"x": func() {}}
	_, err := store.Capture(t.Context(), connection, bad)
	require.ErrorContains(t, err, "sqlite: capture: json: unsupported type")
}

func TestHistoryKeepsEveryChangeWithoutRawMessages(t *testing.T) {
	t.Parallel()
	now := time.UnixMicro(1_700_000_000_000_000)
	kept := open(t, filepath.Join(t.TempDir(), "leads.db"), func() time.Time { return now })
	capture(t, kept, "L1")
	changed := queued("L1")
	changed[0].Lead.Notes = "new"
	_, err := kept.Capture(t.Context(), connection, changed)
	require.NoError(t, err)
	lease, err := kept.Acquire(t.Context(), connection, "a", time.Minute)
	require.NoError(t, err)
	_, err = kept.Claim(t.Context(), lease, 1)
	require.NoError(t, err)
	require.NoError(t, kept.Release(t.Context(), lease))
	lease, err = kept.Acquire(t.Context(), connection, "a", time.Minute)
	require.NoError(t, err)
	claimed, err := kept.Claim(t.Context(), lease, 1)
	require.NoError(t, err)
	raw := &leadsync.Error{Op: "create", Code: leadsync.DataValueValidation,
		Err: &salesforce.Error{HTTPStatus: 200, Code: "STRING_TOO_LONG", Message: "quotes secret"}}
	_, err = kept.Settle(t.Context(), lease,
		[]store.Settlement{{LeadID: "L1", Generation: claimed[0].Generation, Outcome: &leadsync.Outcome{
			LeadID: "L1", Stage: leadsync.Failed, Err: raw, Parts: []leadtype.Part{{Kind: leadtype.PartPerson, Err: raw}}}}})
	require.NoError(t, err)
	_, err = kept.Push(t.Context(), connection, leadsync.Filter{}, "")
	require.NoError(t, err)

	rows, err := kept.Strings(t.Context(),
		`SELECT concat_ws(' ', at, change, stage, state, generation, code) FROM history ORDER BY id`)
	require.NoError(t, err)
	require.Equal(t, []string{
		"1700000000000000 captured pre-sync queued 0 ",
		"1700000000000000 replaced pre-sync queued 0 ",
		"1700000000000000 unclaimed pre-sync queued 1 ",
		"1700000000000000 settled failed  2 DATA_VALUE_VALIDATION",
		"1700000000000000 pushed pre-sync queued 2 ",
	}, rows)
	settled := func() []string {
		texts, err := kept.Strings(t.Context(), `SELECT outcome FROM history WHERE change = 'settled' ORDER BY id`)
		require.NoError(t, err)
		return texts
	}
	require.Equal(t, []string{"="}, settled(), "the lead has the outcome")
	require.Equal(t, "quotes secret", list(t, kept)[0].Last.Err.Err.(*salesforce.Error).Message,
		"the entry keeps the message")
	claimed, err = kept.Claim(t.Context(), lease, 1)
	require.NoError(t, err)
	_, err = kept.Settle(t.Context(), lease, []store.Settlement{{LeadID: "L1", Generation: claimed[0].Generation,
		Outcome: &leadsync.Outcome{LeadID: "L1", Stage: leadsync.Cleared}}})
	require.NoError(t, err)
	outcomes := settled()
	require.Equal(t, "=", outcomes[1])
	require.Contains(t, outcomes[0], "STRING_TOO_LONG")
	require.NotContains(t, outcomes[0], "secret")
}

// A caller that gets the writer slot may find that its call was written already. A
// call that arrives after the queue was taken is written by the next writer.
func TestCaptureThatComesInBehindAnIdleLeaderIsStored(t *testing.T) {
	t.Parallel()
	var arrive func() // called while the writer's transaction is open
	store := open(t, filepath.Join(t.TempDir(), "leads.db"), func() time.Time {
		if arrive != nil {
			arrive()
		}
		return time.Unix(1000, 0)
	})
	acknowledged := make(chan error, 1)
	arrive = func() {
		arrive = nil
		go func() {
			_, err := store.Capture(t.Context(), connection, queued("L1"))
			acknowledged <- err
		}()
		waitFor(store, 1)
	}
	store.WriteCaptures(t.Context())
	require.NoError(t, <-acknowledged)
	require.Len(t, list(t, store), 1)
}

func TestActivitiesOfConcurrentCallersShareACommitWithCaptures(t *testing.T) {
	t.Parallel()
	kept := open(t, filepath.Join(t.TempDir(), "leads.db"), nil)
	capture(t, kept, "L0")
	release, err := kept.HoldWriter(t.Context())
	require.NoError(t, err)
	const callers = 10
	errs, missing := make(chan error, callers+1), make(chan error, 1)
	add := func(lead leadsync.LeadID, id string) error {
		return kept.AddActivities(t.Context(), connection, lead, store.StateQueued,
			[]leadsync.Activity{{ID: id, Kind: leadsync.ActivityCall}})
	}
	for i := range callers {
		go func() { errs <- add("L0", fmt.Sprintf("A%d", i)) }()
	}
	go func() { missing <- add("L9", "A") }()
	go func() {
		_, err := kept.Capture(t.Context(), connection, queued("L1"))
		errs <- err
	}()
	waitFor(kept, callers+2)
	require.NoError(t, release())
	require.NoError(t, <-errs) // all are stored when the first one returns
	entries := list(t, kept)
	require.Len(t, entries, 2)
	require.Len(t, entries[0].Lead.Activities, callers)
	for range callers {
		require.NoError(t, <-errs)
	}
	require.ErrorIs(t, <-missing, store.ErrNoLead, "the others were stored")
}

// SPDX-License-Identifier: Apache-2.0

package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/postgres"
)

// captured are leads to be queued.
func captured(ids ...leadtype.LeadID) []store.Captured {
	leads := make([]store.Captured, len(ids))
	for i, id := range ids {
		leads[i] = store.Captured{State: store.StateQueued, Lead: &leadtype.Lead{ID: id, EventID: "expo", Strategy: "s",
			LastName: "Lovelace", Email: "ada@example.com"}}
	}
	return leads
}

// kept returns the ids of the leads of a connection, in their order.
func kept(t *testing.T, in *postgres.Store) []leadtype.LeadID {
	t.Helper()
	entries, err := in.List(t.Context(), connection, store.Filter{})
	require.NoError(t, err)
	var ids []leadtype.LeadID
	for i, entry := range entries {
		require.Equal(t, int64(i+1), entry.Sequence)
		ids = append(ids, entry.Lead.ID)
	}
	return ids
}

func TestCaptureTxHappensWithTheHostsTransaction(t *testing.T) {
	t.Parallel()
	on := pool(t)
	opened, err := postgres.New(t.Context(), on, &postgres.Options{Schema: schema(t, on)})
	require.NoError(t, err)
	tx, err := on.Begin(t.Context())
	require.NoError(t, err)
	report, err := opened.CaptureTx(t.Context(), tx, connection, captured("L1", "L2"))
	require.NoError(t, err)
	require.Equal(t, 2, report.New)
	require.Equal(t, map[string][]string{"expo": {"s"}}, report.Strategies)
	require.Empty(t, kept(t, opened), "before the commit")
	require.NoError(t, tx.Rollback(t.Context()))
	require.Empty(t, kept(t, opened), "after the rollback")

	_, err = opened.Capture(t.Context(), connection, captured("L0"))
	require.NoError(t, err)
	tx, err = on.Begin(t.Context())
	require.NoError(t, err)
	_, err = opened.CaptureTx(t.Context(), tx, connection, captured("L1"))
	require.NoError(t, err)
	report, err = opened.CaptureTx(t.Context(), tx, connection, captured("L1", "L2"))
	require.NoError(t, err)
	require.Equal(t, []int{1, 1}, []int{report.New, report.Same}, "of what the transaction captured")
	require.NoError(t, tx.Commit(t.Context()))
	require.Equal(t, []leadtype.LeadID{"L0", "L1", "L2"}, kept(t, opened))
	steps, err := opened.History(t.Context(), connection, "L2")
	require.NoError(t, err)
	require.Len(t, steps, 1)
}

func TestCaptureTxThatFailsLeavesTheTransactionUsable(t *testing.T) {
	t.Parallel()
	on := pool(t)
	opened, err := postgres.New(t.Context(), on, &postgres.Options{Schema: schema(t, on)})
	require.NoError(t, err)
	bad := captured("L1", "bad")
	bad[1].Lead.EventID = unindexable()
	tx, err := on.Begin(t.Context())
	require.NoError(t, err)
	_, err = opened.CaptureTx(t.Context(), tx, connection, bad)
	require.Error(t, err)
	requireNoValue(t, err, bad[1].Lead.EventID)
	_, err = opened.CaptureTx(t.Context(), tx, connection, captured("L2"))
	require.NoError(t, err)
	require.NoError(t, tx.Commit(t.Context()))
	require.Equal(t, []leadtype.LeadID{"L2"}, kept(t, opened))
}

// unindexable is an event that PostgreSQL cannot put into an index, longer than a capture by
// leadsync.Syncer may have.
func unindexable() string {
	var long strings.Builder
	for i := range 4000 {
		fmt.Fprintf(&long, "%c", rune(0x4e00+i*7919%20000)) // it does not compress
	}
	return long.String()
}

// requireNoValue requires that no part of a text is in an error, whatever a log prints of it.
func requireNoValue(t *testing.T, err error, value string) {
	t.Helper()
	for ; err != nil; err = errors.Unwrap(err) {
		printed := fmt.Sprintf("%v %+v %#v", err, err, err)
		for _, part := range []string{value, string([]rune(value)[:20])} {
			require.NotContains(t, printed, part)
		}
	}
}

// CaptureTx that is not yet committed keeps others of its connection waiting, so that
// sequences become visible in order; it does not keep leads from being claimed, leases from
// being renewed, or other connections from being captured into.
func TestOpenCaptureTxKeepsOnlyCapturesOfItsConnectionWaiting(t *testing.T) {
	t.Parallel()
	on := pool(t, "pool_max_conns=8")
	opened, err := postgres.New(t.Context(), on, &postgres.Options{Schema: schema(t, on)})
	require.NoError(t, err)
	_, err = opened.Capture(t.Context(), connection, captured("L1"))
	require.NoError(t, err)
	tx, err := on.Begin(t.Context())
	require.NoError(t, err)
	_, err = opened.CaptureTx(t.Context(), tx, connection, captured("L2"))
	require.NoError(t, err)

	lease, err := opened.Acquire(t.Context(), connection, "a", time.Minute)
	require.NoError(t, err)
	claimed, err := opened.Claim(t.Context(), lease, 10)
	require.NoError(t, err)
	require.Len(t, claimed, 1)
	require.NoError(t, opened.Journal(t.Context(), lease,
		map[leadtype.LeadID][]leadtype.Intent{"L1": {{Kind: leadtype.PartTask, Key: "k"}}}))
	require.NoError(t, opened.SetRunState(t.Context(), lease, []byte("state")))
	_, err = opened.Acquire(t.Context(), connection, "a", time.Minute)
	require.NoError(t, err)
	_, err = opened.Capture(t.Context(), "other", captured("L1"))
	require.NoError(t, err)

	waiting := make(chan error, 1)
	go func() {
		_, err := opened.Capture(t.Context(), connection, captured("L3"))
		waiting <- err
	}()
	require.Eventually(t, func() bool { return blocked(t, opened) == 1 }, time.Minute, time.Millisecond)
	require.NoError(t, tx.Commit(t.Context()))
	require.NoError(t, <-waiting)
	require.Equal(t, []leadtype.LeadID{"L1", "L2", "L3"}, kept(t, opened))
	require.Zero(t, opened.InUse())
}

// blocked returns how many statements on the store's schema wait for a lock.
func blocked(t *testing.T, in *postgres.Store) int {
	t.Helper()
	found, err := in.Strings(t.Context(), `SELECT pid::text FROM pg_stat_activity
		WHERE wait_event_type = 'Lock' AND query LIKE '%leadsync.%' AND pid <> pg_backend_pid()`)
	require.NoError(t, err)
	return len(found)
}

// A crowd is callers that capture a lead each while the connection is locked.
type crowd struct {
	opened *postgres.Store
	end    func() // of the lock
	errs   chan error
}

// newCrowd has one capture wait for the lock, and the others for that one.
func newCrowd(t *testing.T, leads ...[]store.Captured) *crowd {
	t.Helper()
	on := pool(t)
	opened, err := postgres.New(t.Context(), on, &postgres.Options{Schema: schema(t, on)})
	require.NoError(t, err)
	tx, err := on.Begin(t.Context())
	require.NoError(t, err)
	_, err = opened.CaptureTx(t.Context(), tx, connection, captured("held"))
	require.NoError(t, err)
	c := &crowd{opened: opened, end: func() { require.NoError(t, tx.Commit(t.Context())) },
		errs: make(chan error, len(leads))}
	for i, one := range leads {
		go c.capture(t.Context(), one)
		if i == 0 {
			require.Eventually(t, func() bool { return blocked(t, opened) == 1 }, time.Minute, time.Millisecond)
		}
	}
	c.await(t, len(leads)-1)
	return c
}

// await waits until so many captures wait for the one that waits for the lock.
func (c *crowd) await(t *testing.T, n int) {
	t.Helper()
	require.Eventually(t, func() bool { return c.opened.Waiting(connection) == n }, time.Minute, time.Millisecond)
}

func (c *crowd) capture(ctx context.Context, leads []store.Captured) {
	_, err := c.opened.Capture(ctx, connection, leads)
	c.errs <- err
}

// Captures of concurrent callers share transactions: while one is being written, the others
// gather.
func TestConcurrentCapturesShareACommit(t *testing.T) {
	t.Parallel()
	var leads [][]store.Captured
	for i := range 20 {
		leads = append(leads, captured(leadtype.LeadID(fmt.Sprint("L", i))))
	}
	c := newCrowd(t, leads...)
	gone, cancel := context.WithCancel(t.Context())
	left := make(chan error)
	go func() {
		_, err := c.opened.Capture(gone, connection, captured("gone"))
		left <- err
	}()
	c.await(t, 20)
	cancel()
	require.ErrorIs(t, <-left, context.Canceled, "of a call that was not being written yet")
	c.end()
	for range leads {
		require.NoError(t, <-c.errs)
	}
	require.Len(t, kept(t, c.opened), 21)
	versions, err := c.opened.Strings(t.Context(), `SELECT DISTINCT xmin::text FROM leadsync.lead`)
	require.NoError(t, err)
	require.Len(t, versions, 3, "the host's transaction, the first capture and all others")
	require.Zero(t, c.opened.InUse())
}

// Activities join a transaction of the host, which sees the connection as it has made it.
func TestActivitiesHappenWithTheHostsTransaction(t *testing.T) {
	t.Parallel()
	on := pool(t)
	opened, err := postgres.New(t.Context(), on, &postgres.Options{Schema: schema(t, on)})
	require.NoError(t, err)
	_, err = opened.Capture(t.Context(), connection, captured("L1"))
	require.NoError(t, err)
	note := []leadtype.Activity{{ID: "A", Kind: leadtype.ActivityNote, Notes: "Met."}}
	activities := func() int {
		entries, err := opened.List(t.Context(), connection, store.Filter{})
		require.NoError(t, err)
		return len(entries[0].Lead.Activities)
	}
	for _, commits := range []bool{false, true} {
		tx, err := on.Begin(t.Context())
		require.NoError(t, err)
		err = opened.AddActivitiesTx(t.Context(), tx, connection, "unknown", store.StateQueued, note)
		require.ErrorIs(t, err, store.ErrNoLead)
		require.NoError(t, opened.AddActivitiesTx(t.Context(), tx, connection, "L1", store.StateQueued, note))
		_, err = opened.CaptureTx(t.Context(), tx, "new", captured("L1"))
		require.NoError(t, err)
		_, err = tx.Exec(t.Context(), `UPDATE `+opened.Prefix()+`connection SET org = 'here' WHERE name = 'new'`)
		require.NoError(t, err)
		c, err := opened.ConnectionTx(t.Context(), tx, "new")
		require.NoError(t, err)
		require.EqualValues(t, "here", c.Org)
		require.Zero(t, activities(), "before the commit")
		if commits {
			require.NoError(t, tx.Commit(t.Context()))
		} else {
			require.NoError(t, tx.Rollback(t.Context()))
		}
	}
	require.Equal(t, 1, activities())
}

// What the server refuses of one caller fails that caller alone.
func TestCaptureThatIsRefusedFailsAlone(t *testing.T) {
	t.Parallel()
	bad := captured("L1", "bad")
	bad[1].Lead.EventID = unindexable()
	c := newCrowd(t, captured("L0"), captured("L2"), bad, captured("L3"))
	c.end()
	failed := 0
	for range 4 {
		if err := <-c.errs; err != nil {
			failed++
			requireNoValue(t, err, bad[1].Lead.EventID)
		}
	}
	require.Equal(t, 1, failed)
	require.ElementsMatch(t, []leadtype.LeadID{"held", "L0", "L2", "L3"}, kept(t, c.opened))
}

// A capture that waits for the database ends with its context.
func TestCaptureEndsWithItsContext(t *testing.T) {
	t.Parallel()
	on := pool(t)
	opened, err := postgres.New(t.Context(), on, &postgres.Options{Schema: schema(t, on)})
	require.NoError(t, err)
	err = pgx.BeginFunc(t.Context(), on, func(tx pgx.Tx) error {
		if _, err := opened.CaptureTx(t.Context(), tx, connection, captured("L1")); err != nil {
			return err
		}
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		var err error
		wg.Go(func() { _, err = opened.Capture(ctx, connection, captured("L2")) })
		require.Eventually(t, func() bool { return blocked(t, opened) == 1 }, time.Minute, time.Millisecond)
		cancel()
		wg.Wait()
		require.ErrorIs(t, err, context.Canceled)
		return nil
	})
	require.NoError(t, err)
	require.Equal(t, []leadtype.LeadID{"L1"}, kept(t, opened))
}

// A capture that panics, in a hook of the host's pool, fails those that share its transaction, and keeps
// no later one waiting.
func TestCaptureThatPanicsKeepsNoOtherWaiting(t *testing.T) {
	t.Parallel()
	kept := open(t, nil)
	entered, leave := make(chan struct{}), make(chan struct{})
	var panics atomic.Bool
	panics.Store(true)
	kept.Rewrite(func(statement string) string {
		if strings.Contains(statement, "INTO leadsync.lead ") && panics.CompareAndSwap(true, false) {
			close(entered)
			<-leave
			panic("a hook")
		}
		return statement
	})
	first := make(chan any, 1)
	go func() {
		defer func() { first <- recover() }()
		_, _ = kept.Capture(context.WithoutCancel(t.Context()), connection, captured("L1"))
	}()
	<-entered
	others := make(chan error, 3)
	for i := range cap(others) {
		go func() {
			_, err := kept.Capture(context.WithoutCancel(t.Context()), connection, captured(leadtype.LeadID(fmt.Sprint("M", i))))
			others <- err
		}()
	}
	close(leave)
	require.Equal(t, "a hook", <-first)
	for range cap(others) {
		require.NoError(t, <-others)
	}
}

func TestCaptureSaysThatItsDeadlineHasPassed(t *testing.T) {
	t.Parallel()
	kept := open(t, nil)
	late := lateContext{t.Context(), make(chan struct{}), false}
	kept.Rewrite(func(statement string) string {
		if strings.Contains(statement, "INTO leadsync.lead ") {
			late.pass()
		}
		return statement
	})
	_, err := kept.Capture(late, connection, captured("L1"))
	require.ErrorIs(t, err, context.DeadlineExceeded)
}

// A lateContext passes its deadline when the test says so.
type lateContext struct {
	context.Context
	passed chan struct{}
	quiet  bool // what is being sent is not interrupted
}

func (c lateContext) Done() <-chan struct{} {
	if c.quiet {
		return nil
	}
	return c.passed
}

func (c lateContext) Err() error {
	select {
	case <-c.passed:
		return context.DeadlineExceeded
	default:
		return nil
	}
}

func (c lateContext) pass() {
	if c.Err() == nil {
		close(c.passed)
	}
}

func TestCaptureInATransactionIsUndoneWhenItsContextEnds(t *testing.T) {
	t.Parallel()
	kept := open(t, nil)
	tx, err := pool(t).Begin(t.Context())
	require.NoError(t, err)
	late := lateContext{t.Context(), make(chan struct{}), true}
	kept.Rewrite(func(statement string) string {
		if strings.Contains(statement, "UPDATE leadsync.connection SET sequence") { // the last one
			late.pass()
		}
		return statement
	})
	_, err = kept.CaptureTx(late, tx, connection, captured("L1"))
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.NoError(t, tx.Commit(t.Context()))
	listed, err := kept.List(t.Context(), connection, store.Filter{})
	require.NoError(t, err)
	require.Empty(t, listed)
}

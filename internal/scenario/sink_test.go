// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/salesforce/sftest"
	"github.com/leadsync/leadsync/store/memory"
)

// A sinkFixture is a Syncer whose sink is scripted. Each lead is a batch of its
// own.
type sinkFixture struct {
	t      *testing.T
	syncer *leadsync.Syncer
	store  leadsync.Store
	log    bytes.Buffer
}

func newSinkFixture(t *testing.T, org *sftest.Org, sink leadsync.SinkFunc) *sinkFixture {
	t.Helper()
	f := &sinkFixture{t: t, store: memory.New(nil)}
	f.syncer = timelessSyncer(t, org,
		&leadsync.Config{BatchSize: 1, Sink: sink, SinkTimeout: 10 * time.Second, Store: f.store,
			Logger: slog.New(slog.NewTextHandler(&f.log, nil))})
	return f
}

func (f *sinkFixture) capture(ids ...leadsync.LeadID) {
	f.t.Helper()
	for _, id := range ids {
		_, err := f.syncer.Capture(f.t.Context(),
			&leadsync.Lead{ID: id, LastName: "Hopper", Company: "Navy", Email: string(id) + "@navy.example"})
		require.NoError(f.t, err)
	}
}

func (f *sinkFixture) requireCleared(n int) {
	f.t.Helper()
	entries, err := f.syncer.Leads(f.t.Context(), leadsync.Filter{Stages: []leadsync.Stage{leadsync.Cleared}})
	require.NoError(f.t, err)
	require.Len(f.t, entries, n)
}

func TestRunContinuesWhenTheSinkFails(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		f := newSinkFixture(t, org, func(context.Context, []*leadsync.Outcome) error {
			calls++
			return errors.New("the ledger is full")
		})
		f.capture("L1", "L2")
		require.NoError(t, f.syncer.Drain(t.Context()))
		f.requireCleared(2)
		require.Equal(t, 2, calls, "once each")
		require.Contains(t, f.log.String(), "the ledger is full")
		require.Contains(t, f.log.String(), "connection=default")
	})
}

func TestSinkHasUntilItsTimeoutAlthoughRunIsStopped(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	synctest.Test(t, func(t *testing.T) {
		f := newSinkFixture(t, org, func(ctx context.Context, _ []*leadsync.Outcome) error {
			<-ctx.Done()
			return ctx.Err()
		})
		f.capture("L1")
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- f.syncer.Run(ctx) }()
		synctest.Wait()
		start := time.Now()
		stop()
		require.NoError(t, <-done)
		require.Equal(t, 10*time.Second, time.Since(start))
		f.requireCleared(1)
	})
}

// A sink that never returns holds up one batch, keeps no lease and no goroutine for
// each batch after it, and is called again once it came back.
func TestRunContinuesWithoutASinkThatDoesNotReturn(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	synctest.Test(t, func(t *testing.T) {
		stuck := make(chan struct{})
		var got []leadsync.LeadID
		f := newSinkFixture(t, org, func(_ context.Context, outcomes []*leadsync.Outcome) error {
			got = append(got, outcomes[0].LeadID)
			<-stuck
			return nil
		})
		start := time.Now()
		f.capture("L1", "L2", "L3")
		require.NoError(t, f.syncer.Drain(t.Context()))
		require.Equal(t, 10*time.Second, time.Since(start))
		f.requireCleared(3)
		synctest.Wait()
		require.Equal(t, []leadsync.LeadID{"L1"}, got)
		require.Equal(t, 1, bytes.Count(f.log.Bytes(), []byte("level=ERROR")))
		lease, err := f.store.Acquire(t.Context(), "default", "next", time.Minute)
		require.NoError(t, err, "the lease was given back")
		require.NoError(t, f.store.Release(t.Context(), lease))

		close(stuck)
		synctest.Wait()
		f.capture("L4")
		require.NoError(t, f.syncer.Drain(t.Context()))
		require.Equal(t, []leadsync.LeadID{"L1", "L4"}, got)
	})
}

// A Sink, and a hook, may sort and filter the slice that they get: outcome i of Sync is lead i's
// all the same. slices.DeleteFunc leaves nil behind.
func TestSinkThatFiltersItsSliceLeavesTheCallersAlone(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	filter := func(outcomes []*leadsync.Outcome) {
		slices.Reverse(outcomes)
		_ = slices.DeleteFunc(outcomes, func(o *leadsync.Outcome) bool { return o.Stage == leadsync.Cleared })
	}
	syncer := scenario.SyncerOf(t, org, &leadsync.Config{
		Trace: &leadsync.Trace{Recorded: func(_ context.Context, outcomes []*leadsync.Outcome, _ []time.Duration) {
			filter(outcomes)
		}},
		Sink: leadsync.SinkFunc(func(_ context.Context, outcomes []*leadsync.Outcome) error {
			filter(outcomes)
			return nil
		})})
	one, two := scenario.Ada(), scenario.Ada()
	two.ID, two.Email = "L2", "two@analytical.example"
	outcomes, err := syncer.Sync(t.Context(), one, two)
	require.NoError(t, err)
	require.Equal(t, one.ID, outcomes[0].LeadID)
	require.Equal(t, two.ID, outcomes[1].LeadID)
}

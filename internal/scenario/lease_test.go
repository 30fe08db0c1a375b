// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/internal/turn"
	"github.com/leadsync/leadsync/revert"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
	"github.com/leadsync/leadsync/store/memory"
)

// aProcess returns a Syncer on a store as a process of its own has it, and the context of
// that process.
func aProcess(t *testing.T, org *sftest.Org, cfg leadsync.Config) (*leadsync.Syncer, context.Context) {
	t.Helper()
	if cfg.Store != nil {
		cfg.Store = &struct{ leadsync.Store }{cfg.Store} // not the same Store in this process
	}
	return timelessSyncer(t, org, &cfg), turn.Apart(t.Context())
}

// adaNumber returns Ada with an id and an e-mail address of a number.
func adaNumber(i int) *leadsync.Lead {
	lead := scenario.Ada()
	lead.ID, lead.Email = leadsync.LeadID(fmt.Sprintf("L%d", i)), fmt.Sprintf("ada%d@analytical.example", i)
	return lead
}

// backlog captures leads and runs until ctx ends, one lead a batch.
func backlog(t *testing.T, ctx context.Context, syncer *leadsync.Syncer, leads int) (wait func()) {
	t.Helper()
	for i := range leads {
		_, err := syncer.Capture(ctx, adaNumber(i))
		require.NoError(t, err)
	}
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan error)
	go func() { done <- syncer.Run(ctx) }()
	return func() {
		cancel()
		require.NoError(t, <-done)
	}
}

// Two processes have one Store, and the same people at the same time. Nothing is doubled,
// unless Sync is not told of the Store.
func TestSyncTakesItsTurnForTheLease(t *testing.T) {
	t.Parallel()
	for _, shared := range []bool{true, false} {
		t.Run(fmt.Sprintf("shared %t", shared), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				org := sftest.NewOrg(t, sftest.WithLatency(100*time.Millisecond), sftest.WithResends())
				cfg := leadsync.Config{Store: memory.New(nil)}
				runs, runCtx := aProcess(t, org, cfg)
				if !shared {
					cfg.Store = nil
				}
				syncs, syncCtx := aProcess(t, org, cfg)
				stop := backlog(t, runCtx, runs, 20)
				var leads []*leadsync.Lead
				for i := range 20 {
					leads = append(leads, adaNumber(i))
					leads[i].ID += "b"
				}
				_, err := syncs.Sync(syncCtx, leads...)
				require.NoError(t, err)
				time.Sleep(time.Minute)
				stop()
				if shared {
					require.Equal(t, 20, org.Count("Lead"))
				} else {
					require.Less(t, 20, org.Count("Lead"))
				}
			})
		})
	}
}

// Run has many batches to do. A Sync in another process has its turn after the batch
// under way.
func TestSyncHasTheLeaseBetweenBatches(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		org := sftest.NewOrg(t, sftest.WithLatency(100*time.Millisecond))
		cfg := leadsync.Config{Store: memory.New(nil), BatchSize: 1}
		runs, runCtx := aProcess(t, org, cfg)
		syncs, syncCtx := aProcess(t, org, cfg)
		_, err := syncs.Preflight(syncCtx)
		require.NoError(t, err)
		stop := backlog(t, runCtx, runs, 30)
		time.Sleep(10 * time.Millisecond)
		for i := range 10 {
			start := time.Now()
			_, err := syncs.Sync(syncCtx, adaNumber(100+i))
			require.NoError(t, err)
			require.Less(t, time.Since(start), time.Second, "a batch of Run's, one of its own, and the asking")
		}
		require.Less(t, org.Count("Lead"), 40, "Run is not done")
		time.Sleep(time.Minute)
		stop()
		require.Equal(t, 40, org.Count("Lead"))
	})
}

// Within a process the queue is in the process: no time is lost with asking.
func TestSyncAndRunOfOneProcessQueueForTheLease(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		org := sftest.NewOrg(t, sftest.WithLatency(100*time.Millisecond))
		store := memory.New(nil)
		runs := timelessSyncer(t, org, &leadsync.Config{Store: store, BatchSize: 1})
		syncs := timelessSyncer(t, org, &leadsync.Config{Store: store})
		for _, syncer := range []*leadsync.Syncer{runs, syncs} {
			_, err := syncer.Preflight(t.Context())
			require.NoError(t, err)
		}
		stop := backlog(t, t.Context(), runs, 10)
		time.Sleep(time.Millisecond)
		for i := range 5 {
			start := time.Now()
			scenario.SyncOne(t, syncs, adaNumber(100+i))
			require.LessOrEqual(t, time.Since(start), 400*time.Millisecond, "a batch of Run's, and one of its own")
		}
		require.Equal(t, 10, org.Count("Lead"), "one batch of Run's for each of Sync's")
		time.Sleep(10 * time.Second)
		stop()
		require.Equal(t, 15, org.Count("Lead"))
	})
}

// A Run that has nothing to do, or waits because Salesforce cannot be reached, has no
// lease.
func TestAnIdleRunGivesTheLeaseBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		org := sftest.NewOrg(t)
		cfg := leadsync.Config{Store: memory.New(nil)}
		runs, runCtx := aProcess(t, org, cfg)
		syncs, syncCtx := aProcess(t, org, cfg)
		stop := backlog(t, runCtx, runs, 3)
		time.Sleep(time.Minute)
		start := time.Now()
		_, err := syncs.Sync(syncCtx, adaNumber(0))
		require.NoError(t, err)
		require.Zero(t, time.Since(start))

		org.Fail(func(*http.Request, int) *sftest.Fault { return &sftest.Fault{Status: http.StatusServiceUnavailable} })
		_, err = runs.Capture(runCtx, adaNumber(10))
		require.NoError(t, err)
		time.Sleep(time.Hour)
		start = time.Now()
		_, err = syncs.Sync(syncCtx, adaNumber(1))
		require.ErrorIs(t, err, leadsync.RemoteUnavailable)
		require.Less(t, time.Since(start), 2*time.Minute, "as long as the client tries")
		stop()
	})
}

// Syncs of two processes, one after the other without a pause, do not keep Run from the
// lease, nor one another.
func TestNobodyWaitsForTheLeaseForEver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		org := sftest.NewOrg(t, sftest.WithLatency(100*time.Millisecond))
		cfg := leadsync.Config{Store: memory.New(nil), BatchSize: 1}
		runs, runCtx := aProcess(t, org, cfg)
		var wg sync.WaitGroup
		synced := make([]int, 2)
		stop := backlog(t, runCtx, runs, 3)
		for i := range synced {
			syncs, ctx := aProcess(t, org, cfg)
			ctx, cancel := context.WithTimeout(ctx, time.Minute)
			wg.Go(func() {
				defer cancel()
				for ctx.Err() == nil {
					if _, err := syncs.Sync(ctx, adaNumber(100+i)); err == nil {
						synced[i]++
					}
				}
			})
		}
		wg.Wait()
		require.Equal(t, 5, org.Count("Lead"), "Run had its turns")
		require.Greater(t, synced[0], 15)
		require.Greater(t, synced[1], 15)
		stop()
	})
}

// A Sync whose context ends while it waits for the lease writes nothing, and holds
// nobody up.
func TestSyncThatWaitsForTheLeaseEndsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		org := sftest.NewOrg(t)
		cfg := leadsync.Config{Store: memory.New(nil)}
		syncs, ctx := aProcess(t, org, cfg)
		other, err := cfg.Store.Acquire(t.Context(), "default", "another process", time.Hour)
		require.NoError(t, err)
		ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
		defer cancel()
		var wg sync.WaitGroup
		for i := range 3 { // the others are behind it in the process
			wg.Go(func() {
				outcomes, err := syncs.Sync(ctx, adaNumber(i))
				require.ErrorIs(t, err, context.DeadlineExceeded)
				require.Equal(t, leadsync.PreSync, outcomes[0].Stage)
				require.ErrorIs(t, outcomes[0].Err, leadsync.BatchCollateral)
			})
		}
		wg.Wait()
		require.Empty(t, org.Requests())
		require.NoError(t, cfg.Store.Release(t.Context(), other))
		runs, runCtx := aProcess(t, org, cfg)
		_, err = runs.Capture(runCtx, adaNumber(0))
		require.NoError(t, err)
		start := time.Now()
		require.NoError(t, runs.Drain(runCtx))
		require.LessOrEqual(t, time.Since(start), 4*time.Second, "as long as the lease was kept for it, and a poll")
		require.Equal(t, 1, org.Count("Lead"))
	})
}

// Apply and Revert take their turn, too.
func TestApplyAndRevertWaitForTheLease(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		org := sftest.NewOrg(t)
		cfg := leadsync.Config{Store: memory.New(nil)}
		syncer, ctx := aProcess(t, org, cfg)
		plan, err := syncer.Plan(ctx, adaNumber(0))
		require.NoError(t, err)
		other, err := cfg.Store.Acquire(ctx, "default", "another process", time.Hour)
		require.NoError(t, err)
		time.AfterFunc(time.Minute, func() { _ = cfg.Store.Release(ctx, other) })
		start := time.Now()
		outcomes, err := syncer.Apply(ctx, plan)
		require.NoError(t, err)
		require.Equal(t, 1, org.Count("Lead"))
		require.GreaterOrEqual(t, time.Since(start), time.Minute)

		_, err = cfg.Store.Acquire(ctx, "default", "another process", time.Minute)
		require.NoError(t, err)
		start = time.Now()
		report, err := syncer.Revert(ctx, outcomes, revert.Options{Delete: true})
		require.NoError(t, err)
		require.Len(t, report.Deleted, 1)
		require.GreaterOrEqual(t, time.Since(start), time.Minute, "until that lease ran out")
	})
}

// A Sink that syncs something itself, with the context that it is given, does not wait
// for the batch whose outcomes it has.
func TestASinkMaySync(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		org := sftest.NewOrg(t)
		cfg := &leadsync.Config{Store: memory.New(nil)}
		syncs := timelessSyncer(t, org, cfg)
		withSink := *cfg
		withSink.Sink = leadsync.SinkFunc(func(ctx context.Context, outcomes []*leadsync.Outcome) error {
			_, err := syncs.Sync(ctx, adaNumber(100))
			return err
		})
		runs := timelessSyncer(t, org, &withSink)
		stop := backlog(t, t.Context(), runs, 1)
		synctest.Wait()
		require.Equal(t, 2, org.Count("Lead"))
		stop()
	})
}

// A stuck Client does not return, whatever becomes of its context.
type stuck struct {
	leadsync.Client
	until chan struct{}
}

func (c stuck) Write(context.Context, ...salesforce.Write) ([]salesforce.WriteResult, error) {
	<-c.until
	return nil, context.Canceled
}

// Work that does not end with its context gives up its turn, in the process and for the
// lease.
func TestAStuckClientHoldsUpNobody(t *testing.T) {
	t.Parallel()
	for name, work := range map[string]func(context.Context, *leadsync.Syncer){
		"Sync": func(ctx context.Context, syncer *leadsync.Syncer) { _, _ = syncer.Sync(ctx, adaNumber(0)) },
		"Run": func(ctx context.Context, syncer *leadsync.Syncer) {
			_, _ = syncer.Capture(ctx, adaNumber(0))
			_ = syncer.Run(ctx)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				org := sftest.NewOrg(t)
				cfg := &leadsync.Config{Store: memory.New(nil), Gather: leadsync.NoGather}
				client := stuck{timelessClient(t, org, &http.Client{Transport: org.Transport()}), make(chan struct{})}
				first, err := leadsync.New(client, cfg)
				require.NoError(t, err)
				ctx, cancel := context.WithCancel(t.Context())
				var wg sync.WaitGroup
				wg.Go(func() { work(ctx, first) })
				time.Sleep(time.Second)
				cancel()
				start := time.Now()
				_, err = timelessSyncer(t, org, cfg).Sync(t.Context(), adaNumber(0))
				if name == "Run" {
					require.ErrorIs(t, err, leadsync.UncertainWrite, "the Store has its create")
				} else {
					require.NoError(t, err)
				}
				require.Less(t, time.Since(start), 6*time.Minute, "the lease ran out")
				close(client.until)
				wg.Wait()
			})
		})
	}
}

// Two processes run on one Store for long: each has its time, and the lease is not passed
// on with each batch.
func TestTwoRunsPassTheLeaseOnNowAndThen(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		org := sftest.NewOrg(t, sftest.WithLatency(time.Second))
		cfg := leadsync.Config{Store: memory.New(nil), BatchSize: 1}
		first, ctx := aProcess(t, org, cfg)
		second, otherCtx := aProcess(t, org, cfg)
		stop := backlog(t, ctx, first, 40)
		stopOther := backlog(t, otherCtx, second, 0)
		time.Sleep(3 * time.Minute)
		stop()
		stopOther()
		require.Equal(t, 40, org.Count("Lead"))
		lease, err := cfg.Store.Acquire(t.Context(), "default", "a third process", time.Minute)
		require.NoError(t, err)
		require.Greater(t, lease.Epoch, int64(4), "of 80 seconds each has its part")
		require.Less(t, lease.Epoch, int64(25))
	})
}

package leadsync

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce"
)

func TestRunLetsABatchFinishWhenItIsStopped(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newRunFixture(t, runner{batchSize: 1})
		f.sync = func(ctx context.Context, items []*item, journal journalFunc) ([]result, error) {
			select {
			case <-time.After(stopGrace - time.Second):
			case <-ctx.Done():
			}
			return clearAll(ctx, items, journal)
		}
		f.capture("L1", "L2")
		stop := f.start()
		synctest.Wait()
		require.NoError(t, stop())
		f.requireCleared("L1")
		require.Equal(t, StateQueued, f.entry("L2").State)
		require.Len(t, f.sink, 1)
	})
}

func TestRunGivesABatchBackThatDoesNotFinish(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		f := newRunFixture(t, runner{})
		f.sync = block
		f.capture("L1")
		stop := f.start()
		synctest.Wait()
		require.NoError(t, stop())
		require.Equal(t, stopGrace, time.Since(start))
		entry := f.entry("L1")
		require.Equal(t, StateQueued, entry.State)
		require.Zero(t, entry.Attempts)
		require.Nil(t, entry.Last)
		require.Empty(t, f.sink)
		_, err := f.runner.store.Acquire(t.Context(), "default", "next", time.Minute)
		require.NoError(t, err, "the lease was given back")
	})
}

func TestRunKeepsWhatWasWrittenBeforeTheConnectionBroke(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newRunFixture(t, runner{})
		broken := &Error{Op: "write", Code: StorageLimit}
		f.sync = func(_ context.Context, items []*item, _ journalFunc) ([]result, error) {
			return settleAll(items, func(it *item) *Outcome {
				if it.lead.ID == "L1" {
					return &Outcome{Stage: Cleared, Action: Created}
				}
				return &Outcome{Stage: PreSync, Err: broken, RetryAt: time.Now()}
			}), broken
		}
		f.capture("L1", "L2")
		require.ErrorIs(t, f.drainer().run(t.Context()), StorageLimit)
		f.requireCleared("L1")
		entry := f.entry("L2")
		require.Equal(t, StateQueued, entry.State)
		require.Zero(t, entry.Attempts)
	})
}

func TestRunKeepsTheLastOutcomeOfLeadsGivenBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newRunFixture(t, runner{})
		f.sync = func(_ context.Context, items []*item, _ journalFunc) ([]result, error) {
			return settleAll(items, func(*item) *Outcome {
				return &Outcome{Stage: Cleared, Action: Created, Object: salesforce.ObjectLead, ID: "00Q000000000001AAA"}
			}), nil
		}
		f.capture("L1")
		require.NoError(t, f.drain(t.Context()))
		f.sync = refuse(&Error{Op: "match", Code: Authentication})
		f.push(t.Context(), Filter{})
		require.ErrorIs(t, f.drainer().run(t.Context()), Authentication)
		last := f.entry("L1").Last
		require.Equal(t, salesforce.ID("00Q000000000001AAA"), last.ID)
		require.Equal(t, PreSync, last.Stage)
		require.Empty(t, last.Action)
	})
}

func TestRunRenewsTheLeaseWhileABatchLasts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newRunFixture(t, runner{leaseTTL: time.Minute})
		f.sync = script(func(ctx context.Context, items []*item, journal journalFunc) ([]result, error) {
			for range 10 {
				time.Sleep(20 * time.Second)
				_, err := f.runner.store.Acquire(ctx, "default", "thief", time.Minute)
				require.ErrorIs(t, err, ErrLeaseHeld)
			}
			require.NoError(t, ctx.Err())
			return clearAll(ctx, items, journal)
		})
		f.capture("L1")
		require.NoError(t, f.drain(t.Context()))
		require.Len(t, f.batches, 1)
		f.requireCleared("L1")
	})
}

func TestRunStopsABatchBeforeTheLeaseRunsOut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var down atomic.Bool
		faulty := &faultyStore{Store: NewMemoryStore(nil), fail: func(call string) error {
			if call == "acquire" && down.Load() {
				return errors.New("disk on fire")
			}
			return nil
		}}
		f := newRunFixture(t, runner{store: faulty, leaseTTL: time.Minute})
		start := time.Now()
		f.sync = script(func(ctx context.Context, _ []*item, _ journalFunc) ([]result, error) {
			down.Store(true)
			defer down.Store(false)
			<-ctx.Done()
			require.Less(t, time.Since(start), time.Minute)
			require.ErrorIs(t, context.Cause(ctx), ErrLeaseLost)
			return nil, ctx.Err()
		})
		f.capture("L1")
		require.NoError(t, f.drain(t.Context()))
		require.Len(t, f.batches, 2)
		f.requireCleared("L1")
		require.Equal(t, 1, f.entry("L1").Attempts)
		require.Contains(t, f.log.String(), "the lease on the connection was lost")
	})
}

func TestRunDropsOutcomesAfterALostLease(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		frozen := make(chan struct{})
		var stalled atomic.Bool
		kept := NewMemoryStore(nil)
		slow := &faultyStore{Store: kept, fail: func(string) error {
			if stalled.Load() {
				<-frozen // the process sleeps through the end of its lease
			}
			return nil
		}}
		old := newRunFixture(t, runner{store: slow, leaseTTL: time.Minute})
		old.sync = func(ctx context.Context, items []*item, journal journalFunc) ([]result, error) {
			stalled.Store(true)
			<-frozen
			stalled.Store(false)
			return failWith(DataValueValidation)(ctx, items, journal)
		}
		old.capture("L1")
		stop := old.start()
		synctest.Wait()

		other := newRunFixture(t, runner{store: kept, leaseTTL: time.Minute})
		require.NoError(t, other.drain(t.Context()))
		other.requireCleared("L1")
		close(frozen)
		synctest.Wait()
		require.NoError(t, stop())
		other.requireCleared("L1")
		require.Empty(t, old.sink)
		require.Contains(t, old.log.String(), "the lease on the connection was lost")
	})
}

func TestRunJournalsBeforeItWrites(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newRunFixture(t, runner{store: &faultyStore{Store: NewMemoryStore(nil), fail: failOnce(1, "journal")}})
		intent := Intent{Kind: PartTask, Object: "Task", Key: "A1", SentAt: time.Now().UTC()}
		wrote := 0
		f.sync = func(ctx context.Context, items []*item, journal journalFunc) ([]result, error) {
			if err := journal(ctx, map[LeadID][]Intent{"L1": {intent}}); err != nil {
				return nil, err
			}
			wrote++
			return clearAll(ctx, items, journal)
		}
		f.capture("L1")
		stop := f.start()
		time.Sleep(time.Minute)
		synctest.Wait()
		require.NoError(t, stop())
		require.Equal(t, 1, wrote)
		require.Len(t, f.batches, 2)
		f.requireCleared("L1")
	})
}

func TestRunHoldsALeadThatOnlyAPersonCanHelp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newRunFixture(t, runner{})
		f.sync = func(_ context.Context, items []*item, _ journalFunc) ([]result, error) {
			return settleAll(items, func(*item) *Outcome { return &Outcome{Stage: PreSync} }), nil
		}
		f.capture("L1")
		require.NoError(t, f.drain(t.Context()))
		require.Len(t, f.batches, 1)
		require.Equal(t, StateFrozen, f.entry("L1").State)
	})
}

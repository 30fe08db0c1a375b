// SPDX-License-Identifier: Apache-2.0

package drain

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/internal/match"
	"github.com/leadsync/leadsync/internal/write"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/memory"
)

func TestRunLetsABatchFinishWhenItIsStopped(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newRunFixture(t, Runner{BatchSize: 1})
		f.sync = func(ctx context.Context, items []*match.Item, journal write.JournalFunc) error {
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
		require.Equal(t, store.StateQueued, f.entry("L2").State)
		require.Len(t, f.sink, 1)
	})
}

// The parts of a batch may be taken in another order than its leads were claimed in, and a
// lead twice: what was written last is what the record is remembered with.
func TestABatchRemembersRecordsInTheOrderOfTheWrites(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		title := &salesforce.Field{Name: "Title", Type: "string"}
		const shared, own = "003000000000001AAA", "003000000000002AAA"
		wrote := func(order int64, id salesforce.ID, value string) leadtype.RecordMemory {
			record := leadtype.RecordMemory{ID: id, Order: order}
			record.Note(title, value, time.Time{})
			return record
		}
		f := newRunFixture(t, Runner{})
		f.sync = func(ctx context.Context, items []*match.Item, journal write.JournalFunc) error {
			items[0].Records = []leadtype.RecordMemory{wrote(2, shared, "second"), wrote(5, own, "own")}
			items[1].Records = []leadtype.RecordMemory{wrote(1, shared, "first"), wrote(4, shared, "fourth")}
			items[2].Records = []leadtype.RecordMemory{wrote(3, shared, "third")}
			return clearAll(ctx, items, journal)
		}
		f.capture("L1", "L2", "L3")
		require.NoError(t, f.drain(t.Context()))
		records, err := f.runner.Store.Records(t.Context(), "default", []salesforce.ID{shared, own})
		require.NoError(t, err)
		for id, last := range map[salesforce.ID]string{shared: "fourth", own: "own"} {
			record := records[id]
			hold, _ := record.Holds(title, last)
			require.Equal(t, leadtype.HoldOurs, hold, last)
		}
	})
}

func TestRunGivesABatchBackThatDoesNotFinish(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		f := newRunFixture(t, Runner{})
		f.sync = block
		f.capture("L1")
		stop := f.start()
		synctest.Wait()
		require.NoError(t, stop())
		require.Equal(t, stopGrace, time.Since(start))
		entry := f.entry("L1")
		require.Equal(t, store.StateQueued, entry.State)
		require.Zero(t, entry.Attempts)
		require.Nil(t, entry.Last)
		require.Empty(t, f.sink)
		_, err := f.runner.Store.Acquire(t.Context(), "default", "next", time.Minute)
		require.NoError(t, err, "the lease was given back")
	})
}

func TestRunKeepsWhatWasWrittenBeforeTheConnectionBroke(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newRunFixture(t, Runner{})
		broken := &leadtype.Error{Op: "write", Code: leadtype.StorageLimit}
		f.sync = func(_ context.Context, items []*match.Item, _ write.JournalFunc) error {
			settleAll(items, func(it *match.Item) *leadtype.Outcome {
				if it.Lead.ID == "L1" {
					return &leadtype.Outcome{Stage: leadtype.Cleared, Action: leadtype.Created}
				}
				return &leadtype.Outcome{Stage: leadtype.PreSync, Err: broken, RetryAt: time.Now()}
			})
			return broken
		}
		f.capture("L1", "L2")
		require.ErrorIs(t, f.drainer().Run(t.Context()), leadtype.StorageLimit)
		f.requireCleared("L1")
		entry := f.entry("L2")
		require.Equal(t, store.StateQueued, entry.State)
		require.Zero(t, entry.Attempts)
	})
}

func TestRunKeepsTheLastOutcomeOfLeadsGivenBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newRunFixture(t, Runner{})
		f.sync = func(_ context.Context, items []*match.Item, _ write.JournalFunc) error {
			settleAll(items, func(*match.Item) *leadtype.Outcome {
				return &leadtype.Outcome{Stage: leadtype.Cleared, Action: leadtype.Created, Object: salesforce.ObjectLead,
					ID: "00Q000000000001AAA"}
			})
			return nil
		}
		f.capture("L1")
		require.NoError(t, f.drain(t.Context()))
		f.sync = refuse(&leadtype.Error{Op: "match", Code: leadtype.Authentication})
		f.push(t.Context(), store.Filter{})
		require.ErrorIs(t, f.drainer().Run(t.Context()), leadtype.Authentication)
		last := f.entry("L1").Last
		require.Equal(t, salesforce.ID("00Q000000000001AAA"), last.ID)
		require.Equal(t, leadtype.PreSync, last.Stage)
		require.Empty(t, last.Action)
	})
}

func TestRunRenewsTheLeaseWhileABatchLasts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newRunFixture(t, Runner{LeaseTTL: time.Minute})
		f.sync = script(func(ctx context.Context, items []*match.Item, journal write.JournalFunc) error {
			for range 10 {
				time.Sleep(20 * time.Second)
				_, err := f.runner.Store.Acquire(ctx, "default", "thief", time.Minute)
				require.ErrorIs(t, err, store.ErrLeaseHeld)
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
		faulty := &faultyStore{Store: memory.New(nil), fail: func(call string) error {
			if call == "acquire" && down.Load() {
				return errors.New("disk on fire")
			}
			return nil
		}}
		f := newRunFixture(t, Runner{Store: faulty, LeaseTTL: time.Minute})
		start := time.Now()
		f.sync = script(func(ctx context.Context, _ []*match.Item, _ write.JournalFunc) error {
			down.Store(true)
			defer down.Store(false)
			<-ctx.Done()
			require.Less(t, time.Since(start), time.Minute)
			require.ErrorIs(t, context.Cause(ctx), store.ErrLeaseLost)
			return ctx.Err()
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
		kept := memory.New(nil)
		slow := &faultyStore{Store: kept, fail: func(string) error {
			if stalled.Load() {
				<-frozen // the process sleeps through the end of its lease
			}
			return nil
		}}
		old := newRunFixture(t, Runner{Store: slow, LeaseTTL: time.Minute})
		old.sync = func(ctx context.Context, items []*match.Item, journal write.JournalFunc) error {
			stalled.Store(true)
			<-frozen
			stalled.Store(false)
			return failWith(leadtype.DataValueValidation)(ctx, items, journal)
		}
		old.capture("L1")
		stop := old.start()
		synctest.Wait()

		other := newRunFixture(t, Runner{Store: kept, LeaseTTL: time.Minute})
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
		f := newRunFixture(t, Runner{Store: &faultyStore{Store: memory.New(nil), fail: failOnce(1, "journal")}})
		intent := leadtype.Intent{Kind: leadtype.PartTask, Object: "Task", Key: "A1", SentAt: time.Now().UTC()}
		wrote := 0
		f.sync = func(ctx context.Context, items []*match.Item, journal write.JournalFunc) error {
			if err := journal(ctx, map[leadtype.LeadID][]leadtype.Intent{"L1": {intent}}); err != nil {
				return err
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
		f := newRunFixture(t, Runner{})
		f.sync = func(_ context.Context, items []*match.Item, _ write.JournalFunc) error {
			settleAll(items, func(*match.Item) *leadtype.Outcome {
				return &leadtype.Outcome{Stage: leadtype.PreSync}
			})
			return nil
		}
		f.capture("L1")
		require.NoError(t, f.drain(t.Context()))
		require.Len(t, f.batches, 1)
		require.Equal(t, store.StateFrozen, f.entry("L1").State)
	})
}

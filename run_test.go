package leadsync

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce"
)

// These tests are within the package, to put a pipeline of their own into the
// loop. They run in virtual time.

// A syncFunc stands for syncBatch.
type syncFunc = func(context.Context, []*item, journalFunc) ([]result, error)

// A runFixture is a Syncer whose pipeline is scripted.
type runFixture struct {
	t    *testing.T
	s    *Syncer
	sync syncFunc
	log  bytes.Buffer
	sink []*Outcome

	mu      sync.Mutex
	batches [][]LeadID
}

// newRunFixture returns a fixture on a memory store. Every lead clears unless
// sync says otherwise.
func newRunFixture(t *testing.T, cfg Config) *runFixture {
	t.Helper()
	f := &runFixture{t: t, sync: clearAll}
	if cfg.Store == nil {
		cfg.Store = NewMemoryStore(nil)
	}
	cfg.Logger = slog.New(slog.NewTextHandler(&f.log, nil))
	cfg.Sink = SinkFunc(func(_ context.Context, outcomes []*Outcome) error {
		f.sink = append(f.sink, outcomes...)
		return nil
	})
	s, err := New(struct{ Client }{}, &cfg) // no test reaches the client
	require.NoError(t, err)
	f.s = s
	return f
}

func (f *runFixture) drainer() *drainer {
	d := f.s.newDrainer()
	d.random = func() float64 { return 0.5 }
	d.sync = func(ctx context.Context, items []*item, journal journalFunc) ([]result, error) {
		ids := make([]LeadID, len(items))
		for i, it := range items {
			ids[i] = it.lead.ID
		}
		f.mu.Lock()
		f.batches = append(f.batches, ids)
		f.mu.Unlock()
		return f.sync(ctx, items, journal)
	}
	return d
}

// drain is Drain with the script.
func (f *runFixture) drain(ctx context.Context) error {
	d := f.drainer()
	d.once = true
	if err := d.run(ctx); err != nil || d.drained {
		return err
	}
	return ctx.Err()
}

// start is Run with the script. stop ends it and returns its error.
func (f *runFixture) start() (stop func() error) {
	ctx, cancel := context.WithCancel(f.t.Context())
	done := make(chan error, 1)
	go func() { done <- f.drainer().run(ctx) }()
	return func() error {
		cancel()
		return <-done
	}
}

func (f *runFixture) capture(ids ...LeadID) {
	f.t.Helper()
	leads := make([]*Lead, len(ids))
	for i, id := range ids {
		leads[i] = &Lead{ID: id, Email: "a@example.com"}
	}
	_, err := f.s.Capture(f.t.Context(), leads...)
	require.NoError(f.t, err)
}

func (f *runFixture) entry(id LeadID) Entry {
	f.t.Helper()
	entries, err := f.s.Leads(f.t.Context(), Filter{Leads: []LeadID{id}})
	require.NoError(f.t, err)
	require.Len(f.t, entries, 1)
	return entries[0]
}

func (f *runFixture) requireCleared(ids ...LeadID) {
	f.t.Helper()
	for _, id := range ids {
		require.Equal(f.t, Cleared, f.entry(id).Stage, string(id))
	}
}

func (f *runFixture) synced() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.batches)
}

// settleAll gives each item an outcome.
func settleAll(items []*item, outcome func(*item) *Outcome) []result {
	results := make([]result, len(items))
	for i, it := range items {
		out := outcome(it)
		out.LeadID, out.At = it.lead.ID, time.Now()
		results[i] = result{outcome: out, intents: it.intents}
	}
	return results
}

func clearAll(_ context.Context, items []*item, _ journalFunc) ([]result, error) {
	return settleAll(items, func(*item) *Outcome { return &Outcome{Stage: Cleared, Action: Created} }), nil
}

// failWith fails every item with code.
func failWith(code Code) syncFunc {
	return func(_ context.Context, items []*item, _ journalFunc) ([]result, error) {
		return settleAll(items, func(*item) *Outcome { return &Outcome{Stage: Failed, Err: &Error{Op: "write", Code: code}} }), nil
	}
}

// script runs one function per batch, and clears what comes after.
func script(steps ...syncFunc) syncFunc {
	var n atomic.Int64
	return func(ctx context.Context, items []*item, journal journalFunc) ([]result, error) {
		if k := int(n.Add(1)) - 1; k < len(steps) {
			return steps[k](ctx, items, journal)
		}
		return clearAll(ctx, items, journal)
	}
}

// refuse is a batch that the connection refuses.
func refuse(err error) syncFunc {
	return func(context.Context, []*item, journalFunc) ([]result, error) { return nil, err }
}

// block is a batch that ends with its context.
func block(ctx context.Context, _ []*item, _ journalFunc) ([]result, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

// A faultyStore fails calls on demand.
type faultyStore struct {
	Store
	fail func(call string) error
}

func (s *faultyStore) Acquire(ctx context.Context, connection, owner string, ttl time.Duration) (Lease, error) {
	if err := s.fail("acquire"); err != nil {
		return Lease{}, err
	}
	return s.Store.Acquire(ctx, connection, owner, ttl)
}

func (s *faultyStore) Claim(ctx context.Context, lease Lease, limit int) ([]Claimed, error) {
	if err := s.fail("claim"); err != nil {
		return nil, err
	}
	return s.Store.Claim(ctx, lease, limit)
}

func (s *faultyStore) Journal(ctx context.Context, lease Lease, intents map[LeadID][]Intent) error {
	if err := s.fail("journal"); err != nil {
		return err
	}
	return s.Store.Journal(ctx, lease, intents)
}

func (s *faultyStore) Settle(ctx context.Context, lease Lease, settlements []Settlement) ([]LeadID, error) {
	if err := s.fail("settle"); err != nil {
		return nil, err
	}
	return s.Store.Settle(ctx, lease, settlements)
}

func (s *faultyStore) Release(ctx context.Context, lease Lease) error {
	if err := s.fail("release"); err != nil {
		return err
	}
	return s.Store.Release(ctx, lease)
}

// failOnce fails the n-th call of each name, from 1.
func failOnce(n int, names ...string) func(string) error {
	var mu sync.Mutex
	calls := make(map[string]int)
	return func(call string) error {
		mu.Lock()
		defer mu.Unlock()
		calls[call]++
		for _, name := range names {
			if name == call && calls[call] == n {
				return errors.New("disk on fire")
			}
		}
		return nil
	}
}

func TestDrainSyncsInBatchesFromTheOldestOn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newRunFixture(t, Config{BatchSize: 2})
		f.capture("L3", "L1", "L2", "L5", "L4")
		require.NoError(t, f.drain(t.Context()))
		require.Equal(t, [][]LeadID{{"L3", "L1"}, {"L2", "L5"}, {"L4"}}, f.batches)
		f.requireCleared("L1", "L2", "L3", "L4", "L5")
		require.Len(t, f.sink, 5)
		require.Equal(t, LeadID("L3"), f.sink[0].LeadID)
	})
}

func TestDrainOfNothingReturnsAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		f := newRunFixture(t, Config{Mode: Disabled})
		require.NoError(t, f.drain(t.Context()))
		require.Zero(t, time.Since(start))
	})
}

func TestDrainWaitsForRetriesAndGivesUpInTheEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		f := newRunFixture(t, Config{})
		f.sync = failWith(RowContention)
		f.capture("L1")
		require.NoError(t, f.drain(t.Context()))
		entry := f.entry("L1")
		require.Equal(t, Failed, entry.Stage)
		require.Equal(t, 8, entry.Attempts)
		require.Len(t, f.sink, 8)
		require.Greater(t, time.Since(start), time.Minute)
	})
}

func TestDrainReturnsTheContextsErrorWhenLeadsAreLeft(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newRunFixture(t, Config{Mode: Disabled})
		f.capture("L1")
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		require.Equal(t, context.DeadlineExceeded, f.drain(ctx))
		require.Empty(t, f.batches)
	})
}

func TestDrainSyncsALeadAgainThatIsCapturedInFlight(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newRunFixture(t, Config{})
		f.sync = script(func(ctx context.Context, items []*item, journal journalFunc) ([]result, error) {
			_, err := f.s.Capture(ctx, &Lead{ID: "L1", Email: "new@example.com"})
			require.NoError(t, err)
			return clearAll(ctx, items, journal)
		}, func(ctx context.Context, items []*item, journal journalFunc) ([]result, error) {
			require.Equal(t, "new@example.com", items[0].lead.Email)
			require.Equal(t, Cleared, items[0].last.Stage)
			return clearAll(ctx, items, journal)
		})
		f.capture("L1")
		require.NoError(t, f.drain(t.Context()))
		require.Len(t, f.batches, 2)
		f.requireCleared("L1")
	})
}

func TestRunWakesOnCaptureAndPush(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newRunFixture(t, Config{Poll: time.Hour})
		stop := f.start()
		synctest.Wait()
		start := time.Now()
		f.capture("L1")
		synctest.Wait()
		f.requireCleared("L1")
		_, err := f.s.Push(t.Context(), Filter{})
		require.NoError(t, err)
		synctest.Wait()
		require.Equal(t, 2, f.synced())
		require.Zero(t, time.Since(start))
		require.NoError(t, stop())
	})
}

func TestRunFindsLeadsWithoutAHint(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newRunFixture(t, Config{})
		stop := f.start()
		synctest.Wait()
		_, err := f.s.cfg.Store.Capture(t.Context(), "default", []Captured{{Lead: &Lead{ID: "L1"}, State: StateQueued}})
		require.NoError(t, err)
		time.Sleep(f.s.cfg.Poll)
		synctest.Wait()
		f.requireCleared("L1")
		require.NoError(t, stop())
	})
}

func TestRunLetsABatchFinishWhenItIsStopped(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newRunFixture(t, Config{BatchSize: 1})
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
		f := newRunFixture(t, Config{})
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
		_, err := f.s.cfg.Store.Acquire(t.Context(), "default", "next", time.Minute)
		require.NoError(t, err, "the lease was given back")
	})
}

func TestRunEndsOnceWhenTheConnectionHasToBeMended(t *testing.T) {
	t.Parallel()
	for _, code := range []Code{Authentication, StorageLimit} {
		t.Run(string(code), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newRunFixture(t, Config{})
				f.sync = refuse(&Error{Op: "match", Code: code})
				f.capture("L1", "L2")
				err := f.drainer().run(t.Context())
				require.ErrorIs(t, err, code)
				require.IsType(t, &Error{}, err)
				require.Len(t, f.batches, 1)
				require.Empty(t, f.sink)
				require.Equal(t, 1, bytes.Count(f.log.Bytes(), []byte("level=ERROR")))
				for _, id := range []LeadID{"L1", "L2"} {
					entry := f.entry(id)
					require.Equal(t, PreSync, entry.Stage)
					require.Equal(t, StateQueued, entry.State)
					require.Zero(t, entry.Attempts)
					require.ErrorIs(t, entry.Last.Err, code)
					require.Equal(t, id, entry.Last.Err.LeadID)
				}
				f.sync = clearAll
				require.NoError(t, f.drain(t.Context()))
				f.requireCleared("L1", "L2")
			})
		})
	}
}

func TestRunKeepsWhatWasWrittenBeforeTheConnectionBroke(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newRunFixture(t, Config{})
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

func TestRunBacksOffWhileSalesforceIsAway(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		away := refuse(&Error{Op: "match", Code: RemoteUnavailable})
		f := newRunFixture(t, Config{})
		var at []time.Duration
		start := time.Now()
		steps := script(away, away, away, away, away, away, away, away, away, away, away)
		f.sync = func(ctx context.Context, items []*item, journal journalFunc) ([]result, error) {
			at = append(at, time.Since(start))
			return steps(ctx, items, journal)
		}
		f.capture("L1")
		require.NoError(t, f.drain(t.Context()))
		f.requireCleared("L1")
		require.Equal(t, 1, f.entry("L1").Attempts, "failures of the connection are not the lead's")
		require.Len(t, at, 12)
		for i := 1; i < len(at); i++ {
			require.Equal(t, backoff(i, time.Second, 5*time.Minute, 0.5), at[i]-at[i-1])
		}
		require.Equal(t, 1, bytes.Count(f.log.Bytes(), []byte("level=ERROR")), "one incident")
		require.Equal(t, 1, bytes.Count(f.log.Bytes(), []byte("goes on")))
		require.Len(t, f.sink, 1)
	})
}

func TestRunWaitsAsLongAsSalesforceAsks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		f := newRunFixture(t, Config{})
		f.sync = script(refuse(&Error{Op: "match", Code: RateLimit, Err: &salesforce.Error{HTTPStatus: 429, RetryAfter: 42 * time.Minute}}))
		f.capture("L1")
		require.NoError(t, f.drain(t.Context()))
		require.Equal(t, 42*time.Minute, time.Since(start))
	})
}

func TestRunKeepsTheLastOutcomeOfLeadsGivenBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newRunFixture(t, Config{})
		f.sync = func(_ context.Context, items []*item, _ journalFunc) ([]result, error) {
			return settleAll(items, func(*item) *Outcome {
				return &Outcome{Stage: Cleared, Action: Created, Object: salesforce.ObjectLead, ID: "00Q000000000001AAA"}
			}), nil
		}
		f.capture("L1")
		require.NoError(t, f.drain(t.Context()))
		f.sync = refuse(&Error{Op: "match", Code: Authentication})
		_, err := f.s.Push(t.Context(), Filter{})
		require.NoError(t, err)
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
		f := newRunFixture(t, Config{LeaseTTL: time.Minute})
		f.sync = script(func(ctx context.Context, items []*item, journal journalFunc) ([]result, error) {
			for range 10 {
				time.Sleep(20 * time.Second)
				_, err := f.s.cfg.Store.Acquire(ctx, "default", "thief", time.Minute)
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
		store := &faultyStore{Store: NewMemoryStore(nil), fail: func(call string) error {
			if call == "acquire" && down.Load() {
				return errors.New("disk on fire")
			}
			return nil
		}}
		f := newRunFixture(t, Config{Store: store, LeaseTTL: time.Minute})
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
	})
}

func TestRunDropsOutcomesAfterALostLease(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		frozen := make(chan struct{})
		var stalled atomic.Bool
		store := NewMemoryStore(nil)
		slow := &faultyStore{Store: store, fail: func(string) error {
			if stalled.Load() {
				<-frozen // the process sleeps through the end of its lease
			}
			return nil
		}}
		old := newRunFixture(t, Config{Store: slow, LeaseTTL: time.Minute})
		old.sync = func(ctx context.Context, items []*item, journal journalFunc) ([]result, error) {
			stalled.Store(true)
			<-frozen
			stalled.Store(false)
			return failWith(DataValueValidation)(ctx, items, journal)
		}
		old.capture("L1")
		stop := old.start()
		synctest.Wait()

		other := newRunFixture(t, Config{Store: store, LeaseTTL: time.Minute})
		require.NoError(t, other.drain(t.Context()))
		other.requireCleared("L1")
		close(frozen)
		synctest.Wait()
		require.NoError(t, stop())
		other.requireCleared("L1")
		require.Empty(t, old.sink)
		require.Contains(t, old.log.String(), "took the connection over")
	})
}

func TestRunStandsByUntilTheOtherLeavesOff(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := NewMemoryStore(nil)
		first := newRunFixture(t, Config{Store: store})
		first.sync = block
		first.capture("L1")
		stopFirst := first.start()
		synctest.Wait()
		second := newRunFixture(t, Config{Store: store})
		stopSecond := second.start()
		time.Sleep(time.Hour)
		require.Empty(t, second.batches)
		require.NoError(t, stopFirst())
		time.Sleep(2 * second.s.cfg.Poll)
		synctest.Wait()
		second.requireCleared("L1")
		require.NoError(t, stopSecond())
	})
}

func TestRunTakesOverFromADeadProcess(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newRunFixture(t, Config{LeaseTTL: time.Minute})
		f.capture("L1")
		ctx, store := t.Context(), f.s.cfg.Store
		lease, err := store.Acquire(ctx, "default", "dead", time.Minute)
		require.NoError(t, err)
		_, err = store.Claim(ctx, lease, 1)
		require.NoError(t, err)
		sent := Intent{Kind: PartPerson, Object: salesforce.ObjectLead, SentAt: time.Now().UTC()}
		require.NoError(t, store.Journal(ctx, lease, map[LeadID][]Intent{"L1": {sent}}))
		start := time.Now()
		f.sync = func(ctx context.Context, items []*item, journal journalFunc) ([]result, error) {
			require.Equal(t, []Intent{sent}, items[0].intents)
			return clearAll(ctx, items, journal)
		}
		require.NoError(t, f.drain(ctx))
		require.Equal(t, time.Minute, time.Since(start))
		f.requireCleared("L1")
	})
}

func TestRunJournalsBeforeItWrites(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newRunFixture(t, Config{Store: &faultyStore{Store: NewMemoryStore(nil), fail: failOnce(1, "journal")}})
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

func TestRunSurvivesAStoreThatFails(t *testing.T) {
	t.Parallel()
	for _, calls := range [][]string{{"acquire"}, {"claim"}, {"settle"}, {"settle", "release"}} {
		t.Run(fmt.Sprint(calls), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newRunFixture(t, Config{Store: &faultyStore{Store: NewMemoryStore(nil), fail: failOnce(1, calls...)}})
				f.capture("L1")
				stop := f.start()
				time.Sleep(2 * f.s.cfg.LeaseTTL)
				synctest.Wait()
				f.requireCleared("L1")
				require.NoError(t, stop())
				require.Equal(t, 1, bytes.Count(f.log.Bytes(), []byte("level=ERROR")))
				require.Len(t, f.sink, 1)
			})
		})
	}
}

func TestDrainReturnsTheStoresError(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newRunFixture(t, Config{Store: &faultyStore{Store: NewMemoryStore(nil), fail: failOnce(1, "settle")}})
		f.capture("L1")
		err := f.drain(t.Context())
		require.EqualError(t, err, "leadsync: drain: UNKNOWN: the store failed: disk on fire")
		require.Equal(t, StateQueued, f.entry("L1").State, "nothing stays in flight")
		require.Empty(t, f.sink)
	})
}

func TestRunPausesWhileDisabled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newRunFixture(t, Config{Mode: Disabled})
		stop := f.start()
		f.capture("L1")
		time.Sleep(time.Hour)
		require.Zero(t, f.synced())
		require.NoError(t, f.s.SetMode(t.Context(), Automatic))
		synctest.Wait()
		f.requireCleared("L1")
		require.NoError(t, f.s.SetMode(t.Context(), Disabled))
		f.capture("L2")
		time.Sleep(time.Hour)
		require.Equal(t, StateQueued, f.entry("L2").State)
		require.NoError(t, stop())
	})
}

func TestRunReleasesFrozenLeadsUnderAutomaticOnly(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := NewMemoryStore(nil)
		manual := newRunFixture(t, Config{Store: store, Mode: Manual})
		manual.capture("L1", "L2")
		require.NoError(t, manual.drain(t.Context()))
		require.Equal(t, StateFrozen, manual.entry("L1").State)
		n, err := manual.s.Push(t.Context(), Filter{Leads: []LeadID{"L1"}})
		require.NoError(t, err)
		require.Equal(t, 1, n)
		require.NoError(t, manual.drain(t.Context()))
		require.Equal(t, [][]LeadID{{"L1"}}, manual.batches)

		automatic := newRunFixture(t, Config{Store: store})
		require.NoError(t, automatic.drain(t.Context()))
		require.Equal(t, [][]LeadID{{"L2"}}, automatic.batches)
	})
}

func TestRunHoldsALeadThatOnlyAPersonCanHelp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newRunFixture(t, Config{})
		f.sync = func(_ context.Context, items []*item, _ journalFunc) ([]result, error) {
			return settleAll(items, func(*item) *Outcome { return &Outcome{Stage: PreSync} }), nil
		}
		f.capture("L1")
		require.NoError(t, f.drain(t.Context()))
		require.Len(t, f.batches, 1)
		require.Equal(t, StateFrozen, f.entry("L1").State)
	})
}

func TestRetryAfterFollowsTheCode(t *testing.T) {
	t.Parallel()
	cases := []struct {
		code     Code
		attempts int // after which it is over, 0: never retried, -1: always
		first    time.Duration
	}{
		{NoTagMapping, 0, 0}, {DataValueValidation, 0, 0}, {MissingRemoteField, 0, 0}, {RequiredFieldMissing, 0, 0},
		{Authentication, 0, 0}, {ConnectionPermission, 0, 0}, {DuplicateRecord, 0, 0}, {AmbiguousMatch, 0, 0},
		{OwnerInvalid, 0, 0}, {CampaignStatus, 0, 0}, {StorageLimit, 0, 0},
		{StaleRemoteRecord, 2, 30 * time.Second}, {RemoteAutomation, 2, 30 * time.Second},
		{Unknown, 3, time.Minute}, {RecordLocked, 5, time.Minute},
		{RowContention, 8, time.Second}, {RateLimit, 8, time.Second},
		{RemoteUnavailable, 8, time.Second}, {BatchCollateral, 8, time.Second},
		{UncertainWrite, -1, time.Minute},
	}
	for _, c := range cases {
		for attempts := 1; attempts <= 20; attempts++ {
			wait, ok := retryAfter(c.code, attempts, 0)
			require.Equal(t, c.attempts < 0 || attempts < c.attempts, ok, "%s after %d attempts", c.code, attempts)
			if ok {
				require.Equal(t, c.first, wait)
			}
		}
	}
}

func TestBackoffDoublesWithinItsBounds(t *testing.T) {
	t.Parallel()
	for n, most := range []time.Duration{1: 2, 2: 4, 3: 8, 8: 256, 9: 300, 60: 300} {
		if most == 0 {
			continue
		}
		require.Equal(t, time.Second, backoff(n, time.Second, 5*time.Minute, 0))
		require.InDelta(t, float64(most*time.Second), float64(backoff(n, time.Second, 5*time.Minute, 0.999999)), float64(time.Millisecond))
	}
}

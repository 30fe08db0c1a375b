package leadsync

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce"
)

// journalThenClear is a batch that journals a create and then goes well.
func journalThenClear(ctx context.Context, items []*item, journal journalFunc) ([]result, error) {
	intents := make(map[LeadID][]Intent)
	for _, it := range items {
		intents[it.lead.ID] = []Intent{{Kind: PartPerson, Object: salesforce.ObjectLead, SentAt: time.Now()}}
	}
	if err := journal(ctx, intents); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	results := settleAll(items, func(*item) *Outcome { return &Outcome{Stage: Cleared, Action: Created} })
	for i := range results {
		results[i].intents = nil
	}
	return results, nil
}

// TestRunLeavesNothingInFlightWhereverItIsStopped ends the context in the middle of
// each call of the store, and in the batch.
func TestRunLeavesNothingInFlightWhereverItIsStopped(t *testing.T) {
	t.Parallel()
	for _, phase := range []string{"acquire", "claim", "journal", "settle", "release"} {
		for _, after := range []bool{false, true} {
			name := phase + " before"
			if after {
				name = phase + " after"
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					ctx, cancel := context.WithCancel(t.Context())
					defer cancel()
					var on atomic.Bool
					on.Store(true)
					inner := NewMemoryStore(nil)
					hook := &faultyStore{Store: inner, fail: func(call string) error {
						if on.Load() && call == phase {
							if after {
								time.AfterFunc(0, cancel)
								return nil
							}
							cancel()
						}
						return nil
					}}
					f := newRunFixture(t, Config{Store: hook, BatchSize: 2})
					f.sync = journalThenClear
					f.capture("L1", "L2", "L3")
					if phase == "release" { // which only comes at the end
						time.AfterFunc(time.Minute, cancel)
					}
					require.NoError(t, f.drainer().run(ctx))

					on.Store(false)
					for _, id := range []LeadID{"L1", "L2", "L3"} {
						require.NotEqual(t, StateInFlight, f.entry(id).State)
					}
					next := newRunFixture(t, Config{Store: inner})
					next.sync = journalThenClear
					require.NoError(t, next.drain(t.Context()))
					next.requireCleared("L1", "L2", "L3")
					open, err := next.s.Leads(t.Context(), Filter{Unanswered: true})
					require.NoError(t, err)
					require.Empty(t, open)
				})
			})
		}
	}
}

// TestRunOutlivesAClockThatIsSet turns the clock in the middle of a batch. Leases
// and retries go by it, so a step forward may cost the batch its lease, and one
// back makes what waits wait longer; no lead is lost or blamed.
func TestRunOutlivesAClockThatIsSet(t *testing.T) {
	t.Parallel()
	for name, step := range map[string]time.Duration{"forward": time.Hour, "back": -time.Hour} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var offset atomic.Int64
				now := func() time.Time { return time.Now().Add(time.Duration(offset.Load())) }
				f := newRunFixture(t, Config{Store: NewMemoryStore(now), Now: now, Poll: time.Minute})
				f.sync = script(
					failWith(RowContention),
					func(ctx context.Context, items []*item, journal journalFunc) ([]result, error) {
						offset.Add(int64(step))
						return journalThenClear(ctx, items, journal)
					},
					journalThenClear)
				f.capture("L1", "L2")
				start := time.Now()
				require.NoError(t, f.drain(t.Context()))
				f.requireCleared("L1", "L2")
				require.Less(t, time.Since(start), 10*time.Minute)

				f.sync = script(failWith(RowContention))
				f.capture("L3")
				offset.Store(0)
				require.NoError(t, f.drain(t.Context()))
				f.requireCleared("L3")
				require.LessOrEqual(t, f.entry("L3").Attempts, 2)
			})
		})
	}
}

// A clock that was an hour ahead when a lead was to wait keeps it waiting that much
// longer; Push does not look at the clock.
func TestPushReleasesALeadThatAWrongClockHoldsBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var offset atomic.Int64
		offset.Store(int64(time.Hour))
		now := func() time.Time { return time.Now().Add(time.Duration(offset.Load())) }
		f := newRunFixture(t, Config{Store: NewMemoryStore(now), Now: now})
		f.sync = script(failWith(RowContention))
		f.capture("L1")
		d := f.drainer()
		_, err := d.step(t.Context())
		require.NoError(t, err)
		offset.Store(0)
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- d.run(ctx) }()
		time.Sleep(30 * time.Minute)
		require.Equal(t, 1, f.synced())
		_, err = f.s.Push(t.Context(), Filter{States: []State{StateQueued}})
		require.NoError(t, err)
		synctest.Wait()
		f.requireCleared("L1")
		stop()
		require.NoError(t, <-done)
	})
}

// SPDX-License-Identifier: Apache-2.0

package drain

import (
	"bytes"
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/internal/match"
	"github.com/leadsync/leadsync/internal/verdict"
	"github.com/leadsync/leadsync/internal/write"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/memory"
)

// journalThenClear is a batch that journals a create and then clears.
func journalThenClear(ctx context.Context, items []*match.Item, journal write.JournalFunc) error {
	intents := make(map[leadtype.LeadID][]leadtype.Intent)
	for _, it := range items {
		intents[it.Lead.ID] =
			[]leadtype.Intent{{Kind: leadtype.PartPerson, Object: salesforce.ObjectLead, SentAt: time.Now()}}
	}
	if err := journal(ctx, intents); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	for _, it := range items {
		out := &leadtype.Outcome{LeadID: it.Lead.ID, Stage: leadtype.Cleared, Action: leadtype.Created, At: time.Now()}
		it.Settle(out, nil)
	}
	return nil
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
					inner := memory.New(nil)
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
					f := newRunFixture(t, Runner{Store: hook, BatchSize: 2})
					f.sync = journalThenClear
					f.capture("L1", "L2", "L3")
					if phase == "release" { // which only comes at the end
						time.AfterFunc(time.Minute, cancel)
					}
					require.NoError(t, f.drainer().Run(ctx))

					on.Store(false)
					for _, id := range []leadtype.LeadID{"L1", "L2", "L3"} {
						require.NotEqual(t, store.StateInFlight, f.entry(id).State)
					}
					next := newRunFixture(t, Runner{Store: inner})
					next.sync = journalThenClear
					require.NoError(t, next.drain(t.Context()))
					next.requireCleared("L1", "L2", "L3")
					open, err := next.runner.Store.List(t.Context(), "default", store.Filter{Unanswered: true})
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
				f := newRunFixture(t, Runner{Store: memory.New(now), Now: now, Poll: time.Minute})
				f.sync = script(
					failWith(leadtype.RowContention),
					func(ctx context.Context, items []*match.Item, journal write.JournalFunc) error {
						offset.Add(int64(step))
						return journalThenClear(ctx, items, journal)
					},
					journalThenClear)
				f.capture("L1", "L2")
				start := time.Now()
				require.NoError(t, f.drain(t.Context()))
				f.requireCleared("L1", "L2")
				require.Less(t, time.Since(start), 10*time.Minute)

				f.sync = script(failWith(leadtype.RowContention))
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
		f := newRunFixture(t, Runner{Store: memory.New(now), Now: now})
		f.sync = script(failWith(leadtype.RowContention))
		f.capture("L1")
		d := f.drainer()
		_, err := d.step(t.Context())
		require.NoError(t, err)
		offset.Store(0)
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- d.Run(ctx) }()
		time.Sleep(30 * time.Minute)
		require.Equal(t, 1, f.synced())
		f.push(t.Context(), store.Filter{States: []store.State{store.StateQueued}})
		synctest.Wait()
		f.requireCleared("L1")
		stop()
		require.NoError(t, <-done)
	})
}

// The database's clock is not the host's.
func TestRunGoesByTheStoresClock(t *testing.T) {
	t.Parallel()
	for name, ahead := range map[string]time.Duration{"ahead": time.Hour, "behind": -time.Hour} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newRunFixture(t, Runner{Store: memory.New(func() time.Time { return time.Now().Add(ahead) })})
				f.capture("L1", "L2")
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				require.NoError(t, f.drain(ctx))
				f.requireCleared("L1", "L2")
			})
		})
	}
}

// A slowStore takes its time over the first claim.
type slowStore struct {
	store.Store
	claim time.Duration
	until time.Time // of the lease that it gave
}

func (s *slowStore) Acquire(ctx context.Context, connection, owner string, ttl time.Duration) (store.Lease, error) {
	lease, err := s.Store.Acquire(ctx, connection, owner, ttl)
	s.until = lease.Until
	return lease, err
}

func (s *slowStore) Claim(ctx context.Context, lease store.Lease, limit int) ([]store.Claimed, error) {
	time.Sleep(s.claim)
	s.claim = 0
	return s.Store.Claim(ctx, lease, limit)
}

func TestBatchEndsBeforeItsLeaseThoughTheClaimTookLong(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const ttl = 4 * time.Minute
		slow := &slowStore{Store: memory.New(nil), claim: ttl - time.Second}
		f := newRunFixture(t, Runner{Store: slow, LeaseTTL: ttl})
		f.sync = script(func(ctx context.Context, _ []*match.Item, _ write.JournalFunc) error {
			time.Sleep(time.Until(slow.until))
			require.Error(t, ctx.Err(), "another process may have the lease now")
			return ctx.Err()
		})
		f.capture("L1")
		require.NoError(t, f.drain(t.Context()))
		f.requireCleared("L1")
		require.Contains(t, f.log.String(), "the lease on the connection was lost")
	})
}

// A failure of the connection and one of the store at once are one incident too.
func TestIncidentIsReportedThoughTheStoreFailsWithIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		waits, resumes := 0, 0
		f := newRunFixture(t,
			Runner{Store: &faultyStore{Store: memory.New(nil), fail: failOnce(1, "settle")}, Trace: &leadtype.Trace{
				Waits: func(context.Context, *leadtype.Error) { waits++ }, Resumes: func(context.Context) { resumes++ }}})
		f.sync = script(refuse(&leadtype.Error{Op: "match", Code: leadtype.RemoteUnavailable}))
		f.capture("L1")
		stop := f.start()
		time.Sleep(time.Minute)
		f.requireCleared("L1")
		require.NoError(t, stop())
		require.Equal(t, 1, bytes.Count(f.log.Bytes(), []byte("level=ERROR")))
		require.Equal(t, []int{1, 1}, []int{waits, resumes})
	})
}

// A lead whose lookup never succeeds, as a query that takes too long, looks like an
// outage. What comes behind it does not wait for it.
func TestLeadThatLooksLikeAnOutageDelaysNoOther(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newRunFixture(t, Runner{BatchSize: 3})
		f.sync = func(ctx context.Context, items []*match.Item, journal write.JournalFunc) error {
			for _, it := range items {
				if it.Lead.ID == "L3" {
					return &leadtype.Error{Op: "match", Code: leadtype.RemoteUnavailable, Err: sfError("QUERY_TIMEOUT")}
				}
			}
			return clearAll(ctx, items, journal)
		}
		f.capture("L1", "L2", "L3", "L4", "L5", "L6", "L7", "L8")
		stop := f.start()
		time.Sleep(time.Minute)
		f.requireCleared("L1", "L2", "L4", "L5", "L6", "L7", "L8")
		for n := range 150 {
			id := leadtype.LeadID(fmt.Sprintf("later %d", n))
			f.capture(id)
			time.Sleep(6 * time.Minute)
			f.requireCleared(id)
		}
		require.NoError(t, stop())
		poison := f.entry("L3")
		require.Equal(t, leadtype.Failed, poison.Stage)
		require.ErrorIs(t, poison.Last.Err, leadtype.RemoteUnavailable)
		require.LessOrEqual(t, poison.Attempts, 2*verdict.RetryOfSuspect(verdict.Proof).Attempts)
	})
}

// SPDX-License-Identifier: Apache-2.0

package drain

import (
	"bytes"
	"context"
	"errors"
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

func TestDrainSyncsInBatchesFromTheOldestOn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newRunFixture(t, Runner{BatchSize: 2})
		f.capture("L3", "L1", "L2", "L5", "L4")
		require.NoError(t, f.drain(t.Context()))
		require.Equal(t, [][]leadtype.LeadID{{"L3", "L1"}, {"L2", "L5"}, {"L4"}}, f.batches)
		f.requireCleared("L1", "L2", "L3", "L4", "L5")
		require.Len(t, f.sink, 5)
		require.Equal(t, leadtype.LeadID("L3"), f.sink[0].LeadID)
	})
}

func TestDrainOfNothingReturnsAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		f := newRunFixture(t, Runner{State: NewRunState(leadtype.Disabled)})
		require.NoError(t, f.drain(t.Context()))
		require.Zero(t, time.Since(start))
	})
}

func TestDrainWaitsForRetriesAndGivesUpInTheEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		f := newRunFixture(t, Runner{})
		f.sync = failWith(leadtype.RowContention)
		f.capture("L1")
		require.NoError(t, f.drain(t.Context()))
		entry := f.entry("L1")
		require.Equal(t, leadtype.Failed, entry.Stage)
		require.Equal(t, 20, entry.Attempts)
		require.Len(t, f.sink, 20)
		require.Greater(t, time.Since(start), time.Minute)
	})
}

func TestDrainReturnsTheContextsErrorWhenLeadsAreLeft(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newRunFixture(t, Runner{State: NewRunState(leadtype.Disabled)})
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
		f := newRunFixture(t, Runner{})
		f.sync = script(func(ctx context.Context, items []*match.Item, journal write.JournalFunc) error {
			f.captureLeads(ctx, &leadtype.Lead{ID: "L1", Email: "new@example.com"})
			return clearAll(ctx, items, journal)
		}, func(ctx context.Context, items []*match.Item, journal write.JournalFunc) error {
			require.Equal(t, "new@example.com", items[0].Lead.Email)
			require.Equal(t, leadtype.Cleared, items[0].Last.Stage)
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
		f := newRunFixture(t, Runner{Poll: time.Hour})
		stop := f.start()
		synctest.Wait()
		start := time.Now()
		f.capture("L1")
		synctest.Wait()
		f.requireCleared("L1")
		f.push(t.Context(), store.Filter{})
		synctest.Wait()
		require.Equal(t, 2, f.synced())
		require.Zero(t, time.Since(start))
		require.NoError(t, stop())
	})
}

func TestRunFindsLeadsWithoutAHint(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newRunFixture(t, Runner{})
		stop := f.start()
		synctest.Wait()
		_, err := f.runner.Store.Capture(t.Context(), "default",
			[]store.Captured{{Lead: &leadtype.Lead{ID: "L1"}, State: store.StateQueued}})
		require.NoError(t, err)
		time.Sleep(f.runner.Poll)
		synctest.Wait()
		f.requireCleared("L1")
		require.NoError(t, stop())
	})
}

func TestRunEndsOnceWhenTheConnectionNeedsAction(t *testing.T) {
	t.Parallel()
	for _, code := range []leadtype.Code{leadtype.Authentication, leadtype.StorageLimit} {
		t.Run(string(code), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newRunFixture(t, Runner{})
				f.sync = refuse(&leadtype.Error{Op: "match", Code: code})
				f.capture("L1", "L2")
				err := f.drainer().Run(t.Context())
				require.ErrorIs(t, err, code)
				require.IsType(t, &leadtype.Error{}, err)
				require.Len(t, f.batches, 1)
				require.Empty(t, f.sink)
				require.Equal(t, 1, bytes.Count(f.log.Bytes(), []byte("level=ERROR")))
				for _, id := range []leadtype.LeadID{"L1", "L2"} {
					entry := f.entry(id)
					require.Equal(t, leadtype.PreSync, entry.Stage)
					require.Equal(t, store.StateQueued, entry.State)
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

func TestRunBacksOffWhileSalesforceIsAway(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		away := refuse(&leadtype.Error{Op: "match", Code: leadtype.RemoteUnavailable})
		f := newRunFixture(t, Runner{})
		var at []time.Duration
		start := time.Now()
		steps := script(away, away, away, away, away, away, away, away, away, away, away)
		f.sync = func(ctx context.Context, items []*match.Item, journal write.JournalFunc) error {
			at = append(at, time.Since(start))
			return steps(ctx, items, journal)
		}
		f.capture("L1")
		require.NoError(t, f.drain(t.Context()))
		f.requireCleared("L1")
		require.Equal(t, 1, f.entry("L1").Attempts, "failures of the connection are not the lead's")
		require.Len(t, at, 12)
		for i := 1; i < len(at); i++ {
			require.Equal(t, verdict.Backoff(i, time.Second, 5*time.Minute, 0.5), at[i]-at[i-1])
		}
		require.Equal(t, 1, bytes.Count(f.log.Bytes(), []byte("level=ERROR")), "one incident")
		require.Equal(t, 1, bytes.Count(f.log.Bytes(), []byte("sync resumed")))
		require.Len(t, f.sink, 1)
	})
}

// Something in the way of Salesforce may name a time that is not to be believed.
func TestRunWaitsAsLongAsSalesforceAsksUpToADay(t *testing.T) {
	t.Parallel()
	for asked, waited := range map[time.Duration]time.Duration{
		42 * time.Minute: 42 * time.Minute,
		1000 * time.Hour: 24 * time.Hour,
	} {
		t.Run(asked.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				f := newRunFixture(t, Runner{})
				f.sync = script(refuse(&leadtype.Error{Op: "match", Code: leadtype.RateLimit,
					Err: &salesforce.Error{HTTPStatus: 429, RetryAfter: asked}}))
				f.capture("L1")
				require.NoError(t, f.drain(t.Context()))
				require.Equal(t, waited, time.Since(start))
			})
		})
	}
}

func TestRunWaitsUntilTheOtherProcessStops(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		kept := memory.New(nil)
		first := newRunFixture(t, Runner{Store: kept})
		first.sync = block
		first.capture("L1")
		stopFirst := first.start()
		synctest.Wait()
		second := newRunFixture(t, Runner{Store: kept})
		stopSecond := second.start()
		time.Sleep(time.Hour)
		require.Empty(t, second.batches)
		require.NoError(t, stopFirst())
		time.Sleep(2 * second.runner.Poll)
		synctest.Wait()
		second.requireCleared("L1")
		require.NoError(t, stopSecond())
	})
}

func TestRunTakesOverFromADeadProcess(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newRunFixture(t, Runner{LeaseTTL: time.Minute})
		f.capture("L1")
		ctx, kept := t.Context(), f.runner.Store
		lease, err := kept.Acquire(ctx, "default", "dead", time.Minute)
		require.NoError(t, err)
		_, err = kept.Claim(ctx, lease, 1)
		require.NoError(t, err)
		sent := leadtype.Intent{Kind: leadtype.PartPerson, Object: salesforce.ObjectLead, SentAt: time.Now().UTC()}
		require.NoError(t, kept.Journal(ctx, lease, map[leadtype.LeadID][]leadtype.Intent{"L1": {sent}}))
		start := time.Now()
		f.sync = func(ctx context.Context, items []*match.Item, journal write.JournalFunc) error {
			sent.SentAt = start.Add(time.Minute).UTC() // it may have been sent until the lease ran out
			require.Equal(t, []leadtype.Intent{sent}, items[0].Intents)
			return clearAll(ctx, items, journal)
		}
		require.NoError(t, f.drain(ctx))
		require.Equal(t, time.Minute, time.Since(start))
		f.requireCleared("L1")
	})
}

func TestRunSurvivesAStoreThatFails(t *testing.T) {
	t.Parallel()
	for _, calls := range [][]string{{"push"}, {"due"}, {"acquire"}, {"claim"}, {"journal"}, {"journal", "settle"},
		{"settle"}, {"settle", "release"}} {
		t.Run(fmt.Sprint(calls), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newRunFixture(t, Runner{Store: &faultyStore{Store: memory.New(nil), fail: failOnce(1, calls...)}})
				f.sync = journalThenClear
				f.capture("L1")
				stop := f.start()
				time.Sleep(2 * f.runner.LeaseTTL)
				synctest.Wait()
				f.requireCleared("L1")
				require.NoError(t, stop())
				require.Equal(t, 1, bytes.Count(f.log.Bytes(), []byte("level=ERROR")))
				require.Len(t, f.sink, 1)
			})
		})
	}
}

// A store that fails for a moment costs no process the time of a lease.
func TestRunGivesBackLateWhatItCouldNot(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var fails atomic.Bool
		fails.Store(true)
		f := newRunFixture(t, Runner{LeaseTTL: time.Hour, Store: &faultyStore{Store: memory.New(nil),
			fail: func(call string) error {
				if fails.Load() && (call == "settle" || call == "release") {
					return errors.New("disk on fire")
				}
				return nil
			}}})
		f.capture("L1")
		stop := f.start()
		time.Sleep(time.Minute)
		synctest.Wait()
		fails.Store(false)
		time.Sleep(10 * time.Minute)
		f.requireCleared("L1")
		require.NoError(t, stop())
		require.Len(t, f.sink, 1)
	})
}

func TestDrainReturnsTheStoresError(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newRunFixture(t, Runner{Store: &faultyStore{Store: memory.New(nil), fail: failOnce(1, "settle")}})
		f.capture("L1")
		err := f.drain(t.Context())
		require.EqualError(t, err, "leadsync: drain: UNKNOWN: the store failed: disk on fire")
		require.Equal(t, store.StateQueued, f.entry("L1").State, "nothing stays in flight")
		require.Empty(t, f.sink)
	})
}

func TestRunPausesWhileDisabled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newRunFixture(t, Runner{State: NewRunState(leadtype.Disabled)})
		stop := f.start()
		f.capture("L1")
		time.Sleep(time.Hour)
		require.Zero(t, f.synced())
		f.setMode(t.Context(), leadtype.Automatic)
		synctest.Wait()
		f.requireCleared("L1")
		f.setMode(t.Context(), leadtype.Disabled)
		f.capture("L2")
		time.Sleep(time.Hour)
		require.Equal(t, store.StateQueued, f.entry("L2").State)
		require.NoError(t, stop())
	})
}

func TestRunReleasesFrozenLeadsUnderAutomaticOnly(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		kept := memory.New(nil)
		manual := newRunFixture(t, Runner{Store: kept, State: NewRunState(leadtype.Manual)})
		manual.capture("L1", "L2")
		require.NoError(t, manual.drain(t.Context()))
		require.Equal(t, store.StateFrozen, manual.entry("L1").State)
		require.Equal(t, 1, manual.push(t.Context(), store.Filter{Leads: []leadtype.LeadID{"L1"}}))
		require.NoError(t, manual.drain(t.Context()))
		require.Equal(t, [][]leadtype.LeadID{{"L1"}}, manual.batches)

		automatic := newRunFixture(t, Runner{Store: kept})
		require.NoError(t, automatic.drain(t.Context()))
		require.Equal(t, [][]leadtype.LeadID{{"L2"}}, automatic.batches)
	})
}

// The capture says that it is frozen afterwards, and the switch finds it in flight.
func TestSwitchToAutomaticReleasesWhatIsCapturedInFlight(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newRunFixture(t, Runner{})
		f.capture("L1")
		f.sync = func(ctx context.Context, items []*match.Item, journal write.JournalFunc) error {
			if len(f.batches) == 1 {
				f.setMode(ctx, leadtype.Manual)
				f.captureLeads(ctx, &leadtype.Lead{ID: "L1", Email: "b@example.com"})
				f.setMode(ctx, leadtype.Automatic)
			}
			return clearAll(ctx, items, journal)
		}
		require.NoError(t, f.drain(t.Context()))
		f.requireCleared("L1")
		require.Len(t, f.batches, 2)
	})
}

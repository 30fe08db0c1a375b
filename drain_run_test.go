package leadsync

import (
	"bytes"
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce"
)

func TestDrainSyncsInBatchesFromTheOldestOn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newRunFixture(t, runner{batchSize: 2})
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
		f := newRunFixture(t, runner{state: newRunState(Disabled)})
		require.NoError(t, f.drain(t.Context()))
		require.Zero(t, time.Since(start))
	})
}

func TestDrainWaitsForRetriesAndGivesUpInTheEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		f := newRunFixture(t, runner{})
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
		f := newRunFixture(t, runner{state: newRunState(Disabled)})
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
		f := newRunFixture(t, runner{})
		f.sync = script(func(ctx context.Context, items []*item, journal journalFunc) ([]result, error) {
			f.captureLeads(ctx, &Lead{ID: "L1", Email: "new@example.com"})
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
		f := newRunFixture(t, runner{poll: time.Hour})
		stop := f.start()
		synctest.Wait()
		start := time.Now()
		f.capture("L1")
		synctest.Wait()
		f.requireCleared("L1")
		f.push(t.Context(), Filter{})
		synctest.Wait()
		require.Equal(t, 2, f.synced())
		require.Zero(t, time.Since(start))
		require.NoError(t, stop())
	})
}

func TestRunFindsLeadsWithoutAHint(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newRunFixture(t, runner{})
		stop := f.start()
		synctest.Wait()
		_, err := f.runner.store.Capture(t.Context(), "default", []Captured{{Lead: &Lead{ID: "L1"}, State: StateQueued}})
		require.NoError(t, err)
		time.Sleep(f.runner.poll)
		synctest.Wait()
		f.requireCleared("L1")
		require.NoError(t, stop())
	})
}

func TestRunEndsOnceWhenTheConnectionHasToBeMended(t *testing.T) {
	t.Parallel()
	for _, code := range []Code{Authentication, StorageLimit} {
		t.Run(string(code), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newRunFixture(t, runner{})
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

func TestRunBacksOffWhileSalesforceIsAway(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		away := refuse(&Error{Op: "match", Code: RemoteUnavailable})
		f := newRunFixture(t, runner{})
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
				f := newRunFixture(t, runner{})
				f.sync = script(refuse(&Error{Op: "match", Code: RateLimit, Err: &salesforce.Error{HTTPStatus: 429, RetryAfter: asked}}))
				f.capture("L1")
				require.NoError(t, f.drain(t.Context()))
				require.Equal(t, waited, time.Since(start))
			})
		})
	}
}

func TestRunStandsByUntilTheOtherLeavesOff(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		kept := NewMemoryStore(nil)
		first := newRunFixture(t, runner{store: kept})
		first.sync = block
		first.capture("L1")
		stopFirst := first.start()
		synctest.Wait()
		second := newRunFixture(t, runner{store: kept})
		stopSecond := second.start()
		time.Sleep(time.Hour)
		require.Empty(t, second.batches)
		require.NoError(t, stopFirst())
		time.Sleep(2 * second.runner.poll)
		synctest.Wait()
		second.requireCleared("L1")
		require.NoError(t, stopSecond())
	})
}

func TestRunTakesOverFromADeadProcess(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newRunFixture(t, runner{leaseTTL: time.Minute})
		f.capture("L1")
		ctx, kept := t.Context(), f.runner.store
		lease, err := kept.Acquire(ctx, "default", "dead", time.Minute)
		require.NoError(t, err)
		_, err = kept.Claim(ctx, lease, 1)
		require.NoError(t, err)
		sent := Intent{Kind: PartPerson, Object: salesforce.ObjectLead, SentAt: time.Now().UTC()}
		require.NoError(t, kept.Journal(ctx, lease, map[LeadID][]Intent{"L1": {sent}}))
		start := time.Now()
		f.sync = func(ctx context.Context, items []*item, journal journalFunc) ([]result, error) {
			sent.SentAt = start.Add(time.Minute).UTC() // it may have been sent until the lease ran out
			require.Equal(t, []Intent{sent}, items[0].intents)
			return clearAll(ctx, items, journal)
		}
		require.NoError(t, f.drain(ctx))
		require.Equal(t, time.Minute, time.Since(start))
		f.requireCleared("L1")
	})
}

func TestRunSurvivesAStoreThatFails(t *testing.T) {
	t.Parallel()
	for _, calls := range [][]string{{"push"}, {"due"}, {"acquire"}, {"claim"}, {"journal"}, {"journal", "settle"}, {"settle"}, {"settle", "release"}} {
		t.Run(fmt.Sprint(calls), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newRunFixture(t, runner{store: &faultyStore{Store: NewMemoryStore(nil), fail: failOnce(1, calls...)}})
				f.sync = journalThenClear
				f.capture("L1")
				stop := f.start()
				time.Sleep(2 * f.runner.leaseTTL)
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
		f := newRunFixture(t, runner{store: &faultyStore{Store: NewMemoryStore(nil), fail: failOnce(1, "settle")}})
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
		f := newRunFixture(t, runner{state: newRunState(Disabled)})
		stop := f.start()
		f.capture("L1")
		time.Sleep(time.Hour)
		require.Zero(t, f.synced())
		f.setMode(t.Context(), Automatic)
		synctest.Wait()
		f.requireCleared("L1")
		f.setMode(t.Context(), Disabled)
		f.capture("L2")
		time.Sleep(time.Hour)
		require.Equal(t, StateQueued, f.entry("L2").State)
		require.NoError(t, stop())
	})
}

func TestRunReleasesFrozenLeadsUnderAutomaticOnly(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		kept := NewMemoryStore(nil)
		manual := newRunFixture(t, runner{store: kept, state: newRunState(Manual)})
		manual.capture("L1", "L2")
		require.NoError(t, manual.drain(t.Context()))
		require.Equal(t, StateFrozen, manual.entry("L1").State)
		require.Equal(t, 1, manual.push(t.Context(), Filter{Leads: []LeadID{"L1"}}))
		require.NoError(t, manual.drain(t.Context()))
		require.Equal(t, [][]LeadID{{"L1"}}, manual.batches)

		automatic := newRunFixture(t, runner{store: kept})
		require.NoError(t, automatic.drain(t.Context()))
		require.Equal(t, [][]LeadID{{"L2"}}, automatic.batches)
	})
}

// The capture says that it is frozen afterwards, and the switch finds it in flight.
func TestSwitchToAutomaticReleasesWhatIsCapturedInFlight(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newRunFixture(t, runner{})
		f.capture("L1")
		f.sync = func(ctx context.Context, items []*item, journal journalFunc) ([]result, error) {
			if len(f.batches) == 1 {
				f.setMode(ctx, Manual)
				f.captureLeads(ctx, &Lead{ID: "L1", Email: "b@example.com"})
				f.setMode(ctx, Automatic)
			}
			return clearAll(ctx, items, journal)
		}
		require.NoError(t, f.drain(t.Context()))
		f.requireCleared("L1")
		require.Len(t, f.batches, 2)
	})
}

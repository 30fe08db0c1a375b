// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/salesforce/sftest"
	"github.com/leadsync/leadsync/store/memory"
)

// A contention is leads whose rows another transaction locks.
type contention struct {
	leads    int
	locks    func(since time.Duration, rows int) bool // for so many rows of a collection
	schedule bool                                     // Drain in new processes, for 5 minutes every 10
	store    leadsync.Store                           // nil: one in memory
}

// live drains the leads until each is cleared or failed.
func (c contention) live(t *testing.T) (cleared, calls int, after time.Duration) {
	t.Helper()
	org := sftest.NewOrg(t, sftest.WithAPILimit(1_000_000))
	start := time.Now()
	org.OnBatch("Lead", func(rows int) *sftest.RowError {
		if c.locks(time.Since(start), rows) {
			return sftest.LockedRow()
		}
		return nil
	})
	kept := c.store
	if kept == nil {
		kept = memory.New(nil)
	}
	syncer := func() *leadsync.Syncer {
		return timelessSyncer(t, org, &leadsync.Config{Strategy: leadsync.LeadsOnly, Store: kept, Poll: time.Minute})
	}
	host := syncer()
	_, err := host.Capture(t.Context(), expoLeads(c.leads)...)
	require.NoError(t, err)
	ctx, stop := context.WithTimeout(t.Context(), 24*time.Hour)
	defer stop()
	ended := make(chan error, 1)
	go func() {
		if c.schedule {
			cron(t)(ctx, syncer)
			ended <- nil
			return
		}
		ended <- syncer().Run(ctx)
	}()
	for waiting := c.leads; waiting > 0 && ctx.Err() == nil; {
		time.Sleep(time.Minute)
		summary, err := host.Summary(t.Context(), leadsync.Filter{})
		require.NoError(t, err)
		waiting, cleared = summary.Stages[leadsync.PreSync], summary.Stages[leadsync.Cleared]
	}
	after = time.Since(start)
	stop()
	require.NoError(t, <-ended)
	t.Logf("%d of %d cleared after %v, %d calls", cleared, c.leads, after, org.Calls())
	require.Equal(t, cleared, org.Count("Lead"))
	failed, err := host.Leads(t.Context(), leadsync.Filter{Stages: []leadsync.Stage{leadsync.Failed}})
	require.NoError(t, err)
	for _, e := range failed {
		require.ErrorIs(t, e.Last.Err, leadsync.RowContention)
	}
	return cleared, org.Calls(), after
}

func TestALockThatIsHeldForAWhileCostsFewCallsAndNoLead(t *testing.T) {
	t.Parallel()
	for name, schedule := range map[string]bool{"Run": false, "new processes": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				held := contention{leads: sized(60, 600), schedule: schedule,
					locks: func(since time.Duration, _ int) bool { return since < 20*time.Minute }}
				cleared, calls, after := held.live(t)
				require.Equal(t, held.leads, cleared)
				require.Less(t, after, 90*time.Minute)
				require.LessOrEqual(t, calls, 60+held.leads)
			})
		})
	}
}

// TestALockThatOnlyLargeBatchesMeetIsNoneForSmallOnes has automation whose rows contend
// with each other.
func TestALockThatOnlyLargeBatchesMeetIsNoneForSmallOnes(t *testing.T) {
	t.Parallel()
	for name, schedule := range map[string]bool{"Run": false, "new processes": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				large := contention{leads: sized(60, 600), schedule: schedule,
					locks: func(_ time.Duration, rows int) bool { return rows > 10 }}
				cleared, calls, after := large.live(t)
				require.Equal(t, large.leads, cleared)
				require.Less(t, after, 2*time.Hour) // the pauses are random: 18 to 61 minutes in 24 runs
				require.LessOrEqual(t, calls, 60+2*large.leads/5)
			})
		})
	}
}

func TestALockThatIsNeverReleasedFailsItsLeadsAfterHours(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, n := range []int{1, sized(20, 200)} {
			held := contention{leads: n, locks: func(time.Duration, int) bool { return true }}
			cleared, calls, after := held.live(t)
			require.Zero(t, cleared)
			require.Greater(t, after, 2*time.Hour)
			require.Less(t, after, 12*time.Hour)
			require.LessOrEqual(t, calls, 100+2*n)
		}
	})
}

// The control: leads that are always tried together do not clear.
func TestALockThatLargeBatchesMeetFailsTheLeadsThatAreNotDivided(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		large := contention{leads: 60, store: trustingStore{memory.New(nil)},
			locks: func(_ time.Duration, rows int) bool { return rows > 10 }}
		cleared, _, _ := large.live(t)
		require.Less(t, cleared, 60)
	})
}

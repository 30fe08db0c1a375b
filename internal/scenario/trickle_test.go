// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"cmp"
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// A scanner captures leads one by one while Run syncs them.
type scanner struct {
	gather time.Duration
	every  time.Duration
	leads  int
	limit  int // of the org's API calls of a day
	size   int // of a batch
}

// scanned is what came of it.
type scanned struct {
	calls  int
	waited time.Duration // the longest time from a capture to its outcome
}

func (s scanner) run(t *testing.T) (done scanned) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		org := sftest.NewOrg(t, sftest.WithAPILimit(s.limit))
		leads, cfg := scenario.EventMix(org, s.leads)
		var mu sync.Mutex
		captured := make(map[leadsync.LeadID]time.Time)
		cfg.Gather, cfg.BatchSize = s.gather, s.size
		cfg.Sink = leadsync.SinkFunc(func(_ context.Context, outcomes []*leadsync.Outcome) error {
			mu.Lock()
			defer mu.Unlock()
			for _, out := range outcomes {
				if at, ok := captured[out.LeadID]; ok {
					done.waited = max(done.waited, time.Since(at))
				}
			}
			return nil
		})
		syncer := gatheringSyncer(t, org, cfg)
		scenario.SyncOne(t, syncer, expoLead(1)) // the session, and what the limit is
		calls := org.Calls()
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- syncer.Run(ctx) }()
		for _, lead := range leads {
			mu.Lock()
			captured[lead.ID] = time.Now()
			mu.Unlock()
			_, err := syncer.Capture(t.Context(), lead)
			require.NoError(t, err)
			time.Sleep(s.every)
		}
		time.Sleep(2 * time.Minute)
		stop()
		require.NoError(t, <-ended)
		done.calls = org.Calls() - calls
		summary, err := syncer.Summary(t.Context(), leadsync.Filter{})
		require.NoError(t, err)
		require.Equal(t, s.leads, summary.Stages[leadsync.Cleared])
	})
	return done
}

func TestLeadsThatTrickleInAreSyncedTogether(t *testing.T) {
	t.Parallel()
	length := time.Duration(sized(30, 3600)) * time.Second
	for name, test := range map[string]struct {
		gather, window time.Duration
		limit, size    int
		every          time.Duration // 200 ms
		perLead        float64
	}{
		"5 seconds by default": {window: 5 * time.Second, limit: 1_000_000},
		"5,000 an hour": {
			window: 5 * time.Second, limit: 1_000_000, every: 720 * time.Millisecond, perLead: 0.3,
		},
		"longer where calls are few": {window: 4 * 3 * 24 * time.Hour / 50_000, limit: 50_000},
		"a minute at most":           {window: time.Minute, limit: 15_000},
		"as told":                    {gather: 20 * time.Second, window: 20 * time.Second, limit: 100_000},
		"a whole batch before":       {gather: time.Minute, window: 10 * time.Second, limit: 100_000, size: 50},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			every := cmp.Or(test.every, 200*time.Millisecond)
			n := int(length / every)
			done := scanner{gather: test.gather, every: every, leads: n, limit: test.limit, size: test.size}.run(t)
			windows := int(length/test.window) + 1
			if test.gather == 0 {
				windows++ // the first one is of 5 seconds, as the limit is not known yet
			}
			t.Logf("%d calls in %d windows, waited %v", done.calls, windows, done.waited)
			require.LessOrEqual(t, done.calls, 2*windows)
			if test.perLead > 0 {
				require.LessOrEqual(t, float64(done.calls), test.perLead*float64(n)+2) // one window more than the time has
			}
			require.LessOrEqual(t, done.waited, test.window+time.Second)
		})
	}
}

// The control: without a window, each lead costs calls of its own.
func TestLeadsThatTrickleInCostCallsEachWithoutAWindow(t *testing.T) {
	t.Parallel()
	done := scanner{gather: leadsync.NoGather, every: 200 * time.Millisecond, leads: 50, limit: 100_000}.run(t)
	require.GreaterOrEqual(t, done.calls, 100)
	require.Less(t, done.waited, time.Second)
}

// What a person asks for does not wait for other leads.
func TestPushDrainAndActivitiesDoNotWaitForOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		org := sftest.NewOrg(t)
		syncer := timelessSyncer(t, org, &leadsync.Config{Gather: time.Minute})
		cleared := func() int {
			summary, err := syncer.Summary(t.Context(), leadsync.Filter{})
			require.NoError(t, err)
			return summary.Stages[leadsync.Cleared]
		}
		start := time.Now()
		_, err := syncer.Capture(t.Context(), expoLead(1))
		require.NoError(t, err)
		require.NoError(t, syncer.Drain(t.Context()))
		require.Equal(t, 1, cleared())
		require.Zero(t, time.Since(start), "drained")

		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- syncer.Run(ctx) }()
		_, err = syncer.Capture(t.Context(), expoLead(2))
		require.NoError(t, err)
		time.Sleep(time.Second)
		require.Equal(t, 1, cleared())
		_, err = syncer.Push(t.Context(), leadsync.Filter{Leads: []leadsync.LeadID{expoLead(2).ID}})
		require.NoError(t, err)
		synctest.Wait()
		require.Equal(t, 2, cleared(), "pushed")

		require.NoError(t, syncer.CaptureActivities(t.Context(), expoLead(1).ID,
			leadsync.Activity{ID: "A1", Kind: leadsync.ActivityMeeting, Notes: "later"}))
		synctest.Wait()
		require.Equal(t, 1, org.Count("Task"))

		_, err = syncer.Capture(t.Context(), expoLead(3))
		require.NoError(t, err)
		time.Sleep(time.Minute)
		synctest.Wait()
		require.Equal(t, 3, cleared(), "when the window is over")
		stop()
		require.NoError(t, <-ended)
	})
}

// SPDX-License-Identifier: Apache-2.0

package leadsync_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/memory"
)

func TestHistoryHasEveryChange(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	start := s.now
	s.have(t, failed("L1", refused(leadsync.DataValueValidation, "STRING_TOO_LONG", "quotes the lead")))
	s.now = start.Add(time.Minute)
	_, err := s.Push(t.Context(), leadsync.Filter{Leads: []leadsync.LeadID{"L1"}})
	require.NoError(t, err)
	steps, err := s.History(t.Context(), "L1")
	require.NoError(t, err)
	require.Len(t, steps, 3)
	require.Equal(t, store.StepCaptured, steps[0].Kind)
	require.Equal(t, store.StepSettled, steps[1].Kind)
	require.Equal(t, leadsync.Failed, steps[1].Stage)
	var sf *salesforce.Error
	require.ErrorAs(t, steps[1].Outcome.Err, &sf)
	require.Empty(t, sf.Message)
	require.Equal(t, store.Step{At: start.Add(time.Minute), Kind: store.StepPushed, Stage: leadsync.PreSync,
		State: store.StateQueued, Generation: 1}, steps[2])
	steps, err = s.History(t.Context(), "stranger")
	require.NoError(t, err)
	require.Empty(t, steps)
}

func TestPruneHistoryKeepsWhatALeadIs(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	s.have(t, failed("L1", &leadsync.Error{Code: leadsync.OwnerInvalid}), clearedOutcome("L2"))
	before := scenario.StoredIn(t, s.Syncer)
	n, err := s.PruneHistory(t.Context(), s.now.Add(time.Second))
	require.NoError(t, err)
	require.Equal(t, 2, n)
	require.Equal(t, before, scenario.StoredIn(t, s.Syncer))
	steps, err := s.History(t.Context(), "L1")
	require.NoError(t, err)
	require.Len(t, steps, 1)
	require.Equal(t, store.StepSettled, steps[0].Kind)
}

func TestForgetRemovesALeadFromEveryView(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	s.have(t, failed("L1", &leadsync.Error{Code: leadsync.OwnerInvalid}), clearedOutcome("L2"))
	require.NoError(t, s.Forget(t.Context(), "L1"))
	require.NoError(t, s.Forget(t.Context(), "L1"))
	require.Equal(t, []leadsync.LeadID{"L2"}, s.ids(t, leadsync.Filter{}))
	require.Equal(t, 1, s.summary(t, leadsync.Filter{}).Total)
	steps, err := s.History(t.Context(), "L1")
	require.NoError(t, err)
	require.Empty(t, steps)
}

func TestForgetWaitsForALeadThatIsBeingSynced(t *testing.T) {
	t.Parallel()
	ends := map[string]struct {
		patience time.Duration
		settle   bool
		waits    time.Duration
		err      string
	}{
		"the batch ends":      {time.Hour, true, 30 * time.Second, ""},
		"the process is dead": {time.Hour, false, time.Minute, ""},
		"the context ends before": {10*time.Second + 1, false, 10*time.Second + 1,
			"call Forget again when the lead is settled"},
		"the context has no time at all": {0, false, 0, "context deadline exceeded"},
	}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				kept := memory.New(nil)
				s := newOfflineSyncer(t, leadsync.Config{Store: kept, Gather: leadsync.NoGather})
				_, err := s.Capture(t.Context(), person("L1"))
				require.NoError(t, err)
				lease, err := kept.Acquire(t.Context(), "default", "a", time.Minute)
				require.NoError(t, err)
				claimed, err := kept.Claim(t.Context(), lease, 1)
				require.NoError(t, err)
				if end.settle {
					time.AfterFunc(30*time.Second-time.Millisecond, func() {
						_, err := kept.Settle(t.Context(), lease,
							[]store.Settlement{{LeadID: "L1", Generation: claimed[0].Generation, Outcome: clearedOutcome("L1")}})
						require.NoError(t, err)
					})
				}
				start := time.Now()
				ctx, cancel := context.WithTimeout(t.Context(), end.patience)
				defer cancel()

				err = s.Forget(ctx, "L1")

				require.Equal(t, end.waits, time.Since(start))
				if end.err == "" {
					require.NoError(t, err)
					require.Empty(t, scenario.StoredIn(t, s))
					return
				}
				require.ErrorContains(t, err, end.err)
				require.ErrorIs(t, err, context.DeadlineExceeded)
				if end.patience > 0 {
					require.ErrorIs(t, err, store.ErrInFlight)
					require.ErrorIs(t, err, leadsync.RowContention)
				}
				require.Len(t, scenario.StoredIn(t, s), 1)
			})
		})
	}
}

package leadsync_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/salesforce"
)

func TestHistoryTellsWhatChangedWhen(t *testing.T) {
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
	require.Equal(t, leadsync.StepCaptured, steps[0].Kind)
	require.Equal(t, leadsync.StepSettled, steps[1].Kind)
	require.Equal(t, leadsync.Failed, steps[1].Stage)
	var sf *salesforce.Error
	require.ErrorAs(t, steps[1].Outcome.Err, &sf)
	require.Empty(t, sf.Message)
	require.Equal(t, leadsync.Step{At: start.Add(time.Minute), Kind: leadsync.StepPushed, Stage: leadsync.PreSync, State: leadsync.StateQueued, Generation: 1}, steps[2])
	steps, err = s.History(t.Context(), "stranger")
	require.NoError(t, err)
	require.Empty(t, steps)
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

func TestForgetRefusesALeadThatIsBeingSynced(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	_, err := s.Capture(t.Context(), person("L1"))
	require.NoError(t, err)
	lease, err := s.store.Acquire(t.Context(), "default", "a", time.Hour)
	require.NoError(t, err)
	_, err = s.store.Claim(t.Context(), lease, 1)
	require.NoError(t, err)
	err = s.Forget(t.Context(), "L1")
	require.ErrorIs(t, err, leadsync.ErrInFlight)
	require.ErrorIs(t, err, leadsync.RowContention)
	require.EqualError(t, err, `leadsync: forget lead "L1": ROW_CONTENTION: forget it again when it is settled: leadsync: the lead is being synced`)
	require.Len(t, leadsOf(t, s.Syncer), 1)
}

// SPDX-License-Identifier: Apache-2.0

package drain

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
)

func (f *runFixture) visit(batches int) (time.Duration, error) {
	return f.drainer().Visit(f.t.Context(), batches)
}

func TestVisitTakesSoManyBatchesAndReturnsAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		f := newRunFixture(t, Runner{BatchSize: 2})
		f.capture("L1", "L2", "L3", "L4", "L5")
		wait, err := f.visit(1)
		require.NoError(t, err)
		require.Zero(t, wait, "more are due")
		require.Equal(t, [][]leadtype.LeadID{{"L1", "L2"}}, f.batches)
		wait, err = f.visit(10)
		require.NoError(t, err)
		require.Positive(t, wait, "nothing is due")
		f.requireCleared("L1", "L2", "L3", "L4", "L5")
		require.Zero(t, time.Since(start))
		// Others may have the lease between two visits.
		_, err = f.runner.Store.Acquire(t.Context(), "default", "another", time.Minute)
		require.NoError(t, err)
		f.capture("L6")
		wait, err = f.visit(1)
		require.NoError(t, err)
		require.Positive(t, wait, "while another process drains")
		require.Len(t, f.batches, 3)
	})
}

// A visit leaves alone what waits for others, which a Drain does not.
func TestVisitLeavesLeadsThatGather(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newRunFixture(t, Runner{})
		_, err := f.runner.Store.Capture(t.Context(), "default", []store.Captured{{Lead: &leadtype.Lead{ID: "L1"},
			State: store.StateQueued, DueAt: time.Now().Add(5 * time.Second)}})
		require.NoError(t, err)
		wait, err := f.visit(3)
		require.NoError(t, err)
		require.Positive(t, wait)
		require.Empty(t, f.batches)
		time.Sleep(5 * time.Second)
		_, err = f.visit(3)
		require.NoError(t, err)
		f.requireCleared("L1")
	})
}

// What makes Run wait makes later visits wait too, in whichever process, without a batch.
func TestVisitKeepsToThePauseOfAnother(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newRunFixture(t, Runner{})
		f.sync = script(refuse(&leadtype.Error{Code: leadtype.RateLimit}))
		f.capture("L1")
		start := time.Now()
		wait, err := f.visit(1)
		require.NoError(t, err)
		require.Positive(t, wait)
		require.Zero(t, time.Since(start))
		again, err := f.visit(1)
		require.NoError(t, err)
		require.Positive(t, again)
		require.Len(t, f.batches, 1)
		time.Sleep(wait)
		_, err = f.visit(1)
		require.NoError(t, err)
		f.requireCleared("L1")
	})
}

func TestVisitReturnsWhatNeedsAPerson(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newRunFixture(t, Runner{})
		f.sync = refuse(&leadtype.Error{Code: leadtype.Authentication})
		f.capture("L1")
		_, err := f.visit(1)
		require.ErrorIs(t, err, leadtype.Authentication)
		require.Equal(t, leadtype.PreSync, f.entry("L1").Stage)

		f.runner.Store = &faultyStore{Store: f.runner.Store, fail: func(string) error { return errors.New("no disk") }}
		_, err = f.visit(1)
		require.Error(t, err)
		require.NotErrorIs(t, err, leadtype.Authentication)
	})
}

// SPDX-License-Identifier: Apache-2.0

package drain

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/memory"
)

// A Run that waits for its budget while another process works kept its turn in the process,
// so that a Sync beside it waited as long.
func TestARunThatCannotHandOnItsPauseBlocksNoSync(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		kept := memory.New(nil)
		org := meter{Used: 950, Limit: 1000}
		f := newRunFixture(t, Runner{Store: kept, Budget: Budget{&org, 0.9}})
		other, err := kept.Acquire(t.Context(), "default", "another process", time.Minute)
		require.NoError(t, err)
		f.capture("L1")
		stop := f.start()
		synctest.Wait()
		require.NoError(t, kept.Release(t.Context(), other))
		start := time.Now()
		require.NoError(t, f.runner.Guest(t.Context(), "sync", func(context.Context) error { return nil }))
		require.Less(t, time.Since(start), 10*time.Second)
		require.NoError(t, stop())
	})
}

// A Run that ends, and what it counted while another process worked, does not replace what
// that process found out.
func TestARunThatEndsLeavesWhatAnotherProcessHandedOn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		kept := memory.New(nil)
		var fails atomic.Bool
		f := newRunFixture(t, Runner{Poll: time.Minute,
			Store: &faultyStore{Store: kept, fail: func(call string) error {
				if fails.Load() && call == "due" {
					return context.DeadlineExceeded
				}
				return nil
			}}})
		f.sync = refuse(&leadtype.Error{Op: "match", Code: leadtype.RemoteUnavailable, Err: sfError("QUERY_TIMEOUT")})
		f.capture("L1")
		stop := f.start()
		time.Sleep(time.Hour)
		next := newRunFixture(t, Runner{Store: kept})
		fails.Store(true) // for the first only
		time.Sleep(10 * time.Minute)
		require.NoError(t, next.drain(t.Context()))
		next.requireCleared("L1")
		state, err := kept.RunState(t.Context(), "default")
		require.NoError(t, err)
		require.Zero(t, readHandover(state).Failures)
		time.Sleep(10 * time.Minute)
		require.NoError(t, stop())
		state, err = kept.RunState(t.Context(), "default")
		require.NoError(t, err)
		require.Zero(t, readHandover(state).Failures)
		require.NotEqual(t, store.StateInFlight, f.entry("L1").State)
	})
}

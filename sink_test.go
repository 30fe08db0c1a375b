package leadsync

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// sinkFixture is a Syncer whose sink is scripted.
func sinkFixture(t *testing.T, sink SinkFunc) *runFixture {
	f := newRunFixture(t, Config{BatchSize: 1, SinkTimeout: 10 * time.Second})
	f.s.cfg.Sink = sink
	return f
}

func TestRunGoesOnWhenTheSinkFails(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		f := sinkFixture(t, func(context.Context, []*Outcome) error {
			calls++
			return errors.New("the ledger is full")
		})
		f.capture("L1", "L2")
		require.NoError(t, f.drain(t.Context()))
		f.requireCleared("L1", "L2")
		require.Equal(t, 2, calls, "once each")
		require.Contains(t, f.log.String(), "the ledger is full")
		require.Contains(t, f.log.String(), "connection=default")
	})
}

func TestSinkHasUntilItsTimeoutWhateverBecomesOfRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := sinkFixture(t, func(ctx context.Context, _ []*Outcome) error {
			<-ctx.Done()
			return ctx.Err()
		})
		f.capture("L1")
		stop := f.start()
		synctest.Wait()
		start := time.Now()
		require.NoError(t, stop())
		require.Equal(t, 10*time.Second, time.Since(start))
		f.requireCleared("L1")
	})
}

// A sink that never returns holds up one batch, keeps no lease and no goroutine for
// each batch after it, and is told again once it came back.
func TestRunGoesOnWithoutASinkThatDoesNotReturn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		stuck := make(chan struct{})
		var told []LeadID
		f := sinkFixture(t, func(_ context.Context, outcomes []*Outcome) error {
			told = append(told, outcomes[0].LeadID)
			<-stuck
			return nil
		})
		start := time.Now()
		f.capture("L1", "L2", "L3")
		require.NoError(t, f.drain(t.Context()))
		require.Equal(t, 10*time.Second, time.Since(start))
		f.requireCleared("L1", "L2", "L3")
		synctest.Wait()
		require.Equal(t, []LeadID{"L1"}, told)
		require.Equal(t, 1, bytes.Count(f.log.Bytes(), []byte("level=ERROR")))
		_, err := f.s.cfg.Store.Acquire(t.Context(), "default", "next", time.Minute)
		require.NoError(t, err, "the lease was given back")
		require.NoError(t, f.s.cfg.Store.Release(t.Context(), Lease{Connection: "default", Owner: "next", Epoch: 2}))

		close(stuck)
		synctest.Wait()
		f.capture("L4")
		require.NoError(t, f.drain(t.Context()))
		require.Equal(t, []LeadID{"L1", "L4"}, told)
	})
}

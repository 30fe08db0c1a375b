// SPDX-License-Identifier: Apache-2.0

package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/postgres"
)

// workers drain one connection, each with a pool of its own, as processes do. Some end their
// work with a batch in flight, without a word. Each lead is settled once, under one lease at a
// time, and none is lost.
func TestManyProcessesDrainOneConnection(t *testing.T) {
	t.Parallel()
	const processes, leads = 4, 120
	on := pool(t)
	options := &postgres.Options{Schema: schema(t, on)}
	var settled sync.Map
	var left, doubled atomic.Int64
	left.Store(leads)
	var wg sync.WaitGroup
	errs := make(chan error, 2*processes)
	fail := func(err error) {
		errs <- err
		left.Store(0) // the others end
	}
	for p := range processes {
		own, err := postgres.New(t.Context(), pool(t, "pool_max_conns=3"), options)
		require.NoError(t, err)
		wg.Go(func() {
			for i := range leads / processes {
				id := leadtype.LeadID(fmt.Sprintf("L%d-%d", p, i))
				if _, err := own.Capture(t.Context(), connection, captured(id)); err != nil {
					fail(err)
					return
				}
			}
		})
		wg.Go(func() {
			for n := 0; left.Load() > 0; n++ {
				owner := fmt.Sprintf("p%d-%d", p, n)
				lease, err := own.Acquire(t.Context(), connection, owner, 300*time.Millisecond)
				if errors.Is(err, store.ErrLeaseHeld) {
					pause(t.Context())
					continue
				}
				if err == nil {
					err = drain(t.Context(), own, lease, n%3 == 1, func(id leadtype.LeadID) {
						left.Add(-1)
						if _, again := settled.LoadOrStore(id, true); again {
							doubled.Add(1)
						}
					})
				}
				if err != nil {
					fail(err)
					return
				}
			}
		})
	}
	wg.Wait()
	close(errs)
	for err := range errs {
		require.NoError(t, err)
	}
	require.Zero(t, doubled.Load())
	all, err := postgres.New(t.Context(), on, options)
	require.NoError(t, err)
	entries, err := all.List(t.Context(), connection, store.Filter{Stages: []leadtype.Stage{leadtype.Cleared}})
	require.NoError(t, err)
	require.Len(t, entries, leads)
}

// pause lets others work for a moment.
func pause(ctx context.Context) {
	timer := time.NewTimer(5 * time.Millisecond)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// drain claims and settles a batch, or ends with it in flight.
func drain(ctx context.Context, in *postgres.Store, lease store.Lease, dies bool, done func(leadtype.LeadID)) error {
	claimed, err := in.Claim(ctx, lease, 5)
	if err != nil || dies {
		return lostIsFine(err)
	}
	intents := make(map[leadtype.LeadID][]leadtype.Intent)
	settlements := make([]store.Settlement, len(claimed))
	for i, c := range claimed {
		intents[c.Lead.ID] = []leadtype.Intent{{Kind: leadtype.PartTask, Key: "k"}}
		settlements[i] = store.Settlement{LeadID: c.Lead.ID, Generation: c.Generation,
			Outcome: &leadtype.Outcome{LeadID: c.Lead.ID, Stage: leadtype.Cleared, Action: leadtype.Created}}
	}
	if err := in.Journal(ctx, lease, intents); err != nil {
		return lostIsFine(err)
	}
	stale, err := in.Settle(ctx, lease, settlements)
	if err != nil {
		return lostIsFine(err)
	}
	if len(stale) > 0 {
		return fmt.Errorf("%d of %d are stale under a lease", len(stale), len(claimed))
	}
	for _, c := range claimed {
		done(c.Lead.ID)
	}
	return lostIsFine(in.Release(ctx, lease))
}

func lostIsFine(err error) error {
	if errors.Is(err, store.ErrLeaseLost) {
		return nil
	}
	return err
}

// The server ends in the middle of captures, by a restart and by a crash. Calls that are in
// progress fail; what was acknowledged is there, and the same store continues.
func TestStoreOutlivesItsServer(t *testing.T) {
	t.Parallel()
	own := startOwn(t)
	on := poolOf(t, own.PrivateDSN(t), "pool_max_conns=4")
	opened, err := postgres.New(t.Context(), on, nil)
	require.NoError(t, err)
	var mu sync.Mutex
	acknowledged := make(map[leadtype.LeadID]bool)
	failed := 0
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for c := range 4 {
		wg.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				id := leadtype.LeadID(fmt.Sprintf("L%d-%d", c, i))
				_, err := opened.Capture(t.Context(), connection, captured(id))
				mu.Lock()
				if err == nil {
					acknowledged[id] = true
				} else {
					failed++
				}
				mu.Unlock()
				if err != nil {
					pause(t.Context())
				}
			}
		})
	}
	count := func() int {
		mu.Lock()
		defer mu.Unlock()
		return len(acknowledged)
	}
	for _, end := range []func() error{own.Restart, own.Crash, own.Crash} {
		before := count()
		require.Eventually(t, func() bool { return count() > before+20 }, time.Minute, time.Millisecond)
		require.NoError(t, end())
	}
	before := count()
	require.Eventually(t, func() bool { return count() > before+20 }, time.Minute, time.Millisecond)
	close(stop)
	wg.Wait()
	require.Positive(t, failed, "no call was in progress, so the test proves nothing")
	have := make(map[leadtype.LeadID]bool)
	for _, id := range kept(t, opened) {
		have[id] = true
	}
	for id := range acknowledged {
		require.True(t, have[id], "%s was acknowledged", id)
	}
}

// SPDX-License-Identifier: Apache-2.0

package fleet_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/fleet"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/memory"
)

// A leavingStore is one in which a process has died that had leased a connection.
type leavingStore struct {
	*memory.Store
	left  string
	until time.Time
	now   func() time.Time

	mu    sync.Mutex
	taken bool
}

func (s *leavingStore) Acquire(ctx context.Context, name, owner string, ttl time.Duration) (store.Lease, error) {
	lease, err := s.Store.Acquire(ctx, name, owner, ttl)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.taken = s.taken || name == s.left && err == nil
	return lease, err
}

func (s *leavingStore) Abandoned(context.Context, int) ([]string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.taken || s.now().Before(s.until) {
		return nil, nil
	}
	return []string{s.left}, nil
}

// After the lease of a dead process has run out, its connection is the next that a worker takes, though
// others have been due all the time. The clock of store and process is the test's.
func TestConnectionOfADeadProcessIsTakenNext(t *testing.T) {
	t.Parallel()
	for _, names := range []bool{true, false} {
		var clock atomic.Int64
		began := time.Now()
		now := func() time.Time { return began.Add(time.Duration(clock.Load())) }
		busy := []string{"a", "b", "c", "d", "e", "f", "left"}
		h := newHost(t, busy...)
		h.store = memory.New(now)
		kept := &leavingStore{Store: h.store, left: "left", until: began.Add(10 * time.Second), now: now}
		var in fleet.Store = kept
		if !names {
			in = h.store
		}
		batches := make(chan string, 1000)
		f := h.processOn(in, func(c *fleet.Config) {
			c.Workers, c.Base.BatchSize, c.Now = 1, 1, now
			c.Base.Sink = sinkFunc(func(outcomes []*leadsync.Outcome) {
				if batches <- outcomes[0].EventID; outcomes[0].EventID == "b" {
					clock.Store(int64(11 * time.Second)) // while b is synced, after the poll
				}
			})
		})
		h.connect(f, busy...)
		for _, name := range busy {
			leads := []*leadsync.Lead{lead(1), lead(2), lead(3)}
			for _, l := range leads {
				l.EventID = name
			}
			_, err := f.Capture(t.Context(), name, leads...)
			require.NoError(t, err)
		}
		_, err := h.store.Acquire(t.Context(), "left", "dead", 10*time.Second)
		require.NoError(t, err)
		h.run(f)
		var order []string
		for range 4 {
			order = append(order, <-batches)
		}
		if names {
			require.Equal(t, []string{"a", "b", "left", "c"}, order)
		} else {
			require.NotContains(t, order, "left", "the control")
		}
	}
}

// The lock of a process that died while it refreshed a token ends when what it had asked for cannot come any more.
func TestLockOfATokenEndsSoonAfterARequestMay(t *testing.T) {
	t.Parallel()
	for timeout, want := range map[time.Duration]time.Duration{0: 45 * time.Second, 5 * time.Second: 20 * time.Second} {
		h := newHost(t, "acme")
		locking := &lockingStore{Store: h.store}
		f := h.processOn(locking, func(c *fleet.Config) { c.App.Timeout = timeout })
		h.connect(f, "acme")
		h.orgs["acme"].ExpireToken()
		syncer, err := f.Syncer(t.Context(), "acme")
		require.NoError(t, err)
		_, err = syncer.Sync(t.Context(), lead(1))
		require.NoError(t, err)
		require.Equal(t, int64(want), locking.ttl.Load())
	}
}

// A lockingStore notes for how long a token was locked.
type lockingStore struct {
	*memory.Store
	ttl atomic.Int64
}

func (s *lockingStore) LockToken(ctx context.Context, name, owner string, ttl time.Duration) error {
	s.ttl.Store(int64(ttl))
	return s.Store.LockToken(ctx, name, owner, ttl)
}

// SPDX-License-Identifier: Apache-2.0

package fleet_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/fleet"
	"github.com/leadsync/leadsync/store/memory"
)

// A forgetfulStore keeps no successor of a token while it fails.
type forgetfulStore struct {
	*memory.Store
	fails atomic.Bool
}

func (s *forgetfulStore) SwapToken(ctx context.Context, name string, version int64, sealed []byte) error {
	if s.fails.Load() {
		return errors.New("no disk")
	}
	return s.Store.SwapToken(ctx, name, version, sealed)
}

// withUnstoredSuccessor returns a host with a process that refreshed acme's token while the store
// failed. The refresh token was good once, and the store works again.
func withUnstoredSuccessor(t *testing.T) (*host, *fleet.Fleet) {
	t.Helper()
	h := newHost(t, "acme")
	failing := &forgetfulStore{Store: h.store}
	f := h.processOn(failing)
	h.connect(f, "acme")
	h.capture(f, "acme", 1)
	h.orgs["acme"].ExpireToken()
	failing.fails.Store(true)
	_, err := f.Drain(t.Context(), "acme", 1)
	require.NoError(t, err)
	require.Empty(t, h.stages(f, "acme")[leadsync.Cleared])
	failing.fails.Store(false)
	return h, f
}

// A successor that the store did not take must not be lost with a Syncer that other settings or modes replace.
func TestATokenThatWasNotStoredOutlivesItsSyncer(t *testing.T) {
	t.Parallel()
	h, f := withUnstoredSuccessor(t)
	require.NoError(t, f.SetSettings(t.Context(), "acme", &leadsync.Settings{LeadSource: "Fair"}, 0))
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var left fleet.Left
	for ctx.Err() == nil && left.State != fleet.LeftNothing {
		var err error
		left, err = f.Drain(ctx, "acme", 1)
		require.NoError(t, err)
	}
	require.Equal(t, 1, h.stages(f, "acme")[leadsync.Cleared])
	require.NoError(t, f.Disconnect(ctx, "acme"), "no process has the lock")
}

func TestDisconnectStoresASuccessorFirst(t *testing.T) {
	t.Parallel()
	_, f := withUnstoredSuccessor(t)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	require.NoError(t, f.Disconnect(ctx, "acme"))
}

// SPDX-License-Identifier: Apache-2.0

package fleet_test

import (
	"bytes"
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/fleet"
	"github.com/leadsync/leadsync/salesforce/login"
	"github.com/leadsync/leadsync/store"
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

// The lock of a token whose successor could not be stored is prolonged for as long as its process lives. It ends when
// the customer connects again: what it guards is not used any more.
func TestTheLockOfATokenEndsWhenTheCustomerConnectsAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		kept := memory.New(nil)
		cipher, err := login.NewTokenCipher(bytes.Repeat([]byte{7}, 32))
		require.NoError(t, err)
		f, err := fleet.New(kept, &fleet.Config{App: login.AppConfig{ClientID: "host"}, Cipher: cipher})
		require.NoError(t, err)
		connect := func() {
			require.NoError(t, kept.Connect(t.Context(), "acme", store.Link{Org: "00D000000000001EAA"}, []byte("sealed"), ""))
		}
		connect()
		unlock, err := f.LockToken(t.Context(), "acme")
		require.NoError(t, err)
		lockAs := func(owner string) error { return kept.LockToken(t.Context(), "acme", owner, time.Minute) }
		passes(time.Hour)
		require.ErrorIs(t, lockAs("another"), store.ErrTokenLocked)
		connect()
		passes(time.Minute)
		require.NoError(t, lockAs("another"))
		unlock()
		require.ErrorIs(t, lockAs("a third"), store.ErrTokenLocked, "the lock of another stays")
	})
}

// passes lets time pass in a bubble.
func passes(d time.Duration) { <-time.After(d) }

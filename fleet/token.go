// SPDX-License-Identifier: Apache-2.0

package fleet

import (
	"cmp"
	"context"
	"errors"
	"strconv"
	"sync/atomic"
	"time"

	"golang.org/x/oauth2"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/store"
)

const (
	// lockMargin is how much longer a process that died keeps others from refreshing a token than a request
	// for one takes at most: what has been asked for may still come, and be stored.
	lockMargin = 15 * time.Second
	// requestTimeout is what App.Timeout means when it is zero.
	requestTimeout = 30 * time.Second
	// lockAgain is how long a process waits before it asks for a lock again.
	lockAgain = 100 * time.Millisecond
)

// tokens is the login.TokenStore of a connection.
type tokens struct {
	*state
	name   string
	locked atomic.Bool
}

// Load returns the token that the Store has. It is nil where the connection was disconnected.
func (t *tokens) Load(ctx context.Context) (*oauth2.Token, string, error) {
	c, err := t.store.Connection(ctx, t.name)
	if err != nil || c.Token.Version == 0 {
		return nil, "", err
	}
	token, err := t.cfg.Cipher.Open(c.Link.Org, c.Token.Sealed)
	if err != nil { // waiting does not mend it
		err = &leadsync.Error{Op: "load the token", Code: leadsync.Authentication,
			Reason: "the token in the store was not sealed with the key of Config.Cipher", Err: err}
	}
	return token, strconv.FormatInt(c.Token.Version, 10), err
}

// lockTTL is how long the lock of a process that died lasts. It is prolonged while the process lives.
func (s *state) lockTTL() time.Duration {
	return cmp.Or(s.cfg.App.Timeout, requestTimeout) + lockMargin
}

// Lock waits until no other process refreshes the token.
func (t *tokens) Lock(ctx context.Context) (unlock func(), err error) {
	owner := t.cfg.NewID()
	for {
		err := t.store.LockToken(ctx, t.name, owner, t.lockTTL())
		if err == nil {
			break
		}
		if !errors.Is(err, store.ErrTokenLocked) {
			return nil, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(lockAgain):
		}
	}
	t.locked.Store(true)
	held, end := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan struct{})
	go func() {
		defer close(done)
		t.prolong(held, owner)
	}()
	return func() {
		end()
		<-done
		t.locked.Store(false)
		// If it fails, the lock ends by itself.
		_ = t.store.UnlockToken(context.WithoutCancel(ctx), t.name, owner)
	}, nil
}

// prolong keeps a lock until ctx ends: a token whose successor could not be stored yet must not be
// sent by another process. Once another token is stored, as after the customer connected again, it does not matter any
// more.
func (t *tokens) prolong(ctx context.Context, owner string) {
	var version int64 // of the token that is to be replaced
	if c, err := t.store.Connection(ctx, t.name); err == nil {
		version = c.Token.Version
	}
	every := time.NewTicker(t.lockTTL() / 3)
	defer every.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-every.C:
			c, err := t.store.Connection(ctx, t.name)
			if err == nil && version != 0 && c.Token.Version != version {
				return // the lock ends by itself
			}
			_ = t.store.LockToken(ctx, t.name, owner, t.lockTTL()) // the next tick tries again
		}
	}
}

// CompareAndSwap stores the successor of the token of a version.
func (t *tokens) CompareAndSwap(ctx context.Context, version string, token *oauth2.Token) (bool, error) {
	number, err := strconv.ParseInt(version, 10, 64)
	if err != nil {
		return false, err
	}
	c, err := t.store.Connection(ctx, t.name)
	if err != nil {
		return false, err
	}
	sealed, err := t.cfg.Cipher.Seal(c.Link.Org, token)
	if err != nil {
		return false, err
	}
	err = t.store.SwapToken(ctx, t.name, number, sealed)
	if errors.Is(err, store.ErrTokenSwapped) {
		return false, nil
	}
	return err == nil, err
}

// storeSuccessor stores the successor of a token that the Store did not take when this process got it, so that the lock
// is given back.
func (s *state) storeSuccessor(name string) {
	s.mu.Lock()
	m := s.members[name]
	s.mu.Unlock()
	if m != nil && m.grant != nil && m.grant.locked.Load() {
		_, _ = m.grant.source.Token() // where it fails, the lock stays
	}
}

// SPDX-License-Identifier: Apache-2.0

package login

import (
	"context"
	"fmt"

	"golang.org/x/oauth2"

	"github.com/leadsync/leadsync/salesforce"
)

// A TokenStore is where several processes keep the one token of a connection: such as
// a row of the host's database with a version, sealed by a TokenCipher, and a lock on
// that row. Its methods are called by one goroutine of a process at a time, with a
// context that is never done.
type TokenStore interface {
	// Load returns the token that is stored and its version, which CompareAndSwap and
	// every other change of the token change.
	Load(ctx context.Context) (token *oauth2.Token, version string, err error)
	// Lock waits until it holds the lock of this token, which one process has at a time,
	// and returns what releases it. A lock that ends by itself must outlast a request
	// to Salesforce (AppConfig.Timeout) and a CompareAndSwap. The lock of a process
	// that died must end.
	Lock(ctx context.Context) (unlock func(), err error)
	// CompareAndSwap stores token unless the version is another one meanwhile, which is
	// false without an error.
	CompareAndSwap(ctx context.Context, version string, token *oauth2.Token) (swapped bool, err error)
}

// RefreshShared is Refresh for a token that several processes use. It starts with the
// token in store, which the host put there after FinishLogin.
//
// A token that is stored is taken into use without the lock. When Salesforce rejects it, the
// first process that has the lock refreshes it, and stores the new one before it is used;
// the others find it there.
// With rotation Salesforce accepts a refresh token once, and ends the whole grant when
// it comes again, with the newest tokens: so none is sent without the lock, and when
// storing the new token fails, the lock is kept until a later call of Token has stored
// it. Only a process that dies between the two loses the token: the customer has to
// connect again.
//
// Refresh keeps its token to its process. A host that calls it in two processes for one
// rotating token loses the connection; nothing here can see that.
func (a *App) RefreshShared(store TokenStore) *Tokens {
	s := newTokens(nil, a.refresh, nil)
	s.shared = &shared{store: store}
	return s
}

// A shared is the state of a token in a TokenStore. Only the flight of Tokens uses it.
type shared struct {
	store   TokenStore
	unlock  func() // nil without the lock
	version string // of the token that the unsaved one replaces
}

// renewShared takes the token that another process has stored, or gets one and stores it.
func (s *Tokens) renewShared(ctx context.Context) (*oauth2.Token, error) {
	if s.shared.unlock == nil {
		// Without the lock, which a process that died may have: a token that is stored is good for all.
		if stored, _, taken, err := s.takeStored(ctx); err == nil && taken {
			return stored, nil
		}
		unlock, err := s.shared.store.Lock(ctx)
		if err != nil {
			return nil, fmt.Errorf("lock token: %w", err)
		}
		s.shared.unlock = unlock
	}
	defer func() {
		if !s.isUnsaved() {
			s.shared.unlock()
			s.shared.unlock = nil
		}
	}()
	if s.isUnsaved() {
		return s.swap(ctx)
	}
	stored, version, taken, err := s.takeStored(ctx)
	if err != nil || taken {
		return stored, err
	}
	renewed, err := s.fetch(ctx, stored)
	if err != nil {
		return nil, err
	}
	s.shared.version = version
	s.set(renewed, true)
	return s.swap(ctx)
}

// takeStored loads the stored token, and takes it into use unless it is the one that was rejected.
func (s *Tokens) takeStored(ctx context.Context) (stored *oauth2.Token, version string, taken bool, err error) {
	stored, version, err = s.load(ctx)
	if err != nil {
		return nil, "", false, err
	}
	s.mu.Lock()
	rejected := s.current.AccessToken
	s.mu.Unlock()
	if taken = stored.AccessToken != "" && stored.AccessToken != rejected; taken {
		s.set(stored, false)
	}
	return stored, version, taken, nil
}

// swap stores the token in use in place of the one that it was got with. Where another
// is stored meanwhile, such as after the customer connected again, that is used.
func (s *Tokens) swap(ctx context.Context) (*oauth2.Token, error) {
	s.mu.Lock()
	token := s.current
	s.mu.Unlock()
	swapped, err := s.shared.store.CompareAndSwap(ctx, s.shared.version, token)
	if err != nil {
		return nil, fmt.Errorf("save token: %w", err)
	}
	if !swapped {
		if token, _, err = s.load(ctx); err != nil {
			return nil, err
		}
		s.set(token, false)
		return token, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.unsaved = false
	return token, nil
}

func (s *Tokens) load(ctx context.Context) (*oauth2.Token, string, error) {
	token, version, err := s.shared.store.Load(ctx)
	switch {
	case err != nil:
		return nil, "", fmt.Errorf("load token: %w", err)
	case token == nil:
		return nil, "", &oauth2.RetrieveError{
			ErrorCode: string(salesforce.InvalidGrant), ErrorDescription: "no token is stored",
		}
	}
	return token, version, nil
}

// set makes token the one in use.
func (s *Tokens) set(token *oauth2.Token, unsaved bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.current, s.stale, s.unsaved = token, false, unsaved
}

func (s *Tokens) isUnsaved() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.unsaved
}

// SPDX-License-Identifier: Apache-2.0

package login

import (
	"context"
	"fmt"
	"sync"

	"golang.org/x/oauth2"
	"golang.org/x/sync/singleflight"
)

// Tokens is an oauth2.TokenSource that gets a new token after a salesforce.Client
// reported that Salesforce rejected the last one. However many goroutines ask, one
// request is made. It is safe for concurrent use. The methods of App return it.
type Tokens struct {
	fetch  func(ctx context.Context, old *oauth2.Token) (*oauth2.Token, error)
	save   func(ctx context.Context, token *oauth2.Token) error
	flight singleflight.Group
	shared *shared // nil for a token of this process alone

	mu sync.Mutex
	// current is the token in use, or the last one when stale.
	current *oauth2.Token
	stale   bool
	unsaved bool // current must still be saved
}

// Format hides the tokens, whatever the verb.
func (s *Tokens) Format(f fmt.State, _ rune) { redact(f) }

func newTokens(
	start *oauth2.Token,
	fetch func(context.Context, *oauth2.Token) (*oauth2.Token, error),
	save func(context.Context, *oauth2.Token) error,
) *Tokens {
	if start == nil {
		start = new(oauth2.Token)
	}
	return &Tokens{fetch: fetch, save: save, current: start, stale: start.AccessToken == ""}
}

// Token returns the token in use, and gets one if there is none. A refusal by
// Salesforce is *oauth2.RetrieveError.
func (s *Tokens) Token() (*oauth2.Token, error) {
	if token := s.usable(); token != nil {
		return token, nil
	}
	token, err, _ := s.flight.Do("", func() (any, error) {
		// Another flight may have got one in the meantime.
		if token := s.usable(); token != nil {
			return token, nil
		}
		if s.shared != nil {
			return s.renewShared(context.Background())
		}
		return s.renew(context.Background())
	})
	if err != nil {
		return nil, err
	}
	return token.(*oauth2.Token), nil
}

// Invalidate reports that Salesforce rejected an access token. Unless it has been
// replaced already, the next call of Token gets a new one.
func (s *Tokens) Invalidate(accessToken string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current.AccessToken == accessToken {
		s.stale = true
	}
}

// usable returns the token in use, nil when there is none or it is stale or unsaved.
func (s *Tokens) usable() *oauth2.Token {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stale || s.unsaved {
		return nil
	}
	return s.current
}

// renew gets a token and saves it. One that could not be saved earlier is saved
// instead.
func (s *Tokens) renew(ctx context.Context) (*oauth2.Token, error) {
	s.mu.Lock()
	token, stale := s.current, s.stale && !s.unsaved
	s.mu.Unlock()
	if stale {
		renewed, err := s.fetch(ctx, token)
		if err != nil {
			return nil, err
		}
		token = renewed
		s.set(token, s.save != nil)
	}
	if s.save != nil {
		if err := s.save(ctx, token); err != nil {
			return nil, fmt.Errorf("save token: %w", err)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.unsaved = false
	return token, nil
}

package salesforce

import (
	"context"
	"fmt"
	"sync"

	"golang.org/x/oauth2"
	"golang.org/x/sync/singleflight"
)

// Tokens is an oauth2.TokenSource that gets another token when the Client says
// that one was turned away. However many goroutines ask, one request is made.
// It is safe for concurrent use. An App makes it. Source: SALESFORCE.md 5.
type Tokens struct {
	fetch  func(ctx context.Context, old *oauth2.Token) (*oauth2.Token, error)
	save   func(ctx context.Context, token *oauth2.Token) error
	flight singleflight.Group

	mu sync.Mutex
	// current is the token in use, or the last one when stale.
	current *oauth2.Token
	stale   bool
	// unsaved says that current has yet to be saved.
	unsaved bool
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

// Token returns the token in use, after getting one if there is none. The error
// of a refusal by Salesforce is *oauth2.RetrieveError.
func (s *Tokens) Token() (*oauth2.Token, error) {
	if token := s.usable(); token != nil {
		return token, nil
	}
	token, err, _ := s.flight.Do("", func() (any, error) {
		// Another flight may have landed since.
		if token := s.usable(); token != nil {
			return token, nil
		}
		return s.renew(context.Background())
	})
	if err != nil {
		return nil, err
	}
	return token.(*oauth2.Token), nil
}

// Invalidate says that Salesforce turned an access token away. Unless another
// has taken its place already, the next call of Token gets one.
func (s *Tokens) Invalidate(accessToken string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current.AccessToken == accessToken {
		s.stale = true
	}
}

// usable returns the token in use, nil when there is none that may be used.
func (s *Tokens) usable() *oauth2.Token {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stale || s.unsaved {
		return nil
	}
	return s.current
}

// renew gets a token and saves it; one that could not be saved before is saved
// first.
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
		s.mu.Lock()
		s.current, s.stale, s.unsaved = token, false, s.save != nil
		s.mu.Unlock()
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

// SPDX-License-Identifier: Apache-2.0

package login_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/login"
)

// A turnstile is an org whose token ends with each round. It holds back the
// first refusals until the whole crowd has come with the token that is over, and
// the last of them until another has refreshed.
type turnstile struct {
	mu        sync.Mutex
	refreshes int
	accepts   string // the token that is good, empty for none
	crowd     sync.WaitGroup
	stale     int           // how many may still come with the token that is over
	refreshed chan struct{} // closed by the first refresh of a round
}

// open starts a round, which the token that is in use does not outlive.
func (s *turnstile) open(crowd int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.accepts, s.stale, s.refreshed = fmt.Sprintf("t%d", s.refreshes+1), crowd, make(chan struct{})
	s.crowd.Add(crowd)
}

func (s *turnstile) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Path == "/services/oauth2/token" {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.refreshes++
		select {
		case <-s.refreshed:
		default:
			close(s.refreshed)
		}
		return jsonReply(
			http.StatusOK, fmt.Sprintf(`{"access_token":"t%d","refresh_token":"r%d"}`, s.refreshes, s.refreshes),
		), nil
	}
	s.mu.Lock()
	good := r.Header.Get("Authorization") == "Bearer "+s.accepts
	early := !good && s.stale > 0
	last := early && s.stale == 1
	if early {
		s.stale--
		s.crowd.Done()
	}
	s.mu.Unlock()
	if good {
		return jsonReply(
			http.StatusOK,
			`{"compositeResponse":[{"referenceId":"r0","httpStatusCode":200,"body":{"attributes":{"type":"Lead"},`+
				`"Id":"00Q000000000001"}}]}`,
		), nil
	}
	if early {
		s.crowd.Wait()
	}
	if last {
		<-s.refreshed
	}
	return jsonReply(
		http.StatusUnauthorized, `[{"errorCode":"INVALID_SESSION_ID","message":"Session expired or invalid"}]`,
	), nil
}

func jsonReply(status int, body string) *http.Response {
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}
}

// crowd is how many goroutines meet one expired token.
const crowd = 50

// tokens counts what is saved, which must be every refresh, once.
func (s *turnstile) tokens(t *testing.T, saves *int) *login.Tokens {
	return newApp(
		t, s,
	).Refresh(&oauth2.Token{AccessToken: "t0", RefreshToken: "r0"}, func(context.Context, *oauth2.Token) error {
		*saves++ // never called twice at a time
		return nil
	})
}

func (s *turnstile) client(t *testing.T, saves *int) *salesforce.Client {
	client := newClient(t, instance, s.tokens(t, saves), salesforce.Config{HTTPClient: &http.Client{Transport: s}})
	return client
}

// rush reads with a whole crowd at once, and returns their errors.
func rush(t *testing.T, client *salesforce.Client) []error {
	failures := make([]error, crowd)
	var group sync.WaitGroup
	for i := range crowd {
		group.Go(func() {
			results, err := client.Read(t.Context(), salesforce.Get("Lead", "00Q000000000001"))
			if err == nil {
				err = results[0].Err
			}
			failures[i] = err
		})
	}
	group.Wait()
	return failures
}

func TestClientRefreshesOnceForACrowd(t *testing.T) {
	t.Parallel()
	s, saves := new(turnstile), 0
	client := s.client(t, &saves)
	for round := range 500 {
		s.open(crowd)
		for _, err := range rush(t, client) {
			require.NoError(t, err)
		}
		require.Equal(t, round+1, s.refreshes)
		require.Equal(t, round+1, saves)
	}
}

// hastyTokens take every refusal for one of the token in use.
type hastyTokens struct{ *login.Tokens }

func (h hastyTokens) Invalidate(string) {
	if token, err := h.Token(); err == nil {
		h.Tokens.Invalidate(token.AccessToken)
	}
}

// The control: without regard to which token was refused, a goroutine that learns of it late
// refreshes again.
func TestACrowdRefreshesMoreOftenWithoutRegardToTheToken(t *testing.T) {
	t.Parallel()
	s, saves := new(turnstile), 0
	client := newClient(
		t, instance, hastyTokens{s.tokens(t, &saves)}, salesforce.Config{HTTPClient: &http.Client{Transport: s}},
	)
	s.open(crowd)
	rush(t, client)
	require.Greater(t, s.refreshes, 1)
}

func TestClientEndsAPermanentRefusalAfterOneRefresh(t *testing.T) {
	t.Parallel()
	s, saves := new(turnstile), 0
	client := s.client(t, &saves)
	s.open(crowd)
	s.accepts = "none"
	for _, err := range rush(t, client) {
		var e *salesforce.Error
		require.ErrorAs(t, err, &e)
		require.Equal(t, salesforce.InvalidSessionID, e.Code)
	}
	require.Equal(t, 1, s.refreshes)
}

// SPDX-License-Identifier: Apache-2.0

package login_test

import (
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce/login"
)

// A host may keep the Attempt in the session by mistake: what is read from it again and
// again is a copy with the same state.
func TestAStateIsAnsweredOnce(t *testing.T) {
	t.Parallel()
	for name, first := range map[string]url.Values{
		"signed in": {"code": {"c"}},
		"refused":   {"error": {"access_denied"}},
		"no code":   {},
		"failed":    {"code": {"bad"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := &wire{script: []line{{status: 200, body: tokenReply}}}
			if name == "failed" {
				w.script = []line{{status: 503, body: "down"}}
			}
			app := newApp(t, w)
			attempt, err := app.BeginLogin("https://host.example/back")
			require.NoError(t, err)
			state := attempt.State
			inSession := *attempt // a copy
			first.Set("state", state)
			_, err = app.FinishLogin(t.Context(), attempt, first)
			require.Equal(t, name == "signed in", err == nil)
			sent := len(w.sent)

			for _, again := range []*login.Attempt{attempt, &inSession} {
				_, err = app.FinishLogin(t.Context(), again, url.Values{"state": {state}, "code": {"planted"}})
				require.ErrorIs(t, err, login.ErrState)
			}
			require.Len(t, w.sent, sent, "a code was sent for a state that is used up")
		})
	}
}

// What does not match uses up nothing: else whoever sends the browser to the redirect URL
// could spoil a sign-in in progress.
func TestAWrongAnswerLeavesTheState(t *testing.T) {
	t.Parallel()
	app := newApp(t, &wire{script: []line{{status: 200, body: tokenReply}}})
	attempt, err := app.BeginLogin("https://host.example/back")
	require.NoError(t, err)
	_, err = app.FinishLogin(t.Context(), attempt, url.Values{"state": {"forged"}, "code": {"c"}})
	require.ErrorIs(t, err, login.ErrState)
	_, err = app.FinishLogin(t.Context(), attempt, url.Values{"state": {attempt.State}, "code": {"c"}})
	require.NoError(t, err)
}

func TestAStateIsAnsweredOnceByACrowd(t *testing.T) {
	t.Parallel()
	var requests atomic.Int32
	app := newApp(t, roundTripFunc(func(*http.Request) (*http.Response, error) {
		requests.Add(1)
		return jsonReply(http.StatusOK, tokenReply), nil
	}))
	const rounds = 20
	for range rounds {
		attempt, err := app.BeginLogin("https://host.example/back")
		require.NoError(t, err)
		var group sync.WaitGroup
		for range crowd {
			inSession := *attempt
			group.Go(func() {
				answer := url.Values{"state": {inSession.State}, "code": {"c"}}
				_, _ = app.FinishLogin(t.Context(), &inSession, answer)
			})
		}
		group.Wait()
	}
	require.EqualValues(t, rounds, requests.Load())
}

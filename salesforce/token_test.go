// SPDX-License-Identifier: Apache-2.0

package salesforce_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"github.com/leadsync/leadsync/salesforce"
)

// tokens hands out one token after the other, the next when the one before was
// invalidated.
type tokens struct {
	texts       []string
	err         error // when there are no more
	invalidated []string
}

func (s *tokens) Token() (*oauth2.Token, error) {
	if len(s.texts) == 0 {
		return nil, s.err
	}
	return &oauth2.Token{AccessToken: s.texts[0]}, nil
}

func (s *tokens) Invalidate(token string) {
	s.invalidated = append(s.invalidated, token)
	s.texts = s.texts[1:]
}

func TestClientRenewsAnExpiredTokenOnce(t *testing.T) {
	t.Parallel()
	expired := refusal(401, "INVALID_SESSION_ID", "Session expired or invalid")
	for name, test := range map[string]struct {
		tokens tokens
		script []line
		sent   []string
		code   salesforce.StatusCode
	}{
		"renewed":    {tokens{texts: []string{"a", "b"}}, []line{expired, ok}, []string{"a", "b"}, ""},
		"refused":    {tokens{texts: []string{"a", "b", "c"}}, []line{expired}, []string{"a", "b"}, "INVALID_SESSION_ID"},
		"same again": {tokens{texts: []string{"a", "a"}}, []line{expired}, []string{"a"}, "INVALID_SESSION_ID"},
		"no other": {
			tokens{
				texts: []string{"a"},
				err: &oauth2.RetrieveError{
					ErrorCode: "invalid_grant", Response: &http.Response{StatusCode: 400}, Body: []byte("secret"),
				},
			},
			[]line{expired}, []string{"a"}, "invalid_grant",
		},
		"another 401": {
			tokens{texts: []string{"a", "b"}},
			[]line{refusal(401, "INVALID_AUTH_HEADER", "x")},
			[]string{"a"},
			"INVALID_AUTH_HEADER",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := &wire{script: test.script}
			results, err := w.client(t, salesforce.Config{}, &test.tokens).Write(t.Context(), unkeyed)
			require.NoError(t, err)
			var sent []string
			for _, request := range w.sent {
				sent = append(sent, strings.TrimPrefix(request.header.Get("Authorization"), "Bearer "))
			}
			require.Equal(t, test.sent, sent)
			if test.code == "" {
				require.NoError(t, results[0].Err)
				return
			}
			var e *salesforce.Error
			require.ErrorAs(t, results[0].Err, &e)
			require.Equal(t, test.code, e.Code)
			require.False(t, e.Uncertain)
			require.NotContains(t, fmt.Sprint(e), "secret")
		})
	}
}

// A 401 that is not Salesforce's own is about the token too, but not certainly
// that nothing was done.
func TestClientRenewsATokenThatAPageRejects(t *testing.T) {
	t.Parallel()
	page := line{status: 401, body: "<html>"}
	w := &wire{script: []line{page, ok}}
	results, err := w.client(t, salesforce.Config{}, &tokens{texts: []string{"a", "b"}}).Write(t.Context(), update)
	require.NoError(t, err)
	require.NoError(t, results[0].Err)
	require.Len(t, w.sent, 2)

	w = &wire{script: []line{page, ok}}
	results, err = w.client(t, salesforce.Config{}, &tokens{texts: []string{"a", "b"}}).Write(t.Context(), unkeyed)
	require.NoError(t, err)
	var e *salesforce.Error
	require.ErrorAs(t, results[0].Err, &e)
	require.True(t, e.Uncertain)
	require.Len(t, w.sent, 1)
}

// A token that was read from a file may have the file's line break at its end.
func TestClientRefusesATokenThatItCannotSend(t *testing.T) {
	t.Parallel()
	for want, source := range map[string]oauth2.TokenSource{
		"no response: token source gave no token": oauth2.StaticTokenSource(nil),
		"no response: access token holds a control character": oauth2.StaticTokenSource(
			&oauth2.Token{AccessToken: "s3cret\n"}),
	} {
		w := &wire{script: []line{ok}}
		client := w.client(t, salesforce.Config{}, source)
		results, err := client.Write(t.Context(), unkeyed)
		require.NoError(t, err)
		require.EqualError(t, results[0].Err, "salesforce: "+want)
		_, _, err = client.Identity(t.Context())
		require.EqualError(t, err, "salesforce: "+want)
		require.Empty(t, w.sent)
	}
}

func TestClientKeepsATokenWithoutInvalidate(t *testing.T) {
	t.Parallel()
	w := &wire{script: []line{refusal(401, "INVALID_SESSION_ID", "x")}}
	results, err := w.client(t, salesforce.Config{}, nil).Write(t.Context(), unkeyed)
	require.NoError(t, err)
	require.Error(t, results[0].Err)
	require.Len(t, w.sent, 1)
}

func TestClientSendsNothingWithoutAToken(t *testing.T) {
	t.Parallel()
	w := &wire{script: []line{ok}}
	source := &tokens{err: errors.New("Post https://host/?secret: refused")}
	client := w.client(t, salesforce.Config{}, source)
	results, err := client.Write(t.Context(), unkeyed)
	require.NoError(t, err)
	require.ErrorIs(t, results[0].Err, source.err)
	require.NotContains(t, results[0].Err.Error(), "secret")
	_, _, err = client.Identity(t.Context())
	require.ErrorIs(t, err, source.err)
	require.Empty(t, w.sent)
}

// stuckTokens is a source that waits for what does not come.
type stuckTokens struct{ asked chan struct{} }

func (s stuckTokens) Token() (*oauth2.Token, error) {
	s.asked <- struct{}{}
	select {}
}

func TestClientDoesNotWaitForATokenPastItsContext(t *testing.T) {
	t.Parallel()
	for name, call := range map[string]func(context.Context, *salesforce.Client) error{
		"read": func(ctx context.Context, client *salesforce.Client) error {
			_, err := client.Read(ctx, salesforce.DescribeObject("Lead", ""))
			return err
		},
		"write": func(ctx context.Context, client *salesforce.Client) error {
			results, err := client.Write(ctx, unkeyed)
			require.NoError(t, err)
			require.ErrorIs(t, results[0].Err, salesforce.ErrNotSent)
			return results[0].Err
		},
		"identity": func(ctx context.Context, client *salesforce.Client) error {
			_, _, err := client.Identity(ctx)
			return err
		},
		"job": func(ctx context.Context, client *salesforce.Client) error {
			_, err := client.IngestJob(ctx, bulkJob)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			source := stuckTokens{make(chan struct{})}
			go func() {
				<-source.asked
				cancel()
			}()
			w := &wire{script: []line{ok}}
			require.ErrorIs(t, call(ctx, w.client(t, salesforce.Config{}, source)), context.Canceled)
			require.Empty(t, w.sent)
		})
	}
}

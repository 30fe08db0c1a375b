// SPDX-License-Identifier: Apache-2.0

package login_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/login"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

const tokenReply = `{"access_token":"00D000000000001!new","instance_url":"https://example.my.salesforce.com",
	"id":"https://login.salesforce.com/id/00D000000000001EAA/005000000000001AAA","token_type":"Bearer",
	"issued_at":"1645223681952","signature":"s"}`

func newApp(t *testing.T, transport http.RoundTripper) *login.App {
	app, err := login.NewApp(login.AppConfig{
		ClientID:     "client",
		ClientSecret: "s3cret",
		LoginURL:     instance,
		HTTPClient:   &http.Client{Transport: transport},
	})
	require.NoError(t, err)
	return app
}

// form is what was posted to the token endpoint.
func (r sentRequest) form(t *testing.T) url.Values {
	require.Equal(t, instance+"/services/oauth2/token", r.url)
	require.Equal(t, "application/x-www-form-urlencoded", r.header.Get("Content-Type"))
	form, err := url.ParseQuery(r.body)
	require.NoError(t, err)
	return form
}

func TestNewAppRefusesWhatItCannotUse(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		cfg  login.AppConfig
		want string
	}{
		"no client id":     {login.AppConfig{LoginURL: instance}, "ClientID"},
		"no login url":     {login.AppConfig{ClientID: "c"}, "login instance url"},
		"other login url":  {login.AppConfig{ClientID: "c", LoginURL: "https://example.org"}, "example.org"},
		"negative timeout": {login.AppConfig{ClientID: "c", LoginURL: instance, Timeout: -1}, "Timeout"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := login.NewApp(test.cfg)
			require.ErrorContains(t, err, test.want)
		})
	}
}

func TestClientCredentialsAsksForATokenWhenFirstUsed(t *testing.T) {
	t.Parallel()
	w := &wire{script: []line{{status: 200, body: tokenReply}}}
	source := newApp(t, w).ClientCredentials()
	require.Empty(t, w.sent)
	for range 2 {
		token, err := source.Token()
		require.NoError(t, err)
		require.Equal(t, "00D000000000001!new", token.AccessToken)
		require.Equal(t, instance, login.InstanceURL(token))
		require.True(t, token.Expiry.IsZero())
	}
	require.Len(t, w.sent, 1)
	require.Equal(
		t,
		url.Values{"grant_type": {"client_credentials"}, "client_id": {"client"}, "client_secret": {"s3cret"}},
		w.sent[0].form(t),
	)

	client := newClient(t, instance, source, salesforce.Config{})
	org, user, err := client.Identity(t.Context())
	require.NoError(t, err)
	require.Equal(t, salesforce.ID("00D000000000001EAA"), org)
	require.Equal(t, salesforce.ID("005000000000001AAA"), user)
}

func TestRefreshSavesARotatedTokenBeforeItIsUsed(t *testing.T) {
	t.Parallel()
	rotated := strings.Replace(tokenReply, `"token_type"`, `"refresh_token":"r2","token_type"`, 1)
	w := &wire{script: []line{{status: 200, body: rotated}}}
	var saved []string
	down := errors.New("disk full")
	source := newApp(
		t, w,
	).Refresh(&oauth2.Token{AccessToken: "old", RefreshToken: "r1"}, func(_ context.Context, token *oauth2.Token) error {
		saved = append(saved, token.RefreshToken)
		return down
	})
	token, err := source.Token()
	require.NoError(t, err)
	require.Equal(t, "old", token.AccessToken)
	require.Empty(t, w.sent)

	source.Invalidate("another")
	source.Invalidate("old")
	for range 2 {
		_, err = source.Token()
		require.ErrorIs(t, err, down)
	}
	require.Len(t, w.sent, 1, "a token that could not be saved was lost")
	require.Equal(
		t,
		url.Values{
			"grant_type":    {"refresh_token"},
			"refresh_token": {"r1"},
			"client_id":     {"client"},
			"client_secret": {"s3cret"},
		},
		w.sent[0].form(t),
	)

	down = nil
	token, err = source.Token()
	require.NoError(t, err)
	require.Equal(t, "r2", token.RefreshToken)
	require.Equal(t, []string{"r2", "r2", "r2"}, saved)

	source.Invalidate(token.AccessToken)
	_, err = source.Token()
	require.NoError(t, err)
	require.Len(t, w.sent, 2)
	require.Equal(t, "r2", w.sent[1].form(t).Get("refresh_token"))
}

// Salesforce may give the access token once more that a late refusal is about.
func TestRefreshSavesFirstWhatItCouldNotSave(t *testing.T) {
	t.Parallel()
	rotated := strings.Replace(tokenReply, `"token_type"`, `"refresh_token":"r2","token_type"`, 1)
	w := &wire{script: []line{{status: 200, body: rotated}, {err: io.ErrUnexpectedEOF}}}
	var saved []string
	down := errors.New("disk full")
	source := newApp(t, w).Refresh(&oauth2.Token{RefreshToken: "r1"}, func(_ context.Context, token *oauth2.Token) error {
		saved = append(saved, token.AccessToken)
		return down
	})
	_, err := source.Token()
	require.ErrorIs(t, err, down)
	source.Invalidate(saved[0])
	down = nil
	_, _ = source.Token()
	require.Len(t, saved, 2)
	_, err = source.Token()
	require.Error(t, err, "the token was rejected")
}

func TestRefreshKeepsATokenThatIsNotRotated(t *testing.T) {
	t.Parallel()
	w := &wire{script: []line{{status: 200, body: tokenReply}}}
	source := newApp(t, w).Refresh(&oauth2.Token{RefreshToken: "r1"}, nil)
	token, err := source.Token()
	require.NoError(t, err)
	require.Equal(t, "r1", token.RefreshToken)
}

func TestRefreshNeedsARefreshToken(t *testing.T) {
	t.Parallel()
	w := &wire{script: []line{{status: 200, body: tokenReply}}}
	source := newApp(t, w).Refresh(nil, nil)
	_, err := source.Token()
	require.ErrorContains(t, err, "no refresh token")
	results, err := w.client(t, source).Write(t.Context(), unkeyed)
	require.NoError(t, err)
	var e *salesforce.Error
	require.ErrorAs(t, results[0].Err, &e)
	require.Equal(t, salesforce.InvalidGrant, e.Code)
	require.False(t, e.Retryable())
	require.Empty(t, w.sent)
}

func TestTokensMakeOneRequestForAllWhoAsk(t *testing.T) {
	t.Parallel()
	var requests, saves atomic.Int32
	app := newApp(t, roundTripFunc(func(r *http.Request) (*http.Response, error) {
		n := requests.Add(1)
		body := fmt.Sprintf(`{"access_token":"t%d","refresh_token":"r%d"}`, n, n)
		return &http.Response{StatusCode: 200, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
	}))
	source := app.Refresh(
		&oauth2.Token{AccessToken: "t0", RefreshToken: "r0"},
		func(context.Context, *oauth2.Token) error {
			saves.Add(1)
			return nil
		},
	)
	for round := range 20 {
		var group sync.WaitGroup
		for range 50 {
			group.Go(func() {
				source.Invalidate(fmt.Sprintf("t%d", round))
				token, err := source.Token()
				if err != nil || token.AccessToken != fmt.Sprintf("t%d", round+1) {
					t.Errorf("round %d: got %v, %v", round, token, err)
				}
			})
		}
		group.Wait()
		require.EqualValues(t, round+1, requests.Load())
		require.EqualValues(t, round+1, saves.Load())
	}
}

func TestTokensReturnARefusal(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		line line
		code string
		want string
	}{
		"refused": {
			line{status: 400, body: `{"error":"invalid_grant","error_description":"inactive user"}`},
			"invalid_grant",
			"invalid_grant",
		},
		"page": {line{status: 503, body: "<html>s3cret"}, "", "cannot fetch token"},
		"redirect": {
			line{status: 302, headers: map[string]string{"Location": "https://evil.example.org"}}, "", "cannot fetch token",
		},
		"no token":      {line{status: 200, body: `{"token_type":"Bearer"}`}, "-", "reply holds no token"},
		"no json":       {line{status: 200, body: `<html>s3cret`}, "-", "reply holds no token"},
		"cut":           {line{status: 200, body: tokenReply[:40]}, "-", "reply holds no token"},
		"too long":      {line{status: 200, body: tokenReply + strings.Repeat(" ", 1<<20)}, "-", "longer than 1048576 bytes"},
		"no connection": {line{err: errors.New("connection refused")}, "-", "token endpoint: connection refused"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := &wire{script: []line{test.line}}
			_, err := newApp(t, w).ClientCredentials().Token()
			require.ErrorContains(t, err, test.want)
			require.NotContains(t, err.Error(), "s3cret")
			require.NotContains(t, err.Error(), "http")
			require.Len(t, w.sent, 1)
			var refused *oauth2.RetrieveError
			require.Equal(t, test.code != "-", errors.As(err, &refused))
			if refused != nil {
				require.Equal(t, test.code, refused.ErrorCode)
				require.Equal(t, test.line.status, refused.Response.StatusCode)
			}
		})
	}
}

func TestTokensGiveUpAnEndpointThatDoesNotAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		_, err := newApp(t, &wire{script: []line{{hang: true}}}).ClientCredentials().Token()
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Equal(t, 30*time.Second, time.Since(start))
	})
}

func TestLoginTradesTheCodeForTokens(t *testing.T) {
	t.Parallel()
	w := &wire{script: []line{{status: 200, body: tokenReply}}}
	app := newApp(t, w)
	attempt, err := app.BeginLogin("https://host.example/back?x=1", "api", "refresh_token")
	require.NoError(t, err)
	address, err := url.Parse(attempt.URL)
	require.NoError(t, err)
	require.Equal(t, instance+"/services/oauth2/authorize", "https://"+address.Host+address.Path)
	challenge := sha256.Sum256([]byte(attempt.Verifier))
	require.Equal(t, url.Values{
		"response_type":         {"code"},
		"client_id":             {"client"},
		"redirect_uri":          {"https://host.example/back?x=1"},
		"state":                 {attempt.State},
		"scope":                 {"api refresh_token"},
		"code_challenge":        {base64.RawURLEncoding.EncodeToString(challenge[:])},
		"code_challenge_method": {"S256"},
	}, address.Query())
	state, err := base64.RawURLEncoding.DecodeString(attempt.State)
	require.NoError(t, err)
	require.Len(t, state, 32)

	token, err := app.FinishLogin(t.Context(), attempt, url.Values{"state": {attempt.State}, "code": {"c"}})
	require.NoError(t, err)
	require.Equal(t, "00D000000000001!new", token.AccessToken)
	require.Equal(t, url.Values{
		"grant_type": {"authorization_code"}, "code": {"c"}, "redirect_uri": {"https://host.example/back?x=1"},
		"client_id": {"client"}, "client_secret": {"s3cret"}, "code_verifier": {attempt.Verifier},
	}, w.sent[0].form(t))

	other, err := app.BeginLogin("https://host.example/back")
	require.NoError(t, err)
	require.NotEqual(t, attempt.State, other.State)
	require.NotEqual(t, attempt.Verifier, other.Verifier)
}

func TestLoginRefusesAnAnswerThatIsNotItsOwn(t *testing.T) {
	t.Parallel()
	w := &wire{
		script: []line{{status: 400, body: `{"error":"invalid_grant","error_description":"expired authorization code"}`}},
	}
	app := newApp(t, w)
	begin := func() *login.Attempt {
		attempt, err := app.BeginLogin("https://host.example/back")
		require.NoError(t, err)
		return attempt
	}
	attempt, refused, without := begin(), begin(), begin()
	for name, test := range map[string]struct {
		login  *login.Attempt
		answer url.Values
		want   string
	}{
		"no state":    {attempt, url.Values{"code": {"c"}}, "state does not match"},
		"other state": {attempt, url.Values{"state": {"x"}, "code": {"c"}}, "state does not match"},
		"no login":    {nil, url.Values{"state": {""}, "code": {"c"}}, "state does not match"},
		"empty login": {new(login.Attempt), url.Values{"state": {""}, "code": {"c"}}, "state does not match"},
		"refused":     {refused, url.Values{"state": {refused.State}, "error": {"access_denied"}}, "access_denied"},
		"no code":     {without, url.Values{"state": {without.State}}, "no code"},
	} {
		_, err := app.FinishLogin(t.Context(), test.login, test.answer)
		require.ErrorContains(t, err, test.want, name)
	}
	require.Empty(t, w.sent)
	_, err := app.FinishLogin(t.Context(), attempt, url.Values{"state": {attempt.State}, "code": {"c"}})
	var failure *oauth2.RetrieveError
	require.ErrorAs(t, err, &failure)
	require.Equal(t, "invalid_grant", failure.ErrorCode)

	for _, back := range []string{"", "/back", "https://host/#x", "%zz"} {
		_, err := app.BeginLogin(back)
		require.ErrorContains(t, err, "redirect url", back)
	}
}

func TestSecretsDoNotPrint(t *testing.T) {
	t.Parallel()
	cfg := login.AppConfig{ClientID: "c", ClientSecret: "s3cret", LoginURL: instance}
	app := newApp(t, nil)
	attempt := login.Attempt{URL: "s3cret", State: "s3cret", Verifier: "s3cret"}
	source := app.Refresh(&oauth2.Token{AccessToken: "s3cret", RefreshToken: "s3cret"}, nil)
	client := newClient(t, instance, source, salesforce.Config{})
	var log bytes.Buffer
	static := newClient(t, instance, oauth2.StaticTokenSource(&oauth2.Token{AccessToken: "s3cret"}), salesforce.Config{})
	person := salesforce.UserInfo{Username: "s3cret", Name: "s3cret", Email: "s3cret"}
	for _, value := range []any{cfg, &cfg, app, attempt, &attempt, source, client, static, person, &person} {
		for _, format := range []string{"%v", "%+v", "%#v", "%s", "%d", "%x"} {
			fmt.Fprintf(&log, format, value)
		}
		slog.New(slog.NewTextHandler(&log, nil)).Info("x", "value", value)
		slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "value", value)
	}
	require.NotContains(t, log.String(), "s3cret")
}

func TestClientRefreshesItsTokenAtAnOrg(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	host := strings.TrimPrefix(org.URL(), "http://")
	app, err := login.NewApp(login.AppConfig{ClientID: "c", LoginURL: org.URL(), Hosts: []string{host}})
	require.NoError(t, err)
	var saved []string
	source := app.Refresh(
		&oauth2.Token{AccessToken: org.Token(), RefreshToken: org.RefreshToken()},
		func(_ context.Context, token *oauth2.Token) error {
			saved = append(saved, token.RefreshToken)
			return nil
		},
	)
	client := newClient(t, org.URL(), source, salesforce.Config{Hosts: []string{host}})
	for range 3 {
		org.ExpireToken()
		reads, err := client.Read(t.Context(), salesforce.DescribeObject("Lead", ""))
		require.NoError(t, err)
		require.NoError(t, reads[0].Err)
	}
	require.Len(t, saved, 3)
	require.Equal(t, org.RefreshToken(), saved[2])
	org.DeactivateUser()
	reads, err := client.Read(t.Context(), salesforce.DescribeObject("Lead", ""))
	require.NoError(t, err)
	var e *salesforce.Error
	require.ErrorAs(t, reads[0].Err, &e)
	require.Equal(t, salesforce.StatusCode("invalid_grant"), e.Code)
	require.Equal(t, "inactive user", e.Message)
}

func TestRevokeEndsTheGrant(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	app := appOf(t, org)
	token := &oauth2.Token{AccessToken: org.Token(), RefreshToken: org.RefreshToken()}
	require.NoError(t, app.Revoke(t.Context(), token))
	client := newClient(
		t, org.URL(), app.Refresh(token, nil), salesforce.Config{Hosts: []string{strings.TrimPrefix(org.URL(), "http://")}},
	)
	_, err := client.UserInfo(t.Context())
	var e *salesforce.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, salesforce.StatusCode("invalid_grant"), e.Code)
	var unknown *oauth2.RetrieveError
	require.ErrorAs(t, app.Revoke(t.Context(), token), &unknown)
	require.Equal(t, "unsupported_token_type", unknown.ErrorCode)
}

func TestRevokeReturnsARefusal(t *testing.T) {
	t.Parallel()
	w := &wire{script: []line{{err: errors.New("connection refused")}}}
	app := newApp(t, w)
	require.ErrorContains(
		t, app.Revoke(t.Context(), &oauth2.Token{AccessToken: "s3cret"}), "revoke endpoint: connection refused",
	)
	require.Equal(t, "token=s3cret", w.sent[0].body)
	require.ErrorContains(t, app.Revoke(t.Context(), nil), "no token")
	require.ErrorContains(t, app.Revoke(t.Context(), new(oauth2.Token)), "no token")
	require.Len(t, w.sent, 1)
}

func FuzzTokenReply(f *testing.F) {
	for _, body := range []string{
		"", "{}", "null", tokenReply, `{"access_token":1}`, `{"error":"invalid_grant"}`,
		`{"access_token":"x","id":{},"instance_url":[]}`,
	} {
		f.Add(200, body)
		f.Add(400, body)
	}
	f.Fuzz(func(t *testing.T, status int, body string) {
		w := &wire{script: []line{{status: status, body: body}}}
		token, err := newApp(t, w).ClientCredentials().Token()
		require.Equal(t, err == nil, token != nil)
		if err != nil {
			return
		}
		require.Equal(t, 200, status)
		require.NotEmpty(t, token.AccessToken)
		_ = login.InstanceURL(token)
		_ = salesforce.CheckOrg(token, sealedOrg)
	})
}

// SPDX-License-Identifier: Apache-2.0

package login

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/internal/dial"
)

// maxTokenReply bounds a reply of the token endpoint in bytes.
const maxTokenReply = 1 << 20

// AppConfig identifies a connected app or an External Client App to Salesforce, and
// says how to reach the token endpoint.
type AppConfig struct {
	// ClientID is the app's consumer key. Required.
	ClientID string
	// ClientSecret is the app's consumer secret. It may be empty for a web server
	// sign-in, which PKCE protects; JWT does not use it.
	ClientSecret string
	// LoginURL is where users sign in: https://login.salesforce.com,
	// https://test.salesforce.com or the org's My Domain. JWT and client
	// credentials need the My Domain. Required.
	LoginURL string
	// Hosts are hosts that LoginURL may have besides Salesforce's own, as in
	// salesforce.Config.
	Hosts []string
	// HTTPClient sends the requests; nil means one of the package's own. Redirects
	// are never followed.
	HTTPClient *http.Client
	// AllowPrivate is as in salesforce.Config.
	AllowPrivate bool
	// Timeout bounds one request with its reply. Zero means 30 seconds.
	Timeout time.Duration
}

// Format hides the secret, whatever the verb.
func (c AppConfig) Format(f fmt.State, _ rune) { redact(f) }

// LogValue hides the secret.
func (c AppConfig) LogValue() slog.Value { return slog.StringValue(redacted) }

const redacted = "[redacted]"

func redact(f fmt.State) { _, _ = io.WriteString(f, redacted) }

// An App gets tokens for a connected app or an External Client App. It is safe for
// concurrent use.
//
// A host that already has an access token needs no App: salesforce.New also takes
// an oauth2.StaticTokenSource.
type App struct {
	cfg    AppConfig
	origin string
	states usedStates
}

// Format hides the secret, whatever the verb.
func (a *App) Format(f fmt.State, _ rune) { redact(f) }

// NewApp returns an App. It makes no request; the error names the field of cfg that
// is missing or wrong.
func NewApp(cfg AppConfig) (*App, error) {
	if cfg.ClientID == "" {
		return nil, errors.New("salesforce: app: no ClientID")
	}
	if cfg.Timeout < 0 {
		return nil, errors.New("salesforce: app: Timeout is negative")
	}
	if cfg.Timeout == 0 {
		cfg.Timeout = 30 * time.Second
	}
	origin, listed, err := dial.Origin(cfg.LoginURL, cfg.Hosts)
	if err != nil {
		return nil, fmt.Errorf("salesforce: app: login %w", err)
	}
	if cfg.HTTPClient == nil {
		cfg.HTTPClient = &http.Client{Transport: dial.NewTransport(origin, !listed && !cfg.AllowPrivate)}
	}
	return &App{cfg: cfg, origin: origin}, nil
}

// ClientCredentials returns a source of tokens for the user that the app runs as.
// It requests the first one when it is first used.
func (a *App) ClientCredentials() *Tokens {
	return newTokens(nil, func(ctx context.Context, _ *oauth2.Token) (*oauth2.Token, error) {
		return a.request(ctx, url.Values{
			"grant_type":    {"client_credentials"},
			"client_id":     {a.cfg.ClientID},
			"client_secret": {a.cfg.ClientSecret},
		})
	}, nil)
}

// Refresh returns a source that starts with token, of which only the refresh token
// must be set, and refreshes it when Salesforce rejects the access token.
//
// With refresh token rotation each refresh yields a new refresh token and the old
// one stops working immediately. Therefore save, if set, is called with each new
// token before it is used; the host already has token itself. When save fails, so
// does Token, and the next call tries to save again before anything else: the token
// is not lost while the process lives. save is never called concurrently, and its
// context is never done. Only one process may refresh a token: two would end the
// whole grant. Several share one with RefreshShared. A token without a refresh token
// fails as a refused one does, with salesforce.InvalidGrant.
func (a *App) Refresh(token *oauth2.Token, save func(context.Context, *oauth2.Token) error) *Tokens {
	return newTokens(token, a.refresh, save)
}

// refresh gets a token with the refresh token of an old one.
func (a *App) refresh(ctx context.Context, old *oauth2.Token) (*oauth2.Token, error) {
	if old.RefreshToken == "" {
		return nil, &oauth2.RetrieveError{ErrorCode: string(salesforce.InvalidGrant), ErrorDescription: "no refresh token"}
	}
	form := url.Values{
		"grant_type":    {"refresh_token"},
		"refresh_token": {old.RefreshToken},
		"client_id":     {a.cfg.ClientID},
	}
	if a.cfg.ClientSecret != "" {
		form.Set("client_secret", a.cfg.ClientSecret)
	}
	renewed, err := a.request(ctx, form)
	if err != nil {
		return nil, err
	}
	if renewed.RefreshToken == "" {
		renewed.RefreshToken = old.RefreshToken
	}
	return renewed, nil
}

// InstanceURL returns the address of the org from a token reply, for
// salesforce.New, which checks it, and "" for a token that no App made.
func InstanceURL(token *oauth2.Token) string {
	address, _ := token.Extra("instance_url").(string)
	return address
}

// Revoke revokes a token: with a refresh token the whole grant and all its
// sessions, else the one session. A host calls it when a customer disconnects. The
// error wraps *oauth2.RetrieveError when Salesforce does not know the token, which
// may have been revoked already.
func (a *App) Revoke(ctx context.Context, token *oauth2.Token) error {
	var text string
	if token != nil {
		text = cmp.Or(token.RefreshToken, token.AccessToken)
	}
	if text == "" {
		return errors.New("salesforce: revoke: no token")
	}
	resp, body, err := a.post(ctx, "revoke", url.Values{"token": {text}})
	if err == nil && resp.StatusCode != http.StatusOK {
		err = refusal(resp, body)
	}
	if err != nil {
		return fmt.Errorf("salesforce: revoke: %w", err)
	}
	return nil
}

// request posts a form to the token endpoint. A refusal is *oauth2.RetrieveError
// without the body of the reply.
func (a *App) request(ctx context.Context, form url.Values) (*oauth2.Token, error) {
	resp, body, err := a.post(ctx, "token", form)
	if err != nil {
		return nil, err
	}
	return readToken(resp, body)
}

// post sends a form to an OAuth endpoint and reads the reply, whose Body is closed.
func (a *App) post(ctx context.Context, endpoint string, form url.Values) (*http.Response, []byte, error) {
	ctx, cancel := context.WithTimeout(ctx, a.cfg.Timeout)
	defer cancel()
	address := a.origin + "/services/oauth2/" + endpoint
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, nil, dial.WithoutURL(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", dial.UserAgent)
	client := *a.cfg.HTTPClient
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	resp, err := client.Do(req)
	if err != nil {
		return nil, nil, fmt.Errorf("%s endpoint: %w", endpoint, dial.WithoutURL(err))
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxTokenReply+1))
	if err == nil && len(body) > maxTokenReply {
		err = fmt.Errorf("reply is longer than %d bytes", maxTokenReply)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("%s endpoint: %w", endpoint, err)
	}
	return resp, body, nil
}

// refusal reads an error reply of an OAuth endpoint. It does not keep the body.
func refusal(resp *http.Response, body []byte) error {
	var reply struct {
		Error       string `json:"error"`
		Description string `json:"error_description"`
	}
	_ = json.Unmarshal(body, &reply) // an HTML page leaves only the status
	return &oauth2.RetrieveError{
		Response:         &http.Response{StatusCode: resp.StatusCode, Status: resp.Status},
		ErrorCode:        reply.Error,
		ErrorDescription: reply.Description,
	}
}

// readToken reads a reply of the token endpoint. Salesforce sends no lifetime, so
// the token has no expiry: a 401 shows its end.
func readToken(resp *http.Response, body []byte) (*oauth2.Token, error) {
	var extra map[string]any
	var reply struct {
		AccessToken  string `json:"access_token"`
		RefreshToken string `json:"refresh_token"`
	}
	malformed := json.Unmarshal(body, &reply) != nil || json.Unmarshal(body, &extra) != nil
	switch {
	case resp.StatusCode != http.StatusOK:
		return nil, refusal(resp, body)
	case malformed || reply.AccessToken == "":
		return nil, errors.New("token endpoint: reply holds no token")
	}
	token := &oauth2.Token{AccessToken: reply.AccessToken, TokenType: "Bearer", RefreshToken: reply.RefreshToken}
	return token.WithExtra(extra), nil
}

// SPDX-License-Identifier: Apache-2.0

package login

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"

	"golang.org/x/oauth2"

	"github.com/leadsync/leadsync/salesforce"
)

// An Attempt is one web server sign-in in progress, protected by PKCE. Keep it in the
// browser's session, which only this host can read: State binds the answer to that
// browser, and Verifier to this host. It is valid once, whatever comes of it.
type Attempt struct {
	// URL is where to send the browser.
	URL string
	// RedirectURL is where the browser returns, exactly as registered in the app.
	RedirectURL string
	State       string
	Verifier    string
	// Org, if the host sets it before FinishLogin, is the only org that is accepted:
	// that of a customer who connects again.
	Org salesforce.ID
}

// Format hides the secrets, whatever the verb.
func (a Attempt) Format(f fmt.State, _ rune) { redact(f) }

// LogValue hides the secrets.
func (a Attempt) LogValue() slog.Value { return slog.StringValue(redacted) }

// BeginLogin starts a sign-in that returns to redirectURL. Without scopes Salesforce
// grants all that the app has; a salesforce.Client needs "api" and "refresh_token".
func (a *App) BeginLogin(redirectURL string, scopes ...string) (*Attempt, error) {
	back, err := url.Parse(redirectURL)
	if err != nil || back.Scheme == "" || back.Fragment != "" {
		return nil, errors.New("salesforce: login: malformed redirect url")
	}
	var state [32]byte
	_, _ = rand.Read(state[:]) // does not fail (crypto/rand)
	attempt := &Attempt{
		RedirectURL: redirectURL,
		State:       base64.RawURLEncoding.EncodeToString(state[:]),
		Verifier:    oauth2.GenerateVerifier(),
	}
	query := url.Values{
		"response_type":         {"code"},
		"client_id":             {a.cfg.ClientID},
		"redirect_uri":          {redirectURL},
		"state":                 {attempt.State},
		"code_challenge":        {oauth2.S256ChallengeFromVerifier(attempt.Verifier)},
		"code_challenge_method": {"S256"},
	}
	if len(scopes) > 0 {
		query.Set("scope", strings.Join(scopes, " "))
	}
	attempt.URL = a.origin + "/services/oauth2/authorize?" + query.Encode()
	return attempt, nil
}

// ErrState is returned by FinishLogin for an answer that does not belong to the
// sign-in: it is another browser's, forged, a second one, or for a session that has
// ended, whose Attempt is nil.
var ErrState = errors.New("salesforce: login: state does not match")

// FinishLogin exchanges the code that the browser brought back for tokens, for
// Refresh. answer is the query of the request to the redirect URL. The error is
// ErrState, salesforce.ErrOtherOrg, or wraps *oauth2.RetrieveError when the user or
// Salesforce refused. Tokens for an org other than Attempt.Org are revoked, if
// Salesforce can be reached.
//
// The state is used up by the first answer that has it, also when the sign-in fails
// then: the App remembers the last 100,000 states that were answered. Another process,
// or one that was restarted, does not know them, so a host that may have several also
// removes the Attempt from the session before FinishLogin.
func (a *App) FinishLogin(ctx context.Context, attempt *Attempt, answer url.Values) (*oauth2.Token, error) {
	state := answer.Get("state")
	if attempt == nil || attempt.State == "" || subtle.ConstantTimeCompare([]byte(state), []byte(attempt.State)) != 1 ||
		!a.states.use(state) {
		return nil, ErrState
	}
	if refusal := answer.Get("error"); refusal != "" {
		return nil, fmt.Errorf("salesforce: login: %w", &oauth2.RetrieveError{
			ErrorCode:        refusal,
			ErrorDescription: answer.Get("error_description"),
		})
	}
	code := answer.Get("code")
	if code == "" {
		return nil, errors.New("salesforce: login: no code")
	}
	form := url.Values{
		"grant_type":    {"authorization_code"},
		"code":          {code},
		"redirect_uri":  {attempt.RedirectURL},
		"client_id":     {a.cfg.ClientID},
		"code_verifier": {attempt.Verifier},
	}
	if a.cfg.ClientSecret != "" {
		form.Set("client_secret", a.cfg.ClientSecret)
	}
	token, err := a.request(ctx, form)
	if err != nil {
		return nil, fmt.Errorf("salesforce: login: %w", err)
	}
	if attempt.Org != "" {
		if err := salesforce.CheckOrg(token, attempt.Org); err != nil {
			// The token is discarded, whether or not it could be revoked.
			_ = a.Revoke(context.WithoutCancel(ctx), token)
			return nil, err
		}
	}
	return token, nil
}

package salesforce

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
)

// A Login is one web server sign-in under way, protected by PKCE. Keep it in the
// browser's session, where nobody else can read it: State binds the answer to
// that browser, and Verifier to this host. It serves once: take it out of the
// session before FinishLogin. Source: SALESFORCE.md 5.
type Login struct {
	// URL is where to send the browser.
	URL string
	// RedirectURL is where the browser comes back, exactly as the app has it.
	RedirectURL string
	State       string
	Verifier    string
	// Org, if the host sets it before FinishLogin, is the only org to be taken:
	// that of a customer who connects again.
	Org ID
}

// Format hides the secrets, whatever the verb.
func (l Login) Format(f fmt.State, _ rune) { redact(f) }

// LogValue hides the secrets.
func (l Login) LogValue() slog.Value { return slog.StringValue(redacted) }

// BeginLogin starts a sign-in that comes back to redirectURL. With no scopes
// Salesforce gives all that the app has; "api" and "refresh_token" are what this
// package needs. Source: SALESFORCE.md 5.
func (a *App) BeginLogin(redirectURL string, scopes ...string) (*Login, error) {
	back, err := url.Parse(redirectURL)
	if err != nil || back.Scheme == "" || back.Fragment != "" {
		return nil, errors.New("salesforce: login: malformed redirect url")
	}
	var state [32]byte
	_, _ = rand.Read(state[:]) // does not fail (crypto/rand)
	login := &Login{
		RedirectURL: redirectURL,
		State:       base64.RawURLEncoding.EncodeToString(state[:]),
		Verifier:    oauth2.GenerateVerifier(),
	}
	query := url.Values{
		"response_type":         {"code"},
		"client_id":             {a.cfg.ClientID},
		"redirect_uri":          {redirectURL},
		"state":                 {login.State},
		"code_challenge":        {oauth2.S256ChallengeFromVerifier(login.Verifier)},
		"code_challenge_method": {"S256"},
	}
	if len(scopes) > 0 {
		query.Set("scope", strings.Join(scopes, " "))
	}
	login.URL = a.origin + "/services/oauth2/authorize?" + query.Encode()
	return login, nil
}

// ErrLoginState is returned by FinishLogin for an answer that does not belong to
// the sign-in: another browser's, forged, or to a session that is over, whose Login
// is nil.
var ErrLoginState = errors.New("salesforce: login: state does not match")

// FinishLogin trades the code that the browser brought back for tokens, to be
// given to Refresh. answer is the query of the request to the redirect URL. The
// error is ErrLoginState, ErrOtherOrg, or wraps *oauth2.RetrieveError when the
// user or Salesforce refused. Tokens for another org than Login.Org are revoked
// as far as Salesforce can be reached. Source: SALESFORCE.md 5.
func (a *App) FinishLogin(ctx context.Context, login *Login, answer url.Values) (*oauth2.Token, error) {
	state := answer.Get("state")
	if login == nil || login.State == "" || subtle.ConstantTimeCompare([]byte(state), []byte(login.State)) != 1 {
		return nil, ErrLoginState
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
		"redirect_uri":  {login.RedirectURL},
		"client_id":     {a.cfg.ClientID},
		"code_verifier": {login.Verifier},
	}
	if a.cfg.ClientSecret != "" {
		form.Set("client_secret", a.cfg.ClientSecret)
	}
	token, err := a.request(ctx, form)
	if err != nil {
		return nil, fmt.Errorf("salesforce: login: %w", err)
	}
	if login.Org != "" {
		if err := CheckOrg(token, login.Org); err != nil {
			// Nobody will use it. That it cannot be revoked changes nothing.
			_ = a.Revoke(context.WithoutCancel(ctx), token)
			return nil, err
		}
	}
	return token, nil
}

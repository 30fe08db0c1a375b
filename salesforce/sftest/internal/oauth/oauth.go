// SPDX-License-Identifier: Apache-2.0

// Package oauth authenticates clients of the fake org: tokens, apps, identity, and the limits on calls.
package oauth

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/wire"
)

// codeLife is how long a code of the web server flow is valid (docs/salesforce.md, OAuth,
// unverified).
const codeLife = 15 * time.Minute

// An authCode is a code of the web server flow that is not redeemed yet.
type authCode struct {
	client, redirect, challenge string
	scopes                      scopes
	expires                     time.Time
}

// Serve answers the OAuth endpoints (docs/salesforce.md, OAuth). They count as
// no API call.
func (a *Access) Serve(r *http.Request, body []byte) *wire.Reply {
	form := formOf(r, body)
	endpoint := strings.TrimSuffix(strings.TrimPrefix(r.URL.Path, "/services/oauth2/"), "/")
	if (endpoint == "token" || endpoint == "introspect") && r.Method != http.MethodPost {
		return wire.WrongMethod(r.Method, http.MethodPost)
	}
	switch endpoint {
	case "/id/" + a.db.OrgID + "/" + a.db.UserID:
		return a.aboutCaller(r, a.identity)
	case "userinfo":
		return a.aboutCaller(r, a.userinfo)
	case "authorize":
		return a.authorize(r.URL.Query())
	case "token":
		return a.grant(r, form)
	case "introspect":
		return a.introspect(form.Get("token"))
	case "revoke":
		return a.revoke(form.Get("token"))
	}
	return a.db.Unsupported(r.Method + " " + r.URL.Path)
}

// formOf returns the parameters of a request: those of its body, then those of its URL, where
// some clients send all of them.
func formOf(r *http.Request, body []byte) url.Values {
	form, _ := url.ParseQuery(string(body))
	for name, values := range r.URL.Query() {
		form[name] = append(form[name], values...)
	}
	return form
}

func (a *Access) aboutCaller(r *http.Request, serve func(*http.Request) *wire.Reply) *wire.Reply {
	if refused := a.Admit(r); refused != nil && refused.Status == 401 {
		return wire.Answer(403, wire.Word("Bad_OAuth_Token")) // kevinohara80/nforce, lib
	}
	return serve(r)
}

func oauthError(code, description string) *wire.Reply {
	return wire.Answer(400, wire.Object{{Name: "error", Value: code}, {Name: "error_description", Value: description}})
}

// authorize is the web server flow's first step, with a user who agrees at once: it redirects
// the browser with a code.
func (a *Access) authorize(query url.Values) *wire.Reply {
	app, known := a.apps[query.Get("client_id")]
	if !known && len(a.apps) > 0 {
		return oauthError("invalid_client_id", "client identifier invalid")
	}
	back, err := url.Parse(query.Get("redirect_uri"))
	if err != nil || !back.IsAbs() || app.Callback != "" && app.Callback != back.String() {
		return oauthError("redirect_uri_mismatch", "redirect_uri must match configuration")
	}
	values := back.Query()
	granted, refused := app.granted(query.Get("scope"))
	if on := a.refused(); on != nil {
		refused = on
	}
	switch {
	case query.Get("response_type") != "code" || query.Get("client_id") == "":
		refused = oauthError("unsupported_response_type", "response type must be code, with a client_id")
	case app.PKCE && query.Get("code_challenge") == "":
		refused = oauthError("invalid_request", "missing required code challenge")
	}
	if refused != nil {
		why := refused.Body.(wire.Object)
		values.Set("error", why.Text("error"))
		values.Set("error_description", why.Text("error_description"))
	} else {
		values.Set("code", a.newCode(authCode{
			client: query.Get("client_id"), redirect: back.String(), challenge: query.Get("code_challenge"),
			scopes: granted,
		}))
	}
	if state := query.Get("state"); state != "" {
		values.Set("state", state)
	}
	back.RawQuery = values.Encode()
	return wire.Answer(302, nil).With("Location", back.String())
}

func (a *Access) newCode(c authCode) string {
	a.minted++
	code := "aPrx" + a.secret("code")
	if a.codes == nil {
		a.codes = map[string]authCode{}
	}
	c.expires = a.db.Now().Add(codeLife)
	a.codes[code] = c
	return code
}

// grant answers the token endpoint: refresh_token, with rotation unless the app has it off,
// authorization_code with PKCE, client_credentials, JWT bearer and password. Any password is
// accepted, but only the user's own name.
func (a *Access) grant(r *http.Request, form url.Values) *wire.Reply {
	app, refused := a.app(r, form)
	if refused != nil {
		return refused
	}
	if refused := a.refused(); refused != nil {
		return refused
	}
	granted, refused := app.granted(form.Get("scope"))
	if refused != nil {
		return refused
	}
	g, refused := a.redeemed(r, app, form, granted)
	switch {
	case refused != nil:
		return refused
	case a.inactive:
		return oauthError("invalid_grant", "inactive user")
	case g.renews:
		g.id = a.mintRefresh(app.ClientID, g.id, g.scopes)
	}
	a.mintSession(app.ClientID, g.id, g.scopes)
	return wire.Answer(200, a.tokenReply(r, g))
}

// A granting is what a request for a token obtains.
type granting struct {
	id     int // of the grant that a refresh token continues, 0 for none
	scopes scopes
	renews bool // there is a new refresh token
}

// redeemed checks what a request for a token offers in exchange.
func (a *Access) redeemed(r *http.Request, app App, form url.Values, granted scopes) (g granting, refused *wire.Reply) {
	g.scopes = granted
	switch form.Get("grant_type") {
	case "refresh_token":
		return a.checkRefresh(app, form.Get("refresh_token"))
	case "authorization_code":
		g.scopes, refused = a.redeem(app, form)
		g.renews = g.scopes.refreshable()
	case "client_credentials":
		if app.NoRunAsUser {
			refused = oauthError("invalid_grant", "no client credentials user enabled")
		}
	case jwtGrant:
		refused = a.refuseAssertion(r, app, form.Get("assertion"))
	case "password":
		if !a.isUser(form.Get("username")) || form.Get("password") == "" {
			refused = oauthError("invalid_grant", "authentication failure")
		}
	default:
		refused = oauthError("unsupported_grant_type", "grant type not supported")
	}
	return g, refused
}

// isUser reports whether the name is the connected user's, whatever its case: user names are
// stored in lower case.
func (a *Access) isUser(name string) bool {
	return strings.EqualFold(strings.TrimSpace(name), a.db.Find(a.db.UserID).Text("Username"))
}

// checkRefresh finds the grant of a refresh token, which keeps its scopes. One that a rotation
// replaced was stolen, or two use it: its grant ends, with the newest tokens. One that was not
// used for too long has expired (docs/salesforce.md, OAuth).
func (a *Access) checkRefresh(app App, token string) (granting, *wire.Reply) {
	sent := func(r refreshToken) bool {
		return r.token == token && token != "" && (r.client == "" || r.client == app.ClientID)
	}
	now := a.db.Now()
	a.refresh = slices.DeleteFunc(a.refresh, func(r refreshToken) bool {
		return a.opts.Idle > 0 && now.Sub(r.used) >= a.opts.Idle
	})
	if i := slices.IndexFunc(a.refresh, sent); i >= 0 {
		a.refresh[i].used = now
		found := a.refresh[i]
		return granting{id: found.grant, scopes: found.scopes, renews: !app.KeepsRefreshToken && !a.opts.Keep}, nil
	}
	if i := slices.IndexFunc(a.spent, sent); i >= 0 {
		a.endGrant(a.spent[i].grant)
	}
	return granting{}, oauthError("invalid_grant", "expired access/refresh token")
}

// redeem uses up a code, which is valid once and for 15 minutes, with its app, its redirect
// URI and the verifier of its challenge (S256). The text for a verifier is unverified.
func (a *Access) redeem(app App, form url.Values) (scopes, *wire.Reply) {
	code, ok := a.codes[form.Get("code")]
	delete(a.codes, form.Get("code"))
	sum := sha256.Sum256([]byte(form.Get("code_verifier")))
	switch {
	case !ok, code.client != app.ClientID && app.ClientID != "", !a.db.Now().Before(code.expires):
		return nil, oauthError("invalid_grant", "expired authorization code")
	case form.Get("redirect_uri") != code.redirect:
		return nil, oauthError("redirect_uri_mismatch", "redirect_uri must match configuration")
	case code.challenge != "" && code.challenge != base64.RawURLEncoding.EncodeToString(sum[:]):
		return nil, oauthError("invalid_grant", "invalid code verifier")
	}
	return code.scopes, nil
}

func (a *Access) tokenReply(r *http.Request, g granting) wire.Object {
	instance := wire.InstanceURL(r)
	token := wire.Object{{Name: "access_token", Value: a.token}}
	if g.renews {
		token.Add("refresh_token", a.newestRefresh())
	}
	token.Add("signature", a.secret("signature"))
	token.Add("scope", g.scopes.text())
	token.Add("instance_url", instance)
	token.Add("id", instance+"/id/"+a.db.OrgID+"/"+a.db.UserID)
	token.Add("token_type", "Bearer")
	token.Add("issued_at", fmt.Sprint(a.db.Now().UnixMilli()))
	return token
}

// introspect describes an access token or a refresh token (docs/salesforce.md, OAuth,
// unverified).
func (a *Access) introspect(token string) *wire.Reply {
	client, live := "", false
	var granted scopes
	var times wire.Object
	if s := a.live(token); s != nil {
		client, granted, live = s.client, s.scopes, true
		times.Add("iat", int(s.began.Unix()))
		times.Add("nbf", int(s.began.Unix()))
		if a.opts.Session > 0 {
			times.Add("exp", int(s.used.Add(a.opts.Session).Unix()))
		}
	}
	for _, r := range a.refresh {
		if r.token == token {
			client, granted, live = r.client, r.scopes, true
		}
	}
	if !live || a.inactive {
		return wire.Answer(200, wire.Object{{Name: "active", Value: false}})
	}
	about := wire.Object{
		{Name: "active", Value: true}, {Name: "scope", Value: granted.text()}, {Name: "client_id", Value: client},
		{Name: "username", Value: a.db.Find(a.db.UserID).Text("Username")}, {Name: "sub", Value: a.db.UserID},
		{Name: "token_type", Value: "Bearer"},
	}
	return wire.Answer(200, append(about, times...))
}

// Logout ends a session.
func (a *Access) Logout(session string) { a.revoke(session) }

// revoke ends a session, or for a refresh token its grant and its sessions.
func (a *Access) revoke(token string) *wire.Reply {
	if s := a.sessions[token]; s != nil {
		delete(a.sessions, token)
		if token == a.token {
			a.mintSession("", 0, defaultScopes())
		}
		return wire.Answer(200, nil)
	}
	for _, live := range a.refresh {
		if live.token == token {
			a.endGrant(live.grant)
			return wire.Answer(200, nil)
		}
	}
	return oauthError("unsupported_token_type", "this token type is not supported")
}

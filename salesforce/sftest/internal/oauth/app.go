// SPDX-License-Identifier: Apache-2.0

package oauth

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/wire"
)

// An App is an app that the org knows: see sftest.App.
type App struct {
	ClientID          string
	ClientSecret      string
	Callback          string
	PKCE              bool
	KeepsRefreshToken bool
	NoRunAsUser       bool
	Unapproved        bool
	Scopes            []string
	Key               *rsa.PublicKey
}

// AddApp implements Org.AddApp.
func (a *Access) AddApp(app App) {
	if a.apps == nil {
		a.apps = map[string]App{}
	}
	a.apps[app.ClientID] = app
}

// app returns the app of a request for a token, or refuses it
// (docs/salesforce.md, OAuth).
func (a *Access) app(r *http.Request, form url.Values) (App, *wire.Reply) {
	id, secret, basic := r.BasicAuth()
	if !basic {
		id, secret = form.Get("client_id"), form.Get("client_secret")
	}
	if form.Get("grant_type") == jwtGrant {
		id = readAssertion(form.Get("assertion")).Issuer
	}
	app, known := a.apps[id]
	switch {
	case len(a.apps) == 0:
		return App{ClientID: id}, nil
	case !known:
		return app, oauthError("invalid_client_id", "client identifier invalid")
	case app.ClientSecret != secret && app.ClientSecret != "" && form.Get("grant_type") != jwtGrant:
		return app, oauthError("invalid_client", "invalid client credentials")
	case app.Unapproved:
		return app, oauthError("invalid_grant", "user is not admin approved to access this app")
	}
	return app, nil
}

// granted returns the scopes that a request for a token gets, or refuses it
// (docs/salesforce.md, OAuth; text unverified).
func (a App) granted(asked string) (scopes, *wire.Reply) {
	list, ok := grantScopes(a.Scopes, asked)
	if !ok {
		return nil, oauthError("invalid_scope", "the requested scope is not allowed")
	}
	return list, nil
}

const jwtGrant = "urn:ietf:params:oauth:grant-type:jwt-bearer"

// An assertion holds the claims of a JWT.
type assertion struct {
	Issuer   string `json:"iss"`
	Subject  string `json:"sub"`
	Audience string `json:"aud"`
	// Expires may be a number or text: go-salesforce sends text, which Salesforce accepts.
	Expires json.Number `json:"exp"`

	algorithm string
	signed    string // header and claims
	signature []byte
}

// readAssertion parses a JWT; it returns the zero assertion if the text is not one.
func readAssertion(text string) (a assertion) {
	parts := strings.Split(text, ".")
	if len(parts) != 3 {
		return a
	}
	var header struct {
		Alg string `json:"alg"`
	}
	for part, into := range map[string]any{parts[0]: &header, parts[1]: &a} {
		plain, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(part, "="))
		if err != nil || json.Unmarshal(plain, into) != nil {
			return assertion{}
		}
	}
	a.algorithm, a.signed = header.Alg, parts[0]+"."+parts[1]
	a.signature, _ = base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[2], "="))
	return a
}

// refuseAssertion checks a JWT: RS256, signed with the app's key, for this org or a login
// host, not expired, and for the org's user. The texts "invalid assertion" and "expired
// assertion" are unverified (docs/salesforce.md, OAuth).
func (a *Access) refuseAssertion(r *http.Request, app App, text string) *wire.Reply {
	claims := readAssertion(text)
	sum := sha256.Sum256([]byte(claims.signed))
	expires, _ := claims.Expires.Int64()
	switch {
	case claims.algorithm != "RS256",
		app.Key != nil && rsa.VerifyPKCS1v15(app.Key, crypto.SHA256, sum[:], claims.signature) != nil:
		return oauthError("invalid_grant", "invalid assertion")
	case !slices.Contains([]string{
		wire.InstanceURL(r), "https://login.salesforce.com", "https://test.salesforce.com",
	}, claims.Audience):
		return oauthError("invalid_grant", "audience is invalid")
	case !a.db.Now().Before(time.Unix(expires, 0)):
		return oauthError("invalid_grant", "expired assertion")
	case !a.isUser(claims.Subject):
		return oauthError("invalid_grant", "user hasn't approved this consumer")
	}
	return nil
}

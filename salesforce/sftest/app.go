package sftest

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// An App is a connected app or external client app that the org knows: see
// Org.AddApp.
type App struct {
	// ClientID is the consumer key.
	ClientID string
	// ClientSecret must come with every request for a token; empty asks for none.
	ClientSecret string
	// Callback is the one redirect URI of the web server flow; empty takes any.
	Callback string
	// PKCE refuses a login without a code challenge.
	PKCE bool
	// KeepsRefreshToken turns rotation off: a refresh answers no new refresh
	// token, and the old one goes on.
	KeepsRefreshToken bool
	// NoRunAsUser refuses client credentials: the flow needs a user to run as.
	NoRunAsUser bool
	// Unapproved refuses every flow, as for a user whom the admin has not let
	// into the app.
	Unapproved bool
	// Key verifies the signature of a JWT; nil takes it on trust.
	Key *rsa.PublicKey
}

// AddApp lets an app in. From then on the org knows its apps by their client
// ids, and refuses others. Without any, it takes every client id and secret.
func (o *Org) AddApp(app App) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.access.apps == nil {
		o.access.apps = map[string]App{}
	}
	o.access.apps[app.ClientID] = app
}

// app is the one that a request for a token comes from, or why it is refused
// (SALESFORCE.md 5).
func (o *Org) app(r *http.Request, form url.Values) (App, *reply) {
	id, secret, basic := r.BasicAuth()
	if !basic {
		id, secret = form.Get("client_id"), form.Get("client_secret")
	}
	if form.Get("grant_type") == jwtGrant {
		id = readAssertion(form.Get("assertion")).Issuer
	}
	app, known := o.access.apps[id]
	switch {
	case len(o.access.apps) == 0:
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

const jwtGrant = "urn:ietf:params:oauth:grant-type:jwt-bearer"

// An assertion is what a JWT claims.
type assertion struct {
	Issuer   string `json:"iss"`
	Subject  string `json:"sub"`
	Audience string `json:"aud"`
	// Expires is a number as text too: go-salesforce sends one, and gets in.
	Expires json.Number `json:"exp"`

	algorithm string
	signed    string // header and claims
	signature []byte
}

// readAssertion is the zero assertion where the text is not a JWT.
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

// refuseAssertion says why a JWT is refused: RS256, signed with the app's key,
// for this org or a login host, not expired, and for the org's user. Of the
// texts "invalid assertion" and "expired assertion" are from memory
// (SALESFORCE.md 5).
func (o *Org) refuseAssertion(r *http.Request, app App, text string) *reply {
	a := readAssertion(text)
	sum := sha256.Sum256([]byte(a.signed))
	expires, _ := a.Expires.Int64()
	switch {
	case a.algorithm != "RS256", app.Key != nil && rsa.VerifyPKCS1v15(app.Key, crypto.SHA256, sum[:], a.signature) != nil:
		return oauthError("invalid_grant", "invalid assertion")
	case a.Audience != instanceURL(r) && a.Audience != "https://login.salesforce.com" && a.Audience != "https://test.salesforce.com":
		return oauthError("invalid_grant", "audience is invalid")
	case !o.opts.now().Before(time.Unix(expires, 0)):
		return oauthError("invalid_grant", "expired assertion")
	case a.Subject != o.find(o.userID).text("Username"):
		return oauthError("invalid_grant", "user hasn't approved this consumer")
	}
	return nil
}

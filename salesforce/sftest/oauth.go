package sftest

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// codeLife is how long a code of the web server flow is good (SALESFORCE.md 5,
// memory).
const codeLife = 15 * time.Minute

// An authCode is a code of the web server flow that waits to be redeemed.
type authCode struct {
	client, redirect, challenge string
	expires                     time.Time
}

// oauth answers the OAuth endpoints (SALESFORCE.md 5). They count as no API
// call.
func (o *Org) oauth(r *http.Request, body []byte) *reply {
	o.mu.Lock()
	defer o.mu.Unlock()
	form, _ := url.ParseQuery(string(body))
	endpoint := strings.TrimSuffix(strings.TrimPrefix(r.URL.Path, "/services/oauth2/"), "/")
	if (endpoint == "token" || endpoint == "introspect") && r.Method != http.MethodPost {
		return wrongMethod(r.Method, http.MethodPost)
	}
	switch endpoint {
	case "/id/" + o.orgID + "/" + o.userID:
		return o.aboutCaller(r, o.identity)
	case "userinfo":
		return o.aboutCaller(r, o.userinfo)
	case "authorize":
		return o.authorize(r.URL.Query())
	case "token":
		return o.grant(r, form)
	case "introspect":
		return o.introspect(form.Get("token"))
	case "revoke":
		return o.revoke(form.Get("token") + r.URL.Query().Get("token"))
	}
	return o.surprised(r.Method + " " + r.URL.Path)
}

func (o *Org) aboutCaller(r *http.Request, tell func(*http.Request) *reply) *reply {
	if refused := o.admit(r); refused != nil && refused.status == 401 {
		return answer(403, oneWord("Bad_OAuth_Token")) // kevinohara80/nforce, lib
	}
	return tell(r)
}

func oauthError(code, description string) *reply {
	return answer(400, jsonObject{{name: "error", value: code}, {name: "error_description", value: description}})
}

// authorize is the web server flow's first step, with a user who agrees at once:
// it sends the browser back with a code.
func (o *Org) authorize(query url.Values) *reply {
	app, known := o.access.apps[query.Get("client_id")]
	if !known && len(o.access.apps) > 0 {
		return oauthError("invalid_client_id", "client identifier invalid")
	}
	back, err := url.Parse(query.Get("redirect_uri"))
	if err != nil || !back.IsAbs() || app.Callback != "" && app.Callback != back.String() {
		return oauthError("redirect_uri_mismatch", "redirect_uri must match configuration")
	}
	values := back.Query()
	switch {
	case query.Get("response_type") != "code" || query.Get("client_id") == "":
		values.Set("error", "unsupported_response_type")
		values.Set("error_description", "response type must be code, with a client_id")
	case app.PKCE && query.Get("code_challenge") == "":
		values.Set("error", "invalid_request")
		values.Set("error_description", "missing required code challenge")
	default:
		values.Set("code", o.newCode(authCode{client: query.Get("client_id"), redirect: back.String(), challenge: query.Get("code_challenge")}))
	}
	if state := query.Get("state"); state != "" {
		values.Set("state", state)
	}
	back.RawQuery = values.Encode()
	return answer(302, nil).with("Location", back.String())
}

func (o *Org) newCode(c authCode) string {
	o.access.minted++
	code := "aPrx" + o.secret("code")
	if o.access.codes == nil {
		o.access.codes = map[string]authCode{}
	}
	c.expires = o.opts.now().Add(codeLife)
	o.access.codes[code] = c
	return code
}

// grant answers the token endpoint: refresh_token, with rotation unless the app
// has it off, authorization_code with PKCE, client_credentials, JWT bearer and
// password. A password is taken on trust, the user's name is not.
func (o *Org) grant(r *http.Request, form url.Values) *reply {
	app, refused := o.app(r, form)
	if refused != nil {
		return refused
	}
	var from int // the grant that a refresh token goes on with, 0 for none
	refreshable := false
	switch form.Get("grant_type") {
	case "refresh_token":
		from, refused = o.checkRefresh(app, form.Get("refresh_token"))
		refreshable = !app.KeepsRefreshToken
	case "authorization_code":
		refused, refreshable = o.redeem(app, form), true
	case "client_credentials":
		if app.NoRunAsUser {
			refused = oauthError("invalid_grant", "no client credentials user enabled")
		}
	case jwtGrant:
		refused = o.refuseAssertion(r, app, form.Get("assertion"))
	case "password":
		if form.Get("username") != o.find(o.userID).text("Username") || form.Get("password") == "" {
			refused = oauthError("invalid_grant", "authentication failure")
		}
	default:
		refused = oauthError("unsupported_grant_type", "grant type not supported")
	}
	switch {
	case refused != nil:
		return refused
	case o.access.inactive:
		return oauthError("invalid_grant", "inactive user")
	case refreshable:
		from = o.mintRefresh(app.ClientID, from)
	}
	o.mintSession(app.ClientID, from)
	return answer(200, o.tokenReply(r, refreshable))
}

// checkRefresh finds the grant of a refresh token.
func (o *Org) checkRefresh(app App, token string) (int, *reply) {
	for _, live := range o.access.refresh {
		if live.token == token && token != "" && (live.client == "" || live.client == app.ClientID) {
			return live.grant, nil
		}
	}
	return 0, oauthError("invalid_grant", "expired access/refresh token")
}

// redeem uses a code up: it fits once and for 15 minutes, with its app, its
// redirect URI and the verifier of its challenge (S256). The text for a verifier
// is from memory.
func (o *Org) redeem(app App, form url.Values) *reply {
	code, ok := o.access.codes[form.Get("code")]
	delete(o.access.codes, form.Get("code"))
	sum := sha256.Sum256([]byte(form.Get("code_verifier")))
	switch {
	case !ok, code.client != app.ClientID && app.ClientID != "", !o.opts.now().Before(code.expires):
		return oauthError("invalid_grant", "expired authorization code")
	case form.Get("redirect_uri") != code.redirect:
		return oauthError("redirect_uri_mismatch", "redirect_uri must match configuration")
	case code.challenge != "" && code.challenge != base64.RawURLEncoding.EncodeToString(sum[:]):
		return oauthError("invalid_grant", "invalid code verifier")
	}
	return nil
}

func (o *Org) tokenReply(r *http.Request, refreshable bool) jsonObject {
	instance := instanceURL(r)
	token := jsonObject{{name: "access_token", value: o.access.token}}
	if refreshable {
		token.add("refresh_token", o.access.newestRefresh())
	}
	token.add("signature", o.secret("signature"))
	token.add("scope", "refresh_token api")
	token.add("instance_url", instance)
	token.add("id", instance+"/id/"+o.orgID+"/"+o.userID)
	token.add("token_type", "Bearer")
	token.add("issued_at", fmt.Sprint(o.opts.now().UnixMilli()))
	return token
}

// introspect tells of an access token or a refresh token (SALESFORCE.md 5,
// memory).
func (o *Org) introspect(token string) *reply {
	client, live := "", false
	var times jsonObject
	if s := o.access.sessions[token]; s != nil && !o.timedOut(s) {
		client, live = s.client, true
		times.add("iat", int(s.began.Unix()))
		times.add("nbf", int(s.began.Unix()))
		if o.opts.session > 0 {
			times.add("exp", int(s.used.Add(o.opts.session).Unix()))
		}
	}
	for _, r := range o.access.refresh {
		if r.token == token {
			client, live = r.client, true
		}
	}
	if !live || o.access.inactive {
		return answer(200, jsonObject{{name: "active", value: false}})
	}
	about := jsonObject{
		{name: "active", value: true}, {name: "scope", value: "refresh_token api"}, {name: "client_id", value: client},
		{name: "username", value: o.find(o.userID).text("Username")}, {name: "sub", value: o.userID}, {name: "token_type", value: "Bearer"},
	}
	return answer(200, append(about, times...))
}

// revoke ends a session, or with a refresh token its grant and the sessions that
// came of it.
func (o *Org) revoke(token string) *reply {
	if s := o.access.sessions[token]; s != nil {
		delete(o.access.sessions, token)
		if token == o.access.token {
			o.mintSession("", 0)
		}
		return answer(200, nil)
	}
	for _, live := range o.access.refresh {
		if live.token == token {
			o.endGrant(live.grant)
			return answer(200, nil)
		}
	}
	return oauthError("unsupported_token_type", "this token type is not supported")
}

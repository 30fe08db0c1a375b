package sftest

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// An authCode is a code of the web server flow that waits to be redeemed.
type authCode struct {
	redirect, challenge string
}

// oauth answers the OAuth endpoints (SALESFORCE.md 5). Any client id and secret
// will do. They count as no API call.
func (o *Org) oauth(r *http.Request, body []byte) *reply {
	o.mu.Lock()
	defer o.mu.Unlock()
	form, _ := url.ParseQuery(string(body))
	switch strings.TrimPrefix(r.URL.Path, "/services/oauth2/") {
	case "/id/" + o.orgID + "/" + o.userID:
		if refused := o.admit(r); refused != nil && refused.status == 401 {
			return answer(403, "Bad_OAuth_Token")
		}
		return o.identity(r)
	case "authorize":
		return o.authorize(r.URL.Query())
	case "token":
		if r.Method != http.MethodPost {
			return wrongMethod(r.Method, http.MethodPost)
		}
		return o.grant(r, form)
	case "userinfo":
		if refused := o.admit(r); refused != nil && refused.status == 401 {
			return answer(403, "Bad_OAuth_Token")
		}
		return o.userinfo(r)
	case "revoke":
		return o.revoke(form.Get("token"))
	}
	return o.surprised(r.Method + " " + r.URL.Path)
}

func oauthError(code, description string) *reply {
	return answer(400, jsonObject{{name: "error", value: code}, {name: "error_description", value: description}})
}

// authorize is the web server flow's first step, with a user who agrees at once:
// it sends the browser back with a code.
func (o *Org) authorize(query url.Values) *reply {
	back, err := url.Parse(query.Get("redirect_uri"))
	if err != nil || !back.IsAbs() {
		return oauthError("redirect_uri_mismatch", "redirect_uri must match configuration")
	}
	values := back.Query()
	if query.Get("response_type") != "code" || query.Get("client_id") == "" {
		values.Set("error", "unsupported_response_type")
		values.Set("error_description", "response type must be code, with a client_id")
	} else {
		values.Set("code", o.newCode(back.String(), query.Get("code_challenge")))
	}
	if state := query.Get("state"); state != "" {
		values.Set("state", state)
	}
	back.RawQuery = values.Encode()
	return answer(302, nil).with("Location", back.String())
}

func (o *Org) newCode(redirect, challenge string) string {
	o.access.minted++
	code := "aPrx" + o.secret("code")
	if o.access.codes == nil {
		o.access.codes = map[string]authCode{}
	}
	o.access.codes[code] = authCode{redirect: redirect, challenge: challenge}
	return code
}

// grant answers the token endpoint: refresh_token with rotation,
// authorization_code with PKCE, client_credentials, JWT bearer and password. An
// assertion and a password are taken on trust.
func (o *Org) grant(r *http.Request, form url.Values) *reply {
	refreshable := false
	switch form.Get("grant_type") {
	case "refresh_token":
		if form.Get("refresh_token") != o.access.refresh {
			return oauthError("invalid_grant", "expired access/refresh token")
		}
		refreshable = true
	case "authorization_code":
		if !o.redeem(form) {
			return oauthError("invalid_grant", "expired authorization code")
		}
		refreshable = true
	case "client_credentials", "password", "urn:ietf:params:oauth:grant-type:jwt-bearer":
	default:
		return oauthError("unsupported_grant_type", "grant type not supported")
	}
	if o.access.inactive {
		return oauthError("invalid_grant", "inactive user")
	}
	if refreshable {
		o.access.refresh = "" // the old one dies with the new one's birth
	}
	o.mintToken()
	return answer(200, o.tokenReply(r, refreshable))
}

// redeem uses a code up: it fits once, with its redirect URI and the verifier of
// its challenge (S256).
func (o *Org) redeem(form url.Values) bool {
	code, ok := o.access.codes[form.Get("code")]
	delete(o.access.codes, form.Get("code"))
	sum := sha256.Sum256([]byte(form.Get("code_verifier")))
	proved := code.challenge == "" || code.challenge == base64.RawURLEncoding.EncodeToString(sum[:])
	return ok && proved && form.Get("redirect_uri") == code.redirect
}

func (o *Org) tokenReply(r *http.Request, refreshable bool) jsonObject {
	instance := instanceURL(r)
	token := jsonObject{{name: "access_token", value: o.access.token}}
	if refreshable {
		token.add("refresh_token", o.access.refresh)
	}
	token.add("signature", o.secret("signature"))
	token.add("scope", "refresh_token api")
	token.add("instance_url", instance)
	token.add("id", instance+"/id/"+o.orgID+"/"+o.userID)
	token.add("token_type", "Bearer")
	token.add("issued_at", fmt.Sprint(o.opts.now().UnixMilli()))
	return token
}

// revoke ends a session, or with the refresh token the grant and all sessions.
func (o *Org) revoke(token string) *reply {
	switch {
	case token == o.access.refresh:
		o.access.refresh = ""
		o.endSessions()
	case o.access.sessions[token]:
		delete(o.access.sessions, token)
		if token == o.access.token {
			o.mintToken()
		}
	default:
		return oauthError("unsupported_token_type", "this token type is not supported")
	}
	return answer(200, nil)
}

// instanceURL is the org as the client reached it, wherever its handler is
// served.
func instanceURL(r *http.Request) string {
	if r.TLS != nil || r.URL.Scheme == "https" {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

func (o *Org) userinfo(r *http.Request) *reply {
	user := o.find(o.userID)
	return answer(200, append(o.aboutUser(r),
		member{name: "sub", value: instanceURL(r) + "/id/" + o.orgID + "/" + o.userID},
		member{name: "preferred_username", value: user.text("Username")}, member{name: "name", value: user.text("Name")},
	))
}

// identity answers the id URL of a token reply.
func (o *Org) identity(r *http.Request) *reply {
	user := o.find(o.userID)
	return answer(200, append(o.aboutUser(r),
		member{name: "id", value: instanceURL(r) + "/id/" + o.orgID + "/" + o.userID}, member{name: "asserted_user", value: true},
		member{name: "username", value: user.text("Username")}, member{name: "display_name", value: user.text("Name")},
	))
}

// aboutUser is what userinfo and the id URL both tell.
func (o *Org) aboutUser(r *http.Request) jsonObject {
	user, instance := o.find(o.userID), instanceURL(r)
	return jsonObject{
		{name: "user_id", value: o.userID}, {name: "organization_id", value: o.orgID}, {name: "email", value: user.text("Email")},
		{name: "user_type", value: "STANDARD"}, {name: "active", value: true},
		{name: "urls", value: jsonObject{
			{name: "rest", value: instance + "/services/data/v{version}/"},
			{name: "sobjects", value: instance + "/services/data/v{version}/sobjects/"},
			{name: "custom_domain", value: instance},
		}},
	}
}

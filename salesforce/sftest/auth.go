package sftest

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// access is what lets the client in.
type access struct {
	token       string
	refresh     string
	minted      int
	used        int // API calls that count towards the limit
	apiDisabled bool
	inactive    bool
}

// Token returns the access token that the org takes now: 00D, the org's id in 15
// characters, and a secret part after an exclamation mark. After ExpireToken it
// is a new one.
func (o *Org) Token() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.access.token
}

// RefreshToken returns the refresh token that the token endpoint takes now. Each
// refresh replaces it.
func (o *Org) RefreshToken() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.access.refresh
}

// ExpireToken makes the org turn away the access token it took so far.
func (o *Org) ExpireToken() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.mintToken()
}

// DisableAPI takes API Enabled from the connected user: every call is refused
// with API_CURRENTLY_DISABLED.
func (o *Org) DisableAPI() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.access.apiDisabled = true
	for _, set := range o.object("PermissionSet").rows {
		o.change(set, map[string]any{"PermissionsApiEnabled": false})
	}
}

// DeactivateUser deactivates the connected user: the session ends, and a refresh
// is refused as for an inactive user (SALESFORCE.md 5).
func (o *Org) DeactivateUser() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.access.inactive = true
	o.change(o.find(o.userID), map[string]any{"IsActive": false})
}

// mintToken makes a new access token. It is not random, so that a failing test
// fails the same way twice. The caller holds o.mu.
func (o *Org) mintToken() {
	o.access.minted++
	o.access.token = o.orgID[:15] + "!" + o.secret("access")
	if o.access.refresh == "" {
		o.access.refresh = "5Aep" + o.secret("refresh")
	}
}

func (o *Org) secret(purpose string) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %s %d", o.orgID, purpose, o.access.minted))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// admit says why a call is turned away: the token, the user's rights, or the
// daily limit. The caller holds o.mu.
func (o *Org) admit(r *http.Request) *apiError {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	switch {
	case token == "" || !strings.EqualFold(scheme, "Bearer") && !strings.EqualFold(scheme, "OAuth"):
		return refuse(401, "INVALID_AUTH_HEADER", "INVALID_HEADER_TYPE")
	case token != o.access.token || o.access.inactive:
		return refuse(401, "INVALID_SESSION_ID", "Session expired or invalid")
	case o.access.apiDisabled:
		return refuse(403, "API_CURRENTLY_DISABLED", "API is disabled for this User")
	case o.access.used >= o.opts.apiLimit:
		return refuse(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
	}
	return nil
}

// oauth answers the OAuth endpoints (SALESFORCE.md 5).
func (o *Org) oauth(r *http.Request, body []byte) *reply {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch strings.TrimPrefix(r.URL.Path, "/services/oauth2/") {
	case "token":
		if r.Method != http.MethodPost {
			return wrongMethod(r.Method, http.MethodPost)
		}
		form, _ := url.ParseQuery(string(body))
		return o.grant(r, form)
	case "userinfo":
		if refused := o.admit(r); refused != nil && refused.status == 401 {
			return answer(403, "Bad_OAuth_Token")
		}
		return o.userinfo(r)
	case "revoke":
		o.mintToken()
		return answer(200, nil)
	}
	return o.surprised(r.Method + " " + r.URL.Path)
}

// grant answers refresh_token, with rotation, and client_credentials. Any client
// id and secret will do.
func (o *Org) grant(r *http.Request, form url.Values) *reply {
	oauthError := func(code, description string) *reply {
		return answer(400, jsonObject{{name: "error", value: code}, {name: "error_description", value: description}})
	}
	rotate := false
	switch form.Get("grant_type") {
	case "refresh_token":
		if form.Get("refresh_token") != o.access.refresh {
			return oauthError("invalid_grant", "expired access/refresh token")
		}
		rotate = true
	case "client_credentials":
	default:
		return oauthError("unsupported_grant_type", "grant type not supported")
	}
	if o.access.inactive {
		return oauthError("invalid_grant", "inactive user")
	}
	if rotate {
		o.access.refresh = ""
	}
	o.mintToken()
	instance := instanceURL(r)
	token := jsonObject{{name: "access_token", value: o.access.token}}
	if rotate {
		token.add("refresh_token", o.access.refresh)
	}
	token.add("signature", o.secret("signature"))
	token.add("scope", "refresh_token api")
	token.add("instance_url", instance)
	token.add("id", instance+"/id/"+o.orgID+"/"+o.userID)
	token.add("token_type", "Bearer")
	token.add("issued_at", fmt.Sprint(o.opts.now().UnixMilli()))
	return answer(200, token)
}

// instanceURL is the org as the client reached it, wherever its handler is
// served.
func instanceURL(r *http.Request) string {
	if r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

func (o *Org) userinfo(r *http.Request) *reply {
	user, instance := o.find(o.userID), instanceURL(r)
	return answer(200, jsonObject{
		{name: "sub", value: instance + "/id/" + o.orgID + "/" + o.userID},
		{name: "user_id", value: o.userID}, {name: "organization_id", value: o.orgID},
		{name: "preferred_username", value: user.text("Username")}, {name: "name", value: user.text("Name")},
		{name: "email", value: user.text("Email")}, {name: "user_type", value: "STANDARD"}, {name: "active", value: true},
		{name: "urls", value: jsonObject{
			{name: "rest", value: instance + "/services/data/v{version}/"},
			{name: "sobjects", value: instance + "/services/data/v{version}/sobjects/"},
			{name: "custom_domain", value: instance},
		}},
	})
}

package sftest

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
)

// access is what lets the client in.
type access struct {
	token    string          // the newest
	sessions map[string]bool // the access tokens that are taken
	refresh  string
	minted   int
	used     int // API calls that count towards the limit
	inactive bool
	codes    map[string]authCode
}

// Token returns the newest access token: 00D, the org's id in 15 characters, and
// a secret part after an exclamation mark. Every login and every ExpireToken
// makes a new one.
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

// ExpireToken makes the org turn away the access tokens it took so far.
func (o *Org) ExpireToken() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.endSessions()
}

// endSessions ends them all, and begins a new one. The caller holds o.mu.
func (o *Org) endSessions() {
	clear(o.access.sessions)
	o.mintToken()
}

// SetPermission gives a system permission to the connected user or takes it:
// PermissionsApiEnabled, PermissionsViewAllData, PermissionsModifyAllData or
// PermissionsAllowViewEditConvertedLeads. The first two are given at first. A
// query of PermissionSetAssignment shows it (SALESFORCE.md 6).
func (o *Org) SetPermission(name string, given bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	_, f := o.fieldOf("PermissionSet", name)
	for _, set := range o.object("PermissionSet").rows {
		o.change(set, map[string]any{f.Name: given})
	}
	o.touchMetadata()
}

// DisableAPI takes API Enabled from the connected user: every call is refused
// with API_CURRENTLY_DISABLED.
func (o *Org) DisableAPI() {
	o.SetPermission("PermissionsApiEnabled", false)
}

// DeactivateUser deactivates the connected user: the session ends, and a refresh
// is refused as for an inactive user (SALESFORCE.md 5).
func (o *Org) DeactivateUser() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.access.inactive = true
	o.change(o.find(o.userID), map[string]any{"IsActive": false})
}

// mintToken makes a new access token; those before it stay good, since a login
// does not end the sessions of others. It is not random, so that a failing test
// fails the same way twice. The caller holds o.mu.
func (o *Org) mintToken() {
	o.access.minted++
	o.access.token = o.orgID[:15] + "!" + o.secret("access")
	if o.access.sessions == nil {
		o.access.sessions = map[string]bool{}
	}
	o.access.sessions[o.access.token] = true
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
	case !o.access.sessions[token] || o.access.inactive:
		return refuse(401, "INVALID_SESSION_ID", "Session expired or invalid")
	case !o.userMay("PermissionsApiEnabled"):
		return refuse(403, "API_CURRENTLY_DISABLED", "API is disabled for this user")
	case o.access.used >= o.opts.apiLimit:
		return refuse(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
	}
	return nil
}

package sftest

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// access is what lets the client in.
type access struct {
	token    string              // the newest
	sessions map[string]*session // by access token
	refresh  []refreshToken      // those alive, oldest first
	minted   int
	usage    usage
	inactive bool
	codes    map[string]authCode
	apps     map[string]App // by client id
}

// A session is what an access token stands for. grant is that of the refresh
// token it came with, 0 for none.
type session struct {
	client      string
	grant       int
	began, used time.Time
}

type refreshToken struct {
	token, client string
	grant         int
}

// maxRefresh is how many refresh tokens a user has of an app; the oldest goes
// first (SALESFORCE.md 5, memory).
const maxRefresh = 5

// WithSessionTimeout ends a session that no request has used for d. The default
// is never: see Org.ExpireToken. Of Salesforce it is two hours.
func WithSessionTimeout(d time.Duration) Option { return func(o *options) { o.session = d } }

// Token returns the newest access token: 00D, the org's id in 15 characters, and
// a secret part after an exclamation mark. Every login and every ExpireToken
// makes a new one.
func (o *Org) Token() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.access.token
}

// RefreshToken returns the newest refresh token. A refresh replaces the one it
// was sent; a login leaves earlier ones alive, up to five of an app.
func (o *Org) RefreshToken() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.access.newestRefresh()
}

func (a *access) newestRefresh() string {
	if n := len(a.refresh); n > 0 {
		return a.refresh[n-1].token
	}
	return ""
}

// ExpireToken makes the org turn away the access tokens it took so far. A
// function given to Fail may call it, to end a session between two requests.
func (o *Org) ExpireToken() {
	o.mu.Lock()
	defer o.mu.Unlock()
	clear(o.access.sessions)
	o.mintSession("", 0)
}

// SetPermission gives a system permission to the connected user or takes it:
// PermissionsApiEnabled, PermissionsViewAllData, PermissionsModifyAllData,
// PermissionsAllowViewEditConvertedLeads or PermissionsBulkApiHardDelete. The first
// two are given at first. A query of PermissionSetAssignment shows it (SALESFORCE.md
// 6).
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

// firstLogin makes the tokens that the org starts with; any app may use them.
func (o *Org) firstLogin() {
	o.access.sessions = map[string]*session{}
	o.mintSession("", o.mintRefresh("", 0))
}

// mintSession makes a new access token; those before it stay good, since a login
// does not end the sessions of others. It is not random, so that a failing test
// fails the same way twice. The caller holds o.mu.
func (o *Org) mintSession(client string, grant int) {
	o.access.minted++
	o.access.token = o.orgID[:15] + "!" + o.secret("access")
	now := o.opts.now()
	o.access.sessions[o.access.token] = &session{client: client, grant: grant, began: now, used: now}
}

// mintRefresh makes a new refresh token, in place of the one of the grant, which
// is 0 for a new one. It returns the grant.
func (o *Org) mintRefresh(client string, grant int) int {
	o.access.minted++
	if grant == 0 {
		grant = o.access.minted
	}
	o.dropRefresh(grant)
	made := refreshToken{token: "5Aep" + o.secret("refresh"), client: client, grant: grant}
	o.access.refresh = append(o.access.refresh, made)
	same := 0
	for _, live := range o.access.refresh {
		if live.client == client {
			same++
		}
	}
	if same > maxRefresh {
		oldest := slices.IndexFunc(o.access.refresh, func(r refreshToken) bool { return r.client == client })
		o.access.refresh = slices.Delete(o.access.refresh, oldest, oldest+1)
	}
	return grant
}

func (o *Org) dropRefresh(grant int) {
	o.access.refresh = slices.DeleteFunc(o.access.refresh, func(r refreshToken) bool { return r.grant == grant })
}

// endGrant ends a grant, and the sessions that came of it.
func (o *Org) endGrant(grant int) {
	o.dropRefresh(grant)
	for token, s := range o.access.sessions {
		if s.grant == grant {
			delete(o.access.sessions, token)
		}
	}
	if o.access.sessions[o.access.token] == nil {
		o.mintSession("", 0)
	}
}

// timedOut says whether a session was left alone for too long.
func (o *Org) timedOut(s *session) bool {
	return o.opts.session > 0 && o.opts.now().Sub(s.used) >= o.opts.session
}

func (o *Org) secret(purpose string) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %s %d", o.orgID, purpose, o.access.minted))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// admit says why a call is turned away: the token, the user's rights, or a
// limit. No header at all is no session, while one of another kind is refused as
// such (recorded, forcedotcom/postman-salesforce-apis#40 and restforce#489). The
// caller holds o.mu.
func (o *Org) admit(r *http.Request) *apiError {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	s, now := o.access.sessions[token], o.opts.now()
	switch {
	case r.Header["Authorization"] != nil && (token == "" || !strings.EqualFold(scheme, "Bearer") && !strings.EqualFold(scheme, "OAuth")):
		return refuse(401, "INVALID_AUTH_HEADER", "INVALID_HEADER_TYPE")
	case s == nil || o.timedOut(s) || o.access.inactive:
		return refuse(401, "INVALID_SESSION_ID", "Session expired or invalid")
	case !o.userMay("PermissionsApiEnabled"):
		return refuse(403, "API_CURRENTLY_DISABLED", "API is disabled for this user")
	case o.access.usage.used(now) >= o.opts.apiLimit:
		return refuse(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
	case o.access.usage.long(now) >= o.opts.longLimit:
		return refuse(403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentPerOrgLongTxn Limit exceeded.")
	}
	s.used = now
	return nil
}

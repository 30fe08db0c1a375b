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
	db   *database
	opts accessOptions

	token    string              // the newest
	sessions map[string]*session // by access token
	refresh  []refreshToken      // those alive, oldest first
	minted   int
	usage    usage
	inactive bool
	codes    map[string]authCode
	apps     map[string]appSpec // by client id
}

// accessOptions are the options of an access.
type accessOptions struct {
	session   time.Duration // 0 for no end
	apiLimit  int
	longLimit int
}

func newAccess(d *database, opts accessOptions) *access {
	a := &access{db: d, opts: opts}
	a.firstLogin()
	return a
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

// Token is as Org.Token.
func (a *access) Token() string {
	return a.token
}

// RefreshToken is as Org.RefreshToken.
func (a *access) RefreshToken() string {
	return a.newestRefresh()
}

func (a *access) newestRefresh() string {
	if n := len(a.refresh); n > 0 {
		return a.refresh[n-1].token
	}
	return ""
}

// ExpireToken is as Org.ExpireToken.
func (a *access) ExpireToken() {
	clear(a.sessions)
	a.mintSession("", 0)
}

// firstLogin makes the tokens that the org starts with; any app may use them.
func (a *access) firstLogin() {
	a.sessions = map[string]*session{}
	a.mintSession("", a.mintRefresh("", 0))
}

// mintSession makes a new access token; those before it stay good, since a login
// does not end the sessions of others. It is not random, so that a failing test
// fails the same way twice. The caller holds o.mu.
func (a *access) mintSession(client string, grant int) {
	a.minted++
	a.token = a.db.orgID[:15] + "!" + a.secret("access")
	now := a.db.now()
	a.sessions[a.token] = &session{client: client, grant: grant, began: now, used: now}
}

// mintRefresh makes a new refresh token, in place of the one of the grant, which
// is 0 for a new one. It returns the grant.
func (a *access) mintRefresh(client string, grant int) int {
	a.minted++
	if grant == 0 {
		grant = a.minted
	}
	a.dropRefresh(grant)
	made := refreshToken{token: "5Aep" + a.secret("refresh"), client: client, grant: grant}
	a.refresh = append(a.refresh, made)
	same := 0
	for _, live := range a.refresh {
		if live.client == client {
			same++
		}
	}
	if same > maxRefresh {
		oldest := slices.IndexFunc(a.refresh, func(r refreshToken) bool { return r.client == client })
		a.refresh = slices.Delete(a.refresh, oldest, oldest+1)
	}
	return grant
}

func (a *access) dropRefresh(grant int) {
	a.refresh = slices.DeleteFunc(a.refresh, func(r refreshToken) bool { return r.grant == grant })
}

// endGrant ends a grant, and the sessions that came of it.
func (a *access) endGrant(grant int) {
	a.dropRefresh(grant)
	for token, s := range a.sessions {
		if s.grant == grant {
			delete(a.sessions, token)
		}
	}
	if a.sessions[a.token] == nil {
		a.mintSession("", 0)
	}
}

// timedOut says whether a session was left alone for too long.
func (a *access) timedOut(s *session) bool {
	return a.opts.session > 0 && a.db.now().Sub(s.used) >= a.opts.session
}

func (a *access) secret(purpose string) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %s %d", a.db.orgID, purpose, a.minted))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// admit says why a call is turned away: the token, the user's rights, or a
// limit. No header at all is no session, while one of another kind is refused as
// such (recorded, forcedotcom/postman-salesforce-apis#40 and restforce#489). The
// caller holds o.mu.
func (a *access) admit(r *http.Request) *apiError {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	s, now := a.sessions[token], a.db.now()
	switch {
	case r.Header["Authorization"] != nil && (token == "" || !strings.EqualFold(scheme, "Bearer") && !strings.EqualFold(scheme, "OAuth")):
		return refuse(401, "INVALID_AUTH_HEADER", "INVALID_HEADER_TYPE")
	case s == nil || a.timedOut(s) || a.inactive:
		return refuse(401, "INVALID_SESSION_ID", "Session expired or invalid")
	case !a.db.userMay("PermissionsApiEnabled"):
		return refuse(403, "API_CURRENTLY_DISABLED", "API is disabled for this user")
	case a.usage.used(now) >= a.opts.apiLimit:
		return refuse(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
	case a.usage.long(now) >= a.opts.longLimit:
		return refuse(403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentPerOrgLongTxn Limit exceeded.")
	}
	s.used = now
	return nil
}

// deactivate deactivates the connected user.
func (a *access) deactivate() {
	a.inactive = true
	a.db.change(a.db.find(a.db.userID), map[string]any{"IsActive": false})
}

// SPDX-License-Identifier: Apache-2.0

package oauth

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/db"
	"github.com/leadsync/leadsync/salesforce/sftest/internal/wire"
)

// Access holds the tokens and sessions of clients.
type Access struct {
	db   *db.DB
	opts Options

	token    string              // the newest
	sessions map[string]*session // by access token
	refresh  []refreshToken      // those alive, oldest first
	spent    []refreshToken      // those that a rotation replaced
	minted   int
	usage    usage
	inactive bool
	codes    map[string]authCode
	apps     map[string]App // by client id
	refusal  refusal
}

// Options are the settings of an Access.
type Options struct {
	Session   time.Duration // 0 for no end
	Idle      time.Duration // after which an unused refresh token ends; 0 for never
	Keep      bool          // a refresh leaves the refresh token as it is
	APILimit  int
	LongLimit int
}

// New returns the access to an org, with a first session.
func New(d *db.DB, opts Options) *Access {
	a := &Access{db: d, opts: opts}
	a.firstLogin()
	return a
}

// A session belongs to an access token. grant is that of the refresh token it was issued with,
// 0 for none.
type session struct {
	client      string
	grant       int
	scopes      scopes
	began, used time.Time
}

type refreshToken struct {
	token, client string
	grant         int
	scopes        scopes
	used          time.Time
}

// maxRefresh is how many refresh tokens a user has per app; the oldest is dropped first
// (docs/salesforce.md, OAuth, unverified).
const maxRefresh = 5

// Token implements Org.Token.
func (a *Access) Token() string {
	return a.token
}

// RefreshToken implements Org.RefreshToken.
func (a *Access) RefreshToken() string {
	return a.newestRefresh()
}

func (a *Access) newestRefresh() string {
	if n := len(a.refresh); n > 0 {
		return a.refresh[n-1].token
	}
	return ""
}

// Login begins a session by the user's name and any password; false for another user, or one who
// is inactive.
func (a *Access) Login(user, password string) (token string, ok bool) {
	if !a.isUser(user) || password == "" || a.inactive {
		return "", false
	}
	a.mintSession("", 0, defaultScopes())
	return a.token, true
}

// ExpireToken implements Org.ExpireToken.
func (a *Access) ExpireToken() {
	clear(a.sessions)
	a.mintSession("", 0, defaultScopes())
}

// firstLogin makes the tokens that the org starts with; any app may use them.
func (a *Access) firstLogin() {
	a.sessions = map[string]*session{}
	a.mintSession("", a.mintRefresh("", 0, defaultScopes()), defaultScopes())
}

// mintSession issues an access token; earlier ones stay valid, since a login does not end
// other sessions. It is not random, so that a failing test is reproducible.
func (a *Access) mintSession(client string, grant int, granted scopes) {
	a.minted++
	a.token = a.db.OrgID[:15] + "!" + a.secret("access")
	now := a.db.Now()
	a.sessions[a.token] = &session{client: client, grant: grant, scopes: granted, began: now, used: now}
}

// mintRefresh issues a refresh token, in place of the one of the grant, which is 0 for a new
// one. It returns the grant.
func (a *Access) mintRefresh(client string, grant int, granted scopes) int {
	a.minted++
	if grant == 0 {
		grant = a.minted
	}
	for _, live := range a.refresh {
		if live.grant == grant {
			a.spent = append(a.spent, live)
		}
	}
	a.dropRefresh(grant)
	made := refreshToken{
		token: "5Aep" + a.secret("refresh"), client: client, grant: grant, scopes: granted, used: a.db.Now(),
	}
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

func (a *Access) dropRefresh(grant int) {
	a.refresh = slices.DeleteFunc(a.refresh, func(r refreshToken) bool { return r.grant == grant })
}

// endGrant ends a grant and its sessions.
func (a *Access) endGrant(grant int) {
	a.dropRefresh(grant)
	for token, s := range a.sessions {
		if s.grant == grant {
			delete(a.sessions, token)
		}
	}
	if a.sessions[a.token] == nil {
		a.mintSession("", 0, defaultScopes())
	}
}

// live returns the session of an access token, nil for none. One that was unused for too long has
// ended, whatever the session time becomes.
func (a *Access) live(token string) *session {
	s := a.sessions[token]
	if s != nil && a.timedOut(s) {
		delete(a.sessions, token)
		return nil
	}
	return s
}

func (a *Access) timedOut(s *session) bool {
	return a.opts.Session > 0 && a.db.Now().Sub(s.used) >= a.opts.Session
}

// Knows reports whether a request has the token of a session.
func (a *Access) Knows(r *http.Request) bool {
	_, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	return a.live(token) != nil
}

func (a *Access) secret(purpose string) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %s %d", a.db.OrgID, purpose, a.minted))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// Admit refuses a call because of its token, the user's rights, or a limit; nil admits it. A
// missing header is no session, while a header of another kind is refused as such (recorded,
// forcedotcom/postman-salesforce-apis#40 and restforce#489).
func (a *Access) Admit(r *http.Request) *wire.Error {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	s, now := a.live(token), a.db.Now()
	switch {
	case r.Header["Authorization"] != nil &&
		(token == "" || !strings.EqualFold(scheme, "Bearer") && !strings.EqualFold(scheme, "OAuth")):
		return wire.Refuse(401, "INVALID_AUTH_HEADER", "INVALID_HEADER_TYPE")
	case s == nil || a.inactive:
		return wire.Refuse(401, "INVALID_SESSION_ID", "Session expired or invalid")
	case !s.scopes.allowAPI():
		// docs/salesforce.md, OAuth, unverified
		return wire.Refuse(403, "INVALID_SESSION_ID", "One of the following scopes is required: api, full")
	case !a.db.UserMay("PermissionsApiEnabled"):
		return wire.Refuse(403, "API_CURRENTLY_DISABLED", "API is disabled for this user")
	case a.usage.used(now) >= a.opts.APILimit:
		return wire.Refuse(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
	case a.usage.long(now) >= a.opts.LongLimit:
		return wire.Refuse(403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentPerOrgLongTxn Limit exceeded.")
	}
	s.used = now
	return nil
}

// Deactivate deactivates the connected user.
func (a *Access) Deactivate() {
	a.inactive = true
	a.db.Change(a.db.Find(a.db.UserID), map[string]any{"IsActive": false})
}

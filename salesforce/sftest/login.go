// SPDX-License-Identifier: Apache-2.0

package sftest

import (
	"crypto/rsa"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/oauth"
)

// An App is a connected app or external client app that the org knows: see
// Org.AddApp.
type App struct {
	// ClientID is the consumer key.
	ClientID string
	// ClientSecret must be sent with every request for a token; empty requires none.
	ClientSecret string
	// Callback is the only redirect URI of the web server flow; empty accepts any.
	Callback string
	// PKCE refuses a login without a code challenge.
	PKCE bool
	// KeepsRefreshToken turns rotation off: a refresh returns no new refresh token, and the
	// old one stays valid. See WithoutRotation for all apps.
	KeepsRefreshToken bool
	// NoRunAsUser refuses client credentials, as for an app that has no user to run as.
	NoRunAsUser bool
	// Unapproved refuses every flow, as for a user whom the admin has not approved.
	Unapproved bool
	// Scopes are what the app may be given, such as api, refresh_token or full; a request for
	// others is refused with invalid_scope. Without refresh_token or offline_access a login gives
	// no refresh token, and without api or full a token does not admit to the API. Nil allows
	// all, and gives api and refresh_token to a request that names none.
	Scopes []string
	// Key verifies the signature of a JWT; nil accepts any.
	Key *rsa.PublicKey
}

// AddApp registers an app. From then on the org accepts only the client ids of its apps.
// Without any app it accepts every client id and secret.
func (o *Org) AddApp(app App) {
	o.db.Lock()
	defer o.db.Unlock()
	o.oauth.AddApp(oauth.App(app))
}

// Token returns the newest access token: the org's id in 15 characters, an exclamation mark
// and a secret. Every login and every ExpireToken makes a new one.
func (o *Org) Token() string {
	o.db.Lock()
	defer o.db.Unlock()
	return o.oauth.Token()
}

// RefreshToken returns the newest refresh token, empty when none is valid. A refresh replaces
// the one it was sent, and whoever sends that one again ends what the login gave: the newest
// refresh token and its sessions too. A login keeps earlier ones valid, up to five per app. One
// that is not used for 30 days ends, see WithRefreshIdle.
func (o *Org) RefreshToken() string {
	o.db.Lock()
	defer o.db.Unlock()
	return o.oauth.RefreshToken()
}

// ExpireToken ends all sessions: the org rejects the access tokens issued so far. A function
// given to Fail may call it, to end a session between two requests.
func (o *Org) ExpireToken() {
	o.db.Lock()
	defer o.db.Unlock()
	o.oauth.ExpireToken()
}

// SetPermission gives a system permission to the connected user or takes it away:
// PermissionsApiEnabled, PermissionsViewAllData, PermissionsModifyAllData,
// PermissionsAllowViewEditConvertedLeads, PermissionsBulkApiHardDelete or PermissionsViewSetup.
// The user has the first two and the last by default. A query of PermissionSetAssignment shows it
// (docs/salesforce.md, Permissions).
func (o *Org) SetPermission(name string, given bool) {
	o.db.Lock()
	defer o.db.Unlock()
	o.db.SetPermission(name, given)
}

// DisableAPI takes the permission API Enabled from the connected user: every call is refused
// with API_CURRENTLY_DISABLED.
func (o *Org) DisableAPI() {
	o.SetPermission("PermissionsApiEnabled", false)
}

// DeactivateUser deactivates the connected user: the session ends, and a refresh
// is refused as for an inactive user (docs/salesforce.md, OAuth).
func (o *Org) DeactivateUser() {
	o.db.Lock()
	defer o.db.Unlock()
	o.oauth.Deactivate()
}

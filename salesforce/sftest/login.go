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
	o.db.Lock()
	defer o.db.Unlock()
	o.oauth.AddApp(oauth.App(app))
}

// Token returns the newest access token: 00D, the org's id in 15 characters, and
// a secret part after an exclamation mark. Every login and every ExpireToken
// makes a new one.
func (o *Org) Token() string {
	o.db.Lock()
	defer o.db.Unlock()
	return o.oauth.Token()
}

// RefreshToken returns the newest refresh token. A refresh replaces the one it
// was sent; a login leaves earlier ones alive, up to five of an app.
func (o *Org) RefreshToken() string {
	o.db.Lock()
	defer o.db.Unlock()
	return o.oauth.RefreshToken()
}

// ExpireToken makes the org turn away the access tokens it took so far. A
// function given to Fail may call it, to end a session between two requests.
func (o *Org) ExpireToken() {
	o.db.Lock()
	defer o.db.Unlock()
	o.oauth.ExpireToken()
}

// SetPermission gives a system permission to the connected user or takes it:
// PermissionsApiEnabled, PermissionsViewAllData, PermissionsModifyAllData,
// PermissionsAllowViewEditConvertedLeads or PermissionsBulkApiHardDelete. The first
// two are given at first. A query of PermissionSetAssignment shows it (SALESFORCE.md
// 6).
func (o *Org) SetPermission(name string, given bool) {
	o.db.Lock()
	defer o.db.Unlock()
	o.db.SetPermission(name, given)
}

// DisableAPI takes API Enabled from the connected user: every call is refused
// with API_CURRENTLY_DISABLED.
func (o *Org) DisableAPI() {
	o.SetPermission("PermissionsApiEnabled", false)
}

// DeactivateUser deactivates the connected user: the session ends, and a refresh
// is refused as for an inactive user (SALESFORCE.md 5).
func (o *Org) DeactivateUser() {
	o.db.Lock()
	defer o.db.Unlock()
	o.oauth.Deactivate()
}

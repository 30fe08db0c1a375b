// SPDX-License-Identifier: Apache-2.0

package sftest

// A TokenRefusal is why Salesforce gives no token: see Org.RefuseTokens. The codes and texts are
// those of docs/salesforce.md, OAuth.
type TokenRefusal int

// The refusals.
const (
	// AppNotInstalled is of an external client app that the org does not have.
	AppNotInstalled TokenRefusal = iota
	// AppMustBeInstalled is of a connected app that the org does not have (unverified).
	AppMustBeInstalled
	// AppBlocked is of an app that an admin has blocked.
	AppBlocked
	// AppAccessDenied is of a user who may not use the app.
	AppAccessDenied
	// AppNotApproved is of a user whom no admin has approved for the app.
	AppNotApproved
	// NotApprovedByUser is of an app that the user has not approved, or no longer does.
	NotApprovedByUser
	// IPRestricted is of an address from which the user may not log in.
	IPRestricted
	// InactiveUser and InactiveOrganization are of what was deactivated.
	InactiveUser
	InactiveOrganization
	// PasswordExpired and AuthenticationFailure are of a user with an old or a wrong password.
	PasswordExpired
	AuthenticationFailure
	// TokenExpired is of a refresh token that has expired or was revoked.
	TokenExpired
	// TokenInUse is of a refresh token with another request under way: temporary.
	TokenInUse
	// RateLimited is of too many logins: temporary.
	RateLimited
	// UnknownError is of a failure of Salesforce: temporary.
	UnknownError
)

// text returns the error and its description, false for a value that is none of the refusals.
func (r TokenRefusal) text() (code, description string, ok bool) {
	switch r {
	case AppNotInstalled:
		return "app_not_found", "External client app is not installed in this org", true
	case AppMustBeInstalled:
		return "invalid_client", "app must be installed into org", true
	case AppBlocked:
		return "OAUTH_APP_BLOCKED", "this app is blocked by admin", true
	case AppAccessDenied:
		return "OAUTH_APP_ACCESS_DENIED", "user is not allowed to access this app", true
	case AppNotApproved:
		return "invalid_app_access", "user is not admin approved to access this app", true
	case NotApprovedByUser:
		return "invalid_grant", "user hasn't approved this consumer", true
	case IPRestricted:
		return "invalid_grant", "ip restricted", true
	case InactiveUser:
		return "invalid_grant", "inactive user", true
	case InactiveOrganization:
		return "invalid_grant", "inactive organization", true
	case PasswordExpired:
		return "invalid_grant", "expired password", true
	case AuthenticationFailure:
		return "invalid_grant", "authentication failure", true
	case TokenExpired:
		return "invalid_grant", "expired access/refresh token", true
	case TokenInUse:
		return "invalid_grant", "token request is already being processed", true
	case RateLimited:
		return "rate_limit_exceeded", "login rate exceeded", true
	case UnknownError:
		return "unknown_error", "retry your request", true
	}
	return "", "", false
}

// RefuseTokens refuses the next requests for a token, and the logins of users in their browser:
// so many times, all of them if times is negative, and none any more if it is 0. Sessions
// stay. It panics if why is none of the refusals.
func (o *Org) RefuseTokens(why TokenRefusal, times int) {
	code, description, ok := why.text()
	if !ok {
		panic("sftest: no such TokenRefusal")
	}
	o.db.Lock()
	defer o.db.Unlock()
	o.oauth.RefuseTokens(code, description, times)
}

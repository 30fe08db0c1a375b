// SPDX-License-Identifier: Apache-2.0

package oauth

import (
	"slices"
	"strings"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/wire"
)

// scopes are what a token may be used for.
type scopes []string

func defaultScopes() scopes { return scopes{"refresh_token", "api"} }

// knownScopes are those that an app may have (Salesforce Help, OAuth Tokens and Scopes).
func knownScopes() []string {
	return strings.Fields("address api cdp_api chatter_api chatbot_api content custom_permissions eclair_api email " +
		"einstein_gpt_api forgot_password full id interaction_api lightning offline_access openid pardot_api phone " +
		"profile pwdless_login_api refresh_token scrt_api sfap_api user_registration_api visualforce wave_api web")
}

func (s scopes) has(name string) bool { return slices.Contains(s, name) }

// allowAPI reports whether a token with the scopes may call the API.
func (s scopes) allowAPI() bool { return s.has("api") || s.has("full") }

// refreshable reports whether a refresh token goes with the scopes.
func (s scopes) refreshable() bool { return s.has("refresh_token") || s.has("offline_access") }

func (s scopes) text() string { return strings.Join(s, " ") }

// grantScopes returns the scopes that a request gets: those it asks for, else all of the app's.
// One that the app does not have is refused (docs/salesforce.md, OAuth; text unverified).
func (a App) grantScopes(asked string) (scopes, *wire.Reply) {
	all := scopes(a.Scopes)
	allowed := all
	if all == nil {
		all, allowed = defaultScopes(), knownScopes()
	}
	wanted := scopes(strings.Fields(asked))
	for _, name := range wanted {
		if !allowed.has(name) {
			return nil, oauthError("invalid_scope", "the requested scope is not allowed")
		}
	}
	if len(wanted) > 0 {
		return wanted, nil
	}
	return all, nil
}

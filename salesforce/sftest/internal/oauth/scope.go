// SPDX-License-Identifier: Apache-2.0

package oauth

import (
	"slices"
	"strings"
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

// grantScopes returns the scopes that a request gets: those it asks for, else all of the app's;
// false if the app does not have one of them. An app without a list has all there are.
func grantScopes(app []string, asked string) (scopes, bool) {
	all := scopes(app)
	allowed := all
	if all == nil {
		all, allowed = defaultScopes(), knownScopes()
	}
	wanted := scopes(strings.Fields(asked))
	for _, name := range wanted {
		if !allowed.has(name) {
			return nil, false
		}
	}
	if len(wanted) > 0 {
		return wanted, true
	}
	return all, true
}

// SPDX-License-Identifier: Apache-2.0

package sftest_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce/sftest"
)

func TestRotationIsAChoiceOfTheOrg(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		opts    []sftest.Option
		app     sftest.App
		rotates bool
	}{
		"by default":     {rotates: true},
		"not of the app": {app: sftest.App{KeepsRefreshToken: true}},
		"not of the org": {opts: []sftest.Option{sftest.WithoutRotation()}},
		"of neither of both": {
			opts: []sftest.Option{sftest.WithoutRotation()}, app: sftest.App{KeepsRefreshToken: true},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			org, a := newAPI(t, tc.opts...)
			tc.app.ClientID = "c"
			org.AddApp(tc.app)
			first := a.login("c").at("refresh_token")
			res := a.refresh("c", first)
			require.Equal(t, 200, res.Status, res.Text)
			second, given := res.at("refresh_token").(string)
			require.Equal(t, tc.rotates, given)
			require.Equal(t, tc.rotates, second != "" && second != first)
			again := a.refresh("c", first)
			require.Equal(t, tc.rotates, again.Status == 400, again.Text)
		})
	}
}

// docs/salesforce.md, OAuth: 30 days without use.
func TestRefreshTokensEndWhenTheyAreIdle(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	for name, tc := range map[string]struct {
		opts []sftest.Option
		idle time.Duration
		ends bool
	}{
		"before 30 days": {idle: 30*day - time.Second},
		"after 30 days":  {idle: 30 * day, ends: true},
		"never":          {opts: []sftest.Option{sftest.WithRefreshIdle(0)}, idle: 1000 * day},
		"after an hour":  {opts: []sftest.Option{sftest.WithRefreshIdle(time.Hour)}, idle: time.Hour, ends: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
			opts := append([]sftest.Option{sftest.WithoutRotation(), sftest.WithNow(func() time.Time { return now })},
				tc.opts...)
			_, a := newAPI(t, opts...)
			token := a.login("c").at("refresh_token")
			for range 2 { // each use starts the time again
				now = now.Add(tc.idle)
				if res := a.refresh("c", token); tc.ends {
					res.oauthRefused(t, "invalid_grant", "expired access/refresh token")
				} else {
					require.Equal(t, 200, res.Status, res.Text)
				}
			}
		})
	}
}

func TestScopesAreThoseOfTheAppAndTheRequest(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	org.AddApp(sftest.App{ClientID: "wide"})
	org.AddApp(sftest.App{ClientID: "narrow", Scopes: []string{"api", "id"}})
	for _, tc := range []struct{ client, asked, granted, err string }{
		{"wide", "", "refresh_token api", ""},
		{"wide", "api", "api", ""},
		{"wide", "full offline_access", "full offline_access", ""},
		{"wide", "id web", "id web", ""},
		{"wide", "everything", "", "invalid_scope"},
		{"narrow", "", "api id", ""},
		{"narrow", "id", "id", ""},
		{"narrow", "api refresh_token", "", "invalid_scope"},
	} {
		query := url.Values{
			"response_type": {"code"}, "client_id": {tc.client}, "redirect_uri": {"https://host.example/cb"},
		}
		if tc.asked != "" {
			query.Set("scope", tc.asked)
		}
		back := a.authorize(query)
		require.Equal(t, tc.err, back.Get("error"), tc)
		if tc.err != "" {
			continue
		}
		res := a.oauth("token", url.Values{
			"grant_type": {"authorization_code"}, "code": {back.Get("code")}, "client_id": {tc.client},
			"redirect_uri": {"https://host.example/cb"},
		})
		require.Equal(t, tc.granted, res.at("scope"), tc)
		_, refreshable := res.at("refresh_token").(string)
		require.Equal(t, strings.Contains(tc.granted, "refresh_token") || strings.Contains(tc.granted, "offline_access"),
			refreshable, tc)
		allowed := strings.Contains(tc.granted, "api") || strings.Contains(tc.granted, "full")
		call := a.do("GET", "/limits", nil)
		require.Equal(t, allowed, call.Status == 200, tc)
		if !allowed {
			call.refused(t, 403, "INVALID_SESSION_ID")
		}
		about := a.oauth("introspect", url.Values{"token": {res.at("access_token").(string)}})
		require.Equal(t, tc.granted, about.at("scope"))
		if refreshable {
			require.Equal(t, tc.granted, a.refresh(tc.client, res.at("refresh_token")).at("scope"), "a refresh keeps them")
		}
	}
}

func TestTokensAreRefusedOnDemand(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	for why, want := range map[sftest.TokenRefusal][2]string{
		sftest.AppNotInstalled:       {"app_not_found", "External client app is not installed in this org"},
		sftest.AppMustBeInstalled:    {"invalid_client", "app must be installed into org"},
		sftest.AppBlocked:            {"OAUTH_APP_BLOCKED", "this app is blocked by admin"},
		sftest.AppAccessDenied:       {"OAUTH_APP_ACCESS_DENIED", "user is not allowed to access this app"},
		sftest.AppNotApproved:        {"invalid_app_access", "user is not admin approved to access this app"},
		sftest.NotApprovedByUser:     {"invalid_grant", "user hasn't approved this consumer"},
		sftest.IPRestricted:          {"invalid_grant", "ip restricted"},
		sftest.InactiveUser:          {"invalid_grant", "inactive user"},
		sftest.InactiveOrganization:  {"invalid_grant", "inactive organization"},
		sftest.PasswordExpired:       {"invalid_grant", "expired password"},
		sftest.AuthenticationFailure: {"invalid_grant", "authentication failure"},
		sftest.TokenExpired:          {"invalid_grant", "expired access/refresh token"},
		sftest.TokenInUse:            {"invalid_grant", "token request is already being processed"},
		sftest.RateLimited:           {"rate_limit_exceeded", "login rate exceeded"},
		sftest.UnknownError:          {"unknown_error", "retry your request"},
	} {
		org.RefuseTokens(why, 2)
		a.refresh("c", org.RefreshToken()).oauthRefused(t, want[0], want[1])
		back := a.authorize(url.Values{
			"response_type": {"code"}, "client_id": {"c"}, "redirect_uri": {"https://host.example/cb"}, "state": {"s"},
		})
		require.Equal(t, url.Values{"error": {want[0]}, "error_description": {want[1]}, "state": {"s"}}, back)
		require.Equal(t, 200, a.refresh("c", org.RefreshToken()).Status, "twice was enough")
		require.Equal(t, 200, a.do("GET", "/limits", nil).Status)
	}
	org.RefuseTokens(sftest.IPRestricted, -1)
	for range 5 {
		a.refresh("c", org.RefreshToken()).oauthRefused(t, "invalid_grant", "ip restricted")
	}
	org.RefuseTokens(sftest.IPRestricted, 0)
	require.Equal(t, 200, a.refresh("c", org.RefreshToken()).Status)
	require.Panics(t, func() { org.RefuseTokens(-1, 1) })
}

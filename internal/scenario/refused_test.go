// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/login"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// A noToken is a refusal of the token endpoint (docs/salesforce.md, OAuth), and what a person
// reads of it.
type noToken struct {
	status     int
	code, says string
	// description and fix have these words.
	description, fix string
}

func refusals() []noToken {
	return []noToken{
		{400, "invalid_grant", "expired access/refresh token", "expired or was revoked", "refresh token policy"},
		{400, "invalid_grant", "expired authorization code", "was used before", "Connect again"},
		{400, "invalid_grant", "ip restricted", "IP address", "relax the IP restrictions"},
		{400, "invalid_grant", "inactive user", "user is inactive", "Activate the connected user"},
		{400, "inactive_user", "user is inactive", "user is inactive", "Activate the connected user"},
		{400, "invalid_grant", "inactive organization", "org is inactive", "activated by Salesforce"},
		{400, "inactive_org", "organization is inactive", "org is inactive", "activated by Salesforce"},
		{400, "invalid_grant", "authentication failure", "refuses the user", "Login History"},
		{400, "invalid_grant", "expired password", "has expired", "Set a new password"},
		{400, "invalid_grant", "user hasn't approved this consumer", "approved", "profile or to a permission set"},
		{400, "invalid_app_access", "user is not admin approved to access this app", "approved", "permission set"},
		{400, "OAUTH_APP_ACCESS_DENIED", "user is not admin approved to access this app", "approved", "permission set"},
		{400, "app_not_found", "External client app is not installed in this org", "not installed", "install the app"},
		{400, "invalid_client", "app must be installed into org", "not installed", "install the app"},
		{400, "OAUTH_APP_BLOCKED", "this app is blocked by admin", "blocked the app", "unblock the app"},
		{400, "invalid_client_id", "client identifier invalid", "does not know the app", "client id"},
		{401, "invalid_client", "invalid client credentials", "does not know the app", "client secret"},
		{400, "invalid_client_credentials", "client secret invalid", "does not know the app", "client secret"},
		{400, "invalid_scope", "the requested scope is not allowed", "scopes", `"api" and "refresh_token"`},
		{400, "unsupported_grant_type", "grant type not supported", "way to connect", "Enable the OAuth flow"},
		{400, "invalid_grant", "no client credentials user enabled", "no user", "Run As"},
		{400, "invalid_grant", "Audience validation failed", "another host", "login URL"},
		{400, "invalid_grant", "audience is invalid", "another host", "login URL"},
		{400, "redirect_uri_mismatch", "redirect_uri must match configuration", "redirect URL", "callback URL"},
		{400, "access_denied", "end-user denied authorization", "denied the app", "allow the app"},
		{400, "invalid_request", "must use HTTP POST", "does not understand", "Report it"},
		{403, "", "", "no longer accepts", "Reconnect"},
	}
}

// refuseTokens answers the first n requests for a token, or all for 0, with a refusal.
func refuseTokens(org *sftest.Org, with noToken, n int) {
	asked := 0
	org.Fail(func(r *http.Request, _ int) *sftest.Fault {
		if r.URL.Path != "/services/oauth2/token" {
			return nil
		}
		if asked++; n > 0 && asked > n {
			return nil
		}
		body := "<html>no</html>"
		if with.code != "" {
			body = fmt.Sprintf(`{"error":%q,"error_description":%q}`, with.code, with.says)
		}
		return &sftest.Fault{Status: with.status, Body: body, HTML: with.code == ""}
	})
}

// refreshed returns a Syncer that has to refresh its token first.
func refreshed(t *testing.T, org *sftest.Org) *leadsync.Syncer {
	t.Helper()
	host := strings.TrimPrefix(org.URL(), "http://")
	app, err := login.NewApp(login.AppConfig{ClientID: "c", LoginURL: org.URL(), Hosts: []string{host}})
	require.NoError(t, err)
	tokens := app.Refresh(&oauth2.Token{AccessToken: "ended", RefreshToken: org.RefreshToken()}, nil)
	client, err := salesforce.New(org.URL(), tokens, &salesforce.Config{Hosts: []string{host}})
	require.NoError(t, err)
	syncer, err := leadsync.New(client, nil)
	require.NoError(t, err)
	return syncer
}

// Each refusal pauses the connection once, says what to do, also to who reads it from the
// store, and blames no lead.
func TestEachRefusalOfTheTokenEndpointSaysWhatToDo(t *testing.T) {
	t.Parallel()
	for _, with := range refusals() {
		t.Run(with.code+" "+with.says, func(t *testing.T) {
			t.Parallel()
			org := sftest.NewOrg(t)
			refuseTokens(org, with, 0)
			syncer := refreshed(t, org)
			_, err := syncer.Capture(t.Context(), scenario.Ada())
			require.NoError(t, err)

			err = syncer.Drain(t.Context())

			require.ErrorIs(t, err, leadsync.Authentication)
			advice := (*leadtype.Advisor)(nil).Error(ownError(t, err))
			require.Contains(t, advice.Description, with.description)
			require.Contains(t, advice.Fix, with.fix)
			require.Contains(t, advice.Fix, "leads wait in Pre-Sync")
			health, err := syncer.Health(t.Context())
			require.NoError(t, err)
			require.Equal(t, advice, health.PausedAdvice)
			require.Equal(t, advice, leadtype.Advice{Description: health.Paused.Description(), Fix: health.Paused.Fix()})
			require.Zero(t, health.Failed)
		})
	}
}

func ownError(t *testing.T, err error) *leadsync.Error {
	t.Helper()
	var own *leadsync.Error
	require.ErrorAs(t, err, &own)
	return own
}

// Another request with the same refresh token ends within seconds: nobody has to connect again.
func TestATokenThatIsBeingProcessedIsWaitedFor(t *testing.T) {
	t.Parallel()
	for _, with := range []noToken{
		{400, "invalid_grant", "token request is already being processed", "already processing", "RefreshShared"},
		{400, "invalid_grant", "Token request is already being processed.", "already processing", "RefreshShared"},
		{400, "unknown_error", "retry your request", "could not be reached", "it is retried"},
		{400, "rate_limit_exceeded", "login rate exceeded", "limit", "it is retried"},
		{503, "", "", "could not be reached", "it is retried"},
	} {
		t.Run(with.code+" "+with.says, func(t *testing.T) {
			t.Parallel()
			org := sftest.NewOrg(t)
			refuseTokens(org, with, 1)
			syncer := refreshed(t, org)
			_, err := syncer.Sync(t.Context(), scenario.Ada())
			require.Error(t, err)
			require.NotErrorIs(t, err, leadsync.Authentication)
			require.Contains(t, ownError(t, err).Description(), with.description)
			require.Contains(t, ownError(t, err).Fix(), with.fix)

			scenario.SyncOne(t, syncer, scenario.Ada())
		})
	}
}

// The page on which a customer connects has the same fixes.
func TestASignInThatIsRefusedSaysWhatToDo(t *testing.T) {
	t.Parallel()
	var advisor *leadtype.Advisor
	fixes := make(map[string]bool)
	for _, with := range refusals() {
		advice := advisor.Login(fmt.Errorf("salesforce: login: %w",
			&oauth2.RetrieveError{Response: &http.Response{StatusCode: with.status}, ErrorCode: with.code,
				ErrorDescription: with.says}))
		require.Contains(t, advice.Description, with.description, with.code)
		require.Contains(t, advice.Fix, with.fix, with.code)
		fixes[advice.Fix] = true
	}
	require.Greater(t, len(fixes), 15, "the causes are told apart")
	require.Contains(t, advisor.Login(salesforce.ErrOtherOrg).Fix, "the org that the connection belongs to")
	require.Contains(t, advisor.Login(&oauth2.RetrieveError{ErrorCode: "invalid_grant",
		ErrorDescription: "token request is already being processed"}).Fix, "Nothing")
	require.Contains(t, advisor.Login(context.DeadlineExceeded).Fix, "it is retried")
	require.Empty(t, advisor.Login(nil))
}

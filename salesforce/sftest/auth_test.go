// SPDX-License-Identifier: Apache-2.0

package sftest_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"github.com/leadsync/leadsync/salesforce/sftest"
)

func (a *api) token(form url.Values) *response {
	a.t.Helper()
	res, err := a.send("POST", "/services/oauth2/token", form.Encode(), "Content-Type",
		"application/x-www-form-urlencoded")
	require.NoError(a.t, err)
	return res
}

func TestTokenNamesTheOrg(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	require.Regexp(t, `^00D[0-9A-Za-z]{12}!.{20,}$`, org.Token())
	require.Equal(t, org.OrgID()[:15], org.Token()[:15])
	require.Len(t, org.UserID(), 18)
}

func TestOrgsOfDifferentNumbersShareNoIDAndNoToken(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, number := range []uint8{0, 1, 61, 62, 255} {
		org := sftest.NewOrg(t, sftest.WithNumber(number))
		lead := org.Insert("Lead", map[string]any{"LastName": "L", "Company": "C"})
		require.NotNil(t, org.Row("Lead", lead[:15]), "the id is well-formed")
		for _, own := range []string{org.OrgID(), org.UserID(), lead, org.Token(), org.RefreshToken()} {
			require.False(t, seen[own], "%d has %s of another", number, own)
			seen[own] = true
		}
	}
}

// docs/salesforce.md, Errors: who is turned away, and how; it counts as no
// call.
func TestCallsAreRejected(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name    string
		prepare func(*sftest.Org) (authorization string)
		status  int
		code    string
	}{
		{"no token", func(*sftest.Org) string { return "" }, 401, "INVALID_AUTH_HEADER"},
		{"other scheme", func(o *sftest.Org) string { return "Basic " + o.Token() }, 401, "INVALID_AUTH_HEADER"},
		{"wrong token", func(o *sftest.Org) string { return "Bearer " + o.Token() + "x" }, 401, "INVALID_SESSION_ID"},
		{
			"expired token",
			func(o *sftest.Org) string { token := o.Token(); o.ExpireToken(); return "Bearer " + token }, 401,
			"INVALID_SESSION_ID",
		},
		{
			"inactive user", func(o *sftest.Org) string { o.DeactivateUser(); return "Bearer " + o.Token() }, 401,
			"INVALID_SESSION_ID",
		},
		{
			"no API right", func(o *sftest.Org) string { o.DisableAPI(); return "Bearer " + o.Token() }, 403,
			"API_CURRENTLY_DISABLED",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			org, a := newAPI(t)
			res := a.do("GET", "/limits", nil, "Authorization", tc.prepare(org))
			require.Equal(t, tc.status, res.Status)
			require.Equal(t, tc.code, res.code())
			require.Zero(t, org.Calls())
		})
	}
}

func TestNewTokenWorksAfterExpiry(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	old := org.Token()
	org.ExpireToken()
	require.NotEqual(t, old, org.Token())
	require.Equal(t, 200, a.do("GET", "/limits", nil).Status)
	require.Equal(t, 200, a.do("GET", "/limits", nil, "Authorization", "OAuth "+org.Token()).Status)
}

func TestLoginLeavesOtherSessionsAlone(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	status := func(token string) int { return a.do("GET", "/limits", nil, "Authorization", "Bearer "+token).Status }
	first := org.Token()
	second, _ := a.token(url.Values{"grant_type": {"client_credentials"}}).at("access_token").(string)
	require.NotEqual(t, first, second)
	require.Equal(t, []int{200, 200}, []int{status(first), status(second)})

	_, err := a.send("POST", "/services/oauth2/revoke", url.Values{"token": {first}}.Encode(), "Content-Type",
		"application/x-www-form-urlencoded")
	require.NoError(t, err)
	require.Equal(t, []int{401, 200}, []int{status(first), status(second)})
	org.ExpireToken()
	require.Equal(t, 401, status(second))
	require.Equal(t, 200, status(org.Token()))
}

// docs/salesforce.md, OAuth: a refresh gives a new refresh token, and the old
// one is dead.
func TestRefreshRotatesTheRefreshToken(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	first := org.RefreshToken()
	form := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {first}, "client_id": {"c"}}
	res := a.token(form)
	require.Equal(t, 200, res.Status, res.Text)
	require.Equal(t, org.Token(), res.at("access_token"))
	require.Equal(t, org.RefreshToken(), res.at("refresh_token"))
	require.NotEqual(t, first, org.RefreshToken())
	require.Equal(t, org.URL(), res.at("instance_url"))
	require.Equal(t, org.URL()+"/id/"+org.OrgID()+"/"+org.UserID(), res.at("id"))
	require.NotContains(t, res.Body, "expires_in")

	res = a.token(form)
	require.Equal(t, 400, res.Status)
	require.Equal(t, "invalid_grant", res.at("error"))
	require.Equal(t, "expired access/refresh token", res.at("error_description"))
}

func TestClientCredentialsAndOtherGrants(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	res := a.token(url.Values{"grant_type": {"client_credentials"}})
	require.Equal(t, org.Token(), res.at("access_token"))
	require.NotContains(t, res.Body, "refresh_token")
	require.Equal(t, "unsupported_grant_type", a.token(url.Values{"grant_type": {"magic"}}).at("error"))
	org.DeactivateUser()
	res = a.token(url.Values{"grant_type": {"client_credentials"}})
	require.Equal(t, "inactive user", res.at("error_description"))
	require.Zero(t, org.Calls())
}

// docs/salesforce.md, OAuth: a code fits once, with its verifier.
func TestWebServerFlow(t *testing.T) {
	t.Parallel()
	org, _ := newAPI(t)
	config := &oauth2.Config{
		ClientID: "c", ClientSecret: "s", RedirectURL: "https://host.example/callback?x=1",
		Endpoint: oauth2.Endpoint{
			AuthURL: org.URL() + "/services/oauth2/authorize", TokenURL: org.URL() + "/services/oauth2/token",
			AuthStyle: oauth2.AuthStyleInParams,
		},
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	authorize := func(verifier string) url.Values {
		req, err := http.NewRequestWithContext(t.Context(), "GET",
			config.AuthCodeURL("state1", oauth2.S256ChallengeOption(verifier)), nil)
		require.NoError(t, err)
		res, err := client.Do(req)
		require.NoError(t, err)
		defer res.Body.Close()
		require.Equal(t, 302, res.StatusCode)
		back, err := res.Location()
		require.NoError(t, err)
		require.Equal(t, "1", back.Query().Get("x"))
		require.Equal(t, "state1", back.Query().Get("state"))
		return back.Query()
	}
	verifier := oauth2.GenerateVerifier()
	code := authorize(verifier).Get("code")
	token, err := config.Exchange(t.Context(), code, oauth2.VerifierOption(verifier))
	require.NoError(t, err)
	require.Equal(t, org.Token(), token.AccessToken)
	require.Equal(t, org.RefreshToken(), token.RefreshToken)
	_, err = config.Exchange(t.Context(), code, oauth2.VerifierOption(verifier))
	require.ErrorContains(t, err, "expired authorization code", "a code is good once")
	_, err = config.Exchange(t.Context(), authorize(verifier).Get("code"),
		oauth2.VerifierOption(oauth2.GenerateVerifier()))
	require.ErrorContains(t, err, "invalid_grant", "the verifier must fit")
	config.ClientID = ""
	require.Equal(t, "unsupported_response_type", authorize(verifier).Get("error"))
}

func TestRevokeEndsTheSession(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	revoke := func(token string) int {
		res, err := a.send("POST", "/services/oauth2/revoke", url.Values{"token": {token}}.Encode(), "Content-Type",
			"application/x-www-form-urlencoded")
		require.NoError(t, err)
		return res.Status
	}
	refresh, access := org.RefreshToken(), org.Token()
	require.Equal(t, 200, revoke(refresh))
	require.Equal(t, 401, a.do("GET", "/limits", nil, "Authorization", "Bearer "+access).Status)
	require.Equal(t, 400, a.token(url.Values{"grant_type": {"refresh_token"}, "refresh_token": {refresh}}).Status)
	require.Equal(t, 200, revoke(org.Token()))
	require.Equal(t, 400, revoke("nonsense"))
}

// docs/salesforce.md, Permissions: what a preflight asks for.
func TestPermissionsShowAndCount(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	lead := addLead(org, "a@example.com")
	org.Convert(lead)
	soql := "SELECT Id FROM PermissionSetAssignment WHERE AssigneeId = '" + org.UserID() +
		"' AND PermissionSet.PermissionsViewAllData = true"
	require.Len(t, a.column(soql, "Id"), 1)
	org.SetPermission("PermissionsViewAllData", false)
	require.Empty(t, a.column(soql, "Id"))
	require.Equal(t, "INSUFFICIENT_ACCESS_OR_READONLY",
		a.do("PATCH", "/sobjects/Lead/Email/b@example.com", `{"LastName":"L","Company":"C"}`).code())
	res := a.do("PATCH", "/composite/sobjects/Lead/Email",
		collection(false, rows("Lead", `{"Email":"b@example.com","LastName":"L","Company":"C"}`)))
	require.Equal(t, "INSUFFICIENT_ACCESS_OR_READONLY", res.at(0, "errors", 0, "statusCode"))
	org.SetPermission("PermissionsAllowViewEditConvertedLeads", true)
	require.Equal(t, 204, a.do("PATCH", "/sobjects/Lead/"+lead, `{"City":"Rome"}`).Status)
}

func TestUserinfo(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	res, err := a.send("GET", "/services/oauth2/userinfo", nil)
	require.NoError(t, err)
	require.Equal(t, org.UserID(), res.at("user_id"))
	require.Equal(t, org.OrgID(), res.at("organization_id"))
	// Recorded (docs/salesforce.md, OAuth).
	names := regexp.MustCompile(`"(\w+)":`).FindAllString(res.Text, -1)
	require.Equal(t,
		`"sub":"user_id":"organization_id":"preferred_username":"nickname":"name":"email":"email_verified":`+
			`"given_name":"family_name":"zoneinfo":`+
			`"photos":"picture":"thumbnail":"profile":"picture":"address":"is_salesforce_integration_user":"urls":`+
			`"enterprise":"metadata":"partner":"rest":"sobjects":"search":"query":"recent":`+
			`"tooling_soap":"tooling_rest":"profile":"feeds":"groups":"users":"feed_items":"feed_elements":`+
			`"custom_domain":"active":"user_type":"language":"locale":"utcOffset":`+
			`"updated_at":`, strings.Join(names, ""))
	identity, err := a.send("GET", strings.TrimPrefix(res.at("sub").(string), org.URL()), nil)
	require.NoError(t, err)
	require.Equal(t, "integration@fake.example", identity.at("username"))
	require.Equal(t, "Integration", identity.at("first_name"))
	require.Equal(t, res.at("sub"), a.do("GET", "/", nil).at("identity"))
	res, err = a.send("GET", "/services/oauth2/userinfo", nil, "Authorization", "Bearer x")
	require.NoError(t, err)
	require.Equal(t, 403, res.Status)
	require.Equal(t, "Bad_OAuth_Token", res.Text, "one word, not JSON")
}

// docs/salesforce.md, Errors and Headers: every reply reports the usage, and
// the limit holds.
func TestDailyLimit(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t, sftest.WithAPILimit(2))
	require.Equal(t, "api-usage=1/2", a.do("GET", "/sobjects/Lead/00QdM00000ZZZZZ", nil).Header.Get("Sforce-Limit-Info"))
	require.InDelta(t, 0, a.do("GET", "/limits", nil).at("DailyApiRequests", "Remaining"), 0)
	res := a.do("GET", "/limits", nil)
	require.Equal(t, 403, res.Status)
	require.Equal(t, "REQUEST_LIMIT_EXCEEDED", res.code())
	require.Equal(t, "TotalRequests Limit exceeded.", res.at(0, "message"))
	require.Equal(t, "api-usage=2/2", res.Header.Get("Sforce-Limit-Info"))
	require.Equal(t, 2, org.Calls())
}

// docs/salesforce.md, OAuth.
func TestPasswordFlowIsForTheOrgsUser(t *testing.T) {
	t.Parallel()
	_, a := newAPI(t)
	for name, test := range map[string]struct {
		username, password string
		status             int
	}{
		"right":       {"integration@fake.example", "p", 200},
		"other user":  {"nobody@fake.example", "p", 400},
		"no password": {"integration@fake.example", "", 400},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			res := a.token(url.Values{"grant_type": {"password"}, "username": {test.username}, "password": {test.password}})
			require.Equal(t, test.status, res.Status)
			if test.status == 400 {
				require.Equal(t, "invalid_grant", res.at("error"))
				require.Equal(t, "authentication failure", res.at("error_description"))
			}
		})
	}
}

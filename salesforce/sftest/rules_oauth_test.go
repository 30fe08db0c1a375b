// SPDX-License-Identifier: Apache-2.0

package sftest_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"github.com/leadsync/leadsync/salesforce/sftest"
)

// oauth posts a form to an OAuth endpoint.
func (a *api) oauth(endpoint string, form url.Values) *response {
	a.t.Helper()
	res, err := a.send("POST", "/services/oauth2/"+endpoint, form.Encode(), "Content-Type",
		"application/x-www-form-urlencoded")
	require.NoError(a.t, err)
	return res
}

// authorize logs in as a browser does, and answers what it comes back with.
func (a *api) authorize(query url.Values) url.Values {
	a.t.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	req, err := http.NewRequestWithContext(a.t.Context(), "GET",
		a.org.URL()+"/services/oauth2/authorize?"+query.Encode(), nil)
	require.NoError(a.t, err)
	res, err := client.Do(req)
	require.NoError(a.t, err)
	defer res.Body.Close()
	require.Equal(a.t, 302, res.StatusCode)
	back, err := res.Location()
	require.NoError(a.t, err)
	return back.Query()
}

// login goes through the web server flow of an app and answers the tokens.
func (a *api) login(client string) *response {
	a.t.Helper()
	verifier := oauth2.GenerateVerifier()
	query := url.Values{
		"response_type": {"code"}, "client_id": {client}, "redirect_uri": {"https://host.example/cb"},
		"code_challenge": {oauth2.S256ChallengeFromVerifier(verifier)},
	}
	code := a.authorize(query).Get("code")
	return a.oauth("token", url.Values{
		"grant_type": {"authorization_code"}, "code": {code}, "client_id": {client},
		"redirect_uri": {"https://host.example/cb"}, "code_verifier": {verifier},
	})
}

func (a *api) refresh(client string, token any) *response {
	text, _ := token.(string)
	return a.oauth("token", url.Values{"grant_type": {"refresh_token"}, "refresh_token": {text}, "client_id": {client}})
}

func (r *response) oauthRefused(t *testing.T, code, description string) {
	t.Helper()
	require.Equal(t, 400, r.Status, r.Text)
	require.Equal(t, []any{code, description}, []any{r.at("error"), r.at("error_description")})
}

// What docs/salesforce.md, OAuth, says.
func TestRulesOfOAuth(t *testing.T) {
	t.Parallel()
	keeps(t, "5", []rule{
		{"a token reply has the keys of a recorded one, and no expires_in", func(t *testing.T, org *sftest.Org, a *api) {
			res := a.login("c")
			for _, name := range []string{
				"access_token", "instance_url", "id", "token_type", "issued_at", "signature", "scope", "refresh_token",
			} {
				require.IsType(t, "", res.at(name), name)
			}
			require.NotContains(t, res.Body, "expires_in")
			require.Regexp(t, `^00D\w{12}!`, res.at("access_token"))
			require.Regexp(t, `^\d{13}$`, res.at("issued_at"))
			require.Equal(t, org.URL()+"/id/"+org.OrgID()+"/"+org.UserID(), res.at("id"))
		}},
		{"a code is good once", func(t *testing.T, _ *sftest.Org, a *api) {
			code := a.authorize(url.Values{
				"response_type": {"code"}, "client_id": {"c"}, "redirect_uri": {"https://host.example/cb"},
			}).Get("code")
			form := url.Values{
				"grant_type": {"authorization_code"}, "code": {code}, "client_id": {"c"},
				"redirect_uri": {"https://host.example/cb"},
			}
			require.Equal(t, 200, a.oauth("token", form).Status)
			a.oauth("token", form).oauthRefused(t, "invalid_grant", "expired authorization code")
		}},
		{"a code needs its app, its redirect URI and its verifier", func(t *testing.T, _ *sftest.Org, a *api) {
			for name, tc := range map[string][2]string{
				"client_id":     {"invalid_grant", "expired authorization code"},
				"redirect_uri":  {"redirect_uri_mismatch", "redirect_uri must match configuration"},
				"code_verifier": {"invalid_grant", "invalid code verifier"},
			} {
				code := a.authorize(url.Values{
					"response_type": {"code"}, "client_id": {"c"}, "redirect_uri": {"https://host.example/cb"},
					"code_challenge": {oauth2.S256ChallengeFromVerifier("v")},
				}).Get("code")
				form := url.Values{
					"grant_type": {"authorization_code"}, "code": {code}, "client_id": {"c"},
					"redirect_uri": {"https://host.example/cb"}, "code_verifier": {"v"},
				}
				form.Set(name, "https://other.example")
				a.oauth("token", form).oauthRefused(t, tc[0], tc[1])
			}
		}},
		{"a refresh gives a new refresh token and the old one dies at once", func(t *testing.T, _ *sftest.Org, a *api) {
			first := a.login("c").at("refresh_token")
			second := a.refresh("c", first).at("refresh_token")
			require.NotEqual(t, first, second)
			require.Equal(t, 200, a.refresh("c", second).Status)
			a.refresh("c", first).oauthRefused(t, "invalid_grant", "expired access/refresh token")
		}},
		{"a refresh token that was used ends the newest tokens too", func(t *testing.T, _ *sftest.Org, a *api) {
			status := func(token any) int {
				return a.do("GET", "/limits", nil, "Authorization", "Bearer "+token.(string)).Status
			}
			apart, stranger := a.login("c"), a.login("d")
			family := []*response{a.login("c")}
			for range 3 {
				family = append(family, a.refresh("c", family[len(family)-1].at("refresh_token")))
				require.Equal(t, 200, family[len(family)-1].Status)
			}
			// Another app's name for it shows nothing, so it ends nothing.
			a.refresh("d", family[1].at("refresh_token")).oauthRefused(t, "invalid_grant", "expired access/refresh token")
			for _, res := range family {
				require.Equal(t, 200, status(res.at("access_token")))
			}
			a.refresh("c", family[1].at("refresh_token")).oauthRefused(t, "invalid_grant", "expired access/refresh token")
			for _, res := range family {
				require.Equal(t, 401, status(res.at("access_token")))
				a.refresh("c", res.at("refresh_token")).oauthRefused(t, "invalid_grant", "expired access/refresh token")
			}
			for client, res := range map[string]*response{"c": apart, "d": stranger} {
				require.Equal(t, 200, status(res.at("access_token")))
				require.Equal(t, 200, a.refresh(client, res.at("refresh_token")).Status)
			}
		}},
		{"without rotation a refresh token stays valid", func(t *testing.T, org *sftest.Org, a *api) {
			org.AddApp(sftest.App{ClientID: "c", KeepsRefreshToken: true})
			token := a.login("c").at("refresh_token")
			for range 2 {
				res := a.refresh("c", token)
				require.Equal(t, 200, res.Status)
				require.NotContains(t, res.Body, "refresh_token")
			}
		}},
		{"a user has five live refresh tokens of an app, and the oldest drops", func(t *testing.T, _ *sftest.Org, a *api) {
			var tokens []any
			for range 6 {
				tokens = append(tokens, a.login("c").at("refresh_token"))
			}
			other := a.login("d").at("refresh_token")
			a.refresh("c", tokens[0]).oauthRefused(t, "invalid_grant", "expired access/refresh token")
			for _, token := range tokens[1:] {
				require.Equal(t, 200, a.refresh("c", token).Status)
			}
			require.Equal(t, 200, a.refresh("d", other).Status)
		}},
		{"a refresh token is of its app alone", func(t *testing.T, _ *sftest.Org, a *api) {
			a.refresh("d", a.login("c").at("refresh_token")).oauthRefused(t, "invalid_grant", "expired access/refresh token")
		}},
		{"client credentials need a user to run as, and give no refresh token", func(t *testing.T, org *sftest.Org, a *api) {
			require.NotContains(t, a.oauth("token", url.Values{"grant_type": {"client_credentials"}}).Body, "refresh_token")
			org.AddApp(sftest.App{ClientID: "c", ClientSecret: "s", NoRunAsUser: true})
			a.oauth("token", url.Values{
				"grant_type": {"client_credentials"}, "client_id": {"c"}, "client_secret": {"s"},
			}).oauthRefused(t, "invalid_grant", "no client credentials user enabled")
		}},
		{"unknown clients and wrong secrets are refused, also as Basic", func(t *testing.T, org *sftest.Org, a *api) {
			org.AddApp(sftest.App{ClientID: "c", ClientSecret: "s"})
			form := url.Values{"grant_type": {"client_credentials"}, "client_id": {"c"}, "client_secret": {"wrong"}}
			a.oauth("token", form).oauthRefused(t, "invalid_client", "invalid client credentials")
			form.Set("client_id", "x")
			a.oauth("token", form).oauthRefused(t, "invalid_client_id", "client identifier invalid")
			basic := func(pair string) *response {
				res, err := a.send("POST", "/services/oauth2/token", "grant_type=client_credentials", "Content-Type",
					"application/x-www-form-urlencoded", "Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(pair)))
				require.NoError(t, err)
				return res
			}
			basic("c:x").oauthRefused(t, "invalid_client", "invalid client credentials")
			require.Equal(t, 200, basic("c:s").Status)
		}},
		{"an app that is not approved for the user is refused", func(t *testing.T, org *sftest.Org, a *api) {
			org.AddApp(sftest.App{ClientID: "c", Unapproved: true})
			a.login("c").oauthRefused(t, "invalid_grant", "user is not admin approved to access this app")
		}},
		{"an unknown grant is unsupported_grant_type", func(t *testing.T, _ *sftest.Org, a *api) {
			a.oauth("token", url.Values{"grant_type": {"magic"}}).oauthRefused(t, "unsupported_grant_type",
				"grant type not supported")
		}},
		{"an inactive user gets no token", func(t *testing.T, org *sftest.Org, a *api) {
			token := a.login("c").at("refresh_token")
			org.DeactivateUser()
			a.refresh("c", token).oauthRefused(t, "invalid_grant", "inactive user")
		}},
		{"an app may demand PKCE and has one callback", func(t *testing.T, org *sftest.Org, a *api) {
			org.AddApp(sftest.App{ClientID: "c", PKCE: true, Callback: "https://host.example/cb"})
			query := url.Values{"response_type": {"code"}, "client_id": {"c"}, "redirect_uri": {"https://host.example/cb"}}
			require.Equal(t, "missing required code challenge", a.authorize(query).Get("error_description"))
			require.Equal(t, 200, a.login("c").Status)
			for name, want := range map[string]string{
				"redirect_uri": "redirect_uri_mismatch", "client_id": "invalid_client_id",
			} {
				wrong := url.Values{"response_type": {"code"}, "client_id": {"c"}, "redirect_uri": {"https://host.example/cb"}}
				wrong.Set(name, "https://other.example")
				res, err := a.send("GET", "/services/oauth2/authorize?"+wrong.Encode(), nil)
				require.NoError(t, err)
				require.Equal(t, want, res.at("error"))
			}
		}},
		{"introspect describes active tokens only", func(t *testing.T, org *sftest.Org, a *api) {
			login := a.login("c")
			for _, name := range []string{"access_token", "refresh_token"} {
				token := url.Values{"token": {login.at(name).(string)}}
				res := a.oauth("introspect", token)
				require.Equal(t, []any{true, "c", "integration@fake.example", org.UserID()},
					[]any{res.at("active"), res.at("client_id"), res.at("username"), res.at("sub")})
			}
			org.ExpireToken()
			require.Equal(t, map[string]any{"active": false},
				a.oauth("introspect", url.Values{"token": {login.at("access_token").(string)}}).Body)
		}},
		{"a revoked refresh token takes its sessions along, and no others", func(t *testing.T, _ *sftest.Org, a *api) {
			one, two := a.login("c"), a.login("c")
			require.Equal(t, 200, a.oauth("revoke", url.Values{"token": {one.at("refresh_token").(string)}}).Status)
			status := func(login *response) int {
				return a.do("GET", "/limits", nil, "Authorization", "Bearer "+login.at("access_token").(string)).Status
			}
			require.Equal(t, []int{401, 200}, []int{status(one), status(two)})
			a.oauth("revoke", url.Values{"token": {"nonsense"}}).oauthRefused(t, "unsupported_token_type",
				"this token type is not supported")
		}},
		{"userinfo has the user, the org and the urls", func(t *testing.T, org *sftest.Org, a *api) {
			res, err := a.send("GET", "/services/oauth2/userinfo", nil)
			require.NoError(t, err)
			require.Equal(t, []any{org.UserID(), org.OrgID(), true, false},
				[]any{res.at("user_id"), res.at("organization_id"), res.at("active"), res.at("is_salesforce_integration_user")})
			for _, name := range []string{"rest", "sobjects", "custom_domain"} {
				require.Contains(t, res.at("urls"), name)
			}
		}},
		{"no OAuth request counts as a call", func(t *testing.T, org *sftest.Org, a *api) {
			a.refresh("c", a.login("c").at("refresh_token"))
			require.Zero(t, org.Calls())
		}},
	})
}

// docs/salesforce.md, OAuth: a code is valid for 15 minutes, a session until it
// was not used for a while.
func TestCodesAndSessionsEnd(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)
	org, a := newAPI(t, sftest.WithNow(func() time.Time { return now }), sftest.WithSessionTimeout(2*time.Hour))
	code := func() url.Values {
		code := a.authorize(url.Values{
			"response_type": {"code"}, "client_id": {"c"}, "redirect_uri": {"https://host.example/cb"},
		}).Get("code")
		return url.Values{
			"grant_type": {"authorization_code"}, "code": {code}, "client_id": {"c"},
			"redirect_uri": {"https://host.example/cb"},
		}
	}
	early, late := code(), code()
	now = now.Add(15*time.Minute - time.Second)
	require.Equal(t, 200, a.oauth("token", early).Status)
	now = now.Add(time.Second)
	a.oauth("token", late).oauthRefused(t, "invalid_grant", "expired authorization code")

	call := func(after time.Duration) int {
		now = now.Add(after)
		return a.do("GET", "/limits", nil).Status
	}
	require.Equal(t, []int{200, 200, 401}, []int{call(time.Hour), call(119 * time.Minute), call(2 * time.Hour)},
		"each call puts the end off")
	require.Equal(t, false, a.oauth("introspect", url.Values{"token": {org.Token()}}).at("active"))
	require.Equal(t, 200, a.refresh("c", org.RefreshToken()).Status)
	require.Equal(t, 200, call(0))
	exp, _ := a.oauth("introspect", url.Values{"token": {org.Token()}}).at("exp").(float64)
	require.InDelta(t, now.Add(2*time.Hour).Unix(), exp, 0)
}

// docs/salesforce.md, OAuth: what a JWT must be.
func TestAssertionsAreChecked(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	org.AddApp(sftest.App{ClientID: "c", ClientSecret: "s", Key: &key.PublicKey})
	sign := func(alg string, claims map[string]any) string {
		part := func(v any) string {
			text, err := json.Marshal(v)
			require.NoError(t, err)
			return base64.RawURLEncoding.EncodeToString(text)
		}
		text := part(map[string]string{"alg": alg}) + "." + part(claims)
		sum := sha256.Sum256([]byte(text))
		signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
		require.NoError(t, err)
		return text + "." + base64.RawURLEncoding.EncodeToString(signature)
	}
	soon := time.Now().Add(3 * time.Minute).Unix()
	for name, tc := range map[string]struct {
		change               func(map[string]any)
		alg                  string
		code, why, assertion string
	}{
		"good":       {},
		"login host": {change: func(c map[string]any) { c["aud"] = "https://login.salesforce.com" }},
		"unknown app": {change: func(c map[string]any) {
			c["iss"] = "x"
		}, code: "invalid_client_id", why: "client identifier invalid"},
		"other user": {change: func(c map[string]any) {
			c["sub"] = "x@example.com"
		}, code: "invalid_grant", why: "user hasn't approved this consumer"},
		"other audience": {change: func(c map[string]any) {
			c["aud"] = "https://x.example"
		}, code: "invalid_grant", why: "audience is invalid"},
		"expired": {change: func(c map[string]any) {
			c["exp"] = time.Now().Unix() - 1
		}, code: "invalid_grant", why: "expired assertion"},
		"not RS256": {alg: "HS256", code: "invalid_grant", why: "invalid assertion"},
		"signature of one": {
			assertion: sign("RS256", map[string]any{
				"iss": "c", "sub": "integration@fake.example", "aud": org.URL(), "exp": soon,
			}) + "x",
			code: "invalid_grant", why: "invalid assertion",
		},
		"no JWT":  {assertion: "a.b", code: "invalid_client_id", why: "client identifier invalid"},
		"no JSON": {assertion: "a.b.c", code: "invalid_client_id", why: "client identifier invalid"},
	} {
		claims := map[string]any{"iss": "c", "sub": "integration@fake.example", "aud": org.URL(), "exp": soon}
		if tc.change != nil {
			tc.change(claims)
		}
		if tc.alg == "" {
			tc.alg = "RS256"
		}
		if tc.assertion == "" {
			tc.assertion = sign(tc.alg, claims)
		}
		res := a.oauth("token", url.Values{
			"grant_type": {"urn:ietf:params:oauth:grant-type:jwt-bearer"}, "assertion": {tc.assertion},
		})
		if tc.code != "" {
			res.oauthRefused(t, tc.code, tc.why)
			continue
		}
		require.Equal(t, 200, res.Status, name)
		require.NotContains(t, res.Body, "refresh_token", "no refresh token comes with a JWT")
	}
}

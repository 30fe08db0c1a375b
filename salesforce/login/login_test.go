// SPDX-License-Identifier: Apache-2.0

package login_test

import (
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/login"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// A host mounts the two ends of a sign-in among its own handlers, and keeps the
// Login in the browser's session between them.
func ExampleApp_BeginLogin() {
	org := sftest.NewOrg(nil)
	defer org.Close()
	app, err := login.NewApp(login.AppConfig{
		ClientID: "consumer key",
		LoginURL: org.URL(), // https://login.salesforce.com, or the My Domain
		Hosts:    []string{strings.TrimPrefix(org.URL(), "http://")},
	})
	if err != nil {
		panic(err)
	}
	var session *login.Attempt // a real host has one for each browser

	host := http.NewServeMux()
	server := httptest.NewServer(host)
	defer server.Close()
	host.HandleFunc("GET /connect", func(w http.ResponseWriter, r *http.Request) {
		attempt, err := app.BeginLogin(server.URL+"/connected", "api", "refresh_token")
		if err != nil {
			http.Error(w, "cannot connect", http.StatusInternalServerError)
			return
		}
		session = attempt
		http.Redirect(w, r, attempt.URL, http.StatusFound)
	})
	host.HandleFunc("GET /connected", func(w http.ResponseWriter, r *http.Request) {
		attempt := session
		session = nil // it serves once
		token, err := app.FinishLogin(r.Context(), attempt, r.URL.Query())
		if err != nil {
			http.Error(w, "not connected", http.StatusBadRequest)
			return
		}
		// Keep the token, sealed by a TokenCipher, and give it to app.Refresh.
		fmt.Fprint(
			w, "instance known: ", login.InstanceURL(token) == org.URL(), ", to be refreshed: ", token.RefreshToken != "",
		)
	})

	page, err := http.Get(server.URL + "/connect") // as the browser does
	if err != nil {
		panic(err)
	}
	defer page.Body.Close()
	var text [100]byte
	n, _ := page.Body.Read(text[:])
	fmt.Println(page.Status, string(text[:n]))
	// Output: 200 OK instance known: true, to be refreshed: true
}

func TestEveryFlowGetsTokensThatAnOrgTakes(t *testing.T) {
	t.Parallel()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	for name, start := range map[string]func(*testing.T, *sftest.Org, *login.App) oauth2.TokenSource{
		"web server": func(t *testing.T, org *sftest.Org, app *login.App) oauth2.TokenSource {
			attempt, err := app.BeginLogin("https://host.example/back", "api", "refresh_token")
			require.NoError(t, err)
			attempt.Org = salesforce.ID(org.OrgID())
			token, err := app.FinishLogin(t.Context(), attempt, signIn(t, attempt.URL))
			require.NoError(t, err)
			return app.Refresh(token, nil)
		},
		"jwt": func(t *testing.T, _ *sftest.Org, app *login.App) oauth2.TokenSource {
			source, err := app.JWT("integration@fake.example", key)
			require.NoError(t, err)
			return source
		},
		"client credentials": func(_ *testing.T, _ *sftest.Org, app *login.App) oauth2.TokenSource {
			return app.ClientCredentials()
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			org := sftest.NewOrg(t)
			org.AddApp(sftest.App{ClientID: "c", ClientSecret: "s3cret", PKCE: true, Key: &key.PublicKey})
			hosts := []string{strings.TrimPrefix(org.URL(), "http://")}
			app, err := login.NewApp(login.AppConfig{ClientID: "c", ClientSecret: "s3cret", LoginURL: org.URL(), Hosts: hosts})
			require.NoError(t, err)
			client := newClient(t, org.URL(), start(t, org, app), salesforce.Config{Hosts: hosts})
			for range 2 {
				reads, err := client.Read(t.Context(), salesforce.DescribeObject("Lead", ""))
				require.NoError(t, err)
				require.NoError(t, reads[0].Err)
				id, user, err := client.Identity(t.Context())
				require.NoError(t, err)
				require.Equal(t, []string{org.OrgID(), org.UserID()}, []string{string(id), string(user)})
				org.ExpireToken() // the flow gets another one
			}
		})
	}
}

// signIn is a browser whose user agrees. It answers the query of the redirect.
func signIn(t *testing.T, address string) url.Values {
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	require.NoError(t, err)
	resp, err := http.DefaultTransport.RoundTrip(request)
	require.NoError(t, err)
	defer resp.Body.Close()
	back, err := resp.Location()
	require.NoError(t, err)
	return back.Query()
}

func TestLoginForAnotherOrgEndsItsGrant(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	app := appOf(t, org)
	attempt, err := app.BeginLogin("https://host.example/back")
	require.NoError(t, err)
	attempt.Org = testID("00D", 1)
	before := org.RefreshToken()
	_, err = app.FinishLogin(t.Context(), attempt, signIn(t, attempt.URL))
	require.ErrorIs(t, err, salesforce.ErrOtherOrg)
	require.Equal(t, before, org.RefreshToken(), "the grant that was made is over, others live on")
}

// appOf is an app of a fake org.
func appOf(t *testing.T, org *sftest.Org) *login.App {
	app, err := login.NewApp(login.AppConfig{
		ClientID: "c", LoginURL: org.URL(), Hosts: []string{strings.TrimPrefix(org.URL(), "http://")},
	})
	require.NoError(t, err)
	return app
}

func TestLoginTakesNoOtherOrg(t *testing.T) {
	t.Parallel()
	rotated := strings.Replace(tokenReply, `"token_type"`, `"refresh_token":"r1","token_type"`, 1)
	for name, test := range map[string]struct {
		org     salesforce.ID
		revoke  line
		want    error
		revoked bool
	}{
		"same":                    {"00D000000000001", line{status: 200}, nil, false},
		"other":                   {"00D000000000002", line{status: 200}, salesforce.ErrOtherOrg, true},
		"other, and no revoking":  {"00D000000000002", line{status: 503}, salesforce.ErrOtherOrg, true},
		"other, and no answering": {"00D000000000002", line{err: io.ErrUnexpectedEOF}, salesforce.ErrOtherOrg, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := &wire{script: []line{{status: 200, body: rotated}, test.revoke}}
			app := newApp(t, w)
			attempt, err := app.BeginLogin("https://host.example/back")
			require.NoError(t, err)
			attempt.Org = test.org
			token, err := app.FinishLogin(t.Context(), attempt, url.Values{"state": {attempt.State}, "code": {"c"}})
			require.ErrorIs(t, err, test.want)
			require.Equal(t, test.want == nil, token != nil)
			if !test.revoked {
				require.Len(t, w.sent, 1)
				return
			}
			require.Len(t, w.sent, 2)
			require.Equal(t, instance+"/services/oauth2/revoke", w.sent[1].url)
			require.Equal(t, "token=r1", w.sent[1].body, "the grant, not the session alone")
		})
	}
}

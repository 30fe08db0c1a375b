package salesforce_test

import (
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"
)

// A host mounts the two ends of a sign-in among its own handlers, and keeps the
// Login in the browser's session between them.
func ExampleApp_BeginLogin() {
	org := sftest.NewOrg(nil)
	defer org.Close()
	app, err := salesforce.NewApp(salesforce.AppConfig{
		ClientID: "consumer key",
		LoginURL: org.URL(), // https://login.salesforce.com, or the My Domain
		Hosts:    []string{strings.TrimPrefix(org.URL(), "http://")},
	})
	if err != nil {
		panic(err)
	}
	var session *salesforce.Login // a real host has one for each browser

	host := http.NewServeMux()
	server := httptest.NewServer(host)
	defer server.Close()
	host.HandleFunc("GET /connect", func(w http.ResponseWriter, r *http.Request) {
		login, err := app.BeginLogin(server.URL+"/connected", "api", "refresh_token")
		if err != nil {
			http.Error(w, "cannot connect", http.StatusInternalServerError)
			return
		}
		session = login
		http.Redirect(w, r, login.URL, http.StatusFound)
	})
	host.HandleFunc("GET /connected", func(w http.ResponseWriter, r *http.Request) {
		login := session
		session = nil // it serves once
		token, err := app.FinishLogin(r.Context(), login, r.URL.Query())
		if err != nil {
			http.Error(w, "not connected", http.StatusBadRequest)
			return
		}
		// Keep the token, sealed by a TokenCipher, and give it to app.Refresh.
		fmt.Fprint(w, "instance known: ", salesforce.InstanceURL(token) == org.URL(), ", to be refreshed: ", token.RefreshToken != "")
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
	for name, start := range map[string]func(*testing.T, *sftest.Org, *salesforce.App) oauth2.TokenSource{
		"web server": func(t *testing.T, org *sftest.Org, app *salesforce.App) oauth2.TokenSource {
			login, err := app.BeginLogin("https://host.example/back", "api", "refresh_token")
			require.NoError(t, err)
			login.Org = salesforce.ID(org.OrgID())
			token, err := app.FinishLogin(t.Context(), login, signIn(t, login.URL))
			require.NoError(t, err)
			return app.Refresh(token, nil)
		},
		"jwt": func(t *testing.T, _ *sftest.Org, app *salesforce.App) oauth2.TokenSource {
			source, err := app.JWT("integration@fake.example", key)
			require.NoError(t, err)
			return source
		},
		"client credentials": func(_ *testing.T, _ *sftest.Org, app *salesforce.App) oauth2.TokenSource {
			return app.ClientCredentials()
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			org := sftest.NewOrg(t)
			org.AddApp(sftest.App{ClientID: "c", ClientSecret: "s3cret", PKCE: true, Key: &key.PublicKey})
			hosts := []string{strings.TrimPrefix(org.URL(), "http://")}
			app, err := salesforce.NewApp(salesforce.AppConfig{ClientID: "c", ClientSecret: "s3cret", LoginURL: org.URL(), Hosts: hosts})
			require.NoError(t, err)
			client, err := newClient(t, org.URL(), start(t, org, app), salesforce.Config{Hosts: hosts})
			require.NoError(t, err)
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
	login, err := app.BeginLogin("https://host.example/back")
	require.NoError(t, err)
	login.Org = testID("00D", 1)
	before := org.RefreshToken()
	_, err = app.FinishLogin(t.Context(), login, signIn(t, login.URL))
	require.ErrorIs(t, err, salesforce.ErrOtherOrg)
	require.Equal(t, before, org.RefreshToken(), "the grant that was made is over, others live on")
}

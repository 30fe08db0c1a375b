// SPDX-License-Identifier: Apache-2.0

package salesforce_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/login"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// A move is an org at a new address whose old one answers in its own way from then on.
type move struct {
	org   *sftest.Org
	old   *httptest.Server
	moved atomic.Bool
	asked atomic.Int32 // requests to the old address after the move
}

func newMove(t *testing.T, way func(w http.ResponseWriter, r *http.Request, to string)) *move {
	m := &move{org: sftest.NewOrg(t)}
	m.old = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !m.moved.Load() {
			m.org.Handler().ServeHTTP(w, r)
			return
		}
		m.asked.Add(1)
		way(w, r, m.org.URL())
	}))
	t.Cleanup(m.old.Close)
	return m
}

func hostOf(address string) string { return strings.TrimPrefix(address, "http://") }

func (m *move) client(t *testing.T, tokens oauth2.TokenSource, hosts ...string) *salesforce.Client {
	hosts = append(hosts, hostOf(m.old.URL))
	client, err := newClient(t, m.old.URL, tokens, salesforce.Config{Hosts: hosts, MaxRetries: -1})
	require.NoError(t, err)
	return client
}

// tokens are a source whose token endpoint is that of an org, and so is the instance_url
// of the tokens that it gets.
func (m *move) tokens(t *testing.T, of *sftest.Org) *login.Tokens {
	app, err := login.NewApp(login.AppConfig{ClientID: "c", LoginURL: of.URL(), Hosts: []string{hostOf(of.URL())}})
	require.NoError(t, err)
	return app.Refresh(&oauth2.Token{AccessToken: m.org.Token(), RefreshToken: of.RefreshToken()}, nil)
}

func addLead(ctx context.Context, client *salesforce.Client, name string) error {
	results, err := client.Write(ctx, salesforce.Write{
		Op: salesforce.OpCreate, Object: "Lead", Fields: salesforce.Fields{"LastName": name, "Company": "C"},
	})
	if err == nil {
		err = results[0].Err
	}
	return err
}

func redirect(status int) func(http.ResponseWriter, *http.Request, string) {
	return func(w http.ResponseWriter, r *http.Request, to string) { http.Redirect(w, r, to+r.URL.Path, status) }
}

func webPage(status int) func(http.ResponseWriter, *http.Request, string) {
	return func(w http.ResponseWriter, _ *http.Request, _ string) {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(status)
		_, _ = w.Write([]byte("\n<html><title>URL No Longer Exists</title></html>"))
	}
}

func noSession(w http.ResponseWriter, _ *http.Request, _ string) {
	w.WriteHeader(http.StatusUnauthorized)
	_, _ = w.Write([]byte(`[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]`))
}

var ways = map[string]func(http.ResponseWriter, *http.Request, string){
	"301": redirect(301), "302": redirect(302), "307": redirect(307), "308": redirect(308),
	"404 page": webPage(404), "410 page": webPage(410), "401": noSession,
}

func TestClientFollowsItsOrg(t *testing.T) {
	t.Parallel()
	for name, way := range ways {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMove(t, way)
			client := m.client(t, m.tokens(t, m.org), hostOf(m.org.URL()))
			require.NoError(t, addLead(t.Context(), client, "before"))
			m.moved.Store(true)
			_, err := client.UserInfo(t.Context())
			if !strings.HasPrefix(name, "401") { // which is another refusal there
				require.NoError(t, err)
			}
			_, err = client.Retrieve(t.Context(), "Lead", []salesforce.ID{"00Q000000000001"}, "Name")
			require.NoError(t, err)
			asked := m.asked.Load()
			require.NoError(t, addLead(t.Context(), client, "after"))
			require.Equal(t, 2, m.org.Count("Lead"))
			require.Equal(t, asked, m.asked.Load(), "the old address is called again")
		})
	}
}

// An unkeyed create is sent again only where the old address proves that it did nothing.
func TestClientFollowsItsOrgWithAWrite(t *testing.T) {
	t.Parallel()
	for name, way := range ways {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMove(t, way)
			client := m.client(t, m.tokens(t, m.org), hostOf(m.org.URL()))
			require.NoError(t, addLead(t.Context(), client, "before"))
			m.moved.Store(true)
			err := addLead(t.Context(), client, "after")
			if name != "401" {
				var e *salesforce.Error
				require.ErrorAs(t, err, &e)
				require.True(t, e.Uncertain)
				require.Equal(t, 1, m.org.Count("Lead"))
				err = addLead(t.Context(), client, "later")
			}
			require.NoError(t, err)
			require.Equal(t, 2, m.org.Count("Lead"))
		})
	}
}

func TestClientDoesNotFollowElsewhere(t *testing.T) {
	t.Parallel()
	for name, way := range ways {
		for _, how := range []string{"a host that is not allowed", "another org", "the token does not change"} {
			t.Run(name+"/"+how, func(t *testing.T) {
				t.Parallel()
				m := newMove(t, way)
				hosts := []string{hostOf(m.org.URL())}
				to := m.org
				var tokens oauth2.TokenSource
				switch how {
				case "a host that is not allowed":
					hosts = nil
				case "another org":
					to = sftest.NewOrg(t, sftest.WithNumber(7))
					hosts = append(hosts, hostOf(to.URL()))
				case "the token does not change":
					if name == "401" {
						t.Skip("is an expired session")
					}
					tokens = oauth2.StaticTokenSource(&oauth2.Token{AccessToken: m.org.Token()})
				}
				if tokens == nil {
					tokens = m.tokens(t, to)
				}
				client := m.client(t, tokens, hosts...)
				require.NoError(t, addLead(t.Context(), client, "before"))
				m.moved.Store(true)
				for range 3 {
					_, err := client.Retrieve(t.Context(), "Lead", []salesforce.ID{"00Q000000000001"}, "Name")
					require.ErrorIs(t, err, salesforce.ErrAddressChanged)
					require.ErrorContains(t, err, "the org's address changed")
					var e *salesforce.Error
					require.ErrorAs(t, err, &e)
					require.False(t, e.Retryable())
					require.Equal(t, how == "another org", errors.Is(err, salesforce.ErrOtherOrg))
				}
				require.Error(t, addLead(t.Context(), client, "after"))
				require.Equal(t, 1, m.org.Count("Lead"))
				if to != m.org {
					require.Zero(t, to.Count("Lead"))
				}
			})
		}
	}
}

// The control: nothing but the org's id in the token keeps leads from another org.
func TestClientWouldFollowToAnotherOrgThatHadItsID(t *testing.T) {
	t.Parallel()
	for _, same := range []bool{false, true} {
		t.Run(fmt.Sprintf("same id %t", same), func(t *testing.T) {
			t.Parallel()
			m, to := newMove(t, redirect(301)), sftest.NewOrg(t, sftest.WithNumber(7))
			extra := map[string]any{"instance_url": to.URL()}
			if same {
				extra["id"] = "https://login.salesforce.com/id/" + m.org.OrgID() + "/" + m.org.UserID()
			}
			before := oauth2.StaticTokenSource(&oauth2.Token{AccessToken: m.org.Token()})
			after := oauth2.StaticTokenSource((&oauth2.Token{AccessToken: to.Token()}).WithExtra(extra))
			client := m.client(t, &switchedSource{m, before, after}, hostOf(m.org.URL()), hostOf(to.URL()))
			require.NoError(t, addLead(t.Context(), client, "before"))
			m.moved.Store(true)
			_, err := client.Retrieve(t.Context(), "Lead", []salesforce.ID{"00Q000000000001"}, "Name")
			if !same {
				require.ErrorIs(t, err, salesforce.ErrOtherOrg)
				require.Error(t, addLead(t.Context(), client, "after"))
				require.Zero(t, to.Count("Lead"))
				return
			}
			require.NoError(t, err)
			require.NoError(t, addLead(t.Context(), client, "after"))
			require.Equal(t, 1, to.Count("Lead"))
		})
	}
}

// A switchedSource gives other tokens after the move.
type switchedSource struct {
	m             *move
	before, after oauth2.TokenSource
}

func (s *switchedSource) Token() (*oauth2.Token, error) {
	if s.m.moved.Load() {
		return s.after.Token()
	}
	return s.before.Token()
}

// A host may reach its org by an address of its own, which no token names.
func TestClientStaysAtTheAddressOfItsHost(t *testing.T) {
	t.Parallel()
	m := newMove(t, redirect(301))
	token := (&oauth2.Token{AccessToken: m.org.Token()}).WithExtra(map[string]any{"instance_url": m.org.URL()})
	client := m.client(t, oauth2.StaticTokenSource(token), hostOf(m.org.URL()))
	for _, name := range []string{"a", "b"} {
		require.NoError(t, addLead(t.Context(), client, name))
		require.Contains(t, fmt.Sprint(client), m.old.URL)
	}
	m.moved.Store(true)
	_, err := client.UserInfo(t.Context())
	require.NoError(t, err, "the token names where the org is")
	require.Contains(t, fmt.Sprint(client), m.org.URL())
}

// People are sent to a record only at an address to which requests may go.
func TestInstanceURLIsAnAddressThatWasChecked(t *testing.T) {
	t.Parallel()
	for named, shown := range map[string]string{
		"":                                    "",
		"https://evil.example":                "",
		"javascript:alert(1)":                 "",
		"https://acme.my.salesforce.com/x":    "",
		"https://acme.my.salesforce.com":      "https://acme.my.salesforce.com",
		"https://ACME.my.salesforce.com:443/": "https://acme.my.salesforce.com",
	} {
		org := sftest.NewOrg(t)
		token := (&oauth2.Token{AccessToken: org.Token()}).WithExtra(map[string]any{"instance_url": named})
		client, err := newClient(t, org.URL(), oauth2.StaticTokenSource(token),
			salesforce.Config{Hosts: []string{hostOf(org.URL())}})
		require.NoError(t, err)
		require.Equal(t, org.URL(), client.InstanceURL(), "before the first token")
		for range 2 {
			_, err = client.UserInfo(t.Context())
			require.NoError(t, err)
			require.Equal(t, cmp.Or(shown, org.URL()), client.InstanceURL(), named)
		}
	}
}

// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/login"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// The org gets another address, such as after My Domain was renamed, and the old one answers
// in several ways. Leads are synced at the new one, or wait when it is not allowed.
func TestLeadsFollowTheOrgThatMoved(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		status int
		body   string
	}{
		"redirect":           {301, ""},
		"redirect to a page": {302, "<html>moved</html>"},
		"page":               {404, "<html><title>URL No Longer Exists</title></html>"},
		"no session":         {401, `[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]`},
	} {
		for _, allowed := range []bool{true, false} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				org := sftest.NewOrg(t)
				var moved atomic.Bool
				old := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if !moved.Load() {
						org.Handler().ServeHTTP(w, r)
						return
					}
					w.Header().Set("Location", "https://status.example.org/")
					w.WriteHeader(test.status)
					_, _ = w.Write([]byte(test.body))
				}))
				t.Cleanup(old.Close)
				syncer := syncerOfMoved(t, org, old.URL, allowed)
				_, err := syncer.Capture(t.Context(), expoLead(1))
				require.NoError(t, err)
				require.NoError(t, syncer.Drain(t.Context()))
				moved.Store(true)
				_, err = syncer.Capture(t.Context(), expoLead(2), expoLead(3))
				require.NoError(t, err)
				err = syncer.Drain(t.Context())
				if allowed {
					require.NoError(t, err)
					require.Equal(t, 3, org.Count("Lead"))
					return
				}
				require.ErrorIs(t, err, leadtype.Authentication)
				require.ErrorContains(t, err, "the org's address changed")
				require.Equal(t, 1, org.Count("Lead"))
			})
		}
	}
}

func syncerOfMoved(t *testing.T, org *sftest.Org, old string, allowed bool) *leadsync.Syncer {
	hosts := []string{strings.TrimPrefix(old, "http://")}
	here := strings.TrimPrefix(org.URL(), "http://")
	if allowed {
		hosts = append(hosts, here)
	}
	app, err := login.NewApp(login.AppConfig{ClientID: "key", LoginURL: org.URL(), Hosts: []string{here}})
	require.NoError(t, err)
	tokens := app.Refresh(&oauth2.Token{AccessToken: org.Token(), RefreshToken: org.RefreshToken()}, nil)
	client, err := salesforce.New(old, tokens, &salesforce.Config{Hosts: hosts, MaxRetries: -1})
	require.NoError(t, err)
	syncer, err := leadsync.New(client, nil)
	require.NoError(t, err)
	return syncer
}

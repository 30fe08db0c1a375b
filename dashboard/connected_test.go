// SPDX-License-Identifier: Apache-2.0

package dashboard_test

import (
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/dashboard"
	"github.com/leadsync/leadsync/fleet"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/login"
	"github.com/leadsync/leadsync/salesforce/sftest"
	"github.com/leadsync/leadsync/store/memory"
)

const callbackURL = "https://host.example/callback"

// newConnected returns the pages of a Fleet's connection acme to an org in which Ada is a Contact, and its
// leads before a sync. change may alter the Fleet's Config.
func newConnected(t testing.TB, opts *dashboard.Options, change ...func(*fleet.Config)) (*site, *fleet.Fleet) {
	t.Helper()
	org := sftest.NewOrg(t)
	org.AddApp(sftest.App{ClientID: "host", Callback: callbackURL, PKCE: true})
	org.DefineField("Lead", sftest.Field{Name: "Interest__c", Label: "Interest", Type: "picklist", Restricted: true,
		Options: []string{"Kilns", "Glazing"}})
	org.Insert("Contact", map[string]any{"LastName": "Lovelace", "FirstName": "Ada", "Email": "ada@engines.example"})
	cipher, err := login.NewTokenCipher(make([]byte, 32))
	require.NoError(t, err)
	hosts := []string{strings.TrimPrefix(org.URL(), "http://")}
	cfg := &fleet.Config{App: login.AppConfig{ClientID: "host", Hosts: hosts}, Cipher: cipher, RedirectURL: callbackURL,
		Client: salesforce.Config{Hosts: hosts}, Base: leadsync.Config{Gather: leadsync.NoGather}}
	for _, c := range change {
		c(cfg)
	}
	f, err := fleet.New(memory.New(nil), cfg)
	require.NoError(t, err)
	connectTo(t, f, org)
	_, err = f.Capture(t.Context(), "acme", leads()...)
	require.NoError(t, err)
	s := &site{t: t, org: org}
	s.syncer, err = f.Syncer(t.Context(), "acme")
	require.NoError(t, err)
	s.serveAcme(f, opts)
	return s, f
}

// connectTo connects acme as a browser does.
func connectTo(t testing.TB, f *fleet.Fleet, org *sftest.Org) {
	t.Helper()
	begun, err := f.BeginConnect(t.Context(), "acme", &fleet.ConnectOptions{LoginURL: org.URL()})
	require.NoError(t, err)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, begun.URL, nil)
	require.NoError(t, err)
	reply, err := http.DefaultTransport.RoundTrip(request)
	require.NoError(t, err)
	require.NoError(t, reply.Body.Close())
	back, err := reply.Location()
	require.NoError(t, err)
	request = httptest.NewRequestWithContext(t.Context(), http.MethodGet, back.String(), nil)
	request.AddCookie(begun.Cookie)
	recorder := httptest.NewRecorder()
	f.Callback().ServeHTTP(recorder, request)
	require.Equal(t, http.StatusOK, recorder.Code, recorder.Body.String())
}

// serveAcme serves the pages of acme alone.
func (s *site) serveAcme(f *fleet.Fleet, opts *dashboard.Options) {
	if opts == nil {
		opts = &dashboard.Options{User: func(*http.Request) string { return user }}
	}
	full := *opts
	full.Connection = func(*http.Request) (string, error) { return "acme", nil }
	mux := http.NewServeMux()
	mux.Handle(prefix+"/", http.StripPrefix(prefix, dashboard.New(f, &full)))
	s.server = httptest.NewServer(mux)
	s.t.Cleanup(s.server.Close)
	jar, err := cookiejar.New(nil)
	require.NoError(s.t, err)
	s.client = &http.Client{Jar: jar}
}

// drain syncs what is due.
func drain(t *testing.T, f *fleet.Fleet) {
	t.Helper()
	for range 20 {
		left, err := f.Drain(t.Context(), "acme", 10)
		require.NoError(t, err)
		if left.State != fleet.LeftMore {
			return
		}
	}
	require.Fail(t, "there is always more")
}

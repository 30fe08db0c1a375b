// SPDX-License-Identifier: Apache-2.0

package browsertest_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/dashboard"
	"github.com/leadsync/leadsync/fleet"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/login"
	"github.com/leadsync/leadsync/salesforce/sftest"
	"github.com/leadsync/leadsync/store/memory"
)

// serve returns the address of the pages over leads that were synced into a fake org: some are
// cleared, some failed for three causes, one is frozen.
func serve(t *testing.T) (site string, syncer *leadsync.Syncer) {
	t.Helper()
	org := sftest.NewOrg(t)
	org.Insert("Contact", map[string]any{"LastName": "Lovelace", "FirstName": "Ada", "Email": "ada@engines.example"})
	for _, name := range []string{"Hopper", "Murray"} {
		org.Insert("Contact", map[string]any{"LastName": name, "FirstName": "Jo", "Email": "grace@navy.example"})
	}
	address, err := url.Parse(org.URL())
	require.NoError(t, err)
	client, err := salesforce.New(org.URL(), oauth2.StaticTokenSource(&oauth2.Token{AccessToken: org.Token()}),
		&salesforce.Config{Hosts: []string{address.Host}})
	require.NoError(t, err)
	syncer, err = leadsync.New(client, &leadsync.Config{Store: memory.New(nil), Gather: leadsync.NoGather})
	require.NoError(t, err)
	capture(t, syncer, leads()...)
	require.NoError(t, syncer.Drain(t.Context()))
	require.NoError(t, syncer.SetMode(t.Context(), leadsync.Manual))
	capture(t, syncer, &leadsync.Lead{ID: "zoe", EventID: "expo", LastName: "Frozen", Company: "Ice"})

	return mount(t, dashboard.NewSyncer(syncer, &dashboard.Options{
		User:     func(*http.Request) string { return "maria@events.example" },
		Settings: settings(t),
	})), syncer
}

// mount returns the address of pages as a host mounts them.
func mount(t *testing.T, pages http.Handler) (site string) {
	t.Helper()
	mux := http.NewServeMux()
	mux.Handle("/salesforce/", http.StripPrefix("/salesforce", pages))
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL + "/salesforce"
}

// serveFleet returns the address of the pages over the connection of a Fleet, whose settings can be
// edited, and the Fleet. The same leads were synced.
func serveFleet(t *testing.T) (site string, f *fleet.Fleet) {
	t.Helper()
	org := sftest.NewOrg(t)
	org.AddApp(sftest.App{ClientID: "host", Callback: callback, PKCE: true})
	org.Insert("Contact", map[string]any{"LastName": "Lovelace", "FirstName": "Ada", "Email": "ada@engines.example"})
	for _, name := range []string{"Hopper", "Murray"} {
		org.Insert("Contact", map[string]any{"LastName": name, "FirstName": "Jo", "Email": "grace@navy.example"})
	}
	org.DefineField("Lead", sftest.Field{Name: "Interest__c", Label: "Interest", Type: "picklist", Restricted: true,
		Options: []string{"Kilns", "Glazing"}})
	expo := org.Insert("Campaign", map[string]any{"Name": "Expo 2026", "IsActive": true, "Type": "Trade Show"})
	hosts := []string{strings.TrimPrefix(org.URL(), "http://")}
	cipher, err := login.NewTokenCipher(make([]byte, 32))
	require.NoError(t, err)
	f, err = fleet.New(memory.New(nil), &fleet.Config{App: login.AppConfig{ClientID: "host", Hosts: hosts},
		Cipher: cipher, RedirectURL: callback, Client: salesforce.Config{Hosts: hosts},
		Base: leadsync.Config{Gather: leadsync.NoGather}})
	require.NoError(t, err)
	connect(t, f, org)
	_, err = f.Capture(t.Context(), "acme", leads()...)
	require.NoError(t, err)
	_, err = f.Drain(t.Context(), "acme", 10)
	require.NoError(t, err)
	require.NoError(t, f.SetSettings(t.Context(), "acme", &leadsync.Settings{Qualifiers: []leadsync.Qualifier{
		{Name: "interest", Fields: map[salesforce.Object]string{"Lead": "Interest__c"},
			Options: map[string]string{"Kilns": "Kilns", "Wheels": "Potter's wheels"}}},
		Campaigns: []leadsync.CampaignLink{{EventID: "expo", CampaignID: salesforce.ID(expo)}}}, 0))
	return mount(t, dashboard.New(f, &dashboard.Options{
		User:       func(*http.Request) string { return "maria@events.example" },
		Connection: func(*http.Request) (string, error) { return "acme", nil },
	})), f
}

const callback = "https://host.example/callback"

// connect connects acme as a browser does.
func connect(t *testing.T, f *fleet.Fleet, org *sftest.Org) {
	t.Helper()
	begun, err := f.BeginConnect(t.Context(), "acme", &fleet.ConnectOptions{LoginURL: org.URL()})
	require.NoError(t, err)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, begun.URL, nil)
	require.NoError(t, err)
	reply, err := http.DefaultTransport.RoundTrip(request)
	require.NoError(t, err)
	require.NoError(t, reply.Body.Close())
	request = httptest.NewRequestWithContext(t.Context(), http.MethodGet, reply.Header.Get("Location"), nil)
	request.AddCookie(begun.Cookie)
	recorder := httptest.NewRecorder()
	f.Callback().ServeHTTP(recorder, request)
	require.Equal(t, http.StatusOK, recorder.Code)
}

// settings are those that the pages show; the leads are synced without them.
func settings(t *testing.T) *leadsync.Settings {
	t.Helper()
	s := &leadsync.Settings{}
	require.NoError(t, json.Unmarshal([]byte(`{"version": 1,
		"qualifiers": [{"name": "<b>Which products?", "fields": {"Lead": "Interest__c"}, "options": {"Öfen": "Kilns"}}],
		"campaigns": [{"eventId": "expo", "campaignId": "701000000000001AAA", "ladder": ["Sent", "Attended"]}]}`), s))
	s.Mapping = leadsync.DefaultMapping()
	return s
}

func leads() []*leadsync.Lead {
	return []*leadsync.Lead{
		{ID: "ada", EventID: "expo", EventName: "Expo 2026", FirstName: "Ada", LastName: "Lovelace", JobTitle: "Analyst",
			Company: "Engines", Email: "ada@engines.example", Notes: "Wants a quote for two kilns",
			Answers: map[string][]string{"interest": {"Kilns", "Glazing"}}},
		{ID: "alan", EventID: "expo", FirstName: "Alan", LastName: "Turing", Company: "Bletchley",
			Email: "alan@bletchley.example"},
		{ID: "x1", EventID: "expo", FirstName: "Xaver", Company: "None", Email: "x1@none.example"},
		{ID: "x2", EventID: "fair", FirstName: "Xenia", Company: "None", Email: "x2@none.example"},
		{ID: "grace", EventID: "fair", FirstName: "Grace", LastName: "Kelly", Company: "Navy", Email: "grace@navy.example"},
		{ID: "hostile", EventID: "fair", LastName: `<script>alert(1)</script>`, Company: "مرحبا \u202e \U0001F600",
			Email: "hostile@none.example", Notes: longText(), JobTitle: "a,very,long,title,without,a,blank,that,has,to,break"},
	}
}

func longText() string {
	text := make([]byte, 32_000)
	for i := range text {
		text[i] = 'a' + byte(i%26)
	}
	return string(text)
}

func capture(t *testing.T, syncer *leadsync.Syncer, leads ...*leadsync.Lead) {
	t.Helper()
	_, err := syncer.Capture(context.WithoutCancel(t.Context()), leads...)
	require.NoError(t, err)
}

// SPDX-License-Identifier: Apache-2.0

package dashboard_test

import (
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/dashboard"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/salesforce/sftest"
	"github.com/leadsync/leadsync/store/memory"
)

const (
	prefix = "/salesforce"
	user   = "maria@events.example"
)

// A site is the pages of a Syncer, mounted under a prefix, and a browser without JavaScript.
type site struct {
	t      testing.TB
	org    *sftest.Org
	syncer *leadsync.Syncer
	server *httptest.Server
	client *http.Client
}

// newSite returns the pages of leads that were synced: Ada and Alan are cleared, two have no
// last name, and Grace may be either of two Contacts. Zoe is frozen.
func newSite(t testing.TB, opts *dashboard.Options) *site {
	t.Helper()
	org := sftest.NewOrg(t)
	org.Insert("Contact", map[string]any{"LastName": "Lovelace", "FirstName": "Ada", "Email": "ada@engines.example"})
	for _, name := range []string{"Hopper", "Murray"} {
		org.Insert("Contact", map[string]any{"LastName": name, "FirstName": "Jo", "Email": "grace@navy.example"})
	}
	syncer := scenario.SyncerOf(t, org, &leadsync.Config{
		Store: memory.New(nil), Gather: leadsync.NoGather, Mapper: leadsync.DefaultMapping(),
	})
	s := &site{t: t, org: org, syncer: syncer}
	s.capture(leads()...)
	require.NoError(t, syncer.Drain(t.Context()))
	require.NoError(t, syncer.SetMode(t.Context(), leadsync.Manual))
	s.capture(&leadsync.Lead{ID: "zoe", EventID: "expo", LastName: "Frozen", Company: "Ice", Email: "zoe@ice.example"})
	s.serve(opts)
	return s
}

func leads() []*leadsync.Lead {
	return []*leadsync.Lead{
		{ID: "ada", EventID: "expo", EventName: "Expo 2026", FirstName: "Ada", LastName: "Lovelace", JobTitle: "Analyst",
			Company: "Engines", Email: "ada@engines.example"},
		{ID: "alan", EventID: "expo", FirstName: "Alan", LastName: "Turing", Company: "Bletchley",
			Email: "alan@bletchley.example"},
		{ID: "x1", EventID: "expo", FirstName: "Xaver", Company: "None", Email: "x1@none.example"},
		{ID: "x2", EventID: "fair", FirstName: "Xenia", Company: "None", Email: "x2@none.example"},
		{ID: "grace", EventID: "fair", FirstName: "Grace", LastName: "Kelly", Company: "Navy", Email: "grace@navy.example"},
	}
}

func (s *site) capture(leads ...*leadsync.Lead) {
	_, err := s.syncer.Capture(s.t.Context(), leads...)
	require.NoError(s.t, err)
}

func (s *site) serve(opts *dashboard.Options) {
	if opts == nil {
		opts = &dashboard.Options{
			User: func(*http.Request) string { return user }, InstanceURL: "https://acme.my.salesforce.com",
		}
	}
	mux := http.NewServeMux()
	mux.Handle(prefix+"/", http.StripPrefix(prefix, dashboard.NewSyncer(s.syncer, opts)))
	s.server = httptest.NewServer(mux)
	s.t.Cleanup(s.server.Close)
	jar, err := cookiejar.New(nil)
	require.NoError(s.t, err)
	s.client = &http.Client{Jar: jar}
}

// get returns a page, whose status must be 200.
func (s *site) get(page string) string {
	s.t.Helper()
	status, text := s.open(page)
	require.Equal(s.t, http.StatusOK, status, page)
	return text
}

func (s *site) open(page string) (int, string) {
	s.t.Helper()
	resp, err := s.client.Get(s.server.URL + prefix + page)
	require.NoError(s.t, err)
	return s.read(resp)
}

func (s *site) read(resp *http.Response) (int, string) {
	s.t.Helper()
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	require.NoError(s.t, err)
	return resp.StatusCode, html.UnescapeString(string(body))
}

var tokenInput = regexp.MustCompile(`name="token" value="([^"]+)"`)

// post sends a form with the token of a page, and follows the redirect.
func (s *site) post(page string, form url.Values) (int, string) {
	s.t.Helper()
	if form == nil {
		form = url.Values{}
	}
	form.Set("token", tokenInput.FindStringSubmatch(s.get("/reconciliation"))[1])
	resp, err := s.client.PostForm(s.server.URL+prefix+page, form)
	require.NoError(s.t, err)
	return s.read(resp)
}

// done posts a form that must succeed.
func (s *site) done(page string, form url.Values) string {
	s.t.Helper()
	status, text := s.post(page, form)
	require.Equal(s.t, http.StatusOK, status, text)
	return text
}

var filterInput = regexp.MustCompile(`name="filter" value='?"?([^>]*?)"?'?>`)

// causeFilter returns the filter of the form that retries the leads of a cause.
func (s *site) causeFilter(page, code string) string {
	s.t.Helper()
	for _, group := range strings.Split(page, `<div class="group">`)[1:] {
		if strings.Contains(group, code) {
			return filterInput.FindStringSubmatch(group)[1]
		}
	}
	require.Fail(s.t, "no group of "+code)
	return ""
}

func (s *site) entry(id leadsync.LeadID) leadsync.Entry {
	s.t.Helper()
	entries, err := s.syncer.Leads(s.t.Context(), leadsync.Filter{Leads: []leadsync.LeadID{id}})
	require.NoError(s.t, err)
	require.Len(s.t, entries, 1)
	return entries[0]
}

// rawText returns a page as it is, which must be whole.
func rawText(t testing.TB, resp *http.Response) string {
	t.Helper()
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.True(t, strings.HasSuffix(strings.TrimSpace(string(body)), "</html>"))
	return string(body)
}

// SPDX-License-Identifier: Apache-2.0

package dashboard_test

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/dashboard"
	"github.com/leadsync/leadsync/fleet"
	"github.com/leadsync/leadsync/salesforce/login"
	"github.com/leadsync/leadsync/store/memory"
)

// newFleet returns a Fleet with leads of two customers that have not connected yet.
func newFleet(t *testing.T) *fleet.Fleet {
	t.Helper()
	cipher, err := login.NewTokenCipher(make([]byte, 32))
	require.NoError(t, err)
	f, err := fleet.New(memory.New(nil), &fleet.Config{
		App: login.AppConfig{ClientID: "app"}, Cipher: cipher, RedirectURL: "https://host.example/callback",
	})
	require.NoError(t, err)
	for _, name := range []string{"acme", "glass & co/№1"} {
		_, err := f.Capture(t.Context(), name, &leadsync.Lead{ID: "l1", LastName: "Lead of " + name, Company: "X"})
		require.NoError(t, err)
	}
	return f
}

func serveFleet(t *testing.T, f *fleet.Fleet, opts *dashboard.Options) *site {
	t.Helper()
	s := newSite(t, nil)
	mux := http.NewServeMux()
	mux.Handle(prefix+"/", http.StripPrefix(prefix, dashboard.New(f, opts)))
	s.server = httptest.NewServer(mux)
	t.Cleanup(s.server.Close)
	return s
}

func TestEachConnectionHasItsPages(t *testing.T) {
	t.Parallel()
	s := serveFleet(t, newFleet(t), nil)
	list := s.get("/")
	for _, name := range []string{"acme", "glass & co/№1"} {
		require.Contains(t, list, name)
		base := "/c/" + url.PathEscape(name)
		require.Contains(t, list, strings.TrimPrefix(base, "/")+"/reconciliation")
		require.Contains(t, s.get(base+"/reconciliation"), "Lead of "+name)
		require.Contains(t, s.get(base+"/leads/1"), "Lead of "+name)
		require.Contains(t, s.get(base), "Lead of "+name)
		require.Contains(t, s.get(base+"/"), "Lead of "+name)
		require.Contains(t, s.get(base+"/connect"), "Connect to Salesforce")
	}
}

func TestAConnectionIsThatOfTheSignIn(t *testing.T) {
	t.Parallel()
	s := serveFleet(t, newFleet(t), &dashboard.Options{
		Connection: func(*http.Request) (string, error) { return "acme", nil },
	})
	require.Contains(t, s.get("/"), "Lead of acme")
	status, _ := s.open("/c/glass/reconciliation")
	require.Equal(t, http.StatusNotFound, status)
}

func TestConnectingLeadsToSalesforce(t *testing.T) {
	t.Parallel()
	s := serveFleet(t, newFleet(t), nil)
	token := tokenInput.FindStringSubmatch(s.get("/c/acme/connect"))[1]
	resp, err := s.client.PostForm(s.server.URL+prefix+"/c/acme/connect", url.Values{"token": {token}, "sandbox": {"yes"}})
	require.NoError(t, err)
	_, text := s.read(resp)
	require.Contains(t, text, "https://test.salesforce.com/services/oauth2/authorize")
	require.Contains(t, resp.Header.Get("Refresh"), "0; url=https://test.salesforce.com/")
	require.NotEmpty(t, resp.Header.Values("Set-Cookie"))
}

func TestANameThatIsNoneIsNotFound(t *testing.T) {
	t.Parallel()
	s := serveFleet(t, newFleet(t), nil)
	status, _ := s.open("/c/" + strings.Repeat("x", 300) + "/reconciliation")
	require.Equal(t, http.StatusNotFound, status)
}

func TestCountsAreStreamedWhileLeadsAreToGo(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.server.URL+prefix+"/live?event=expo", nil)
	require.NoError(t, err)
	resp, err := s.client.Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	require.Equal(t, "text/event-stream", resp.Header.Get("Content-Type"))
	line, err := bufio.NewReader(resp.Body).ReadString('\n')
	require.NoError(t, err)
	var counts struct{ Cleared, Failed, PreSync, Frozen int }
	require.NoError(t, json.Unmarshal([]byte(strings.TrimPrefix(line, "data: ")), &counts))
	require.Equal(t, struct{ Cleared, Failed, PreSync, Frozen int }{2, 1, 1, 1}, counts)
}

func FuzzFormsAreAnsweredWhole(f *testing.F) {
	f.Add("/retry", "filter", `{"stages":["failed"]}`)
	f.Add("/retry", "lead", "3")
	f.Add("/dismiss", "reason", "=cmd")
	f.Add("/leads/5/choose", "record", "003\x00")
	f.Add("/search", "text", "\u202e😀")
	f.Add("/mode", "mode", "manual")
	f.Add("/leads/1/undo", "delete", "yes")
	fuzzed := newSite(f, nil)
	f.Fuzz(func(t *testing.T, page, name, value string) {
		if !strings.HasPrefix(page, "/") || strings.ContainsAny(page, "?#%\\ ") || len(page) > 100 ||
			strings.Contains(page, "forget") || strings.ContainsFunc(page, func(r rune) bool { return r < ' ' || r > '~' }) {
			t.Skip("no path that a page has")
		}
		s := *fuzzed
		s.t = t
		form := url.Values{name: {value}}
		form.Set("token", tokenInput.FindStringSubmatch(s.get("/reconciliation"))[1])
		resp, err := s.client.PostForm(s.server.URL+prefix+page, form)
		require.NoError(t, err)
		status, text := s.read(resp)
		require.Less(t, status, http.StatusInternalServerError, text)
	})
}

// settingsForm is what a browser sends from the page of the mapping.
func settingsForm(s *site, page string) url.Values {
	s.t.Helper()
	text := s.get(page)
	return url.Values{
		"token":    {tokenInput.FindStringSubmatch(text)[1]},
		"revision": {regexp.MustCompile(`name="revision" value="(\d+)"`).FindStringSubmatch(text)[1]},
	}
}

func (s *site) send(page string, form url.Values) (int, string) {
	s.t.Helper()
	resp, err := s.client.PostForm(s.server.URL+prefix+page, form)
	require.NoError(s.t, err)
	return s.read(resp)
}

const germanSettings = `{"version": 1,
	"qualifiers": [{"name": "Which <b>products</b>?", "fields": {"Lead": "Interest__c"}, "options": {"Öfen": "Kilns"}}],
	"campaigns": [{"eventId": "expo", "campaignId": "701000000000001AAA", "ladder": ["Sent", "Attended"]}],
	"mapping": {"version": 1, "objects": [{"object": "Lead", "rules": [
		{"source": "lastName", "field": "LastName", "write": "unless-edited", "transforms": ["title"]},
		{"constant": "Fair", "field": "LeadSource", "createOnly": true}]}]}}`

func TestSettingsAreEditedShownAndTakenBack(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	s := serveFleet(t, f, &dashboard.Options{User: func(*http.Request) string { return user }})
	form := settingsForm(s, "/c/acme/mapping")
	form.Set("settings", germanSettings)
	status, text := s.send("/c/acme/settings", form)
	require.Equal(t, http.StatusOK, status)
	for _, said := range []string{"Saved.", "Revision 1", "by " + user, "unless edited in Salesforce",
		"transforms: title", "Fair"} {
		require.Contains(t, text, said)
	}
	require.Contains(t, s.get("/c/acme/qualifiers"), `name="from" value="Öfen"`)
	require.Contains(t, s.get("/c/acme/campaigns"), "Sent › Attended")

	form = settingsForm(s, "/c/acme/mapping")
	form.Set("settings", `{"version": 1, "strategy": "leads-only"}`)
	_, text = s.send("/c/acme/settings", form)
	require.Contains(t, text, "Revision 2")
	_, text = s.send("/c/acme/settings/1", settingsForm(s, "/c/acme/mapping"))
	require.Contains(t, text, "Revision 3")
	settings, revision, err := f.Settings(t.Context(), "acme")
	require.NoError(t, err)
	require.EqualValues(t, 3, revision)
	require.Len(t, settings.Qualifiers, 1)
}

func TestRefusedSettingsStayInTheForm(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	s := serveFleet(t, f, nil)
	for text, said := range map[string]string{
		`{"version": 1, "nonsense": 2}`: "nonsense", `{"version": 1, "strategy": "none"}`: "strategy",
		`{]`: "settings", strings.Repeat(`[`, 20_000): "settings",
	} {
		form := settingsForm(s, "/c/acme/mapping")
		form.Set("settings", text)
		status, page := s.send("/c/acme/settings", form)
		require.Equal(t, http.StatusOK, status)
		require.Contains(t, page, `role="alert"`)
		require.Contains(t, page, said)
		require.Contains(t, page, text)
	}
	_, revision, err := f.Settings(t.Context(), "acme")
	require.NoError(t, err)
	require.Zero(t, revision)
}

func TestAConflictOfSettingsShowsBoth(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	s := serveFleet(t, f, nil)
	mine := settingsForm(s, "/c/acme/mapping")
	require.NoError(t, f.SetSettings(t.Context(), "acme", &leadsync.Settings{LeadSource: "Theirs"}, 0))
	mine.Set("settings", `{"version": 1, "leadSource": "Mine"}`)
	_, page := s.send("/c/acme/settings", mine)
	for _, text := range []string{"Someone else has saved", "Mine", "Theirs"} {
		require.Contains(t, page, text)
	}
	settings, _, err := f.Settings(t.Context(), "acme")
	require.NoError(t, err)
	require.Equal(t, "Theirs", settings.LeadSource)
	status, _ := s.send("/c/acme/settings/99", mine)
	require.Equal(t, http.StatusNotFound, status)
}

func TestSettingsOfASyncerAreShown(t *testing.T) {
	t.Parallel()
	var settings leadsync.Settings
	require.NoError(t, json.Unmarshal([]byte(germanSettings), &settings))
	s := newSite(t, &dashboard.Options{Settings: &settings})
	require.Contains(t, s.get("/mapping"), "LeadSource")
	require.NotContains(t, s.get("/mapping"), "<textarea")
	status, _ := s.post("/settings", url.Values{"revision": {"0"}, "settings": {"{}"}})
	require.Equal(t, http.StatusNotFound, status)
}

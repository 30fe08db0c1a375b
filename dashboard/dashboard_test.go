// SPDX-License-Identifier: Apache-2.0

package dashboard_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/dashboard"
	"github.com/leadsync/leadsync/salesforce/sftest"
	"github.com/leadsync/leadsync/store"
)

// pages are all that a GET of a lead's connection shows.
func pages() []string {
	return []string{"/reconciliation", "/reconciliation?view=events", "/connect", "/leads/1", "/leads/5", "/leads/1/undo",
		"/leads/1/forget"}
}

var (
	addressOf = regexp.MustCompile(`(?:href|action|src|data-live)="([^"#]+)(?:#[^"]*)?"`)
	titleOf   = regexp.MustCompile(`<title>(.*)</title>`)
)

func TestEveryLinkOfAPageLeadsToOneUnderThePrefix(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	for _, page := range pages() {
		at, err := url.Parse(s.server.URL + prefix + page)
		require.NoError(t, err)
		found := addressOf.FindAllStringSubmatch(s.get(page), -1)
		require.NotEmpty(t, found, page)
		for _, link := range found {
			to, err := at.Parse(link[1])
			require.NoError(t, err)
			if to.Host == "acme.my.salesforce.com" {
				continue
			}
			require.True(t, strings.HasPrefix(to.String(), s.server.URL+prefix+"/"), "%s: %s", page, link[1])
			status := statusOf(t, s, to)
			require.Contains(t, []int{http.StatusOK, http.StatusMethodNotAllowed}, status, "%s: %s", page, link[1])
		}
	}
}

// statusOf is that of a GET, which for a form's address is 405 or, beside the mux's own pages, 404.
func statusOf(t *testing.T, s *site, to *url.URL) int {
	t.Helper()
	if strings.HasSuffix(to.Path, "/live") {
		return http.StatusOK // a stream that does not end
	}
	resp, err := s.client.Get(to.String())
	require.NoError(t, err)
	defer resp.Body.Close()
	for _, form := range []string{"/search", "/retry", "/dismiss", "/export", "/mode", "/preflight", "/choose"} {
		if strings.HasSuffix(to.Path, form) {
			return http.StatusMethodNotAllowed
		}
	}
	return resp.StatusCode
}

func TestNoValueOfALeadIsInAnAddressOrATitle(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	s.client.CheckRedirect = func(r *http.Request, _ []*http.Request) error {
		require.NotContains(t, strings.ToLower(r.URL.String()), "lovelace")
		return nil
	}
	texts := []string{s.done("/search", url.Values{"text": {"Lovelace"}})}
	require.Contains(t, texts[0], "Ada Lovelace")
	require.NotContains(t, texts[0], "Alan Turing")
	for _, page := range pages() {
		texts = append(texts, s.get(page))
	}
	for _, text := range texts {
		for _, canary := range []string{"Lovelace", "lovelace", "Ada", "engines", "grace@"} {
			for _, address := range addressOf.FindAllStringSubmatch(text, -1) {
				require.NotContains(t, address[1], canary)
			}
			require.NotContains(t, titleOf.FindString(text), canary)
		}
	}
}

func TestRedactShowsNoValueOfALead(t *testing.T) {
	t.Parallel()
	s := newSite(t, &dashboard.Options{Redact: true})
	s.org.OnRow("Lead", func(_ string, row map[string]any) *sftest.RowError {
		return &sftest.RowError{StatusCode: "FIELD_CUSTOM_VALIDATION_EXCEPTION", Message: "Bletchley, Turing: refused"}
	})
	require.NoError(t, s.syncer.SetMode(t.Context(), leadsync.Automatic))
	s.capture(&leadsync.Lead{ID: "quoted", EventID: "expo", LastName: "Turing", Company: "Bletchley"})
	require.NoError(t, s.syncer.Drain(t.Context()))
	require.NotNil(t, s.entry("quoted").Last.Err)
	for _, page := range append(pages(), "/leads/7") {
		text := s.get(page)
		require.NotContains(t, text, `role="search"`)
		for _, canary := range []string{"Lovelace", "Turing", "Xaver", "Bletchley", "@", "Analyst"} {
			require.NotContains(t, text, canary, page)
		}
	}
	status, _ := s.post("/export", url.Values{"filter": {"{}"}})
	require.Equal(t, http.StatusForbidden, status)
}

func TestReadOnlyPagesChangeNothing(t *testing.T) {
	t.Parallel()
	s := newSite(t, &dashboard.Options{ReadOnly: true})
	for _, page := range changes() {
		status, _ := s.post(page, url.Values{"filter": {"{}"}, "mode": {"disabled"}, "reason": {"x"}, "record": {"new"}})
		require.Equal(t, http.StatusForbidden, status, page)
	}
	for _, page := range []string{"/reconciliation", "/connect", "/leads/3"} {
		text := s.get(page)
		for _, form := range changes() {
			require.NotRegexp(t, `action="[./]*`+strings.TrimPrefix(form, "/")+`"`, text, page)
		}
	}
	require.Equal(t, leadsync.Failed, s.entry("x1").Stage)
}

func changes() []string {
	return []string{"/retry", "/dismiss", "/mode", "/preflight", "/leads/1/retry", "/leads/1/dismiss", "/leads/5/choose",
		"/leads/1/undo", "/leads/1/forget", "/connect", "/disconnect", "/resume", "/strategy"}
}

func TestAFormOfAnotherSiteIsRefused(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	s.get("/reconciliation")
	for _, page := range changes() {
		resp, err := s.client.PostForm(s.server.URL+prefix+page, url.Values{"token": {"forged"}, "mode": {"disabled"}})
		require.NoError(t, err)
		status, _ := s.read(resp)
		require.Equal(t, http.StatusForbidden, status, page)
	}
	token := tokenInput.FindStringSubmatch(s.get("/connect"))[1]
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.server.URL+prefix+"/mode",
		strings.NewReader(url.Values{"token": {token}, "mode": {"disabled"}}.Encode()))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	resp, err := s.client.Do(req)
	require.NoError(t, err)
	status, _ := s.read(resp)
	require.Equal(t, http.StatusForbidden, status)
	health, err := s.syncer.Health(t.Context())
	require.NoError(t, err)
	require.Equal(t, leadsync.Manual, health.Mode)
}

func TestARetriedGroupIsExactlyTheLeadsShown(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	page := s.get("/reconciliation")
	filter := s.causeFilter(page, "REQUIRED_FIELD_MISSING")
	// Another lead fails for the same cause behind the reader's back.
	require.NoError(t, s.syncer.SetMode(t.Context(), leadsync.Automatic))
	s.capture(&leadsync.Lead{ID: "late", EventID: "expo", Company: "None", Email: "late@none.example"})
	require.NoError(t, s.syncer.Drain(t.Context()))
	require.Equal(t, leadsync.Failed, s.entry("late").Stage)

	require.Contains(t, s.done("/retry", url.Values{"filter": {filter}}), "2 leads will be synced again.")
	for _, id := range []leadsync.LeadID{"x1", "x2"} {
		require.Equal(t, leadsync.PreSync, s.entry(id).Stage)
	}
	require.Equal(t, leadsync.Failed, s.entry("late").Stage)
	steps, err := s.syncer.History(t.Context(), "x1")
	require.NoError(t, err)
	require.Equal(t, user, steps[len(steps)-1].By)
}

func TestASelectionIsRetried(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	require.Contains(t, s.done("/retry", url.Values{"lead": {"3"}}), "1 lead will be synced again.")
	require.Equal(t, leadsync.PreSync, s.entry("x1").Stage)
	require.Equal(t, leadsync.Failed, s.entry("x2").Stage)
	require.Contains(t, s.done("/retry", nil), "Nothing was selected.")
}

func TestFrozenLeadsOfAnEventAreReleased(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	filter, err := json.Marshal(store.Filter{Event: "expo", States: []store.State{store.StateFrozen}})
	require.NoError(t, err)
	require.Contains(t, s.get("/reconciliation?event=expo"), string(filter))
	text := s.done("/retry", url.Values{"filter": {string(filter)}, "release": {"yes"},
		"view": {"reconciliation?event=expo"}})
	require.Contains(t, text, "1 frozen lead was released.")
	require.Equal(t, store.StateQueued, s.entry("zoe").State)
}

func TestADismissalNeedsAReasonAndAUser(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	require.Contains(t, s.done("/leads/3/dismiss", url.Values{"reason": {"  "}}), "Say why")
	require.Equal(t, leadsync.Failed, s.entry("x1").Stage)
	require.Contains(t, s.done("/leads/3/dismiss", url.Values{"reason": {"left the company"}}), "1 lead was dismissed.")
	require.Equal(t, leadsync.Dismissed, s.entry("x1").Last.Action)

	s.serve(&dashboard.Options{})
	require.Contains(t, s.done("/leads/4/dismiss", url.Values{"reason": {"left"}}), "Only a user who is signed in")
	require.Equal(t, leadsync.Failed, s.entry("x2").Stage)
}

func TestAPersonDecidesWhichRecordALeadIs(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	page := s.get("/leads/5")
	require.Contains(t, page, "Which record is this person?")
	require.Contains(t, page, "Failed · AMBIGUOUS_MATCH")
	record := regexp.MustCompile(`name="record" value="(003[^"]+)"`).FindStringSubmatch(page)
	require.NotNil(t, record)
	require.Contains(t, s.done("/leads/5/choose", url.Values{"record": {record[1]}}),
		`role="status">Decided. The lead will be synced.</p>`)
	require.NoError(t, s.syncer.SetMode(t.Context(), leadsync.Automatic))
	require.NoError(t, s.syncer.Drain(t.Context()))
	require.Equal(t, record[1], string(s.entry("grace").Last.ID))

	status, _ := s.post("/leads/1/choose", url.Values{"record": {"003000000000001AAA"}})
	require.Equal(t, http.StatusUnprocessableEntity, status)
}

func TestALeadIsUndoneAfterBeingAskedTwice(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	ada := string(s.entry("ada").Last.ID)
	require.Equal(t, "Analyst", s.org.Row("Contact", ada)["Title"])
	require.Contains(t, s.get("/leads/1"), "leads/1/undo")
	require.Contains(t, s.get("/leads/1/undo"), "1 record gets its earlier values back")
	require.Equal(t, "Analyst", s.org.Row("Contact", ada)["Title"], "nothing was undone yet")
	require.Contains(t, s.done("/leads/1/undo", nil), "1 record has its earlier values back")
	require.Nil(t, s.org.Row("Contact", ada)["Title"])

	const said = "Undone in Salesforce on "
	require.Contains(t, s.get("/leads/1"), said)
	require.NotContains(t, s.get("/leads/2"), said)
	require.NoError(t, s.syncer.SetMode(t.Context(), leadsync.Automatic))
	s.done("/leads/1/retry", nil)
	require.NoError(t, s.syncer.Drain(t.Context()))
	require.Equal(t, "Analyst", s.org.Row("Contact", ada)["Title"], "synced again, it is written anew")
	require.NotContains(t, s.get("/leads/1"), said)
}

func TestAnUndoingThatStopsSaysSo(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	s.org.Fail(func(_ *http.Request, n int) *sftest.Fault {
		if n > 1 { // the records are read, and the session ends
			return &sftest.Fault{Status: http.StatusUnauthorized}
		}
		return nil
	})
	text := s.done("/leads/1/undo", nil)
	require.Contains(t, text, "It stopped before its end.")
	require.NotContains(t, text, "There was nothing to take back.")
}

func TestALongSearchIsCut(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	text := s.done("/search", url.Values{"text": {"Lovelace " + strings.Repeat("ä", 100_000)}})
	require.Less(t, len(text), 50_000)
	require.NotContains(t, text, "\ufffd")
}

func TestALeadIsForgotten(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	require.Contains(t, s.get("/leads/2/forget"), "Forget this lead")
	require.Contains(t, s.done("/leads/2/forget", nil), "The lead is forgotten.")
	status, _ := s.open("/leads/2")
	require.Equal(t, http.StatusNotFound, status)
}

func TestTheModeIsSwitchedWithWhatItDoes(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	require.Contains(t, s.get("/connect"), "This releases 1 frozen lead.")
	require.Contains(t, s.done("/mode", url.Values{"mode": {"automatic"}}), "The mode was changed.")
	require.Equal(t, store.StateQueued, s.entry("zoe").State)
	status, _ := s.post("/mode", url.Values{"mode": {"sometimes"}})
	require.Equal(t, http.StatusNotFound, status)
}

func TestPreflightListsFindingsByObject(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	s.org.HideField("Lead", "Title")
	text := s.done("/preflight", nil)
	require.Contains(t, text, "MISSING_REMOTE_FIELD")
	require.Contains(t, text, `<h2 class="cardhead">Lead</h2>`)
}

func TestExportIsOfWhatIsShown(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	text := s.done("/export", url.Values{"filter": {`{"event":"fair"}`}})
	require.Contains(t, text, "x2@none.example")
	require.NotContains(t, text, "ada@engines.example")
}

func TestTheListIsNarrowed(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	for page, want := range map[string][]string{
		"?stage=cleared": {"Ada Lovelace", "Alan Turing"}, "?stage=failed": {"Xaver", "Xenia", "Grace Kelly"},
		"?event=fair": {"Xenia", "Grace Kelly"}, "?state=frozen": {"Frozen"}, "?code=AMBIGUOUS_MATCH": {"Grace Kelly"},
		"?until=2020-01-01": nil, "?cause=0000000000000000": nil, "?after=3": {"Alan Turing", "Ada Lovelace"},
		"?search=gone": nil, "?stage=nonsense": nil, "?after=-5&causes=-1": everybody(),
	} {
		text := s.get("/reconciliation" + page)
		for _, name := range everybody() {
			listed := strings.Contains(text, `class="clip">`+name+"<")
			require.Equal(t, slices.Contains(want, name), listed, "%s: %s", page, name)
		}
	}
}

func everybody() []string {
	return []string{"Ada Lovelace", "Alan Turing", "Xaver", "Xenia", "Grace Kelly", "Frozen"}
}

func TestASearchIsKeptForItsUserAlone(t *testing.T) {
	t.Parallel()
	who := "ada"
	s := newSite(t, &dashboard.Options{User: func(*http.Request) string { return who }})
	var found string
	s.client.CheckRedirect = func(r *http.Request, _ []*http.Request) error {
		found = r.URL.Query().Get("search")
		return nil
	}
	s.done("/search", url.Values{"text": {"Turing"}})
	require.NotEmpty(t, found)
	require.Contains(t, s.get("/reconciliation?search="+found), "Alan Turing")
	who = "eve"
	text := s.get("/reconciliation?search=" + found)
	require.Contains(t, text, "This search is over")
	require.NotContains(t, text, "Turing")
}

func TestPagesHaveTheHeadersThatKeepThemToTheirReader(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	for _, page := range append(pages(), "/nowhere") {
		resp, err := s.client.Get(s.server.URL + prefix + page)
		require.NoError(t, err)
		_, text := s.read(resp)
		require.Contains(t, resp.Header.Get("Content-Security-Policy"), "default-src 'none'")
		require.NotContains(t, resp.Header.Get("Content-Security-Policy"), "unsafe")
		require.Equal(t, "no-store", resp.Header.Get("Cache-Control"))
		require.Equal(t, "DENY", resp.Header.Get("X-Frame-Options"))
		require.NotContains(t, text, "style=", "inline styles are against the policy")
		require.NotContains(t, text, "<script>")
	}
}

func TestANonceOfTheHostReplacesThePolicy(t *testing.T) {
	t.Parallel()
	s := newSite(t, &dashboard.Options{Nonce: func(*http.Request) string { return "n0nce" }})
	resp, err := s.client.Get(s.server.URL + prefix + "/reconciliation")
	require.NoError(t, err)
	_, text := s.read(resp)
	require.Empty(t, resp.Header.Get("Content-Security-Policy"))
	require.Equal(t, 2, strings.Count(text, `nonce="n0nce"`))
}

func TestUnknownPathsAreNotFound(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	for _, page := range []string{"/nowhere", "/leads/0", "/leads/-1", "/leads/99", "/leads/x",
		"/leads/9999999999999999999", "/files/none.css"} {
		status, text := s.open(page)
		require.Equal(t, http.StatusNotFound, status, page)
		require.Contains(t, text, "To the first page", page)
	}
	bare := dashboard.NewSyncer(s.syncer, nil)
	for _, page := range []string{"/leads//1", "/connect/../leads/1"} {
		w := httptest.NewRecorder()
		bare.ServeHTTP(w, httptest.NewRequest(http.MethodGet, page, nil))
		require.Equal(t, http.StatusNotFound, w.Code, page)
	}
}

func TestTheFirstPathLeadsToTheReconciliation(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	require.Contains(t, s.get("/"), "What became of your leads")
}

func TestPagesAreInTheLanguageOfTheBrowser(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.server.URL+prefix+"/reconciliation", nil)
	require.NoError(t, err)
	req.Header.Set("Accept-Language", "de-AT,de;q=0.9,en;q=0.1")
	resp, err := s.client.Do(req)
	require.NoError(t, err)
	_, text := s.read(resp)
	require.Contains(t, text, `<html lang="de">`)
	require.Contains(t, text, "Was in Salesforce aus Ihren Leads wurde")
	require.Contains(t, text, "2 Leads zeigen")
}

func TestHostileLeadsAreShownAsText(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	require.NoError(t, s.syncer.SetMode(t.Context(), leadsync.Automatic))
	hostile := `<script>alert(1)</script>"'><img src=x onerror=alert(2)>`
	s.capture(
		&leadsync.Lead{ID: `h1"<b>`, EventID: `ev"><script>`, EventName: hostile, LastName: hostile, Company: hostile,
			Email: "h1@hostile.example", JobTitle: "مرحبا \u202e evil", Notes: strings.Repeat("😀 long ", 4000),
			Custom: map[string]any{hostile: map[string]any{"deep": []any{1, nil, hostile}}}},
		&leadsync.Lead{ID: "h2", Email: "\u0000"},
	)
	require.NoError(t, s.syncer.Drain(t.Context()))
	event := "/reconciliation?event=" + url.QueryEscape(`ev"><script>`)
	for _, page := range append(pages(), "/leads/7", "/leads/8", event) {
		resp, err := s.client.Get(s.server.URL + prefix + page)
		require.NoError(t, err)
		text := rawText(t, resp)
		require.NotContains(t, text, "<script>alert", page)
		require.NotContains(t, text, "<img src=x", page)
	}
}

func TestAFormReturnsToTheViewThatItWasSentFrom(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	view := "/reconciliation?after=9&event=expo&from=2020-01-01&stage=failed"
	form := url.Values{"lead": {"3"}, "view": {viewInput.FindStringSubmatch(s.get(view))[1]}}
	require.Equal(t, strings.TrimPrefix(view, "/"), form.Get("view"))
	form.Set("token", tokenInput.FindStringSubmatch(s.get(view))[1])
	s.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	for sent, to := range map[string]string{
		form.Get("view"): "." + view, "https://evil.example/?stage=failed&x=1": "./reconciliation?stage=failed",
		"//evil.example": "./reconciliation", "reconciliation?%zz": "./reconciliation", "": "./reconciliation",
	} {
		form.Set("view", sent)
		resp, err := s.client.PostForm(s.server.URL+prefix+"/retry", form)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		require.Equal(t, http.StatusSeeOther, resp.StatusCode)
		require.Equal(t, to, resp.Header.Get("Location"), sent)
	}
}

var viewInput = regexp.MustCompile(`name="view" value="([^"]*)"`)

func TestTheTitleLeadsToTheHostsOwnPage(t *testing.T) {
	t.Parallel()
	s := newSite(t, &dashboard.Options{Title: "Events", Home: "/events?from=sync"})
	require.Contains(t, s.get("/connect"), `href="/events?from=sync">Events</a>`)
	_, missing := s.open("/nowhere")
	require.Contains(t, missing, `href="/events?from=sync">Events</a>`)
	s = newSite(t, &dashboard.Options{Home: "javascript:alert(1)"})
	require.NotContains(t, s.get("/connect"), "javascript:alert")
}

func TestACauseLeadsToThePageThatMayMendIt(t *testing.T) {
	t.Parallel()
	s, f := newConnected(t, nil)
	require.NoError(t, f.SetSettings(t.Context(), "acme", asking(), 0))
	_, err := f.Capture(t.Context(), "acme", &leadsync.Lead{ID: "q", LastName: "Q", Company: "Q",
		Answers: map[string][]string{"interest": {"Räder"}}})
	require.NoError(t, err)
	drain(t, f)
	page := s.get("/reconciliation")
	require.Contains(t, page, `href="./mapping">To the mapping</a>`)
	require.Contains(t, page, `href="./qualifiers">To the qualifiers</a>`)
	require.Contains(t, s.get("/leads/1"), `mapping?lead=1#try`)
	require.NotContains(t, newSite(t, nil).get("/reconciliation"), "To the mapping", "there is no such page")
}

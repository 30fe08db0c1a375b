// SPDX-License-Identifier: Apache-2.0

package browsertest_test

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/dashboard"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/store/memory"
)

// pages are all pages by a name for their pictures.
func pages() map[string]string {
	return map[string]string{
		"reconciliation": "/reconciliation", "events": "/reconciliation?view=events",
		"failed": "/reconciliation?stage=failed",
		"none":   "/reconciliation?until=2020-01-01", "lead-cleared": "/leads/1", "lead-failed": "/leads/3",
		"lead-to-decide": "/leads/5", "lead-hostile": "/leads/6", "undo": "/leads/1/undo", "forget": "/leads/1/forget",
		"connect": "/connect", "mapping": "/mapping", "qualifiers": "/qualifiers", "campaigns": "/campaigns",
		"not-found": "/nowhere",
	}
}

func TestPages(t *testing.T) {
	t.Parallel()
	browser, rules := startBrowser(t), axe(t)
	site, _ := serve(t)
	for _, v := range views() {
		t.Run(v.name, func(t *testing.T) {
			b := openTab(t, browser, site, v)
			for name, page := range pages() {
				b.open(page)
				b.shot(name)
				require.Empty(t, b.violations(rules), page)
				overflow := get(b, chromedp.Evaluate[int](`document.documentElement.scrollWidth - window.innerWidth`))
				require.LessOrEqual(t, overflow, 0, "%s is wider than the screen", page)
			}
		})
	}
}

func TestFlows(t *testing.T) {
	t.Parallel()
	browser := startBrowser(t)
	for _, v := range flowViews() {
		t.Run(v.name, func(t *testing.T) {
			site, syncer := serve(t)
			b := openTab(t, browser, site, v)
			retryACause(t, b, syncer)
			findBySearch(t, b)
			decide(t, b)
			undo(t, b)
			dismiss(t, b, syncer)
			releaseByMode(t, b)
			checkTheOrg(t, b)
		})
	}
}

// A search of a large store ends early. The page searches on by itself, and without a script by a link.
func TestASearchFindsAnOldLead(t *testing.T) {
	t.Parallel()
	browser := startBrowser(t)
	syncer, err := leadsync.New(nobody{}, &leadsync.Config{Store: &scenario.FewLooks{Store: memory.New(nil), Looks: 3},
		Mapper: leadsync.DefaultMapping()})
	require.NoError(t, err)
	capture(t, syncer, &leadsync.Lead{ID: "old", EventID: "expo", LastName: "Rare", Company: "C"})
	for i := range 10 {
		capture(t, syncer, &leadsync.Lead{ID: leadsync.LeadID(fmt.Sprint(i)), EventID: "expo", LastName: "Common",
			Company: "C"})
	}
	site := mount(t, dashboard.NewSyncer(syncer, nil))
	for _, v := range flowViews() {
		t.Run(v.name, func(t *testing.T) {
			b := openTab(t, browser, site, v)
			b.open("/reconciliation")
			b.enter(`#text`, "rare")
			b.click(`form[role=search] button`)
			for range 3 {
				if !v.script {
					require.Contains(t, b.text(), "0 leads so far")
					b.click(`[data-continue] a`)
				}
			}
			b.do(chromedp.WaitVisible(chromedp.CSS(`td a.clip`)))
			require.Contains(t, b.text(), "Rare")
			require.NotContains(t, b.text(), "Common")
		})
	}
}

// nobody is a Salesforce that nothing asks.
type nobody struct{ leadsync.Client }

func stageOf(t *testing.T, syncer *leadsync.Syncer, id leadsync.LeadID) leadsync.Stage {
	t.Helper()
	entries, err := syncer.Leads(t.Context(), leadsync.Filter{Leads: []leadsync.LeadID{id}})
	require.NoError(t, err)
	require.Len(t, entries, 1)
	return entries[0].Stage
}

func retryACause(t *testing.T, b *tab, syncer *leadsync.Syncer) {
	t.Helper()
	b.open("/reconciliation")
	b.click(`.group .button`)
	require.Contains(t, b.text(), "Xenia")
	require.NotContains(t, b.text(), "Alan Turing")
	b.open("/reconciliation")
	b.click(`.group form .primary`)
	require.Contains(t, b.text(), "2 leads will be synced again.")
	require.Equal(t, leadsync.PreSync, stageOf(t, syncer, "x1"))
	require.Equal(t, leadsync.Failed, stageOf(t, syncer, "grace"))
	require.NoError(t, syncer.SetMode(t.Context(), leadsync.Automatic))
	require.NoError(t, syncer.Drain(t.Context()))
	require.NoError(t, syncer.SetMode(t.Context(), leadsync.Manual))
	capture(t, syncer, &leadsync.Lead{ID: "ida", EventID: "expo", LastName: "Ice", Company: "Ice"})
}

func findBySearch(t *testing.T, b *tab) {
	t.Helper()
	b.open("/reconciliation")
	b.enter(`#text`, "lovel")
	b.click(`form[role=search] button`)
	require.Contains(t, b.text(), "found by your search")
	require.NotContains(t, b.text(), "Alan Turing")
	b.click(`td a.clip`)
	require.Contains(t, b.text(), "How the record was found")
	require.Contains(t, b.text(), "Analyst")
}

func decide(t *testing.T, b *tab) {
	t.Helper()
	b.open("/leads/5")
	b.press(`input[name=record][value^="003"]`)
	b.click(`form.choose button`)
	require.Contains(t, b.text(), "Decided.")
}

func undo(t *testing.T, b *tab) {
	t.Helper()
	b.open("/leads/1")
	b.click(`a[href$="/undo"]`)
	require.Contains(t, b.text(), "1 record gets its earlier values back")
	b.click(`button.danger`)
	require.Contains(t, b.text(), "1 record has its earlier values back")
}

func dismiss(t *testing.T, b *tab, syncer *leadsync.Syncer) {
	t.Helper()
	b.open("/leads/3")
	b.press(`details.more summary`)
	b.enter(`input[name=reason]`, "a test of the badge")
	b.click(`details.more button`)
	require.Contains(t, b.text(), "1 lead was dismissed.")
	require.Equal(t, leadsync.Cleared, stageOf(t, syncer, "x1"))
}

func releaseByMode(t *testing.T, b *tab) {
	t.Helper()
	b.open("/connect")
	require.Contains(t, b.text(), "This releases 1 frozen lead.")
	b.press(`input[value=automatic]`)
	b.click(`form[action$="mode"] button`)
	require.Contains(t, b.text(), "The mode was changed.")
}

func checkTheOrg(t *testing.T, b *tab) {
	t.Helper()
	b.open("/connect")
	b.click(`form[action$="preflight"] button`)
	require.Contains(t, b.text(), "API call")
}

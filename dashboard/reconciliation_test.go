// SPDX-License-Identifier: Apache-2.0

package dashboard_test

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/dashboard"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/salesforce/sftest"
	"github.com/leadsync/leadsync/store/memory"
)

// A list says how many leads it has where that is known without reading them, else how many at least.
func TestAListSaysHowManyLeadsItHas(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	for i := range 60 {
		s.capture(&leadsync.Lead{ID: leadsync.LeadID(fmt.Sprint("c", i)), EventID: "many", LastName: "Common", Company: "C"})
	}
	for view, said := range map[string]string{
		"stage=pre-sync": "61 leads", "stage=pre-sync&event=many": "60 leads", "stage=failed": "3 leads",
		"stage=cleared&from=2020-01-01": "2 leads", "stage=pre-sync&from=2020-01-01": "More than 50 leads",
		"code=REQUIRED_FIELD_MISSING": "2 leads", "stage=failed&until=2020-01-01": "0 leads",
	} {
		require.Contains(t, s.get("/reconciliation?"+view), `<p class="chosen">`+said+` · `, view)
	}
	require.Contains(t, s.done("/search", url.Values{"text": {"common"}}), "More than 50 leads")
	require.Contains(t, s.done("/search", url.Values{"text": {"lovelace"}}), "1 lead ·")
	summary, err := s.syncer.Summary(t.Context(), leadsync.Filter{})
	require.NoError(t, err)
	for _, w := range summary.Warnings {
		require.Contains(t, s.get("/reconciliation?warning="+string(w.Kind)), fmt.Sprint(w.Count, " lead"))
	}
}

// Two causes may have the same code and field: only what was refused tells them apart.
func TestACauseSaysWhatWasRefused(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	const long, wrong = "is longer than 80 characters", "is not an e-mail address that Salesforce accepts"
	require.NoError(t, s.syncer.SetMode(t.Context(), leadsync.Automatic))
	s.capture(&leadsync.Lead{ID: "wrong", LastName: "Wrong", Company: "C", Email: "no address"},
		&leadsync.Lead{ID: "long", LastName: "Long", Company: "C", Email: "a@" + strings.Repeat("long.", 16) + "example"})
	require.NoError(t, s.syncer.Drain(t.Context()))
	page := s.get("/reconciliation")
	require.Contains(t, page, long)
	require.Contains(t, page, wrong)
	at := fmt.Sprint("/leads/", s.entry("wrong").Sequence)
	require.Contains(t, s.get(at), `<div class="code">DATA_VALUE_VALIDATION · Lead · Email</div>`)
	require.Contains(t, s.get(at), `<p class="exactly" dir="auto">`+wrong)

	s.serve(&dashboard.Options{Redact: true})
	require.NotContains(t, s.get("/reconciliation"), long, "a rule of the org may quote a value")
}

func TestTheLeadsOfACauseAreShownWhereTheyAreListed(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	page := s.get("/reconciliation")
	require.Contains(t, page, `id="list"`)
	show := regexp.MustCompile(`href="\./(reconciliation\?cause=\w+)#list">Show 2 leads`).FindStringSubmatch(page)
	require.NotNil(t, show)
	const none = "No lead is failed for this any more."
	require.NotContains(t, s.get("/"+show[1]), none)
	s.done("/retry", url.Values{"filter": {s.causeFilter(page, "REQUIRED_FIELD_MISSING")}})
	require.Contains(t, s.get("/"+show[1]), none)
}

// A page that the Store has ended early says how far it was searched, and leads on until all leads are.
func TestASearchGoesOnUntilAllLeadsAreSearched(t *testing.T) {
	t.Parallel()
	syncer := scenario.SyncerOf(t, sftest.NewOrg(t), &leadsync.Config{
		Store: &scenario.FewLooks{Store: memory.New(nil), Looks: 3}, Mapper: leadsync.DefaultMapping()})
	s := &site{t: t, syncer: syncer}
	for i := range 8 {
		lead := &leadsync.Lead{ID: leadsync.LeadID(fmt.Sprint("c", i)), LastName: "Common", Company: "C",
			CapturedAt: time.Date(2026, 3, i+1, 12, 0, 0, 0, time.UTC)}
		if i == 0 || i == 6 {
			lead.LastName = "Rare"
		}
		s.capture(lead)
	}
	s.serve(nil)
	onward := regexp.MustCompile(`href="[./]*(reconciliation\?after=\d+&search=\w+)#list" rel="next">Search older leads<`)
	next := func(page string) string {
		m := onward.FindStringSubmatch(page)
		require.NotNil(t, m)
		return s.get("/" + m[1])
	}
	page := s.done("/search", url.Values{"text": {"rare"}})
	require.Contains(t, page, "1 lead so far")
	require.Contains(t, page, "Searched back to leads of 2026-03-06 12:00 UTC. Older ones are not searched yet.")
	page = next(page)
	require.Contains(t, page, "0 leads so far")
	require.Contains(t, page, "Searched back to leads of 2026-03-03 12:00 UTC.")
	require.NotContains(t, page, "No lead is selected")
	page = next(page)
	require.Contains(t, page, ">Rare<")
	require.NotContains(t, page, "Search older leads")
	page = s.get("/reconciliation?stage=failed&after=1")
	require.Contains(t, page, "No older lead is selected by this.")
}

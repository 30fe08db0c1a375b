// SPDX-License-Identifier: Apache-2.0

package dashboard_test

import (
	"fmt"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
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

func TestTheWarningsOfALargeEventAreNotCounted(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	many := make([]*leadsync.Lead, 2001)
	for i := range many {
		many[i] = &leadsync.Lead{ID: leadsync.LeadID(fmt.Sprint("c", i)), EventID: "large", LastName: "Common", Company: "C"}
	}
	s.capture(many...)
	const said = "The warnings of so large an event are not counted here."
	page := s.get("/reconciliation?event=large")
	require.Contains(t, page, said)
	require.Contains(t, page, `data-count="frozen">2,001<`)
	require.NotContains(t, s.get("/reconciliation?event=expo"), said)
	require.NotContains(t, s.get("/reconciliation"), said)
}

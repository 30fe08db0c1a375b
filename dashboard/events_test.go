// SPDX-License-Identifier: Apache-2.0

package dashboard_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/dashboard"
)

func TestEventsArePaged(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	var many []*leadsync.Lead
	for i := range 120 {
		id := fmt.Sprintf("many-%03d", i)
		many = append(many, &leadsync.Lead{ID: leadsync.LeadID(id), EventID: id, EventName: "Day " + id, LastName: "A",
			Company: "B"})
	}
	s.capture(many...)
	rows := func(page string) int { return strings.Count(page, `data-label="Failed"`) }
	page := s.get("/reconciliation?view=events")
	require.Equal(t, 50, rows(page))
	require.Contains(t, page, "122 events in all")
	require.Contains(t, page, ">Day many-047<")
	require.NotContains(t, page, ">Day many-048<")
	page = s.get("/reconciliation?passed=100&view=events")
	require.Equal(t, 22, rows(page))
	require.Contains(t, page, ">Day many-119<")
	require.NotContains(t, page, `rel="next"`)
	page = s.get("/reconciliation?view=events&named=NY-11")
	require.Equal(t, 10, rows(page))
	require.Contains(t, s.get("/reconciliation?view=events&named=none"), "No event has an id with that.")

	// One that is not among the first is offered where the page is about it.
	page = s.get("/reconciliation?event=many-119")
	require.Contains(t, page, `<option value="many-119" selected>Day many-119<`)
	require.Equal(t, 51, strings.Count(page, `<option value="many-`)+strings.Count(page, `<option value="expo"`)+
		strings.Count(page, `<option value="fair"`))
}

func TestTheHistoryOfALeadSaysWhatItWasPushedOutOf(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	sequence := s.entry("zoe").Sequence
	lead := func() string {
		_, history, _ := strings.Cut(s.get(fmt.Sprintf("/leads/%d", sequence)), ">History ")
		return history
	}
	require.Contains(t, lead(), "Captured, frozen until it is released")
	push := func(said string) {
		_, err := s.syncer.Push(t.Context(), leadsync.Filter{Leads: []leadsync.LeadID{"zoe"}})
		require.NoError(t, err)
		require.Regexp(t, `(?s)</time>`+said+`</li>`, lead())
	}
	push("Released")
	push("To be synced at once")
	require.NoError(t, s.syncer.Drain(t.Context()))
	push("To be synced again")
	sequence = s.entry("x1").Sequence
	_, err := s.syncer.Push(t.Context(), leadsync.Filter{Leads: []leadsync.LeadID{"x1"}})
	require.NoError(t, err)
	require.Contains(t, lead(), "To be tried again")
}

// An answer without an option is named on the lead's page, and there alone.
func TestALeadWithoutAnOptionNamesItsAnswer(t *testing.T) {
	t.Parallel()
	for _, redact := range []bool{false, true} {
		s, f := newAsking(t, &dashboard.Options{Redact: redact})
		_, err := f.Capture(t.Context(), "acme", &leadsync.Lead{ID: "p", LastName: "P", Company: "P",
			Answers: map[string][]string{"interest": {"Glasuren"}}})
		require.NoError(t, err)
		_, err = f.Drain(t.Context(), "acme", 20)
		require.NoError(t, err)
		entry := s.entry("p")
		require.Equal(t, leadsync.NoTagMapping, entry.Last.Code())
		page := s.get(fmt.Sprintf("/leads/%d", entry.Sequence))
		require.Contains(t, page, "NO_TAG_MAPPING")
		if redact {
			require.NotContains(t, page, "Glasuren")
			continue
		}
		require.Regexp(t, `The lead says <span class="mono">interest</span>: <b>Glasuren</b>`, page)
		require.NotContains(t, s.get("/reconciliation"), "Glasuren")
	}
}

// SPDX-License-Identifier: Apache-2.0

package dashboard_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/dashboard"
	"github.com/leadsync/leadsync/fleet"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// asking are settings with a question, one of whose options the org lacks.
func asking() *leadsync.Settings {
	return &leadsync.Settings{LeadSource: "Fair", Qualifiers: []leadsync.Qualifier{{Name: "interest",
		Fields:  map[salesforce.Object]string{"Lead": "Interest__c"},
		Options: map[string]string{"Öfen": "Kilns", "Räder": "Wheels"}}}}
}

// newAsking returns the pages of a connection that asks, and a lead with an answer that nobody has foreseen.
func newAsking(t *testing.T, opts *dashboard.Options) (*site, *fleet.Fleet) {
	t.Helper()
	s, f := newConnected(t, opts)
	require.NoError(t, f.SetSettings(t.Context(), "acme", asking(), 0))
	_, err := f.Capture(t.Context(), "acme", &leadsync.Lead{ID: "q", LastName: "Q", Company: "Q",
		Answers: map[string][]string{"interest": {"Glasuren", "öfen", "glazing"}}})
	require.NoError(t, err)
	return s, f
}

// answerRow returns the row of an answer.
func answerRow(t *testing.T, page, answer string) string {
	t.Helper()
	for _, part := range strings.Split(page, "<tr")[1:] {
		row, _, _ := strings.Cut(part, "</tr>")
		if strings.Contains(row, ">"+answer+"<") {
			return row
		}
	}
	require.Fail(t, "no row of "+answer)
	return ""
}

func TestMissingOptionsHaveTheirWaysOut(t *testing.T) {
	t.Parallel()
	s, f := newAsking(t, nil)
	page := s.get("/qualifiers")
	require.Contains(t, answerRow(t, page, "Öfen"), "there")
	require.Contains(t, answerRow(t, page, "Räder"), "missing")
	require.Contains(t, answerRow(t, page, "Glasuren"), "not decided")
	require.Contains(t, answerRow(t, page, "glazing"), `value="Glazing"`, "an option that is there is proposed")
	require.NotContains(t, page, ">öfen<", "case does not tell answers apart")
	require.Contains(t, page, "1 option is missing")
	require.Contains(t, page, "There are three ways out:")

	form := settingsForm(s, "/qualifiers")
	form["from"], form["to"] = []string{"Öfen", "Räder", "Glasuren", ""}, []string{"Kilns", "", "Glazing", ""}
	form.Set("name", "interest")
	form.Set("unmapped", "drop")
	status, page := s.send("/qualifiers/0", form)
	require.Equal(t, http.StatusOK, status)
	require.Contains(t, page, "Saved.")
	require.NotContains(t, page, "three ways out")
	settings, _, err := f.Settings(t.Context(), "acme")
	require.NoError(t, err)
	require.Equal(t, "Fair", settings.LeadSource)
	require.Equal(t, map[string]string{"Öfen": "Kilns", "Glasuren": "Glazing"}, settings.Qualifiers[0].Options)
	require.Equal(t, mapping.DropUnmapped, settings.Qualifiers[0].Unmapped)
	require.Equal(t, "Interest__c", settings.Qualifiers[0].Fields["Lead"])
}

// What was mended in the org is seen on demand, and after a retry.
func TestAnOptionThatWasAddedIsSeen(t *testing.T) {
	t.Parallel()
	s, f := newAsking(t, nil)
	_, err := f.Drain(t.Context(), "acme", 20)
	require.NoError(t, err)
	require.Contains(t, answerRow(t, s.get("/qualifiers"), "Räder"), "missing")
	define := func(options ...string) {
		s.org.DefineField("Lead", sftest.Field{Name: "Interest__c", Label: "Interest", Type: "picklist", Restricted: true,
			Options: options})
	}
	define("Kilns", "Glazing", "Wheels")
	require.Contains(t, answerRow(t, s.get("/qualifiers"), "Räder"), "missing", "the org is not asked for each page")
	page := s.done("/qualifiers", url.Values{"do": {"read"}, "revision": {"1"}})
	require.Contains(t, answerRow(t, page, "Räder"), "there")
	define("Kilns")
	s.done("/leads/3/retry", nil)
	require.Contains(t, answerRow(t, s.get("/qualifiers"), "Räder"), "missing")
	define("Kilns", "Wheels")
	s.done("/retry", url.Values{"lead": {"3"}, "view": {"reconciliation"}})
	require.Contains(t, answerRow(t, s.get("/qualifiers"), "Räder"), "there")
}

func TestAnswersThatAreNotSavedStayInTheForm(t *testing.T) {
	t.Parallel()
	s, f := newAsking(t, nil)
	form := settingsForm(s, "/qualifiers")
	require.NoError(t, f.SetSettings(t.Context(), "acme", asking(), 1))
	form["from"], form["to"] = []string{"Mine"}, []string{"Glazing"}
	form.Set("name", "interest")
	_, page := s.send("/qualifiers/0", form)
	require.Contains(t, page, "Someone else has saved settings meanwhile.")
	require.Contains(t, answerRow(t, page, "Mine"), `value="Glazing"`)
	form = settingsForm(s, "/qualifiers")
	form["from"], form["to"] = []string{"Mine"}, []string{"Glazing"}
	form.Set("name", "interest")
	form.Set("unmapped", "nonsense")
	_, page = s.send("/qualifiers/0", form)
	require.Contains(t, page, "qualifiers[0].unmapped")
	require.Contains(t, answerRow(t, page, "Mine"), `value="Glazing"`)

	for at, name := range map[string]string{"7": "interest", "0": "another", "-1": "interest", "x": "interest"} {
		form.Set("name", name)
		status, _ := s.send("/qualifiers/"+at, form)
		require.Equal(t, http.StatusNotFound, status)
	}
}

func TestRedactedAnswersOfLeadsAreNotShown(t *testing.T) {
	t.Parallel()
	s, _ := newAsking(t, &dashboard.Options{Redact: true, ReadOnly: true})
	page := s.get("/qualifiers")
	require.NotContains(t, page, "Glasuren")
	require.Contains(t, answerRow(t, page, "Räder"), "missing")
	require.NotContains(t, page, "<input name")
}

// newCampaigns returns the pages of a connection to an org with two campaigns.
func newCampaigns(t *testing.T) (s *site, f *fleet.Fleet, expo string) {
	t.Helper()
	s, f = newConnected(t, nil)
	expo = s.org.Insert("Campaign", map[string]any{"Name": "Expo 100% <2026>", "IsActive": true, "Type": "Trade Show"})
	s.org.Insert("Campaign", map[string]any{"Name": "Fair", "IsActive": false})
	for i, label := range []string{"Sent", "Attended"} {
		s.org.Insert("CampaignMemberStatus", map[string]any{"CampaignId": expo, "Label": label, "SortOrder": i + 10})
	}
	return s, f, expo
}

func TestACampaignIsFoundByNameAndLinked(t *testing.T) {
	t.Parallel()
	s, f, expo := newCampaigns(t)
	require.Contains(t, s.get("/campaigns"), "No event is linked to a campaign.")
	page := s.done("/campaigns/search", url.Values{"campaign": {"100% <"}})
	require.Contains(t, page, "Expo 100% <2026>")
	require.Contains(t, page, `value="`+expo)
	require.NotContains(t, page, ">Fair<")
	require.Contains(t, s.done("/campaigns/search", url.Values{"campaign": {"%"}}), "Expo 100% <2026>")
	require.NotContains(t, s.done("/campaigns/search", url.Values{"campaign": {"_air"}}), ">Fair<")
	page = s.done("/campaigns/search", url.Values{"campaign": {"nothing"}})
	require.Contains(t, page, "The org has no campaign with such")

	link := url.Values{"do": {"link"}, "revision": {"0"}, "event": {"expo"}, "id": {expo},
		"status": {"Present"}, "scans": {"2"}}
	page = s.done("/campaigns", link)
	require.Contains(t, page, "Saved.")
	require.Contains(t, page, "Expo 100% <2026>")
	require.Contains(t, page, "The campaign has no status “Present”.")
	require.Contains(t, page, "Sent › Attended")
	settings, revision, err := f.Settings(t.Context(), "acme")
	require.NoError(t, err)
	require.Equal(t, []mapping.CampaignLink{{EventID: "expo", CampaignID: salesforce.ID(expo), Status: "Present",
		MinScans: 2}}, settings.Campaigns)
	require.EqualValues(t, 1, revision)

	require.Contains(t, s.done("/campaigns", link), "Someone else has saved settings meanwhile.")
	link.Set("revision", "1")
	link.Set("id", "no id")
	require.Contains(t, s.done("/campaigns", link), "campaigns[1].campaignId")
}

func TestALinkIsArchivedAndRemoved(t *testing.T) {
	t.Parallel()
	s, f, expo := newCampaigns(t)
	links := []mapping.CampaignLink{{EventID: "expo", CampaignID: salesforce.ID(expo)}, {CampaignID: "701000000000001"}}
	require.NoError(t, f.SetSettings(t.Context(), "acme", &leadsync.Settings{Campaigns: links}, 0))
	page := s.get("/campaigns")
	require.Contains(t, page, "The org has no such campaign, or the connected user may not see it.")
	page = s.done("/campaigns", url.Values{"do": {"archive:0"}, "revision": {"1"}})
	require.Contains(t, page, "Archived")
	s.done("/campaigns", url.Values{"do": {"archive:0"}, "revision": {"2"}})
	s.done("/campaigns", url.Values{"do": {"remove:1"}, "revision": {"3"}})
	settings, _, err := f.Settings(t.Context(), "acme")
	require.NoError(t, err)
	require.Equal(t, links[:1], settings.Campaigns)
	for _, do := range []string{"remove:1", "archive:-1", "nonsense", ""} {
		status, _ := s.post("/campaigns", url.Values{"do": {do}, "revision": {"4"}})
		require.Equal(t, http.StatusNotFound, status, do)
	}
}

func TestTheCampaignsPageAsksTheOrgOnce(t *testing.T) {
	t.Parallel()
	s, f, expo := newCampaigns(t)
	s.org.ResetLog()
	s.get("/campaigns")
	require.Empty(t, s.org.Requests(), "there is nothing to ask for")
	require.NoError(t, f.SetSettings(t.Context(), "acme",
		&leadsync.Settings{Campaigns: []mapping.CampaignLink{{CampaignID: salesforce.ID(expo)}}}, 0))
	s.get("/campaigns")
	s.org.ResetLog()
	s.done("/campaigns/search", url.Values{"campaign": {"Fair"}})
	require.Len(t, s.org.Requests(), 1)
}

// SPDX-License-Identifier: Apache-2.0

package dashboard_test

import (
	"encoding/json"
	"fmt"
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

// newLinked returns the pages of a connection with a link, and the form of the link.
func newLinked(t *testing.T) (s *site, f *fleet.Fleet, form url.Values) {
	t.Helper()
	s, f, expo := newCampaigns(t)
	s.org.DefineField("CampaignMember", sftest.Field{Name: "Role__c", Label: "Role", Type: "string", Length: 80})
	require.NoError(t, f.SetSettings(t.Context(), "acme", &leadsync.Settings{LeadSource: "Fair",
		Campaigns: []mapping.CampaignLink{{EventID: "expo", CampaignID: salesforce.ID(expo), Status: "Sent",
			Fields: []mapping.Rule{{Source: "jobTitle", Field: "Role__c", Transforms: []string{"trim"}}}}}}, 0))
	return s, f, url.Values{"do": {"save:0"}, "revision": {"1"}, "event": {"expo"}, "id": {expo}, "status": {"Sent"},
		"scans": {"0"}}
}

func linkOf(t *testing.T, f *fleet.Fleet) mapping.CampaignLink {
	t.Helper()
	settings, _, err := f.Settings(t.Context(), "acme")
	require.NoError(t, err)
	require.Equal(t, "Fair", settings.LeadSource)
	return settings.Campaigns[0]
}

func TestALinkIsChangedInAForm(t *testing.T) {
	t.Parallel()
	s, f, form := newLinked(t)
	page := s.get("/campaigns?edit=0")
	require.Contains(t, page, `name="source" value="jobTitle"`)
	require.Contains(t, page, "transforms: trim", "what the form does not change is said")
	require.Contains(t, page, `<option value="Attended">`)

	// Rows are added, moved and removed without saving.
	for _, list := range []string{"ladder", "ladder", "answer", "field"} {
		form.Set("do", "more:0::"+list)
		page = s.done("/campaigns", form)
		require.NotContains(t, page, "Saved.")
		if list == "ladder" {
			form.Add("ladder", "")
		}
	}
	require.Contains(t, page, "Step 2")
	require.Contains(t, page, `aria-label="Source 1"`)
	form["ladder"] = []string{"Attended", "Sent", ""}
	form.Set("do", "up:0:1:ladder")
	require.Regexp(t, `(?s)value="Sent".*aria-label="Step 1".*value="Attended".*aria-label="Step 2"`,
		s.done("/campaigns", form))
	form["ladder"] = []string{"Sent", "Maybe", "Attended"}
	form.Set("do", "less:0:1:ladder")
	require.NotContains(t, s.done("/campaigns", form), `value="Maybe"`)

	for _, do := range []string{"more:0::nonsense", "less:0:9:ladder", "up:0:0:ladder", "less:0::field"} {
		form.Set("do", do)
		status, _ := s.post("/campaigns", form)
		require.Equal(t, http.StatusNotFound, status, do)
	}

	form["ladder"], form["question"] = []string{"Sent", "", "Attended"}, []string{"interest"}
	form["from"], form["to"] = []string{"Yes", ""}, []string{"Attended", ""}
	form["at"], form["source"] = []string{"0", "-1", "-1"}, []string{"company", "", ""}
	form["constant"] = []string{"", "", ""}
	form["field"], form["write"] = []string{"Role__c", "", ""}, []string{"write-if-blank", "", ""}
	form["scans"], form["do"] = []string{"3"}, []string{"save:0"}
	require.Contains(t, s.done("/campaigns", form), "Saved.")
	require.Equal(t, mapping.CampaignLink{EventID: "expo", CampaignID: salesforce.ID(form.Get("id")), Status: "Sent",
		MinScans: 3, Ladder: []string{"Sent", "Attended"},
		StatusBy: &mapping.StatusBy{Qualifier: "interest", Statuses: map[string]string{"Yes": "Attended"}},
		Fields: []mapping.Rule{{Source: "company", Field: "Role__c", Write: mapping.WriteIfBlank,
			Transforms: []string{"trim"}}}}, linkOf(t, f))
}

func TestWhatIsWrongWithALinkIsSaidBesideItsField(t *testing.T) {
	t.Parallel()
	s, f, form := newLinked(t)
	before := linkOf(t, f)
	form["ladder"] = []string{"Sent", "Sent"}
	form["question"] = []string{""}
	form["from"], form["to"] = []string{"Yes", "Yes", "No"}, []string{"Attended", "Sent", ""}
	form["at"], form["source"], form["constant"] = []string{"-1", "-1"}, []string{"nonsense", "email"}, []string{"", ""}
	form["field"], form["write"] = []string{"Title", "Status"}, []string{"", ""}
	form.Set("scans", "many")
	page := s.done("/campaigns", form)
	require.NotContains(t, page, "Saved.")
	for _, said := range []string{
		`aria-label="Step 2".*is on the ladder already`, `name="question".*is blank`, `value="Yes".*is there twice`,
		`value="No".*is blank`, `name="scans" .*value="many".*must be a whole number`,
		`value="Status" .*is filled by the link itself`, `value="nonsense".*Not right:`,
	} {
		require.Regexp(t, `(?s)`+said, page)
	}
	require.Equal(t, before, linkOf(t, f))

	// What only the org is against may be saved.
	form = url.Values{"do": {"save:0"}, "revision": {"1"}, "event": {"expo"}, "id": form["id"], "status": {"Absent"},
		"at": {"-1"}, "source": {"email"}, "constant": {""}, "field": {"Missing__c"}, "write": {""}}
	page = s.done("/campaigns", form)
	require.Contains(t, page, "The org would refuse this.")
	require.Contains(t, page, "The campaign has no status “Absent”.")
	form.Set("do", "force:0")
	require.Contains(t, s.done("/campaigns", form), "Saved.")
	require.Equal(t, "Missing__c", linkOf(t, f).Fields[0].Field)
}

func TestAChangedLinkMeetsWhatOthersHaveSaved(t *testing.T) {
	t.Parallel()
	s, f, form := newLinked(t)
	settings, _, err := f.Settings(t.Context(), "acme")
	require.NoError(t, err)
	settings.Campaigns = append([]mapping.CampaignLink{{CampaignID: "701000000000009"}}, settings.Campaigns...)
	require.NoError(t, f.SetSettings(t.Context(), "acme", settings, 1))
	form["ladder"] = []string{"Sent", "Mine"}
	page := s.done("/campaigns", form)
	require.Contains(t, page, "Someone else has saved settings meanwhile.")
	require.Contains(t, page, `value="Mine"`, "what was entered stays")
	require.Contains(t, page, `value="save:1"`, "the link has another place")
	form.Set("revision", "2")
	form.Set("do", "save:1")
	require.Contains(t, s.done("/campaigns", form), "Saved.")

	require.NoError(t, f.SetSettings(t.Context(), "acme", &leadsync.Settings{}, 3))
	require.Contains(t, s.done("/campaigns", form), "Someone else has saved settings meanwhile.")
}

func TestAQuestionIsAddedAndChanged(t *testing.T) {
	t.Parallel()
	s, f := newAsking(t, nil)
	require.Contains(t, s.get("/qualifiers"), "qualifiers?edit=new#edit")
	require.Contains(t, s.get("/qualifiers?edit=new"), "New question")
	form := url.Values{"do": {"save"}, "revision": {"1"}, "was": {""}, "name": {"budget"}, "type": {"number"},
		"multiple": {"on"}, "object": {"Lead", "Contact"}, "field": {"no name", ""}}
	page := s.done("/qualifiers", form)
	require.Regexp(t, `(?s)name="multiple" checked.*does not apply to a number`, page)
	require.Regexp(t, `(?s)value="no name".*needs the API names of an object and a field`, page)
	form.Del("multiple")
	form["field"] = []string{"Budget__c", ""}
	page = s.done("/qualifiers", form)
	require.Contains(t, page, "The org would refuse this.")
	require.Regexp(t, `(?s)value="Budget__c".*is no field that the connected user sees`, page)
	form["field"] = []string{"AnnualRevenue", ""}
	form.Set("events", "expo\r\n\r\n fair \r\n")
	require.Contains(t, s.done("/qualifiers", form), "Saved.")
	questions := func() []mapping.Qualifier {
		settings, _, err := f.Settings(t.Context(), "acme")
		require.NoError(t, err)
		require.Equal(t, "Fair", settings.LeadSource)
		return settings.Qualifiers
	}
	require.Equal(t, mapping.Qualifier{Name: "budget", Type: mapping.QualifierNumber, Events: []string{"expo", "fair"},
		Fields: map[salesforce.Object]string{"Lead": "AnnualRevenue"}}, questions()[1])

	form = url.Values{"do": {"save"}, "revision": {"2"}, "was": {"interest"}, "name": {"budget"}, "type": {""},
		"archived": {"on"}, "object": {"Lead"}, "field": {"Interest__c"}}
	require.Regexp(t, `(?s)name="name" value="budget".*is the name of an earlier qualifier|value="budget"`,
		s.done("/qualifiers", form))
	form.Set("name", "interests")
	require.Contains(t, s.done("/qualifiers", form), "Saved.")
	require.Equal(t, "interests", questions()[0].Name)
	require.True(t, questions()[0].Archived)
	require.Equal(t, "Kilns", questions()[0].Options["Öfen"], "its answers stay")

	form.Set("revision", "2")
	form.Set("was", "budget")
	form.Set("name", "mine")
	page = s.done("/qualifiers", form)
	require.Contains(t, page, "Someone else has saved settings meanwhile.")
	require.Contains(t, page, `name="name" value="mine"`)
	form.Set("was", "gone")
	require.Contains(t, s.done("/qualifiers", form), "Someone else has saved settings meanwhile.")
	s.done("/qualifiers", url.Values{"do": {"remove"}, "revision": {"3"}, "was": {"budget"}})
	require.Len(t, questions(), 1)
	status, _ := s.post("/qualifiers", url.Values{"do": {"nonsense"}, "revision": {"4"}})
	require.Equal(t, http.StatusNotFound, status)
}

func TestReadersGetNoFormOfSettings(t *testing.T) {
	t.Parallel()
	s, _ := newAsking(t, &dashboard.Options{ReadOnly: true})
	for _, page := range []string{"/qualifiers?edit=new", "/qualifiers?edit=0", "/campaigns?edit=0"} {
		require.NotContains(t, s.get(page), `id="edit"`)
	}
	status, _ := s.open("/qualifiers?edit=x")
	require.Equal(t, http.StatusOK, status)
}

// Settings may have megabytes, and more in a form.
func TestLargeSettingsAreSavedAndLargerOnesRefusedAsSuch(t *testing.T) {
	t.Parallel()
	s, f := newConnected(t, nil)
	form := draftOf(t, s.get("/mapping"), "")
	options := make(map[string]string)
	for i := range 25_000 {
		options[fmt.Sprintf(`"%030d"`, i)] = "Kilns"
	}
	text, err := json.Marshal(leadsync.Settings{Qualifiers: []leadsync.Qualifier{{Name: "topic",
		Fields: map[salesforce.Object]string{"Lead": "Interest__c"}, Options: options}}})
	require.NoError(t, err)
	form.Set("settings", string(text))
	require.Greater(t, len(form.Encode()), 1<<20)
	status, _ := s.send("/settings", form)
	require.Equal(t, http.StatusOK, status)
	saved, _, err := f.Settings(t.Context(), "acme")
	require.NoError(t, err)
	require.Len(t, saved.Qualifiers, 1)
	require.Len(t, saved.Qualifiers[0].Options, 25_000)

	form.Set("settings", strings.Repeat("{", 20<<20))
	status, page := s.send("/settings", form)
	require.Equal(t, http.StatusRequestEntityTooLarge, status)
	require.Contains(t, page, "too large")
}

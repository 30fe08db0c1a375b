// SPDX-License-Identifier: Apache-2.0

package dashboard_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/dashboard"
	"github.com/leadsync/leadsync/fleet"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
)

var draftInput = regexp.MustCompile(`name="mapping" value="(.*?)">`)

// draftOf is what a browser sends from the page of the mapping, but for what is entered.
func draftOf(t testing.TB, page, do string) url.Values {
	t.Helper()
	form := url.Values{"do": {do}}
	form.Set("token", tokenInput.FindStringSubmatch(page)[1])
	form.Set("revision", regexp.MustCompile(`name="revision" value="(\d+)"`).FindStringSubmatch(page)[1])
	form.Set("mapping", draftInput.FindStringSubmatch(page)[1])
	return form
}

// press presses a button of the page of the mapping with what was entered, and returns what it leads to.
func (s *site) press(page, do string, entered url.Values) string {
	s.t.Helper()
	form := draftOf(s.t, page, do)
	for name, values := range entered {
		form[name] = values
	}
	status, text := s.send("/mapping", form)
	require.Equal(s.t, http.StatusOK, status, text)
	return text
}

// savedMapping is the mapping of acme, nil for none.
func savedMapping(t testing.TB, f *fleet.Fleet) *mapping.Mapping {
	t.Helper()
	settings, _, err := f.Settings(t.Context(), "acme")
	require.NoError(t, err)
	return settings.Mapping
}

// rowFor returns the part of a page that is the row of a field.
func rowFor(t *testing.T, page, field string) string {
	t.Helper()
	for _, part := range strings.Split(page, "<tr")[1:] {
		row, _, _ := strings.Cut(part, "</tr>")
		if strings.Contains(row, `<span class="mono">`+field+`</span>`) {
			return row
		}
	}
	require.Fail(t, "no row of "+field)
	return ""
}

func TestTheDefaultRowsAreShownWhereNoMappingIsSet(t *testing.T) {
	t.Parallel()
	s, _ := newConnected(t, nil)
	page := s.get("/mapping")
	require.Contains(t, page, "No mapping is set: these are the default rows")
	title := rowFor(t, page, "Title")
	for _, said := range []string{"jobTitle", "such as Analyst", "Text 128", "unless edited in Salesforce", ">text<"} {
		require.Contains(t, title, said)
	}
	require.Contains(t, rowFor(t, page, "LastName"), "required")
	require.NotContains(t, page, "badtext")
}

func TestARowIsAddedChangedTriedAndSaved(t *testing.T) {
	t.Parallel()
	s, f := newConnected(t, nil)
	page := s.press(s.get("/mapping"), "add:0", nil)
	require.Contains(t, page, `<option value="Interest__c">Interest · Picklist`)
	for _, none := range []string{"look:0:99", "edit:9:0", "edit:0:x", "edit:-1:0", "remove:0:99", "nonsense:0", ""} {
		status, _ := s.send("/mapping", draftOf(t, page, none))
		require.Equal(t, http.StatusNotFound, status, none)
	}
	last := regexp.MustCompile(`value="apply:(0:\d+)"`).FindStringSubmatch(page)[1]
	page = s.press(page, "look:"+last, url.Values{"field": {"Interest__c"}, "source": {"scoreBand"}})
	require.Contains(t, page, `<option value="Glazing">Glazing</option>`)
	require.Contains(t, page, `name="from" value="Hot"`)
	page = s.press(page, "apply:"+last, url.Values{"field": {"Interest__c"}, "source": {"scoreBand"},
		"from": {"Hot", "Cold", ""}, "to": {"Kilns", "Glazing", ""}, "unmapped": {"drop"}, "write": {"write-if-blank"}})
	require.Contains(t, page, "Not saved yet")
	require.Contains(t, rowFor(t, page, "Interest__c"), "Hot → Kilns")
	require.Nil(t, savedMapping(t, f), "nothing is saved yet")

	page = s.press(page, "save", nil)
	require.Contains(t, page, "Saved.")
	rules := savedMapping(t, f).Sections[0].Rules
	require.Equal(t, mapping.Rule{Source: "scoreBand", Field: "Interest__c", Write: mapping.WriteIfBlank,
		Values: map[string]string{"Hot": "Kilns", "Cold": "Glazing"}, Unmapped: mapping.DropUnmapped}, rules[len(rules)-1])
	require.Equal(t, mapping.Default().Sections[0].Rules, rules[:len(rules)-1], "all else stays")
	require.Contains(t, page, "by "+user)
}

func TestWhatOneDoesNotChangeInARowStays(t *testing.T) {
	t.Parallel()
	s, f := newConnected(t, nil)
	own := &leadsync.Settings{LeadSource: "Fair", Mapping: &mapping.Mapping{Sections: []mapping.Section{{Object: "Lead",
		Rules: []mapping.Rule{{Source: "lastName", Field: "LastName"},
			{Constant: json.Number("7"), Field: "NumberOfEmployees", Own: mapping.Overwrite, CreateOnly: true},
			{Source: "phone", Field: "Phone", Transforms: []string{"trim", "e164:49"}, Default: true}}}}}}
	require.NoError(t, f.SetSettings(t.Context(), "acme", own, 0))
	page := s.get("/mapping")
	for rule, field := range map[string]string{"0:1": "NumberOfEmployees", "0:2": "Phone"} {
		open := s.press(page, "edit:"+rule, nil)
		entered := url.Values{"field": {field}}
		for _, name := range []string{"source", "constant", "default"} {
			entered.Set(name, regexp.MustCompile(`name="` + name + `" value="([^"]*)"`).FindStringSubmatch(open)[1])
		}
		entered.Set("transforms", regexp.MustCompile(`(?s)<textarea name="transforms"[^>]*>(.*?)</textarea>`).
			FindStringSubmatch(open)[1])
		for _, name := range []string{"own", "unfit"} {
			block := regexp.MustCompile(`(?s)<select name="` + name + `">.*?</select>`).FindString(open)
			if m := regexp.MustCompile(`value="([^"]+)" selected`).FindStringSubmatch(block); m != nil {
				entered.Set(name, m[1])
			}
		}
		if strings.Contains(open, `name="createOnly" value="yes" checked`) {
			entered.Set("createOnly", "yes")
		}
		page = s.press(open, "apply:"+rule, entered)
	}
	require.NotContains(t, page, "Not saved yet")
	page = s.press(page, "remove:0:2", nil)
	s.press(page, "save", nil)
	settings, revision, err := f.Settings(t.Context(), "acme")
	require.NoError(t, err)
	require.EqualValues(t, 2, revision)
	require.Equal(t, "Fair", settings.LeadSource)
	require.Equal(t, own.Mapping.Sections[0].Rules[:2], settings.Mapping.Sections[0].Rules)
}

func TestARowThatDoesNotFitStaysInItsForm(t *testing.T) {
	t.Parallel()
	s, f := newConnected(t, nil)
	page := s.get("/mapping")
	wrong := s.press(page, "apply:0:0", url.Values{"field": {"FirstName"}, "source": {"shoeSize"}, "default": {"Ada's"}})
	for _, said := range []string{`role="alert"`, "mapping.objects[0].rules[0].source", "is not a source field",
		`value="shoeSize"`, `value="Ada's"`} {
		require.Contains(t, wrong, said)
	}
	require.NotContains(t, wrong, "Use it all the same", "no org takes it")
	require.NotContains(t, wrong, "Not saved yet")

	unseen := url.Values{"field": {"Later__c"}, "source": {"firstName"}}
	wrong = s.press(page, "apply:0:0", unseen)
	require.Contains(t, wrong, "Use it all the same")
	require.Contains(t, wrong, `value="Later__c"`)
	forced := s.press(wrong, "force:0:0", unseen)
	require.Contains(t, forced, "1 row does not fit the org.")
	require.Contains(t, rowFor(t, forced, "Later__c"), "badtext")
	require.Contains(t, forced, "Save all the same")
	s.press(forced, "save", nil)
	require.Equal(t, "Later__c", savedMapping(t, f).Sections[0].Rules[0].Field)
}

func TestRequiredFieldsThatNothingFillsAreSaid(t *testing.T) {
	t.Parallel()
	s, _ := newConnected(t, nil)
	page := s.get("/mapping")
	require.NotContains(t, page, "is required in the org, and no row fills it.")
	cleared := s.press(page, "clear:0", nil)
	require.Equal(t, 2, strings.Count(cleared, "is required in the org, and no row fills it."))
	require.Contains(t, cleared, `value="add:0::Company"`)
	require.Contains(t, s.press(cleared, "add:0::Company", nil), `name="field" value="Company"`)
	require.Contains(t, s.press(cleared, "defaults", nil), "No mapping is set: these are the default rows")
}

func TestAConflictOfMappingsShowsTheRowsOfBoth(t *testing.T) {
	t.Parallel()
	s, f := newConnected(t, nil)
	page := s.press(s.get("/mapping"), "remove:0:0", nil)
	theirs := mapping.Default()
	theirs.Sections[0].Rules[3].Write = mapping.Overwrite
	require.NoError(t, f.SetSettings(t.Context(), "acme", &leadsync.Settings{LeadSource: "Theirs", Mapping: theirs}, 0))
	page = s.press(page, "save", nil)
	for _, said := range []string{"Someone else has saved settings meanwhile.", "Rows that differ", "Lead.Title",
		`"write":"overwrite"`, "Lead.FirstName", "no row"} {
		require.Contains(t, page, said)
	}
	s.press(page, "save", nil)
	settings, _, err := f.Settings(t.Context(), "acme")
	require.NoError(t, err)
	require.Equal(t, "Theirs", settings.LeadSource, "what they changed elsewhere stays")
	require.Equal(t, mapping.Default().Sections[0].Rules[1:], settings.Mapping.Sections[0].Rules)
}

func TestAMappingIsTriedWithoutWriting(t *testing.T) {
	t.Parallel()
	s, f := newConnected(t, nil)
	page := s.get("/mapping")
	s.org.ResetLog()
	tried := s.press(page, "try", url.Values{"lead": {"1"}})
	require.Contains(t, tried, "1 record would be written.")
	require.Contains(t, rowOfChange(t, tried, "Title"), "Analyst")
	changed := s.press(page, "apply:1:3", url.Values{"field": {"Title"}, "source": {"company"}, "write": {"overwrite"}})
	tried = s.press(changed, "try", url.Values{"lead": {"1"}})
	require.Contains(t, rowOfChange(t, tried, "Title"), "Engines")
	require.Contains(t, rowOfChange(t, tried, "Title"), "overwrite, from company")
	require.Contains(t, tried, "Not saved yet")
	for _, r := range s.org.Requests() {
		require.Zero(t, r.Writes)
	}
	require.Nil(t, savedMapping(t, f))
	require.Equal(t, leadsync.PreSync, s.entry("ada").Stage)
	require.Contains(t, s.press(page, "try", url.Values{"lead": {"99"}}), "Choose a lead")
	require.Contains(t, s.press(page, "try", url.Values{"lead": {"3"}}), "Company", "a lead that would fail says why")
}

// rowOfChange returns the row of a field in what would be written.
func rowOfChange(t *testing.T, page, field string) string {
	t.Helper()
	_, after, found := strings.Cut(page, "<td>"+field+"</td>")
	require.True(t, found, field)
	row, _, _ := strings.Cut(after, "</tr>")
	return row
}

func TestATableOfAnObjectOfTheOrgIsAdded(t *testing.T) {
	t.Parallel()
	s, f := newConnected(t, nil)
	s.org.AddExternalID("Opportunity")
	page := s.press(s.get("/mapping"), "section", url.Values{"object": {"opportunity"}})
	require.Contains(t, page, "key LeadsyncKey__c")
	require.Contains(t, page, "StageName")
	require.Contains(t, page, "is required in the org, and no row fills it.")
	at := regexp.MustCompile(`value="key:(\d+)"`).FindStringSubmatch(page)[1]
	page = s.press(page, "key:"+at, url.Values{"key": {"LeadsyncKey__c"}, "lookup": {"AccountId|account"}})
	require.Contains(t, page, `value="AccountId|account" checked`)
	page = s.press(page, "drop:"+at, nil)
	require.NotContains(t, page, "StageName")
	unknown := s.press(page, "section", url.Values{"object": {"Nothing__c"}})
	require.Contains(t, unknown, "The org has no such object")
	require.Nil(t, savedMapping(t, f))
}

func TestTheMappingIsEditedBeforeAnOrgIsConnected(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	s := serveFleet(t, f, nil)
	page := s.get("/c/acme/mapping")
	require.Contains(t, page, "What the org's fields are is not known.")
	form := draftOf(t, page, "remove:0:0")
	status, page := s.send("/c/acme/mapping", form)
	require.Equal(t, http.StatusOK, status)
	require.Contains(t, page, "Not saved yet")
}

func TestTheOrgIsAskedOnceForManyPages(t *testing.T) {
	t.Parallel()
	s, _ := newConnected(t, nil)
	page := s.get("/mapping")
	s.org.ResetLog()
	s.get("/mapping")
	require.Empty(t, s.org.Requests())
	s.press(page, "read", nil)
	require.Len(t, s.org.Requests(), 1)
}

func TestRedactedMappingsHaveNoSamples(t *testing.T) {
	t.Parallel()
	s, _ := newConnected(t, &dashboard.Options{Redact: true})
	page := s.press(s.get("/mapping"), "try", url.Values{"lead": {"1"}})
	require.NotContains(t, page, "Analyst")
	require.NotContains(t, page, "Lovelace")
	require.Contains(t, page, "values are not shown")
}

func TestTheMappingOfAReaderHasNoForms(t *testing.T) {
	t.Parallel()
	s, _ := newConnected(t, &dashboard.Options{ReadOnly: true})
	page := s.get("/mapping")
	require.Contains(t, rowFor(t, page, "Title"), "such as Analyst")
	require.NotContains(t, page, `name="do"`)
	status, _ := s.post("/mapping", url.Values{"do": {"save"}, "revision": {"0"}})
	require.Equal(t, http.StatusForbidden, status)
}

// An ownMapper is code of a host's.
type ownMapper struct{}

func (ownMapper) Objects() []salesforce.Object      { return []salesforce.Object{"Lead"} }
func (ownMapper) Fields(salesforce.Object) []string { return []string{"LastName"} }
func (ownMapper) Map(lead *leadsync.Lead, _ mapping.Target) (salesforce.Fields, []leadtype.Warning, error) {
	return salesforce.Fields{"LastName": lead.LastName}, nil, nil
}

func TestRowsOfTheHostAreThoseThatAreEdited(t *testing.T) {
	t.Parallel()
	rows := &mapping.Mapping{Sections: []mapping.Section{{Object: "Lead",
		Rules: []mapping.Rule{{Source: "email", Field: "Description"}}}}}
	s, _ := newConnected(t, nil, func(c *fleet.Config) { c.Base.Mapper = rows })
	page := s.press(s.get("/mapping"), "edit:0:0", nil)
	require.Contains(t, page, `name="field" value="Description"`)
	s.press(page, "clear:0", nil)
	require.Len(t, rows.Sections[0].Rules, 1, "the host's are left alone")

	s, _ = newConnected(t, nil, func(c *fleet.Config) { c.Base.Mapper = ownMapper{} })
	require.Contains(t, s.get("/mapping"), "The host maps by code of its own.")
}

func FuzzStepsOfTheMappingAreAnsweredWhole(f *testing.F) {
	for _, do := range []string{"edit:0:0", "look:0:3", "apply:9:9", "key:0", "section", "save", "add:0::X", "clear:0"} {
		f.Add(do, `{"version":1,"objects":[{"object":"Lead","rules":[{"field":"X"}]}]}`, "field", "Later__c")
	}
	f.Add("apply:0:0", `{"objects":[{"object":"","rules":null}]}`, "from", "\x00")
	fuzzed, _ := newConnected(f, nil)
	token := tokenInput.FindStringSubmatch(fuzzed.get("/mapping"))[1]
	f.Fuzz(func(t *testing.T, do, draft, name, value string) {
		s := *fuzzed
		s.t = t
		form := url.Values{name: {value}, "to": {value}}
		form.Set("do", do)
		form.Set("mapping", draft)
		form.Set("revision", "0")
		form.Set("token", token)
		status, text := s.send("/mapping", form)
		require.Less(t, status, http.StatusInternalServerError, text)
	})
}

func TestATableIsAddedWhateverTheOrgSaysOfItsObject(t *testing.T) {
	t.Parallel()
	s, f := newConnected(t, nil)
	page := s.press(s.get("/mapping"), "section", url.Values{"object": {"My Visits"}})
	require.Contains(t, page, "is not the API name of an object")
	require.NotContains(t, page, "What the org&#39;s fields are is not known.")

	require.NoError(t, f.By("ada").Disconnect(t.Context(), "acme"))
	page = s.press(s.get("/mapping"), "section", url.Values{"object": {"Visit__c"}})
	require.Contains(t, page, "Visit__c")
	require.Nil(t, savedMapping(t, f))
}

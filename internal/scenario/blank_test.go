// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// blanks are cells that mean nothing, in the words of the tools that wrote them. Before
// there was the rule they were written over people's titles, phone numbers and cities.
func blanks() []string {
	return []string{"null", "NULL", "--", "-", "N/A", "n/a", "undefined",
		"None", "#N/A", "nan", "(blank)", "\\N", ".", "unknown", "unbekannt",
		"k.A.", "#BEZUG!", "#DIV/0!", "\u200b", "\ufeff", "\u00ad", "\u200e\u200f",
		"???", "(null)", "--None--", "TBD", "不明", "нет данных", "Ｎ／Ａ",
		"Please select", "-- Select --", "Bitte wählen…", "Sélectionnez un pays", "请选择"}
}

func TestTextThatStandsForNoValueReplacesNone(t *testing.T) {
	t.Parallel()
	for i, blank := range blanks() {
		t.Run(fmt.Sprintf("%q", blank), func(t *testing.T) {
			t.Parallel()
			org := sftest.NewOrg(t)
			before := map[string]any{"FirstName": "Jo", "LastName": "Doe", "Company": "Acme", "Email": "jo@acme.example",
				"Title": "CFO", "Phone": "+1 555 0100", "MobilePhone": "+1 555 0101", "Website": "acme.example",
				"City": "Oslo", "Street": "Gate 1", "Industry": "Banking", "NumberOfEmployees": 50, "Description": "Likes tea."}
			id := org.Insert("Lead", before)
			syncer := scenario.SyncerOf(t, org, nil)
			lead := &leadsync.Lead{ID: leadsync.LeadID(fmt.Sprint("n", i)),
				FirstName: "Jo", LastName: "Doe", Email: "jo@acme.example",
				Company: blank, JobTitle: blank, Phone: blank, MobilePhone: blank, Website: blank, City: blank, Street: blank,
				Industry: blank, CompanySize: blank, Notes: blank}
			out := scenario.SyncOne(t, syncer, lead)
			require.Equal(t, leadsync.Unchanged, out.Action)
			row := org.Row("Lead", id)
			for name, v := range before {
				require.EqualValues(t, v, row[name], name)
			}
			notes := make(map[string]bool)
			for _, w := range out.Warnings {
				require.Equal(t, leadtype.BlankText, w.Kind, w.String())
				require.NotContains(t, w.Reason, blank+"\"")
				notes[w.Field] = true
			}
			if seen := i < 18 || i > 21; seen {
				require.True(t, notes["Title"] && notes["Phone"] && notes["NumberOfEmployees"] && notes["Description"],
					out.Warnings)
			} else {
				require.Empty(t, notes, "nothing that a reader sees was dropped")
			}
		})
	}
}

// TestAddressKeepsItsPartsBesideAPromptOfAForm: the country that nobody chose is no other
// country, and the option that has the words of a prompt is chosen.
func TestAddressKeepsItsPartsBesideAPromptOfAForm(t *testing.T) {
	t.Parallel()
	for i, prompt := range []string{"Select a country", "Please select", "Bitte wählen", "Choose an option", "選択してください"} {
		for _, picklists := range []bool{false, true} {
			var countries []sftest.Option
			if picklists {
				countries = append(countries, sftest.WithCountries(sftest.Country{Code: "NO", Label: "Norway"}))
			}
			org := sftest.NewOrg(t, countries...)
			org.DefineField("Lead", sftest.Field{Name: "Topic__c", Type: "picklist", Restricted: true,
				Options: []string{prompt}})
			m := withRow(mapping.Rule{Source: "custom.topic", Field: "Topic__c"})
			out := scenario.SyncOne(t, scenario.SyncerOf(t, org, &leadsync.Config{Mapper: m}), &leadsync.Lead{
				ID: leadsync.LeadID(fmt.Sprint(i)), LastName: "Doe", Company: "Acme", Email: "jo@acme.example", City: "Oslo",
				State: prompt, Country: prompt, Custom: map[string]any{"topic": prompt}})
			row := org.Row("Lead", string(out.ID))
			require.Equal(t, "Oslo", row["City"], prompt)
			require.Nil(t, row["Country"], prompt)
			require.Nil(t, row["State"], prompt)
			require.Equal(t, prompt, row["Topic__c"])
			for _, w := range out.Warnings {
				require.Equal(t, leadtype.BlankText, w.Kind, w.String())
			}
			require.Len(t, out.Warnings, 2)
		}
	}
}

// A person is not looked up by an address, nor a company by a name, that stands for none;
// and what is stored stays as it was captured.
func TestTextThatStandsForNoValueFindsNobody(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	other := org.Insert("Account", map[string]any{"Name": "Unknown"})
	org.Insert("Account", map[string]any{"Name": "n/a"})
	syncer := scenario.SyncerOf(t, org, &leadsync.Config{Strategy: leadsync.AccountsAndContacts})
	leads := []*leadsync.Lead{
		{ID: "a", FirstName: "Ada", LastName: "Lovelace", Email: "n/a", Company: "unknown", ContactID: "null"},
		{ID: "b", FirstName: "Bea", LastName: "Miller", Email: "N/A", Company: "Unknown", Website: "#N/A"},
	}
	planned, err := syncer.Plan(t.Context(), leads...)
	require.NoError(t, err)
	for _, lead := range planned.Leads {
		for _, p := range lead.Trace.Probes {
			require.True(t, p.Skipped != "" || p.Key != "", "%s.%s is probed", p.Object, p.Field)
		}
	}
	require.Equal(t, "n/a", leads[0].Email)
	outcomes, _ := syncer.Sync(t.Context(), leads...)
	for i, out := range outcomes {
		require.NotEqual(t, salesforce.ID(other).ID18(), out.AccountID.ID18())
		if out.ID != "" {
			require.NotEqual(t, outcomes[1-i].ID, out.ID, "two people, whatever their address says")
		}
	}
	store := scenario.SyncerOf(t, sftest.NewOrg(t), nil)
	_, err = store.Capture(t.Context(), &leadsync.Lead{ID: "a", LastName: "Doe", Email: "n/a", Company: "-"})
	require.NoError(t, err)
	kept := scenario.StoredIn(t, store)[0].Lead
	require.Equal(t, "n/a", kept.Email)
	require.Equal(t, "-", kept.Company)
}

// Words are values where they are the name of a person, a country, an option, or an answer
// that is mapped.
func TestWordsThatAreValues(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	org.DefineField("Lead", sftest.Field{Name: "Tier__c", Type: "picklist", Restricted: true,
		Options: []string{"None", "Gold"}})
	org.DefineField("Lead", sftest.Field{Name: "Need__c", Type: "picklist", Restricted: true,
		Options: []string{"No need", "Urgent"}})
	org.DefineField("Lead", sftest.Field{Name: "Plain__c", Type: "string", Length: 80})
	m := leadsync.DefaultMapping()
	m.Sections[0].Rules = append(m.Sections[0].Rules,
		leadsync.Rule{Source: "custom.tier", Field: "Tier__c"}, leadsync.Rule{Source: "custom.tier", Field: "Plain__c"})
	cfg := &leadsync.Config{Mapper: m, Qualifiers: []leadsync.Qualifier{{Name: "Need",
		Fields:  map[salesforce.Object]string{"Lead": "Need__c"},
		Options: map[string]string{"None": "No need", "n/a": "No need"}}}}
	syncer := scenario.SyncerOf(t, org, cfg)
	out := scenario.SyncOne(t, syncer, &leadsync.Lead{ID: "1", FirstName: "Kim", LastName: "Na", Company: "Acme",
		Country: "NA", State: "NA",
		Custom: map[string]any{"tier": "none"}, Answers: map[string][]string{"Need": {"none"}}})
	row := org.Row("Lead", string(out.ID))
	require.Equal(t, "Na", row["LastName"])
	require.Equal(t, "NA", row["Country"])
	require.Equal(t, "None", row["Tier__c"])
	require.Equal(t, "No need", row["Need__c"])
	require.Nil(t, row["Plain__c"], "a word in a text field is none")

	for _, lead := range []*leadsync.Lead{
		{ID: "2", FirstName: "null", LastName: "Null", Company: "Acme"}, {ID: "3", LastName: "none", Company: "Acme"},
		{ID: "4", FirstName: "-", LastName: "unknown", Company: "Acme"},
		{ID: "5", FirstName: "Jo", LastName: "n/a", Company: "Acme"},
	} {
		_, err := syncer.Sync(t.Context(), lead)
		require.ErrorIs(t, err, leadsync.RequiredFieldMissing, "%+v", lead)
	}
}

// Control: without the words of the mapping the same cells are written.
func TestBlankTextsReplaceTheShippedWords(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		words []string
		title string
		want  any
	}{
		{nil, "unknown", nil}, {[]string{}, "unknown", "unknown"}, {[]string{"walk in"}, "unknown", "unknown"},
		{[]string{"walk in"}, "Walk  In.", nil}, {[]string{}, "n/a", nil},
	} {
		org := sftest.NewOrg(t)
		m := leadsync.DefaultMapping()
		m.BlankTexts = tc.words
		syncer := scenario.SyncerOf(t, org, &leadsync.Config{Mapper: m})
		out := scenario.SyncOne(t, syncer, &leadsync.Lead{ID: "1", LastName: "Doe", Company: "Acme", JobTitle: tc.title})
		require.Equal(t, tc.want, org.Row("Lead", string(out.ID))["Title"], "%v %q", tc.words, tc.title)
	}
}

// A host's own Mapper and Strategy get the lead without such texts.
func TestOwnMapperGetsNoTextThatStandsForNoValue(t *testing.T) {
	t.Parallel()
	set := mapping.NewSet(mapping.Config{})
	lead := &leadtype.Lead{ID: "1", FirstName: "N/A", LastName: "Doe",
		Email: "none", OtherEmails: []string{"-", "a@b.example"},
		Company: "null", Phone: "n/a", Website: "#REF!", ContactID: "null", JobTitle: "none"}
	clean := set.Clean(lead)
	require.Equal(t, &leadtype.Lead{ID: "1", LastName: "Doe", OtherEmails: []string{"a@b.example"}, JobTitle: "none"},
		clean)
	require.Equal(t, "null", lead.Company, "the lead of the host is not changed")
	require.Same(t, clean, set.Clean(clean))
}

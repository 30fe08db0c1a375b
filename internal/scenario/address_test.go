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
	"github.com/leadsync/leadsync/revert"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// manyCountries are State and Country/Territory picklists of an org, in its own words.
func manyCountries() sftest.Option {
	return sftest.WithCountries(
		sftest.Country{Code: "US", Label: "United States", Integration: "USA", States: []sftest.State{
			{Code: "CA", Label: "California"}, {Code: "FL", Label: "Florida"}, {Code: "WA", Label: "Washington"},
			{Code: "DC", Label: "District of Columbia"}}},
		sftest.Country{Code: "CA", Label: "Canada", States: []sftest.State{{Code: "BC", Label: "British Columbia"},
			{Code: "QC", Label: "Quebec"}}},
		sftest.Country{Code: "AU", Label: "Australia", States: []sftest.State{{Code: "WA", Label: "Western Australia"}}},
		sftest.Country{Code: "UY", Label: "Uruguay", States: []sftest.State{{Code: "FD", Label: "Florida"}}},
		sftest.Country{Code: "IT", Label: "Italy", States: []sftest.State{{Code: "CA", Label: "Cagliari"}, {Code: "MI",
			Label: "Milan"}}},
		sftest.Country{Code: "KR", Label: "Korea, Republic of"}, sftest.Country{Code: "CZ", Label: "Czech Republic"},
		sftest.Country{Code: "CI", Label: "Cote d'Ivoire"}, sftest.Country{Code: "RU", Label: "Russian Federation"},
		sftest.Country{Code: "TR", Label: "Turkey"}, sftest.Country{Code: "NL", Label: "Netherlands"},
		sftest.Country{Code: "NA", Label: "Namibia"}, sftest.Country{Code: "NO", Label: "Norway"},
		sftest.Country{Code: "DE", Label: "Germany"}, sftest.Country{Code: "GB", Label: "United Kingdom"},
		sftest.Country{Code: "FR", Label: "France", Inactive: true},
	)
}

// overwriting is the default mapping with addresses that overwrite.
func overwriting() *leadsync.Mapping { return withAddresses(mapping.Overwrite) }

func withAddresses(write mapping.WriteRule) *leadsync.Mapping {
	m := leadsync.DefaultMapping()
	for _, section := range m.Sections {
		for i := range section.Rules {
			switch rule := &section.Rules[i]; rule.Source {
			case "street", "city", "state", "postalCode", "country":
				rule.Write = write
			}
		}
	}
	return m
}

// Before, such an org refused the lead, with FIELD_INTEGRITY_EXCEPTION, unless the text was
// exactly the label.
func TestCountriesAndStatesAreWrittenAsTheOrgHasThem(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t, manyCountries())
	syncer := scenario.SyncerOf(t, org, nil)
	var leads []*leadsync.Lead
	cases := []struct{ country, state, wantCountry, wantState string }{
		{"United States", "California", "US", "CA"}, {"USA", "Calif.", "US", "CA"}, {"us", "ca", "US", "CA"},
		{"Vereinigte Staaten", "Kalifornien", "US", "CA"}, {"", "California", "US", "CA"}, {"", "CA", "", ""},
		{"Uruguay", "Florida", "UY", "FD"}, {"United States", "Florida", "US", "FL"}, {"", "Florida", "", ""},
		{"Australia", "WA", "AU", "WA"}, {"AUS", "Western Australia", "AU", "WA"}, {"Canada", "B.C.", "CA", "BC"},
		{"Kanada", "Québec", "CA", "QC"}, {"Italia", "Milano", "IT", "MI"}, {"Italy", "CA", "IT", "CA"},
		{"Germany", "Bayern", "DE", ""}, {"Deutschland", "", "DE", ""}, {"UK", "", "GB", ""}, {"England", "Kent", "GB", ""},
		{"South Korea", "", "KR", ""}, {"Czechia", "", "CZ", ""}, {"Côte d’Ivoire", "", "CI", ""}, {"Россия", "", "RU", ""},
		{"Türkiye", "", "TR", ""}, {"Holland", "", "NL", ""}, {"NA", "", "NA", ""}, {"NO", "", "NO", ""},
		{"France", "", "", ""}, {"Atlantis", "", "", ""},
	}
	for i, tc := range cases {
		leads = append(leads, &leadsync.Lead{ID: leadsync.LeadID(fmt.Sprint("L", i)), FirstName: "Jo", LastName: "Doe",
			Email: fmt.Sprintf("jo%d@acme%d.example", i, i), Company: fmt.Sprint("Acme ", i), City: "Town",
			State: tc.state, Country: tc.country})
	}
	outcomes := syncAll(t, syncer, leads...)
	for i, tc := range cases {
		name := fmt.Sprintf("%s, %s", tc.state, tc.country)
		require.Equal(t, leadsync.Cleared, outcomes[i].Stage, name)
		row := org.Row("Lead", string(outcomes[i].ID))
		text := func(field string) string { s, _ := row[field].(string); return s }
		require.Equal(t, []string{tc.wantCountry, tc.wantState}, []string{text("CountryCode"), text("StateCode")}, name)
		understood := (tc.state == "" || tc.wantState != "") && (tc.country == "" || tc.wantCountry != "")
		kinds := kindsOf(outcomes[i])
		require.Equal(t, understood, len(kinds) == 0, "%s: %v", name, outcomes[i].Warnings)
		if !understood {
			require.Equal(t, []leadtype.WarningKind{leadtype.Unfit}, kinds, name)
		}
	}
	for i, o := range syncAll(t, syncer, leads...) {
		require.Equal(t, leadsync.Unchanged, o.Action, cases[i])
	}
}

func kindsOf(o *leadsync.Outcome) (kinds []leadtype.WarningKind) {
	for _, w := range o.Warnings {
		if w.Kind != leadtype.NotIdentifiable {
			kinds = append(kinds, w.Kind)
		}
	}
	return kinds
}

// Before, the town went into the address of another: Berlin, DC 20005, Germany.
func TestAddressIsReplacedWithItsBeforeImages(t *testing.T) {
	t.Parallel()
	for name, options := range map[string][]sftest.Option{"texts": nil, "codes": {manyCountries()}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			org := sftest.NewOrg(t, options...)
			washington := map[string]any{"LastName": "Gibson", "Email": "pia@acme.example", "MailingStreet": "123 Main Street",
				"MailingCity": "Washington", "MailingState": "District of Columbia", "MailingPostalCode": "20005",
				"MailingCountry": "USA"}
			contact := org.Insert("Contact", washington)
			state := map[string]string{"texts": "MailingState", "codes": "MailingStateCode"}[name]
			before := org.Row("Contact", contact)
			syncer := scenario.SyncerOf(t, org, &leadsync.Config{Mapper: overwriting()})
			lead := &leadsync.Lead{ID: "a", LastName: "Gibson", Email: "pia@acme.example", Company: "Acme", City: "Berlin",
				Country: "Deutschland"}

			o := scenario.SyncOne(t, syncer, lead)
			require.Equal(t, leadsync.Unchanged, o.Action)
			require.Equal(t, []leadtype.WarningKind{leadtype.AddressContradicts}, kindsOf(o))
			require.Equal(t, before["MailingCity"], org.Row("Contact", contact)["MailingCity"])

			lead.Street = "Unter den Linden 1"
			outcomes := syncAll(t, syncer, lead)
			row := org.Row("Contact", contact)
			require.Equal(t, []any{"Unter den Linden 1", "Berlin", nil, nil}, []any{row["MailingStreet"], row["MailingCity"],
				row["MailingState"], row["MailingPostalCode"]})
			require.Contains(t, []any{"Germany", "Deutschland"}, row["MailingCountry"])
			cleared := map[string]any{}
			for _, change := range outcomes[0].Parts[0].Changes {
				if change.After == nil {
					cleared[change.Field] = change.Before
				}
			}
			require.Equal(t, map[string]any{state: before[state], "MailingPostalCode": "20005"}, cleared)
			require.Equal(t, leadsync.Unchanged, scenario.SyncOne(t, syncer, lead).Action)

			revertAll(t, syncer, outcomes, revert.Options{})
			row = org.Row("Contact", contact)
			for _, field := range []string{"Street", "City", "State", "PostalCode", "Country"} {
				require.Equal(t, before["Mailing"+field], row["Mailing"+field])
			}
		})
	}
}

func TestRevertLeavesAnAddressOfWhichAPartWasChanged(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	contact := org.Insert("Contact", map[string]any{"LastName": "Gibson", "Email": "pia@acme.example", "Title": "CTO",
		"MailingStreet": "123 Main Street", "MailingCity": "Washington", "MailingCountry": "USA"})
	m := overwriting()
	for _, section := range m.Sections {
		for i := range section.Rules {
			if section.Rules[i].Source == "jobTitle" {
				section.Rules[i].Write = mapping.Overwrite
			}
		}
	}
	syncer := scenario.SyncerOf(t, org, &leadsync.Config{Mapper: m})
	outcomes := syncAll(t, syncer, &leadsync.Lead{ID: "a", LastName: "Gibson", Email: "pia@acme.example", Company: "Acme",
		JobTitle: "CEO", Street: "Unter den Linden 1", City: "Berlin", Country: "Germany"})
	org.Update("Contact", contact, map[string]any{"MailingStreet": "Unter den Linden 3"})

	report := revertAll(t, syncer, outcomes, revert.Options{})

	row := org.Row("Contact", contact)
	require.Equal(t, []any{"CTO", "Unter den Linden 3", "Berlin", "Germany"},
		[]any{row["Title"], row["MailingStreet"], row["MailingCity"], row["MailingCountry"]})
	var left []string
	for _, l := range report.Left {
		left = append(left, l.Err.Fields...)
	}
	require.ElementsMatch(t, []string{"MailingStreet", "MailingCity", "MailingCountry"}, left)
}

func TestLeadsOfOneNewPersonGiveOneAddress(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t, manyCountries())
	syncer := scenario.SyncerOf(t, org, &leadsync.Config{Mapper: overwriting()})
	lead := func(id leadsync.LeadID, street, city, state, country string) *leadsync.Lead {
		return &leadsync.Lead{ID: id, FirstName: "Ada", LastName: "Lovelace", Email: "ada@analytical.example",
			Company: "Analytical Engines Ltd", Street: street, City: city, State: state, Country: country}
	}
	outcomes := syncAll(t, syncer, lead("1", "", "Los Angeles", "CA", "USA"), lead("2", "", "Vancouver", "BC", "Canada"),
		lead("3", "1 Robson Street", "Vancouver", "", ""), lead("4", "", "Berlin", "", "DE"))
	row := org.Row("Lead", string(outcomes[0].ID))
	require.Equal(t, []any{"1 Robson Street", "Vancouver", "BC", "CA"},
		[]any{row["Street"], row["City"], row["StateCode"], row["CountryCode"]})
	require.Equal(t, []leadtype.WarningKind{leadtype.AddressContradicts}, kindsOf(outcomes[3]))
}

func TestAddressOfAnAccountIsItsOwn(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t, manyCountries())
	account := org.Insert("Account", map[string]any{"Name": "Acme", "BillingCity": "Los Angeles"})
	blank := org.Insert("Account", map[string]any{"Name": "Blank"})
	syncer := scenario.SyncerOf(t, org, &leadsync.Config{Strategy: leadsync.AccountsAndContacts})
	lead := func(id leadsync.LeadID, company string) *leadsync.Lead {
		return &leadsync.Lead{ID: id, LastName: "Doe", FirstName: string(id), Email: string(id) + "@gmail.com",
			Company: company,
			City:    "Berlin", Country: "DE", CompanyCity: "Los Angeles", CompanyPostalCode: "90012", CompanyCountry: "USA"}
	}
	outcomes := syncAll(t, syncer, lead("a", "Acme"), lead("b", "Blank"))
	for _, o := range outcomes {
		contact := org.Row("Contact", string(o.ID))
		require.Equal(t, []any{"Berlin", nil, "DE"},
			[]any{contact["MailingCity"], contact["MailingPostalCode"], contact["MailingCountryCode"]})
		require.Empty(t, kindsOf(o))
	}
	row := org.Row("Account", account)
	require.Equal(t, []any{"Los Angeles", nil, nil}, []any{row["BillingCity"], row["BillingPostalCode"],
		row["BillingCountry"]})
	row = org.Row("Account", blank)
	require.Equal(t, []any{"90012", "USA"}, []any{row["BillingPostalCode"], row["BillingCountry"]})
}

func TestAddressFollowsItsLeadUntilAUserChangesAPart(t *testing.T) {
	t.Parallel()
	for name, options := range map[string][]sftest.Option{"texts": nil, "codes": {manyCountries()}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			org := sftest.NewOrg(t, options...)
			syncer := scenario.SyncerOf(t, org, &leadsync.Config{Mapper: withAddresses(mapping.UnlessEdited)})
			lead := scenario.Ada()
			sync := func(street, city, state, code, country string) *leadsync.Outcome {
				lead.Street, lead.City, lead.State, lead.PostalCode, lead.Country = street, city, state, code, country
				return scenario.SyncOne(t, syncer, lead)
			}
			o := sync("1 Pine St", "Los Angeles", "California", "90012", "USA")
			id := string(o.ID)

			o = sync("1 Robson Street", "Vancouver", "British Columbia", "", "Canada")
			require.Equal(t, leadsync.Updated, o.Action, "its own address is replaced")
			require.Empty(t, kindsOf(o))
			row := org.Row("Lead", id)
			require.Equal(t, []any{"1 Robson Street", "Vancouver", "British Columbia", nil, "Canada"},
				[]any{row["Street"], row["City"], row["State"], row["PostalCode"], row["Country"]})

			o = sync("1 Robson St.", "Vancouver", "B.C.", "V6B 2A9", "Canada")
			require.Empty(t, kindsOf(o))
			require.Equal(t, leadsync.Updated, o.Action, "a part that it lacked, which nobody has emptied")
			require.Equal(t, "V6B 2A9", org.Row("Lead", id)["PostalCode"])

			org.Update("Lead", id, map[string]any{"Street": "3 Robson Street"})
			o = sync("Unter den Linden 1", "Berlin", "", "10117", "Germany")
			require.Equal(t, leadsync.Unchanged, o.Action)
			require.Equal(t, []leadtype.WarningKind{leadtype.KeptEdited}, kindsOf(o))
			org.Update("Lead", id, map[string]any{"PostalCode": nil})
			o = sync("3 Robson Street", "Vancouver", "BC", "V6B 2A9", "Canada")
			require.Equal(t, leadsync.Unchanged, o.Action)
			require.Equal(t, []leadtype.WarningKind{leadtype.KeptCleared}, kindsOf(o))
		})
	}
}

// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// Sizes of companies as event apps, LinkedIn and spreadsheets have them. Before, 5.000 was
// 5, 2.5M was 2, "> 500" was 500 and 01.10.2026 was 1.
func TestCompanySizesAreReadWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	syncer := scenario.SyncerOf(t, org, nil)
	sizes := map[string]any{"51-200": 51, "1,001-5,000 employees": 1001, "5000": 5000, "10 000": 10000, "5.000": 5000,
		"1.001-5.000 Mitarbeiter": 1001, "10.000+": 10000, "1.000.000": 1000000,
		"10k": 10000, "1K-5K": 1000, "10+": 10, "1–10": 1, "２００": 200,
		"50 to 99": 50, "11 - 50": 11, "1 234 employés": 1234, "12万人": 120000, "2,5 Tsd.": 2500,
		"2.5M": nil, "> 500": nil, "<50": nil, "Self-employed": nil,
		"Enterprise": nil, "Nov 50": nil, "10-Jan": nil, "01.10.2026": nil,
		"2026-01-10 00:00:00": nil, "1.23E+05": nil, "1-10 (since 2019)": nil,
		"about 500": nil, "0.125": nil, "1.234,5": nil, "$500": nil, "1-5K": nil,
		"-": nil, "N/A": nil, "unknown": nil}
	i := 0
	var leads []*leadsync.Lead
	for size := range sizes {
		i++
		leads = append(leads, &leadsync.Lead{ID: leadsync.LeadID(fmt.Sprint("L", i)), LastName: "Doe", Company: "Acme",
			Email: fmt.Sprintf("p%d@acme.example", i), CompanySize: size})
	}
	outcomes, err := syncer.Sync(t.Context(), leads...)
	require.NoError(t, err)
	for i, out := range outcomes {
		size := leads[i].CompanySize
		got := org.Row("Lead", string(out.ID))["NumberOfEmployees"]
		if want := sizes[size]; want != nil {
			require.EqualValues(t, want, got, size)
			require.Empty(t, out.Warnings, size)
			continue
		}
		require.Nil(t, got, size)
		require.Len(t, out.Warnings, 1, size)
		require.Contains(t, []leadtype.WarningKind{leadtype.Unfit, leadtype.BlankText}, out.Warnings[0].Kind, size)
		require.Equal(t, "NumberOfEmployees", out.Warnings[0].Field, size)
	}
	again, err := syncer.Sync(t.Context(), leads...)
	require.NoError(t, err)
	for _, out := range again {
		require.Equal(t, leadsync.Unchanged, out.Action)
	}
}

// What a person knows more exactly than a range says stays, without a word.
func TestNumberWithinARangeStays(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		size string
		rule mapping.Range
		now  int
		want any
	}{
		{"51-200", mapping.RangeLow, 120, 120}, {"51-200", mapping.RangeUnfit, 120, 120},
		{"51-200", mapping.RangeLow, 200, 200},
		{"51-200", mapping.RangeLow, 201, 51}, {"51-200", mapping.RangeHigh, 50, 200}, {"51-200", mapping.RangeMid, 50, 125},
		{"10,000+", mapping.RangeLow, 25000, 25000}, {"10,000+", mapping.RangeHigh, 500, 10000},
		{"51-200", "", 7, 7}, {"100", mapping.RangeLow, 120, 100},
	} {
		org := sftest.NewOrg(t)
		id := org.Insert("Lead", map[string]any{"LastName": "Doe", "Company": "Acme",
			"Email": "a@acme.example", "NumberOfEmployees": tc.now})
		m := &mapping.Mapping{Sections: []mapping.Section{{Object: "Lead", Rules: []mapping.Rule{
			{Source: "lastName", Field: "LastName"}, {Source: "company", Field: "Company"},
			{Source: "companySize", Field: "NumberOfEmployees", Range: tc.rule, Unfit: mapping.Skip}}}}}
		out := scenario.SyncOne(t, scenario.SyncerOf(t, org, &leadsync.Config{Mapper: m}),
			&leadsync.Lead{ID: "1", LastName: "Doe", Company: "Acme", Email: "a@acme.example", CompanySize: tc.size})
		require.EqualValues(t, tc.want, org.Row("Lead", id)["NumberOfEmployees"], "%+v", tc)
		if tc.want == any(tc.now) && tc.rule != "" {
			require.Empty(t, out.Warnings)
			require.Equal(t, leadsync.Unchanged, out.Action)
		}
	}
}

func TestAmountsAreOfTheOrgsCurrencyOrUnfit(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		currency, locale, revenue string
		want                      any
	}{
		{"", "", "$2.5M", 2500000}, {"", "", "€2.5M", nil},
		{"EUR", "", "€2.5M", 2500000}, {"EUR", "", "$2.5M", nil}, {"", "", "2.5M", nil},
		{"", "", "5 Mio.", 5000000}, {"", "", "1.234", nil}, {"", "de", "1.234", 1234},
		{"", "", "1,234,567", 1234567}, {"CAD", "", "$5", 5},
		{"", "", "5 %", nil}, {"", "", "1-5 million", nil}, {"", "", "USD 12 million", 12000000},
	} {
		org := sftest.NewOrg(t)
		m := leadsync.DefaultMapping()
		m.Currency, m.NumberLocale = tc.currency, tc.locale
		m.Sections[0].Rules = append(m.Sections[0].Rules,
			mapping.Rule{Source: "companyRevenue", Field: "AnnualRevenue", Unfit: mapping.Skip})
		syncer := scenario.SyncerOf(t, org, &leadsync.Config{Mapper: m})
		out := scenario.SyncOne(t, syncer,
			&leadsync.Lead{ID: "1", LastName: "Doe", Company: "Acme", CompanyRevenue: tc.revenue})
		got := org.Row("Lead", string(out.ID))["AnnualRevenue"]
		if tc.want == nil {
			require.Nil(t, got, "%+v", tc)
			require.Equal(t, leadtype.Unfit, out.Warnings[0].Kind, "%+v", tc)
		} else {
			require.EqualValues(t, tc.want, got, "%+v", tc)
		}
	}
}

// Where an org has several currencies the record's own counts.
func TestAmountsAreOfTheRecordsCurrency(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		record any // the currency of a record that exists
		row    string
		want   any
	}{
		{"EUR", "", 5}, {"USD", "", nil}, {nil, "EUR", 5}, {nil, "USD", nil}, {nil, "", nil}, {"USD", "EUR", 5},
	} {
		org := sftest.NewOrg(t)
		org.DefineField("Lead", sftest.Field{Name: "CurrencyIsoCode", Type: "picklist", Restricted: true,
			Options: []string{"USD", "EUR"}})
		rules := []mapping.Rule{{Source: "lastName", Field: "LastName"},
			{Source: "company", Field: "Company"}, {Source: "email", Field: "Email"},
			{Source: "companyRevenue", Field: "AnnualRevenue", Unfit: mapping.Skip}}
		if tc.row != "" {
			rules = append(rules, mapping.Rule{Constant: tc.row, Field: "CurrencyIsoCode"})
		}
		if tc.record != nil {
			org.Insert("Lead", map[string]any{"LastName": "Doe", "Company": "Acme",
				"Email": "a@acme.example", "CurrencyIsoCode": tc.record})
		}
		m := &mapping.Mapping{Sections: []mapping.Section{{Object: "Lead", Rules: rules}}}
		out := scenario.SyncOne(t, scenario.SyncerOf(t, org, &leadsync.Config{Mapper: m}),
			&leadsync.Lead{ID: "1", LastName: "Doe", Company: "Acme", Email: "a@acme.example", CompanyRevenue: "5 €"})
		require.EqualValues(t, tc.want, org.Row("Lead", string(out.ID))["AnnualRevenue"], "%+v", tc)
	}
}

// A lead that says what its amounts are in gives none to a record in another currency: where
// its currency was left out or kept, the record got the number all the same, in its own. And a
// row's values, its default and what it keeps did not count.
func TestAmountsOfALeadAreNotTakenForAnotherCurrency(t *testing.T) {
	t.Parallel()
	const none = "is an amount in another currency than the record's"
	euro := map[string]string{"Euro": "EUR", "Dollar": "USD"}
	dropping := mapping.Rule{Values: euro, Unmapped: mapping.DropUnmapped}
	for name, tc := range map[string]struct {
		record   any // the currency of a record that exists
		row      mapping.Rule
		currency string // of the lead
		budget   any
		want     any
		is       string // the record's currency then
	}{
		"not in the org":                {nil, mapping.Rule{}, "CHF", "5000", nil, "EUR"},
		"not in the org, a number":      {nil, mapping.Rule{}, "CHF", 5000, nil, "EUR"},
		"not in the org, with its sign": {nil, mapping.Rule{}, "CHF", "CHF 5000", nil, "EUR"},
		"not active":                    {nil, mapping.Rule{}, "gbp", "£5", nil, "EUR"},
		"active":                        {nil, mapping.Rule{}, "usd", "$5", 5, "USD"},
		"another sign":                  {nil, mapping.Rule{}, "USD", "5 €", nil, "USD"},
		"none":                          {nil, mapping.Rule{}, "", "5", 5, "EUR"},
		"by its values":                 {nil, mapping.Rule{Values: euro}, "dollar", "5 $", 5, "USD"},
		"by its values, dropped":        {nil, dropping, "Franc", "5", nil, "EUR"},
		"kept":                          {"EUR", mapping.Rule{Write: mapping.UnlessEdited}, "USD", "5", nil, "EUR"},
		"kept, and the same":            {"USD", mapping.Rule{Write: mapping.UnlessEdited}, "USD", "US$ 5", 5, "USD"},
		"on create only":                {"EUR", mapping.Rule{CreateOnly: true}, "USD", "5", nil, "EUR"},
		"replaced":                      {"EUR", mapping.Rule{}, "USD", "5 $", 5, "USD"},
		"a default that is not written": {"EUR", mapping.Rule{Default: "USD"}, "", "5 €", 5, "EUR"},
		"a default that is":             {nil, mapping.Rule{Default: "USD"}, "", "5 $", 5, "USD"},
		"not looked at":                 {"EUR", mapping.Rule{Write: mapping.Never}, "USD", "5", 5, "EUR"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			org := currencyOrg(t)
			if tc.record != nil {
				org.Insert("Lead", map[string]any{"LastName": "Doe", "Company": "Acme", "Email": "a@acme.example",
					"CurrencyIsoCode": tc.record})
			}
			tc.row.Source, tc.row.Field, tc.row.Unfit = "custom.currency", "CurrencyIsoCode", mapping.Skip
			out := scenario.SyncOne(t, scenario.SyncerOf(t, org, &leadsync.Config{Mapper: budgetIn(tc.row)}),
				&leadsync.Lead{ID: "1", LastName: "Doe", Company: "Acme", Email: "a@acme.example",
					Custom: map[string]any{"currency": tc.currency, "budget": tc.budget}})
			row := org.Row("Lead", string(out.ID))
			require.EqualValues(t, tc.want, row["Budget__c"])
			require.Equal(t, tc.is, row["CurrencyIsoCode"])
			said := slices.ContainsFunc(out.Warnings, func(w leadtype.Warning) bool {
				return w.Kind == leadtype.Unfit && w.Field == "Budget__c" && w.Reason == none
			})
			require.Equal(t, tc.want == nil, said, out.Warnings)
		})
	}
}

// So it is with an answer to a qualifier.
func TestAnsweredAmountsAreNotTakenForAnotherCurrency(t *testing.T) {
	t.Parallel()
	for currency, want := range map[string]any{"EUR": 5, "CHF": nil} {
		org := currencyOrg(t)
		m := leadsync.DefaultMapping()
		m.Sections[0].Rules = append(m.Sections[0].Rules,
			mapping.Rule{Source: "custom.currency", Field: "CurrencyIsoCode", Unfit: mapping.Skip})
		outcomes, _ := scenario.SyncerOf(t, org, &leadsync.Config{Mapper: m, Qualifiers: []leadsync.Qualifier{
			{Name: "Budget", Type: mapping.QualifierNumber, Fields: map[salesforce.Object]string{"Lead": "Budget__c"}}}}).
			Sync(t.Context(), &leadsync.Lead{ID: "1", LastName: "Doe", Company: "Acme", Email: "a@acme.example",
				Custom: map[string]any{"currency": currency}, Answers: map[string][]string{"Budget": {"5"}}})
		if want == nil {
			require.ErrorIs(t, outcomes[0].Err, leadsync.DataValueValidation)
			require.Contains(t, outcomes[0].Err.Error(), "another currency")
			continue
		}
		require.EqualValues(t, want, org.Rows("Lead")[0]["Budget__c"])
	}
}

// currencyOrg is an org with several currencies, whose users have EUR.
func currencyOrg(t *testing.T) *sftest.Org {
	t.Helper()
	org := sftest.NewOrg(t)
	org.DefineField("Lead", sftest.Field{Name: "CurrencyIsoCode", Type: "picklist", Restricted: true, Default: "EUR",
		Options: []string{"USD", "EUR", "GBP"}, Inactive: []string{"GBP"}})
	org.DefineField("Lead", sftest.Field{Name: "Budget__c", Type: "currency", Precision: 18, Scale: 2})
	return org
}

// budgetIn maps a budget beside a row for its currency.
func budgetIn(currency mapping.Rule) *leadsync.Mapping {
	m := leadsync.DefaultMapping()
	m.Sections[0].Rules = append(m.Sections[0].Rules, currency,
		mapping.Rule{Source: "custom.budget", Field: "Budget__c", Unfit: mapping.Skip})
	return m
}

// What JSON has as a number is no text, and never ambiguous.
func TestNumbersOfJSONAreNotAmbiguous(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	org.DefineField("Lead", sftest.Field{Name: "Ratio__c", Type: "double", Precision: 18, Scale: 4})
	m := leadsync.DefaultMapping()
	m.Sections[0].Rules = append(m.Sections[0].Rules, mapping.Rule{Source: "custom.ratio", Field: "Ratio__c"})
	syncer := scenario.SyncerOf(t, org, &leadsync.Config{Mapper: m})
	for i, v := range []any{1.234, json.Number("1.234"), float32(1.234)} {
		lead := &leadsync.Lead{ID: leadsync.LeadID(fmt.Sprint(i)), LastName: "Doe", Company: "Acme",
			Custom: map[string]any{"ratio": v}}
		out := scenario.SyncOne(t, syncer, lead)
		require.InDelta(t, 1.234, org.Row("Lead", string(out.ID))["Ratio__c"], 1e-9)
	}
}

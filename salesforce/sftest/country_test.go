// SPDX-License-Identifier: Apache-2.0

package sftest_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce/sftest"
)

// docs/salesforce.md, Fields and Errors: state and country picklists.
func TestCountriesAndStatesFillInTheirCodes(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t, sftest.WithCountries(
		sftest.Country{
			Code: "US", Label: "United States", Integration: "USA",
			States: []sftest.State{{Code: "CA", Label: "California"}, {Code: "WA", Label: "Washington", Integration: "Wash."}},
		},
		sftest.Country{Code: "AU", Label: "Australia", States: []sftest.State{{Code: "WA", Label: "Western Australia"}}},
		sftest.Country{Code: "DE", Label: "Germany"},
	))
	const (
		country = "There's a problem with this country, even though it may appear correct. Please select a " +
			"country/territory from the list of valid countries.: Country"
		state = "There's a problem with this state, even though it may appear correct. Please select a state from " +
			"the list of valid states.: State/Province"
		unknown  = "The existing country/territory doesn't recognize the state value for field: State/Province Code"
		orphan   = "A country/territory must be specified before specifying a state value for field: State/Province"
		mismatch = "Mismatched integration value and ISO code for field: "
	)
	type want struct{ country, code, state, stateCode any }
	for _, tc := range []struct {
		name    string
		sent    fields
		want    want
		message string
	}{
		{"the label of a country", fields{"Country": "united states"}, want{"USA", "US", nil, nil}, ""},
		{"the integration value of a country", fields{"Country": "USA"}, want{"USA", "US", nil, nil}, ""},
		{"the code of a country", fields{"CountryCode": "de"}, want{"Germany", "DE", nil, nil}, ""},
		{"codes of both", fields{"CountryCode": "US", "StateCode": "WA"}, want{"USA", "US", "Wash.", "WA"}, ""},
		{
			"names of both", fields{"Country": "Australia", "State": "Western Australia"},
			want{"Australia", "AU", "Western Australia", "WA"}, "",
		},
		{
			"name and code that agree",
			fields{"Country": "USA", "CountryCode": "US", "State": "California", "StateCode": "CA"},
			want{"USA", "US", "California", "CA"}, "",
		},
		{"an unknown country", fields{"Country": "Atlantis"}, want{}, country},
		{
			"an unknown country code", fields{"CountryCode": "XX"}, want{},
			"Country Code: bad value for restricted picklist field: XX",
		},
		{"an unknown state", fields{"Country": "USA", "State": "Bavaria"}, want{}, state},
		{"a state code of another country", fields{"Country": "Australia", "StateCode": "CA"}, want{}, unknown},
		{"a country without states", fields{"CountryCode": "DE", "StateCode": "CA"}, want{}, unknown},
		{"a state without a country", fields{"State": "California"}, want{}, orphan},
		{"a state code without a country", fields{"StateCode": "CA"}, want{}, orphan},
		{
			"name and code of different countries", fields{"Country": "Germany", "CountryCode": "US"}, want{},
			mismatch + "Country Code",
		},
		{
			"name and code of different states", fields{"CountryCode": "US", "State": "California", "StateCode": "WA"},
			want{}, mismatch + "State/Province Code",
		},
	} {
		sent := fields{"LastName": "L", "Company": "C"}
		for name, v := range tc.sent {
			sent[name] = v
		}
		res := a.do("POST", "/sobjects/Lead", sent)
		if tc.message != "" {
			require.Equal(t, tc.message, res.at(0, "message"), tc.name)
			continue
		}
		row := org.Row("Lead", res.id())
		require.Equal(t, tc.want, want{row["Country"], row["CountryCode"], row["State"], row["StateCode"]}, tc.name)
	}
	require.Equal(t, "FIELD_INTEGRITY_EXCEPTION",
		a.do("POST", "/sobjects/Lead", `{"LastName":"L","Company":"C","Country":"X"}`).code())
}

func TestCountryOfARowMovesOnlyWithItsState(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t, sftest.WithCountries())
	id := org.Insert("Contact", fields{"LastName": "L", "MailingCountry": "United States", "MailingState": "California"})
	path := "/sobjects/Contact/" + id
	require.Equal(t, "CA", org.Row("Contact", id)["MailingStateCode"])
	res := a.do("PATCH", path, `{"MailingCountryCode":"CA"}`)
	require.Equal(t, "FIELD_INTEGRITY_EXCEPTION", res.code())
	require.Equal(t, []any{"MailingStateCode"}, res.at(0, "fields"))
	require.Equal(t, "FIELD_INTEGRITY_EXCEPTION", a.do("PATCH", path, `{"MailingCountry":null}`).code(),
		"the state would be left alone")
	require.Equal(t, 204, a.do("PATCH", path, `{"MailingCountryCode":"CA","MailingState":"ontario"}`).Status)
	address := a.do("GET", path, nil).at("MailingAddress").(map[string]any)
	require.Equal(t, []any{"Canada", "CA", "Ontario", "ON"},
		[]any{address["country"], address["countryCode"], address["state"], address["stateCode"]})
	require.Equal(t, 204, a.do("PATCH", path, `{"MailingCountryCode":null,"MailingStateCode":null,"LastName":"M"}`).Status)
	require.Nil(t, org.Row("Contact", id)["MailingState"])
}

func TestDescribeShowsCountryCodes(t *testing.T) {
	t.Parallel()
	_, a := newAPI(t, sftest.WithCountries())
	for object, prefixes := range map[string][]string{
		"Lead": {""}, "Contact": {"Mailing", "Other"}, "Account": {"Billing", "Shipping"}, "User": {""},
	} {
		described := a.do("GET", "/sobjects/"+object+"/describe", nil)
		for _, prefix := range prefixes {
			state := describedField(t, described, prefix+"StateCode")
			require.Equal(t, []any{prefix + "CountryCode", true, true},
				[]any{state["controllerName"], state["dependentPicklist"], state["restrictedPicklist"]}, object)
			option := state["picklistValues"].([]any)[0].(map[string]any)
			require.Equal(t, []any{"CA", "California", "gA=="}, []any{option["value"], option["label"], option["validFor"]})
		}
	}
	_, plain := newAPI(t)
	require.Nil(t, describedField(t, plain.do("GET", "/sobjects/Lead/describe", nil), "StateCode"), "off by default")
	require.Equal(t, 201, plain.do("POST", "/sobjects/Lead", `{"LastName":"L","Company":"C","Country":"Atlantis"}`).Status)
}

func TestStatesOfSeveralCountriesMayHaveOneCode(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t, sftest.WithCountries(
		sftest.Country{Code: "US", Label: "United States", States: []sftest.State{{Code: "WA", Label: "Washington"}}},
		sftest.Country{Code: "AU", Label: "Australia", States: []sftest.State{{Code: "WA", Label: "Western Australia"}}},
		sftest.Country{Code: "FR", Label: "France", Inactive: true},
	))
	described := a.do("GET", "/sobjects/Lead/describe", nil)
	var options [][]any
	for _, v := range describedField(t, described, "StateCode")["picklistValues"].([]any) {
		option := v.(map[string]any)
		options = append(options, []any{option["value"], option["label"], option["validFor"]})
	}
	require.Equal(t, [][]any{{"WA", "Washington", "gA=="}, {"WA", "Western Australia", "QA=="}}, options)
	france := describedField(t, described, "CountryCode")["picklistValues"].([]any)[2].(map[string]any)
	require.Equal(t, []any{"FR", false}, []any{france["value"], france["active"]})
	require.Equal(t, "FIELD_INTEGRITY_EXCEPTION",
		a.do("POST", "/sobjects/Lead", `{"LastName":"L","Company":"C","Country":"France"}`).code())
	require.Equal(t, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
		a.do("POST", "/sobjects/Lead", `{"LastName":"L","Company":"C","CountryCode":"FR"}`).code())
	res := a.do("POST", "/sobjects/Lead", `{"LastName":"L","Company":"C","CountryCode":"AU","StateCode":"WA"}`)
	require.Equal(t, "Western Australia", org.Row("Lead", res.id())["State"])
}

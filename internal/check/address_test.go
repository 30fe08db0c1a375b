// SPDX-License-Identifier: Apache-2.0

package check

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/internal/org/orgtest"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
)

// withPicklists turns State and Country/Territory picklists on for Leads.
func withPicklists(org *orgtest.Org) {
	lead := orgtest.Writable("Lead", "LastName", "Company", "Email", "City", "State", "Country", "StateCode",
		"CountryCode")
	for i := range lead.Fields {
		switch f := &lead.Fields[i]; f.Name {
		case "CountryCode":
			f.Type, f.RestrictedPicklist = salesforce.TypePicklist, true
			f.PicklistValues = []salesforce.PicklistValue{{Active: true, Value: "DE", Label: "Germany"},
				{Value: "FR", Label: "France"}}
		case "StateCode":
			f.Type, f.RestrictedPicklist = salesforce.TypePicklist, true
		}
	}
	org.Describes["Lead"] = lead
}

func TestPreflightSaysHowAddressesAreWrittenWithPicklists(t *testing.T) {
	t.Parallel()
	city, state := mapping.Rule{Source: "city", Field: "City"}, mapping.Rule{Source: "state", Field: "State"}
	country := mapping.Rule{Source: "country", Field: "Country"}
	const info, warning = "info  Lead CountryCode ", "warning  Lead CountryCode "
	const invalid = "error DATA_VALUE_VALIDATION Lead "
	for name, tc := range map[string]struct {
		rules     []mapping.Rule
		picklists bool
		want      []string
	}{
		"off":          {[]mapping.Rule{city, state, country}, false, nil},
		"on":           {[]mapping.Rule{city, state, country}, true, []string{info}},
		"on, by codes": {[]mapping.Rule{city, {Source: "country", Field: "CountryCode"}}, true, []string{info}},
		"only a city":  {[]mapping.Rule{city}, true, nil},
		"no country":   {[]mapping.Rule{city, state}, true, []string{warning}},
		"no country used": {[]mapping.Rule{state, {Source: "country", Field: "Country", Write: mapping.Never}}, true,
			[]string{warning}},
		"a default by another name": {[]mapping.Rule{{Source: "country", Field: "Country", Default: "Deutschland"}}, true,
			[]string{info}},
		"a default that is not active": {[]mapping.Rule{{Source: "country", Field: "Country", Default: "France"}}, true,
			[]string{invalid + "Country mapping.objects[0].rules[2].default", info}},
		"a constant that is no country": {[]mapping.Rule{{Constant: "Europe", Field: "CountryCode"}}, true,
			[]string{invalid + "CountryCode mapping.objects[0].rules[2].constant", info}},
	} {
		org := orgtest.New()
		org.Describes["Lead"] = orgtest.Writable("Lead", "LastName", "Company", "Email", "City", "State", "Country")
		if tc.picklists {
			withPicklists(org)
		}
		cfg := plainSetup()
		cfg.Mapper = rows("Lead", append([]mapping.Rule{{Source: "lastName", Field: "LastName"},
			{Source: "company", Field: "Company"}}, tc.rules...)...)
		require.Equal(t, tc.want, findingsOf(t, cfg, org), name)
	}
}

// SPDX-License-Identifier: Apache-2.0

package check

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/internal/org/orgtest"
	"github.com/leadsync/leadsync/mapping"
)

func TestPreflightFindsWhatPersonAccountsDoNotTake(t *testing.T) {
	t.Parallel()
	const marker, persons = "IsPersonAccount", "info  Contact IsPersonAccount "
	const company = "info REQUIRED_FIELD_MISSING Lead Company "
	for name, tc := range map[string]struct {
		contact, account []string // fields beside the usual ones
		arrange          func(*orgtest.Org, *setup)
		want             []string
	}{
		"off": {want: nil},
		"on": {contact: []string{marker, "Title", "Tier__c"},
			account: []string{marker, "LastName", "PersonTitle", "Tier__pc"},
			want:    []string{persons, company}},
		"fields that the Account lacks": {contact: []string{marker, "Title", "Tier__c"},
			account: []string{marker, "LastName", "Tier__c"},
			want: []string{"warning MISSING_REMOTE_FIELD Contact Title ", "warning MISSING_REMOTE_FIELD Contact Tier__c ",
				persons, company}},
		"a field that is locked": {contact: []string{marker, "Title"}, account: []string{marker, "LastName", "PersonTitle"},
			arrange: func(o *orgtest.Org, _ *setup) { o.Field("Account", "PersonTitle").Updateable = false },
			want:    []string{"warning CONNECTION_PERMISSION Contact Title ", persons, company}},
		"a field that is never written": {contact: []string{marker, "AccountId"}, account: []string{marker, "LastName"},
			want: []string{"warning  Contact AccountId ", persons, company}},
		"Accounts that may not be edited": {contact: []string{marker}, account: []string{marker, "LastName"},
			arrange: func(o *orgtest.Org, _ *setup) { o.Describes["Account"].Updateable = false },
			want:    []string{"warning CONNECTION_PERMISSION Account  ", persons, company}},
		"hidden which Contacts are persons": {account: []string{marker, "LastName"},
			want: []string{"warning PERSON_ACCOUNT Contact IsPersonAccount ", company}},
		"hidden which Accounts are persons": {contact: []string{marker}, account: []string{"LastName"},
			want: []string{"warning PERSON_ACCOUNT Account IsPersonAccount ", persons, company}},
		"no Leads": {contact: []string{marker}, account: []string{marker, "LastName"},
			arrange: func(_ *orgtest.Org, c *setup) { c.Strategies = []mapping.Strategy{toAccount} },
			want:    []string{persons}},
		"allowed Leads without a company": {contact: []string{marker}, account: []string{marker, "LastName"},
			arrange: func(_ *orgtest.Org, c *setup) { c.personLeads = true },
			want:    []string{persons, "info  Lead Company "}},
		"no rule for the company": {contact: []string{marker}, account: []string{marker, "LastName"},
			arrange: func(_ *orgtest.Org, c *setup) {
				c.Mapper = &mapping.Mapping{Sections: []mapping.Section{
					{Object: "Lead", Rules: []mapping.Rule{{Source: "lastName", Field: "LastName"}}},
					{Object: "Contact", Rules: []mapping.Rule{{Source: "lastName", Field: "LastName"}}}}}
			},
			want: []string{"error REQUIRED_FIELD_MISSING Lead Company ", persons}},
	} {
		org := orgtest.New()
		org.Describes["Contact"] = orgtest.Writable("Contact", append([]string{"LastName", "Email"}, tc.contact...)...)
		org.Describes["Account"] = orgtest.Writable("Account", append([]string{"Name", "Website"}, tc.account...)...)
		cfg := plainSetup()
		sections := []mapping.Section{
			{Object: "Lead", Rules: []mapping.Rule{{Source: "lastName", Field: "LastName"},
				{Source: "company", Field: "Company"}}},
			{Object: "Contact", Rules: []mapping.Rule{{Source: "lastName", Field: "LastName"}}},
			{Object: "Account", Rules: []mapping.Rule{{Source: "company", Field: "Name"}}}}
		for _, field := range tc.contact {
			if field != marker {
				sections[1].Rules = append(sections[1].Rules, mapping.Rule{Source: "custom." + field, Field: field})
			}
		}
		cfg.Mapper = &mapping.Mapping{Sections: sections}
		if tc.arrange != nil {
			tc.arrange(org, &cfg)
		}
		require.Equal(t, tc.want, findingsOf(t, cfg, org), name)
	}
}

// SPDX-License-Identifier: Apache-2.0

package check

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/internal/org/orgtest"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
)

func TestPreflightNamesConsentsThatALeadCouldMoveTheWrongWay(t *testing.T) {
	t.Parallel()
	row := func(field string, write mapping.WriteRule) mapping.Rule {
		return mapping.Rule{Source: "custom.x", Field: field, Write: write}
	}
	const warning, row2 = "warning DATA_VALUE_VALIDATION Lead ", " mapping.objects[0].rules[2].write"
	for name, tc := range map[string]struct {
		rule mapping.Rule
		want []string
	}{
		"opt-out overwritten":   {row("HasOptedOutOfEmail", ""), []string{warning + "HasOptedOutOfEmail" + row2}},
		"opt-out raised":        {row("HasOptedOutOfEmail", mapping.Raise), nil},
		"opt-out lowered":       {row("HasOptedOutOfEmail", mapping.Lower), []string{warning + "HasOptedOutOfEmail" + row2}},
		"opt-out not used":      {row("HasOptedOutOfEmail", mapping.Never), nil},
		"consent by its label":  {row("Flag__c", mapping.UnlessEdited), []string{warning + "Flag__c" + row2}},
		"consent lowered":       {row("Flag__c", mapping.Lower), nil},
		"text about permission": {row("PermissionText__c", ""), nil},
		"consent overwritten, with a date of something else": {row("Flag__c", mapping.Overwrite),
			[]string{warning + "Flag__c" + row2}},
		"opt-out on create": {mapping.Rule{Source: "custom.x", Field: "HasOptedOutOfEmail", CreateOnly: true}, nil},
		"opt-out of own records overwritten": {mapping.Rule{Source: "custom.x", Field: "HasOptedOutOfEmail",
			Write: mapping.Raise, Own: mapping.Overwrite},
			[]string{warning + "HasOptedOutOfEmail mapping.objects[0].rules[2].own"}},
	} {
		org := orgtest.New()
		lead := orgtest.Writable("Lead", "LastName", "Company", "Email", "HasOptedOutOfEmail", "Flag__c", "PermissionText__c")
		for i := range lead.Fields {
			switch f := &lead.Fields[i]; f.Name {
			case "HasOptedOutOfEmail":
				f.Type = salesforce.TypeBoolean
			case "Flag__c":
				f.Type, f.Label = salesforce.TypeBoolean, "Newsletter opt-in"
			}
		}
		org.Describes["Lead"] = lead
		cfg := plainSetup()
		cfg.Mapper = rows("Lead", mapping.Rule{Source: "lastName", Field: "LastName"},
			mapping.Rule{Source: "company", Field: "Company"}, tc.rule)
		require.Equal(t, tc.want, findingsOf(t, cfg, org), name)
	}
}

// An admin who records when a consent was given may let a lead give it.
func TestAConsentWithItsDateMayBeOverwritten(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		write mapping.WriteRule
		date  string
		warns bool
	}{
		"explicit, with its date":        {mapping.Overwrite, "Flag_Date__c", false},
		"explicit, with a consent's day": {mapping.Overwrite, "ConsentGiven__c", false},
		"explicit, without":              {mapping.Overwrite, "", true},
		"explicit, with another date":    {mapping.Overwrite, "Birthdate__c", true},
		"not said":                       {"", "Flag_Date__c", true},
		"unless edited":                  {mapping.UnlessEdited, "Flag_Date__c", true},
	} {
		org := orgtest.New()
		lead := orgtest.Writable("Lead", "LastName", "Company", "Email", "Flag__c", "Flag_Date__c", "ConsentGiven__c",
			"Birthdate__c")
		for i := range lead.Fields {
			switch f := &lead.Fields[i]; f.Name {
			case "Flag__c":
				f.Type, f.Label = salesforce.TypeBoolean, "Newsletter opt-in"
			case "Flag_Date__c", "ConsentGiven__c", "Birthdate__c":
				f.Type = salesforce.TypeDate
			}
		}
		org.Describes["Lead"] = lead
		rules := []mapping.Rule{{Source: "lastName", Field: "LastName"}, {Source: "company", Field: "Company"},
			{Source: "custom.x", Field: "Flag__c", Write: tc.write}}
		if tc.date != "" {
			rules = append(rules, mapping.Rule{Source: "custom.day", Field: tc.date})
		}
		cfg := plainSetup()
		cfg.Mapper = rows("Lead", rules...)
		require.Equal(t, tc.warns, len(findingsOf(t, cfg, org)) > 0, name)
		m := cfg.Mapper.(*mapping.Mapping)
		issues := m.Validate(map[salesforce.Object]*salesforce.Describe{"Lead": lead})
		warns := slices.ContainsFunc(issues, func(issue mapping.Issue) bool { return issue.Warning })
		require.Equal(t, tc.warns, warns, "%s: %v", name, issues)
	}
}

// Answers and campaign links fill consents, too.
func TestPreflightNamesConsentsOfAnswersAndMembers(t *testing.T) {
	t.Parallel()
	org := orgtest.New()
	lead := orgtest.Writable("Lead", "LastName", "Company", "Email", "DoNotCall", "Fax__c")
	member := orgtest.Writable("CampaignMember", "Unsubscribed__c", "Consent__c")
	for _, d := range []*salesforce.Describe{lead, member} {
		for i := range d.Fields {
			switch d.Fields[i].Name {
			case "DoNotCall", "Unsubscribed__c", "Consent__c":
				d.Fields[i].Type = salesforce.TypeBoolean
			case "Fax__c":
				d.Fields[i].Type, d.Fields[i].Label = salesforce.TypeBoolean, "Fax Opt Out"
			}
		}
	}
	org.Describes["Lead"], org.Describes["CampaignMember"] = lead, member
	cfg := plainSetup()
	cfg.Mapper = rows("Lead", mapping.Rule{Source: "lastName", Field: "LastName"},
		mapping.Rule{Source: "company", Field: "Company"},
		mapping.Rule{Source: "custom.fax", Field: "Fax__c", Write: mapping.Raise})
	cfg.Qualifiers = []mapping.Qualifier{
		{Name: "call", Type: mapping.QualifierBoolean, Fields: map[salesforce.Object]string{"Lead": "DoNotCall"}},
		{Name: "fax", Type: mapping.QualifierBoolean, Fields: map[salesforce.Object]string{"Lead": "Fax__c"}}}
	cfg.Campaigns = []mapping.CampaignLink{{CampaignID: "701000000000001AAA", Fields: []mapping.Rule{
		{Source: "custom.out", Field: "Unsubscribed__c"},
		{Source: "custom.in", Field: "Consent__c", Write: mapping.Lower}}}}
	findings := findingsOf(t, cfg, org)
	const kind = "warning DATA_VALUE_VALIDATION "
	require.Contains(t, findings, kind+`Lead DoNotCall qualifiers[0].fields["Lead"]`)
	require.Contains(t, findings, kind+"CampaignMember Unsubscribed__c campaigns[0].fields[0].write")
	for _, finding := range findings {
		require.NotContains(t, finding, "Fax__c")
		require.NotContains(t, finding, "Consent__c")
	}
}

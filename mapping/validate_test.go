// SPDX-License-Identifier: Apache-2.0

package mapping_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

func TestDefaultMappingIsValid(t *testing.T) {
	t.Parallel()
	require.Empty(t, mapping.Default().Validate(nil))
	require.Empty(t, mapping.Default().Validate(map[salesforce.Object]*salesforce.Describe{
		"lead": mappingDescribe("Lead"), "Contact": mappingDescribe("Contact"), "Account": mappingDescribe("Account"),
	}))
	require.Empty(t, (&mapping.Mapping{}).Validate(nil))
}

func TestValidateWithoutDescribes(t *testing.T) {
	t.Parallel()
	m := &mapping.Mapping{
		Version: 2, TooLong: mapping.Skip, Locked: mapping.Truncate, Missing: "maybe",
		Sections: []mapping.Section{
			{Object: "Lead", Rules: []mapping.Rule{
				{Source: "email", Field: "Email"},
				{Source: "shoeSize", Field: "X__c"},
				{Source: "company", Constant: "x", Field: "Company"},
				{Field: "LastName"},
				{Field: "Cleared__c", Write: mapping.Clear},
				{Source: "firstName", Field: "FirstName", Write: "sometimes"},
				{Source: "firstName", Field: "email"},
				{Source: "firstName"},
				{Source: "firstName", Field: "First Name"},
				{Source: "phone", Field: "Phone", Transforms: []string{"trim", "shout", "trim:x", "e164:x", "join:",
					"date:DD.MM.YYYY"}},
				{Source: "phone", Field: "Fax", TooLong: "x", Locked: "x", Missing: "x"},
				{Source: "custom.", Field: "Y__c"},
				{Source: "activity.fax", Field: "Z__c"},
				{Source: "qualifier.Interest", Field: "Interest__c"},
				{Source: "activity.call", Field: "Call__c"},
			}},
			{Object: "lead"},
			{Object: ""},
			{Object: "My Object"},
		},
	}
	const bad, missing = " DATA_VALUE_VALIDATION", " REQUIRED_FIELD_MISSING"
	issues := m.Validate(nil)
	require.Equal(t, []string{
		"version" + bad, "tooLong" + bad, "locked" + bad, "missing" + bad,
		"objects[0].rules[1].source" + bad,
		"objects[0].rules[2].constant" + bad,
		"objects[0].rules[3].source" + missing,
		"objects[0].rules[5].write" + bad,
		"objects[0].rules[6].field" + bad,
		"objects[0].rules[7].field" + missing,
		"objects[0].rules[8].field" + missing,
		"objects[0].rules[9].transforms[1]" + bad,
		"objects[0].rules[9].transforms[2]" + bad,
		"objects[0].rules[9].transforms[3]" + bad,
		"objects[0].rules[9].transforms[4]" + bad,
		"objects[0].rules[9].transforms[5]" + bad,
		"objects[0].rules[10].tooLong" + bad,
		"objects[0].rules[10].locked" + bad,
		"objects[0].rules[10].missing" + bad,
		"objects[0].rules[11].source" + bad,
		"objects[0].rules[12].source" + bad,
		"objects[1].object" + bad,
		"objects[2].object" + missing,
		"objects[3].object" + missing,
	}, scenario.IssuePaths(issues))
	for _, issue := range issues {
		require.NotEmpty(t, issue.Reason)
	}
	require.Equal(t, "X__c", issues[4].Field)
	require.Equal(t, salesforce.Object("Lead"), issues[4].Object)
}

// A field that is missing, locked or of the wrong kind is found before going
// live.
func TestValidateAgainstDescribes(t *testing.T) {
	t.Parallel()
	m := mappingOf(
		mapping.Rule{Source: "email", Field: "EMAIL"},
		mapping.Rule{Source: "email", Field: "Gone__c"},
		mapping.Rule{Source: "email", Field: "ReadOnly__c"},
		mapping.Rule{Source: "email", Field: "Once__c"},
		mapping.Rule{Source: "notes", Field: "Text__c", Write: mapping.Append},
		mapping.Rule{Source: "lastName", Field: "LastName", Write: mapping.Clear},
		mapping.Rule{Constant: "many", Field: "NumberOfEmployees"},
		mapping.Rule{Source: "custom.x", Field: "OptIn__c", Default: "perhaps"},
		mapping.Rule{Source: "email", Field: "Retired__c", Write: mapping.Never},
		mapping.Rule{Constant: "rep@example.com", Field: "OwnerId", CreateOnly: true},
	)
	m.Sections = append(m.Sections,
		mapping.Section{Object: "Thing__c", Key: "Key__c", Rules: []mapping.Rule{{Source: "email", Field: "X__c"}}})
	issues := m.Validate(map[salesforce.Object]*salesforce.Describe{"Lead": mappingDescribe("Lead")})
	require.Equal(t, []string{
		"objects[0].rules[1].field MISSING_REMOTE_FIELD",
		"objects[0].rules[2].field CONNECTION_PERMISSION",
		"objects[0].rules[3].field CONNECTION_PERMISSION",
		"objects[0].rules[4].write DATA_VALUE_VALIDATION",
		"objects[0].rules[5].write DATA_VALUE_VALIDATION",
		"objects[0].rules[6].constant DATA_VALUE_VALIDATION",
		"objects[0].rules[7].default DATA_VALUE_VALIDATION",
		"objects[0].rules[7].write DATA_VALUE_VALIDATION", // which is a warning: a lead could opt in again
		"objects[1].object MISSING_REMOTE_FIELD",
	}, scenario.IssuePaths(issues))
}

// Constants that exclude each other are found before a lead meets them.
func TestValidateChecksDependentConstants(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	org.DefineField("Lead", sftest.Field{Name: "Land__c", Type: "picklist", Options: []string{"DE", "FR"}})
	org.DefineField("Lead", sftest.Field{Name: "Town__c", Type: "picklist", Restricted: true,
		Options: []string{"Berlin", "Paris"}, Controller: "Land__c",
		ValidFor: map[string][]string{"Berlin": {"DE"}, "Paris": {"FR"}}})
	describes := scenario.DescribesOf(t, org, "Lead")
	for name, row := range map[string]struct {
		rules []mapping.Rule
		want  []string
	}{
		"they fit": {[]mapping.Rule{{Constant: "paris", Field: "town__c"},
			{Constant: "fr", Field: "land__c"}}, nil},
		"they do not": {[]mapping.Rule{{Constant: "Paris", Field: "Town__c"},
			{Constant: "DE", Field: "Land__c"}}, []string{"objects[0].rules[0].constant DATA_VALUE_VALIDATION"}},
		"the other is out of use": {[]mapping.Rule{{Constant: "Paris", Field: "Town__c"},
			{Constant: "DE", Field: "Land__c", Write: mapping.Never}}, nil},
		"the other is up to leads": {[]mapping.Rule{{Constant: "Paris", Field: "Town__c"},
			{Source: "country", Field: "Land__c"}}, nil},
		"only the other is there": {[]mapping.Rule{{Constant: "DE", Field: "Land__c"}}, nil},
	} {
		m := &mapping.Mapping{Sections: []mapping.Section{{Object: "Lead", Rules: row.rules}}}
		require.Equal(t, row.want, scenario.IssuePaths(m.Validate(describes)), name)
	}
}

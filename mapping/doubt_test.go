// SPDX-License-Identifier: Apache-2.0

package mapping_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
)

func TestInDoubtOnlyBlankFieldsOfThePersonAreFilled(t *testing.T) {
	t.Parallel()
	m := &mapping.Mapping{Sections: []mapping.Section{{Object: "Lead", Rules: []mapping.Rule{
		{Source: "firstName", Field: "FirstName"}, {Source: "lastName", Field: "LastName"},
		{Source: "company", Field: "Company"}, {Source: "website", Field: "Website"},
		{Source: "jobTitle", Field: "Title"}, {Source: "phone", Field: "Phone"},
		{Source: "notes", Field: "Description", Write: mapping.Append}}}}}
	field := func(name string) salesforce.Field {
		return salesforce.Field{Name: name, Type: salesforce.TypeString, Length: 80, Createable: true, Updateable: true,
			Nillable: true}
	}
	describe := &salesforce.Describe{Name: "Lead"}
	for _, name := range []string{"FirstName", "LastName", "Company", "Website", "Title", "Phone"} {
		describe.Fields = append(describe.Fields, field(name))
	}
	notes := field("Description")
	notes.Type, notes.Length = salesforce.TypeTextarea, 32000
	describe.Fields = append(describe.Fields, notes)
	target := mapping.Target{Object: "Lead", Describe: describe, Doubt: true, Record: &salesforce.Record{Object: "Lead",
		ID: "00Q000000000001AAA", Fields: salesforce.Fields{"FirstName": nil, "LastName": "Gibson", "Company": "Initech",
			"Website": nil, "Title": "CEO", "Phone": nil, "Description": "met in May"}}}
	lead := &leadtype.Lead{ID: "L1", FirstName: "Tomas", LastName: "Gibson", Company: "Initrode", JobTitle: "Buyer",
		Website: "initrode.example", Phone: "+15550100", Notes: "wants a demo"}
	fields, _, err := m.Map(lead, target)
	require.NoError(t, err)
	require.Equal(t, salesforce.Fields{"Phone": "+15550100"}, fields)
	target.Doubt = false
	fields, _, err = m.Map(lead, target)
	require.NoError(t, err)
	require.Len(t, fields, 7)
}

// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"slices"

	"github.com/leadsync/leadsync/salesforce"
)

// Default returns the recommended rules for Lead, Contact and Account.
func Default() *Mapping {
	return &Mapping{
		Version: Version,
		Sections: []Section{
			{Object: salesforce.ObjectLead, Rules: slices.Concat(
				personRules(""),
				[]Rule{
					{Source: "company", Field: "Company"},
					{Source: "website", Field: "Website", Write: WriteIfBlank},
					{Source: "industry", Field: "Industry"},
					{Source: "companySize", Field: "NumberOfEmployees", Transforms: []string{"number"}},
				},
				originRules(),
			)},
			{Object: salesforce.ObjectContact, Rules: slices.Concat(personRules("Mailing"), originRules())},
			{Object: salesforce.ObjectAccount, Rules: []Rule{
				{Source: "company", Field: "Name", CreateOnly: true},
				{Source: "website", Field: "Website", Write: WriteIfBlank},
				{Source: "industry", Field: "Industry"},
				{Source: "companySize", Field: "NumberOfEmployees", Transforms: []string{"number"}},
				{Source: "companyPhone", Field: "Phone"},
				{Source: "companyStreet", Field: "BillingStreet"},
				{Source: "companyCity", Field: "BillingCity"},
				{Source: "companyState", Field: "BillingState"},
				{Source: "companyPostalCode", Field: "BillingPostalCode"},
				{Source: "companyCountry", Field: "BillingCountry"},
				{Source: "capturedBy", Field: "OwnerId", CreateOnly: true},
			}},
		},
	}
}

func personRules(address string) []Rule {
	return []Rule{
		{Source: "firstName", Field: "FirstName"},
		{Source: "lastName", Field: "LastName"},
		{Source: "email", Field: "Email", Write: WriteIfBlank},
		{Source: "jobTitle", Field: "Title"},
		{Source: "phone", Field: "Phone"},
		{Source: "mobilePhone", Field: "MobilePhone"},
		{Source: "street", Field: address + "Street"},
		{Source: "city", Field: address + "City"},
		{Source: "state", Field: address + "State"},
		{Source: "postalCode", Field: address + "PostalCode"},
		{Source: "country", Field: address + "Country"},
		{Source: "notes", Field: "Description", Write: Append},
	}
}

func originRules() []Rule {
	return []Rule{
		{Source: "eventName", Field: "LeadSource", CreateOnly: true},
		{Source: "capturedBy", Field: "OwnerId", CreateOnly: true},
	}
}

// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"slices"

	"github.com/leadsync/leadsync/internal/value"
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
					{Source: "company", Field: "Company", Write: UnlessEdited},
					{Source: "website", Field: "Website", Write: UnlessEdited, Unfit: Skip},
					{Source: "industry", Field: "Industry", Write: UnlessEdited, Unfit: Skip},
					{Source: "companySize", Field: "NumberOfEmployees", Write: UnlessEdited, Range: RangeLow, Unfit: Skip},
				},
				originRules(),
			)},
			{Object: salesforce.ObjectContact, Rules: slices.Concat(personRules("Mailing"), originRules())},
			{Object: salesforce.ObjectAccount, Rules: []Rule{
				{Source: "company", Field: "Name", CreateOnly: true},
				{Source: "website", Field: "Website", Write: WriteIfBlank, Own: UnlessEdited, Unfit: Skip},
				{Source: "industry", Field: "Industry", Write: WriteIfBlank, Own: UnlessEdited, Unfit: Skip},
				{Source: "companySize", Field: "NumberOfEmployees", Write: WriteIfBlank, Own: UnlessEdited,
					Range: RangeLow, Unfit: Skip},
				{Source: "companyPhone", Field: "Phone", Write: WriteIfBlank, Own: UnlessEdited, Unfit: Skip},
				{Source: "companyStreet", Field: "BillingStreet", Write: WriteIfBlank, Unfit: Skip},
				{Source: "companyCity", Field: "BillingCity", Write: WriteIfBlank, Unfit: Skip},
				{Source: "companyState", Field: "BillingState", Write: WriteIfBlank, Unfit: Skip},
				{Source: "companyPostalCode", Field: "BillingPostalCode", Write: WriteIfBlank, Unfit: Skip},
				{Source: "companyCountry", Field: "BillingCountry", Write: WriteIfBlank, Unfit: Skip},
				{Source: "capturedBy", Field: "OwnerId", CreateOnly: true, Unfit: Skip},
			}},
		},
	}
}

func personRules(address string) []Rule {
	return []Rule{
		{Source: "firstName", Field: "FirstName", Write: UnlessEdited, Transforms: []string{"title"}, Unfit: Skip},
		{Source: "lastName", Field: "LastName", Write: UnlessEdited, Transforms: []string{"title"}},
		{Source: "email", Field: "Email", Write: UnlessEdited},
		{Source: "jobTitle", Field: "Title", Write: UnlessEdited, Unfit: Skip},
		{Source: "phone", Field: "Phone", Write: UnlessEdited, Unfit: Skip},
		{Source: "mobilePhone", Field: "MobilePhone", Write: UnlessEdited, Unfit: Skip},
		{Source: "street", Field: address + "Street", Write: UnlessEdited, Unfit: Skip},
		{Source: "city", Field: address + "City", Write: UnlessEdited, Unfit: Skip},
		{Source: "state", Field: address + "State", Write: UnlessEdited, Unfit: Skip},
		{Source: "postalCode", Field: address + "PostalCode", Write: UnlessEdited, Unfit: Skip},
		{Source: "country", Field: address + "Country", Write: UnlessEdited, Unfit: Skip},
		{Source: "notes", Field: "Description", Write: Append, Unfit: Skip},
	}
}

func originRules() []Rule {
	return []Rule{
		{Source: SourceLeadSource, Field: "LeadSource", CreateOnly: true, Unfit: Skip},
		{Source: "capturedBy", Field: "OwnerId", CreateOnly: true, Unfit: Skip},
	}
}

// SourceLeadSource is a source field of every mapping: leadsync.Config.LeadSource, else the
// first of Trade Show, Event, Conference and Messe that is an active option of the rule's
// field, else nothing.
const SourceLeadSource = "settings.leadSource"

// leadSourceFor returns the value of SourceLeadSource for a field, by the setting.
func leadSourceFor(setting string, describe *salesforce.Describe, name string) any {
	if setting != "" {
		return setting
	}
	if describe == nil {
		return nil // a key is not of a field's options
	}
	field, ok := describe.Field(name)
	if !ok {
		return nil
	}
	for _, usual := range []string{"Trade Show", "Event", "Conference", "Messe"} {
		if option, ok := value.FindOption(field, usual); ok {
			return option
		}
	}
	return nil
}

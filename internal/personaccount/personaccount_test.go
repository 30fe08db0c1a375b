// SPDX-License-Identifier: Apache-2.0

package personaccount_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/internal/personaccount"
	"github.com/leadsync/leadsync/salesforce"
)

func account(names ...string) *salesforce.Describe {
	d := &salesforce.Describe{Name: "Account"}
	for _, name := range names {
		d.Fields = append(d.Fields, salesforce.Field{Name: name})
	}
	return d
}

func TestFieldNamesTheAccountsFieldForTheContacts(t *testing.T) {
	t.Parallel()
	d := account("PersonEmail", "PersonTitle", "PersonMailingStreet", "PersonHomePhone", "FirstName", "LastName",
		"Phone", "Description", "Tier__pc", "Region__c", "crm__Score__pc", "Industry", "Name", "RecordTypeId",
		"PersonRecordTypeId", "Department", "PersonLeadSource", "OwnerId", "IsPersonAccount")
	for contact, want := range map[string]string{
		"Email": "PersonEmail", "Title": "PersonTitle", "MailingStreet": "PersonMailingStreet",
		"HomePhone": "PersonHomePhone", "FirstName": "FirstName", "LastName": "LastName", "Phone": "Phone",
		"Description": "Description", "Tier__c": "Tier__pc", "TIER__C": "Tier__pc", "crm__Score__c": "crm__Score__pc",
		"LeadSource": "PersonLeadSource", "OwnerId": "OwnerId",
		"Region__c": "", "Industry": "", "Name": "", "AccountId": "", "RecordTypeId": "", "Department": "", "Fax": "",
		"Id": "", "IsPersonAccount": "", "": "",
	} {
		field, ok := personaccount.Field(d, contact)
		require.Equal(t, want != "", ok, contact)
		if ok {
			require.Equal(t, want, field.Name, contact)
		}
	}
	_, ok := personaccount.Field(nil, "Email")
	require.False(t, ok, "the connected user does not see Accounts")
}

func TestFillReadsWhatTheAccountHas(t *testing.T) {
	t.Parallel()
	d := account("PersonTitle", "Description", "PersonEmail", "Tier__pc")
	contact := func(is bool) *salesforce.Record {
		return &salesforce.Record{Object: "Contact", Fields: salesforce.Fields{
			"IsPersonAccount": is, "Title": "old", "Description": nil, "Email": "a@example.com", "Department": "D",
			"Account": &salesforce.Record{Object: "Account", Fields: salesforce.Fields{"PersonTitle": "new",
				"Description": "notes", "Name": "A B"}}}}
	}
	person := contact(true)
	personaccount.Fill(person, d)
	require.Equal(t, "new", person.Text("Title"))
	require.Equal(t, "notes", person.Text("Description"))
	require.Equal(t, "a@example.com", person.Text("Email"), "its counterpart was not read")
	require.Equal(t, "D", person.Text("Department"))
	other := contact(false)
	personaccount.Fill(other, d)
	require.Equal(t, contact(false), other, "a Contact in a company's Account has its own values")
	require.Equal(t, []string{"Account.PersonTitle", "Account.Tier__pc"},
		personaccount.Paths(d, []string{"Id", "Title", "Name", "AccountId", "Tier__c", "Phone"}))
}

// SPDX-License-Identifier: Apache-2.0

package sftest_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce/sftest"
)

func addPerson(org *sftest.Org, email string) (account, contact string) {
	account = org.Insert("Account", fields{"FirstName": "Ada", "LastName": "Lovelace", "PersonEmail": email})
	contact, _ = org.Row("Account", account)["PersonContactId"].(string)
	return account, contact
}

// docs/salesforce.md, Person accounts: an account and its contact are one person.
func TestPersonAccountsAppearAsContactsToo(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t, sftest.WithPersonAccounts(), sftest.WithCountries())
	org.DefineField("Contact", sftest.Field{Name: "Tier__c"})
	created := a.do("POST", "/sobjects/Account", `{"FirstName":"Ada","LastName":"Lovelace",`+
		`"PersonEmail":"ada@example.com","PersonTitle":"Countess","PersonMailingCountryCode":"US","Phone":"1",`+
		`"Description":"D","Tier__pc":"Gold"}`)
	require.Equal(t, 201, created.Status)
	account, _ := created.at("id").(string)
	contacts := a.query("SELECT Id, IsPersonAccount, Name, Email, Title, MailingCountry, Phone, Description, Tier__c," +
		" AccountId, Account.PersonContactId, Account.Name FROM Contact WHERE Email = 'ada@example.com'")
	row, _ := contacts.at("records", 0).(map[string]any)
	want := fields{
		"IsPersonAccount": true, "Name": "Ada Lovelace", "Title": "Countess",
		"MailingCountry": "United States", "Phone": "1", "Description": "D", "Tier__c": "Gold", "AccountId": account,
	}
	for field, want := range want {
		require.Equal(t, want, row[field], field)
	}
	require.Equal(t, row["Id"], contacts.at("records", 0, "Account", "PersonContactId"))
	require.Equal(t, "Ada Lovelace", contacts.at("records", 0, "Account", "Name"))

	require.Equal(t, 204, a.do("PATCH", "/sobjects/Account/"+account, `{"LastName":"King","PersonTitle":null}`).Status)
	contact, _ := row["Id"].(string)
	require.Equal(t, "Ada King", org.Row("Contact", contact)["Name"])
	require.Nil(t, org.Row("Contact", contact)["Title"])
	org.Update("Contact", contact, fields{"Title": "Programmer"})
	require.Equal(t, "Programmer", org.Row("Account", account)["PersonTitle"])
	require.Equal(t, 204, a.do("DELETE", "/sobjects/Account/"+account, nil).Status)
	require.Zero(t, org.Count("Contact"))
}

func TestPersonAccountsAreWrittenThroughTheAccount(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t, sftest.WithPersonAccounts())
	account, contact := addPerson(org, "ada@example.com")
	company := org.Insert("Account", fields{"Name": "Acme"})
	for _, tc := range []struct {
		name, method, path, body, code string
	}{
		{"a field of the contact", "PATCH", "Contact/" + contact, `{"Title":"T"}`, "INVALID_PERSON_ACCOUNT_OPERATION"},
		{"its name", "PATCH", "Contact/" + contact, `{"LastName":"T"}`, "INVALID_FIELD_FOR_INSERT_UPDATE"},
		{
			"another account", "PATCH", "Contact/" + contact, `{"AccountId":"` + company + `"}`,
			"INVALID_FIELD_FOR_INSERT_UPDATE",
		},
		{"the contact's deletion", "DELETE", "Contact/" + contact, "", "INVALID_PERSON_ACCOUNT_OPERATION"},
		{
			"a contact in it", "POST", "Contact", `{"LastName":"L","AccountId":"` + account + `"}`,
			"FIELD_INTEGRITY_EXCEPTION",
		},
		{"the account's name", "PATCH", "Account/" + account, `{"Name":"N"}`, "INVALID_FIELD_FOR_INSERT_UPDATE"},
		{"no last name", "PATCH", "Account/" + account, `{"LastName":null}`, "REQUIRED_FIELD_MISSING"},
		{
			"a person's field of a company", "PATCH", "Account/" + company, `{"PersonTitle":"T"}`,
			"INVALID_FIELD_FOR_INSERT_UPDATE",
		},
		{"what it is", "PATCH", "Account/" + company, `{"IsPersonAccount":true}`, "INVALID_FIELD_FOR_INSERT_UPDATE"},
	} {
		before := org.Row("Account", account)
		var body any
		if tc.body != "" {
			body = tc.body
		}
		res := a.do(tc.method, "/sobjects/"+tc.path, body)
		require.Equal(t, 400, res.Status, tc.name)
		require.Equal(t, tc.code, res.at(0, "errorCode"), tc.name)
		require.Equal(t, before, org.Row("Account", account), tc.name)
	}
	require.Equal(t, 1, org.Count("Contact"))
}

func TestPersonAccountsMergeWithTheirContacts(t *testing.T) {
	t.Parallel()
	org, _ := newAPI(t, sftest.WithPersonAccounts())
	winner, kept := addPerson(org, "ada@example.com")
	loser, gone := addPerson(org, "ada@example.org")
	task := org.Insert("Task", fields{"Subject": "Call", "WhoId": gone})
	org.Merge("Account", winner, loser)
	require.Equal(t, kept, org.Row("Task", task)["WhoId"])
	require.Equal(t, kept, org.Row("Contact", gone)["MasterRecordId"])
	require.Equal(t, winner, org.Row("Account", loser)["MasterRecordId"])
	require.Equal(t, kept, org.Row("Account", winner)["PersonContactId"])
	require.Panics(t, func() { org.Merge("Account", winner, org.Insert("Account", fields{"Name": "Acme"})) })
}

func TestLeadsWithoutACompanyBecomePersonAccounts(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t, sftest.WithPersonAccounts())
	require.Equal(t, true, describedField(t, a.do("GET", "/sobjects/Lead/describe", nil), "Company")["nillable"])
	lead := org.Insert("Lead", fields{"LastName": "King", "Email": "ada@example.com", "City": "London"})
	contact, account := org.Convert(lead)
	require.Equal(t, true, org.Row("Account", account)["IsPersonAccount"])
	require.Equal(t, account, org.Row("Contact", contact)["AccountId"])
	require.Equal(t, "London", org.Row("Account", account)["PersonMailingCity"])
	_, company := org.Convert(org.Insert("Lead", fields{"LastName": "King", "Company": "Acme"}))
	require.Equal(t, false, org.Row("Account", company)["IsPersonAccount"])
}

// SPDX-License-Identifier: Apache-2.0

package sftest_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce/sftest"
)

func TestUsersHaveProfilesAndRoles(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	require.Equal(t, []string{"Minimum Access - Salesforce"}, []string{
		a.query("SELECT Profile.Name FROM User").at("records", 0, "Profile", "Name").(string),
	})
	require.Equal(t, "SFDC", a.query("SELECT Profile.UserLicense.LicenseDefinitionKey FROM User").
		at("records", 0, "Profile", "UserLicense", "LicenseDefinitionKey"))
	require.Equal(t, []string{"System Administrator"},
		a.column("SELECT Name FROM Profile WHERE Name = 'System Administrator' AND UserLicense.Name = 'Salesforce'", "Name"))

	chief := org.Insert("UserRole", fields{"Name": "CEO", "DeveloperName": "CEO"})
	sales := org.Insert("UserRole", fields{"Name": "Sales", "ParentRoleId": chief})
	user := org.Insert("User", fields{"LastName": "Rep", "Username": "rep@example.com", "UserRoleId": sales})
	res := a.query("SELECT Profile.Name, UserRole.Name, UserRoleId FROM User WHERE UserRole.ParentRoleId = '" +
		chief + "'")
	require.Equal(t, "Standard User", res.at("records", 0, "Profile", "Name"), res.Text)
	require.Equal(t, "Sales", res.at("records", 0, "UserRole", "Name"))
	require.Equal(t, "00E", sales[:3])
	require.Equal(t, "00e", a.column("SELECT ProfileId FROM User", "ProfileId")[0][:3])

	require.Equal(t, 204, a.do("PATCH", "/sobjects/User/"+user, fields{"UserRoleId": chief}).Status)
	require.Equal(t, chief, org.Row("User", user)["UserRoleId"])
	a.do("PATCH", "/sobjects/User/"+user, `{"ProfileId":null}`).refused(t, 400, "REQUIRED_FIELD_MISSING")
	a.do("PATCH", "/sobjects/User/"+user, fields{"ProfileId": chief}).refused(t, 400, "MALFORMED_ID")
}

func TestProfilesAndRolesAreReadOnly(t *testing.T) {
	t.Parallel()
	_, a := newAPI(t)
	profile := a.column("SELECT Id FROM Profile", "Id")[0]
	for _, object := range []string{"Profile", "UserRole", "UserLicense"} {
		a.do("POST", "/sobjects/"+object, `{"Name":"X"}`).refused(t, 400, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY")
	}
	a.do("PATCH", "/sobjects/Profile/"+profile, `{"Name":"X"}`).refused(t, 400, "INSUFFICIENT_ACCESS_OR_READONLY")
	a.do("DELETE", "/sobjects/Profile/"+profile, nil).refused(t, 400, "INSUFFICIENT_ACCESS_OR_READONLY")
}

// Salesforce Help, Best Practices for Tracking Data Privacy: a Contact that has an Individual
// keeps it.
func TestConversionKeepsTheIndividual(t *testing.T) {
	t.Parallel()
	for _, opts := range [][]sftest.Option{nil, {sftest.WithPersonAccounts()}} {
		org := sftest.NewOrg(t, opts...)
		ofLead := org.Insert("Individual", fields{"LastName": "Of the Lead"})
		own := org.Insert("Individual", fields{"LastName": "Own"})
		lead := func(company any) string {
			return org.Insert("Lead", fields{"LastName": "L", "Company": company, "IndividualId": ofLead})
		}
		contact, _ := org.Convert(lead("C"))
		require.Equal(t, ofLead, org.Row("Contact", contact)["IndividualId"])
		known := org.Insert("Contact", fields{"LastName": "L", "IndividualId": own})
		org.ConvertInto(lead("C"), sftest.Conversion{ContactID: known})
		require.Equal(t, own, org.Row("Contact", known)["IndividualId"])
		if opts != nil {
			person, account := org.Convert(lead(nil))
			require.Equal(t, ofLead, org.Row("Account", account)["PersonIndividualId"])
			require.Equal(t, ofLead, org.Row("Contact", person)["IndividualId"])
		}
	}
}

// Object Reference, Individual.
func TestIndividualHoldsThePrivacyOfLeadsAndContacts(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	a.do("POST", "/sobjects/Individual", `{"FirstName":"Ada"}`).refused(t, 400, "REQUIRED_FIELD_MISSING")
	res := a.do("POST", "/sobjects/Individual",
		`{"FirstName":"Ada","LastName":"Lovelace","HasOptedOutProcessing":true,"ShouldForget":true}`)
	require.Equal(t, 201, res.Status, res.Text)
	id := res.id()
	require.Equal(t, "0PK", id[:3])
	row := org.Row("Individual", id)
	require.Equal(t, []any{"Ada Lovelace", true, true, false}, []any{
		row["Name"], row["HasOptedOutProcessing"], row["ShouldForget"], row["CanStorePiiElsewhere"],
	})
	lead := a.do("POST", "/sobjects/Lead", fields{"LastName": "L", "Company": "C", "IndividualId": id})
	require.Equal(t, 201, lead.Status, lead.Text)
	contact := a.do("POST", "/sobjects/Contact", fields{"LastName": "L", "IndividualId": id})
	require.Equal(t, 201, contact.Status, contact.Text)
	for _, object := range []string{"Lead", "Contact"} {
		up := a.query("SELECT Individual.HasOptedOutProcessing FROM " + object + " WHERE Individual.ShouldForget = true")
		require.Equal(t, true, up.at("records", 0, "Individual", "HasOptedOutProcessing"), up.Text)
		down := a.query("SELECT (SELECT Id FROM " + object + "s) FROM Individual")
		require.Equal(t, 1.0, down.at("records", 0, object+"s", "totalSize"), down.Text)
	}
	require.Equal(t, 204, a.do("DELETE", "/sobjects/Individual/"+id, nil).Status)
	require.Nil(t, org.Row("Lead", lead.id())["IndividualId"], "a lookup is cleared")
}

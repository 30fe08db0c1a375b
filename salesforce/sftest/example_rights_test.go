// SPDX-License-Identifier: Apache-2.0

package sftest_test

import (
	"fmt"
	"net/url"

	"github.com/leadsync/leadsync/salesforce/sftest"
)

// What the connected user may do.
func ExampleOrg_Forbid() {
	org := sftest.NewOrg(nil)
	defer org.Close()
	org.Forbid("Account", "create")
	org.ReadOnlyField("Contact", "Title")
	org.HideField("Contact", "Birthdate")

	send(org, "POST", "/sobjects/Account", `{"Name": "Bletchley Park"}`)
	send(org, "POST", "/sobjects/Contact", `{"LastName": "Turing", "Title": "Dr"}`)
	send(org, "POST", "/sobjects/Contact", `{"LastName": "Turing", "Birthdate": "1912-06-23"}`)
	// Output:
	// 400 [{"message":"entity type cannot be inserted: Account","errorCode":"CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY","fields":[]}]
	// 400 [{"message":"Unable to create/update fields: Title. Please check the security settings of this field and verify that it is read/write for your profile or permission set.","errorCode":"INVALID_FIELD_FOR_INSERT_UPDATE","fields":["Title"]}]
	// 400 [{"message":"No such column 'Birthdate' on sobject of type Contact","errorCode":"INVALID_FIELD"}]
}

func ExampleOrg_DisableAPI() {
	org := sftest.NewOrg(nil)
	defer org.Close()
	org.DisableAPI()
	send(org, "GET", "/limits", "")
	// Output:
	// 403 [{"message":"API is disabled for this user","errorCode":"API_CURRENTLY_DISABLED"}]
}

// At first the connected user may not create campaigns.
func ExampleOrg_Allow() {
	org := sftest.NewOrg(nil)
	defer org.Close()
	fmt.Println(call(org, "POST", "/sobjects/Campaign", `{"Name": "Expo"}`))
	org.Allow("Campaign", "create")
	fmt.Println(call(org, "POST", "/sobjects/Campaign", `{"Name": "Expo"}`))
	// Output:
	// 400 CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY
	// 201
}

func ExampleOrg_SetPermission() {
	org := sftest.NewOrg(nil)
	defer org.Close()
	lead := org.Insert("Lead", map[string]any{"LastName": "Turing", "Company": "Bletchley Park"})
	org.Convert(lead)
	fmt.Println(call(org, "PATCH", "/sobjects/Lead/"+lead, `{"Title": "Dr"}`))
	org.SetPermission("PermissionsAllowViewEditConvertedLeads", true)
	fmt.Println(call(org, "PATCH", "/sobjects/Lead/"+lead, `{"Title": "Dr"}`))
	// Output:
	// 400 CANNOT_UPDATE_CONVERTED_LEAD
	// 204
}

// The session of a deactivated user ends, and a refresh does not help.
func ExampleOrg_DeactivateUser() {
	org := sftest.NewOrg(nil)
	defer org.Close()
	org.DeactivateUser()
	fmt.Println(call(org, "GET", "/limits", ""))
	fmt.Println(login(org, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {org.RefreshToken()}}))
	fmt.Println(org.Row("User", org.UserID())["IsActive"])
	// Output:
	// 401 INVALID_SESSION_ID
	// 400 inactive user
	// false
}

// No record is found by what is encrypted probabilistically.
func ExampleOrg_EncryptField() {
	org := sftest.NewOrg(nil, sftest.Existing("Contact", "ada@example.com"))
	defer org.Close()
	org.EncryptField("Contact", "Email")
	send(org, "GET", "/query?q="+url.QueryEscape("SELECT Email FROM Contact"), "")
	send(org, "GET", "/query?q="+url.QueryEscape("SELECT Id FROM Contact WHERE Email = 'ada@example.com'"), "")
	// Output:
	// 200 {"totalSize":1,"done":true,"records":[{"attributes":{"type":"Contact","url":"/services/data/v62.0/sobjects/Contact/ID"},"Email":"ada@example.com"}]}
	// 400 [{"message":"\nSELECT Id FROM Contact WHERE Email = 'ada@example.com'\n                             ^\nERROR at Row:1:Column:30\nfield 'Email' can not be filtered in a query call","errorCode":"INVALID_FIELD"}]
}

// SPDX-License-Identifier: Apache-2.0

package sftest_test

import (
	"fmt"

	"github.com/leadsync/leadsync/salesforce/sftest"
)

func ExampleOrg_DefineField() {
	org := sftest.NewOrg(nil)
	defer org.Close()
	org.DefineField("Lead", sftest.Field{
		Name: "Interest__c", Type: "picklist", Restricted: true, Options: []string{"Pricing", "Support"},
	})
	org.DefineField("Lead", sftest.Field{Name: "Badge__c", Length: 20, ExternalID: true, Unique: true})

	send(org, "PATCH", "/sobjects/Lead/Badge__c/B-17",
		`{"LastName": "Turing", "Company": "Bletchley Park", "Interest__c": "Codes"}`)
	// Output:
	// 400 [{"message":"Interest: bad value for restricted picklist field: Codes","errorCode":"INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST","fields":["Interest__c"]}]
}

func ExampleOrg_DefineObject() {
	org := sftest.NewOrg(nil)
	defer org.Close()
	org.DefineObject("Visit__c", "a0x",
		sftest.Field{Name: "Contact__c", Type: "reference", ReferenceTo: []string{"Contact"}},
		sftest.Field{Name: "Minutes__c", Type: "int"},
	)
	ada := org.Insert("Contact", map[string]any{"LastName": "Lovelace"})
	org.Insert("Visit__c", map[string]any{"Contact__c": ada, "Minutes__c": 12})

	send(org, "GET", "/query?q=SELECT+(SELECT+Minutes__c+FROM+Visits__r)+FROM+Contact", "")
	// Output:
	// 200 {"totalSize":1,"done":true,"records":[{"attributes":{"type":"Contact","url":"/services/data/v62.0/sobjects/Contact/ID"},"Visits__r":{"totalSize":1,"done":true,"records":[{"attributes":{"type":"Visit__c","url":"/services/data/v62.0/sobjects/Visit__c/ID"},"Minutes__c":12}]}}]}
}

func ExampleOrg_DefineRecordType() {
	org := sftest.NewOrg(nil)
	defer org.Close()
	org.DefineField("Lead", sftest.Field{
		Name: "Tier__c", Type: "picklist", Restricted: true, Options: []string{"Gold", "Silver", "Basic"},
	})
	org.DefineRecordType("Lead",
		sftest.RecordType{Name: "Partner", Default: true, Picklists: map[string][]string{"Tier__c": {"Gold", "Silver"}}})

	send(org, "POST", "/sobjects/Lead", `{"LastName": "Turing", "Company": "Bletchley Park", "Tier__c": "Basic"}`)
	// Output:
	// 400 [{"message":"Tier: bad value for restricted picklist field: Basic","errorCode":"INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST","fields":["Tier__c"]}]
}

func ExampleWithCountries() {
	org := sftest.NewOrg(nil, sftest.WithCountries())
	defer org.Close()
	send(org, "POST", "/sobjects/Lead", `{"LastName": "Turing", "Company": "Bletchley Park", "Country": "England"}`)
	send(org, "POST", "/sobjects/Lead", `{"LastName": "Turing", "Company": "Bletchley Park", "Country": "United Kingdom"}`)
	fmt.Println(org.Rows("Lead")[0]["CountryCode"])
	// Output:
	// 400 [{"message":"There's a problem with this country, even though it may appear correct. Please select a country/territory from the list of valid countries.: Country","errorCode":"FIELD_INTEGRITY_EXCEPTION","fields":["Country"]}]
	// 201 {"id":"ID","success":true,"errors":[]}
	// GB
}

func ExampleWithPersonAccounts() {
	org := sftest.NewOrg(nil, sftest.WithPersonAccounts())
	defer org.Close()
	send(org, "POST", "/sobjects/Account", `{"LastName": "Turing", "PersonTitle": "Fellow"}`)
	contact := org.Rows("Contact")[0]
	fmt.Println(contact["LastName"], contact["Title"], contact["IsPersonAccount"])
	send(org, "PATCH", fmt.Sprintf("/sobjects/Contact/%s", contact["Id"]), `{"Title": "Professor"}`)
	// Output:
	// 201 {"id":"ID","success":true,"errors":[]}
	// Turing Fellow true
	// 400 [{"message":"cannot reference person contact","errorCode":"INVALID_PERSON_ACCOUNT_OPERATION","fields":[]}]
}

// The field by which leadsync knows the rows that it made.
func ExampleOrg_AddExternalID() {
	org := sftest.NewOrg(nil)
	defer org.Close()
	org.AddExternalID("Contact", "Task")
	for range 2 {
		send(org, "PATCH", "/sobjects/Contact/LeadsyncKey__c/L1", `{"LastName": "Lovelace"}`)
	}
	// Output:
	// 201 {"id":"ID","success":true,"errors":[],"created":true}
	// 200 {"id":"ID","success":true,"errors":[],"created":false}
}

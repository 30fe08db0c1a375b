// SPDX-License-Identifier: Apache-2.0

package sftest_test

import (
	"fmt"

	"github.com/leadsync/leadsync/salesforce/sftest"
)

func ExampleOrg_AssignLeadsTo() {
	org := sftest.NewOrg(nil)
	defer org.Close()
	grace := org.Insert("User", map[string]any{
		"LastName": "Hopper", "Username": "grace@fake.example", "Email": "grace@fake.example", "Alias": "grace",
		"IsActive": true,
	})
	org.AssignLeadsTo(grace)
	send(org, "POST", "/sobjects/Lead", `{"LastName": "Turing", "Company": "Bletchley Park"}`)
	fmt.Println(org.Rows("Lead")[0]["OwnerId"] == grace)
	// Output:
	// 201 {"id":"ID","success":true,"errors":[]}
	// true
}

func ExampleOrg_Convert() {
	org := sftest.NewOrg(nil)
	defer org.Close()
	lead := org.Insert("Lead", map[string]any{"FirstName": "Alan", "LastName": "Turing", "Company": "Bletchley Park"})
	contact, account := org.Convert(lead)
	fmt.Println(org.Row("Contact", contact)["Name"], "of", org.Row("Account", account)["Name"])
	send(org, "PATCH", "/sobjects/Lead/"+lead, `{"Title": "Dr"}`)
	// Output:
	// Alan Turing of Bletchley Park
	// 400 [{"message":"cannot reference converted lead","errorCode":"CANNOT_UPDATE_CONVERTED_LEAD","fields":[]}]
}

func ExampleOrg_Merge() {
	org := sftest.NewOrg(nil)
	defer org.Close()
	winner := org.Insert("Contact", map[string]any{"LastName": "Lovelace"})
	loser := org.Insert("Contact", map[string]any{"LastName": "King"})
	org.Merge("Contact", winner, loser)
	send(org, "PATCH", "/sobjects/Contact/"+loser, `{"Title": "Countess"}`)
	fmt.Println(org.Row("Contact", loser)["MasterRecordId"] == winner)
	// Output:
	// 404 [{"message":"entity is deleted","errorCode":"ENTITY_IS_DELETED","fields":[]}]
	// true
}

func ExampleOrg_Undelete() {
	org := sftest.NewOrg(nil)
	defer org.Close()
	ada := org.Insert("Contact", map[string]any{"LastName": "Lovelace"})
	org.Insert("Task", map[string]any{"WhoId": ada, "Subject": "Call"})
	org.Delete("Contact", ada)
	fmt.Println(org.Count("Contact"), org.Count("Task"))
	org.Undelete("Contact", ada)
	fmt.Println(org.Count("Contact"), org.Count("Task"))
	// Output:
	// 0 0
	// 1 1
}

// What other users of the org do meanwhile.
func ExampleOrg_Update() {
	org := sftest.NewOrg(nil)
	defer org.Close()
	ada := org.Insert("Contact", map[string]any{"LastName": "Byron"})
	org.Update("Contact", ada, map[string]any{"LastName": "King"})
	fmt.Println(org.Row("Contact", ada)["LastName"])
	org.Delete("Contact", ada)
	fmt.Println(org.Row("Contact", ada)["IsDeleted"], call(org, "PATCH", "/sobjects/Contact/"+ada,
		`{"Title": "Countess"}`))
	// Output:
	// King
	// true 404 ENTITY_IS_DELETED
}

// A Lead that becomes a Contact who is there already, with an Opportunity.
func ExampleOrg_ConvertInto() {
	org := sftest.NewOrg(nil)
	defer org.Close()
	account := org.Insert("Account", map[string]any{"Name": "Bletchley Park"})
	alan := org.Insert("Contact", map[string]any{"LastName": "Turing", "AccountId": account})
	lead := org.Insert("Lead", map[string]any{"LastName": "Turing", "Company": "GC&CS", "Title": "Dr"})
	_, _, deal := org.ConvertInto(lead, sftest.Conversion{ContactID: alan, Opportunity: "Bombe"})
	fmt.Println(org.Row("Contact", alan)["Title"], org.Row("Opportunity", deal)["StageName"], org.Count("Contact"),
		org.Count("Account"))
	// Output:
	// Dr Prospecting 1 1
}

// The records as they were before a test, for the next one.
func ExampleOrg_Restore() {
	org := sftest.NewOrg(nil, sftest.Existing("Lead", "ada@example.com"))
	defer org.Close()
	before := org.Snapshot()
	call(org, "POST", "/sobjects/Lead", `{"LastName": "Babbage", "Company": "Engines"}`)
	fmt.Println(org.Count("Lead"))
	org.Restore(before)
	fmt.Println(org.Count("Lead"))
	// Output:
	// 2
	// 1
}

// A file is a row of ContentVersion, which makes the rows around it.
func ExampleOrg_Insert_file() {
	org := sftest.NewOrg(nil)
	defer org.Close()
	ada := org.Insert("Contact", map[string]any{"LastName": "Lovelace"})
	version := org.Insert("ContentVersion", map[string]any{
		"PathOnClient": "badge.txt", "VersionData": []byte("Ada Lovelace"), "FirstPublishLocationId": ada,
	})
	row := org.Row("ContentVersion", version)
	fmt.Println(row["Title"], row["FileType"], row["ContentSize"])
	for _, link := range org.Rows("ContentDocumentLink") {
		fmt.Println(link["LinkedEntityId"] == ada, link["ShareType"])
	}
	send(org, "GET", "/sobjects/ContentVersion/"+version+"/VersionData", "")
	// Output:
	// badge TEXT 12
	// false I
	// true V
	// 200 Ada Lovelace
}

func ExampleOrg_Insert_case() {
	org := sftest.NewOrg(nil)
	defer org.Close()
	account := org.Insert("Account", map[string]any{"Name": "Engines"})
	ada := org.Insert("Contact", map[string]any{"LastName": "Lovelace", "AccountId": account})
	send(org, "POST", "/sobjects/Case", `{"Subject": "Lost badge", "ContactId": "`+ada+`"}`)
	row := org.Rows("Case")[0]
	fmt.Println(row["CaseNumber"], row["Status"], row["IsClosed"], row["AccountId"] == account)
	// Output:
	// 201 {"id":"ID","success":true,"errors":[]}
	// 00001000 New false true
}

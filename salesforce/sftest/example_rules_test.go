// SPDX-License-Identifier: Apache-2.0

package sftest_test

import (
	"fmt"

	"github.com/leadsync/leadsync/salesforce/sftest"
)

func ExampleOrg_AddRule() {
	org := sftest.NewOrg(nil)
	defer org.Close()
	org.AddRule("Contact", sftest.Rule{
		Message: "Give us a phone number",
		Field:   "Phone",
		Refuses: func(row map[string]any) bool { return row["Phone"] == nil },
	})
	send(org, "POST", "/sobjects/Contact", `{"LastName": "Lovelace"}`)
	// Output:
	// 400 [{"message":"Give us a phone number","errorCode":"FIELD_CUSTOM_VALIDATION_EXCEPTION","fields":["Phone"]}]
}

// A trigger that fails on some rows, and a lock that is gone the next time.
func ExampleOrg_OnRow() {
	org := sftest.NewOrg(nil)
	defer org.Close()
	tries := 0
	org.OnRow("Contact", func(op string, row map[string]any) *sftest.RowError {
		if tries++; tries == 1 {
			return sftest.LockedRow("001dM000000000P")
		}
		if op == "create" && row["LastName"] == "Null" {
			return sftest.FailedTrigger("ContactTrigger", "BeforeInsert", "System.NullPointerException")
		}
		return nil
	})
	for range 2 {
		send(org, "POST", "/sobjects/Contact", `{"LastName": "Null"}`)
	}
	// Output:
	// 400 [{"message":"unable to obtain exclusive access to this record or 1 records: ID","errorCode":"UNABLE_TO_LOCK_ROW","fields":[]}]
	// 400 [{"message":"ContactTrigger: execution of BeforeInsert\n\ncaused by: System.NullPointerException","errorCode":"CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY","fields":[]}]
}

// A governor limit that only many rows at once run into.
func ExampleOrg_OnBatch() {
	org := sftest.NewOrg(nil)
	defer org.Close()
	org.OnBatch("Contact", func(rows int) *sftest.RowError {
		if rows > 1 {
			return sftest.FailedTrigger("ContactTrigger", "BeforeInsert", "System.LimitException: Too many SOQL queries: 101")
		}
		return nil
	})
	ada := `{"attributes": {"type": "Contact"}, "LastName": "Lovelace"}`
	send(org, "POST", "/composite/sobjects", `{"records": [`+ada+`]}`)
	send(org, "POST", "/composite/sobjects", `{"records": [`+ada+`,`+ada+`]}`)
	fmt.Println(org.Count("Contact"))
	// Output:
	// 200 [{"id":"ID","success":true,"errors":[]}]
	// 200 [{"success":false,"errors":[{"statusCode":"CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY","message":"ContactTrigger: execution of BeforeInsert\n\ncaused by: System.LimitException: Too many SOQL queries: 101","fields":[]}]},{"success":false,"errors":[{"statusCode":"CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY","message":"ContactTrigger: execution of BeforeInsert\n\ncaused by: System.LimitException: Too many SOQL queries: 101","fields":[]}]}]
	// 1
}

func ExampleOrg_AddDuplicateRule() {
	org := sftest.NewOrg(nil, sftest.Existing("Contact", "ada@example.com"))
	defer org.Close()
	org.AddDuplicateRule("Contact", sftest.DuplicateRule{Message: "Is it one of these?", Block: true})
	send(org, "POST", "/composite/sobjects",
		`{"records": [{"attributes": {"type": "Contact"}, "LastName": "L", "Email": "Ada@example.com"}]}`)
	// Output:
	// 200 [{"success":false,"errors":[{"statusCode":"DUPLICATES_DETECTED","message":"Is it one of these?","fields":[]}]}]
}

func ExampleFailedFlow() {
	org := sftest.NewOrg(nil)
	defer org.Close()
	org.OnRow("Task", func(op string, _ map[string]any) *sftest.RowError {
		if op == "delete" {
			return sftest.FailedFlow("Keep Tasks", "An unhandled fault has occurred in this flow")
		}
		return nil
	})
	send(org, "DELETE", "/sobjects/Task/"+org.Insert("Task", map[string]any{"Subject": "Call"}), "")
	// Output:
	// 400 [{"message":"We can't save this record because the \"Keep Tasks\" process failed. Give your Salesforce admin these details. An unhandled fault has occurred in this flow","errorCode":"CANNOT_EXECUTE_FLOW_TRIGGER","fields":[]}]
}

func ExampleWithStorageLimit() {
	org := sftest.NewOrg(nil, sftest.WithStorageLimit(1))
	defer org.Close()
	org.Insert("Account", map[string]any{"Name": "Bletchley Park"})
	fmt.Println(call(org, "POST", "/sobjects/Account", `{"Name": "Engines"}`))
	// Output:
	// 400 STORAGE_LIMIT_EXCEEDED
}

// Salesforce speaks the user's language: code that goes by a text breaks here.
func ExampleWithMessages() {
	org := sftest.NewOrg(nil, sftest.WithMessages(func(code, _ string) string { return "Fehler " + code }))
	defer org.Close()
	send(org, "POST", "/sobjects/Lead", `{"LastName": "Turing"}`)
	// Output:
	// 400 [{"message":"Fehler REQUIRED_FIELD_MISSING","errorCode":"REQUIRED_FIELD_MISSING","fields":["Company"]}]
}

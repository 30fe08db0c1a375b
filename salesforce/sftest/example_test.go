// SPDX-License-Identifier: Apache-2.0

package sftest_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"github.com/leadsync/leadsync/salesforce/sftest"
)

// send is in the place of the client that a host would point at org.URL. Of the answer it
// prints the status and the body, record ids as ID.
func send(org *sftest.Org, method, path, body string) {
	status, text := ask(org, org.Token(), method, path, body)
	id := regexp.MustCompile(`\b\w{3}dM\w{13}\b`)
	fmt.Println(status, id.ReplaceAllString(text, "ID"))
}

// call is send, but answers the status with the code of an error.
func call(org *sftest.Org, method, path, body string) string {
	return callWith(org, org.Token(), method, path, body)
}

func callWith(org *sftest.Org, token, method, path, body string) string {
	status, text := ask(org, token, method, path, body)
	var errors []struct{ ErrorCode string }
	if json.Unmarshal([]byte(text), &errors) != nil || len(errors) == 0 {
		return status
	}
	return status + " " + errors[0].ErrorCode
}

func ask(org *sftest.Org, token, method, path, body string) (status, text string) {
	req, _ := http.NewRequest(method, org.URL()+"/services/data/v62.0"+path, strings.NewReader(body))
	req.Header.Set("Authorization", "Bearer "+token)
	if method == "PUT" {
		req.Header.Set("Content-Type", "text/csv")
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return "no answer", ""
	}
	defer res.Body.Close()
	answer, _ := io.ReadAll(res.Body)
	return strconv.Itoa(res.StatusCode), string(answer)
}

// A test of code that calls Salesforce: it sets up the org, its rules and its records,
// runs the code, and checks the records and the requests.
func Example() {
	org := sftest.NewOrg(nil) // in a test NewOrg(t), which closes it, and fails on requests that it does not support
	defer org.Close()
	org.AddExternalID("Lead")
	org.AddRule("Lead", sftest.Rule{
		Message: "Give us a way to reach them",
		Field:   "Email",
		Refuses: func(row map[string]any) bool { return row["Email"] == nil && row["Phone"] == nil },
	})
	org.Insert("Lead", map[string]any{
		"LastName": "Lovelace", "Company": "Engines", "Phone": "1815", "LeadsyncKey__c": "B-17",
	})

	// Your code with the base URL org.URL() and the access token org.Token().
	send(org, "PATCH", "/sobjects/Lead/LeadsyncKey__c/B-17", `{"Title": "Countess"}`)
	send(org, "POST", "/sobjects/Lead", `{"LastName": "Babbage", "Company": "Engines"}`)

	for _, lead := range org.Rows("Lead") {
		fmt.Println(lead["LastName"], lead["Title"])
	}
	for _, request := range org.Requests() {
		fmt.Println(request.Method, request.Status, "rows written:", request.Written)
	}
	// Output:
	// 200 {"id":"ID","success":true,"errors":[],"created":false}
	// 400 [{"message":"Give us a way to reach them","errorCode":"FIELD_CUSTOM_VALIDATION_EXCEPTION","fields":["Email"]}]
	// Lovelace Countess
	// PATCH 200 rows written: 1
	// POST 400 rows written: 0
}

// An org outside a test: the caller closes it.
func ExampleNewOrg() {
	org := sftest.NewOrg(nil, sftest.Existing("Contact", "ada@example.com"))
	defer org.Close()
	send(org, "POST", "/sobjects/Lead", `{"LastName": "Turing"}`)
	fmt.Println(org.Count("Contact"), org.Count("Lead"), org.Calls())
	// Output:
	// 400 [{"message":"Required fields are missing: [Company]","errorCode":"REQUIRED_FIELD_MISSING","fields":["Company"]}]
	// 1 0 1
}

// What the org holds at first is put there past its rules.
func ExampleOrg_Insert() {
	org := sftest.NewOrg(nil)
	defer org.Close()
	account := org.Insert("Account", map[string]any{"Name": "Bletchley Park"})
	org.Insert("Contact", map[string]any{"FirstName": "Alan", "LastName": "Turing", "AccountId": account})

	send(org, "GET", "/query?q=SELECT+Account.Name+FROM+Contact+WHERE+Name='alan+turing'", "")
	// Output:
	// 200 {"totalSize":1,"done":true,"records":[{"attributes":{"type":"Contact","url":"/services/data/v62.0/sobjects/Contact/ID"},"Account":{"attributes":{"type":"Account","url":"/services/data/v62.0/sobjects/Account/ID"},"Name":"Bletchley Park"}}]}
}

func ExampleOrg_Rows() {
	org := sftest.NewOrg(nil)
	defer org.Close()
	send(org, "POST", "/composite/sobjects", `{"records": [
		{"attributes": {"type": "Lead"}, "LastName": "Turing", "Company": "Bletchley Park", "Email": "ALAN@example.com"},
		{"attributes": {"type": "Lead"}, "LastName": "Clarke"}]}`)

	for _, lead := range org.Rows("Lead") {
		fmt.Println(lead["LastName"], lead["Email"], lead["Status"], lead["Title"])
	}
	// Output:
	// 200 [{"id":"ID","success":true,"errors":[]},{"success":false,"errors":[{"statusCode":"REQUIRED_FIELD_MISSING","message":"Required fields are missing: [Company]","fields":["Company"]}]}]
	// Turing alan@example.com Open - Not Contacted <nil>
}

func ExampleOrg_Requests() {
	org := sftest.NewOrg(nil)
	defer org.Close()
	send(org, "POST", "/sobjects/Contact", `{"LastName": "Lovelace"}`)
	send(org, "GET", "/query?q=SELECT+count()+FROM+Contact", "")
	for _, r := range org.Requests() {
		fmt.Println(r.Method, r.Path, r.SOQL, r.Status, r.Writes, r.Written)
	}
	fmt.Println(org.Calls(), "calls")
	// Output:
	// 201 {"id":"ID","success":true,"errors":[]}
	// 200 {"totalSize":1,"done":true,"records":[]}
	// POST /services/data/v62.0/sobjects/Contact [] 201 1 1
	// GET /services/data/v62.0/query [SELECT count() FROM Contact] 200 0 0
	// 2 calls
}

// A log besides the org's own, such as a file; ResetLog clears Requests and Calls.
func ExampleOrg_OnRequest() {
	org := sftest.NewOrg(nil, sftest.WithLogSize(1)) // for a process that runs long
	defer org.Close()
	org.OnRequest(func(r sftest.Request) { fmt.Println(r.Method, r.Path, r.Status) })
	call(org, "GET", "/limits", "")
	call(org, "GET", "/sobjects", "")
	fmt.Println(len(org.Requests()), "kept,", org.Calls(), "calls")
	org.ResetLog()
	fmt.Println(len(org.Requests()), "kept,", org.Calls(), "calls")
	// Output:
	// GET /services/data/v62.0/limits 200
	// GET /services/data/v62.0/sobjects 200
	// 1 kept, 2 calls
	// 0 kept, 0 calls
}

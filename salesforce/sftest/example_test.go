package sftest_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/leadsync/leadsync/salesforce/sftest"
)

// send stands for the client that a host would point at org.URL. Of the answer it
// prints the status and the body, record ids as ID.
func send(org *sftest.Org, method, path, body string) {
	req, _ := http.NewRequest(method, org.URL()+"/services/data/v62.0"+path, strings.NewReader(body))
	req.Header.Set("Authorization", "Bearer "+org.Token())
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer res.Body.Close()
	text, _ := io.ReadAll(res.Body)
	id := regexp.MustCompile(`\b\w{3}dM\w{13}\b`)
	fmt.Println(res.StatusCode, id.ReplaceAllString(string(text), "ID"))
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

func ExampleOrg_DefineField() {
	org := sftest.NewOrg(nil)
	defer org.Close()
	org.DefineField("Lead", sftest.Field{Name: "Interest__c", Type: "picklist", Restricted: true, Options: []string{"Pricing", "Support"}})
	org.DefineField("Lead", sftest.Field{Name: "Badge__c", Length: 20, ExternalID: true, Unique: true})

	send(org, "PATCH", "/sobjects/Lead/Badge__c/B-17", `{"LastName": "Turing", "Company": "Bletchley Park", "Interest__c": "Codes"}`)
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
	org.DefineField("Lead", sftest.Field{Name: "Tier__c", Type: "picklist", Restricted: true, Options: []string{"Gold", "Silver", "Basic"}})
	org.DefineRecordType("Lead", sftest.RecordType{Name: "Partner", Default: true, Picklists: map[string][]string{"Tier__c": {"Gold", "Silver"}}})

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
	// 400 [{"message":"There's a problem with this country, even though it may appear correct. Please select a country/territory from the list of valid countries.","errorCode":"FIELD_INTEGRITY_EXCEPTION","fields":["Country"]}]
	// 201 {"id":"ID","success":true,"errors":[]}
	// GB
}

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
	// 400 [{"message":"unable to obtain exclusive access to this record or 1 records: 001dM000000000P","errorCode":"UNABLE_TO_LOCK_ROW"}]
	// 400 [{"message":"ContactTrigger: execution of BeforeInsert\n\ncaused by: System.NullPointerException","errorCode":"CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"}]
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
	send(org, "POST", "/composite/sobjects", `{"records": [{"attributes": {"type": "Contact"}, "LastName": "L", "Email": "Ada@example.com"}]}`)
	// Output:
	// 200 [{"success":false,"errors":[{"statusCode":"DUPLICATES_DETECTED","message":"Is it one of these?","fields":[]}]}]
}

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
	// 400 [{"message":"entity type cannot be inserted: Account","errorCode":"CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"}]
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

func ExampleOrg_AssignLeadsTo() {
	org := sftest.NewOrg(nil)
	defer org.Close()
	grace := org.Insert("User", map[string]any{"LastName": "Hopper", "Username": "grace@fake.example", "Email": "grace@fake.example", "Alias": "grace", "IsActive": true})
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
	// 400 [{"message":"cannot reference converted lead","errorCode":"CANNOT_UPDATE_CONVERTED_LEAD"}]
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
	// 404 [{"message":"entity is deleted","errorCode":"ENTITY_IS_DELETED"}]
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

// A response that is lost after the org has written: the second attempt of a
// create without a key makes a second record.
func ExampleOrg_Fail() {
	org := sftest.NewOrg(nil)
	defer org.Close()
	org.Fail(func(_ *http.Request, n int) *sftest.Fault {
		if n == 1 {
			return &sftest.Fault{DropAfter: true}
		}
		return nil
	})
	client := &http.Client{Transport: org.Transport()}
	for range 2 {
		req, _ := http.NewRequest(http.MethodPost, org.URL()+"/services/data/v62.0/sobjects/Contact", strings.NewReader(`{"LastName": "Lovelace"}`))
		req.Header.Set("Authorization", "Bearer "+org.Token())
		res, err := client.Do(req)
		if err != nil {
			fmt.Println("no answer")
			continue
		}
		fmt.Println(res.StatusCode)
		res.Body.Close()
	}
	fmt.Println("contacts:", org.Count("Contact"))
	// Output:
	// no answer
	// 201
	// contacts: 2
}

// A row that another process holds for a moment: the second try gets it.
func ExampleOrg_LockRow() {
	org := sftest.NewOrg(nil)
	defer org.Close()
	account := org.Insert("Account", map[string]any{"Name": "Acme"})
	org.LockRow("Account", account, 1)
	for range 2 {
		fmt.Println(call(org, http.MethodPost, "/services/data/v62.0/sobjects/Contact", `{"LastName": "Lovelace", "AccountId": "`+account+`"}`))
	}
	// Output:
	// 400 UNABLE_TO_LOCK_ROW
	// 201
}

// Rows with a heavy trigger: each makes the answer wait.
func ExampleOrg_SlowRows() {
	org := sftest.NewOrg(nil)
	defer org.Close()
	org.SlowRows("Contact", func(row map[string]any) time.Duration {
		if row["LastName"] == "Slow" {
			return 5 * time.Millisecond
		}
		return 0
	})
	start := time.Now()
	fmt.Println(call(org, http.MethodPost, "/services/data/v62.0/sobjects/Contact", `{"LastName": "Slow"}`))
	fmt.Println(time.Since(start) >= 5*time.Millisecond)
	// Output:
	// 201
	// true
}

// A token that expires between two calls; a new one goes on.
func ExampleOrg_ExpireToken() {
	org := sftest.NewOrg(nil)
	defer org.Close()
	org.Fail(func(_ *http.Request, n int) *sftest.Fault {
		if n == 2 {
			org.ExpireToken()
		}
		return nil
	})
	token := org.Token()
	for range 2 {
		fmt.Println(callWith(org, token, http.MethodGet, "/services/data/v62.0/limits", ""))
	}
	fmt.Println(callWith(org, org.Token(), http.MethodGet, "/services/data/v62.0/limits", ""))
	// Output:
	// 200
	// 401 INVALID_SESSION_ID
	// 200
}

// An org that knows its apps refuses others.
func ExampleOrg_AddApp() {
	org := sftest.NewOrg(nil)
	defer org.Close()
	org.AddApp(sftest.App{ClientID: "my-app", ClientSecret: "s3cret"})
	for _, secret := range []string{"wrong", "s3cret"} {
		form := url.Values{"grant_type": {"client_credentials"}, "client_id": {"my-app"}, "client_secret": {secret}}
		res, err := http.PostForm(org.URL()+"/services/oauth2/token", form)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(res.StatusCode)
		res.Body.Close()
	}
	// Output:
	// 400
	// 200
}

// call sends a request and answers its status, with the code of an error.
func call(org *sftest.Org, method, path, body string) string {
	return callWith(org, org.Token(), method, path, body)
}

func callWith(org *sftest.Org, token, method, path, body string) string {
	req, _ := http.NewRequest(method, org.URL()+path, strings.NewReader(body))
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err.Error()
	}
	defer res.Body.Close()
	var errors []struct{ ErrorCode string }
	if json.NewDecoder(res.Body).Decode(&errors) != nil || len(errors) == 0 {
		return fmt.Sprint(res.StatusCode)
	}
	return fmt.Sprint(res.StatusCode, " ", errors[0].ErrorCode)
}

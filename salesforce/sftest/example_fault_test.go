// SPDX-License-Identifier: Apache-2.0

package sftest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/leadsync/leadsync/salesforce/sftest"
)

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
		req, _ := http.NewRequest(http.MethodPost, org.URL()+"/services/data/v62.0/sobjects/Contact",
			strings.NewReader(`{"LastName": "Lovelace"}`))
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
		fmt.Println(call(org, "POST", "/sobjects/Contact", `{"LastName": "Lovelace", "AccountId": "`+account+`"}`))
	}
	// Output:
	// 400 UNABLE_TO_LOCK_ROW
	// 201
}

// An org that takes a reference to a row of a collection as text: the parent is written, and
// its child refused.
func ExampleOrg_FailReferences() {
	org := sftest.NewOrg(nil)
	defer org.Close()
	org.FailReferences(sftest.ReferenceIsText)
	fmt.Println(call(org, "POST", "/composite", `{"compositeRequest": [
		{"method": "POST", "url": "/services/data/v62.0/composite/sobjects", "referenceId": "r0", "body": {"records": [
			{"attributes": {"type": "Account"}, "Name": "Acme"}]}},
		{"method": "POST", "url": "/services/data/v62.0/composite/sobjects", "referenceId": "r1", "body": {"records": [
			{"attributes": {"type": "Contact"}, "LastName": "Lovelace", "AccountId": "@{r0[0].id}"}]}}]}`))
	fmt.Println("accounts:", org.Count("Account"), "contacts:", org.Count("Contact"))
	// Output:
	// 200
	// accounts: 1 contacts: 0
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
	fmt.Println(call(org, "POST", "/sobjects/Contact", `{"LastName": "Slow"}`))
	fmt.Println(time.Since(start) >= 5*time.Millisecond)
	// Output:
	// 201
	// true
}

// A query that Salesforce gives up on, and the same query the second time.
func ExampleOrg_Fail_query() {
	org := sftest.NewOrg(nil, sftest.Existing("Lead", "ada@example.com"))
	defer org.Close()
	org.Fail(func(r *http.Request, n int) *sftest.Fault {
		if n == 1 && r.URL.Query().Get("q") != "" {
			// or QUERY_TOO_COMPLICATED
			return &sftest.Fault{
				Status: 400,
				Body:   `[{"message":"Your query request was running for too long.","errorCode":"QUERY_TIMEOUT"}]`,
			}
		}
		return nil
	})
	for range 2 {
		fmt.Println(call(org, "GET", "/query?q=SELECT+Id+FROM+Lead", ""))
	}
	// Output:
	// 400 QUERY_TIMEOUT
	// 200
}

// A bulk job that stops in the middle: two of three rows are not written.
func ExampleOrg_FailBulk() {
	org := sftest.NewOrg(nil, sftest.WithBulkPolls(0)) // jobs end at the first look at them
	defer org.Close()
	org.FailBulk(1, "InternalServerError : the job was stopped")
	job := bulkJob(org, "LastName,Company\nTuring,C\nClarke,C\nFlowers,C\n")
	fmt.Println(job.State, job.ErrorMessage, job.NumberRecordsProcessed, org.Count("Lead"))
	// Output:
	// Failed InternalServerError : the job was stopped 1 1
}

// bulkJob inserts Leads, and answers the job at the first look at it.
func bulkJob(org *sftest.Org, csv string) (job struct {
	ID, State, ErrorMessage string
	NumberRecordsProcessed  int
}) {
	_, text := ask(org, org.Token(), "POST", "/jobs/ingest", `{"object": "Lead", "operation": "insert"}`)
	_ = json.Unmarshal([]byte(text), &job)
	ask(org, org.Token(), "PUT", "/jobs/ingest/"+job.ID+"/batches", csv)
	ask(org, org.Token(), "PATCH", "/jobs/ingest/"+job.ID, `{"state": "UploadComplete"}`)
	_, text = ask(org, org.Token(), "GET", "/jobs/ingest/"+job.ID, "")
	_ = json.Unmarshal([]byte(text), &job)
	return job
}

// A test in which a create may be sent again after its answer was lost.
func ExampleWithResends() {
	org := sftest.NewOrg(complaints{}, sftest.WithResends())
	defer org.Close()
	org.Fail(func(_ *http.Request, n int) *sftest.Fault { return &sftest.Fault{DropAfter: n == 1} })
	for range 2 {
		call(org, "POST", "/sobjects/Contact", `{"LastName": "Lovelace"}`)
	}
	fmt.Println(org.Count("Contact"))
	// Output:
	// 2
}

// complaints takes the place of a *testing.T.
type complaints struct{}

func (complaints) Helper()                           {}
func (complaints) Cleanup(func())                    {}
func (complaints) Errorf(format string, args ...any) { fmt.Printf(format+"\n", args...) }

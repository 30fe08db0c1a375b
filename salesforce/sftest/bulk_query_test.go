// SPDX-License-Identifier: Apache-2.0

package sftest_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce/sftest"
)

func (a *api) ask(operation, soql string) *response {
	a.t.Helper()
	return a.do("POST", "/jobs/query", map[string]any{"operation": operation, "query": soql})
}

func TestBulkQueryPagesThroughItsRows(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t, sftest.WithPageSize(2), sftest.WithNow(func() time.Time {
		return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	}))
	account := org.Insert("Account", map[string]any{"Name": "A\r\n\"B\"", "AnnualRevenue": 1.5, "NumberOfEmployees": 7})
	for i := range 3 {
		org.Insert("Contact", map[string]any{"LastName": fmt.Sprint("L", i), "AccountId": account})
	}
	res := a.ask("query",
		"SELECT LastName, Account.Name, Account.NumberOfEmployees, IsDeleted, CreatedDate, Email FROM Contact ORDER "+
			"BY LastName")
	require.Equal(t, 200, res.Status, res.Text)
	job := "/jobs/query/" + res.at("id").(string)
	var states []any
	for range 3 {
		refusals(t, a.do("GET", job+"/results", nil), 400, "INVALIDJOBSTATE")
		states = append(states, a.do("GET", job, nil).at("state"))
	}
	require.Equal(t, []any{"UploadComplete", "InProgress", "JobComplete"}, states)
	require.EqualValues(t, 3, a.do("GET", job, nil).at("numberRecordsProcessed"))
	require.Equal(t, "V2Query", a.do("GET", job, nil).at("jobType"))

	head := "\"LastName\",\"Account.Name\",\"Account.NumberOfEmployees\",\"IsDeleted\",\"CreatedDate\",\"Email\"\n"
	line := func(i int) string {
		return fmt.Sprintf("\"L%d\",\"A\r\n\"\"B\"\"\",\"7\",\"false\",\"2026-01-02T03:04:05.000Z\",\"\"\n", i)
	}
	res = a.do("GET", job+"/results", nil)
	require.Equal(t, head+line(0)+line(1), res.Text)
	require.Equal(t, "2", res.Header.Get("Sforce-NumberOfRecords"))
	locator := res.Header.Get("Sforce-Locator")
	res = a.do("GET", job+"/results?locator="+locator, nil)
	require.Equal(t, head+line(2), res.Text)
	require.Equal(t, "null", res.Header.Get("Sforce-Locator"))
	res = a.do("GET", job+"/results?maxRecords=1", nil)
	require.Equal(t, head+line(0), res.Text)
	refusals(t, a.do("GET", job+"/results?locator=junk", nil), 400, "INVALID_QUERY_LOCATOR")
	refusals(t, a.do("POST", job+"/results", "{}"), 405, "METHOD_NOT_ALLOWED")
	refusals(t, a.do("GET", "/jobs/query/750000000000009/results", nil), 404, "NOT_FOUND")
}

func TestBulkQueryOfAllRowsFindsDeletedOnes(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t, sftest.WithBulkPolls(0))
	org.Delete("Lead", org.Insert("Lead", map[string]any{"LastName": "L", "Company": "C"}))
	for operation, want := range map[string]string{"query": "\"LastName\"\n", "queryAll": "\"LastName\"\n\"L\"\n"} {
		job := "/jobs/query/" + a.ask(operation, "SELECT LastName FROM Lead").at("id").(string)
		require.Equal(t, "JobComplete", a.do("GET", job, nil).at("state"))
		require.Equal(t, want, a.do("GET", job+"/results", nil).Text)
	}
}

func TestBulkQueryRefusesWhatItCannotDo(t *testing.T) {
	t.Parallel()
	_, a := newAPI(t)
	for soql, code := range map[string]string{
		"SELECT Nope FROM Lead":               "INVALID_FIELD",
		"SELECT Id FROM Nope":                 "INVALID_TYPE",
		"SELECT":                              "MALFORMED_QUERY",
		"":                                    "MALFORMED_QUERY",
		"SELECT count() FROM Lead":            "API_ERROR",
		"SELECT MAX(City) FROM Lead":          "API_ERROR",
		"SELECT City FROM Lead GROUP BY City": "API_ERROR",
		"SELECT (SELECT Id FROM Contacts) FROM Account":     "API_ERROR",
		"SELECT TYPEOF Who WHEN Lead THEN Id END FROM Task": "API_ERROR",
		"SELECT Id FROM Lead OFFSET 1":                      "API_ERROR",
		"SELECT Account.BillingAddress FROM Contact":        "API_ERROR",
	} {
		refusals(t, a.ask("query", soql), 400, code)
	}
	require.Equal(t, 200, a.ask("query", "SELECT Who.Type FROM Task").Status)
	refusals(t, a.ask("insert", "SELECT Id FROM Lead"), 400, "INVALIDJOB")
}

func TestBulkQueryNamesItsPages(t *testing.T) {
	t.Parallel()
	org, a := newBulk(t, sftest.WithPageSize(1))
	for range 7 {
		org.Insert("Lead", map[string]any{"LastName": "L", "Company": "C"})
	}
	res := a.do("POST", "/jobs/query", `{"operation":"query","query":"SELECT Id FROM Lead"}`)
	job := "/jobs/query/" + res.at("id").(string)
	refusals(t, a.do("GET", job+"/resultPages", nil), 400, "INVALIDJOBSTATE")
	a.ended(job, "JobComplete")
	ids := map[string]bool{}
	for next, pages := job+"/resultPages", 5; next != ""; pages = 2 {
		res = a.do("GET", next, nil)
		require.Len(t, res.at("resultPages"), pages, res.Text)
		require.Equal(t, pages == 2, res.at("done"))
		for i := range pages {
			page := a.do("GET", strings.TrimPrefix(res.at("resultPages", i, "resultUrl").(string), base), nil)
			require.Equal(t, "1", page.Header.Get("Sforce-NumberOfRecords"))
			ids[page.Text] = true
		}
		next, _ = res.at("nextRecordsUrl").(string)
		next = strings.TrimPrefix(next, base)
	}
	require.Len(t, ids, 7)
}

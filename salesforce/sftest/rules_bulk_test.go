// SPDX-License-Identifier: Apache-2.0

package sftest_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce/sftest"
)

// What docs/salesforce.md, Bulk API, says.
func TestRulesOfBulk(t *testing.T) {
	t.Parallel()
	insert := fields{"object": "Lead", "operation": "insert"}
	const two = "LastName,Company\nA,C\nB,\n" // the second has no Company
	keeps(t, "1", []rule{
		{"a new job is Open, with a contentUrl, and apiVersion a number", func(t *testing.T, _ *sftest.Org, a *api) {
			res := a.do("POST", "/jobs/ingest", insert)
			id, _ := res.at("id").(string)
			require.Equal(t, 200, res.Status)
			require.Equal(t, []any{"Open", "services/data/v62.0/jobs/ingest/" + id + "/batches", 62.0, "Parallel"},
				[]any{res.at("state"), res.at("contentUrl"), res.at("apiVersion"), res.at("concurrencyMode")})
			require.True(t, strings.HasPrefix(id, "750"))
		}},
		{"data is taken once, with 201 and no body", func(t *testing.T, _ *sftest.Org, a *api) {
			job := a.open(insert)
			require.Equal(t, 201, a.do("PUT", job+"/batches", two, "Content-Type", "text/csv").Status)
			a.do("PUT", job+"/batches", two, "Content-Type", "text/csv").refused(t, 400, "INVALIDJOBSTATE")
		}},
		{"a job ends as JobComplete, even with failed rows", func(t *testing.T, org *sftest.Org, a *api) {
			job := a.load(insert, two)
			require.Equal(t, []any{"UploadComplete", "InProgress", "JobComplete"},
				[]any{a.do("GET", job, nil).at("state"), a.do("GET", job, nil).at("state"), a.do("GET", job, nil).at("state")})
			res := a.do("GET", job, nil)
			require.Equal(t, []any{"V2Ingest", 2.0, 1.0},
				[]any{res.at("jobType"), res.at("numberRecordsProcessed"), res.at("numberRecordsFailed")})
			require.Equal(t, 1, org.Count("Lead"))
		}},
		{"results are sf__Id, sf__Created or sf__Error, and own columns", func(t *testing.T, _ *sftest.Org, a *api) {
			job := a.load(insert, two)
			a.done(job)
			require.Regexp(t, `^"sf__Id","sf__Created",LastName,Company\n"00Q\w{15}","true","A","C"\n$`,
				a.do("GET", job+"/successfulResults", nil).Text)
			require.Equal(t,
				"\"sf__Id\",\"sf__Error\",LastName,Company\n\"\",\"REQUIRED_FIELD_MISSING:Required fields are missing: "+
					"[Company]:Company --\",\"B\",\"\"\n", a.do("GET", job+"/failedResults", nil).Text)
			require.Equal(t, "LastName,Company\n", a.do("GET", job+"/unprocessedrecords", nil).Text)
		}},
		{"results are not in the order of the rows", func(t *testing.T, _ *sftest.Org, a *api) {
			names := repeat(20, func(i int) string { return fmt.Sprintf("N%02d", i) })
			job := a.load(insert, "LastName,Company\n"+strings.Join(names, ",C\n")+",C\n")
			a.done(job)
			answered := regexp.MustCompile(`N\d\d`).FindAllString(a.do("GET", job+"/successfulResults", nil).Text, -1)
			require.ElementsMatch(t, names, answered)
			require.NotEqual(t, names, answered)
		}},
		{"an unknown column fails the job with InvalidBatch", func(t *testing.T, _ *sftest.Org, a *api) {
			res := a.done(a.load(insert, "LastName,Nope\nA,B\n"))
			require.Equal(t, []any{"Failed", "InvalidBatch : Field name not found : Nope"},
				[]any{res.at("state"), res.at("errorMessage")})
		}},
		{"a value of the wrong type is INVALID_FIELD, with its column", func(t *testing.T, _ *sftest.Org, a *api) {
			job := a.load(fields{"object": "Opportunity", "operation": "insert"},
				"Name,StageName,CloseDate\nN,Prospecting,tomorrow\n")
			a.done(job)
			require.Contains(t, a.do("GET", job+"/failedResults", nil).Text,
				"INVALID_FIELD:Failed to deserialize field at col 2. Due to, 'tomorrow' is not a valid value for the type "+
					"xsd:date:CloseDate --")
		}},
		{"#N/A is null, and an empty cell leaves the field", func(t *testing.T, org *sftest.Org, a *api) {
			id := org.Insert("Lead", fields{"LastName": "L", "Company": "C", "City": "Rome", "Title": "T"})
			a.done(a.load(fields{"object": "Lead", "operation": "update"}, "Id,City,Title\n"+id+",#N/A,\n"))
			require.Nil(t, org.Row("Lead", id)["City"])
			require.Equal(t, "T", org.Row("Lead", id)["Title"])
		}},
		{"a multipart request has job and data, up to 100,000 characters", func(t *testing.T, org *sftest.Org, a *api) {
			end := "\r\n--b--\r\n"
			send := func(data string) *response {
				body := "--b\r\nContent-Disposition: form-data; name=\"job\"\r\nContent-Type: application/json\r\n\r\n" +
					`{"object":"Lead","operation":"insert"}` +
					"\r\n--b\r\nContent-Disposition: form-data; name=\"content\"; filename=\"content\"\r\nContent-Type: " +
					"text/csv\r\n\r\n" + data + end
				return a.do("POST", "/jobs/ingest", body, "Content-Type", "multipart/form-data; boundary=b")
			}
			res := send(two)
			require.Equal(t, []any{200, "UploadComplete"}, []any{res.Status, res.at("state")}, res.Text)
			require.Equal(t, "JobComplete", a.done("/jobs/ingest/"+res.id()).at("state"))
			require.Equal(t, 1, org.Count("Lead"))
			send(two+strings.Repeat("x", 100_000)).refused(t, 400, "INVALIDBATCH")
			end = "\r\n--b\r\n"
			send(two).refused(t, 400, "INVALIDJOB")
			a.do("POST", "/jobs/ingest", "--b--", "Content-Type", "multipart/form-data; boundary=b").refused(t, 400,
				"INVALIDJOB")
		}},
		{"hardDelete needs its permission, and leaves nothing", func(t *testing.T, org *sftest.Org, a *api) {
			a.do("POST", "/jobs/ingest", fields{"object": "Account", "operation": "hardDelete"}).refused(t, 400,
				"FEATURENOTENABLED")
			org.SetPermission("PermissionsBulkApiHardDelete", true)
			account, kept := org.Insert("Account", fields{"Name": "Goes"}), org.Insert("Account", fields{"Name": "Stays"})
			contact := org.Insert("Contact", fields{"LastName": "Goes", "AccountId": account})
			task := org.Insert("Task", fields{"Subject": "Goes", "WhoId": contact, "WhatId": account})
			res := a.done(a.load(fields{"object": "Account", "operation": "hardDelete"}, "Id\n"+account+"\n"))
			require.Equal(t, []any{1.0, 0.0}, []any{res.at("numberRecordsProcessed"), res.at("numberRecordsFailed")})
			for object, id := range map[string]string{"Account": account, "Contact": contact, "Task": task} {
				require.Nil(t, org.Row(object, id))
			}
			all := a.do("GET", "/queryAll?q="+escape("SELECT Id FROM Account WHERE Name IN ('Goes', 'Stays')"), nil)
			require.Equal(t, []any{1.0, kept}, []any{all.at("totalSize"), all.at("records", 0, "Id")})
		}},
		{"a job can be aborted, and is gone when deleted", func(t *testing.T, org *sftest.Org, a *api) {
			job := a.load(insert, two)
			require.Equal(t, "Aborted", a.do("PATCH", job, fields{"state": "Aborted"}).at("state"))
			require.Equal(t, 204, a.do("DELETE", job, nil).Status)
			require.Equal(t, 404, a.do("GET", job, nil).Status)
			require.Zero(t, org.Count("Lead"))
		}},
		{"every delimiter and line ending is read", func(t *testing.T, org *sftest.Org, a *api) {
			for name, mark := range map[string]string{
				"COMMA": ",", "TAB": "\t", "SEMICOLON": ";", "PIPE": "|", "CARET": "^", "BACKQUOTE": "`",
			} {
				a.done(a.load(fields{"object": "Lead", "operation": "insert", "columnDelimiter": name, "lineEnding": "CRLF"},
					"LastName"+mark+"Company\r\nL"+mark+"C\r\n"))
			}
			require.Equal(t, 6, org.Count("Lead"))
		}},
		{"an upsert by a field that is no key names it", func(t *testing.T, _ *sftest.Org, a *api) {
			res := a.do("POST", "/jobs/ingest",
				fields{"object": "Account", "operation": "upsert", "externalIdFieldName": "website"})
			res.refused(t, 400, "INVALIDJOB")
			require.Equal(t,
				"InvalidJob : Field name provided, website does not match an External ID, Salesforce Id, or indexed field "+
					"for Account", res.at(0, "message"))
		}},
		{"duplicate rules do not heed the header in bulk", func(t *testing.T, org *sftest.Org, a *api) {
			org.AddDuplicateRule("Lead", sftest.DuplicateRule{})
			addLead(org, "a@example.com")
			job := a.load(insert, "LastName,Company,Email\nL,C,a@example.com\n")
			for range 3 {
				a.do("GET", job, nil, "Sforce-Duplicate-Rule-Header", "allowSave=true")
			}
			require.Contains(t, a.do("GET", job+"/failedResults", nil).Text, "DUPLICATES_DETECTED")
		}},
		{"a query job has pages with Sforce-Locator, null at the end", func(t *testing.T, org *sftest.Org, a *api) {
			fill(org, 3)
			id := a.do("POST", "/jobs/query", fields{"operation": "query", "query": "SELECT Email FROM Lead"}).at("id").(string)
			a.done("/jobs/query/" + id)
			res := a.do("GET", "/jobs/query/"+id+"/results?maxRecords=2", nil)
			require.Equal(t, "2", res.Header.Get("Sforce-NumberOfRecords"))
			res = a.do("GET", "/jobs/query/"+id+"/results?maxRecords=2&locator="+res.Header.Get("Sforce-Locator"), nil)
			require.Equal(t, []string{"null", "1"},
				[]string{res.Header.Get("Sforce-Locator"), res.Header.Get("Sforce-NumberOfRecords")})
		}},
		{"a query job takes no OFFSET, aggregates or child rows", func(t *testing.T, _ *sftest.Org, a *api) {
			for _, soql := range []string{
				"SELECT Id FROM Lead OFFSET 1", "SELECT COUNT(Id) FROM Lead", "SELECT City FROM Lead GROUP BY City",
				"SELECT (SELECT Id FROM Contacts) FROM Account",
			} {
				require.Equal(t, 400, a.do("POST", "/jobs/query", fields{"operation": "query", "query": soql}).Status, soql)
			}
		}},
	})
}

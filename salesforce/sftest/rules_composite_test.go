// SPDX-License-Identifier: Apache-2.0

package sftest_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce/sftest"
)

// What docs/salesforce.md says of composite, collections, batch, graph and
// tree.
func TestRulesOfComposite(t *testing.T) {
	t.Parallel()
	refuse := func(org *sftest.Org) {
		org.OnRow("Contact", func(_ string, row map[string]any) *sftest.RowError {
			if row["LastName"] == "Bad" {
				return &sftest.RowError{StatusCode: "FIELD_CUSTOM_VALIDATION_EXCEPTION", Message: "bad"}
			}
			return nil
		})
	}
	good, bad := fields{"LastName": "L"}, fields{"LastName": "Bad"}
	keeps(t, "1", []rule{
		{"a composite is 200 with the body, headers and status of each part", func(t *testing.T, _ *sftest.Org, a *api) {
			res := a.do("POST", "/composite",
				fields{"compositeRequest": []part{post("a", "/sobjects/Contact", fields{}), post("b", "/sobjects/Contact", good)}})
			require.Equal(t, 200, res.Status)
			require.Equal(t, "a", res.at("compositeResponse", 0, "referenceId"))
			require.Equal(t, "REQUIRED_FIELD_MISSING", res.at("compositeResponse", 0, "body", 0, "errorCode"))
			require.InDelta(t, 201, res.at("compositeResponse", 1, "httpStatusCode"), 0)
			require.Contains(t, res.at("compositeResponse", 1, "httpHeaders", "Location"), base+"/sobjects/Contact/")
		}},
		{"a 204 in a composite has the body null", func(t *testing.T, org *sftest.Org, a *api) {
			res := a.composite(false, part{
				Method: "DELETE", URL: base + "/sobjects/Lead/" + addLead(org, "a@example.com"), Ref: "a",
			})[0]
			require.Equal(t, 204, res.Status)
			require.Nil(t, res.Body)
		}},
		{"allOrNone is false unless said", func(t *testing.T, org *sftest.Org, a *api) {
			a.do("POST", "/composite",
				fields{"compositeRequest": []part{post("a", "/sobjects/Contact", good), post("b", "/sobjects/Contact", fields{})}})
			require.Equal(t, 1, org.Count("Contact"))
		}},
		{"a composite takes rows, queries and collections, and nothing else", func(t *testing.T, _ *sftest.Org, a *api) {
			for _, path := range []string{
				"/limits", "/search?q=FIND+%7Bx%7D", "/composite/tree/Lead", "/jobs/query", "/composite/batch",
			} {
				require.Equal(t, 400, a.composite(false, get("a", path))[0].Status, path)
			}
			for _, path := range []string{
				"/sobjects", "/sobjects/Lead/describe", "/query?q=SELECT+Id+FROM+Lead", "/queryAll?q=SELECT+Id+FROM+Lead",
				"/composite/sobjects/User?ids=005dM0000000002&fields=Id",
			} {
				require.Equal(t, 200, a.composite(false, get("a", path))[0].Status, path)
			}
		}},
		{"the url of a part begins with the version, and may have blanks", func(t *testing.T, _ *sftest.Org, a *api) {
			for url, status := range map[string]int{
				"/sobjects/Lead/describe": 404, base + "/query?q=SELECT Id FROM Lead": 200,
				base + "/query?q=SELECT%20Id%20FROM%20Lead": 200,
			} {
				require.Equal(t, status, a.composite(false, part{Method: "GET", URL: url, Ref: "a"})[0].Status, url)
			}
		}},
		{"Accept, Authorization or Content-Type of a part refuse the call", func(t *testing.T, org *sftest.Org, a *api) {
			for _, name := range []string{"Accept", "authorization", "Content-Type"} {
				p := post("b", "/sobjects/Contact", good)
				p.Headers = map[string]string{name: "x"}
				require.Equal(t, 400,
					a.do("POST", "/composite",
						fields{"compositeRequest": []part{post("a", "/sobjects/Contact", good), p}}).Status, name)
			}
			require.Zero(t, org.Count("Contact"))
		}},
		{"a bad reference id refuses the call since v52, before its users", func(t *testing.T, org *sftest.Org, a *api) {
			body := fields{"compositeRequest": []part{post("ref-1", "/sobjects/Account", fields{"Name": "A"}), post("b",
				"/sobjects/Contact", fields{"LastName": "L", "AccountId": "@{ref-1.id}"}), post("c", "/sobjects/Contact", good)}}
			res := a.in("v52.0", "POST", "/composite", body)
			res.refused(t, 400, "JSON_PARSER_ERROR")
			require.Contains(t, res.at(0, "message"), "Provided referenceId ('ref-1') must start with a letter or a number")
			res = a.in("v51.0", "POST", "/composite", body)
			require.Equal(t, []any{201.0, 400.0, 201.0},
				[]any{
					res.at("compositeResponse", 0, "httpStatusCode"), res.at("compositeResponse", 1, "httpStatusCode"),
					res.at("compositeResponse", 2, "httpStatusCode"),
				})
			require.Equal(t, "PROCESSING_HALTED", res.at("compositeResponse", 1, "body", 0, "errorCode"))
			require.Equal(t, 1, org.Count("Contact"))
		}},
		{"references name a field, records[0] and [0], and their case counts", func(t *testing.T, org *sftest.Org, a *api) {
			addLead(org, "a@example.com")
			url := func(ref string) part { return get("x", "/sobjects/Lead/@{"+ref+"}") }
			query := get("q", "/query?q=SELECT+Id+FROM+Lead")
			rows := post("c", "/composite/sobjects", collection(false, rows("Lead", newLead)))
			for _, tc := range []struct {
				first  part
				ref    string
				status int
			}{{query, "q.records[0].Id", 200}, {query, "q.records[0].id", 400}, {query, "q.records[9].Id", 400},
				{rows, "c[0].id", 200}, {rows, "c[0].Id", 400}, {query, "p.records[0].Id", 400}} {
				res := a.composite(false, tc.first, url(tc.ref))[1]
				require.Equal(t, tc.status, res.Status, tc.ref)
				if tc.status == 400 {
					require.Equal(t, "PROCESSING_HALTED", res.code())
				}
			}
		}},
		{"a reference to a null passes it on since v52, and halts before", func(t *testing.T, org *sftest.Org, a *api) {
			id := addLead(org, "a@example.com")
			parts := func(version string) any {
				path := "/services/data/" + version + "/sobjects/"
				return fields{"compositeRequest": []part{
					{Method: "GET", URL: path + "Lead/" + id, Ref: "lead"},
					{Method: "POST", URL: path + "Contact", Ref: "c", Body: fields{"LastName": "L", "Title": "@{lead.Title}"}},
				}}
			}
			require.InDelta(t, 201, a.in("v52.0", "POST", "/composite", parts("v52.0")).at("compositeResponse", 1,
				"httpStatusCode"), 0)
			require.Equal(t, "PROCESSING_HALTED", a.in("v51.0", "POST", "/composite", parts("v51.0")).at("compositeResponse",
				1, "body", 0, "errorCode"))
		}},
		{"a reference to an object halts the part", func(t *testing.T, org *sftest.Org, a *api) {
			id := org.Insert("Contact", fields{"LastName": "L"})
			res := a.composite(false,
				get("whole", "/sobjects/Contact/"+id),
				post("b", "/sobjects/Contact", fields{"LastName": "@{whole.attributes}"}),
				post("c", "/sobjects/Contact", fields{"LastName": "@{whole.attributes.type}"}),
			)
			require.Equal(t, "PROCESSING_HALTED", res[1].code())
			require.Equal(t, 201, res[2].Status)
		}},
		{"the halted part says which value is missing", func(t *testing.T, _ *sftest.Org, a *api) {
			res := a.composite(false, get("refContact", "/query?q=SELECT+AccountId+FROM+Contact"),
				get("b", "/sobjects/Account/@{refContact.records[0].AccountId}"))[1]
			require.Contains(t, res.at(0, "message"),
				"Invalid reference specified. No value for refContact.records[0].AccountId found in refContact. Provided "+
					"referenceId ('refContact') must start with")
		}},
		{"allOrNone rolls back the other parts and rows", func(t *testing.T, org *sftest.Org, a *api) {
			refuse(org)
			results := a.composite(true, post("a", "/sobjects/Contact", good), post("b", "/composite/sobjects",
				collection(false, contacts(2))), post("c", "/sobjects/Contact", bad))
			require.Equal(t, "The transaction was rolled back since another operation in the same transaction failed.",
				results[0].at(0, "message"))
			require.Equal(t, "PROCESSING_HALTED", results[0].code())
			require.Equal(t, []string{"ALL_OR_NONE_OPERATION_ROLLED_BACK", "ALL_OR_NONE_OPERATION_ROLLED_BACK"},
				results[1].rowCodes())
			require.Equal(t, "FIELD_CUSTOM_VALIDATION_EXCEPTION", results[2].code())
			require.Zero(t, org.Count("Contact"))
		}},
		{"an outer allOrNone of false leaves a collection its own", func(t *testing.T, org *sftest.Org, a *api) {
			refuse(org)
			a.composite(false, post("a", "/composite/sobjects", collection(true, contacts(1),
				rows("Contact", `{"LastName":"Bad"}`))), post("b", "/composite/sobjects",
				collection(false, contacts(1), rows("Contact", `{"LastName":"Bad"}`))))
			require.Equal(t, 1, org.Count("Contact"))
		}},
		{"consecutive parts reach triggers together since v49", func(t *testing.T, org *sftest.Org, a *api) {
			var seen []int
			org.OnBatch("Contact", func(rows int) *sftest.RowError { seen = append(seen, rows); return nil })
			send := func(version string, more fields) []int {
				seen = nil
				row := func(ref string) part {
					return part{Method: "POST", URL: "/services/data/" + version + "/sobjects/Contact", Ref: ref, Body: good}
				}
				alone := row("d")
				alone.Headers = map[string]string{"Sforce-Auto-Assign": "FALSE"}
				more["compositeRequest"] = []part{row("a"), row("b"), row("c"), alone}
				a.in(version, "POST", "/composite", more)
				return seen
			}
			require.Equal(t, []int{3, 1}, send("v49.0", fields{}))
			require.Equal(t, []int{1, 1, 1, 1}, send("v48.0", fields{}))
			require.Equal(t, []int{3, 1}, send("v48.0", fields{"collateSubrequests": true}))
			require.Equal(t, []int{1, 1, 1, 1}, send("v62.0", fields{"collateSubrequests": false}))
		}},

		{"a collection is 200 with all rows in order, failed ones without id", func(t *testing.T, org *sftest.Org, a *api) {
			refuse(org)
			res := a.do("POST", "/composite/sobjects", collection(false, contacts(1), rows("Contact", `{"LastName":"Bad"}`),
				contacts(1)))
			require.Equal(t, 200, res.Status)
			require.Equal(t, []string{"", "FIELD_CUSTOM_VALIDATION_EXCEPTION", ""}, res.rowCodes())
			require.NotContains(t, res.at(1), "id")
			require.Equal(t, []any{}, res.at(1, "errors", 0, "fields"))
		}},
		{"an empty collection is 400 and an array", func(t *testing.T, _ *sftest.Org, a *api) {
			res := a.do("POST", "/composite/sobjects", collection(false))
			res.refused(t, 400, "REQUIRED_FIELD_MISSING")
			require.Equal(t, "At least 1 record is required", res.at(0, "message"))
		}},
		{"a row without attributes or with an unknown field fails alone", func(t *testing.T, _ *sftest.Org, a *api) {
			res := a.do("POST", "/composite/sobjects", collection(false, `{"LastName":"L"}`,
				rows("Contact", `{"LastName":"L","BadField":1}`), contacts(1)))
			require.Equal(t, []string{"JSON_PARSER_ERROR", "INVALID_FIELD", ""}, res.rowCodes())
			require.Equal(t, "No such column 'BadField' on sobject of type Contact", res.at(1, "errors", 0, "message"))
		}},
		{"an update needs an id that exists", func(t *testing.T, _ *sftest.Org, a *api) {
			res := a.do("PATCH", "/composite/sobjects",
				collection(false, rows("Contact", `{"LastName":"L"}`, `{"id":"003dM00000zzzzz","LastName":"L"}`)))
			require.Equal(t, []string{"MISSING_ARGUMENT", "INVALID_CROSS_REFERENCE_KEY"}, res.rowCodes())
			require.Equal(t, "Id not specified in an update call", res.at(0, "errors", 0, "message"))
		}},
		{"an upsert by Id creates without one and updates with one", func(t *testing.T, org *sftest.Org, a *api) {
			id := addContact(org, "a@example.com")
			res := a.do("PATCH", "/composite/sobjects/Contact/Id",
				collection(false, rows("Contact", `{"id":"`+id+`","LastName":"New"}`, `{"LastName":"L"}`)))
			require.Equal(t, []any{false, true}, []any{res.at(0, "created"), res.at(1, "created")})
		}},
		{"rows that a duplicate rule stops name no matches", func(t *testing.T, org *sftest.Org, a *api) {
			org.AddDuplicateRule("Contact", sftest.DuplicateRule{Block: true})
			addContact(org, "a@example.com")
			res := a.do("POST", "/composite/sobjects",
				collection(false, rows("Contact", `{"LastName":"L","Email":"a@example.com"}`)))
			require.Equal(t, []string{"DUPLICATES_DETECTED"}, res.rowCodes())
			require.NotContains(t, res.at(0, "errors", 0), "duplicateResut")
			require.Contains(t, a.do("POST", "/sobjects/Contact", `{"LastName":"L","Email":"a@example.com"}`).at(0),
				"duplicateResut")
		}},

		{"a batch commits each part, and a halted one is 412", func(t *testing.T, org *sftest.Org, a *api) {
			parts := []fields{
				{"method": "POST", "url": "v62.0/sobjects/Contact", "richInput": good},
				{"method": "POST", "url": "v62.0/sobjects/Contact", "richInput": fields{}},
				{"method": "GET", "url": "v62.0/limits"},
			}
			res := a.do("POST", "/composite/batch", fields{"haltOnError": true, "batchRequests": parts})
			require.Equal(t, true, res.at("hasErrors"))
			require.Equal(t, []any{201.0, 400.0, 412.0},
				[]any{res.at("results", 0, "statusCode"), res.at("results", 1, "statusCode"), res.at("results", 2, "statusCode")})
			require.Equal(t, "BATCH_PROCESSING_HALTED", res.at("results", 2, "result", 0, "errorCode"))
			require.InDelta(t, 200, a.do("POST", "/composite/batch", fields{"batchRequests": parts}).at("results", 2,
				"statusCode"), 0)
			require.Equal(t, 2, org.Count("Contact"))
		}},
		{"a batch takes limits and searches, and no composite or job", func(t *testing.T, _ *sftest.Org, a *api) {
			urls := map[string]float64{
				"v62.0/limits": 200, "v62.0/search?q=FIND+%7Bxy%7D": 200, "v62.0/composite": 400, "v62.0/jobs/query": 400,
				"v62.0/sobjects": 200,
			}
			for url, status := range urls {
				require.InDelta(t, status,
					a.do("POST", "/composite/batch", fields{"batchRequests": []fields{{"method": "GET", "url": url}}}).at("results",
						0, "statusCode"), 0, url)
			}
			res := a.do("POST", "/composite/batch",
				fields{"batchRequests": []fields{{"method": "POST", "url": "v62.0/sobjects/Lead"}}})
			require.Equal(t, "The HTTP entity body is required, but this request has no entity body.",
				res.at("results", 0, "result", 0, "message"))
		}},
		{"a graph is 200, each one whole or not at all", func(t *testing.T, org *sftest.Org, a *api) {
			refuse(org)
			res := a.do("POST", "/composite/graph",
				graphsOf(graphOf("one", post("a", "/sobjects/Contact", good), post("b", "/sobjects/Contact", bad)),
					graphOf("two", post("a", "/sobjects/Contact", good))))
			require.Equal(t, 200, res.Status)
			require.Equal(t, []any{"one", false, "two", true},
				[]any{
					res.at("graphs", 0, "graphId"), res.at("graphs", 0, "isSuccessful"), res.at("graphs", 1, "graphId"),
					res.at("graphs", 1, "isSuccessful"),
				})
			require.InDelta(t, 201, res.at("graphs", 1, "graphResponse", "compositeResponse", 0, "httpStatusCode"), 0)
			require.Equal(t, 1, org.Count("Contact"))
		}},
		{"a tree is 201 with an id for each reference, parents first", func(t *testing.T, org *sftest.Org, a *api) {
			below := `,"Contacts":{"records":[` + treeRow("Contact", "c", "") + `]},"Opportunities":{"records":[` +
				treeRow("Opportunity", "o", `,"StageName":"Prospecting","CloseDate":"2026-01-01"`) + `]}`
			res := a.do("POST", "/composite/tree/account/", treeOf(treeRow("Account", "a1", below),
				treeRow("Account", "a2", "")))
			require.Equal(t, 201, res.Status, res.Text)
			require.Equal(t, false, res.at("hasErrors"))
			require.Equal(t, []any{"a1", "a2", "c", "o"},
				[]any{
					res.at("results", 0, "referenceId"), res.at("results", 1, "referenceId"),
					res.at("results", 2, "referenceId"), res.at("results", 3, "referenceId"),
				})
			require.Equal(t, res.at("results", 0, "id"), org.Row("Contact", res.at("results", 2, "id").(string))["AccountId"])
			require.Equal(t, 1, org.Calls())
			require.Equal(t, 4, org.Requests()[0].Written)
		}},
		{"a failed tree is 400, names the failed records and inserts none", func(t *testing.T, org *sftest.Org, a *api) {
			below := `,"Contacts":{"records":[{"attributes":{"type":"Contact","referenceId":"c"}}]}`
			res := a.do("POST", "/composite/tree/Account", treeOf(treeRow("Account", "a1", below),
				treeRow("Account", "a2", `,"Nope":1`), treeRow("Account", "a3", "")))
			require.Equal(t, 400, res.Status)
			require.Equal(t, true, res.at("hasErrors"))
			require.Len(t, res.at("results"), 2)
			require.Equal(t, []any{"a2", "INVALID_FIELD"},
				[]any{res.at("results", 0, "referenceId"), res.at("results", 0, "errors", 0, "statusCode")})
			require.Equal(t, []any{"c", "REQUIRED_FIELD_MISSING"},
				[]any{res.at("results", 1, "referenceId"), res.at("results", 1, "errors", 0, "statusCode")})
			require.Zero(t, org.Count("Account"))
		}},
	})
}

// What a tree must have, before anything is inserted.
func TestTreeRefusesWhatIsNoTree(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	for name, tc := range map[string]struct {
		path, body string
		status     int
	}{
		"no records":      {"Account", `{"records":[]}`, 400},
		"no body":         {"Account", ``, 400},
		"unknown object":  {"Nothing", treeOf(treeRow("Account", "a", "")), 404},
		"no reference":    {"Account", treeOf(treeRow("Account", "", "")), 400},
		"bad reference":   {"Account", treeOf(treeRow("Account", "a-b", "")), 400},
		"reference twice": {"Account", treeOf(treeRow("Account", "a", ""), treeRow("Account", "a", "")), 400},
		"other root":      {"Account", treeOf(treeRow("Contact", "a", "")), 400},
		"other child": {
			"Account", treeOf(treeRow("Account", "a", `,"Contacts":{"records":[`+treeRow("Account", "b", "")+`]}`)),
			400,
		},
		"unknown child": {
			"Account", treeOf(treeRow("Account", "a", `,"Kids":{"records":[`+treeRow("Contact", "b", "")+`]}`)), 400,
		},
		"records of no rows": {"Account", treeOf(`1`), 400},
	} {
		require.Equal(t, tc.status, a.do("POST", "/composite/tree/"+tc.path, tc.body).Status, name)
	}
	require.Zero(t, org.Count("Account"))
	require.Zero(t, org.Count("Contact"))
}

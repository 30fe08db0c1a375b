// SPDX-License-Identifier: Apache-2.0

package sftest_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

func get(ref, path string) part { return part{Method: "GET", URL: base + path, Ref: ref} }

func post(ref, path string, body any) part {
	return part{Method: "POST", URL: base + path, Ref: ref, Body: body}
}

// docs/salesforce.md, Composite: later subrequests name what earlier ones
// answered, by the case-sensitive names of the answer.
func TestCompositeFillsReferences(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	campaign := addCampaign(org)
	results := a.composite(false,
		post("account", "/sobjects/Account", fields{"Name": "Acme", "Website": nil}),
		post("contact", "/sobjects/Contact",
			fields{"LastName": "L", "AccountId": "@{account.id}", "Description": "of @{account.id}!"}),
		get("found", "/query?q=SELECT+Id,Website+FROM+Account+WHERE+Id='@{account.id}'"),
		post("members", "/composite/sobjects",
			collection(false, rows("CampaignMember", `{"CampaignId":"`+campaign+`","ContactId":"@{contact.id}"}`))),
		post("task", "/sobjects/Task",
			fields{"WhoId": "@{contact.id}", "WhatId": "@{found.records[0].Id}", "Description": "@{found.records[0].Website}"}),
		get("member", "/sobjects/CampaignMember/@{members[0].id}"),
	)
	for i, status := range []int{201, 201, 200, 200, 201, 200} {
		require.Equal(t, status, results[i].Status, results[i].Body)
	}
	account, contact := results[0].id(), results[1].id()
	require.Equal(t, "of "+account+"!", org.Row("Contact", contact)["Description"])
	require.Equal(t, account, org.Row("Task", results[4].id())["WhatId"])
	require.Equal(t, contact, results[5].at("ContactId"))
	require.Equal(t, 1, org.Calls())
	require.Len(t, org.Requests()[0].Subrequests, 6)
	require.Equal(t, "contact", org.Requests()[0].Subrequests[1].ReferenceID)
}

func TestCompositeHaltsOnMissingReference(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	results := a.composite(false,
		post("bad", "/sobjects/Account", fields{}),
		post("child", "/sobjects/Contact", fields{"LastName": "L", "AccountId": "@{bad.id}"}),
		post("wrong", "/sobjects/Contact", fields{"LastName": "L", "AccountId": "@{good.Id}"}),
		post("good", "/sobjects/Contact", fields{"LastName": "L"}),
		post("spelt", "/sobjects/Contact", fields{"LastName": "L", "ReportsToId": "@{good.Id}"}),
	)
	require.Equal(t, "REQUIRED_FIELD_MISSING", results[0].code())
	for _, i := range []int{1, 2, 4} {
		require.Equal(t, 400, results[i].Status)
		require.Equal(t, "PROCESSING_HALTED", results[i].code())
	}
	require.Contains(t, results[1].at(0, "message"), "Invalid reference specified. No value for bad.id found in bad.")
	require.Equal(t, 201, results[3].Status)
	require.Equal(t, 1, org.Count("Contact"))
}

// docs/salesforce.md, Composite: allOrNone makes the composite one transaction,
// whatever a collection in it says.
func TestCompositeAllOrNoneTakesEverythingBack(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	lead := addLead(org, "a@example.com")
	results := a.composite(true,
		post("one", "/sobjects/Contact", fields{"LastName": "L"}),
		part{"PATCH", base + "/sobjects/Lead/" + lead, "two", fields{"City": "Rome"}, nil},
		post("three", "/composite/sobjects", collection(false, rows("Contact", `{"LastName":"A"}`, `{}`))),
	)
	require.Equal(t, 400, results[0].Status)
	require.Equal(t, "PROCESSING_HALTED", results[0].code())
	require.Equal(t, "The transaction was rolled back since another operation in the same transaction failed.",
		results[0].at(0, "message"))
	require.Equal(t, 400, results[1].Status)
	require.Equal(t, 200, results[2].Status)
	require.Equal(t, "ALL_OR_NONE_OPERATION_ROLLED_BACK", results[2].at(0, "errors", 0, "statusCode"))
	require.Equal(t, "REQUIRED_FIELD_MISSING", results[2].at(1, "errors", 0, "statusCode"))
	require.Zero(t, org.Count("Contact"))
	require.Nil(t, org.Row("Lead", lead)["City"])

	results = a.composite(true, post("one", "/sobjects/Contact", fields{"LastName": "L"}),
		part{"PATCH", base + "/sobjects/Lead/" + lead, "two", fields{"City": "Rome"}, nil})
	require.Equal(t, 201, results[0].Status)
	require.Equal(t, 204, results[1].Status)
	require.Nil(t, results[1].Body)
	require.Equal(t, 1, org.Count("Contact"))
}

func TestCompositeWithoutAllOrNoneKeepsWhatWorked(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	results := a.composite(false,
		post("one", "/sobjects/Contact", fields{"LastName": "L"}),
		post("two", "/sobjects/Contact", fields{}),
		post("three", "/composite/sobjects", collection(true, rows("Contact", `{"LastName":"A"}`, `{}`))),
	)
	require.Equal(t, 201, results[0].Status)
	require.Equal(t, base+"/sobjects/Contact/"+results[0].id(), results[0].Header.Get("Location"))
	require.Equal(t, 400, results[1].Status)
	require.Equal(t, 1, org.Count("Contact"), "the collection's own allOrNone counts")
}

// A flag that is none decides nothing: to take "true" for false would write what was
// to be rolled back.
func TestFlagsAreTrueOrFalse(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	for path, body := range map[string]string{
		"/composite/sobjects": `{"allOrNone":"true","records":[` + rows("Account", `{"Name":"A"}`) + `]}`,
		"/composite": `{"allOrNone":1,"compositeRequest":[{"method":"POST","url":"` + base +
			`/sobjects/Account","referenceId":"a","body":{"Name":"A"}}]}`,
		"/composite/batch": `{"haltOnError":"yes","batchRequests":[{"method":"POST","url":"v62.0/sobjects/Account",` +
			`"richInput":{"Name":"A"}}]}`,
	} {
		a.do("POST", path, body).refused(t, 400, "JSON_PARSER_ERROR")
	}
	require.Zero(t, org.Count("Account"))
	require.Equal(t, 200, a.do("POST", "/composite/sobjects",
		`{"allOrNone":null,"records":[`+rows("Account", `{"Name":"A"}`)+`]}`).Status)
}

// docs/salesforce.md, Limits and Composite: what makes Salesforce refuse the
// whole call.
func TestCompositeIsRefusedWhole(t *testing.T) {
	t.Parallel()
	org, _ := newAPI(t)
	parts := func(n int, path string) []part {
		var list []part
		for i := range n {
			list = append(list, get(fmt.Sprintf("r%d", i), path))
		}
		return list
	}
	describe, query := "/sobjects/Lead/describe", "/query?q=SELECT+Id+FROM+Lead"
	for _, tc := range []struct {
		name   string
		parts  []part
		status int // of the composite, or of the one result for all
	}{
		{"none", nil, 400},
		{"25 describes", parts(25, describe), 200},
		{"26 describes", parts(26, describe), 400},
		{"5 queries", parts(5, query), 200},
		{"6 queries", parts(6, query), 400},
		{
			"queries and collections together",
			append(parts(5, query), post("c", "/composite/sobjects", collection(false, rows("Contact", `{"LastName":"L"}`)))),
			400,
		},
		{"bad reference id", []part{get("a-b", describe)}, 400},
		{"reference id twice", []part{get("a", describe), get("a", describe)}, 400},
		{"forbidden header", []part{{"GET", base + describe, "a", nil, map[string]string{"Authorization": "Bearer x"}}}, 400},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			res := (&api{t, org}).do("POST", "/composite", map[string]any{"compositeRequest": tc.parts})
			if results, ok := res.at("compositeResponse").([]any); ok && tc.status == 400 {
				require.Len(t, results, 1)
				require.Nil(t, res.at("compositeResponse", 0, "referenceId"))
				require.Equal(t, "LIMIT_EXCEEDED", res.at("compositeResponse", 0, "body", 0, "errorCode"))
				require.InDelta(t, 400, res.at("compositeResponse", 0, "httpStatusCode"), 0)
				return
			}
			require.Equal(t, tc.status, res.Status, res.Text)
		})
	}
	require.Zero(t, org.Count("Contact"))
}

func TestCompositeReferenceIDErrorNamesIt(t *testing.T) {
	t.Parallel()
	_, a := newAPI(t)
	res := a.do("POST", "/composite", map[string]any{"compositeRequest": []part{get("ref[1]", "/sobjects/Lead/describe")}})
	require.Equal(t, "JSON_PARSER_ERROR", res.code())
	require.Equal(t,
		"Provided referenceId ('ref[1]') must start with a letter or a number, and it can contain only letters, "+
			"numbers and underscores ('_').", res.at(0, "message"))
}

func TestCompositeTakesOnlySomeResources(t *testing.T) {
	t.Parallel()
	_, a := newAPI(t)
	results := a.composite(false, get("limits", "/limits"),
		part{Method: "GET", URL: "https://elsewhere.example/", Ref: "away"}, get("gone", "/sobjects/Lead/00QdM00000ZZZZZ"))
	require.Equal(t, 400, results[0].Status)
	require.Equal(t, 404, results[1].Status)
	require.Equal(t, 404, results[2].Status)
}

// Sforce-Auto-Assign counts in the subrequest, not in the composite
// (docs/salesforce.md, Headers).
func TestCompositeHonoursHeadersOfSubrequestsOnly(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	rep := org.Insert("User", fields{
		"LastName": "Rep", "Username": "rep@x.example", "Email": "rep@x.example", "Alias": "rep", "IsActive": true,
	})
	org.AssignLeadsTo(rep)
	body := fields{"LastName": "L", "Company": "C"}
	off := post("off", "/sobjects/Lead", body)
	off.Headers = map[string]string{"Sforce-Auto-Assign": "FALSE"}
	res := a.do("POST", "/composite",
		map[string]any{"compositeRequest": []part{off, post("on", "/sobjects/Lead", body)}}, "Sforce-Auto-Assign", "FALSE")
	owner := func(i int) any {
		return org.Row("Lead", res.at("compositeResponse", i, "body", "id").(string))["OwnerId"]
	}
	require.Equal(t, org.UserID(), owner(0))
	require.Equal(t, rep, owner(1))
}

// docs/salesforce.md, Composite: 304 with a null body, per subrequest.
func TestCompositeDescribeAnswersNotModified(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	modified := a.composite(false, get("d", "/sobjects/Lead/describe"))[0].Header.Get("Last-Modified")
	require.NotEmpty(t, modified)
	since := get("d", "/sobjects/Lead/describe")
	since.Headers = map[string]string{"If-Modified-Since": modified}
	result := a.composite(false, since)[0]
	require.Equal(t, http.StatusNotModified, result.Status)
	require.Nil(t, result.Body)
	org.HideField("Contact", "Phone")
	require.Equal(t, 200, a.composite(false, since)[0].Status)
}

// Each subrequest of a batch counts (docs/salesforce.md, Limits).
func TestBatchCountsEverySubrequest(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	res := a.do("POST", "/composite/batch", map[string]any{"haltOnError": true, "batchRequests": []fields{
		{"method": "GET", "url": "v62.0/limits"},
		{"method": "POST", "url": "/services/data/v62.0/sobjects/Contact", "richInput": fields{"LastName": "L"}},
		{"method": "POST", "url": "v62.0/sobjects/Contact", "richInput": fields{}},
		{"method": "GET", "url": "v62.0/sobjects"},
	}})
	require.Equal(t, 200, res.Status)
	require.Equal(t, true, res.at("hasErrors"))
	for i, status := range []float64{200, 201, 400, 412} {
		require.InDelta(t, status, res.at("results", i, "statusCode"), 0)
	}
	require.Equal(t, 4, org.Calls())
	require.Equal(t, 1, org.Count("Contact"))
}

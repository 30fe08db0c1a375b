// SPDX-License-Identifier: Apache-2.0

package sftest_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce/sftest"
)

const newLead = `{"LastName":"L","Company":"C"}`

// What docs/salesforce.md says under Requests, Upsert and Describe.
func TestRulesOfRows(t *testing.T) {
	t.Parallel()
	keeps(t, "1", []rule{
		{"an error is an array of message, errorCode and perhaps fields", func(t *testing.T, _ *sftest.Org, a *api) {
			require.JSONEq(t,
				`[{"message":"Required fields are missing: [LastName, Company]","errorCode":"REQUIRED_FIELD_MISSING",`+
					`"fields":["LastName","Company"]}]`, a.do("POST", "/sobjects/Lead", `{}`).Text)
			require.JSONEq(t, `[{"message":"The requested resource does not exist","errorCode":"NOT_FOUND"}]`,
				a.do("GET", "/sobjects/Nothing", nil).Text)
		}},
		{"several validation rules that fail are several members", func(t *testing.T, org *sftest.Org, a *api) {
			for _, name := range []string{"A", "B"} {
				org.AddRule("Contact", sftest.Rule{Name: name, Message: name, Refuses: func(map[string]any) bool { return true }})
			}
			res := a.do("POST", "/sobjects/Contact", newContact)
			require.Equal(t, []any{"A", "B"}, []any{res.at(0, "message"), res.at(1, "message")})
		}},
		{"the versions come oldest first, from 31.0 on, with their seasons", func(t *testing.T, _ *sftest.Org, a *api) {
			res, err := a.send("GET", "/services/data", nil)
			require.NoError(t, err)
			require.Equal(t, map[string]any{"label": "Summer '14", "url": "/services/data/v31.0", "version": "31.0"}, res.at(0))
			require.Equal(t, "Spring '26", res.at(66-31, "label"))
			require.Equal(t, "Summer '26", res.at(67-31, "label"))
			res, err = a.send("POST", "/services/data", "{}")
			require.NoError(t, err)
			res.refused(t, 405, "METHOD_NOT_ALLOWED")
		}},
		{"a create is 201 with id, success, errors and a relative Location", func(t *testing.T, _ *sftest.Org, a *api) {
			res := a.do("POST", "/sobjects/Lead", newLead)
			require.Equal(t, 201, res.Status)
			require.JSONEq(t, `{"id":"`+res.id()+`","success":true,"errors":[]}`, res.Text)
			require.Equal(t, base+"/sobjects/Lead/"+res.id(), res.Header.Get("Location"))
		}},
		{"an update and a delete are 204 and empty", func(t *testing.T, org *sftest.Org, a *api) {
			id := addLead(org, "a@example.com")
			for _, method := range []string{"PATCH", "DELETE"} {
				res := a.do(method, "/sobjects/Lead/"+id, newLead)
				require.Equal(t, 204, res.Status)
				require.Empty(t, res.Text)
			}
		}},
		{"a row has attributes first, nulls, an address and Last-Modified", func(t *testing.T, org *sftest.Org, a *api) {
			id := org.Insert("Lead", fields{"LastName": "L", "Company": "C", "City": "Rome"})
			res := a.do("GET", "/sobjects/Lead/"+id, nil)
			require.Regexp(t, `^\{"attributes":\{"type":"Lead","url":"`+base+`/sobjects/Lead/`+id+`"\},`, res.Text)
			require.Contains(t, res.Body, "Email")
			require.Equal(t, "Rome", res.at("Address", "city"))
			_, err := http.ParseTime(res.Header.Get("Last-Modified"))
			require.NoError(t, err)
			require.NotContains(t, a.do("GET", "/sobjects/Lead/"+id+"?fields=City,Company", nil).Body, "Email")
		}},
		{"a GET of a deleted or unknown row is 404 NOT_FOUND", func(t *testing.T, org *sftest.Org, a *api) {
			id := addLead(org, "a@example.com")
			a.do("GET", "/sobjects/Lead/"+id[:14]+"Z", nil).refused(t, 404, "NOT_FOUND")
			org.Delete("Lead", id)
			a.do("GET", "/sobjects/Lead/"+id, nil).refused(t, 404, "NOT_FOUND")
		}},
		{"an unknown key field is 404 and named", func(t *testing.T, _ *sftest.Org, a *api) {
			res := a.do("PATCH", "/sobjects/Account/Website/x", `{}`)
			res.refused(t, 404, "NOT_FOUND")
			require.Equal(t, "Provided external ID field does not exist or is not accessible: Website", res.at(0, "message"))
		}},
		{"a second DELETE is 404, as is one of an unknown id", func(t *testing.T, org *sftest.Org, a *api) {
			id := addLead(org, "a@example.com")
			org.Delete("Lead", id)
			a.do("DELETE", "/sobjects/Lead/"+id, nil).refused(t, 404, "ENTITY_IS_DELETED")
			a.do("DELETE", "/sobjects/Lead/00QdM00000zzzzz", nil).refused(t, 404, "INVALID_CROSS_REFERENCE_KEY")
		}},
		{"a wrong method is 405 METHOD_NOT_ALLOWED with those allowed", func(t *testing.T, org *sftest.Org, a *api) {
			for path, allowed := range map[string]string{
				"/sobjects/Lead": "HEAD,GET,POST",
				"/sobjects/Lead/" + addLead(org, "a@example.com"): "HEAD,GET,PATCH,DELETE", "/sobjects": "HEAD,GET",
				"/sobjects/Lead/describe": "HEAD,GET",
				"/query":                  "HEAD,GET", "/limits": "HEAD,GET", "/composite": "POST",
				"/composite/tree/Lead": "POST", "/composite/graph": "POST", "/composite/batch": "POST",
				"/composite/sobjects": "POST,PATCH,DELETE", "/composite/sobjects/Lead": "HEAD,GET,POST",
				"/jobs/ingest": "HEAD,GET,POST", "/search": "HEAD,GET", "/parameterizedSearch": "HEAD,GET,POST",
			} {
				res := a.do("PUT", path, `{}`)
				res.refused(t, 405, "METHOD_NOT_ALLOWED")
				require.Equal(t, "HTTP Method 'PUT' not allowed. Allowed are "+allowed, res.at(0, "message"), path)
			}
		}},
		{"HEAD is GET without a body", func(t *testing.T, org *sftest.Org, a *api) {
			id := addLead(org, "a@example.com")
			for _, path := range []string{
				"/sobjects", "/sobjects/Lead", "/sobjects/Lead/describe", "/sobjects/Lead/" + id, "/limits",
				"/query?q=SELECT+Id+FROM+Lead",
			} {
				res := a.do("HEAD", path, nil)
				require.Equal(t, 200, res.Status, path)
				require.Empty(t, res.Text)
			}
			require.Equal(t, 404, a.do("HEAD", "/sobjects/Lead/00QdM00000zzzzz", nil).Status)
			require.Equal(t, 405, a.do("HEAD", "/composite", nil).Status)
		}},
		{"a POST that says _HttpMethod=PATCH is a PATCH", func(t *testing.T, org *sftest.Org, a *api) {
			id := addLead(org, "a@example.com")
			require.Equal(t, 204, a.do("POST", "/sobjects/Lead/"+id+"?_HttpMethod=PATCH", `{"City":"Rome"}`).Status)
			require.Equal(t, "Rome", org.Row("Lead", id)["City"])
		}},
		{"a body of another media type is 415", func(t *testing.T, org *sftest.Org, a *api) {
			for _, path := range []string{
				"/sobjects/Lead", "/composite", "/composite/sobjects", "/composite/tree/Lead", "/jobs/ingest",
				"/parameterizedSearch",
			} {
				a.do("POST", path, newLead, "Content-Type", "text/plain").refused(t, 415, "UNSUPPORTED_MEDIA_TYPE")
			}
			require.Zero(t, org.Count("Lead"))
		}},
		{"a path may end in a slash", func(t *testing.T, org *sftest.Org, a *api) {
			id := addLead(org, "a@example.com")
			for _, path := range []string{
				"/", "/sobjects/", "/sobjects/Lead/", "/sobjects/Lead/describe/", "/sobjects/Lead/" + id + "/",
				"/limits/", "/query/?q=SELECT+Id+FROM+Lead", "/jobs/query/",
			} {
				require.Equal(t, 200, a.do("GET", path, nil).Status, path)
			}
		}},
		{"an upsert of a new key is 201 with created, of a known one 200", func(t *testing.T, org *sftest.Org, a *api) {
			org.AddExternalID("Lead")
			res := a.do("PATCH", "/sobjects/Lead/LeadsyncKey__c/k", newLead)
			require.Equal(t, []any{201, true}, []any{res.Status, res.at("created")})
			require.NotEmpty(t, res.Header.Get("Location"))
			res = a.do("PATCH", "/sobjects/Lead/LeadsyncKey__c/K", newLead)
			require.Equal(t, []any{200, false}, []any{res.Status, res.at("created")})
		}},
		{"before v46 an upsert is 201 without created, or 204", func(t *testing.T, org *sftest.Org, a *api) {
			org.AddExternalID("Lead")
			res := a.in("v45.0", "PATCH", "/sobjects/Lead/LeadsyncKey__c/k", newLead)
			require.Equal(t, 201, res.Status)
			require.NotContains(t, res.Body, "created")
			require.Equal(t, 204, a.in("v45.0", "PATCH", "/sobjects/Lead/LeadsyncKey__c/k", newLead).Status)
		}},
		{"an upsert with several matches is 300 with URLs, without a write", func(t *testing.T, org *sftest.Org, a *api) {
			one, two := addLead(org, "a@example.com"), addLead(org, "a@example.com")
			res := a.do("PATCH", "/sobjects/Lead/Email/a%40example.com", `{"City":"Rome"}`)
			require.Equal(t, 300, res.Status)
			require.Equal(t, []any{base + "/sobjects/Lead/" + one, base + "/sobjects/Lead/" + two}, res.Body)
			require.Nil(t, org.Row("Lead", one)["City"])
		}},
		{"updateOnly=true forbids a create", func(t *testing.T, org *sftest.Org, a *api) {
			org.AddExternalID("Lead")
			require.Equal(t, 404, a.do("PATCH", "/sobjects/Lead/LeadsyncKey__c/k?updateOnly=true", newLead).Status)
			require.Zero(t, org.Count("Lead"))
		}},
		{"POST /sobjects/X/Id creates, since v37", func(t *testing.T, _ *sftest.Org, a *api) {
			require.Equal(t, 201, a.do("POST", "/sobjects/Lead/Id", newLead).Status)
			require.Equal(t, 404, a.in("v36.0", "POST", "/sobjects/Lead/Id", newLead).Status)
		}},
		{"the body of an upsert names neither the Id nor the key", func(t *testing.T, org *sftest.Org, a *api) {
			org.AddExternalID("Lead")
			for _, name := range []string{"Id", "LeadsyncKey__c"} {
				a.do("PATCH", "/sobjects/Lead/LeadsyncKey__c/k", `{"LastName":"L","Company":"C","`+name+`":"x"}`).refused(t, 400,
					"INVALID_FIELD")
			}
		}},
		{"Email is a key of Lead and Contact, and Account has none", func(t *testing.T, _ *sftest.Org, a *api) {
			require.Equal(t, 201, a.do("PATCH", "/sobjects/Contact/Email/a%40b.com", newContact).Status)
			require.Equal(t, 201, a.do("PATCH", "/sobjects/Lead/Email/a%40b.com", newLead).Status)
			require.Equal(t, 404, a.do("PATCH", "/sobjects/Account/Name/Acme", `{}`).Status)
		}},
		{"a key that is not unique needs View All Data", func(t *testing.T, org *sftest.Org, a *api) {
			org.AddExternalID("Contact")
			org.SetPermission("PermissionsViewAllData", false)
			require.Equal(t, 400, a.do("PATCH", "/sobjects/Contact/Email/a%40b.com", newContact).Status)
			require.Equal(t, 201, a.do("PATCH", "/sobjects/Contact/LeadsyncKey__c/k", newContact).Status)
		}},
		{"an unchanged describe is 304 with no body, and has an ETag", func(t *testing.T, org *sftest.Org, a *api) {
			res := a.do("GET", "/sobjects/Lead/describe", nil)
			require.Regexp(t, `^"[0-9a-f]+--gzip"$`, res.Header.Get("ETag"))
			global := a.do("GET", "/sobjects", nil)
			require.Equal(t, global.Header.Get("ETag"), res.Header.Get("ETag"))
			since := []string{"If-Modified-Since", res.Header.Get("Last-Modified")}
			require.Equal(t, 304, a.do("GET", "/sobjects/Lead/describe", nil, since...).Status)
			require.Empty(t, a.do("GET", "/sobjects", nil, since...).Text)
			org.HideField("Contact", "Phone")
			require.Equal(t, 200, a.do("GET", "/sobjects/Lead/describe", nil, since...).Status)
		}},
		{"the list of objects has UTF-8 and 200; one has its recent items", func(t *testing.T, org *sftest.Org, a *api) {
			global := a.do("GET", "/sobjects", nil)
			require.Equal(t, []any{"UTF-8", 200.0}, []any{global.at("encoding"), global.at("maxBatchSize")})
			id := addContact(org, "a@example.com")
			a.do("PATCH", "/sobjects/Contact/"+id, newContact, "Sforce-Mru", "updateMru=true")
			res := a.do("GET", "/sobjects/Contact", nil)
			require.Equal(t, "Contact", res.at("objectDescribe", "name"))
			require.Equal(t, id, res.at("recentItems", 0, "Id"))
		}},
		{"the limits have Max and Remaining", func(t *testing.T, _ *sftest.Org, a *api) {
			res := a.do("GET", "/limits", nil)
			require.Equal(t, map[string]any{"Max": 15000.0, "Remaining": 14999.0}, res.at("DailyApiRequests"))
			require.Len(t, res.Body, 71, "as recorded")
			require.Equal(t, map[string]any{"Max": 15.0, "Remaining": 15.0}, res.at("SingleEmail"))
			a.do("POST", "/jobs/query", fields{"operation": "query", "query": "SELECT Id FROM Lead"})
			require.Equal(t, map[string]any{"Max": 10000.0, "Remaining": 9999.0},
				a.do("GET", "/limits", nil).at("DailyBulkV2QueryJobs"))
		}},
		{"recordCount counts the objects asked for", func(t *testing.T, org *sftest.Org, a *api) {
			org.Insert("Account", fields{"Name": "A"})
			require.JSONEq(t, `{"sObjects":[{"count":1,"name":"Account"}]}`,
				a.do("GET", "/limits/recordCount?sObjects=Account", nil).Text)
		}},
	})
}

// Rows that changed, by /updated and /deleted.
func TestChangesOfAnObject(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 10, 12, 0, 30, 0, time.UTC)
	org, a := newAPI(t, sftest.WithNow(func() time.Time { return now }))
	old := addLead(org, "old@example.com")
	now = now.Add(2 * time.Hour)
	changed, gone := addLead(org, "new@example.com"), addLead(org, "gone@example.com")
	org.Delete("Lead", gone)
	now = now.Add(time.Minute)
	ask := func(kind, start, end string) *response {
		return a.do("GET", "/sobjects/Lead/"+kind+"/?start="+start+"&end="+end, nil)
	}
	res := ask("updated", "2026-03-10T13:00:00%2B00:00", "2026-03-10T20:00:00%2B00:00")
	require.Equal(t, []any{changed}, res.at("ids"))
	require.Equal(t, "2026-03-10T14:01:30.000+0000", res.at("latestDateCovered"), "not later than now")
	res = ask("updated", "2026-03-10T12:00:59Z", "2026-03-10T12:01:00Z")
	require.Equal(t, []any{old}, res.at("ids"), "seconds do not count")
	require.Equal(t, "2026-03-10T12:01:00.000+0000", res.at("latestDateCovered"))
	res = ask("deleted", "2026-03-10T12:00:00.000+0000", "2026-03-10T20:00:00Z")
	require.Equal(t, gone, res.at("deletedRecords", 0, "id"))
	require.Equal(t, "2026-03-10T14:00:30.000+0000", res.at("deletedRecords", 0, "deletedDate"))
	require.Equal(t, "2026-02-23T14:01:30.000+0000", res.at("earliestDateAvailable"))
	for _, tc := range []struct{ kind, start, end, code string }{
		{"updated", "2026-03-10T12:00:00Z", "2026-03-10T12:00:59Z", "INVALID_REPLICATION_DATE"},
		{"updated", "2026-03-10T13:00:00Z", "2026-03-10T12:00:00Z", "INVALID_REPLICATION_DATE"},
		{"updated", "2026-03-11T13:00:00Z", "2026-03-12T12:00:00Z", "INVALID_REPLICATION_DATE"},
		{"updated", "2026-02-01T13:00:00Z", "2026-03-12T12:00:00Z", "INVALID_REPLICATION_DATE"},
		{"deleted", "2026-02-20T13:00:00Z", "2026-03-12T12:00:00Z", "INVALID_REPLICATION_DATE"},
		{"deleted", "yesterday", "2026-03-12T12:00:00Z", "INVALID_FIELD"},
		{"updated", "", "2026-03-12T12:00:00Z", "INVALID_FIELD"},
	} {
		ask(tc.kind, tc.start, tc.end).refused(t, 400, tc.code)
	}
	require.Equal(t, 404, a.do("GET", "/sobjects/Nothing/updated", nil).Status)
}

// Rows are seen by a write that says so, or by FOR VIEW and FOR REFERENCE.
func TestRecentRows(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	one, two, three := addLead(org, "1@example.com"), addLead(org, "2@example.com"), org.Insert("Account",
		fields{"Name": "Acme"})
	require.Equal(t, []any{}, a.do("GET", "/recent", nil).Body)
	a.query("SELECT Id FROM Lead WHERE Email = '1@example.com' FOR VIEW")
	a.query("SELECT Id FROM Account FOR REFERENCE")
	a.query("SELECT COUNT(Id) FROM Lead")
	a.do("PATCH", "/sobjects/Lead/"+two, `{"City":"Rome"}`, "Sforce-Mru", "updateMru = true")
	a.do("PATCH", "/sobjects/Lead/"+two, `{"City":"Rome"}`)
	ids := func(path string) []any {
		var ids []any
		for i := range a.do("GET", path, nil).Body.([]any) {
			ids = append(ids, a.do("GET", path, nil).at(i, "Id"))
		}
		return ids
	}
	require.Equal(t, []any{two, three, one}, ids("/recent"))
	require.Equal(t, []any{two}, ids("/recent/?limit=1"))
	require.Equal(t, "Acme", a.do("GET", "/recent", nil).at(1, "Name"))
	org.Delete("Lead", two)
	require.Equal(t, []any{three, one}, ids("/recent"))
	require.Len(t, a.do("GET", "/sobjects/Lead", nil).at("recentItems"), 1)
}

// A client that speaks XML gets 501: the fake does not.
func TestXMLFailsTheTest(t *testing.T) {
	t.Parallel()
	for _, header := range [][]string{{"Accept", "application/xml"}, {"Content-Type", "application/xml; charset=UTF-8"}} {
		tb := &spy{}
		org := sftest.NewOrg(tb)
		require.Equal(t, 501, (&api{t, org}).do("POST", "/sobjects/Lead", "<Lead/>", header...).Status)
		require.Len(t, tb.complaints, 1)
		org.Close()
	}
	_, a := newAPI(t)
	require.Equal(t, 201, a.do("POST", "/sobjects/Lead", newLead, "Accept",
		"application/xml, application/json;q=0.5").Status)
}

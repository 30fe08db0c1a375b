// SPDX-License-Identifier: Apache-2.0

package sftest_test

import (
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce/sftest"
)

func escape(s string) string { return url.QueryEscape(s) }

// docs/salesforce.md, Requests.
func TestRowLivesThroughItsRequests(t *testing.T) {
	t.Parallel()
	_, a := newAPI(t)
	res := a.do("POST", "/sobjects/Contact",
		`{"attributes":{"type":"Contact"},"FirstName":"Ada","LastName":"L","MailingCity":"London"}`)
	require.Equal(t, 201, res.Status)
	require.Equal(t, true, res.at("success"))
	require.Empty(t, res.at("errors"))
	id := res.id()
	require.Len(t, id, 18)
	require.Equal(t, base+"/sobjects/Contact/"+id, res.Header.Get("Location"))

	res = a.do("GET", "/sobjects/contact/"+id[:15], nil)
	require.Equal(t, 200, res.Status)
	require.Equal(t, map[string]any{"type": "Contact", "url": base + "/sobjects/Contact/" + id}, res.at("attributes"))
	require.Equal(t, "Ada L", res.at("Name"))
	require.Contains(t, res.Body, "Phone", "nulls are there")
	require.Equal(t, "London", res.at("MailingAddress", "city"))
	require.Nil(t, res.at("OtherAddress"))
	require.NotEmpty(t, res.Header.Get("Last-Modified"))

	res = a.do("PATCH", "/sobjects/Contact/"+id, `{"MailingCity":null,"Title":"Countess"}`)
	require.Equal(t, 204, res.Status)
	require.Empty(t, res.Text)
	res = a.do("GET", "/sobjects/Contact/"+id+"?fields=Title,MailingCity", nil)
	require.Equal(t, "Countess", res.at("Title"))
	require.Nil(t, res.at("MailingCity"))
	require.Equal(t, id, res.at("Id"), "it comes unasked")
	require.Equal(t, id, a.do("GET", "/sobjects/Contact/"+id+"?fields=OwnerId", nil).at("Id"))

	require.Equal(t, 204, a.do("DELETE", "/sobjects/Contact/"+id, nil).Status)
	res = a.do("GET", "/sobjects/Contact/"+id, nil)
	require.Equal(t, 404, res.Status)
	require.Equal(t, "NOT_FOUND", res.code())
}

func TestRowRequestsThatFail(t *testing.T) {
	t.Parallel()
	org, _ := newAPI(t)
	id := addLead(org, "a@example.com")
	for _, tc := range []struct {
		name, method, path, body string
		status                   int
		code                     string
	}{
		{"unknown object", "POST", "/sobjects/Nope", `{}`, 404, "NOT_FOUND"},
		{"unknown id", "GET", "/sobjects/Lead/00QdM00000ZZZZZ", "", 404, "NOT_FOUND"},
		{"id of another object", "GET", "/sobjects/Contact/" + id, "", 404, "NOT_FOUND"},
		{"delete of nothing", "DELETE", "/sobjects/Lead/00QdM00000ZZZZZ", "", 404, "INVALID_CROSS_REFERENCE_KEY"},
		{"id in the body", "PATCH", "/sobjects/Lead/" + id, `{"Id":"` + id + `"}`, 400, "INVALID_FIELD"},
		{"id in the body, spelt otherwise", "PATCH", "/sobjects/Lead/" + id, `{"id":"` + id + `"}`, 400, "INVALID_FIELD"},
		{"no body", "POST", "/sobjects/Lead", "", 400, "JSON_PARSER_ERROR"},
		{"broken body", "POST", "/sobjects/Lead", `{"LastName":j}`, 400, "JSON_PARSER_ERROR"},
		{"wrong method", "PUT", "/sobjects/Lead/" + id, `{}`, 405, "METHOD_NOT_ALLOWED"},
		{"unknown field in the list", "GET", "/sobjects/Lead/" + id + "?fields=Nope", "", 400, "INVALID_FIELD"},
		{"not a key", "PATCH", "/sobjects/Account/Website/a.com", `{}`, 404, "NOT_FOUND"},
		{"key in the body", "PATCH", "/sobjects/Lead/Email/a@example.com", `{"Email":"b@example.com"}`, 400, "INVALID_FIELD"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			var body any
			if tc.body != "" {
				body = tc.body
			}
			res := (&api{t, org}).do(tc.method, tc.path, body)
			require.Equal(t, tc.status, res.Status, res.Text)
			require.Equal(t, tc.code, res.code())
		})
	}
}

// docs/salesforce.md, Requests: a body of another kind is 415 (status
// documented).
func TestBodyMustBeJSON(t *testing.T) {
	t.Parallel()
	_, a := newAPI(t)
	res := a.do("POST", "/sobjects/Lead", `a=b`, "Content-Type", "application/x-www-form-urlencoded")
	require.Equal(t, 415, res.Status)
	require.Equal(t, "MediaType of 'application/x-www-form-urlencoded' is not supported by this resource",
		res.at(0, "message"))
}

// docs/salesforce.md, Upsert.
func TestUpsertByExternalID(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	org.AddExternalID("Lead")
	path := "/sobjects/Lead/LeadsyncKey__c/" + url.PathEscape("a/b c")
	res := a.do("PATCH", path+"?updateOnly=true", `{"City":"Rome"}`)
	require.Equal(t, 404, res.Status)
	res = a.do("PATCH", path, `{"LastName":"L","Company":"C"}`)
	require.Equal(t, 201, res.Status, res.Text)
	require.Equal(t, true, res.at("created"))
	id := res.id()
	require.Equal(t, "a/b c", org.Row("Lead", id)["LeadsyncKey__c"])

	res = a.do("PATCH", "/sobjects/Lead/LeadsyncKey__c/"+url.PathEscape("A/B C"), `{"City":"Rome"}`)
	require.Equal(t, 200, res.Status, res.Text)
	require.Equal(t, false, res.at("created"))
	require.Equal(t, id, res.id(), "keys are compared without regard to case")
	require.Equal(t, "Rome", org.Row("Lead", id)["City"])
	require.Equal(t, id, a.do("GET", path, nil).at("Id"))
}

// Email is an idLookup, and not unique: several matches are 300, and nothing is
// written (docs/salesforce.md, Upsert).
func TestUpsertByEmailNamesSeveralMatches(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	res := a.do("PATCH", "/sobjects/Contact/Email/a@example.com", `{"LastName":"L"}`)
	require.Equal(t, 201, res.Status)
	require.Equal(t, "a@example.com", org.Row("Contact", res.id())["Email"])
	second := addContact(org, "A@example.com")
	res = a.do("PATCH", "/sobjects/Contact/Email/a@example.com", `{"LastName":"Changed"}`)
	require.Equal(t, 300, res.Status)
	require.Equal(t, base+"/sobjects/Contact/"+second, res.at(1))
	require.Len(t, a.column("SELECT Id FROM Contact WHERE LastName = 'Changed'", "Id"), 0)
}

// A parent named by its external id is looked up when the row is saved
// (docs/salesforce.md, Limits, unverified).
func TestForeignKeyByExternalID(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	org.AddExternalID("Account", "Contact", "Lead")
	account := org.Insert("Account", fields{"Name": "Acme", "LeadsyncKey__c": "acme.com"})
	contact := org.Insert("Contact", fields{"LastName": "L", "LeadsyncKey__c": "p1"})
	res := a.do("POST", "/sobjects/Contact", `{"LastName":"L","Account":{"LeadsyncKey__c":"ACME.com"}}`)
	require.Equal(t, 201, res.Status, res.Text)
	require.Equal(t, account, org.Row("Contact", res.id())["AccountId"])

	res = a.do("POST", "/sobjects/Task", `{"Who":{"attributes":{"type":"Contact"},"LeadsyncKey__c":"p1"}}`)
	require.Equal(t, 201, res.Status, res.Text)
	require.Equal(t, contact, org.Row("Task", res.id())["WhoId"])

	require.Equal(t, "JSON_PARSER_ERROR", a.do("POST", "/sobjects/Task", `{"Who":{"LeadsyncKey__c":"p1"}}`).code())
	res = a.do("POST", "/sobjects/Contact", `{"LastName":"L","Account":{"LeadsyncKey__c":"none"}}`)
	require.Equal(t, "INVALID_FIELD", res.code())
	require.Equal(t, "Foreign key external ID: none not found for field LeadsyncKey__c in entity Account",
		res.at(0, "message"))
}

// Before v46 an update by key has no body, and a create no created
// (docs/salesforce.md, Requests).
func TestUpsertAnswersByVersion(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	org.AddExternalID("Contact")
	path := "/services/data/v45.0/sobjects/Contact/LeadsyncKey__c/k"
	res, err := a.send("PATCH", path, newContact)
	require.NoError(t, err)
	require.Equal(t, 201, res.Status)
	require.NotContains(t, res.Body, "created")
	res, err = a.send("PATCH", path, newContact)
	require.NoError(t, err)
	require.Equal(t, 204, res.Status)
	require.Equal(t, 201, a.do("POST", "/sobjects/Contact/Id", newContact).Status)
}

func TestExistingPutsAPersonIn(t *testing.T) {
	t.Parallel()
	_, a := newAPI(t, sftest.Existing("Lead", "l@example.com"), sftest.Existing("Contact", "c@example.com"))
	require.Equal(t, []string{"l@example.com"}, a.column("SELECT Email FROM Lead", "Email"))
	require.Equal(t, []string{"c@example.com"}, a.column("SELECT Email FROM Contact", "Email"))
}

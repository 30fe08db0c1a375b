// SPDX-License-Identifier: Apache-2.0

package sftest_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce/sftest"
)

// docs/salesforce.md, Collections: rows are answered in order, good ones next
// to bad ones, and a bad one has no id.
func TestCollectionAnswersEachRowInOrder(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	res := a.do("POST", "/composite/sobjects", collection(false,
		rows("Lead", `{"LastName":"A","Company":"C"}`, `{"LastName":"B"}`),
		rows("Contact", `{"LastName":"C"}`, `{"LastName":"D","Nope":1}`),
		`{"LastName":"E"}`, rows("Contact", `{}`),
		rows("Nope", `{}`),
		rows("Contact", `{"id":"003dM0000000001","LastName":"G"}`),
	))
	require.Equal(t, 200, res.Status, res.Text)
	require.Len(t, res.Body, 8)
	require.Equal(t, "A", org.Row("Lead", res.at(0, "id").(string))["LastName"])
	require.Equal(t, "C", org.Row("Contact", res.at(2, "id").(string))["LastName"])
	require.NotContains(t, res.at(1), "id")
	for i, code := range map[int]string{
		1: "REQUIRED_FIELD_MISSING", 3: "INVALID_FIELD", 4: "JSON_PARSER_ERROR", 5: "REQUIRED_FIELD_MISSING",
		6: "INVALID_TYPE", 7: "INVALID_FIELD_FOR_INSERT_UPDATE",
	} {
		require.Equal(t, false, res.at(i, "success"))
		require.Equal(t, code, res.at(i, "errors", 0, "statusCode"), i)
	}
	require.Equal(t, "No such column 'Nope' on sobject of type Contact", res.at(3, "errors", 0, "message"))
	require.Equal(t, []any{}, res.at(3, "errors", 0, "fields"))
}

func TestCollectionUpdatesByID(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	lead, deleted := addLead(org, "a@example.com"), addLead(org, "b@example.com")
	org.Delete("Lead", deleted)
	res := a.do("PATCH", "/composite/sobjects", collection(false, rows("Lead",
		`{"id":"`+lead+`","City":"Rome"}`, `{"City":"Rome"}`, `{"Id":"00QdM00000ZZZZZ","City":"Rome"}`,
		`{"Id":"`+deleted+`","City":"Rome"}`, `{"Id":"abc","City":"Rome"}`,
	)))
	require.Equal(t, 200, res.Status)
	require.Equal(t, lead, res.at(0, "id"))
	require.Equal(t, "Rome", org.Row("Lead", lead)["City"])
	require.NotContains(t, res.at(0), "created")
	for i, code := range []string{"MISSING_ARGUMENT", "INVALID_CROSS_REFERENCE_KEY", "ENTITY_IS_DELETED", "MALFORMED_ID"} {
		require.Equal(t, code, res.at(i+1, "errors", 0, "statusCode"))
	}
	require.Equal(t, "Id not specified in an update call", res.at(1, "errors", 0, "message"))
}

func TestCollectionAllOrNoneTakesGoodRowsBack(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	lead := addLead(org, "a@example.com")
	res := a.do("PATCH", "/composite/sobjects",
		collection(true, rows("Lead", `{"id":"`+lead+`","City":"Rome"}`, `{"City":"Rome"}`)))
	require.Equal(t, "ALL_OR_NONE_OPERATION_ROLLED_BACK", res.at(0, "errors", 0, "statusCode"))
	require.Equal(t, "MISSING_ARGUMENT", res.at(1, "errors", 0, "statusCode"))
	require.Nil(t, org.Row("Lead", lead)["City"])

	res = a.do("POST", "/composite/sobjects",
		collection(true, rows("Lead", `{"LastName":"A","Company":"C","Email":"new@example.com"}`, `{}`)))
	require.Equal(t, false, res.at(0, "success"))
	require.Equal(t, 1, org.Count("Lead"))
	require.Empty(t, a.column("SELECT Id FROM Lead WHERE Email = 'new@example.com'", "Id"))
	require.Zero(t, org.Requests()[1].Written)
	require.Equal(t, 2, org.Requests()[1].Writes)
}

// docs/salesforce.md, Limits and Collections: what a collection may hold.
func TestCollectionLimits(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	contact, lead := rows("Contact", `{"LastName":"L"}`), rows("Lead", `{"LastName":"L","Company":"C"}`)
	for _, tc := range []struct {
		name   string
		rows   []string
		status int
		code   string
	}{
		{"none", nil, 400, "REQUIRED_FIELD_MISSING"},
		{"200 rows", slices.Repeat([]string{contact}, 200), 200, ""},
		{"201 rows", slices.Repeat([]string{contact}, 201), 400, "EXCEEDED_ID_LIMIT"},
		{"10 runs", slices.Repeat([]string{contact, lead}, 5), 200, ""},
		{"11 runs", append(slices.Repeat([]string{contact, lead}, 5), contact), 400, "LIMIT_EXCEEDED"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			res := (&api{t, org}).do("POST", "/composite/sobjects", collection(false, tc.rows...))
			require.Equal(t, tc.status, res.Status, res.Text)
			if tc.code != "" {
				require.Equal(t, tc.code, res.code())
			}
		})
	}
}

// docs/salesforce.md, Collections and Repeats: created distinguishes the two,
// and of a key that comes twice no row is written.
func TestCollectionUpserts(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	org.AddExternalID("Lead")
	known := org.Insert("Lead", fields{"LastName": "L", "Company": "C", "LeadsyncKey__c": "k1"})
	row := func(key string) string {
		return fmt.Sprintf(`{"LeadsyncKey__c":%q,"LastName":"New","Company":"C"}`, key)
	}
	res := a.do("PATCH", "/composite/sobjects/Lead/LeadsyncKey__c", collection(false,
		rows("Lead", row("K1"), row("k2"), row("twice"), row("TWICE"), `{"LastName":"New"}`), rows("Contact", row("k3"))))
	require.Equal(t, 200, res.Status, res.Text)
	require.Equal(t, known, res.at(0, "id"))
	require.Equal(t, false, res.at(0, "created"))
	require.Equal(t, true, res.at(1, "created"))
	require.Equal(t, "DUPLICATE_VALUE", res.at(2, "errors", 0, "statusCode"))
	require.Equal(t, "Duplicate external id specified: TWICE", res.at(3, "errors", 0, "message"))
	require.Equal(t, "MISSING_ARGUMENT", res.at(4, "errors", 0, "statusCode"))
	require.Equal(t, "INVALID_TYPE", res.at(5, "errors", 0, "statusCode"))
	require.Equal(t, 2, org.Count("Lead"))
	require.Equal(t, 404, a.do("PATCH", "/composite/sobjects/Lead/City", collection(false, rows("Lead", `{}`))).Status)
}

func TestCollectionUpsertByAmbiguousEmail(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	addContact(org, "a@example.com")
	addContact(org, "a@example.com")
	res := a.do("PATCH", "/composite/sobjects/Contact/Email",
		collection(false, rows("Contact", `{"Email":"a@example.com","LastName":"X"}`,
			`{"Email":"b@example.com","LastName":"X"}`)))
	require.Equal(t, "DUPLICATE_EXTERNAL_ID", res.at(0, "errors", 0, "statusCode"))
	require.Equal(t, true, res.at(1, "created"))
}

// Sources disagree (docs/salesforce.md, Upsert): live orgs upsert by Id.
func TestCollectionUpsertByID(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	id := addContact(org, "a@example.com")
	res := a.do("PATCH", "/composite/sobjects/Contact/Id",
		collection(false, rows("Contact", `{"Id":"`+id+`","LastName":"X"}`, `{"Id":null,"LastName":"Y"}`)))
	require.Equal(t, false, res.at(0, "created"), res.Text)
	require.Equal(t, true, res.at(1, "created"))
	require.Equal(t, "X", org.Row("Contact", id)["LastName"])
}

func TestCollectionDeletes(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	lead, contact := addLead(org, "a@example.com"), addContact(org, "a@example.com")
	res := a.do("DELETE", "/composite/sobjects?allOrNone=true&ids="+lead+",nope", nil)
	require.Equal(t, "ALL_OR_NONE_OPERATION_ROLLED_BACK", res.at(0, "errors", 0, "statusCode"))
	require.Equal(t, "MALFORMED_ID", res.at(1, "errors", 0, "statusCode"))
	require.Equal(t, 1, org.Count("Lead"))
	res = a.do("DELETE", "/composite/sobjects?ids="+lead+","+contact+",00QdM00000ZZZZZ", nil)
	require.Equal(t, lead, res.at(0, "id"))
	require.Equal(t, true, res.at(1, "success"))
	require.Equal(t, "INVALID_CROSS_REFERENCE_KEY", res.at(2, "errors", 0, "statusCode"))
	require.Zero(t, org.Count("Lead")+org.Count("Contact"))
}

// docs/salesforce.md, Limits: in the order of the ids, null for what there is
// not.
func TestCollectionRetrieves(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	first, second := addLead(org, "1@example.com"), addLead(org, "2@example.com")
	res := a.do("POST", "/composite/sobjects/Lead",
		fields{"ids": []string{second, "00QdM00000ZZZZZ", first}, "fields": []string{"Email"}})
	require.Equal(t, 200, res.Status, res.Text)
	require.Equal(t, "2@example.com", res.at(0, "Email"))
	require.Nil(t, res.at(1))
	require.Equal(t, "1@example.com", res.at(2, "Email"))
	require.NotContains(t, res.at(0), "Id")
	require.Equal(t, "INVALID_FIELD",
		a.do("POST", "/composite/sobjects/Lead", fields{"ids": []string{first}, "fields": []string{"Nope"}}).code())
	require.Equal(t, "1@example.com", a.do("GET", "/composite/sobjects/Lead?fields=Email&ids="+first, nil).at(0, "Email"))
}

// Rows of 200 in one request leave their mark in the log.
func TestCollectionCountsAsOneCall(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	a.do("POST", "/composite/sobjects", collection(false, slices.Repeat([]string{rows("Contact", `{"LastName":"L"}`)},
		150)...))
	require.Equal(t, 1, org.Calls())
	require.Equal(t, 150, org.Requests()[0].Writes)
	require.Equal(t, 150, org.Requests()[0].Written)
	require.Equal(t, 150, org.Count("Contact"))
}

// docs/salesforce.md, Collections: recorded is only that a row without attributes
// is refused. jsforce sends the id before them, and encoding/json all fields of a
// map.
func TestCollectionTakesAttributesAnywhere(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	org.AddExternalID("Contact")
	id := addContact(org, "a@example.com")
	res := a.do("PATCH", "/composite/sobjects",
		collection(false, `{"id":"`+id+`","attributes":{"type":"Contact"},"LastName":"X"}`))
	require.Equal(t, true, res.at(0, "success"), res.Text)
	sorted, err := json.Marshal(map[string]any{
		"attributes": map[string]any{"type": "Contact"}, "LastName": "L", "LeadsyncKey__c": "k",
	})
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(string(sorted), `{"LastName"`))
	res = a.do("PATCH", "/composite/sobjects/Contact/LeadsyncKey__c", collection(false, string(sorted),
		`{"LeadsyncKey__c":"j","LastName":"L"}`))
	require.Equal(t, true, res.at(0, "created"), res.Text)
	require.Equal(t, map[string]any{"success": false, "created": false, "errors": []any{map[string]any{
		"statusCode": "JSON_PARSER_ERROR", "fields": []any{},
		"message": "Nested object for polymorphic foreign key must have an attributes field before any other fields.",
	}}}, res.at(1))
}

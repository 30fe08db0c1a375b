// SPDX-License-Identifier: Apache-2.0

package main

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

const schemaText = `{
  "objects": [{"name": "Visit__c", "prefix": "a0x", "fields": [
    {"name": "Lead__c", "type": "reference", "referenceTo": ["Lead"]}]}],
  "fields": {"Lead": [
    {"name": "Badge__c", "externalId": true, "unique": true},
    {"name": "Level__c", "type": "picklist", "restricted": true, "options": ["Gold", "Silver"]}]},
  "recordTypes": {"Lead": [{"name": "Fair", "default": true}]},
  "rules": {"Lead": [{"name": "Reach", "message": "Give us a way to reach them", "field": "Email", "refuse": {
    "blank": "Email", "any": [{"blank": "Phone"}, {"field": "Phone", "matches": "^0+$"}],
    "not": {"field": "Level__c", "in": ["gold"]}}}]},
  "duplicateRules": {"Lead": [{"matchOn": ["Badge__c"], "block": true}]},
  "apps": [{"clientId": "mine", "scopes": ["api"]}],
  "rows": [
    {"object": "Lead", "as": "ada", "fields": {"LastName": "Lovelace", "Company": "Engines", "NumberOfEmployees": 7}},
    {"object": "Visit__c", "fields": {"Name": "First", "Lead__c": "@ada"}}],
  "rights": {"hidden": {"Lead": ["Fax"]}, "readOnly": {"Lead": ["Website"]}, "forbidden": {"Account": ["create"]},
    "permissions": {"PermissionsViewAllData": false}}
}`

func schemaFile(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "schema.json")
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	return file
}

func TestSchemaFileDefinesTheOrg(t *testing.T) {
	t.Parallel()
	org, stop := running(t, io.Discard, "-schema", schemaFile(t, schemaText))
	defer stop()
	status, page := org.ask(t, http.DefaultClient, "GET",
		versionPath+"/query?q=SELECT+Name,+Lead__r.LastName,+Lead__r.NumberOfEmployees+FROM+Visit__c", "")
	require.Equal(t, 200, status)
	visit := page["records"].([]any)[0].(map[string]any)
	require.Equal(t, "First", visit["Name"])
	require.Equal(t, "Lovelace", visit["Lead__r"].(map[string]any)["LastName"])
	for body, want := range map[string]int{
		`{"LastName":"L","Company":"C"}`:                                    400,
		`{"LastName":"L","Company":"C","Phone":"000"}`:                      400,
		`{"LastName":"L","Company":"C","Phone":"1815"}`:                     201,
		`{"LastName":"L","Company":"C","Level__c":"Gold"}`:                  201,
		`{"LastName":"L","Company":"C","Email":"a@b.co"}`:                   201,
		`{"LastName":"L","Company":"C","Email":"a@b.co","Level__c":"Iron"}`: 400,
		`{"LastName":"L","Company":"C","Email":"a@b.co","Fax":"1"}`:         400,
		`{"LastName":"L","Company":"C","Email":"a@b.co","Website":"w.co"}`:  400,
	} {
		status, _ := org.ask(t, http.DefaultClient, "POST", versionPath+"/sobjects/Lead", body)
		require.Equal(t, want, status, body)
	}
	status, _ = org.ask(t, http.DefaultClient, "POST", versionPath+"/sobjects/Account", `{"Name":"N"}`)
	require.Equal(t, 400, status)
	status, _ = org.ask(t, http.DefaultClient, "POST", "/services/oauth2/token",
		"grant_type=client_credentials&client_id=other")
	require.Equal(t, 400, status)
	status, token := org.ask(t, http.DefaultClient, "POST", "/services/oauth2/token",
		"grant_type=client_credentials&client_id=mine")
	require.Equal(t, 200, status)
	require.Equal(t, "api", token["scope"])
}

func TestSchemaFileSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	for text, says := range map[string]string{
		`{`:              "unexpected EOF",
		`{"tables": []}`: `unknown field "tables"`,
		`{"fields": {"Nope": [{"name": "X__c"}]}}`:                                "the org has no object Nope",
		`{"fields": {"Lead": [{"name": "X__c", "type": "blob"}]}}`:                "unknown type blob",
		`{"rows": [{"object": "Lead", "fields": {"OwnerId": "@x"}}]}`:             "no row before it is named x",
		`{"rules": {"Lead": [{"name": "R", "refuse": {}}]}}`:                      "rule R: refuse has no condition",
		`{"rows": [{"object": "Lead", "fields": {"NumberOfEmployees": "many"}}]}`: "NumberOfEmployees",
		`{"rights": {"hidden": {"Lead": ["Nope"]}}}`:                              "no field Nope",
	} {
		c, err := parseFlags([]string{"-schema", schemaFile(t, text)})
		require.NoError(t, err)
		require.ErrorContains(t, run(t.Context(), c, io.Discard, io.Discard), says, text)
	}
	_, err := parseFlags([]string{"-schema", "x", "-empty"})
	require.ErrorContains(t, err, "-schema")
}

// badSchemas are schemas by what is said of them.
func badSchemas() map[string]string {
	rule := func(text string) string { return `{"rules": {"Lead": [` + text + `]}}` }
	refuse := func(text string) string { return rule(`{"name": "R", "message": "M", "refuse": ` + text + `}`) }
	field := func(text string) string { return `{"fields": {"Lead": [` + text + `]}}` }
	object := func(text string) string { return `{"objects": [` + text + `]}` }
	rows := func(text string) string { return `{"rows": [` + text + `]}` }
	return map[string]string{
		"Lead: rule R: blank: Lead has no field Nope":  refuse(`{"blank": "Nope"}`),
		"Lead: rule R: filled: Lead has no field Nope": refuse(`{"filled": "Nope"}`),
		"Lead: rule R: field: Lead has no field Nope":  refuse(`{"field": "Nope", "in": ["x"]}`),
		"Lead: rule R: all: blank: Lead has no field Nope": refuse(
			`{"all": [{"blank": "Email"}, {"blank": "Nope"}]}`),
		"Lead: rule R: any: not: field: Lead has no field N": refuse(
			`{"any": [{"not": {"field": "N", "matches": "x"}}]}`),
		"Lead: rule R: in and matches need a field":        refuse(`{"in": ["x"]}`),
		"Lead: rule R: field needs in or matches":          refuse(`{"field": "Email"}`),
		"Lead: rule R: refuse has no condition":            refuse(`{"any": []}`),
		"Lead: rule R: not: matches: error parsing regexp": refuse(`{"not": {"field": "Email", "matches": "("}}`),
		"Lead: rule R: a rule needs a message":             rule(`{"name": "R", "refuse": {"blank": "Email"}}`),
		"Lead: rules[0]: a rule needs a name":              rule(`{"message": "M", "refuse": {"blank": "Email"}}`),
		"Lead: rule R: field: Lead has no field Nope2": rule(
			`{"name": "R", "message": "M", "field": "Nope2", "refuse": {"blank": "Email"}}`),
		"rules: the org has no object Nope":     `{"rules": {"Nope": []}}`,
		"rules: the org has no object Activity": `{"rules": {"Activity": []}}`,

		"Lead.A__c: default: object Lead: field A__c: Cannot deserialize instance of int": field(
			`{"name": "A__c", "type": "int", "default": "x"}`),
		"Lead.B__c: default: object Lead: field B__c (datetime) cannot hold a map": field(
			`{"name": "B__c", "type": "datetime", "default": {}}`),
		"Lead.C__c: default: it is none of the options": field(
			`{"name": "C__c", "type": "picklist", "restricted": true, "options": ["a"], "default": "b"}`),
		"Lead.D__c: a reference needs referenceTo": field(`{"name": "D__c", "type": "reference"}`),
		"Lead.E__c: referenceTo: the org has no object Nope": field(
			`{"name": "E__c", "type": "reference", "referenceTo": ["Nope"]}`),
		"Lead.F__c: only a reference may have referenceTo":        field(`{"name": "F__c", "referenceTo": ["Lead"]}`),
		"Lead.G__c: length, precision, scale and digits must not": field(`{"name": "G__c", "length": -1}`),
		"Lead.H__c: controller: Lead has no field Nope": field(
			`{"name": "H__c", "type": "picklist", "controller": "Nope"}`),
		"Lead.I__c: it is defined twice":                       field(`{"name": "I__c"}, {"name": "I__c"}`),
		"Lead.j__c: it is defined twice":                       field(`{"name": "J__c"}, {"name": "j__c"}`),
		"Lead.K__c: field K__c has the unknown type blob":      field(`{"name": "K__c", "type": "blob"}`),
		"Lead.eMail: the org has this field already, as Email": field(`{"name": "eMail"}`),
		"Lead.A b__c: it needs an API name":                    field(`{"name": "A b__c"}`),
		"Lead.__c: it needs an API name":                       field(`{"name": "__c"}`),
		"Lead.1a__c: it needs an API name":                     field(`{"name": "1a__c"}`),
		"Lead: fields[1]: a field needs a name":                field(`{"name": "L__c"}, {}`),
		"the org has no object Nope":                           `{"fields": {"Nope": []}}`,

		"objects[0]: an object needs a name":          object(`{"prefix": "a0x"}`),
		"object Visit: it needs an API name":          object(`{"name": "Visit", "prefix": "a0x"}`),
		"object lead: it needs an API name":           object(`{"name": "lead", "prefix": "a0x"}`),
		"object A b__c: it needs an API name":         object(`{"name": "A b__c", "prefix": "a0x"}`),
		"object 1a__c: it needs an API name":          object(`{"name": "1a__c", "prefix": "a0x"}`),
		"object V__c: it needs a prefix":              object(`{"name": "V__c"}`),
		"object W__c: object W__c needs a key prefix": object(`{"name": "W__c", "prefix": "00Q"}`),
		"object x__c: the org has an object of this name": object(
			`{"name": "X__c", "prefix": "a0x"}, {"name": "x__c", "prefix": "a0y"}`),
		"Y__c.name: the org has this field already, as Name": object(
			`{"name": "Y__c", "prefix": "a0x", "fields": [{"name": "name"}]}`),
		"Lead: recordTypes[0]: a record type needs a name": `{"recordTypes": {"Lead": [{}]}}`,
		"Lead: record type A b: it needs an API name":      `{"recordTypes": {"Lead": [{"name": "A b"}]}}`,
		"Lead: record type a: it is defined twice":         `{"recordTypes": {"Lead": [{"name": "A"}, {"name": "a"}]}}`,
		"Nope: record type A: the org has no object Nope":  `{"recordTypes": {"Nope": [{"name": "A"}]}}`,

		"Lead: duplicateRules[0] D: object Lead":          `{"duplicateRules": {"Lead": [{"name": "D", "matchOn": ["N"]}]}}`,
		"apps[0]: an app needs a clientId":                `{"apps": [{}]}`,
		"apps[1]: an app before it has the clientId mine": `{"apps": [{"clientId": "mine"}, {"clientId": "mine"}]}`,
		`app mine: scopes: there is no scope "nope"`:      `{"apps": [{"clientId": "mine", "scopes": ["api", "nope"]}]}`,
		`app mine: scopes: there is no scope "api web"`:   `{"apps": [{"clientId": "mine", "scopes": ["api web"]}]}`,

		"rows[0] (): a row needs an object":          rows(`{}`),
		"rows[1] (Lead): object Lead has no field N": rows(`{"object": "Lead"}, {"object": "Lead", "fields": {"N": 1}}`),
		"rows[1] (Lead): a row before it is named a": rows(`{"object": "Lead", "as": "a"}, {"object": "Lead", "as": "a"}`),
		"rows[0] (Lead): OwnerId: no row before it":  rows(`{"object": "Lead", "fields": {"OwnerId": "@a"}}`),

		"rights: hidden of Lead: object Lead has no field N": `{"rights": {"hidden": {"Lead": ["N"]}}}`,
		"rights: forbidden of Lead: a right is read, create": `{"rights": {"forbidden": {"Lead": ["fly"]}}}`,
		"rights: permissions: object PermissionSet has no":   `{"rights": {"permissions": {"PermissionsFly": true}}}`,
		"there is more text after the JSON":                  `{} {}`,
		"there is no JSON":                                   ` `,
	}
}

func TestBadSchemasAreRefusedByName(t *testing.T) {
	t.Parallel()
	org := controlled(t, "-empty")
	for says, text := range badSchemas() {
		c, err := parseFlags([]string{"-schema", schemaFile(t, text)})
		require.NoError(t, err)
		_, err = c.readSchema()
		require.ErrorContains(t, err, "schema.json: "+says, text)
		status, answer := org.control(t, "POST", "/schema", text)
		require.Equal(t, 400, status, text)
		require.Contains(t, answer["error"], says, text)
	}
}

func TestRulesFindFieldsWithoutCase(t *testing.T) {
	t.Parallel()
	org, stop := running(t, io.Discard, "-schema", schemaFile(t, `{"rules": {"lead": [{"name": "R", "message": "M",
		"field": "eMail", "refuse": {"any": [{"blank": "EMAIL"}, {"field": "title", "in": ["dr."]}]}}]}}`))
	defer stop()
	for body, want := range map[string]int{
		`{"LastName":"L","Company":"C"}`:                                400,
		`{"LastName":"L","Company":"C","Email":"a@b.co"}`:               201,
		`{"LastName":"L","Company":"C","Email":"a@b.co","Title":"Dr."}`: 400,
	} {
		status, _ := org.ask(t, http.DefaultClient, "POST", versionPath+"/sobjects/Lead", body)
		require.Equal(t, want, status, body)
	}
}

func TestDefaultsAreOfTheTypeOfTheirField(t *testing.T) {
	t.Parallel()
	org := controlled(t, "-schema", schemaFile(t, `{"fields": {"Lead": [
		{"name": "Seats__c", "type": "int", "default": 7},
		{"name": "Since__c", "type": "datetime", "default": "2026-01-02T03:04:05+01:00"},
		{"name": "VIP__c", "type": "boolean", "default": "true"}], "Activity": [{"name": "Stand__c", "default": "A1"}]}}`))
	status, made := org.ask(t, http.DefaultClient, "POST", versionPath+"/sobjects/Lead", `{"LastName":"L","Company":"C"}`)
	require.Equal(t, 201, status)
	status, row := org.ask(t, http.DefaultClient, "GET", versionPath+"/sobjects/Lead/"+made["id"].(string), "")
	require.Equal(t, 200, status)
	require.Equal(t, []any{7.0, "2026-01-02T02:04:05.000+0000", true},
		[]any{row["Seats__c"], row["Since__c"], row["VIP__c"]})
}

func TestRefusedSchemaLeavesNothing(t *testing.T) {
	t.Parallel()
	org := controlled(t, "-n", "3")
	const good = `"objects": [{"name": "Visit__c", "prefix": "a0x"}],
		"fields": {"Lead": [{"name": "Level__c", "type": "picklist", "restricted": true, "options": ["Gold"]}]},
		"rules": {"Lead": [{"name": "R", "message": "M", "refuse": {"blank": "Email"}}]},
		"duplicateRules": {"Lead": [{"matchOn": ["Badge__c"], "block": true}]},
		"apps": [{"clientId": "mine"}]`
	rows := func(object string) int {
		_, page := org.ask(t, http.DefaultClient, "GET", versionPath+"/query?q=SELECT+COUNT()+FROM+"+object, "")
		count, has := page["totalSize"].(float64)
		require.True(t, has, page)
		return int(count)
	}
	leads, rules := rows("Lead"), rows("DuplicateRule")
	status, made := org.ask(t, http.DefaultClient, "POST", versionPath+"/sobjects/Lead", `{"LastName":"L","Company":"C"}`)
	require.Equal(t, 201, status, "no rule")
	id := made["id"].(string)
	for rest, says := range map[string]string{
		`"rights": {"hidden": {"Lead": ["Fax", "No"]}}`:                                                        "no field No",
		`"rights": {"forbidden": {"Lead": ["read", "x"]}}`:                                                     "not x",
		`"rows": [{"object": "Lead", "fields": {"LastName": "M"}}, {"object": "Lead", "fields": {"Nope": 1}}]`: "rows[1]",
		`"rows": [{"object": "Lead", "fields": {"LastName": "M"}}, {"object": "Lead", "fields": {"id": "` + id +
			`"}}]`: "rows[1] (Lead): the org has a row of this id already",
	} {
		status, answer := org.control(t, "POST", "/schema", "{"+good+","+rest+"}")
		require.Equal(t, 400, status, rest)
		require.Contains(t, answer["error"], says)
		status, _ = org.ask(t, http.DefaultClient, "GET", versionPath+"/sobjects/Visit__c/describe", "")
		require.Equal(t, 404, status)
		status, _ = org.ask(t, http.DefaultClient, "GET", versionPath+"/query?q=SELECT+Level__c+FROM+Lead", "")
		require.Equal(t, 400, status)
		require.Equal(t, []int{leads + 1, rules}, []int{rows("Lead"), rows("DuplicateRule")})
		status, _ = org.ask(t, http.DefaultClient, "PATCH", versionPath+"/sobjects/Lead/"+id, `{"Title":"T"}`)
		require.Equal(t, 204, status, "no rule")
		status, _ = org.ask(t, http.DefaultClient, "POST", "/services/oauth2/token",
			"grant_type=client_credentials&client_id=other")
		require.Equal(t, 200, status, "no app")
	}
	status, answer := org.control(t, "POST", "/schema", "{"+good+"}")
	require.Equal(t, 200, status, answer)
	status, answer = org.control(t, "POST", "/schema", `{"fields": {"Visit__c": [{"name": "Lead__c", "type": "reference",
		"referenceTo": ["Lead"]}]}, "rows": [{"object": "Visit__c", "fields": {"Lead__c": "`+id+`"}}]}`)
	require.Equal(t, 200, status, answer)
	require.Equal(t, 1, rows("Visit__c"))
	status, answer = org.control(t, "POST", "/schema", "{"+good+"}")
	require.Equal(t, 400, status)
	require.Contains(t, answer["error"], "object Visit__c: the org has an object of this name already")
	status, _ = org.control(t, "POST", "/reset", "")
	require.Equal(t, 200, status)
	status, answer = org.control(t, "POST", "/schema", "{"+good+"}")
	require.Equal(t, 200, status, answer)
}

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
		`{"fields": {"Nope": [{"name": "X__c"}]}}`:                                  "the org has no object Nope",
		`{"fields": {"Lead": [{"name": "X__c", "type": "blob"}]}}`:                  "unknown type blob",
		`{"rows": [{"object": "Lead", "fields": {"OwnerId": "@x"}}]}`:               "no row before it is named x",
		`{"rules": {"Lead": [{"name": "R", "refuse": {}}]}}`:                        "rule R: refuse has no condition",
		`{"rules": {"Lead": [{"name": "R", "refuse": {"not": {"matches": "("}}}]}}`: "missing closing )",
		`{"rows": [{"object": "Lead", "fields": {"NumberOfEmployees": "many"}}]}`:   "NumberOfEmployees",
		`{"rights": {"hidden": {"Lead": ["Nope"]}}}`:                                "no field Nope",
	} {
		c, err := parseFlags([]string{"-schema", schemaFile(t, text)})
		require.NoError(t, err)
		require.ErrorContains(t, run(t.Context(), c, io.Discard, io.Discard), says, text)
	}
	_, err := parseFlags([]string{"-schema", "x", "-empty"})
	require.ErrorContains(t, err, "-schema")
}

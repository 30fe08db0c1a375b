// SPDX-License-Identifier: Apache-2.0

package interop_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce/sftest"
)

var jsforce = newNodeDir("testdata/jsforce")

func TestJsforceLogsIn(t *testing.T) {
	t.Parallel()
	org := newOrg(t)
	org.AddApp(sftest.App{ClientID: "key", ClientSecret: "secret", Callback: "http://127.0.0.1:1/back"})
	runJsforce(t, org, "login.js")
	require.Equal(t, 1, org.Count("Contact"))
}

func TestJsforceWritesOneRecord(t *testing.T) {
	t.Parallel()
	org := newOrg(t)
	runJsforce(t, org, "record.js")
	require.Equal(t, []any{"Turing"}, column(org, "Contact", "LastName"))
}

func TestJsforceUpsertsByExternalID(t *testing.T) {
	t.Parallel()
	org := newOrg(t, sftest.Existing("Contact", "twice@example.com"), sftest.Existing("Contact", "twice@example.com"))
	runJsforce(t, org, "upsert.js")
	require.Equal(t, []any{"[not provided]", "[not provided]", "Lovelace", "Turing", "Hopper"},
		column(org, "Contact", "LastName"))
}

func TestJsforceReadsAllPages(t *testing.T) {
	t.Parallel()
	org := newOrg(t, sftest.WithPageSize(100))
	insertContacts(org, 250)
	account := org.Insert("Account", map[string]any{"Name": "Engines & Co 'Ltd'"})
	org.Insert("Contact", map[string]any{"LastName": "Lovelace", "AccountId": account})
	org.Delete("Contact", org.Insert("Contact", map[string]any{"LastName": "Gone"}))
	runJsforce(t, org, "query.js")
}

func TestJsforceWritesCollections(t *testing.T) {
	t.Parallel()
	org := newOrg(t)
	runJsforce(t, org, "collections.js")
	require.Equal(t, 249, org.Count("Contact"))
}

func TestJsforceSendsComposites(t *testing.T) {
	t.Parallel()
	org := newOrg(t)
	runJsforce(t, org, "composite.js")
	require.Equal(t, []any{"Engines", "Bletchley", "Tree"}, column(org, "Account", "Name"))
	require.Equal(t, []any{"Lovelace", "Turing", "Hopper"}, column(org, "Contact", "LastName"))
}

func TestJsforceLoadsAndReadsInBulk(t *testing.T) {
	t.Parallel()
	org := newOrg(t)
	org.DefineField("Contact", sftest.Field{Name: "Badge__c", Type: "boolean"})
	runJsforce(t, org, "bulk2.js")
	require.Equal(t, 2, org.Count("Contact"))
}

func TestJsforceFailsOnPagesInBulk(t *testing.T) {
	t.Parallel()
	org := newOrg(t, sftest.WithPageSize(100))
	insertContacts(org, 250)
	runJsforce(t, org, "bulk2pages.js")
}

func TestJsforceDescribes(t *testing.T) {
	t.Parallel()
	org := newOrg(t)
	org.DefineObject("Visit__c", "a01",
		sftest.Field{Name: "Hall__c", Type: "picklist", Options: []string{"One", "Two"}},
		sftest.Field{Name: "Stand__c", Type: "picklist", Restricted: true, Options: []string{"North", "South"},
			Controller: "Hall__c", ValidFor: map[string][]string{"North": {"One", "Two"}, "South": {"Two"}}})
	runJsforce(t, org, "describe.js")
}

func TestJsforceSearches(t *testing.T) {
	t.Parallel()
	org := newOrg(t)
	org.Insert("Contact", map[string]any{"LastName": "Lovelace", "Email": "ada@example.com"})
	org.Insert("Lead", map[string]any{"LastName": "Lovelace-King", "Company": "Engines"})
	org.Insert("Lead", map[string]any{"LastName": "Turing", "Company": "Engines"})
	runJsforce(t, org, "search.js")
}

func TestJsforceReadsWhatChanged(t *testing.T) {
	t.Parallel()
	runJsforce(t, newOrg(t), "changes.js")
}

func TestJsforceIsRefused(t *testing.T) {
	t.Parallel()
	org := newOrg(t)
	org.AddRule("Contact",
		sftest.Rule{Message: "No first name X", Field: "FirstName", Refuses: func(row map[string]any) bool {
			return row["FirstName"] == "X"
		}})
	org.AddRule("Contact", sftest.Rule{Message: "Nor Title X", Refuses: func(row map[string]any) bool {
		return row["Title"] == "X"
	}})
	org.AddDuplicateRule("Lead", sftest.DuplicateRule{})
	org.Insert("Contact", map[string]any{"LastName": "Lovelace", key: "taken"})
	org.Insert("Lead", map[string]any{"LastName": "Lovelace", "Company": "Engines", "Email": "ada@example.com"})
	runJsforce(t, org, "refused.js")
	require.Equal(t, 1, org.Count("Contact"))
	require.Equal(t, 2, org.Count("Lead"))
}

// An unsupported request is also reported as a failure of the test.
func TestJsforceGetsErrorsForUnsupportedRequests(t *testing.T) {
	t.Parallel()
	w := &witness{T: t}
	runJsforce(t, sftest.NewOrg(w), "unknown.js")
	require.Equal(t, []string{
		"sftest: the fake org does not support the object ApexClass of the Tooling API",
		"sftest: the fake org does not support GET /services/apexrest/leads",
		"sftest: the fake org does not support GET /services/data/v62.0/tabs",
	}, w.failures)
}

func column(org *sftest.Org, object, field string) []any {
	var values []any
	for _, row := range org.Rows(object) {
		values = append(values, row[field])
	}
	return values
}

// runJsforce runs a script of testdata/jsforce against the org.
func runJsforce(t *testing.T, org *sftest.Org, script string) {
	t.Helper()
	jsforce.run(t, script, nil, "ORG_URL="+org.URL(), "ORG_TOKEN="+org.Token())
	require.NotEmpty(t, org.Requests(), "%s did not call the org", script)
}

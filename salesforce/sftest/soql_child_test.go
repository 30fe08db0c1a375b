// SPDX-License-Identifier: Apache-2.0

package sftest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce/sftest"
)

func family(t *testing.T) (*sftest.Org, *api) {
	t.Helper()
	org, a := newAPI(t)
	acme := org.Insert("Account", fields{"Name": "Acme"})
	org.Insert("Account", fields{"Name": "Childless"})
	for i, name := range []string{"Ada", "Bob", "Cyd"} {
		contact := org.Insert("Contact", fields{"LastName": name, "AccountId": acme, "Department": fmt.Sprint(i % 2)})
		org.Insert("Task", fields{"Subject": "Call " + name, "WhoId": contact})
	}
	org.Delete("Contact", org.Insert("Contact", fields{"LastName": "Gone", "AccountId": acme}))
	return org, a
}

// The shape of child rows (docs/salesforce.md, Queries); without any it is
// null.
func TestSOQLSelectsChildren(t *testing.T) {
	t.Parallel()
	_, a := family(t)
	res := a.query(
		"SELECT Name, (SELECT LastName, Account.Name FROM Contacts WHERE LastName != 'Bob' ORDER BY LastName DESC) " +
			"FROM Account ORDER BY Name",
	)
	contacts := res.at("records", 0, "Contacts").(map[string]any)
	require.InDelta(t, 2, contacts["totalSize"], 0)
	require.Equal(t, true, contacts["done"])
	require.Equal(t, "Cyd", res.at("records", 0, "Contacts", "records", 0, "LastName"))
	require.Equal(t, "Contact", res.at("records", 0, "Contacts", "records", 0, "attributes", "type"))
	require.Equal(t, "Acme", res.at("records", 0, "Contacts", "records", 1, "Account", "Name"))
	require.Contains(t, res.at("records", 1), "Contacts")
	require.Nil(t, res.at("records", 1, "Contacts"))

	for _, soql := range []string{
		"SELECT (SELECT LastName FROM Account.Contacts LIMIT 1) FROM Account ORDER BY Name",
		"SELECT (SELECT LastName FROM a.contacts ORDER BY LastName LIMIT 1) FROM Account a ORDER BY Name",
		"SELECT (SELECT LastName FROM Contacts c WHERE c.LastName < 'B') FROM Account ORDER BY Name LIMIT 1",
		"SELECT (SELECT LastName FROM Contacts ORDER BY LastName DESC LIMIT 1 OFFSET 2) FROM Account ORDER BY Name LIMIT 1",
	} {
		require.Equal(t, "Ada", a.query(soql).at("records", 0, "Contacts", "records", 0, "LastName"), soql)
	}
	require.Equal(t, "Call Bob",
		a.query("SELECT (SELECT LastName, (SELECT Subject FROM Tasks) FROM Contacts) FROM Account ORDER BY Name").
			at("records", 0, "Contacts", "records", 1, "Tasks", "records", 0, "Subject"), "children of children")
}

func TestSOQLQueryAllShowsDeletedChildren(t *testing.T) {
	t.Parallel()
	_, a := family(t)
	res := a.do("GET", "/queryAll?q="+escape("SELECT (SELECT LastName FROM Contacts) FROM Account ORDER BY Name"), nil)
	require.InDelta(t, 4, res.at("records", 0, "Contacts", "totalSize"), 0)
}

func TestSOQLSelectsChildrenOfCustomObjects(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	org.DefineObject("Booth_Visit__c", "a01",
		sftest.Field{Name: "Lead__c", Type: "reference", ReferenceTo: []string{"Lead"}})
	lead := addLead(org, "a@example.com")
	org.Insert("Booth_Visit__c", fields{"Name": "Monday", "Lead__c": lead})
	res := a.query("SELECT Email, (SELECT Name FROM Booth_Visits__r) FROM Lead")
	require.Equal(t, "Monday", res.at("records", 0, "Booth_Visits__r", "records", 0, "Name"))
}

func TestSOQLRefusesChildren(t *testing.T) {
	t.Parallel()
	_, a := family(t)
	deep := strings.Repeat("SELECT Id, (", 5) + "SELECT Id FROM ChildAccounts" + strings.Repeat(") FROM ChildAccounts",
		4) + ") FROM Account"
	for _, tc := range []struct{ soql, code, message string }{
		{
			"SELECT (SELECT Id FROM Contact) FROM Account", "INVALID_TYPE",
			"Didn't understand relationship 'Contact' in FROM part of query call.",
		},
		{
			"SELECT (SELECT Foo FROM Contacts) FROM Account", "INVALID_FIELD",
			"ERROR at Row:1:Column:16\nNo such column 'Foo' on entity 'Contact'",
		},
		{"SELECT (SELECT COUNT() FROM Contacts) FROM Account", "MALFORMED_QUERY", "aggregates are not allowed"},
		{"SELECT (SELECT MAX(LastName) FROM Contacts) FROM Account", "MALFORMED_QUERY", "aggregates are not allowed"},
		{"SELECT (SELECT Id FROM Contacts OFFSET 1) FROM Account", "MALFORMED_QUERY", "OFFSET"},
		{
			"SELECT (SELECT Id FROM Contacts), (SELECT Name FROM Contacts) FROM Account", "INVALID_FIELD",
			"duplicate field selected: Contacts",
		},
		{"SELECT Id, (SELECT Id FROM Contacts FROM Account", "MALFORMED_QUERY", "unexpected token: 'FROM'"},
		{"SELECT COUNT(Id), (SELECT Id FROM Contacts) FROM Account", "MALFORMED_QUERY", "only fields and aggregates"},
		{deep, "MALFORMED_QUERY", "only 5 levels"},
	} {
		res := a.query(tc.soql)
		require.Equal(t, 400, res.Status, tc.soql)
		require.Equal(t, tc.code, res.code(), tc.soql)
		require.Contains(t, res.at(0, "message"), tc.message)
	}
}

// SPDX-License-Identifier: Apache-2.0

package sftest_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Object Reference, Case: the number, the Account of the Contact, and what follows from the
// status.
func TestCaseIsNumberedAndClosesByItsStatus(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	account := org.Insert("Account", fields{"Name": "Acme"})
	contact := org.Insert("Contact", fields{
		"LastName": "L", "AccountId": account, "Email": "ada@example.com", "Phone": "1815",
	})
	res := a.do("POST", "/sobjects/Case", fields{"Subject": "Lost badge", "ContactId": contact, "Origin": "Web"})
	require.Equal(t, 201, res.Status, res.Text)
	row := a.do("GET", "/sobjects/Case/"+res.id(), nil)
	for name, want := range (fields{
		"CaseNumber": "00001000", "Status": "New", "Priority": "Medium", "Origin": "Web", "IsClosed": false,
		"ClosedDate": nil, "AccountId": account, "ContactEmail": "ada@example.com", "ContactPhone": "1815",
		"OwnerId": org.UserID(),
	}) {
		require.Equal(t, want, row.at(name), name)
	}
	require.Equal(t, 204, a.do("PATCH", "/sobjects/Case/"+res.id(), `{"Status":"Closed"}`).Status)
	closed := org.Row("Case", res.id())
	require.Equal(t, true, closed["IsClosed"])
	require.NotNil(t, closed["ClosedDate"])
	require.Equal(t, 204, a.do("PATCH", "/sobjects/Case/"+res.id(), `{"Status":"Working"}`).Status)
	require.Nil(t, org.Row("Case", res.id())["ClosedDate"])

	next := a.do("POST", "/sobjects/Case", `{"SuppliedEmail":"a@example.com","SuppliedName":"Ada"}`)
	require.Equal(t, "00001001", org.Row("Case", next.id())["CaseNumber"])
	require.Equal(t, []string{"00001000", "00001001"}, a.column("SELECT CaseNumber FROM Case ORDER BY CaseNumber",
		"CaseNumber"))
}

func TestCaseKeepsTheAccountThatItWasGiven(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	first, second := org.Insert("Account", fields{"Name": "A"}), org.Insert("Account", fields{"Name": "B"})
	contact := org.Insert("Contact", fields{"LastName": "L", "AccountId": first})
	id := a.do("POST", "/sobjects/Case", fields{"ContactId": contact, "AccountId": second}).id()
	require.Equal(t, second, org.Row("Case", id)["AccountId"])
	require.Equal(t, 204, a.do("PATCH", "/sobjects/Case/"+id, `{"AccountId":null}`).Status)
	require.Nil(t, org.Row("Case", id)["AccountId"], "the Contact has not changed")
}

func TestCaseRefusesWhatItComputes(t *testing.T) {
	t.Parallel()
	_, a := newAPI(t)
	for _, name := range []string{"CaseNumber", "IsClosed", "ClosedDate", "ContactEmail"} {
		a.do("POST", "/sobjects/Case", fields{name: "x"}).refused(t, 400, "INVALID_FIELD_FOR_INSERT_UPDATE")
	}
	a.do("POST", "/sobjects/Case", `{"SuppliedEmail":"x"}`).refused(t, 400, "INVALID_EMAIL_ADDRESS")
	a.do("POST", "/sobjects/Case", `{"ContactId":"001dM00000000001"}`).refused(t, 400, "MALFORMED_ID")
}

// docs/salesforce.md, Describe: an Account with Cases stays.
func TestCasesKeepTheirAccountAndContact(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	account := org.Insert("Account", fields{"Name": "Acme"})
	contact := org.Insert("Contact", fields{"LastName": "L", "AccountId": account})
	id := a.do("POST", "/sobjects/Case", fields{"ContactId": contact}).id()
	for _, path := range []string{"/sobjects/Contact/" + contact, "/sobjects/Account/" + account} {
		res := a.do("DELETE", path, nil)
		res.refused(t, 400, "DELETE_FAILED")
		require.Contains(t, res.at(0, "message"), "00001000")
	}
	for _, v := range a.do("GET", "/sobjects/Account/describe", nil).at("childRelationships").([]any) {
		if c := v.(map[string]any); c["childSObject"] == "Case" {
			require.Equal(t, []any{"Cases", true, false},
				[]any{c["relationshipName"], c["restrictedDelete"], c["cascadeDelete"]})
		}
	}
	require.Equal(t, 204, a.do("DELETE", "/sobjects/Case/"+id, nil).Status)
	require.Equal(t, 204, a.do("DELETE", "/sobjects/Account/"+account, nil).Status)
}

func TestCaseIsReachedBothWays(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	queue := org.Insert("Group", fields{"Name": "Support", "Type": "Queue"})
	account := org.Insert("Account", fields{"Name": "Acme"})
	contact := org.Insert("Contact", fields{"LastName": "L", "AccountId": account})
	parent := org.Insert("Case", fields{"Subject": "Parent"})
	id := org.Insert("Case", fields{"Subject": "Child", "ContactId": contact, "ParentId": parent, "OwnerId": queue})
	org.Insert("Task", fields{"Subject": "Call", "WhatId": id})
	up := a.query("SELECT Contact.Account.Name, Parent.Subject, TYPEOF Owner WHEN Group THEN Name END FROM Case " +
		"WHERE ParentId != null")
	require.Equal(t, "Acme", up.at("records", 0, "Contact", "Account", "Name"), up.Text)
	require.Equal(t, "Parent", up.at("records", 0, "Parent", "Subject"))
	require.Equal(t, "Support", up.at("records", 0, "Owner", "Name"))
	for _, from := range []string{"Account", "Contact", "Case"} {
		down := a.query("SELECT (SELECT Subject FROM Cases) FROM " + from)
		require.Equal(t, "Child", down.at("records", 0, "Cases", "records", 0, "Subject"), down.Text)
	}
	require.Equal(t, "Call", a.query("SELECT (SELECT Subject FROM Tasks) FROM Case WHERE Id = '"+id+"'").
		at("records", 0, "Tasks", "records", 0, "Subject"))
	require.Equal(t, "00001001", a.query("SELECT What.Name FROM Task").at("records", 0, "What", "Name"),
		"a Case is named by its number")
}

func TestCasesAndIndividualsCanBeMerged(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	for object, name := range map[string]string{"Case": "Subject", "Individual": "LastName"} {
		winner, loser := org.Insert(object, fields{name: "W"}), org.Insert(object, fields{name: "L"})
		org.Merge(object, winner, loser)
		res := a.do("GET", "/queryAll?q="+escape("SELECT MasterRecord."+name+" FROM "+object+" WHERE IsDeleted = true"), nil)
		require.Equal(t, "W", res.at("records", 0, "MasterRecord", name), res.Text)
	}
}

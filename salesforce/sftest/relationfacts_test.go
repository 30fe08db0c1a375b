// SPDX-License-Identifier: Apache-2.0

package sftest_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce/sftest"
)

// Custom objects with lookups and masters, as describes and SOQL show them.
func TestRelationshipFacts(t *testing.T) {
	t.Parallel()
	define := func(org *sftest.Org) {
		org.DefineObject("Visit__c", "a0x",
			sftest.Field{
				Name: "Host__c", Type: "reference", ReferenceTo: []string{"Contact"},
			}, sftest.Field{Name: "Guest__c", Type: "reference", ReferenceTo: []string{"Contact"}})
		org.DefineObject("Badge__c", "a0y",
			sftest.Field{
				Name: "Visit__c", Type: "reference", ReferenceTo: []string{"Visit__c"}, MasterDetail: true,
				ChildRelationship: "Worn__r",
			})
	}
	child := func(described *response, object, field string) map[string]any {
		for _, v := range described.at("childRelationships").([]any) {
			if c := v.(map[string]any); c["childSObject"] == object && c["field"] == field {
				return c
			}
		}
		return nil
	}
	checkFacts(t, []dataFact{
		{"1: describe names the children of a standard object", func(t *testing.T, _ *sftest.Org, a *api) {
			account := a.do("GET", "/sobjects/Account/describe", nil)
			require.Equal(t, map[string]any{
				"cascadeDelete": true, "childSObject": "Contact", "deprecatedAndHidden": false, "field": "AccountId",
				"junctionIdListNames": []any{}, "junctionReferenceTo": []any{}, "relationshipName": "Contacts",
				"restrictedDelete": false,
			}, child(account, "Contact", "AccountId"))
			require.Equal(t, "Tasks", child(account, "Task", "WhatId")["relationshipName"])
			require.Nil(t, child(account, "Task", "AccountId")["relationshipName"], "no name for SOQL")
		}},
		{"1: describe names the children of a custom object", func(t *testing.T, org *sftest.Org, a *api) {
			define(org)
			contact := a.do("GET", "/sobjects/Contact/describe", nil)
			require.Equal(t, "Visits__r", child(contact, "Visit__c", "Host__c")["relationshipName"])
			require.Equal(t, "Visits1__r", child(contact, "Visit__c", "Guest__c")["relationshipName"], "the name is taken")
			visit := a.do("GET", "/sobjects/Visit__c/describe", nil)
			require.Equal(t, []any{"Worn__r", true},
				[]any{
					child(visit, "Badge__c", "Visit__c")["relationshipName"],
					child(visit, "Badge__c", "Visit__c")["cascadeDelete"],
				})
			require.Equal(t, "Tasks", child(visit, "Task", "WhatId")["relationshipName"])
			org.HideField("Visit__c", "Guest__c")
			require.Nil(t, child(a.do("GET", "/sobjects/Contact/describe", nil), "Visit__c", "Guest__c"))
		}},
		{"7: SOQL goes up and down custom relationships", func(t *testing.T, org *sftest.Org, a *api) {
			define(org)
			host := org.Insert("Contact", fields{"LastName": "Host", "AccountId": org.Insert("Account", fields{"Name": "Acme"})})
			visit := org.Insert("Visit__c", fields{"Name": "V", "Host__c": host})
			org.Insert("Badge__c", fields{"Name": "B", "Visit__c": visit})
			require.Equal(t, "Acme", a.query("SELECT Visit__r.Host__r.Account.Name FROM Badge__c").at("records", 0, "Visit__r",
				"Host__r", "Account", "Name"))
			down := a.query(
				"SELECT (SELECT Name, (SELECT Name FROM Worn__r) FROM Visits__r), (SELECT Id FROM Visits1__r) FROM Contact",
			)
			require.Equal(t, "B", down.at("records", 0, "Visits__r", "records", 0, "Worn__r", "records", 0, "Name"), down.Text)
			require.Nil(t, down.at("records", 0, "Visits1__r"))
		}},
		{"a detail needs its master, keeps it, and goes with it", func(t *testing.T, org *sftest.Org, a *api) {
			define(org)
			res := a.do("POST", "/sobjects/Badge__c", `{"Name":"B"}`)
			require.Equal(t, "Required fields are missing: [Visit__c]", res.at(0, "message"))
			visit, other := org.Insert("Visit__c", fields{"Name": "V"}), org.Insert("Visit__c", fields{"Name": "W"})
			id := a.do("POST", "/sobjects/Badge__c", fields{"Name": "B", "Visit__c": visit}).id()
			require.Equal(t, "INVALID_FIELD_FOR_INSERT_UPDATE",
				a.do("PATCH", "/sobjects/Badge__c/"+id, fields{"Visit__c": other}).code())
			require.Equal(t, 204, a.do("DELETE", "/sobjects/Visit__c/"+visit, nil).Status)
			require.Equal(t, true, org.Row("Badge__c", id)["IsDeleted"])
		}},
		{"a detail has no owner, and takes up storage", func(t *testing.T, org *sftest.Org, a *api) {
			define(org)
			require.NotContains(t, a.do("GET", "/sobjects/Badge__c/describe", nil).Text, "OwnerId")
			require.Contains(t, a.do("GET", "/sobjects/Visit__c/describe", nil).Text, "OwnerId")
			a.query("SELECT OwnerId FROM Badge__c").refused(t, 400, "INVALID_FIELD")
			org.DefineField("Visit__c",
				sftest.Field{Name: "Account__c", Type: "reference", ReferenceTo: []string{"Account"}, MasterDetail: true})
			require.NotContains(t, a.do("GET", "/sobjects/Visit__c/describe", nil).Text, "OwnerId")
			small := sftest.NewOrg(t, sftest.WithStorageLimit(2))
			define(small)
			small.Insert("Badge__c", fields{"Name": "B", "Visit__c": small.Insert("Visit__c", fields{"Name": "V"})})
			(&api{t, small}).do("POST", "/sobjects/Visit__c", `{"Name":"W"}`).refused(t, 400, "STORAGE_LIMIT_EXCEEDED")
		}},
		{"a deletion empties the lookups at the row, and Undelete fills them", func(t *testing.T, org *sftest.Org, a *api) {
			define(org)
			host, parent := addContact(org, "h@example.com"), org.Insert("Account", fields{"Name": "Parent"})
			visit, other := org.Insert("Visit__c", fields{"Name": "V", "Host__c": host}), org.Insert("Visit__c",
				fields{"Name": "W", "Host__c": host})
			child := org.Insert("Account", fields{"Name": "Child", "ParentId": parent})
			require.Equal(t, []string{"", ""}, a.do("DELETE", "/composite/sobjects?ids="+host+","+parent, nil).rowCodes())
			require.Nil(t, org.Row("Visit__c", visit)["Host__c"])
			require.Nil(t, org.Row("Account", child)["ParentId"])
			guest := addContact(org, "g@example.com")
			org.Update("Visit__c", other, fields{"Host__c": guest})
			org.Undelete("Contact", host)
			org.Undelete("Account", parent)
			require.Equal(t, []any{host, guest, parent},
				[]any{
					org.Row("Visit__c", visit)["Host__c"], org.Row("Visit__c", other)["Host__c"],
					org.Row("Account", child)["ParentId"],
				})
		}},
		{"a deletion that is rolled back leaves the lookups", func(t *testing.T, org *sftest.Org, a *api) {
			define(org)
			host := addContact(org, "h@example.com")
			visit := org.Insert("Visit__c", fields{"Name": "V", "Host__c": host})
			a.do("DELETE", "/composite/sobjects?allOrNone=true&ids="+host+",003dM00000zzzzz", nil)
			require.Equal(t, host, org.Row("Visit__c", visit)["Host__c"])
		}},
		{"a required lookup keeps its row and the parents of the row", func(t *testing.T, org *sftest.Org, a *api) {
			define(org)
			org.DefineField("Visit__c",
				sftest.Field{Name: "Desk__c", Type: "reference", ReferenceTo: []string{"Contact"}, Required: true})
			account := org.Insert("Account", fields{"Name": "Acme"})
			desk := org.Insert("Contact", fields{"LastName": "Desk", "AccountId": account})
			visit := org.Insert("Visit__c", fields{"Name": "V-1", "Desk__c": desk})
			for _, path := range []string{"/sobjects/Contact/" + desk, "/sobjects/Account/" + account} {
				res := a.do("DELETE", path, nil)
				res.refused(t, 400, "DELETE_FAILED")
				require.Contains(t, res.at(0, "message"), "V-1")
			}
			require.Equal(t, 204, a.do("DELETE", "/sobjects/Visit__c/"+visit, nil).Status)
			require.Equal(t, 204, a.do("DELETE", "/sobjects/Account/"+account, nil).Status)
		}},
		{"an opportunity knows the roles of its contacts", func(t *testing.T, org *sftest.Org, a *api) {
			contact := addContact(org, "c@example.com")
			opportunity := org.Insert("Opportunity", fields{"Name": "O", "StageName": "Prospecting", "CloseDate": "2026-01-02"})
			require.Equal(t, 201, a.do("POST", "/sobjects/OpportunityContactRole",
				fields{"OpportunityId": opportunity, "ContactId": contact, "Role": "Evaluator"}).Status)
			res := a.query("SELECT (SELECT Role, Contact.Email FROM OpportunityContactRoles) FROM Opportunity")
			require.Equal(t, "c@example.com", res.at("records", 0, "OpportunityContactRoles", "records", 0, "Contact",
				"Email"), res.Text)
		}},
	})
}

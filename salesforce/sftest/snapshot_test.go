// SPDX-License-Identifier: Apache-2.0

package sftest_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce/sftest"
)

func TestRestoreBringsBackWhatWas(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	org.AddExternalID("Contact")
	account := org.Insert("Account", fields{"Name": "A"})
	contact := org.Insert("Contact", fields{
		"LastName": "L", "AccountId": account, "LeadsyncKey__c": "k", "Email": "l@example.com",
	})
	gone := addLead(org, "gone@example.com")
	org.Delete("Lead", gone)
	taken := org.Snapshot()
	org.DefineObject("Visit__c", "a0x")
	for range 2 { // a snapshot may be restored more than once
		org.Update("Contact", contact, fields{"LastName": "M", "Email": "m@example.com", "LeadsyncKey__c": "other"})
		added := addContact(org, "l@example.com")
		org.Undelete("Lead", gone)
		org.Delete("Account", account)
		org.Insert("Visit__c", fields{"Name": "V"})

		org.Restore(taken)
		require.Equal(t, "L", org.Row("Contact", contact)["LastName"])
		require.Equal(t, account, org.Row("Contact", contact)["AccountId"])
		require.Nil(t, org.Row("Contact", added))
		require.Zero(t, org.Count("Lead")+org.Count("Visit__c"))
		require.Equal(t, []string{contact}, a.column("SELECT Id FROM Contact WHERE Email = 'l@example.com'", "Id"))
		require.Empty(t, a.column("SELECT Id FROM Contact WHERE Email = 'm@example.com'", "Id"))
		require.Equal(t, 200, a.do("PATCH", "/sobjects/Contact/LeadsyncKey__c/k", `{"Title":"T"}`).Status)
		require.NotEqual(t, added, addContact(org, "n@example.com"), "an id is not given out twice")
		org.Restore(taken)
	}
	org.Undelete("Lead", gone)
	require.Equal(t, 1, org.Count("Lead"), "the recycle bin is part of it")
	require.Panics(t, func() { sftest.NewOrg(t).Restore(taken) })
	require.Panics(t, func() { org.Restore(nil) })
}

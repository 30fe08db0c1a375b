// SPDX-License-Identifier: Apache-2.0

package sftest_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce/sftest"
)

func addCampaign(org *sftest.Org) string { return org.Insert("Campaign", fields{"Name": "Expo"}) }

// The semantics of CampaignMember are in docs/salesforce.md, Campaign members.
func TestCampaignStartsWithSentAndResponded(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	id := addCampaign(org)
	require.Equal(t, []string{"Sent", "Responded"},
		a.column("SELECT Label FROM CampaignMemberStatus WHERE CampaignId = '"+id+"' ORDER BY SortOrder", "Label"))
	require.Equal(t, []string{"Sent"}, a.column("SELECT Label FROM CampaignMemberStatus WHERE IsDefault = true", "Label"))
	require.Equal(t, []string{"Responded"}, a.column("SELECT Label FROM CampaignMemberStatus WHERE HasResponded = true",
		"Label"))
}

func TestSeededStatusReplacesTheDefault(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	id := addCampaign(org)
	org.Insert("CampaignMemberStatus", fields{"CampaignId": id, "Label": "Invited", "IsDefault": true})
	org.Insert("CampaignMemberStatus", fields{"CampaignId": id, "Label": "Sent", "HasResponded": true})
	require.Equal(t, []string{"Invited"}, a.column("SELECT Label FROM CampaignMemberStatus WHERE IsDefault = true",
		"Label"))
	require.Equal(t, 3, org.Count("CampaignMemberStatus"))
}

func TestMemberOfUnknownStatusGetsTheDefault(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	campaign, contact := addCampaign(org), addContact(org, "a@example.com")
	res := a.do("POST", "/sobjects/CampaignMember",
		fields{"CampaignId": campaign, "ContactId": contact, "Status": "Bogus"})
	require.Equal(t, 201, res.Status, res.Text)
	row := org.Row("CampaignMember", res.id())
	require.Equal(t, "Sent", row["Status"])
	require.Equal(t, false, row["HasResponded"])
	require.Nil(t, row["FirstRespondedDate"])

	require.Equal(t, 204, a.do("PATCH", "/sobjects/CampaignMember/"+res.id(), `{"Status":"responded"}`).Status)
	row = org.Row("CampaignMember", res.id())
	require.Equal(t, "Responded", row["Status"])
	require.Equal(t, true, row["HasResponded"])
	require.NotNil(t, row["FirstRespondedDate"])
}

func TestPersonIsAMemberOnce(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	campaign, contact, lead := addCampaign(org), addContact(org, "a@example.com"), addLead(org, "a@example.com")
	body := fields{"CampaignId": campaign, "ContactId": contact}
	require.Equal(t, 201, a.do("POST", "/sobjects/CampaignMember", body).Status)
	res := a.do("POST", "/sobjects/CampaignMember", body)
	require.Equal(t, 400, res.Status)
	require.Equal(t, "DUPLICATE_VALUE", res.code())
	require.Equal(t, "Already a campaign member.", res.at(0, "message"))
	// As Lead and as Contact a person can be in twice.
	require.Equal(t, 201, a.do("POST", "/sobjects/CampaignMember", fields{"CampaignId": campaign, "LeadId": lead}).Status)
}

func TestMemberOfBothKeepsOnlyTheContact(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	res := a.do("POST", "/sobjects/CampaignMember", fields{
		"CampaignId": addCampaign(org), "ContactId": addContact(org, "c@example.com"),
		"LeadId": addLead(org, "l@example.com"),
	})
	require.Equal(t, 201, res.Status, res.Text)
	row := org.Row("CampaignMember", res.id())
	require.Nil(t, row["LeadId"])
	require.Equal(t, "c@example.com", row["Email"])
	require.Equal(t, "Contact", row["Type"])
}

func TestMemberNeedsCampaignAndPerson(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	res := a.do("POST", "/sobjects/CampaignMember", fields{"ContactId": addContact(org, "c@example.com")})
	require.Equal(t, "REQUIRED_FIELD_MISSING", res.code())
	require.Equal(t, []any{"CampaignId"}, res.at(0, "fields"))
	res = a.do("POST", "/sobjects/CampaignMember", fields{"CampaignId": addCampaign(org)})
	require.Equal(t, "REQUIRED_FIELD_MISSING", res.code())
}

func TestMemberNeitherMovesNorUpserts(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	org.AddExternalID("CampaignMember")
	campaign := addCampaign(org)
	id := org.Insert("CampaignMember", fields{"CampaignId": campaign, "LeadId": addLead(org, "l@example.com")})
	res := a.do("PATCH", "/sobjects/CampaignMember/"+id, fields{"CampaignId": addCampaign(org), "Email": "x@y.com"})
	require.Equal(t, "INVALID_FIELD_FOR_INSERT_UPDATE", res.code())
	require.ElementsMatch(t, []any{"CampaignId", "Email"}, res.at(0, "fields"))
	require.Equal(t, "INVALID_TYPE_FOR_OPERATION",
		a.do("PATCH", "/sobjects/CampaignMember/LeadsyncKey__c/k", fields{"CampaignId": campaign}).code())
}

func TestMemberShowsThePersonsFields(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	campaign := addCampaign(org)
	account := org.Insert("Account", fields{"Name": "Acme"})
	contact := org.Insert("Contact",
		fields{"FirstName": "Ada", "LastName": "L", "AccountId": account, "MailingCity": "London"})
	org.Insert("CampaignMember", fields{"CampaignId": campaign, "ContactId": contact})
	lead := org.Insert("Lead", fields{"LastName": "T", "Company": "Bletchley", "City": "Leeds"})
	org.Insert("CampaignMember", fields{"CampaignId": campaign, "LeadId": lead})
	require.Equal(t, []string{"Acme", "Bletchley"}, a.column("SELECT CompanyOrAccount FROM CampaignMember",
		"CompanyOrAccount"))
	require.Equal(t, []string{"London", "Leeds"}, a.column("SELECT City FROM CampaignMember", "City"))
	require.Equal(t, []string{contact, lead}, a.column("SELECT LeadOrContactId FROM CampaignMember", "LeadOrContactId"))
	require.Equal(t, []string{"Ada L"}, a.column("SELECT Name FROM CampaignMember WHERE FirstName = 'ada'", "Name"))
	require.Equal(t, 1, org.Row("Campaign", campaign)["NumberOfLeads"])
	require.Equal(t, 1, org.Row("Campaign", campaign)["NumberOfContacts"])
}

// docs/salesforce.md, Records: a converted Lead stays visible and is read-only.
func TestConvertedLeadTakesNothingMore(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	campaign := addCampaign(org)
	lead := org.Insert("Lead", fields{
		"FirstName": "Ada", "LastName": "L", "Company": "Acme", "Email": "ada@example.com", "City": "London",
	})
	member := org.Insert("CampaignMember", fields{"CampaignId": campaign, "LeadId": lead})
	task := org.Insert("Task", fields{"Subject": "Call", "WhoId": lead})
	contact, account := org.Convert(lead)

	row := org.Row("Lead", lead)
	require.Equal(t, true, row["IsConverted"])
	require.Equal(t, contact, row["ConvertedContactId"])
	require.Equal(t, "Acme", org.Row("Account", account)["Name"])
	require.Equal(t, "London", org.Row("Contact", contact)["MailingCity"])
	require.Equal(t, contact, org.Row("Task", task)["WhoId"])
	require.Equal(t, contact, org.Row("CampaignMember", member)["ContactId"])
	require.Equal(t, lead, org.Row("CampaignMember", member)["LeadId"])

	require.Equal(t, true, a.query("SELECT IsConverted FROM Lead").at("records", 0, "IsConverted"))
	require.Equal(t, "CANNOT_UPDATE_CONVERTED_LEAD", a.do("PATCH", "/sobjects/Lead/"+lead, `{"City":"Rome"}`).code())
	require.Equal(t, "CANNOT_UPDATE_CONVERTED_LEAD",
		a.do("POST", "/sobjects/Task", fields{"Subject": "Call", "WhoId": lead}).code())
	require.Equal(t, "CANNOT_UPDATE_CONVERTED_LEAD",
		a.do("POST", "/sobjects/CampaignMember", fields{"CampaignId": campaign, "LeadId": lead}).code())
	res := a.do("POST", "/sobjects/CampaignMember", fields{"CampaignId": campaign, "ContactId": contact})
	require.Equal(t, "DUPLICATE_VALUE", res.code(), "the Lead's membership is the Contact's now")
}

// docs/salesforce.md, Records: the loser is seen by queryAll only.
func TestMergedRowNamesItsWinner(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	winner, loser := addLead(org, "w@example.com"), addLead(org, "l@example.com")
	campaign := addCampaign(org)
	org.Insert("CampaignMember", fields{"CampaignId": campaign, "LeadId": winner})
	org.Insert("CampaignMember", fields{"CampaignId": campaign, "LeadId": loser})
	task := org.Insert("Task", fields{"WhoId": loser})
	org.Merge("Lead", winner, loser)

	soql := "SELECT MasterRecordId, IsDeleted, MasterRecord.Email FROM Lead WHERE Id = '" + loser + "'"
	require.Empty(t, a.query(soql).at("records"))
	res := a.do("GET", "/queryAll?q="+escape(soql), nil)
	require.Equal(t, winner, res.at("records", 0, "MasterRecordId"))
	require.Equal(t, true, res.at("records", 0, "IsDeleted"))
	require.Equal(t, "w@example.com", res.at("records", 0, "MasterRecord", "Email"))
	require.Equal(t, winner, org.Row("Task", task)["WhoId"])
	require.Equal(t, 1, org.Count("CampaignMember"))
	require.Equal(t, 404, a.do("GET", "/sobjects/Lead/"+loser, nil).Status)
	res = a.do("PATCH", "/sobjects/Lead/"+loser, `{"City":"Rome"}`)
	require.Equal(t, 404, res.Status)
	require.Equal(t, "ENTITY_IS_DELETED", res.code())
	require.Equal(t, "ENTITY_IS_DELETED", a.do("DELETE", "/sobjects/Lead/"+loser, nil).code())
}

// A Lead has no Related To; a Contact does (docs/salesforce.md, Tasks).
func TestTaskOfALeadHasNoWhat(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	org.DefineObject("Visit__c", "a0x")
	visit := org.Insert("Visit__c", fields{"Name": "V"})
	account := org.Insert("Account", fields{"Name": "Acme"})
	lead := addLead(org, "l@example.com")
	contact := org.Insert("Contact", fields{"LastName": "L", "AccountId": account})
	require.Equal(t, "FIELD_INTEGRITY_EXCEPTION",
		a.do("POST", "/sobjects/Task", fields{"WhoId": lead, "WhatId": account}).code())
	res := a.do("POST", "/sobjects/Task", fields{"WhoId": contact, "WhatId": visit, "Status": "Completed"})
	require.Equal(t, 201, res.Status, res.Text)
	row := org.Row("Task", res.id())
	require.Equal(t, account, row["AccountId"], "the Contact's")
	require.Equal(t, true, row["IsClosed"])
	require.Equal(t, "Normal", row["Priority"])
	require.Equal(t, []string{res.id()},
		a.column("SELECT Id FROM Task WHERE Who.Type = 'Contact' AND WhoId = '"+contact+"'", "Id"))
	require.Equal(t, "MALFORMED_ID", a.do("POST", "/sobjects/Task", fields{"WhoId": account}).code())
	require.Equal(t, "INVALID_FIELD_FOR_INSERT_UPDATE",
		a.do("POST", "/sobjects/Task", fields{"AccountId": account}).code())
}

func TestDeletingARowDeletesItsChildren(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	account := org.Insert("Account", fields{"Name": "Acme"})
	contact := org.Insert("Contact", fields{"LastName": "L", "AccountId": account})
	org.Insert("CampaignMember", fields{"CampaignId": addCampaign(org), "ContactId": contact})
	org.Insert("Task", fields{"WhoId": contact})
	require.Equal(t, 204, a.do("DELETE", "/sobjects/Account/"+account, nil).Status)
	for _, object := range []string{"Account", "Contact", "CampaignMember", "Task"} {
		require.Zero(t, org.Count(object), object)
	}
	require.Equal(t, true, org.Row("Contact", contact)["IsDeleted"])
}

func TestOrgStartsWithItsUserAndStatuses(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	require.Equal(t, []string{org.UserID()}, a.column("SELECT Id FROM User WHERE IsActive = true", "Id"))
	require.Equal(t, []string{org.OrgID()}, a.column("SELECT Id FROM Organization WHERE IsSandbox = false", "Id"))
	require.Equal(t, []string{"Closed - Converted"}, a.column("SELECT ApiName FROM LeadStatus WHERE IsConverted = true",
		"ApiName"))
	require.Equal(t, []string{"Completed"}, a.column("SELECT ApiName FROM TaskStatus WHERE IsClosed = true", "ApiName"))
	require.Len(t,
		a.column("SELECT Id FROM PermissionSetAssignment WHERE AssigneeId = '"+org.UserID()+
			"' AND PermissionSet.PermissionsApiEnabled = true", "Id"), 1)
}

// TaskStatus has a row for each active status, which says whether it closes a Task.
func TestTaskStatusesAreThoseOfTheField(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	const closed = "SELECT ApiName FROM TaskStatus WHERE IsClosed = true ORDER BY SortOrder"
	const all = "SELECT MasterLabel FROM TaskStatus ORDER BY SortOrder"
	for _, test := range []struct {
		field       sftest.Field
		all, closed []string
	}{
		{sftest.Field{Options: []string{"Offen", "Alt", "Erledigt"}, Inactive: []string{"Alt"}},
			[]string{"Offen", "Erledigt"}, []string{"Erledigt"}},
		{sftest.Field{Options: []string{"Open", "Completed", "Gone"}, Labels: map[string]string{"Completed": "Erledigt"}},
			[]string{"Open", "Erledigt", "Gone"}, []string{"Completed"}},
		{sftest.Field{Options: []string{"Open", "Completed", "Gone"}, Closed: []string{"Completed", "Gone"}},
			[]string{"Open", "Completed", "Gone"}, []string{"Completed", "Gone"}},
		{sftest.Field{Options: []string{"Open"}, Closed: []string{}}, []string{"Open"}, []string{}},
	} {
		test.field.Name, test.field.Type, test.field.Default = "Status", "picklist", test.field.Options[0]
		org.DefineField("Task", test.field)
		require.Equal(t, test.all, a.column(all, "MasterLabel"))
		require.Equal(t, test.closed, a.column(closed, "ApiName"))
		for _, status := range append(test.field.Options, "Elsewhere") {
			id := a.do("POST", "/sobjects/Task", fields{"Status": status}).id()
			require.Equal(t, slices.Contains(test.closed, status), org.Row("Task", id)["IsClosed"], status)
		}
	}
	require.Equal(t, 400, a.do("POST", "/sobjects/TaskStatus", fields{"MasterLabel": "New"}).Status, "setup is read-only")
}

// SPDX-License-Identifier: Apache-2.0

package sftest_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce/sftest"
)

// A dataFact is a sentence of docs/salesforce.md, with its section, and what
// shows that the org keeps to it.
type dataFact struct {
	fact  string
	check func(t *testing.T, org *sftest.Org, a *api)
}

func checkFacts(t *testing.T, facts []dataFact) {
	t.Helper()
	for _, f := range facts {
		t.Run(f.fact, func(t *testing.T) {
			t.Parallel()
			org, a := newAPI(t)
			f.check(t, org, a)
		})
	}
}

// docs/salesforce.md, Campaign members.
func TestMemberFacts(t *testing.T) {
	t.Parallel()
	join := func(a *api, campaign, person, id string, more fields) *response {
		sent := fields{"CampaignId": campaign, person: id}
		for name, v := range more {
			sent[name] = v
		}
		return a.do("POST", "/sobjects/CampaignMember", sent)
	}
	checkFacts(t, []dataFact{
		{"3: a create of an existing member errors and does not update it", func(t *testing.T, org *sftest.Org, a *api) {
			campaign, contact := addCampaign(org), addContact(org, "c@example.com")
			id := join(a, campaign, "ContactId", contact, nil).id()
			require.Equal(t, "Already a campaign member.",
				join(a, campaign, "ContactId", contact, fields{"Status": "Responded"}).at(0, "message"))
			require.Equal(t, "Sent", org.Row("CampaignMember", id)["Status"])
		}},
		{"3: a member is updated by its id", func(t *testing.T, org *sftest.Org, a *api) {
			id := join(a, addCampaign(org), "ContactId", addContact(org, "c@example.com"), nil).id()
			require.Equal(t, 204, a.do("PATCH", "/sobjects/CampaignMember/"+id, `{"Status":"Responded"}`).Status)
			require.Equal(t, true, org.Row("CampaignMember", id)["HasResponded"])
		}},
		{"3: of a Lead and a Contact only the Contact is kept", func(t *testing.T, org *sftest.Org, a *api) {
			res := join(a, addCampaign(org), "ContactId", addContact(org, "c@example.com"),
				fields{"LeadId": addLead(org, "l@example.com")})
			require.NotContains(t, org.Row("CampaignMember", res.id()), "LeadId")
		}},
		{"3: a person can be in twice, as Lead and as Contact", func(t *testing.T, org *sftest.Org, a *api) {
			campaign := addCampaign(org)
			require.Equal(t, 201, join(a, campaign, "LeadId", addLead(org, "ada@example.com"), nil).Status)
			require.Equal(t, 201, join(a, campaign, "ContactId", addContact(org, "ada@example.com"), nil).Status)
		}},
		{"3: an unknown status becomes the default, with its HasResponded", func(t *testing.T, org *sftest.Org, a *api) {
			campaign := addCampaign(org)
			org.Insert("CampaignMemberStatus",
				fields{"CampaignId": campaign, "Label": "Came", "IsDefault": true, "HasResponded": true})
			row := org.Row("CampaignMember", join(a, campaign, "LeadId", addLead(org, "l@example.com"),
				fields{"Status": "Bogus"}).id())
			require.Equal(t, []any{"Came", true}, []any{row["Status"], row["HasResponded"]})
		}},
		{"3: without a default an unknown status is stored, not responded", func(t *testing.T, org *sftest.Org, a *api) {
			campaign := addCampaign(org)
			for _, status := range org.Rows("CampaignMemberStatus") {
				org.Update("CampaignMemberStatus", status["Id"].(string), fields{"IsDefault": false})
			}
			row := org.Row("CampaignMember", join(a, campaign, "LeadId", addLead(org, "l@example.com"),
				fields{"Status": "Bogus"}).id())
			require.Equal(t, []any{"Bogus", false}, []any{row["Status"], row["HasResponded"]})
		}},
		{"3: a campaign starts with Sent, the default, and Responded", func(t *testing.T, org *sftest.Org, a *api) {
			org.Allow("Campaign", "create")
			id := a.do("POST", "/sobjects/Campaign", `{"Name":"Expo"}`).id()
			where := " FROM CampaignMemberStatus WHERE CampaignId = '" + id + "' AND "
			require.Equal(t, []string{"Sent"}, a.column("SELECT Label"+where+"IsDefault = true", "Label"))
			require.Equal(t, []string{"Responded"}, a.column("SELECT Label"+where+"HasResponded = true", "Label"))
		}},
		{"3: creating members needs only read on Campaign", func(t *testing.T, org *sftest.Org, a *api) {
			require.Equal(t, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
				a.do("POST", "/sobjects/Campaign", `{"Name":"Expo"}`).code())
			campaign, lead := addCampaign(org), addLead(org, "l@example.com")
			require.Equal(t, 201, join(a, campaign, "LeadId", lead, nil).Status)
			org.Forbid("Campaign", "read")
			require.Equal(t, "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY",
				join(a, campaign, "LeadId", addLead(org, "m@example.com"), nil).code())
		}},
		{"3: inactive campaigns accept members", func(t *testing.T, org *sftest.Org, a *api) {
			campaign := org.Insert("Campaign", fields{"Name": "Past", "IsActive": false})
			require.Equal(t, 201, join(a, campaign, "LeadId", addLead(org, "l@example.com"), nil).Status)
		}},
	})
}

// docs/salesforce.md, Tasks; what holds of a Task holds of an Event.
func TestActivityFacts(t *testing.T) {
	t.Parallel()
	event := func(more fields) fields {
		sent := fields{"ActivityDateTime": "2026-03-01T10:00:00Z", "DurationInMinutes": 30}
		for name, v := range more {
			sent[name] = v
		}
		return sent
	}
	checkFacts(t, []dataFact{
		{"3: WhoId to a converted Lead fails", func(t *testing.T, org *sftest.Org, a *api) {
			lead := addLead(org, "l@example.com")
			org.Convert(lead)
			require.Equal(t, "CANNOT_UPDATE_CONVERTED_LEAD", a.do("POST", "/sobjects/Task", fields{"WhoId": lead}).code())
			require.Equal(t, "CANNOT_UPDATE_CONVERTED_LEAD",
				a.do("POST", "/sobjects/Event", event(fields{"WhoId": lead})).code())
		}},
		{"3: a Lead cannot be combined with WhatId, not on update either", func(t *testing.T, org *sftest.Org, a *api) {
			lead, account := addLead(org, "l@example.com"), org.Insert("Account", fields{"Name": "Acme"})
			require.Equal(t, "FIELD_INTEGRITY_EXCEPTION",
				a.do("POST", "/sobjects/Event", event(fields{"WhoId": lead, "WhatId": account})).code())
			id := a.do("POST", "/sobjects/Task", fields{"WhoId": lead}).id()
			require.Equal(t, "FIELD_INTEGRITY_EXCEPTION", a.do("PATCH", "/sobjects/Task/"+id, fields{"WhatId": account}).code())
		}},
		{"2: WhatId takes campaigns, opportunities and custom objects", func(t *testing.T, org *sftest.Org, a *api) {
			org.DefineObject("Visit__c", "a0x")
			contact := addContact(org, "c@example.com")
			for _, what := range []string{
				addCampaign(org), org.Insert("Visit__c", fields{"Name": "V"}),
				org.Insert("Opportunity", fields{"Name": "O", "StageName": "X", "CloseDate": "2026-01-02"}),
			} {
				require.Equal(t, 201, a.do("POST", "/sobjects/Task", fields{"WhoId": contact, "WhatId": what}).Status)
			}
			require.Equal(t, "MALFORMED_ID", a.do("POST", "/sobjects/Task", fields{"WhatId": contact}).code())
		}},
		{"8: a key of Activity shows on Task and Event", func(t *testing.T, org *sftest.Org, a *api) {
			org.DefineField("Activity", sftest.Field{Name: "Key__c", ExternalID: true, Unique: true, Length: 64})
			require.Equal(t, 201, a.do("PATCH", "/sobjects/Task/Key__c/v", `{"Subject":"S"}`).Status)
			require.Equal(t, 200, a.do("PATCH", "/sobjects/Task/Key__c/V", `{"Subject":"T"}`).Status)
			require.Equal(t, 201, a.do("PATCH", "/sobjects/Event/Key__c/v", event(nil)).Status)
		}},
		{"an Event needs a time and a length", func(t *testing.T, _ *sftest.Org, a *api) {
			res := a.do("POST", "/sobjects/Event", `{"Subject":"Call"}`)
			require.Equal(t, "Required fields are missing: [DurationInMinutes, ActivityDateTime]", res.at(0, "message"))
			res = a.do("POST", "/sobjects/Event",
				`{"StartDateTime":"2026-03-01T10:00:00Z","EndDateTime":"2026-03-01T09:00:00Z"}`)
			require.Equal(t, "FIELD_INTEGRITY_EXCEPTION", res.code())
		}},
		{"an Event's start, end and length follow each other", func(t *testing.T, org *sftest.Org, a *api) {
			id := a.do("POST", "/sobjects/Event", event(nil)).id()
			require.Equal(t, "2026-03-01T10:30:00.000+0000", a.do("GET", "/sobjects/Event/"+id, nil).at("EndDateTime"))
			require.Equal(t, 204, a.do("PATCH", "/sobjects/Event/"+id, `{"EndDateTime":"2026-03-01T11:00:00Z"}`).Status)
			require.Equal(t, 60, org.Row("Event", id)["DurationInMinutes"])
			require.Equal(t, 204, a.do("PATCH", "/sobjects/Event/"+id, `{"StartDateTime":"2026-03-02T10:00:00Z"}`).Status)
			row := a.do("GET", "/sobjects/Event/"+id, nil)
			require.Equal(t, []any{"2026-03-02", "2026-03-02T11:00:00.000+0000"},
				[]any{row.at("ActivityDate"), row.at("EndDateTime")})
		}},
		{"an all-day Event needs only its day", func(t *testing.T, org *sftest.Org, a *api) {
			id := a.do("POST", "/sobjects/Event", `{"IsAllDayEvent":true,"ActivityDate":"2026-03-01"}`).id()
			row := org.Row("Event", id)
			require.Equal(t, []any{"2026-03-01", 1440, nil},
				[]any{row["ActivityDate"], row["DurationInMinutes"], row["ActivityDateTime"]})
		}},
	})
}

// docs/salesforce.md, IDs.
func TestIDFacts(t *testing.T) {
	t.Parallel()
	checkFacts(t, []dataFact{
		{"7: the checksum of recorded ids", func(t *testing.T, org *sftest.Org, _ *api) {
			require.Equal(t, "001dM00003kRs59QAC", org.Insert("Account", fields{"Id": "001dM00003kRs59", "Name": "A"}))
			require.Equal(t, "00Qak00000696HFEAY", org.Insert("Lead", fields{"Id": "00Qak00000696HF"}))
		}},
		{"7: every new id has its object's prefix and a valid checksum", func(t *testing.T, org *sftest.Org, a *api) {
			for object, sent := range map[string]fields{
				"Account": {"Name": "N"}, "Contact": {"LastName": "L"}, "Lead": {"LastName": "L", "Company": "C"},
				"Task": {},
			} {
				id := a.do("POST", "/sobjects/"+object, sent).id()
				require.Equal(t, a.do("GET", "/sobjects/"+object+"/describe", nil).at("keyPrefix"), id[:3])
				require.Equal(t, id, org.Row(object, id[:15])["Id"])
			}
		}},
		{"7: 15 characters are case-sensitive", func(t *testing.T, org *sftest.Org, a *api) {
			org.Insert("Account", fields{"Id": "001dM00003kRs59", "Name": "A"})
			require.Equal(t, 200, a.do("GET", "/sobjects/Account/001dM00003kRs59", nil).Status)
			require.Equal(t, 404, a.do("GET", "/sobjects/Account/001dm00003krs59", nil).Status)
		}},
		{"7: 18 characters are case-repairable", func(t *testing.T, org *sftest.Org, a *api) {
			org.Insert("Account", fields{"Id": "001dM00003kRs59", "Name": "A"})
			for _, id := range []string{"001DM00003KRS59QAC", "001dm00003krs59qac"} {
				require.Equal(t, "001dM00003kRs59QAC", a.do("GET", "/sobjects/Account/"+id, nil).at("Id"))
			}
		}},
		{"7: prefixes", func(t *testing.T, org *sftest.Org, a *api) {
			org.DefineObject("Visit__c", "a0x")
			for object, prefix := range map[string]string{
				"Account": "001", "Contact": "003", "Lead": "00Q", "User": "005", "Group": "00G", "Organization": "00D",
				"Opportunity": "006", "RecordType": "012",
				"Task": "00T", "Event": "00U", "Campaign": "701", "CampaignMember": "00v", "CampaignMemberStatus": "01Y",
				"AssignmentRule": "01Q", "LeadStatus": "01J",
				"PermissionSetAssignment": "0Pa", "Visit__c": "a0x",
			} {
				require.Equal(t, prefix, a.do("GET", "/sobjects/"+object+"/describe", nil).at("keyPrefix"), object)
			}
		}},
		{"7: two custom objects have different prefixes", func(t *testing.T, org *sftest.Org, _ *api) {
			org.DefineObject("Visit__c", "a0x")
			require.Panics(t, func() { org.DefineObject("Badge__c", "a0x") })
		}},
		{"8: the user and the org have ids of their kinds", func(t *testing.T, org *sftest.Org, _ *api) {
			require.Equal(t, []string{"005", "00D"}, []string{org.UserID()[:3], org.OrgID()[:3]})
		}},
	})
}

// docs/salesforce.md, Records.
func TestRecordFacts(t *testing.T) {
	t.Parallel()
	checkFacts(t, []dataFact{
		{"7: a converted lead is still returned by query", func(t *testing.T, org *sftest.Org, a *api) {
			lead := addLead(org, "l@example.com")
			contact, account := org.Convert(lead)
			row := a.query(
				"SELECT IsConverted, ConvertedContactId, ConvertedAccountId, ConvertedDate, ConvertedContact.Email FROM Lead",
			).at("records", 0).(map[string]any)
			require.Equal(t, []any{true, contact, account},
				[]any{row["IsConverted"], row["ConvertedContactId"], row["ConvertedAccountId"]})
			require.Len(t, row["ConvertedDate"], len("2026-01-02"), "a date only")
			require.Equal(t, "l@example.com", row["ConvertedContact"].(map[string]any)["Email"])
		}},
		{"7: a converted lead hands its values and activities on", func(t *testing.T, org *sftest.Org, a *api) {
			lead := org.Insert("Lead", fields{
				"LastName": "L", "Company": "Acme", "City": "Rome", "Website": "acme.com", "NumberOfEmployees": 7,
				"LeadSource": "Web", "Title": "CEO",
			})
			task := org.Insert("Task", fields{"WhoId": lead})
			event := org.Insert("Event", fields{
				"WhoId": lead, "ActivityDateTime": "2026-03-01T10:00:00Z", "DurationInMinutes": 30,
			})
			contact, account := org.Convert(lead)
			require.Equal(t, []any{contact, contact}, []any{org.Row("Task", task)["WhoId"], org.Row("Event", event)["WhoId"]})
			row := org.Row("Account", account)
			require.Equal(t, []any{"Acme", "Rome", "acme.com", 7, "Web"},
				[]any{row["Name"], row["BillingCity"], row["Website"], row["NumberOfEmployees"], row["AccountSource"]})
			row = org.Row("Contact", contact)
			require.Equal(t, []any{"Rome", "Web", "CEO", account},
				[]any{row["MailingCity"], row["LeadSource"], row["Title"], row["AccountId"]})
		}},
		{"7: what a lead of a queue becomes belongs to the user", func(t *testing.T, org *sftest.Org, _ *api) {
			queue := org.Insert("Group", fields{"Name": "Queue", "DeveloperName": "Queue", "Type": "Queue"})
			contact, account := org.Convert(org.Insert("Lead", fields{"LastName": "L", "Company": "C", "OwnerId": queue}))
			require.Equal(t, []any{org.UserID(), org.UserID()},
				[]any{org.Row("Contact", contact)["OwnerId"], org.Row("Account", account)["OwnerId"]})
		}},
		{"7: a converted lead is read-only", func(t *testing.T, org *sftest.Org, a *api) {
			lead := addLead(org, "l@example.com")
			org.Convert(lead)
			require.Equal(t, "CANNOT_UPDATE_CONVERTED_LEAD", a.do("PATCH", "/sobjects/Lead/"+lead, `{"Title":"x"}`).code())
		}},
		{"6 and 7: except with View and Edit Converted Leads", func(t *testing.T, org *sftest.Org, a *api) {
			lead := addLead(org, "l@example.com")
			org.Convert(lead)
			org.SetPermission("PermissionsAllowViewEditConvertedLeads", true)
			require.Equal(t, 204, a.do("PATCH", "/sobjects/Lead/"+lead, `{"Title":"x"}`).Status)
		}},
		{"7: the contact of a converted lead may itself be deleted or merged", func(t *testing.T, org *sftest.Org, _ *api) {
			lead := addLead(org, "l@example.com")
			contact, _ := org.Convert(lead)
			org.Merge("Contact", addContact(org, "c@example.com"), contact)
			require.Equal(t, contact, org.Row("Lead", lead)["ConvertedContactId"])
			require.Equal(t, true, org.Row("Contact", contact)["IsDeleted"])
		}},
		{"7: a conversion into existing rows fills their empty fields", func(t *testing.T, org *sftest.Org, a *api) {
			account := org.Insert("Account", fields{"Name": "Other", "Phone": "1"})
			contact := org.Insert("Contact", fields{"LastName": "There", "Title": "Countess"})
			lead := org.Insert("Lead", fields{
				"LastName": "L", "Company": "Acme", "Title": "Dr", "Email": "l@example.com", "Phone": "2", "City": "Rome",
			})
			contactID, accountID, opportunityID := org.ConvertInto(lead,
				sftest.Conversion{ContactID: contact, AccountID: account[:15]})
			require.Equal(t, []string{contact, account, ""}, []string{contactID, accountID, opportunityID})
			got := org.Row("Contact", contact)
			require.Equal(t, []any{"There", "Countess", "l@example.com", account},
				[]any{got["LastName"], got["Title"], got["Email"], got["AccountId"]})
			got = org.Row("Account", account)
			require.Equal(t, []any{"Other", "1", "Rome"}, []any{got["Name"], got["Phone"], got["BillingCity"]})
			require.Equal(t, []string{contact}, a.column("SELECT ConvertedContactId FROM Lead", "ConvertedContactId"))
		}},
		{"7: the contact's own account is the lead's", func(t *testing.T, org *sftest.Org, _ *api) {
			account, lead := org.Insert("Account", fields{"Name": "Own"}), addLead(org, "l@example.com")
			contact := org.Insert("Contact", fields{"LastName": "There", "AccountId": account})
			_, into, _ := org.ConvertInto(lead, sftest.Conversion{ContactID: contact})
			require.Equal(t, account, into)
			require.Equal(t, 1, org.Count("Account"))
			other := org.Insert("Account", fields{"Name": "Not its own"})
			require.PanicsWithValue(t, "sftest: the Contact "+contact+" is of another Account than "+other, func() {
				org.ConvertInto(addLead(org, "m@example.com"), sftest.Conversion{ContactID: contact, AccountID: other})
			})
		}},
		{"7: a conversion makes an opportunity of the contact when asked to", func(t *testing.T, _ *sftest.Org, _ *api) {
			now := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
			org := sftest.NewOrg(t, sftest.WithNow(func() time.Time { return now }))
			lead := addLead(org, "l@example.com")
			contact, account, id := org.ConvertInto(lead, sftest.Conversion{Opportunity: "Deal"})
			deal := org.Row("Opportunity", id)
			require.Equal(t, []any{"Deal", account, "Prospecting", "2026-12-31"},
				[]any{deal["Name"], deal["AccountId"], deal["StageName"], deal["CloseDate"]})
			require.Equal(t, id, org.Row("Lead", lead)["ConvertedOpportunityId"])
			role := org.Rows("OpportunityContactRole")[0]
			require.Equal(t, []any{id, contact}, []any{role["OpportunityId"], role["ContactId"]})
		}},
		{"7: a member that the contact is already stays the lead's", func(t *testing.T, org *sftest.Org, _ *api) {
			contact, lead := addContact(org, "c@example.com"), addLead(org, "l@example.com")
			for _, person := range []fields{{"ContactId": contact}, {"LeadId": lead}} {
				person["CampaignId"] = "701dM000000000AAAA"
				org.Insert("CampaignMember", person)
			}
			org.ConvertInto(lead, sftest.Conversion{ContactID: contact})
			require.Nil(t, org.Rows("CampaignMember")[1]["ContactId"])
		}},
		{"7: a lead is converted once", func(t *testing.T, org *sftest.Org, _ *api) {
			lead := addLead(org, "l@example.com")
			org.Convert(lead)
			require.Panics(t, func() { org.Convert(lead) })
		}},
		{"7: queryAll shows the loser of a merge, which names the winner", func(t *testing.T, org *sftest.Org, a *api) {
			winner, loser := addContact(org, "w@example.com"), addContact(org, "l@example.com")
			org.Merge("Contact", winner, loser)
			soql := "SELECT IsDeleted, MasterRecordId FROM Contact WHERE Email = 'l@example.com'"
			require.Empty(t, a.query(soql).at("records"))
			row := a.do("GET", "/queryAll?q="+escape(soql), nil).at("records", 0).(map[string]any)
			require.Equal(t, []any{true, winner}, []any{row["IsDeleted"], row["MasterRecordId"]})
		}},
		{"7: a chain of merges may be long", func(t *testing.T, org *sftest.Org, _ *api) {
			first, second, third := addLead(org, "1@example.com"), addLead(org, "2@example.com"), addLead(org, "3@example.com")
			org.Merge("Lead", second, first)
			org.Merge("Lead", third, second)
			require.Equal(t, []any{second, third}, []any{org.Row("Lead", first)["MasterRecordId"], org.Row("Lead",
				second)["MasterRecordId"]})
			require.Panics(t, func() { org.Merge("Lead", third, first) }, "it is gone")
			require.Panics(t, func() { org.Merge("Lead", third, third) })
		}},
		{"7: the children of the loser become those of the winner", func(t *testing.T, org *sftest.Org, _ *api) {
			org.DefineObject("Visit__c", "a0x",
				sftest.Field{Name: "Account__c", Type: "reference", ReferenceTo: []string{"Account"}})
			winner, loser := org.Insert("Account", fields{"Name": "W"}), org.Insert("Account", fields{"Name": "L"})
			contact := org.Insert("Contact", fields{"LastName": "L", "AccountId": loser})
			visit := org.Insert("Visit__c", fields{"Name": "V", "Account__c": loser})
			task := org.Insert("Task", fields{"WhatId": loser})
			org.Merge("Account", winner, loser)
			require.Equal(t, []any{winner, winner, winner},
				[]any{
					org.Row("Contact", contact)["AccountId"], org.Row("Visit__c", visit)["Account__c"],
					org.Row("Task", task)["WhatId"],
				})
		}},
		{"7: the external id of the loser is free", func(t *testing.T, org *sftest.Org, a *api) {
			org.AddExternalID("Contact")
			loser := org.Insert("Contact", fields{"LastName": "L", "LeadsyncKey__c": "k"})
			org.Merge("Contact", addContact(org, "w@example.com"), loser)
			require.Equal(t, 201, a.do("PATCH", "/sobjects/Contact/LeadsyncKey__c/k", `{"LastName":"L"}`).Status)
		}},
		{"7: a deleted row does not block a unique value", func(t *testing.T, org *sftest.Org, a *api) {
			org.AddExternalID("Contact")
			org.Delete("Contact", org.Insert("Contact", fields{"LastName": "L", "LeadsyncKey__c": "k"}))
			require.Equal(t, 201, a.do("POST", "/sobjects/Contact", `{"LastName":"L","LeadsyncKey__c":"K"}`).Status)
		}},
		{"7: several people may share an e-mail address", func(t *testing.T, org *sftest.Org, a *api) {
			addContact(org, "ada@example.com")
			require.Equal(t, 201, a.do("POST", "/sobjects/Contact", `{"LastName":"L","Email":"ADA@example.com"}`).Status)
			require.Len(t, a.column("SELECT Id FROM Contact WHERE Email = 'Ada@Example.com'", "Id"), 2)
		}},
		{"7: several accounts may share a website and a name", func(t *testing.T, _ *sftest.Org, a *api) {
			for range 2 {
				require.Equal(t, 201, a.do("POST", "/sobjects/Account", `{"Name":"Acme","Website":"acme.com"}`).Status)
			}
		}},
		{"7: person accounts are off", func(t *testing.T, _ *sftest.Org, a *api) {
			account := a.do("GET", "/sobjects/Account/describe", nil)
			for _, name := range []string{"IsPersonAccount", "PersonEmail", "FirstName", "LastName"} {
				require.Nil(t, describedField(t, account, name), name)
			}
			require.Nil(t, describedField(t, a.do("GET", "/sobjects/Contact/describe", nil), "IsPersonAccount"))
		}},
		{"1: a key that is unique without regard to case is matched so", func(t *testing.T, org *sftest.Org, a *api) {
			org.AddExternalID("Contact")
			require.Equal(t, 201, a.do("PATCH", "/sobjects/Contact/LeadsyncKey__c/Key", `{"LastName":"L"}`).Status)
			require.Equal(t, 200, a.do("PATCH", "/sobjects/Contact/LeadsyncKey__c/KEY", `{"LastName":"L"}`).Status)
		}},
		{"1: any other custom key is matched with regard to case", func(t *testing.T, org *sftest.Org, a *api) {
			for name, f := range map[string]sftest.Field{
				"Plain__c": {ExternalID: true}, "Exact__c": {ExternalID: true, Unique: true, CaseSensitive: true},
			} {
				f.Name = name
				org.DefineField("Contact", f)
				require.Equal(t, 201, a.do("PATCH", "/sobjects/Contact/"+name+"/Key", `{"LastName":"L"}`).Status)
				require.Equal(t, 201, a.do("PATCH", "/sobjects/Contact/"+name+"/KEY", `{"LastName":"L"}`).Status)
				require.Equal(t, 200, a.do("PATCH", "/sobjects/Contact/"+name+"/KEY", `{"LastName":"L"}`).Status)
				res := a.do("PATCH", "/composite/sobjects/Contact/"+name,
					collection(false, rows("Contact", `{"`+name+`":"Key","LastName":"M"}`),
						rows("Contact", `{"`+name+`":"KEY","LastName":"M"}`)))
				require.Equal(t, []any{true, true}, []any{res.at(0, "success"), res.at(1, "success")}, res.Text)
			}
		}},
		{"1: a deleted row can be undeleted with what went along", func(t *testing.T, org *sftest.Org, _ *api) {
			account := org.Insert("Account", fields{"Name": "Acme"})
			contact := org.Insert("Contact", fields{"LastName": "L", "AccountId": account})
			apart := org.Insert("Contact", fields{"LastName": "M", "AccountId": account})
			org.Delete("Contact", apart)
			org.Delete("Account", account)
			require.Equal(t, 0, org.Count("Contact"))
			org.Undelete("Account", account)
			require.Equal(t, false, org.Row("Contact", contact)["IsDeleted"])
			require.Equal(t, true, org.Row("Contact", apart)["IsDeleted"])
		}},
	})
}

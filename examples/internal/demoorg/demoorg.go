// SPDX-License-Identifier: Apache-2.0

// Package demoorg fills a fake Salesforce org with the records of the examples: a
// small demo org, or existing records for part of a generated set of people.
package demoorg

import (
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// DemoCampaignID is the id of the campaign Expo 2026. It is the same in every org
// that Setup prepares, so that separate processes can refer to it.
const DemoCampaignID = "701dM0000DEMO26QQH"

// The e-mail addresses of the org's users. A lead's CapturedBy is matched with
// those of the reps.
const (
	RepRiley    = "riley@events.example"
	RepSam      = "sam@events.example"
	RepInactive = "ines@events.example" // left the company
)

// CampaignID looks up the id of the campaign Expo 2026 by name.
func CampaignID(org *sftest.Org) string {
	for _, campaign := range org.Rows("Campaign") {
		if campaign["Name"] == "Expo 2026" {
			return campaign["Id"].(string)
		}
	}
	return ""
}

// MissingInterest is an answer of the demo's leads for which Interest__c has no option, until
// AddInterest.
const MissingInterest = "Investor Relations"

// Setup prepares everything but people and companies: users, custom fields, a
// validation rule, and the campaign with its statuses.
//
// Lead and Contact get Interest__c and Timeline__c, restricted picklists, Badge__c, a text,
// and HasOptedOutOfEmail, a checkbox.
// A Lead with a State needs a Country. The campaign has the statuses Sent (the
// default), Registered, Attended and Responded, the last two counting as
// responses.
func Setup(org *sftest.Org) {
	for _, object := range []string{"Lead", "Contact"} {
		org.DefineField(object, sftest.Field{Name: "Badge__c", Label: "Badge", Length: 40})
		org.DefineField(object, sftest.Field{Name: "HasOptedOutOfEmail", Label: "Email Opt Out", Type: "boolean"})
		org.DefineField(object, sftest.Field{
			Name: "Timeline__c", Label: "Timeline", Type: "picklist", Restricted: true,
			Options: []string{"0-3", "4-12"}, Labels: map[string]string{"0-3": "Within 3 months", "4-12": "This year"},
		})
	}
	AddInterest(org)
	org.AddRule("Lead", sftest.Rule{
		Name: "Country_with_State", Message: "A state needs its country.", Field: "Country",
		Refuses: func(row map[string]any) bool { return row["State"] != nil && row["Country"] == nil },
	})
	addUser(org, "Riley", "Rep", RepRiley, true)
	addUser(org, "Sam", "Seller", RepSam, true)
	addUser(org, "Ines", "Inactive", RepInactive, false)
	addUser(org, "Alex", "Admin", "alex@events.example", true)
	addCampaign(org)
}

// AddInterest adds options to Interest__c of Lead and Contact, as an admin of the org would.
func AddInterest(org *sftest.Org, more ...string) {
	for _, object := range []string{"Lead", "Contact"} {
		org.DefineField(object, sftest.Field{
			Name: "Interest__c", Label: "Interest", Type: "picklist", Restricted: true,
			Options: append([]string{"Product Demo", "Pricing", "Partnership"}, more...),
		})
	}
}

func addUser(org *sftest.Org, first, last, email string, active bool) {
	org.Insert("User", map[string]any{
		"FirstName": first, "LastName": last, "Email": email, "Username": email, "Alias": last, "IsActive": active,
	})
}

func addCampaign(org *sftest.Org) {
	org.Insert("Campaign", map[string]any{
		"Id": DemoCampaignID, "Name": "Expo 2026", "Type": "Trade Show", "Status": "In Progress", "IsActive": true,
	})
	for i, status := range []struct {
		label     string
		responded bool
	}{{"Sent", false}, {"Registered", false}, {"Attended", true}, {"Responded", true}} {
		org.Insert("CampaignMemberStatus", map[string]any{
			"CampaignId": DemoCampaignID, "Label": status.label, "HasResponded": status.responded,
			"IsDefault": status.label == "Sent", "SortOrder": i + 1,
		})
	}
}

// Seed creates the demo org: what Setup prepares, and a few people and companies.
//
//   - Accounts whose websites are spelled in several ways, and one without a website.
//   - Contacts: Ada Lovelace at Acme, Grace Hopper at Globex, and two people at
//     Initech who share info@initech.example.
//   - Leads: Alan Turing, Katherine Johnson, and Margaret Hamilton, who was
//     converted into a Contact of Apollo Guidance.
//   - Ada (Registered) and Alan (Sent) are members of the campaign.
func Seed(org *sftest.Org) {
	Setup(org)
	acme := addAccount(org, "Acme Inc", "https://www.acme.example/")
	globex := addAccount(org, "Globex GmbH", "globex.example")
	initech := addAccount(org, "Initech", "http://initech.example/about")
	addAccount(org, "Hooli, Inc.", "WWW.HOOLI.COM")
	addAccount(org, "Umbrella Ltd", "")

	ada := addContact(org, acme, "Ada", "Lovelace", "ada@acme.example")
	addContact(org, globex, "Grace", "Hopper", "grace@globex.example")
	addContact(org, initech, "Peter", "Gibbons", "info@initech.example")
	addContact(org, initech, "Samir", "Nagheenanajar", "info@initech.example")

	alan := addLead(org, "Alan", "Turing", "alan@bletchley.example", "Bletchley Park")
	addLead(org, "Katherine", "Johnson", "katherine@langley.example", "Langley Research")
	org.Convert(addLead(org, "Margaret", "Hamilton", "margaret@apollo.example", "Apollo Guidance"))

	addMember(org, "ContactId", ada, "Registered")
	addMember(org, "LeadId", alan, "Sent")
}

// EditedLead is the e-mail address of the Lead of SeedFilled whose title is blank.
const EditedLead = "edith@clarke-lines.example"

// SeedFilled adds Leads with values that leads of the demo file would make worse: Hedy Lamarr
// has a company, Dorothy Vaughan a whole address. Emmy Noether, Annie Easley and EditedLead
// lack what they bring.
func SeedFilled(org *sftest.Org) {
	addLead(org, "Hedy", "Lamarr", "hedy@hopping.example", "Hopping Radio AG")
	addLead(org, "Emmy", "Noether", "emmy@erlangen.example", "Erlangen Algebra")
	addLead(org, "Annie", "Easley", "annie@lewis.example", "Lewis Research")
	addLead(org, "Edith", "Clarke", EditedLead, "Clarke Lines")
	dorothy := addLead(org, "Dorothy", "Vaughan", "dorothy@hampton.example", "Hampton Computing")
	org.Update("Lead", dorothy, map[string]any{
		"Street": "12 Langley Blvd", "City": "Hampton", "State": "VA", "PostalCode": "23669", "Country": "United States",
	})
}

func addAccount(org *sftest.Org, name, website string) string {
	return org.Insert("Account", map[string]any{"Name": name, "Website": website})
}

func addContact(org *sftest.Org, account, first, last, email string) string {
	return org.Insert("Contact",
		map[string]any{"AccountId": account, "FirstName": first, "LastName": last, "Email": email})
}

func addLead(org *sftest.Org, first, last, email, company string) string {
	return org.Insert("Lead", map[string]any{"FirstName": first, "LastName": last, "Email": email, "Company": company})
}

func addMember(org *sftest.Org, field, person, status string) {
	org.Insert("CampaignMember", map[string]any{"CampaignId": DemoCampaignID, field: person, "Status": status})
}

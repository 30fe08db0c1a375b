// SPDX-License-Identifier: Apache-2.0

package db

import (
	"slices"
	"strings"
	"time"
)

// Merge implements Org.Merge.
func (d *DB) Merge(object, winner string, losers ...string) {
	to := d.mustFind(object, winner)
	if !to.Obj.Mergeable {
		panic("sftest: only Lead, Contact, Account, Case and Individual can be merged, not " + to.Obj.Name)
	}
	for _, loser := range losers {
		from := d.mustFind(object, loser)
		if from == to || from.Deleted() || to.Deleted() {
			panic("sftest: " + to.Obj.Name + " " + loser + " cannot be merged into " + winner)
		}
		if to.Obj.Name == "Account" {
			d.mergePersons(from, to)
		}
		d.moveChildren(from, to)
		d.Change(from, map[string]any{"MasterRecordId": to.ID})
		d.deleteRow(from)
	}
	d.Change(to, map[string]any{"LastModifiedDate": d.SaveTime(), "SystemModstamp": d.SaveTime()})
}

// A Conversion describes what a Lead is converted into: see sftest.Conversion.
type Conversion struct {
	ContactID   string
	AccountID   string
	Opportunity string
}

// ConvertInto implements Org.ConvertInto.
func (d *DB) ConvertInto(leadID string, into Conversion) (contactID, accountID, opportunityID string) {
	lead := d.mustFind("Lead", leadID)
	if lead.Get("IsConverted") == true || lead.Deleted() {
		panic("sftest: the Lead " + leadID + " is deleted, or converted already")
	}
	owner := lead.Text("OwnerId")
	if d.prefixes[owner[:3]].Name != "User" {
		owner = d.UserID // a queue cannot own what the Lead becomes
	}
	contact, account := d.conversionTargets(lead, into, owner)
	contactSaved(d, contact, false) // whose empty fields were filled
	d.moveTo(contact, lead)
	changed := map[string]any{
		"IsConverted": true, "Status": convertedStatus, "ConvertedDate": d.SaveTime().Format(time.DateOnly),
		"ConvertedContactId": contact.ID, "ConvertedAccountId": account.ID,
		"LastModifiedDate": d.SaveTime(), "SystemModstamp": d.SaveTime(),
	}
	if into.Opportunity != "" {
		opportunityID = d.convertToOpportunity(into.Opportunity, lead, contact, account, owner)
		changed["ConvertedOpportunityId"] = opportunityID
	}
	d.Change(lead, changed)
	return contact.ID, account.ID, opportunityID
}

// conversionTargets finds or makes the Contact and the Account.
func (d *DB) conversionTargets(lead *Row, into Conversion, owner string) (contact, account *Row) {
	if into.ContactID != "" {
		contact = d.mustFind("Contact", into.ContactID)
	}
	switch {
	case into.AccountID != "":
		account = d.mustFind("Account", into.AccountID)
	case contact != nil && contact.Get("AccountId") != nil:
		account = d.Find(contact.Text("AccountId"))
	case contact == nil && lead.Text("Company") == "" && d.opts.PersonAccounts:
		return d.convertToPerson(lead, owner)
	default:
		account = d.accountNamed(lead, owner)
	}
	switch {
	case contact == nil:
		contact = d.convertTo("Contact", lead, map[string]any{"AccountId": account.ID, "OwnerId": owner})
	case contact.Get("AccountId") != nil && contact.Get("AccountId") != account.ID:
		panic("sftest: the Contact " + contact.ID + " is of another Account than " + account.ID)
	default:
		d.Change(contact, map[string]any{"AccountId": account.ID})
		d.fillEmpty(contact, lead)
	}
	d.fillEmpty(account, lead)
	return contact, account
}

// fillEmpty fills the empty fields of a row with the values of a Lead.
func (d *DB) fillEmpty(r, lead *Row) {
	filled := map[string]any{"LastModifiedDate": d.SaveTime(), "SystemModstamp": d.SaveTime()}
	for from, to := range convertedFields(r.Obj.Name) {
		if v := lead.Get(from); v != nil && r.Get(to) == nil {
			filled[to] = v
		}
	}
	d.Change(r, filled)
}

func (d *DB) convertToOpportunity(name string, lead, contact, account *Row, owner string) string {
	now := d.SaveTime()
	quarterEnd := time.Date(now.Year(), (now.Month()-1)/3*3+4, 0, 0, 0, 0, 0, time.UTC)
	opportunity := d.seed("Opportunity", map[string]any{
		"Name": name, "AccountId": account.ID, "OwnerId": owner, "LeadSource": lead.Get("LeadSource"),
		"StageName": "Prospecting", "CloseDate": quarterEnd.Format(time.DateOnly),
	})
	d.seed("OpportunityContactRole", map[string]any{"OpportunityId": opportunity.ID, "ContactId": contact.ID})
	return opportunity.ID
}

// convertedFields returns the fields of a Lead that a conversion copies, with the names of the
// fields they are copied to (Salesforce Help, Lead Conversion Field Mapping; of IndividualId
// Best Practices for Tracking Data Privacy).
func convertedFields(object string) map[string]string {
	fields, prefix := map[string]string{}, "Mailing"
	same := "FirstName LastName Salutation Title Email Phone MobilePhone Fax Description LeadSource IndividualId"
	if object == "Account" {
		prefix, same = "Billing", "Website Phone Fax Industry AnnualRevenue NumberOfEmployees Rating"
		fields["Company"], fields["LeadSource"] = "Name", "AccountSource"
	}
	for name := range strings.FieldsSeq(same) {
		fields[name] = name
	}
	for name := range strings.FieldsSeq("Street City State PostalCode Country") {
		fields[name] = prefix + name
	}
	return fields
}

// convertTo creates the row of an object that a Lead is converted into, with the given fields
// set.
func (d *DB) convertTo(object string, lead *Row, fields map[string]any) *Row {
	for from, to := range convertedFields(object) {
		fields[to] = lead.Get(from)
	}
	return d.seed(object, fields)
}

func (d *DB) accountNamed(lead *Row, owner string) *Row {
	accounts := d.object("Account")
	if found := accounts.lookup(accounts.Field("Name"), lead.Text("Company")); len(found) > 0 {
		return found[0]
	}
	return d.convertTo("Account", lead, map[string]any{"OwnerId": owner})
}

// moveTo moves the Lead's activities to the Contact and adds the Contact to the Lead's
// memberships.
func (d *DB) moveTo(contact, lead *Row) {
	for _, name := range Activities() {
		obj := d.object(name)
		for _, activity := range obj.lookup(obj.Field("WhoId"), lead.ID) {
			d.Change(activity, map[string]any{"WhoId": contact.ID})
		}
	}
	members := d.object("CampaignMember")
	for _, member := range members.lookup(members.Field("LeadId"), lead.ID) {
		same := func(other *Row) bool { return other.Get("CampaignId") == member.Get("CampaignId") }
		if !slices.ContainsFunc(members.lookup(members.Field("ContactId"), contact.ID), same) {
			d.Change(member, map[string]any{"ContactId": contact.ID})
		}
	}
}

package sftest

import (
	"slices"
	"strings"
	"time"
)

// Merge merges rows of an object into the winner: the losers are deleted, with
// MasterRecordId naming the winner, and what hung on them moves over
// (SALESFORCE.md 7, Merged). The winner keeps its own values. It panics when one
// of the rows is not there, or is deleted.
func (o *Org) Merge(object, winner string, losers ...string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	to := o.mustFind(object, winner)
	if !to.obj.mergeable {
		panic("sftest: only Lead, Contact and Account can be merged, not " + to.obj.name)
	}
	for _, loser := range losers {
		from := o.mustFind(object, loser)
		if from == to || from.deleted() || to.deleted() {
			panic("sftest: " + to.obj.name + " " + loser + " cannot be merged into " + winner)
		}
		o.moveChildren(from, to)
		o.change(from, map[string]any{"MasterRecordId": to.id})
		o.deleteRow(from)
	}
	o.change(to, map[string]any{"LastModifiedDate": o.saveTime(), "SystemModstamp": o.saveTime()})
}

// A Conversion says what a Lead becomes: see Org.ConvertInto.
type Conversion struct {
	// ContactID names the Contact to convert into; empty makes a new one.
	ContactID string
	// AccountID names the Account. Empty is the Contact's own, else the one that
	// is named as the Lead's company, else a new one.
	AccountID string
	// Opportunity is the name of an Opportunity to make; empty makes none.
	Opportunity string
}

// Convert is ConvertInto with the zero Conversion: into a new Contact, in the
// Account that is named as the Lead's company, or a new one.
func (o *Org) Convert(leadID string) (contactID, accountID string) {
	contactID, accountID, _ = o.ConvertInto(leadID, Conversion{})
	return contactID, accountID
}

// ConvertInto converts a Lead and returns the ids of what it became; without an
// Opportunity the third is empty. The Lead's values fill what is empty in rows that
// were there (Salesforce Help, Considerations for Converting Leads). Its activities
// move to the Contact, and its memberships show the Contact too, unless the Contact
// has one of the same campaign. An Opportunity closes on the last day of the quarter
// (memory), and the Contact has a role in it.
//
// ConvertInto panics when there is no such Lead, or it is deleted or converted
// already, and when the Contact or the Account is not there, or the Contact is of
// another Account.
func (o *Org) ConvertInto(leadID string, into Conversion) (contactID, accountID, opportunityID string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	lead := o.mustFind("Lead", leadID)
	if lead.values["IsConverted"] == true || lead.deleted() {
		panic("sftest: the Lead " + leadID + " is deleted, or converted already")
	}
	owner := lead.text("OwnerId")
	if o.prefixes[owner[:3]].name != "User" {
		owner = o.userID // a queue cannot own what the Lead becomes
	}
	contact, account := o.conversionTargets(lead, into, owner)
	o.moveTo(contact, lead)
	changed := map[string]any{
		"IsConverted": true, "Status": convertedStatus, "ConvertedDate": o.saveTime().Format(time.DateOnly),
		"ConvertedContactId": contact.id, "ConvertedAccountId": account.id,
		"LastModifiedDate": o.saveTime(), "SystemModstamp": o.saveTime(),
	}
	if into.Opportunity != "" {
		opportunityID = o.convertToOpportunity(into.Opportunity, lead, contact, account, owner)
		changed["ConvertedOpportunityId"] = opportunityID
	}
	o.change(lead, changed)
	return contact.id, account.id, opportunityID
}

// conversionTargets finds or makes the Contact and the Account.
func (o *Org) conversionTargets(lead *row, into Conversion, owner string) (contact, account *row) {
	if into.ContactID != "" {
		contact = o.mustFind("Contact", into.ContactID)
	}
	switch {
	case into.AccountID != "":
		account = o.mustFind("Account", into.AccountID)
	case contact != nil && contact.values["AccountId"] != nil:
		account = o.find(contact.text("AccountId"))
	default:
		account = o.accountNamed(lead, owner)
	}
	switch {
	case contact == nil:
		contact = o.convertTo("Contact", lead, map[string]any{"AccountId": account.id, "OwnerId": owner})
	case contact.values["AccountId"] != nil && contact.values["AccountId"] != account.id:
		panic("sftest: the Contact " + contact.id + " is of another Account than " + account.id)
	default:
		o.change(contact, map[string]any{"AccountId": account.id})
		o.fillEmpty(contact, lead)
	}
	o.fillEmpty(account, lead)
	return contact, account
}

// fillEmpty gives a row the values of a Lead that it has none for.
func (o *Org) fillEmpty(r, lead *row) {
	filled := map[string]any{"LastModifiedDate": o.saveTime(), "SystemModstamp": o.saveTime()}
	for from, to := range convertedFields(r.obj.name) {
		if v := lead.values[from]; v != nil && r.values[to] == nil {
			filled[to] = v
		}
	}
	o.change(r, filled)
}

func (o *Org) convertToOpportunity(name string, lead, contact, account *row, owner string) string {
	now := o.saveTime()
	quarterEnd := time.Date(now.Year(), (now.Month()-1)/3*3+4, 0, 0, 0, 0, 0, time.UTC)
	opportunity := o.seed("Opportunity", map[string]any{
		"Name": name, "AccountId": account.id, "OwnerId": owner, "LeadSource": lead.values["LeadSource"],
		"StageName": "Prospecting", "CloseDate": quarterEnd.Format(time.DateOnly),
	})
	o.seed("OpportunityContactRole", map[string]any{"OpportunityId": opportunity.id, "ContactId": contact.id})
	return opportunity.id
}

// convertedFields are the fields of a Lead that a conversion hands on, to those
// of the same name unless another is given (Salesforce Help, Lead Conversion
// Field Mapping).
func convertedFields(object string) map[string]string {
	fields, prefix := map[string]string{}, "Mailing"
	same := "FirstName LastName Salutation Title Email Phone MobilePhone Fax Description LeadSource"
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

// convertTo makes the row of an object that a Lead becomes, with some fields
// given.
func (o *Org) convertTo(object string, lead *row, fields map[string]any) *row {
	for from, to := range convertedFields(object) {
		fields[to] = lead.values[from]
	}
	return o.seed(object, fields)
}

func (o *Org) accountNamed(lead *row, owner string) *row {
	accounts := o.object("Account")
	if found := accounts.lookup(accounts.field("Name"), lead.text("Company")); len(found) > 0 {
		return found[0]
	}
	return o.convertTo("Account", lead, map[string]any{"OwnerId": owner})
}

// moveTo hands activities to the Contact that a Lead became, and shows it in the
// Lead's memberships.
func (o *Org) moveTo(contact, lead *row) {
	for _, name := range activities() {
		obj := o.object(name)
		for _, activity := range obj.lookup(obj.field("WhoId"), lead.id) {
			o.change(activity, map[string]any{"WhoId": contact.id})
		}
	}
	members := o.object("CampaignMember")
	for _, member := range members.lookup(members.field("LeadId"), lead.id) {
		same := func(other *row) bool { return other.values["CampaignId"] == member.values["CampaignId"] }
		if !slices.ContainsFunc(members.lookup(members.field("ContactId"), contact.id), same) {
			o.change(member, map[string]any{"ContactId": contact.id})
		}
	}
}

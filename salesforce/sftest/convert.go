package sftest

import (
	"slices"
	"strings"
	"time"
)

// Merge is as Org.Merge.
func (d *database) Merge(object, winner string, losers ...string) {
	to := d.mustFind(object, winner)
	if !to.obj.mergeable {
		panic("sftest: only Lead, Contact and Account can be merged, not " + to.obj.name)
	}
	for _, loser := range losers {
		from := d.mustFind(object, loser)
		if from == to || from.deleted() || to.deleted() {
			panic("sftest: " + to.obj.name + " " + loser + " cannot be merged into " + winner)
		}
		d.moveChildren(from, to)
		d.change(from, map[string]any{"MasterRecordId": to.id})
		d.deleteRow(from)
	}
	d.change(to, map[string]any{"LastModifiedDate": d.saveTime(), "SystemModstamp": d.saveTime()})
}

// A conversionSpec says what a Lead becomes: see sftest.Conversion.
type conversionSpec struct {
	ContactID   string
	AccountID   string
	Opportunity string
}

// ConvertInto is as Org.ConvertInto.
func (d *database) ConvertInto(leadID string, into conversionSpec) (contactID, accountID, opportunityID string) {
	lead := d.mustFind("Lead", leadID)
	if lead.values["IsConverted"] == true || lead.deleted() {
		panic("sftest: the Lead " + leadID + " is deleted, or converted already")
	}
	owner := lead.text("OwnerId")
	if d.prefixes[owner[:3]].name != "User" {
		owner = d.userID // a queue cannot own what the Lead becomes
	}
	contact, account := d.conversionTargets(lead, into, owner)
	d.moveTo(contact, lead)
	changed := map[string]any{
		"IsConverted": true, "Status": convertedStatus, "ConvertedDate": d.saveTime().Format(time.DateOnly),
		"ConvertedContactId": contact.id, "ConvertedAccountId": account.id,
		"LastModifiedDate": d.saveTime(), "SystemModstamp": d.saveTime(),
	}
	if into.Opportunity != "" {
		opportunityID = d.convertToOpportunity(into.Opportunity, lead, contact, account, owner)
		changed["ConvertedOpportunityId"] = opportunityID
	}
	d.change(lead, changed)
	return contact.id, account.id, opportunityID
}

// conversionTargets finds or makes the Contact and the Account.
func (d *database) conversionTargets(lead *row, into conversionSpec, owner string) (contact, account *row) {
	if into.ContactID != "" {
		contact = d.mustFind("Contact", into.ContactID)
	}
	switch {
	case into.AccountID != "":
		account = d.mustFind("Account", into.AccountID)
	case contact != nil && contact.values["AccountId"] != nil:
		account = d.find(contact.text("AccountId"))
	default:
		account = d.accountNamed(lead, owner)
	}
	switch {
	case contact == nil:
		contact = d.convertTo("Contact", lead, map[string]any{"AccountId": account.id, "OwnerId": owner})
	case contact.values["AccountId"] != nil && contact.values["AccountId"] != account.id:
		panic("sftest: the Contact " + contact.id + " is of another Account than " + account.id)
	default:
		d.change(contact, map[string]any{"AccountId": account.id})
		d.fillEmpty(contact, lead)
	}
	d.fillEmpty(account, lead)
	return contact, account
}

// fillEmpty gives a row the values of a Lead that it has none for.
func (d *database) fillEmpty(r, lead *row) {
	filled := map[string]any{"LastModifiedDate": d.saveTime(), "SystemModstamp": d.saveTime()}
	for from, to := range convertedFields(r.obj.name) {
		if v := lead.values[from]; v != nil && r.values[to] == nil {
			filled[to] = v
		}
	}
	d.change(r, filled)
}

func (d *database) convertToOpportunity(name string, lead, contact, account *row, owner string) string {
	now := d.saveTime()
	quarterEnd := time.Date(now.Year(), (now.Month()-1)/3*3+4, 0, 0, 0, 0, 0, time.UTC)
	opportunity := d.seed("Opportunity", map[string]any{
		"Name": name, "AccountId": account.id, "OwnerId": owner, "LeadSource": lead.values["LeadSource"],
		"StageName": "Prospecting", "CloseDate": quarterEnd.Format(time.DateOnly),
	})
	d.seed("OpportunityContactRole", map[string]any{"OpportunityId": opportunity.id, "ContactId": contact.id})
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
func (d *database) convertTo(object string, lead *row, fields map[string]any) *row {
	for from, to := range convertedFields(object) {
		fields[to] = lead.values[from]
	}
	return d.seed(object, fields)
}

func (d *database) accountNamed(lead *row, owner string) *row {
	accounts := d.object("Account")
	if found := accounts.lookup(accounts.field("Name"), lead.text("Company")); len(found) > 0 {
		return found[0]
	}
	return d.convertTo("Account", lead, map[string]any{"OwnerId": owner})
}

// moveTo hands activities to the Contact that a Lead became, and shows it in the
// Lead's memberships.
func (d *database) moveTo(contact, lead *row) {
	for _, name := range activities() {
		obj := d.object(name)
		for _, activity := range obj.lookup(obj.field("WhoId"), lead.id) {
			d.change(activity, map[string]any{"WhoId": contact.id})
		}
	}
	members := d.object("CampaignMember")
	for _, member := range members.lookup(members.field("LeadId"), lead.id) {
		same := func(other *row) bool { return other.values["CampaignId"] == member.values["CampaignId"] }
		if !slices.ContainsFunc(members.lookup(members.field("ContactId"), contact.id), same) {
			d.change(member, map[string]any{"ContactId": contact.id})
		}
	}
}

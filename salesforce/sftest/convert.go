package sftest

import "strings"

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

// Convert converts a Lead into a Contact in a new Account named as its company,
// or in the Account of that name, and returns their ids. The Lead's activities
// move to the Contact, and its memberships show the Contact too. It panics when
// there is no such Lead, or it is deleted or converted already.
func (o *Org) Convert(leadID string) (contactID, accountID string) {
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
	account := o.accountNamed(lead, owner)
	contact := o.convertTo("Contact", lead, map[string]any{"AccountId": account.id, "OwnerId": owner})
	o.moveTo(contact, lead)
	o.change(lead, map[string]any{
		"IsConverted": true, "Status": convertedStatus, "ConvertedDate": o.saveTime().Format("2006-01-02"),
		"ConvertedContactId": contact.id, "ConvertedAccountId": account.id,
		"LastModifiedDate": o.saveTime(), "SystemModstamp": o.saveTime(),
	})
	return contact.id, account.id
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
		o.change(member, map[string]any{"ContactId": contact.id})
	}
}

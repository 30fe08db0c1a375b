// SPDX-License-Identifier: Apache-2.0

package db

import (
	"strings"
	"time"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/wire"
)

// prepareMember applies the rules of CampaignMember
// (docs/salesforce.md, Campaign members).
func prepareMember(d *DB, s *Save) []*wire.RowError {
	if s.Op == OpCreate {
		if err := d.checkNewMember(s); err != nil {
			return []*wire.RowError{err}
		}
	}
	status := d.memberStatus(wire.TextOf(s.after["CampaignId"]), wire.TextOf(s.after["Status"]))
	responded := false
	if status != nil {
		s.after["Status"] = status.Get("Label")
		responded = status.Get("HasResponded") == true
	}
	s.after["HasResponded"] = responded
	if responded && s.after["FirstRespondedDate"] == nil {
		s.after["FirstRespondedDate"] = d.SaveTime().Format(time.DateOnly)
	}
	return nil
}

func (d *DB) checkNewMember(s *Save) *wire.RowError {
	if s.after["ContactId"] != nil {
		delete(s.after, "LeadId") // given both, only the Contact is kept
	}
	if s.after["CampaignId"] == nil {
		return nil // the required fields are checked later
	}
	person := "LeadId"
	if s.after["ContactId"] != nil {
		person = "ContactId"
	}
	if s.after[person] == nil {
		return wire.NewRowError("REQUIRED_FIELD_MISSING", "Required fields are missing: [LeadId, ContactId]",
			"LeadId", "ContactId")
	}
	for _, other := range s.Obj.lookup(s.Obj.Field(person), s.after[person]) {
		if other.Get("CampaignId") == s.after["CampaignId"] {
			return wire.NewRowError("DUPLICATE_VALUE", "Already a campaign member.")
		}
	}
	return nil
}

// memberStatus returns the campaign's status of that label, else its default: an unknown
// status is silently replaced. It is nil if the campaign has neither.
func (d *DB) memberStatus(campaignID, label string) *Row {
	statuses := d.object("CampaignMemberStatus")
	var fallback *Row
	for _, status := range statuses.lookup(statuses.Field("CampaignId"), campaignID) {
		if strings.EqualFold(status.Text("Label"), label) {
			return status
		}
		if status.Get("IsDefault") == true {
			fallback = status
		}
	}
	return fallback
}

// computeMember computes the person's fields from the Contact, or from the Lead if there is
// none.
func (d *DB) computeMember() {
	member := d.object("CampaignMember")
	from := map[string][2]string{ // of the Contact, of the Lead
		"Street": {"MailingStreet", "Street"}, "City": {"MailingCity", "City"}, "State": {"MailingState", "State"},
		"PostalCode": {"MailingPostalCode", "PostalCode"}, "Country": {"MailingCountry", "Country"},
		"LeadOrContactOwnerId": {"OwnerId", "OwnerId"}, "LeadOrContactId": {"Id", "Id"},
	}
	for _, name := range strings.Fields(
		"Salutation Name FirstName LastName Title Email Phone Fax MobilePhone Description LeadSource",
	) {
		from[name] = [2]string{name, name}
	}
	for name, source := range from {
		member.Field(name).compute = func(d *DB, r *Row) any {
			person := d.memberPerson(r)
			if person == nil {
				return nil
			}
			if person.Obj.Name == "Contact" {
				return person.Get(source[0])
			}
			return person.Get(source[1])
		}
	}
	member.Field("Type").compute = func(d *DB, r *Row) any {
		if person := d.memberPerson(r); person != nil {
			return person.Obj.Name
		}
		return nil
	}
	member.Field("CompanyOrAccount").compute = companyOrAccount
}

func (d *DB) memberPerson(r *Row) *Row {
	if contact := d.Find(r.Text("ContactId")); contact != nil {
		return contact
	}
	return d.Find(r.Text("LeadId"))
}

func companyOrAccount(d *DB, r *Row) any {
	person := d.memberPerson(r)
	if person == nil {
		return nil
	}
	if account := d.Find(person.Text("AccountId")); account != nil {
		return account.Get("Name")
	}
	return person.Get("Company")
}

func countMembers(counts func(*Row) bool) func(*DB, *Row) any {
	return func(d *DB, r *Row) any {
		members, n := d.object("CampaignMember"), 0
		for _, m := range members.lookup(members.Field("CampaignId"), r.ID) {
			if counts(m) {
				n++
			}
		}
		return n
	}
}

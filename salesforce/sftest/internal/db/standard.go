package db

import (
	"strings"
	"time"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/wire"
)

// A behaviour is what one object does that others do not. Both functions may be
// nil.
type behaviour struct {
	// prepare derives values of the row to be saved and checks it.
	prepare func(d *DB, s *Save) []*wire.RowError
	// saved follows up a row that was written.
	saved func(d *DB, r *Row, created bool)
}

// standardObject is one line of the list of objects that an org starts with.
// rights are those of the connected user: c(reate), u(pdate), d(elete).
type standardObject struct {
	name, prefix, label, plural, rights string
	mergeable                           bool
	behaviour                           behaviour
}

// standardObjects lists them with their prefixes (SALESFORCE.md 7). Rights are
// those of an integration user who may create campaigns' members, not campaigns
// (SALESFORCE.md 2, global flags).
func standardObjects() []standardObject {
	person := behaviour{prepare: preparePerson}
	return []standardObject{
		{"Account", "001", "Account", "Accounts", "cud", true, behaviour{}},
		{"Contact", "003", "Contact", "Contacts", "cud", true, person},
		{"Lead", "00Q", "Lead", "Leads", "cud", true, person},
		{"Opportunity", "006", "Opportunity", "Opportunities", "cud", false, behaviour{prepare: prepareOpportunity}},
		{"OpportunityContactRole", "00K", "Opportunity Contact Role", "Opportunity Contact Role", "cud", false, behaviour{}},
		{"Task", "00T", "Task", "Tasks", "cud", false, behaviour{prepare: prepareTask}},
		{"Event", "00U", "Event", "Events", "cud", false, behaviour{prepare: prepareEvent}},
		{"Campaign", "701", "Campaign", "Campaigns", "", false, behaviour{saved: campaignSaved}},
		{"CampaignMember", "00v", "Campaign Member", "Campaign Members", "cud", false, behaviour{prepare: prepareMember}},
		{"CampaignMemberStatus", "01Y", "Campaign Member Status", "Campaign Member Statuses", "", false, behaviour{}},
		{"User", "005", "User", "Users", "u", false, person},
		{"Group", "00G", "Group", "Groups", "", false, behaviour{}},
		{"Organization", "00D", "Organization", "Organizations", "", false, behaviour{}},
		{"PermissionSet", "0PS", "Permission Set", "Permission Sets", "", false, behaviour{}},
		{"PermissionSetAssignment", "0Pa", "Permission Set Assignment", "Permission Set Assignments", "", false, behaviour{prepare: prepareAssignment}},
		{"RecordType", "012", "Record Type", "Record Types", "", false, behaviour{}},
		{"LeadStatus", "01J", "Lead Status Value", "Lead Status Value", "", false, behaviour{}},
		{"AssignmentRule", "01Q", "Assignment Rule", "Assignment Rules", "", false, behaviour{}},
		{"DuplicateRule", "0Bm", "Duplicate Rule", "Duplicate Rules", "", false, behaviour{}},
	}
}

func (d *DB) loadStandardObjects() {
	for _, s := range standardObjects() {
		obj := &Object{
			Name: s.name, Label: s.label, Plural: s.plural, Prefix: s.prefix, Mergeable: s.mergeable, behaviour: s.behaviour, Readable: true,
			Createable: strings.Contains(s.rights, "c"), Updateable: strings.Contains(s.rights, "u"), Deletable: strings.Contains(s.rights, "d"),
		}
		d.addObject(obj, readTable(s.name))
		obj.nameChildren()
	}
	d.computeFields()
	d.touchMetadata()
}

// seedStandardRows puts in what every org has.
func (d *DB) seedStandardRows() {
	d.OrgID = d.seed("Organization", map[string]any{"Name": "Fake Org", "InstanceName": "FAKE1"}).ID
	// The first user is made by nobody: its id must exist before its audit fields.
	d.UserID = d.NewID("005")
	d.seed("User", map[string]any{
		"Id": d.UserID, "Username": "integration@fake.example", "FirstName": "Integration", "LastName": "User",
		"Email": "integration@fake.example", "Alias": "integ", "IsActive": true, "UserPermissionsMarketingUser": true,
	})
	set := d.seed("PermissionSet", map[string]any{"Name": "Integration", "Label": "Integration", "PermissionsApiEnabled": true, "PermissionsViewAllData": true})
	d.seed("PermissionSetAssignment", map[string]any{"AssigneeId": d.UserID, "PermissionSetId": set.ID, "IsActive": true})
	for i, label := range d.object("Lead").Field("Status").Options {
		d.seed("LeadStatus", map[string]any{
			"MasterLabel": label, "ApiName": label, "SortOrder": i + 1, "IsDefault": i == 0, "IsConverted": label == convertedStatus,
		})
	}
}

const convertedStatus = "Closed - Converted"

// UserMay says whether a permission set gives the connected user a system
// permission (SALESFORCE.md 6).
func (d *DB) UserMay(permission string) bool {
	for _, assigned := range d.object("PermissionSetAssignment").Rows {
		set := d.Find(assigned.Text("PermissionSetId"))
		if assigned.Text("AssigneeId") == d.UserID && set != nil && set.Values[permission] == true {
			return true
		}
	}
	return false
}

// preparePerson puts the name together.
func preparePerson(d *DB, s *Save) []*wire.RowError {
	setName(s.after)
	return nil
}

func setName(values map[string]any) {
	first, _ := values["FirstName"].(string)
	last, _ := values["LastName"].(string)
	if name := strings.TrimSpace(first + " " + last); name != "" {
		values["Name"] = name
	}
}

// prepareAssignment refuses a permission set that the user has (SALESFORCE.md 3,
// DUPLICATE_VALUE; the end of the text from memory).
func prepareAssignment(d *DB, s *Save) []*wire.RowError {
	if s.Op != OpCreate {
		return nil
	}
	assignee, set := wire.TextOf(s.after["AssigneeId"]), wire.TextOf(s.after["PermissionSetId"])
	for _, other := range s.Obj.lookup(s.Obj.Field("AssigneeId"), assignee) {
		if other.Text("PermissionSetId") == set {
			return []*wire.RowError{wire.NewRowError("DUPLICATE_VALUE", "Duplicate PermissionSetAssignment. Assignee: "+assignee+"; Permission Set: "+set)}
		}
	}
	return nil
}

func prepareOpportunity(d *DB, s *Save) []*wire.RowError {
	stage, _ := s.after["StageName"].(string)
	s.after["IsClosed"] = strings.HasPrefix(stage, "Closed")
	s.after["IsWon"] = stage == "Closed Won"
	return nil
}

// campaignSaved gives a new campaign the two statuses that every campaign has
// (SALESFORCE.md 3, Campaign member semantics).
func campaignSaved(d *DB, r *Row, created bool) {
	if !created {
		return
	}
	d.seed("CampaignMemberStatus", map[string]any{"CampaignId": r.ID, "Label": "Sent", "SortOrder": 3, "IsDefault": true, "HasResponded": false})
	d.seed("CampaignMemberStatus", map[string]any{"CampaignId": r.ID, "Label": "Responded", "SortOrder": 4, "IsDefault": false, "HasResponded": true})
}

// prepareMember is the semantics of CampaignMember (SALESFORCE.md 3).
func prepareMember(d *DB, s *Save) []*wire.RowError {
	if s.Op == OpCreate {
		if err := d.checkNewMember(s); err != nil {
			return []*wire.RowError{err}
		}
	}
	status := d.memberStatus(wire.TextOf(s.after["CampaignId"]), wire.TextOf(s.after["Status"]))
	responded := false
	if status != nil {
		s.after["Status"] = status.Values["Label"]
		responded = status.Values["HasResponded"] == true
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
		return wire.NewRowError("REQUIRED_FIELD_MISSING", "Required fields are missing: [LeadId, ContactId]", "LeadId", "ContactId")
	}
	for _, other := range s.Obj.lookup(s.Obj.Field(person), s.after[person]) {
		if other.Values["CampaignId"] == s.after["CampaignId"] {
			return wire.NewRowError("DUPLICATE_VALUE", "Already a campaign member.")
		}
	}
	return nil
}

// memberStatus is the campaign's status of that label, else its default one:
// an unknown status is not refused but replaced, without a word. nil when the
// campaign has neither.
func (d *DB) memberStatus(campaignID, label string) *Row {
	statuses := d.object("CampaignMemberStatus")
	var fallback *Row
	for _, status := range statuses.lookup(statuses.Field("CampaignId"), campaignID) {
		if strings.EqualFold(status.Text("Label"), label) {
			return status
		}
		if status.Values["IsDefault"] == true {
			fallback = status
		}
	}
	return fallback
}

// addressed are the objects with addresses.
func addressed() []string { return []string{"Lead", "Contact", "Account", "User"} }

// computeFields sets up the values that the org works out when they are read.
func (d *DB) computeFields() {
	for _, name := range addressed() {
		for _, f := range d.object(name).Fields {
			if f.Type == "address" {
				f.compute = compoundAddress(strings.TrimSuffix(f.Name, "Address"))
			}
		}
	}
	d.computeMember()
	for _, name := range Activities() {
		activity := d.object(name)
		activity.Field("AccountId").compute = activityAccount
		activity.Field("WhoCount").compute = countOf("WhoId")
		activity.Field("WhatCount").compute = countOf("WhatId")
	}
	campaign := d.object("Campaign")
	campaign.Field("NumberOfLeads").compute = countMembers(func(m *Row) bool { return m.Values["ContactId"] == nil })
	campaign.Field("NumberOfContacts").compute = countMembers(func(m *Row) bool { return m.Values["ContactId"] != nil })
	campaign.Field("NumberOfResponses").compute = countMembers(func(m *Row) bool { return m.Values["HasResponded"] == true })
	for _, obj := range d.objects {
		for f := range obj.indexes {
			if f.compute != nil {
				delete(obj.indexes, f) // nothing is stored to be found there
			}
		}
	}
}

// computeMember copies the person's fields: the Contact's where there is one.
func (d *DB) computeMember() {
	member := d.object("CampaignMember")
	from := map[string][2]string{ // of the Contact, of the Lead
		"Street": {"MailingStreet", "Street"}, "City": {"MailingCity", "City"}, "State": {"MailingState", "State"},
		"PostalCode": {"MailingPostalCode", "PostalCode"}, "Country": {"MailingCountry", "Country"},
		"LeadOrContactOwnerId": {"OwnerId", "OwnerId"}, "LeadOrContactId": {"Id", "Id"},
	}
	for _, name := range strings.Fields("Salutation Name FirstName LastName Title Email Phone Fax MobilePhone Description LeadSource") {
		from[name] = [2]string{name, name}
	}
	for name, source := range from {
		member.Field(name).compute = func(d *DB, r *Row) any {
			person := d.memberPerson(r)
			if person == nil {
				return nil
			}
			if person.Obj.Name == "Contact" {
				return person.Values[source[0]]
			}
			return person.Values[source[1]]
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
		return account.Values["Name"]
	}
	return person.Values["Company"]
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

// compoundAddress is an address as one object, null when all of it is.
func compoundAddress(prefix string) func(*DB, *Row) any {
	return func(d *DB, r *Row) any {
		address, empty := wire.Object{}, true
		for _, part := range strings.Fields("City Country CountryCode GeocodeAccuracy Latitude Longitude PostalCode State StateCode Street") {
			if r.Obj.Field(prefix+part) == nil {
				continue // there are codes only with State and Country picklists
			}
			v := r.Values[prefix+part]
			empty = empty && v == nil
			address.Add(strings.ToLower(part[:1])+part[1:], v)
		}
		if empty {
			return nil
		}
		return address
	}
}

// SetPermission is as Org.SetPermission.
func (d *DB) SetPermission(name string, given bool) {
	_, f := d.fieldOf("PermissionSet", name)
	for _, set := range d.object("PermissionSet").Rows {
		d.Change(set, map[string]any{f.Name: given})
	}
	d.touchMetadata()
}

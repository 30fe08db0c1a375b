package sftest

import (
	"strings"
	"time"
)

// A behaviour is what one object does that others do not. Both functions may be
// nil.
type behaviour struct {
	// prepare derives values of the row to be saved and checks it.
	prepare func(d *database, s *save) []*rowError
	// saved follows up a row that was written.
	saved func(d *database, r *row, created bool)
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

func (d *database) loadStandardObjects() {
	for _, s := range standardObjects() {
		obj := &object{
			name: s.name, label: s.label, plural: s.plural, prefix: s.prefix, mergeable: s.mergeable, behaviour: s.behaviour, readable: true,
			createable: strings.Contains(s.rights, "c"), updateable: strings.Contains(s.rights, "u"), deletes: strings.Contains(s.rights, "d"),
		}
		d.addObject(obj, readTable(s.name))
		obj.nameChildren()
	}
	d.computeFields()
	d.touchMetadata()
}

// seedStandardRows puts in what every org has.
func (d *database) seedStandardRows() {
	d.orgID = d.seed("Organization", map[string]any{"Name": "Fake Org", "InstanceName": "FAKE1"}).id
	// The first user is made by nobody: its id must exist before its audit fields.
	d.userID = d.newID("005")
	d.seed("User", map[string]any{
		"Id": d.userID, "Username": "integration@fake.example", "FirstName": "Integration", "LastName": "User",
		"Email": "integration@fake.example", "Alias": "integ", "IsActive": true, "UserPermissionsMarketingUser": true,
	})
	set := d.seed("PermissionSet", map[string]any{"Name": "Integration", "Label": "Integration", "PermissionsApiEnabled": true, "PermissionsViewAllData": true})
	d.seed("PermissionSetAssignment", map[string]any{"AssigneeId": d.userID, "PermissionSetId": set.id, "IsActive": true})
	for i, label := range d.object("Lead").field("Status").Options {
		d.seed("LeadStatus", map[string]any{
			"MasterLabel": label, "ApiName": label, "SortOrder": i + 1, "IsDefault": i == 0, "IsConverted": label == convertedStatus,
		})
	}
}

const convertedStatus = "Closed - Converted"

// userMay says whether a permission set gives the connected user a system
// permission (SALESFORCE.md 6).
func (d *database) userMay(permission string) bool {
	for _, assigned := range d.object("PermissionSetAssignment").rows {
		set := d.find(assigned.text("PermissionSetId"))
		if assigned.text("AssigneeId") == d.userID && set != nil && set.values[permission] == true {
			return true
		}
	}
	return false
}

// preparePerson puts the name together.
func preparePerson(d *database, s *save) []*rowError {
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
func prepareAssignment(d *database, s *save) []*rowError {
	if s.op != opCreate {
		return nil
	}
	assignee, set := textOf(s.after["AssigneeId"]), textOf(s.after["PermissionSetId"])
	for _, other := range s.obj.lookup(s.obj.field("AssigneeId"), assignee) {
		if other.text("PermissionSetId") == set {
			return []*rowError{rowErr("DUPLICATE_VALUE", "Duplicate PermissionSetAssignment. Assignee: "+assignee+"; Permission Set: "+set)}
		}
	}
	return nil
}

func prepareOpportunity(d *database, s *save) []*rowError {
	stage, _ := s.after["StageName"].(string)
	s.after["IsClosed"] = strings.HasPrefix(stage, "Closed")
	s.after["IsWon"] = stage == "Closed Won"
	return nil
}

// campaignSaved gives a new campaign the two statuses that every campaign has
// (SALESFORCE.md 3, Campaign member semantics).
func campaignSaved(d *database, r *row, created bool) {
	if !created {
		return
	}
	d.seed("CampaignMemberStatus", map[string]any{"CampaignId": r.id, "Label": "Sent", "SortOrder": 3, "IsDefault": true, "HasResponded": false})
	d.seed("CampaignMemberStatus", map[string]any{"CampaignId": r.id, "Label": "Responded", "SortOrder": 4, "IsDefault": false, "HasResponded": true})
}

// prepareMember is the semantics of CampaignMember (SALESFORCE.md 3).
func prepareMember(d *database, s *save) []*rowError {
	if s.op == opCreate {
		if err := d.checkNewMember(s); err != nil {
			return []*rowError{err}
		}
	}
	status := d.memberStatus(textOf(s.after["CampaignId"]), textOf(s.after["Status"]))
	responded := false
	if status != nil {
		s.after["Status"] = status.values["Label"]
		responded = status.values["HasResponded"] == true
	}
	s.after["HasResponded"] = responded
	if responded && s.after["FirstRespondedDate"] == nil {
		s.after["FirstRespondedDate"] = d.saveTime().Format(time.DateOnly)
	}
	return nil
}

func (d *database) checkNewMember(s *save) *rowError {
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
		return rowErr("REQUIRED_FIELD_MISSING", "Required fields are missing: [LeadId, ContactId]", "LeadId", "ContactId")
	}
	for _, other := range s.obj.lookup(s.obj.field(person), s.after[person]) {
		if other.values["CampaignId"] == s.after["CampaignId"] {
			return rowErr("DUPLICATE_VALUE", "Already a campaign member.")
		}
	}
	return nil
}

// memberStatus is the campaign's status of that label, else its default one:
// an unknown status is not refused but replaced, without a word. nil when the
// campaign has neither.
func (d *database) memberStatus(campaignID, label string) *row {
	statuses := d.object("CampaignMemberStatus")
	var fallback *row
	for _, status := range statuses.lookup(statuses.field("CampaignId"), campaignID) {
		if strings.EqualFold(status.text("Label"), label) {
			return status
		}
		if status.values["IsDefault"] == true {
			fallback = status
		}
	}
	return fallback
}

// addressed are the objects with addresses.
func addressed() []string { return []string{"Lead", "Contact", "Account", "User"} }

// computeFields sets up the values that the org works out when they are read.
func (d *database) computeFields() {
	for _, name := range addressed() {
		for _, f := range d.object(name).fields {
			if f.Type == "address" {
				f.compute = compoundAddress(strings.TrimSuffix(f.Name, "Address"))
			}
		}
	}
	d.computeMember()
	for _, name := range activities() {
		activity := d.object(name)
		activity.field("AccountId").compute = activityAccount
		activity.field("WhoCount").compute = countOf("WhoId")
		activity.field("WhatCount").compute = countOf("WhatId")
	}
	campaign := d.object("Campaign")
	campaign.field("NumberOfLeads").compute = countMembers(func(m *row) bool { return m.values["ContactId"] == nil })
	campaign.field("NumberOfContacts").compute = countMembers(func(m *row) bool { return m.values["ContactId"] != nil })
	campaign.field("NumberOfResponses").compute = countMembers(func(m *row) bool { return m.values["HasResponded"] == true })
	for _, obj := range d.objects {
		for f := range obj.indexes {
			if f.compute != nil {
				delete(obj.indexes, f) // nothing is stored to be found there
			}
		}
	}
}

// computeMember copies the person's fields: the Contact's where there is one.
func (d *database) computeMember() {
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
		member.field(name).compute = func(d *database, r *row) any {
			person := d.memberPerson(r)
			if person == nil {
				return nil
			}
			if person.obj.name == "Contact" {
				return person.values[source[0]]
			}
			return person.values[source[1]]
		}
	}
	member.field("Type").compute = func(d *database, r *row) any {
		if person := d.memberPerson(r); person != nil {
			return person.obj.name
		}
		return nil
	}
	member.field("CompanyOrAccount").compute = companyOrAccount
}

func (d *database) memberPerson(r *row) *row {
	if contact := d.find(r.text("ContactId")); contact != nil {
		return contact
	}
	return d.find(r.text("LeadId"))
}

func companyOrAccount(d *database, r *row) any {
	person := d.memberPerson(r)
	if person == nil {
		return nil
	}
	if account := d.find(person.text("AccountId")); account != nil {
		return account.values["Name"]
	}
	return person.values["Company"]
}

func countMembers(counts func(*row) bool) func(*database, *row) any {
	return func(d *database, r *row) any {
		members, n := d.object("CampaignMember"), 0
		for _, m := range members.lookup(members.field("CampaignId"), r.id) {
			if counts(m) {
				n++
			}
		}
		return n
	}
}

// compoundAddress is an address as one object, null when all of it is.
func compoundAddress(prefix string) func(*database, *row) any {
	return func(d *database, r *row) any {
		address, empty := jsonObject{}, true
		for _, part := range strings.Fields("City Country CountryCode GeocodeAccuracy Latitude Longitude PostalCode State StateCode Street") {
			if r.obj.field(prefix+part) == nil {
				continue // there are codes only with State and Country picklists
			}
			v := r.values[prefix+part]
			empty = empty && v == nil
			address.add(strings.ToLower(part[:1])+part[1:], v)
		}
		if empty {
			return nil
		}
		return address
	}
}

// SetPermission is as Org.SetPermission.
func (d *database) SetPermission(name string, given bool) {
	_, f := d.fieldOf("PermissionSet", name)
	for _, set := range d.object("PermissionSet").rows {
		d.change(set, map[string]any{f.Name: given})
	}
	d.touchMetadata()
}

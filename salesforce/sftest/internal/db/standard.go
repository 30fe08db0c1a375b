// SPDX-License-Identifier: Apache-2.0

package db

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/wire"
)

// A standardObject is an object that an org starts with. rights are those of the connected
// user: c(reate), u(pdate), d(elete).
type standardObject struct {
	name, prefix, label, plural, rights string
	mergeable                           bool
	behaviour                           behaviour
}

// standardObjects returns them with their prefixes (docs/salesforce.md, IDs). The rights are
// those of an integration user who may create campaign members but not campaigns
// (docs/salesforce.md, Fields).
func standardObjects() []standardObject {
	person := behaviour{prepare: preparePerson}
	return []standardObject{
		{
			"Account", "001", "Account", "Accounts", "cud", true,
			behaviour{prepare: prepareAccount, saved: accountSaved},
		},
		{
			"Contact", "003", "Contact", "Contacts", "cud", true,
			behaviour{prepare: prepareContact, saved: contactSaved},
		},
		{"Lead", "00Q", "Lead", "Leads", "cud", true, person},
		{"Opportunity", "006", "Opportunity", "Opportunities", "cud", false, behaviour{prepare: prepareOpportunity}},
		{
			"OpportunityContactRole", "00K", "Opportunity Contact Role", "Opportunity Contact Role", "cud",
			false, behaviour{},
		},
		{"Task", "00T", "Task", "Tasks", "cud", false, behaviour{prepare: prepareTask}},
		{"Event", "00U", "Event", "Events", "cud", false, behaviour{prepare: prepareEvent}},
		{"Campaign", "701", "Campaign", "Campaigns", "", false, behaviour{saved: campaignSaved}},
		{
			"CampaignMember", "00v", "Campaign Member", "Campaign Members", "cud", false,
			behaviour{prepare: prepareMember},
		},
		{"CampaignMemberStatus", "01Y", "Campaign Member Status", "Campaign Member Statuses", "", false, behaviour{}},
		{"Case", "500", "Case", "Cases", "cud", true, behaviour{prepare: prepareCase}},
		{"Individual", "0PK", "Individual", "Individuals", "cud", true, person},
		{
			"ContentVersion", "068", "Content Version", "Content Versions", "cu", false,
			behaviour{prepare: prepareVersion, saved: versionSaved},
		},
		{
			"ContentDocument", "069", "Content Document", "Content Documents", "ud", false,
			behaviour{prepare: prepareDocument, saved: documentSaved},
		},
		{
			"ContentDocumentLink", "06A", "Content Document Link", "Content Document Link", "cud", false,
			behaviour{prepare: prepareLink},
		},
		{"User", "005", "User", "Users", "u", false, behaviour{prepare: prepareUser}},
		{"UserRole", "00E", "Role", "Role", "", false, behaviour{}},
		{"Profile", "00e", "Profile", "Profile", "", false, behaviour{}},
		{"UserLicense", "100", "User License", "User License", "", false, behaviour{}},
		{"Group", "00G", "Group", "Groups", "", false, behaviour{}},
		{"Organization", "00D", "Organization", "Organizations", "", false, behaviour{}},
		{"PermissionSet", "0PS", "Permission Set", "Permission Sets", "", false, behaviour{}},
		{
			"PermissionSetAssignment", "0Pa", "Permission Set Assignment", "Permission Set Assignments", "",
			false, behaviour{prepare: prepareAssignment},
		},
		{"ObjectPermissions", "110", "Object Permissions", "Object Permissions", "", false, behaviour{}},
		{"QueueSobject", "03g", "Queue Sobject", "Queue Sobjects", "", false, behaviour{}},
		{"RecordType", "012", "Record Type", "Record Types", "", false, behaviour{}},
		{"LeadStatus", "01J", "Lead Status Value", "Lead Status Value", "", false, behaviour{}},
		{"TaskStatus", "01T", "Task Status Value", "Task Status Value", "", false, behaviour{}},
		{"AssignmentRule", "01Q", "Assignment Rule", "Assignment Rules", "", false, behaviour{}},
		{"DuplicateRule", "0Bm", "Duplicate Rule", "Duplicate Rules", "", false, behaviour{}},
	}
}

func (d *DB) loadStandardObjects() {
	lacking := readLacking()
	for _, s := range standardObjects() {
		obj := &Object{
			lacking: lacking[s.name],
			Name:    s.name, Label: s.label, Plural: s.plural, Prefix: s.prefix, Mergeable: s.mergeable,
			behaviour: s.behaviour, Readable: true,
			Createable: strings.Contains(s.rights, "c"), Updateable: strings.Contains(s.rights, "u"),
			Deletable: strings.Contains(s.rights, "d"),
		}
		d.addObject(obj, readTable(s.name))
		obj.nameChildren()
	}
	d.computeFields()
	d.touchMetadata()
}

// seedStandardRows creates the rows that every org has.
func (d *DB) seedStandardRows() {
	d.OrgID = d.NewID("00D")
	if d.opts.OrgTail != "" {
		d.OrgID = wire.WithChecksum("00DdM" + d.opts.OrgTail[:10])
	}
	d.seed("Organization", map[string]any{"Id": d.OrgID, "Name": "Fake Org", "InstanceName": "FAKE1",
		"FiscalYearStartMonth": 1})
	// The first user's audit fields refer to itself: its id must exist before them.
	d.UserID = d.NewID("005")
	d.seed("User", map[string]any{
		"Id": d.UserID, "Username": "integration@fake.example", "FirstName": "Integration", "LastName": "User",
		"Email": "integration@fake.example", "Alias": "integ", "IsActive": true, "UserPermissionsMarketingUser": true,
	})
	set := d.seed("PermissionSet",
		map[string]any{
			"Name": "Integration", "Label": "Integration", "PermissionsApiEnabled": true,
			"PermissionsViewAllData": true, "PermissionsViewSetup": true,
		})
	d.seed("PermissionSetAssignment",
		map[string]any{"AssigneeId": d.UserID, "PermissionSetId": set.ID, "IsActive": true})
	for i, label := range d.object("Lead").Field("Status").Options {
		d.seed("LeadStatus", map[string]any{
			"MasterLabel": label, "ApiName": label, "SortOrder": i + 1, "IsDefault": i == 0,
			"IsConverted": label == convertedStatus,
		})
	}
	d.seedTaskStatuses()
	d.seedProfiles()
}

// seedProfiles creates the profiles of a new org, of which the connected user has the least:
// what it may do comes from its permission set.
func (d *DB) seedProfiles() {
	const minimum = "Minimum Access - Salesforce"
	license := d.seed("UserLicense", map[string]any{
		"Name": "Salesforce", "MasterLabel": "Salesforce", "LicenseDefinitionKey": "SFDC", "TotalLicenses": 2,
		"UsedLicenses": 1, "UsedLicensesLastUpdated": d.SaveTime(),
	})
	for _, name := range []string{
		"System Administrator", standardUser, minimum, "Read Only", "Marketing User", "Contract Manager",
		"Solution Manager",
	} {
		profile := d.seed("Profile", map[string]any{"Name": name, "UserLicenseId": license.ID})
		if name == minimum {
			d.Change(d.Find(d.UserID), map[string]any{"ProfileId": profile.ID})
		}
	}
}

// standardUser is the profile of users of whom a test says none.
const standardUser = "Standard User"

// prepareUser computes the name, and gives a user whom the test adds a profile.
func prepareUser(d *DB, s *Save) []*wire.RowError {
	setName(s.after)
	profiles := d.object("Profile")
	if s.after["ProfileId"] == nil && s.Op != OpCreate && s.Row == nil {
		for _, profile := range profiles.lookup(profiles.Field("Name"), standardUser) {
			s.after["ProfileId"] = profile.ID
		}
	}
	return nil
}

// seedTaskStatuses makes the rows of TaskStatus those of the options of Task.Status.
func (d *DB) seedTaskStatuses() {
	statuses := d.object("TaskStatus")
	for len(statuses.Rows) > 0 {
		d.purge(statuses.Rows[0])
	}
	f := d.object("Task").Field("Status")
	for i, option := range f.Options {
		if slices.Contains(f.Inactive, option) {
			continue
		}
		label := f.Labels[option]
		if label == "" {
			label = option
		}
		d.seed("TaskStatus", map[string]any{"MasterLabel": label, "ApiName": option, "SortOrder": i + 1,
			"IsDefault": option == f.Default, "IsClosed": slices.Contains(f.closed(), option)})
	}
}

// closed returns the options of a status that close a Task or a Case: those it names, else
// Completed or Closed, else the last, as an org has one at least (unverified).
func (f *Field) closed() []string {
	if f.Closed != nil {
		return f.Closed
	}
	for _, usual := range []string{"Completed", "Closed"} {
		if slices.Contains(f.Options, usual) {
			return []string{usual}
		}
	}
	return f.Options[max(0, len(f.Options)-1):]
}

const convertedStatus = "Closed - Converted"

// preparePerson computes the name.
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

// prepareAssignment refuses a permission set that the user has
// (docs/salesforce.md, Errors, DUPLICATE_VALUE, recorded).
func prepareAssignment(d *DB, s *Save) []*wire.RowError {
	if s.Op != OpCreate {
		return nil
	}
	assignee, set := wire.TextOf(s.after["AssigneeId"]), wire.TextOf(s.after["PermissionSetId"])
	for _, other := range s.Obj.lookup(s.Obj.Field("AssigneeId"), assignee) {
		if other.Text("PermissionSetId") == set {
			return []*wire.RowError{wire.NewRowError("DUPLICATE_VALUE",
				"Duplicate PermissionSetAssignment.  Assignee: "+assignee[:15]+"; Permission Set: "+set[:15],
				"AssigneeId", "PermissionSetId")}
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

// computeOpportunity defines the fields that follow from others (Object Reference,
// Opportunity): the fiscal year is the calendar year.
func (d *DB) computeOpportunity() {
	opportunity := d.object("Opportunity")
	opportunity.Field("ExpectedRevenue").compute = func(_ *DB, r *Row) any {
		amount, hasAmount := r.Get("Amount").(float64)
		probability, _ := r.Get("Probability").(float64)
		if !hasAmount {
			return nil
		}
		return amount * probability / 100
	}
	closes := func(value func(time.Time) any) func(*DB, *Row) any {
		return func(_ *DB, r *Row) any {
			day, err := time.Parse(time.DateOnly, r.Text("CloseDate"))
			if err != nil {
				return nil
			}
			return value(day)
		}
	}
	quarter := func(day time.Time) int { return (int(day.Month()) + 2) / 3 }
	opportunity.Field("FiscalYear").compute = closes(func(day time.Time) any { return day.Year() })
	opportunity.Field("FiscalQuarter").compute = closes(func(day time.Time) any { return quarter(day) })
	opportunity.Field("Fiscal").compute = closes(func(day time.Time) any {
		return fmt.Sprintf("%d %d", day.Year(), quarter(day))
	})
}

// firstCase precedes the number of the org's first Case (unverified).
const firstCase = 1000

// prepareCase numbers a new Case, closes it by its status, and takes the Account of its Contact
// (Object Reference, Case).
func prepareCase(d *DB, s *Save) []*wire.RowError {
	if s.after["CaseNumber"] == nil {
		d.cases++
		s.after["CaseNumber"] = fmt.Sprintf("%08d", firstCase+d.cases-1)
	}
	contactChanged := s.given["ContactId"] != nil && (s.Row == nil || s.Row.Get("ContactId") != s.after["ContactId"])
	if contact := d.Find(wire.TextOf(s.after["ContactId"])); contact != nil && contactChanged &&
		s.after["AccountId"] == nil && contact.Get("AccountId") != nil {
		s.after["AccountId"] = contact.Get("AccountId")
	}
	closed := slices.Contains(s.Obj.Field("Status").closed(), wire.TextOf(s.after["Status"]))
	s.after["IsClosed"] = closed
	switch {
	case !closed:
		delete(s.after, "ClosedDate")
	case s.after["ClosedDate"] == nil:
		s.after["ClosedDate"] = d.SaveTime()
	}
	return nil
}

// computeCase defines the fields that a Case has of its Contact.
func (d *DB) computeCase() {
	cases := d.object("Case")
	for name, from := range map[string]string{
		"ContactPhone": "Phone", "ContactMobile": "MobilePhone", "ContactEmail": "Email", "ContactFax": "Fax",
	} {
		cases.Field(name).compute = func(d *DB, r *Row) any {
			if contact := d.Find(r.Text("ContactId")); contact != nil {
				return contact.Get(from)
			}
			return nil
		}
	}
}

// campaignSaved creates the two statuses of a new campaign
// (docs/salesforce.md, Campaign members).
func campaignSaved(d *DB, r *Row, created bool) {
	if !created {
		return
	}
	d.seed("CampaignMemberStatus",
		map[string]any{"CampaignId": r.ID, "Label": "Sent", "SortOrder": 3, "IsDefault": true, "HasResponded": false})
	d.seed("CampaignMemberStatus",
		map[string]any{
			"CampaignId": r.ID, "Label": "Responded", "SortOrder": 4, "IsDefault": false,
			"HasResponded": true,
		})
}

// computeFields defines the fields that are computed when they are read.
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
	d.computeOpportunity()
	d.computeCase()
	campaign := d.object("Campaign")
	campaign.Field("NumberOfLeads").compute = countMembers(func(m *Row) bool { return m.Get("ContactId") == nil })
	campaign.Field("NumberOfContacts").compute = countMembers(func(m *Row) bool { return m.Get("ContactId") != nil })
	campaign.Field("NumberOfResponses").compute = countMembers(func(m *Row) bool {
		return m.Get("HasResponded") == true
	})
	for _, obj := range d.objects {
		for f := range obj.indexes {
			if f.compute != nil {
				delete(obj.indexes, f) // nothing is stored to be found there
			}
		}
	}
}

// compoundAddress returns a function that computes an address as one object, null if all of it
// is.
func compoundAddress(prefix string) func(*DB, *Row) any {
	return func(d *DB, r *Row) any {
		address, empty := wire.Object{}, true
		for _, part := range strings.Fields(
			"City Country CountryCode GeocodeAccuracy Latitude Longitude PostalCode State StateCode Street",
		) {
			if r.Obj.Field(prefix+part) == nil {
				continue // there are codes only with State and Country picklists
			}
			v := r.Get(prefix + part)
			empty = empty && v == nil
			address.Add(strings.ToLower(part[:1])+part[1:], v)
		}
		if empty {
			return nil
		}
		return address
	}
}

// NewTables returns a database of objects, with their key prefixes by name, that have no more
// than the fields of their tables: no rules, and rows that come by Define. It makes no id of
// theirs.
func NewTables(opts Options, prefixes map[string]string) *DB {
	d := &DB{opts: opts, objects: map[string]*Object{}, prefixes: map[string]*Object{}, durable: true}
	lacking := readLacking()
	for name, prefix := range prefixes {
		obj := &Object{Name: name, Label: name, Plural: name, Prefix: prefix, Readable: true, lacking: lacking[name]}
		d.addObject(obj, readTable(name))
		obj.nameChildren()
	}
	return d
}

// New makes a database with the standard objects and the rows that every org has.
func New(opts Options) *DB {
	d := &DB{
		opts:     opts,
		objects:  map[string]*Object{},
		prefixes: map[string]*Object{},
		Serial:   uint64(opts.Number) * idsPerOrg,
		hooks: rowHooks{
			onRow:    map[string][]func(string, map[string]any) *wire.RowError{},
			onBatch:  map[string]func(int) *wire.RowError{},
			assignTo: map[string]string{},
		},
	}
	d.loadStandardObjects()
	d.definePersonAccounts()
	d.defineCountries()
	d.seedStandardRows()
	return d
}

// SPDX-License-Identifier: Apache-2.0

package check

import (
	"fmt"
	"strings"

	"github.com/leadsync/leadsync/internal/address"
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/preflight"
	"github.com/leadsync/leadsync/salesforce"
)

// Places in Setup (docs/salesforce.md, Setup).
const (
	setupPermissionSets = "Setup > Permission Sets"
	setupUsers          = "Setup > Users"
	setupLeadAssignment = "Setup > Lead Assignment Rules"
)

// docOf returns where in Salesforce's Setup to look for what a finding is about, "" where
// only the settings, or the host, can change it.
func (c *checker) docOf(f *preflight.Finding) string {
	switch f.Object {
	case "":
		return ""
	case salesforce.ObjectUser:
		if f.Code == leadtype.ConnectionPermission {
			return setupPermissionSets
		}
		return setupUsers
	case value.ObjectGroup:
		return "Setup > Queues"
	case salesforce.ObjectCampaign:
		return "the tab Campaigns"
	case salesforce.ObjectAssignmentRule:
		return setupLeadAssignment
	case salesforce.ObjectDuplicateRule:
		return "Setup > Duplicate Rules"
	case salesforce.ObjectLeadStatus:
		return fieldsPage(salesforce.ObjectLead, "Status") + " > Lead Status"
	case salesforce.ObjectCampaignMemberStatus:
		return "the campaign's related list Campaign Member Statuses"
	}
	if c.Session.Unread[f.Object] != nil {
		return setupPermissionSets
	}
	return c.docOfObject(f)
}

// docOfObject is docOf for an object that a sync writes.
func (c *checker) docOfObject(f *preflight.Finding) string {
	object := "Setup > Object Manager > " + labelOf(f.Object)
	field, sees := c.fieldOf(f.Object, f.Field)
	switch {
	case f.Code == leadtype.CampaignStatus:
		return "the campaign's related list Campaign Member Statuses"
	case f.Code == leadtype.ConnectionPermission && (!sees || !field.Calculated && !field.AutoNumber):
		return setupPermissionSets
	case strings.EqualFold(f.Field, value.RecordTypeField):
		return object + " > Record Types"
	case sees && c.isCountryPicklist(f.Object, field):
		return "Setup > State and Country/Territory Picklists"
	case f.Field == "" && f.Code == leadtype.DuplicateRecord:
		return "Setup > Duplicate Rules"
	case f.Field == "":
		return object
	case sees:
		return fmt.Sprintf("%s > %s", fieldsPage(f.Object, field.Name), field.Name)
	}
	return fieldsPage(f.Object, f.Field)
}

// fieldOf returns a field as the connected user sees it, false for one that is hidden.
func (c *checker) fieldOf(object salesforce.Object, name string) (*salesforce.Field, bool) {
	describe := c.Session.Describe(object)
	if describe == nil || name == "" {
		return nil, false
	}
	return describe.Field(name)
}

// isCountryPicklist reports whether a field is one of State and Country/Territory Picklists.
func (c *checker) isCountryPicklist(object salesforce.Object, field *salesforce.Field) bool {
	at, ok := address.Described(object, field)
	if !ok || !at.Part.Coded() {
		return false
	}
	_, on := address.PicklistsOf(c.Session.Describe(object), at)
	return on
}

// fieldsPage is where a field of an object is. Custom fields of Tasks are those of Activity.
func fieldsPage(object salesforce.Object, field string) string {
	page := labelOf(object)
	if object.Equal(salesforce.ObjectTask) && strings.HasSuffix(strings.ToLower(field), "__c") {
		page = "Activity"
	}
	return fmt.Sprintf("Setup > Object Manager > %s > Fields & Relationships", page)
}

// labelOf returns the name of an object in the Object Manager, for a custom object its API
// name, which is shown beside the label.
func labelOf(object salesforce.Object) string {
	if object.Equal(salesforce.ObjectCampaignMember) {
		return "Campaign Member"
	}
	return string(object)
}

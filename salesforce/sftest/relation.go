package sftest

import (
	"fmt"
	"slices"
	"strings"
)

// standardChildren are the names by which parents know the rows that point at
// them (Object Reference). With a * the rows are deleted with their parent.
func standardChildren() map[string]string {
	return map[string]string{
		"Account.ParentId":                        "ChildAccounts",
		"Campaign.ParentId":                       "ChildCampaigns",
		"CampaignMember.CampaignId":               "CampaignMembers*",
		"CampaignMember.ContactId":                "CampaignMembers*",
		"CampaignMember.LeadId":                   "CampaignMembers*",
		"CampaignMemberStatus.CampaignId":         "CampaignMemberStatuses*",
		"Contact.AccountId":                       "Contacts*",
		"Event.WhatId":                            "Events*",
		"Event.WhoId":                             "Events*",
		"Opportunity.AccountId":                   "Opportunities*",
		"Opportunity.CampaignId":                  "Opportunities",
		"Opportunity.ContactId":                   "Opportunities",
		"OpportunityContactRole.ContactId":        "OpportunityContactRoles*",
		"OpportunityContactRole.OpportunityId":    "OpportunityContactRoles*",
		"PermissionSetAssignment.AssigneeId":      "PermissionSetAssignments",
		"PermissionSetAssignment.PermissionSetId": "Assignments*",
		"Task.WhatId":                             "Tasks*",
		"Task.WhoId":                              "Tasks*",
	}
}

// nameChildren gives the references of a standard object the names by which
// their parents know them.
func (obj *object) nameChildren() {
	names := standardChildren()
	for _, f := range obj.fields {
		f.ChildRelationship, f.cascade = strings.CutSuffix(names[obj.name+"."+f.Name], "*")
	}
}

// nameChild gives a custom reference the name that Salesforce suggests, the
// plural label, where the test gives none; with a number where the parent has
// children of that name already.
func (o *Org) nameChild(obj *object, f *field) {
	if f.Type != "reference" || f.ChildRelationship != "" || !f.custom {
		return
	}
	plural := strings.ReplaceAll(obj.plural, " ", "_")
	f.ChildRelationship = plural + "__r"
	for n := 1; o.childTaken(obj, f); n++ {
		f.ChildRelationship = fmt.Sprintf("%s%d__r", plural, n)
	}
}

func (o *Org) childTaken(obj *object, f *field) bool {
	for _, name := range f.ReferenceTo {
		parent := o.objects[strings.ToLower(name)]
		if parent == nil {
			continue
		}
		for _, c := range o.childrenOf(parent) {
			if strings.EqualFold(c.field.ChildRelationship, f.ChildRelationship) && (c.obj != obj || !strings.EqualFold(c.field.Name, f.Name)) {
				return true
			}
		}
	}
	return false
}

// A childField is a reference that may point at rows of a parent.
type childField struct {
	obj   *object
	field *field
}

func (o *Org) childrenOf(parent *object) []childField {
	var list []childField
	for _, obj := range o.inOrder() {
		for _, f := range obj.fields {
			if f.Type == "reference" && f.refersTo(parent.name) {
				list = append(list, childField{obj, f})
			}
		}
	}
	return list
}

// stored says whether rows hold the reference, which is not so of one that is
// worked out from others.
func (c childField) stored() bool { return c.field.compute == nil }

// childrenToDelete is what goes with a deleted row, such as the Contacts of an
// Account, and a person's memberships and activities (Object Reference; memory
// for activities).
func (o *Org) childrenToDelete(r *row) []*row {
	var rows []*row
	for _, c := range o.childrenOf(r.obj) {
		if !c.field.cascade || !c.stored() {
			continue
		}
		for _, candidate := range c.obj.lookup(c.field, r.id) {
			// The member of a converted Lead lives on with the Contact.
			if c.field.Name != "LeadId" || candidate.values["ContactId"] == nil {
				rows = append(rows, candidate)
			}
		}
	}
	return rows
}

// moveChildren points what refers to a row at another one, as a merge does. A
// membership that the other one already has stays, and goes with its row. What a
// converted Lead became stays too: its Contact may be merged later without the
// Lead's knowing (SALESFORCE.md 7, Converted leads).
func (o *Org) moveChildren(from, to *row) {
	for _, c := range o.childrenOf(from.obj) {
		if !c.stored() || c.field.Name == "MasterRecordId" || strings.HasPrefix(c.field.Name, "Converted") {
			continue
		}
		for _, r := range c.obj.lookup(c.field, from.id) {
			has := func(other *row) bool { return other.values["CampaignId"] == r.values["CampaignId"] }
			if c.obj.name == "CampaignMember" && slices.ContainsFunc(c.obj.lookup(c.field, to.id), has) {
				continue
			}
			o.change(r, map[string]any{c.field.Name: to.id})
		}
	}
}

// describeChildren is childRelationships of a describe: every reference that the
// user sees, also those that have no name for SOQL.
func (o *Org) describeChildren(parent *object) []any {
	list := []any{}
	for _, c := range o.childrenOf(parent) {
		if c.field.hidden || !c.obj.readable {
			continue
		}
		list = append(list, jsonObject{
			{name: "cascadeDelete", value: c.field.cascade}, {name: "childSObject", value: c.obj.name},
			{name: "deprecatedAndHidden", value: false}, {name: "field", value: c.field.Name},
			{name: "junctionIdListNames", value: []any{}}, {name: "junctionReferenceTo", value: []any{}},
			{name: "relationshipName", value: orNull(c.field.ChildRelationship)}, {name: "restrictedDelete", value: false},
		})
	}
	return list
}

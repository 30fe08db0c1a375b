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
func (d *database) nameChild(obj *object, f *field) {
	if f.Type != "reference" || f.ChildRelationship != "" || !f.custom {
		return
	}
	plural := strings.ReplaceAll(obj.plural, " ", "_")
	f.ChildRelationship = plural + "__r"
	for n := 1; d.childTaken(obj, f); n++ {
		f.ChildRelationship = fmt.Sprintf("%s%d__r", plural, n)
	}
}

func (d *database) childTaken(obj *object, f *field) bool {
	for _, name := range f.ReferenceTo {
		parent := d.named(name)
		if parent == nil {
			continue
		}
		for _, c := range d.childrenOf(parent) {
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

func (d *database) childrenOf(parent *object) []childField {
	var list []childField
	for _, obj := range d.inOrder() {
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

// follows says whether the reference concerns a row that is merged or deleted. It
// does not when it is a trace of what happened: what a converted Lead became stays,
// since its Contact may be merged or deleted later without the Lead's knowing
// (SALESFORCE.md 7, Converted leads).
func (c childField) follows() bool {
	return c.stored() && c.field.Name != "MasterRecordId" && !strings.HasPrefix(c.field.Name, "Converted")
}

// keeps says whether rows that point at a parent keep it from being deleted: a
// lookup that must be given cannot be cleared (Salesforce Help, Considerations for
// Relationships).
func (c childField) keeps() bool { return c.field.custom && !c.field.nillable && !c.field.cascade }

// heldBy refuses to delete a row that others need, or that takes such a row along
// (code and text from memory).
func (d *database) heldBy(r *row) *rowError {
	for _, c := range d.childrenOf(r.obj) {
		if held := c.obj.lookup(c.field, r.id); c.keeps() && len(held) > 0 {
			return rowErr("DELETE_FAILED", fmt.Sprintf("Your attempt to delete %s could not be completed because it is associated with the following %s.: %s",
				r.text("Name"), strings.ToLower(c.obj.plural), held[0].text("Name")))
		}
	}
	for _, child := range d.childrenToDelete(r) {
		if err := d.heldBy(child); err != nil {
			return err
		}
	}
	return nil
}

// A clearedLookup is a reference that was emptied since its parent was deleted.
type clearedLookup struct {
	row   *row
	field string
}

// clearLookups empties the references at a deleted row which do not delete theirs
// with it, and keeps them for Undelete.
func (d *database) clearLookups(r *row) {
	r.cleared = nil
	for _, c := range d.childrenOf(r.obj) {
		if !c.follows() || c.field.cascade || !c.field.nillable {
			continue
		}
		for _, child := range c.obj.lookup(c.field, r.id) {
			d.change(child, map[string]any{c.field.Name: nil})
			r.cleared = append(r.cleared, clearedLookup{child, c.field.Name})
		}
	}
}

// restoreLookups fills the references again that no one has filled since (Apex
// reference, undelete).
func (d *database) restoreLookups(r *row) {
	for _, c := range r.cleared {
		if c.row.values[c.field] == nil {
			d.change(c.row, map[string]any{c.field: r.id})
		}
	}
}

// childrenToDelete is what goes with a deleted row, such as the Contacts of an
// Account, and a person's memberships and activities (Object Reference; memory
// for activities).
func (d *database) childrenToDelete(r *row) []*row {
	var rows []*row
	for _, c := range d.childrenOf(r.obj) {
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
// membership that the other one already has stays, and goes with its row.
func (d *database) moveChildren(from, to *row) {
	for _, c := range d.childrenOf(from.obj) {
		if !c.follows() {
			continue
		}
		for _, r := range c.obj.lookup(c.field, from.id) {
			has := func(other *row) bool { return other.values["CampaignId"] == r.values["CampaignId"] }
			if c.obj.name == "CampaignMember" && slices.ContainsFunc(c.obj.lookup(c.field, to.id), has) {
				continue
			}
			d.change(r, map[string]any{c.field.Name: to.id})
		}
	}
}

// children finds the object and the reference that a relationship to children
// stands for.
func (d *database) children(parent *object, relationship string) (*object, *field, string) {
	for _, obj := range d.inOrder() {
		for _, f := range obj.fields {
			if f.hidden || f.ChildRelationship == "" || !f.refersTo(parent.name) {
				continue
			}
			if strings.EqualFold(f.ChildRelationship, relationship) {
				return obj, f, f.ChildRelationship
			}
		}
	}
	return nil, nil, ""
}

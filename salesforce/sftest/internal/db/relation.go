package db

import (
	"fmt"
	"slices"
	"strings"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/wire"
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
func (obj *Object) nameChildren() {
	names := standardChildren()
	for _, f := range obj.Fields {
		f.ChildRelationship, f.Cascade = strings.CutSuffix(names[obj.Name+"."+f.Name], "*")
	}
}

// nameChild gives a custom reference the name that Salesforce suggests, the
// plural label, where the test gives none; with a number where the parent has
// children of that name already.
func (d *DB) nameChild(obj *Object, f *Field) {
	if f.Type != "reference" || f.ChildRelationship != "" || !f.Custom {
		return
	}
	plural := strings.ReplaceAll(obj.Plural, " ", "_")
	f.ChildRelationship = plural + "__r"
	for n := 1; d.childTaken(obj, f); n++ {
		f.ChildRelationship = fmt.Sprintf("%s%d__r", plural, n)
	}
}

func (d *DB) childTaken(obj *Object, f *Field) bool {
	for _, name := range f.ReferenceTo {
		parent := d.Named(name)
		if parent == nil {
			continue
		}
		for _, c := range d.ChildrenOf(parent) {
			if strings.EqualFold(c.Field.ChildRelationship, f.ChildRelationship) &&
				(c.Obj != obj || !strings.EqualFold(c.Field.Name, f.Name)) {
				return true
			}
		}
	}
	return false
}

// A childField is a reference that may point at rows of a parent.
type childField struct {
	Obj   *Object
	Field *Field
}

// ChildrenOf returns the references that may point at rows of the parent.
func (d *DB) ChildrenOf(parent *Object) []childField {
	var list []childField
	for _, obj := range d.InOrder() {
		for _, f := range obj.Fields {
			if f.Type == "reference" && f.RefersTo(parent.Name) {
				list = append(list, childField{obj, f})
			}
		}
	}
	return list
}

// stored says whether rows hold the reference, which is not so of one that is
// worked out from others.
func (c childField) stored() bool { return c.Field.compute == nil }

// follows says whether the reference concerns a row that is merged or deleted. It
// does not when it is a trace of what happened: what a converted Lead became stays,
// since its Contact may be merged or deleted later without the Lead's knowing
// (SALESFORCE.md 7, Converted leads).
func (c childField) follows() bool {
	return c.stored() && c.Field.Name != "MasterRecordId" && !strings.HasPrefix(c.Field.Name, "Converted")
}

// Keeps says whether rows that point at a parent keep it from being deleted: a
// lookup that must be given cannot be cleared (Salesforce Help, Considerations for
// Relationships).
func (c childField) Keeps() bool { return c.Field.Custom && !c.Field.Nillable && !c.Field.Cascade }

// heldBy refuses to delete a row that others need, or that takes such a row along
// (code and text from memory).
func (d *DB) heldBy(r *Row) *wire.RowError {
	for _, c := range d.ChildrenOf(r.Obj) {
		if held := c.Obj.lookup(c.Field, r.ID); c.Keeps() && len(held) > 0 {
			return wire.NewRowError("DELETE_FAILED",
				fmt.Sprintf("Your attempt to delete %s could not be completed because it is associated with"+
					" the following %s.: %s",
					r.Text("Name"), strings.ToLower(c.Obj.Plural), held[0].Text("Name")))
		}
	}
	for _, child := range d.childrenToDelete(r) {
		if err := d.heldBy(child); err != nil {
			return err
		}
	}
	return nil
}

// clearLookups empties the references at a deleted row which do not delete theirs
// with it, and keeps them for Undelete.
func (d *DB) clearLookups(r *Row) {
	r.cleared = nil
	for _, c := range d.ChildrenOf(r.Obj) {
		if !c.follows() || c.Field.Cascade || !c.Field.Nillable {
			continue
		}
		for _, child := range c.Obj.lookup(c.Field, r.ID) {
			d.Change(child, map[string]any{c.Field.Name: nil})
			r.cleared = append(r.cleared, clearedLookup{child, c.Field.Name})
		}
	}
}

// restoreLookups fills the references again that no one has filled since (Apex
// reference, undelete).
func (d *DB) restoreLookups(r *Row) {
	for _, c := range r.cleared {
		if c.row.Values[c.field] == nil {
			d.Change(c.row, map[string]any{c.field: r.ID})
		}
	}
}

// childrenToDelete is what goes with a deleted row, such as the Contacts of an
// Account, and a person's memberships and activities (Object Reference; memory
// for activities).
func (d *DB) childrenToDelete(r *Row) []*Row {
	var rows []*Row
	for _, c := range d.ChildrenOf(r.Obj) {
		if !c.Field.Cascade || !c.stored() {
			continue
		}
		for _, candidate := range c.Obj.lookup(c.Field, r.ID) {
			// The member of a converted Lead lives on with the Contact.
			if c.Field.Name != "LeadId" || candidate.Values["ContactId"] == nil {
				rows = append(rows, candidate)
			}
		}
	}
	return rows
}

// moveChildren points what refers to a row at another one, as a merge does. A
// membership that the other one already has stays, and goes with its row.
func (d *DB) moveChildren(from, to *Row) {
	for _, c := range d.ChildrenOf(from.Obj) {
		if !c.follows() {
			continue
		}
		for _, r := range c.Obj.lookup(c.Field, from.ID) {
			has := func(other *Row) bool { return other.Values["CampaignId"] == r.Values["CampaignId"] }
			if c.Obj.Name == "CampaignMember" && slices.ContainsFunc(c.Obj.lookup(c.Field, to.ID), has) {
				continue
			}
			d.Change(r, map[string]any{c.Field.Name: to.ID})
		}
	}
}

// Children finds the object and the reference that a relationship to children
// stands for.
func (d *DB) Children(parent *Object, relationship string) (*Object, *Field, string) {
	for _, obj := range d.InOrder() {
		for _, f := range obj.Fields {
			if f.Hidden || f.ChildRelationship == "" || !f.RefersTo(parent.Name) {
				continue
			}
			if strings.EqualFold(f.ChildRelationship, relationship) {
				return obj, f, f.ChildRelationship
			}
		}
	}
	return nil, nil, ""
}

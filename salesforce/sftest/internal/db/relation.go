// SPDX-License-Identifier: Apache-2.0

package db

import (
	"fmt"
	"slices"
	"strings"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/wire"
)

// standardChildren returns the child relationships of the standard objects (Object Reference).
// With a * the rows are deleted with their parent.
func standardChildren() map[string]string {
	return map[string]string{
		"Account.ParentId":                        "ChildAccounts",
		"Campaign.ParentId":                       "ChildCampaigns",
		"CampaignMember.CampaignId":               "CampaignMembers*",
		"CampaignMember.ContactId":                "CampaignMembers*",
		"CampaignMember.LeadId":                   "CampaignMembers*",
		"CampaignMemberStatus.CampaignId":         "CampaignMemberStatuses*",
		"Case.AccountId":                          "Cases",
		"Case.ContactId":                          "Cases",
		"Case.ParentId":                           "Cases",
		"Contact.AccountId":                       "Contacts*",
		"Contact.IndividualId":                    "Contacts",
		"ContentDocumentLink.ContentDocumentId":   "ContentDocumentLinks*",
		"ContentDocumentLink.LinkedEntityId":      "ContentDocumentLinks*",
		"ContentVersion.ContentDocumentId":        "ContentVersions*",
		"Event.WhatId":                            "Events*",
		"Event.WhoId":                             "Events*",
		"FieldDefinition.EntityDefinitionId":      "Fields",
		"Lead.IndividualId":                       "Leads",
		"Opportunity.AccountId":                   "Opportunities*",
		"Opportunity.CampaignId":                  "Opportunities",
		"Opportunity.ContactId":                   "Opportunities",
		"OpportunityContactRole.ContactId":        "OpportunityContactRoles*",
		"OpportunityContactRole.OpportunityId":    "OpportunityContactRoles*",
		"PermissionSetAssignment.AssigneeId":      "PermissionSetAssignments",
		"PermissionSetAssignment.PermissionSetId": "Assignments*",
		"Task.WhatId":                             "Tasks*",
		"Task.WhoId":                              "Tasks*",
		"ValidationRule.EntityDefinitionId":       "ValidationRules",
		"User.ProfileId":                          "Users",
		"User.UserRoleId":                         "Users",
	}
}

// nameChildren sets the child relationships of a standard object.
func (o *Object) nameChildren() {
	names := standardChildren()
	for _, f := range o.Fields {
		f.ChildRelationship, f.Cascade = strings.CutSuffix(names[o.Name+"."+f.Name], "*")
	}
}

// nameChild sets the child relationship of a custom reference if the test does not: the plural
// label, as Salesforce suggests, with a number if the parent already has a relationship of
// that name.
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

// stored reports whether rows hold the reference rather than compute it.
func (c childField) stored() bool { return c.Field.compute == nil }

// follows reports whether the reference changes when its row is merged or deleted. A record of
// the past does not: a converted Lead keeps its Contact even if that is merged or deleted
// later (docs/salesforce.md, Records).
func (c childField) follows() bool {
	return c.stored() && c.Field.Name != "MasterRecordId" && c.Field.Name != "PersonContactId" &&
		!strings.HasPrefix(c.Field.Name, "Converted")
}

// Keeps reports whether rows that point to a parent prevent its deletion: a required lookup
// cannot be cleared (Salesforce Help, Considerations for Relationships), and an Account or a
// Contact with Cases stays (docs/salesforce.md, Describe).
func (c childField) Keeps() bool {
	if c.Obj.Name == "Case" {
		return c.Field.Name == "AccountId" || c.Field.Name == "ContactId"
	}
	return c.Field.Custom && !c.Field.Nillable && !c.Field.Cascade
}

// heldBy refuses to delete a row that others require, directly or through the rows deleted
// with it (code and text unverified).
func (d *DB) heldBy(r *Row) *wire.RowError {
	for _, c := range d.ChildrenOf(r.Obj) {
		if held := c.Obj.lookup(c.Field, r.ID); c.Keeps() && len(held) > 0 {
			return wire.NewRowError("DELETE_FAILED",
				fmt.Sprintf("Your attempt to delete %s could not be completed because it is associated with"+
					" the following %s.: %s",
					r.Text("Name"), strings.ToLower(c.Obj.Plural), held[0].Text(c.Obj.NameField().Name)))
		}
	}
	for _, child := range d.childrenToDelete(r) {
		if err := d.heldBy(child); err != nil {
			return err
		}
	}
	return nil
}

// clearLookups clears the references to a deleted row that do not delete their own, and
// remembers them for Undelete.
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

// restoreLookups restores the references that are still empty (Apex reference, undelete).
func (d *DB) restoreLookups(r *Row) {
	for _, c := range r.cleared {
		if c.row.Get(c.field) == nil {
			d.Change(c.row, map[string]any{c.field: r.ID})
		}
	}
}

// childrenToDelete returns the rows deleted with a row, such as the Contacts of an Account,
// and a person's memberships and activities (Object Reference; unverified for activities).
func (d *DB) childrenToDelete(r *Row) []*Row {
	var rows []*Row
	for _, c := range d.ChildrenOf(r.Obj) {
		if !c.Field.Cascade || !c.stored() {
			continue
		}
		for _, candidate := range c.Obj.lookup(c.Field, r.ID) {
			// The membership of a converted Lead stays with the Contact.
			if c.Field.Name != "LeadId" || candidate.Get("ContactId") == nil {
				rows = append(rows, candidate)
			}
		}
	}
	return rows
}

// moveChildren moves the references to a row to another one, as a merge does. A membership or
// a file that the other one already has stays, and is deleted with its row.
func (d *DB) moveChildren(from, to *Row) {
	once := map[string]string{"CampaignMember": "CampaignId", "ContentDocumentLink": "ContentDocumentId"}
	for _, c := range d.ChildrenOf(from.Obj) {
		if !c.follows() {
			continue
		}
		for _, r := range c.Obj.lookup(c.Field, from.ID) {
			other := once[c.Obj.Name]
			has := func(row *Row) bool { return row.Get(other) == r.Get(other) }
			if other != "" && slices.ContainsFunc(c.Obj.lookup(c.Field, to.ID), has) {
				continue
			}
			d.Change(r, map[string]any{c.Field.Name: to.ID})
		}
	}
}

// Children finds the object and the reference of a child relationship.
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

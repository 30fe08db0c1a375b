// SPDX-License-Identifier: Apache-2.0

package undo

import (
	"slices"
	"strings"

	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
)

// A link is a field by which a record refers to another, its parent.
type link struct {
	object salesforce.Object
	field  string
	parent leadtype.PartKind
	to     salesforce.Object // the parent's, of PartCustom
}

// mayRefer reports whether the link may refer to a record.
func (l *link) mayRefer(t *record) bool {
	return t.Kind == l.parent && (l.to == "" || l.to.Equal(t.Object))
}

// links are those that keep a parent from being deleted.
func (r *reverting) links() []link {
	links := []link{
		{salesforce.ObjectTask, "WhoId", leadtype.PartPerson, ""},
		{salesforce.ObjectTask, "WhatId", leadtype.PartAccount, ""},
		{salesforce.ObjectCampaignMember, "LeadId", leadtype.PartPerson, ""},
		{salesforce.ObjectCampaignMember, "ContactId", leadtype.PartPerson, ""},
		{salesforce.ObjectContact, "AccountId", leadtype.PartAccount, ""},
	}
	for _, section := range r.Set.CustomSections() {
		for _, lookup := range section.Lookups {
			own := link{section.Object, lookup.Field, leadtype.PartPerson, ""}
			switch to := salesforce.Object(lookup.To); {
			case to.Equal(salesforce.ObjectAccount):
				own.parent = leadtype.PartAccount
			case value.IsCustom(to) && !to.Equal(salesforce.Object(mapping.ToPerson)):
				own.parent, own.to = leadtype.PartCustom, to
			}
			links = append(links, own)
		}
	}
	return links
}

// freed reports whether a record that referred to another is deleted, or no longer
// refers to it once its fields are restored.
func (r *reverting) freed(child *salesforce.Record, parent *record) bool {
	own := r.byID[child.ID]
	if own == nil || own.deletes {
		return own != nil
	}
	for _, link := range r.links() {
		refers := link.object.Equal(child.Object) && parent.ID.Equal(salesforce.ID(child.Text(link.field)))
		restored := func(f leadtype.FieldChange) bool { return strings.EqualFold(f.Field, link.field) }
		if refers && !slices.ContainsFunc(own.Fields, restored) {
			return false
		}
	}
	return true
}

// level is when a record is deleted: what others refer to, later. Tasks, members
// and objects that nothing refers to come first, accounts last.
func (r *reverting) level(t *record) int {
	switch t.Kind {
	case leadtype.PartPerson:
		return r.levels() - 2
	case leadtype.PartAccount:
		return r.levels() - 1
	case leadtype.PartCustom:
		return r.height(t.Object)
	}
	return 0
}

// levels is how many levels of records are deleted one after the other.
func (r *reverting) levels() int {
	levels := 1
	for _, section := range r.Set.CustomSections() {
		levels = max(levels, r.height(section.Object)+1)
	}
	return levels + 2 // people, accounts
}

// height is how long a chain of lookups leads to a section.
func (r *reverting) height(o salesforce.Object) int {
	height := 0
	for _, section := range r.Set.CustomSections() {
		for _, lookup := range section.Lookups {
			if o.Equal(salesforce.Object(lookup.To)) {
				height = max(height, r.height(section.Object)+1)
			}
		}
	}
	return height
}

// paths are the keys of the records that the run made fields of an object refer to,
// where they can still be read.
func (r *reverting) paths(object salesforce.Object, describe *salesforce.Describe) []string {
	paths := make(value.Set)
	for _, t := range r.records {
		if !t.Object.Equal(object) {
			continue
		}
		for _, change := range t.changes {
			field, ok := describe.Field(change.Field)
			if ok && r.Set.ReadsKey(field, change.By, r.session.Describe) {
				paths.Add(change.By)
			}
		}
	}
	return paths.Sorted()
}

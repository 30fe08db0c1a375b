package leadsync

import (
	"slices"
	"strings"

	"github.com/leadsync/leadsync/salesforce"
)

// A link is a field that hangs a record on another.
type link struct {
	object salesforce.Object
	field  string
	parent PartKind
	to     salesforce.Object // the parent's, of PartCustom
}

func (l *link) hangsOn(t *touched) bool {
	return t.Kind == l.parent && (l.to == "" || l.to.Equal(t.Object))
}

// links are those that a Revert minds before it deletes a parent.
func (r *reverting) links() []link {
	links := []link{
		{salesforce.ObjectTask, "WhoId", PartPerson, ""},
		{salesforce.ObjectTask, "WhatId", PartAccount, ""},
		{salesforce.ObjectCampaignMember, "LeadId", PartPerson, ""},
		{salesforce.ObjectCampaignMember, "ContactId", PartPerson, ""},
		{salesforce.ObjectContact, "AccountId", PartAccount, ""},
	}
	for _, section := range r.s.set.customObjects() {
		for _, lookup := range section.Lookups {
			hangs := link{section.Object, lookup.Field, PartPerson, ""}
			switch to := salesforce.Object(lookup.To); {
			case to.Equal(salesforce.ObjectAccount):
				hangs.parent = PartAccount
			case isCustom(to) && !to.Equal(salesforce.Object(ToPerson)):
				hangs.parent, hangs.to = PartCustom, to
			}
			links = append(links, hangs)
		}
	}
	return links
}

// freed reports whether a record that hung on another is deleted, or hangs on it
// no more once the run's own change is taken back.
func (r *reverting) freed(child *salesforce.Record, parent *touched) bool {
	own := r.byID[child.ID]
	if own == nil || own.doomed {
		return own != nil
	}
	for _, link := range r.links() {
		hangs := link.object.Equal(child.Object) && parent.ID.Equal(salesforce.ID(child.Text(link.field)))
		if hangs && !slices.ContainsFunc(own.Fields, func(f FieldChange) bool { return strings.EqualFold(f.Field, link.field) }) {
			return false
		}
	}
	return true
}

// level is when a record is deleted: what others hang on, later. Tasks, members
// and objects that nothing refers to come first, accounts last.
func (r *reverting) level(t *touched) int {
	switch t.Kind {
	case PartPerson:
		return r.levels() - 2
	case PartAccount:
		return r.levels() - 1
	case PartCustom:
		return r.height(t.Object)
	}
	return 0
}

// levels is how many levels of records are deleted one after the other.
func (r *reverting) levels() int {
	levels := 1
	for _, section := range r.s.set.customObjects() {
		levels = max(levels, r.height(section.Object)+1)
	}
	return levels + 2 // people, accounts
}

// height is how long a chain of lookups leads to a section.
func (r *reverting) height(o salesforce.Object) int {
	height := 0
	for _, section := range r.s.set.customObjects() {
		for _, lookup := range section.Lookups {
			if o.Equal(salesforce.Object(lookup.To)) {
				height = max(height, r.height(section.Object)+1)
			}
		}
	}
	return height
}

// paths are the keys of what the run made fields of an object refer to, as far as
// they can still be read.
func (r *reverting) paths(object salesforce.Object, describe *salesforce.Describe) []string {
	paths := make(set)
	for _, t := range r.records {
		for _, span := range t.spans {
			field, ok := describe.Field(span.Field)
			_, key, named := strings.Cut(span.By, ".")
			if !ok || !named || !t.Object.Equal(object) || len(field.ReferenceTo) == 0 {
				continue
			}
			rule := Rule{By: string(field.ReferenceTo[0]) + "." + key}
			if _, err := rule.otherKey(field, r.sch.describe); err == nil {
				paths.add(span.By)
			}
		}
	}
	return paths.sorted()
}

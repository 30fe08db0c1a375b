// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"fmt"
	"maps"
	"slices"

	"github.com/leadsync/leadsync/internal/match"
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
)

// A customRecord is a record of another object: of one lead, or of several with
// the same key.
type customRecord struct {
	section  *mapping.Section
	describe *salesforce.Describe
	key      *salesforce.Field
	value    string
	sharers  []sharer
	record   *salesforce.Record // nil: create one
	change   int
	want     salesforce.Fields
	refs     map[string]int // changes whose records fields refer to, by field
	held     *heldRecord    // what is known of the record's values
}

// A sharer is a lead whose record it is.
type sharer struct {
	match  *match.Match
	plan   *leadtype.LeadPlan
	person *person
	digest string // see leadtype.Part
}

// A leadObject names the record of an object that a lead has.
type leadObject struct {
	object salesforce.Object // folded
	lead   leadtype.LeadID
}

// An objectPlanning plans the records of other objects of a batch.
type objectPlanning struct {
	*planning
	custom          map[leadObject]*customRecord // of the leads that have one; nil where it failed
	missing, locked mapping.Policy               // for lookups
}

// planObjects plans the records of other objects, each after those that it refers to.
func (p *planning) planObjects(matches []*match.Match, people []*person) {
	sections := p.Set.CustomSections()
	if len(sections) == 0 {
		return
	}
	byLead := make(map[leadtype.LeadID]*person)
	for _, u := range people {
		for _, lead := range u.plans {
			byLead[lead.LeadID] = u
		}
	}
	objects := &objectPlanning{planning: p, custom: make(map[leadObject]*customRecord)}
	objects.missing, objects.locked = p.Set.LookupPolicies()
	for _, section := range sections {
		for _, r := range objects.customRecords(section, matches, byLead) {
			objects.planObject(r)
		}
	}
}

// customRecords gathers the leads by the key of their record, in their order.
func (p *objectPlanning) customRecords(
	section *mapping.Section, matches []*match.Match, byLead map[leadtype.LeadID]*person,
) []*customRecord {
	byKey := make(map[string]*customRecord)
	var order []*customRecord
	for i, one := range matches {
		s := sharer{match: one, plan: p.result.Leads[i], person: byLead[one.Lead.ID]}
		if s.plan.Err != nil {
			continue
		}
		key := one.Keys[section]
		switch {
		case key.Err != nil:
			p.failObject(section.Object, s.plan, key.Err)
			continue
		case key.Value == "":
			p.drop(&s, section.Object, section.Key, "record skipped: its key is blank")
			continue
		}
		describe := p.session.Describe(section.Object)
		field, _ := describe.Field(section.Key)
		folded := value.FoldKey(field, key.Value)
		if byKey[folded] == nil {
			byKey[folded] = &customRecord{section: section, describe: describe, key: field, value: key.Value,
				change: leadtype.Unplanned, want: make(salesforce.Fields), refs: make(map[string]int)}
			order = append(order, byKey[folded])
		}
		byKey[folded].sharers = append(byKey[folded].sharers, s)
	}
	return order
}

// drop leaves an object out for a lead. What would refer to it is left blank.
func (p *planning) drop(s *sharer, object salesforce.Object, field, reason string) {
	p.warn(s.plan, leadtype.Warning{Kind: leadtype.Dropped, Code: leadtype.RequiredFieldMissing, Object: object,
		Field: field, Reason: reason})
}

// failObject enters a part that is not written, and why.
func (p *objectPlanning) failObject(object salesforce.Object, plan *leadtype.LeadPlan, err *leadtype.Error) {
	addPart(plan, leadtype.PlannedPart{Kind: leadtype.PartCustom, Object: object, Change: leadtype.Unplanned}, err)
	p.custom[leadObject{value.Folded(object), plan.LeadID}] = nil
}

// planObject plans one record. A lead whose values do not fit, or whose record
// would lack a record that it depends on, is left out alone.
func (p *objectPlanning) planObject(r *customRecord) {
	var found []*salesforce.Record
	for _, record := range p.index.Find(r.describe.Name, r.key.Name, r.value) {
		if value.FoldKey(r.key, record.Text(r.key.Name)) == value.FoldKey(r.key, r.value) {
			found = append(found, record)
		}
	}
	if len(found) > 1 {
		p.failAll(r, r.sharers, &leadtype.Error{Op: "plan", Object: r.describe.Name, Code: leadtype.AmbiguousMatch,
			Fields: []string{r.key.Name}, Reason: fmt.Sprintf("%d records have this key", len(found))})
		return
	}
	if len(found) == 1 {
		r.record = found[0]
	}
	var live []sharer
	for _, s := range r.sharers {
		if p.composeObject(r, &s) {
			live = append(live, s)
		}
	}
	if len(live) == 0 {
		return
	}
	change := r.draft()
	if change.Upsert {
		p.giveOwner(change.Object, r.want)
	}
	var leads []leadtype.LeadID
	for _, s := range live {
		leads = append(leads, s.plan.LeadID)
	}
	var err *leadtype.Error
	if r.change, err = p.change(change, r.record, r.want, leads); err != nil {
		p.failAll(r, live, err)
		return
	}
	p.note(r.change, r.held, live[0].match.Lead)
	part := leadtype.PlannedPart{Kind: leadtype.PartCustom, Object: r.describe.Name, Change: r.change}
	if r.record != nil {
		part.ID = r.record.ID
	}
	for _, s := range live {
		part.Digest = s.digest
		s.plan.Parts = append(s.plan.Parts, part)
		p.custom[leadObject{value.Folded(part.Object), s.plan.LeadID}] = r
	}
}

// draft is the change of the record, but for its fields.
func (r *customRecord) draft() leadtype.Change {
	change := leadtype.Change{Kind: leadtype.PartCustom, Object: r.describe.Name}
	if r.record == nil {
		r.want[r.key.Name], change.UniqueField, change.Upsert = r.value, r.key.Name, true
	} else {
		delete(r.want, r.key.Name) // it has it, in its own spelling
	}
	if r.record != nil && len(r.refs) > 0 {
		change.Replaced = make(salesforce.Fields, len(r.refs))
	}
	for _, field := range slices.Sorted(maps.Keys(r.refs)) {
		change.Refs = append(change.Refs, salesforce.Ref{Field: field, Write: r.refs[field]})
		if r.record != nil {
			change.Replaced[field], _ = r.record.Value(field)
		}
	}
	return change
}

func (p *objectPlanning) failAll(r *customRecord, sharers []sharer, err *leadtype.Error) {
	for _, s := range sharers {
		p.failObject(r.describe.Name, s.plan, err)
	}
}

// composeObject adds what a lead wants of the record, and reports whether it has
// a part in it.
func (p *objectPlanning) composeObject(r *customRecord, s *sharer) bool {
	links, dropped, err := p.links(r, s)
	if err != nil {
		p.failObject(r.describe.Name, s.plan, err)
	}
	if err != nil || dropped {
		return false
	}
	current := r.record
	if len(r.want) > 0 {
		current = overlay(r.describe.Name, r.record, r.want)
	}
	if r.held == nil {
		r.held = p.held(r.record, []*match.Match{s.match}, s.plan)
	}
	s.digest = p.partDigest(s.match, r.describe.Name, r.record)
	w, settled := new(wish), p.isSettled(s.match, leadtype.PartCustom, r.record, s.digest)
	if settled && !isLeft(s.match, r.describe.Name) {
		p.carrySettled(s.plan, s.match, r.describe.Name)
	} else {
		w = p.wish(s.match, r.describe.Name, current, r.held, settled)
		if settled {
			w = p.settledWish(s.plan, s.match, r.describe.Name, w)
		}
	}
	if w.Err != nil {
		p.failObject(r.describe.Name, s.plan, w.Err)
		return false
	}
	p.warn(s.plan, w.Warnings...)
	if rulesChanged(s.match, leadtype.PartCustom, r.record, s.digest) {
		p.warn(s.plan, p.replacedByRules(r.record, r.held, w.Fields)...)
	}
	p.owe(s.plan, w.owed)
	p.oweSkipped(s.plan, w.Warnings)
	p.noteEqual(s.plan, s.match.Lead, r.record, r.held, &w.Mapped)
	r.held.append(w.Appended, w.Fields)
	maps.Copy(r.want, w.Fields)
	if len(r.sharers) > 1 {
		r.held.put(w.Fields, s.match.Lead)
	}
	for field, to := range links {
		delete(r.refs, field)
		delete(r.want, field)
		if to.change != leadtype.Unplanned {
			r.refs[field] = to.change
		} else {
			r.want[field] = string(to.id)
		}
	}
	return true
}

// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"slices"

	"github.com/leadsync/leadsync/internal/personaccount"
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/internal/verdict"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// diff returns the fields of want that a record does not hold yet, by name.
func (p *planning) diff(describe *salesforce.Describe, record *salesforce.Record,
	want salesforce.Fields) []leadtype.FieldChange {
	var some [32]string
	changes, n := p.fields.ahead(len(want)), 0
	for _, name := range value.AppendSortedKeys(some[:0], want) {
		if fillChange(&changes[n], describe, record, name, want[name]) {
			n++
		}
	}
	if n == 0 {
		return nil
	}
	return p.fields.take(n)
}

// fillChange fills the zero change of one field in. It leaves it so, and returns false, when the
// record holds the value already.
func fillChange(change *leadtype.FieldChange, describe *salesforce.Describe, record *salesforce.Record,
	name string, after any) (differs bool) {
	key, named := after.(salesforce.ExternalKey)
	if record == nil && !named {
		if after != nil {
			change.Field, change.After = name, after
		}
		return after != nil
	}
	field, ok := describe.Field(name)
	if named && ok {
		return fillChangeBy(change, field, key, record)
	}
	var before any
	if record != nil {
		before, _ = record.Value(name)
		if ok && value.SameValue(field, before, after) {
			return false
		}
	}
	change.Field, change.Before, change.After = name, before, after
	return true
}

// change adds a change to the plan and returns its index: Unplanned when the
// record holds everything. The error is draft's.
func (p *planning) change(c leadtype.Change, record *salesforce.Record, want salesforce.Fields,
	leads []leadtype.LeadID) (int, *leadtype.Error) {
	c, err := p.draft(c, record, want, leads)
	if err != nil || !c.Create && len(c.Fields)+len(c.Refs) == 0 {
		return leadtype.Unplanned, err
	}
	p.letAssign(&c)
	p.result.Changes = append(p.result.Changes, c)
	return len(p.result.Changes) - 1, nil
}

// extend replaces what a new record of the plan will hold, for more leads.
func (p *planning) extend(index int, want salesforce.Fields, leads []leadtype.LeadID) {
	change := &p.result.Changes[index]
	change.Fields = p.diff(p.session.Describe(change.Object), nil, want)
	change.Leads = append(change.Leads, leads...)
}

// refer fills a field with the person: its id, or a reference to the
// change that creates it.
func (p *planning) refer(u *person, field string, want salesforce.Fields, change *leadtype.Change) {
	if u.record != nil {
		want[field] = string(u.record.ID)
		return
	}
	if change.Refs == nil {
		change.Refs = p.refs.take(1)[:0]
	}
	change.Refs = append(change.Refs, salesforce.Ref{Field: field, Write: u.change})
}

// draft fills a change in, but for Fields that it has. The error says what a new record lacks, or that the
// connected user may not write the object.
func (p *planning) draft(c leadtype.Change, record *salesforce.Record, want salesforce.Fields,
	leads []leadtype.LeadID) (leadtype.Change, *leadtype.Error) {
	describe := p.session.Describe(c.Object)
	if describe == nil {
		return c, verdict.Unseen(c.Object)
	}
	for _, ref := range c.Refs {
		delete(want, ref.Field) // a field has one value
	}
	if c.Create, c.Leads = record == nil, leads; c.Fields == nil {
		c.Fields = p.diff(describe, record, want)
	}
	if !c.Create {
		written := describe
		if c.PersonAccount != "" {
			written = p.session.Describe(c.Written())
			nameOfPerson(written, &c)
		}
		if len(c.Fields)+len(c.Refs) > 0 && (written == nil || !written.Updateable) {
			return c, verdict.Forbidden(c.Written(), "update")
		}
		c.ID, c.Modified = record.ID, record.Text("SystemModstamp")
		return c, nil
	}
	if !describe.Createable {
		return c, verdict.Forbidden(c.Object, "create")
	}
	if missing := lacks(describe, &c); len(missing) > 0 {
		return c, &leadtype.Error{Op: "plan", Object: c.Object, Code: leadtype.RequiredFieldMissing, Fields: missing,
			Reason: "a new record requires a value"}
	}
	if !p.PersonLeads && lacksCompany(&c) && personaccount.AreOn(p.session.Describe) {
		return c, &leadtype.Error{Op: "plan", Object: c.Object, Code: leadtype.RequiredFieldMissing,
			Fields: []string{"Company"}, Reason: "person accounts are on: a Lead without a company would become one, " +
				"which the setting personLeads allows"}
	}
	return c, nil
}

// lacks returns the fields that a new record needs and does not get.
func lacks(describe *salesforce.Describe, c *leadtype.Change) []string {
	var missing []string
	for i := range describe.Fields {
		field := &describe.Fields[i]
		if !field.RequiredOnCreate() {
			continue
		}
		has := slices.ContainsFunc(c.Fields, func(f leadtype.FieldChange) bool { return f.Field == field.Name }) ||
			slices.ContainsFunc(c.Refs, func(r salesforce.Ref) bool { return r.Field == field.Name })
		if !has {
			missing = append(missing, field.Name)
		}
	}
	return missing
}

// fillChangeBy is fillChange for a reference that is named by a key.
func fillChangeBy(to *leadtype.FieldChange, field *salesforce.Field, key salesforce.ExternalKey,
	record *salesforce.Record) (differs bool) {
	change := leadtype.FieldChange{Field: field.Name, By: field.RelationshipName + "." + key.Field, After: key.Value}
	if record != nil {
		change.BeforeID = salesforce.ID(record.Text(field.Name)).ID18()
		if before := record.Text(change.By); before != "" {
			change.Before = before
		}
		if change.Before == change.After {
			return false
		}
	}
	*to = change
	return true
}

// fewWarnings is how many of a lead are searched one by one.
const fewWarnings = 8

// warn adds the warnings that the plan of a lead does not have yet.
func (p *planning) warn(lead *leadtype.LeadPlan, warnings ...leadtype.Warning) {
	if len(lead.Warnings) == 0 && len(warnings) == 1 {
		lead.Warnings = slices.Clip(warnings) // without a copy
		return
	}
	if len(lead.Warnings)+len(warnings) <= fewWarnings {
		for _, w := range warnings {
			if !slices.Contains(lead.Warnings, w) {
				lead.Warnings = append(lead.Warnings, w)
			}
		}
		return
	}
	given := p.given[lead]
	if given == nil {
		given = &givenWarnings{has: make(map[leadtype.Warning]bool)}
		p.given[lead] = given
	}
	for _, w := range lead.Warnings[given.n:] {
		given.has[w] = true
	}
	for _, w := range warnings {
		if !given.has[w] {
			given.has[w] = true
			lead.Warnings = append(lead.Warnings, w)
		}
	}
	given.n = len(lead.Warnings)
}

// givenWarnings are the first n warnings of a lead's plan.
type givenWarnings struct {
	has map[leadtype.Warning]bool
	n   int
}

// addPart adds a part to the plan of a lead, with the error that is the lead's own.
func addPart(lead *leadtype.LeadPlan, part leadtype.PlannedPart, err *leadtype.Error) {
	part.Err = verdict.ForLead(err, lead.LeadID)
	lead.Parts = append(lead.Parts, part)
}

package leadsync

import (
	"maps"
	"slices"

	"github.com/leadsync/leadsync/salesforce"
)

// diff returns the fields of want that a record does not hold yet, by name.
func diff(describe *salesforce.Describe, record *salesforce.Record, want salesforce.Fields) []FieldChange {
	var changes []FieldChange
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if change, differs := fieldChange(describe, record, name, want[name]); differs {
			changes = append(changes, change)
		}
	}
	return changes
}

// fieldChange returns the change of one field; false when the record holds the value
// already.
func fieldChange(
	describe *salesforce.Describe, record *salesforce.Record, name string, after any,
) (FieldChange, bool) {
	field, ok := describe.Field(name)
	if key, named := after.(salesforce.ExternalKey); named && ok {
		return changeBy(field, key, record)
	}
	if record == nil {
		return FieldChange{Field: name, After: after}, after != nil
	}
	before, _ := record.Value(name)
	same := ok && sameValue(field, before, after)
	return FieldChange{Field: name, Before: before, After: after}, !same
}

// change adds a change to the plan and returns its index: Unplanned when the
// record holds everything. The error is draft's.
func (p *planning) change(c Change, record *salesforce.Record, want salesforce.Fields, leads []LeadID) (int, *Error) {
	c, err := p.draft(c, record, want, leads)
	if err != nil || !c.Create && len(c.Fields)+len(c.Refs) == 0 {
		return Unplanned, err
	}
	p.result.Changes = append(p.result.Changes, c)
	return len(p.result.Changes) - 1, nil
}

// extend replaces what a new record of the plan will hold, for more leads.
func (p *planning) extend(index int, want salesforce.Fields, leads []LeadID) {
	change := &p.result.Changes[index]
	change.Fields = diff(p.session.describe(change.Object), nil, want)
	change.Leads = append(change.Leads, leads...)
}

// refer fills a field with the person: its id, or a reference to the
// change that creates it.
func (p *planning) refer(u *person, field string, want salesforce.Fields, change *Change) {
	if u.record != nil {
		want[field] = string(u.record.ID)
		return
	}
	change.Refs = append(change.Refs, salesforce.Ref{Field: field, Write: u.change})
}

// draft fills a change in. The error says what a new record lacks, or that the
// connected user may not write the object.
func (p *planning) draft(c Change, record *salesforce.Record, want salesforce.Fields, leads []LeadID) (Change, *Error) {
	describe := p.session.describe(c.Object)
	if describe == nil {
		return c, unseen(c.Object)
	}
	for _, ref := range c.Refs {
		delete(want, ref.Field) // a field has one value
	}
	c.Create, c.Leads = record == nil, leads
	c.Fields = diff(describe, record, want)
	if !c.Create {
		if len(c.Fields)+len(c.Refs) > 0 && !describe.Updateable {
			return c, forbidden(c.Object, "update")
		}
		c.ID, c.Modified = record.ID, record.Text("SystemModstamp")
		return c, nil
	}
	if !describe.Createable {
		return c, forbidden(c.Object, "create")
	}
	if missing := lacks(describe, &c); len(missing) > 0 {
		return c, &Error{Op: "plan", Object: c.Object, Code: RequiredFieldMissing, Fields: missing,
			Reason: "a new record needs a value, and nothing supplies one"}
	}
	return c, nil
}

// lacks returns the fields that a new record needs and does not get.
func lacks(describe *salesforce.Describe, c *Change) []string {
	var missing []string
	for i := range describe.Fields {
		field := &describe.Fields[i]
		has := slices.ContainsFunc(c.Fields, func(f FieldChange) bool { return f.Field == field.Name }) ||
			slices.ContainsFunc(c.Refs, func(r salesforce.Ref) bool { return r.Field == field.Name })
		if field.RequiredOnCreate() && !has {
			missing = append(missing, field.Name)
		}
	}
	return missing
}

// changeBy is the change of a reference that is named by a key; false when the
// record holds it already.
func changeBy(field *salesforce.Field, key salesforce.ExternalKey, record *salesforce.Record) (FieldChange, bool) {
	change := FieldChange{Field: field.Name, By: field.RelationshipName + "." + key.Field, After: key.Value}
	if record == nil {
		return change, true
	}
	change.BeforeID = salesforce.ID(record.Text(field.Name)).ID18()
	if before := record.Text(change.By); before != "" {
		change.Before = before
	}
	return change, change.Before != change.After
}

// warn adds the warnings that the plan of a lead does not have yet.
func warn(lead *LeadPlan, warnings ...Warning) {
	for _, w := range warnings {
		if !slices.Contains(lead.Warnings, w) {
			lead.Warnings = append(lead.Warnings, w)
		}
	}
}

// addPart adds a part to the plan of a lead, with the error that is the lead's own.
func addPart(lead *LeadPlan, part PlannedPart, err *Error) {
	part.Err = forLead(err, lead.LeadID)
	lead.Parts = append(lead.Parts, part)
}

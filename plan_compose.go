package leadsync

import (
	"maps"

	"github.com/leadsync/leadsync/salesforce"
)

// dryRun returns what mapping the person's first lead onto a record would change.
func (p *planning) dryRun(u *person, record *salesforce.Record) ([]FieldChange, bool) {
	want, _, err := p.mapFields(u.matches[0].lead, p.target(u.object, record))
	if err != nil {
		return nil, false
	}
	return diff(p.session.describe(u.object), record, want), true
}

func (p *planning) target(object salesforce.Object, record *salesforce.Record) Target {
	return Target{Object: object, Describe: p.session.describe(object), Record: record, User: p.session.reps.user, Other: p.session.describe,
		RecordTypes: p.session.recordTypes[folded(object)]}
}

// mapFields returns what a lead wants of a record: by the mapping, and by the
// answers to qualifiers.
func (p *planning) mapFields(lead *Lead, target Target) (salesforce.Fields, []Warning, *Error) {
	fields, warnings, err := p.set.compose(lead, target, p.set.mapRecord(lead, target))
	if err != nil {
		return nil, nil, err
	}
	return fields, p.checkOwner(target.Object, fields, warnings), nil
}

// compose maps the person's leads onto a record one after the other, each seeing
// what those before it leave. A lead whose values do not fit fails alone.
func (p *planning) compose(u *person, object salesforce.Object, record *salesforce.Record) salesforce.Fields {
	want := make(salesforce.Fields)
	current := record
	for i, one := range u.matches {
		lead := u.plans[i]
		if lead.Err != nil {
			continue
		}
		fields, warnings, err := p.mapFields(one.lead, p.target(object, current))
		if err != nil {
			lead.Err = err
			continue
		}
		warn(lead, warnings...)
		maps.Copy(want, fields)
		current = overlay(object, record, want)
	}
	if record == nil {
		p.giveOwner(object, want)
	}
	return want
}

// giveOwner gives a new record that nobody owns to the fallback owner.
func (p *planning) giveOwner(object salesforce.Object, want salesforce.Fields) {
	if owner := p.fallbackOwner(object); want[ownerField] == nil && owner != "" {
		want[ownerField] = string(owner)
	}
}

// overlay returns a record as it will be with fields written.
func overlay(object salesforce.Object, record *salesforce.Record, fields salesforce.Fields) *salesforce.Record {
	next := &salesforce.Record{Object: object, Fields: make(salesforce.Fields)}
	if record != nil {
		next.ID = record.ID
		maps.Copy(next.Fields, record.Fields)
	}
	maps.Copy(next.Fields, fields)
	return next
}

// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"maps"
	"slices"

	"github.com/leadsync/leadsync/internal/identity"
	"github.com/leadsync/leadsync/internal/match"
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
)

// dryRun returns what mapping the person's first lead onto a record would change.
func (p *planning) dryRun(u *person, record *salesforce.Record) ([]leadtype.FieldChange, bool) {
	u.tried = p.wish(u.matches[0], u.object, record)
	if u.tried.Err != nil {
		return nil, false
	}
	return diff(p.session.Describe(u.object), record, u.tried.Fields), true
}

func (p *planning) target(object salesforce.Object, record *salesforce.Record) mapping.Target {
	return mapping.Target{Object: object, Describe: p.session.Describe(object), Record: record,
		User: p.session.Reps.User, Other: p.session.Describe, RecordTypes: p.session.RecordTypes[value.Folded(object)]}
}

// wish asks the mapping set for what a lead wants of a record.
func (p *planning) wish(one *match.Match, object salesforce.Object, record *salesforce.Record) *wish {
	if one.Who == leadtype.WhoOther || one.Who != "" && object == salesforce.ObjectAccount {
		return &wish{record, mapping.Mapped{Fields: salesforce.Fields{}}} // it is another's
	}
	ours, own := one.OwnEmail(record)
	if own && !ours {
		memory := p.records[record.ID]
		ours = memory.Wrote("Email", record.Text("Email"))
	}
	target := p.target(object, record)
	target.Doubt = one.Who == leadtype.WhoDoubt
	if ours {
		target.Record = overlay(object, record, salesforce.Fields{"Email": nil}) // which lets every rule write it
	}
	var m mapping.Mapped
	if d := one.Draft; d != nil && d.Final && d.Object == object && record == nil {
		m = d.Mapped
	} else {
		m = p.Set.MapRecord(one.Captured(), target)
	}
	m = p.Set.Compose(one.Lead, target, m)
	if own && !ours {
		m = p.keepEmail(one.Lead, object, record, m)
	}
	m.Warnings = p.checkOwner(object, m.Fields, m.Warnings)
	return &wish{record, m}
}

// keepEmail leaves out the e-mail address of a record on which a person has changed it.
func (p *planning) keepEmail(lead *leadtype.Lead, object salesforce.Object, record *salesforce.Record,
	m mapping.Mapped) mapping.Mapped {
	const field = "Email"
	if !slices.Contains(p.Set.ReadFields(object), field) {
		return m // the mapping does not write it
	}
	m.Fields = maps.Clone(m.Fields)
	delete(m.Fields, field)
	if identity.Email(lead.Email) != identity.Email(record.Text(field)) {
		m.Warnings = append(m.Warnings, leadtype.Warning{Kind: leadtype.KeptEdited, Object: object, Field: field,
			Reason: "not written: the record has another address than the one that the lead had before it was corrected"})
	}
	return m
}

// compose returns what the person's leads want of a record, one after the other: each
// sees what those before it leave. A lead whose values do not fit fails alone.
func (p *planning) compose(u *person, object salesforce.Object, record *salesforce.Record) salesforce.Fields {
	want := make(salesforce.Fields)
	current := record
	for i, one := range u.matches {
		lead := u.plans[i]
		if lead.Err != nil {
			continue
		}
		w := u.tried
		if i > 0 || w == nil || w.record != current {
			w = p.wish(one, object, current)
		}
		if w.Err != nil {
			lead.Err = w.Err
			continue
		}
		p.warn(lead, w.Warnings...)
		maps.Copy(want, w.Fields)
		current = overlay(object, record, want)
	}
	if record == nil {
		p.giveOwner(object, want)
	}
	return want
}

// giveOwner gives a new record without an owner to the fallback owner.
func (p *planning) giveOwner(object salesforce.Object, want salesforce.Fields) {
	if owner := p.fallbackOwner(object); want[value.OwnerField] == nil && owner != "" {
		want[value.OwnerField] = string(owner)
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

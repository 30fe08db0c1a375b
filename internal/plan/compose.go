// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"maps"

	"github.com/leadsync/leadsync/internal/match"
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
)

// dryRun returns what mapping the person's first lead onto a record would change, if all of
// it might be overwritten.
func (p *planning) dryRun(u *person, record *salesforce.Record) ([]leadtype.FieldChange, bool) {
	target := p.target(u.object, record)
	target.Memory, target.HadName = ownAll{}, func(string, string) bool { return true }
	u.tried = p.mapped(u.matches[0], target, record)
	if u.tried.Err != nil {
		return nil, false
	}
	return p.diff(p.session.Describe(u.object), record, u.tried.Fields), true
}

func (p *planning) target(object salesforce.Object, record *salesforce.Record) mapping.Target {
	if p.anyTarget.Other == nil { // each of these methods takes memory as a value
		p.anyTarget = targetOf(p.session, object, nil)
	}
	target := p.anyTarget
	target.Object, target.Describe, target.Record = object, p.session.Describe(object), record
	target.RecordTypes = p.session.RecordTypes[value.Folded(object)]
	return target
}

// wish asks the mapping set for what a lead wants of a record. Of a settled one that is what
// isLeft is about.
func (p *planning) wish(one *match.Match, object salesforce.Object, record *salesforce.Record, held *heldRecord,
	settled bool) *wish {
	own := value.IsCustom(object) // found by the lead's key, whoever the person is
	if !own && (one.Who == leadtype.WhoOther || one.Who != "" && object == salesforce.ObjectAccount) {
		return &wish{record: record, Mapped: mapping.Mapped{Fields: salesforce.Fields{}}} // it is another's
	}
	target := p.target(object, record)
	target.Doubt, target.Over = !own && one.Who == leadtype.WhoDoubt, p.over(one, object)
	if settled {
		target.Only = p.leftFields(one, object)
	}
	if record != nil {
		target.Memory = held
		target.HadName = func(field, name string) bool {
			had, known := one.HadName(field, name)
			return had || !known && held.Lead == one.Lead.ID
		}
		p.ownEmail(one, &target, held)
	}
	wanted := p.mapped(one, target, record)
	if !own {
		noteNames(one, wanted.Fields)
	}
	return wanted
}

// noteNames enters the names that a lead's person gets where they are not the lead's own texts,
// such as those in title case.
func noteNames(one *match.Match, fields salesforce.Fields) {
	note := func(field, text string) {
		if made, ok := fields[field].(string); ok && made != text {
			one.Trace.Bond.NoteName(one.Lead.ID, field, made)
		}
	}
	note("FirstName", one.Lead.FirstName)
	note("LastName", one.Lead.LastName)
}

// ownEmail lets the address of a corrected lead's own record be written where that is still
// the one that the lead had.
func (p *planning) ownEmail(one *match.Match, target *mapping.Target, held *heldRecord) {
	const email = "Email"
	record := target.Record
	ours, own := one.OwnEmail(record)
	if !own {
		return
	}
	hold := leadtype.HoldEdited
	if field, ok := target.Describe.Field(email); ok && !ours {
		held, _ := held.Holds(field, record.Text(email))
		ours = held == leadtype.HoldOurs
	}
	if ours {
		hold = leadtype.HoldOurs
		target.Record = overlay(target.Object, record, salesforce.Fields{email: nil}) // which lets every rule write it
	}
	corrected := *held
	corrected.email = &hold
	target.Memory = &corrected
}

// mapped maps a lead onto a record.
func (p *planning) mapped(one *match.Match, target mapping.Target, record *salesforce.Record) *wish {
	var m mapping.Mapped
	if d := one.Draft; d != nil && d.Final && d.Object == target.Object && record == nil {
		m = d.Mapped
		m.Fields = maps.Clone(m.Fields) // which the plan adds to
	} else {
		m = p.Set.MapRecord(one.Captured(), target)
	}
	m = p.Set.Compose(one.Lead, target, m)
	m.Warnings = p.checkOwner(target.Object, m.Fields, m.Warnings)
	w := p.wishes.one()
	w.record, w.Mapped = record, m
	fields, owed := p.withoutOwed(one, target.Object, m.Fields)
	w.owed = owed
	w.narrow(fields)
	return w
}

// compose returns what the person's leads want of a record, one after the other: each
// sees what those before it leave. A lead whose values do not fit fails alone.
func (p *planning) compose(u *person, object salesforce.Object, record *salesforce.Record) salesforce.Fields {
	var want salesforce.Fields
	current := record
	u.held, u.digests = p.held(record, u.matches, u.plans[0]), append(u.digest[:0], make([]string, len(u.matches))...)
	for i, one := range u.matches {
		lead := u.plans[i]
		if lead.Err != nil {
			continue
		}
		if one.Who != leadtype.WhoOther { // of another's record nothing is wanted yet
			u.digests[i] = p.partDigest(one, object, record)
		}
		settled := p.isSettled(one, kindOf(object), record, u.digests[i])
		if i >= len(u.matches)-u.owing && !settled {
			settled, u.digests[i] = true, "" // not of all that the lead wants
		}
		if settled && !isLeft(one, object) {
			p.carrySettled(lead, one, object)
			continue
		}
		w := u.tried
		if i > 0 || w == nil || w.record != current || settled {
			w = p.wish(one, object, current, u.held, settled)
		}
		if settled {
			w = p.settledWish(lead, one, object, w)
		}
		if w.Err != nil {
			lead.Err = w.Err
			continue
		}
		p.warn(lead, w.Warnings...)
		if rulesChanged(one, kindOf(object), record, u.digests[i]) {
			p.warn(lead, p.replacedByRules(record, u.held, w.Fields)...)
		}
		p.owe(lead, w.owed)
		p.oweSkipped(lead, w.Warnings)
		p.noteEqual(lead, one.Lead, record, u.held, &w.Mapped)
		u.held.append(w.Appended, w.Fields)
		if len(u.matches) == 1 {
			want, u.tried = w.Fields, nil
			break
		}
		if want == nil {
			want = make(salesforce.Fields, len(w.Fields))
		}
		maps.Copy(want, w.Fields)
		current = overlay(object, record, want)
		u.held.put(w.Fields, one.Lead)
	}
	if want == nil {
		want = make(salesforce.Fields)
	}
	if record == nil {
		p.giveOwner(object, want)
	}
	return want
}

// settledWish returns what a lead wants still of a settled record: w without all else. Where
// that cannot be written for the lead, the record stays settled, unless a person has asked for
// fields: then the lead fails, which says why they were not written.
func (p *planning) settledWish(lead *leadtype.LeadPlan, one *match.Match, object salesforce.Object, w *wish) *wish {
	if w.Err != nil && len(one.Item.Ask.Of(object)) > 0 {
		return w
	}
	if w.Err != nil {
		p.carrySettled(lead, one, object)
		return &wish{record: w.record, owed: owedOf(one, object)}
	}
	left := *w
	left.narrow(p.onlyLeft(one, object, w.Fields))
	return &left
}

// kindOf returns what a record of an object is to its lead: the person or the account.
func kindOf(object salesforce.Object) leadtype.PartKind {
	if object.Equal(salesforce.ObjectAccount) {
		return leadtype.PartAccount
	}
	return leadtype.PartPerson
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

// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/leadsync/leadsync/internal/match"
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
)

// A heldRecord is a mapping.Memory: what is remembered of a record from earlier batches,
// and what the leads of this one put into it.
type heldRecord struct {
	leadtype.RecordMemory
	created bool
	// batch is the lead that filled a field in this batch.
	batch map[string]*leadtype.Lead
	// appended are the texts that were appended to fields in this batch.
	appended map[string][]string
	// formers is what is remembered of the record under other ids.
	formers []leadtype.RecordMemory
	// email is known of the address of a corrected lead's own record, where that is set.
	email *leadtype.Hold
}

// Created reports whether a lead of the connection created the record.
func (h *heldRecord) Created() bool { return h.created }

// Holds reports whose the current value of a field is.
func (h *heldRecord) Holds(field *salesforce.Field, current any) (leadtype.Hold, time.Time) {
	if by := h.batch[field.Name]; by != nil {
		return leadtype.HoldOurs, by.CapturedAt.Truncate(time.Second)
	}
	return h.heldBefore(field, current)
}

// Wrote reports whether the current value of a field is the very text that the lead wrote
// there.
func (h *heldRecord) Wrote(field *salesforce.Field, current any, lead leadtype.LeadID) bool {
	if by := h.batch[field.Name]; by != nil {
		return by.ID == lead
	}
	return h.RecordMemory.Wrote(field, current, lead)
}

// heldBefore reports whose the value is that a field has before the batch.
func (h *heldRecord) heldBefore(field *salesforce.Field, before any) (leadtype.Hold, time.Time) {
	if h.email != nil && field.Name == "Email" {
		return *h.email, time.Time{}
	}
	return h.RecordMemory.Holds(field, before)
}

// Appended reports whether a text was appended to a field, also before the record had its id.
func (h *heldRecord) Appended(field *salesforce.Field, text string) bool {
	return h.RecordMemory.Appended(field, text) ||
		slices.ContainsFunc(h.formers, func(m leadtype.RecordMemory) bool { return m.Appended(field, text) })
}

// append notes the texts that a lead appends, as far as fields have them.
func (h *heldRecord) append(texts []mapping.AppendedText, fields salesforce.Fields) {
	for _, added := range texts {
		if _, written := fields[added.Field]; written {
			if h.appended == nil {
				h.appended = make(map[string][]string)
			}
			h.appended[added.Field] = append(h.appended[added.Field], added.Text)
		}
	}
}

// put notes that a lead of the batch fills fields.
func (h *heldRecord) put(fields salesforce.Fields, lead *leadtype.Lead) {
	if h.batch == nil {
		h.batch = make(map[string]*leadtype.Lead, len(fields))
	}
	for name := range fields {
		h.batch[name] = lead
	}
}

// confirm notes that a lead would write what another lead of the batch fills a field with. It
// returns false where none fills it.
func (h *heldRecord) confirm(field string, lead *leadtype.Lead) bool {
	filled := h.batch[field] != nil
	if filled {
		h.batch[field] = lead
	}
	return filled
}

// held returns what is remembered of the record of a person or an account, or of another
// object; also of what creates without a response were to write to it.
func (p *planning) held(record *salesforce.Record, leads []*match.Match, plan *leadtype.LeadPlan) *heldRecord {
	if record == nil || record.ID == "" {
		return p.helds.one()
	}
	p.noteAnswered(record, plan)
	h := p.helds.one()
	h.RecordMemory = p.records[record.ID.ID18()]
	h.ID = record.ID.ID18()
	h.created = h.Lead != "" || plan.Adopted && isPerson(record.Object)
	var sent []former // by any of them: they share the record
	for _, one := range leads {
		bond := one.Trace.Bond
		h.created = h.created || record == one.Person && bond != nil && bond.Person == leadtype.OriginCreated
		for i := range one.Item.Intents {
			intent := &one.Item.Intents[i]
			if made := match.MayHaveMade(intent, record); made || intent.Kind != leadtype.PartMember &&
				intent.Object.Equal(record.Object) && intent.Written != "" {
				h.created = h.created || made
				sent = append(sent, former{RecordMemory: intent.Created(one.Lead.ID)})
			}
		}
	}
	// Not what was sent: whether a text is among it, the record tells.
	h.formers = p.formers[h.ID]
	if !h.created || len(sent) == 0 || h.Lead != "" { // a create that was answered made it, or it was noted before
		return h
	}
	if found := p.inherited(record, sent); found.Written != "" {
		h.RecordMemory = h.Merge(found)
		plan.Memory = append(plan.Memory, found)
	}
	return h
}

// noteAnswered drops from the memory of a record what writes without a response were to write,
// once none of them can come any more: what the record has of it by then was written, and the
// rest never will be.
func (p *planning) noteAnswered(record *salesforce.Record, plan *leadtype.LeadPlan) {
	memory := p.records[record.ID.ID18()]
	if !memory.MayChange() || p.at.Before(memory.SentAt().Add(p.VerifyAfter+time.Second)) {
		return
	}
	answered := leadtype.RecordMemory{ID: record.ID.ID18()}
	answered.NoteAnswered()
	if describe := p.session.Describe(record.Object); describe != nil {
		for _, name := range p.Set.Remembered(record.Object) {
			field, known := describe.Field(name)
			current, read := record.Value(name)
			if !known || !read {
				continue
			}
			if hold, at := memory.Holds(field, current); hold == leadtype.HoldOurs {
				answered.Note(field, current, at)
			}
		}
	}
	p.records[answered.ID] = memory.Merge(answered)
	plan.Memory = append(plan.Memory, answered)
}

// isPerson reports whether records of an object are people.
func isPerson(object salesforce.Object) bool {
	of := value.MatchedObject(object)
	return of == salesforce.ObjectLead || of == salesforce.ObjectContact
}

// ownAll is the mapping.Memory of a record that may be overwritten.
type ownAll struct{}

func (ownAll) Created() bool { return true }

func (ownAll) Wrote(*salesforce.Field, any, leadtype.LeadID) bool { return true }

func (ownAll) Appended(*salesforce.Field, string) bool { return false }

func (ownAll) Holds(*salesforce.Field, any) (leadtype.Hold, time.Time) {
	return leadtype.HoldOurs, time.Time{}
}

// A memorable says what of an object's fields is remembered.
type memorable struct {
	values   []string
	forms    []string // only the forms of their values
	consents []string // see mapping.Set.Consents
}

// remembering returns what of an object's fields is remembered.
func (p *planning) remembering(object salesforce.Object) memorable {
	key := value.Folded(object)
	fields, known := p.noted[key]
	if !known {
		fields = memorable{p.Set.Remembered(object), p.Set.Overwritten(object),
			p.Set.Consents(object, p.session.Describe(object))}
		p.noted[key] = fields
	}
	return fields
}

// note enters into a change which of its values are remembered. leads are those that it is
// for, and held is what they put into the record.
func (p *planning) note(index int, held *heldRecord, lead *leadtype.Lead) {
	if index == leadtype.Unplanned {
		return
	}
	change := &p.result.Changes[index]
	remembered := p.remembering(change.Object)
	for i := range change.Fields {
		f := &change.Fields[i]
		f.Consent = value.ContainsFold(remembered.consents, f.Field)
		field, ok := p.session.Describe(change.Object).Field(f.Field)
		by := cmp.Or(held.batch[f.Field], lead)
		switch {
		case value.ContainsFold(remembered.values, f.Field):
			f.CapturedAt, f.Appended = &by.CapturedAt, held.appended[f.Field]
			if ok && !change.Create {
				f.Held, _ = held.heldBefore(field, f.Before)
			}
		case ok && value.HasForms(field) && value.ContainsFold(remembered.forms, f.Field):
			f.FormOf = by.ID
		}
	}
}

// noteEqual remembers of a record, and of what other leads of the batch fill, the values that
// are those which a lead would write, and the texts that were appended to the record before.
func (p *planning) noteEqual(plan *leadtype.LeadPlan, lead *leadtype.Lead, record *salesforce.Record, held *heldRecord,
	m *mapping.Mapped) {
	equal := slices.DeleteFunc(slices.Clone(m.Equal), func(name string) bool { return held.confirm(name, lead) })
	if len(equal)+len(m.Appended) == 0 || record == nil || record.ID == "" {
		return
	}
	memory := leadtype.RecordMemory{ID: record.ID.ID18()}
	for _, name := range equal {
		if field, ok := p.session.Describe(record.Object).Field(name); ok {
			current, _ := record.Value(name)
			memory.Note(field, current, lead.CapturedAt)
		}
	}
	for _, added := range m.Appended {
		field, ok := p.session.Describe(record.Object).Field(added.Field)
		if _, written := m.Fields[added.Field]; ok && !written {
			memory.NoteAppended(field, added.Text, lead.CapturedAt)
		}
	}
	if memory.Written == "" {
		return
	}
	plan.Memory = append(plan.Memory, memory)
}

// inherit lets the memory of records that were merged or converted follow to those that
// took their place, where these hold the same values.
func (p *planning) inherit(matches []*match.Match, followed map[salesforce.ID][]salesforce.ID) {
	if len(followed) == 0 {
		return
	}
	changed := make(map[salesforce.ID]leadtype.RecordMemory)
	for i, one := range matches {
		for _, record := range []*salesforce.Record{one.Person, one.Account} {
			if record == nil || followed[record.ID] == nil {
				continue
			}
			id := record.ID.ID18()
			memory, done := changed[id]
			if !done {
				memory = p.inheritedBy(record, followed[record.ID])
				changed[id] = memory
				p.records[id] = p.records[id].Merge(memory)
			}
			if memory.Written != "" {
				p.result.Leads[i].Memory = append(p.result.Leads[i].Memory, memory)
			}
		}
	}
}

// inheritedBy returns what a record inherits of the memory of those whose place it took.
func (p *planning) inheritedBy(record *salesforce.Record, of []salesforce.ID) leadtype.RecordMemory {
	before := make([]former, 0, len(of))
	for _, id := range slices.Backward(of) {
		if memory := p.records[id.ID18()]; memory.Written != "" {
			before = append(before, former{memory, p.index.Record(id)})
			p.formers[record.ID.ID18()] = append(p.formers[record.ID.ID18()], memory)
		}
	}
	return p.inherited(record, before)
}

// A former is what is remembered of a record before it had its id, or of one whose place it
// took. That one is row.
type former struct {
	leadtype.RecordMemory
	row *salesforce.Record
}

// holds returns what is known by it of the value that a record has in a field. Of a record
// whose place another one took, only what that one took over counts, and that nobody filled
// what was emptied: a merge may have left other values.
func (f *former) holds(record *salesforce.Record, field *salesforce.Field, current any) (leadtype.Hold, time.Time) {
	if f.row == nil {
		return f.Holds(field, current)
	}
	was := *field
	was.Name = nameBefore(field.Name, record.Object, f.row.Object)
	hold, at := f.Holds(&was, current)
	if hold == leadtype.HoldEdited && !value.IsBlank(current) {
		if before, _ := f.row.Value(was.Name); !value.Alike(field, before, current) {
			return leadtype.HoldUnknown, at
		}
	}
	return hold, at
}

// inherited returns what others remember of the values that a record has, in the fields of
// which nothing is remembered of it.
func (p *planning) inherited(record *salesforce.Record, others []former) leadtype.RecordMemory {
	memory := leadtype.RecordMemory{ID: record.ID.ID18()}
	own := p.records[memory.ID]
	describe := p.session.Describe(record.Object)
	if len(others) == 0 || describe == nil {
		return memory
	}
	for _, name := range p.Set.Remembered(record.Object) {
		field, ok := describe.Field(name)
		if !ok {
			continue
		}
		current, read := record.Value(name)
		if hold, _ := own.Holds(field, current); !read || hold != leadtype.HoldUnknown {
			continue
		}
		edited, at := false, time.Time{}
		for i := range others {
			hold, when := others[i].holds(record, field, current)
			if hold == leadtype.HoldOurs {
				memory.Note(field, current, when)
				edited = false
				break
			}
			if hold == leadtype.HoldEdited {
				edited, at = true, when
			}
		}
		if edited {
			memory.NoteEdited(field, at)
		}
	}
	return memory
}

// nameBefore returns the name that a Contact's field had in the Lead that was converted to
// it.
func nameBefore(field string, now, before salesforce.Object) string {
	if before.Equal(now) || !before.Equal(salesforce.ObjectLead) {
		return field
	}
	if part, ok := strings.CutPrefix(field, "Mailing"); ok {
		return part
	}
	return field
}

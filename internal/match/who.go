// SPDX-License-Identifier: Apache-2.0

package match

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// whose says whose a record is that a probe of the lead found. What an earlier sync said
// that it is another's stays, unless the names agree by now.
func (m *matching) whose(one *Match, p *leadtype.ProbeTrace, record *salesforce.Record) leadtype.Who {
	before := one.knownAs(p, record.ID)
	if before == "" {
		before = one.Item.sentAs(p)
	}
	if before == "" && ByEmail(p) {
		before = m.ledTo(one, record)
	}
	switch {
	case p.Object == salesforce.ObjectAccount || one.Trace.Chosen.Equal(record.ID):
		return ""
	case m.hasKey(one, record):
		return ""
	case !ByEmail(p) && before == "" && !one.reported(record) || m.isLeft(one, record):
		return ""
	}
	email := one.Lead.Email
	if !ByEmail(p) && before == "" {
		email = "" // that it may be one of many does not matter
	}
	who := whoAgrees(one.namesake.compare(one.Lead, NameIn(record)).At(email))
	if before == leadtype.WhoOther && who != "" {
		return before
	}
	return who
}

// ledTo says whose a record was before it became the one that a probe for the lead's address
// found: the record of the last sync, or that of a create for another person's lead without a
// response, as it was then.
func (m *matching) ledTo(one *Match, record *salesforce.Record) leadtype.Who {
	last := one.Item.Last
	if last != nil && last.ID != "" && last.Trace.Bond != nil &&
		slices.Contains(m.successorsOf(last.ID), record.ID) {
		return last.Trace.Bond.Who
	}
	sent := one.Item.Intent(leadtype.PartPerson, "")
	if sent == nil || sent.Who == "" {
		return ""
	}
	for _, found := range m.index.Find(sent.Object, "Email", sent.Person.Email) {
		if m.isSince(sent, found) && (found.ID == record.ID || slices.Contains(m.successorsOf(found.ID), record.ID)) {
			return sent.Who
		}
	}
	return ""
}

// hasKey reports whether a record carries the lead's key, in either form.
func (m *matching) hasKey(one *Match, record *salesforce.Record) bool {
	field := KeyFieldOf(m.session, m.Set, record.Object)
	return field.Name != "" && (holdsKey(record, field.Name, field.Person(one.Lead.ID)) ||
		holdsKey(record, field.Name, OldPersonKey(one.Lead.ID)))
}

// weigh says whose a record is that a probe found, and whether the lead takes it. It fails
// the lead where a person has to choose.
func (m *matching) weigh(one *Match, probe int, record *salesforce.Record) (who leadtype.Who, taken bool) {
	p := &one.Trace.Probes[probe]
	who = m.whose(one, p, record)
	if who == leadtype.WhoOther {
		m.noteOther(one, p, record)
	}
	switch {
	case m.passesBy(one, p, record, who):
		return who, false
	case who == leadtype.WhoOther && ByEmail(p) && m.OtherPerson == leadtype.HoldOther:
		m.holdOther(one, probe)
	case one.reported(record):
		one.Err, one.Reused, one.named = one.doubtReported(record, who), who == "", record.ID
	}
	return who, true
}

// noteOther notes on the candidates of a probe which have another name: the record that it would
// choose, and of the others those whose names say so.
func (m *matching) noteOther(one *Match, p *leadtype.ProbeTrace, record *salesforce.Record) {
	others := []salesforce.ID{record.ID}
	for _, found := range m.index.Find(p.Object, p.Field, p.Value) {
		if WhoseName(one.Lead, NameIn(found)) == leadtype.WhoOther {
			others = append(others, found.ID)
		}
	}
	for i := range p.Candidates {
		if c := &p.Candidates[i]; c.Note == "" && slices.Contains(others, c.ID) {
			c.Note = noteOtherName
		}
	}
}

// passesBy reports whether the lead does without a record that a probe found: the record is
// another person's, and a new one is created for those; it may be another person's, and the
// lead has its own; or a person wants a new one. Then one of the lead's name that turned up since
// is the lead's: another lead of the person may have created it.
func (m *matching) passesBy(one *Match, p *leadtype.ProbeTrace, record *salesforce.Record, who leadtype.Who) bool {
	if one.WantsNew() && ByEmail(p) && !m.isLeft(one, record) && (who != "" || !one.Trace.PassesPeople()) {
		return true
	}
	if who == leadtype.WhoDoubt && ByEmail(p) && one.hasOwn(record) {
		return true
	}
	return who == leadtype.WhoOther && m.OtherPerson == leadtype.CreateOther && ByEmail(p)
}

// passOthers takes those out of what a probe found that a lead does without for which a person
// wants a new record, however many turned up since, and notes so.
func (m *matching) passOthers(one *Match, p *leadtype.ProbeTrace, hits []hit) []hit {
	if !one.WantsNew() {
		return hits
	}
	return slices.DeleteFunc(hits, func(h hit) bool {
		who := m.whose(one, p, h.record)
		if !m.passesBy(one, p, h.record, who) {
			return false
		}
		note := leadtype.NotePassed
		if who == leadtype.WhoOther {
			note = noteOtherName
		}
		for i := range p.Candidates {
			if c := &p.Candidates[i]; c.ID == h.found.ID && c.Note == "" {
				c.Note = note
			}
		}
		return true
	})
}

// noteOtherName is on a candidate that has another person's name.
const noteOtherName = "has another name"

// hasOwn reports whether another record than this one was created for the lead, and is its
// own still.
func (m *Match) hasOwn(record *salesforce.Record) bool {
	last := m.Item.Last
	return last != nil && last.ID != "" && !last.ID.Equal(record.ID) && last.Trace.Bond != nil &&
		last.Trace.Bond.Person == leadtype.OriginCreated && !m.Correction.Rematched()
}

// holdOther fails a lead whose record is another person's. It lists what the other probes
// for its address find, among which a person may choose.
func (m *matching) holdOther(one *Match, from int) {
	object := one.Trace.Probes[from].Object
	for i := from + 1; i < len(one.Trace.Probes); i++ {
		if p := &one.Trace.Probes[i]; ByEmail(p) && p.Skipped == "" {
			p.Candidates, p.Hit, p.Tried = nil, false, leadtype.TriedYes
			_ = m.try(one, p)
			if one.Err != nil {
				return
			}
			if len(p.Candidates) > 0 {
				object = "" // they are of several objects
			}
		}
	}
	one.Err = &leadtype.Error{Op: "match", LeadID: one.Lead.ID, Object: object, Code: leadtype.AmbiguousMatch,
		Fields: []string{one.Trace.Probes[from].Field}, Reason: OtherName}
}

// OtherName is why a lead is held whose address is another person's.
const OtherName = "the record with the lead's e-mail address has another person's name: choose it, or a new record"

// reported reports whether a duplicate rule, or a unique field, named a record when the
// lead's was to be created.
func (m *Match) reported(record *salesforce.Record) bool {
	last := m.Item.Last
	return last != nil && last.Stage != leadtype.Cleared && last.ID.Equal(record.ID) && last.Trace.Bond != nil &&
		last.Trace.Bond.Person == leadtype.OriginDuplicate
}

// IsUnique reports whether it was a unique field, and no rule, that named the record.
func (m *Match) IsUnique() bool {
	return m.Item.Last != nil && salesforce.StatusOf(m.Item.Last.Err) == salesforce.DuplicateValue
}

// recallProbes says of a record that a duplicate rule named how it was found, and of the probes
// what the look before found, which the rule's refusal followed.
func (m *Match) recallProbes() {
	if m.named == "" {
		return
	}
	found := false
	for i := range m.Trace.Probes {
		p := &m.Trace.Probes[i]
		if !found && len(p.Candidates) > 0 && p.Candidates[0].ID.Equal(m.named) {
			p.Candidates[0].Note, found = leadtype.NoteDuplicate, true
			if m.IsUnique() {
				p.Candidates[0].Note = leadtype.NoteUnique
			}
			if p.Hit {
				m.Trace.Rule = string(p.Object) + " " + p.Candidates[0].Note
			}
			continue
		}
		before := slices.IndexFunc(m.Item.Last.Trace.Probes, func(b leadtype.ProbeTrace) bool {
			return b.Probe == p.Probe && b.Key == p.Key
		})
		if found && p.Tried == leadtype.TriedNo && before >= 0 {
			b := m.Item.Last.Trace.Probes[before]
			p.Tried, p.Candidates, p.Hit = b.Tried, b.Candidates, false
		}
	}
}

// doubtReported returns why a record that a duplicate rule named is not used without a
// person's choice, nil where it has the lead's name.
func (m *Match) doubtReported(record *salesforce.Record, who leadtype.Who) *leadtype.Error {
	if who == "" {
		return nil
	}
	e := &leadtype.Error{Op: "match", LeadID: m.Lead.ID, Object: record.Object, Code: leadtype.AmbiguousMatch,
		Fields: []string{"Id"},
		Reason: "a duplicate rule reports a record that has not the lead's name: choose it, or a new record"}
	if m.IsUnique() {
		e.Reason = fmt.Sprintf("the record with the lead's value in %s, %s: choose it, or correct the value",
			cmp.Or(strings.Join(m.Item.Last.Err.Fields, ", "), "a field"), value.UniqueOther)
	}
	return e
}

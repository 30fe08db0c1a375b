// SPDX-License-Identifier: Apache-2.0

package scenario

import (
	"slices"
	"strings"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/leadtype"
)

// checkRecord checks what became of a person's record.
func (f *Fair) checkRecord(r *round, id string, row map[string]any) {
	c := &change{round: r, known: f.records[id], before: r.before[id], after: row}
	if c.known == nil {
		first := f.creatorOf(r, id, row)
		if first == nil {
			f.fail("lost: a record is nobody's")
			return
		}
		c.known = f.newRecord(row["object"].(string), id, first)
	}
	for _, a := range r.batch {
		if r.isOf(a, id) || f.mayHaveBeen(r, a, c.known) {
			c.by = append(c.by, a)
			c.leads[a.ID] = c.leads[a.ID] || r.isOf(a, id)
		}
	}
	c.old = c.clone()
	r.old[id] = c.old
	if f.sectionless && c.object == "Contact" {
		f.checkSectionless(c)
		return
	}
	for _, s := range f.slots {
		if s.field(c.object) != "" {
			f.checkField(c, s)
		}
	}
	f.checkPlace(c)
	f.checkOwner(c)
	f.checkConsents(c)
	f.checkNotes(c)
	if r.changed && len(c.by) == 1 && len(f.wrong) == 0 && !f.Quiet {
		f.checkWarnings(c, c.by[0])
	}
}

// checkSectionless checks that nothing but an answer was written to a Contact of which the mapping has
// no section, and that its leads say so.
func (f *Fair) checkSectionless(c *change) {
	for _, s := range f.slots {
		name := s.field(c.object)
		switch {
		case name == "Topic__c":
			f.checkField(c, s)
		case name != "" && c.before[name] != c.after[name]:
			f.fail("section: %s of %s has become %v", name, c.id, c.after[name])
		}
	}
	if f.placeOf(c.object, c.before) != f.placeOf(c.object, c.after) || c.before["Description"] != c.after["Description"] {
		f.fail("section: the address or the notes of %s were written", c.id)
	}
	f.checkConsents(c)
	for _, a := range c.by {
		if out := c.outcomes[a.ID]; out.Stage == leadsync.Cleared && c.isOf(a, c.id) && !f.Quiet &&
			!slices.Contains(out.WarningKinds(), leadtype.NoSection) {
			f.fail("warning: %s does not say that the mapping has no section for %s", a.ID, c.id)
		}
	}
}

// isOf reports whether a lead ended with a record.
func (r *round) isOf(a *attendee, id string) bool {
	out := r.outcomes[a.ID]
	return out != nil && string(out.ID) == id
}

// creatorOf returns the lead that a round created a record for: the first of those that ended
// with it. A process that ended may have created it for a lead as that was before it was
// corrected.
func (f *Fair) creatorOf(r *round, id string, row map[string]any) (first *attendee) {
	for _, a := range r.batch {
		if r.isOf(a, id) && (first == nil || a.turn < first.turn) {
			first = a
		}
	}
	for _, a := range r.batch {
		if first == nil && f.mayHaveBeen(r, a, nil) && words(a.LastName) == words(row["LastName"]) {
			first = a
		}
	}
	return first
}

// newRecord takes in a record that was created for a lead.
func (f *Fair) newRecord(object, id string, by *attendee) *known {
	record := &known{object: object, id: id, who: by.who, lead: by.ID, created: true,
		fields: make(map[string]*fieldState), leads: make(map[leadsync.LeadID]bool)}
	for _, s := range f.slots {
		record.fields[s.name] = new(fieldState)
	}
	f.records[id] = record
	return record
}

// clone returns what is known of a record now.
func (r *known) clone() known {
	now := *r
	now.fields = make(map[string]*fieldState)
	for name, state := range r.fields {
		was := *state
		now.fields[name] = &was
	}
	return now
}

// mayHaveBeen reports whether a process that ended may have synced a lead with a record, as the
// lead was before it was corrected. Nil is a record that was not there before.
func (f *Fair) mayHaveBeen(r *round, a *attendee, record *known) bool {
	if !r.corrected || f.leads[a.ID] == a {
		return false
	}
	if record == nil {
		return true
	}
	rel := f.relation(a, record)
	return rel == samePerson || rel == inDoubt || f.cfg.OtherPerson == leadtype.AttachOther
}

// checkOwner checks that a new record has the rep of one of its leads as its owner, if that is
// a User, and that no other record changes its owner.
func (f *Fair) checkOwner(c *change) {
	before, after := c.before["OwnerId"], c.after["OwnerId"]
	byRep := slices.ContainsFunc(c.by, func(a *attendee) bool { return a.CapturedBy == aRep })
	byOthers := slices.ContainsFunc(c.by, func(a *attendee) bool { return a.CapturedBy != aRep })
	switch {
	case c.before != nil && before != after:
		f.fail("owner: %s %s was taken from its owner", c.object, c.id)
	case c.before == nil && (after == f.rep && !byRep || after != f.rep && !byOthers):
		f.fail("owner: %s %s has %v", c.object, c.id, after)
	}
}

// checkConsents checks that consents went one way.
func (f *Fair) checkConsents(c *change) {
	out, in := c.after["HasOptedOutOfEmail"] == true, c.after["Newsletter__c"] == true
	wasOut, wasIn := c.before["HasOptedOutOfEmail"] == true, c.before["Newsletter__c"] == true
	saysOut, saysIn, saysNo := false, false, false
	for _, a := range c.by {
		if f.relation(a, c.known) != otherPerson {
			saysOut, saysIn = saysOut || a.out.means == true, saysIn || a.in.means == true
			saysNo = saysNo || a.in.means == false
		}
	}
	switch {
	case wasOut && !out:
		f.fail("consent: %s %s is opted in again", c.object, c.id)
	case c.before != nil && !wasIn && in:
		f.fail("consent: %s %s has a consent that nobody gave", c.object, c.id)
	case !wasOut && out && !saysOut, c.before == nil && in && !saysIn, wasIn && !in && !saysNo:
		f.fail("consent: %s %s has one that no lead said", c.object, c.id)
	}
}

// checkNotes checks that the notes are those that were there and the person's own, each once.
func (f *Fair) checkNotes(c *change) {
	before, _ := c.before["Description"].(string)
	after, _ := c.after["Description"].(string)
	if !strings.HasPrefix(after, before) {
		f.fail("blank: the notes of %s %s were replaced", c.object, c.id)
	}
	lines := strings.Split(after, "\n")
	if slices.Sort(lines); len(slices.Compact(lines)) < strings.Count(after, "\n")+1 {
		f.fail("twice: a note of %s %s is there again", c.object, c.id)
	}
	for _, a := range f.leads {
		said := a.Notes != "" && slices.Contains(strings.Split(after, "\n"), a.Notes)
		if said && f.relation(a, c.known) == otherPerson {
			f.fail("other: a note of %s is in %s %s", a.ID, c.object, c.id)
		}
	}
}

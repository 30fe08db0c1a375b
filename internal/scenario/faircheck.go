// SPDX-License-Identifier: Apache-2.0

package scenario

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/leadtype"
)

// check checks what a round has made of the org.
func (f *Fair) check(r *round) {
	for _, a := range r.batch {
		if f.leads[a.ID] == a { // else it was corrected since
			f.checkOutcome(r, a)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(r.after)) {
		row := r.after[id]
		switch row["object"] {
		case "Lead", "Contact":
			f.checkRecord(r, id, row)
		case "Task":
			f.checkTask(r, row)
		case "Visit__c":
			key, _ := row["VisitKey__c"].(string)
			if text, _ := row[boothField].(string); strings.HasPrefix(text, "booth of") &&
				!strings.HasPrefix(text, "booth of "+key+",") {
				f.fail("other: a visit of %s has %q", key, text)
			}
			f.checkBooth(r, id, row)
		case "CampaignMember":
			f.checkBooth(r, id, row)
		}
	}
	for id := range r.before {
		if r.after[id] == nil {
			f.fail("gone: %s", id)
		}
	}
}

// checkOutcome checks why a lead did not clear.
func (f *Fair) checkOutcome(r *round, a *attendee) {
	out := r.outcomes[a.ID]
	for _, w := range out.Warnings {
		f.Met["warned: "+string(w.Kind)]++
	}
	switch {
	case out.Stage == leadsync.Cleared:
		dropped := slices.ContainsFunc(out.Warnings, func(w leadtype.Warning) bool {
			return w.Kind == leadtype.Dropped && w.Object == "Visit__c"
		})
		if dropped != (f.guestsOnly && out.Object == "Lead") && !f.Quiet {
			f.fail("warning: %s, which is a %s, says %t of a visit that was left out", a.ID, out.Object, dropped)
		}
	case out.Code() == leadtype.AmbiguousMatch && (slices.Contains([]int{0, 2, 3, 5, 6}, a.who) || f.isRenamed(a.who)):
	case out.Code() == leadtype.RequiredFieldMissing && a.said["company"].kind != "":
	default:
		f.fail("code: %s is %s: %v", a.ID, out.Stage, out.Err)
	}
	f.Met["outcome: "+string(out.Stage)+" "+string(out.Code())]++
}

// isRenamed reports whether people have changed the name of a guest's record.
func (f *Fair) isRenamed(who int) bool {
	for _, r := range f.records {
		if r.who == who && r.renamed {
			return true
		}
	}
	return false
}

// checkField checks what became of a field.
func (f *Fair) checkField(c *change, s *slot) {
	name, state := s.field(c.object), c.fields[s.name]
	before, after := c.before[name], c.after[name]
	if s.form(before) == s.form(after) && (before == nil) == (after == nil) {
		f.confirm(c, s, after)
		return
	}
	switch {
	case f.closed[c.object+"."+name] != "":
		f.fail("closed: %s.%s of %s: %v has become %v", c.object, name, c.id, before, after)
	case state.isPersons():
		f.fail("edited: %s.%s of %s: %v has become %v", c.object, name, c.id, before, after)
	case after == nil && before != nil:
		f.fail("blank: %s.%s of %s: %v has become blank", c.object, name, c.id, before)
	case isStandIn(after) && before != nil && !isStandIn(before):
		f.fail("blank: %s.%s of %s: %v has become a stand-in", c.object, name, c.id, before)
	case state.from == others && !state.unsure && before != nil && !isStandIn(before) && !isInitial(fmt.Sprint(before)):
		f.fail("existing: %s.%s of %s: %v has become %v", c.object, name, c.id, before, after)
	default:
		f.checkSource(c, s, before, after)
	}
}

// confirm takes in that leads say the value which the connection has written before: it counts
// as the newest one's then.
func (f *Fair) confirm(c *change, s *slot, value any) {
	state := c.fields[s.name]
	for _, a := range c.by {
		said, out := a.said[s.name], c.outcomes[a.ID]
		if value != nil && (a.says(s, value) || said.keeps(value)) && f.relation(a, c.known) == samePerson {
			state.confirmed(a.CapturedAt, len(c.by) == 1 && c.changed && !a.unchanged && !isPersonName(s) && a.says(s, value) &&
				out.Stage == leadsync.Cleared && !slices.Contains(out.WarningKinds(), leadtype.Doubt), c.created)
		}
	}
}

func isPersonName(s *slot) bool { return s.name == "firstName" || s.name == "lastName" }

// checkSource checks that a value is what one of the leads said, as a whole.
func (f *Fair) checkSource(c *change, s *slot, before, after any) {
	name := s.field(c.object)
	why := "cut"
	for _, a := range f.leads {
		if a.says(s, after) && f.relation(a, c.known) == otherPerson {
			why = "other"
		}
	}
	var at, newest *attendee
	for _, a := range c.by {
		if !a.says(s, after) {
			continue
		}
		rel := f.relation(a, c.known)
		ofCompany := slices.Contains([]string{"company", "website", "industry", "companySize"}, s.name)
		if rel == samePerson || rel == inDoubt && before == nil && !ofCompany && !isPersonName(s) {
			if at == nil || a.CapturedAt.Before(at.CapturedAt) {
				at = a
			}
			if newest == nil || a.CapturedAt.After(newest.CapturedAt) {
				newest = a
			}
		} else {
			why = "other"
		}
	}
	if state := c.fields[s.name]; at != nil && state.from == ours && newest.CapturedAt.Before(state.at) {
		f.fail("stale: %s.%s of %s: %v has become %v, which is older", c.object, name, c.id, before, after)
		return
	}
	if at == nil {
		f.fail("%s: %s.%s of %s: %v has become %v", why, c.object, name, c.id, before, after)
		return
	}
	c.fields[s.name].written(s.form(after), at.CapturedAt, newest.CapturedAt)
}

// checkTask checks that an activity is logged with its person, once.
func (f *Fair) checkTask(r *round, row map[string]any) {
	for _, other := range r.after {
		// Without a store a lead that gets another record has its activities there again.
		if other["object"] == "Task" && other["Description"] == row["Description"] && other["Id"] != row["Id"] &&
			(f.Open != nil || other["WhoId"] == row["WhoId"]) {
			f.fail("twice: a Task is there again: %v of %v and %v", row["Description"], row["WhoId"], other["WhoId"])
		}
	}
	who, _ := row["WhoId"].(string)
	record := f.records[who]
	for _, a := range f.leads {
		for _, activity := range a.Activities {
			if activity.Notes != row["Description"] {
				continue
			}
			if record == nil || f.relation(a, record) == otherPerson && f.cfg.OtherPerson != leadtype.AttachOther {
				f.fail("other: an activity of %s is logged with another person", a.ID)
			}
			if day := activity.At.In(f.zone).Format(time.DateOnly); row["ActivityDate"] != day {
				f.fail("day: an activity of %s, which was on %s, is logged for %v", a.ID, day, row["ActivityDate"])
			}
		}
	}
}

// checkWarnings checks that each value of a lead that was not taken has a warning of the
// right kind, that nothing else has one, and that what may be written is.
func (f *Fair) checkWarnings(c *change, a *attendee) {
	out := c.outcomes[a.ID]
	has := func(kind leadtype.WarningKind) bool { return slices.Contains(out.WarningKinds(), kind) }
	rel := f.relation(a, c.known)
	switch {
	case out.Stage != leadsync.Cleared:
		return
	case rel == otherPerson && !has(leadtype.OtherPerson):
		f.fail("other: %s was synced with the record of another person without a warning", a.ID)
		return
	case rel == inDoubt && !has(leadtype.Doubt) && !has(leadtype.OtherPerson):
		f.fail("other: %s was synced with the record of another person without doubt", a.ID)
		return
	case rel != samePerson || a.unchanged:
		return
	case c.renamed && c.lead != a.ID || isOfMany(c, a):
		return
	case has(leadtype.Doubt) || has(leadtype.OtherPerson):
		f.fail("warning: %s is taken for another person than its record's", a.ID)
		return
	}
	for _, s := range f.slots {
		if s.field(c.object) != "" {
			f.checkWarning(c, a, s)
		}
	}
	f.checkPlaceWarnings(c, a)
	f.checkConsentWarnings(c, a)
	var owner []leadtype.WarningKind
	if c.before == nil && a.CapturedBy != "" && a.CapturedBy != aRep {
		owner = append(owner, leadtype.OwnerReplaced)
	}
	f.expectKinds(c, "OwnerId", c.warned(a, "OwnerId"), owner)
}

// isOfMany reports whether a lead has the address of many, and it or its record not the whole
// name.
func isOfMany(c *change, a *attendee) bool {
	return (a.who == 5 || a.who == 6) &&
		(a.said["firstName"].text == "" || c.before != nil && c.before["FirstName"] == nil)
}

// warned returns the kinds of the warnings about a field.
func (c *change) warned(a *attendee, name string) []leadtype.WarningKind {
	var kinds []leadtype.WarningKind
	for _, w := range c.outcomes[a.ID].Warnings {
		if w.Field == name && string(w.Object) == c.object {
			kinds = append(kinds, w.Kind)
		}
	}
	return kinds
}

// expectKinds checks that there is one of the wanted kinds, if any, and none that is neither
// wanted nor allowed.
func (f *Fair) expectKinds(c *change, what string, kinds, want []leadtype.WarningKind,
	allowed ...leadtype.WarningKind) {
	one := len(want) == 0
	for _, kind := range kinds {
		one = one || slices.Contains(want, kind)
		if !slices.Contains(want, kind) && !slices.Contains(allowed, kind) {
			f.fail("warning: %s of %s %s has %q, and not one of %q", what, c.object, c.id, kind, want)
			return
		}
	}
	if !one {
		f.fail("warning: %s of %s %s has none of %q", what, c.object, c.id, want)
	}
}

// persons returns the kinds of the warnings that say that a field is as a person has made it, and
// those that may say so.
func (c *change) persons(old *fieldState) (by, either []leadtype.WarningKind) {
	switch old.from {
	case edited:
		by = append(by, leadtype.KeptEdited)
		// An edit between a merge and the next sync is not told from what the other record had, nor one
		// of what a process wrote that ended from what was there before.
		if c.joined || old.passing {
			by = append(by, leadtype.KeptExisting)
		}
	case emptied:
		by = append(by, leadtype.KeptCleared)
	}
	if old.unsure || old.passing {
		either = []leadtype.WarningKind{leadtype.KeptEdited, leadtype.KeptCleared}
	}
	return by, either
}

// checkWarning checks the warnings about a field.
func (f *Fair) checkWarning(c *change, a *attendee, s *slot) {
	name := s.field(c.object)
	said, given := a.said[s.name]
	before, after := c.before[name], c.after[name]
	kinds := c.warned(a, name)
	old := c.old.fields[s.name]
	by, either := c.persons(old)
	closed := f.closed[c.object+"."+name]
	switch {
	case !given || said.text == "":
		f.expectKinds(c, name, kinds, nil)
	case closed != "" && said.means != nil && s.form(after) != s.form(said.means):
		f.expectKinds(c, name, kinds, []leadtype.WarningKind{closed})
	case closed != "":
		f.expectKinds(c, name, kinds, nil, closed, said.kind)
	case said.means == nil && isStandIn(said.text) && (before == nil || isStandIn(before)):
		f.expectKinds(c, name, kinds, nil, leadtype.BlankText, leadtype.Placeholder)
	case said.means == nil && s.name == "company":
		f.expectKinds(c, name, kinds, append(by, said.kind), append(either, leadtype.Placeholder)...)
	case said.means == nil:
		f.expectKinds(c, name, kinds, append(append(by, said.kind), either...))
	case s.form(after) == s.form(said.means):
		if s.form(before) != s.form(after) && said.kind != "" {
			f.expectKinds(c, name, kinds, []leadtype.WarningKind{said.kind})
			return
		}
		f.expectKinds(c, name, kinds, nil, said.kind)
	case said.keeps(after) || s.name == "firstName" && isInitial(said.text) && before != nil:
		f.expectKinds(c, name, kinds, nil, append(by, leadtype.KeptExisting)...)
	case len(by) > 0 && s.name == "lastName" && a.said["firstName"].text == "":
		f.expectKinds(c, name, kinds, append(by, leadtype.BlankText)) // Müller of Müller GmbH may be the company
	case len(by) > 0:
		f.expectKinds(c, name, kinds, by)
	case isPersonName(s) && before != nil &&
		(!c.renamed || a.said["firstName"].text == ""):
		sameName := []leadtype.WarningKind{leadtype.KeptExisting, leadtype.Stale} // in another form
		if a.said["firstName"].text == "" {
			sameName = append(sameName, leadtype.BlankText) // Müller of Müller GmbH may be the company
		}
		f.expectKinds(c, name, kinds, nil, sameName...)
	case old.unsure:
		f.expectKinds(c, name, kinds, nil, leadtype.KeptExisting, leadtype.KeptEdited, leadtype.Stale)
	case old.passing:
		f.expectKinds(c, name, kinds, append(either, leadtype.KeptExisting))
	case old.from == others:
		f.expectKinds(c, name, kinds, []leadtype.WarningKind{leadtype.KeptExisting})
	case old.from == ours && a.CapturedAt.Before(old.at):
		f.expectKinds(c, name, kinds, []leadtype.WarningKind{leadtype.Stale})
	case old.from == ours && a.CapturedAt.Before(old.till):
		f.expectKinds(c, name, kinds, nil, leadtype.Stale)
	default:
		f.fail("lost: %s.%s of %s was not written: %q over %v, %v", c.object, name, c.id, said.text, before, kinds)
	}
}

func isInitial(text string) bool { return len(text) <= 2 }

// keeps reports whether a number lies within the range that was said.
func (s *said) keeps(value any) bool {
	number, ok := value.(int)
	low, isNumber := s.means.(float64)
	return ok && isNumber && s.most > 0 && float64(number) >= low && float64(number) <= s.most
}

// checkConsentWarnings checks that a consent that was said is kept, or has a warning.
func (f *Fair) checkConsentWarnings(c *change, a *attendee) {
	for _, one := range []struct {
		name string
		said said
		up   bool // it may only be raised
	}{{"HasOptedOutOfEmail", a.out, true}, {"Newsletter__c", a.in, false}} {
		kinds := c.warned(a, one.name)
		before, after := c.before[one.name] == true, c.after[one.name] == true
		switch {
		case one.said.means == nil || one.said.means == after:
			f.expectKinds(c, one.name, kinds, nil)
		case c.before != nil && before == after && one.said.means != one.up:
			f.expectKinds(c, one.name, kinds, []leadtype.WarningKind{leadtype.KeptExisting})
		default:
			f.fail("consent: %s of %s %s was not written", one.name, c.object, c.id)
		}
	}
}

// SPDX-License-Identifier: Apache-2.0

package scenario

import (
	"slices"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/leadtype"
)

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

// checkWarning checks the warnings about a field.
func (f *Fair) checkWarning(c *change, a *attendee, s *slot) {
	name := s.field(c.object)
	said, given := a.said[s.name]
	before, after := c.before[name], c.after[name]
	kinds := c.warned(a, name)
	old := c.old.fields[s.name]
	var by []leadtype.WarningKind
	switch old.from {
	case edited:
		by = append(by, leadtype.KeptEdited)
		if c.joined { // an edit between a merge and the next sync is not told from what the other record had
			by = append(by, leadtype.KeptExisting)
		}
	case emptied:
		by = append(by, leadtype.KeptCleared)
	}
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
		f.expectKinds(c, name, kinds, append(by, said.kind), leadtype.Placeholder)
	case said.means == nil:
		f.expectKinds(c, name, kinds, append(by, said.kind))
	case s.form(after) == s.form(said.means):
		if s.form(before) != s.form(after) && said.kind != "" {
			f.expectKinds(c, name, kinds, []leadtype.WarningKind{said.kind})
			return
		}
		f.expectKinds(c, name, kinds, nil, said.kind)
	case said.keeps(after) || s.name == "firstName" && isInitial(said.text) && before != nil:
		f.expectKinds(c, name, kinds, nil, append(by, leadtype.KeptExisting)...)
	case len(by) > 0:
		f.expectKinds(c, name, kinds, by)
	case (s.name == "firstName" || s.name == "lastName") && before != nil &&
		(!c.renamed || a.said["firstName"].text == ""):
		sameName := []leadtype.WarningKind{leadtype.KeptExisting, leadtype.Stale} // in another form
		if a.said["firstName"].text == "" {
			sameName = append(sameName, leadtype.BlankText) // Müller of Müller GmbH may be the company
		}
		f.expectKinds(c, name, kinds, nil, sameName...)
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

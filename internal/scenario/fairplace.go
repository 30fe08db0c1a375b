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

// The parts of a place.
const (
	street = iota
	city
	state
	postalCode
	country
)

var placeParts = [5]string{"Street", "City", "State", "PostalCode", "Country"}

// A place is an address as a lead has it.
type place [5]string

// spellings are the ways to write a country or a state, by what is kept where picklists are
// on.
var spellings = map[string][]string{
	"US": {"United States", "USA", "US", "u.s.a."}, "DE": {"Germany", "Deutschland", "DE", "DEU"},
	"GB": {"United Kingdom", "UK", "Great Britain"}, "CA": {"California", "Calif."}, "NY": {"New York"},
	"BY": {"Bayern", "Bavaria"},
}

// token returns what a part means.
func token(part int, text string) string {
	if part == country || part == state {
		for code, texts := range spellings {
			if len(texts) > 0 && slices.Contains(texts, text) {
				return code
			}
		}
	}
	return words(text)
}

func (p place) tokens() (all [5]string) {
	for i, text := range p {
		all[i] = token(i, text)
	}
	return all
}

func (p place) blank() bool { return p == place{} }

// usable reports whether a place may replace another that has a street or not.
func usable(p [5]string, overStreet bool) bool {
	return (p[city] != "" || p[postalCode] != "") && p[country] != "" && (p[street] != "" || !overStreet)
}

func (p place) put(l *leadsync.Lead) {
	l.Street, l.City, l.State, l.PostalCode, l.Country = p[street], p[city], p[state], p[postalCode], p[country]
}

// drawPlace draws an address of a guest, or a part of one.
func (f *Fair) drawPlace(who int) place {
	n := f.tape.draw(4)
	countries, states := []string{"US", "DE", "GB"}, []string{"CA", "BY", ""}
	at := n % len(countries)
	p := place{fmt.Sprintf("%d Station Road", 10*who+n+1), fmt.Sprintf("Town%c%d", 'A'+rune(who), n), "",
		fmt.Sprintf("%d%d000", who+1, n), f.spell(countries[at])}
	if states[at] != "" && f.tape.bool() {
		p[state] = f.spell(states[at])
	}
	switch f.tape.draw(8) {
	case 1:
		return place{city: p[city]}
	case 2:
		return place{city: p[city], country: p[country]}
	case 3:
		return place{city: p[city], postalCode: p[postalCode]}
	case 4:
		p[street] = ""
	case 5:
		return place{country: p[country]}
	case 6:
		return place{street: p[street], postalCode: p[postalCode]}
	}
	return p
}

func (f *Fair) spell(code string) string { return spellings[code][f.tape.draw(len(spellings[code]))] }

func placePrefix(object string) string {
	if object == "Contact" {
		return "Mailing"
	}
	return ""
}

// row returns the fields of a record that has the place.
func (p place) row(object string, picklists bool) map[string]any {
	row := make(map[string]any)
	for i, text := range p {
		code := token(i, text)
		switch {
		case text == "" || picklists && i == state && code == "BY":
			continue
		case picklists && (i == state || i == country):
			row[placePrefix(object)+placeParts[i]] = spellings[code][0]
		default:
			row[placePrefix(object)+placeParts[i]] = text
		}
	}
	if picklists && row[placePrefix(object)+"Country"] == nil {
		delete(row, placePrefix(object)+"State")
	}
	return row
}

// placeOf returns what the address of a record means.
func (f *Fair) placeOf(object string, row map[string]any) (all [5]string) {
	for i, part := range placeParts {
		if text, ok := row[placePrefix(object)+part].(string); ok {
			all[i] = token(i, text)
		}
	}
	return all
}

// editPlace lets a rep change or empty a part of an address.
func (f *Fair) editPlace(r *known) {
	part := []int{street, city, postalCode}[f.tape.draw(3)]
	name := placePrefix(r.object) + placeParts[part]
	var value any
	if f.tape.bool() {
		f.n++
		value = fmt.Sprintf("Edited %d", f.n)
	} else if f.org.Row(r.object, r.id)[name] == nil {
		return
	}
	f.org.Update(r.object, r.id, map[string]any{name: value})
	r.place[part].change(words(value), value == nil)
	f.tell("a person puts %v into %s.%s of %s", value, r.object, name, r.id)
	f.Met["person: address"]++
}

// checkPlace checks what a round has made of an address.
func (f *Fair) checkPlace(c *change) {
	before, after := f.placeOf(c.object, c.before), f.placeOf(c.object, c.after)
	if before == after {
		return
	}
	for i := range c.place {
		if c.place[i].isPersons() && (before[i] != after[i] || c.place[i].from == edited) {
			f.fail("edited: the address of %s %s, of which a person has changed the %s", c.object, c.id, placeParts[i])
			return
		}
	}
	by := f.placedBy(c, before, after)
	if by == nil {
		return
	}
	for i := range c.place {
		if before[i] != after[i] {
			c.place[i].written(after[i], by.CapturedAt, c.latest(by))
		}
	}
}

// latest returns when the last of the leads was captured that an address may be of.
func (c *change) latest(by *attendee) time.Time {
	at := by.CapturedAt
	for _, a := range c.by {
		if (c.interrupted || !a.address.blank()) && a.CapturedAt.After(at) {
			at = a.CapturedAt
		}
	}
	return at
}

// placedBy returns the last lead that an address came from. It fails where none can have
// made it.
func (f *Fair) placedBy(c *change, before, after [5]string) *attendee {
	reach := func(strict bool) (*attendee, bool) {
		made := map[[5]string]*attendee{before: nil}
		for range 2 { // the leads may be taken in another order
			for _, a := range c.by {
				rel := f.relation(a, c.known)
				if strict && rel == otherPerson || a.address.blank() {
					continue
				}
				for from := range maps.Clone(made) {
					f.place(made, from, a, !strict || rel == samePerson)
				}
			}
		}
		by, ok := made[after]
		return by, ok
	}
	if by, ok := reach(true); ok {
		f.checkImages(c, before, after)
		return by
	}
	why := "mixed"
	if _, ok := reach(false); ok {
		why = "other"
	}
	f.fail("%s: the address of %s %s was made of %q: %q", why, c.object, c.id, before, after)
	return nil
}

// place enters what a lead may make of an address.
func (f *Fair) place(made map[[5]string]*attendee, from [5]string, a *attendee, whole bool) {
	given := f.asKept(a.address.tokens())
	if whole && usable(given, from[street] != "") {
		made[given] = a
	}
	filled := from
	for i := range given {
		switch {
		case given[i] == "" || given[i] == from[i]:
		case from[i] != "":
			return // it contradicts
		default:
			filled[i] = given[i]
		}
	}
	made[filled] = a
}

// asKept is what an org keeps of a place: with picklists no state that it does not have.
func (f *Fair) asKept(given [5]string) [5]string {
	if f.places && given[state] == "BY" {
		given[state] = ""
	}
	return given
}

// checkImages checks that each part that was replaced or cleared has its before-image.
func (f *Fair) checkImages(c *change, before, after [5]string) {
	if c.before == nil || c.unrecorded {
		return
	}
	for i, part := range placeParts {
		if before[i] == "" || before[i] == after[i] {
			continue
		}
		found := false
		for _, a := range c.by {
			found = found || hasImage(c.outcomes[a.ID], placePrefix(c.object)+part)
		}
		if !found {
			f.fail("image: %s of %s %s was overwritten without its before-image", part, c.object, c.id)
		}
	}
}

// hasImage reports whether an outcome has what a field was before, or its code.
func hasImage(out *leadsync.Outcome, field string) bool {
	for _, p := range out.Parts {
		for _, image := range p.Changes {
			if image.Before != nil && (image.Field == field || image.Field == strings.TrimSuffix(field, "Code")+"Code") {
				return true
			}
		}
	}
	return false
}

// checkPlaceWarnings checks that an address that was not taken has a warning, and that one
// which may be written is.
func (f *Fair) checkPlaceWarnings(c *change, a *attendee) {
	given := f.asKept(a.address.tokens())
	before, after := f.placeOf(c.object, c.before), f.placeOf(c.object, c.after)
	taken, mine, persons := true, true, false
	for i := range after {
		taken = taken && (given[i] == "" || given[i] == after[i])
		old := c.old.place[i]
		mine = mine && (before[i] == "" || before[i] == given[i] || old.from == ours && !a.CapturedAt.Before(old.till))
		persons = persons || old.isPersons()
	}
	var kinds []leadtype.WarningKind
	for _, w := range c.outcomes[a.ID].Warnings {
		if isPlaceField(w.Field) && string(w.Object) == c.object {
			kinds = append(kinds, w.Kind)
		}
	}
	switch {
	case a.address.blank():
		f.expectKinds(c, "address", kinds, nil)
	case taken && f.places && token(state, a.address[state]) == "BY":
		f.expectKinds(c, "address", kinds, []leadtype.WarningKind{leadtype.Unfit}, leadtype.Unfit)
	case taken:
		f.expectKinds(c, "address", kinds, nil)
	case mine && !persons && usable(given, before[street] != ""):
		f.fail("lost: an address of %s %s was not written: %q over %q, %v", c.object, c.id, given, before, kinds)
	case persons:
		f.expectKinds(c, "address", kinds, []leadtype.WarningKind{leadtype.KeptEdited, leadtype.KeptCleared,
			leadtype.AddressContradicts, leadtype.KeptExisting, leadtype.Stale}, leadtype.Unfit)
	default:
		f.expectKinds(c, "address", kinds, []leadtype.WarningKind{leadtype.AddressContradicts, leadtype.KeptExisting,
			leadtype.Stale}, leadtype.Unfit)
	}
}

// SPDX-License-Identifier: Apache-2.0

package scenario

import (
	"maps"
	"slices"
)

// convert lets a rep convert the Lead of a guest. What the Contact has is the Lead's, as far
// as a conversion copies it.
func (f *Fair) convert() {
	r := f.pick(func(r *known) bool { return r.object == "Lead" })
	if r == nil {
		return
	}
	was := f.org.Row("Lead", r.id)
	contact, _ := f.org.Convert(r.id)
	f.tell("a person converts %s into %s", r.id, contact)
	next := &known{object: "Contact", id: contact, who: r.who, lead: r.lead, renamed: r.renamed}
	f.inherit(next, r, was)
	f.records[contact] = next
	r.gone = true
	f.Met["did convert"]++
}

// merge lets a rep enter another record of a guest and merge the two: the one that was there
// goes, or the new one. The survivor keeps its own values.
func (f *Fair) merge() {
	winner := f.pick(func(*known) bool { return true })
	if winner == nil {
		return
	}
	loser := f.enter(winner)
	if f.tape.bool() {
		winner, loser = loser, winner
	}
	was := f.org.Row(loser.object, loser.id)
	f.org.Merge(winner.object, winner.id, loser.id)
	f.tell("a person merges %s into %s", loser.id, winner.id)
	f.inherit(winner, loser, was)
	winner.renamed = winner.renamed || loser.renamed
	delete(f.records, loser.id)
	f.Met["did merge"]++
}

// enter lets a rep enter another record of a guest.
func (f *Fair) enter(like *known) *known {
	there := f.org.Row(like.object, like.id)
	row := make(map[string]any)
	for _, name := range []string{"FirstName", "LastName", "Email", "Company", "AccountId"} {
		if there[name] != nil {
			row[name] = there[name]
		}
	}
	for _, s := range f.slots {
		if name := s.field(like.object); row[name] == nil && name != "" && f.tape.bool() {
			f.n++
			row[name] = s.edit(f.n)
			if f.tape.bool() && there[name] != nil {
				row[name] = there[name]
			}
		}
	}
	return f.adopt(like.object, f.org.Insert(like.object, row), like.who)
}

// inherit lets a record take over what is remembered of another one, which had this row.
func (f *Fair) inherit(next, from *known, was map[string]any) {
	now := f.org.Row(next.object, next.id)
	if next.fields == nil {
		next.fields = make(map[string]*fieldState)
	}
	for _, s := range f.slots {
		state := next.fields[s.name]
		if state == nil {
			state = new(fieldState)
			next.fields[s.name] = state
		}
		old, value := was[s.field(from.object)], now[s.field(next.object)]
		if s.field(from.object) == "" || s.field(next.object) == "" {
			continue
		}
		state.inherit(from.fields[s.name], s.form(value), s.form(value) == s.form(old), value == nil)
	}
	before, after := f.placeOf(from.object, was), f.placeOf(next.object, now)
	for i := range next.place {
		next.place[i].inherit(&from.place[i], after[i], after[i] == before[i], after[i] == "")
	}
}

// inherit takes over what is remembered of a field of another record. same says that the two
// have the same value, blank that the field has none now.
func (s *fieldState) inherit(from *fieldState, form string, same, blank bool) {
	switch {
	case s.wrote || !from.wrote && !same:
		s.change(form, blank) // its own memory is better
	case same:
		*s = *from
	case blank:
		*s = *from
		s.change(form, true)
	default:
		s.change(form, false)
	}
}

// pick draws a record, nil if there is none.
func (f *Fair) pick(may func(r *known) bool) *known {
	all := slices.DeleteFunc(f.sorted(), func(r *known) bool { return r.gone || !may(r) })
	if len(all) == 0 {
		return nil
	}
	return all[f.tape.draw(len(all))]
}

// sorted are the records by id.
func (f *Fair) sorted() (all []*known) {
	for _, id := range slices.Sorted(maps.Keys(f.records)) {
		all = append(all, f.records[id])
	}
	return all
}

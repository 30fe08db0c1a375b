// SPDX-License-Identifier: Apache-2.0

package scenario

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/leadsync/leadsync"
)

// A move is something that happens.
type move struct {
	name string
	do   func(f *Fair)
}

func moves() []move {
	return []move{
		{"captured", (*Fair).capture}, {"captured", (*Fair).capture}, {"captured", (*Fair).capture},
		{"edited", (*Fair).edit}, {"edited", (*Fair).edit}, {"tidied", (*Fair).tidy}, {"rewritten", (*Fair).rewrite},
		{"restarted", (*Fair).restart}, {"synced again", (*Fair).again}, {"late activity", (*Fair).late},
		{"converted", (*Fair).convert}, {"merged", (*Fair).merge}, {"interrupted", (*Fair).interrupt},
		{"booth edited", (*Fair).editBooth}, {"reverted", (*Fair).revert}, {"forgotten", (*Fair).forgetLead},
	}
}

// restart lets another process take over. Without a store it knows nothing.
func (f *Fair) restart() {
	f.tell("another process")
	f.procs = nil
	f.start()
	if f.Open != nil {
		return
	}
	for _, r := range f.records {
		r.forget()
	}
	for _, b := range f.booths {
		b.forget()
	}
	maps.DeleteFunc(f.leads, func(_ leadsync.LeadID, a *attendee) bool {
		return guests[a.who].emails[0].means == nil // nothing tells it which record is the lead's
	})
}

// again syncs all leads as they are.
func (f *Fair) again() {
	var batch []*attendee
	for _, id := range slices.Sorted(maps.Keys(f.leads)) {
		batch = append(batch, f.leads[id])
	}
	if len(batch) == 0 {
		return
	}
	if f.Open != nil {
		_, err := f.procs[0].Push(f.t.Context(), leadsync.Filter{})
		fatal(f.t, err)
	}
	f.sync(batch, false)
}

// late lets an activity arrive after its lead.
func (f *Fair) late() {
	ids := slices.Sorted(maps.Keys(f.leads))
	if len(ids) == 0 {
		return
	}
	f.n++
	a := f.leads[ids[f.tape.draw(len(ids))]]
	lead := *a.Lead
	lead.Activities = append(slices.Clone(lead.Activities), leadsync.Activity{ID: fmt.Sprint("A", f.n),
		Kind: leadsync.ActivityEmail, At: f.aboutMidnight(), Notes: fmt.Sprintf("mail of %s, %d", a.ID, f.n)})
	a.Lead = &lead
	f.sync([]*attendee{a}, false)
}

// edit lets reps change or empty fields.
func (f *Fair) edit() { f.change(f.editOne) }

// tidy is automation that changes the form of what was written.
func (f *Fair) tidy() { f.change(f.tidyOne) }

// rewrite is automation that makes something else of what was written.
func (f *Fair) rewrite() { f.change(f.rewriteOne) }

// change changes one or some fields of a record.
func (f *Fair) change(one func(r *known, s *slot)) {
	r := f.pick(func(*known) bool { return true })
	if r == nil {
		return
	}
	var written []*slot // which matter most
	for _, s := range f.slots {
		if s.field(r.object) != "" && r.fields[s.name].wrote {
			written = append(written, s)
		}
	}
	for range 1 + f.tape.draw(4) {
		all := f.slots
		if len(written) > 0 && f.tape.draw(4) > 0 {
			all = written
		}
		if s := all[f.tape.draw(len(all))]; s.field(r.object) != "" {
			one(r, s)
		}
	}
	if f.tape.draw(3) == 0 {
		f.editPlace(r)
	}
}

func (f *Fair) editOne(r *known, s *slot) {
	f.n++
	name := s.field(r.object)
	value := s.edit(f.n)
	if f.tape.bool() && !slices.Contains([]string{"LastName", "Company"}, name) {
		value = nil
	}
	f.setByPerson(r, s, value)
}

// setByPerson lets a rep give a field a value, nil for none.
func (f *Fair) setByPerson(r *known, s *slot, value any) {
	name, state := s.field(r.object), r.fields[s.name]
	current := f.org.Row(r.object, r.id)[name]
	if value == nil && current == nil {
		return
	}
	f.org.Update(r.object, r.id, map[string]any{name: value})
	state.set(s, value)
	r.renamed = r.renamed || s.name == "firstName" || s.name == "lastName"
	f.tell("a person puts %v into %s.%s of %s", value, r.object, name, r.id)
	f.Met["person: "+s.name]++
}

func (f *Fair) tidyOne(r *known, s *slot) {
	name, state := s.field(r.object), r.fields[s.name]
	if value := f.org.Row(r.object, r.id)[name]; value != nil && state.from == ours {
		f.org.Update(r.object, r.id, map[string]any{name: s.tidy(value)})
		f.tell("automation tidies %s.%s of %s: %q", r.object, name, r.id, s.tidy(value))
		f.Met["tidied: "+s.name]++
	}
}

func (f *Fair) rewriteOne(r *known, s *slot) {
	name, state := s.field(r.object), r.fields[s.name]
	if value := f.org.Row(r.object, r.id)[name]; value != nil && state.from == ours {
		f.n++
		f.setByPerson(r, s, s.edit(f.n))
	}
}

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
	next := &known{object: "Contact", id: contact, who: r.who, lead: r.lead, renamed: r.renamed, joined: true,
		created: r.created, leads: maps.Clone(r.leads)}
	f.inherit(next, r, was)
	f.records[contact] = next
	r.gone, r.joined = true, true
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
	winner.renamed, winner.joined = winner.renamed || loser.renamed, true
	winner.created = winner.created || loser.created
	maps.Copy(winner.leads, loser.leads)
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
	r := f.adopt(like.object, f.org.Insert(like.object, row), like.who)
	if guests[like.who].emails[0].means == nil {
		<-time.After(time.Hour) // else it may pass for that of a create without an answer, which has but the name
	}
	r.renamed = row["FirstName"] != there["FirstName"]
	return r
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
		s.passing = s.passing || from.passing
	case same:
		*s = *from
	case blank:
		*s = *from
		s.change(form, true)
	default:
		s.change(form, false)
		s.passing = true
	}
}

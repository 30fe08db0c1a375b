// SPDX-License-Identifier: Apache-2.0

package scenario

import (
	"fmt"
	"maps"
	"slices"

	"github.com/leadsync/leadsync"
)

// meanwhile lets people change records between the end of a process and the next one: those that it
// has written, or was to write, too. What they leave counts as what was there before the round, and
// in a field that had nothing of the connection before, nothing tells that the process has written it.
func (f *Fair) meanwhile(r *round, by []*attendee) {
	for range f.tape.draw(5) {
		if f.tape.bool() {
			f.editMeanwhile(r, by)
		} else {
			f.editBoothMeanwhile(r, by)
		}
	}
}

// editMeanwhile lets a rep change or empty a field of a person whose leads a process synced.
func (f *Fair) editMeanwhile(r *round, by []*attendee) {
	record := f.pick(func(k *known) bool {
		return slices.ContainsFunc(by, func(a *attendee) bool { return f.relation(a, k) != otherPerson })
	})
	if record == nil || r.before[record.id] == nil {
		return
	}
	s := f.slots[f.tape.draw(len(f.slots))]
	name := s.field(record.object)
	if name == "" || f.closed[record.object+"."+name] != "" || isPersonName(s) || s.name == "email" {
		return
	}
	before, now := r.before[record.id][name], f.org.Row(record.object, record.id)[name]
	state := record.fields[s.name]
	had := state.wrote
	if s.form(before) != s.form(now) {
		f.wroteMeanwhile(state, by, s.form(now), func(a *attendee) bool { return a.says(s, now) }, name)
	}
	f.n++
	value := s.edit(f.n)
	if f.tape.bool() && name != "Company" {
		value = nil
	}
	f.setByPerson(record, s, value)
	r.before[record.id][name] = f.org.Row(record.object, record.id)[name]
	if !had || value == nil && before == nil {
		*state = fieldState{} // nothing tells whether the process has written it
		state.set(s, value)
	}
	state.passing = true
	f.Met["meanwhile: field"]++
}

// wroteMeanwhile takes in that a process wrote a value before it ended.
func (f *Fair) wroteMeanwhile(state *fieldState, by []*attendee, form string, says func(a *attendee) bool,
	name string) {
	if state.isPersons() {
		f.fail("edited: a process that ended wrote %s", name)
	}
	var at, till *attendee
	for _, a := range by {
		if !says(a) {
			continue
		}
		if at == nil || a.CapturedAt.Before(at.CapturedAt) {
			at = a
		}
		if till == nil || a.CapturedAt.After(till.CapturedAt) {
			till = a
		}
	}
	if at == nil {
		f.fail("other: a process that ended wrote a %s that none of its leads said", name)
		return
	}
	state.written(form, at.CapturedAt, till.CapturedAt)
}

// editBoothMeanwhile lets a rep change or empty the booth of a visit or a member, or move the
// status of a member.
func (f *Fair) editBoothMeanwhile(r *round, by []*attendee) {
	rows := f.look()
	ids := slices.DeleteFunc(slices.Sorted(maps.Keys(rows)), func(id string) bool {
		return rows[id]["object"] != "Visit__c" && rows[id]["object"] != "CampaignMember"
	})
	if len(ids) == 0 {
		return
	}
	id := ids[f.tape.draw(len(ids))]
	row, object := rows[id], rows[id]["object"].(string)
	b := f.booths[id]
	if b == nil { // the process has created it
		b = &booth{leads: make(map[leadsync.LeadID]bool)}
		f.booths[id], r.before[id] = b, maps.Clone(row)
		r.before[id][boothField] = nil
		f.Met["meanwhile: created"]++
	}
	b.unsure = true
	had := b.wrote
	if now := row[boothField]; now != r.before[id][boothField] {
		says := func(a *attendee) bool { return a.Custom["booth"] == now }
		f.wroteMeanwhile(&b.fieldState, by, words(now), says, boothField)
	}
	f.n++
	changes := map[string]any{boothField: any(fmt.Sprintf("Edited booth %d", f.n))}
	switch {
	case object == "CampaignMember" && f.tape.bool():
		changes = map[string]any{"Status": ladder[f.tape.draw(len(ladder))]}
	case f.tape.bool():
		changes[boothField] = nil
	}
	f.org.Update(object, id, changes)
	row = f.org.Row(object, id)
	if value, edited := changes[boothField]; edited {
		if !had || value == nil && r.before[id][boothField] == nil {
			b.fieldState = fieldState{}
		}
		b.change(words(value), value == nil)
	}
	r.before[id][boothField] = row[boothField]
	if object == "CampaignMember" {
		r.before[id]["Status"] = row["Status"]
	}
	f.tell("a person puts %v into %s %s", changes, object, id)
	f.Met["meanwhile: "+object]++
}

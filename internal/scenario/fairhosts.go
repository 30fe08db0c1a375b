// SPDX-License-Identifier: Apache-2.0

package scenario

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/revert"
)

var deaths = []Death{BeforeSend, AfterSend, AfterCommit, AnswerLost}

// interrupt lets a process end, or get no answer, while it syncs some leads. Another one,
// which knows the store alone, syncs them as they are, or as they were corrected.
func (f *Fair) interrupt() {
	if f.Open == nil {
		return
	}
	death := deaths[f.tape.draw(len(deaths))]
	first, before := f.come(), f.look()
	f.procs = nil
	cfg := f.cfg
	cfg.Store = f.Open()
	mortal := NewMortal(f.t, f.org, cfg, death)
	_, err := mortal.Capture(f.t.Context(), leadsOf(first)...)
	fatal(f.t, err)
	DrainFor(f.t, mortal.Syncer, 20*time.Second)
	<-time.After(time.Hour)
	f.org.Fail(nil)
	f.tell("a process ends that syncs %v: %s", idsOf(first), death)
	r, last := &round{before: before, interrupted: true, unrecorded: death == AfterCommit}, first
	f.meanwhile(r, first)
	f.start()
	if f.tape.bool() {
		r.batch, r.corrected, last = first, true, nil
		for _, a := range first {
			f.leads[a.ID] = f.attend(a.who, a.ID)
			last = append(last, f.leads[a.ID])
		}
		f.Met["corrected meanwhile"]++
	}
	f.Met["interrupted: "+string(death)]++
	f.syncSince(r, last)
}

// forgetLead lets a lead be forgotten, and what is remembered of its records.
func (f *Fair) forgetLead() {
	ids := slices.Sorted(maps.Keys(f.leads))
	if len(ids) == 0 || f.Open == nil {
		return
	}
	id := ids[f.tape.draw(len(ids))]
	var records []*known
	for _, r := range f.sorted() {
		sure, may := r.leads[id]
		if sure || r.lead == id {
			records = append(records, r)
		}
		if may && (r.joined || !sure) {
			return // what was remembered of it, or of the other record, may be left, or not
		}
	}
	for _, b := range f.booths {
		if sure, may := b.leads[id]; may && !sure {
			return
		}
	}
	fatal(f.t, f.procs[0].Forget(f.t.Context(), id))
	f.tell("%s is forgotten", id)
	f.Met["did forget"]++
	delete(f.leads, id)
	for _, b := range f.booths {
		if b.leads[id] {
			b.forget()
		}
	}
	for _, r := range records {
		lead := r.lead
		r.forget()
		if lead != id {
			r.lead, r.created = lead, lead != ""
		} else {
			r.created = f.keys // its key tells
		}
	}
}

// revert takes back what one of the last rounds did.
func (f *Fair) revert() {
	if len(f.rounds) == 0 {
		return
	}
	r := f.rounds[len(f.rounds)-1-f.tape.draw(min(3, len(f.rounds)))]
	opts := revert.Options{Delete: f.tape.draw(3) == 0}
	for _, out := range r.outcomes {
		if record := f.records[string(out.ID)]; record != nil && record.gone {
			return // what a conversion did not take along passes for emptied only until a revert
		}
	}
	before := f.look()
	var outcomes []*leadsync.Outcome
	for _, id := range slices.Sorted(maps.Keys(r.outcomes)) {
		outcomes = append(outcomes, r.outcomes[id])
	}
	_, err := f.procs[0].Revert(f.t.Context(), outcomes, opts)
	fatal(f.t, err)
	f.tell("%v are reverted, delete %t", idsOf(r.batch), opts.Delete)
	f.checkReverted(r, before, f.look(), opts)
}

// checkReverted checks that a revert took back what a round had done, and nothing else.
func (f *Fair) checkReverted(r *round, before, after map[string]map[string]any, opts revert.Options) {
	for _, id := range slices.Sorted(maps.Keys(before)) {
		row := after[id]
		switch {
		case row == nil && opts.Delete && r.before[id] == nil && r.after[id] != nil:
			f.Met["reverted: deleted"]++
			delete(f.records, id)
			delete(f.booths, id)
		case row == nil:
			f.fail("revert: %v %s was deleted", before[id]["object"], id)
		case f.records[id] != nil:
			f.checkTakenBack(r, f.records[id], before[id], row)
		case f.booths[id] != nil:
			f.checkBoothTakenBack(r, id, before[id], row)
		}
	}
}

// checkTakenBack checks what a revert has made of the record of a person.
func (f *Fair) checkTakenBack(r *round, record *known, before, after map[string]any) {
	was, wrote, old := r.before[record.id], r.after[record.id], r.old[record.id]
	for _, s := range f.slots {
		name, state := s.field(record.object), record.fields[s.name]
		if name == "" {
			continue
		}
		mine := wrote != nil && was != nil && s.form(was[name]) != s.form(wrote[name])
		switch {
		case wrote != nil && (was == nil || r.unrecorded) && before[name] != after[name] &&
			r.saidBy(s, before[name], after[name]):
			// another process created or updated the record, and a correction wrote the value
			state.takenBack(new(fieldState{from: ours, unsure: true}), s.form(after[name]))
		case before[name] == after[name]:
			if mine && before[name] == wrote[name] && !record.gone && !record.joined && !r.unrecorded {
				f.fail("revert: %s.%s of %s was not taken back: %v", record.object, name, record.id, before[name])
			}
		case !mine || s.form(before[name]) != s.form(wrote[name]) || after[name] != was[name]:
			f.fail("revert: %s.%s of %s: %v has become %v", record.object, name, record.id, before[name], after[name])
		default:
			state.takenBack(old.fields[s.name], s.form(after[name]))
			f.Met["reverted: field"]++
		}
	}
	f.checkPlaceTakenBack(r, record, before, after)
	for _, name := range []string{"HasOptedOutOfEmail", "Newsletter__c"} {
		if before[name] != after[name] {
			f.fail("consent: a revert changed %s of %s %s", name, record.object, record.id)
		}
	}
	notes, text := "Description", func(v any) string { text, _ := v.(string); return text }
	if before[notes] != after[notes] && (before[notes] != wrote[notes] || after[notes] != was[notes]) &&
		(was != nil && !r.unrecorded || !strings.HasPrefix(text(before[notes]), text(after[notes]))) {
		f.fail("revert: the notes of %s %s: %v have become %v", record.object, record.id, before[notes], after[notes])
	}
}

// saidBy reports whether values are blank or what the leads of a round said.
func (r *round) saidBy(s *slot, values ...any) bool {
	for _, value := range values {
		if value != nil && !slices.ContainsFunc(r.batch, func(a *attendee) bool { return a.says(s, value) }) {
			return false
		}
	}
	return true
}

// checkPlaceTakenBack checks that a revert has restored an address as a whole, or not.
func (f *Fair) checkPlaceTakenBack(r *round, record *known, before, after map[string]any) {
	now, then := f.placeOf(record.object, before), f.placeOf(record.object, after)
	if now == then {
		return
	}
	was, wrote := f.placeOf(record.object, r.before[record.id]), f.placeOf(record.object, r.after[record.id])
	for i := range now {
		changed := was[i] != wrote[i]
		if r.before[record.id] == nil || r.unrecorded { // another process wrote it, too
			record.place[i].takenBack(&fieldState{from: ours}, then[i])
			continue
		}
		if changed && (now[i] != wrote[i] && now[i] != was[i] || then[i] != was[i]) || !changed && now[i] != then[i] {
			f.fail("revert: the address of %s %s: %q has become %q", record.object, record.id, now, then)
			return
		}
		if now[i] != then[i] {
			old := r.old[record.id].place[i]
			record.place[i].takenBack(&old, then[i])
		}
	}
	f.Met["reverted: address"]++
}

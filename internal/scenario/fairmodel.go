// SPDX-License-Identifier: Apache-2.0

package scenario

import (
	"time"

	"github.com/leadsync/leadsync"
)

// An origin says whose the value of a field is.
type origin int

const (
	nobodys origin = iota // there has been none
	others                // as far as is remembered it is not the connection's
	ours                  // the connection wrote it
	edited                // a person has changed what the connection wrote
	emptied               // a person has removed what the connection wrote
)

// A fieldState is what the model knows of a field.
type fieldState struct {
	from origin
	// wrote says that the connection has written the field and remembers it, last what it
	// wrote, and at when the lead was captured that it came from.
	wrote bool
	last  string
	at    time.Time
}

// set takes in that somebody else has changed the value.
func (s *fieldState) set(of *slot, value any) { s.change(of.form(value), value == nil) }

func (s *fieldState) change(form string, blank bool) {
	switch {
	case !s.wrote && blank:
		s.from = nobodys
	case !s.wrote:
		s.from = others
	case blank:
		s.from = emptied
	case form == s.last:
		s.from = ours
	default:
		s.from = edited
	}
}

// written takes in that the connection has written the field.
func (s *fieldState) written(form string, at time.Time) { *s = fieldState{ours, true, form, at} }

// forget takes in that the connection remembers nothing any more.
func (s *fieldState) forget() {
	s.wrote = false
	switch s.from {
	case ours, edited:
		s.from = others
	case emptied:
		s.from = nobodys
	}
}

// isPersons reports whether a person has put the field as it is, after the connection wrote
// it.
func (s *fieldState) isPersons() bool { return s.from == edited || s.from == emptied }

// A known is a record of a person.
type known struct {
	object, id string
	who        int
	// lead is the lead that created it, as far as that is remembered.
	lead leadsync.LeadID
	// renamed says that people have changed its name.
	renamed bool
	// gone says that it is a Lead that was converted.
	gone   bool
	fields map[string]*fieldState // by the name of the slot
	place  [5]fieldState
}

func (r *known) forget() {
	r.lead = ""
	for _, state := range r.fields {
		state.forget()
	}
	for i := range r.place {
		r.place[i].forget()
	}
}

// adopt takes in a record that is there.
func (f *Fair) adopt(object, id string, who int) *known {
	r := &known{object: object, id: id, who: who, fields: make(map[string]*fieldState)}
	row := f.org.Row(object, id)
	for _, s := range f.slots {
		state := new(fieldState)
		state.set(s, row[s.field(object)])
		r.fields[s.name] = state
	}
	for i, token := range f.placeOf(object, row) {
		r.place[i].change(token, token == "")
	}
	f.records[id] = r
	return r
}

// A relation says what two people are to each other by their names.
type relation int

const (
	samePerson relation = iota
	inDoubt
	otherPerson
)

// relate compares two guests.
func relate(a, b int) relation {
	first, last := guests[a].first[0] == guests[b].first[0], guests[a].last[0] == guests[b].last[0]
	switch {
	case a == b:
		return samePerson
	case first && last, !first && !last: // namesakes are two people
		return otherPerson
	}
	return inDoubt
}

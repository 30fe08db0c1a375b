// SPDX-License-Identifier: Apache-2.0

package scenario

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce/sftest"
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
	// till is later than at where it is not known which of two captures remains as that of
	// the value.
	till time.Time
	// unsure says that what others have, by from, may pass for the connection's own.
	unsure bool
	// passing says that what others have, or nobody, may pass for what a person made of the
	// connection's own: people have changed it while that was unsure.
	passing bool
}

// set takes in that another user has changed the value.
func (s *fieldState) set(of *slot, value any) { s.change(of.form(value), value == nil) }

func (s *fieldState) change(form string, blank bool) {
	switch {
	case !s.wrote:
		s.from, s.unsure, s.passing = others, false, s.unsure || s.passing
		if blank {
			s.from = nobodys
		}
	case blank && s.last == "": // a revert has taken back what was written
		s.from = nobodys
	case blank:
		s.from = emptied
	case form == s.last:
		s.from = ours
	default:
		s.from = edited
	}
}

// written takes in that the connection has written the field.
func (s *fieldState) written(form string, at, till time.Time) {
	*s = fieldState{from: ours, wrote: true, last: form, at: at, till: till}
}

// confirmed takes in that a lead says what the connection has written, and that it may be
// remembered as the lead's, or is for sure. Of a record that the connection created that may also
// be what it has forgotten.
func (s *fieldState) confirmed(at time.Time, sure, created bool) {
	if s.from != ours {
		s.unsure = s.unsure || created && s.from == others
		return
	}
	if sure && at.After(s.at) {
		s.at = at
	}
	if at.After(s.till) {
		s.till = at
	}
}

// forget takes in that the connection remembers nothing any more.
func (s *fieldState) forget() {
	s.wrote, s.unsure, s.passing = false, false, false
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
	// created says that it, or one that it was before, was created by a lead, as far as that is
	// remembered.
	created bool
	// leads are those that were synced with it, also as they were before a restart, or may have
	// been: false.
	leads map[leadsync.LeadID]bool
	// joined says that it was converted from a Lead, or merged with another record.
	joined bool
	// renamed says that people have changed its name.
	renamed bool
	// gone says that it is a Lead that was converted.
	gone   bool
	fields map[string]*fieldState // by the name of the slot
	place  [5]fieldState
}

func (r *known) forget() {
	r.lead, r.created = "", false
	for _, state := range r.fields {
		state.forget()
	}
	for i := range r.place {
		r.place[i].forget()
	}
}

// adopt takes in a record that is there.
func (f *Fair) adopt(object, id string, who int) *known {
	r := &known{object: object, id: id, who: who, fields: make(map[string]*fieldState),
		leads: make(map[leadsync.LeadID]bool)}
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

// A Tape decides what happens at a Fair: each number makes the next decision. At its end
// everything is 0.
type Tape []int

func (t *Tape) draw(n int) int {
	if len(*t) == 0 || n < 2 {
		return 0
	}
	next := (*t)[0]
	*t = (*t)[1:]
	return next % n
}

func (t *Tape) bool() bool { return t.draw(2) == 1 }

// A FairConfig says how a Fair takes place.
type FairConfig struct {
	// Open opens the store as another process does. Nil means Sync without a store.
	Open func() leadsync.Store
	// Alone says that one process at a time may have the store open.
	Alone bool
	// Change takes a mechanism away, for a control. Nil changes nothing.
	Change func(cfg *leadsync.Config, m *leadsync.Mapping)
	// Quiet leaves warnings alone, for a control.
	Quiet bool
	// Met counts the moves and the kinds of warnings that were met. Nil counts none.
	Met map[string]int
}

// A Fair is an org with leads that are synced into it, the reps and the automation that
// change what becomes of them, and a model that knows by itself, without the code under
// test, who wrote what. It belongs into a bubble of package synctest.
type Fair struct {
	FairConfig
	t        testing.TB
	tape     Tape
	org      *sftest.Org
	cfg      leadsync.Config
	slots    []*slot
	zone     *time.Location // of the event
	procs    []*leadsync.Syncer
	leads    map[leadsync.LeadID]*attendee
	records  map[string]*known               // by id
	booths   map[string]*booth               // of visits and members, by id
	closed   map[string]leadtype.WarningKind // fields that may not be written, as Lead.Title
	rep      string                          // the User of a rep
	places   bool                            // State and Country picklists are on
	campaign bool                            // people become members of a campaign
	keys     bool                            // records have the keys of the leads that created them
	// sectionless says that the mapping has no section for Contacts, guestsOnly that only Contacts
	// have visits.
	sectionless, guestsOnly bool

	first  int      // of the three guests who come
	n      int      // counts what is new
	failed int      // leads of the last sync
	rounds []*round // so far
	wrong  []error
	story  []string // what has happened, for whoever reads why it went wrong
}

// An attendee is a lead as it was captured last.
type attendee struct {
	*leadsync.Lead
	who     int
	said    map[string]said // by the name of the slot
	address place
	out, in said // the opt-out and the consent
	// unchanged says that it has the data of the capture before.
	unchanged bool
	// turn says when its turn comes in a batch, where a store keeps that of its first capture.
	turn int
}

func (f *Fair) fail(format string, args ...any) {
	f.wrong = append(f.wrong, fmt.Errorf(format, args...))
}

func (f *Fair) tell(format string, args ...any) {
	f.story = append(f.story, fmt.Sprintf(format, args...))
}

// result returns what is wrong, and how it came to be.
func (f *Fair) result() error {
	if len(f.wrong) == 0 {
		return nil
	}
	return fmt.Errorf("%w\n%s", errors.Join(f.wrong...), strings.Join(f.story, "\n"))
}

// A round is one sync of some leads, and the rows of the org before and after it.
type round struct {
	batch         []*attendee
	outcomes      map[leadsync.LeadID]*leadsync.Outcome
	before, after map[string]map[string]any
	changed       bool // the leads have other data than before
	// interrupted says that a process ended, or got no answer, while it synced the leads.
	interrupted bool
	// corrected says that the leads are in the batch twice: as another process had them, and
	// as they were corrected.
	corrected bool
	// unrecorded says that a process ended before it could record what the fields were that it
	// had written.
	unrecorded bool
	old        map[string]known // the records of people as they were before, by id
	oldBooths  map[string]fieldState
}

// A change is what a round has made of the record of a person.
type change struct {
	*round
	*known
	old           known       // as it was before
	by            []*attendee // the leads that were synced with it
	before, after map[string]any
}

// relation says what a lead is to a record.
func (f *Fair) relation(a *attendee, r *known) relation { return relate(a.who, r.who) }

func isStandIn(v any) bool { return v == "[not provided]" || v == "[[unknown]]" }

// says reports whether a value is what the lead says.
func (a *attendee) says(s *slot, value any) bool {
	said, ok := a.said[s.name]
	return ok && said.means != nil && s.form(said.means) == s.form(value) || isStandIn(value) && said.text == value
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

func idsOf(batch []*attendee) (ids []leadsync.LeadID) {
	for _, a := range batch {
		ids = append(ids, a.ID)
	}
	return ids
}

// takenBack takes in that a revert has restored the value from before a round. Where that is
// the connection's own, or blank, any lead may write over it.
func (s *fieldState) takenBack(old *fieldState, form string) {
	switch old.from {
	case ours, nobodys:
		*s = fieldState{from: old.from, wrote: true, last: form}
	default:
		*s = fieldState{from: edited, wrote: true}
	}
	s.unsure = old.unsure
}

// aRep is the address of a rep who has a User.
const aRep = "rep@host.example"

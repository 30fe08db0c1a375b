// SPDX-License-Identifier: Apache-2.0

package match

import (
	"maps"
	"slices"

	"github.com/leadsync/leadsync/internal/identity"
	"github.com/leadsync/leadsync/internal/personaccount"
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// maxHops bounds how far a chain of merged records is followed.
const maxHops = 5

// followUp returns the statements for what the rows so far revealed: the survivors of
// merges, and once all leads are decided the memberships and tasks of people who were
// not found by an e-mail address.
func (m *matching) followUp() []statement {
	if len(m.missing) > 0 && m.hops < maxHops {
		m.hops++
		next := newQuestions(m.Set, m.session, 0)
		next.follow = m.questions.follow
		for _, id := range m.missing.Sorted() {
			m.asked.Add(id)
			next.want(value.MatchedObject(value.ObjectOfID(salesforce.ID(id))), "Id", id)
		}
		clear(m.missing)
		return next.records()
	}
	if m.covered {
		return nil
	}
	m.covered = true
	people, left, known := make(value.Set), make(value.Set), make(value.Set)
	for _, one := range m.matches {
		if Nameless(one.Item.Intent(leadtype.PartPerson, "")) != "" {
			for _, record := range one.Twins {
				left.Add(string(record.ID))
			}
		}
	}
	for _, one := range m.matches {
		for _, record := range one.FormerRecords() {
			people.Add(string(record))
		}
		for _, record := range append([]*salesforce.Record{one.Person}, one.Twins...) {
			if record != nil && !m.questions.emails.Has(identity.Email(record.Text("Email"))) {
				people.Add(string(record.ID))
			}
			if record != nil && !m.tasksKnown && m.asksByPerson(one) {
				known.Add(string(record.ID))
			}
		}
	}
	ids := people.Sorted()
	statements := append(m.membersByPerson(people), m.questions.allTasksOf(left.Sorted())...)
	ids = slices.DeleteFunc(ids, left.Has)
	return slices.Concat(statements, m.questions.tasksOf(ids), m.questions.keyedTasksOf(known.Sorted()))
}

// resolve returns the record that took the place of one that was found: the survivor
// of a merge when it was found by its id or the lead's own key, the Contact of a
// converted Lead. It returns nil when there is none, also where a person decides about the
// converted Lead, and what happened in a word.
func (m *matching) resolve(one *Match, record *salesforce.Record, p *leadtype.ProbeTrace) (*salesforce.Record, string) {
	note, byID := "", p.Field == "Id" || p.Key == leadtype.KeyOwn
	// A person may have chosen another record for the lead than the converted one.
	decided := p.Key == leadtype.KeyOwn && one.Item.Last != nil && one.Item.Last.ID != "" &&
		one.Item.Last.ID != record.ID
	for range maxHops {
		switch deleted := record.Bool("IsDeleted"); {
		case deleted && !byID:
			return nil, leadtype.NoteDeleted
		case deleted:
			master := salesforce.ID(record.Text("MasterRecordId")).ID18()
			if master == "" {
				return nil, leadtype.NoteDeleted
			}
			note = "merged"
			record = m.known(record.Parent("MasterRecord"), record.Object, master)
		case isConverted(record):
			if decided && m.Converted == leadtype.HoldConverted {
				return nil, leadtype.NoteNoHit
			}
			if m.Converted == leadtype.HoldConverted {
				return nil, leadtype.NoteConverted
			}
			contact := salesforce.ID(record.Text("ConvertedContactId")).ID18()
			if !one.followsConverted(m.Converted) || contact == "" {
				return nil, leadtype.NoteNoHit
			}
			note, byID = leadtype.NoteConverted, true
			record = m.known(record.Parent("ConvertedContact"), salesforce.ObjectContact, contact)
		case record.Object == salesforce.ObjectAccount && personaccount.Is(record):
			return nil, leadtype.NotePerson
		default:
			return record, note
		}
		if record == nil {
			return nil, note
		}
	}
	return nil, note
}

// isConverted reports whether a record is a converted Lead. Other records have no such field.
func isConverted(record *salesforce.Record) bool {
	return record.Object == salesforce.ObjectLead && record.Bool("IsConverted")
}

// successorsOf returns the records that took the place of a record, one after the other, as
// far as they were read: Salesforce moves its Tasks to them.
func (m *matching) successorsOf(id salesforce.ID) []salesforce.ID {
	var successors []salesforce.ID
	for range maxHops {
		record := m.index.byID[id.ID18()]
		switch {
		case record == nil:
			return successors
		case record.Bool("IsDeleted"):
			id = salesforce.ID(record.Text("MasterRecordId")).ID18()
		case isConverted(record):
			id = salesforce.ID(record.Text("ConvertedContactId")).ID18()
		default:
			return successors
		}
		if id == "" {
			return successors
		}
		successors = append(successors, id)
	}
	return successors
}

// followCorrected notes what took the places of the records that are the own ones of
// corrected leads.
func (m *matching) followCorrected() {
	for record, one := range maps.Clone(m.corrected) {
		for _, successor := range m.successorsOf(record) {
			m.corrected[successor] = one
		}
	}
}

// known returns the record that another one refers to, from the index or as it was read
// with that one. It returns nil after asking for it.
func (m *matching) known(parent *salesforce.Record, object salesforce.Object, id salesforce.ID) *salesforce.Record {
	if record := m.index.byID[id]; record != nil {
		return record
	}
	if parent != nil && parent.ID == id {
		parent.Object = object
		personaccount.Fill(parent, m.session.Describe(salesforce.ObjectAccount))
		m.index.byID[id] = parent
		return parent
	}
	if !m.asked.Has(string(id)) {
		m.missing.Add(string(id))
	}
	return nil
}

// followsConverted reports whether the Contact of a converted Lead is a match: when the
// strategy looks for Contacts.
func (m *Match) followsConverted(policy leadtype.ConvertedPolicy) bool {
	return policy == leadtype.Follow && slices.ContainsFunc(m.Trace.Probes, func(p leadtype.ProbeTrace) bool {
		return p.Object == salesforce.ObjectContact
	})
}

// isHeld reports whether resolve found a converted Lead about which a person decides.
func (m *matching) isHeld(record *salesforce.Record, note string) bool {
	return record == nil && note == leadtype.NoteConverted && m.Converted == leadtype.HoldConverted
}

// holdConverted fails a lead whose Lead is converted, for a person to choose: what it became
// is among the candidates of the probe.
func holdConverted(one *Match, object salesforce.Object, field string) {
	one.Err = &leadtype.Error{Op: "match", LeadID: one.Lead.ID, Object: object, Code: leadtype.StaleRemoteRecord,
		Fields: []string{field}, Reason: leadtype.ReasonConverted}
}

// becameOf returns the Contact that a Lead became, which was converted or merged into one that
// was, as a candidate; none where it is not known.
func (m *matching) becameOf(lead *salesforce.Record) []leadtype.Candidate {
	from := lead.ID
	for _, successor := range m.successorsOf(lead.ID) {
		if value.ObjectOfID(successor) == salesforce.ObjectContact {
			return []leadtype.Candidate{{Object: salesforce.ObjectContact, ID: successor, From: from}}
		}
		from = successor
	}
	return nil
}

// asksMembersByPerson reports whether the memberships are asked for by the people that were read
// rather than by the e-mail addresses of all leads, of whom most may be new.
func (m *matching) asksMembersByPerson() bool {
	return m.leads > largeBatch && m.questions.readsPeople()
}

// membersByPerson compiles the query for the memberships of the people who were read.
func (m *matching) membersByPerson(beside value.Set) []statement {
	if !m.asksMembersByPerson() {
		return m.questions.members(beside.Sorted(), idOf)
	}
	people := maps.Clone(beside)
	for id, record := range m.index.byID {
		person := record.Object.Equal(salesforce.ObjectLead) || record.Object.Equal(salesforce.ObjectContact)
		if person && m.questions.emails.Has(identity.Email(record.Text("Email"))) {
			people.Add(string(id))
		}
	}
	return m.questions.members(people.Sorted(), idOf)
}

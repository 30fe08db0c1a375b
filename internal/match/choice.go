// SPDX-License-Identifier: Apache-2.0

package match

import (
	"slices"

	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// choice returns what a person chose, as long as that is for the data of the lead.
func (t *Item) choice() leadtype.Choice {
	if t.Last == nil || !t.Last.Trace.Bond.ChoiceHolds(t.chooser()) {
		return leadtype.Choice{}
	}
	return t.Last.Trace.Choice.Split()
}

// chooser returns the lead as a person saw it when they chose: with the texts that stand for
// no value.
func (t *Item) chooser() *leadtype.Lead {
	if t.captured != nil {
		return t.captured
	}
	return t.Lead
}

// WantsNew reports whether a person chose that a record is created for the lead.
func (m *Match) WantsNew() bool { return m.Trace.Chosen == leadtype.NewRecord }

// WantsNewAccount reports whether a person chose that an account is created.
func (m *Match) WantsNewAccount() bool { return m.Trace.ChosenAccount == leadtype.NewRecord }

// Chose reports whether a person chose the record that was found, or the one whose place it
// took.
func (m *Match) Chose() bool {
	chosen := m.Trace.Chosen
	return m.Person != nil && chosen != "" && (m.Person.ID.Equal(chosen) ||
		slices.ContainsFunc(m.Trace.Probes, func(p leadtype.ProbeTrace) bool { return p.Hit && isProbeOf(&p, chosen) }))
}

// isProbeOf reports whether a probe looks for a record by its id.
func isProbeOf(p *leadtype.ProbeTrace, record salesforce.ID) bool {
	return p.Field == "Id" && p.Skipped == "" && salesforce.ID(p.Value).Equal(record)
}

// passes reports whether a person, who chose that a record is created, passed one by that a
// probe found: it was among the candidates, or it has the lead's address and not its name.
// One of the lead's name that turned up since is the lead's: another lead of the person may
// have created it. record is what took the place of found.
func (m *matching) passes(one *Match, p *leadtype.ProbeTrace, found, record *salesforce.Record) bool {
	if p.Object == salesforce.ObjectAccount {
		return one.WantsNewAccount() && one.Trace.Passes(found.ID)
	}
	switch {
	case !one.WantsNew():
		return false
	case one.Trace.Passes(found.ID) || one.Trace.Passes(record.ID):
		return true
	case !ByEmail(p) || m.isLeft(one, record):
		return false
	}
	return !one.Trace.PassesPeople() || m.whose(one, p, record) != ""
}

// Passes reports whether a person, who chose that a record is created, passed this one by.
func (m *Match) Passes(record salesforce.ID) bool {
	switch {
	case record == "":
		return false
	case value.ObjectOfID(record) == salesforce.ObjectAccount:
		return m.WantsNewAccount() && m.Trace.Passes(record)
	}
	return m.WantsNew() && (m.Trace.Passes(record) || !m.Trace.PassesPeople())
}

// noteGone notes that the record which a person chose is gone, when a probe for it finds
// none: the choice counts no more, and other probes decide.
func (m *Match) noteGone(p *leadtype.ProbeTrace) {
	chosen := m.Trace.Chosen
	if p.Object == salesforce.ObjectAccount {
		chosen = m.Trace.ChosenAccount
	}
	left := slices.ContainsFunc(p.Candidates, func(c leadtype.Candidate) bool {
		return c.Note != leadtype.NoteDeleted && c.Note != leadtype.NoteNoHit && c.Note != leadtype.NotePerson
	})
	if chosen != "" && isProbeOf(p, chosen) && !left {
		m.Gone = append(m.Gone, leadtype.Candidate{Object: p.Object, ID: chosen})
	}
}

// lapse drops the choices of records that are gone.
func (m *Match) lapse() {
	for _, gone := range m.Gone {
		if gone.Object == salesforce.ObjectAccount {
			m.Trace.ChosenAccount, m.Trace.AccountBy = "", ""
		} else {
			m.Trace.Chosen, m.Trace.ChosenBy = "", ""
		}
	}
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

// SPDX-License-Identifier: Apache-2.0

package match

import (
	"slices"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

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

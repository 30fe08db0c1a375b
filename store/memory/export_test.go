// SPDX-License-Identifier: Apache-2.0

package memory

import (
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
)

// Damage writes text where the store keeps a part of a lead. It returns false for those
// that it does not keep as text.
func (s *Store) Damage(connection string, lead leadtype.LeadID, part, text string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	row := s.connections[connection].row(lead)
	switch part {
	case store.PartLead:
		row.data = text
	case store.PartOutcome:
		row.outcome = text
		for i := range row.steps {
			if row.steps[i].outcome != "" {
				row.steps[i].outcome = text
			}
		}
	default:
		return false
	}
	return true
}

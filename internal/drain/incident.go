// SPDX-License-Identifier: Apache-2.0

package drain

import (
	"slices"
	"sync"
	"time"

	"github.com/leadsync/leadsync/leadtype"
)

// Incidents are those that have begun and are not over. The zero value has none, and it is
// safe for concurrent use.
type Incidents struct {
	mu   sync.Mutex
	open []leadtype.Incident // in the order in which they began
}

// Note takes in the outcomes of a batch and returns the incidents that begin with it. One is
// over when no lead of a batch that could show it does.
func (n *Incidents) Note(outcomes []*leadtype.Outcome, at time.Time) (begun []leadtype.Incident) {
	if len(outcomes) < leadtype.MinIncidentBatch {
		return nil
	}
	shown := make(map[string]bool)
	for _, o := range outcomes {
		if o == nil {
			continue
		}
		for _, owed := range o.Owed {
			shown[owed.Cause()] = true
		}
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.open = slices.DeleteFunc(n.open, func(i leadtype.Incident) bool { return !shown[i.Cause()] })
	for _, i := range leadtype.Incidents(outcomes) {
		same := func(other leadtype.Incident) bool { return other.Cause() == i.Cause() }
		if !slices.ContainsFunc(n.open, same) {
			i.At = at
			n.open, begun = append(n.open, i), append(begun, i)
		}
	}
	return begun
}

// Open returns the incidents that are not over, in the order in which they began.
func (n *Incidents) Open() []leadtype.Incident {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.open)
}

// SPDX-License-Identifier: Apache-2.0

package drain

import (
	"slices"
	"sync"
	"time"

	"github.com/leadsync/leadsync/leadtype"
)

// A Source is what outcomes come from.
type Source int

// The sources.
const (
	FromRun    Source = iota // captured leads
	FromSync                 // leads that a host syncs itself
	FromPerson               // decisions, such as of Dismiss
)

// Incidents are those that have begun and are not over. The zero value has none, and it is
// safe for concurrent use.
type Incidents struct {
	mu   sync.Mutex
	open []openIncident // in the order in which they began
}

// An openIncident is over when leads of the source that showed it are written without it.
type openIncident struct {
	leadtype.Incident
	from Source
}

// Note takes in the outcomes of a batch and returns the incidents that begin with it. One is
// over when a batch has as many leads that were written as it takes to begin one, and none of
// the batch shows it. What a person decides shows nothing, and neither do leads of which
// nothing was written.
func (n *Incidents) Note(outcomes []*leadtype.Outcome, at time.Time, from Source) (begun []leadtype.Incident) {
	if len(outcomes) < leadtype.MinIncidentBatch || from == FromPerson {
		return nil
	}
	shown, written := make(map[string]bool), 0
	for _, o := range outcomes {
		if o == nil {
			continue
		}
		if o.Action == leadtype.Created || o.Action == leadtype.Updated {
			written++
		}
		for _, owed := range o.Owed {
			shown[owed.Cause()] = true
		}
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if written >= leadtype.MinIncidentBatch {
		n.open = slices.DeleteFunc(n.open, func(i openIncident) bool { return i.from == from && !shown[i.Cause()] })
	}
	for _, i := range leadtype.Incidents(outcomes) {
		same := func(other openIncident) bool { return other.Cause() == i.Cause() }
		if !slices.ContainsFunc(n.open, same) {
			i.At = at
			n.open, begun = append(n.open, openIncident{i, from}), append(begun, i)
		}
	}
	return begun
}

// Open returns the incidents that are not over, in the order in which they began.
func (n *Incidents) Open() []leadtype.Incident {
	n.mu.Lock()
	defer n.mu.Unlock()
	var open []leadtype.Incident
	for i := range n.open {
		open = append(open, n.open[i].Incident)
	}
	return open
}

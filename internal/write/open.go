// SPDX-License-Identifier: Apache-2.0

package write

import (
	"slices"

	"github.com/leadsync/leadsync/internal/match"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// maxOpen is the number of leads whose open creates a Pending has. Those of earlier leads
// are in the Store only, or forgotten where there is none.
const maxOpen = 10_000

// openCreates are the open creates of leads, and their updates without a response. Its
// zero value is ready.
type openCreates struct {
	of    map[leadtype.LeadID][]leadtype.Intent
	named leadsBy[string]        // by match.NameKey, of a create
	on    leadsBy[salesforce.ID] // by the record of an update
	order []leadtype.LeadID      // of the leads in of, the oldest first; others among them
}

// A leadsBy holds sets of leads by something that they have in common.
type leadsBy[K comparable] map[K]map[leadtype.LeadID]bool

func (b *leadsBy[K]) add(key K, lead leadtype.LeadID) {
	if *b == nil {
		*b = make(leadsBy[K])
	}
	if (*b)[key] == nil {
		(*b)[key] = make(map[leadtype.LeadID]bool)
	}
	(*b)[key][lead] = true
}

func (b leadsBy[K]) remove(key K, lead leadtype.LeadID) {
	if delete(b[key], lead); len(b[key]) == 0 {
		delete(b, key)
	}
}

// set replaces the open creates of a lead.
func (o *openCreates) set(lead leadtype.LeadID, intents []leadtype.Intent) {
	before, known := o.of[lead]
	if !known && len(intents) == 0 {
		return
	}
	o.unlist(lead, before)
	if len(intents) == 0 {
		delete(o.of, lead)
		return
	}
	if o.of == nil {
		o.of = make(map[leadtype.LeadID][]leadtype.Intent)
	}
	o.of[lead] = slices.Clone(intents)
	if name := nameOf(intents); name != "" {
		o.named.add(name, lead)
	}
	for i := range intents {
		if intents[i].Update {
			o.on.add(intents[i].Record, lead)
		}
	}
	if !known {
		o.order = append(o.order, lead)
		o.bound()
	}
}

// unlist removes a lead from those of its name and its records.
func (o *openCreates) unlist(lead leadtype.LeadID, intents []leadtype.Intent) {
	o.named.remove(nameOf(intents), lead)
	for i := range intents {
		if intents[i].Update {
			o.on.remove(intents[i].Record, lead)
		}
	}
}

// bound drops the oldest leads beyond maxOpen.
func (o *openCreates) bound() {
	if len(o.order) <= 2*maxOpen && len(o.of) <= maxOpen {
		return
	}
	o.order = slices.DeleteFunc(o.order, func(lead leadtype.LeadID) bool { return o.of[lead] == nil })
	for len(o.of) > maxOpen {
		oldest := o.order[0]
		o.unlist(oldest, o.of[oldest])
		delete(o.of, oldest)
		o.order = o.order[1:]
	}
}

// nameOf returns what the person of open creates shares with namesakes, "" where something
// else identifies it.
func nameOf(intents []leadtype.Intent) string {
	for i := range intents {
		if name := match.Nameless(&intents[i]); name != "" {
			return name
		}
	}
	return ""
}

// SPDX-License-Identifier: Apache-2.0

package write

import (
	"slices"

	"github.com/leadsync/leadsync/internal/match"
	"github.com/leadsync/leadsync/leadtype"
)

// maxOpen is the number of leads whose open creates a Pending has. Those of earlier leads
// are in the Store only, or forgotten where there is none.
const maxOpen = 10_000

// openCreates are the open creates of leads. Its zero value is ready.
type openCreates struct {
	of    map[leadtype.LeadID][]leadtype.Intent
	named map[string]map[leadtype.LeadID]bool // by match.NameKey
	order []leadtype.LeadID                   // of the leads in of, the oldest first; others among them
}

// set replaces the open creates of a lead.
func (o *openCreates) set(lead leadtype.LeadID, intents []leadtype.Intent) {
	before, known := o.of[lead]
	if !known && len(intents) == 0 {
		return
	}
	o.unname(lead, before)
	if len(intents) == 0 {
		delete(o.of, lead)
		return
	}
	if o.of == nil {
		o.of, o.named = make(map[leadtype.LeadID][]leadtype.Intent), make(map[string]map[leadtype.LeadID]bool)
	}
	o.of[lead] = slices.Clone(intents)
	if name := nameOf(intents); name != "" {
		if o.named[name] == nil {
			o.named[name] = make(map[leadtype.LeadID]bool)
		}
		o.named[name][lead] = true
	}
	if !known {
		o.order = append(o.order, lead)
		o.bound()
	}
}

// unname removes a lead from those of its name.
func (o *openCreates) unname(lead leadtype.LeadID, intents []leadtype.Intent) {
	name := nameOf(intents)
	if delete(o.named[name], lead); len(o.named[name]) == 0 {
		delete(o.named, name)
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
		o.unname(oldest, o.of[oldest])
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

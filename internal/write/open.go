// SPDX-License-Identifier: Apache-2.0

package write

import (
	"slices"

	"github.com/leadsync/leadsync/internal/match"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// openCreates are the open creates of leads, and their updates without a response. Those of
// earlier leads are in the Store only, or forgotten where there is none. Its zero value is
// ready.
type openCreates struct {
	of    bounded[leadtype.LeadID, openOf]
	named leadsBy[string]        // by match.NameKey, of a create
	on    leadsBy[salesforce.ID] // by the record of an update
}

// An openOf is what is open of a lead.
type openOf struct {
	lead    leadtype.LeadID
	intents []leadtype.Intent
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
	o.unlist(o.of.get(lead))
	if len(intents) == 0 {
		o.of.remove(lead)
		return
	}
	if oldest, full := o.of.put(lead, openOf{lead, slices.Clone(intents)}); full {
		o.unlist(oldest)
	}
	if name := nameOf(intents); name != "" {
		o.named.add(name, lead)
	}
	for i := range intents {
		if intents[i].Update {
			o.on.add(intents[i].Record, lead)
		}
	}
}

// unlist removes a lead from those of its name and its records.
func (o *openCreates) unlist(of openOf) {
	o.named.remove(nameOf(of.intents), of.lead)
	for i := range of.intents {
		if of.intents[i].Update {
			o.on.remove(of.intents[i].Record, of.lead)
		}
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

// SPDX-License-Identifier: Apache-2.0

package memory

import (
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/internal/stored"
)

// An encodedOutcome is an outcome as JSON, for the row and for its history.
type encodedOutcome struct{ whole, public string }

// encodeOutcome encodes an outcome. Nil becomes nothing.
func encodeOutcome(o *leadtype.Outcome) (encodedOutcome, error) {
	whole, public, err := stored.OutcomeJSON(o)
	return encodedOutcome{whole, public}, err
}

// read returns copies of what a detail has of the row's lead and last outcome. What cannot be decoded is
// missing, and the error says so.
func (r *leadRow) read(detail store.Detail) (*leadtype.Lead, *leadtype.Outcome, *leadtype.Error) {
	var bad []string
	lead := new(leadtype.Lead)
	if err := stored.DecodeLead(r.data, lead); err != nil || lead.ID != r.id {
		lead = &leadtype.Lead{ID: r.id, EventID: r.event}
		bad = append(bad, store.PartLead)
	}
	lead.Strategy = r.strategy
	lead.AddActivities(r.activities...)
	last, err := stored.DecodeOutcomeAs(detail, r.outcome)
	if err != nil {
		bad = append(bad, store.PartOutcome)
	}
	return lead, last, store.Unreadable(r.id, bad...)
}

// SPDX-License-Identifier: Apache-2.0

package memory

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
)

// An encodedOutcome is an outcome as JSON, for the row and for its history.
type encodedOutcome struct{ whole, public []byte }

// encodeOutcome encodes an outcome. Nil becomes nothing.
func encodeOutcome(o *leadtype.Outcome) (encodedOutcome, error) {
	if o == nil {
		return encodedOutcome{}, nil
	}
	whole, err := json.Marshal(o)
	if err != nil {
		return encodedOutcome{}, fmt.Errorf("leadsync: encode an outcome: %w", err)
	}
	public, err := json.Marshal(o.ForHistory())
	if err != nil {
		return encodedOutcome{}, fmt.Errorf("leadsync: encode an outcome: %w", err)
	}
	return encodedOutcome{whole, public}, nil
}

// read returns copies of the row's lead and last outcome. What cannot be decoded is
// missing, and the error says so.
func (r *leadRow) read() (*leadtype.Lead, *leadtype.Outcome, *leadtype.Error) {
	var bad []string
	lead := new(leadtype.Lead)
	if err := decodeJSON(r.data, lead); err != nil || lead.ID != r.id {
		lead = &leadtype.Lead{ID: r.id, EventID: r.event}
		bad = append(bad, store.PartLead)
	}
	lead.Strategy = r.strategy
	lead.AddActivities(r.activities...)
	last, err := decodeOutcome(r.outcome)
	if err != nil {
		bad = append(bad, store.PartOutcome)
	}
	return lead, last, store.Unreadable(r.id, bad...)
}

// decodeOutcome reads an outcome, nil from nothing.
func decodeOutcome(data []byte) (*leadtype.Outcome, error) {
	if data == nil {
		return nil, nil
	}
	o := new(leadtype.Outcome)
	if err := decodeJSON(data, o); err != nil {
		return nil, err
	}
	return o, nil
}

// encodeLead returns a lead's data: everything but its strategy, which a Store
// keeps apart because a re-capture does not change it.
func encodeLead(lead *leadtype.Lead) ([]byte, error) {
	data := *lead
	data.Strategy = ""
	out, err := json.Marshal(&data)
	if err != nil {
		return nil, fmt.Errorf("leadsync: encode a lead: %w", err)
	}
	return out, nil
}

// decodeJSON reads what a Store keeps, numbers of any size included.
func decodeJSON(data []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	if err := decoder.Decode(into); err != nil {
		return fmt.Errorf("leadsync: decode a stored lead: %w", err)
	}
	return nil
}

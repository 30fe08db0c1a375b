// SPDX-License-Identifier: Apache-2.0

package sqlite

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
)

// An encoded is an outcome as stored in a row. Null values leave a column unchanged.
type encoded struct {
	outcome, action, code, cause, terms sql.NullString
	public                              string // the outcome for the history
}

func encode(outcome *leadtype.Outcome) (encoded, error) {
	if outcome == nil {
		return encoded{}, nil
	}
	whole, err := json.Marshal(outcome)
	if err != nil {
		return encoded{}, err
	}
	terms, err := termsOf(outcome)
	if err != nil {
		return encoded{}, err
	}
	public, err := json.Marshal(outcome.ForHistory())
	return encoded{
		outcome: text(string(whole)), action: text(string(outcome.Action)),
		code: text(string(outcome.Code())), cause: text(string(outcome.CauseKey())), terms: text(terms),
		public: string(public),
	}, err
}

func text(s string) sql.NullString { return sql.NullString{String: s, Valid: true} }

// encodeLead encodes a lead without its strategy, which is a separate column that a
// re-capture does not change.
func encodeLead(lead *leadtype.Lead) (string, error) {
	data := *lead
	data.Strategy = ""
	text, err := json.Marshal(&data)
	return string(text), err
}

// A leadText is what a row has of a lead.
type leadText struct {
	id, event, strategy, data, activities, intents, outcome string
}

// columns are those that dest reads.
const leadColumns = `lead_id, event, strategy, data, activities, intents, outcome`

func (t *leadText) dest() []any {
	return []any{&t.id, &t.event, &t.strategy, &t.data, &t.activities, &t.intents, &t.outcome}
}

// A leadValue is what can be read of a row, and the error when that is not all.
type leadValue struct {
	lead       *leadtype.Lead
	intents    []leadtype.Intent
	last       *leadtype.Outcome
	unreadable *leadtype.Error
}

// read decodes a row. What cannot be decoded is missing.
func (t *leadText) read() leadValue {
	var bad []string
	v := leadValue{lead: new(leadtype.Lead)}
	if err := decode(t.data, v.lead); err != nil || string(v.lead.ID) != t.id {
		v.lead = &leadtype.Lead{ID: leadtype.LeadID(t.id), EventID: t.event}
		bad = append(bad, store.PartLead)
	}
	v.lead.Strategy = t.strategy
	var later []leadtype.Activity
	if err := decode(t.activities, &later); err != nil {
		bad = append(bad, store.PartActivities)
	} else {
		v.lead.AddActivities(later...)
	}
	if err := decode(t.intents, &v.intents); err != nil {
		v.intents, bad = nil, append(bad, store.PartIntents)
	}
	var err error
	if v.last, err = decodeOutcome(t.outcome); err != nil {
		bad = append(bad, store.PartOutcome)
	}
	v.unreadable = store.Unreadable(v.lead.ID, bad...)
	return v
}

// decodeOutcome reads an outcome, nil from an empty text.
func decodeOutcome(text string) (*leadtype.Outcome, error) {
	if text == "" {
		return nil, nil
	}
	outcome := new(leadtype.Outcome)
	if err := decode(text, outcome); err != nil {
		return nil, err
	}
	return outcome, nil
}

// decode reads JSON, keeping numbers of any size. An empty text leaves into
// unchanged.
func decode(text string, into any) error {
	if text == "" {
		return nil
	}
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(into); err != nil {
		return fmt.Errorf("decode a stored lead: %w", err)
	}
	return nil
}

func encodeIntents(list []leadtype.Intent) (string, error) {
	if len(list) == 0 {
		return "", nil
	}
	text, err := json.Marshal(list)
	return string(text), err
}

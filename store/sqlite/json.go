// SPDX-License-Identifier: Apache-2.0

package sqlite

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/leadsync/leadsync/leadtype"
)

// An encoded is an outcome as stored in a row. Null values leave a column unchanged.
type encoded struct {
	outcome, action, code, cause sql.NullString
	public                       string // the outcome for the history
}

func encode(outcome *leadtype.Outcome) (encoded, error) {
	if outcome == nil {
		return encoded{}, nil
	}
	whole, err := json.Marshal(outcome)
	if err != nil {
		return encoded{}, err
	}
	public, err := json.Marshal(outcome.ForHistory())
	return encoded{
		outcome: text(string(whole)), action: text(string(outcome.Action)),
		code: text(string(outcome.Code())), cause: text(string(outcome.CauseKey())), public: string(public),
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

// decodeEntry reads a lead's row.
func decodeEntry(data, strategy, activities, outcome string) (*leadtype.Lead, *leadtype.Outcome, error) {
	lead, err := decodeLead(data, activities)
	if err != nil {
		return nil, nil, err
	}
	lead.Strategy = strategy
	last, err := decodeOutcome(outcome)
	return lead, last, err
}

// decodeLead reads a lead, with the activities that were added later.
func decodeLead(data, activities string) (*leadtype.Lead, error) {
	lead := new(leadtype.Lead)
	if err := decode(data, lead); err != nil {
		return nil, err
	}
	var later []leadtype.Activity
	if err := decode(activities, &later); err != nil {
		return nil, err
	}
	lead.AddActivities(later...)
	return lead, nil
}

// decodeOutcome reads an outcome, nil from an empty text.
func decodeOutcome(text string) (*leadtype.Outcome, error) {
	if text == "" {
		return nil, nil
	}
	outcome := new(leadtype.Outcome)
	return outcome, decode(text, outcome)
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

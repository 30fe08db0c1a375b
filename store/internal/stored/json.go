// SPDX-License-Identifier: Apache-2.0

package stored

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/leadsync/leadsync/internal/jsontext"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
)

// EncodeIntents encodes intents, none as an empty text.
func EncodeIntents(list []leadtype.Intent) (string, error) {
	if len(list) == 0 {
		return "", nil
	}
	var some [encodedSize]byte
	if text, ok := writeIntents(jsontext.NewWriter(some[:0]), list).End(); ok {
		return string(text), nil
	}
	text, err := json.Marshal(list) // it says what is wrong
	return string(text), err
}

// Decode reads JSON, keeping numbers of any size. An empty text leaves into unchanged.
func Decode(text string, into any) error {
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

// DecodeOutcome reads an outcome, nil from an empty text.
func DecodeOutcome(text string) (*leadtype.Outcome, error) {
	if text == "" {
		return nil, nil
	}
	outcome := new(leadtype.Outcome)
	if err := Decode(text, outcome); err != nil {
		return nil, err
	}
	return outcome, nil
}

// DecodeOutcomeAs reads of an outcome what a detail has, or more.
func DecodeOutcomeAs(detail store.Detail, text string) (*leadtype.Outcome, error) {
	switch detail {
	case store.DetailLead:
		return nil, nil
	case store.DetailPrinted:
		if outcome := new(leadtype.Outcome); text != "" && readPrinted(text, outcome) {
			return outcome, nil
		}
	}
	return DecodeOutcome(text)
}

// StampIntents returns intents as they are kept when a claim ends: an earlier SentAt becomes
// the last time at which they may have been sent. What cannot be read stays.
func StampIntents(text string, last time.Time) (string, error) {
	var intents []leadtype.Intent
	if Decode(text, &intents) != nil {
		return text, nil // Claim says so
	}
	for i := range intents {
		if sent := &intents[i].SentAt; sent.Before(last) {
			*sent = last
		}
	}
	return EncodeIntents(intents)
}

// ExpireIntents returns intents as leadtype.ExpireIntents leaves them, and since when values are
// kept there, 0 where there are none. What cannot be read stays.
func ExpireIntents(text string, before int64) (kept string, since int64, err error) {
	var intents []leadtype.Intent
	if Decode(text, &intents) != nil {
		return text, 0, nil
	}
	left, oldest := leadtype.ExpireIntents(intents, FromMicros(before))
	kept, err = EncodeIntents(left)
	return kept, Micros(oldest), err
}

// TextColumns are the columns of a Text, in its order.
const TextColumns = `lead.lead_id, ` + LaterColumns

// LaterColumns are those after the id.
const LaterColumns = dataColumns + `, lead.intents, lead.outcome`

const dataColumns = `lead.event, lead.strategy, lead.data, lead.activities`

// ColumnsOf returns TextColumns with empty texts in place of those that a detail does without.
func ColumnsOf(detail store.Detail) string { return ColumnsWith(`lead.lead_id`, detail) }

// ColumnsWith is ColumnsOf with another expression for the id.
func ColumnsWith(id string, detail store.Detail) string {
	switch detail {
	case store.DetailLead:
		return id + `, ` + dataColumns + `, '', ''`
	case store.DetailPrinted:
		return id + `, ` + dataColumns + `, '', lead.outcome`
	}
	return id + `, ` + LaterColumns
}

// A Text is what a row has of a lead.
type Text struct {
	ID, Event, Strategy, Data, Activities, Intents, Outcome string
}

// A Value is what can be read of a Text, and the error when that is not all.
type Value struct {
	Lead       *leadtype.Lead
	Intents    []leadtype.Intent
	Last       *leadtype.Outcome
	Unreadable *leadtype.Error
}

// Read decodes a row. What cannot be decoded is missing.
func (t *Text) Read() Value { return t.ReadAs(store.DetailWhole) }

// ReadAs is Read of what a detail has.
func (t *Text) ReadAs(detail store.Detail) Value {
	var bad []string
	v := Value{Lead: new(leadtype.Lead)}
	if err := DecodeLead(t.Data, v.Lead); err != nil || string(v.Lead.ID) != t.ID {
		v.Lead = &leadtype.Lead{ID: leadtype.LeadID(t.ID), EventID: t.Event}
		bad = append(bad, store.PartLead)
	}
	v.Lead.Strategy = t.Strategy
	var later []leadtype.Activity
	if err := Decode(t.Activities, &later); err != nil {
		bad = append(bad, store.PartActivities)
	} else {
		v.Lead.AddActivities(later...)
	}
	if err := Decode(t.Intents, &v.Intents); err != nil {
		v.Intents, bad = nil, append(bad, store.PartIntents)
	}
	var err error
	if v.Last, err = DecodeOutcomeAs(detail, t.Outcome); err != nil {
		bad = append(bad, store.PartOutcome)
	}
	v.Unreadable = store.Unreadable(v.Lead.ID, bad...)
	return v
}

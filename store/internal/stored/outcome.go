// SPDX-License-Identifier: Apache-2.0

package stored

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/leadsync/leadsync/internal/jsontext"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
)

// An Outcome is an outcome as the columns of a row have it.
type Outcome struct {
	Given               bool   // false of no outcome, for which the columns stay
	Whole               string // as JSON
	Action, Code, Cause string
	Terms               []string // by which filters find it

	outcome *leadtype.Outcome
}

// EncodeOutcome encodes an outcome, which may be nil.
func EncodeOutcome(outcome *leadtype.Outcome) (Outcome, error) {
	if outcome == nil {
		return Outcome{}, nil
	}
	whole, err := encodeOutcome(outcome)
	return Outcome{Given: true, Whole: whole, Action: string(outcome.Action), Code: string(outcome.Code()),
		Cause: string(outcome.CauseKey()), Terms: Terms(outcome), outcome: outcome}, err
}

// Public returns the outcome as JSON for the history, "" of none.
func (o *Outcome) Public() (string, error) { return publicJSON(o.outcome, o.Whole) }

func publicJSON(outcome *leadtype.Outcome, whole string) (string, error) {
	if outcome == nil {
		return "", nil
	}
	if public := outcome.ForHistory(); public != outcome {
		return encodeOutcome(public)
	}
	return whole, nil
}

// OutcomeJSON returns an outcome as JSON, whole for its row and public for the history, both empty
// for none.
func OutcomeJSON(outcome *leadtype.Outcome) (whole, public string, err error) {
	if outcome == nil {
		return "", "", nil
	}
	if whole, err = encodeOutcome(outcome); err != nil {
		return "", "", err
	}
	public, err = publicJSON(outcome, whole)
	return whole, public, err
}

func encodeOutcome(outcome *leadtype.Outcome) (string, error) {
	var some [encodedSize]byte
	if text, ok := writeOutcome(jsontext.NewWriter(some[:0]), outcome).End(); ok {
		return string(text), nil
	}
	text, err := json.Marshal(outcome) // it says what is wrong
	if err != nil {
		return "", fmt.Errorf("encode an outcome: %w", err)
	}
	return string(text), nil
}

// A Target is the row of a lead after a settlement.
type Target struct {
	Change  store.StepKind
	Stage   leadtype.Stage
	State   store.State
	RetryAt int64
	Intents string
	Outcome
}

// NewTarget returns what a settlement makes of its lead, unless that was captured in flight.
func NewTarget(settlement store.Settlement) (Target, error) {
	to := Target{Change: store.StepUnclaimed, Stage: leadtype.PreSync, State: store.StateQueued}
	var err error
	if to.Intents, err = EncodeIntents(settlement.Intents); err != nil {
		return to, err
	}
	outcome := settlement.Outcome
	if outcome == nil {
		return to, nil
	}
	to.Change, to.Stage = store.StepSettled, outcome.Stage
	switch {
	case outcome.Stage != leadtype.PreSync:
		to.State = ""
	case outcome.RetryAt.IsZero():
		to.State = store.StateFrozen
	default:
		to.RetryAt = Micros(outcome.RetryAt)
	}
	to.Outcome, err = EncodeOutcome(outcome)
	return to, err
}

// LastOutcome is what a step of a history has whose outcome is still the last one of its lead, in
// place of a copy. After it stands the outcome's ask of then as JSON, where a Push has changed it
// since. The step gets its own copy when the lead gets another outcome.
const LastOutcome = "="

// unreadable is what a step has in place of an outcome that could not be read.
const unreadable = "?"

// StepOutcome returns the outcome of a step as the history shows it, nil of none. It is given the
// step's text and the last outcome of the lead.
func StepOutcome(step, last string) (*leadtype.Outcome, error) {
	ask, refers := strings.CutPrefix(step, LastOutcome)
	if !refers {
		return DecodeOutcome(step)
	}
	outcome, err := DecodeOutcome(last)
	if outcome == nil || err != nil {
		return nil, err
	}
	if ask != "" {
		outcome.Ask = nil
		err = Decode(ask, &outcome.Ask)
	}
	return outcome.ForHistory(), err
}

// StepJSON returns the step's own copy of its outcome, before the lead gets another one.
func StepJSON(step, last string) (string, error) {
	outcome, err := StepOutcome(step, last)
	if err != nil {
		return unreadable, nil
	}
	if outcome == nil {
		return "", nil
	}
	return encodeOutcome(outcome)
}

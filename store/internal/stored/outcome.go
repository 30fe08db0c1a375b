// SPDX-License-Identifier: Apache-2.0

package stored

import (
	"encoding/json"
	"fmt"

	"github.com/leadsync/leadsync/internal/jsontext"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
)

// An Outcome is an outcome as the columns of a row have it.
type Outcome struct {
	Given               bool   // false of no outcome, for which the columns stay
	Whole               string // as JSON
	Public              string // as JSON, for the history
	Action, Code, Cause string
	Terms               []string // by which filters find it
}

// EncodeOutcome encodes an outcome, which may be nil.
func EncodeOutcome(outcome *leadtype.Outcome) (Outcome, error) {
	if outcome == nil {
		return Outcome{}, nil
	}
	whole, public, err := OutcomeJSON(outcome)
	return Outcome{Given: true, Whole: whole, Public: public, Action: string(outcome.Action),
		Code: string(outcome.Code()), Cause: string(outcome.CauseKey()), Terms: Terms(outcome)}, err
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
	history := outcome.ForHistory()
	if history == outcome {
		return whole, whole, nil
	}
	public, err = encodeOutcome(history)
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

// SPDX-License-Identifier: Apache-2.0

package store

import (
	"time"

	"github.com/leadsync/leadsync/leadtype"
)

// A Step is one change of a lead, and the stage and state after it.
type Step struct {
	At    time.Time      `json:"at"`
	Kind  StepKind       `json:"kind"`
	Stage leadtype.Stage `json:"stage"`
	// State is the one after the step. Of a lead that is captured again in flight it is
	// the one asked for, which it takes when its claim ends.
	State      State `json:"state,omitempty"`
	Generation int64 `json:"generation"`
	// Outcome is that of a step that has one, as leadtype.Outcome.ForHistory leaves it.
	Outcome *leadtype.Outcome `json:"outcome,omitempty"`
}

// A StepKind says what changed a lead.
type StepKind string

// The kinds of step.
const (
	// StepCaptured is the first capture.
	StepCaptured StepKind = "captured"
	// StepReplaced is a capture with other data.
	StepReplaced StepKind = "replaced"
	// StepActivities is a lead that was given activities after its capture.
	StepActivities StepKind = "activities"
	// StepSettled comes with the outcome of an attempt.
	StepSettled StepKind = "settled"
	// StepUnclaimed ends a claim without an outcome.
	StepUnclaimed StepKind = "unclaimed"
	// StepPushed queues a lead again; see Store.Push.
	StepPushed StepKind = "pushed"
	// StepResolved comes with what a person decided.
	StepResolved StepKind = "resolved"
	// StepRebound comes with what is left of the last outcome in another org; see
	// Store.Rebind.
	StepRebound StepKind = "rebound"
)

// SPDX-License-Identifier: Apache-2.0

package store

import (
	"time"

	"github.com/leadsync/leadsync/leadtype"
)

// A Step is one change of a lead, and the stage and state after it; or something that a
// person decided of a connection, which has neither.
type Step struct {
	At   time.Time `json:"at"`
	Kind StepKind  `json:"kind"`
	// By is who decided it, as leadsync.Syncer.By was told, empty where that is not known or
	// no person did. It may be personal data.
	By string `json:"by,omitempty"`
	// Mode is that of a StepMode.
	Mode  leadtype.Mode  `json:"mode,omitempty"`
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
	// StepResolved comes with what a person decided: which record the lead is, or that it is
	// dismissed.
	StepResolved StepKind = "resolved"
	// StepReverted is a lead of which records were reverted: they are what they were before
	// it was synced, or are gone. Its outcome stays what it was.
	StepReverted StepKind = "reverted"
	// StepRebound comes with what is left of the last outcome in another org; see
	// Store.Rebind. The connection's own history has one too, without an outcome.
	StepRebound StepKind = "rebound"
	// StepForgotten is a lead that was forgotten. It is in the connection's own history, and
	// does not say which lead that was.
	StepForgotten StepKind = "forgotten"
	// StepUnsuppressed is leads that may be captured again after they were forgotten; see
	// Store.Unsuppress. It is in the connection's own history, and does not say which.
	StepUnsuppressed StepKind = "unsuppressed"
	// StepMode is a mode that was set, in the connection's own history.
	StepMode StepKind = "mode"
	// StepConnected, StepDisconnected and StepSettings are in the connection's own history
	// when it was connected to an org, its token was dropped, or its settings changed; see
	// Connections.
	StepConnected    StepKind = "connected"
	StepDisconnected StepKind = "disconnected"
	StepSettings     StepKind = "settings"
)

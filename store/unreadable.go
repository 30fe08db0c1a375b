// SPDX-License-Identifier: Apache-2.0

package store

import (
	"fmt"
	"strings"

	"github.com/leadsync/leadsync/leadtype"
)

// The parts of a lead that a Store may be unable to read.
const (
	PartLead       = "lead"       // its data
	PartActivities = "activities" // those that were captured later
	PartIntents    = "intents"    // creates without a response
	PartOutcome    = "outcome"    // the last one, or that of a Step
)

// Unreadable returns the error, around leadtype.ErrUnreadable, of a lead of which a Store
// cannot read some parts. Without parts there is none: it returns nil.
func Unreadable(lead leadtype.LeadID, parts ...string) *leadtype.Error {
	if len(parts) == 0 {
		return nil
	}
	return &leadtype.Error{Op: "read", Code: leadtype.DataValueValidation, LeadID: lead,
		Reason: "what the store keeps of the lead is damaged",
		Err:    fmt.Errorf("%w: %s", leadtype.ErrUnreadable, strings.Join(parts, ", "))}
}

// UnreadableCause returns the cause that all leads have in common that cannot be read.
func UnreadableCause() leadtype.CauseKey { return Unreadable("", PartLead).CauseKey() }

// UnreadableOutcome takes the place of the outcome of a lead's Step that a Store cannot
// read.
func UnreadableOutcome(lead leadtype.LeadID, stage leadtype.Stage) *leadtype.Outcome {
	return &leadtype.Outcome{LeadID: lead, Stage: stage, Err: Unreadable(lead, PartOutcome)}
}

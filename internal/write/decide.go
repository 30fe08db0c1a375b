// SPDX-License-Identifier: Apache-2.0

package write

import (
	"fmt"
	"slices"

	"github.com/leadsync/leadsync/internal/match"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// NewOutcome returns an outcome of a lead for which a record is to be created, waiting.
// The record that it had is left.
func NewOutcome(lead *leadtype.Lead, last *leadtype.Outcome) *leadtype.Outcome {
	out, bond := *last, leadtype.NewBond(lead)
	if last.ID != "" {
		out = *Leave(last, "")
	}
	out.Object, out.ID = "", ""
	if known := last.Trace.Bond; known != nil {
		bond.Account, bond.Company = known.Account, known.Company
	}
	bond.Choose(lead)
	out.Stage, out.Trace.Chosen, out.Trace.Bond = leadtype.PreSync, leadtype.NewRecord, bond
	return &out
}

// ChosenOutcome returns an outcome with a candidate as the known record, waiting. The
// choice is for what the lead is now.
func ChosenOutcome(lead *leadtype.Lead, last *leadtype.Outcome, c leadtype.Candidate) *leadtype.Outcome {
	out, bond := *last, leadtype.NewBond(lead)
	known := last.Trace.Bond
	switch {
	case c.Object == salesforce.ObjectAccount:
		if known != nil {
			*bond = *known
		}
		out.AccountID, bond.Account = c.ID, leadtype.OriginChosen
		bond.Company = leadtype.CompanyDigests(lead.ID, match.CompanyKeys(lead))
	case known != nil && c.ID.Equal(last.ID):
		*bond = *known // its e-mail address is still to be written
	default:
		if last.ID != "" {
			out = *Leave(last, c.ID)
		}
		if known != nil {
			bond.Account, bond.Company = known.Account, known.Company
		}
		out.Object, out.ID, bond.Person = c.Object, c.ID, leadtype.OriginChosen
	}
	bond.Choose(lead)
	out.Stage, out.Trace.Chosen, out.Trace.Bond = leadtype.PreSync, c.ID, bond
	return &out
}

// DismissedOutcome returns the outcome of a failed lead that a person dismisses. last may be
// nil.
func DismissedOutcome(lead *leadtype.Lead, last *leadtype.Outcome, by, reason string) *leadtype.Outcome {
	out := leadtype.Outcome{LeadID: lead.ID, EventID: lead.EventID, Stage: leadtype.Failed}
	if last != nil {
		out = *last
	}
	warning := leadtype.Warning{Kind: leadtype.Chosen, Code: out.Code(),
		Reason: fmt.Sprintf("dismissed by %s: %s", by, reason)}
	if out.Err != nil {
		warning.Object = out.Err.Object
	}
	out.Warnings = append(slices.Clone(out.Warnings), warning)
	out.Stage, out.Action, out.Err = leadtype.Cleared, leadtype.Dismissed, nil
	return &out
}

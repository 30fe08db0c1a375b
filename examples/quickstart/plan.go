// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"io"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/leadtype"
)

// plan reports what a sync would do, and writes neither to the org nor to the
// store.
func (s *session) plan(ctx context.Context, stdout io.Writer) error {
	plan, err := s.syncer.Plan(ctx, s.leads...)
	if err != nil {
		return err
	}
	sum := summarizePlan(plan)
	sum.APICalls = s.client.Usage().Calls
	return s.report(sum, stdout)
}

// summarizePlan counts the leads and records of a plan by what would happen.
func summarizePlan(plan *leadsync.Plan) *summary {
	sum := newSummary()
	sum.Plan = plan
	for _, lead := range plan.Leads {
		outcome := &leadsync.Outcome{LeadID: lead.LeadID, Warnings: lead.Warnings}
		switch err, waits := planError(lead); {
		case waits:
			outcome.Stage = leadsync.PreSync
		case err != nil:
			outcome.Stage, outcome.Err = leadsync.Failed, err
		default:
			outcome.Stage, outcome.Action = leadsync.Cleared, planAction(plan, lead)
		}
		sum.add(outcome)
	}
	for _, change := range plan.Changes {
		action := leadsync.Updated
		if change.Create {
			action = leadsync.Created
		}
		sum.countRecord(change.Object, action)
	}
	return sum
}

// planError returns why a lead would not be written completely, and whether a
// later retry would help.
func planError(lead *leadtype.LeadPlan) (err *leadsync.Error, waits bool) {
	if lead.Err != nil {
		return lead.Err, !lead.RetryAt.IsZero()
	}
	for _, part := range lead.Parts {
		if part.Err != nil {
			return part.Err, !part.RetryAt.IsZero()
		}
	}
	return nil, false
}

func planAction(plan *leadsync.Plan, lead *leadtype.LeadPlan) leadsync.Action {
	action := leadsync.Unchanged
	for _, part := range lead.Parts {
		switch {
		case part.Change == leadtype.Unplanned:
		case part.Kind == leadtype.PartPerson && plan.Changes[part.Change].Create:
			return leadsync.Created
		default:
			action = leadsync.Updated
		}
	}
	return action
}

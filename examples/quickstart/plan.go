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
		sum.Leads++
		sum.warn(lead.LeadID, lead.Warnings)
		switch err, waits := planError(lead); {
		case waits:
			sum.Frozen++
		case err != nil:
			sum.fail(lead.LeadID, err)
		default:
			sum.clear(planAction(plan, lead))
		}
	}
	for _, change := range plan.Changes {
		action := leadsync.Updated
		if change.Create {
			action = leadsync.Created
		}
		sum.countRecord(change.Object, action)
	}
	sum.sort()
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

// SPDX-License-Identifier: Apache-2.0

package write

import (
	"cmp"
	"slices"

	"github.com/leadsync/leadsync/internal/match"
	"github.com/leadsync/leadsync/internal/plan"
	"github.com/leadsync/leadsync/leadtype"
)

// takeLanded enters into an outcome what earlier updates of its lead did that nothing but the
// journal knows, because their process ended. What they did to records that the lead does not
// have any more is in Left.
func takeLanded(out *leadtype.Outcome, it *match.Item, describe describer) {
	if len(it.Landed) == 0 {
		return
	}
	var here []leadtype.Part
	var left *leadtype.Outcome
	for _, part := range it.Landed {
		part.Changes = slices.Clone(part.Changes)
		for i := range part.Changes {
			part.Changes[i].Reason = cmp.Or(part.Changes[i].Reason, plan.ReasonLookup)
		}
		if !isElsewhere(out, &part) {
			here = append(here, part)
			continue
		}
		if left == nil {
			left = &leadtype.Outcome{LeadID: out.LeadID, EventID: out.EventID, Stage: leadtype.Cleared,
				Object: part.Object, ID: part.ID, At: out.At}
		}
		left.Parts = append(left.Parts, part)
	}
	out.Parts = mergeParts(here, out.Parts, describe)
	if left == nil {
		return
	}
	out.Left = append(slices.Clone(out.Left), left)
	if !slices.ContainsFunc(out.Warnings, func(w leadtype.Warning) bool {
		return w.Kind == leadtype.Rebound && w.Record.Equal(left.ID)
	}) {
		out.Warnings = append(slices.Clone(out.Warnings), reboundFrom(left))
	}
}

// isElsewhere reports whether a part is about a record that the lead has another one for.
func isElsewhere(out *leadtype.Outcome, part *leadtype.Part) bool {
	if part.Kind == leadtype.PartPerson && out.ID != "" {
		return !out.ID.Equal(part.ID)
	}
	return slices.ContainsFunc(out.Parts, func(p leadtype.Part) bool {
		return p.Kind == part.Kind && p.Key == part.Key && p.Object.Equal(part.Object) && p.ID != "" && !p.ID.Equal(part.ID)
	})
}

// takeUnplanned is takeLanded for a lead that was not written: what is not about its person is
// left in the journal.
func takeUnplanned(out *leadtype.Outcome, it *match.Item, describe describer) {
	known := *it
	known.Landed = slices.DeleteFunc(slices.Clone(it.Landed), func(part leadtype.Part) bool {
		return out.ID == "" || isElsewhere(out, &part)
	})
	takeLanded(out, &known, describe)
	for _, part := range known.Landed {
		it.Updates, _ = leadtype.WithoutValues(it.Updates, part.ID)
	}
}

// wentThrough returns what of a lead's journal the org has answered, and carried out: a second
// look journals it again, until the Store is told the end of both.
func (x *Execution) wentThrough(lead *leadtype.LeadPlan) []leadtype.Intent {
	return slices.DeleteFunc(slices.Clone(x.intents[lead.LeadID]), func(intent leadtype.Intent) bool {
		return !slices.ContainsFunc(lead.Parts, func(part leadtype.PlannedPart) bool {
			if part.Change == leadtype.Unplanned || x.results[part.Change].Err != nil || part.Kind != intent.Kind {
				return false
			}
			change := &x.plan.Changes[part.Change]
			if intent.Update {
				return !change.Create && change.ID.Equal(intent.Record)
			}
			return change.Create && (part.Kind != leadtype.PartTask || part.Key == intent.Key)
		})
	})
}

// SPDX-License-Identifier: Apache-2.0

package write

import (
	"fmt"
	"slices"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// leaveIdle enters the account that an earlier look created for a lead among what the lead has
// left, where its person turned out to be a record outside it: a duplicate rule named that, or a
// person chose it. Nothing else would name the account after the next sync.
func leaveIdle(out, last *leadtype.Outcome) {
	bond := out.Trace.Bond
	if last == nil || last.Trace.Bond == nil || last.Trace.Bond.Account != leadtype.OriginCreated ||
		bond == nil || out.ID == "" || bond.Person == "" || bond.Person == leadtype.OriginCreated {
		return
	}
	out.Parts = takeIdle(out, out.Parts, last)
	out.Earlier = slices.Clone(out.Earlier)
	for i, earlier := range out.Earlier {
		rest := *earlier
		rest.Parts = takeIdle(out, earlier.Parts, last)
		out.Earlier[i] = &rest
	}
	out.Earlier = slices.DeleteFunc(out.Earlier, func(o *leadtype.Outcome) bool { return len(o.Parts) == 0 })
	if out.Stage == leadtype.Cleared {
		out.Action = actionOf(out.Parts)
	}
}

// takeIdle returns the parts without the created accounts that are not the person's, which it
// enters into Left, each once.
func takeIdle(out *leadtype.Outcome, parts []leadtype.Part, last *leadtype.Outcome) (rest []leadtype.Part) {
	for _, part := range parts {
		if part.Kind != leadtype.PartAccount || part.Action != leadtype.Created || part.ID.Equal(out.AccountID) {
			rest = append(rest, part)
			continue
		}
		if slices.ContainsFunc(out.Left, func(o *leadtype.Outcome) bool { return o.ID.Equal(part.ID) }) {
			continue
		}
		idle := bare(last)
		idle.Object, idle.ID, idle.Parts = salesforce.ObjectAccount, part.ID, []leadtype.Part{part}
		out.Left = append(slices.Clone(out.Left), idle)
		out.Warnings = append(slices.Clone(out.Warnings), leadtype.Warning{Kind: leadtype.Rebound, Object: idle.Object,
			Record: idle.ID, Reason: fmt.Sprintf("%s %s was created for the lead, whose person is not in it. Revert deletes "+
				"it, unless others use it: see Left", idle.Object, idle.ID)})
	}
	return rest
}

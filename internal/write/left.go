// SPDX-License-Identifier: Apache-2.0

package write

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/leadsync/leadsync/internal/match"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// follow enters into an outcome what earlier syncs did for the lead: to the records that
// it has still, and to those that a correction took it away from. It returns the last
// outcome as far as it is about the records that the lead has now.
func follow(out *leadtype.Outcome, it *match.Item) *leadtype.Outcome {
	last := it.Last
	if last == nil {
		return nil
	}
	carryWarnings(out, last)
	instead := insteadOf(out)
	if instead == "" || instead.Equal(out.ID) {
		var again []*leadtype.Outcome
		out.Left, again = regain(last.Left, out)
		out.Earlier = append(again, EarlierOf(last)...)
		return last
	}
	return leave(out, last)
}

func insteadOf(out *leadtype.Outcome) salesforce.ID {
	if out.Trace.Bond == nil {
		return ""
	}
	return out.Trace.Bond.Instead
}

// carryWarnings repeats what the last outcome said of records that the lead no longer
// has, until the lead is cleared.
func carryWarnings(out, last *leadtype.Outcome) {
	if last.Stage != leadtype.Cleared {
		repeat(out, last, leadtype.Rebound)
	}
}

// repeat repeats what was said of records that the lead no longer has, but not of one that it
// has again.
func repeat(out, last *leadtype.Outcome, kinds ...leadtype.WarningKind) {
	for _, w := range last.Warnings {
		again := w.Kind == leadtype.Rebound && w.Record != "" &&
			(w.Record.Equal(out.ID) || w.Record.Equal(out.AccountID))
		if slices.Contains(kinds, w.Kind) && !again && !slices.Contains(out.Warnings, w) {
			out.Warnings = append(out.Warnings, w)
		}
	}
}

// leave enters the record of the last outcome among those that the lead has left, and
// returns that outcome without it. Tasks that the new outcome has were moved along.
func leave(out, last *leadtype.Outcome) *leadtype.Outcome {
	kept := *last
	kept.Parts = nil
	for _, part := range last.Parts {
		if movesAlong(out, &part) {
			kept.Parts = append(kept.Parts, part)
		}
	}
	var again []*leadtype.Outcome
	out.Left, again = regain(last.Left, out)
	out.Earlier = again
	left := 0
	for _, o := range append(slices.Clone(last.Earlier), did(last)...) {
		o := *o
		o.Parts = slices.DeleteFunc(slices.Clone(o.Parts), func(p leadtype.Part) bool { return movesAlong(out, &p) })
		if len(o.Parts) > 0 {
			out.Left, left = append(out.Left, &o), left+1
		}
	}
	if left == 0 {
		out.Left = append(out.Left, bare(last))
	}
	out.Warnings = append(out.Warnings, reboundFrom(last))
	return &kept
}

// reboundFrom is the warning of a record that a lead has left.
func reboundFrom(last *leadtype.Outcome) leadtype.Warning {
	return leadtype.Warning{Kind: leadtype.Rebound, Object: last.Object, Record: last.ID,
		Reason: fmt.Sprintf("the lead was corrected: it is no longer %s %s. Revert what was written there: see Left",
			last.Object, last.ID)}
}

// movesAlong reports whether a part of an earlier outcome stays the lead's with its new
// person.
func movesAlong(out *leadtype.Outcome, part *leadtype.Part) bool {
	switch part.Kind {
	case leadtype.PartTask:
		return slices.ContainsFunc(out.Parts, func(p leadtype.Part) bool { return p.Kind == part.Kind && p.ID == part.ID })
	case leadtype.PartAccount:
		return part.ID.Equal(out.AccountID)
	case leadtype.PartCustom:
		return true // it has a key of its own, and refers to the new person then
	}
	return false
}

// Leave returns an outcome of a lead for which a person chose another record than its
// own: without that record, which is among those that the lead has left.
func Leave(last *leadtype.Outcome, chosen salesforce.ID) *leadtype.Outcome {
	out := *last
	out.ID, out.Parts = chosen, tasksOf(last.Parts)
	kept := leave(&out, last)
	out.Parts = kept.Parts
	return &out
}

func tasksOf(parts []leadtype.Part) []leadtype.Part {
	return slices.DeleteFunc(slices.Clone(parts), func(p leadtype.Part) bool { return p.Kind != leadtype.PartTask })
}

// regain takes what was done to the records that the lead has now out of what it has left.
func regain(left []*leadtype.Outcome, out *leadtype.Outcome) (rest, again []*leadtype.Outcome) {
	for _, o := range left {
		if o.ID != "" && (o.ID.Equal(out.ID) || o.ID.Equal(out.AccountID)) {
			again = append(again, o)
		} else {
			rest = append(rest, o)
		}
	}
	return rest, again
}

// EarlierOf returns what was done to a lead's records up to an outcome whose parts do not
// show it any more. Syncs before the last but one are merged into one, so that the list
// does not grow with their number.
func EarlierOf(last *leadtype.Outcome) []*leadtype.Outcome {
	if last.Stage != leadtype.Cleared {
		return last.Earlier
	}
	done := did(last)
	if len(done) == 0 {
		return last.Earlier
	}
	if len(last.Earlier) < 2 {
		return append(slices.Clone(last.Earlier), done...)
	}
	merged := *last.Earlier[len(last.Earlier)-1]
	merged.At, merged.Parts = last.At, slices.Clone(merged.Parts)
	for _, part := range done[0].Parts {
		addDone(&merged, part)
	}
	return append(slices.Clone(last.Earlier[:len(last.Earlier)-1]), &merged)
}

// addDone adds what was done to a record to what was done to it before.
func addDone(to *leadtype.Outcome, part leadtype.Part) {
	at := slices.IndexFunc(to.Parts, func(p leadtype.Part) bool { return p.Kind == part.Kind && p.ID == part.ID })
	if at < 0 {
		to.Parts = append(to.Parts, part)
		return
	}
	changes := slices.Clone(to.Parts[at].Changes)
	for _, next := range part.Changes {
		i := slices.IndexFunc(changes, func(f leadtype.FieldChange) bool {
			return f.Field == next.Field && f.By == next.By && reflect.DeepEqual(f.After, next.Before)
		})
		if i < 0 {
			changes = append(changes, next) // others wrote the field in between
		} else {
			changes[i].After, changes[i].Reason = next.After, next.Reason
		}
	}
	to.Parts[at].Changes = changes
}

// did returns an outcome with nothing but what the sync did to records, none when it did
// nothing. Where the person was created for the lead, only creates are kept: there are no
// earlier values to restore.
func did(o *leadtype.Outcome) []*leadtype.Outcome {
	own := o.Trace.Bond != nil && o.Trace.Bond.Person == leadtype.OriginCreated
	done := bare(o)
	for _, part := range o.Parts {
		if part.ID == "" || part.Action != leadtype.Created && (own || len(part.Changes) == 0) {
			continue
		}
		part.Err = nil
		done.Parts = append(done.Parts, part)
	}
	if len(done.Parts) == 0 {
		return nil
	}
	return []*leadtype.Outcome{done}
}

// bare returns an outcome with nothing but its record.
func bare(o *leadtype.Outcome) *leadtype.Outcome {
	return &leadtype.Outcome{LeadID: o.LeadID, EventID: o.EventID, Stage: leadtype.Cleared, Object: o.Object, ID: o.ID,
		At: o.At}
}

// bind enters how the lead came to the records that it has now.
func (x *Execution) bind(out *leadtype.Outcome, lead *leadtype.LeadPlan, it *match.Item) {
	if lead.Trace.Bond == nil {
		return
	}
	bond := *lead.Trace.Bond
	bond.Instead = ""
	out.Trace.Bond = &bond
	for i := range out.Parts {
		part := &out.Parts[i]
		created := x.createdFor(lead, part)
		switch {
		case part.ID == "":
		case part.Kind == leadtype.PartPerson && created:
			bond.Person, bond.Differs = leadtype.OriginCreated, false
		case part.Kind == leadtype.PartPerson && bond.Person == "":
			bond.Person = leadtype.OriginMatched
			if it.Intent(leadtype.PartPerson, "") != nil {
				bond.Person = leadtype.OriginCreated // the record of an earlier create
			}
		case part.Kind == leadtype.PartAccount && created:
			bond.Account = leadtype.OriginCreated
		case part.Kind == leadtype.PartAccount && bond.Account == "":
			bond.Account = leadtype.OriginMatched
		}
	}
	inherit(&bond, out, it.Last)
	if out.Stage != leadtype.Cleared && out.ID != "" && (it.Last == nil || it.Last.ID == "") {
		keepSent(&bond, out.LeadID, it.Intents)
	}
	if bond.Account != "" {
		bond.Company = leadtype.CompanyDigests(out.LeadID, lead.Keys.Company)
	}
}

// inherit takes over from the last bond what is still true.
func inherit(bond *leadtype.Bond, out, last *leadtype.Outcome) {
	if last == nil || last.Trace.Bond == nil {
		return
	}
	before := last.Trace.Bond
	if out.AccountID != "" && out.AccountID == last.AccountID && bond.Account != leadtype.OriginCreated &&
		before.Account != "" {
		bond.Account = before.Account
	}
	if out.Stage != leadtype.Cleared && out.ID == last.ID {
		bond.Pending(before) // the correction may not be written yet
		bond.Given = before.Given
	}
}

// keepSent takes over the address that a create was sent with whose response was lost: the
// lead's new one may not have been written to the record.
func keepSent(bond *leadtype.Bond, lead leadtype.LeadID, intents []leadtype.Intent) {
	for i := range intents {
		if sent := intents[i].Person.Email; intents[i].Kind == leadtype.PartPerson && sent != "" {
			bond.Email = leadtype.NewBond(&leadtype.Lead{ID: lead, Email: sent}).Email
		}
	}
}

// createdFor reports whether the plan created the record of a part for this lead.
func (x *Execution) createdFor(lead *leadtype.LeadPlan, part *leadtype.Part) bool {
	for i := range lead.Parts {
		planned := &lead.Parts[i]
		if planned.Kind != part.Kind || planned.Key != part.Key || planned.Change == leadtype.Unplanned {
			continue
		}
		change := &x.plan.Changes[planned.Change]
		return change.Create && change.Object.Equal(part.Object) && change.Leads[0] == lead.LeadID &&
			(part.Action == leadtype.Created || existsAlready(change, x.results[planned.Change].Err))
	}
	return false
}

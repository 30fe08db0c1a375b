// SPDX-License-Identifier: Apache-2.0

package write

import (
	"context"
	"slices"
	"time"

	"github.com/leadsync/leadsync/internal/match"
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/internal/verdict"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// OutcomesOf returns the outcomes of the items that are settled.
func OutcomesOf(items []*match.Item) []*leadtype.Outcome {
	outcomes := make([]*leadtype.Outcome, 0, len(items))
	for _, it := range items {
		if it.Outcome != nil {
			outcomes = append(outcomes, it.Outcome)
		}
	}
	return outcomes
}

// Fail settles a lead that could not be looked up.
func Fail(it *match.Item, err *leadtype.Error, at time.Time) {
	out := &leadtype.Outcome{LeadID: it.Lead.ID, EventID: it.Lead.EventID, Stage: leadtype.Failed,
		Err: verdict.ForLead(err, it.Lead.ID), At: at}
	keepKnown(out, it.Last)
	it.Settle(out, it.Open())
}

// Skip settles a lead that was not reached before the batch ended.
func Skip(it *match.Item, at time.Time) {
	out := UnsyncedOutcome(it.Lead, context.Canceled, at)
	out.RetryAt = at
	keepKnown(out, it.Last)
	it.Settle(out, it.Open())
}

// UnsyncedOutcome is the outcome of a lead that the sync did not reach.
func UnsyncedOutcome(lead *leadtype.Lead, cause error, at time.Time) *leadtype.Outcome {
	err := verdict.AsOwn("sync", cause)
	err.LeadID = lead.ID
	if err.Code == leadtype.Unknown && verdict.ContextError(cause) != nil {
		err = &leadtype.Error{Op: "sync", LeadID: lead.ID, Code: leadtype.BatchCollateral,
			Reason: "the sync ended before this lead was processed", Err: cause}
	}
	return &leadtype.Outcome{LeadID: lead.ID, EventID: lead.EventID, Stage: leadtype.PreSync, Err: err, At: at}
}

// Follow settles an item once more, as its second look ended, with what the first
// one wrote.
func Follow(first, second *match.Item) {
	out := second.Outcome
	repeat(out, first.Outcome, leadtype.Rebound, leadtype.Chosen)
	out.Parts = mergeParts(first.Outcome.Parts, out.Parts, nil)
	if out.Stage == leadtype.Cleared {
		out.Action = actionOf(out.Parts)
	}
	leaveIdle(out, first.Outcome)
	first.Settle(out, second.Intents)
	first.Wrote = first.Wrote || second.Wrote
	first.Updates = second.Updates
	first.Records = append(first.Records, second.Records...)
}

// Postpone lets the leads wait that a second look would help, when there was none:
// their failure is only a reason to look again.
func Postpone(items []*match.Item) {
	for _, it := range items {
		if out := it.Outcome; it.Again && out.Stage == leadtype.Failed {
			out.Stage, out.RetryAt = leadtype.PreSync, out.At
		}
	}
}

// Orphans returns the items of which nothing was planned because another lead failed, whose record
// they were to share.
func Orphans(items []*match.Item) []*match.Item {
	return slices.DeleteFunc(slices.Clone(items), func(it *match.Item) bool {
		return !it.Again || it.Wrote || it.Outcome == nil || it.Outcome.Code() != leadtype.BatchCollateral
	})
}

// stageOf returns the stage in which an error leaves a lead: Pre-Sync when time
// alone resolves it.
func stageOf(err *leadtype.Error, retryAt time.Time) leadtype.Stage {
	if err.Code == leadtype.UncertainWrite || !retryAt.IsZero() {
		return leadtype.PreSync
	}
	return leadtype.Failed
}

// actionOf returns what was done to a lead's records together.
func actionOf(parts []leadtype.Part) leadtype.Action {
	action := leadtype.Unchanged
	for _, part := range parts {
		switch {
		case part.Kind == leadtype.PartPerson && part.Action == leadtype.Created:
			return leadtype.Created
		case part.Action != leadtype.Unchanged:
			action = leadtype.Updated
		}
	}
	return action
}

// unreached returns the index of the first part that was neither written nor
// refused, -1 for none.
func unreached(parts []leadtype.Part) int {
	return slices.IndexFunc(parts, func(p leadtype.Part) bool { return p.Action == "" && p.Err == nil })
}

// keepKnown copies the records that an earlier sync found or wrote, so that a lead
// which fails before anything is written does not lose them.
func keepKnown(out, last *leadtype.Outcome) {
	if last == nil {
		return
	}
	out.Left, out.Earlier, out.Owed = last.Left, EarlierOf(last), last.Owed
	carryWarnings(out, last)
	if out.ID != "" || last.Trace.Bond != nil && last.Trace.Bond.Person == leadtype.OriginDuplicate &&
		out.Err != nil && out.Err.Code == leadtype.AmbiguousMatch {
		return
	}
	out.Trace.Bond, out.Trace.Choice = last.Trace.Bond, last.Trace.Split()
	if !isGone(out, last.ID) {
		out.Object, out.ID = last.Object, last.ID
	}
	if !isGone(out, last.AccountID) {
		out.AccountID = last.AccountID
	}
	if isGone(out, out.Trace.Chosen) {
		out.Trace.Chosen, out.Trace.ChosenBy = "", ""
	}
	if isGone(out, out.Trace.ChosenAccount) {
		out.Trace.ChosenAccount, out.Trace.AccountBy = "", ""
	}
	out.Parts = append(out.Parts, KnownParts(last)...)
}

// isGone reports whether a record was chosen for the lead, and is no more, as a warning says.
func isGone(out *leadtype.Outcome, record salesforce.ID) bool {
	return record != "" && slices.ContainsFunc(out.Warnings, func(w leadtype.Warning) bool {
		return w.Kind == leadtype.Chosen && w.Record.Equal(record)
	})
}

// KnownParts returns the parts whose records a sync found or wrote. What a cleared
// sync did to them was reported already: the parts do not repeat it.
func KnownParts(out *leadtype.Outcome) []leadtype.Part {
	var parts []leadtype.Part
	for _, part := range out.Parts {
		if part.ID == "" || part.Err != nil && len(part.Changes) == 0 {
			continue
		}
		if part.Err != nil || hasWarnings(out, part.Object) {
			part.Digest = "" // what is left of it is planned again, and said again
		}
		part.Err = nil
		if out.Stage == leadtype.Cleared {
			part.Action, part.Changes = "", nil
		}
		parts = append(parts, part)
	}
	return parts
}

// hasWarnings reports whether a sync left something of a record out.
func hasWarnings(out *leadtype.Outcome, object salesforce.Object) bool {
	return slices.ContainsFunc(out.Warnings, func(w leadtype.Warning) bool { return w.Object.Equal(object) })
}

// mergeParts returns the parts of a second pass together with what the first one
// wrote. A written part that the second pass does not have stays, before the
// others: an account that its person already belongs to, for example. A describe tells
// what others have written in between; nil: nobody has.
func mergeParts(first, second []leadtype.Part, describe describer) []leadtype.Part {
	type id struct {
		kind   leadtype.PartKind
		key    string
		object salesforce.Object
	}
	idOf := func(p *leadtype.Part) id { return id{p.Kind, p.Key, value.Folded(p.Object)} }
	now := make(map[id]int, len(second))
	for i := range second {
		if _, ok := now[idOf(&second[i])]; !ok {
			now[idOf(&second[i])] = i
		}
	}
	var kept []leadtype.Part
	for _, before := range first {
		i, ok := now[idOf(&before)]
		switch {
		case ok:
			followPart(&second[i], before, describe)
		case before.ID != "" && before.Err == nil && (before.Action == leadtype.Created || before.Action == leadtype.Updated):
			kept = append(kept, before)
		}
	}
	return append(kept, second...)
}

// followPart adds to a part what an earlier pass did to its record.
func followPart(p *leadtype.Part, before leadtype.Part, describe describer) {
	if p.ID == "" && p.Err != nil && before.Err == nil {
		p.ID = before.ID // it failed before its record was looked at
	}
	same := p.ID == before.ID
	if before.Action != "" &&
		(p.Action == leadtype.Unchanged || p.Action == "" && same || before.Action == leadtype.Created && same) {
		p.Action = before.Action
	}
	if same && p.Owner == "" {
		p.Owner = before.Owner
	}
	if same {
		p.Changes = mergeChanges(before.Changes, p.Changes, fieldsOf(p.Object, describe))
	}
	if p.Action == leadtype.Created {
		p.Changes = nil // a new record has no values before
	}
}

// fieldsOf returns the describe of an object, nil where nobody asks for it.
func fieldsOf(object salesforce.Object, describe describer) *salesforce.Describe {
	if describe == nil {
		return nil
	}
	return describe(object)
}

// mergeChanges returns two changes of one record, made one after the other, as one. Where
// others have written a field in between, its value before is theirs.
func mergeChanges(first, second []leadtype.FieldChange, describe *salesforce.Describe) []leadtype.FieldChange {
	merged := slices.Clone(first)
	for _, f := range second {
		at := slices.IndexFunc(merged, func(m leadtype.FieldChange) bool { return m.Field == f.Field })
		switch {
		case at < 0:
			merged = append(merged, f)
		case isBetween(describe, &merged[at], &f):
			merged[at] = f
		default:
			merged[at].After, merged[at].Reason = f.After, f.Reason
		}
	}
	return merged
}

// isBetween reports whether others wrote a field between two changes of it: the second one has
// replaced neither what the first one wrote nor what that one has replaced, and not a value
// that is known to be the connection's.
func isBetween(describe *salesforce.Describe, first, second *leadtype.FieldChange) bool {
	if describe == nil || second.Held == leadtype.HoldOurs || first.By != second.By || first.Removed {
		return false
	}
	field, known := describe.Field(first.Field)
	if !known {
		return false
	}
	if first.By != "" {
		field = &salesforce.Field{Name: field.Name, Type: salesforce.TypeString} // of a key
	}
	return !value.Alike(field, second.Before, first.After) && !value.Alike(field, second.Before, first.Before)
}

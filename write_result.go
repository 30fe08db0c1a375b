package leadsync

import (
	"context"
	"slices"
	"time"
)

// A result is what became of an item.
type result struct {
	outcome *Outcome
	intents []Intent // of creates whose answer is still missing
	again   bool     // a second look now would get further
}

// A journalFunc stores intents before their creates are sent. An error stops the
// batch before anything is written.
type journalFunc func(ctx context.Context, intents map[LeadID][]Intent) error

// outcomesOf returns the outcomes of results.
func outcomesOf(results []result) []*Outcome {
	outcomes := make([]*Outcome, len(results))
	for i, res := range results {
		outcomes[i] = res.outcome
	}
	return outcomes
}

// failedResult is the result of a lead that could not be looked up.
func failedResult(it *item, err *Error, at time.Time) result {
	out := &Outcome{LeadID: it.lead.ID, EventID: it.lead.EventID, Stage: Failed, Err: forLead(err, it.lead.ID), At: at}
	keepKnown(out, it.last)
	return result{outcome: out, intents: it.open()}
}

// unsyncedOutcome is the outcome of a lead that the sync did not reach.
func unsyncedOutcome(lead *Lead, cause error, at time.Time) *Outcome {
	err := asOwn("sync", cause)
	err.LeadID = lead.ID
	if err.Code == Unknown && contextError(cause) != nil {
		err = &Error{Op: "sync", LeadID: lead.ID, Code: BatchCollateral,
			Reason: "the sync ended before the lead's turn", Err: cause}
	}
	return &Outcome{LeadID: lead.ID, EventID: lead.EventID, Stage: PreSync, Err: err, At: at}
}

// followResult returns the result of a second look with what the first one wrote.
func followResult(first, second result) result {
	out := second.outcome
	out.Parts = mergeParts(first.outcome.Parts, out.Parts)
	if out.Stage == Cleared {
		out.Action = actionOf(out.Parts)
	}
	return second
}

// postpone lets the leads wait that a second look would help, when there was none:
// their failure is only a reason to look again.
func postpone(results []result) {
	for _, res := range results {
		if out := res.outcome; res.again && out.Stage == Failed {
			out.Stage, out.RetryAt = PreSync, out.At
		}
	}
}

// stageOf returns the stage in which an error leaves a lead: Pre-Sync when time
// alone resolves it.
func stageOf(err *Error, retryAt time.Time) Stage {
	if err.Code == UncertainWrite || !retryAt.IsZero() {
		return PreSync
	}
	return Failed
}

// actionOf returns what was done to a lead's records together.
func actionOf(parts []Part) Action {
	action := Unchanged
	for _, part := range parts {
		switch {
		case part.Kind == PartPerson && part.Action == Created:
			return Created
		case part.Action != Unchanged:
			action = Updated
		}
	}
	return action
}

// unreached returns the index of the first part that was neither written nor
// refused, -1 for none.
func unreached(parts []Part) int {
	return slices.IndexFunc(parts, func(p Part) bool { return p.Action == "" && p.Err == nil })
}

// keepKnown copies the records that an earlier sync found or wrote, so that a lead
// which fails before anything is written does not lose them.
func keepKnown(out, last *Outcome) {
	if last == nil || out.ID != "" {
		return
	}
	out.Object, out.ID, out.AccountID = last.Object, last.ID, last.AccountID
	out.Parts = append(out.Parts, knownParts(last)...)
}

// knownParts returns the parts whose records a sync found or wrote. What a cleared
// sync did to them was reported already: the parts do not repeat it.
func knownParts(out *Outcome) []Part {
	var parts []Part
	for _, part := range out.Parts {
		if part.ID == "" || part.Err != nil && len(part.Changes) == 0 {
			continue
		}
		part.Err = nil
		if out.Stage == Cleared {
			part.Action, part.Changes = "", nil
		}
		parts = append(parts, part)
	}
	return parts
}

// mergeParts returns the parts of a second pass together with what the first one
// wrote. A written part that the second pass does not have stays, before the
// others: an account that its person already belongs to, for example.
func mergeParts(first, second []Part) []Part {
	var kept []Part
	for _, before := range first {
		i := slices.IndexFunc(second, func(now Part) bool {
			return before.Kind == now.Kind && before.Key == now.Key && before.Object.Equal(now.Object)
		})
		switch {
		case i >= 0:
			followPart(&second[i], before)
		case before.ID != "" && before.Err == nil && (before.Action == Created || before.Action == Updated):
			kept = append(kept, before)
		}
	}
	return append(kept, second...)
}

// followPart adds to a part what an earlier pass did to its record.
func followPart(p *Part, before Part) {
	if p.ID == "" && p.Err != nil && before.Err == nil {
		p.ID = before.ID // it failed before its record was looked at
	}
	same := p.ID == before.ID
	if before.Action != "" && (p.Action == Unchanged || p.Action == "" && same || before.Action == Created && same) {
		p.Action = before.Action
	}
	if same {
		p.Changes = mergeChanges(before.Changes, p.Changes)
	}
	if p.Action == Created {
		p.Changes = nil // a new record has no values before
	}
}

// mergeChanges returns two changes of one record, made one after the other, as
// one.
func mergeChanges(first, second []FieldChange) []FieldChange {
	merged := slices.Clone(first)
	for _, f := range second {
		at := slices.IndexFunc(merged, func(m FieldChange) bool { return m.Field == f.Field })
		if at < 0 {
			merged = append(merged, f)
		} else {
			merged[at].After, merged[at].Reason = f.After, f.Reason
		}
	}
	return merged
}

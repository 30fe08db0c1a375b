package leadsync

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	"github.com/leadsync/leadsync/salesforce"
)

// settle says what became of each lead of the plan, and remembers the creates that
// have no answer. Result i is that of plan.Leads[i] and items[i].
func (x *execution) settle(items []*item) []result {
	results := make([]result, len(items))
	for i, lead := range x.plan.Leads {
		results[i] = x.result(lead, items[i])
		x.pending.note(lead, &results[i])
	}
	return results
}

// result says what became of a lead, and which of its creates have no answer.
func (x *execution) result(lead *LeadPlan, it *item) result {
	out := &Outcome{LeadID: lead.LeadID, EventID: lead.EventID, Object: lead.Object, ID: lead.ID,
		AccountID: lead.AccountID, Trace: lead.Trace, Warnings: lead.Warnings, Err: lead.Err, RetryAt: lead.RetryAt, At: x.at}
	if lead.Err != nil {
		out.Stage = stageOf(lead.Err, lead.RetryAt)
		keepKnown(out, it.last)
		return result{outcome: out, intents: it.open()}
	}
	res := result{outcome: out}
	for i := range lead.Parts {
		x.settlePart(&res, lead, &lead.Parts[i], it)
	}
	if i := unreached(out.Parts); out.Err == nil && i >= 0 {
		// A part may be left out though nothing failed: the record that it refers to was
		// there already, and only a second look finds its id.
		out.Err = &Error{Op: "write", LeadID: lead.LeadID, Object: out.Parts[i].Object, Code: BatchCollateral,
			Reason: "not written: the record it depends on failed"}
	}
	if it.last != nil && it.last.Stage != Cleared {
		out.Parts = mergeParts(it.last.Parts, out.Parts)
	}
	if out.Err == nil {
		out.Stage, out.Action = Cleared, actionOf(out.Parts)
		return res
	}
	if pauses(out.Err) || out.Err.Code == BatchCollateral && contextError(out.Err) != nil {
		out.RetryAt = x.at
	}
	out.Stage = stageOf(out.Err, out.RetryAt)
	looksAgain := res.again || out.Err.Code == StaleRemoteRecord || out.Err.Code == BatchCollateral
	res.again = looksAgain && out.Stage == Failed
	return res
}

// settlePart adds what became of a part to its lead's result.
func (x *execution) settlePart(res *result, lead *LeadPlan, planned *PlannedPart, it *item) {
	out := res.outcome
	part, intent := x.part(lead, planned)
	if intent == nil {
		intent = unsettled(it, planned, &part)
	}
	if intent != nil {
		res.intents = append(res.intents, *intent)
	}
	if part.Err != nil && out.Err == nil && x.reuseDuplicate(out, &part) {
		res.again = true
	}
	x.recordPart(out, &part, planned)
	if x.dropOwner(&part, planned) || x.keyTaken(planned) {
		res.again = true
	}
	out.Parts = append(out.Parts, part)
}

// recordPart enters a part's record and its failure into the outcome. The first
// failure counts.
func (x *execution) recordPart(out *Outcome, part *Part, planned *PlannedPart) {
	switch {
	case part.ID == "":
	case part.Kind == PartPerson:
		out.ID = part.ID
	case part.Kind == PartAccount:
		out.AccountID = part.ID
	}
	if part.Err == nil || out.Err != nil {
		return
	}
	out.Err, out.RetryAt = part.Err, planned.RetryAt
	if part.Err.Code == UncertainWrite && out.RetryAt.IsZero() {
		out.RetryAt = x.at.Add(min(verifyEvery, x.verifyAfter))
	}
}

// part says what became of one record, and returns the intent of its create when
// that has no answer.
func (x *execution) part(lead *LeadPlan, planned *PlannedPart) (Part, *Intent) {
	part := Part{Kind: planned.Kind, Object: planned.Object, Key: planned.Key, ID: planned.ID, Err: planned.Err}
	if planned.Err != nil {
		return part, nil
	}
	if planned.Change == Unplanned {
		part.Action = Unchanged
		return part, nil
	}
	change, answer := &x.plan.Changes[planned.Change], x.results[planned.Change]
	switch {
	case answer.Err == nil:
		x.written(&part, change, answer)
	case errors.Is(answer.Err, salesforce.ErrNotSent):
		x.notSent(&part, change, answer.Err)
	case existsAlready(change, answer.Err):
		part.ID, part.Action = existingID(answer.Err), Unchanged
	default:
		x.refused(&part, change, answer.Err)
	}
	part.Err = forLead(part.Err, lead.LeadID)
	if part.Err == nil || part.Err.Code != UncertainWrite || !isJournalled(change) {
		return part, nil
	}
	intent := newIntent(change, lead, planned, x.plan.At, x.at)
	return part, &intent
}

// written enters a write that went through.
func (x *execution) written(part *Part, change *Change, answer salesforce.WriteResult) {
	part.ID, part.Action = answer.ID, Updated
	switch {
	case !change.Create:
		part.Changes = x.beforeImage(change)
	case !change.Upsert || answer.Created:
		part.Action = Created
	}
}

// notSent enters a write that was not sent. One whose parent failed is left to the
// parent's error.
func (x *execution) notSent(part *Part, change *Change, err error) {
	orphaned := slices.ContainsFunc(change.Refs, func(r salesforce.Ref) bool { return x.results[r.Write].Err != nil })
	if orphaned {
		return
	}
	part.Err = classify("write", change.Object, err)
	x.ended = cmp.Or(x.ended, contextError(err))
}

// refused enters a write that failed, or whose answer was lost: an update may have
// been carried out then, and keeps its before-image.
func (x *execution) refused(part *Part, change *Change, err error) {
	part.Err = x.classify(change, err)
	if pauses(part.Err) {
		x.broken = part.Err
	}
	if part.Err.Code == UncertainWrite && !change.Create {
		part.Changes = x.beforeImage(change)
	}
}

// beforeImage returns the fields of an update with their values before and after,
// those that Refs filled included.
func (x *execution) beforeImage(c *Change) []FieldChange {
	changes := slices.Clone(c.Fields)
	for _, ref := range c.Refs {
		changes = append(changes, FieldChange{Field: ref.Field, Before: c.Replaced[ref.Field],
			After: string(x.results[ref.Write].ID), Reason: reasonLookup})
	}
	return changes
}

// classify says what a refusal means, given what the session knows of the org.
func (x *execution) classify(c *Change, err error) *Error {
	meaning := classify
	if session := x.session(); session != nil {
		meaning = session.classify
	}
	e := meaning(opOf(c).String(), c.Object, err)
	if salesforce.StatusOf(e) != "INVALID_FIELD" {
		return e
	}
	for _, f := range c.Fields {
		if _, key, named := strings.Cut(f.By, "."); named && blames(e.Fields, key) {
			e.Fields = []string{f.Field} // rather than the key of the record that it refers to
		}
	}
	return e
}

// keyTaken reports whether a create was refused because a record has our key. That
// record may hold other values, which only a second look finds.
func (x *execution) keyTaken(planned *PlannedPart) bool {
	return planned.Change != Unplanned && keyInUse(&x.plan.Changes[planned.Change], x.results[planned.Change].Err)
}

// dropOwner notes that Salesforce refused the owner of a change, and reports
// whether a second look plans another one.
func (x *execution) dropOwner(part *Part, planned *PlannedPart) bool {
	session := x.session()
	refused := part.Err != nil && part.Err.Code == OwnerInvalid && planned.Change != Unplanned
	if session == nil || !refused || x.owners == HoldOwner {
		return false
	}
	for _, f := range x.plan.Changes[planned.Change].Fields {
		if id, _ := f.After.(string); f.Field == ownerField && id != "" {
			session.reps.refuse(salesforce.ID(id))
			return true
		}
	}
	return false
}

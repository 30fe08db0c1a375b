// SPDX-License-Identifier: Apache-2.0

package write

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	"github.com/leadsync/leadsync/internal/match"
	"github.com/leadsync/leadsync/internal/plan"
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/internal/verdict"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// settle says what became of each lead of the plan, and remembers the creates that
// have no answer. Result i is that of plan.Leads[i] and items[i].
func (x *execution) settle(items []*match.Item) []Result {
	results := make([]Result, len(items))
	for i, lead := range x.plan.Leads {
		results[i] = x.result(lead, items[i])
		x.Pending.note(lead, &results[i])
	}
	return results
}

// result says what became of a lead, and which of its creates have no answer.
func (x *execution) result(lead *leadtype.LeadPlan, it *match.Item) Result {
	out := &leadtype.Outcome{LeadID: lead.LeadID, EventID: lead.EventID, Object: lead.Object, ID: lead.ID,
		AccountID: lead.AccountID, Trace: lead.Trace, Warnings: lead.Warnings, Err: lead.Err, RetryAt: lead.RetryAt, At: x.at}
	if lead.Err != nil {
		out.Stage = stageOf(lead.Err, lead.RetryAt)
		KeepKnown(out, it.Last)
		return Result{Outcome: out, Intents: it.Open()}
	}
	res := Result{Outcome: out}
	for i := range lead.Parts {
		x.settlePart(&res, lead, &lead.Parts[i], it)
	}
	if i := unreached(out.Parts); out.Err == nil && i >= 0 {
		// A part may be left out though nothing failed: the record that it refers to was
		// there already, and only a second look finds its id.
		out.Err = &leadtype.Error{Op: "write", LeadID: lead.LeadID, Object: out.Parts[i].Object,
			Code:   leadtype.BatchCollateral,
			Reason: "not written: the record it depends on failed"}
	}
	if it.Last != nil && it.Last.Stage != leadtype.Cleared {
		out.Parts = mergeParts(it.Last.Parts, out.Parts)
	}
	if out.Err == nil {
		out.Stage, out.Action = leadtype.Cleared, actionOf(out.Parts)
		return res
	}
	if verdict.Pauses(out.Err) || out.Err.Code == leadtype.BatchCollateral && verdict.ContextError(out.Err) != nil {
		out.RetryAt = x.at
	}
	out.Stage = stageOf(out.Err, out.RetryAt)
	looksAgain := res.Again || out.Err.Code == leadtype.StaleRemoteRecord || out.Err.Code == leadtype.BatchCollateral
	res.Again = looksAgain && out.Stage == leadtype.Failed
	return res
}

// settlePart adds what became of a part to its lead's result.
func (x *execution) settlePart(res *Result, lead *leadtype.LeadPlan, planned *leadtype.PlannedPart, it *match.Item) {
	out := res.Outcome
	part, intent := x.part(lead, planned)
	if intent == nil {
		intent = unsettled(it, planned, &part)
	}
	if intent != nil {
		res.Intents = append(res.Intents, *intent)
	}
	if part.Err != nil && out.Err == nil && x.reuseDuplicate(out, &part) {
		res.Again = true
	}
	x.recordPart(out, &part, planned)
	if x.dropOwner(&part, planned) || x.keyTaken(planned) {
		res.Again = true
	}
	out.Parts = append(out.Parts, part)
}

// recordPart enters a part's record and its failure into the outcome. The first
// failure counts.
func (x *execution) recordPart(out *leadtype.Outcome, part *leadtype.Part, planned *leadtype.PlannedPart) {
	switch {
	case part.ID == "":
	case part.Kind == leadtype.PartPerson:
		out.ID = part.ID
	case part.Kind == leadtype.PartAccount:
		out.AccountID = part.ID
	}
	if part.Err == nil || out.Err != nil {
		return
	}
	out.Err, out.RetryAt = part.Err, planned.RetryAt
	if part.Err.Code == leadtype.UncertainWrite && out.RetryAt.IsZero() {
		out.RetryAt = x.at.Add(min(plan.VerifyEvery, x.VerifyAfter))
	}
}

// part says what became of one record, and returns the intent of its create when
// that has no answer.
func (x *execution) part(lead *leadtype.LeadPlan, planned *leadtype.PlannedPart) (leadtype.Part, *leadtype.Intent) {
	part := leadtype.Part{Kind: planned.Kind, Object: planned.Object, Key: planned.Key, ID: planned.ID, Err: planned.Err}
	if planned.Err != nil {
		return part, nil
	}
	if planned.Change == leadtype.Unplanned {
		part.Action = leadtype.Unchanged
		return part, nil
	}
	change, answer := &x.plan.Changes[planned.Change], x.results[planned.Change]
	switch {
	case answer.Err == nil:
		x.written(&part, change, answer)
	case errors.Is(answer.Err, salesforce.ErrNotSent):
		x.notSent(&part, change, answer.Err)
	case existsAlready(change, answer.Err):
		part.ID, part.Action = existingID(answer.Err), leadtype.Unchanged
	default:
		x.refused(&part, change, answer.Err)
	}
	part.Err = verdict.ForLead(part.Err, lead.LeadID)
	if part.Err == nil || part.Err.Code != leadtype.UncertainWrite || !isJournalled(change) {
		return part, nil
	}
	intent := newIntent(change, lead, planned, x.plan.At, x.at)
	return part, &intent
}

// written enters a write that went through.
func (x *execution) written(part *leadtype.Part, change *leadtype.Change, answer salesforce.WriteResult) {
	part.ID, part.Action = answer.ID, leadtype.Updated
	switch {
	case !change.Create:
		part.Changes = x.beforeImage(change)
	case !change.Upsert || answer.Created:
		part.Action = leadtype.Created
	}
}

// notSent enters a write that was not sent. One whose parent failed is left to the
// parent's error.
func (x *execution) notSent(part *leadtype.Part, change *leadtype.Change, err error) {
	orphaned := slices.ContainsFunc(change.Refs, func(r salesforce.Ref) bool { return x.results[r.Write].Err != nil })
	if orphaned {
		return
	}
	part.Err = verdict.Classify("write", change.Object, err)
	x.ended = cmp.Or(x.ended, verdict.ContextError(err))
}

// refused enters a write that failed, or whose answer was lost: an update may have
// been carried out then, and keeps its before-image.
func (x *execution) refused(part *leadtype.Part, change *leadtype.Change, err error) {
	part.Err = x.classify(change, err)
	if verdict.Pauses(part.Err) {
		x.broken = part.Err
	}
	if part.Err.Code == leadtype.UncertainWrite && !change.Create {
		part.Changes = x.beforeImage(change)
	}
}

// beforeImage returns the fields of an update with their values before and after,
// those that Refs filled included.
func (x *execution) beforeImage(c *leadtype.Change) []leadtype.FieldChange {
	changes := slices.Clone(c.Fields)
	for _, ref := range c.Refs {
		changes = append(changes, leadtype.FieldChange{Field: ref.Field, Before: c.Replaced[ref.Field],
			After: string(x.results[ref.Write].ID), Reason: plan.ReasonLookup})
	}
	return changes
}

// classify says what a refusal means, given what the session knows of the org.
func (x *execution) classify(c *leadtype.Change, err error) *leadtype.Error {
	meaning := verdict.Classify
	if session := x.Session(); session != nil {
		meaning = session.Classify
	}
	e := meaning(plan.OpOf(c).String(), c.Object, err)
	if salesforce.StatusOf(e) != "INVALID_FIELD" {
		return e
	}
	for _, f := range c.Fields {
		if _, key, named := strings.Cut(f.By, "."); named && value.Blames(e.Fields, key) {
			e.Fields = []string{f.Field} // rather than the key of the record that it refers to
		}
	}
	return e
}

// keyTaken reports whether a create was refused because a record has our key. That
// record may hold other values, which only a second look finds.
func (x *execution) keyTaken(planned *leadtype.PlannedPart) bool {
	return planned.Change != leadtype.Unplanned && keyInUse(&x.plan.Changes[planned.Change], x.results[planned.Change].Err)
}

// dropOwner notes that Salesforce refused the owner of a change, and reports
// whether a second look plans another one.
func (x *execution) dropOwner(part *leadtype.Part, planned *leadtype.PlannedPart) bool {
	session := x.Session()
	refused := part.Err != nil && part.Err.Code == leadtype.OwnerInvalid && planned.Change != leadtype.Unplanned
	if session == nil || !refused || x.Owners == leadtype.HoldOwner {
		return false
	}
	for _, f := range x.plan.Changes[planned.Change].Fields {
		if id, _ := f.After.(string); f.Field == value.OwnerField && id != "" {
			session.Reps.Refuse(salesforce.ID(id))
			return true
		}
	}
	return false
}

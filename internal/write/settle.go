// SPDX-License-Identifier: Apache-2.0

package write

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/leadsync/leadsync/internal/match"
	"github.com/leadsync/leadsync/internal/plan"
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/internal/verdict"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// Settle says what became of each lead of the plan, and remembers the creates that
// have no response. The error is what stopped the execution before its end: the context's,
// or a *Error of the connection.
func (x *Execution) Settle() error {
	for i, lead := range x.plan.Leads {
		x.settleLead(lead, x.items[i])
		x.Pending.note(lead, x.items[i])
		x.items[i].Records = x.Memory.note(x.items[i].Records)
	}
	if x.broken == nil {
		return x.ended
	}
	return verdict.ForLead(x.broken, "")
}

// settleLead says what became of a lead, and which of its creates have no response.
func (x *Execution) settleLead(lead *leadtype.LeadPlan, it *match.Item) {
	out := &leadtype.Outcome{LeadID: lead.LeadID, EventID: lead.EventID, Object: lead.Object, ID: lead.ID,
		AccountID: lead.AccountID, Trace: lead.Trace, Warnings: lead.Warnings, Owed: lead.Owed, Err: lead.Err,
		RetryAt: lead.RetryAt, At: x.at}
	if lead.Err != nil {
		out.Stage = stageOf(lead.Err, lead.RetryAt)
		keepKnown(out, it.Last)
		takeUnplanned(out, it, x.describe)
		it.Settle(out, it.Open())
		it.Again = lead.After != ""
		return
	}
	if it.Last != nil {
		out.Left = it.Last.Left
	}
	it.Records = append(it.Records, lead.Memory...)
	var pending []leadtype.Intent
	out.Parts = make([]leadtype.Part, 0, len(lead.Parts))
	revealed := false
	for i := range lead.Parts {
		part := x.part(lead, &lead.Parts[i])
		it.Wrote = it.Wrote || x.answered(&lead.Parts[i])
		if intent := x.pendingIntent(lead, &lead.Parts[i], &part, it); intent != nil {
			pending = append(pending, *intent)
		}
		revealed = x.addPart(out, &part, &lead.Parts[i]) || revealed
		x.owe(out, &lead.Parts[i])
		it.Records = x.learn(it.Records, lead, &lead.Parts[i], &part)
	}
	last := follow(out, it)
	takeLanded(out, it, x.describe)
	x.conclude(out, last)
	leaveIdle(out, it.Last)
	x.bind(out, lead, it)
	it.Settle(out, pending)
	it.Updates = x.openUpdates(lead, it)
	if it.Again = looksAgain(out, revealed); it.Again {
		it.Sent = x.wentThrough(lead)
	}
}

// answered reports whether the org carried out the write of a part, or refused its row.
func (x *Execution) answered(planned *leadtype.PlannedPart) bool {
	if planned.Err != nil || planned.Change == leadtype.Unplanned {
		return false
	}
	err := x.results[planned.Change].Err
	if err == nil {
		return true
	}
	sf, answered := errors.AsType[*salesforce.Error](err)
	return answered && !sf.Uncertain && sf.Code != "" && sf.HTTPStatus < http.StatusInternalServerError
}

// conclude enters into an outcome what became of its parts together. last is the
// outcome of an earlier sync, nil for none.
func (x *Execution) conclude(out, last *leadtype.Outcome) {
	if i := unreached(out.Parts); out.Err == nil && i >= 0 {
		// A part may be left out though nothing failed: the record that it refers to was
		// there already, and only a second look finds its id.
		out.Err = &leadtype.Error{Op: "write", LeadID: out.LeadID, Object: out.Parts[i].Object,
			Code: leadtype.BatchCollateral, Reason: "not written: the record it depends on failed"}
	}
	if last != nil && last.Stage != leadtype.Cleared {
		out.Parts = mergeParts(last.Parts, out.Parts, x.describe)
	}
	if out.Err == nil {
		out.Stage, out.Action = leadtype.Cleared, actionOf(out.Parts)
		return
	}
	if verdict.Pauses(out.Err) || out.Err.Code == leadtype.BatchCollateral && verdict.ContextError(out.Err) != nil {
		out.RetryAt = x.at
	}
	out.Stage = stageOf(out.Err, out.RetryAt)
}

// looksAgain reports whether a second look at a lead would get further. revealed says
// that a refusal showed what its plan did not know.
func looksAgain(out *leadtype.Outcome, revealed bool) bool {
	switch out.Stage {
	case leadtype.Cleared:
		return revealed
	case leadtype.Failed:
		return revealed || out.Err.Code == leadtype.StaleRemoteRecord || out.Err.Code == leadtype.BatchCollateral
	}
	return false
}

// addPart adds what became of a part to its lead's outcome, and reports whether it
// showed what the plan did not know.
func (x *Execution) addPart(out *leadtype.Outcome, part *leadtype.Part, planned *leadtype.PlannedPart) (revealed bool) {
	if part.Err != nil && out.Err == nil {
		created := planned.Change != leadtype.Unplanned && x.plan.Changes[planned.Change].Create
		revealed = created && x.reuseDuplicate(out, part) // an update has its record
		if revealed && part.Kind == leadtype.PartPerson && out.Trace.Bond != nil && !x.keyTaken(planned) {
			out.Trace.Bond.Person = leadtype.OriginDuplicate
		}
	}
	x.recordPart(out, part, planned)
	out.Parts = append(out.Parts, *part)
	return x.dropOwner(part, planned) || x.keyTaken(planned) || x.joinedMeanwhile(planned) || revealed
}

// recordPart enters a part's record and its failure into the outcome. The first
// failure counts.
func (x *Execution) recordPart(out *leadtype.Outcome, part *leadtype.Part, planned *leadtype.PlannedPart) {
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

// part says what became of one record.
func (x *Execution) part(lead *leadtype.LeadPlan, planned *leadtype.PlannedPart) leadtype.Part {
	part := leadtype.Part{Kind: planned.Kind, Object: planned.Object, Key: planned.Key, ID: planned.ID, Err: planned.Err}
	if planned.Err != nil {
		return part
	}
	part.Owner = planned.Owner
	if planned.Change == leadtype.Unplanned {
		part.Action, part.Digest = leadtype.Unchanged, planned.Digest
		return part
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
	if change.AutoAssign && part.Action == leadtype.Created {
		part.Owner = leadtype.DecidedByOrg
	}
	part.Err = verdict.ForLead(part.Err, lead.LeadID)
	if part.Err == nil && part.Action != "" && !existsAlready(change, answer.Err) {
		part.Digest = planned.Digest // it is as the lead wants it
	}
	return part
}

// pendingIntent returns the intent of a create that has no response: the part's own, or
// an earlier one that it is still waiting for. It returns nil when there is none.
func (x *Execution) pendingIntent(lead *leadtype.LeadPlan, planned *leadtype.PlannedPart, part *leadtype.Part,
	it *match.Item) *leadtype.Intent {
	lost := planned.Err == nil && part.Err != nil && part.Err.Code == leadtype.UncertainWrite
	if lost && isJournalled(&x.plan.Changes[planned.Change]) {
		intent := newIntent(&x.plan.Changes[planned.Change], lead, planned, x.plan.At, x.at, x.describe)
		besideEarlier(&intent, it)
		intent.Fields = fingerprint(&x.plan.Changes[planned.Change], namelessKey(x.plan, lead, it))
		return &intent
	}
	if lost && isRememberedCreate(&x.plan.Changes[planned.Change]) {
		memory := newMemory(&x.plan.Changes[planned.Change], lead, planned, x.plan.At, x.at, x.describe)
		if memory.Written != "" {
			return &memory
		}
	}
	return unsettled(it, planned, part)
}

// openUpdates returns the updates that have no response once a lead is settled. A cleared
// lead has none: what its record holds is in its outcome and in the record's memory.
func (x *Execution) openUpdates(lead *leadtype.LeadPlan, it *match.Item) []leadtype.Intent {
	if it.Outcome.Stage == leadtype.Cleared {
		return nil
	}
	var lost []leadtype.Intent
	for i := range lead.Parts {
		if update, ok := newUpdate(x.plan, &lead.Parts[i], x.describe); ok && x.isLost(&lead.Parts[i]) {
			update.SentAt = x.at
			lost = append(lost, update)
		}
	}
	bare, _ := leadtype.WithoutValues(withUpdates(it.Updates, lost)) // the outcome has them
	return bare
}

// isLost reports whether the change of a part may have been carried out, and has no
// response.
func (x *Execution) isLost(part *leadtype.PlannedPart) bool {
	change, err := &x.plan.Changes[part.Change], x.results[part.Change].Err
	return err != nil && !errors.Is(err, salesforce.ErrNotSent) && x.classify(change, err).Code == leadtype.UncertainWrite
}

// written enters a write that went through.
func (x *Execution) written(part *leadtype.Part, change *leadtype.Change, answer salesforce.WriteResult) {
	part.ID, part.Action = answer.ID, leadtype.Updated
	if change.PersonAccount != "" {
		part.ID = change.ID
	}
	switch {
	case !change.Create && len(change.Fields)+len(change.Refs) == 0:
		part.Action = leadtype.Unchanged // it was not sent: all of it was left out
	case !change.Create:
		part.Changes = x.beforeImage(change)
	case !change.Upsert || answer.Created:
		part.Action = leadtype.Created
	}
}

// notSent enters a write that was not sent. One whose parent failed is left to the
// parent's error.
func (x *Execution) notSent(part *leadtype.Part, change *leadtype.Change, err error) {
	parentFailed := slices.ContainsFunc(change.Refs, func(r salesforce.Ref) bool { return x.results[r.Write].Err != nil })
	if parentFailed {
		return
	}
	part.Err = verdict.Classify("write", change.Written(), err)
	x.ended = cmp.Or(x.ended, verdict.ContextError(err))
}

// refused enters a write that failed, or whose response was lost: an update may have
// been carried out then, and keeps its before-image.
func (x *Execution) refused(part *leadtype.Part, change *leadtype.Change, err error) {
	part.Err = x.classify(change, err)
	if change.AllowDuplicate && salesforce.StatusOf(part.Err) == "DUPLICATES_DETECTED" {
		part.Err.Reason = "a person chose this, and a duplicate rule blocks it: choose one of the records that it names, " +
			"or let the rule alert"
	}
	if verdict.Pauses(part.Err) {
		x.broken = part.Err
	}
	if part.Err.Code == leadtype.UncertainWrite && !change.Create {
		part.Changes = x.beforeImage(change)
	}
}

// beforeImage returns the fields of an update with their values before and after,
// those that Refs filled included.
func (x *Execution) beforeImage(c *leadtype.Change) []leadtype.FieldChange {
	changes := imageOf(c)
	for _, ref := range c.Refs {
		changes = append(changes, leadtype.FieldChange{Field: ref.Field, Before: c.Replaced[ref.Field],
			After: string(x.results[ref.Write].ID), Reason: plan.ReasonLookup})
	}
	return changes
}

// classify says what a refusal means, given what the session knows of the org.
func (x *Execution) classify(c *leadtype.Change, err error) *leadtype.Error {
	meaning := verdict.Classify
	if session := x.Session(); session != nil {
		meaning = session.Classify
	}
	e := meaning(plan.OpOf(c).String(), c.Written(), err)
	if salesforce.StatusOf(e) == salesforce.FieldCustomValidationException {
		e.User = cmp.Or(e.User, x.username)
	}
	if salesforce.StatusOf(e) != "INVALID_FIELD" {
		return e
	}
	for _, f := range c.Fields {
		if _, key, named := strings.Cut(f.By, "."); named && value.ContainsFold(e.Fields, key) {
			e.Fields = []string{f.Field} // rather than the key of the record that it refers to
		}
	}
	return e
}

// keyTaken reports whether a create was refused because a record has our key. That
// record may hold other values, which only a second look finds.
func (x *Execution) keyTaken(planned *leadtype.PlannedPart) bool {
	return planned.Change != leadtype.Unplanned && keyInUse(&x.plan.Changes[planned.Change], x.results[planned.Change].Err)
}

// joinedMeanwhile reports whether others have made the person a member since the look-up, as a
// flow of the org may for each new Lead. Only a second look finds the member, which lacks the
// status and the fields that the lead wants.
func (x *Execution) joinedMeanwhile(planned *leadtype.PlannedPart) bool {
	if planned.Kind != leadtype.PartMember || planned.Change == leadtype.Unplanned {
		return false
	}
	change := &x.plan.Changes[planned.Change]
	return existsAlready(change, x.results[planned.Change].Err) &&
		slices.ContainsFunc(change.Fields, func(f leadtype.FieldChange) bool {
			return !slices.Contains([]string{"CampaignId", "LeadId", "ContactId"}, f.Field)
		})
}

// dropOwner notes that Salesforce refused the owner of a change, and reports
// whether a second look plans another one.
func (x *Execution) dropOwner(part *leadtype.Part, planned *leadtype.PlannedPart) bool {
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

// owe enters into the outcome of a lead what a part of it was written without. Of a record
// that leads share, a lead is owed its own values alone.
func (x *Execution) owe(out *leadtype.Outcome, planned *leadtype.PlannedPart) {
	if planned.Change == leadtype.Unplanned || x.left[planned.Change] == nil || x.results[planned.Change].Err != nil {
		return
	}
	left, change := x.left[planned.Change], &x.plan.Changes[planned.Change]
	owed := leadtype.OwedValue{Kind: leadtype.Owed, Code: x.classify(change, left.refusal).Code, Object: change.Object,
		Reason: fmt.Sprintf("was left out because Salesforce refused it with %s", left.refusal.Code)}
	values := make(salesforce.Fields)
	for _, f := range left.fields {
		owed.Fields = append(owed.Fields, f.Field)
		values[f.Field] = f.After
	}
	if !x.isOwedTo(left, change, values, out.LeadID) {
		return
	}
	if change.Kind == leadtype.PartTask { // which is not written again
		for _, field := range owed.Fields {
			out.Warnings = append(out.Warnings, leadtype.Warning{Kind: leadtype.Unfit, Code: owed.Code, Object: change.Object,
				Field: field, Reason: owed.Reason, Part: planned.Key})
		}
		return
	}
	owed.Schema = x.schemas.Of(change.Object, owed.Fields)
	owed.Digest = plan.OwedDigest(out.LeadID, owed.Fields, values)
	same := func(o leadtype.OwedValue) bool { return reflect.DeepEqual(o, owed) }
	if !slices.ContainsFunc(out.Owed, same) {
		out.Owe(owed)
	}
}

// isOwedTo reports whether what a change was written without is owed to one of its leads: to
// those that would write it by themselves, and to all of them where none would, or where a
// plan that was kept does not have the leads.
func (x *Execution) isOwedTo(left *leftOut, change *leadtype.Change, values salesforce.Fields,
	lead leadtype.LeadID) bool {
	if len(change.Leads) < 2 {
		return true
	}
	if left.leads == nil {
		left.leads = x.leadsThatWant(change, values)
	}
	return slices.Contains(left.leads, lead)
}

func (x *Execution) leadsThatWant(change *leadtype.Change, values salesforce.Fields) []leadtype.LeadID {
	if x.itemOf == nil {
		x.itemOf = make(map[leadtype.LeadID]*match.Item, len(x.items))
		for i, lead := range x.plan.Leads {
			x.itemOf[lead.LeadID] = x.items[i]
		}
	}
	var want []leadtype.LeadID
	for _, id := range change.Leads {
		if it := x.itemOf[id]; it != nil && it.Lead != nil && x.schemas.Wants(it, change.Object, values) {
			want = append(want, id)
		}
	}
	if len(want) == 0 {
		return change.Leads
	}
	return want
}

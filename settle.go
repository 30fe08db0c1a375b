package leadsync

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/leadsync/leadsync/salesforce"
)

// A writing is a plan while it is carried out and what came of it.
type writing struct {
	s       *Syncer
	plan    *Plan
	results []salesforce.WriteResult
	at      time.Time // when the answers were in
	broken  *Error    // what the connection turned out to lack
	ended   error     // the context's, when that left writes unsent
}

// failure returns what stopped the writing in the middle, nil if nothing did.
func (w *writing) failure() error {
	if w.broken == nil {
		return w.ended
	}
	return w.broken.forLead("")
}

// write carries out a plan. The error means that nothing was sent.
func (s *Syncer) write(ctx context.Context, plan *Plan) (*writing, error) {
	w := &writing{s: s, plan: plan}
	writes := make([]salesforce.Write, len(plan.Changes))
	for i := range plan.Changes {
		writes[i] = s.writeOf(&plan.Changes[i])
	}
	if len(writes) > 0 {
		results, err := s.client.Write(ctx, writes...)
		if err != nil {
			return nil, callError(ctx, "write", err)
		}
		if len(results) != len(writes) {
			// Which of them were carried out nobody knows.
			results = slices.Repeat([]salesforce.WriteResult{{Err: &Error{Op: "write", Code: UncertainWrite,
				Reason: fmt.Sprintf("the client answered %d of %d writes", len(results), len(writes))}}}, len(writes))
		}
		w.results = results
		w.askDuplicates(ctx)
	}
	w.at = s.cfg.Now()
	s.unanswered.prune(w.at.Add(-s.cfg.VerifyAfter))
	return w, nil
}

// writeOf returns what the client sends for a change.
func (s *Syncer) writeOf(c *Change) salesforce.Write {
	w := salesforce.Write{Op: salesforce.OpUpdate, Object: c.Object, ID: c.ID, Refs: c.Refs, UniqueField: c.UniqueField,
		AllowDuplicate: s.cfg.Duplicates == AllowDuplicate, Fields: make(salesforce.Fields, len(c.Fields))}
	if c.Create {
		w.Op = salesforce.OpCreate
	}
	for i := range c.Fields {
		c.Fields[i].put(w.Fields)
	}
	if c.Upsert {
		key, _ := w.Fields[c.UniqueField].(string)
		delete(w.Fields, c.UniqueField)
		w.Op, w.UniqueField, w.Key = salesforce.OpUpsert, "", salesforce.ExternalKey{Field: c.UniqueField, Value: key}
	}
	return w
}

// intents returns, for each lead of the plan, the creates that must not be sent
// twice: those about to be sent, and older ones that are still waited for.
func (p *Plan) intents(items map[LeadID]*item) map[LeadID][]Intent {
	intents := make(map[LeadID][]Intent)
	for _, lead := range p.Leads {
		if lead.Err != nil {
			continue
		}
		for _, part := range lead.Parts {
			switch {
			case part.Change != Unplanned && p.Changes[part.Change].isJournalled():
				intents[lead.LeadID] = append(intents[lead.LeadID], p.Changes[part.Change].intent(lead, &part, p.At, p.At))
			case part.Err != nil && part.Err.Code == UncertainWrite:
				if i := items[lead.LeadID].intent(part.Kind, part.Key); i != nil {
					intents[lead.LeadID] = append(intents[lead.LeadID], *i)
				}
			}
		}
		// The journal replaces what it held, and the record that an earlier create left
		// is known by nothing else until this attempt is settled.
		for _, old := range items[lead.LeadID].intents {
			same := func(i Intent) bool { return i.Kind == old.Kind && i.Key == old.Key }
			if now := intents[lead.LeadID]; len(now) > 0 && !slices.ContainsFunc(now, same) {
				intents[lead.LeadID] = append(now, old)
			}
		}
	}
	return intents
}

// isJournalled reports whether the change would be doubled if it were sent twice,
// or sent again with another key: a person's and an account's key depend on who
// else is in the batch. A member is unique by itself.
func (c *Change) isJournalled() bool {
	switch c.Kind {
	case PartPerson, PartAccount:
		return c.Create
	case PartMember:
		return false
	}
	return c.Create && c.UniqueField == ""
}

// intent is what the journal holds of a create. Its key tells a lead's tasks
// apart; a person and an account have the one that they carry, if any.
func (c *Change) intent(lead *LeadPlan, part *PlannedPart, plannedAt, sentAt time.Time) Intent {
	i := Intent{Kind: part.Kind, Object: part.Object, PlannedAt: plannedAt, SentAt: sentAt}
	switch part.Kind {
	case PartTask:
		i.Key = part.Key
		return i
	case PartAccount:
		i.Company = lead.Keys.Company
	}
	for _, f := range c.Fields {
		text, _ := f.After.(string)
		switch {
		case f.Field == c.UniqueField:
			i.Key = text
		case part.Kind != PartPerson || c.UniqueField != "":
		case f.Field == "Email":
			i.Person.Email = text
		case f.Field == "FirstName":
			i.Person.FirstName = text
		case f.Field == "LastName":
			i.Person.LastName = text
		case f.Field == "Company":
			i.Person.Company = text
		}
	}
	return i
}

// settle says what became of a lead of the plan, and remembers what is still
// without an answer.
func (w *writing) settle(lead *LeadPlan, it *item) result {
	res := w.outcome(lead, it)
	w.s.unanswered.note(lead, &res)
	return res
}

// outcome says what became of a lead of the plan, and which creates of its are
// still without an answer.
func (w *writing) outcome(lead *LeadPlan, it *item) result {
	out := &Outcome{LeadID: lead.LeadID, EventID: lead.EventID, Object: lead.Object, ID: lead.ID, AccountID: lead.AccountID,
		Trace: lead.Trace, Warnings: lead.Warnings, Err: lead.Err, RetryAt: lead.RetryAt, At: w.at}
	if lead.Err != nil {
		out.Stage = stageOf(lead.Err, lead.RetryAt)
		out.keep(it.last)
		return result{outcome: out, intents: it.open()}
	}
	res := result{outcome: out}
	for i := range lead.Parts {
		planned := &lead.Parts[i]
		part, intent := w.part(lead, planned)
		out.Parts = append(out.Parts, part)
		if intent != nil {
			res.intents = append(res.intents, *intent)
		} else if i := it.unsettled(planned, &part); i != nil {
			res.intents = append(res.intents, *i)
		}
		if part.Err != nil && out.Err == nil {
			res.again = w.reuse(out, &out.Parts[i]) || res.again
		}
		w.account(out, &out.Parts[i], planned)
		res.again = w.replaceOwner(&out.Parts[i], planned) || res.again || w.taken(planned)
	}
	if out.Err == nil {
		// A part may be left out though nothing failed: what it refers to was there
		// already, and only a new look tells its id.
		if i := unreached(out.Parts); i >= 0 {
			out.Err = &Error{Op: "write", LeadID: lead.LeadID, Object: out.Parts[i].Object, Code: BatchCollateral, Reason: "a record that it hangs on was not written"}
		}
	}
	if it.last != nil && it.last.Stage != Cleared {
		out.Parts = mergeParts(it.last.Parts, out.Parts)
	}
	if out.Err != nil {
		if out.Err.pauses() || out.Err.Code == BatchCollateral && contextError(out.Err) != nil {
			out.RetryAt = w.at
		}
		out.Stage = stageOf(out.Err, out.RetryAt)
		res.again = out.Stage == Failed && (res.again || out.Err.Code == StaleRemoteRecord || out.Err.Code == BatchCollateral)
		return res
	}
	out.Stage, out.Action = Cleared, actionOf(out.Parts)
	return res
}

// unsettled returns the journalled create that a part leaves without an answer: it
// was waited for, or its key did not go through this time.
func (it *item) unsettled(planned *PlannedPart, part *Part) *Intent {
	switch {
	case planned.Err != nil && planned.Err.Code == UncertainWrite:
		return it.intent(planned.Kind, planned.Key)
	case part.Action == "":
		return it.keyed(planned.Kind)
	}
	return nil
}

// keep takes over what an earlier sync learnt, so that a lead which fails before
// anything is written does not forget its records.
func (out *Outcome) keep(last *Outcome) {
	if last == nil || out.ID != "" {
		return
	}
	out.Object, out.ID, out.AccountID = last.Object, last.ID, last.AccountID
	out.Parts = append(out.Parts, last.learnt()...)
}

// learnt returns the parts whose records a sync found or wrote. What a sync that
// was cleared did to them has been told: the next one does not do it again.
func (o *Outcome) learnt() []Part {
	var parts []Part
	for _, part := range o.Parts {
		if part.ID == "" || part.Err != nil && len(part.Changes) == 0 {
			continue
		}
		part.Err = nil
		if o.Stage == Cleared {
			part.Action, part.Changes = "", nil
		}
		parts = append(parts, part)
	}
	return parts
}

// account enters a part's result into the outcome: the ids that it taught, and
// the first failure.
func (w *writing) account(out *Outcome, part *Part, planned *PlannedPart) {
	switch part.Kind {
	case PartPerson:
		if part.ID != "" {
			out.ID = part.ID
		}
	case PartAccount:
		if part.ID != "" {
			out.AccountID = part.ID
		}
	}
	if part.Err == nil || out.Err != nil {
		return
	}
	out.Err, out.RetryAt = part.Err, planned.RetryAt
	if part.Err.Code == UncertainWrite && out.RetryAt.IsZero() {
		out.RetryAt = w.at.Add(min(verifyEvery, w.s.cfg.VerifyAfter))
	}
}

// part says what became of one record, and whether its create is still without
// an answer.
func (w *writing) part(lead *LeadPlan, planned *PlannedPart) (Part, *Intent) {
	part := Part{Kind: planned.Kind, Object: planned.Object, Key: planned.Key, ID: planned.ID, Err: planned.Err}
	if planned.Err != nil {
		return part, nil
	}
	if planned.Change == Unplanned {
		part.Action = Unchanged
		return part, nil
	}
	change, res := &w.plan.Changes[planned.Change], w.results[planned.Change]
	switch {
	case res.Err == nil:
		part.ID, part.Action = res.ID, Updated
		switch {
		case !change.Create:
			part.Changes = append(slices.Clone(change.Fields), w.referred(change)...)
		case !change.Upsert || res.Created:
			part.Action = Created
		}
	case errors.Is(res.Err, salesforce.ErrNotSent):
		if !w.orphaned(change) {
			part.Err = classify("write", change.Object, res.Err).forLead(lead.LeadID)
			w.ended = cmp.Or(w.ended, contextError(res.Err))
		}
	case change.already(res.Err):
		part.ID, part.Action = alreadyID(res.Err), Unchanged
	default:
		part.Err = w.classify(change, res.Err).forLead(lead.LeadID)
		if part.Err.pauses() {
			w.broken = part.Err
		}
		if part.Err.Code == UncertainWrite && !change.Create {
			part.Changes = append(slices.Clone(change.Fields), w.referred(change)...)
		}
		if part.Err.Code == UncertainWrite && change.isJournalled() {
			intent := change.intent(lead, planned, w.plan.At, w.at)
			return part, &intent
		}
	}
	return part, nil
}

// referred are the changes that the Refs of an update made.
func (w *writing) referred(c *Change) []FieldChange {
	var changes []FieldChange
	for _, ref := range c.Refs {
		changes = append(changes, FieldChange{Field: ref.Field, Before: c.Replaced[ref.Field], After: string(w.results[ref.Write].ID), Reason: reasonLookup})
	}
	return changes
}

// classify says what a refusal means, with what the session knows of the org.
func (w *writing) classify(c *Change, err error) *Error {
	e := classify(c.op(), c.Object, err)
	if sch := w.s.sessions.current(); sch != nil {
		e = sch.classify(c.op(), c.Object, err)
	}
	for _, f := range c.Fields {
		if _, key, named := strings.Cut(f.By, "."); named && e.status() == "INVALID_FIELD" && blames(e.Fields, key) {
			e.Fields = []string{f.Field} // rather than the key of what it refers to
		}
	}
	return e
}

// orphaned reports whether the change was not sent because a record that it
// refers to was not written.
func (w *writing) orphaned(c *Change) bool {
	return slices.ContainsFunc(c.Refs, func(r salesforce.Ref) bool { return w.results[r.Write].Err != nil })
}

func (c *Change) op() string {
	switch {
	case c.Upsert:
		return "upsert"
	case c.Create:
		return "create"
	}
	return "update"
}

// already reports whether a refused create says that what it would say is there:
// the person is a member, or the Task has our key.
func (c *Change) already(err error) bool {
	return c.Kind == PartMember && c.duplicate(err) || c.Kind == PartTask && c.ownKey(err)
}

// taken reports whether a create was refused because a record has our key. It may
// hold other values: only a new look tells.
func (w *writing) taken(planned *PlannedPart) bool {
	if planned.Change == Unplanned {
		return false
	}
	return w.plan.Changes[planned.Change].ownKey(w.results[planned.Change].Err)
}

// ownKey reports whether a refused create says that its key is in use.
func (c *Change) ownKey(err error) bool {
	var sf *salesforce.Error
	return c.UniqueField != "" && c.duplicate(err) && errors.As(err, &sf) &&
		strings.Contains(strings.ToLower(sf.Message), strings.ToLower(c.UniqueField))
}

// duplicate reports whether a create was refused for a value that is unique.
func (c *Change) duplicate(err error) bool {
	var sf *salesforce.Error
	return c.Create && errors.As(err, &sf) && sf.Code == "DUPLICATE_VALUE"
}

// alreadyID returns the id of the record that is there, "" when Salesforce does
// not name it.
func alreadyID(err error) salesforce.ID {
	var sf *salesforce.Error
	if errors.As(err, &sf) && len(sf.Duplicates) > 0 {
		return sf.Duplicates[0].ID
	}
	return ""
}

// unreached returns the index of a part that was neither written nor refused.
func unreached(parts []Part) int {
	for i := range parts {
		if parts[i].Action == "" && parts[i].Err == nil {
			return i
		}
	}
	return -1
}

// actionOf is what was done to a lead's records together.
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

// stageOf is where an error leaves a lead: waiting when time will heal it.
func stageOf(err *Error, retryAt time.Time) Stage {
	if err.Code == UncertainWrite || !retryAt.IsZero() {
		return PreSync
	}
	return Failed
}

package leadsync

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/leadsync/leadsync/salesforce"
)

// An item is one lead on its way through the pipeline.
type item struct {
	lead    *Lead
	intents []Intent // journalled by an earlier attempt that has no answer
	left    []Intent // those of a company that is not the lead's any more
	last    *Outcome // of an earlier sync, nil at first
}

// A result is what the pipeline made of an item.
type result struct {
	outcome *Outcome
	intents []Intent // still without an answer
	again   bool     // a second look now would get further
}

// A journalFunc keeps intents before their creates are sent. An error stops the
// batch before anything is written.
type journalFunc func(ctx context.Context, intents map[LeadID][]Intent) error

// syncBatch takes items from match to outcome. result i is item i's. The items
// have different ids, and their leads have passed Lead.check.
//
// The error says that no lead is to blame: it is the context's, the journal's,
// or a *Error whose code says what the connection lacks. Without results
// nothing was written; with them, they hold what was.
func (s *Syncer) syncBatch(ctx context.Context, items []*item, journal journalFunc) ([]result, error) {
	start := s.cfg.Now()
	ctx = s.cfg.Trace.batchStart(ctx, len(items))
	results, err := s.passes(ctx, items, journal)
	if s.cfg.Trace == nil {
		return results, err
	}
	outcomes := make([]*Outcome, 0, len(results))
	for _, res := range results {
		outcomes = append(outcomes, res.outcome)
	}
	s.cfg.Trace.batchDone(ctx, outcomes, s.cfg.Now().Sub(start), err)
	return results, err
}

// passes takes items through the pipeline, and once more those that a second
// look heals.
func (s *Syncer) passes(ctx context.Context, items []*item, journal journalFunc) ([]result, error) {
	results, err := s.pass(ctx, items, journal)
	if err != nil || ctx.Err() != nil {
		postpone(results)
		return results, err
	}
	var second []*item
	var at []int
	for i, res := range results {
		if res.again {
			second = append(second, &item{lead: items[i].lead, intents: res.intents, last: res.outcome})
			at = append(at, i)
		}
	}
	if len(second) == 0 {
		return results, nil
	}
	healed, err := s.pass(ctx, second, journal)
	if len(healed) == 0 {
		postpone(results)
	}
	for k, res := range healed {
		res.outcome.Parts = mergeParts(results[at[k]].outcome.Parts, res.outcome.Parts)
		if res.outcome.Stage == Cleared {
			res.outcome.Action = actionOf(res.outcome.Parts)
		}
		results[at[k]] = res
	}
	return results, err
}

// postpone has the leads wait that a second look heals, when there was none: what
// they failed of is no more than a reason to look.
func postpone(results []result) {
	for _, res := range results {
		if out := res.outcome; res.again && out.Stage == Failed {
			out.Stage, out.RetryAt = PreSync, out.At
		}
	}
}

// mergeParts returns the parts of a second pass with what the first one wrote. What
// the second had no part for stays, before the others: an account that its person
// is in by now, say.
func mergeParts(first, second []Part) []Part {
	var kept []Part
	for _, before := range first {
		i := slices.IndexFunc(second, func(now Part) bool {
			return before.Kind == now.Kind && before.Key == now.Key && before.Object.Equal(now.Object)
		})
		switch {
		case i >= 0:
			second[i].follow(before)
		case before.ID != "" && before.Err == nil && (before.Action == Created || before.Action == Updated):
			kept = append(kept, before)
		}
	}
	return append(kept, second...)
}

// follow adds to a part what an earlier pass did.
func (p *Part) follow(before Part) {
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
		p.Changes = nil // there is nothing before it
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

// pass takes items through the pipeline once. A lookup that Salesforce refuses for
// what it asks is split until the lead that makes it so is alone, and fails.
func (s *Syncer) pass(ctx context.Context, items []*item, journal journalFunc) ([]result, error) {
	results, err := s.passWhole(ctx, items, journal)
	refused := refusedLookup(err)
	switch {
	case refused == nil:
		return results, err
	case len(items) == 1:
		return []result{s.fail(items[0], refused)}, nil
	}
	half := len(items) / 2
	results, err = s.pass(ctx, items[:half], journal)
	if err != nil {
		return s.pad(results, items), err
	}
	rest, err := s.pass(ctx, items[half:], journal)
	return s.pad(append(results, rest...), items), err
}

// fail is the result of a lead that could not be looked up.
func (s *Syncer) fail(it *item, err *Error) result {
	out := &Outcome{LeadID: it.lead.ID, EventID: it.lead.EventID, Stage: Failed, Err: err.forLead(it.lead.ID), At: s.cfg.Now()}
	out.keep(it.last)
	return result{outcome: out, intents: it.open()}
}

// pad gives the items beyond the results the outcome of a lead that was not
// reached, when there are results at all.
func (s *Syncer) pad(results []result, items []*item) []result {
	if len(results) == 0 {
		return nil
	}
	for _, it := range items[len(results):] {
		out := s.unsynced(it.lead, context.Canceled)
		out.RetryAt = out.At
		out.keep(it.last)
		results = append(results, result{outcome: out, intents: it.open()})
	}
	return results
}

// refusedLookup returns err when Salesforce refused a query for what it says, as
// one that is too complicated.
func refusedLookup(err error) *Error {
	var e *Error
	var sf *salesforce.Error
	if errors.As(err, &e) && e.Op == "match" && e.Code == Unknown && errors.As(err, &sf) && sf.HTTPStatus == http.StatusBadRequest {
		return e
	}
	return nil
}

// passWhole takes items through the pipeline once: match, plan, write, settle.
func (s *Syncer) passWhole(ctx context.Context, items []*item, journal journalFunc) ([]result, error) {
	plan, err := s.matchAndPlan(ctx, items)
	if err != nil {
		return nil, err
	}
	if journal != nil {
		byID := make(map[LeadID]*item, len(items))
		for _, it := range items {
			byID[it.lead.ID] = it
		}
		if err := journal(ctx, plan.intents(byID)); err != nil {
			return nil, err
		}
	}
	w, err := s.write(ctx, plan)
	if err != nil {
		return nil, err
	}
	results := make([]result, len(items))
	for i, lead := range plan.Leads {
		results[i] = w.settle(lead, items[i])
	}
	return results, w.failure()
}

// matchAndPlan looks the items up and plans what to write. A field that went
// since the session learnt of the org's schema is healed by learning it anew.
func (s *Syncer) matchAndPlan(ctx context.Context, items []*item) (*Plan, error) {
	sch, err := s.sessions.session(ctx)
	if err != nil {
		return nil, err
	}
	m, err := s.match(ctx, sch, items)
	if errors.Is(err, MissingRemoteField) {
		if sch, err = s.sessions.refresh(ctx); err == nil {
			m, err = s.match(ctx, sch, items)
		}
	}
	if err != nil {
		return nil, err
	}
	return s.planBatch(m), nil
}

// callError is the error of a call of the Client as a whole: the context's own,
// or a *Error. The errors of a network that timed out are the context's too, by
// errors.Is: only the context tells.
func callError(ctx context.Context, op string, err error) error {
	if ctx.Err() != nil && contextError(err) != nil {
		return err
	}
	return classify(op, "", err)
}

// contextError returns the context's error that err wraps, nil if none.
func contextError(err error) error {
	for _, own := range []error{context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, own) {
			return own
		}
	}
	return nil
}

package leadsync

import (
	"context"
	"errors"
	"net/http"

	"github.com/leadsync/leadsync/salesforce"
)

// syncBatch takes items from match to outcome. result i is item i's. The items
// have different ids, and their leads have passed Lead.check.
//
// The error says that no lead is to blame: it is the context's, the journal's,
// or a *Error whose code says what the connection lacks. Without results
// nothing was written; with them, they hold what was.
func (s *Syncer) syncBatch(ctx context.Context, items []*item, journal journalFunc) ([]result, error) {
	start := s.cfg.Now()
	ctx = s.cfg.Trace.BatchStart(ctx, len(items))
	results, err := s.passes(ctx, items, journal)
	outcomes := make([]*Outcome, 0, len(results))
	for _, res := range results {
		outcomes = append(outcomes, res.outcome)
	}
	s.cfg.Trace.BatchDone(ctx, outcomes, s.cfg.Now().Sub(start), err)
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
	out := &Outcome{LeadID: it.lead.ID, EventID: it.lead.EventID, Stage: Failed, Err: forLead(err, it.lead.ID), At: s.cfg.Now()}
	keepKnown(out, it.last)
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
		keepKnown(out, it.last)
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
	written, err := s.writer.write(ctx, plan, items, journal)
	if err != nil {
		return nil, err
	}
	return written.settle(items), written.failure()
}

// matchAndPlan looks the items up and plans what to write. A field that went
// since the session learnt of the org's schema is healed by learning it anew.
func (s *Syncer) matchAndPlan(ctx context.Context, items []*item) (*Plan, error) {
	sch, err := s.sessions.session(ctx)
	if err != nil {
		return nil, err
	}
	found, err := s.matcher.match(ctx, sch, items)
	if errors.Is(err, MissingRemoteField) {
		if sch, err = s.sessions.refresh(ctx); err == nil {
			found, err = s.matcher.match(ctx, sch, items)
		}
	}
	if err != nil {
		return nil, err
	}
	return s.planner.plan(found), nil
}

package leadsync

import (
	"context"
)

// optionSamples is how many refusals by a restricted picklist are read to name
// the options that it misses.
const optionSamples = 50

// Summary counts the captured leads that match the filter. After and Limit are
// of no account. The Store does the counting, at one moment: however many leads
// there are, none is loaded but one of each cause, and some more where a
// picklist's fix names what it misses.
//
// The Filter of a group or a cause selects the leads that were counted, as far
// as they have not changed since: Push with it retries exactly those. The error
// is a *Error around the store's, or the context's own.
func (s *Syncer) Summary(ctx context.Context, filter Filter) (Summary, error) {
	filter.After, filter.Limit = 0, 0
	counts, err := s.cfg.Store.Count(ctx, s.cfg.Connection, filter)
	if err != nil {
		return Summary{}, storeError(ctx, "summarize", err)
	}
	if filter.Version == 0 {
		filter.Version = counts.Version
	}
	t := tally{within: filter}
	for _, c := range counts.Groups {
		t.addStage(c.Stage, c.Action, c.Leads)
		switch c.Stage {
		case PreSync:
			t.addState(c.State, c.Leads)
		case Failed:
			t.failed = append(t.failed, failureOf(c))
		}
	}
	if err := s.addSamples(ctx, &t); err != nil {
		return Summary{}, storeError(ctx, "summarize", err)
	}
	return t.summary(), nil
}

// Events counts the captured leads that match the filter by event and stage, in
// order of the event's id. After and Limit are of no account. Summary with an
// event's Filter says more of one. The error is a *Error around the store's, or the
// context's own.
func (s *Syncer) Events(ctx context.Context, filter Filter) ([]EventCount, error) {
	counts, err := s.cfg.Store.CountEvents(ctx, s.cfg.Connection, filter)
	return counts, storeError(ctx, "count the events", err)
}

// failureOf returns the failed leads of a count.
func failureOf(c Count) failure {
	f := failure{code: c.Code, key: c.Cause, err: &Error{Code: c.Code}, count: c.Leads}
	if c.Sample != nil && c.Sample.Err != nil {
		f.err = c.Sample.Err
	}
	return f
}

// addSamples adds errors of further leads, which count for nothing, where the fix
// is made of several.
func (s *Syncer) addSamples(ctx context.Context, t *tally) error {
	for _, f := range t.failed {
		if f.count < 2 || !f.err.missesOption() {
			continue
		}
		filter := t.filter(nil, f.code)
		filter.Causes, filter.Limit = []CauseKey{f.key}, optionSamples
		entries, err := s.cfg.Store.List(ctx, s.cfg.Connection, filter)
		if err != nil {
			return err
		}
		for _, e := range entries {
			if e.Last != nil && e.Last.Err != nil {
				t.failed = append(t.failed, failure{code: f.code, key: f.key, err: e.Last.Err})
			}
		}
	}
	return nil
}

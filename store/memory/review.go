// SPDX-License-Identifier: Apache-2.0

package memory

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/internal/stored"
)

// Count implements store.Store.
func (s *Store) Count(ctx context.Context, connection string, filter store.Filter) (store.Counts, error) {
	c, err := s.begin(ctx, connection)
	if err != nil {
		return store.Counts{}, err
	}
	defer s.mu.Unlock()
	filter.After, filter.Limit, filter.Newest = 0, 0, false
	counts := store.Counts{Version: c.version}
	at := make(map[store.Count]int) // by what a count's leads share
	var oldest []*leadRow
	for _, row := range c.match(filter) {
		alike := store.Count{Stage: row.stage, State: row.state, Action: row.action, Code: row.code, Cause: row.cause}
		i, ok := at[alike]
		if !ok {
			i = len(oldest)
			at[alike] = i
			counts.Groups, oldest = append(counts.Groups, alike), append(oldest, row)
		}
		counts.Groups[i].Leads++
		if row.since.Before(oldest[i].since) {
			oldest[i] = row
		}
	}
	for i, row := range oldest {
		group := &counts.Groups[i]
		group.Oldest, group.Since = row.id, row.since
		if group.Sample, err = stored.DecodeOutcome(row.outcome); err != nil {
			group.Sample = nil // the others are counted all the same
		}
	}
	return counts, nil
}

// CountWarnings implements store.Store.
func (s *Store) CountWarnings(ctx context.Context, connection string,
	filter store.Filter) ([]store.WarningCount, error) {
	c, err := s.begin(ctx, connection)
	if err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	filter.After, filter.Limit, filter.Newest = 0, 0, false
	kinds, causes := make(map[leadtype.WarningKind]int), make(map[leadtype.CauseKey]int)
	first := make(map[leadtype.CauseKey]*leadRow)
	for _, row := range c.match(filter) {
		for _, kind := range row.warned {
			kinds[kind]++
		}
		for _, cause := range row.causes {
			causes[cause]++
			first[cause] = cmp.Or(first[cause], row)
		}
	}
	var counts []store.WarningCount
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		counts = append(counts, store.WarningCount{Kind: kind, Leads: kinds[kind]})
	}
	for _, cause := range slices.Sorted(maps.Keys(causes)) {
		last, err := stored.DecodeOutcome(first[cause].outcome)
		if err != nil {
			last = nil // the others are counted all the same
		}
		i := slices.IndexFunc(counts, func(c store.WarningCount) bool { return c.Kind == cause.WarningKind() })
		counts[i].Causes = append(counts[i].Causes,
			store.WarningCauseCount{Cause: cause, Leads: causes[cause], Sample: store.SampleWarning(last, cause)})
	}
	return counts, nil
}

// CountEvents implements store.Store.
func (s *Store) CountEvents(ctx context.Context, connection string, filter store.Filter) ([]store.EventCount, error) {
	c, err := s.begin(ctx, connection)
	if err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	filter.After, filter.Limit, filter.Newest = 0, 0, false
	stages := make(map[string]map[leadtype.Stage]int)
	for _, row := range c.match(filter) {
		if stages[row.event] == nil {
			stages[row.event] = make(map[leadtype.Stage]int)
		}
		stages[row.event][row.stage]++
	}
	var counts []store.EventCount
	for _, event := range slices.Sorted(maps.Keys(stages)) {
		counts = append(counts, store.EventCount{Event: event, Stages: stages[event]})
	}
	return counts, nil
}

// Resolve implements store.Store.
func (s *Store) Resolve(ctx context.Context, connection string,
	resolutions []store.Resolution) ([]leadtype.LeadID, error) {
	outcomes := make([]encodedOutcome, len(resolutions))
	for i, r := range resolutions {
		var err error
		if outcomes[i], err = encodeOutcome(r.Outcome); err != nil {
			return nil, err
		}
	}
	c, err := s.begin(ctx, connection)
	if err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	now := s.now()
	var stale []leadtype.LeadID
	for i, r := range resolutions {
		row := c.row(r.LeadID)
		if row == nil || row.stage != leadtype.Failed || row.generation != r.Generation {
			stale = append(stale, r.LeadID)
			continue
		}
		row.take(r.Outcome, outcomes[i], now)
		row.queue(now)
		if r.Outcome.Stage != leadtype.PreSync {
			row.stage, row.state = r.Outcome.Stage, ""
		}
		c.step(row, store.Step{At: now, Kind: store.StepResolved, By: r.By, State: row.state}, outcomes[i].public)
	}
	return stale, nil
}

// History implements store.Store.
func (s *Store) History(ctx context.Context, connection string, lead leadtype.LeadID) ([]store.Step, error) {
	c, err := s.begin(ctx, connection)
	if err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	if lead == "" {
		return slices.Clone(c.steps), nil
	}
	row := c.row(lead)
	if row == nil {
		return nil, nil
	}
	steps := make([]store.Step, len(row.steps))
	for i, step := range row.steps {
		steps[i] = step.Step
		if steps[i].Outcome, err = stored.DecodeOutcome(step.outcome); err != nil {
			steps[i].Outcome = store.UnreadableOutcome(lead, step.Stage)
		}
	}
	return steps, nil
}

// Note implements store.Store.
func (s *Store) Note(ctx context.Context, connection string, step store.Step, leads ...leadtype.LeadID) error {
	c, err := s.begin(ctx, connection)
	if err != nil {
		return err
	}
	defer s.mu.Unlock()
	step = store.Step{At: s.now(), Kind: step.Kind, By: step.By, Mode: step.Mode}
	for _, id := range leads {
		if id == "" {
			c.steps = append(c.steps, step)
		} else if row := c.row(id); row != nil {
			c.step(row, store.Step{At: step.At, Kind: step.Kind, By: step.By, State: row.state}, "")
		}
	}
	return nil
}

// Prune implements store.Store.
func (s *Store) Prune(ctx context.Context, connection string, before time.Time) (int, error) {
	c, err := s.begin(ctx, connection)
	if err != nil {
		return 0, err
	}
	defer s.mu.Unlock()
	pruned := 0
	for _, row := range c.rows {
		last := len(row.steps) - 1
		kept := slices.DeleteFunc(row.steps[:last:last], func(s storedStep) bool { return s.At.Before(before) })
		pruned += last - len(kept)
		row.steps = append(kept, row.steps[last])
	}
	if last := len(c.steps) - 1; last > 0 {
		kept := slices.DeleteFunc(c.steps[:last:last], func(s store.Step) bool { return s.At.Before(before) })
		pruned += last - len(kept)
		c.steps = append(kept, c.steps[last])
	}
	return pruned, nil
}

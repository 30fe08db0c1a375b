package leadsync

import (
	"context"
	"maps"
	"slices"
	"time"
)

// Count implements Store.
func (m *MemoryStore) Count(ctx context.Context, connection string, filter Filter) (Counts, error) {
	c, err := m.begin(ctx, connection)
	if err != nil {
		return Counts{}, err
	}
	defer m.mu.Unlock()
	filter.After, filter.Limit = 0, 0
	counts := Counts{Version: c.version}
	at := make(map[Count]int) // by what a count's leads share
	var oldest []*memRow
	for _, row := range c.match(filter) {
		alike := Count{Stage: row.stage, State: row.state, Action: row.action, Code: row.code, Cause: row.cause}
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
		if group.Sample, err = decodeOutcome(row.outcome); err != nil {
			return Counts{}, err
		}
	}
	return counts, nil
}

// CountEvents implements Store.
func (m *MemoryStore) CountEvents(ctx context.Context, connection string, filter Filter) ([]EventCount, error) {
	c, err := m.begin(ctx, connection)
	if err != nil {
		return nil, err
	}
	defer m.mu.Unlock()
	filter.After, filter.Limit = 0, 0
	stages := make(map[string]map[Stage]int)
	for _, row := range c.match(filter) {
		if stages[row.event] == nil {
			stages[row.event] = make(map[Stage]int)
		}
		stages[row.event][row.stage]++
	}
	var counts []EventCount
	for _, event := range slices.Sorted(maps.Keys(stages)) {
		counts = append(counts, EventCount{Event: event, Stages: stages[event]})
	}
	return counts, nil
}

// Resolve implements Store.
func (m *MemoryStore) Resolve(ctx context.Context, connection string, resolutions []Resolution) ([]LeadID, error) {
	outcomes := make([]memOutcome, len(resolutions))
	for i, r := range resolutions {
		var err error
		if outcomes[i], err = encodeOutcome(r.Outcome); err != nil {
			return nil, err
		}
	}
	c, err := m.begin(ctx, connection)
	if err != nil {
		return nil, err
	}
	defer m.mu.Unlock()
	now := m.now()
	var stale []LeadID
	for i, r := range resolutions {
		row := c.byID[r.LeadID]
		if row == nil || row.stage != Failed || row.generation != r.Generation {
			stale = append(stale, r.LeadID)
			continue
		}
		row.take(r.Outcome, outcomes[i])
		row.queue(now)
		if r.Outcome.Stage != PreSync {
			row.stage, row.state = r.Outcome.Stage, ""
		}
		c.step(row, Step{At: now, Kind: StepResolved, State: row.state}, outcomes[i].public)
	}
	return stale, nil
}

// History implements Store.
func (m *MemoryStore) History(ctx context.Context, connection string, lead LeadID) ([]Step, error) {
	c, err := m.begin(ctx, connection)
	if err != nil {
		return nil, err
	}
	defer m.mu.Unlock()
	row := c.byID[lead]
	if row == nil {
		return nil, nil
	}
	steps := make([]Step, len(row.steps))
	for i, step := range row.steps {
		steps[i] = step.Step
		if steps[i].Outcome, err = decodeOutcome(step.outcome); err != nil {
			return nil, err
		}
	}
	return steps, nil
}

// Prune implements Store.
func (m *MemoryStore) Prune(ctx context.Context, connection string, before time.Time) (int, error) {
	c, err := m.begin(ctx, connection)
	if err != nil {
		return 0, err
	}
	defer m.mu.Unlock()
	pruned := 0
	for _, row := range c.rows {
		last := len(row.steps) - 1
		kept := slices.DeleteFunc(row.steps[:last:last], func(s memStep) bool { return s.At.Before(before) })
		pruned += last - len(kept)
		row.steps = append(kept, row.steps[last])
	}
	return pruned, nil
}

// Forget implements Store.
func (m *MemoryStore) Forget(ctx context.Context, connection string, lead LeadID) error {
	c, err := m.begin(ctx, connection)
	if err != nil {
		return err
	}
	defer m.mu.Unlock()
	row := c.byID[lead]
	switch {
	case row == nil:
		return nil
	case row.state == StateInFlight && m.now().Before(c.lease.Until):
		return ErrInFlight
	}
	c.count(row, -1)
	delete(c.byID, lead)
	c.rows = slices.DeleteFunc(c.rows, func(r *memRow) bool { return r == row })
	return nil
}

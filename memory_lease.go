package leadsync

import (
	"context"
	"errors"
	"slices"
	"time"
)

// Acquire implements Store.
func (m *MemoryStore) Acquire(ctx context.Context, connection, owner string, ttl time.Duration) (Lease, error) {
	if owner == "" {
		return Lease{}, errors.New("leadsync: a lease needs an owner")
	}
	c, err := m.begin(ctx, connection)
	if err != nil {
		return Lease{}, err
	}
	defer m.mu.Unlock()
	now := m.now()
	if c.lease.Owner != owner {
		if c.lease.Owner != "" && now.Before(c.lease.Until) {
			return Lease{}, ErrLeaseHeld
		}
		c.endClaims(now)
		c.lease = Lease{Connection: connection, Owner: owner, Epoch: c.lease.Epoch + 1}
	}
	c.lease.Until = now.Add(ttl)
	return c.lease, nil
}

// endClaims queues the leads in flight.
func (c *memConnection) endClaims(now time.Time) {
	last := now // that anything was sent
	if c.lease.Until.Before(now) {
		last = c.lease.Until
	}
	for _, row := range c.rows {
		if row.state != StateInFlight {
			continue
		}
		row.intents = slices.Clone(row.intents)
		for i := range row.intents {
			if sent := &row.intents[i].SentAt; sent.Before(last) {
				*sent = last.UTC()
			}
		}
		row.enter(PreSync, StateQueued, time.Time{})
		c.step(row, Step{At: now, Kind: StepUnclaimed, State: row.state}, nil)
	}
}

// enter ends the row's claim. A capture in the meantime has the last word.
func (r *memRow) enter(stage Stage, state State, retryAt time.Time) {
	if r.next != "" {
		stage, state, retryAt = PreSync, r.next, time.Time{}
	}
	r.stage, r.state, r.retryAt, r.next = stage, state, retryAt, ""
}

// Claim implements Store.
func (m *MemoryStore) Claim(ctx context.Context, lease Lease, limit int) ([]Claimed, error) {
	c, err := m.beginUnder(ctx, lease)
	if err != nil {
		return nil, err
	}
	defer m.mu.Unlock()
	now := m.now()
	if !now.Before(c.lease.Until) {
		return nil, ErrLeaseLost
	}
	var claimed []Claimed
	for _, row := range c.rows {
		if len(claimed) >= limit {
			break
		}
		if row.state != StateQueued || row.retryAt.After(now) {
			continue
		}
		lead, last, err := row.decode()
		if err != nil {
			return nil, err
		}
		row.state, row.retryAt = StateInFlight, time.Time{}
		row.generation++
		row.attempts++
		claimed = append(claimed, Claimed{Lead: lead, Generation: row.generation, Attempts: row.attempts,
			Intents: slices.Clone(row.intents), Last: last})
	}
	return claimed, nil
}

// Journal implements Store.
func (m *MemoryStore) Journal(ctx context.Context, lease Lease, intents map[LeadID][]Intent) error {
	c, err := m.beginUnder(ctx, lease)
	if err != nil {
		return err
	}
	defer m.mu.Unlock()
	if !m.now().Before(c.lease.Until) {
		return ErrLeaseLost
	}
	for id := range intents {
		if row := c.byID[id]; row == nil || row.state != StateInFlight {
			return ErrLeaseLost
		}
	}
	for id, list := range intents {
		c.byID[id].intents = slices.Clone(list)
	}
	return nil
}

// Settle implements Store.
func (m *MemoryStore) Settle(ctx context.Context, lease Lease, settlements []Settlement) ([]LeadID, error) {
	outcomes := make([]memOutcome, len(settlements))
	for i, s := range settlements {
		var err error
		if outcomes[i], err = encodeOutcome(s.Outcome); err != nil {
			return nil, err
		}
	}
	c, err := m.beginUnder(ctx, lease)
	if err != nil {
		return nil, err
	}
	defer m.mu.Unlock()
	now := m.now()
	var stale []LeadID
	for i, s := range settlements {
		row := c.byID[s.LeadID]
		if row == nil || row.state != StateInFlight || row.generation != s.Generation {
			stale = append(stale, s.LeadID)
			continue
		}
		row.settle(s, outcomes[i], now)
		kind := StepSettled
		if s.Outcome == nil {
			kind = StepUnclaimed
		}
		c.step(row, Step{At: now, Kind: kind, State: row.state}, outcomes[i].public)
	}
	return stale, nil
}

func (r *memRow) settle(s Settlement, outcome memOutcome, now time.Time) {
	r.intents = slices.Clone(s.Intents)
	if s.Free {
		r.attempts = max(0, r.attempts-1)
	}
	if s.Outcome == nil {
		r.enter(PreSync, StateQueued, time.Time{})
		return
	}
	r.take(s.Outcome, outcome)
	switch {
	case s.Outcome.Stage != PreSync:
		if r.next == "" {
			r.since = now
		}
		r.enter(s.Outcome.Stage, "", time.Time{})
	case s.Outcome.RetryAt.IsZero():
		r.enter(PreSync, StateFrozen, time.Time{})
	default:
		r.enter(PreSync, StateQueued, s.Outcome.RetryAt)
	}
}

// take makes an outcome the row's last.
func (r *memRow) take(o *Outcome, encoded memOutcome) {
	r.outcome, r.action, r.code, r.cause = encoded.whole, o.Action, o.Code(), o.CauseKey()
}

// Due implements Store.
func (m *MemoryStore) Due(ctx context.Context, connection string) (wait time.Duration, waits bool, err error) {
	c, err := m.begin(ctx, connection)
	if err != nil {
		return 0, false, err
	}
	defer m.mu.Unlock()
	now := m.now()
	for _, row := range c.rows {
		at := row.retryAt
		if row.state == StateInFlight {
			at = c.lease.Until
		} else if row.state != StateQueued {
			continue
		}
		if own := max(0, at.Sub(now)); !waits || own < wait {
			wait, waits = own, true
		}
	}
	return wait, waits, nil
}

// Release implements Store.
func (m *MemoryStore) Release(ctx context.Context, lease Lease) error {
	c, err := m.beginUnder(ctx, lease)
	if err != nil {
		return err
	}
	defer m.mu.Unlock()
	c.endClaims(m.now())
	c.lease = Lease{Connection: lease.Connection, Epoch: c.lease.Epoch}
	return nil
}

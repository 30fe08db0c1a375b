// SPDX-License-Identifier: Apache-2.0

package memory

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
)

// Acquire implements store.Store.
func (s *Store) Acquire(ctx context.Context, connection, owner string, ttl time.Duration) (store.Lease, error) {
	return s.lend(ctx, connection, owner, ttl, false)
}

// Want implements store.Store.
func (s *Store) Want(ctx context.Context, connection, owner string, ttl time.Duration) (store.Lease, error) {
	return s.lend(ctx, connection, owner, ttl, true)
}

// lend takes or renews a lease, or keeps the next one for an owner that waits.
func (s *Store) lend(ctx context.Context, connection, owner string, ttl time.Duration,
	waits bool) (store.Lease, error) {
	if owner == "" {
		return store.Lease{}, errors.New("leadsync: a lease needs an owner")
	}
	c, err := s.begin(ctx, connection)
	if err != nil {
		return store.Lease{}, err
	}
	defer s.mu.Unlock()
	now := s.now()
	if !now.Before(c.wanted.until) || c.wanted.by == owner {
		c.wanted = want{}
	}
	if c.lease.Owner != owner {
		held := c.lease.Owner != "" && now.Before(c.lease.Until)
		if held || c.wanted.by != "" {
			if waits && c.wanted.by == "" {
				c.wanted = want{owner, now.Add(store.WantFor)}
			}
			return store.Lease{}, store.ErrLeaseHeld
		}
		c.endClaims(now)
		c.lease = store.Lease{Connection: connection, Owner: owner, Epoch: c.lease.Epoch + 1}
	}
	c.lease.Until = now.Add(ttl)
	lease := c.lease
	lease.Wanted = c.wanted.by != ""
	return lease, nil
}

// A want is the owner that the next lease is kept for.
type want struct {
	by    string
	until time.Time
}

// endClaims queues the leads in flight.
func (c *conn) endClaims(now time.Time) {
	last := now // that anything was sent
	if c.lease.Until.Before(now) {
		last = c.lease.Until
	}
	for _, row := range c.rows {
		if row.state != store.StateInFlight {
			continue
		}
		row.intents = slices.Clone(row.intents)
		for i := range row.intents {
			if sent := &row.intents[i].SentAt; sent.Before(last) {
				*sent = last.UTC()
			}
		}
		row.enter(leadtype.PreSync, store.StateQueued, time.Time{})
		c.step(row, store.Step{At: now, Kind: store.StepUnclaimed, State: row.state}, "")
	}
}

// enter ends the row's claim. A capture in the meantime has the last word.
func (r *leadRow) enter(stage leadtype.Stage, state store.State, retryAt time.Time) {
	if r.next != "" {
		stage, state, retryAt = leadtype.PreSync, r.next, r.nextAt
	}
	r.stage, r.state, r.retryAt, r.next, r.nextAt = stage, state, retryAt, "", time.Time{}
}

// Claim implements store.Store.
func (s *Store) Claim(ctx context.Context, lease store.Lease, limit int) ([]store.Claimed, error) {
	c, err := s.beginUnder(ctx, lease)
	if err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	now := s.now()
	if !now.Before(c.lease.Until) {
		return nil, store.ErrLeaseLost
	}
	var claimed []store.Claimed
	for _, row := range c.rows {
		if len(claimed) >= limit {
			break
		}
		if !row.due(now) {
			continue
		}
		lead, last, unreadable := row.read(store.DetailWhole)
		row.waited = row.waited || row.state == store.StateWaiting
		row.state, row.retryAt, row.gathers = store.StateInFlight, time.Time{}, false
		row.generation++
		row.attempts++
		claimed = append(claimed, store.Claimed{Lead: lead, Generation: row.generation, Attempts: row.attempts,
			Waited: row.waited, Since: row.since, Intents: slices.Clone(row.intents), Last: last, Unreadable: unreadable})
	}
	return claimed, nil
}

// due reports whether the row can be claimed.
func (r *leadRow) due(now time.Time) bool {
	switch r.state {
	case store.StateQueued:
		return !r.retryAt.After(now)
	case store.StateWaiting:
		return !r.retryAt.IsZero() && !r.retryAt.After(now)
	}
	return false
}

// Journal implements store.Store.
func (s *Store) Journal(ctx context.Context, lease store.Lease, intents map[leadtype.LeadID][]leadtype.Intent) error {
	c, err := s.beginUnder(ctx, lease)
	if err != nil {
		return err
	}
	defer s.mu.Unlock()
	if !s.now().Before(c.lease.Until) {
		return store.ErrLeaseLost
	}
	for id := range intents {
		if row := c.row(id); row == nil || row.state != store.StateInFlight {
			return store.ErrLeaseLost
		}
	}
	for id, list := range intents {
		row := c.row(id)
		row.intents = slices.Clone(list)
		if row.heldSince.IsZero() && slices.ContainsFunc(list, func(i leadtype.Intent) bool { return i.HoldsValues() }) {
			row.heldSince = s.now()
		}
	}
	return nil
}

// Settle implements store.Store.
func (s *Store) Settle(ctx context.Context, lease store.Lease,
	settlements []store.Settlement) ([]leadtype.LeadID, error) {
	outcomes := make([]encodedOutcome, len(settlements))
	for i, s := range settlements {
		var err error
		if outcomes[i], err = encodeOutcome(s.Outcome); err != nil {
			return nil, err
		}
	}
	c, err := s.beginUnder(ctx, lease)
	if err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	now := s.now()
	var stale []leadtype.LeadID
	for i, s := range settlements {
		row := c.row(s.LeadID)
		if row == nil || row.state != store.StateInFlight || row.generation != s.Generation {
			stale = append(stale, s.LeadID)
			continue
		}
		row.settle(s, outcomes[i], now)
		c.remember(s.Records)
		kind := store.StepSettled
		if s.Outcome == nil {
			kind = store.StepUnclaimed
		}
		c.step(row, store.Step{At: now, Kind: kind, State: row.state}, outcomes[i].public)
	}
	return stale, nil
}

func (r *leadRow) settle(s store.Settlement, outcome encodedOutcome, now time.Time) {
	r.intents = slices.Clone(s.Intents)
	if s.Free {
		r.attempts = max(0, r.attempts-1)
	}
	if s.Outcome == nil {
		r.enter(leadtype.PreSync, store.StateQueued, time.Time{})
		return
	}
	r.take(s.Outcome, outcome, now)
	r.waited = false
	switch {
	case s.Outcome.Stage != leadtype.PreSync:
		if r.next == "" {
			r.since = now
		}
		r.enter(s.Outcome.Stage, "", time.Time{})
	case s.Outcome.RetryAt.IsZero():
		r.enter(leadtype.PreSync, store.StateFrozen, time.Time{})
	default:
		r.enter(leadtype.PreSync, store.StateQueued, s.Outcome.RetryAt)
	}
}

// take makes an outcome the row's last.
func (r *leadRow) take(o *leadtype.Outcome, encoded encodedOutcome, now time.Time) {
	r.outcome, r.action, r.code, r.cause = encoded.whole, o.Action, o.Code(), o.CauseKey()
	r.warned, r.causes, r.records = o.WarningKinds(), o.WarningCauses(), o.Records()
	if r.heldSince.IsZero() && o.Expires() {
		r.heldSince = now
	}
}

// Due implements store.Store.
func (s *Store) Due(ctx context.Context, connection string) (wait time.Duration, waits bool, err error) {
	c, err := s.begin(ctx, connection)
	if err != nil {
		return 0, false, err
	}
	defer s.mu.Unlock()
	now := s.now()
	for _, row := range c.rows {
		at := row.retryAt
		switch {
		case row.state == store.StateInFlight:
			at = c.lease.Until
		case row.state != store.StateQueued && !row.due(now):
			continue
		}
		if own := max(0, at.Sub(now)); !waits || own < wait {
			wait, waits = own, true
		}
	}
	return wait, waits, nil
}

// Release implements store.Store.
func (s *Store) Release(ctx context.Context, lease store.Lease) error {
	c, err := s.beginUnder(ctx, lease)
	if err != nil {
		return err
	}
	defer s.mu.Unlock()
	c.endClaims(s.now())
	c.lease = store.Lease{Connection: lease.Connection, Epoch: c.lease.Epoch}
	return nil
}

// Hasten implements store.Store.
func (s *Store) Hasten(ctx context.Context, connection string) (int, error) {
	c, err := s.begin(ctx, connection)
	if err != nil {
		return 0, err
	}
	defer s.mu.Unlock()
	now, hastened := s.now(), 0
	for _, row := range c.rows {
		if row.gathers && row.state == store.StateQueued && row.retryAt.After(now) {
			row.retryAt, row.gathers = time.Time{}, false
			hastened++
		}
	}
	return hastened, nil
}

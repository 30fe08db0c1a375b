// SPDX-License-Identifier: Apache-2.0

package memory

import (
	"cmp"
	"context"

	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/internal/stored"
)

// Bind implements store.Store.
func (s *Store) Bind(ctx context.Context, connection string, org salesforce.ID) (salesforce.ID, error) {
	c, err := s.begin(ctx, connection)
	if err != nil {
		return "", err
	}
	defer s.mu.Unlock()
	c.org = cmp.Or(c.org, org)
	return c.org, nil
}

// Rebind implements store.Store.
func (s *Store) Rebind(ctx context.Context, lease store.Lease, org salesforce.ID, by string) error {
	c, err := s.beginUnder(ctx, lease)
	if err != nil {
		return err
	}
	defer s.mu.Unlock()
	now := s.now()
	switch {
	case !now.Before(c.lease.Until):
		return store.ErrLeaseLost
	case c.org == org:
		return nil
	}
	c.endClaims(now)
	for _, row := range c.rows {
		outcome, err := stored.DecodeOutcome(row.outcome)
		if outcome == nil && err == nil && len(row.intents) == 0 {
			continue
		}
		var encoded encodedOutcome
		if outcome != nil {
			outcome = outcome.Rebound()
			if encoded, err = encodeOutcome(outcome); err != nil {
				return err
			}
			row.take(outcome, encoded, now)
		}
		row.intents = nil
		c.step(row, store.Step{At: now, Kind: store.StepRebound, State: row.state, By: by}, encoded.public)
	}
	clear(c.records)
	c.runState = nil
	c.org = org
	c.steps = append(c.steps, store.Step{At: now, Kind: store.StepRebound, By: by})
	return nil
}

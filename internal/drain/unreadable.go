// SPDX-License-Identifier: Apache-2.0

package drain

import (
	"context"
	"slices"

	"github.com/leadsync/leadsync/internal/match"
	"github.com/leadsync/leadsync/internal/write"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
)

// claimReadable claims due leads, and fails those that the Store cannot read, so that the
// others go on. It returns none when none is due.
func (d *Drainer) claimReadable(ctx context.Context) ([]store.Claimed, error) {
	for {
		claimed, err := d.Store.Claim(ctx, d.lease, d.limit)
		if err != nil || len(claimed) == 0 {
			return nil, err
		}
		if claimed, err = d.failUnreadable(ctx, claimed); err != nil || len(claimed) > 0 {
			return claimed, err
		}
	}
}

// failUnreadable settles the leads that cannot be read, and returns the others. What is
// known of their records, and of their creates without a response, stays.
func (d *Drainer) failUnreadable(ctx context.Context, claimed []store.Claimed) ([]store.Claimed, error) {
	var settlements []store.Settlement
	var outcomes []*leadtype.Outcome
	for _, c := range claimed {
		if c.Unreadable == nil {
			continue
		}
		d.Logger.ErrorContext(ctx, "leadsync: a stored lead cannot be read", "error", c.Unreadable)
		it := &match.Item{Lead: c.Lead, Intents: c.Intents, Last: c.Last}
		write.Fail(it, c.Unreadable, d.Now())
		settlements = append(settlements, store.Settlement{LeadID: c.Lead.ID, Generation: c.Generation,
			Outcome: it.Outcome, Intents: it.Intents})
		outcomes = append(outcomes, it.Outcome)
	}
	if len(settlements) == 0 {
		return claimed, nil
	}
	if _, err := d.Store.Settle(ctx, d.lease, settlements); err != nil {
		return nil, err
	}
	d.Record(ctx, outcomes)
	return slices.DeleteFunc(claimed, func(c store.Claimed) bool { return c.Unreadable != nil }), nil
}

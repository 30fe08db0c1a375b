// SPDX-License-Identifier: Apache-2.0

package memory

import (
	"context"
	"slices"
)

// keptPlans is how many plans of a connection are remembered.
const keptPlans = 10_000

// TakePlan implements store.Store.
func (s *Store) TakePlan(ctx context.Context, connection, plan string) (bool, error) {
	c, err := s.begin(ctx, connection)
	if err != nil {
		return false, err
	}
	defer s.mu.Unlock()
	if slices.Contains(c.plans, plan) {
		return false, nil
	}
	c.plans = append(c.plans, plan)
	c.plans = slices.Delete(c.plans, 0, max(0, len(c.plans)-keptPlans))
	return true, nil
}

// ReturnPlan implements store.Store.
func (s *Store) ReturnPlan(ctx context.Context, connection, plan string) error {
	c, err := s.begin(ctx, connection)
	if err != nil {
		return err
	}
	defer s.mu.Unlock()
	c.plans = slices.DeleteFunc(c.plans, func(taken string) bool { return taken == plan })
	return nil
}

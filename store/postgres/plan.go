// SPDX-License-Identifier: Apache-2.0

package postgres

import "context"

// keptPlans is how many plans of a connection are remembered.
const keptPlans = 10_000

// TakePlan implements leadsync.Store.
func (s *Store) TakePlan(ctx context.Context, connection, plan string) (taken bool, err error) {
	err = s.tx(ctx, "take plan", connection, lockConnection|makeConnection,
		func(ctx context.Context, t *transaction) error {
			n, err := t.count(ctx, `INSERT INTO leadsync.plan (connection, plan) VALUES ($1, $2) ON CONFLICT DO NOTHING`,
				t.id, escape(plan))
			if taken = n == 1; err != nil || !taken {
				return err
			}
			return t.exec(ctx, `DELETE FROM leadsync.plan WHERE connection = $1 AND id <=
				(SELECT id FROM leadsync.plan WHERE connection = $1 ORDER BY id DESC LIMIT 1 OFFSET $2)`, t.id, keptPlans)
		})
	return taken && err == nil, err
}

// ReturnPlan implements leadsync.Store.
func (s *Store) ReturnPlan(ctx context.Context, connection, plan string) error {
	return s.tx(ctx, "return plan", connection, lockConnection, func(ctx context.Context, t *transaction) error {
		return t.exec(ctx, `DELETE FROM leadsync.plan WHERE connection = $1 AND plan = $2`, t.id, escape(plan))
	})
}

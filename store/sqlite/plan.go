// SPDX-License-Identifier: Apache-2.0

package sqlite

import (
	"context"

	"github.com/leadsync/leadsync/store/sqlite/internal/multirow"
)

// keptPlans is how many plans of a connection are remembered.
const keptPlans = 10_000

// TakePlan implements leadsync.Store.
func (s *Store) TakePlan(ctx context.Context, connection, plan string) (taken bool, err error) {
	err = s.tx(ctx, "take plan", func(tx *multirow.Tx) error {
		result, err := tx.ExecContext(ctx, `INSERT INTO plan (connection, plan) VALUES (?, ?) ON CONFLICT DO NOTHING`,
			connection, plan)
		if err != nil {
			return err
		}
		rows, err := result.RowsAffected()
		if taken = rows == 1; err != nil || !taken {
			return err
		}
		_, err = tx.ExecContext(ctx, `DELETE FROM plan WHERE connection = ?1 AND id <=
			(SELECT id FROM plan WHERE connection = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)`, connection, keptPlans)
		return err
	})
	return taken, err
}

// ReturnPlan implements leadsync.Store.
func (s *Store) ReturnPlan(ctx context.Context, connection, plan string) error {
	return s.tx(ctx, "return plan", func(tx *multirow.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM plan WHERE connection = ? AND plan = ?`, connection, plan)
		return err
	})
}

// SPDX-License-Identifier: Apache-2.0

package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/leadsync/leadsync/store"
)

// RunState implements leadsync.Store.
func (s *Store) RunState(ctx context.Context, connection string) ([]byte, error) {
	var state []byte
	err := s.query(ctx, s.pool, func(rows pgx.Rows) error { return rows.Scan(&state) },
		`SELECT run_state FROM leadsync.lease WHERE connection = `+connectionID, escape(connection))
	if err != nil {
		return nil, wrap(ctx, "run state", err)
	}
	if len(state) == 0 {
		return nil, nil
	}
	return state, nil
}

// SetRunState implements leadsync.Store.
func (s *Store) SetRunState(ctx context.Context, lease store.Lease, state []byte) error {
	return s.tx(ctx, "run state", lease.Connection, lockLease, func(ctx context.Context, t *transaction) error {
		if err := t.valid(lease); err != nil {
			return err
		}
		return t.exec(ctx, `UPDATE leadsync.lease SET run_state = $2 WHERE connection = $1`, t.id, append([]byte{}, state...))
	})
}

// Hasten implements leadsync.Store.
func (s *Store) Hasten(ctx context.Context, connection string) (int, error) {
	n := 0
	err := s.tx(ctx, "hasten", connection, lockConnection, func(ctx context.Context, t *transaction) error {
		var err error
		n, err = t.count(ctx, `UPDATE leadsync.lead SET retry_at = 0, gathers = false
			WHERE connection = $1 AND gathers AND state = 'queued' AND retry_at > $2`, t.id, t.now)
		return err
	})
	return n, err
}

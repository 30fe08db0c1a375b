// SPDX-License-Identifier: Apache-2.0

package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/sqlite/internal/multirow"
)

// RunState implements leadsync.Store.
func (s *Store) RunState(ctx context.Context, connection string) ([]byte, error) {
	var state []byte
	err := s.read.QueryRowContext(ctx, `SELECT run_state FROM connection WHERE name = ?`, connection).Scan(&state)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, wrap(ctx, "run state", err)
	}
	if len(state) == 0 {
		return nil, nil
	}
	return state, nil
}

// SetRunState implements leadsync.Store.
func (s *Store) SetRunState(ctx context.Context, lease store.Lease, state []byte) error {
	return s.tx(ctx, "run state", func(tx *multirow.Tx) error {
		if err := s.valid(ctx, tx, lease); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO connection (name, run_state) VALUES (?1, ?2)
			ON CONFLICT (name) DO UPDATE SET run_state = ?2`, lease.Connection, append([]byte{}, state...))
		return err
	})
}

// Hasten implements leadsync.Store.
func (s *Store) Hasten(ctx context.Context, connection string) (int, error) {
	var n int64
	err := s.tx(ctx, "hasten", func(tx *multirow.Tx) error {
		result, err := tx.ExecContext(ctx, `UPDATE lead SET retry_at = 0, gathers = 0
			WHERE connection = ? AND gathers = 1 AND state = 'queued' AND retry_at > ?`, connection, s.now().UnixMicro())
		if err != nil {
			return err
		}
		n, err = result.RowsAffected()
		return err
	})
	return int(n), err
}

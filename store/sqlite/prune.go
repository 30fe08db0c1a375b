// SPDX-License-Identifier: Apache-2.0

package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/leadsync/leadsync/store/internal/stored"
	"github.com/leadsync/leadsync/store/sqlite/internal/multirow"
)

// prunedAtOnce is how many history steps one transaction of Prune examines, which
// limits how long captures wait and how large the log grows.
const prunedAtOnce = 20_000

// Prune implements leadsync.Store. It looks at all steps: their ids ascend, but not always their
// times, as where a machine has begun with a clock that was ahead.
func (s *Store) Prune(ctx context.Context, connection string, before time.Time) (int, error) {
	pruned, err := s.pruneDecisions(ctx, connection, before)
	if err != nil {
		return 0, err
	}
	for after := int64(0); ; after += prunedAtOnce {
		var next int64
		err := s.read.QueryRowContext(ctx, `SELECT id FROM history WHERE id > ? AND at < ? ORDER BY id LIMIT 1`,
			after, stored.Micros(before)).Scan(&next)
		if errors.Is(err, sql.ErrNoRows) {
			return pruned, nil
		}
		if err != nil {
			return pruned, wrap(ctx, "prune", err)
		}
		after = next - 1
		n, err := s.prune(ctx, connection, before, after)
		pruned += n
		if err != nil {
			return pruned, err
		}
	}
}

// prune prunes one page of steps, after the given id.
func (s *Store) prune(ctx context.Context, connection string, before time.Time, after int64) (int, error) {
	var pruned int64
	err := s.tx(ctx, "prune", func(tx *multirow.Tx) error {
		result, err := tx.ExecContext(ctx, `DELETE FROM history WHERE id > ?1 AND id <= ?2 AND at < ?3
			AND (SELECT connection FROM lead WHERE lead.id = history.lead) = ?4
			AND EXISTS (SELECT 1 FROM history AS later WHERE later.lead = history.lead AND later.id > history.id)`,
			after, after+prunedAtOnce, stored.Micros(before), connection)
		if err != nil {
			return err
		}
		pruned, err = result.RowsAffected()
		return err
	})
	return int(pruned), err
}

// pruneDecisions prunes the connection's own history.
func (s *Store) pruneDecisions(ctx context.Context, connection string, before time.Time) (int, error) {
	var pruned int64
	err := s.tx(ctx, "prune", func(tx *multirow.Tx) error {
		result, err := tx.ExecContext(ctx, `DELETE FROM decision WHERE connection = ?1 AND at < ?2
			AND id < (SELECT max(id) FROM decision WHERE connection = ?1)`, connection, stored.Micros(before))
		if err != nil {
			return err
		}
		pruned, err = result.RowsAffected()
		return err
	})
	return int(pruned), err
}

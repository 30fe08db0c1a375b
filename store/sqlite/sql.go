// SPDX-License-Identifier: Apache-2.0

package sqlite

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/leadsync/leadsync/store/sqlite/internal/multirow"
)

// A queryer reads, in a transaction or without one.
type queryer interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// column returns the values of a query with one column.
func column[T any](ctx context.Context, tx *multirow.Tx, query string, args ...any) ([]T, error) {
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	return scanColumn[T](rows)
}

// scanColumn reads rows of one column.
func scanColumn[T any](rows *sql.Rows) ([]T, error) {
	defer rows.Close()
	var values []T
	for rows.Next() {
		var v T
		if err := rows.Scan(&v); err != nil {
			return nil, err
		}
		values = append(values, v)
	}
	return values, rows.Err()
}

// wrap adds the operation to an error. SQLite reports a cancelled statement as
// interrupted; the error of the context takes its place.
func wrap(ctx context.Context, op string, err error) error {
	if err == nil {
		return nil
	}
	if cancelled := ctx.Err(); cancelled != nil {
		err = cancelled
	}
	return fmt.Errorf("sqlite: %s: %w", op, err)
}

// insertHistory adds a step to a history.
const insertHistory = `INSERT INTO history (lead, at, change, stage, state, generation, action, code, outcome, by_whom)
	VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

// changedAfter is a query for the rows of the leads that have changed after a version.
const changedAfter = `SELECT lead FROM history WHERE id > ?`

// version returns the last id of the history.
func version(ctx context.Context, tx *multirow.Tx) (int64, error) {
	var last int64
	err := tx.QueryRow(ctx, `SELECT coalesce(max(id), 0) FROM history`).Scan(&last)
	return last, err
}

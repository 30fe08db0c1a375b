// SPDX-License-Identifier: Apache-2.0

package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
)

// suppressorOf returns the suppressor of a connection, nil when no lead is suppressed.
func suppressorOf(ctx context.Context, tx *sql.Tx, connection string) (*store.Suppressor, error) {
	var hashes store.Suppressor
	err := tx.QueryRowContext(ctx, `SELECT suppressor FROM connection WHERE name = ?1
		AND EXISTS (SELECT 1 FROM suppressed WHERE connection = ?1)`, connection).Scan(&hashes.Key)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return &hashes, err
}

// suppresses reports whether a captured lead is suppressed.
func suppresses(ctx context.Context, tx *sql.Tx, connection string, hashes *store.Suppressor,
	lead *leadtype.Lead) (bool, error) {
	for _, hash := range hashes.Of(lead) {
		var found bool
		err := tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM suppressed WHERE connection = ? AND hash = ?)`,
			connection, hash).Scan(&found)
		if err != nil || found {
			return found, err
		}
	}
	return false, nil
}

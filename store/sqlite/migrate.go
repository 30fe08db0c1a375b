// SPDX-License-Identifier: Apache-2.0

package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"fmt"

	"github.com/leadsync/leadsync/leadtype"
)

//go:embed migrations/*.sql
var migrations embed.FS

// schemaVersion is the number of the latest migration.
const schemaVersion = 4

// migrate brings the file to the latest schema.
func migrate(ctx context.Context, tx *sql.Tx) error {
	var version int
	if err := tx.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
		return err
	}
	if version == schemaVersion {
		return nil
	}
	for v := version + 1; v <= schemaVersion; v++ {
		script, err := migrations.ReadFile(fmt.Sprintf("migrations/%d.sql", v))
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, string(script)); err != nil {
			return fmt.Errorf("migrate to schema %d: %w", v, err)
		}
		if v == 2 {
			if err := fillCauses(ctx, tx); err != nil {
				return fmt.Errorf("migrate to schema %d: %w", v, err)
			}
		}
	}
	_, err := tx.ExecContext(ctx,
		fmt.Sprintf("PRAGMA application_id = %d; PRAGMA user_version = %d", applicationID, schemaVersion))
	return err
}

// scrub rewrites a file of schema 1, which did not overwrite deleted data, so that
// none of it remains.
func scrub(ctx context.Context, db *sql.DB) error {
	var version int
	if err := db.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil || version != 1 {
		return err
	}
	_, err := db.ExecContext(ctx, "VACUUM")
	return err
}

// fillCauses computes the keys of the causes, which SQL cannot.
func fillCauses(ctx context.Context, tx *sql.Tx) error {
	update, err := tx.PrepareContext(ctx, `UPDATE lead SET code = ?, cause = ? WHERE id = ?`)
	if err != nil {
		return err
	}
	for last := int64(0); ; {
		outcomes, err := outcomesAfter(ctx, tx, last)
		if err != nil || len(outcomes) == 0 {
			return err
		}
		for id, outcome := range outcomes {
			if _, err := update.ExecContext(ctx, string(outcome.Code()), string(outcome.CauseKey()), id); err != nil {
				return err
			}
			last = max(last, id)
		}
	}
}

// outcomesAfter returns a page of the outcomes with an error, by row id.
func outcomesAfter(ctx context.Context, tx *sql.Tx, id int64) (map[int64]*leadtype.Outcome, error) {
	rows, err := tx.QueryContext(ctx,
		`SELECT id, outcome FROM lead WHERE id > ? AND (code <> '' OR stage = 'failed') ORDER BY id LIMIT 1000`, id)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	outcomes := make(map[int64]*leadtype.Outcome)
	for rows.Next() {
		var text string
		if err := rows.Scan(&id, &text); err != nil {
			return nil, err
		}
		if outcomes[id], err = decodeOutcome(text); err != nil {
			return nil, err
		}
	}
	return outcomes, rows.Err()
}

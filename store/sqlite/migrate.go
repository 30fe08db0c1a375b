// SPDX-License-Identifier: Apache-2.0

package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store/internal/stored"
	"github.com/leadsync/leadsync/store/sqlite/internal/multirow"
)

//go:embed migrations/*.sql
var migrations embed.FS

// schemaVersion is the number of the latest migration.
const schemaVersion = 14

// migrate brings the file to the latest schema.
func migrate(ctx context.Context, tx *multirow.Tx) error {
	var version int
	if err := tx.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
		return err
	}
	if version == schemaVersion {
		return nil
	}
	// What SQL cannot compute. What cannot be decoded is left out.
	type fill func(context.Context, *multirow.Tx) error
	fills := map[int]fill{2: fillCauses, 4: func(ctx context.Context, tx *multirow.Tx) error {
		return errors.Join(fillImages(ctx, tx), fillFolded(ctx, tx))
	}, 5: fillSearch}
	for v := version + 1; v <= schemaVersion; v++ {
		script, err := migrations.ReadFile(fmt.Sprintf("migrations/%d.sql", v))
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, string(script)); err != nil {
			return fmt.Errorf("migrate to schema %d: %w", v, err)
		}
		if fill := fills[v]; fill != nil {
			if err := fill(ctx, tx); err != nil {
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

// fillCauses computes the keys of the causes.
func fillCauses(ctx context.Context, tx *multirow.Tx) error {
	update, err := tx.PrepareContext(ctx, `UPDATE lead SET code = ?, cause = ? WHERE id = ?`)
	if err != nil {
		return err
	}
	return eachOutcome(ctx, tx, `SELECT id, outcome FROM lead WHERE id > ? AND (code <> '' OR stage = 'failed')
		ORDER BY id LIMIT 1000`, func(id int64, outcome *leadtype.Outcome) error {
		_, err := update.ExecContext(ctx, string(outcome.Code()), string(outcome.CauseKey()), id)
		return err
	})
}

// fillImages notes of which records the outcomes have values, and since when something in
// them expires.
func fillImages(ctx context.Context, tx *multirow.Tx) error {
	insert, err := tx.PrepareContext(ctx, `INSERT OR IGNORE INTO image (connection, record, lead)
		SELECT connection, ?1, id FROM lead WHERE id = ?2`)
	if err != nil {
		return err
	}
	hold, err := tx.PrepareContext(ctx, `UPDATE lead SET held_since = coalesce(
			(SELECT min(at) FROM history WHERE lead = ?1 AND outcome <> '' AND at > 0), 1) WHERE id = ?1`)
	if err != nil {
		return err
	}
	err = eachOutcome(ctx, tx, `SELECT id, outcome FROM lead WHERE id > ? AND outcome <> '' ORDER BY id LIMIT 1000`,
		func(id int64, outcome *leadtype.Outcome) error {
			for _, record := range outcome.Images() {
				if _, err := insert.ExecContext(ctx, string(record), id); err != nil {
					return err
				}
			}
			if !outcome.Expires() {
				return nil
			}
			_, err := hold.ExecContext(ctx, id)
			return err
		})
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `UPDATE lead SET held_since = coalesce(
			(SELECT min(at) FROM history WHERE lead = lead.id AND outcome <> '' AND at > 0), 1)
		WHERE held_since = 0 AND id IN (SELECT lead FROM history WHERE code <> '')`) // they may have candidates
	return err
}

// eachOutcome calls do with the outcomes of a query for pages of ids and texts after an
// id, and passes over those that cannot be decoded.
func eachOutcome(ctx context.Context, tx *multirow.Tx, query string,
	do func(id int64, outcome *leadtype.Outcome) error) error {
	for last := int64(0); ; {
		page, err := outcomesAfter(ctx, tx, query, last)
		if err != nil || len(page) == 0 {
			return err
		}
		for _, row := range page {
			last = row.id
			outcome, err := stored.DecodeOutcome(row.outcome)
			if err != nil || outcome == nil {
				continue
			}
			if err := do(row.id, outcome); err != nil {
				return err
			}
		}
	}
}

// An outcomeRow is an outcome as it is stored, with its row's id.
type outcomeRow struct {
	id      int64
	outcome string
}

// fillFolded computes the folded ids.
func fillFolded(ctx context.Context, tx *multirow.Tx) error {
	update, err := tx.PrepareContext(ctx, `UPDATE lead SET folded = ? WHERE id = ?`)
	if err != nil {
		return err
	}
	for last := int64(0); ; {
		ids, err := unfoldedAfter(ctx, tx, last)
		if err != nil || len(ids) == 0 {
			return err
		}
		for id, lead := range ids {
			last = max(last, id)
			if _, err := update.ExecContext(ctx, stored.FoldedID(lead), id); err != nil {
				return err
			}
		}
	}
}

// unfoldedAfter returns the ids of the next leads by row: of those with a capital, a space
// or anything but ASCII, because the others are folded already.
func unfoldedAfter(ctx context.Context, tx *multirow.Tx, row int64) (map[int64]leadtype.LeadID, error) {
	rows, err := tx.QueryContext(ctx, `SELECT id, lead_id FROM lead WHERE id > ? AND lead_id GLOB '*[^!-@\[-~]*'
		ORDER BY id LIMIT 1000`, row)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	ids := make(map[int64]leadtype.LeadID)
	for rows.Next() {
		var id int64
		var lead leadtype.LeadID
		if err := rows.Scan(&id, &lead); err != nil {
			return nil, err
		}
		ids[id] = lead
	}
	return ids, rows.Err()
}

// outcomesAfter returns a page of a query.
func outcomesAfter(ctx context.Context, tx *multirow.Tx, query string, args ...any) ([]outcomeRow, error) {
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var page []outcomeRow
	for rows.Next() {
		var row outcomeRow
		if err := rows.Scan(&row.id, &row.outcome); err != nil {
			return nil, err
		}
		page = append(page, row)
	}
	return page, rows.Err()
}

// SPDX-License-Identifier: Apache-2.0

package sqlite

import (
	"context"
	"database/sql"
)

// filledAtOnce is how many leads fillSearch lists at a time. It reads one after the other:
// a lead may be large.
const filledAtOnce = 1000

// fillSearch fills table search from the leads of an earlier file. What cannot be read of a
// lead is left out.
func fillSearch(ctx context.Context, tx *sql.Tx) error {
	search, err := newSearchWriter(ctx, tx)
	if err != nil {
		return err
	}
	read, err := tx.PrepareContext(ctx, `SELECT connection, sequence, outcome FROM lead WHERE id = ?`)
	if err != nil {
		return err
	}
	for last := int64(0); ; {
		ids, err := column[int64](ctx, tx, `SELECT id FROM lead WHERE id > ? ORDER BY id LIMIT ?`, last, filledAtOnce)
		if err != nil || len(ids) == 0 {
			return err
		}
		for _, last = range ids {
			if err := fillSearchOf(ctx, search, read, last); err != nil {
				return err
			}
		}
	}
}

func fillSearchOf(ctx context.Context, search *searchWriter, read *sql.Stmt, id int64) error {
	var connection, stored string
	var sequence int64
	if err := read.QueryRowContext(ctx, id).Scan(&connection, &sequence, &stored); err != nil {
		return err
	}
	var terms []string
	if outcome, err := decodeOutcome(stored); err == nil && outcome != nil {
		terms = termsOf(outcome)
	}
	return search.add(ctx, connection, sequence, terms)
}

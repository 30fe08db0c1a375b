// SPDX-License-Identifier: Apache-2.0

package sqlite

import (
	"context"
	"database/sql"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store/internal/stored"
	"github.com/leadsync/leadsync/store/sqlite/internal/multirow"
)

// filledAtOnce is how many leads fillSearch lists at a time. It reads one after the other:
// a lead may be large.
const filledAtOnce = 1000

// fillSearch fills table search from the leads of an earlier file. What cannot be read of a
// lead is left out.
func fillSearch(ctx context.Context, tx *multirow.Tx) error {
	search := newSearchWriter(tx) // what it has counted is not kept: a later schema counts
	read, err := tx.PrepareContext(ctx, `SELECT connection, sequence, lead_id, data, outcome FROM lead WHERE id = ?`)
	if err != nil {
		return err
	}
	update, err := tx.PrepareContext(ctx, `UPDATE lead SET words = ?, terms = ? WHERE id = ?`)
	if err != nil {
		return err
	}
	for last := int64(0); ; {
		ids, err := column[int64](ctx, tx, `SELECT id FROM lead WHERE id > ? ORDER BY id LIMIT ?`, last, filledAtOnce)
		if err != nil || len(ids) == 0 {
			return err
		}
		for _, last = range ids {
			if err := fillSearchOf(ctx, search, read, update, last); err != nil {
				return err
			}
		}
	}
}

func fillSearchOf(ctx context.Context, search *searchWriter, read, update *sql.Stmt, id int64) error {
	var connection, leadID, data, last string
	var sequence int64
	if err := read.QueryRowContext(ctx, id).Scan(&connection, &sequence, &leadID, &data, &last); err != nil {
		return err
	}
	lead := new(leadtype.Lead)
	if stored.DecodeLead(data, lead) != nil || string(lead.ID) != leadID {
		lead = &leadtype.Lead{ID: leadtype.LeadID(leadID)}
	}
	words, err := encodeTerms(stored.Words(lead))
	if err != nil {
		return err
	}
	terms := noTerms
	if outcome, err := stored.DecodeOutcome(last); err == nil && outcome != nil {
		if terms, err = encodeTerms(stored.Terms(outcome)); err != nil {
			return err
		}
	}
	if _, err := update.ExecContext(ctx, words, terms, id); err != nil {
		return err
	}
	for _, list := range []string{words, terms} {
		if err := search.replace(ctx, connection, leadKey{id: id, sequence: sequence}, noTerms, list); err != nil {
			return err
		}
	}
	return nil
}

// SPDX-License-Identifier: Apache-2.0

package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store/internal/stored"
)

// An outcomeWriter notes, for each lead whose outcome is written, of which records it has
// values, for Forget, since when something of the lead expires, and the terms by which
// filters find it.
type outcomeWriter struct {
	terms, drop, insert, hold *sql.Stmt
	search                    *searchWriter
}

// newOutcomeWriter prepares the statements, which are closed with the transaction.
func newOutcomeWriter(ctx context.Context, tx *sql.Tx) (*outcomeWriter, error) {
	w := &outcomeWriter{search: newSearchWriter(tx)}
	for _, s := range []struct {
		into *(*sql.Stmt)
		text string
	}{
		{&w.terms, `SELECT terms FROM lead WHERE connection = ? AND lead_id = ?`},
		{&w.drop, `DELETE FROM image WHERE lead = ?`},
		{&w.insert, `INSERT INTO image (connection, record, lead) VALUES (?, ?, ?)`},
		{&w.hold, `UPDATE lead SET held_since = ? WHERE id = ? AND held_since = 0`},
	} {
		var err error
		if *s.into, err = tx.PrepareContext(ctx, s.text); err != nil {
			return nil, err
		}
	}
	return w, nil
}

// A leadKey is a lead by its row and by its place.
type leadKey struct{ id, sequence int64 }

// termsBefore returns the terms of the last outcome of a lead, as its row has them before it
// is given another one; none of a lead that does not exist.
func (w *outcomeWriter) termsBefore(ctx context.Context, connection string, lead leadtype.LeadID) (string, error) {
	var terms string
	err := w.terms.QueryRowContext(ctx, connection, string(lead)).Scan(&terms)
	if errors.Is(err, sql.ErrNoRows) {
		return noTerms, nil
	}
	return terms, err
}

// note notes what the outcome holds that is the last one of a lead now, and its terms in place
// of those before.
func (w *outcomeWriter) note(ctx context.Context, connection string, lead leadKey, outcome *leadtype.Outcome,
	before, terms string) error {
	if err := w.search.replace(ctx, connection, lead.sequence, before, terms); err != nil {
		return err
	}
	if _, err := w.drop.ExecContext(ctx, lead.id); err != nil {
		return err
	}
	return w.addImages(ctx, connection, lead.id, outcome)
}

// addImages notes of which records the outcome has values.
func (w *outcomeWriter) addImages(ctx context.Context, connection string, lead int64, outcome *leadtype.Outcome) error {
	for _, record := range outcome.Images() {
		if _, err := w.insert.ExecContext(ctx, connection, string(record), lead); err != nil {
			return err
		}
	}
	return nil
}

// holdSince notes since when something of the outcome expires.
func (w *outcomeWriter) holdSince(ctx context.Context, lead int64, outcome *leadtype.Outcome, at int64) error {
	if !outcome.Expires() {
		return nil
	}
	_, err := w.hold.ExecContext(ctx, at, lead)
	return err
}

// An encoded is an outcome as stored in a row. Null values leave a column unchanged.
type encoded struct {
	outcome, action, code, cause, terms sql.NullString
	public                              string // the outcome for the history
}

func encode(outcome *leadtype.Outcome) (encoded, error) {
	columns, err := stored.EncodeOutcome(outcome)
	if err != nil {
		return encoded{}, err
	}
	return encodedOf(columns)
}

func encodedOf(columns stored.Outcome) (encoded, error) {
	if !columns.Given {
		return encoded{}, nil
	}
	terms, err := encodeTerms(columns.Terms)
	return encoded{
		outcome: text(columns.Whole), action: text(columns.Action), code: text(columns.Code),
		cause: text(columns.Cause), terms: text(terms), public: columns.Public,
	}, err
}

func text(s string) sql.NullString { return sql.NullString{String: s, Valid: true} }

// leadColumns are those that dest reads.
const leadColumns = stored.TextColumns

func dest(t *stored.Text) []any {
	return []any{&t.ID, &t.Event, &t.Strategy, &t.Data, &t.Activities, &t.Intents, &t.Outcome}
}

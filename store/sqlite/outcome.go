// SPDX-License-Identifier: Apache-2.0

package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store/internal/stored"
	"github.com/leadsync/leadsync/store/sqlite/internal/multirow"
	"github.com/leadsync/leadsync/store/sqlite/internal/packed"
	"github.com/leadsync/leadsync/store/sqlite/internal/query"
)

// An outcomeWriter notes, for each lead whose outcome is written, of which records it has
// values, for Forget, since when something of the lead expires, and the terms by which
// filters find it.
type outcomeWriter struct {
	tx         *multirow.Tx
	connection string
	images     multirow.Writer
	search     *searchWriter
}

func newOutcomeWriter(tx *multirow.Tx, connection string) *outcomeWriter {
	return &outcomeWriter{tx: tx, connection: connection, search: newSearchWriter(tx),
		images: multirow.Writer{Tx: tx, Statement: insertImages, Shared: []any{connection}}}
}

// insertImages inserts the records of which outcomes have values. Some are there where a lead is given
// two outcomes at once.
var insertImages = multirow.Statement{Columns: 2,
	Before: `INSERT OR IGNORE INTO image (connection, record, lead) SELECT ?1, column1, column2 FROM (VALUES `, After: `)`}

// A leadKey is a lead by its row and by its place, with its event.
type leadKey struct {
	id, sequence int64
	event        string
}

// An outcomeText is the last outcome of a lead and its terms, as its row has them before it is
// given another one.
type outcomeText struct{ whole, terms string }

// before returns the last outcome of a lead, none of a lead that does not exist.
func (w *outcomeWriter) before(ctx context.Context, lead leadtype.LeadID) (outcomeText, error) {
	before := outcomeText{terms: noTerms}
	err := w.tx.QueryRow(ctx, `SELECT outcome, terms FROM lead WHERE `+query.Named, w.connection,
		string(lead), lead.Folded()).Scan(unpacked{&before.whole}, &before.terms)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return before, err
}

// note notes what the outcome holds that is the last one of a lead now, and its terms in place
// of those before.
func (w *outcomeWriter) note(ctx context.Context, lead leadKey, outcome *leadtype.Outcome,
	before outcomeText, terms string) error {
	if err := w.keepStep(ctx, lead.id, before.whole); err != nil {
		return err
	}
	if err := w.search.replace(ctx, w.connection, lead, before.terms, terms); err != nil {
		return err
	}
	if _, err := w.tx.Exec(ctx, `DELETE FROM image WHERE lead = ?`, lead.id); err != nil {
		return err
	}
	return w.addImages(ctx, lead.id, outcome)
}

// keepStep gives the step of the history that refers to the last outcome of a lead its own copy of
// it, because the lead gets another one.
func (w *outcomeWriter) keepStep(ctx context.Context, lead int64, last string) error {
	var id int64
	var step string
	err := w.tx.QueryRow(ctx, findLastOutcome, lead).Scan(&id, &step)
	if errors.Is(err, sql.ErrNoRows) { // it was pruned, or written by a migration
		return nil
	}
	if err != nil {
		return err
	}
	text, err := stored.StepJSON(step, last)
	if err != nil {
		return err
	}
	_, err = w.tx.Exec(ctx, `UPDATE history SET outcome = ? WHERE id = ?`, packed.Pack(text), id)
	return err
}

// findLastOutcome finds the step of a lead that refers to its last outcome.
const findLastOutcome = `SELECT id, outcome FROM history WHERE lead = ? AND ` + refersToLast + `
	ORDER BY id DESC LIMIT 1`

// refersToLast is the condition that a step of the history refers to the last outcome of its lead.
const refersToLast = `substr(history.outcome, 1, 1) = '` + stored.LastOutcome + `'`

// addImages notes of which records the outcome has values. finish writes them.
func (w *outcomeWriter) addImages(ctx context.Context, lead int64, outcome *leadtype.Outcome) error {
	for _, record := range outcome.Images() {
		if err := w.images.Add(ctx, string(record), lead); err != nil {
			return err
		}
	}
	return nil
}

// finish writes what is left, and what was counted.
func (w *outcomeWriter) finish(ctx context.Context) error {
	if err := w.images.Flush(ctx); err != nil {
		return err
	}
	return w.search.writeCounts(ctx)
}

// holdSince notes since when something of the outcome expires.
func (w *outcomeWriter) holdSince(ctx context.Context, lead int64, outcome *leadtype.Outcome, at int64) error {
	if !outcome.Expires() {
		return nil
	}
	_, err := w.tx.Exec(ctx, `UPDATE lead SET held_since = ? WHERE id = ? AND held_since = 0`, at, lead)
	return err
}

// An encoded is an outcome as stored in a row. Null values leave a column unchanged.
type encoded struct {
	outcome, action, code, cause, terms sql.NullString
	step                                string // what the history has of the outcome
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
		outcome: text(packed.Pack(columns.Whole)), action: text(columns.Action), code: text(columns.Code),
		cause: text(columns.Cause), terms: text(terms), step: stored.LastOutcome,
	}, err
}

func text(s string) sql.NullString { return sql.NullString{String: s, Valid: true} }

// leadColumns are those that dest reads.
const leadColumns = query.ID + `, ` + stored.LaterColumns

func dest(t *stored.Text) []any {
	return []any{&t.ID, &t.Event, &t.Strategy, unpacked{&t.Data}, &t.Activities, unpacked{&t.Intents},
		unpacked{&t.Outcome}}
}

// An unpacked is where a text goes that a row may have in its packed form.
type unpacked struct{ to *string }

// Scan implements sql.Scanner.
func (u unpacked) Scan(value any) error {
	text, ok := value.(string)
	if !ok {
		return fmt.Errorf("%T in place of a text", value)
	}
	*u.to = packed.Unpack(text)
	return nil
}

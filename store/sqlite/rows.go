// SPDX-License-Identifier: Apache-2.0

package sqlite

import (
	"context"
	"database/sql"
	"strings"
)

// rowsAtOnce is how many rows one statement writes, where there are so many.
const rowsAtOnce = 50

// rowValues is the list of the parameters of rows.
func rowValues(columns, rows int) string {
	row := `(` + strings.TrimSuffix(strings.Repeat(`?, `, columns), `, `) + `), `
	return strings.TrimSuffix(strings.Repeat(row, rows), `, `)
}

// A rowWriter writes rows by statements that take many at once.
type rowWriter struct {
	statements *statements
	tx         *sql.Tx
	text       multirow
	args       []any
	affected   int64 // the rows that were written
}

// A multirow is a statement for any number of rows: what stands around their values.
type multirow struct {
	before, after string
	columns       int
}

func (m multirow) text(rows int) string { return m.before + rowValues(m.columns, rows) + m.after }

// add adds a row, and writes as soon as there are enough.
func (w *rowWriter) add(ctx context.Context, row ...any) error {
	w.args = append(w.args, row...)
	if len(w.args) < rowsAtOnce*w.text.columns {
		return nil
	}
	return w.write(ctx, rowsAtOnce)
}

// flush writes what is left.
func (w *rowWriter) flush(ctx context.Context) error {
	for len(w.args) > 0 {
		rows := 1
		if len(w.args) >= fewRows*w.text.columns {
			rows = fewRows
		}
		if err := w.write(ctx, rows); err != nil {
			return err
		}
	}
	return nil
}

// fewRows is how many rows a statement writes where there are fewer than rowsAtOnce.
const fewRows = 8

func (w *rowWriter) write(ctx context.Context, rows int) error {
	statement, err := w.statements.in(ctx, w.tx, w.text.text(rows))
	if err != nil {
		return err
	}
	n := rows * w.text.columns
	result, err := statement.ExecContext(ctx, w.args[:n]...)
	if err != nil {
		return err
	}
	w.args = append(w.args[:0], w.args[n:]...)
	affected, err := result.RowsAffected()
	w.affected += affected
	return err
}

// statements are those of the writer that are used often, prepared once, by their text.
type statements struct{ prepared map[string]*sql.Stmt }

// prepare prepares the statements that are used often.
func (s *statements) prepare(ctx context.Context, db *sql.DB) error {
	s.prepared = make(map[string]*sql.Stmt)
	texts := []string{insertHistory, findLead, updateCaptured, captureHistory, insertWords,
		leadsWith(`lead_id`, 1), leadsWith(`lead_id`, chunkSize), leadsWith(`folded`, chunkSize),
		claimsOf(1), claimsOf(chunkSize)}
	for _, m := range []multirow{insertLeads, insertTerms, insertSteps, settleLeads, journalLeads} {
		texts = append(texts, m.text(1), m.text(fewRows), m.text(rowsAtOnce))
	}
	for _, text := range texts {
		statement, err := db.PrepareContext(ctx, text)
		if err != nil {
			return err
		}
		s.prepared[text] = statement // closed with the database
	}
	return nil
}

// in returns a statement for a transaction, with which it is closed.
func (s *statements) in(ctx context.Context, tx *sql.Tx, text string) (*sql.Stmt, error) {
	if statement := s.prepared[text]; statement != nil {
		return tx.StmtContext(ctx, statement), nil
	}
	return tx.PrepareContext(ctx, text)
}

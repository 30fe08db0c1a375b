// SPDX-License-Identifier: Apache-2.0

package multirow

import (
	"context"
	"slices"
	"strings"
)

// atOnce is how many rows one statement writes, where there are so many.
const atOnce = 50

// Values is the list of the parameters of rows.
func Values(columns, rows int) string {
	row := `(` + strings.TrimSuffix(strings.Repeat(`?, `, columns), `, `) + `), `
	return strings.TrimSuffix(strings.Repeat(row, rows), `, `)
}

// A Writer writes rows by statements that take many at once.
type Writer struct {
	Tx        *Tx
	Statement Statement
	Shared    []any // the first parameters of the statement, which are the same for all rows
	Affected  int64 // the rows that were written

	args []any
}

// A Statement is a statement for any number of rows: what stands around their values. Parameters that are
// shared stand before those, with their numbers.
type Statement struct {
	Before, After string
	Columns       int
}

func (m Statement) text(rows int) string { return m.Before + Values(m.Columns, rows) + m.After }

// Add adds a row, and writes as soon as there are enough.
func (w *Writer) Add(ctx context.Context, row ...any) error {
	w.args = append(w.args, row...)
	if len(w.args) < atOnce*w.Statement.Columns {
		return nil
	}
	return w.write(ctx, atOnce)
}

// Flush writes what is left.
func (w *Writer) Flush(ctx context.Context) error {
	for len(w.args) > 0 {
		rows := 1
		if len(w.args) >= few*w.Statement.Columns {
			rows = few
		}
		if err := w.write(ctx, rows); err != nil {
			return err
		}
	}
	return nil
}

// few is how many rows a statement writes where there are fewer than atOnce.
const few = 8

func (w *Writer) write(ctx context.Context, rows int) error {
	n := rows * w.Statement.Columns
	args := w.args[:n]
	if len(w.Shared) > 0 {
		args = slices.Concat(w.Shared, args)
	}
	result, err := w.Tx.Exec(ctx, w.Statement.text(rows), args...)
	if err != nil {
		return err
	}
	w.args = append(w.args[:0], w.args[n:]...)
	affected, err := result.RowsAffected()
	w.Affected += affected
	return err
}

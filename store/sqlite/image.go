// SPDX-License-Identifier: Apache-2.0

package sqlite

import (
	"context"
	"database/sql"

	"github.com/leadsync/leadsync/leadtype"
)

// An imageWriter notes, for each lead whose outcome is written, of which records it has
// values, for Forget, and since when something of the lead expires.
type imageWriter struct{ drop, insert, hold *sql.Stmt }

// newImageWriter prepares the statements, which are closed with the transaction.
func newImageWriter(ctx context.Context, tx *sql.Tx) (*imageWriter, error) {
	w := new(imageWriter)
	for _, s := range []struct {
		into *(*sql.Stmt)
		text string
	}{
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

// note notes what the outcome holds that is the last one of a lead now.
func (w *imageWriter) note(ctx context.Context, connection string, id int64, outcome *leadtype.Outcome,
	at int64) error {
	if outcome == nil {
		return nil
	}
	if _, err := w.drop.ExecContext(ctx, id); err != nil {
		return err
	}
	for _, record := range outcome.Images() {
		if _, err := w.insert.ExecContext(ctx, connection, string(record), id); err != nil {
			return err
		}
	}
	if !outcome.Expires() {
		return nil
	}
	_, err := w.hold.ExecContext(ctx, at, id)
	return err
}

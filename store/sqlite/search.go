// SPDX-License-Identifier: Apache-2.0

package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"slices"
)

// noTerms is what a row has without terms.
const noTerms = `[]`

// encodeTerms returns terms as a row has them.
func encodeTerms(terms []string) (string, error) {
	if len(terms) == 0 {
		return noTerms, nil
	}
	text, err := json.Marshal(terms)
	return string(text), err
}

// A searchWriter keeps the terms of leads. It prepares its statements when they are needed.
type searchWriter struct {
	tx             *sql.Tx
	remove, insert *sql.Stmt
}

// The statements of a searchWriter. A list of terms is one parameter, however many.
const (
	removeTerms = `DELETE FROM search WHERE connection = ? AND sequence = ? AND term IN (SELECT value FROM json_each(?))`
	// removeAllTerms removes those of a lead of which the list cannot be read. It reads all
	// terms of the connection.
	removeAllTerms = `DELETE FROM search WHERE connection = ? AND sequence = ?`
	insertTerms    = `INSERT OR IGNORE INTO search (connection, sequence, term) SELECT ?, ?, value FROM json_each(?)`
)

// replace replaces terms of a lead by others. Both are JSON, as the lead's row has them.
func (w *searchWriter) replace(ctx context.Context, connection string, sequence int64, before, after string) error {
	if before == after {
		return nil
	}
	var old, new []string
	if err := json.Unmarshal([]byte(after), &new); err != nil {
		return err
	}
	if json.Unmarshal([]byte(before), &old) != nil {
		return w.replaceAll(ctx, connection, sequence)
	}
	if err := w.write(ctx, &w.remove, removeTerms, connection, sequence, without(old, new)); err != nil {
		return err
	}
	return w.write(ctx, &w.insert, insertTerms, connection, sequence, without(new, old))
}

// replaceAll replaces all terms of a lead of which the list of some could not be read, by those
// that its row has now.
func (w *searchWriter) replaceAll(ctx context.Context, connection string, sequence int64) error {
	if _, err := w.tx.ExecContext(ctx, removeAllTerms, connection, sequence); err != nil {
		return err
	}
	_, err := w.tx.ExecContext(ctx, `INSERT OR IGNORE INTO search (connection, sequence, term)
		SELECT connection, sequence, term.value FROM lead, json_each(iif(json_valid(words), words, '[]')) AS term
			WHERE connection = ?1 AND sequence = ?2
		UNION ALL SELECT connection, sequence, term.value FROM lead, json_each(iif(json_valid(terms), terms, '[]')) AS term
			WHERE connection = ?1 AND sequence = ?2`, connection, sequence)
	return err
}

func (w *searchWriter) write(ctx context.Context, statement *(*sql.Stmt), text, connection string, sequence int64,
	terms []string) error {
	if len(terms) == 0 {
		return nil
	}
	if *statement == nil { // it is closed with the transaction
		var err error
		if *statement, err = w.tx.PrepareContext(ctx, text); err != nil {
			return err
		}
	}
	list, err := json.Marshal(terms)
	if err != nil {
		return err
	}
	_, err = (*statement).ExecContext(ctx, connection, sequence, string(list))
	return err
}

// without returns the terms that are not among others.
func without(terms, others []string) []string {
	among := make(map[string]bool, len(others))
	for _, t := range others {
		among[t] = true
	}
	return slices.DeleteFunc(slices.Clone(terms), func(t string) bool { return among[t] })
}

// SPDX-License-Identifier: Apache-2.0

package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"slices"
	"unicode"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
)

// A term of table search begins with what it is.
const (
	termRecord = "R"
	termText   = "t" // a word of the lead
	termKind   = "W" // of a warning
	termCause  = "X" // of a warning
)

// A class is the terms that change together, those from one text to before another.
type class struct{ from, to string }

// outcomeTerms are the terms of a lead's last outcome, textTerms its words.
var (
	outcomeTerms = class{"A", "a"}
	textTerms    = class{"t", "u"}
)

// wordsOf returns the terms of a lead.
func wordsOf(lead *leadtype.Lead) []string {
	words := store.SearchWords(lead)
	for i := range words {
		words[i] = termText + words[i]
	}
	return words
}

// termsOf returns the terms of an outcome.
func termsOf(outcome *leadtype.Outcome) []string {
	var terms []string
	for _, record := range outcome.Records() {
		terms = append(terms, termRecord+string(record))
	}
	for _, kind := range outcome.WarningKinds() {
		terms = append(terms, termKind+string(kind))
	}
	for _, cause := range outcome.WarningCauses() {
		terms = append(terms, termCause+string(cause))
	}
	return terms
}

// A searchWriter keeps the terms of leads. It prepares its statements when they are needed.
type searchWriter struct {
	tx                   *sql.Tx
	read, remove, insert *sql.Stmt
}

// The statements of a searchWriter. A list of terms is one parameter, however many.
const (
	readTerms = `SELECT json_group_array(term) FROM search
		WHERE connection = ? AND sequence = ? AND term >= ? AND term < ?`
	removeTerms = `DELETE FROM search WHERE connection = ? AND sequence = ? AND term IN (SELECT value FROM json_each(?))`
	insertTerms = `INSERT INTO search (connection, sequence, term) SELECT ?, ?, value FROM json_each(?)`
)

// prepared returns a statement, which is closed with the transaction.
func (w *searchWriter) prepared(ctx context.Context, into *(*sql.Stmt), text string) (*sql.Stmt, error) {
	var err error
	if *into == nil {
		*into, err = w.tx.PrepareContext(ctx, text)
	}
	return *into, err
}

// note replaces the terms of a class that a lead has.
func (w *searchWriter) note(ctx context.Context, connection string, sequence int64, of class, terms []string) error {
	read, err := w.prepared(ctx, &w.read, readTerms)
	if err != nil {
		return err
	}
	var stored string
	if err := read.QueryRowContext(ctx, connection, sequence, of.from, of.to).Scan(&stored); err != nil {
		return err
	}
	var before []string
	if err := json.Unmarshal([]byte(stored), &before); err != nil {
		return err
	}
	if gone := without(before, terms); len(gone) > 0 {
		remove, err := w.prepared(ctx, &w.remove, removeTerms)
		if err != nil {
			return err
		}
		if err := write(ctx, remove, connection, sequence, gone); err != nil {
			return err
		}
	}
	return w.add(ctx, connection, sequence, without(terms, before))
}

// add adds terms that a lead does not have.
func (w *searchWriter) add(ctx context.Context, connection string, sequence int64, terms []string) error {
	if len(terms) == 0 {
		return nil
	}
	insert, err := w.prepared(ctx, &w.insert, insertTerms)
	if err != nil {
		return err
	}
	return write(ctx, insert, connection, sequence, terms)
}

func write(ctx context.Context, statement *sql.Stmt, connection string, sequence int64, terms []string) error {
	list, err := json.Marshal(terms)
	if err != nil {
		return err
	}
	_, err = statement.ExecContext(ctx, connection, sequence, string(list))
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

// A lookup is a query for the sequences of leads by their terms.
type lookup struct {
	where string // besides the connection
	args  []any
}

// lookupOf is the lookup of the leads that have one of these terms.
func lookupOf[T ~string](prefix string, values []T) (lookup, error) {
	if len(values) == 1 {
		return lookup{`term = ?`, []any{prefix + string(values[0])}}, nil
	}
	terms := make([]string, len(values))
	for i, v := range values {
		terms[i] = prefix + string(v)
	}
	list, err := json.Marshal(terms)
	return lookup{`term IN (SELECT value FROM json_each(?))`, []any{string(list)}}, err
}

// beginning is the lookup of the leads with a word that begins so.
func beginning(word string) lookup {
	return lookup{`term >= ? AND term < ?`, []any{termText + word, termText + word + string(unicode.MaxRune)}}
}

// search adds the conditions that table search decides.
func (w *where) search(connection string, f store.Filter) error {
	if f.Warnings != nil {
		l, err := lookupOf(termKind, f.Warnings)
		if err != nil {
			return err
		}
		w.look(connection, f, l)
	}
	if f.WarningCauses != nil {
		l, err := lookupOf(termCause, f.WarningCauses)
		if err != nil {
			return err
		}
		w.look(connection, f, l)
	}
	if f.Record != "" {
		w.look(connection, f, lookup{`term = ?`, []any{termRecord + string(f.Record.ID18())}})
	}
	if f.Text == "" {
		return nil
	}
	words, ok := store.TextWords(f.Text)
	if !ok {
		w.and(`false`)
		return nil
	}
	for _, word := range words {
		w.look(connection, f, beginning(word))
	}
	return nil
}

func (w *where) look(connection string, f store.Filter, l lookup) {
	w.and(sequenceOf(f)+` IN (SELECT sequence FROM search WHERE connection = ? AND `+l.where+`)`,
		append([]any{connection}, l.args...)...)
}

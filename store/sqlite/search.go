// SPDX-License-Identifier: Apache-2.0

package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"slices"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// A term of table search begins with what it is.
const (
	termRecord = "R"
	termKind   = "W" // of a warning
	termCause  = "X" // of a warning
)

// A class is the terms that change together, those from one text to before another.
type class struct{ from, to string }

// outcomeTerms are the terms of a lead's last outcome.
var outcomeTerms = class{"A", "a"}

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

// A searchWriter keeps the terms of leads.
type searchWriter struct{ read, remove, insert *sql.Stmt }

// newSearchWriter prepares the statements, which are closed with the transaction.
func newSearchWriter(ctx context.Context, tx *sql.Tx) (*searchWriter, error) {
	w := new(searchWriter)
	for _, s := range []struct {
		into *(*sql.Stmt)
		text string
	}{
		{&w.read, `SELECT coalesce(json_group_array(term), '[]') FROM search
			WHERE connection = ? AND sequence = ? AND term >= ? AND term < ?`},
		{&w.remove, `DELETE FROM search WHERE connection = ? AND sequence = ? AND term IN (SELECT value FROM json_each(?))`},
		{&w.insert, `INSERT OR IGNORE INTO search (connection, sequence, term) SELECT ?, ?, value FROM json_each(?)`},
	} {
		var err error
		if *s.into, err = tx.PrepareContext(ctx, s.text); err != nil {
			return nil, err
		}
	}
	return w, nil
}

// note replaces the terms of a class that a lead has.
func (w *searchWriter) note(ctx context.Context, connection string, sequence int64, of class, terms []string) error {
	var stored string
	err := w.read.QueryRowContext(ctx, connection, sequence, of.from, of.to).Scan(&stored)
	if err != nil {
		return err
	}
	var before []string
	if err := json.Unmarshal([]byte(stored), &before); err != nil {
		return err
	}
	if err := w.write(ctx, w.remove, connection, sequence, without(before, terms)); err != nil {
		return err
	}
	return w.write(ctx, w.insert, connection, sequence, without(terms, before))
}

// add adds terms that a lead does not have.
func (w *searchWriter) add(ctx context.Context, connection string, sequence int64, terms []string) error {
	return w.write(ctx, w.insert, connection, sequence, terms)
}

func (w *searchWriter) write(ctx context.Context, statement *sql.Stmt, connection string, sequence int64,
	terms []string) error {
	if len(terms) == 0 {
		return nil
	}
	list, err := json.Marshal(terms) // one parameter, however many
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

// A lookup is a condition on table search: the leads that have one of these terms.
type lookup struct{ terms []string }

func lookupOf[T ~string](prefix string, values []T) lookup {
	terms := make([]string, len(values))
	for i, v := range values {
		terms[i] = prefix + string(v)
	}
	return lookup{terms}
}

// sql returns the query for the sequences of the leads.
func (l lookup) sql(connection string) (string, []any, error) {
	if len(l.terms) == 1 {
		return `SELECT sequence FROM search WHERE connection = ? AND term = ?`, []any{connection, l.terms[0]}, nil
	}
	list, err := json.Marshal(l.terms)
	return `SELECT sequence FROM search WHERE connection = ? AND term IN (SELECT value FROM json_each(?))`,
		[]any{connection, string(list)}, err
}

// recordLookup is the lookup of a record.
func recordLookup(id salesforce.ID) lookup { return lookupOf(termRecord, []salesforce.ID{id.ID18()}) }

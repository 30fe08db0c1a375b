// SPDX-License-Identifier: Apache-2.0

package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/leadsync/leadsync/store/internal/stored"
	"github.com/leadsync/leadsync/store/sqlite/internal/multirow"
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

// insertTerms inserts terms of leads that have none.
var insertTerms = multirow.Statement{Columns: 2, Before: `
	INSERT OR IGNORE INTO search (connection, term, sequence) SELECT ?1, column1, column2 FROM (VALUES `, After: `)`}

// A searchWriter keeps the terms of leads.
type searchWriter struct {
	tx      *multirow.Tx
	more    map[warnedTerm]int // that are not counted yet
	unknown []string           // connections of which terms were removed that are not known
}

// A warnedTerm is a kind of warning or a cause of one, as table search has it, of leads of an event.
type warnedTerm struct{ connection, event, term string }

func newSearchWriter(tx *multirow.Tx) *searchWriter {
	return &searchWriter{tx: tx, more: make(map[warnedTerm]int)}
}

// count counts terms of a lead of an event once more, or once less.
func (w *searchWriter) count(connection, event string, terms []string, more int) {
	for _, term := range terms {
		if strings.HasPrefix(term, stored.TermKind) || strings.HasPrefix(term, stored.TermCause) {
			w.more[warnedTerm{connection, event, term}] += more
		}
	}
}

// writeCounts writes what was counted.
func (w *searchWriter) writeCounts(ctx context.Context) error {
	for key, more := range w.more {
		if err := w.writeCount(ctx, key, more); err != nil {
			return err
		}
	}
	for _, connection := range w.unknown {
		for _, statement := range recount {
			if _, err := w.tx.ExecContext(ctx, statement, connection); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *searchWriter) writeCount(ctx context.Context, of warnedTerm, more int) error {
	if more == 0 {
		return nil
	}
	for _, count := range []struct {
		add, remove string
		key         []any
	}{
		{addWarned, removeWarned, []any{of.connection, of.term}},
		{addEventWarned, removeEventWarned, []any{of.connection, of.event, of.term}},
	} {
		if _, err := w.tx.Exec(ctx, count.add, append(count.key, more)...); err != nil {
			return err
		}
		if more > 0 {
			continue
		}
		if _, err := w.tx.Exec(ctx, count.remove, count.key...); err != nil {
			return err
		}
	}
	return nil
}

// The counts of warnings. There is no row without leads.
const (
	addWarned = `INSERT INTO warned (connection, term, leads) VALUES (?1, ?2, ?3)
		ON CONFLICT DO UPDATE SET leads = leads + ?3`
	removeWarned   = `DELETE FROM warned WHERE connection = ? AND term = ? AND leads = 0`
	addEventWarned = `INSERT INTO event_warned (connection, event, term, leads) VALUES (?1, ?2, ?3, ?4)
		ON CONFLICT DO UPDATE SET leads = leads + ?4`
	removeEventWarned = `DELETE FROM event_warned WHERE connection = ? AND event = ? AND term = ? AND leads = 0`
)

// recount counts the warnings of a connection anew.
var recount = [...]string{`DELETE FROM warned WHERE connection = ?`, `DELETE FROM event_warned WHERE connection = ?`,
	`INSERT INTO warned (connection, term, leads) SELECT connection, term, count(*) FROM search
		WHERE connection = ? AND term >= 'W' AND term < 'Y' GROUP BY term`,
	`INSERT INTO event_warned (connection, event, term, leads) SELECT connection, event, term, count(*)
		FROM search JOIN lead USING (connection, sequence)
		WHERE connection = ? AND term >= 'W' AND term < 'Y' GROUP BY event, term`}

// The statements of a searchWriter. A list of terms is one parameter, however many.
const (
	removeTerms = `DELETE FROM search WHERE connection = ? AND sequence = ? AND term IN (SELECT value FROM json_each(?))`
	// removeAllTerms removes those of a lead of which the list cannot be read. It reads all
	// terms of the connection.
	removeAllTerms = `DELETE FROM search WHERE connection = ? AND sequence = ?`
	addTerms       = `INSERT OR IGNORE INTO search (connection, sequence, term) SELECT ?, ?, value FROM json_each(?)`
)

// replace replaces terms of a lead by others. Both are JSON, as the lead's row has them.
func (w *searchWriter) replace(ctx context.Context, connection string, lead leadKey, before, after string) error {
	if before == after {
		return nil
	}
	var old, new []string
	if err := json.Unmarshal([]byte(after), &new); err != nil {
		return err
	}
	if json.Unmarshal([]byte(before), &old) != nil {
		return w.replaceAll(ctx, connection, lead.sequence)
	}
	gone, added := without(old, new), without(new, old)
	w.count(connection, lead.event, gone, -1)
	w.count(connection, lead.event, added, 1)
	if err := w.write(ctx, removeTerms, connection, lead.sequence, gone); err != nil {
		return err
	}
	return w.write(ctx, addTerms, connection, lead.sequence, added)
}

// replaceAll replaces all terms of a lead of which the list of some could not be read, by those
// that its row has now.
func (w *searchWriter) replaceAll(ctx context.Context, connection string, sequence int64) error {
	w.unknown = append(w.unknown, connection)
	if _, err := w.tx.ExecContext(ctx, removeAllTerms, connection, sequence); err != nil {
		return err
	}
	_, err := w.tx.ExecContext(ctx, `INSERT OR IGNORE INTO search (connection, sequence, term)
		SELECT connection, sequence, term.value FROM lead, json_each(iif(json_valid(terms), terms, '[]')) AS term
		WHERE connection = ?1 AND sequence = ?2`, connection, sequence)
	return err
}

func (w *searchWriter) write(ctx context.Context, statement, connection string, sequence int64, terms []string) error {
	if len(terms) == 0 {
		return nil
	}
	list, err := json.Marshal(terms)
	if err != nil {
		return err
	}
	_, err = w.tx.Exec(ctx, statement, connection, sequence, string(list))
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

// A separator is a row of table word_idx, in which FTS5 has the beginning of a word for each page
// of its index, enough to tell it from the last word of the page before
// (https://sqlite.org/fts5.html#fts5_data_structures). FTS5 leaves it when it removes the word.
// Any other word up to the first one of the page does as well.
type separator struct {
	segment int64
	term    []byte // "0" and the beginning of the word, in bytes
}

// findSeparators finds those that are beginnings of words.
const findSeparators = `WITH RECURSIVE segment (id) AS (SELECT min(segid) FROM word_idx UNION ALL
		SELECT (SELECT min(segid) FROM word_idx WHERE segid > id) FROM segment WHERE id IS NOT NULL)
	SELECT DISTINCT segid, term FROM segment CROSS JOIN json_each(?) AS beginning
		CROSS JOIN word_idx ON segid = segment.id AND term = unhex(beginning.value)`

// forgetSeparators removes from table word_idx what only words had left there that were removed in
// this transaction. They are separated by spaces.
func forgetSeparators(ctx context.Context, tx *multirow.Tx, words string) error {
	if words == "" {
		return nil
	}
	// A query for words makes FTS5 write what it still holds in memory.
	if _, err := nextWord(ctx, tx, nil); err != nil {
		return err
	}
	found, err := separatorsOf(ctx, tx, words)
	if err != nil {
		return err
	}
	for _, s := range found {
		if err := s.forget(ctx, tx); err != nil {
			return err
		}
	}
	return nil
}

func separatorsOf(ctx context.Context, tx *multirow.Tx, words string) ([]separator, error) {
	var beginnings []string
	for word := range strings.FieldsSeq(words) {
		for end := range len(word) {
			beginnings = append(beginnings, hex.EncodeToString([]byte("0"+word[:end+1])))
		}
	}
	list, err := json.Marshal(beginnings)
	if err != nil {
		return nil, err
	}
	rows, err := tx.QueryContext(ctx, findSeparators, string(list))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found []separator
	for rows.Next() {
		var s separator
		if err := rows.Scan(&s.segment, &s.term); err != nil {
			return nil, err
		}
		found = append(found, s)
	}
	return found, rows.Err()
}

// forget replaces a separator that is the beginning of no word by the next word. Where that is a
// separator of the segment already, or there is none, the page has no words.
func (s separator) forget(ctx context.Context, tx *multirow.Tx) error {
	next, err := nextWord(ctx, tx, s.term[1:])
	if err != nil || next != nil && bytes.HasPrefix(next, s.term[1:]) {
		return err
	}
	if next != nil {
		_, err := tx.ExecContext(ctx, `UPDATE OR IGNORE word_idx SET term = ? WHERE segid = ? AND term = ?`,
			append([]byte("0"), next...), s.segment, s.term)
		if err != nil {
			return err
		}
	}
	_, err = tx.ExecContext(ctx, `DELETE FROM word_idx WHERE segid = ? AND term = ?`, s.segment, s.term)
	return err
}

// nextWord returns the first word of any lead that is not before the bytes, nil without one.
func nextWord(ctx context.Context, tx *multirow.Tx, from []byte) ([]byte, error) {
	var word []byte
	err := tx.QueryRowContext(ctx, `SELECT term FROM word_lead WHERE term >= CAST(? AS TEXT) ORDER BY term LIMIT 1`,
		from).Scan(&word)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return word, err
}

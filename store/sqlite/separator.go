// SPDX-License-Identifier: Apache-2.0

package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strings"
)

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
func forgetSeparators(ctx context.Context, tx *sql.Tx, words string) error {
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

func separatorsOf(ctx context.Context, tx *sql.Tx, words string) ([]separator, error) {
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
func (s separator) forget(ctx context.Context, tx *sql.Tx) error {
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
func nextWord(ctx context.Context, tx *sql.Tx, from []byte) ([]byte, error) {
	var word []byte
	err := tx.QueryRowContext(ctx, `SELECT term FROM word_lead WHERE term >= CAST(? AS TEXT) ORDER BY term LIMIT 1`,
		from).Scan(&word)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return word, err
}

// SPDX-License-Identifier: Apache-2.0

package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"

	"github.com/leadsync/leadsync/store"
)

// How many leads a page looks at in their order at most, and from how many terms on that begin
// so a word is common.
const (
	walked    = 10_000
	manyTerms = 1000
)

// page returns the query for the row ids of a filter's page, as selection does. Words that many
// leads have are looked for in the leads themselves, which are taken in order, so that reading
// stops with the page. Where that fills none within walked leads, all terms are read.
func (s *Store) page(ctx context.Context, connection string, f store.Filter) (string, []any, error) {
	words, ok := store.TextWords(f.Text)
	if !ok || f.Limit <= 0 || f.Leads != nil {
		return selection(connection, f, walk{})
	}
	var w walk
	for _, word := range words {
		isCommon, err := s.isCommon(ctx, connection, word)
		if err != nil {
			return "", nil, err
		}
		if isCommon {
			w.common = append(w.common, word)
		}
	}
	if len(w.common) < len(words) {
		return selection(connection, f, w) // the others leave few
	}
	ids, err := s.walk(ctx, connection, f, w)
	if err != nil {
		return "", nil, err
	}
	if len(ids) < f.Limit {
		return selection(connection, f, walk{})
	}
	list, err := json.Marshal(ids)
	return `SELECT value FROM json_each(?)`, []any{string(list)}, err
}

// A walk is how a selection takes leads in their order: common are words that it looks for in
// the leads, last is the sequence of the last lead that it looks at, 0 for any.
type walk struct {
	common []string
	last   int64
}

// isCommon reports whether many terms begin as a word.
func (s *Store) isCommon(ctx context.Context, connection, word string) (bool, error) {
	l := beginning(word)
	var terms int
	err := s.read.QueryRowContext(ctx, `SELECT count(*) FROM
		(SELECT 1 FROM search WHERE connection = ? AND `+l.where+` LIMIT ?)`,
		append(append([]any{connection}, l.args...), manyTerms)...).Scan(&terms)
	return terms == manyTerms, err
}

// walk returns the row ids of a page among the first leads of its order.
func (s *Store) walk(ctx context.Context, connection string, f store.Filter, w walk) ([]int64, error) {
	edge, args := `SELECT sequence FROM lead WHERE connection = ?`, []any{connection}
	if f.After != 0 {
		edge, args = edge+` AND sequence `+onward(f)+` ?`, append(args, f.After)
	}
	err := s.read.QueryRowContext(ctx, edge+` ORDER BY sequence`+descending(f)+` LIMIT 1 OFFSET ?`,
		append(args, walked)...).Scan(&w.last)
	if err != nil && !errors.Is(err, sql.ErrNoRows) { // none: there are fewer
		return nil, err
	}
	text, args, err := selection(connection, f, w)
	if err != nil {
		return nil, err
	}
	rows, err := s.read.QueryContext(ctx, text, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var ids []int64
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}

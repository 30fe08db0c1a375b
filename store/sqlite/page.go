// SPDX-License-Identifier: Apache-2.0

package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"math"

	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/sqlite/internal/query"
)

// How many leads a page looks at in their order at most, and from how many words on that begin
// so a word is common.
const (
	walked    = 10_000
	manyTerms = 1000
)

// page returns the query for the row ids of a filter's page, as selection.query does. Words that
// many leads have are looked for in the leads themselves, which are taken in order, so that reading
// stops with the page. Where that fills none within walked leads, all that table word has is read.
func (s *Store) page(ctx context.Context, connection string, f store.Filter) (string, []any, error) {
	if f.Limit > 0 && f.Limit <= walked && query.Counted(f) {
		if g, err := query.GroupsOf(connection, f); err != nil || g.Given {
			return s.groupedPage(ctx, g, connection, f, err)
		}
	}
	words, ok := store.TextWords(f.Text)
	if !ok || f.Limit <= 0 || f.Leads != nil {
		return query.Whole(connection, f)
	}
	var common []string
	for _, word := range words {
		isCommon, err := s.isCommon(ctx, connection, word)
		if err != nil {
			return "", nil, err
		}
		if isCommon {
			common = append(common, word)
		}
	}
	if len(common) < len(words) { // the others leave few
		return query.Walking(connection, f, common, 0)
	}
	ids, err := s.walk(ctx, connection, f, common)
	if err != nil {
		return "", nil, err
	}
	if len(ids) < f.Limit {
		return query.Whole(connection, f)
	}
	return listed(ids)
}

// listed is the query of row ids that are known.
func listed(ids []int64) (string, []any, error) {
	list, err := json.Marshal(ids)
	return `SELECT value FROM json_each(?)`, []any{string(list)}, err
}

// isCommon reports whether many leads have a word that begins so.
func (s *Store) isCommon(ctx context.Context, connection, word string) (bool, error) {
	from := query.Word(connection, word)
	var found int
	err := s.read.QueryRowContext(ctx, `SELECT count(*) FROM
		(SELECT 1 FROM word_lead WHERE term >= ? AND term <= ? LIMIT ?)`, from, from+"\U0010ffff", manyTerms).Scan(&found)
	return found == manyTerms, err
}

// walk returns the row ids of a page among the first leads of its order.
func (s *Store) walk(ctx context.Context, connection string, f store.Filter, common []string) ([]int64, error) {
	edge, args := `SELECT sequence FROM lead WHERE connection = ?`, []any{connection}
	if f.After != 0 {
		edge, args = edge+` AND sequence `+query.Onward(f)+` ?`, append(args, f.After)
	}
	var last int64
	err := s.read.QueryRowContext(ctx, edge+` ORDER BY sequence`+query.Descending(f)+` LIMIT 1 OFFSET ?`,
		append(args, walked)...).Scan(&last)
	if err != nil && !errors.Is(err, sql.ErrNoRows) { // none: there are fewer
		return nil, err
	}
	text, args, err := query.Walking(connection, f, common, last)
	if err != nil {
		return nil, err
	}
	return s.ids(ctx, text, args...)
}

// ids returns the row ids that a query finds.
func (s *Store) ids(ctx context.Context, text string, args ...any) ([]int64, error) {
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

// groupedPage is the query for the row ids of a page of leads by what they are counted by. Where the
// leads are as close to each other as they would be by chance, it reads a little more than the page
// has; else the first leads of each group, of as many groups as there are leads in the page.
func (s *Store) groupedPage(ctx context.Context, g query.Groups, connection string, f store.Filter,
	err error) (string, []any, error) {
	if err != nil {
		return "", nil, err
	}
	var leads, after, first, last int64
	text := `SELECT coalesce((SELECT sum(leads) FROM tally WHERE ` + g.Text + `), 0),
		coalesce((SELECT id FROM lead WHERE connection = ? AND sequence ` + query.Backward(f) + ` ? ORDER BY sequence` +
		query.Ascending(f) + ` LIMIT 1), ?), coalesce((SELECT min(id) FROM lead), 0), coalesce((SELECT max(id) FROM lead), 0)`
	start := int64(0)
	if f.Newest {
		start = math.MaxInt64
	}
	edge := f.After
	if edge == 0 {
		edge = start
	}
	if err := s.read.QueryRowContext(ctx, text, append(append([]any{}, g.Args...), connection, edge, start)...).
		Scan(&leads, &after, &first, &last); err != nil {
		return "", nil, err
	}
	if f.After == 0 {
		after = start
	}
	if leads == 0 {
		return listed([]int64{})
	}
	near := 4 * int64(f.Limit) * (last - first + 1) / leads // four times as far as the page is on average
	text, args := query.NearPage(g, f, after, near, last)
	ids, err := s.ids(ctx, text, args...)
	if err != nil {
		return "", nil, err
	}
	if len(ids) == f.Limit {
		return listed(ids)
	}
	text, args = query.FarPage(g, f, after)
	return text, args, nil
}

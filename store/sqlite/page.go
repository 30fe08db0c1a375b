// SPDX-License-Identifier: Apache-2.0

package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"math"
	"strings"

	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/sqlite/internal/query"
)

const (
	// walked is how many leads a page looks at in their order at most.
	walked = 10_000
	// manyTerms is from how many words on that begin so a word is common.
	manyTerms = 1000
	// fewTerms is how many different words a page looks up one by one: table word has each in the
	// order of the leads, and what begins so has to be put in order first.
	fewTerms = 8
)

// page returns the query for the row ids of a filter's page, as selection.query does. Words that
// many leads have are looked for in the leads themselves, which are taken in order, so that reading
// stops with the page.
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
	return s.commonPage(ctx, connection, f, words)
}

// commonPage is the query for the row ids of a page by words that many leads have each. Where the
// first leads fill no page, table word is read in the order of the leads.
func (s *Store) commonPage(ctx context.Context, connection string, f store.Filter,
	words []string) (string, []any, error) {
	g, err := query.GroupsOf(connection, f)
	if err != nil {
		return "", nil, err
	}
	if g.Given {
		leads, before, err := s.extent(ctx, g, connection, f)
		switch {
		case err != nil:
			return "", nil, err
		case leads == 0:
			return listed([]int64{})
		case leads <= walked:
			return query.Among(connection, f, words)
		}
		f.After = before
	}
	ids, err := s.walk(ctx, connection, f, words)
	if err != nil {
		return "", nil, err
	}
	if len(ids) == f.Limit {
		return listed(ids)
	}
	terms := make([][]string, len(words))
	for i, word := range words {
		if terms[i], err = s.termsOf(ctx, connection, word); err != nil {
			return "", nil, err
		}
	}
	return query.Matching(connection, f, words, terms)
}

// extent returns how many leads are counted by groups, 0 where none comes in the page or after it, and
// the sequence before the first of those that do, in the page's order.
func (s *Store) extent(ctx context.Context, g query.Groups, connection string, f store.Filter) (leads, before int64,
	err error) {
	text, args := query.Extent(g, connection, f)
	var first sql.NullInt64
	if err := s.read.QueryRowContext(ctx, text, args...).Scan(&leads, &first); err != nil || !first.Valid {
		return 0, 0, err
	}
	if f.Newest {
		return leads, first.Int64 + 1, nil
	}
	return leads, first.Int64 - 1, nil
}

// termsOf returns the words of leads that begin so, as table word has them; none where there are many.
func (s *Store) termsOf(ctx context.Context, connection, word string) ([]string, error) {
	var terms []string
	begin := query.Word(connection, word)
	for next := begin; len(terms) <= fewTerms; next = terms[len(terms)-1] + "\x01" {
		var term string
		err := s.read.QueryRowContext(ctx, `SELECT term FROM word_lead WHERE term >= ? ORDER BY term LIMIT 1`, next).
			Scan(&term)
		if errors.Is(err, sql.ErrNoRows) || err == nil && !strings.HasPrefix(term, begin) {
			return terms, nil
		}
		if err != nil {
			return nil, err
		}
		terms = append(terms, term)
	}
	return nil, nil
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

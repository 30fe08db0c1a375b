// SPDX-License-Identifier: Apache-2.0

package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math"

	"github.com/leadsync/leadsync/store"
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
	if f.Limit > 0 && f.Limit <= walked && counted(f) {
		if g, err := groupsOf(connection, f); err != nil || g.given {
			return s.groupedPage(ctx, g, connection, f, err)
		}
	}
	words, ok := store.TextWords(f.Text)
	if !ok || f.Limit <= 0 || f.Leads != nil {
		return whole(connection, f)
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
		w, err := selectionOf(connection, f, common...)
		text, args := w.query(f, 0)
		return text, args, err
	}
	ids, err := s.walk(ctx, connection, f, common)
	if err != nil {
		return "", nil, err
	}
	if len(ids) < f.Limit {
		return whole(connection, f)
	}
	return listed(ids)
}

// whole is the query for the row ids of a filter's page by all that finds them.
func whole(connection string, f store.Filter) (string, []any, error) {
	w, err := selectionOf(connection, f)
	text, args := w.query(f, 0)
	return text, args, err
}

// listed is the query of row ids that are known.
func listed(ids []int64) (string, []any, error) {
	list, err := json.Marshal(ids)
	return `SELECT value FROM json_each(?)`, []any{string(list)}, err
}

// isCommon reports whether many leads have a word that begins so.
func (s *Store) isCommon(ctx context.Context, connection, word string) (bool, error) {
	from := wordOf(connection, word)
	var found int
	err := s.read.QueryRowContext(ctx, `SELECT count(*) FROM
		(SELECT 1 FROM word_lead WHERE term >= ? AND term <= ? LIMIT ?)`, from, from+"\U0010ffff", manyTerms).Scan(&found)
	return found == manyTerms, err
}

// walk returns the row ids of a page among the first leads of its order.
func (s *Store) walk(ctx context.Context, connection string, f store.Filter, common []string) ([]int64, error) {
	edge, args := `SELECT sequence FROM lead WHERE connection = ?`, []any{connection}
	if f.After != 0 {
		edge, args = edge+` AND sequence `+onward(f)+` ?`, append(args, f.After)
	}
	var last int64
	err := s.read.QueryRowContext(ctx, edge+` ORDER BY sequence`+descending(f)+` LIMIT 1 OFFSET ?`,
		append(args, walked)...).Scan(&last)
	if err != nil && !errors.Is(err, sql.ErrNoRows) { // none: there are fewer
		return nil, err
	}
	text, args, err := walking(connection, f, common, last)
	if err != nil {
		return nil, err
	}
	return s.ids(ctx, text, args...)
}

// walking is the query of a walk.
func walking(connection string, f store.Filter, common []string, last int64) (string, []any, error) {
	w, err := selectionOf(connection, f, common...)
	text, args := w.query(f, last)
	return text, args, err
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
func (s *Store) groupedPage(ctx context.Context, g groups, connection string, f store.Filter,
	err error) (string, []any, error) {
	if err != nil {
		return "", nil, err
	}
	var leads, after, first, last int64
	text := `SELECT coalesce((SELECT sum(leads) FROM tally WHERE ` + g.text + `), 0),
		coalesce((SELECT id FROM lead WHERE connection = ? AND sequence ` + backward(f) + ` ? ORDER BY sequence` +
		ascending(f) + ` LIMIT 1), ?), coalesce((SELECT min(id) FROM lead), 0), coalesce((SELECT max(id) FROM lead), 0)`
	start := int64(0)
	if f.Newest {
		start = math.MaxInt64
	}
	edge := f.After
	if edge == 0 {
		edge = start
	}
	if err := s.read.QueryRowContext(ctx, text, append(append([]any{}, g.args...), connection, edge, start)...).
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
	text, args := nearPage(g, f, after, near, last)
	ids, err := s.ids(ctx, text, args...)
	if err != nil {
		return "", nil, err
	}
	if len(ids) == f.Limit {
		return listed(ids)
	}
	text, args = farPage(g, f, after)
	return text, args, nil
}

// nearPage is the query for the page among the leads of the next rows.
func nearPage(g groups, f store.Filter, after, near, last int64) (string, []any) {
	from, until := after+1, after+near
	if f.Newest {
		until = min(after-1, last)
		from = until - near
	}
	unchanged, args := sinceVersion(f)
	args = append(append(append([]any{}, g.args...), from, until), args...)
	return `SELECT id FROM lead WHERE tally IN (SELECT id FROM tally WHERE ` + g.text + `) AND id BETWEEN ? AND ?` +
		unchanged + ` ORDER BY id` + descending(f) + ` LIMIT ?`, append(args, f.Limit)
}

// farPage is the query for the page by the groups whose first leads come first.
func farPage(g groups, f store.Filter, after int64) (string, []any) {
	unchanged, version := sinceVersion(f)
	first := `SELECT id FROM lead WHERE lead.tally = %s AND lead.id ` + onward(f) + ` ?` + unchanged +
		` ORDER BY lead.id` + descending(f) + ` LIMIT `
	args := append(append([]any{after}, version...), g.args...)
	args = append(append(append(args, f.Limit, after), version...), f.Limit, f.Limit)
	return `WITH groups AS MATERIALIZED (SELECT * FROM (SELECT tally.id AS own,
			(` + fmt.Sprintf(first, `tally.id`) + `1) AS head FROM tally WHERE ` + g.text + `)
			WHERE head IS NOT NULL ORDER BY head` + descending(f) + ` LIMIT ?)
		SELECT page.id FROM groups CROSS JOIN lead AS page ON page.id IN (` + fmt.Sprintf(first, `groups.own`) + `?)
		ORDER BY page.id` + descending(f) + ` LIMIT ?`, args
}

// sinceVersion is Filter.Version in SQL.
func sinceVersion(f store.Filter) (string, []any) {
	if f.Version == 0 {
		return "", nil
	}
	return ` AND NOT EXISTS (SELECT 1 FROM history WHERE history.lead = lead.id AND history.id > ?)`, []any{f.Version}
}

// ascending is the order of what comes before a filter's page, the nearest first.
func ascending(f store.Filter) string {
	if f.Newest {
		return ``
	}
	return ` DESC`
}

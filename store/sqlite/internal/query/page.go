// SPDX-License-Identifier: Apache-2.0

package query

import (
	"fmt"
	"slices"
	"strings"

	"github.com/leadsync/leadsync/store"
)

// NearPage is the query for the page among the leads of the next rows.
func NearPage(g Groups, f store.Filter, after, near, last int64) (string, []any) {
	from, until := after+1, after+near
	if f.Newest {
		until = min(after-1, last)
		from = until - near
	}
	unchanged, args := sinceVersion(f)
	args = append(append(append([]any{}, g.Args...), from, until), args...)
	return `SELECT id FROM lead WHERE tally IN (SELECT id FROM tally WHERE ` + g.Text + `) AND id BETWEEN ? AND ?` +
		unchanged + ` ORDER BY id` + Descending(f) + ` LIMIT ?`, append(args, f.Limit)
}

// FarPage is the query for the page by the groups whose first leads come first.
func FarPage(g Groups, f store.Filter, after int64) (string, []any) {
	unchanged, version := sinceVersion(f)
	first := `SELECT id FROM lead WHERE lead.tally = %s AND lead.id ` + Onward(f) + ` ?` + unchanged +
		` ORDER BY lead.id` + Descending(f) + ` LIMIT `
	args := append(append([]any{after}, version...), g.Args...)
	args = append(append(append(args, f.Limit, after), version...), f.Limit, f.Limit)
	return `WITH groups AS MATERIALIZED (SELECT * FROM (SELECT tally.id AS own,
			(` + fmt.Sprintf(first, `tally.id`) + `1) AS head FROM tally WHERE ` + g.Text + `)
			WHERE head IS NOT NULL ORDER BY head` + Descending(f) + ` LIMIT ?)
		SELECT page.id FROM groups CROSS JOIN lead AS page ON page.id IN (` + fmt.Sprintf(first, `groups.own`) + `?)
		ORDER BY page.id` + Descending(f) + ` LIMIT ?`, args
}

// sinceVersion is Filter.Version in SQL.
func sinceVersion(f store.Filter) (string, []any) {
	if f.Version == 0 {
		return "", nil
	}
	return ` AND NOT EXISTS (SELECT 1 FROM history WHERE history.lead = lead.id AND history.id > ?)`, []any{f.Version}
}

// Ascending is the order of what comes before a filter's page, the nearest first.
func Ascending(f store.Filter) string {
	if f.Newest {
		return ``
	}
	return ` DESC`
}

// Onward compares the sequences of later leads of a filter's order with an earlier one.
func Onward(f store.Filter) string {
	if f.Newest {
		return `<`
	}
	return `>`
}

// Backward compares the sequences of a lead of a filter's order and of those before it with its
// own.
func Backward(f store.Filter) string {
	if f.Newest {
		return `>=`
	}
	return `<=`
}

// Descending is the order of a filter's page in SQL.
func Descending(f store.Filter) string {
	if f.Newest {
		return ` DESC`
	}
	return ``
}

// Extent is the query for how many leads are counted by groups, and for the sequence of the first of
// them in a filter's page or after it, NULL for none.
func Extent(g Groups, connection string, f store.Filter) (string, []any) {
	first, edge := `min`, `>`
	if f.Newest {
		first, edge = `max`, `<`
	}
	onward, after := ``, []any(nil)
	if f.After != 0 {
		onward, after = ` AND lead.id `+edge+` `+rowAfter(f), []any{connection, f.After}
	}
	return `SELECT coalesce((SELECT sum(leads) FROM tally WHERE ` + g.Text + `), 0),
		(SELECT sequence FROM lead WHERE id = (SELECT ` + first + `((SELECT id FROM lead WHERE lead.tally = tally.id` +
			onward + ` ORDER BY lead.id` + Descending(f) + ` LIMIT 1)) FROM tally WHERE ` + g.Text + `))`,
		slices.Concat(g.Args, after, g.Args)
}

// rowAfter is the row id that the page of a filter comes after, which has a connection and
// Filter.After as its parameters.
func rowAfter(f store.Filter) string {
	none := `0`
	if f.Newest {
		none = `9223372036854775807`
	}
	return `coalesce((SELECT id FROM lead WHERE connection = ? AND sequence ` + Backward(f) + ` ? ORDER BY sequence` +
		Ascending(f) + ` LIMIT 1), ` + none + `)`
}

// Among is the query for a page by groups that have few leads, in which the words are looked for.
func Among(connection string, f store.Filter, words []string) (string, []any, error) {
	f.Text = ""
	s, err := selectionOf(connection, f)
	s.lookFor(connection, words)
	text, args := s.query(f, 0)
	return text, args, err
}

// Matching is the query for a page by words that many leads have each. Table word has the leads of a
// term in order: reading stops with the page. Where terms are known that begin with a word, they are
// named: those of a beginning would all have to be read and put in order.
func Matching(connection string, f store.Filter, words []string, terms [][]string) (string, []any, error) {
	f.Text = ""
	s, err := selectionOf(connection, f)
	matches := make([]string, len(words))
	for i, word := range words {
		matches[i] = match(connection, word)
		if len(terms[i]) > 0 {
			matches[i] = `("` + strings.Join(terms[i], `" OR "`) + `")`
		}
	}
	text, args := `SELECT word.rowid FROM word CROSS JOIN lead ON lead.id = word.rowid WHERE word MATCH ?`,
		[]any{strings.Join(matches, ` AND `)}
	if f.After != 0 {
		text, args = text+` AND word.rowid `+Onward(f)+` `+rowAfter(f), append(args, connection, f.After)
	}
	return text + ` AND ` + s.text + ` ORDER BY word.rowid` + Descending(f) + ` LIMIT ?`,
		append(append(args, s.args...), f.Limit), err
}

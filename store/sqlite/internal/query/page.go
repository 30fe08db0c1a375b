// SPDX-License-Identifier: Apache-2.0

package query

import (
	"fmt"

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

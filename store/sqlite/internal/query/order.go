// SPDX-License-Identifier: Apache-2.0

package query

import (
	"math"

	"github.com/leadsync/leadsync/store"
)

// Onward compares the sequences of later leads of a filter's order with an earlier one.
func Onward(f store.Filter) string {
	if f.Newest {
		return `<`
	}
	return `>`
}

// Descending is the order of a filter's page in SQL.
func Descending(f store.Filter) string {
	if f.Newest {
		return ` DESC`
	}
	return ``
}

// Edge is the sequence after which the page of a filter begins in its order.
func Edge(f store.Filter) int64 {
	if f.After == 0 && f.Newest {
		return math.MaxInt64
	}
	return f.After
}

// Between returns the least and the greatest of the next sequences of a filter's order, up to the last one.
func Between(f store.Filter, last int64) (from, until int64) {
	if f.Newest {
		return last, Edge(f) - 1
	}
	return Edge(f) + 1, last
}

// Window returns what Filter.After is for a page that begins with the lead of a sequence, and the last of so many
// sequences from there on.
func Window(f store.Filter, head, span int64) (after, last int64) {
	if f.Newest {
		return head + 1, max(head-span+1, 1)
	}
	return head - 1, head + span - 1
}

// First is the query for the id of the first lead of the page of a filter that selects all, none without leads.
func First(connection string, f store.Filter) Query {
	return Query{`SELECT id FROM lead WHERE connection = ? AND sequence ` + Onward(f) + ` ? ORDER BY sequence` +
		Descending(f) + ` LIMIT 1`, []any{connection, Edge(f)}}
}

// LastOf is the query for the sequence of the last one in the order of a filter of the leads whose ids are a JSON
// list, NULL without leads.
func LastOf(f store.Filter, list string) Query {
	last := `max`
	if f.Newest {
		last = `min`
	}
	return Query{`SELECT ` + last + `(sequence) FROM lead WHERE id IN (SELECT value FROM json_each(?))`, []any{list}}
}

// SPDX-License-Identifier: Apache-2.0

package query

import (
	"cmp"
	"slices"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/db"
)

// Run returns the rows or groups of a query, in the order of creation unless it has another.
func (e *Engine) Run(q *Query) []*db.Row {
	found := e.matching(q)
	if q.Group != nil {
		found = e.groups(q, found)
	}
	if len(q.orderBy) > 0 {
		slices.SortStableFunc(found, func(a, b *db.Row) int { return e.compareRows(q, a, b) })
	}
	found = found[min(q.Offset, len(found)):]
	if q.limit >= 0 {
		found = found[:min(q.limit, len(found))]
	}
	return found
}

// matching returns the rows that match the query's condition.
func (e *Engine) matching(q *Query) []*db.Row {
	run := &evaluation{engine: e, all: q.All}
	candidates, indexed := q.where.candidates(run)
	if !indexed {
		candidates = q.Obj.Rows
	}
	var found []*db.Row
	for _, r := range candidates {
		if (q.All || !r.Deleted()) && q.where.match(run, r) {
			found = append(found, r)
		}
	}
	if indexed {
		slices.SortFunc(found, func(a, b *db.Row) int { return cmp.Compare(a.Seq, b.Seq) })
		found = slices.Compact(found)
	}
	return found
}

// compareRows orders two rows; nulls come first unless NULLS LAST
// (docs/salesforce.md, SOQL), which does nothing for references (SOQL reference,
// ORDER BY).
func (e *Engine) compareRows(q *Query, a, b *db.Row) int {
	for _, order := range q.orderBy {
		x, y := e.Follow(a, order.path, q.All), e.Follow(b, order.path, q.All)
		if x == nil || y == nil {
			switch {
			case x == nil && y == nil:
				continue
			case (x == nil) != (order.nullsLast && order.path.kind() != db.KindID):
				return -1
			}
			return 1
		}
		if c := order.path.compare(x, y); c != 0 {
			if order.desc {
				return -c
			}
			return c
		}
	}
	return 0
}

// SPDX-License-Identifier: Apache-2.0

package query

import (
	"fmt"
	"slices"
	"strings"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/db"
)

// groups returns the rows of the groups, in the order of each one's first row, those of fewer
// fields after them.
func (e *Engine) groups(q *Query, rows []*db.Row) []*db.Row {
	var made []*db.Row
	for _, set := range q.Group.sets() {
		made = append(made, e.groupsBy(q, rows, set)...)
	}
	return made
}

func (e *Engine) groupsBy(q *Query, rows []*db.Row, set []bool) []*db.Row {
	g, run := q.Group, &evaluation{engine: e, all: q.All}
	members := map[string][]*db.Row{}
	var order []string
	for _, r := range rows {
		key := e.groupKey(q, r, set)
		if members[key] == nil {
			order = append(order, key)
		}
		members[key] = append(members[key], r)
	}
	if len(order) == 0 && !g.explicit {
		order = []string{""}
	}
	var made []*db.Row
	for _, key := range order {
		cells := map[string]any{}
		for i, by := range g.by {
			cells[fmt.Sprint("grouping", i)] = 1
			if set[i] {
				cells[fmt.Sprint("grouping", i)] = 0
				cells[fmt.Sprint(groupedCell, i)] = e.Follow(members[key][0], by, q.All)
			}
		}
		for _, a := range g.aggregates {
			cells[a.cell] = a.of(e, members[key], q.All)
		}
		if r := db.Computed(cells); g.having.match(run, r) {
			made = append(made, r)
		}
	}
	return made
}

func (e *Engine) groupKey(q *Query, r *db.Row, set []bool) string {
	var key strings.Builder
	for i, by := range q.Group.by {
		if !set[i] {
			continue
		}
		v := e.Follow(r, by, q.All)
		if v == nil {
			key.WriteString("-")
			continue
		}
		fmt.Fprintf(&key, "%q", by.key(v))
	}
	return key.String()
}

// of computes the aggregate over rows. Null values do not count; without values, sums,
// minimums and maximums are null.
func (a *aggregate) of(e *Engine, rows []*db.Row, all bool) any {
	var values []any
	for _, r := range rows {
		if v := e.Follow(r, a.path, all); v != nil {
			values = append(values, v)
		}
	}
	switch a.function {
	case "COUNT":
		return len(values)
	case "COUNT_DISTINCT":
		distinct := map[string]struct{}{}
		for _, v := range values {
			distinct[a.path.key(v)] = struct{}{}
		}
		return len(distinct)
	}
	if len(values) == 0 {
		return nil
	}
	switch a.function {
	case "MIN":
		return slices.MinFunc(values, a.path.compare)
	case "MAX":
		return slices.MaxFunc(values, a.path.compare)
	case "AVG":
		return sum(values) / float64(len(values))
	}
	if a.path.kind() == db.KindInt {
		return int(sum(values))
	}
	return sum(values)
}

func sum(values []any) float64 {
	total := 0.0
	for _, v := range values {
		switch v := v.(type) {
		case int:
			total += float64(v)
		case float64:
			total += v
		}
	}
	return total
}

// sets returns the fields that each pass groups by: all of them, with ROLLUP also each prefix,
// with CUBE each subset.
func (g *grouping) sets() [][]bool {
	all := 1<<len(g.by) - 1
	masks := []int{all}
	switch g.subsets {
	case rollup:
		for n := len(g.by) - 1; n >= 0; n-- {
			masks = append(masks, 1<<n-1)
		}
	case cube:
		for mask := all - 1; mask >= 0; mask-- {
			masks = append(masks, mask)
		}
	}
	sets := make([][]bool, len(masks))
	for i, mask := range masks {
		sets[i] = make([]bool, len(g.by))
		for n := range g.by {
			sets[i][n] = mask&(1<<n) != 0
		}
	}
	return sets
}

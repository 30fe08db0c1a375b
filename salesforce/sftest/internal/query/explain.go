// SPDX-License-Identifier: Apache-2.0

package query

import (
	"cmp"
	"math"
	"slices"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/db"
	"github.com/leadsync/leadsync/salesforce/sftest/internal/wire"
)

// A plan is a way to run a query (docs/salesforce.md, Query plans).
type plan struct {
	operation string // Index, Other or TableScan
	fields    []string
	rows      int // that it would return
	cost      float64
}

// explain answers explain, with the plans in the order of their costs. Salesforce estimates
// how many rows a plan returns; the fake counts them.
func (e *Engine) explain(req *wire.Request, q *Query, text string) *wire.Reply {
	switch {
	case e.virtual(q.Obj):
		return e.db.Unsupported("query plans of " + q.Obj.Name)
	case q.All:
		return e.db.Unsupported("query plans of queryAll")
	}
	total := q.Obj.Count()
	list := []any{}
	for _, p := range e.plans(q, total) {
		shown := wire.Object{
			{Name: "cardinality", Value: p.rows}, {Name: "fields", Value: append([]string{}, p.fields...)},
			{Name: "leadingOperationType", Value: p.operation},
		}
		if req.Since(33) {
			shown.Add("notes", notes(q))
		}
		list = append(list, append(shown, wire.Object{{Name: "relativeCost", Value: p.cost},
			{Name: "sobjectCardinality", Value: total}, {Name: "sobjectType", Value: q.Obj.Name}}...))
	}
	return wire.Answer(200, wire.Object{{Name: "plans", Value: list}, {Name: "sourceQuery", Value: text}})
}

// plans returns an index for each condition that can use one, what a LIMIT alone allows
// (recorded), and a scan.
func (e *Engine) plans(q *Query, total int) []plan {
	matched := len(e.matching(q))
	// As recorded of 1,001 and of 2,549 rows; others had other constants.
	scan := (0.65*float64(matched) + math.Round(0.2*float64(total))) / max(1, math.Round(selective(total, false)))
	found := []plan{{"TableScan", nil, matched, scan}}
	parts := andParts(q.where)
	if len(parts) == 0 && q.limit >= 0 && len(q.orderBy) == 0 && q.Group == nil {
		rows := min(q.limit, matched)
		found = append(found, plan{"Other", nil, rows, share(rows, total, false)})
	}
	for _, part := range parts {
		fields := indexes(part)
		if fields == nil {
			continue
		}
		of := *q
		of.where = part
		p := plan{operation: "Index", rows: len(e.matching(&of))}
		custom := false
		for _, f := range fields {
			p.fields = append(p.fields, f.Name)
			custom = custom || f.Custom
		}
		p.cost = share(p.rows, total, custom)
		found = append(found, p)
	}
	slices.SortStableFunc(found, func(a, b plan) int { return cmp.Compare(a.cost, b.cost) })
	return found
}

// share returns the cost of rows that an index finds: nothing where the threshold is less than
// a row (the example of the REST API guide).
func share(rows, total int, custom bool) float64 {
	threshold := math.Floor(selective(total, custom))
	if threshold == 0 {
		return 0
	}
	return float64(rows) / threshold
}

// selective returns how many of the rows a condition may match for an index to be used: 30% of
// the first million and 15% of the others for standard fields, a third of that for custom ones
// (Salesforce Developers, Maximizing the Performance of SOQL, Reports and List Views).
func selective(rows int, custom bool) float64 {
	const million = 1_000_000
	first, rest, most := 0.3, 0.15, 1_000_000.0
	if custom {
		first, rest, most = 0.1, 0.05, 333_333
	}
	n := first*float64(min(rows, million)) + rest*float64(max(0, rows-million))
	return min(most, n)
}

// andParts returns the conditions that are joined by AND.
func andParts(m matcher) []matcher {
	all, joined := m.(allOf)
	if !joined {
		return []matcher{m}
	}
	var parts []matcher
	for _, part := range all {
		parts = append(parts, andParts(part)...)
	}
	return parts
}

// indexes returns the fields by whose indexes a condition finds its rows, nil if it cannot: it
// must not be negative, ask for null, or be LIKE with a wildcard first (Salesforce, Query and
// Search Optimization Cheat Sheet). One of several, by OR, takes an index for each.
func indexes(m matcher) []*db.Field {
	switch m := m.(type) {
	case *setMatcher:
		if !m.negated && !m.null {
			return m.path.index()
		}
	case *orderMatcher:
		if m.op != "!=" && m.low != nil {
			return m.path.index()
		}
	case *likeMatcher:
		wild := func(l like) bool { return len(l) == 0 || l[0] < 0 }
		if !slices.ContainsFunc(m.patterns(), wild) {
			return m.path.index()
		}
	case anyOf:
		var fields []*db.Field
		for _, part := range m {
			found := indexes(part)
			if found == nil {
				return nil
			}
			for _, f := range found {
				if !slices.Contains(fields, f) {
					fields = append(fields, f)
				}
			}
		}
		return fields
	}
	return nil
}

// index returns the field of a path if it has an index and belongs to the row itself.
func (p *Path) index() []*db.Field {
	if len(p.hops) == 0 && p.Last != nil && p.apply == nil && p.Last.Selective(p.Obj) {
		return []*db.Field{p.Last}
	}
	return nil
}

// notes are what the plans of a query do not use: there is no index on IsDeleted (recorded),
// which every query asks for. Other notes are not known well enough.
func notes(q *Query) []any {
	if q.Obj.Field("IsDeleted") == nil {
		return []any{}
	}
	return []any{wire.Object{
		{Name: "description", Value: "Not considering filter for optimization because unindexed"},
		{Name: "fields", Value: []string{"IsDeleted"}}, {Name: "tableEnumOrId", Value: q.Obj.Name},
	}}
}

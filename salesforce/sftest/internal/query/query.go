// SPDX-License-Identifier: Apache-2.0

package query

import (
	"slices"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/db"
)

// A Shape is what a query selects of a row and, nested, of its parents.
type Shape struct {
	Name    string    // of the field or the relationship
	Path    *Path     // of a field, counted from its own row
	hop     *db.Field // of a relationship
	Members []*Shape
	// show renders what is neither: child rows, TYPEOF.
	show  func(r *db.Row, version string) any
	child *Query // of child rows
}

// Nests reports whether child rows or TYPEOF are selected.
func (s *Shape) Nests() bool {
	return slices.ContainsFunc(s.Members, func(m *Shape) bool { return m.show != nil })
}

// add adds a path below its relationships.
func (s *Shape) add(p *Path) {
	for i, hop := range p.hops {
		s = s.member(p.Names[i], hop)
	}
	own := *p
	own.hops, own.from = nil, nil
	s.Members = append(s.Members, &Shape{Name: p.Names[len(p.Names)-1], Path: &own})
}

func (s *Shape) member(name string, hop *db.Field) *Shape {
	for _, m := range s.Members {
		if m.Name == name && m.hop != nil {
			return m
		}
	}
	m := &Shape{Name: name, hop: hop}
	s.Members = append(s.Members, m)
	return m
}

// A matcher is a condition bound to the schema.
type matcher interface {
	match(e *evaluation, r *db.Row) bool
	// candidates returns rows that include all matching ones, found by an index; false if the
	// matcher has to look at every row.
	candidates(e *evaluation) ([]*db.Row, bool)
}

// An evaluation runs a bound query.
type evaluation struct {
	engine *Engine
	all    bool
}

// A Query is a statement bound to the schema.
type Query struct {
	Obj     *db.Object
	Shape   *Shape
	Paths   []*Path // the fields selected
	Count   bool
	where   matcher
	Group   *grouping // nil unless it answers groups
	orderBy []boundOrder
	limit   int // -1 for none
	Offset  int
	All     bool
	view    bool // the rows count as seen
}

type boundOrder struct {
	path *Path
	ordering
}

// A grouping is the GROUP BY and the aggregates of a query: one row for each group, whose
// cells are the grouped values and the aggregates.
type grouping struct {
	by         []*Path
	aggregates []*aggregate
	having     matcher
	columns    []column
	explicit   bool   // GROUP BY was said: no rows make no group
	subsets    string // ROLLUP or CUBE: totals of fewer of the fields too
}

// An aggregate is a function over the values of a group's rows at the path.
type aggregate struct {
	function string
	path     *Path
	cell     string
}

// A column shows a cell under a name.
type column struct {
	name string
	path *Path
}

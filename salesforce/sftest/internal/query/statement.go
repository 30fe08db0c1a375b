// SPDX-License-Identifier: Apache-2.0

package query

import (
	"math"
	"slices"
	"strings"
)

// aggregates reports whether the statement returns groups instead of rows.
func (s *statement) aggregates() bool {
	return len(s.groupBy) > 0 || slices.ContainsFunc(s.items, func(it item) bool { return it.expr.aggregates() })
}

func (x *expr) aggregates() bool {
	if x == nil || x.arg == nil {
		return false
	}
	name := strings.ToUpper(x.name.text)
	return isAggregate(name) || isDateFunction(name) || name == groupingOf || x.arg.aggregates()
}

// countIDs returns how many ids a condition selects, and false if it does not select by ids.
func countIDs(n node) (int, bool) {
	switch n := n.(type) {
	case *compareNode:
		return len(n.values), n.operand.name.is("Id") && (n.op == "=" || n.op == "IN")
	case *andNode:
		for _, part := range n.parts {
			if ids, ok := countIDs(part); ok {
				return ids, true
			}
		}
	case *orNode:
		total := 0
		for _, part := range n.parts {
			ids, ok := countIDs(part)
			if !ok {
				return 0, false
			}
			total += ids
		}
		return total, true
	}
	return 0, false
}

// A geolocation is GEOLOCATION(latitude, longitude), with the unit of the distance
// from it.
type geolocation struct {
	latitude, longitude float64
	unit                string // mi or km
}

// from returns the great-circle distance, by the haversine formula.
func (p *geolocation) from(latitude, longitude float64) float64 {
	const radians = math.Pi / 180
	dLat, dLong := (latitude-p.latitude)*radians/2, (longitude-p.longitude)*radians/2
	h := math.Pow(math.Sin(dLat),
		2) + math.Cos(p.latitude*radians)*math.Cos(latitude*radians)*math.Pow(math.Sin(dLong), 2)
	radius := map[string]float64{"mi": 3958.7613, "km": 6371.0088}[p.unit]
	return 2 * radius * math.Asin(math.Sqrt(min(1, h)))
}

// A statement is a parsed query.
type statement struct {
	items   []item
	count   bool // SELECT COUNT()
	from    token
	alias   string
	joins   []join
	scope   token // of USING SCOPE, else tokenEnd
	view    bool  // FOR VIEW or FOR REFERENCE
	where   node  // nil without WHERE
	groupBy []*expr
	subsets string // ROLLUP or CUBE, else ""
	having  node   // nil without HAVING
	orderBy []ordering
	limit   int // -1 without LIMIT
	offset  int // -1 without OFFSET
}

// An item is one of the things selected: an expression, a query of child rows or
// a TYPEOF.
type item struct {
	expr   *expr
	alias  token // tokenEnd without one
	child  *statement
	typeOf *typeOfItem
}

// An expr is a field, with a dotted path over its parents, or a function of an expr.
type expr struct {
	name  token
	arg   *expr        // nil of a field
	place *geolocation // of DISTANCE
}

// A typeOfItem is TYPEOF relationship WHEN object THEN fields ELSE fields END.
type typeOfItem struct {
	relationship token
	cases        []typeCase
}

type typeCase struct {
	object token // tokenEnd for ELSE
	fields []token
}

// A join gives a parent a name: FROM Contact c, c.Account a.
type join struct{ path, alias token }

type ordering struct {
	expr      *expr
	desc      bool
	nullsLast bool
}

// A node is a part of a WHERE or HAVING clause.
type node any

type (
	andNode struct{ parts []node }
	orNode  struct{ parts []node }
	notNode struct{ part node }
	// compareNode is operand op value; IN, NOT IN, INCLUDES and EXCLUDES have
	// several values.
	compareNode struct {
		operand *expr
		op      string
		values  []token
	}
	// semiNode is field [NOT] IN (SELECT ...).
	semiNode struct {
		operand *expr
		not     bool
		query   *statement
		at      int
	}
)

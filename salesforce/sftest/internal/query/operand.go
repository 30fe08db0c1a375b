// SPDX-License-Identifier: Apache-2.0

package query

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/db"
	"github.com/leadsync/leadsync/salesforce/sftest/internal/wire"
)

// filter binds a field that conditions may name.
func (b *binder) filter(t token) (*Path, *Error) {
	p, err := b.path(t)
	if err == nil && p.Last != nil && (!p.Last.Filterable || p.Last.Type == "address") {
		return nil, &Error{
			code: "INVALID_FIELD", at: t.at,
			message: fmt.Sprintf("field '%s' can not be filtered in a query call", p.Last.Name),
		}
	}
	return p, err
}

// operand binds the operand of a comparison: a field, its label or a function of a date; in a
// group, see operandOfGroup.
func (b *binder) operand(x *expr) (*Path, *Error) {
	if b.group != nil {
		return b.operandOfGroup(x)
	}
	switch name := strings.ToUpper(x.name.text); {
	case x.arg == nil:
		return b.filter(x.name)
	case isDateFunction(name):
		return b.dateFunction(x)
	case name == distance:
		return b.distance(x)
	case name == "TOLABEL" && x.arg.arg == nil:
		p, err := b.filter(x.arg.name)
		return p.labelled(), err
	case isAggregate(name):
		// The text is not known.
		return nil, malformed(x.name.at, "aggregate functions are not allowed in the WHERE clause")
	}
	return nil, unsupported("the function " + x.name.text + " in a condition")
}

// grouped binds a field or a function of it, as the rows of a group have it.
func (b *binder) grouped(x *expr) (*Path, *Error) {
	rows := *b
	rows.group = nil
	if x.arg == nil {
		return rows.path(x.name)
	}
	return rows.operand(x)
}

// groupedCell begins the keys of the values by which rows are grouped.
const groupedCell = "by"

const notGroupedText = "Field must be grouped or aggregated: "

// operandOfGroup binds a name of the select list, HAVING or ORDER BY to a cell.
func (b *binder) operandOfGroup(x *expr) (*Path, *Error) {
	if x.arg != nil && isAggregate(strings.ToUpper(x.name.text)) {
		return b.aggregate(x)
	}
	name := x
	if x.arg != nil && x.name.is(groupingOf) {
		if name = x.arg; b.group.subsets == "" {
			return nil, noSubsets(x)
		}
	}
	p, err := b.grouped(name)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(b.group.by, func(by *Path) bool { return by.text() == p.text() })
	if i < 0 {
		return nil, malformed(-1, notGroupedText+"%s", p.Names[len(p.Names)-1])
	}
	p.cell, p.apply = fmt.Sprint(groupedCell, i), nil
	if name != x {
		p.cell, p.as = fmt.Sprint("grouping", i), db.KindInt
	}
	return p, nil
}

// aggregate binds an aggregate, once even if it is named several times.
func (b *binder) aggregate(x *expr) (*Path, *Error) {
	if x.arg.arg != nil {
		return nil, unsupported("the function " + x.name.text + " of a function")
	}
	p, err := b.path(x.arg.name)
	if err != nil {
		return nil, err
	}
	function := strings.ToUpper(x.name.text)
	if !p.hasAggregate(function) {
		return nil, &Error{
			code: "INVALID_FIELD", at: x.arg.name.at,
			message: fmt.Sprintf("field %s does not support aggregate operator %s", p.Names[len(p.Names)-1], function),
		}
	}
	if slices.ContainsFunc(b.group.by, func(by *Path) bool { return by.text() == p.text() }) {
		return nil, malformed(x.arg.name.at, "Grouped field should not be aggregated: %s", p.Names[len(p.Names)-1])
	}
	cell := *p
	cell.cell, cell.function = function+" "+p.text(), function
	switch {
	case strings.HasPrefix(function, "COUNT"):
		cell.as = db.KindInt
	case function == "AVG":
		cell.as = db.KindNumber
	}
	if !slices.ContainsFunc(b.group.aggregates, func(a *aggregate) bool { return a.cell == cell.cell }) {
		b.group.aggregates = append(b.group.aggregates, &aggregate{function: function, path: p, cell: cell.cell})
	}
	return &cell, nil
}

// noSubsets refuses GROUPING without ROLLUP or CUBE: it marks the rows that are totals. The
// text is not known.
func noSubsets(x *expr) *Error {
	return malformed(x.name.at, "GROUPING needs GROUP BY ROLLUP or GROUP BY CUBE")
}

// distance binds the distance of an address from a place; without coordinates it
// is null. The text is not known.
func (b *binder) distance(x *expr) (*Path, *Error) {
	p, err := b.path(x.arg.name)
	if err != nil {
		return nil, err
	}
	if p.Last == nil || p.Last.Type != "address" {
		return nil, &Error{
			code: "INVALID_FIELD", at: x.arg.name.at,
			message: fmt.Sprintf("field '%s' can not be used with the function %s", p.Names[len(p.Names)-1], distance),
		}
	}
	p.function, p.as = distance, db.KindNumber
	p.apply = func(v any) any {
		address, _ := v.(wire.Object)
		latitude, _ := address.Get("latitude")
		longitude, _ := address.Get("longitude")
		lat, ok := latitude.(float64)
		long, alsoOK := longitude.(float64)
		if !ok || !alsoOK {
			return nil
		}
		return x.place.from(lat, long)
	}
	return p, nil
}

// dateFunction binds a function of a date. convertTimezone within it changes nothing: the time
// zone of the fake's user is UTC.
func (b *binder) dateFunction(x *expr) (*Path, *Error) {
	name, arg := strings.ToUpper(x.name.text), x.arg
	if arg.arg != nil && arg.name.is("convertTimezone") {
		arg = arg.arg
	}
	if arg.arg != nil {
		return nil, unexpected(token{text: arg.name.text, at: arg.name.at})
	}
	p, err := b.filter(arg.name)
	if err != nil {
		return nil, err
	}
	timed := name == dayOnly || name == "HOUR_IN_DAY"
	if p.kind() != db.KindDatetime && (timed || p.kind() != db.KindDate) {
		// The text is not known.
		return nil, &Error{
			code: "INVALID_FIELD", at: arg.name.at,
			message: fmt.Sprintf("field '%s' can not be used with the function %s", p.Names[len(p.Names)-1], name),
		}
	}
	p.function, p.as = name, db.KindInt
	p.apply = func(v any) any { return dateFunctions[name](timeOf(v)) }
	if name == dayOnly {
		p.as = db.KindDate
		p.apply = func(v any) any { return timeOf(v).Format(time.DateOnly) }
	}
	return p, nil
}

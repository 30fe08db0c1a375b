package query

import (
	"fmt"
	"slices"
	"strings"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/db"
	"github.com/leadsync/leadsync/salesforce/sftest/internal/wire"
)

// A grouping is what a query with GROUP BY or aggregates makes of its rows: one
// row for each group, whose cells are the values it is grouped by and the
// aggregates.
type grouping struct {
	by         []*Path
	aggregates []*aggregate
	having     matcher
	columns    []column
	explicit   bool   // GROUP BY was said: no rows make no group
	subsets    string // ROLLUP or CUBE: totals of fewer of the fields too
}

// An aggregate is a function of the values that a group's rows have at the path.
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

func isAggregate(name string) bool {
	switch name {
	case "COUNT", "COUNT_DISTINCT", "SUM", "AVG", "MIN", "MAX":
		return true
	}
	return false
}

// aggregates says whether the statement answers groups and not rows.
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

// bindGroups binds all but FROM and WHERE of a statement that groups.
func (b *binder) bindGroups(s *statement, q *Query) *Error {
	if len(s.groupBy) == 0 && (s.limit >= 0 || s.offset >= 0) {
		clause := "LIMIT"
		if s.limit < 0 {
			clause = "OFFSET" // by analogy
		}
		return malformed(-1, "Non-grouped query that uses overall aggregate functions cannot also use %s", clause)
	}
	g := &grouping{explicit: len(s.groupBy) > 0, subsets: s.subsets}
	if len(s.groupBy) > maxSubsets && s.subsets != "" { // text not known
		return malformed(s.groupBy[maxSubsets].name.at, "GROUP BY %s takes at most %d fields", s.subsets, maxSubsets)
	}
	for _, x := range s.groupBy {
		p, err := b.groupBy(x)
		if err != nil {
			return err
		}
		g.by = append(g.by, p)
	}
	b.group, q.Group = g, g
	if err := b.groupColumns(s); err != nil {
		return err
	}
	having, err := b.where(s.having)
	if err != nil {
		return err
	}
	g.having = having
	for _, ordering := range s.orderBy {
		p, err := b.operandOfGroup(ordering.expr)
		if err != nil {
			return err.ordered()
		}
		q.orderBy = append(q.orderBy, boundOrder{p, ordering})
	}
	return nil
}

// ordered is the text that ORDER BY has for a field that is not grouped.
func (e *Error) ordered() *Error {
	if field, ok := strings.CutPrefix(e.message, notGroupedText); ok {
		e.message = "Ordered field must be grouped or aggregated: " + field
	}
	return e
}

func (b *binder) groupBy(x *expr) (*Path, *Error) {
	if x.arg != nil && !isDateFunction(strings.ToUpper(x.name.text)) {
		return nil, malformed(x.name.at, "unexpected token: '%s'", x.name.text)
	}
	p, err := b.grouped(x)
	if err != nil {
		return nil, err
	}
	if f := p.Last; p.as == db.KindUnknown && f != nil && !groupable(f) {
		return nil, &Error{code: "INVALID_FIELD", at: x.name.at, message: fmt.Sprintf("field '%s' can not be grouped in a query call", f.Name)}
	}
	return p, nil
}

// grouped is a field or a function of it, as a group's rows have it.
func (b *binder) grouped(x *expr) (*Path, *Error) {
	rows := *b
	rows.group = nil
	if x.arg == nil {
		return rows.path(x.name)
	}
	return rows.operand(x)
}

// groupable is as describe has it, less the multi-select picklists.
func groupable(f *db.Field) bool {
	switch f.Kind() {
	case db.KindNumber, db.KindDatetime, db.KindAddress, db.KindTime:
		return false
	}
	return f.Filterable && f.Type != "multipicklist"
}

// groupColumns names the columns: an aggregate without an alias is expr0, the
// next expr1 (SOQL reference, Use Aliases with GROUP BY).
func (b *binder) groupColumns(s *statement) *Error {
	unnamed := 0
	for _, it := range s.items {
		if it.expr == nil || it.expr.name.is(allFields) && it.expr.arg != nil {
			return malformed(-1, "only fields and aggregates can be selected in a query that groups") // text not known
		}
		p, err := b.groupColumn(it.expr)
		if err != nil {
			return err
		}
		name := it.alias.text
		switch {
		case name != "":
		case it.expr.arg != nil:
			name = fmt.Sprint("expr", unnamed)
			unnamed++
		default:
			name = p.Names[len(p.Names)-1]
		}
		if slices.ContainsFunc(b.group.columns, func(c column) bool { return strings.EqualFold(c.name, name) }) {
			return malformed(it.expr.name.at, "duplicate alias: %s", name)
		}
		b.group.columns = append(b.group.columns, column{name, p})
	}
	return nil
}

func (b *binder) groupColumn(x *expr) (*Path, *Error) {
	if x.arg == nil || !x.name.is(formatted) {
		return b.operandOfGroup(x)
	}
	p, err := b.operandOfGroup(x.arg)
	if err != nil {
		return nil, err
	}
	return p.formatted(), nil
}

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
	p.cell, p.apply = fmt.Sprint("by", i), nil
	if name != x {
		p.cell, p.as = fmt.Sprint("grouping", i), db.KindInt
	}
	return p, nil
}

// aggregate binds an aggregate, once however often it is named.
func (b *binder) aggregate(x *expr) (*Path, *Error) {
	if x.arg.arg != nil {
		return nil, beyond("the function " + x.name.text + " of a function")
	}
	p, err := b.path(x.arg.name)
	if err != nil {
		return nil, err
	}
	function := strings.ToUpper(x.name.text)
	if !p.hasAggregate(function) {
		return nil, &Error{code: "INVALID_FIELD", at: x.arg.name.at, message: fmt.Sprintf("field %s does not support aggregate operator %s", p.Names[len(p.Names)-1], function)}
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

// hasAggregate says which functions a type has (SOQL reference, Support for
// Field Types in Aggregate Functions).
func (p *Path) hasAggregate(function string) bool {
	if p.Last != nil && (!p.Last.Filterable || p.Last.Type == "multipicklist") {
		return false
	}
	switch k := p.kind(); k {
	case db.KindInt, db.KindNumber:
		return true
	case db.KindBool, db.KindTime, db.KindAddress:
		return false
	case db.KindID:
		return strings.HasPrefix(function, "COUNT") || function == "MIN" || function == "MAX"
	}
	return function != "SUM" && function != "AVG"
}

// groups makes the rows of the groups, in the order of each one's first row,
// those of fewer fields after them.
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
		r := &db.Row{Values: map[string]any{}}
		for i, by := range g.by {
			r.Values[fmt.Sprint("grouping", i)] = 1
			if set[i] {
				r.Values[fmt.Sprint("grouping", i)] = 0
				r.Values[fmt.Sprint("by", i)] = e.Follow(members[key][0], by, q.All)
			}
		}
		for _, a := range g.aggregates {
			r.Values[a.cell] = a.of(e, members[key], q.All)
		}
		if g.having.match(run, r) {
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

// of is the aggregate over rows. Null values do not count; over none of any
// other the sums, least and greatest values are null.
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

// renderGroup is a group as a query answers it, without a url (SALESFORCE.md 1).
func (e *Engine) renderGroup(q *Query, r *db.Row) wire.Object {
	out := wire.Object{{Name: "attributes", Value: wire.Object{{Name: "type", Value: "AggregateResult"}}}}
	for _, c := range q.Group.columns {
		v := r.Values[c.path.cell]
		if v != nil && c.path.apply != nil {
			v = c.path.apply(v)
		}
		out.Add(c.name, v)
	}
	return out
}

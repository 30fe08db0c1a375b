// SPDX-License-Identifier: Apache-2.0

package query

import (
	"fmt"
	"slices"
	"strings"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/db"
)

// bindGroups binds a statement that groups, except for FROM and WHERE.
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

// ordered changes the message to that of ORDER BY, for a field that is not grouped.
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
		return nil, &Error{
			code: "INVALID_FIELD", at: x.name.at,
			message: fmt.Sprintf("field '%s' can not be grouped in a query call", f.Name),
		}
	}
	return p, nil
}

// groupable reports whether a field may be grouped: as in describes, but without multi-select
// picklists.
func groupable(f *db.Field) bool {
	switch f.Kind() {
	case db.KindNumber, db.KindDatetime, db.KindAddress, db.KindTime, db.KindBlob:
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

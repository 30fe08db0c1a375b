// SPDX-License-Identifier: Apache-2.0

package query

import (
	"slices"
	"strings"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/db"
)

// where binds a condition.
func (b *binder) where(n node) (matcher, *Error) {
	switch n := n.(type) {
	case *andNode:
		parts, err := b.parts(n.parts)
		return allOf(parts), err
	case *orNode:
		parts, err := b.parts(n.parts)
		return anyOf(joinLikes(parts)), err
	case *notNode:
		part, err := b.where(n.part)
		return not{part}, err
	case *semiNode:
		return b.semiJoin(n)
	case *compareNode:
		return b.compare(n)
	}
	return allOf(nil), nil
}

func (b *binder) parts(nodes []node) ([]matcher, *Error) {
	matchers := make([]matcher, len(nodes))
	for i, n := range nodes {
		m, err := b.where(n)
		if err != nil {
			return nil, err
		}
		matchers[i] = m
	}
	return matchers, nil
}

func (b *binder) compare(n *compareNode) (matcher, *Error) {
	p, err := b.operand(n.operand)
	if err != nil {
		return nil, err
	}
	if err := checkOperator(p, n); err != nil {
		return nil, err
	}
	switch n.op {
	case "LIKE":
		t := n.values[0]
		if t.kind != tokenString {
			return nil, n.wrongLiteral(p)
		}
		return newLikeMatcher(p, []like{compileLike(t.pattern)}), nil
	case "INCLUDES", "EXCLUDES":
		return b.includes(p, n)
	case "IN", "NOT IN":
		return b.oneOf(p, n)
	case "=", "!=":
		if !isRange(n.values[0]) {
			return b.equals(p, n, n.values)
		}
	}
	return b.order(p, n, n.op, n.values[0])
}

func (b *binder) order(p *Path, n *compareNode, op string, t token) (matcher, *Error) {
	low, high, err := b.span(p, n, t)
	if err != nil {
		return nil, err
	}
	return &orderMatcher{path: p, op: op, low: low, high: high}, nil
}

// oneOf binds IN and NOT IN. A list may hold date literals, which match all values in their
// span (jetstreamapp/soql-parser-js#92, ZackFra/Salesforce-Moxygen#125); whether NOT IN then
// finds rows without a value is unknown.
func (b *binder) oneOf(p *Path, n *compareNode) (matcher, *Error) {
	var spans anyOf
	var values []token
	for _, t := range n.values {
		if !isRange(t) {
			values = append(values, t)
			continue
		}
		m, err := b.order(p, n, "=", t)
		if err != nil {
			return nil, err
		}
		spans = append(spans, m)
	}
	set, err := b.equals(p, n, values)
	switch {
	case err != nil || spans == nil:
		return set, err
	case n.op == "NOT IN":
		return nil, unsupported("date literals in NOT IN")
	}
	return append(spans, set), nil
}

func checkOperator(p *Path, n *compareNode) *Error {
	bad := &Error{
		code: "INVALID_QUERY_FILTER_OPERATOR", at: n.operand.name.at,
		message: "invalid operator on " + p.typeName() + " field",
	}
	multi := p.Last != nil && p.Last.Type == "multipicklist"
	if p.function == distance && n.op != "<" && n.op != ">" { // SOQL reference, DISTANCE
		return bad
	}
	switch k := p.kind(); n.op {
	case "LIKE":
		if k != db.KindText && k != db.KindEmail && k != db.KindPicklist || multi {
			return bad
		}
	case "INCLUDES", "EXCLUDES":
		if !multi {
			return bad
		}
	case "<", "<=", ">", ">=":
		if k == db.KindBool || multi {
			return bad
		}
	}
	return nil
}

// equals binds the operators that compare for equality, over any number of values, as one
// lookup in a set.
func (b *binder) equals(p *Path, n *compareNode, values []token) (matcher, *Error) {
	m := &setMatcher{path: p, negated: n.op == "!=" || n.op == "NOT IN", keys: make(map[string]struct{}, len(values))}
	for _, t := range values {
		v, err := b.literal(p, n, t)
		if err != nil {
			return nil, err
		}
		if v == nil {
			m.null = true
			continue
		}
		m.keys[p.key(v)] = struct{}{}
	}
	return m, nil
}

func (b *binder) includes(p *Path, n *compareNode) (matcher, *Error) {
	m := &includesMatcher{path: p, negated: n.op == "EXCLUDES"}
	for _, t := range n.values {
		if t.kind != tokenString {
			return nil, n.wrongLiteral(p)
		}
		m.sets = append(m.sets, strings.Split(strings.ToLower(t.value), ";"))
	}
	return m, nil
}

// semiJoin runs the inner query first, which makes it a set of ids. Its limits are those of
// the SOQL reference; the texts are unverified.
func (b *binder) semiJoin(n *semiNode) (matcher, *Error) {
	if b.group != nil {
		return nil, malformed(n.at, "Semi join sub-selects are not allowed in HAVING")
	}
	p, err := b.operand(n.operand)
	if err != nil {
		return nil, err
	}
	name := n.operand.name
	if p.Last == nil || p.Last.Kind() != db.KindID || p.as != db.KindUnknown {
		return nil, &Error{
			code: "INVALID_QUERY_FILTER_OPERATOR", at: name.at,
			message: "semi join operands must be of type id or reference",
		}
	}
	if len(p.hops) > 0 {
		return nil, malformed(name.at, "The left operand '%s' of a semi join cannot use a relationship", name.text)
	}
	inner, err := b.engine.bindSemiJoin(n, b)
	if err != nil {
		return nil, err
	}
	column := inner.Paths[0]
	if !slices.ContainsFunc(column.pointsAt(), func(object string) bool {
		return slices.Contains(p.pointsAt(), object)
	}) {
		return nil, malformed(n.at,
			"The selected field '%s' in the subquery and the left operand field in the where expression"+
				" in the outer query '%s' should point to the same object type", column.Last.Name, p.Last.Name)
	}
	m := &setMatcher{path: p, negated: n.not, keys: map[string]struct{}{}}
	for _, r := range b.engine.Run(inner) {
		if v := b.engine.Follow(r, column, b.all); v != nil {
			m.keys[p.key(v)] = struct{}{}
		}
	}
	return m, nil
}

func (e *Engine) bindSemiJoin(n *semiNode, outer *binder) (*Query, *Error) {
	from := n.query.from
	if from.is("Task") || from.is("Event") {
		return nil, malformed(from.at, "Entity '%s' is not supported for semi join inner selects", from.text)
	}
	inner, err := e.bind(n.query, outer.all)
	if err != nil {
		return nil, err
	}
	if inner.Obj == outer.obj {
		return nil, malformed(n.at, "The inner and outer selects should not be on the same object type")
	}
	if len(inner.Shape.Members) != 1 || len(inner.Paths) != 1 || inner.Group != nil || inner.Paths[0].Last == nil ||
		inner.Paths[0].kind() != db.KindID {
		return nil, malformed(n.at, "semi join sub-selects must select one id or reference field")
	}
	if len(inner.Paths[0].hops) > 0 {
		return nil, malformed(n.at, "The selected field '%s' in the subquery cannot use a relationship",
			strings.Join(inner.Paths[0].Names, "."))
	}
	return inner, nil
}

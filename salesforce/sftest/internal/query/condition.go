// SPDX-License-Identifier: Apache-2.0

package query

import "strings"

// condition reads terms joined by AND or by OR. The two may not be mixed without parentheses
// (docs/salesforce.md, SOQL), and a NOT beside other terms needs parentheses too.
func (p *parser) condition() node {
	if p.accept("NOT") {
		part := p.term()
		p.refuseSemiJoins("NOT", part)
		return &notNode{part}
	}
	parts := []node{p.term()}
	joint := ""
	for p.peek().is("AND") || p.peek().is("OR") {
		word := strings.ToUpper(p.peek().text)
		if joint != "" && joint != word {
			panic(unexpected(p.peek()))
		}
		joint = word
		p.next++
		parts = append(parts, p.term())
	}
	switch joint {
	case "AND":
		return &andNode{parts}
	case "OR":
		p.refuseSemiJoins("OR", parts...)
		return &orNode{parts}
	}
	return parts[0]
}

// refuseSemiJoins refuses semi-joins under OR (docs/salesforce.md, SOQL) and NOT (SOQL
// reference, semi-joins; that text is by analogy).
func (p *parser) refuseSemiJoins(operator string, parts ...node) {
	for _, part := range parts {
		switch part := part.(type) {
		case *semiNode:
			panic(malformed(part.at, "Semi join sub-selects are not allowed with the '%s' operator", operator))
		case *andNode:
			p.refuseSemiJoins(operator, part.parts...)
		}
	}
}

func (p *parser) term() node {
	if p.accept("(") {
		inner := p.condition()
		p.expect(")")
		return inner
	}
	return p.comparison()
}

func (p *parser) comparison() node {
	operand := p.expr()
	op := p.operator()
	switch op {
	case "IN", "NOT IN":
		if p.follows("(", "SELECT") {
			return p.semiJoin(operand, op == "NOT IN")
		}
		return &compareNode{operand: operand, op: op, values: p.list()}
	case "INCLUDES", "EXCLUDES":
		return &compareNode{operand: operand, op: op, values: p.list()}
	}
	return &compareNode{operand: operand, op: op, values: []token{p.value()}}
}

func (p *parser) operator() string {
	if p.accept("NOT", "IN") {
		return "NOT IN"
	}
	t := p.take()
	for _, op := range []string{"=", "!=", "<>", "<", "<=", ">", ">=", "LIKE", "IN", "INCLUDES", "EXCLUDES"} {
		if t.is(op) {
			if op == "<>" {
				return "!="
			}
			return op
		}
	}
	panic(unexpected(t))
}

func (p *parser) list() []token {
	p.expect("(")
	values := []token{p.value()}
	for p.accept(",") {
		values = append(values, p.value())
	}
	p.expect(")")
	return values
}

// value reads a literal; value of a date literal's token is its n.
func (p *parser) value() token {
	t := p.take()
	switch {
	case t.is(":"):
		panic(bindVariable(t))
	case t.kind == tokenEnd, t.kind == tokenSymbol:
		panic(unexpected(t))
	case t.kind != tokenName, t.is("null"), t.is("true"), t.is("false"):
		return t
	}
	literal, ok := dateLiteralOf(t.text)
	if !ok {
		panic(unexpected(t))
	}
	if literal.counted {
		p.expect(":")
		if t.value = p.peek().text; strings.HasPrefix(t.value, "+") {
			panic(unexpected(p.peek()))
		}
		p.integer()
	}
	return t
}

func (p *parser) semiJoin(operand *expr, not bool) node {
	at := p.peek().at
	p.depth++
	p.semis++
	if p.depth > 1 {
		panic(malformed(at, "Nesting of semi join sub-selects is not supported"))
	}
	if p.semis > 2 {
		panic(malformed(at, "Maximum 2 semi join sub-selects are allowed."))
	}
	p.expect("(")
	query := p.selectStatement()
	p.expect(")")
	p.depth--
	return &semiNode{operand: operand, not: not, query: query, at: at}
}

// SPDX-License-Identifier: Apache-2.0

package query

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

type parser struct {
	tokens []token
	next   int
	depth  int // of semi-joins
	semis  int
}

// parse parses one statement. Errors are thrown as *Error within the parser and caught here.
func parse(text string) (s *statement, refused *Error) {
	tokens, err := lex(text)
	if err != nil {
		return nil, err
	}
	defer func() {
		switch thrown := recover().(type) {
		case nil:
		case *Error:
			s, refused = nil, thrown
		default:
			panic(thrown)
		}
	}()
	p := &parser{tokens: tokens}
	s = p.selectStatement()
	p.clauses(s)
	if p.peek().kind != tokenEnd {
		panic(unexpected(p.peek()))
	}
	return s, nil
}

func (p *parser) peek() token { return p.ahead(0) }

func (p *parser) ahead(n int) token { return p.tokens[min(p.next+n, len(p.tokens)-1)] }

func (p *parser) take() token {
	t := p.tokens[p.next]
	if t.kind != tokenEnd {
		p.next++
	}
	return t
}

// follows reports whether the next tokens are the words.
func (p *parser) follows(words ...string) bool {
	for i, word := range words {
		if !p.ahead(i).is(word) {
			return false
		}
	}
	return true
}

func (p *parser) accept(words ...string) bool {
	if !p.follows(words...) {
		return false
	}
	p.next += len(words)
	return true
}

func (p *parser) expect(word string) {
	if !p.accept(word) {
		panic(unexpected(p.peek()))
	}
}

// reserved are the words that cannot be names. GROUP, ORDER, COUNT and others can: there is an
// object Group.
var reserved = strings.Fields(
	`AND AS ASC BIND BY CUBE DESC ELSE EXCLUDES FALSE FIRST FOR FROM HAVING IN INCLUDES LAST LIKE LIMIT
	NOT NULL NULLS OR ROLLUP SELECT TRUE UPDATE USING WHERE WITH`,
)

func isName(t token) bool {
	return t.kind == tokenName && !slices.ContainsFunc(reserved, t.is)
}

func (p *parser) name() token {
	if t := p.peek(); !isName(t) {
		panic(unexpected(t))
	}
	return p.take()
}

func (p *parser) selectStatement() *statement {
	s := &statement{limit: -1, offset: -1}
	p.expect("SELECT")
	if p.accept("COUNT", "(", ")") {
		s.count = true
	} else {
		p.selectList(s)
	}
	p.expect("FROM")
	p.from(s)
	if p.accept("WHERE") {
		s.where = p.condition()
	}
	return s
}

func (p *parser) from(s *statement) {
	s.from = p.name()
	s.alias = p.fromAlias().text
	for p.accept(",") {
		s.joins = append(s.joins, join{path: p.name(), alias: p.fromAlias()})
	}
	if p.accept("USING") {
		p.expect("SCOPE")
		s.scope = p.name()
	}
}

// fromAlias reads a name that does not begin the next clause.
func (p *parser) fromAlias() token {
	switch {
	case p.accept("AS"):
		return p.name()
	case p.follows("ALL", "ROWS"):
		panic(malformed(p.peek().at, "ALL ROWS not allowed in this context"))
	case !isName(p.peek()), p.clauseFollows():
		return token{}
	}
	return p.take()
}

// clauseFollows reports whether the next name begins a clause and is not an alias.
func (p *parser) clauseFollows() bool {
	return p.follows("GROUP", "BY") || p.follows("ORDER", "BY") ||
		p.peek().is("OFFSET") && p.ahead(1).kind == tokenNumber
}

func (p *parser) selectList(s *statement) {
	for {
		s.items = append(s.items, p.selectItem())
		if !p.accept(",") {
			return
		}
	}
}

func (p *parser) selectItem() item {
	switch {
	case p.follows("(", "SELECT"):
		return item{child: p.childQuery()}
	case p.peek().is("TYPEOF") && isName(p.ahead(1)) && p.ahead(2).is("WHEN"):
		return item{typeOf: p.typeOf()}
	}
	it := item{expr: p.expr()}
	if isName(p.peek()) && !p.clauseFollows() {
		it.alias = p.take()
	}
	return it
}

func (p *parser) childQuery() *statement {
	p.expect("(")
	child := p.selectStatement()
	p.clauses(child)
	p.expect(")")
	if isName(p.peek()) {
		panic(unsupported("an alias of a query of child rows"))
	}
	return child
}

func (p *parser) typeOf() *typeOfItem {
	p.expect("TYPEOF")
	t := &typeOfItem{relationship: p.name()}
	for p.accept("WHEN") {
		object := p.name()
		p.expect("THEN")
		t.cases = append(t.cases, typeCase{object: object, fields: p.names()})
	}
	if p.accept("ELSE") {
		t.cases = append(t.cases, typeCase{fields: p.names()})
	}
	p.expect("END")
	return t
}

func (p *parser) names() []token {
	names := []token{p.name()}
	for p.accept(",") {
		names = append(names, p.name())
	}
	return names
}

// expr reads a field or a function of one.
func (p *parser) expr() *expr {
	x := &expr{name: p.name()}
	if !p.peek().is("(") {
		return x
	}
	if x.name.is(distance) {
		p.placeOf(x)
		return x
	}
	if !isFunction(x.name) {
		panic(unexpected(p.peek()))
	}
	p.expect("(")
	x.arg = p.expr()
	p.expect(")")
	return x
}

// clauses reads what may follow WHERE in all but a semi-join.
func (p *parser) clauses(s *statement) {
	if p.peek().is("WITH") {
		// Documented for Apex, data categories and feeds, not for REST.
		if p.ahead(1).kind == tokenEnd {
			panic(unexpected(p.ahead(1)))
		}
		panic(unsupported("WITH in a query"))
	}
	if p.accept("GROUP", "BY") {
		p.groupBy(s)
	}
	if p.accept("ORDER", "BY") {
		p.orderBy(s)
	}
	if p.accept("LIMIT") {
		s.limit = p.integer()
	}
	if p.accept("OFFSET") {
		s.offset = p.integer()
	}
	if s.view = p.accept("FOR"); s.view && !p.accept("VIEW") && !p.accept("REFERENCE") {
		panic(unexpected(p.peek())) // FOR UPDATE is for Apex
	}
	if p.peek().is("UPDATE") {
		panic(unsupported("UPDATE in a query"))
	}
	if p.follows("ALL", "ROWS") {
		panic(malformed(p.peek().at, "ALL ROWS not allowed in this context"))
	}
}

func (p *parser) groupBy(s *statement) {
	if p.peek().is(rollup) || p.peek().is(cube) {
		s.subsets = strings.ToUpper(p.take().text)
		p.expect("(")
	}
	for {
		s.groupBy = append(s.groupBy, p.expr())
		if !p.accept(",") {
			break
		}
	}
	if s.subsets != "" {
		p.expect(")")
	}
	if p.accept("HAVING") {
		s.having = p.condition()
	}
}

func (p *parser) integer() int {
	t := p.take()
	if t.is(":") {
		panic(bindVariable(t))
	}
	n, err := strconv.Atoi(t.text)
	if t.kind != tokenNumber || err != nil || n < 0 {
		panic(unexpected(t))
	}
	return n
}

func bindVariable(t token) *Error {
	return malformed(t.at, "Bind variables only allowed in Apex code")
}

func (p *parser) orderBy(s *statement) {
	for {
		o := ordering{expr: p.expr()}
		if p.accept("DESC") {
			o.desc = true
		} else {
			p.accept("ASC")
		}
		if p.accept("NULLS") {
			o.nullsLast = p.peek().is("LAST")
			if !p.accept("LAST") {
				p.expect("FIRST")
			}
		}
		s.orderBy = append(s.orderBy, o)
		if !p.accept(",") {
			return
		}
	}
}

// placeOf reads the rest of DISTANCE(field, GEOLOCATION(37.8, -122.4), 'mi').
func (p *parser) placeOf(x *expr) {
	p.expect("(")
	x.arg = &expr{name: p.name()}
	p.expect(",")
	p.expect("GEOLOCATION")
	p.expect("(")
	x.place = &geolocation{latitude: p.degrees(90)}
	p.expect(",")
	x.place.longitude = p.degrees(180)
	p.expect(")")
	p.expect(",")
	unit := p.take()
	if x.place.unit = unit.value; unit.kind != tokenString || unit.value != "mi" && unit.value != "km" {
		panic(unexpected(unit))
	}
	p.expect(")")
}

func (p *parser) degrees(most float64) float64 {
	t := p.take()
	n, err := strconv.ParseFloat(t.text, 64)
	if t.kind != tokenNumber || err != nil || math.Abs(n) > most {
		panic(unexpected(t))
	}
	return n
}

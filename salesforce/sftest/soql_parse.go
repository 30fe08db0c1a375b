package sftest

import (
	"strconv"
	"strings"
)

// A statement is a parsed query.
type statement struct {
	fields  []token // dotted names, or FIELDS(ALL) as one token
	count   bool    // SELECT count()
	from    token
	alias   string
	where   node // nil without WHERE
	orderBy []ordering
	limit   int // -1 without LIMIT
	offset  int
}

type ordering struct {
	field     token
	desc      bool
	nullsLast bool
}

// A node is a part of a WHERE clause.
type node interface{}

type (
	andNode struct{ parts []node }
	orNode  struct{ parts []node }
	notNode struct{ part node }
	// compareNode is field op value; IN, NOT IN, INCLUDES and EXCLUDES have
	// several values.
	compareNode struct {
		field  token
		op     string
		values []token
	}
	// semiNode is field [NOT] IN (SELECT ...).
	semiNode struct {
		field token
		not   bool
		query *statement
		at    int
	}
)

// unsupported is a statement that Salesforce would run and the fake cannot.
type unsupported struct{ what string }

type parser struct {
	tokens []token
	next   int
	depth  int // of semi-joins
	semis  int
}

// parse reads one statement. Errors are thrown as *soqlError or unsupported
// within the parser, and caught here.
func parse(text string) (s *statement, refused *soqlError, missing *unsupported) {
	tokens, err := lex(text)
	if err != nil {
		return nil, err, nil
	}
	defer func() {
		switch thrown := recover().(type) {
		case nil:
		case *soqlError:
			s, refused = nil, thrown
		case unsupported:
			s, missing = nil, &thrown
		default:
			panic(thrown)
		}
	}()
	p := &parser{tokens: tokens}
	s = p.selectStatement()
	if p.peek().kind != tokenEnd {
		p.refuseRest(p.peek())
	}
	return s, nil, nil
}

func (p *parser) peek() token { return p.tokens[p.next] }

func (p *parser) take() token {
	t := p.tokens[p.next]
	if t.kind != tokenEnd {
		p.next++
	}
	return t
}

func (p *parser) accept(words ...string) bool {
	for i, word := range words {
		if p.next+i >= len(p.tokens) || !p.tokens[p.next+i].is(word) {
			return false
		}
	}
	p.next += len(words)
	return true
}

func (p *parser) expect(word string) {
	if t := p.peek(); !t.is(word) {
		panic(unexpected(t))
	}
	p.next++
}

func (p *parser) name() token {
	t := p.take()
	if t.kind != tokenName {
		panic(unexpected(t))
	}
	return t
}

func (p *parser) selectStatement() *statement {
	s := &statement{limit: -1}
	p.expect("SELECT")
	p.selectList(s)
	p.expect("FROM")
	s.from = p.name()
	if t := p.peek(); t.kind == tokenName && !isClause(t) {
		s.alias = p.take().text
	}
	p.clauses(s)
	return s
}

func isClause(t token) bool {
	for _, word := range strings.Fields("WHERE ORDER GROUP HAVING LIMIT OFFSET FOR USING WITH ALL UPDATE") {
		if t.is(word) {
			return true
		}
	}
	return false
}

func (p *parser) selectList(s *statement) {
	for {
		p.selectItem(s)
		if !p.accept(",") {
			return
		}
	}
}

func (p *parser) selectItem(s *statement) {
	if p.peek().is("(") {
		panic(unsupported{"a query of child rows (SELECT in SELECT)"})
	}
	if p.peek().is("TYPEOF") {
		panic(unsupported{"TYPEOF"})
	}
	name := p.name()
	if !p.accept("(") {
		s.fields = append(s.fields, name)
		return
	}
	switch {
	case name.is("COUNT") && p.accept(")"):
		s.count = true
	case name.is("FIELDS"):
		which := p.name()
		p.expect(")")
		name.text = "FIELDS(" + strings.ToUpper(which.text) + ")"
		s.fields = append(s.fields, name)
	default:
		panic(unsupported{"the function " + name.text})
	}
}

func (p *parser) clauses(s *statement) {
	if p.accept("WHERE") {
		s.where = p.condition()
	}
	if p.peek().is("GROUP") || p.peek().is("HAVING") {
		panic(unsupported{"GROUP BY"})
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
}

// refuseRest tells a clause that the fake lacks from a statement that is wrong.
func (p *parser) refuseRest(t token) {
	for _, word := range []string{"FOR", "USING", "WITH", "ALL", "UPDATE"} {
		if t.is(word) {
			panic(unsupported{word + " in a query"})
		}
	}
	panic(unexpected(t))
}

func (p *parser) integer() int {
	t := p.take()
	n, err := strconv.Atoi(t.text)
	if t.kind != tokenNumber || err != nil || n < 0 {
		panic(unexpected(t))
	}
	return n
}

func (p *parser) orderBy(s *statement) {
	for {
		o := ordering{field: p.name()}
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

// condition reads terms joined by AND or by OR. The two may not be mixed
// without parentheses (SALESFORCE.md 7).
func (p *parser) condition() node {
	first := p.term()
	parts := []node{first}
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
		p.refuseSemiJoins(parts)
		return &orNode{parts}
	}
	return first
}

// refuseSemiJoins: a semi-join may not stand under OR (SALESFORCE.md 7).
func (p *parser) refuseSemiJoins(parts []node) {
	for _, part := range parts {
		if semi, ok := part.(*semiNode); ok {
			panic(malformed(semi.at, "Semi join sub-selects are not allowed with the 'OR' operator"))
		}
	}
}

func (p *parser) term() node {
	switch {
	case p.accept("NOT"):
		return &notNode{p.term()}
	case p.accept("("):
		inner := p.condition()
		p.expect(")")
		return inner
	}
	return p.comparison()
}

func (p *parser) comparison() node {
	field := p.name()
	if p.peek().is("(") {
		panic(unsupported{"the function " + field.text + " in a condition"})
	}
	op := p.operator()
	switch op {
	case "IN", "NOT IN":
		if at := p.peek().at; p.tokens[min(p.next+1, len(p.tokens)-1)].is("SELECT") {
			return p.semiJoin(field, op == "NOT IN", at)
		}
		return &compareNode{field: field, op: op, values: p.list()}
	case "INCLUDES", "EXCLUDES":
		return &compareNode{field: field, op: op, values: p.list()}
	}
	return &compareNode{field: field, op: op, values: []token{p.value()}}
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

func (p *parser) value() token {
	t := p.take()
	if t.kind == tokenEnd || t.kind == tokenSymbol {
		panic(unexpected(t))
	}
	if t.kind == tokenName && strings.HasSuffix(strings.ToUpper(t.text), "_N_DAYS") {
		p.expect(":")
		t.value = strconv.Itoa(p.integer())
	}
	return t
}

func (p *parser) semiJoin(field token, not bool, at int) node {
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
	return &semiNode{field: field, not: not, query: query, at: at}
}

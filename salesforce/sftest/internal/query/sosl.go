// SPDX-License-Identifier: Apache-2.0

package query

import (
	"slices"
	"strings"
)

var searchGroups = []string{"ALL", "NAME", "EMAIL", "PHONE", "SIDEBAR"}

// compileSearch parses FIND {...} [IN group FIELDS] [RETURNING objects] [LIMIT n] (SOSL
// reference). The fake does not support the rest of SOSL: WITH, UPDATE, USING LISTVIEW.
func (e *Engine) compileSearch(text string) (*search, *Error) {
	open, end := strings.IndexByte(text, '{'), closingBrace(text)
	head := strings.TrimSpace(text[:max(open, 0)])
	if !strings.EqualFold(head, "FIND") || end < 0 {
		return nil, badSearch(-1, "No search term found. The search term must be enclosed in braces.")
	}
	term, err := parseTerm(text[open+1:end], open+1)
	if err != nil {
		return nil, err
	}
	// Blanks replace the term, so that offsets in the rest are those of the whole.
	tokens, err := lex(strings.Repeat(" ", end+1) + text[end+1:])
	if err != nil {
		err.code = malformedSearch
		return nil, err
	}
	s := &search{term: term, group: "ALL", limit: maxFound}
	p := &soslParser{parser: parser{tokens: tokens}, engine: e}
	if err := p.try(func() { p.rest(s) }); err != nil {
		return nil, err
	}
	return s, nil
}

// closingBrace finds the first brace without a backslash before it.
func closingBrace(text string) int {
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '}':
			return i
		}
	}
	return -1
}

type soslParser struct {
	parser
	engine *Engine
}

// try catches the errors that parsers throw.
func (p *soslParser) try(do func()) (err *Error) {
	defer func() {
		switch thrown := recover().(type) {
		case nil:
		case *Error:
			err = thrown
			if err.code == "MALFORMED_QUERY" {
				err.code = malformedSearch
			}
		default:
			panic(thrown)
		}
	}()
	do()
	return nil
}

func (p *soslParser) rest(s *search) {
	if p.accept("IN") {
		group := p.take()
		s.group = strings.ToUpper(group.text)
		if !slices.Contains(searchGroups, s.group) {
			panic(unexpected(group))
		}
		p.expect("FIELDS")
	}
	if p.accept("RETURNING") {
		s.from = append(s.from, p.returning())
		for p.accept(",") {
			s.from = append(s.from, p.returning())
		}
	} else {
		s.from = p.engine.searchable()
	}
	if p.peek().is("WITH") || p.peek().is("UPDATE") {
		panic(unsupported(strings.ToUpper(p.peek().text) + " in a search"))
	}
	if p.accept("LIMIT") {
		s.limit = p.integer()
	}
	if p.peek().kind != tokenEnd {
		panic(unexpected(p.peek()))
	}
}

// returning reads Object(fields WHERE ... ORDER BY ... LIMIT n OFFSET n).
func (p *soslParser) returning() *Query {
	s := &statement{limit: -1, offset: -1, from: p.name()}
	s.items = []item{{expr: &expr{name: token{kind: tokenName, text: "Id", at: s.from.at}}}}
	if p.accept("(") {
		s.items = nil
		p.selectList(s)
		if p.peek().is("USING") {
			panic(unsupported("USING in a search"))
		}
		if p.accept("WHERE") {
			s.where = p.condition()
		}
		p.clauses(s)
		p.expect(")")
	}
	q, err := p.engine.bind(s, false)
	if err != nil {
		panic(err)
	}
	if q.Group != nil {
		panic(badSearch(s.from.at, "a search cannot aggregate"))
	}
	return q
}

const (
	maxFound      = 2_000  // rows of a search (docs/salesforce.md, Queries)
	maxSearchText = 10_000 // characters; a longer search finds nothing (docs/salesforce.md, Queries)
)

// A search is a bound SOSL statement or parameterized search.
type search struct {
	term  term
	group string // of the fields looked at: ALL, NAME, EMAIL, PHONE or SIDEBAR
	from  []*Query
	limit int
}

// searchable returns queries for the ids of all objects that a search without RETURNING
// covers.
func (e *Engine) searchable() []*Query {
	var queries []*Query
	for _, name := range []string{"Account", "Campaign", "Contact", "Lead", "Opportunity", "Task", "User"} {
		if q, err := e.Compile("SELECT Id FROM "+name, false); err == nil {
			queries = append(queries, q)
		}
	}
	return queries
}

// SPDX-License-Identifier: Apache-2.0

package query

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/db"
	"github.com/leadsync/leadsync/salesforce/sftest/internal/wire"
)

// Search answers /search?q=FIND {...}. Rows are found at once, while Salesforce indexes new
// ones with a delay (docs/salesforce.md, Queries, unverified).
func (e *Engine) Search(req *wire.Request) *wire.Reply {
	text := req.Query.Get("q")
	req.Note.AddSOQL(text)
	if utf8.RuneCountInString(text) > maxSearchText {
		return found(req, []any{})
	}
	s, err := e.compileSearch(text)
	switch {
	case err != nil && err.Unsupported != "":
		return e.db.Unsupported(err.Unsupported)
	case err != nil:
		return err.Reply(text).Reply()
	}
	return found(req, e.look(req, s))
}

// found returns the answer to a search; before v37 it was the list alone (REST API guide,
// Search).
func found(req *wire.Request, rows []any) *wire.Reply {
	if req.Path[0] == "search" && !req.Since(37) {
		return wire.Answer(200, rows)
	}
	return wire.Answer(200, wire.Object{{Name: "searchRecords", Value: rows}})
}

// look runs a search. Converted Leads are not found
// (docs/salesforce.md, Records).
func (e *Engine) look(req *wire.Request, s *search) []any {
	rows := []any{}
	for _, q := range s.from {
		fields := searchFields(q.Obj, s.group)
		hits := *q
		hits.where = allOf{q.where, matchFunc(func(r *db.Row) bool {
			return r.Get("IsConverted") != true && s.term.match(e.wordsOf(r, fields))
		})}
		for _, r := range e.Run(&hits) {
			if len(rows) == min(s.limit, maxFound) {
				return rows
			}
			rows = append(rows, e.answerRow(q, r, req.Version))
		}
	}
	return rows
}

// matchFunc is a matcher that only looks at the row.
type matchFunc func(*db.Row) bool

func (m matchFunc) match(_ *evaluation, r *db.Row) bool      { return m(r) }
func (m matchFunc) candidates(*evaluation) ([]*db.Row, bool) { return nil, false }

// searchFields returns the fields that a group searches (SOSL reference, IN).
func searchFields(obj *db.Object, group string) []*db.Field {
	var fields []*db.Field
	for _, f := range obj.Fields {
		looked := false
		switch group {
		case "NAME":
			looked = f.Name == "Name" || f.Compound == "Name"
		case "EMAIL":
			looked = f.Kind() == db.KindEmail
		case "PHONE":
			looked = f.Type == "phone"
		case "SIDEBAR":
			looked = f.Type != "textarea" && (f.Kind() == db.KindText || f.Kind() == db.KindEmail)
		default:
			looked = f.Kind() == db.KindText || f.Kind() == db.KindEmail
		}
		if looked && !f.Hidden {
			fields = append(fields, f)
		}
	}
	return fields
}

// wordsOf returns the words of each field that has any.
func (e *Engine) wordsOf(r *db.Row, fields []*db.Field) [][]string {
	var words [][]string
	for _, f := range fields {
		if text, ok := e.db.Value(r, f).(string); ok {
			words = append(words, splitWords(text))
		}
	}
	return words
}

// ParameterizedSearch answers GET and POST /parameterizedSearch: the same search as
// parameters.
func (e *Engine) ParameterizedSearch(req *wire.Request) *wire.Reply {
	p := searchParameters{q: req.Query.Get("q"), in: req.Query.Get("in"), fields: req.Query.Get("fields")}
	p.overall, p.each = req.Query.Get("overallLimit"), req.Query.Get("defaultLimit")
	for _, name := range []string{"dataCategory", "division", "pricebookId"} {
		if req.Query.Has(name) { // they narrow a search
			return e.db.Unsupported(name + " in a parameterized search")
		}
	}
	if req.Method == "POST" {
		if req.BodyErr != nil {
			return req.BodyErr.Reply()
		}
		body, _ := req.Body.(wire.Object)
		p.readBody(body)
	} else {
		p.readQuery(req.Query)
	}
	req.Note.AddSOQL(p.q)
	s, err := e.planSearch(p)
	switch {
	case err != nil && err.Unsupported != "":
		return e.db.Unsupported(err.Unsupported)
	case err != nil:
		err.at = -1
		return err.Reply("").Reply()
	}
	return found(req, e.look(req, s))
}

// searchParameters are those of a parameterized search.
type searchParameters struct {
	q, in, fields, overall, each string
	objects                      []searchObject
}

type searchObject struct{ name, fields, where, orderBy, limit, offset string }

func (p *searchParameters) readQuery(query map[string][]string) {
	get := func(name string) string { return strings.Join(query[name], ",") }
	for _, name := range wire.Split(get("sobject"), ",") {
		p.objects = append(p.objects, searchObject{
			name: name, fields: get(name + ".fields"), where: get(name + ".where"), orderBy: get(name + ".orderBy"),
			limit: get(name + ".limit"), offset: get(name + ".offset"),
		})
	}
}

func (p *searchParameters) readBody(body wire.Object) {
	number := func(o wire.Object, name string) string {
		if v, ok := o.Get(name); ok && v != nil {
			return fmt.Sprint(v)
		}
		return ""
	}
	p.q, p.in, p.fields = body.Text("q"), body.Text("in"), strings.Join(body.Texts("fields"), ",")
	p.overall, p.each = number(body, "overallLimit"), number(body, "defaultLimit")
	list, _ := body.Get("sobjects")
	objects, _ := list.([]any)
	for _, v := range objects {
		o, _ := v.(wire.Object)
		p.objects = append(p.objects, searchObject{
			name: o.Text("name"), fields: strings.Join(o.Texts("fields"), ","), where: o.Text("where"),
			orderBy: o.Text("orderBy"),
			limit:   number(o, "limit"), offset: number(o, "offset"),
		})
	}
}

// planSearch binds the parameters of a search. Objects without fields of their own use the
// common ones.
func (e *Engine) planSearch(p searchParameters) (*search, *Error) {
	term, err := parseTerm(p.q, 0)
	if err != nil {
		return nil, err
	}
	s := &search{term: term, group: strings.ToUpper(p.in), limit: maxFound}
	if s.group != "" && !slices.Contains(searchGroups, s.group) {
		return nil, badSearch(-1, "unknown value of the parameter in: %s", p.in)
	}
	if s.limit, err = limitOf(p.overall, maxFound); err != nil {
		return nil, err
	}
	if len(p.objects) == 0 {
		s.from = e.searchable()
	}
	for _, object := range p.objects {
		object.fields = strings.Join(append(wire.Split(object.fields, ","), wire.Split(p.fields, ",")...), ",")
		if object.limit == "" {
			object.limit = p.each
		}
		q, err := e.bindReturning(object.soql())
		if err != nil {
			return nil, err
		}
		s.from = append(s.from, q)
	}
	return s, nil
}

func limitOf(text string, most int) (int, *Error) {
	if text == "" {
		return most, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > most {
		return 0, badSearch(-1, "a limit is a number from 1 to %d", most)
	}
	return n, nil
}

// soql returns the query of an object's rows.
func (s searchObject) soql() string {
	text := "SELECT " + s.fields
	if s.fields == "" {
		text += "Id"
	}
	text += " FROM " + s.name
	for _, clause := range [][2]string{
		{" WHERE ", s.where}, {" ORDER BY ", s.orderBy}, {" LIMIT ", s.limit}, {" OFFSET ", s.offset},
	} {
		if clause[1] != "" {
			text += clause[0] + clause[1]
		}
	}
	return text
}

func (e *Engine) bindReturning(soql string) (*Query, *Error) {
	q, err := e.Compile(soql, false)
	if err != nil && err.Unsupported == "" && err.code == "MALFORMED_QUERY" {
		err.code = malformedSearch
	}
	if q != nil && (q.Group != nil || q.Count) {
		return nil, badSearch(-1, "a search cannot aggregate")
	}
	return q, err
}

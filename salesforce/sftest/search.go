package sftest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxFound      = 2_000  // rows of a search (SALESFORCE.md 1)
	maxSearchText = 10_000 // characters; a longer search finds nothing (SALESFORCE.md 1)
)

// A search is a bound SOSL statement, or what a parameterized search comes to.
type search struct {
	term  term
	group string // of the fields looked at: ALL, NAME, EMAIL, PHONE or SIDEBAR
	from  []*query
	limit int
}

// search answers /search?q=FIND {...}. The rows are found at once, where
// Salesforce's index takes a while to know new ones (SALESFORCE.md 1, memory).
func (e *engine) search(req *request) *reply {
	text := req.query.Get("q")
	req.entry.addSOQL(text)
	if utf8.RuneCountInString(text) > maxSearchText {
		return found(req, []any{})
	}
	s, err := e.compileSearch(text)
	switch {
	case err != nil && err.beyond != "":
		return e.db.surprised(err.beyond)
	case err != nil:
		return err.reply(text).reply()
	}
	return found(req, e.look(req, s))
}

// found is the answer to a search; before v37 it was the list alone (REST API
// guide, Search).
func found(req *request, rows []any) *reply {
	if req.path[0] == "search" && !req.since(37) {
		return answer(200, rows)
	}
	return answer(200, jsonObject{{name: "searchRecords", value: rows}})
}

// look runs a search. Converted Leads are not found (SALESFORCE.md 7).
func (e *engine) look(req *request, s *search) []any {
	rows := []any{}
	for _, q := range s.from {
		fields := searchFields(q.obj, s.group)
		hits := *q
		hits.where = allOf{q.where, matchFunc(func(r *row) bool { return r.values["IsConverted"] != true && s.term.match(e.wordsOf(r, fields)) })}
		for _, r := range e.run(&hits) {
			if len(rows) == min(s.limit, maxFound) {
				return rows
			}
			rows = append(rows, e.answerRow(q, r, req.version))
		}
	}
	return rows
}

// matchFunc is a matcher that only looks at the row.
type matchFunc func(*row) bool

func (m matchFunc) match(_ *evaluation, r *row) bool      { return m(r) }
func (m matchFunc) candidates(*evaluation) ([]*row, bool) { return nil, false }

// searchFields are the fields that a group looks at (SOSL reference, IN).
func searchFields(obj *object, group string) []*field {
	var fields []*field
	for _, f := range obj.fields {
		looked := false
		switch group {
		case "NAME":
			looked = f.Name == "Name" || f.compound == "Name"
		case "EMAIL":
			looked = f.kind() == kindEmail
		case "PHONE":
			looked = f.Type == "phone"
		case "SIDEBAR":
			looked = f.Type != "textarea" && (f.kind() == kindText || f.kind() == kindEmail)
		default:
			looked = f.kind() == kindText || f.kind() == kindEmail
		}
		if looked && !f.hidden {
			fields = append(fields, f)
		}
	}
	return fields
}

// wordsOf are the words of each field that has any.
func (e *engine) wordsOf(r *row, fields []*field) [][]string {
	var words [][]string
	for _, f := range fields {
		if text, ok := e.db.value(r, f).(string); ok {
			words = append(words, splitWords(text))
		}
	}
	return words
}

func splitWords(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) })
}

// parameterizedSearch answers GET and POST /parameterizedSearch: the same search
// said in parameters.
func (e *engine) parameterizedSearch(req *request) *reply {
	p := searchParameters{q: req.query.Get("q"), in: req.query.Get("in"), fields: req.query.Get("fields")}
	p.overall, p.each = req.query.Get("overallLimit"), req.query.Get("defaultLimit")
	for _, name := range []string{"dataCategory", "division", "pricebookId"} {
		if req.query.Has(name) { // they narrow a search
			return e.db.surprised(name + " in a parameterized search")
		}
	}
	if req.method == "POST" {
		if req.bodyErr != nil {
			return req.bodyErr.reply()
		}
		body, _ := req.body.(jsonObject)
		p.readBody(body)
	} else {
		p.readQuery(req.query)
	}
	req.entry.addSOQL(p.q)
	s, err := e.planSearch(p)
	switch {
	case err != nil && err.beyond != "":
		return e.db.surprised(err.beyond)
	case err != nil:
		err.at = -1
		return err.reply("").reply()
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
	for _, name := range split(get("sobject"), ",") {
		p.objects = append(p.objects, searchObject{
			name: name, fields: get(name + ".fields"), where: get(name + ".where"), orderBy: get(name + ".orderBy"),
			limit: get(name + ".limit"), offset: get(name + ".offset"),
		})
	}
}

func (p *searchParameters) readBody(body jsonObject) {
	number := func(o jsonObject, name string) string {
		if v, ok := o.get(name); ok && v != nil {
			return fmt.Sprint(v)
		}
		return ""
	}
	p.q, p.in, p.fields = body.text("q"), body.text("in"), strings.Join(body.texts("fields"), ",")
	p.overall, p.each = number(body, "overallLimit"), number(body, "defaultLimit")
	list, _ := body.get("sobjects")
	objects, _ := list.([]any)
	for _, v := range objects {
		o, _ := v.(jsonObject)
		p.objects = append(p.objects, searchObject{
			name: o.text("name"), fields: strings.Join(o.texts("fields"), ","), where: o.text("where"), orderBy: o.text("orderBy"),
			limit: number(o, "limit"), offset: number(o, "offset"),
		})
	}
}

// planSearch writes the parameters as SOSL says them. Objects without fields of
// their own take those of all.
func (e *engine) planSearch(p searchParameters) (*search, *soqlError) {
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
		object.fields = strings.Join(append(split(object.fields, ","), split(p.fields, ",")...), ",")
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

func limitOf(text string, most int) (int, *soqlError) {
	if text == "" {
		return most, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > most {
		return 0, badSearch(-1, "a limit is a number from 1 to %d", most)
	}
	return n, nil
}

// soql is the query of an object's rows.
func (s searchObject) soql() string {
	text := "SELECT " + s.fields
	if s.fields == "" {
		text += "Id"
	}
	text += " FROM " + s.name
	for _, clause := range [][2]string{{" WHERE ", s.where}, {" ORDER BY ", s.orderBy}, {" LIMIT ", s.limit}, {" OFFSET ", s.offset}} {
		if clause[1] != "" {
			text += clause[0] + clause[1]
		}
	}
	return text
}

func (e *engine) bindReturning(soql string) (*query, *soqlError) {
	q, err := e.compile(soql, false)
	if err != nil && err.beyond == "" && err.code == "MALFORMED_QUERY" {
		err.code = malformedSearch
	}
	if q != nil && (q.group != nil || q.count) {
		return nil, badSearch(-1, "a search cannot aggregate")
	}
	return q, err
}

// searchable are queries for the ids of all objects that a search goes through
// when it names none.
func (e *engine) searchable() []*query {
	var queries []*query
	for _, name := range []string{"Account", "Campaign", "Contact", "Lead", "Opportunity", "Task", "User"} {
		if q, err := e.compile("SELECT Id FROM "+name, false); err == nil {
			queries = append(queries, q)
		}
	}
	return queries
}

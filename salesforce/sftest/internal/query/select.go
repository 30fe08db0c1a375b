// SPDX-License-Identifier: Apache-2.0

package query

import (
	"fmt"
	"slices"
	"strings"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/db"
)

// A selection collects what a statement selects.
type selection struct {
	*binder
	s        *statement
	q        *Query
	taken    map[string]bool // names in the answer, lower-case
	children int
	unnamed  int // distances without an alias
	level    int
}

// selectItems binds the select list of a statement that answers rows. TYPEOF
// beside a function is refused (SOQL reference, TYPEOF; the text is not known).
func (b *binder) selectItems(s *statement, q *Query, level int) *Error {
	function := slices.IndexFunc(s.items, func(it item) bool { return it.expr != nil && it.expr.arg != nil })
	if function >= 0 && slices.ContainsFunc(s.items, func(it item) bool { return it.typeOf != nil }) {
		return malformed(s.items[function].expr.name.at, "functions are not allowed in a query with TYPEOF")
	}
	sel := &selection{binder: b, s: s, q: q, taken: map[string]bool{}, level: level}
	for _, it := range s.items {
		if err := sel.item(it); err != nil {
			return err
		}
	}
	return nil
}

func (e *selection) item(it item) *Error {
	switch {
	case it.child != nil:
		return e.child(it.child)
	case it.typeOf != nil:
		return e.typeOf(it.typeOf)
	case it.expr.arg != nil && it.expr.name.is(allFields):
		return e.allFields(it.expr)
	}
	p, err := e.selected(it.expr)
	if err != nil {
		return err
	}
	if it.alias.text != "" && it.expr.arg == nil {
		return malformed(it.alias.at, "only aggregate expressions use field aliasing")
	}
	return e.take(p, it.alias.text)
}

// selected binds a field, its label or its format.
func (e *selection) selected(x *expr) (*Path, *Error) {
	if x.arg == nil {
		return e.path(x.name)
	}
	switch {
	case x.name.is(distance):
		p, err := e.distance(x)
		if err == nil {
			p.Names[len(p.Names)-1] = fmt.Sprint("expr", e.unnamed)
			e.unnamed++
		}
		return p, err
	case x.name.is(convertCurrency) || x.arg.name.is(convertCurrency) && x.arg.arg != nil:
		// Only for orgs with several currencies (SOQL reference); the text is not known.
		return nil, malformed(x.name.at, "convertCurrency() can only be used in an org with several currencies")
	case x.name.is(groupingOf):
		return nil, noSubsets(x)
	case x.name.is(convertTimezone): // only within a date function (SOQL reference); the text is not known
		return nil, malformed(x.name.at, "convertTimezone() can only be used within a date function")
	case x.arg.arg != nil || !x.name.is(toLabel) && !x.name.is(formatted):
		return nil, unsupported("the function " + x.name.text + " in the select list")
	}
	p, err := e.path(x.arg.name)
	if err == nil && x.name.is(formatted) {
		return p.formatted(), nil
	}
	return p.labelled(), err
}

// take adds a path to the answer, once, under its own name or an alias (SOQL
// reference, FIELDS(): code and text).
func (e *selection) take(p *Path, alias string) *Error {
	shown := *p
	if alias != "" {
		shown.Names = append(slices.Clone(p.Names[:len(p.Names)-1]), alias)
	}
	if err := e.claim(strings.Join(shown.Names, ".")); err != nil {
		return err
	}
	e.q.Paths = append(e.q.Paths, &shown)
	e.q.Shape.add(&shown)
	return nil
}

// claim refuses a name that is selected already, or that is part of one that is: what TYPEOF
// shows cannot also be selected otherwise.
func (e *selection) claim(name string) *Error {
	lower := strings.ToLower(name)
	for taken := range e.taken {
		if lower == taken || strings.HasPrefix(lower, taken+".") || strings.HasPrefix(taken, lower+".") {
			return &Error{code: "INVALID_FIELD", at: -1, message: "duplicate field selected: " + name}
		}
	}
	e.taken[lower] = true
	return nil
}

// allFields selects FIELDS(ALL), FIELDS(STANDARD) or FIELDS(CUSTOM). Those with custom fields
// need a LIMIT of at most 200, or at most 200 ids.
func (e *selection) allFields(x *expr) *Error {
	const most = 200
	which := x.arg.name
	standard, custom := which.is("STANDARD"), which.is("CUSTOM")
	if !standard && !custom && !which.is("ALL") || x.arg.arg != nil {
		return unexpected(which)
	}
	ids, byID := countIDs(e.s.where)
	if !standard && (e.s.limit < 0 || e.s.limit > most) && (!byID || ids > most) {
		return malformed(x.name.at, "The SOQL FIELDS function must have a LIMIT of at most %d", most)
	}
	for _, f := range e.obj.Fields {
		if f.Hidden || standard && f.Custom || custom && !f.Custom {
			continue
		}
		if err := e.take(&Path{Obj: e.obj, Last: f, Names: []string{f.Name}}, ""); err != nil {
			return err
		}
	}
	return nil
}

// typeOf selects the fields of a parent of several kinds by its kind. A kind without a case is
// null (unverified).
func (e *selection) typeOf(t *typeOfItem) *Error {
	parts, _ := e.relative(t.relationship.text)
	p := &Path{Obj: e.obj}
	for _, part := range parts {
		if p.Obj == nil {
			return e.looseRelationship(part, t.relationship.at)
		}
		if err := e.hop(p, part, t.relationship.at); err != nil {
			return err
		}
	}
	last := p.hops[len(p.hops)-1]
	name := strings.Join(p.Names, ".")
	switch {
	case !last.Polymorphic():
		// text not known
		return malformed(t.relationship.at, "TYPEOF cannot be used with the relationship '%s'", t.relationship.text)
	case len(p.hops) > 1:
		return unsupported("TYPEOF of a parent's parent")
	}
	if err := e.claim(name); err != nil {
		return err
	}
	shapes := map[string]*Shape{}
	for _, c := range t.cases {
		if err := e.typeCase(c, last, shapes); err != nil {
			return err
		}
	}
	e.q.Shape.Members = append(e.q.Shape.Members, &Shape{Name: name, show: func(r *db.Row, version string) any {
		return e.engine.showTypeOf(e.engine.parent(r, p.hops, e.all), shapes, e.all, version)
	}})
	return nil
}

// typeCase binds the fields of one case; ELSE has the name "".
func (e *selection) typeCase(c typeCase, hop *db.Field, shapes map[string]*Shape) *Error {
	s := &Shape{}
	if c.object.kind == tokenEnd {
		shapes[""] = s
		for _, t := range c.fields {
			p, err := e.loosePath(&Path{}, t.text, t.at)
			if err != nil {
				return err
			}
			s.add(p)
		}
		return nil
	}
	obj := e.engine.db.Named(c.object.text)
	switch {
	case obj == nil && db.Unsupported(c.object.text):
		return unsupported("the object " + c.object.text)
	case obj == nil || !hop.RefersTo(obj.Name):
		// The text is not known.
		return &Error{
			code: "INVALID_TYPE", at: c.object.at,
			message: fmt.Sprintf("'%s' is not a type of the relationship '%s'", c.object.text, hop.Relationship),
		}
	}
	shapes[obj.Name] = s
	b := &binder{engine: e.engine, obj: obj, parents: e.parents, all: e.all}
	for _, t := range c.fields {
		p, err := b.path(t)
		if err != nil {
			return err
		}
		s.add(p)
	}
	return nil
}

// maxLevels counts the query itself and child queries within child queries
// (SOQL reference, Relationship Query Limitations: five since v58).
const maxLevels = 5

// child binds a query of child rows: SELECT ... FROM relationship. The texts of its limits are
// unverified.
func (e *selection) child(s *statement) *Error {
	name := strings.TrimPrefix(strings.ToLower(s.from.text), strings.ToLower(e.obj.Name)+".")
	if e.alias != "" {
		name = strings.TrimPrefix(name, strings.ToLower(e.alias)+".")
	}
	obj, parent, spelt := e.engine.db.Children(e.obj, name)
	switch {
	case obj == nil && (e.obj.LacksChildren(name) || e.obj.Lacks(name+".")):
		return unsupported("the relationship " + s.from.text + " of " + e.obj.Name)
	case obj == nil || !obj.Readable:
		return &Error{
			code: "INVALID_TYPE", at: s.from.at,
			message: fmt.Sprintf(
				"Didn't understand relationship '%s' in FROM part of query call. "+customRelationship+seeDescribe,
				s.from.text,
			),
		}
	}
	e.children++
	switch {
	case e.children > maxChildren:
		return malformed(s.from.at, "a query may not have more than %d parent-to-child relationships", maxChildren)
	case e.level >= maxLevels:
		return malformed(s.from.at, "only %d levels of parent-to-child relationships are supported", maxLevels)
	case s.count || s.aggregates():
		return malformed(s.from.at, "aggregates are not allowed in a query of child rows")
	case s.offset >= 0 && e.s.limit != 1:
		return malformed(s.from.at, "OFFSET in a query of child rows needs LIMIT 1 of the parent query")
	}
	if err := e.claim(spelt); err != nil {
		return err
	}
	q, err := e.engine.bindTo(obj, s, e.all, e.level+1)
	if err != nil {
		return err
	}
	e.q.Shape.Members = append(e.q.Shape.Members, &Shape{Name: spelt, child: q, show: func(r *db.Row, version string) any {
		return e.engine.showChildren(q, parent, r, version)
	}})
	return nil
}

package query

import (
	"fmt"
	"strings"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/db"
)

// maxLevels counts the query itself and child queries within child queries
// (SOQL reference, Relationship Query Limitations: five since v58).
const maxLevels = 5

// child binds a query of child rows: SELECT ... FROM relationship. The texts of its limits are
// unverified.
func (sel *selection) child(s *statement) *Error {
	name := strings.TrimPrefix(strings.ToLower(s.from.text), strings.ToLower(sel.obj.Name)+".")
	if sel.alias != "" {
		name = strings.TrimPrefix(name, strings.ToLower(sel.alias)+".")
	}
	obj, parent, spelt := sel.engine.db.Children(sel.obj, name)
	switch {
	case obj == nil && sel.obj.LacksRelationship(db.UnsupportedChildren, name):
		return unsupported("the relationship " + s.from.text + " of " + sel.obj.Name)
	case obj == nil || !obj.Readable:
		return &Error{
			code: "INVALID_TYPE", at: s.from.at,
			message: fmt.Sprintf(
				"Didn't understand relationship '%s' in FROM part of query call. "+customRelationship+seeDescribe,
				s.from.text,
			),
		}
	}
	sel.children++
	switch {
	case sel.children > maxChildren:
		return malformed(s.from.at, "a query may not have more than %d parent-to-child relationships", maxChildren)
	case sel.level >= maxLevels:
		return malformed(s.from.at, "only %d levels of parent-to-child relationships are supported", maxLevels)
	case s.count || s.aggregates():
		return malformed(s.from.at, "aggregates are not allowed in a query of child rows")
	case s.offset >= 0 && sel.s.limit != 1:
		return malformed(s.from.at, "OFFSET in a query of child rows needs LIMIT 1 of the parent query")
	}
	if err := sel.claim(spelt); err != nil {
		return err
	}
	q, err := sel.engine.bindTo(obj, s, sel.all, sel.level+1)
	if err != nil {
		return err
	}
	sel.q.Shape.Members = append(sel.q.Shape.Members, &Shape{Name: spelt, show: func(r *db.Row, version string) any {
		return sel.engine.showChildren(q, parent, r, version)
	}})
	return nil
}

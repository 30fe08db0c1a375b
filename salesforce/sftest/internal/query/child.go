// SPDX-License-Identifier: Apache-2.0

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
func (e *selection) child(s *statement) *Error {
	name := strings.TrimPrefix(strings.ToLower(s.from.text), strings.ToLower(e.obj.Name)+".")
	if e.alias != "" {
		name = strings.TrimPrefix(name, strings.ToLower(e.alias)+".")
	}
	obj, parent, spelt := e.engine.db.Children(e.obj, name)
	switch {
	case obj == nil && e.obj.LacksRelationship(db.UnsupportedChildren, name):
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

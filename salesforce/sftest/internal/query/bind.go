// SPDX-License-Identifier: Apache-2.0

package query

import (
	"fmt"
	"slices"
	"strings"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/db"
)

// bind binds a statement to the schema, or refuses it.
func (e *Engine) bind(s *statement, all bool) (*Query, *Error) {
	obj := e.db.Requested(s.from.text)
	if obj == nil {
		return nil, &Error{
			code: "INVALID_TYPE", at: s.from.at,
			message: fmt.Sprintf(
				"sObject type '%s' is not supported. If you are attempting to use a custom object,"+
					" be sure to append the '__c' after the entity name. "+seeDescribe,
				s.from.text,
			),
		}
	}
	if err := e.checkLinks(obj, s); err != nil {
		return nil, err
	}
	return e.bindTo(obj, s, all, 1)
}

// checkLinks refuses a query of ContentDocumentLink that does not say which documents or whose
// it is about, unless the user may query all files (docs/salesforce.md, Files, recorded).
func (e *Engine) checkLinks(obj *db.Object, s *statement) *Error {
	if obj.Name != "ContentDocumentLink" || e.db.UserMay("PermissionsQueryAllFiles") {
		return nil
	}
	named, entity := false, false
	for _, n := range conjuncts(s.where) {
		switch n := n.(type) {
		case *semiNode:
			named = named || !n.not && s.about(n.operand, linkIDs)
		case *compareNode:
			named = named || (n.op == "=" || n.op == "IN") && s.about(n.operand, linkIDs)
			entity = entity || n.op == "=" && s.about(n.operand, "LinkedEntityId")
		}
	}
	switch {
	case !named:
		return malformed(-1, "Implementation restriction: ContentDocumentLink requires a filter by a single Id on"+
			" ContentDocumentId or LinkedEntityId using the equals operator or multiple Id's using the IN operator.")
	case !entity && !s.only(s.where, linkIDs):
		return malformed(-1, "Implementation restriction: filtering on non-id fields is only permitted when"+
			" filtering by ContentDocumentLink.LinkedEntityId using the equals operator.")
	}
	return nil
}

// linkIDs are the fields by which links can be found.
const linkIDs = "Id ContentDocumentId LinkedEntityId"

// conjuncts returns the conditions that have to be met.
func conjuncts(n node) []node {
	if and, ok := n.(*andNode); ok {
		return and.parts
	}
	return []node{n}
}

// about reports whether an operand is one of the fields of the statement's own object.
func (s *statement) about(x *expr, fields string) bool {
	name := x.name.text
	for _, own := range []string{s.alias, s.from.text} {
		if rest, ok := strings.CutPrefix(strings.ToLower(name), strings.ToLower(own)+"."); ok {
			name = rest
		}
	}
	return x.arg == nil && slices.ContainsFunc(strings.Fields(fields), func(known string) bool {
		return strings.EqualFold(known, name)
	})
}

// only reports whether a condition is about these fields alone.
func (s *statement) only(n node, fields string) bool {
	parts := func(parts []node) bool {
		return !slices.ContainsFunc(parts, func(part node) bool { return !s.only(part, fields) })
	}
	switch n := n.(type) {
	case *andNode:
		return parts(n.parts)
	case *orNode:
		return parts(n.parts)
	case *notNode:
		return s.only(n.part, fields)
	case *semiNode:
		return s.about(n.operand, fields)
	case *compareNode:
		return s.about(n.operand, fields)
	}
	return true
}

// bindTo binds a statement about an object, at a level of child queries.
func (e *Engine) bindTo(obj *db.Object, s *statement, all bool, level int) (*Query, *Error) {
	b, err := e.newBinder(obj, s, all)
	if err != nil {
		return nil, err
	}
	q := &Query{
		Obj: obj, Shape: &Shape{}, Count: s.count, limit: s.limit, Offset: max(s.offset, 0), All: all,
		view: s.view,
	}
	if err := b.limits(s, level); err != nil {
		return nil, err
	}
	if q.where, err = b.where(s.where); err != nil {
		return nil, err
	}
	if err := b.scope(s, q); err != nil {
		return nil, err
	}
	switch {
	case s.offset > maxOffset:
		return nil, &Error{code: "NUMBER_OUTSIDE_VALID_RANGE", at: -1, message: "Maximum SOQL offset allowed is 2000"}
	case s.count && (len(s.groupBy) > 0 || len(s.orderBy) > 0):
		// SOQL reference, COUNT(); the text is not known.
		return nil, malformed(-1, "COUNT() cannot be used with GROUP BY or ORDER BY")
	case s.count:
		return q, nil
	case s.aggregates():
		return q, b.bindGroups(s, q)
	}
	if err := b.selectItems(s, q, level); err != nil {
		return nil, err
	}
	return q, b.orderBy(s, q)
}

// scopes are those of the SOQL reference, of which the fake supports the first three.
var scopes = strings.Fields("everything mine delegated mine_and_my_groups my_territory my_team_territory team")

// scope adds the condition of USING SCOPE.
func (b *binder) scope(s *statement, q *Query) *Error {
	users := func(field string) matcher {
		return &setMatcher{
			path: &Path{Obj: b.obj, Last: b.obj.Field(field)}, keys: map[string]struct{}{b.engine.db.UserID: {}},
		}
	}
	switch {
	case s.scope.kind == tokenEnd, s.scope.is("everything"):
	case s.scope.is("mine") && b.obj.Owned():
		q.where = allOf{q.where, users("OwnerId")}
	case s.scope.is("delegated") && b.obj.Delegated(): // what the user gave to others (unverified)
		q.where = allOf{q.where, users("CreatedById"), not{users("OwnerId")}}
	case slices.ContainsFunc(scopes, s.scope.is):
		return unsupported("the scope " + s.scope.text)
	default:
		return unexpected(s.scope)
	}
	return nil
}

func (b *binder) orderBy(s *statement, q *Query) *Error {
	for _, ordering := range s.orderBy {
		p, err := b.ordered(ordering.expr)
		if err != nil {
			return err
		}
		if f := p.Last; f != nil && p.function == "" &&
			!f.Sortable() {
			return &Error{
				code: "INVALID_FIELD", at: ordering.expr.name.at,
				message: fmt.Sprintf("field '%s' can not be sorted in a query call", f.Name),
			}
		}
		q.orderBy = append(q.orderBy, boundOrder{p, ordering})
	}
	return nil
}

func (b *binder) ordered(x *expr) (*Path, *Error) {
	switch {
	case x.arg == nil:
		return b.path(x.name)
	case x.name.is(distance):
		return b.distance(x)
	}
	return nil, unsupported("the function " + x.name.text + " in ORDER BY without GROUP BY")
}

// SPDX-License-Identifier: Apache-2.0

package query

import (
	"fmt"
	"slices"
	"strings"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/db"
)

// looseFields are those of the Name object, which represents a parent of
// several kinds (Who, What, Owner).
var looseFields = strings.Fields("Id Name Type FirstName LastName Email Phone Title Alias Username IsActive")

const (
	maxHops     = 5  // levels of parents (docs/salesforce.md, SOQL)
	maxParents  = 55 // relationships to parents (docs/salesforce.md, SOQL)
	maxChildren = 20 // queries of child rows (docs/salesforce.md, SOQL)
	maxOffset   = 2000
)

// A binder resolves the names in a statement.
type binder struct {
	engine  *Engine
	obj     *db.Object
	alias   string
	joined  map[string][]string // relationships by their lower-case alias
	parents map[string]bool     // relationships in use
	all     bool                // deleted rows too
	group   *grouping           // nil where names are fields of rows
}

func (e *Engine) newBinder(obj *db.Object, s *statement, all bool) (*binder, *Error) {
	b := &binder{
		engine: e, obj: obj, alias: s.alias, joined: map[string][]string{}, parents: map[string]bool{},
		all: all,
	}
	for _, j := range s.joins {
		at, ok := b.relative(j.path.text)
		if !ok {
			return nil, unsupported("a FROM of two objects")
		}
		if hop := b.obj.Relationship(at[0]); hop == nil {
			return nil, noRelationship(at[0], j.path.at)
		}
		b.joined[strings.ToLower(j.alias.text)] = at
	}
	return b, nil
}

// relative splits a dotted name and removes the object's name or alias, or replaces the alias
// of a parent by its relationships; false if it begins with neither.
func (b *binder) relative(name string) ([]string, bool) {
	parts := strings.Split(name, ".")
	if len(parts) == 1 {
		return parts, false
	}
	if joined := b.joined[strings.ToLower(parts[0])]; joined != nil {
		return append(slices.Clone(joined), parts[1:]...), true
	}
	if strings.EqualFold(parts[0], b.alias) ||
		strings.EqualFold(parts[0], b.obj.Name) && b.obj.Relationship(parts[0]) == nil {
		return parts[1:], true
	}
	return parts, false
}

func (b *binder) path(t token) (*Path, *Error) {
	parts, _ := b.relative(t.text)
	p := &Path{Obj: b.obj}
	for i, part := range parts[:len(parts)-1] {
		if err := b.hop(p, part, t.at); err != nil {
			return nil, err
		}
		if p.Obj == nil && i == len(parts)-2 {
			return b.loosePath(p, parts[i+1], t.at)
		}
		if p.Obj == nil {
			return nil, b.looseRelationship(parts[i+1], t.at)
		}
	}
	name := parts[len(parts)-1]
	p.Last = p.Obj.Visible(name)
	switch {
	case p.Last == nil && p.Obj.Lacks(name):
		return nil, unsupported("the field " + name + " of " + p.Obj.Name)
	case p.Last == nil:
		return nil, noColumn(name, p.Obj.Name, t.at)
	}
	p.Names = append(p.Names, p.Last.Name)
	return p, nil
}

// hop extends a path by a relationship to a parent; a parent of several kinds has no object.
// The texts of the limits are unverified.
func (b *binder) hop(p *Path, relationship string, at int) *Error {
	hop := p.Obj.Relationship(relationship)
	switch {
	case hop == nil && (p.Obj.LacksParent(relationship) || p.Obj.Lacks(relationship+".")):
		return unsupported("the relationship " + relationship + " of " + p.Obj.Name)
	case hop == nil:
		return noRelationship(relationship, at)
	}
	p.hops, p.from, p.Names = append(p.hops, hop), append(p.from, p.Obj), append(p.Names, hop.Relationship)
	b.parents[strings.Join(p.Names, ".")] = true
	switch {
	case len(p.hops) > maxHops:
		return malformed(at, "only %d levels of child-to-parent relationships are supported", maxHops)
	case len(b.parents) > maxParents:
		return malformed(at, "a query may not have more than %d child-to-parent relationships", maxParents)
	}
	p.Obj = nil
	if !hop.Polymorphic() {
		if p.Obj = b.engine.db.Named(hop.ReferenceTo[0]); p.Obj == nil || !p.Obj.Readable {
			return noRelationship(relationship, at)
		}
	}
	return nil
}

func (b *binder) loosePath(p *Path, name string, at int) (*Path, *Error) {
	i := slices.IndexFunc(looseFields, func(known string) bool { return strings.EqualFold(known, name) })
	if i < 0 {
		return nil, noColumn(name, "Name", at)
	}
	p.loose = looseFields[i]
	p.Names = append(p.Names, p.loose)
	return p, nil
}

// looseRelationship refuses a relationship of the Name object, which has a few that the fake
// cannot follow.
func (b *binder) looseRelationship(name string, at int) *Error {
	for _, known := range []string{"Owner", "Profile", "UserRole"} {
		if strings.EqualFold(known, name) {
			return unsupported("a parent of a parent of several kinds")
		}
	}
	return noRelationship(name, at)
}

// The ends of the messages about unknown names.
const (
	seeDescribe        = "Please reference your WSDL or the describe call for the appropriate names."
	customRelationship = "If you are attempting to use a custom relationship," +
		" be sure to append the '__r' after the custom relationship name. "
)

func noColumn(name, entity string, at int) *Error {
	return &Error{
		code: "INVALID_FIELD", at: at,
		message: fmt.Sprintf(
			"No such column '%s' on entity '%s'. If you are attempting to use a custom field,"+
				" be sure to append the '__c' after the custom field name. "+seeDescribe,
			name, entity,
		),
	}
}

func noRelationship(name string, at int) *Error {
	return &Error{
		code: "INVALID_FIELD", at: at,
		message: fmt.Sprintf(
			"Didn't understand relationship '%s' in field path. "+customRelationship+seeDescribe,
			name,
		),
	}
}

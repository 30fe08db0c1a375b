package query

import (
	"fmt"
	"slices"
	"strings"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/db"
	"github.com/leadsync/leadsync/salesforce/sftest/internal/wire"
)

// A Path is a field reached from a row over its parents, or a function of it;
// or, of the rows that groups make, one of their values.
type Path struct {
	hops  []*db.Field  // references to follow
	from  []*db.Object // from[i] is the object of hops[i]
	Obj   *db.Object   // the object of last
	Last  *db.Field    // nil on a parent of several kinds
	loose string       // the field's name where last is nil, such as Type of Who
	Names []string     // relationships and field as they are spelt in the schema

	function string        // applied to the value, "" for none
	apply    func(any) any // never called with nil
	as       db.Kind       // of the result, where it is not the field's

	cell string // the key of a group's value
}

// looseFields are those of the Name object, which stands for a parent of
// several kinds (Who, What, Owner).
var looseFields = strings.Fields("Id Name Type FirstName LastName Email Phone Title Alias Username IsActive")

const (
	maxHops     = 5  // levels of parents (SALESFORCE.md 7)
	maxParents  = 55 // relationships to parents (SALESFORCE.md 7)
	maxChildren = 20 // queries of child rows (SALESFORCE.md 7)
	maxOffset   = 2000
)

// A binder gives the names in a statement their meaning.
type binder struct {
	engine  *Engine
	obj     *db.Object
	alias   string
	joined  map[string][]string // relationships by their lower-case alias
	parents map[string]bool     // relationships in use
	all     bool                // deleted rows too
	group   *grouping           // nil where names stand for fields of rows
}

func (e *Engine) newBinder(obj *db.Object, s *statement, all bool) (*binder, *Error) {
	b := &binder{engine: e, obj: obj, alias: s.alias, joined: map[string][]string{}, parents: map[string]bool{}, all: all}
	for _, j := range s.joins {
		at, ok := b.relative(j.path.text)
		if !ok {
			return nil, beyond("a FROM of two objects")
		}
		if hop := b.obj.Relationship(at[0]); hop == nil {
			return nil, noRelationship(at[0], j.path.at)
		}
		b.joined[strings.ToLower(j.alias.text)] = at
	}
	return b, nil
}

// relative splits a dotted name and takes away the object's name or alias, or
// puts relationships for the alias of a parent; false when it begins with
// neither.
func (b *binder) relative(name string) ([]string, bool) {
	parts := strings.Split(name, ".")
	if len(parts) == 1 {
		return parts, false
	}
	if joined := b.joined[strings.ToLower(parts[0])]; joined != nil {
		return append(slices.Clone(joined), parts[1:]...), true
	}
	if strings.EqualFold(parts[0], b.alias) || strings.EqualFold(parts[0], b.obj.Name) && b.obj.Relationship(parts[0]) == nil {
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
	case p.Last == nil && p.Obj.LacksReference(name):
		return nil, beyond("the field " + name + " of " + p.Obj.Name)
	case p.Last == nil:
		return nil, noColumn(name, p.Obj.Name, t.at)
	}
	p.Names = append(p.Names, p.Last.Name)
	return p, nil
}

// hop goes on to a parent; a parent of several kinds has no object. The texts
// of the limits are from memory.
func (b *binder) hop(p *Path, relationship string, at int) *Error {
	hop := p.Obj.Relationship(relationship)
	switch {
	case hop == nil && p.Obj.LacksRelationship(db.UnsupportedParents, relationship):
		return beyond("the relationship " + relationship + " of " + p.Obj.Name)
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

// looseRelationship: the Name object has a few relationships of its own, which
// the fake cannot follow.
func (b *binder) looseRelationship(name string, at int) *Error {
	for _, known := range []string{"Owner", "Profile", "UserRole"} {
		if strings.EqualFold(known, name) {
			return beyond("a parent of a parent of several kinds")
		}
	}
	return noRelationship(name, at)
}

func noColumn(name, entity string, at int) *Error {
	return &Error{code: "INVALID_FIELD", at: at, message: fmt.Sprintf("No such column '%s' on entity '%s'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate names.", name, entity)}
}

func noRelationship(name string, at int) *Error {
	return &Error{code: "INVALID_FIELD", at: at, message: fmt.Sprintf("Didn't understand relationship '%s' in field path. If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name. Please reference your WSDL or the describe call for the appropriate names.", name)}
}

// filter is a path that conditions may name.
func (b *binder) filter(t token) (*Path, *Error) {
	p, err := b.path(t)
	if err == nil && p.Last != nil && (!p.Last.Filterable || p.Last.Type == "address") {
		return nil, &Error{code: "INVALID_FIELD", at: t.at, message: fmt.Sprintf("field '%s' can not be filtered in a query call", p.Last.Name)}
	}
	return p, err
}

// operand binds what a condition compares: a field, the label of one or a
// function of a date; of a group, what operandOfGroup says.
func (b *binder) operand(x *expr) (*Path, *Error) {
	if b.group != nil {
		return b.operandOfGroup(x)
	}
	switch name := strings.ToUpper(x.name.text); {
	case x.arg == nil:
		return b.filter(x.name)
	case isDateFunction(name):
		return b.dateFunction(x)
	case name == distance:
		return b.distance(x)
	case name == "TOLABEL" && x.arg.arg == nil:
		p, err := b.filter(x.arg.name)
		return p.labelled(), err
	case isAggregate(name):
		// The text is not known.
		return nil, malformed(x.name.at, "aggregate functions are not allowed in the WHERE clause")
	}
	return nil, beyond("the function " + x.name.text + " in a condition")
}

// functions of the select list beside those of dates and groups.
const (
	toLabel         = "TOLABEL"
	formatted       = "FORMAT"
	convertCurrency = "CONVERTCURRENCY"
	convertTimezone = "CONVERTTIMEZONE"
	allFields       = "FIELDS"
)

func isFunction(t token) bool {
	switch name := strings.ToUpper(t.text); name {
	case toLabel, formatted, convertCurrency, convertTimezone, allFields, groupingOf:
		return true
	default:
		return isDateFunction(name) || isAggregate(name)
	}
}

// Follow is the value at the path, null where a parent is missing. A deleted
// parent counts as missing unless deleted rows are asked for.
func (e *Engine) Follow(r *db.Row, p *Path, all bool) any {
	if p.cell != "" {
		return r.Values[p.cell]
	}
	v := e.reach(r, p, all)
	if v != nil && p.apply != nil {
		return p.apply(v)
	}
	return v
}

func (e *Engine) reach(r *db.Row, p *Path, all bool) any {
	if r = e.parent(r, p.hops, all); r == nil {
		return nil
	}
	if p.Last != nil {
		return e.db.Value(r, p.Last)
	}
	if p.loose == "Type" {
		return r.Obj.Name
	}
	if f := r.Obj.Visible(p.loose); f != nil {
		return e.db.Value(r, f)
	}
	return nil
}

func (e *Engine) parent(r *db.Row, hops []*db.Field, all bool) *db.Row {
	for _, hop := range hops {
		id, _ := e.db.Value(r, hop).(string)
		if r = e.db.Find(id); r == nil || r.Deleted() && !all {
			return nil
		}
	}
	return r
}

func (p *Path) kind() db.Kind {
	switch {
	case p.as != db.KindUnknown:
		return p.as
	case p.Last != nil:
		return p.Last.Kind()
	case p.loose == "Id":
		return db.KindID
	case p.loose == "IsActive":
		return db.KindBool
	}
	return db.KindText
}

// typeName is the type as messages name it.
func (p *Path) typeName() string {
	switch {
	case p.as == db.KindInt:
		return "int"
	case p.as == db.KindNumber:
		return "double"
	case p.as == db.KindDate:
		return "date"
	case p.Last != nil:
		return p.Last.Type
	}
	return "string"
}

func (p *Path) key(v any) string {
	if p.Last != nil {
		return p.Last.Key(v)
	}
	return strings.ToLower(fmt.Sprint(v))
}

// text is the path as it is written, in one spelling.
func (p *Path) text() string {
	text := strings.Join(p.Names, ".")
	if p.function != "" {
		return p.function + "(" + text + ")"
	}
	return text
}

// compare orders two values: those of a picklist as its options stand (SOQL
// reference, ORDER BY).
func (p *Path) compare(a, b any) int {
	if p.kind() == db.KindPicklist && p.Last != nil {
		x, y := rank(p.Last, a), rank(p.Last, b)
		if x != y {
			return x - y
		}
	}
	return p.order(a, b)
}

// order is that of <: ids with regard to case, as they are counted up.
func (p *Path) order(a, b any) int {
	if p.kind() == db.KindID {
		return strings.Compare(wire.TextOf(a), wire.TextOf(b))
	}
	return compareValues(a, b)
}

// rank is the place of a picklist's value among the options; unknown ones come
// after them.
func rank(f *db.Field, v any) int {
	if i := slices.IndexFunc(f.Options, func(option string) bool { return strings.EqualFold(option, wire.TextOf(v)) }); i >= 0 {
		return i
	}
	return len(f.Options)
}

package sftest

import (
	"fmt"
	"slices"
	"strings"
)

// A path is a field reached from a row over its parents, or a function of it;
// or, of the rows that groups make, one of their values.
type path struct {
	hops  []*field  // references to follow
	from  []*object // from[i] is the object of hops[i]
	obj   *object   // the object of last
	last  *field    // nil on a parent of several kinds
	loose string    // the field's name where last is nil, such as Type of Who
	names []string  // relationships and field as they are spelt in the schema

	function string        // applied to the value, "" for none
	apply    func(any) any // never called with nil
	as       kind          // of the result, where it is not the field's

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
	engine  *engine
	obj     *object
	alias   string
	joined  map[string][]string // relationships by their lower-case alias
	parents map[string]bool     // relationships in use
	all     bool                // deleted rows too
	group   *grouping           // nil where names stand for fields of rows
}

func (e *engine) newBinder(obj *object, s *statement, all bool) (*binder, *soqlError) {
	b := &binder{engine: e, obj: obj, alias: s.alias, joined: map[string][]string{}, parents: map[string]bool{}, all: all}
	for _, j := range s.joins {
		at, ok := b.relative(j.path.text)
		if !ok {
			return nil, beyond("a FROM of two objects")
		}
		if hop := b.obj.relationship(at[0]); hop == nil {
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
	if strings.EqualFold(parts[0], b.alias) || strings.EqualFold(parts[0], b.obj.name) && b.obj.relationship(parts[0]) == nil {
		return parts[1:], true
	}
	return parts, false
}

func (b *binder) path(t token) (*path, *soqlError) {
	parts, _ := b.relative(t.text)
	p := &path{obj: b.obj}
	for i, part := range parts[:len(parts)-1] {
		if err := b.hop(p, part, t.at); err != nil {
			return nil, err
		}
		if p.obj == nil && i == len(parts)-2 {
			return b.loosePath(p, parts[i+1], t.at)
		}
		if p.obj == nil {
			return nil, b.looseRelationship(parts[i+1], t.at)
		}
	}
	name := parts[len(parts)-1]
	p.last = p.obj.visible(name)
	switch {
	case p.last == nil && p.obj.lacksReference(name):
		return nil, beyond("the field " + name + " of " + p.obj.name)
	case p.last == nil:
		return nil, noColumn(name, p.obj.name, t.at)
	}
	p.names = append(p.names, p.last.Name)
	return p, nil
}

// hop goes on to a parent; a parent of several kinds has no object. The texts
// of the limits are from memory.
func (b *binder) hop(p *path, relationship string, at int) *soqlError {
	hop := p.obj.relationship(relationship)
	switch {
	case hop == nil && p.obj.lacksRelationship(lackingParents, relationship):
		return beyond("the relationship " + relationship + " of " + p.obj.name)
	case hop == nil:
		return noRelationship(relationship, at)
	}
	p.hops, p.from, p.names = append(p.hops, hop), append(p.from, p.obj), append(p.names, hop.Relationship)
	b.parents[strings.Join(p.names, ".")] = true
	switch {
	case len(p.hops) > maxHops:
		return malformed(at, "only %d levels of child-to-parent relationships are supported", maxHops)
	case len(b.parents) > maxParents:
		return malformed(at, "a query may not have more than %d child-to-parent relationships", maxParents)
	}
	p.obj = nil
	if !hop.polymorphic() {
		if p.obj = b.engine.db.named(hop.ReferenceTo[0]); p.obj == nil || !p.obj.readable {
			return noRelationship(relationship, at)
		}
	}
	return nil
}

func (b *binder) loosePath(p *path, name string, at int) (*path, *soqlError) {
	i := slices.IndexFunc(looseFields, func(known string) bool { return strings.EqualFold(known, name) })
	if i < 0 {
		return nil, noColumn(name, "Name", at)
	}
	p.loose = looseFields[i]
	p.names = append(p.names, p.loose)
	return p, nil
}

// looseRelationship: the Name object has a few relationships of its own, which
// the fake cannot follow.
func (b *binder) looseRelationship(name string, at int) *soqlError {
	for _, known := range []string{"Owner", "Profile", "UserRole"} {
		if strings.EqualFold(known, name) {
			return beyond("a parent of a parent of several kinds")
		}
	}
	return noRelationship(name, at)
}

func noColumn(name, entity string, at int) *soqlError {
	return &soqlError{code: "INVALID_FIELD", at: at, message: fmt.Sprintf("No such column '%s' on entity '%s'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate names.", name, entity)}
}

func noRelationship(name string, at int) *soqlError {
	return &soqlError{code: "INVALID_FIELD", at: at, message: fmt.Sprintf("Didn't understand relationship '%s' in field path. If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name. Please reference your WSDL or the describe call for the appropriate names.", name)}
}

// filter is a path that conditions may name.
func (b *binder) filter(t token) (*path, *soqlError) {
	p, err := b.path(t)
	if err == nil && p.last != nil && (!p.last.filterable || p.last.Type == "address") {
		return nil, &soqlError{code: "INVALID_FIELD", at: t.at, message: fmt.Sprintf("field '%s' can not be filtered in a query call", p.last.Name)}
	}
	return p, err
}

// operand binds what a condition compares: a field, the label of one or a
// function of a date; of a group, what operandOfGroup says.
func (b *binder) operand(x *expr) (*path, *soqlError) {
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

// follow is the value at the path, null where a parent is missing. A deleted
// parent counts as missing unless deleted rows are asked for.
func (e *engine) follow(r *row, p *path, all bool) any {
	if p.cell != "" {
		return r.values[p.cell]
	}
	v := e.reach(r, p, all)
	if v != nil && p.apply != nil {
		return p.apply(v)
	}
	return v
}

func (e *engine) reach(r *row, p *path, all bool) any {
	if r = e.parent(r, p.hops, all); r == nil {
		return nil
	}
	if p.last != nil {
		return e.db.value(r, p.last)
	}
	if p.loose == "Type" {
		return r.obj.name
	}
	if f := r.obj.visible(p.loose); f != nil {
		return e.db.value(r, f)
	}
	return nil
}

func (e *engine) parent(r *row, hops []*field, all bool) *row {
	for _, hop := range hops {
		id, _ := e.db.value(r, hop).(string)
		if r = e.db.find(id); r == nil || r.deleted() && !all {
			return nil
		}
	}
	return r
}

func (p *path) kind() kind {
	switch {
	case p.as != kindUnknown:
		return p.as
	case p.last != nil:
		return p.last.kind()
	case p.loose == "Id":
		return kindID
	case p.loose == "IsActive":
		return kindBool
	}
	return kindText
}

// typeName is the type as messages name it.
func (p *path) typeName() string {
	switch {
	case p.as == kindInt:
		return "int"
	case p.as == kindNumber:
		return "double"
	case p.as == kindDate:
		return "date"
	case p.last != nil:
		return p.last.Type
	}
	return "string"
}

func (p *path) key(v any) string {
	if p.last != nil {
		return p.last.key(v)
	}
	return strings.ToLower(fmt.Sprint(v))
}

// text is the path as it is written, in one spelling.
func (p *path) text() string {
	text := strings.Join(p.names, ".")
	if p.function != "" {
		return p.function + "(" + text + ")"
	}
	return text
}

// compare orders two values: those of a picklist as its options stand (SOQL
// reference, ORDER BY).
func (p *path) compare(a, b any) int {
	if p.kind() == kindPicklist && p.last != nil {
		x, y := rank(p.last, a), rank(p.last, b)
		if x != y {
			return x - y
		}
	}
	return p.order(a, b)
}

// order is that of <: ids with regard to case, as they are counted up.
func (p *path) order(a, b any) int {
	if p.kind() == kindID {
		return strings.Compare(textOf(a), textOf(b))
	}
	return compareValues(a, b)
}

// rank is the place of a picklist's value among the options; unknown ones come
// after them.
func rank(f *field, v any) int {
	if i := slices.IndexFunc(f.Options, func(option string) bool { return strings.EqualFold(option, textOf(v)) }); i >= 0 {
		return i
	}
	return len(f.Options)
}

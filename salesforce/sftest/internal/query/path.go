// SPDX-License-Identifier: Apache-2.0

package query

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

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
	formats  string        // what FORMAT is applied to, as it was written
	apply    func(any) any // never called with nil
	as       db.Kind       // of the result, where it is not the field's

	cell string // the key of a group's value
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

// typeName returns the type as messages name it.
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

// text returns the path as it is written, in canonical spelling.
func (p *Path) text() string {
	text := strings.Join(p.Names, ".")
	if p.function != "" {
		return p.function + "(" + text + ")"
	}
	return text
}

// compare orders two values: those of a picklist in the order of its options (SOQL reference,
// ORDER BY).
func (p *Path) compare(a, b any) int {
	if p.kind() == db.KindPicklist && p.Last != nil {
		x, y := rank(p.Last, a), rank(p.Last, b)
		if x != y {
			return x - y
		}
	}
	return p.order(a, b)
}

// order compares for < and its kin: ids with case.
func (p *Path) order(a, b any) int {
	if p.kind() == db.KindID {
		return strings.Compare(wire.TextOf(a), wire.TextOf(b))
	}
	return compareValues(a, b)
}

// rank returns the position of a value among a picklist's options; unknown ones come after
// them.
func rank(f *db.Field, v any) int {
	if i := slices.IndexFunc(f.Options, func(option string) bool {
		return strings.EqualFold(option, wire.TextOf(v))
	}); i >= 0 {
		return i
	}
	return len(f.Options)
}

// compareValues orders two values of one field; text ignoring case.
func compareValues(a, b any) int {
	switch a := a.(type) {
	case string:
		if b, ok := b.(string); ok {
			return strings.Compare(strings.ToLower(a), strings.ToLower(b))
		}
	case int:
		if b, ok := b.(int); ok {
			return cmp.Compare(a, b)
		}
	case float64:
		if b, ok := b.(float64); ok {
			return cmp.Compare(a, b)
		}
	case time.Time:
		if b, ok := b.(time.Time); ok {
			return a.Compare(b)
		}
	}
	return strings.Compare(fmt.Sprint(a), fmt.Sprint(b))
}

// pointsAt returns the objects whose ids the field holds.
func (p *Path) pointsAt() []string {
	if p.Last.Type == "id" {
		return []string{p.Obj.Name}
	}
	return p.Last.ReferenceTo
}

// hasAggregate reports whether a type supports an aggregate function (SOQL reference, Support
// for Field Types in Aggregate Functions).
func (p *Path) hasAggregate(function string) bool {
	if p.Last != nil && (!p.Last.Filterable || p.Last.Type == "multipicklist") {
		return false
	}
	switch k := p.kind(); k {
	case db.KindInt, db.KindNumber:
		return true
	case db.KindBool, db.KindTime, db.KindAddress:
		return false
	case db.KindID:
		return strings.HasPrefix(function, "COUNT") || function == "MIN" || function == "MAX"
	}
	return function != "SUM" && function != "AVG"
}

// SPDX-License-Identifier: Apache-2.0

package query

import (
	"slices"
	"strings"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/db"
	"github.com/leadsync/leadsync/salesforce/sftest/internal/wire"
)

// columnMetadata answers a query with columns=true: a description of its columns instead of
// rows, as the command line tool expects it (docs/salesforce.md, Queries).
func (q *Query) columnMetadata() wire.Object {
	columns := q.Shape.columns()
	if q.Group != nil {
		for _, c := range q.Group.columns {
			columns = append(columns, c.path.column(c.name, c.path.computed()))
		}
	}
	return wire.Object{
		{Name: "columnMetadata", Value: columns}, {Name: "entityName", Value: q.Obj.Name},
		{Name: "groupBy", Value: q.Group != nil && q.Group.explicit},
		{Name: "idSelected", Value: q.Shape.selects("Id")}, {Name: "keyPrefix", Value: q.Obj.Prefix},
	}
}

// selects reports whether a field of the row itself is selected under its name.
func (s *Shape) selects(name string) bool {
	return slices.ContainsFunc(s.Members, func(m *Shape) bool { return m.Path != nil && m.Name == name })
}

// columns describes what is selected of a row: a parent and child rows are one column, with
// their own columns joined to it. What TYPEOF is described as is unverified.
func (s *Shape) columns() []any {
	columns := []any{}
	for _, m := range s.Members {
		c := columnOf{name: m.Name, display: m.Name}
		switch {
		case m.Path != nil:
			columns = append(columns, m.Path.column(m.Name, false))
			continue
		case m.hop != nil:
			c.foreignKey, c.joined = m.hop.Name, m.columns()
		case m.child != nil:
			c.aggregate, c.joined = true, m.child.Shape.columns()
		}
		columns = append(columns, c.object())
	}
	return columns
}

// A columnOf is one entry of the columnMetadata of a query.
type columnOf struct {
	name, display, apexType string // "" for null
	foreignKey              string // of a parent
	aggregate, custom       bool
	boolean, number, text   bool
	insertable, updatable   bool
	joined                  []any
}

// column describes a field, a function of it, or a column of groups. An aggregate is shown by
// its call, such as avg(Amount) (recorded).
func (p *Path) column(name string, aggregate bool) wire.Object {
	k := p.kind()
	c := columnOf{
		name: name, display: name, aggregate: aggregate,
		boolean: k == db.KindBool, number: k == db.KindInt || k == db.KindNumber,
		text: slices.Contains([]db.Kind{db.KindText, db.KindEmail, db.KindPicklist}, k),
	}
	if p.function != "" {
		c.display = p.call()
	}
	if aggregate {
		return c.object()
	}
	c.apexType = apexType(k)
	if p.Last != nil {
		c.custom = p.Last.Custom
		plain := p.function == ""
		c.insertable, c.updatable = plain && p.Last.Createable, plain && p.Last.Updateable
	}
	return c.object()
}

// computed reports whether a column of groups is an aggregate, or a function of a date
// (unverified of that).
func (p *Path) computed() bool {
	return !strings.HasPrefix(p.cell, groupedCell) || isDateFunction(p.function)
}

// call returns the function of a path as a column shows it.
func (p *Path) call() string {
	of := p.formats
	if of == "" {
		of = strings.Join(p.Names, ".")
	}
	return strings.ToLower(p.function) + "(" + of + ")"
}

func apexType(k db.Kind) string {
	switch k {
	case db.KindID:
		return "Id"
	case db.KindBool:
		return "Boolean"
	case db.KindInt:
		return "Integer"
	case db.KindNumber:
		return "Double"
	case db.KindDate:
		return "Date"
	case db.KindDatetime:
		return "Datetime"
	case db.KindTime:
		return "Time"
	}
	return "String"
}

func (c columnOf) object() wire.Object {
	if c.joined == nil {
		c.joined = []any{}
	}
	return wire.Object{
		{Name: "aggregate", Value: c.aggregate}, {Name: "apexType", Value: wire.TextOrNull(c.apexType)},
		{Name: "booleanType", Value: c.boolean},
		{Name: "columnName", Value: c.name}, {Name: "custom", Value: c.custom},
		{Name: "displayName", Value: c.display},
		{Name: "foreignKeyName", Value: wire.TextOrNull(c.foreignKey)},
		{Name: "insertable", Value: c.insertable},
		{Name: "joinColumns", Value: c.joined}, {Name: "numberType", Value: c.number},
		{Name: "textType", Value: c.text}, {Name: "updatable", Value: c.updatable},
	}
}

// SPDX-License-Identifier: Apache-2.0

package query

import (
	"github.com/leadsync/leadsync/salesforce/sftest/internal/db"
	"github.com/leadsync/leadsync/salesforce/sftest/internal/wire"
)

// columnMetadata answers a query with columns=true: a description of its columns instead of
// rows (known from clients that send it, not from the guide).
func (q *Query) columnMetadata() wire.Object {
	columns := []any{}
	idSelected := false
	show := func(name string, p *Path, aggregate bool) {
		k := p.kind()
		kind := map[db.Kind]string{
			db.KindID: "Id", db.KindBool: "Boolean", db.KindInt: "Integer", db.KindNumber: "Double",
			db.KindDate: "Date", db.KindDatetime: "Datetime", db.KindTime: "Time",
		}[k]
		if kind == "" {
			kind = "String"
		}
		idSelected = idSelected || name == "Id"
		columns = append(columns, wire.Object{
			{Name: "aggregate", Value: aggregate}, {Name: "apexType", Value: kind},
			{Name: "booleanType", Value: k == db.KindBool},
			{Name: "columnName", Value: name}, {Name: "custom", Value: p.Last != nil && p.Last.Custom},
			{Name: "displayName", Value: name},
			{Name: "foreignKeyName", Value: nil},
			{Name: "insertable", Value: p.Last != nil && p.Last.Createable && !aggregate},
			{Name: "joinColumns", Value: []any{}}, {Name: "numberType", Value: k == db.KindInt || k == db.KindNumber},
			{Name: "textType", Value: k == db.KindText || k == db.KindEmail},
			{Name: "updatable", Value: p.Last != nil && p.Last.Updateable && !aggregate},
		})
	}
	for _, p := range q.Paths {
		show(p.text(), p, false)
	}
	if q.Group != nil {
		for _, c := range q.Group.columns {
			show(c.name, c.path, c.path.function != "")
		}
	}
	return wire.Object{
		{Name: "columnMetadata", Value: columns}, {Name: "entityName", Value: q.Obj.Name},
		{Name: "groupBy", Value: q.Group != nil && q.Group.explicit},
		{Name: "idSelected", Value: idSelected}, {Name: "keyPrefix", Value: q.Obj.Prefix},
	}
}

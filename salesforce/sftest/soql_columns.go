package sftest

// columnMetadata answers a query with columns=true: what its columns are,
// instead of rows (known from clients that send it, not from the guide).
func (q *query) columnMetadata() jsonObject {
	columns := []any{}
	idSelected := false
	show := func(name string, p *path, aggregate bool) {
		k := p.kind()
		kind := map[kind]string{kindID: "Id", kindBool: "Boolean", kindInt: "Integer", kindNumber: "Double", kindDate: "Date", kindDatetime: "Datetime", kindTime: "Time"}[k]
		if kind == "" {
			kind = "String"
		}
		idSelected = idSelected || name == "Id"
		columns = append(columns, jsonObject{
			{name: "aggregate", value: aggregate}, {name: "apexType", value: kind}, {name: "booleanType", value: k == kindBool},
			{name: "columnName", value: name}, {name: "custom", value: p.last != nil && p.last.custom}, {name: "displayName", value: name},
			{name: "foreignKeyName", value: nil}, {name: "insertable", value: p.last != nil && p.last.createable && !aggregate},
			{name: "joinColumns", value: []any{}}, {name: "numberType", value: k == kindInt || k == kindNumber},
			{name: "textType", value: k == kindText || k == kindEmail}, {name: "updatable", value: p.last != nil && p.last.updateable && !aggregate},
		})
	}
	for _, p := range q.paths {
		show(p.text(), p, false)
	}
	if q.group != nil {
		for _, c := range q.group.columns {
			show(c.name, c.path, c.path.function != "")
		}
	}
	return jsonObject{
		{name: "columnMetadata", value: columns}, {name: "entityName", value: q.obj.name}, {name: "groupBy", value: q.group != nil && q.group.explicit},
		{name: "idSelected", value: idSelected}, {name: "keyPrefix", value: q.obj.prefix},
	}
}

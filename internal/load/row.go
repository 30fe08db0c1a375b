// SPDX-License-Identifier: Apache-2.0

package load

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/leadsync/leadsync/salesforce"
)

// spec describes the job of the rows.
func (g *group) spec(l *load, rows []int) salesforce.IngestSpec {
	first := &l.writes[rows[0]]
	spec := salesforce.IngestSpec{Object: first.Object, Op: first.Op, Key: first.Key.Field}
	switch {
	case isMember(first):
		spec.RowKey = strings.Join([]string{campaignField, leadField, contactField}, ",")
	case first.Op == salesforce.OpUpdate:
		spec.RowKey, spec.FailuresOnly = "Id", true
	default:
		spec.RowKey = cmp.Or(first.Key.Field, first.UniqueField)
	}
	spec.Columns = strings.Split(spec.RowKey, ",")
	seen := make(map[string]bool)
	for _, column := range spec.Columns {
		seen[strings.ToLower(column)] = true
	}
	for _, i := range rows {
		for name := range g.rowOf(l, i) {
			if folded := strings.ToLower(name); !seen[folded] {
				seen[folded] = true
				spec.Columns = append(spec.Columns, name)
			}
		}
	}
	slices.Sort(spec.Columns[len(strings.Split(spec.RowKey, ",")):])
	return spec
}

// rowOf returns a write as a row of its job.
func (g *group) rowOf(l *load, i int) salesforce.Fields {
	w := &l.writes[i]
	row := make(salesforce.Fields, len(w.Fields)+len(w.Refs)+1)
	for name, value := range w.Fields {
		if parent, ok := value.(salesforce.ExternalKey); ok {
			name, value = name+"."+parent.Field, parent.Value
		}
		row[name] = value
	}
	for _, ref := range w.Refs {
		row[ref.Field] = l.results[ref.Write].ID
	}
	switch w.Op {
	case salesforce.OpUpdate:
		row["Id"] = w.ID.ID18()
	case salesforce.OpUpsert:
		row[w.Key.Field] = w.Key.Value
	}
	return row
}

// keyOf returns the RowResult.Key of a row: ids and texts as they are.
func keyOf(row salesforce.Fields, rowKey string) string {
	columns := strings.Split(rowKey, ",")
	cells := make([]string, len(columns))
	for name, value := range row {
		for i, column := range columns {
			if strings.EqualFold(name, column) && value != nil {
				cells[i] = fmt.Sprint(value)
			}
		}
	}
	return strings.Join(cells, ",")
}

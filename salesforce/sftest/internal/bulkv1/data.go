// SPDX-License-Identifier: Apache-2.0

package bulkv1

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/bulk"
	"github.com/leadsync/leadsync/salesforce/sftest/internal/wire"
)

// readJSON reads a batch of records as columns and rows of CSV have them: null is #N/A, and a
// record of a parent is a column with a dot. problem says why it cannot be read.
func readJSON(body []byte) (columns []string, rows [][]string, problem string) {
	v, err := wire.Decode(body)
	list, isList := v.([]any)
	if err != nil || !isList {
		return nil, nil, "InvalidBatch : Failed to parse the JSON data"
	}
	for _, record := range list {
		fields, isRecord := record.(wire.Object)
		if !isRecord {
			return nil, nil, "InvalidBatch : Failed to parse the JSON data"
		}
		var row []string
		set := func(name, cell string) {
			at := slices.Index(columns, name)
			if at < 0 {
				columns, at = append(columns, name), len(columns)
			}
			row = append(row, make([]string, max(0, len(columns)-len(row)))...)
			row[at] = cell
		}
		for _, m := range fields {
			parent, nested := m.Value.(wire.Object)
			switch {
			case m.Name == "attributes":
			case nested:
				for _, key := range parent {
					if key.Name != "attributes" {
						set(m.Name+"."+key.Name, cellOf(key.Value))
					}
				}
			default:
				set(m.Name, cellOf(m.Value))
			}
		}
		rows = append(rows, row)
	}
	for i, row := range rows {
		rows[i] = append(row, make([]string, len(columns)-len(row))...)
	}
	return columns, rows, ""
}

// cellOf returns a value of JSON as CSV has it; a blank text is null too (unverified).
func cellOf(v any) string {
	switch v := v.(type) {
	case nil:
		return "#N/A"
	case json.Number:
		return v.String()
	case string:
		if v == "" {
			return "#N/A"
		}
		return v
	}
	return fmt.Sprint(v)
}

// rows answers the rows that a query has found, as CSV or JSON.
func (t *batch) rows() *wire.Reply {
	columns, rows := t.run.Found()
	if t.job.content == "CSV" {
		text := bulk.AppendCSV(nil, columns)
		for _, row := range rows {
			text = bulk.AppendCSV(text, row)
		}
		if len(rows) == 0 { // recorded by clients
			text = []byte("Records not found for this query\n")
		}
		return wire.Answer(200, wire.CSV(text))
	}
	list := []any{}
	for _, record := range t.run.Records() {
		list = append(list, counted(record))
	}
	return wire.Answer(200, list)
}

// counted returns a record with its times in milliseconds, as this API writes them in JSON
// (docs/salesforce.md, The first Bulk API, unverified).
func counted(record wire.Object) wire.Object {
	shown := slices.Clone(record)
	for i, m := range shown {
		switch v := m.Value.(type) {
		case time.Time:
			shown[i].Value = int(v.UnixMilli())
		case wire.Object:
			shown[i].Value = counted(v)
		}
	}
	return shown
}

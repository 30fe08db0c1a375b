// SPDX-License-Identifier: Apache-2.0

package salesforce

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/leadsync/leadsync/salesforce/internal/bulk"
	"github.com/leadsync/leadsync/salesforce/internal/limit"
	"github.com/leadsync/leadsync/salesforce/internal/name"
)

// bulkNull is the CSV cell that clears a field. An empty cell leaves it unchanged
// ("Prepare CSV Files" in the Bulk API 2.0 guide).
const bulkNull = "#N/A"

// A rowEncoder encodes rows as CSV lines, and refuses rows that Salesforce would refuse
// or misunderstand. It is not safe for concurrent use.
type rowEncoder struct {
	columns []string
	places  map[string]int // of the columns, by name and by lower-case name
	rowKey  string
	keys    []int // the columns of the caller's key
	id      int   // the column Id, or -1

	cells []string
	line  []byte
}

func newRowEncoder(columns []string, rowKey string) *rowEncoder {
	e := &rowEncoder{
		columns: columns, places: map[string]int{}, rowKey: rowKey, id: -1, cells: make([]string, len(columns)),
	}
	for i, column := range columns {
		e.places[column] = i
		e.places[strings.ToLower(column)] = i
		if strings.EqualFold(column, "Id") {
			e.id = i
		}
	}
	for _, column := range rowKeyColumns(rowKey) {
		if place, ok := e.place(column); ok {
			e.keys = append(e.keys, place)
		}
	}
	return e
}

// rowKeyColumns returns the columns of an IngestSpec.RowKey.
func rowKeyColumns(rowKey string) []string { return strings.Split(rowKey, ",") }

// joinKey returns the RowResult.Key of the cells of those columns, "" when all are empty.
func joinKey(cells []string) string {
	if !slices.ContainsFunc(cells, func(cell string) bool { return cell != "" && cell != bulkNull }) {
		return ""
	}
	return strings.Join(cells, ",")
}

// encode returns the line of a row, which the next call overwrites, and its key. The
// error names the field.
func (e *rowEncoder) encode(row Fields) (line []byte, key string, err error) {
	clear(e.cells)
	for name, value := range row {
		place, ok := e.place(name)
		if !ok {
			return nil, "", fmt.Errorf("field %s: not among the columns", name)
		}
		if e.cells[place] != "" {
			return nil, "", fmt.Errorf("field %s: given twice", name)
		}
		cell, err := bulkCell(value)
		if err == nil && place == e.id && cell != bulkNull {
			cell, err = bulkID(cell)
		}
		if err != nil {
			return nil, "", fmt.Errorf("field %s: %w", name, err)
		}
		e.cells[place] = cell
	}
	cells := make([]string, len(e.keys))
	for i, place := range e.keys {
		cells[i] = e.cells[place]
	}
	if key = joinKey(cells); key == "" {
		return nil, "", fmt.Errorf("field %s: missing key", e.rowKey)
	}
	e.line = bulk.AppendRecord(e.line[:0], e.cells)
	if len(e.line) > limit.BulkRecord && name.Length(string(e.line)) > limit.BulkRecord {
		return nil, "", fmt.Errorf("record is longer than %d characters", limit.BulkRecord)
	}
	return e.line, key, nil
}

// place returns the column of a field.
func (e *rowEncoder) place(name string) (int, bool) {
	if place, ok := e.places[name]; ok {
		return place, true
	}
	place, ok := e.places[strings.ToLower(name)]
	return place, ok
}

// bulkCell returns a value as a CSV cell.
func bulkCell(value any) (string, error) {
	if err := checkValue(value); err != nil {
		return "", err
	}
	switch v := value.(type) {
	case string:
		return bulkText(v)
	case ID:
		return bulkText(string(v))
	case json.Number:
		return v.String(), nil
	case bool:
		return strconv.FormatBool(v), nil
	case int:
		return strconv.Itoa(v), nil
	case int64:
		return strconv.FormatInt(v, 10), nil
	case Date:
		return v.String(), nil
	case time.Time:
		return formatTime(v, jsonTime)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), nil
	}
	return bulkNull, nil // nil: checkValue allows no other value
}

// bulkText returns the cell of a UTF-8 text. An empty text clears the field, as it does
// in JSON: Salesforce stores no empty text.
func bulkText(text string) (string, error) {
	switch {
	case text == "":
		return bulkNull, nil
	case text == bulkNull:
		return "", errors.New("the text " + bulkNull + " would clear the field")
	case strings.ContainsRune(text, 0):
		return "", errors.New("contains a NUL")
	case len(text) > limit.BulkValue && name.Length(text) > limit.BulkValue:
		return "", fmt.Errorf("longer than %d characters", limit.BulkValue)
	}
	return text, nil
}

// bulkID returns an id in its canonical form, which results have too.
func bulkID(text string) (string, error) {
	id, err := ParseID(text)
	if err != nil {
		return "", errors.New("malformed record id")
	}
	return string(id), nil
}

// keyOf returns the key of a row that cannot be sent, empty when it has no usable one.
func (e *rowEncoder) keyOf(row Fields) string {
	cells := make([]string, len(e.keys))
	for name, value := range row {
		place, ok := e.place(name)
		at := slices.Index(e.keys, place)
		if !ok || at < 0 {
			continue
		}
		cell, err := bulkCell(value)
		if err == nil && place == e.id {
			cell, err = bulkID(cell)
		}
		if err != nil {
			return ""
		}
		cells[at] = cell
	}
	return joinKey(cells)
}

package salesforce

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/leadsync/leadsync/salesforce/internal/bulk"
	"github.com/leadsync/leadsync/salesforce/internal/limit"
	"github.com/leadsync/leadsync/salesforce/internal/name"
)

// bulkNull is the CSV cell that clears a field. An empty one leaves it as it is
// ("Prepare CSV Files" of the Bulk API 2.0 guide).
const bulkNull = "#N/A"

// A rowEncoder makes CSV lines of rows, and refuses rows that Salesforce could
// not take or could misunderstand. It is used by one goroutine.
type rowEncoder struct {
	columns []string
	places  map[string]int // of the columns, by name and by lower-case name
	key     int            // the column that carries the caller's key
	id      int            // the column Id, or -1

	cells []string
	line  []byte
}

func newRowEncoder(columns []string, rowKey string) *rowEncoder {
	e := &rowEncoder{columns: columns, places: map[string]int{}, id: -1, cells: make([]string, len(columns))}
	for i, column := range columns {
		e.places[column] = i
		e.places[strings.ToLower(column)] = i
		if strings.EqualFold(column, rowKey) {
			e.key = i
		}
		if strings.EqualFold(column, "Id") {
			e.id = i
		}
	}
	return e
}

// encode returns the line of a row, which the next call overwrites, and its key.
// The error names the field at fault.
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
	key = e.cells[e.key]
	if key == "" || key == bulkNull {
		return nil, "", fmt.Errorf("field %s: missing key", e.columns[e.key])
	}
	e.line = bulk.AppendRecord(e.line[:0], e.cells)
	if len(e.line) > limit.BulkRecord && name.Length(string(e.line)) > limit.BulkRecord {
		return nil, "", fmt.Errorf("record is longer than %d characters", limit.BulkRecord)
	}
	return e.line, key, nil
}

// place finds the column of a field.
func (e *rowEncoder) place(name string) (int, bool) {
	if place, ok := e.places[name]; ok {
		return place, true
	}
	place, ok := e.places[strings.ToLower(name)]
	return place, ok
}

// bulkCell returns a value as CSV carries it.
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
	return bulkNull, nil // checkValue lets nothing else pass but nil
}

// bulkText checks a text that is UTF-8. An empty one clears the field, as it does in JSON:
// Salesforce keeps no empty text.
func bulkText(text string) (string, error) {
	switch {
	case text == "":
		return bulkNull, nil
	case text == bulkNull:
		return "", errors.New("the text " + bulkNull + " would clear the field")
	case strings.ContainsRune(text, 0):
		return "", errors.New("holds a NUL")
	case len(text) > limit.BulkValue && name.Length(text) > limit.BulkValue:
		return "", fmt.Errorf("longer than %d characters", limit.BulkValue)
	}
	return text, nil
}

// bulkID brings an id to the form in which results can be joined to it.
func bulkID(text string) (string, error) {
	id, err := ParseID(text)
	if err != nil {
		return "", errors.New("malformed record id")
	}
	return string(id), nil
}

// keyOf is the key of a row that cannot be sent, as far as it has one.
func (e *rowEncoder) keyOf(row Fields) string {
	for name, value := range row {
		place, ok := e.place(name)
		if !ok || place != e.key {
			continue
		}
		cell, err := bulkCell(value)
		if err == nil && place == e.id {
			cell, err = bulkID(cell)
		}
		if err == nil && cell != bulkNull {
			return cell
		}
	}
	return ""
}

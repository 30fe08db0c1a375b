// SPDX-License-Identifier: Apache-2.0

package salesforce

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/leadsync/leadsync/internal/jsontext"
)

// A Record is one row as Salesforce returned it. It is safe for concurrent reads.
// Source: docs/salesforce.md, Queries.
type Record struct {
	// Object is the type in the row's attributes.
	Object Object
	// ID is the row's Id in its 18-character form, empty when Id was not selected.
	ID ID
	// Fields holds what was selected, including Id. Numbers are json.Number. A parent
	// relationship is a *Record, nil without a parent; a child relationship is a
	// []Record.
	Fields Fields
}

// Value returns the value at path: a field name, or relationship names and a field name
// joined by dots. Names are compared without regard to case. It returns false when the
// path was not selected, and nil and true for null and for a field of a null parent.
func (r *Record) Value(path string) (any, bool) {
	name, rest, nested := strings.Cut(path, ".")
	value, ok := r.Fields[name]
	if !ok {
		for key, v := range r.Fields {
			if len(key) == len(name) && strings.EqualFold(key, name) {
				value, ok = v, true
				break
			}
		}
	}
	if !ok || !nested {
		return value, ok
	}
	switch parent := value.(type) {
	case nil:
		return nil, true
	case *Record:
		return parent.Value(rest)
	}
	return nil, false
}

// Text returns the value at path as text, and "" for null or a path that was not
// selected.
func (r *Record) Text(path string) string {
	value, _ := r.Value(path)
	switch v := value.(type) {
	case nil:
		return ""
	case string:
		return v
	case json.Number:
		return v.String()
	case bool, int, int64, float64:
		return fmt.Sprint(v)
	}
	return ""
}

// Bool reports whether the value at path is true.
func (r *Record) Bool(path string) bool {
	value, _ := r.Value(path)
	b, _ := value.(bool)
	return b
}

// Date returns the value of a date field at path, and false when it is null, was not
// selected or is not a date.
func (r *Record) Date(path string) (Date, bool) {
	t, err := time.Parse(time.DateOnly, r.Text(path))
	return DateOf(t), err == nil
}

// Time returns the value of a datetime field at path in UTC, and false when it is null,
// was not selected or is not a datetime.
func (r *Record) Time(path string) (time.Time, bool) {
	text := r.Text(path)
	for _, layout := range [...]string{repliedTime, time.RFC3339} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}

// Parent returns the record of a parent relationship, nil when there is none or it was
// not selected.
func (r *Record) Parent(path string) *Record {
	value, _ := r.Value(path)
	parent, _ := value.(*Record)
	return parent
}

// UnmarshalJSON decodes a row of a reply.
func (r *Record) UnmarshalJSON(data []byte) error {
	reader := jsontext.NewReader(data)
	if err := r.read(reader, 0, len(data)); err != nil {
		return err
	}
	return reader.End()
}

// read decodes the row that comes next, with about that many fields and bytes.
func (r *Record) read(from *jsontext.Reader, fields, size int) error {
	from.Share(size) // one copy for the texts of a row
	if !from.IsObject() {
		return errors.New("row is not an object")
	}
	r.Fields = make(Fields, fields)
	for name := range from.Members() {
		if name == attributesName {
			if !r.readType(from) {
				return errNoType
			}
			continue
		}
		value, err := readValue(from)
		if err != nil {
			return fmt.Errorf("field %s: %w", name, err)
		}
		r.Fields[name] = value
	}
	r.ID = ID(r.Text("Id")).ID18()
	return nil
}

const attributesName = "attributes"

// readType sets the object to the type in attributes, and reports whether there is one.
func (r *Record) readType(from *jsontext.Reader) (ok bool) {
	for name := range from.Members() {
		if name == "type" {
			r.Object, ok = Object(from.Text()), true
		} else {
			from.Raw()
		}
	}
	return ok
}

var errNoType = errors.New("attributes without a type")

// readValue returns the value of one field: an object with attributes is a parent, one
// with records is a child query, any other, such as an address, stays a map.
func readValue(from *jsontext.Reader) (any, error) {
	if !from.IsObject() {
		return from.Value(), nil
	}
	return valueOf(from.Value())
}

// fill sets the record from a decoded row, which it changes and keeps.
func (r *Record) fill(raw map[string]any) error {
	if value, ok := raw[attributesName]; ok {
		attributes, _ := value.(map[string]any)
		object, ok := attributes["type"].(string)
		if !ok {
			return errNoType
		}
		r.Object = Object(object)
		delete(raw, attributesName)
	}
	for name, value := range raw {
		converted, err := valueOf(value)
		if err != nil {
			return fmt.Errorf("field %s: %w", name, err)
		}
		raw[name] = converted
	}
	r.Fields = raw
	r.ID = ID(r.Text("Id")).ID18()
	return nil
}

// errMoreChildren is the error of a child query with more pages, which would cost
// unexpected calls.
var errMoreChildren = errors.New("more child rows than the reply holds")

// valueOf returns the value of one decoded field: an object with attributes is a
// parent, one with records is a child query, any other, such as an address, stays a
// map.
func valueOf(value any) (any, error) {
	object, _ := value.(map[string]any)
	if _, ok := object["attributes"]; ok {
		parent := new(Record)
		return parent, parent.fill(object)
	}
	records, ok := object["records"]
	switch {
	case !ok:
		return value, nil
	case object["done"] == false:
		return nil, errMoreChildren
	}
	rows, ok := records.([]any)
	if !ok {
		return nil, errors.New("child rows are not a list")
	}
	children := make([]Record, len(rows))
	for i, row := range rows {
		child, ok := row.(map[string]any)
		if !ok {
			return nil, errors.New("child row is not an object")
		}
		if err := children[i].fill(child); err != nil {
			return nil, err
		}
	}
	return children, nil
}

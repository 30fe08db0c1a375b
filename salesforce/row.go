package salesforce

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"time"
)

// A row is one record as a request carries it.
type row struct {
	// object is empty where the address names it; otherwise it goes into
	// attributes, which must be the first key (SALESFORCE.md 1, Collections).
	object Object
	id     ID // of an update
	fields Fields
}

// MarshalJSON writes attributes and id first, then the fields by name.
func (r row) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	put := func(name string, value any) error {
		switch v := value.(type) {
		case time.Time:
			value = v.UTC().Format(jsonTime)
		case ExternalKey:
			value = map[string]string{v.Field: v.Value}
		}
		text, err := json.Marshal(value)
		if err != nil {
			return err
		}
		if b.Len() > 1 {
			b.WriteByte(',')
		}
		b.WriteString(`"` + name + `":`)
		b.Write(text)
		return nil
	}
	if r.object != "" {
		if err := put("attributes", map[string]Object{"type": r.object}); err != nil {
			return nil, err
		}
	}
	if r.id != "" {
		if err := put("id", r.id); err != nil {
			return nil, err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(r.fields)) {
		if err := put(name, r.fields[name]); err != nil {
			return nil, err
		}
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// A rowResult is Salesforce's answer to one row, and to a single create or
// upsert.
type rowResult struct {
	ID      ID        `json:"id"`
	Success bool      `json:"success"`
	Created *bool     `json:"created"`
	Errors  []problem `json:"errors"`
}

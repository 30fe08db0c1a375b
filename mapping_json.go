package leadsync

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// UnmarshalJSON reads a mapping. The error is a *Error whose field is the path
// of what is wrong, such as objects[0].rules[3].write. It refuses keys that it
// does not know, and later versions; what the rows say is for Validate.
func (m *Mapping) UnmarshalJSON(data []byte) error {
	type plain Mapping // without this method
	read := struct {
		*plain
		Sections []json.RawMessage `json:"objects"`
	}{plain: &plain{}}
	if err := decodeStrict(data, &read, plain{}); err != nil {
		return err
	}
	if read.Version < 0 || read.Version > MappingVersion {
		return mappingError("version", fmt.Sprintf("is not %d, the version that this library reads", MappingVersion))
	}
	result := Mapping(*read.plain)
	result.Sections = make([]ObjectMapping, len(read.Sections))
	for i, section := range read.Sections {
		if err := json.Unmarshal(section, &result.Sections[i]); err != nil {
			return within(fmt.Sprintf("objects[%d]", i), err)
		}
	}
	*m = result
	return nil
}

// UnmarshalJSON reads the rows for one object; see Mapping.UnmarshalJSON.
func (o *ObjectMapping) UnmarshalJSON(data []byte) error {
	type plain ObjectMapping
	read := struct {
		*plain
		Lookups []json.RawMessage `json:"lookups"`
		Rules   []json.RawMessage `json:"rules"`
	}{plain: &plain{}}
	if err := decodeStrict(data, &read, plain{}); err != nil {
		return err
	}
	result := ObjectMapping(*read.plain)
	for i, lookup := range read.Lookups {
		result.Lookups = append(result.Lookups, Lookup{})
		if err := json.Unmarshal(lookup, &result.Lookups[i]); err != nil {
			return within(fmt.Sprintf("lookups[%d]", i), err)
		}
	}
	result.Rules = make([]Rule, len(read.Rules))
	for i, rule := range read.Rules {
		if err := json.Unmarshal(rule, &result.Rules[i]); err != nil {
			return within(fmt.Sprintf("rules[%d]", i), err)
		}
	}
	*o = result
	return nil
}

// UnmarshalJSON reads one lookup; see Mapping.UnmarshalJSON.
func (l *Lookup) UnmarshalJSON(data []byte) error {
	type plain Lookup
	var read plain
	if err := decodeStrict(data, &read, read); err != nil {
		return err
	}
	*l = Lookup(read)
	return nil
}

// UnmarshalJSON reads one row; see Mapping.UnmarshalJSON. The numbers of
// Constant and Default become json.Number.
func (r *Rule) UnmarshalJSON(data []byte) error {
	type plain Rule
	var read plain
	if err := decodeStrict(data, &read, read); err != nil {
		return err
	}
	*r = Rule(read)
	return nil
}

// decodeStrict decodes an object into dst and refuses keys that the struct
// shape has no field for.
func decodeStrict(data []byte, dst, shape any) error {
	var keys map[string]json.RawMessage
	if err := json.Unmarshal(data, &keys); err != nil {
		return mappingError("", "is not a JSON object")
	}
	known := jsonKeys(reflect.TypeOf(shape))
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		if !slices.Contains(known, key) {
			return mappingError(key, "is not a known key")
		}
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	err := decoder.Decode(dst)
	var wrongType *json.UnmarshalTypeError
	if errors.As(err, &wrongType) {
		path := wrongType.Field[strings.LastIndexByte(wrongType.Field, '.')+1:]
		return mappingError(path, fmt.Sprintf("is a JSON %s, and must be a %s", wrongType.Value, wrongType.Type))
	}
	return err
}

func jsonKeys(shape reflect.Type) []string {
	var keys []string
	for i := range shape.NumField() {
		key, _, _ := strings.Cut(shape.Field(i).Tag.Get("json"), ",")
		if key != "" {
			keys = append(keys, key)
		}
	}
	return keys
}

func mappingError(path, reason string) *Error {
	return &Error{Op: "read mapping", Code: DataValueValidation, Fields: []string{path}, Reason: reason}
}

// within puts the path of an error under another.
func within(path string, err error) error {
	var e *Error
	if !errors.As(err, &e) || len(e.Fields) != 1 {
		return err
	}
	if e.Fields[0] != "" {
		path += "." + e.Fields[0]
	}
	return mappingError(path, e.Reason)
}

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/leadsync/leadsync"
)

// decodeStrict decodes JSON into the value that target points to. Unlike
// encoding/json it refuses keys that the type does not have, and its error
// names the path of what is wrong, such as campaigns[2].campaignId, and the
// rule.
func decodeStrict(data []byte, target any) error {
	var syntax *json.SyntaxError
	switch err := json.Unmarshal(data, new(any)); {
	case errors.As(err, &syntax):
		return fmt.Errorf("line %d: is not JSON: %w", 1+strings.Count(string(data[:syntax.Offset]), "\n"), syntax)
	case err != nil:
		return err
	}
	value := reflect.ValueOf(target).Elem()
	if err := checkJSON("", data, value.Type()); err != nil {
		return err
	}
	return json.Unmarshal(data, target)
}

// checkJSON reports the first place of data that does not fit the type.
func checkJSON(path string, data json.RawMessage, t reflect.Type) error {
	if string(data) == "null" {
		return nil // leaves what is there, as encoding/json has it
	}
	if reflect.PointerTo(t).Implements(reflect.TypeFor[json.Unmarshaler]()) {
		if err := json.Unmarshal(data, reflect.New(t).Interface()); err != nil {
			return refused(path, err)
		}
		return nil
	}
	switch t.Kind() {
	case reflect.Pointer:
		return checkJSON(path, data, t.Elem())
	case reflect.Struct:
		return checkObject(path, data, t)
	case reflect.Map:
		return checkMap(path, data, t)
	case reflect.Slice:
		return checkList(path, data, t)
	}
	if err := json.Unmarshal(data, reflect.New(t).Interface()); err != nil {
		return at(path, mismatch(data, kindName(t)))
	}
	return nil
}

func checkObject(path string, data json.RawMessage, t reflect.Type) error {
	var object map[string]json.RawMessage
	if json.Unmarshal(data, &object) != nil {
		return at(path, mismatch(data, "an object"))
	}
	fields := jsonFields(t)
	for _, key := range slices.Sorted(maps.Keys(object)) {
		field, ok := fields[key]
		if !ok {
			return at(join(path, key), "is not a known key; here are "+strings.Join(slices.Sorted(maps.Keys(fields)), ", "))
		}
		if err := checkJSON(join(path, key), object[key], field); err != nil {
			return err
		}
	}
	return nil
}

func checkMap(path string, data json.RawMessage, t reflect.Type) error {
	var object map[string]json.RawMessage
	if json.Unmarshal(data, &object) != nil {
		return at(path, mismatch(data, "an object"))
	}
	for _, key := range slices.Sorted(maps.Keys(object)) {
		if err := checkJSON(join(path, key), object[key], t.Elem()); err != nil {
			return err
		}
	}
	return nil
}

func checkList(path string, data json.RawMessage, t reflect.Type) error {
	var list []json.RawMessage
	if json.Unmarshal(data, &list) != nil {
		return at(path, mismatch(data, "a list"))
	}
	for i, element := range list {
		if err := checkJSON(fmt.Sprintf("%s[%d]", path, i), element, t.Elem()); err != nil {
			return err
		}
	}
	return nil
}

// jsonFields returns the types of a struct's fields by their JSON key, those of
// embedded structs included.
func jsonFields(t reflect.Type) map[string]reflect.Type {
	fields := make(map[string]reflect.Type)
	for _, f := range reflect.VisibleFields(t) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case !f.IsExported(), name == "-", f.Anonymous && name == "":
		case name == "":
			fields[f.Name] = f.Type
		default:
			fields[name] = f.Type
		}
	}
	return fields
}

// refused is the error of a type that reads its own JSON. Those of leadsync
// tell the path within it.
func refused(path string, err error) error {
	var known *leadsync.Error
	if !errors.As(err, &known) {
		return at(path, err.Error())
	}
	if len(known.Fields) > 0 && known.Fields[0] != "" {
		path = join(path, known.Fields[0])
	}
	return at(path, known.Reason)
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

func at(path, reason string) error {
	if path == "" {
		return errors.New(reason)
	}
	return fmt.Errorf("%s: %s", path, reason)
}

func mismatch(data json.RawMessage, want string) string {
	got := "a number"
	switch data[0] {
	case '{':
		got = "an object"
	case '[':
		got = "a list"
	case '"':
		got = "text"
	case 't', 'f':
		got = "true or false"
	}
	return fmt.Sprintf("must be %s, not %s", want, got)
}

func kindName(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "text"
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return "a whole number"
	case reflect.Float32, reflect.Float64:
		return "a number"
	}
	return t.String()
}

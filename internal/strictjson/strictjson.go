// SPDX-License-Identifier: Apache-2.0

// Package strictjson decodes JSON that people write. Unlike encoding/json it refuses
// keys that a type does not have, also in another case, and keys that appear twice,
// and names the path of what is wrong. All functions are pure and safe for concurrent
// use.
package strictjson

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"
)

// An Error says what in the JSON is wrong.
type Error struct {
	// Path is where it is, such as objects[0].rules[3].write, empty for the whole.
	Path string
	// Reason says which rule is broken. It quotes no value.
	Reason string
}

// Error names the path and the reason.
func (e *Error) Error() string { return strings.TrimPrefix(e.Path+": "+e.Reason, ": ") }

// Decode decodes data into the value that dst points to, which stays as it is
// when there is an error. Numbers of any type become json.Number. The checks see
// what was read before it counts. The error is a *Error, unless data is not
// well-formed or an UnmarshalJSON of one of T's fields fails.
//
// An UnmarshalJSON converts its receiver to a type without the method:
//
//	func (r *Rule) UnmarshalJSON(data []byte) error {
//		type plain Rule
//		return strictjson.Decode(data, (*plain)(r))
//	}
func Decode[T any](data []byte, dst *T, checks ...func(*T) error) error {
	if err := check("", data, reflect.TypeFor[T]()); err != nil {
		return err
	}
	var read T
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	if err := decoder.Decode(&read); err != nil {
		return err
	}
	for _, check := range checks {
		if err := check(&read); err != nil {
			return err
		}
	}
	*dst = read
	return nil
}

// CheckVersion refuses a version later than the newest that the library reads. The
// error is a *Error with the path "version".
func CheckVersion(version, newest int) error {
	if version < 0 || version > newest {
		return &Error{"version", fmt.Sprintf("must be at most %d, the newest version that this library reads", newest)}
	}
	return nil
}

// check returns the first place of well-formed data that does not fit the type.
func check(path string, data json.RawMessage, t reflect.Type) error {
	data = bytes.TrimSpace(data)
	if string(data) == "null" || t.Kind() == reflect.Interface {
		return nil // as in encoding/json, null changes nothing
	}
	if t == reflect.TypeFor[time.Time]() {
		if json.Unmarshal(data, new(time.Time)) != nil {
			return mismatch(path, data, "an RFC 3339 time")
		}
		return nil
	}
	switch t.Kind() {
	case reflect.Pointer:
		return check(path, data, t.Elem())
	case reflect.Struct:
		return checkObject(path, data, t)
	case reflect.Map:
		return checkMap(path, data, t)
	case reflect.Slice:
		return checkList(path, data, t)
	}
	if json.Unmarshal(data, reflect.New(t).Interface()) != nil {
		return mismatch(path, data, kindNames[t.Kind()])
	}
	return nil
}

func checkObject(path string, data json.RawMessage, t reflect.Type) error {
	object, err := members(data, path, func(key string) string { return joinPath(path, key) })
	if err != nil {
		return err
	}
	known := make(map[string]reflect.Type)
	for _, f := range reflect.VisibleFields(t) {
		if key, _, _ := strings.Cut(f.Tag.Get("json"), ","); key != "" {
			known[key] = f.Type
		}
	}
	for _, key := range slices.Sorted(maps.Keys(object)) {
		field, ok := known[key]
		if !ok {
			keys := strings.Join(slices.Sorted(maps.Keys(known)), ", ")
			return fail(joinPath(path, key), "unknown key; the known keys are "+keys)
		}
		if err := check(joinPath(path, key), object[key], field); err != nil {
			return err
		}
	}
	return nil
}

func checkMap(path string, data json.RawMessage, t reflect.Type) error {
	at := func(key string) string { return fmt.Sprintf("%s[%q]", path, key) }
	object, err := members(data, path, at)
	if err != nil {
		return err
	}
	for _, key := range slices.Sorted(maps.Keys(object)) {
		if err := check(at(key), object[key], t.Elem()); err != nil {
			return err
		}
	}
	return nil
}

// members returns the members of an object by key. It refuses duplicate keys, of
// which encoding/json takes the last.
func members(data json.RawMessage, path string, at func(key string) string) (map[string]json.RawMessage, error) {
	decoder := json.NewDecoder(bytes.NewReader(data))
	if open, err := decoder.Token(); err != nil || open != json.Delim('{') {
		return nil, mismatch(path, data, "an object")
	}
	object := make(map[string]json.RawMessage)
	for decoder.More() {
		var value json.RawMessage
		key, err := decoder.Token()
		if err == nil {
			err = decoder.Decode(&value)
		}
		if err != nil {
			return nil, err
		}
		name, _ := key.(string)
		if _, twice := object[name]; twice {
			return nil, fail(at(name), "duplicate key")
		}
		object[name] = value
	}
	return object, nil
}

func checkList(path string, data json.RawMessage, t reflect.Type) error {
	var list []json.RawMessage
	if json.Unmarshal(data, &list) != nil {
		return mismatch(path, data, "a list")
	}
	for i, element := range list {
		if err := check(fmt.Sprintf("%s[%d]", path, i), element, t.Elem()); err != nil {
			return err
		}
	}
	return nil
}

func joinPath(path, key string) string {
	return strings.TrimPrefix(path+"."+key, ".")
}

var kindNames = map[reflect.Kind]string{
	reflect.String: "text",
	reflect.Bool:   "true or false",
	reflect.Int:    "a whole number",
}

func mismatch(path string, data json.RawMessage, want string) error {
	got := "a number"
	switch {
	case len(data) == 0:
		got = "nothing"
	case data[0] == '{':
		got = "an object"
	case data[0] == '[':
		got = "a list"
	case data[0] == '"':
		got = "text"
	case data[0] == 't', data[0] == 'f':
		got = "true or false"
	}
	return fail(path, fmt.Sprintf("must be %s, not %s", want, got))
}

func fail(path, reason string) error { return &Error{path, reason} }

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

// decodeStrict decodes what an administrator wrote into the value that dst points
// to, whose own UnmarshalJSON it goes past. Unlike encoding/json it refuses keys
// that the type does not have, also in another case; its error is a *Error whose
// field is the path of what is wrong, such as objects[0].rules[3].write. Numbers
// of any type become json.Number.
func decodeStrict(data []byte, dst any) error {
	if err := checkJSON("", data, reflect.TypeOf(dst).Elem()); err != nil {
		return err
	}
	return decodeNumbers(data, dst)
}

func decodeNumbers(data []byte, dst any) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	return decoder.Decode(dst)
}

// checkJSON returns the first place of data, which is well-formed, that does not
// fit the type.
func checkJSON(path string, data json.RawMessage, t reflect.Type) error {
	data = bytes.TrimSpace(data)
	if string(data) == "null" || t.Kind() == reflect.Interface {
		return nil // null leaves what is there, as encoding/json has it
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
			return settingsError(joinPath(path, key), "is not a known key; here are "+strings.Join(slices.Sorted(maps.Keys(known)), ", "))
		}
		if err := checkJSON(joinPath(path, key), object[key], field); err != nil {
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
		if err := checkJSON(at(key), object[key], t.Elem()); err != nil {
			return err
		}
	}
	return nil
}

// members returns the members of an object by key. A key that stands there twice
// is refused: encoding/json would take the last, without a word.
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
			return nil, settingsError(at(name), "stands there twice")
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
		if err := checkJSON(fmt.Sprintf("%s[%d]", path, i), element, t.Elem()); err != nil {
			return err
		}
	}
	return nil
}

func joinPath(path, key string) string {
	return strings.TrimPrefix(path+"."+key, ".")
}

var kindNames = map[reflect.Kind]string{reflect.String: "text", reflect.Bool: "true or false", reflect.Int: "a whole number"}

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
	return settingsError(path, fmt.Sprintf("must be %s, not %s", want, got))
}

func settingsError(path, reason string) error {
	return &Error{Op: "read settings", Code: DataValueValidation, Fields: []string{path}, Reason: reason}
}

// within puts the path of an error under another.
func within(path string, err error) error {
	var e *Error
	if !errors.As(err, &e) || len(e.Fields) != 1 {
		return err
	}
	return settingsError(strings.TrimSuffix(joinPath(path, e.Fields[0]), "."), e.Reason)
}

// checkVersion refuses a later version than the library reads.
func checkVersion(version, newest int) error {
	if version < 0 || version > newest {
		return settingsError("version", fmt.Sprintf("is not %d, the newest that this library reads", newest))
	}
	return nil
}

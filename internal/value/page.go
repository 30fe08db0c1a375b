// SPDX-License-Identifier: Apache-2.0

package value

import (
	"bytes"
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"time"
)

// PageJSON returns the JSON of a struct as a page reads it: every key is there, an empty list is
// [] and an empty map {}, a time is RFC 3339 or null, and a duration is in seconds. What the
// fields hold has its own JSON. Keys are those of the json tags, whose options do not count.
func PageJSON(v any) ([]byte, error) {
	of := reflect.ValueOf(v)
	var b bytes.Buffer
	for i := range of.NumField() {
		name := pageKey(of.Type().Field(i))
		text, err := json.Marshal(pageValue(of.Field(i)))
		if err != nil {
			return nil, err
		}
		b.WriteString(`,"` + name + `":`)
		b.Write(text)
	}
	text := b.Bytes()
	text[0] = '{'
	return append(text, '}'), nil
}

func pageKey(field reflect.StructField) string {
	name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
	return name
}

func pageValue(of reflect.Value) any {
	switch v := of.Interface().(type) {
	case time.Time:
		if v.IsZero() {
			return nil
		}
	case time.Duration:
		return v.Seconds()
	}
	switch {
	case of.Kind() == reflect.Slice && of.IsNil():
		return []any{}
	case of.Kind() == reflect.Map && of.IsNil():
		return struct{}{}
	}
	return of.Interface()
}

// ReadPageJSON reads what PageJSON wrote of a struct into it. Keys that it does not know are
// passed over, and values of missing ones stay.
func ReadPageJSON(data []byte, into any) error {
	var values map[string]json.RawMessage
	if err := json.Unmarshal(data, &values); err != nil {
		return err
	}
	of := reflect.ValueOf(into).Elem()
	for i := range of.NumField() {
		text, ok := values[pageKey(of.Type().Field(i))]
		if !ok {
			continue
		}
		field := of.Field(i).Addr().Interface()
		if lag, ok := field.(*time.Duration); ok {
			var seconds float64
			if err := json.Unmarshal(text, &seconds); err != nil {
				return err
			}
			*lag = time.Duration(math.Round(seconds * float64(time.Second)))
			continue
		}
		if err := json.Unmarshal(text, field); err != nil {
			return err
		}
	}
	return nil
}

// SPDX-License-Identifier: Apache-2.0

package value

import (
	"encoding/json"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// NotPlain is the reason why a field does not take a value that PlainValue cannot reduce.
const NotPlain = "is not text, a finite number, a boolean, a time, or a list of them"

// PlainValue reduces what a source field may hold to nil, string, bool, json.Number,
// time.Time or []string. It reports false for anything else, also for NaN and infinity.
func PlainValue(value any) (any, bool) {
	switch v := value.(type) {
	case nil, string, bool, json.Number, time.Time, []string:
		return v, true
	}
	v := reflect.ValueOf(value)
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return nil, true
		}
		return PlainValue(v.Elem().Interface())
	case reflect.String:
		return v.String(), true
	case reflect.Bool:
		return v.Bool(), true
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return json.Number(strconv.FormatInt(v.Int(), 10)), true
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return json.Number(strconv.FormatUint(v.Uint(), 10)), true
	case reflect.Float32, reflect.Float64:
		if math.IsNaN(v.Float()) || math.IsInf(v.Float(), 0) {
			return nil, false
		}
		return json.Number(strconv.FormatFloat(v.Float(), 'f', -1, v.Type().Bits())), true
	case reflect.Slice:
		return plainList(v)
	}
	return nil, false
}

func plainList(list reflect.Value) (any, bool) {
	if list.Type().Elem().Kind() == reflect.Uint8 {
		return nil, false // bytes
	}
	texts := make([]string, 0, list.Len())
	for i := range list.Len() {
		plain, ok := PlainValue(list.Index(i).Interface())
		if _, nested := plain.([]string); !ok || nested {
			return nil, false
		}
		if !IsBlank(plain) {
			texts = append(texts, TextOf(plain, nil))
		}
	}
	return texts, true
}

// IsBlank reports whether a plain value is empty. False and zero are not.
func IsBlank(value any) bool {
	switch v := value.(type) {
	case nil:
		return true
	case string:
		return BlankText(v)
	case json.Number:
		return BlankText(string(v))
	case time.Time:
		return v.IsZero()
	case []string:
		for _, s := range v {
			if !BlankText(s) {
				return false
			}
		}
		return true
	}
	return false
}

// TextOf writes a plain value as text: a time in zone as RFC 3339, a list joined
// with "; ". Other values are "".
func TextOf(value any, zone *time.Location) string {
	switch v := value.(type) {
	case string:
		return v
	case bool:
		return strconv.FormatBool(v)
	case json.Number:
		return v.String()
	case time.Time:
		return InZone(v, zone).Format(time.RFC3339)
	case []string:
		return strings.Join(TrimmedValues(v), "; ")
	}
	return ""
}

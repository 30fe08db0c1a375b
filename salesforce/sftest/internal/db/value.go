// SPDX-License-Identifier: Apache-2.0

package db

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/wire"
)

// Parse reads a JSON value as a value of the field, or refuses it. end is the offset in the
// body where the value ends. Blank text is null, and text is trimmed.
func (f *Field) Parse(v any, end int) (any, *wire.RowError) {
	switch v := v.(type) {
	case nil:
		return nil, nil
	case string:
		return f.parseText(v, end)
	case bool:
		return f.parseBool(v, end)
	case json.Number:
		return f.parseNumber(v, end)
	case []byte: // a part of a multipart request
		if f.Kind() == KindBlob {
			return newBlob(v), nil
		}
		return nil, f.cannot("binary data")
	case wire.Object:
		return nil, f.cannot("START_OBJECT value {")
	}
	return nil, f.cannot(fmt.Sprintf("START_ARRAY value [line:1, column:%d]", end+1))
}

// cannot refuses a value of the wrong JSON type. For objects and arrays the text is recorded
// (docs/salesforce.md, Errors, JSON_PARSER_ERROR; verbb/formie#2124).
func (f *Field) cannot(what string) *wire.RowError {
	return wire.NewUnread("JSON_PARSER_ERROR", fmt.Sprintf("Cannot deserialize instance of %s from %s", f.Type, what))
}

// cannotBe refuses a plain value. Since 2016 at the latest the text mentions a required field
// (regican/Salesforce#2, mautic/mautic#3048); that of docs/salesforce.md, Errors is older.
func (f *Field) cannotBe(token, text string, end int) *wire.RowError {
	return f.cannot(fmt.Sprintf("%s value %s or request may be missing a required field at [line:1, column:%d]",
		token, text, end+1))
}

func (f *Field) parseText(s string, end int) (any, *wire.RowError) {
	s = strings.TrimSpace(s)
	if s == "" {
		return nil, nil
	}
	if f.Kind() == KindBlob {
		data, err := base64.StdEncoding.DecodeString(s)
		if err != nil {
			return nil, f.cannot("VALUE_STRING value that is not base64")
		}
		return newBlob(data), nil
	}
	value, ok := f.FromText(s)
	if !ok {
		return nil, f.cannotBe("VALUE_STRING", s, end)
	}
	return value, nil
}

// FromText reads text as a value of the field, false if it is not one.
func (f *Field) FromText(s string) (any, bool) {
	switch f.Kind() {
	case KindEmail:
		return strings.ToLower(s), true // lower-cased on save (docs/salesforce.md, Records, unverified)
	case KindBool:
		yes := strings.EqualFold(s, "true") || s == "1"
		return yes, yes || strings.EqualFold(s, "false") || s == "0"
	case KindInt:
		n, err := strconv.ParseInt(s, 10, 32)
		return int(n), err == nil
	case KindNumber:
		n, err := strconv.ParseFloat(s, 64)
		return f.round(n), err == nil && !math.IsInf(n, 0) && !math.IsNaN(n)
	case KindDate:
		return ParseDate(s)
	case KindDatetime:
		return ParseDatetime(s)
	case KindTime:
		return ParseTime(s)
	}
	return s, true
}

func (f *Field) parseBool(b bool, end int) (any, *wire.RowError) {
	switch f.Kind() {
	case KindBool:
		return b, nil
	case KindText, KindEmail, KindPicklist:
		return strconv.FormatBool(b), nil
	}
	return nil, f.cannotBe("VALUE_"+strings.ToUpper(strconv.FormatBool(b)), strconv.FormatBool(b), end)
}

func (f *Field) parseNumber(n json.Number, end int) (any, *wire.RowError) {
	switch f.Kind() {
	case KindText, KindEmail, KindPicklist, KindInt, KindNumber:
		if v, ok := f.FromText(n.String()); ok {
			return v, nil
		}
	}
	token := "VALUE_NUMBER_INT"
	if strings.ContainsAny(n.String(), ".eE") {
		token = "VALUE_NUMBER_FLOAT"
	}
	return nil, f.cannotBe(token, n.String(), end)
}

// round rounds a number to the field's scale.
func (f *Field) round(n float64) float64 {
	unit := math.Pow10(f.Scale)
	rounded := math.Round(n*unit) / unit
	if math.IsInf(rounded, 0) || math.IsNaN(rounded) {
		return n
	}
	return rounded
}

// ParseDate reads a date, or the day of a datetime.
func ParseDate(s string) (any, bool) {
	if t, err := time.Parse(time.DateOnly, s); err == nil {
		return t.Format(time.DateOnly), true
	}
	if t, ok := ParseDatetime(s); ok {
		return t.(time.Time).Format(time.DateOnly), true
	}
	return nil, false
}

// ParseDatetime reads a datetime as JSON may carry it. A zone without a colon is accepted only
// after milliseconds, as Salesforce itself writes it (recorded, docs/salesforce.md, Errors).
func ParseDatetime(s string) (any, bool) {
	for _, layout := range []string{time.RFC3339Nano, wire.TimeLayout} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC().Truncate(time.Second), true
		}
	}
	return nil, false
}

// ParseTime reads a time of day.
func ParseTime(s string) (any, bool) {
	for _, layout := range []string{"15:04:05.000Z", "15:04:05Z", "15:04:05.000", "15:04:05"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.Format("15:04:05.000Z"), true
		}
	}
	return nil, false
}

// A Blob is the content of a base64 field. Rows, and the snapshots of them, share it.
type Blob struct{ data []byte }

// newBlob returns data as a value, nil for none.
func newBlob(data []byte) any {
	if len(data) == 0 {
		return nil
	}
	return &Blob{data}
}

// Bytes returns the content, which nobody may change.
func (b *Blob) Bytes() []byte { return b.data }

// exported makes values of a row, which it changes, those of the Go API.
func exported(values map[string]any) map[string]any {
	for name, v := range values {
		if b, ok := v.(*Blob); ok {
			values[name] = bytes.Clone(b.data)
		}
	}
	return values
}

// fromGo reads a Go value, as Insert and Update take it, as a value of the field.
func (f *Field) fromGo(v any) (any, error) {
	switch v := v.(type) {
	case time.Time:
		if f.Kind() == KindDate {
			return v.Format(time.DateOnly), nil
		}
		if f.Kind() == KindDatetime {
			return v.UTC(), nil
		}
	case int, int32, int64, float64, float32:
		return f.fromJSON(json.Number(fmt.Sprint(v)))
	case nil, string, bool, json.Number, []byte:
		return f.fromJSON(v)
	case fmt.Stringer:
		return f.fromJSON(v.String())
	}
	return nil, fmt.Errorf("field %s (%s) cannot hold a %T", f.Name, f.Type, v)
}

func (f *Field) fromJSON(v any) (any, error) {
	value, err := f.Parse(v, 0)
	if err != nil {
		return nil, fmt.Errorf("field %s: %s", f.Name, err.Message)
	}
	if s, ok := value.(string); ok && f.Kind() == KindID {
		id, ok := wire.CanonicalID(s)
		if !ok {
			return nil, fmt.Errorf("field %s: not a record id", f.Name)
		}
		return id, nil
	}
	return value, nil
}

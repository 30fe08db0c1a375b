// SPDX-License-Identifier: Apache-2.0

package salesforce

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/leadsync/leadsync/salesforce/internal/name"
)

// Fields maps field API names to values: string, ID, bool, int, int64, float64,
// json.Number, Date, time.Time for a datetime (sent in UTC with milliseconds), and nil
// for null. Those of a Record have the types of JSON. An update clears a field that is
// null and does not change one that is absent.
// Source: docs/salesforce.md, Fields.
type Fields map[string]any

// A Date is a calendar day without a time zone, the value of a date field.
// Source: docs/salesforce.md, SOQL.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// DateOf returns the day of t in t's own location.
func DateOf(t time.Time) Date {
	year, month, day := t.Date()
	return Date{year, month, day}
}

// String returns the day as in SOQL and JSON, such as 2026-05-31.
func (d Date) String() string {
	if !d.valid() {
		return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day)
	}
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
}

// MarshalText returns the day as String does, or an error if there is no such day.
func (d Date) MarshalText() ([]byte, error) {
	if !d.valid() {
		return nil, errNoDate
	}
	return []byte(d.String()), nil
}

// SOQL returns the day as String does, for a condition of package soql, or an error if
// there is no such day.
func (d Date) SOQL() (string, error) {
	text, err := d.MarshalText()
	return string(text), err
}

var (
	errNoDate = errors.New("no such date")
	errNoTime = errors.New("year outside 1 to 9999")
)

// jsonTime is the layout of a datetime in requests, in UTC; repliedTime is the one in
// replies (docs/salesforce.md, SOQL).
const (
	jsonTime    = "2006-01-02T15:04:05.000Z"
	repliedTime = "2006-01-02T15:04:05.000-0700"
)

// formatTime returns t in UTC.
func formatTime(t time.Time, layout string) (string, error) {
	t = t.UTC()
	if !DateOf(t).valid() {
		return "", errNoTime
	}
	return t.Format(layout), nil
}

// valid reports whether d is a day of the calendar with a year of four digits.
func (d Date) valid() bool {
	if d.Year < 1 || d.Year > 9999 {
		return false
	}
	return DateOf(time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC)) == d
}

// checkValue reports a value that a field cannot have.
func checkValue(value any) error {
	switch v := value.(type) {
	case nil, bool, int, int64:
		return nil
	case string:
		return name.CheckText(v)
	case ID:
		return name.CheckText(string(v))
	case json.Number:
		if _, err := json.Marshal(v); err != nil || v == "" {
			return errors.New("malformed number")
		}
		return nil
	case Date:
		_, err := v.MarshalText()
		return err
	case time.Time:
		_, err := formatTime(v, jsonTime)
		return err
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return errors.New("not a number")
		}
		return nil
	}
	return fmt.Errorf("unsupported type %T", value)
}

package salesforce

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"time"
	"unicode/utf8"

	"github.com/leadsync/leadsync/salesforce/internal/name"
)

// Fields maps field API names to values: string, ID, bool, int, int64, float64,
// json.Number, Date, time.Time for a datetime (sent in UTC with milliseconds), and
// nil for null. Those of a Record are as JSON carries them. Null clears a field on
// update; a field that is absent stays as it is. Source: SALESFORCE.md 1 and 7.
type Fields map[string]any

// A Date is a calendar day without a time zone, the value of a date field.
// Source: SALESFORCE.md 7.
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

// String returns the day as SOQL and JSON carry it, such as 2026-05-31.
func (d Date) String() string {
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day)
}

// MarshalText returns the day as String does, or an error when there is no such
// day.
func (d Date) MarshalText() ([]byte, error) {
	if !d.valid() {
		return nil, errNoDate
	}
	return []byte(d.String()), nil
}

// SOQL returns the day as String does, for a condition of package soql, or an error
// when there is no such day.
func (d Date) SOQL() (string, error) {
	text, err := d.MarshalText()
	return string(text), err
}

var (
	errNoDate = errors.New("no such date")
	errNoTime = errors.New("year outside 1 to 9999")
)

// jsonTime is how a datetime is written in JSON and CSV, in UTC; repliedTime is how
// Salesforce writes it (SALESFORCE.md 7).
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

// valid reports whether d is a day of the calendar that four digits can name.
func (d Date) valid() bool {
	if d.Year < 1 || d.Year > 9999 {
		return false
	}
	return DateOf(time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC)) == d
}

func checkValue(value any) error {
	switch v := value.(type) {
	case nil, bool, int, int64:
		return nil
	case string:
		return checkText(v)
	case ID:
		return checkText(string(v))
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

func checkText(text string) error {
	if !utf8.ValidString(text) {
		return name.ErrInvalidUTF8
	}
	return nil
}

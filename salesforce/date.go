package salesforce

import (
	"errors"
	"fmt"
	"time"
)

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

// SPDX-License-Identifier: Apache-2.0

package value

import (
	"strings"
	"time"

	"github.com/leadsync/leadsync/internal/reading"
)

// The forms in which dates and times are sent (docs/salesforce.md, SOQL).
const (
	DateForm     = time.DateOnly
	datetimeForm = "2006-01-02T15:04:05.000Z"
	timeForm     = "15:04:05.000Z"
)

// The first and the last year of a Salesforce date (unverified).
const (
	firstYear = 1700
	lastYear  = 4000
)

// InZone returns t in zone, and t itself where zone is nil. A zone that is only an offset,
// as it is after a lead was stored, is that of one season: a time that is one hour off it
// is taken to be of the other season, and stays as it is.
func InZone(t time.Time, zone *time.Location) time.Time {
	if zone == nil {
		return t
	}
	in := t.In(zone)
	_, own := t.Zone()
	if name, offset := in.Zone(); name == "" && own != 0 && offset != 0 && zone.String() == "" &&
		(own-offset == 3600 || offset-own == 3600) {
		return t
	}
	return in
}

// EventZone is the time zone of the event at which a lead was captured, nil when
// that is unknown.
func EventZone(capturedAt time.Time) *time.Location {
	if capturedAt.IsZero() {
		return nil
	}
	return capturedAt.Location()
}

// zonedForms have an offset, zonelessForms are read in the event's zone. Both
// take fractions of a second.
var (
	zonedForms = []string{
		time.RFC3339, "2006-01-02T15:04:05Z0700", "2006-01-02 15:04:05Z07:00", "2006-01-02T15:04Z07:00",
	}
	zonelessForms = []string{DateForm, "2006-01-02T15:04:05", time.DateTime, "2006-01-02T15:04", "2006-01-02 15:04"}
)

// ReadInstant reads an instant and gives it in zone. Text without an offset is
// read, and stays, in written; nil means UTC. A date alone is its midnight.
func ReadInstant(value any, zone, written *time.Location) (time.Time, bool) {
	if t, ok := value.(time.Time); ok {
		return InZone(t, zone), true
	}
	text, ok := value.(string)
	if !ok {
		return time.Time{}, false
	}
	text = strings.TrimSpace(text)
	for _, form := range zonedForms {
		if t, err := time.Parse(form, text); err == nil {
			return InZone(t, zone), true
		}
	}
	if written == nil {
		written = time.UTC
	}
	for _, form := range zonelessForms {
		if t, err := time.ParseInLocation(form, text, written); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// readMoment reads a date or time as people write it. Text without an offset is read in
// zone, UTC where that is nil; for a day it stays as it is written.
func readMoment(value any, zone *time.Location, day bool) (time.Time, error) {
	if t, ok := value.(time.Time); ok {
		return InZone(t, zone), nil
	}
	m, err := reading.ReadDate(TextOf(value, nil))
	switch {
	case err != nil:
		return time.Time{}, err
	case day && !m.Zoned:
		return m.Time, nil
	}
	return MomentIn(m, zone)
}

// MomentIn returns a moment as an instant in zone, where it is read without an offset; nil
// means UTC. A day is its first instant. A time that clocks in zone skip or show twice is
// unfit.
func MomentIn(m reading.Moment, zone *time.Location) (time.Time, error) {
	switch {
	case m.Zoned:
		return InZone(m.Time, zone), nil
	case !m.Clock:
		return startOfDay(m.Time, zone)
	}
	return inLocal(m.Time, zone)
}

// startOfDay returns the first instant of a day in zone. Where the clocks go forward at
// midnight, that is later.
func startOfDay(day time.Time, zone *time.Location) (time.Time, error) {
	if zone == nil {
		return day, nil
	}
	t := time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, zone)
	for range 4 { // Go may give a time before the gap
		if t.Day() == day.Day() {
			return t, nil
		}
		t = t.Add(30 * time.Minute)
	}
	return time.Time{}, reading.Unfit("is a day that the time zone of the event does not have")
}

// inLocal returns the instant at which clocks in zone show a time, which is in UTC. One
// that they skip or show twice is no instant.
func inLocal(clock time.Time, zone *time.Location) (time.Time, error) {
	if zone == nil {
		return clock, nil
	}
	shows := func(t time.Time) bool {
		_, offset := t.Zone()
		return t.Add(time.Duration(offset) * time.Second).Equal(clock)
	}
	t := time.Date(clock.Year(), clock.Month(), clock.Day(), clock.Hour(), clock.Minute(), clock.Second(),
		clock.Nanosecond(), zone)
	if !shows(t) {
		return time.Time{}, reading.Unfit("is a time that the clocks of the event skip: it needs an offset")
	}
	for _, other := range []time.Duration{-time.Hour, -30 * time.Minute, 30 * time.Minute, time.Hour} {
		if shows(t.Add(other)) {
			return time.Time{}, reading.Unfit("is a time that the clocks of the event show twice: it needs an offset")
		}
	}
	return t, nil
}

// readClock reads a time of day: of an instant, the one in the event's zone; of text
// without an offset, the one that is written.
func readClock(value any, zone *time.Location) (time.Time, bool) {
	if text, ok := value.(string); ok {
		if since, ok := reading.ReadClock(text); ok {
			return time.Time{}.Add(since), true
		}
	}
	t, err := readMoment(value, zone, true)
	return t, err == nil
}

// SPDX-License-Identifier: Apache-2.0

package value

import (
	"strings"
	"time"
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

// InZone returns t in zone, and t itself where zone is nil.
func InZone(t time.Time, zone *time.Location) time.Time {
	if zone == nil {
		return t
	}
	return t.In(zone)
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

// readClock reads a time of day: of an instant, the one in the event's zone.
func readClock(value any, zone *time.Location) (time.Time, bool) {
	if text, ok := value.(string); ok {
		text = strings.TrimSuffix(strings.TrimSpace(text), "Z")
		for _, form := range []string{time.TimeOnly, "15:04"} {
			if t, err := time.Parse(form, text); err == nil {
				return t, true
			}
		}
	}
	return ReadInstant(value, zone, zone)
}

// SPDX-License-Identifier: Apache-2.0

package value

import (
	"strings"
	"time"

	"github.com/leadsync/leadsync/salesforce"
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

func (c *conversion) temporal(value any) (any, *Problem) {
	if c.field.Type == salesforce.TypeTime {
		clock, ok := readClock(value, c.opts.Zone)
		if !ok {
			return nil, c.refuse("is not a time such as 09:30:00")
		}
		return clock.Format(timeForm), nil
	}
	written := c.opts.Zone
	if c.field.Type == salesforce.TypeDate {
		written = time.UTC // the day as written, even one that has no midnight in the zone
	}
	instant, ok := ReadInstant(value, c.opts.Zone, written)
	if !ok {
		return nil, c.refuse("is not a date or time such as 2026-05-04 or 2026-05-04T09:30:00+02:00")
	}
	if c.field.Type == salesforce.TypeDatetime {
		instant = instant.UTC()
	}
	if instant.Year() < firstYear || instant.Year() > lastYear {
		return nil, c.refuse("is outside the years %d to %d", firstYear, lastYear)
	}
	if c.field.Type == salesforce.TypeDate {
		return instant.Format(DateForm), nil
	}
	return instant.Truncate(time.Second).Format(datetimeForm), nil
}

// InZone returns t in a zone, or as it is when zone is nil.
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

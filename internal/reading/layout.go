// SPDX-License-Identifier: Apache-2.0

package reading

import (
	"strings"
	"time"
)

// IsLayout reports whether a text is a Go time layout with a year, a month and a day, and not
// one in the letters of another language, such as DD.MM.YYYY.
func IsLayout(layout string) bool {
	day := time.Date(2026, 11, 23, 21, 34, 56, 0, time.UTC)
	read, err := time.Parse(layout, day.Format(layout))
	return err == nil && read.Format(time.DateOnly) == day.Format(time.DateOnly)
}

// ReadLayout reads a text in the form of a Go time layout, in which days and months may
// lack their leading zeros, or of ISO 8601.
func ReadLayout(text, layout string) (Moment, error) {
	text = unguarded(plain(text))
	for _, form := range []string{layout, strings.NewReplacer("02", "2", "01", "1").Replace(layout)} {
		t, err := time.Parse(form, text)
		if err != nil {
			continue
		}
		m := Moment{Time: t, Clock: hasAny(layout, "15", "3", "05"), Zoned: hasAny(layout, "Z07", "-07", "MST")}
		if _, offset := t.Zone(); strings.Contains(layout, "MST") && offset == 0 {
			name, _ := t.Zone()
			hours, known := zones[name]
			if !known {
				return Moment{}, Unfit("has a time zone that is not known: use an offset such as +02:00")
			}
			m.Time = t.Add(-time.Duration(hours) * time.Hour)
		}
		return m, nil
	}
	if len(text) >= len(time.DateOnly) && strings.Count(text[:len(time.DateOnly)], "-") == 2 && text[4] == '-' {
		return ReadDate(text)
	}
	return Moment{}, Unfit("does not have the form of the layout")
}

func hasAny(layout string, parts ...string) bool {
	for _, part := range parts {
		if strings.Contains(layout, part) {
			return true
		}
	}
	return false
}

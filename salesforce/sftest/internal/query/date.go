// SPDX-License-Identifier: Apache-2.0

package query

import (
	"fmt"
	"regexp"
	"strings"
	"time"
)

// A dateLiteral such as LAST_N_WEEKS:2 is a range of calendar units: from and to are offsets
// from the current unit, to is exclusive. In a counted literal, byN is added to them for each
// of its n.
type dateLiteral struct {
	unit     string
	from, to int
	byN      [2]int // added to from and to for each of n
	counted  bool
}

var (
	plainLiteral = regexp.MustCompile(`^(LAST|THIS|NEXT)_(WEEK|MONTH|(?:FISCAL_)?(?:QUARTER|YEAR))$`)
	runLiteral   = regexp.MustCompile(`^(LAST|NEXT)_N_(DAY|WEEK|MONTH|(?:FISCAL_)?(?:QUARTER|YEAR))S$`)
	agoLiteral   = regexp.MustCompile(`^N_(DAY|WEEK|MONTH|(?:FISCAL_)?(?:QUARTER|YEAR))S_AGO$`)
	nearDays     = map[string][2]int{
		"TODAY": {0, 1}, "YESTERDAY": {-1, 0}, "TOMORROW": {1, 2}, "LAST_90_DAYS": {-90, 1},
		"NEXT_90_DAYS": {1, 91},
	}
	nearUnits      = map[string]int{"LAST": -1, "THIS": 0, "NEXT": 1}
	fiscalIsNormal = strings.NewReplacer("FISCAL_", "") // the fake's fiscal year is the calendar's
)

// dateLiteralOf parses the date literals of the SOQL reference.
func dateLiteralOf(text string) (dateLiteral, bool) {
	word := strings.ToUpper(text)
	if days, ok := nearDays[word]; ok {
		return dateLiteral{unit: "DAY", from: days[0], to: days[1]}, true
	}
	if m := plainLiteral.FindStringSubmatch(word); m != nil {
		from := nearUnits[m[1]]
		return dateLiteral{unit: fiscalIsNormal.Replace(m[2]), from: from, to: from + 1}, true
	}
	if m := agoLiteral.FindStringSubmatch(word); m != nil {
		return dateLiteral{unit: fiscalIsNormal.Replace(m[1]), to: 1, byN: [2]int{-1, -1}, counted: true}, true
	}
	m := runLiteral.FindStringSubmatch(word)
	switch {
	case m == nil:
		return dateLiteral{}, false
	case m[1] == "NEXT":
		return dateLiteral{unit: fiscalIsNormal.Replace(m[2]), from: 1, to: 1, byN: [2]int{0, 1}, counted: true}, true
	case m[2] == "DAY": // alone in that it includes today
		return dateLiteral{unit: "DAY", to: 1, byN: [2]int{-1, 0}, counted: true}, true
	}
	return dateLiteral{unit: fiscalIsNormal.Replace(m[2]), byN: [2]int{-1, 0}, counted: true}, true
}

// span returns the first day of the literal and the day after its last.
func (l dateLiteral) span(today time.Time, n int) (first, end time.Time) {
	return inRange(unitStart(l.unit, today, l.from+l.byN[0]*n)), inRange(unitStart(l.unit, today, l.to+l.byN[1]*n))
}

// inRange clamps a day to those that Salesforce supports (SOQL reference, Minimum and Maximum
// Dates).
func inRange(t time.Time) time.Time {
	first, last := time.Date(1700, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(4000, 12, 31, 0, 0, 0, 0, time.UTC)
	switch {
	case t.Before(first):
		return first
	case t.After(last):
		return last
	}
	return t
}

// unitStart returns the first day of the unit that is some units after today's. Weeks begin on
// Sunday, as in the locale of the fake's user, en_US.
func unitStart(unit string, today time.Time, ahead int) time.Time {
	year, month, day := today.Date()
	switch unit {
	case "DAY":
		day += ahead
	case "WEEK":
		day += 7*ahead - int(today.Weekday())
	case "MONTH":
		month, day = month+time.Month(ahead), 1
	case "QUARTER":
		month, day = month-(month-1)%3+time.Month(3*ahead), 1
	case "YEAR":
		year, month, day = year+ahead, 1, 1
	}
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}

// dateFunctions extract a part of a date or datetime (SOQL reference, Date Functions). The
// fiscal year is the calendar year.
var dateFunctions = map[string]func(time.Time) int{
	"CALENDAR_YEAR":    time.Time.Year,
	"CALENDAR_QUARTER": quarter,
	"CALENDAR_MONTH":   month,
	"FISCAL_YEAR":      time.Time.Year,
	"FISCAL_QUARTER":   quarter,
	"FISCAL_MONTH":     month,
	"DAY_IN_MONTH":     time.Time.Day,
	"DAY_IN_WEEK":      func(t time.Time) int { return int(t.Weekday()) + 1 },
	"DAY_IN_YEAR":      time.Time.YearDay,
	"HOUR_IN_DAY":      time.Time.Hour,
	"WEEK_IN_MONTH":    func(t time.Time) int { return (t.Day()-1)/7 + 1 },
	"WEEK_IN_YEAR":     func(t time.Time) int { return (t.YearDay()-1)/7 + 1 },
}

const dayOnly = "DAY_ONLY"

func month(t time.Time) int { return int(t.Month()) }

func quarter(t time.Time) int { return (int(t.Month()) + 2) / 3 }

func isDateFunction(name string) bool {
	return name == dayOnly || dateFunctions[name] != nil
}

// timeOf returns the value of a date or datetime field.
func timeOf(v any) time.Time {
	if t, ok := v.(time.Time); ok {
		return t.UTC()
	}
	t, _ := time.Parse(time.DateOnly, fmt.Sprint(v))
	return t
}

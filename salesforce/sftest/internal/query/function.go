// SPDX-License-Identifier: Apache-2.0

package query

import (
	"fmt"
	"strings"
	"time"
)

// Functions of the select list besides those of dates and groups.
const (
	toLabel         = "TOLABEL"
	formatted       = "FORMAT"
	convertCurrency = "CONVERTCURRENCY"
	convertTimezone = "CONVERTTIMEZONE"
	allFields       = "FIELDS"
)

func isFunction(t token) bool {
	switch name := strings.ToUpper(t.text); name {
	case toLabel, formatted, convertCurrency, convertTimezone, allFields, groupingOf:
		return true
	default:
		return isDateFunction(name) || isAggregate(name)
	}
}

func isAggregate(name string) bool {
	switch name {
	case "COUNT", "COUNT_DISTINCT", "SUM", "AVG", "MIN", "MAX":
		return true
	}
	return false
}

// GROUP BY ROLLUP and CUBE also return totals, over all values of some of the fields (SOQL
// reference, GROUP BY ROLLUP and GROUP BY CUBE).
const (
	rollup     = "ROLLUP"
	cube       = "CUBE"
	groupingOf = "GROUPING"
	maxSubsets = 3 // fields (SOQL reference)
)

// distance is DISTANCE, a function of a field that holds a place.
const distance = "DISTANCE"

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

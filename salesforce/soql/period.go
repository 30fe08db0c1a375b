// SPDX-License-Identifier: Apache-2.0

package soql

import (
	"errors"
	"fmt"
)

// A Unit is the unit of a Period. Days and the rest are those of the
// connected user's time zone and locale; fiscal ones are the org's.
// Source: https://developer.salesforce.com/docs/platform/salesforce-soql-sosl/guide/sforce-api-calls-soql-select-dateformats.html
type Unit int

// The units of a Period.
const (
	Day Unit = iota + 1
	Week
	Month
	Quarter
	Year
	FiscalQuarter
	FiscalYear
)

// name is the unit as SOQL has it.
func (u Unit) name() (string, error) {
	names := [...]string{
		Day: "DAY", Week: "WEEK", Month: "MONTH", Quarter: "QUARTER", Year: "YEAR",
		FiscalQuarter: "FISCAL_QUARTER", FiscalYear: "FISCAL_YEAR",
	}
	if u < Day || int(u) >= len(names) {
		return "", fmt.Errorf("unknown unit %d", u)
	}
	return names[u], nil
}

// A Period is a span of time around today to compare a date or datetime field
// with: SOQL's date literals, such as TODAY and LAST_N_DAYS:7. This, Last, Next and
// Ago make one; Build reports one that is malformed. Equal means within it, less
// before its start, greater after its end. Source: as for Unit.
type Period struct {
	soql string
	err  error
}

// SOQL returns the period as a date literal, or an error when it is none.
func (p Period) SOQL() (string, error) {
	if p == (Period{}) {
		return "", errors.New("empty period")
	}
	return p.soql, p.err
}

// This is the current unit: This(Day) is today.
func This(unit Unit) Period {
	name, err := unit.name()
	if unit == Day {
		return Period{soql: "TODAY"}
	}
	return Period{"THIS_" + name, err}
}

// Last is the n units before the current one, n at least 1; of days alone the
// current one belongs to it too, so that Last(1, Day) is yesterday and today.
func Last(n int, unit Unit) Period { return counted("LAST_N_%sS:%d", n, unit) }

// Next is the n units after the current one, n at least 1.
func Next(n int, unit Unit) Period { return counted("NEXT_N_%sS:%d", n, unit) }

// Ago is one unit, n before the current one, n at least 1: Ago(1, Day) is
// yesterday.
func Ago(n int, unit Unit) Period { return counted("N_%sS_AGO:%d", n, unit) }

func counted(format string, n int, unit Unit) Period {
	name, err := unit.name()
	if n < 1 {
		err = errors.New("period of no units")
	}
	return Period{fmt.Sprintf(format, name, n), err}
}

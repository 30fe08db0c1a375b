// SPDX-License-Identifier: Apache-2.0

package sftest_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce/sftest"
)

func day(year int, month time.Month, day int) time.Time {
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}

// The first and last day of each date literal on Tuesday, 10 March 2026 (SOQL
// reference, Date Formats and Date Literals).
func TestSOQLDateLiterals(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)
	org := sftest.NewOrg(t, sftest.WithNow(func() time.Time { return now }))
	org.DefineField("Lead", sftest.Field{Name: "Day__c", Type: "date"})
	for d := day(2021, 12, 25); d.Before(day(2031, 1, 10)); d = d.AddDate(0, 0, 1) {
		org.Insert("Lead", fields{"LastName": "L", "Company": "C", "Day__c": d.Format(time.DateOnly), "CreatedDate": d})
	}
	for _, tc := range []struct{ literal, first, last string }{
		{"TODAY", "2026-03-10", "2026-03-10"},
		{"yesterday", "2026-03-09", "2026-03-09"},
		{"TOMORROW", "2026-03-11", "2026-03-11"},
		{"LAST_WEEK", "2026-03-01", "2026-03-07"},
		{"THIS_WEEK", "2026-03-08", "2026-03-14"},
		{"NEXT_WEEK", "2026-03-15", "2026-03-21"},
		{"LAST_MONTH", "2026-02-01", "2026-02-28"},
		{"THIS_MONTH", "2026-03-01", "2026-03-31"},
		{"NEXT_MONTH", "2026-04-01", "2026-04-30"},
		{"LAST_90_DAYS", "2025-12-10", "2026-03-10"},
		{"NEXT_90_DAYS", "2026-03-11", "2026-06-08"},
		{"LAST_N_DAYS:1", "2026-03-09", "2026-03-10"},
		{"NEXT_N_DAYS:2", "2026-03-11", "2026-03-12"},
		{"N_DAYS_AGO:25", "2026-02-13", "2026-02-13"},
		{"LAST_N_WEEKS:2", "2026-02-22", "2026-03-07"},
		{"NEXT_N_WEEKS : 2", "2026-03-15", "2026-03-28"},
		{"N_WEEKS_AGO:3", "2026-02-15", "2026-02-21"},
		{"LAST_N_MONTHS:2", "2026-01-01", "2026-02-28"},
		{"NEXT_N_MONTHS:10", "2026-04-01", "2027-01-31"},
		{"N_MONTHS_AGO:3", "2025-12-01", "2025-12-31"},
		{"LAST_QUARTER", "2025-10-01", "2025-12-31"},
		{"THIS_QUARTER", "2026-01-01", "2026-03-31"},
		{"NEXT_QUARTER", "2026-04-01", "2026-06-30"},
		{"LAST_N_QUARTERS:2", "2025-07-01", "2025-12-31"},
		{"NEXT_N_QUARTERS:2", "2026-04-01", "2026-09-30"},
		{"N_QUARTERS_AGO:3", "2025-04-01", "2025-06-30"},
		{"LAST_YEAR", "2025-01-01", "2025-12-31"},
		{"THIS_YEAR", "2026-01-01", "2026-12-31"},
		{"NEXT_YEAR", "2027-01-01", "2027-12-31"},
		{"LAST_N_YEARS:2", "2024-01-01", "2025-12-31"},
		{"NEXT_N_YEARS:2", "2027-01-01", "2028-12-31"},
		{"N_YEARS_AGO:2", "2024-01-01", "2024-12-31"},
		{"THIS_FISCAL_QUARTER", "2026-01-01", "2026-03-31"},
		{"LAST_FISCAL_YEAR", "2025-01-01", "2025-12-31"},
		{"NEXT_N_FISCAL_QUARTERS:1", "2026-04-01", "2026-06-30"},
		{"LAST_N_FISCAL_YEARS:1", "2025-01-01", "2025-12-31"},
		{"N_FISCAL_QUARTERS_AGO:1", "2025-10-01", "2025-12-31"},
		{"N_FISCAL_YEARS_AGO:1", "2025-01-01", "2025-12-31"},
	} {
		t.Run(tc.literal, func(t *testing.T) {
			t.Parallel()
			a := &api{t, org}
			span := a.query("SELECT MIN(Day__c) since, MAX(Day__c) until FROM Lead WHERE Day__c = " + tc.literal)
			require.Equal(t, tc.first, span.at("records", 0, "since"))
			require.Equal(t, tc.last, span.at("records", 0, "until"))
			first, err := time.Parse(time.DateOnly, tc.first)
			require.NoError(t, err)
			for _, edge := range []struct {
				function, op string
				after        int
			}{{"MAX", "<", -1}, {"MIN", ">=", 0}} {
				res := a.query("SELECT " + edge.function + "(Day__c) edge FROM Lead WHERE CreatedDate " + edge.op + " " +
					tc.literal)
				require.Equal(t, first.AddDate(0, 0, edge.after).Format(time.DateOnly), res.at("records", 0, "edge"), edge.op)
			}
		})
	}
}

// A literal that leaves the dates that Salesforce knows ends with them.
func TestSOQLDateLiteralsReachFar(t *testing.T) {
	t.Parallel()
	a := &api{t, crowd(t)}
	for where, want := range map[string]string{
		"Day__c = LAST_N_DAYS:999999999": "Ada Bob", "Day__c = LAST_N_YEARS:9999": "",
		"Day__c < NEXT_N_YEARS:9999": "Ada Bob",
		"Day__c < LAST_N_YEARS:9999": "", "CreatedDate >= N_MONTHS_AGO:999999999": "Ada Bob Cyd Dan",
	} {
		require.Equal(t, want, strings.Join(a.column("SELECT LastName FROM Lead WHERE "+where, "LastName"), " "), where)
	}
	for _, number := range []string{"-1", "+1", "x", "99999999999999999999"} {
		require.Equal(t, "MALFORMED_QUERY", a.query("SELECT Id FROM Lead WHERE Day__c = LAST_N_DAYS:"+number).code(), number)
	}
}

// SOQL reference, Date Functions.
func TestSOQLDateFunctions(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	// a Friday
	org.Insert("Lead", fields{
		"LastName": "L", "Company": "C", "CreatedDate": time.Date(2026, 12, 25, 18, 23, 10, 0, time.UTC),
	})
	for function, want := range map[string]any{
		"CALENDAR_YEAR": 2026.0, "CALENDAR_QUARTER": 4.0, "CALENDAR_MONTH": 12.0, "FISCAL_YEAR": 2026.0,
		"FISCAL_QUARTER": 4.0, "FISCAL_MONTH": 12.0,
		"DAY_IN_MONTH": 25.0, "DAY_IN_WEEK": 6.0, "DAY_IN_YEAR": 359.0, "HOUR_IN_DAY": 18.0, "WEEK_IN_MONTH": 4.0,
		"WEEK_IN_YEAR": 52.0, "DAY_ONLY": "2026-12-25",
	} {
		res := a.query("SELECT " + function + "(CreatedDate) FROM Lead GROUP BY " + function + "(CreatedDate)")
		require.Equal(t, want, res.at("records", 0, "expr0"), function)
	}
}

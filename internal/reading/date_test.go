// SPDX-License-Identifier: Apache-2.0

package reading_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/leadsync/leadsync/internal/reading"
)

// Dates as people, forms and spreadsheets of many countries write them.
func TestDatesThatHaveOneReadingAreRead(t *testing.T) {
	t.Parallel()
	const may4 = "2026-05-04"
	for _, text := range []string{
		"2026-05-04", "2026/05/04", "2026.05.04", "2026-5-4", "2026. 5. 4", "20260504", " 2026-05-04 ",
		"04.05.2026", "4.5.2026", "4. 5. 2026", "2026年5月4日", "2026年05月04日", "２０２６年５月４日", "2026년 5월 4일",
		"4 May 2026", "04 May 2026", "4th May 2026", "4th of May 2026", "the 4th of May, 2026", "May 4, 2026", "May 4 2026",
		"MAY 4TH, 2026", "4-May-2026", "04-MAY-2026", "04/May/2026", "2026 May 4", "Monday, May 4, 2026",
		"Mon, 04 May 2026", "Mon May 4 2026", "4. Mai 2026", "04. Mai 2026", "Montag, 4. Mai 2026", "Mo, 04.05.2026",
		"4 mai 2026",
		"lundi 4 mai 2026", "4 de mayo de 2026", "lunes, 4 de mayo de 2026", "4 maggio 2026", "4 de maio de 2026",
		"segunda-feira, 4 de maio de 2026", "4 mei 2026", "maandag 4 mei 2026", "4 maj 2026", "4. maj 2026",
		"4 maja 2026", "4. května 2026", "4. toukokuuta 2026", "2026. május 4.", "4 Mayıs 2026", "4 мая 2026",
		"4 мая 2026 г.",
		"4 травня 2026", "4 Μαΐου 2026", "4 mai 2026", "2026年5月4日(月)", "4 במאי 2026", "٤ مايو ٢٠٢٦", "=\"2026-05-04\"",
		"'2026-05-04", "٢٠٢٦-٠٥-٠٤", "2026‑05‑04", "\u200e4 May 2026",
	} {
		m, err := reading.ReadDate(text)
		require.NoError(t, err, text)
		require.False(t, m.Clock, text)
		require.Equal(t, may4, m.Time.Format(time.DateOnly), text)
	}
	for text, want := range map[string]string{
		"13/04/2026": "2026-04-13", "04/13/2026": "2026-04-13", "31-12-2026": "2026-12-31", "12-31-2026": "2026-12-31",
		"05/05/2026": "2026-05-05", "29.02.2028": "2028-02-29", "Mar 15, 2025": "2025-03-15", "15 mar 2025": "2025-03-15",
		"mar. 5 mai 2026": "2026-05-05", "1er mai 2026": "2026-05-01", "1º de mayo de 2026": "2026-05-01",
		"3 août 2026": "2026-08-03", "3 aout 2026": "2026-08-03", "3 lipca 2026": "2026-07-03", "1970-01-01": "1970-01-01",
		"3. März 2026": "2026-03-03", "3 Dez 2026": "2026-12-03",
	} {
		m, err := reading.ReadDate(text)
		require.NoError(t, err, text)
		require.Equal(t, want, m.Time.Format(time.DateOnly), text)
	}
}

func TestDatesThatHaveNoneOrTwoReadingsAreUnfit(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"03/04/2026", "3/4/2026", "03-04-2026", "04/05/2026 10:00", // two readings
		"4.5.26", "04/05/26", "4 May 26", "May 4 '26", "13/04/26", // two digits of a year
		"0000-00-00", "0000-00-00 00:00:00", "2026-00-00", "2026-02-30", "31.04.2026", "29.02.2026", "13/13/2026",
		"00.00.0000",
		"46146", "46146.5", "46146,5", "1601794506", "1601794506000", "2026", "0", "-1", // numbers
		"4/5/2569", "4.5.1405", "04052026", "20261345", // other calendars, other orders
		"2026-05-04x", "2026-05-04 and later", "4 May 2026 or 5 May 2026", "04.05.2026-06.05.2026", "04.-06.05.2026",
		"4-6 May 2026", "May 2026", "4 May", "Tuesday, May 4, 2026", "Di, 04.05.2026", "today", "tomorrow", "n/a", "", "--",
		"24:00",
		"3 listopada 2026", "3 lip 2026", // another month in Polish and in Croatian
		"2026-05/04", "2026.05-04", "4 Mayyy 2026", "Q2 2026", "KW 19 2026", "2026-W19-1", "令和8年5月4日", "10-Jan", "Jan-26",
		"2026-05-04T25:00:00Z", "2026-05-04 24:00", "2026-05-04 13:00 PM", "2026-05-04 0:00 AM", "2026-05-04 12:60",
		"2026-05-04 10:00 IST", "2026-05-04 10:00 CST", "2026-05-04 10:00 Europe/Berlin", "2026-05-04 10:00 +25:00",
		"2026-05-04 10:00 ask Ann", "20260504T", "20260504T25", "20261304T093000Z", "20260504T093000Q", "20260504T99",
		"20260504093000", "Tue May 04 2026 09:30:00 GMT+0200 (Central European Summer Time)",
		"Mon May 04 2026 09:30:00 (Central European Summer Time)", "Mon May 04 2026 09:30:00 GMT+0200 (until 10:30)",
	} {
		_, err := reading.ReadDate(text)
		require.Error(t, err, text)
	}
	for text, hint := range map[string]string{"03/04/2026": "layout", "4.5.26": "layout", "46146": "spreadsheet",
		"4 May 26": "two digits", "0000-00-00": "calendar"} {
		_, err := reading.ReadDate(text)
		require.ErrorContains(t, err, hint, text)
	}
}

func TestTimesOfDayAreReadWithTheirDates(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{ // without an offset
		"2026-05-04 17:00": "2026-05-04T17:00:00", "2026-05-04T17:00": "2026-05-04T17:00:00",
		"2026-05-04 17:00:30.5": "2026-05-04T17:00:30.5", "13/5/2026 9:00 AM": "2026-05-13T09:00:00",
		"Mar 15, 2025 11:23:29": "2025-03-15T11:23:29", "Mar 15, 2025, 11:23:29 PM": "2025-03-15T23:23:29",
		"09/19/2026 10:00:00 AM": "2026-09-19T10:00:00", "4. Mai 2026 um 14:30 Uhr": "2026-05-04T14:30:00",
		"04.05.2026, 14:30 Uhr": "2026-05-04T14:30:00", "04.05.2026 14.30 Uhr": "2026-05-04T14:30:00",
		"4 mai 2026 à 14h30": "2026-05-04T14:30:00", "4 May 2026 at 2 pm": "2026-05-04T14:00:00",
		"May 4, 2026 12:00 AM": "2026-05-04T00:00:00", "May 4, 2026 12:30 p.m.": "2026-05-04T12:30:00",
		"20260504 09:00": "2026-05-04T09:00:00", "20260504T093000": "2026-05-04T09:30:00",
		"2026年5月4日 14:30": "2026-05-04T14:30:00",
	} {
		m, err := reading.ReadDate(text)
		require.NoError(t, err, text)
		require.True(t, m.Clock, text)
		require.False(t, m.Zoned, text)
		require.Equal(t, want, m.Time.Format("2006-01-02T15:04:05.999"), text)
	}
	for text, want := range map[string]string{ // with one
		"2026-05-04T23:30:00-05:00": "2026-05-05T04:30:00Z", "2026-05-04T23:30:00+0200": "2026-05-04T21:30:00Z",
		"2026-05-04T23:30Z": "2026-05-04T23:30:00Z", "2026-05-04 23:30:00 UTC": "2026-05-04T23:30:00Z",
		"2026-05-04 23:30 +02:00": "2026-05-04T21:30:00Z", "Mon, 04 May 2026 09:00:00 GMT": "2026-05-04T09:00:00Z",
		"Mon, 04 May 2026 09:00:00 +0200": "2026-05-04T07:00:00Z", "2026-05-04 23:30 GMT+2": "2026-05-04T21:30:00Z",
		"2026-05-04 12:00 CEST": "2026-05-04T10:00:00Z", "2026-05-04 12:00 (UTC)": "2026-05-04T12:00:00Z",
		"2026-05-04T23:30:00.123456+05:30": "2026-05-04T18:00:00Z",
		"20260504T093000Z":                 "2026-05-04T09:30:00Z", "20260504T0930Z": "2026-05-04T09:30:00Z",
		"20260504T093000.123+0200": "2026-05-04T07:30:00Z",
		"Mon May 04 2026 09:30:00 GMT+0200 (Central European Summer Time)":  "2026-05-04T07:30:00Z",
		"Mon May 04 2026 09:30:00 GMT+0200 (Mitteleuropäische Sommerzeit)":  "2026-05-04T07:30:00Z",
		"Mon May 04 2026 09:30:00 GMT-0700":                                 "2026-05-04T16:30:00Z",
		"Mon May 04 2026 09:30:00 GMT+0000 (Coordinated Universal Time)":    "2026-05-04T09:30:00Z",
		"Mon May 04 2026 09:30:00 GMT+0545 (GMT+05:45)":                     "2026-05-04T03:45:00Z",
		"Mon May 04 2026 09:30:00 GMT+0200 (heure d’été d’Europe centrale)": "2026-05-04T07:30:00Z",
	} {
		m, err := reading.ReadDate(text)
		require.NoError(t, err, text)
		require.True(t, m.Zoned, text)
		require.Equal(t, want, m.Time.UTC().Truncate(time.Second).Format(time.RFC3339), text)
	}
	for text, want := range map[string]time.Duration{"09:30": 9*time.Hour + 30*time.Minute,
		"9:30 PM": 21*time.Hour + 30*time.Minute,
		"14h30":   14*time.Hour + 30*time.Minute, "14.30 Uhr": 14*time.Hour + 30*time.Minute, "00:00:01": time.Second,
		"9 am": 9 * time.Hour} {
		got, ok := reading.ReadClock(text)
		require.True(t, ok, text)
		require.Equal(t, want, got, text)
	}
	for _, text := range []string{"24:00", "9", "930", "9:5", "9:30 and more", "", "25:00", "noon"} {
		_, ok := reading.ReadClock(text)
		require.False(t, ok, text)
	}
}

// What is put before or behind a date is never dropped. (What might be "am", "uhr" or a
// leading zero is left out: it changes nothing.)
func TestDatesAreReadInFull(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		date := rapid.SampledFrom([]string{"2026-05-04", "04.05.2026", "13/04/2026", "4 May 2026", "2026-05-04 10:00",
			"May 4, 2026"}).Draw(r, "date")
		more := rapid.StringMatching(`[1-9b-gi-lo-tv-z/+:-]{1,4}`).Draw(r, "more")
		for _, text := range []string{date + more, more + date, date + " " + more} {
			m, err := reading.ReadDate(text)
			plain, _ := reading.ReadDate(date)
			if err == nil && m == plain {
				r.Fatalf("%q is read as %q", text, date)
			}
		}
	})
}

// An admin writes DD.MM.YYYY, with which no date at all would fit.
func TestLayoutNeedsAYearAMonthAndADay(t *testing.T) {
	t.Parallel()
	for _, layout := range []string{"02.01.2006", "2.1.06", "01/02/2006 3:04 PM", "Jan 2, 2006",
		"2006-01-02T15:04:05Z07:00", "Mon, 2 January 2006", "02012006", "2006 002"} {
		require.True(t, reading.IsLayout(layout), layout)
	}
	for _, layout := range []string{"", "DD.MM.YYYY", "dd/mm/yy", "banana", "02.01.", "2006", "01/2006", "15:04",
		"%d.%m.%Y", "04.05.2026"} {
		require.False(t, reading.IsLayout(layout), layout)
	}
}

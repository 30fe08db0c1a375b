// SPDX-License-Identifier: Apache-2.0

package mapping_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
)

func zone(t *testing.T, name string) *time.Location {
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Skip("no time zones on this machine")
	}
	return loc
}

// A text without an offset is read by the clocks of the event. Before, a time that they
// skip became another one in silence.
func TestTimesAreReadByTheClocksOfTheEvent(t *testing.T) {
	t.Parallel()
	day, at := &salesforce.Field{
		Name: "F",
		Type: salesforce.TypeDate,
	}, &salesforce.Field{
		Name: "F",
		Type: salesforce.TypeDatetime,
	}
	clock := &salesforce.Field{Name: "F", Type: salesforce.TypeTime}
	for _, tc := range []struct {
		zone  string
		field *salesforce.Field
		in    string
		want  any // nil is unfit
	}{
		{"America/Chicago", at, "2026-05-04 17:00", "2026-05-04T22:00:00.000Z"},
		{"America/Chicago", at, "2026-12-04 17:00", "2026-12-04T23:00:00.000Z"},
		{"America/Chicago", at, "2026-05-04", "2026-05-04T05:00:00.000Z"},
		{"America/Chicago", at, "2026-03-08 02:30:00", nil},           // skipped
		{"America/Chicago", day, "2026-03-08 02:30:00", "2026-03-08"}, // the day is certain
		{"America/Chicago", clock, "2026-03-08 02:30:00", "02:30:00.000Z"},
		{"America/Chicago", at, "2026-11-01 01:30:00", nil}, // twice
		{"America/Chicago", at, "2026-11-01 00:59:59", "2026-11-01T05:59:59.000Z"},
		{"America/Chicago", at, "2026-11-01 02:00:00", "2026-11-01T08:00:00.000Z"},
		{"America/Chicago", at, "2026-11-01T01:30:00-06:00", "2026-11-01T07:30:00.000Z"},
		{"Europe/Berlin", at, "2026-10-25 02:30", nil},
		{"Europe/Berlin", at, "25.10.2026 03:00 Uhr", "2026-10-25T02:00:00.000Z"},
		{"Australia/Lord_Howe", at, "2026-04-05 01:45", nil}, // half an hour, twice
		{"Australia/Lord_Howe", at, "2026-10-04 02:15", nil},
		{"America/Santiago", at, "2026-09-06", "2026-09-06T04:00:00.000Z"}, // begins at 01:00
		{"America/Santiago", day, "2026-09-06", "2026-09-06"},
		{"America/Santiago", at, "2026-09-06 00:30", nil},
		{"Africa/Cairo", at, "2026-04-24", "2026-04-23T22:00:00.000Z"}, // likewise
		{"Pacific/Apia", at, "2011-12-30", nil},                        // there was no such day
		{"Asia/Kolkata", at, "4 May 2026, 10:00 AM", "2026-05-04T04:30:00.000Z"},
		{"Asia/Kolkata", day, "2026-05-04T23:30:00Z", "2026-05-05"},
	} {
		got, _, err := mapping.Convert(tc.field, tc.in, mapping.ConvertOptions{Zone: zone(t, tc.zone)})
		if tc.want == nil {
			require.ErrorIs(t, err, leadtype.DataValueValidation, "%s %s: %v", tc.zone, tc.in, got)
			continue
		}
		require.NoError(t, err, "%s %s", tc.zone, tc.in)
		require.Equal(t, tc.want, got, "%s %s", tc.zone, tc.in)
	}
}

// After a lead was stored, its zone is only the offset of the season of the event.
func TestDayOfTheOtherSeasonIsTheOneThatWasWritten(t *testing.T) {
	t.Parallel()
	chicago := zone(t, "America/Chicago")
	stored := time.Date(2026, 7, 1, 15, 0, 0, 0, time.FixedZone("", -5*3600)).Location()
	day := &salesforce.Field{Name: "F", Type: salesforce.TypeDate}
	for _, location := range []*time.Location{chicago, stored} {
		got, _, err := mapping.Convert(day, time.Date(2026, 12, 1, 23, 30, 0, 0, time.FixedZone("", -6*3600)),
			mapping.ConvertOptions{Zone: location})
		require.NoError(t, err)
		require.Equal(t, "2026-12-01", got)
		got, _, err = mapping.Convert(day, time.Date(2026, 7, 2, 7, 0, 0, 0, time.FixedZone("", 9*3600)),
			mapping.ConvertOptions{Zone: location})
		require.NoError(t, err)
		require.Equal(t, "2026-07-01", got, "that of another zone is not")
	}
}

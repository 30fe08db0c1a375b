// SPDX-License-Identifier: Apache-2.0

package salesforce_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

func TestDateIsADay(t *testing.T) {
	t.Parallel()
	require.Equal(t, "0987-06-05", salesforce.Date{Year: 987, Month: 6, Day: 5}.String())
}

func TestDatesGoOutAndComeBack(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	org.DefineField("Lead", sftest.Field{Name: "Seen__c", Type: "datetime"})
	client := connect(t, org)
	day := salesforce.Date{Year: 2026, Month: time.May, Day: 3}
	at := time.Date(2026, 5, 3, 1, 2, 3, 0, time.FixedZone("", 3600))
	results, err := client.Write(t.Context(),
		create("Task", salesforce.Fields{"Subject": "Call", "ActivityDate": day}),
		create("Lead", salesforce.Fields{"LastName": "L", "Company": "C", "Seen__c": at}))
	require.NoError(t, err)
	require.NoError(t, results[0].Err)
	require.NoError(t, results[1].Err)
	reads, err := client.Read(t.Context(),
		salesforce.Get("Task", results[0].ID, "ActivityDate"),
		salesforce.Get("Lead", results[1].ID, "Seen__c", "Email", "LastName"))
	require.NoError(t, err)
	got, ok := reads[0].Records[0].Date("ActivityDate")
	require.True(t, ok)
	require.Equal(t, day, got)
	lead := &reads[1].Records[0]
	back, ok := lead.Time("Seen__c")
	require.True(t, ok)
	require.Equal(t, at.UTC(), back)
	for _, path := range []string{"Email", "LastName", "Nothing__c"} {
		_, ok = lead.Date(path)
		require.False(t, ok, path)
		_, ok = lead.Time(path)
		require.False(t, ok, path)
	}
}

func TestWriteRefusesADayThatIsNone(t *testing.T) {
	t.Parallel()
	w := &wire{script: []line{ok}}
	for _, value := range []any{
		salesforce.Date{}, salesforce.Date{Year: 2026, Month: 2, Day: 30}, time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC),
	} {
		_, err := w.client(t, salesforce.Config{}, nil).Write(t.Context(), create("Lead", salesforce.Fields{"D": value}))
		require.ErrorContains(t, err, "field D")
	}
	require.Empty(t, w.sent)
	_, err := json.Marshal(salesforce.Date{})
	require.Error(t, err)
}

func FuzzRecordTime(f *testing.F) {
	for _, text := range []string{
		"", "2024-09-09", "2024-09-09T20:41:31.000+0000", "2024-09-09T20:41:31Z", "2024-13-40T99:00:00Z",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r := &salesforce.Record{Fields: salesforce.Fields{"D": text}}
		at, ok := r.Time("D")
		require.True(t, ok || at.IsZero())
		require.Equal(t, time.UTC, at.Location())
		if day, ok := r.Date("D"); ok {
			require.Equal(t, text, day.String())
		}
	})
}

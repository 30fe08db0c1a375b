// SPDX-License-Identifier: Apache-2.0

package salesforce_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

func TestIngestTellsRowsApartBySeveralColumns(t *testing.T) {
	t.Parallel()
	org := newBulkOrg(t)
	campaign := org.Insert("Campaign", map[string]any{"Name": "Expo"})
	other := org.Insert("Campaign", map[string]any{"Name": "Fair"})
	person := org.Insert("Lead", map[string]any{"LastName": "L", "Company": "C"})
	contact := org.Insert("Contact", map[string]any{"LastName": "C"})
	org.Insert("CampaignMember", map[string]any{"CampaignId": other, "LeadId": person})
	spec := salesforce.IngestSpec{
		Object: "CampaignMember", Op: salesforce.OpCreate, RowKey: "CampaignId,LeadId,ContactId",
		Columns: []string{"CampaignId", "LeadId", "ContactId", "Status"},
	}
	results, err := ingested(t, connect(t, org).Ingest(t.Context(), spec, rowsOf(
		salesforce.Fields{"CampaignId": campaign, "LeadId": person},
		salesforce.Fields{"CampaignId": other, "LeadId": person},
		salesforce.Fields{"CampaignId": other, "ContactId": contact, "LeadId": nil},
		salesforce.Fields{"Status": "Sent"},
	)))
	require.NoError(t, err)
	require.Len(t, results, 4)
	require.NoError(t, results[campaign+","+person+","].Err, "one campaign, and another one")
	require.Equal(t, salesforce.DuplicateValue, salesforce.StatusOf(results[other+","+person+","].Err))
	require.NoError(t, results[other+",#N/A,"+contact].Err)
	require.ErrorContains(t, results[""].Err, "field CampaignId,LeadId,ContactId: missing key")
	require.Equal(t, 3, org.Count("CampaignMember"))
}

func TestIngestLooksAtALargeJobLessOften(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rows := make([]salesforce.Fields, 4000)
		for i := range rows {
			rows[i] = lead(strings.Repeat("k", 1+i%7) + time.Duration(i).String())
		}
		looks := func(rows []salesforce.Fields) (at []time.Duration) {
			org := newBulkOrg(t, sftest.WithBulkPolls(2))
			client := connectWithin(t, org, salesforce.Config{JitterFunc: func() float64 { return 1 }})
			start := time.Now()
			org.OnRequest(func(r sftest.Request) {
				if r.Method == http.MethodGet && !strings.HasSuffix(r.Path, "Results") {
					at = append(at, time.Since(start))
				}
			})
			results, err := ingested(t, client.Ingest(t.Context(), leadSpec, rowsOf(rows...)))
			require.NoError(t, err)
			require.Len(t, results, len(rows))
			return at
		}
		require.Equal(t, []time.Duration{time.Second, 3 * time.Second, 7 * time.Second}, looks(rows[:2]))
		require.Equal(t, []time.Duration{2 * time.Second, 6 * time.Second, 14 * time.Second}, looks(rows))
	})
}

func TestIngestReadsNoResultsOfUpdatesThatAllSucceeded(t *testing.T) {
	t.Parallel()
	org := newBulkOrg(t, sftest.WithBulkPolls(0))
	first := org.Insert("Lead", map[string]any{"LastName": "A", "Company": "C"})
	second := org.Insert("Lead", map[string]any{"LastName": "B", "Company": "C"})
	spec := salesforce.IngestSpec{
		Object: "Lead", Op: salesforce.OpUpdate, Columns: []string{"Id", "Phone", "Email"}, FailuresOnly: true,
	}
	files := func() (n int) {
		for _, r := range org.Requests() {
			if strings.HasSuffix(r.Path, "Results") {
				n++
			}
		}
		return n
	}
	client := connect(t, org)
	results, err := ingested(t, client.Ingest(t.Context(), spec, rowsOf(
		salesforce.Fields{"Id": first, "Phone": "1"}, salesforce.Fields{"Id": second, "Phone": "2"},
		salesforce.Fields{"Id": second, "Phone": "#N/A"},
	)))
	require.NoError(t, err)
	require.Len(t, results, 1, "the row that was not sent")
	require.ErrorIs(t, results[second].Err, salesforce.ErrNotSent)
	require.Zero(t, files())
	require.Equal(t, "2", org.Row("Lead", second)["Phone"])

	results, err = ingested(t, client.Ingest(t.Context(), spec, rowsOf(
		salesforce.Fields{"Id": first, "Phone": "3"}, salesforce.Fields{"Id": second, "Email": "no address"},
	)))
	require.NoError(t, err)
	require.NoError(t, results[first].Err)
	require.Error(t, results[second].Err)
	require.Equal(t, 2, files())
	spec.Op, spec.RowKey = salesforce.OpCreate, "Phone"
	_, err = ingested(t, client.Ingest(t.Context(), spec, rowsOf()))
	require.ErrorContains(t, err, "create with FailuresOnly")
}

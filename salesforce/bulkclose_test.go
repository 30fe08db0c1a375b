// SPDX-License-Identifier: Apache-2.0

package salesforce_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

func TestIngestDropsAJobThatItCouldNotClose(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		org := newBulkOrg(t)
		client := connectWithin(t, org, salesforce.Config{MaxRetries: -1})
		lose(org, http.MethodPatch, "", sftest.Fault{CommitLater: time.Minute})
		_, err := ingested(t, client.Ingest(t.Context(), leadSpec, rowsOf(lead("a"))))
		id := jobError(t, err).Job.ID
		time.Sleep(time.Hour) // the close arrives, too late
		job, err := client.IngestJob(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, salesforce.JobAborted, job.State)
		require.Zero(t, org.Count("Lead"))
	})
}

// A close whose first answer was lost may find the job well past it.
func TestIngestContinuesWithAJobThatIsClosed(t *testing.T) {
	t.Parallel()
	org := newBulkOrg(t, sftest.WithBulkPolls(0))
	client, err := newClient(t, instance, &orgTokens{org: org}, salesforce.Config{
		HTTPClient: &http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
			resp, err := org.Transport().RoundTrip(r)
			if err != nil || r.Method != http.MethodPatch {
				return resp, err
			}
			_ = resp.Body.Close()
			return answerOf(400, "application/json", `[{"errorCode":"INVALIDJOBSTATE","message":"x"}]`), nil
		})},
		JitterFunc: func() float64 { return 0 },
	})
	require.NoError(t, err)
	results, err := ingested(t, client.Ingest(t.Context(), leadSpec, rowsOf(lead("a"))))
	require.NoError(t, err)
	require.True(t, results["a"].Created)
}

func TestIngestGivesTheJobWhoseStateIsUnknown(t *testing.T) {
	t.Parallel()
	org := newBulkOrg(t)
	client := connect(t, org)
	org.Fail(func(r *http.Request, _ int) *sftest.Fault {
		if r.Method == http.MethodPatch {
			return &sftest.Fault{DropAfter: true}
		}
		if r.Method == http.MethodGet {
			return &sftest.Fault{Status: 503}
		}
		return nil
	})
	_, err := ingested(t, client.Ingest(t.Context(), leadSpec, rowsOf(lead("a"))))
	require.ErrorContains(t, err, "may have been carried out")
	job := jobError(t, err).Job
	require.Empty(t, job.State)
	org.Fail(nil)
	results, err := ingested(t, client.ResumeIngest(t.Context(), job.ID, "LeadsyncKey__c"))
	require.NoError(t, err)
	require.True(t, results["a"].Created)
}

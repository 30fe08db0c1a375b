// SPDX-License-Identifier: Apache-2.0

package salesforce_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// jobOf is the answer to IngestJob when Salesforce replies like that.
func jobOf(t *testing.T, id salesforce.ID, status int, body string) (salesforce.Job, error) {
	w := roundTripper(
		func(*http.Request) (*http.Response, error) { return answerOf(status, "application/json", body), nil },
	)
	client, err := newClient(
		t, instance, &orgTokens{token: "t"}, salesforce.Config{HTTPClient: &http.Client{Transport: w}, MaxRetries: -1},
	)
	require.NoError(t, err)
	return client.IngestJob(t.Context(), id)
}

func TestIngestJobReadsAJob(t *testing.T) {
	t.Parallel()
	// Recorded by amp-labs/connectors#42.
	job, err := jobOf(t, "750Do00000DmVvBIAV", 200, `{"id":"750Do00000DmVvBIAV","object":"Touchpoint__c",
	"createdById":"005Do000001y7jOIAQ",
		"externalIdFieldName":"external_id__c","state":"InProgress","operation":"upsert","columnDelimiter":"COMMA",
		"lineEnding":"LF",
		"numberRecordsFailed":3,"numberRecordsProcessed":2600,"apexProcessingTime":0,"apiActiveProcessingTime":3347,
		"apiVersion":59,
		"concurrencyMode":"Parallel","contentType":"CSV","createdDate":"2024-01-03T23:52:01.000+0000","jobType":"V2Ingest",
		"retries":0,
		"systemModstamp":"2024-01-03T23:52:02.000+0000","totalProcessingTime":0}`)
	require.NoError(t, err)
	require.Equal(t, salesforce.Job{
		ID: "750Do00000DmVvBIAV", Object: "Touchpoint__c", Operation: "upsert", State: salesforce.JobInProgress,
		Processed: 2600, Failed: 3,
	}, job)
	require.False(t, job.State.Ended())
}

func TestIngestJobSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		"":                                     "reply is not a bulk job",
		"[]":                                   "reply is not a bulk job",
		`{"state":"Open"}`:                     "reply is a bulk job without an id",
		`{"id":"s3cret","state":"Open"}`:       "reply is a bulk job without an id",
		`{"id":"750000000000001"}`:             "reply is a bulk job without a state",
		`{"id":"750000000000001","state":" "}`: "reply is a bulk job without a state",
		`{"id":"750000000000002","state":"Open"}`: "reply is another bulk job",
	} {
		_, err := jobOf(t, bulkJob, 200, body)
		require.ErrorContains(t, err, want, body)
		require.Equal(t, bulkJob, jobError(t, err).Job.ID)
		require.NotContains(t, err.Error(), "s3cret")
		require.NotContains(t, err.Error(), "carried out", "looking writes nothing")
	}
	_, err := jobOf(t, "s3cret", 200, "")
	require.EqualError(t, err, "salesforce: no bulk job: malformed record id")
}

func TestBulkErrorsKeepTheirCodes(t *testing.T) {
	t.Parallel()
	for _, code := range []salesforce.StatusCode{
		salesforce.InvalidBatch, salesforce.InvalidJob, salesforce.InvalidJobState,
	} {
		_, err := jobOf(t, bulkJob, 400, `[{"errorCode":"`+string(code)+`","message":"s3cret"}]`)
		var cause *salesforce.Error
		require.ErrorAs(t, err, &cause)
		require.Equal(t, code, cause.Code)
		require.Equal(t, 400, cause.HTTPStatus)
		require.Equal(t, "s3cret", cause.Message)
		require.NotContains(t, err.Error(), "s3cret")
	}
}

func TestAbortIngestEndsAJob(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		org := newBulkOrg(t)
		client := connectWithin(t, org, salesforce.Config{JitterFunc: func() float64 { return 1 }})
		org.FailBulk(1, "InternalServerError : x")
		_, err := ingested(t, client.Ingest(t.Context(), leadSpec, rowsOf(lead("a"))))
		ended := jobError(t, err).Job
		failure := jobError(t, client.AbortIngest(t.Context(), ended.ID))
		require.Equal(t, salesforce.JobFailed, failure.Job.State)
		require.ErrorContains(t, failure, "INVALIDJOBSTATE")
		require.Error(t, client.AbortIngest(t.Context(), "junk"))

		var aborted salesforce.ID
		org.OnRequest(func(r sftest.Request) {
			if r.Method == http.MethodGet && aborted == "" {
				aborted = salesforce.ID(r.Path[strings.LastIndex(r.Path, "/")+1:])
				// The org must not be called back from here in this goroutine.
				go func() { _ = client.AbortIngest(t.Context(), aborted) }()
			}
		})
		results, err := ingested(t, client.Ingest(t.Context(), leadSpec, rowsOf(lead("b"), lead("c"))))
		require.ErrorContains(t, err, "(Aborted): aborted before its end")
		require.Len(t, results, 2)
		require.ErrorIs(t, results["b"].Err, salesforce.ErrNotProcessed)
		require.NoError(t, client.AbortIngest(t.Context(), aborted), "aborting twice is aborting once")
		require.Equal(t, 1, org.Count("Lead"))
	})
}

func TestResumeIngestRefusesWhatItCannotResume(t *testing.T) {
	t.Parallel()
	org := newBulkOrg(t)
	client := connect(t, org)
	org.Fail(func(r *http.Request, _ int) *sftest.Fault {
		if r.Method != http.MethodPatch {
			return nil
		}
		return &sftest.Fault{Status: 400, Body: `[{"errorCode":"INVALIDJOB","message":"x"}]`}
	})
	_, err := ingested(t, client.Ingest(t.Context(), leadSpec, rowsOf(lead("a"))))
	org.Fail(nil)
	open := jobError(t, err).Job
	require.Equal(t, salesforce.JobOpen, open.State)
	for want, resume := range map[string]struct {
		id  salesforce.ID
		key string
	}{
		"(Open): never closed, so none of it was processed":  {open.ID, "LeadsyncKey__c"},
		"malformed row key \"a b\"":                          {open.ID, "a b"},
		"salesforce: bulk job 750000000000009AAA: NOT_FOUND": {"750000000000009", "LeadsyncKey__c"},
		"malformed record id":                                {"750", "LeadsyncKey__c"},
	} {
		results, err := ingested(t, client.ResumeIngest(t.Context(), resume.id, resume.key))
		require.ErrorContains(t, err, want)
		require.Empty(t, results)
	}
	require.NoError(t, client.AbortIngest(t.Context(), open.ID))
}

// FuzzJobReply feeds any body to the look at a job.
func FuzzJobReply(f *testing.F) {
	for _, body := range []string{"", "{}", `{"id":"750000000000001AAA",` +
		`"state":"Aborted"}`, `{"id":"750000000000002AAA","state":"Aborted"}`, `{"id":750}`, `{"id":"750000000000001AAA",` +
		`"state":"x y"}`} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		w := &wire{script: []line{{status: 200, body: body}}}
		job, err := w.client(t, salesforce.Config{MaxRetries: -1}, nil).IngestJob(t.Context(), bulkJob)
		require.Equal(t, err == nil, job.ID == bulkJob)
	})
}

// SPDX-License-Identifier: Apache-2.0

package salesforce_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"github.com/leadsync/leadsync/salesforce"
)

const bulkJob = salesforce.ID("750000000000001AAA")

// A bulkWire answers the requests of a completed job of one row, a, with results
// as the test says.
type bulkWire struct {
	results func(r *http.Request) (*http.Response, error)
}

func (w *bulkWire) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Path == "/services/data/v62.0/jobs/ingest/"+string(bulkJob) {
		return answerOf(
			200,
			"application/json",
			`{"id":"`+string(bulkJob)+`","state":"JobComplete","numberRecordsProcessed":1,"numberRecordsFailed":0}`,
		), nil
	}
	return w.results(r)
}

// answerOf is a reply without a length.
func answerOf(status int, kind, body string) *http.Response {
	return &http.Response{
		StatusCode: status, ProtoMajor: 1, ContentLength: -1,
		Header: http.Header{"Content-Type": {kind}}, Body: io.NopCloser(strings.NewReader(body)),
	}
}

func (w *bulkWire) resume(t *testing.T, cfg salesforce.Config) (map[string]salesforce.RowResult, error) {
	return w.resumeWith(t, oauth2.StaticTokenSource(&oauth2.Token{AccessToken: "00Dtoken!secret"}), cfg)
}

func (w *bulkWire) resumeWith(
	t *testing.T,
	source oauth2.TokenSource,
	cfg salesforce.Config,
) (map[string]salesforce.RowResult, error) {
	cfg.HTTPClient = &http.Client{Transport: w}
	client, err := newClient(t, instance, source, cfg)
	require.NoError(t, err)
	return ingested(t, client.ResumeIngest(t.Context(), bulkJob, "Key__c"))
}

const oneResult = "sf__Id,sf__Created,Key__c\n00Q000000000001,true,a\n"

func packed(body string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = io.WriteString(w, body)
	_ = w.Close()
	return b.String()
}

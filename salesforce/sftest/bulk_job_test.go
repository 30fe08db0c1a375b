// SPDX-License-Identifier: Apache-2.0

package sftest_test

import (
	"bytes"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce/sftest"
)

const csvType = "text/csv; charset=UTF-8"

// upsertLeads makes a job that upserts Leads by LeadsyncKey__c.
var upsertLeads = map[string]any{"object": "lead", "operation": "upsert", "externalIdFieldName": "leadsynckey__c"}

// newBulk makes an org with a key on Lead whose jobs end at the first look.
func newBulk(t *testing.T, opts ...sftest.Option) (*sftest.Org, *api) {
	org, a := newAPI(t, append([]sftest.Option{sftest.WithBulkPolls(0)}, opts...)...)
	org.AddExternalID("Lead", "Account")
	return org, a
}

// open makes a job and returns its path.
func (a *api) open(body any) string {
	a.t.Helper()
	res := a.do("POST", "/jobs/ingest", body)
	require.Equal(a.t, 200, res.Status, res.Text)
	require.Equal(a.t, "Open", res.at("state"))
	return "/jobs/ingest/" + res.at("id").(string)
}

// load makes a job, gives it data and closes it.
func (a *api) load(body any, data string) string {
	a.t.Helper()
	job := a.open(body)
	res := a.do("PUT", job+"/batches", data, "Content-Type", csvType)
	require.Equal(a.t, 201, res.Status, res.Text)
	require.Empty(a.t, res.Text)
	res = a.do("PATCH", job, map[string]any{"state": "UploadComplete"})
	require.Equal(a.t, 200, res.Status, res.Text)
	return job
}

func refusals(t *testing.T, res *response, status int, code string) {
	t.Helper()
	require.Equal(t, status, res.Status, res.Text)
	require.Equal(t, code, res.Body.([]any)[0].(map[string]any)["errorCode"], res.Text)
}

func TestBulkJobGoesThroughItsStates(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	org.AddExternalID("Lead")
	job := a.load(upsertLeads, "LeadsyncKey__c,LastName,Company\na,L,C\n")
	var states []any
	for range 4 {
		states = append(states, a.do("GET", job, nil).at("state"))
	}
	require.Equal(t, []any{"UploadComplete", "InProgress", "JobComplete", "JobComplete"}, states)
	id := strings.TrimPrefix(job, "/jobs/ingest/")
	res := a.do("GET", job, nil)
	require.NotContains(t, res.Body, "contentUrl", "only an open job has it")
	for name, want := range map[string]any{
		"id": id, "object": "Lead", "operation": "upsert", "externalIdFieldName": "LeadsyncKey__c", "apiVersion": 62.0,
		"contentType": "CSV", "lineEnding": "LF", "columnDelimiter": "COMMA", "jobType": "V2Ingest",
		"concurrencyMode":        "Parallel",
		"numberRecordsProcessed": 1.0, "numberRecordsFailed": 0.0, "retries": 0.0, "totalProcessingTime": 0.0,
		"apiActiveProcessingTime": 0.0, "apexProcessingTime": 0.0,
	} {
		require.EqualValues(t, want, res.at(name), name)
	}
	require.Equal(t, 1, org.Count("Lead"))
	require.Equal(t, 8, org.Calls(), "each request is a call")
}

// The answers recorded in amp-labs/connectors (docs/salesforce.md, Bulk API), key
// by key in their order.
func TestBulkJobIsDescribedAsRecorded(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	_, a := newBulk(t, sftest.WithNow(func() time.Time { now = now.Add(time.Second); return now }))
	keys := func(res *response) string {
		require.Equal(t, 200, res.Status, res.Text)
		return strings.Join(regexp.MustCompile(`"\w+":`).FindAllString(res.Text, -1), "")
	}
	const always = `"id":"operation":"object":"createdById":"createdDate":"systemModstamp":"state":` +
		`"externalIdFieldName":"concurrencyMode":"contentType":"apiVersion":`
	made := a.do("POST", "/jobs/ingest", upsertLeads)
	require.Equal(t, always+`"contentUrl":"lineEnding":"columnDelimiter":`, keys(made))
	require.Equal(t, made.at("createdDate"), made.at("systemModstamp"))
	job := "/jobs/ingest/" + made.id()
	require.Equal(t, "services/data/v62.0"+job+"/batches", made.at("contentUrl"))
	require.Equal(t, 201, a.do("PUT", job+"/batches", "LeadsyncKey__c,LastName,Company\na,L,C\n", "Content-Type",
		csvType).Status)
	require.Equal(t, always, keys(a.do("PATCH", job, map[string]any{"state": "UploadComplete"})))
	done := a.do("GET", job, nil)
	require.Equal(t,
		always+`"jobType":"lineEnding":"columnDelimiter":"numberRecordsProcessed":"numberRecordsFailed":`+
			`"retries":"totalProcessingTime":"apiActiveProcessingTime":"apexProcessingTime":`, keys(done))
	require.Greater(t, done.at("systemModstamp"), done.at("createdDate"))

	query := a.ask("query", "SELECT Id FROM Lead")
	require.Equal(t, strings.Replace(always, `"externalIdFieldName":`, "", 1)+`"lineEnding":"columnDelimiter":`,
		keys(query))
}

func TestBulkJobIsWrittenWhenItEnds(t *testing.T) {
	t.Parallel()
	org, a := newBulk(t)
	job := a.load(upsertLeads, "LeadsyncKey__c,LastName,Company\na,L,C\nb,,C\n")
	require.Zero(t, org.Count("Lead"))
	a.do("GET", job, nil)
	require.Equal(t, 1, org.Count("Lead"))
	var writes, written []int
	for _, r := range org.Requests() {
		writes, written = append(writes, r.Writes), append(written, r.Written)
	}
	require.Equal(t, []int{0, 0, 2, 0}, writes, "closing asks for the writes")
	require.Equal(t, []int{0, 0, 0, 1}, written)
}

func TestBulkJobRefusesWhatItCannotDo(t *testing.T) {
	t.Parallel()
	with := func(name string, value any) map[string]any {
		body := map[string]any{name: value}
		for other, v := range upsertLeads {
			if other != name {
				body[other] = v
			}
		}
		return body
	}
	_, a := newBulk(t)
	for name, c := range map[string]struct {
		body any
		code string
	}{
		"object":        {with("object", "Nope__c"), "INVALIDJOB"},
		"operation":     {with("operation", "merge"), "INVALIDJOB"},
		"key":           {with("externalIdFieldName", "Website"), "INVALIDJOB"},
		"no key":        {with("externalIdFieldName", nil), "INVALIDJOB"},
		"content type":  {with("contentType", "XML"), "INVALIDJOB"},
		"line ending":   {with("lineEnding", "CR"), "JSON_PARSER_ERROR"},
		"delimiter":     {with("columnDelimiter", "SPACE"), "JSON_PARSER_ERROR"},
		"no JSON":       {"{", "JSON_PARSER_ERROR"},
		"no body":       {"", "JSON_PARSER_ERROR"},
		"empty request": {"{}", "INVALIDJOB"},
	} {
		t.Run(name, func(t *testing.T) { refusals(t, a.do("POST", "/jobs/ingest", c.body), 400, c.code) })
	}
	refusals(t, a.do("POST", "/jobs/ingest", upsertLeads, "Content-Type", "text/plain"), 415, "UNSUPPORTED_MEDIA_TYPE")
}

func TestBulkJobKeepsToItsOrder(t *testing.T) {
	t.Parallel()
	org, a := newBulk(t)
	data := "LeadsyncKey__c,LastName,Company\na,L,C\n"
	state := func(to string) map[string]any { return map[string]any{"state": to} }
	job := a.open(upsertLeads)
	for _, id := range []string{"/jobs/ingest/750000000000009", "/jobs/ingest/x", strings.Replace(job, "ingest", "query",
		1)} {
		refusals(t, a.do("GET", id, nil), 404, "NOT_FOUND")
	}
	refusals(t, a.do("PATCH", job, state("UploadComplete")), 400, "INVALIDJOBSTATE")
	refusals(t, a.do("PATCH", job, state("JobComplete")), 400, "INVALIDJOB")
	refusals(t, a.do("PATCH", job, "{"), 400, "JSON_PARSER_ERROR")
	refusals(t, a.do("POST", job, "{}"), 405, "METHOD_NOT_ALLOWED")
	refusals(t, a.do("GET", job+"/batches", nil), 405, "METHOD_NOT_ALLOWED")
	refusals(t, a.do("PUT", job+"/batches", data, "Content-Type", "application/json"), 415, "UNSUPPORTED_MEDIA_TYPE")
	refusals(t, a.do("GET", job+"/successfulResults", nil), 400, "INVALIDJOBSTATE")
	refusals(t, a.do("DELETE", job, nil), 400, "INVALIDJOBSTATE")
	require.Equal(t, "Open", a.do("GET", job, nil).at("state"), "an open job stays so")

	require.Equal(t, 201, a.do("PUT", job+"/batches", data, "Content-Type", csvType).Status)
	refusals(t, a.do("PUT", job+"/batches", data, "Content-Type", csvType), 400, "INVALIDJOBSTATE")
	require.Equal(t, 200, a.do("PATCH", job, state("UploadComplete")).Status)
	refusals(t, a.do("PATCH", job, state("UploadComplete")), 400, "INVALIDJOBSTATE")
	refusals(t, a.do("GET", job+"/failedResults", nil), 400, "INVALIDJOBSTATE")
	require.Equal(t, "JobComplete", a.do("GET", job, nil).at("state"))
	refusals(t, a.do("PATCH", job, state("Aborted")), 400, "INVALIDJOBSTATE")
	require.Equal(t, 1, org.Count("Lead"))
	require.Equal(t, 204, a.do("DELETE", job, nil).Status)
	refusals(t, a.do("GET", job, nil), 404, "NOT_FOUND")
	require.Equal(t, 204, a.do("DELETE", a.load(upsertLeads, data), nil).Status, "of an ingest job not begun yet")
	refusals(t, a.do("DELETE", "/jobs/query/"+a.ask("query", "SELECT Id FROM Lead").id(), nil), 400, "INVALIDJOBSTATE")
}

func TestBulkJobWithoutTestAnswers501(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(nil)
	defer org.Close()
	a := &api{t, org}
	job := a.open(map[string]any{"object": "Lead", "operation": "insert"})
	for _, path := range []string{"/jobs", "/jobs/x", job + "/results", job + "/batches/x"} {
		require.Equal(t, 501, a.do("GET", path, nil).Status, path)
	}
	require.Equal(t, 501,
		a.do("POST", "/jobs/query",
			map[string]any{"operation": "query", "query": "SELECT Company FROM Lead WITH USER_MODE"}).Status)
}

func TestBulkJobCanBeAborted(t *testing.T) {
	t.Parallel()
	org, a := newBulk(t)
	job := a.load(upsertLeads, "LeadsyncKey__c,LastName,Company\na,\"L,\",C\n")
	require.Equal(t, "Aborted", a.do("PATCH", job, map[string]any{"state": "Aborted"}).at("state"))
	require.Equal(t, "Aborted", a.do("GET", job, nil).at("state"))
	require.Equal(t, "LeadsyncKey__c,LastName,Company\n\"a\",\"L,\",\"C\"\n",
		a.do("GET", job+"/unprocessedrecords", nil).Text)
	require.Equal(t, "\"sf__Id\",\"sf__Created\",LeadsyncKey__c,LastName,Company\n",
		a.do("GET", job+"/successfulResults", nil).Text)
	require.Zero(t, org.Count("Lead"))
	require.Equal(t, "Aborted", a.do("PATCH", a.open(upsertLeads), map[string]any{"state": "Aborted"}).at("state"))
}

func TestBulkJobRefusesMoreDataThanAJobTakes(t *testing.T) {
	t.Parallel()
	org, a := newBulk(t)
	const most = 150_000_000 / 4 * 3 // bytes, before base64
	r := httptest.NewRequest("PUT", base+a.open(upsertLeads)+"/batches", bytes.NewReader(make([]byte, most+1)))
	r.Header.Set("Authorization", "Bearer "+org.Token())
	r.Header.Set("Content-Type", csvType)
	w := httptest.NewRecorder()
	org.Handler().ServeHTTP(w, r) // without a network: under -race it is slow
	require.Equal(t, 400, w.Code)
	require.Contains(t, w.Body.String(), "INVALIDBATCH")
}

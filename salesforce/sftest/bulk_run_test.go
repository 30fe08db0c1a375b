// SPDX-License-Identifier: Apache-2.0

package sftest_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce/sftest"
)

var insertLeads = fields{"object": "Lead", "operation": "insert"}

// leadRows is the data of a job that inserts n Leads.
func leadRows(n int) string {
	var text strings.Builder
	text.WriteString("LastName,Company\n")
	for i := range n {
		fmt.Fprintf(&text, "L%d,C\n", i)
	}
	return text.String()
}

// hold stops every job before the step at which so many rows are done, until
// release is called; held is closed when a job is there.
func hold(org *sftest.Org, rows int) (held chan string, release func()) {
	held, free := make(chan string, 1), make(chan struct{})
	org.OnBulk(func(job string, done int) {
		if done == rows {
			held <- job
			<-free
		}
	})
	return held, func() { close(free) }
}

// polled looks at a job until it has ended.
func (a *api) polled(job string) *response {
	a.t.Helper()
	for {
		res := a.do("GET", job, nil)
		if state := res.at("state"); state != "UploadComplete" && state != "InProgress" {
			return res
		}
	}
}

// A large job holds nobody up: the org answers while it is under way.
func TestBulkJobRunsBesideOtherRequests(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t, sftest.WithBulkDelay(0))
	held, release := hold(org, 600)
	job := a.load(insertLeads, leadRows(1000))
	require.Equal(t, strings.TrimPrefix(job, "/jobs/ingest/"), <-held)

	require.InDelta(t, 600, a.query("SELECT count() FROM Lead").at("totalSize"), 0)
	require.Equal(t, 201, a.do("POST", "/sobjects/Contact", newContact).Status)
	other := a.do("POST", "/jobs/query", fields{"operation": "query", "query": "SELECT Id FROM Contact"})
	require.Equal(t, "JobComplete", a.polled("/jobs/query/"+other.id()).at("state"))
	res := a.do("GET", job, nil)
	require.Equal(t, []any{"InProgress", 600.0, 0.0},
		[]any{res.at("state"), res.at("numberRecordsProcessed"), res.at("numberRecordsFailed")})
	refusals(t, a.do("GET", job+"/successfulResults", nil), 400, "INVALIDJOBSTATE")
	refusals(t, a.do("DELETE", job, nil), 400, "INVALIDJOBSTATE")

	release()
	res = a.polled(job)
	require.Equal(t, []any{"JobComplete", 1000.0}, []any{res.at("state"), res.at("numberRecordsProcessed")})
	require.Len(t, a.lines(job+"/successfulResults"), 1000)
}

func TestBulkQueryRunsBesideOtherRequests(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t, sftest.WithBulkDelay(0))
	fill(org, 2100)
	held, release := hold(org, 2000)
	job := "/jobs/query/" + a.ask("query", "SELECT Id FROM Lead").id()
	<-held
	require.InDelta(t, 2100, a.query("SELECT count() FROM Lead").at("totalSize"), 0)
	require.InDelta(t, 2000, a.do("GET", job, nil).at("numberRecordsProcessed"), 0)
	release()
	require.InDelta(t, 2100, a.polled(job).at("numberRecordsProcessed"), 0)
}

// What is written stays, the rest is unprocessed.
func TestBulkJobCanBeAbortedUnderWay(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t, sftest.WithBulkDelay(0))
	held, release := hold(org, 200)
	job := a.load(insertLeads, leadRows(500))
	<-held
	require.Equal(t, "Aborted", a.do("PATCH", job, fields{"state": "Aborted"}).at("state"))
	release()
	require.Equal(t, "Aborted", a.polled(job).at("state"))
	require.Equal(t, 200, org.Count("Lead"))
	require.Len(t, a.lines(job+"/successfulResults"), 200)
	require.Len(t, a.lines(job+"/unprocessedrecords"), 300)
}

// within runs a test in a bubble of virtual time, with the org reached without
// a network.
func within(t *testing.T, test func(t *testing.T, a *inBubble), opts ...sftest.Option) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		org := sftest.NewOrg(t, opts...)
		test(t, &inBubble{api{t, org}})
	})
}

// An inBubble is an api without a network.
type inBubble struct{ api }

func (a *inBubble) call(method, path, body, kind string) *response {
	a.t.Helper()
	req, err := http.NewRequestWithContext(a.t.Context(), method, "https://org.example"+base+path, strings.NewReader(body))
	require.NoError(a.t, err)
	req.Header.Set("Authorization", "Bearer "+a.org.Token())
	req.Header.Set("Content-Type", kind)
	return answered(a.t, a.org.Transport(), req)
}

// closed makes a job with its data complete, and returns its path.
func (a *inBubble) closed(data string) string {
	a.t.Helper()
	job := "/jobs/ingest/" + a.call("POST", "/jobs/ingest", `{"object":"Lead","operation":"insert"}`,
		"application/json").id()
	require.Equal(a.t, 201, a.call("PUT", job+"/batches", data, csvType).Status)
	require.Equal(a.t, 200, a.call("PATCH", job, `{"state":"UploadComplete"}`, "application/json").Status)
	return job
}

func (a *inBubble) get(path string) *response { return a.call("GET", path, "", "") }

// Jobs run whether they are polled or not (docs/salesforce.md, Bulk API).
func TestBulkJobRunsWithoutAnyPoll(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		opts        []sftest.Option
		before, due time.Duration
	}{
		"by default":        {nil, 29 * time.Second, time.Second},
		"after a delay":     {[]sftest.Option{sftest.WithBulkDelay(time.Minute)}, 59 * time.Second, time.Second},
		"but for its polls": {[]sftest.Option{sftest.WithBulkPolls(1)}, 48 * time.Hour, 0},
	} {
		t.Run(name, func(t *testing.T) {
			within(t, func(t *testing.T, a *inBubble) {
				job := a.closed(leadRows(3))
				time.Sleep(tc.before)
				synctest.Wait()
				require.Zero(t, a.org.Count("Lead"))
				if tc.due == 0 {
					return
				}
				time.Sleep(tc.due)
				synctest.Wait()
				require.Equal(t, 3, a.org.Count("Lead"))
				require.Equal(t, "JobComplete", a.get(job).at("state"))
			}, tc.opts...)
		})
	}
}

// A test may move the org's clock instead.
func TestBulkJobRunsByTheClockOfTheOrg(t *testing.T) {
	t.Parallel()
	var ahead atomic.Int64
	start := time.Now()
	org, a := newAPI(t, sftest.WithBulkDelay(time.Hour),
		sftest.WithNow(func() time.Time { return start.Add(time.Duration(ahead.Load())) }))
	job := a.load(insertLeads, leadRows(3))
	ahead.Store(int64(59 * time.Minute))
	require.Equal(t, "UploadComplete", a.do("GET", job, nil).at("state"))
	ahead.Store(int64(time.Hour))
	require.Equal(t, "JobComplete", a.polled(job).at("state"))
	require.Equal(t, 3, org.Count("Lead"))
}

// docs/salesforce.md, Bulk API: a batch has five minutes, and 20 retries.
func TestBulkBatchesAreTriedAgainUntilThatIsTooOften(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		perRow  time.Duration
		state   string
		written int
		retries float64
		minutes float64
	}{
		"fast enough":         {100 * time.Millisecond, "JobComplete", 1000, 0, 100.0 / 60},
		"in several attempts": {time.Second, "JobComplete", 1000, 4, (1000 + 4*100) / 60.0},
		"never":               {2 * time.Second, "Failed", 0, 20, 105},
	} {
		t.Run(name, func(t *testing.T) {
			within(t, func(t *testing.T, a *inBubble) {
				a.org.SlowRows("Lead", func(map[string]any) time.Duration { return tc.perRow })
				job := a.closed(leadRows(1000))
				time.Sleep(3 * time.Hour)
				synctest.Wait()
				res := a.get(job)
				require.Equal(t, []any{tc.state, tc.retries}, []any{res.at("state"), res.at("retries")})
				require.InDelta(t, tc.minutes, res.at("totalProcessingTime").(float64)/60_000, 0.01)
				require.Equal(t, tc.written, a.org.Count("Lead"))
				unprocessed := strings.Count(a.get(job+"/unprocessedrecords").Text, "\n") - 1
				require.Equal(t, 1000-tc.written, unprocessed)
			}, sftest.WithBulkDelay(0))
		})
	}
}

// docs/salesforce.md, Bulk API: a job stays open for a day, and is kept for seven.
func TestBulkJobsExpire(t *testing.T) {
	t.Parallel()
	within(t, func(t *testing.T, a *inBubble) {
		const day = 24 * time.Hour
		open := "/jobs/ingest/" + a.call("POST", "/jobs/ingest", `{"object":"Lead","operation":"insert"}`,
			"application/json").id()
		done := a.closed(leadRows(1))
		time.Sleep(day - time.Second)
		require.Equal(t, "Open", a.get(open).at("state"))
		require.Equal(t, "JobComplete", a.get(done).at("state"))
		time.Sleep(time.Second)
		require.Equal(t, "Failed", a.get(open).at("state"))
		refusals(t, a.call("PUT", open+"/batches", leadRows(1), csvType), 400, "INVALIDJOBSTATE")
		time.Sleep(6*day - time.Second)
		require.Len(t, a.get("/jobs/ingest").at("records"), 2)
		time.Sleep(time.Second)
		require.Empty(t, a.get("/jobs/ingest").at("records"))
		require.Equal(t, 404, a.get(done+"/successfulResults").Status)
	})
}

func TestBulkQueryPagesByMaxRecords(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t, sftest.WithBulkPolls(0))
	fill(org, 2100)
	job := "/jobs/query/" + a.ask("query", "SELECT Id FROM Lead").id()
	a.ended(job, "JobComplete")
	for query, rows := range map[string]string{
		"": "2100", "?maxRecords=2050": "2050", "?maxRecords=9999999": "2100", "?maxRecords=0": "2100",
	} {
		res := a.do("GET", job+"/results"+query, nil)
		require.Equal(t, rows, res.Header.Get("Sforce-NumberOfRecords"), query)
		require.Equal(t, rows == "2100", res.Header.Get("Sforce-Locator") == "null", query)
	}
}

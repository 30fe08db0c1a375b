// SPDX-License-Identifier: Apache-2.0

package salesforce_test

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// A bulkSink is a server that takes the data of ingest jobs without keeping it,
// and makes up results in another order: each thousandth row failed.
type bulkSink struct {
	t    testing.TB
	jobs []sinkJob
	body int64 // bytes taken
}

// A sinkJob is one job; its rows are those numbered from first on.
type sinkJob struct{ first, rows int }

var sinkPath = regexp.MustCompile(`^/services/data/v62\.0/jobs/ingest(?:/750(\d{12})AAA(?:/(\w+))?)?$`)

func (s *bulkSink) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := sinkPath.FindStringSubmatch(r.URL.Path)
	if path == nil {
		s.t.Errorf("unexpected %s %s", r.Method, r.URL.Path)
		return
	}
	n, _ := strconv.Atoi(path[1])
	switch {
	case r.Method == http.MethodPost:
		s.jobs = append(s.jobs, sinkJob{})
		n = len(s.jobs)
		s.describe(w, n, "Open")
	case r.Method == http.MethodPut:
		s.take(r.Body, &s.jobs[n-1])
		w.WriteHeader(http.StatusCreated)
	case r.Method == http.MethodPatch:
		s.describe(w, n, "UploadComplete")
	case path[2] == "":
		s.describe(w, n, "JobComplete")
	default:
		w.Header().Set("Content-Type", "text/csv")
		s.results(w, s.jobs[n-1], path[2] == "failedResults")
	}
}

func (s *bulkSink) describe(w http.ResponseWriter, n int, state string) {
	rows := s.jobs[n-1].rows
	w.Header().Set("Content-Type", "application/json")
	_, _ = fmt.Fprintf(
		w,
		`{"id":"750%012dAAA","state":%q,"numberRecordsProcessed":%d,"numberRecordsFailed":%d}`,
		n,
		state,
		rows,
		s.jobs[n-1].failures(),
	)
}

func (j sinkJob) failures() int {
	return (j.first+j.rows+999)/1000 - (j.first+999)/1000
}

// take counts rows. Each has one quoted line break.
func (s *bulkSink) take(body io.Reader, job *sinkJob) {
	lines, buffer := 0, make([]byte, 32<<10)
	for {
		n, err := body.Read(buffer)
		lines += strings.Count(string(buffer[:n]), "\n")
		s.body += int64(n)
		if err != nil {
			break
		}
	}
	job.rows = (lines - 1) / 2
	for _, earlier := range s.jobs[:len(s.jobs)-1] {
		job.first += earlier.rows
	}
}

// results writes the rows in steps of a prime number, which is an order in which
// neighbours are far apart.
func (s *bulkSink) results(w io.Writer, job sinkJob, failed bool) {
	out := bufio.NewWriter(w)
	column := map[bool]string{false: "sf__Created", true: "sf__Error"}[failed]
	fmt.Fprintf(out, "\"sf__Id\",\"%s\",Company,Description,LastName,LeadsyncKey__c\n", column)
	const prime = 15_485_863
	for i := range job.rows {
		at := job.first + int(int64(i)*prime%int64(job.rows))
		switch {
		case failed != (at%1000 == 0):
		case failed:
			fmt.Fprintf(out, "\"\",\"UNABLE_TO_LOCK_ROW:busy:--\",\"Co, Inc.\",\"one\ntwo\",Last,\"key,%d\"\n", at)
		default:
			fmt.Fprintf(out, "\"%s\",\"true\",\"Co, Inc.\",\"one\ntwo\",Last,\"key,%d\"\n", sinkID(at), at)
		}
	}
	_ = out.Flush()
}

func sinkID(at int) salesforce.ID { return salesforce.ID(fmt.Sprintf("00q%012dAAA", at)) }

// loadSink loads rows into a sink, of which each thousandth fails.
func loadSink(tb testing.TB, rows int, description string, watch func()) *bulkSink {
	sink := &bulkSink{t: tb}
	server := httptest.NewServer(sink)
	defer server.Close()
	client, err := newClient(tb, server.URL, oauth2.StaticTokenSource(&oauth2.Token{AccessToken: "t"}), salesforce.Config{
		Hosts:      []string{strings.TrimPrefix(server.URL, "http://")},
		HTTPClient: server.Client(), JitterFunc: func() float64 { return 0 },
	})
	require.NoError(tb, err)
	loadRows(tb, client, rows, description, watch, func(at int, result *salesforce.RowResult) bool {
		return (result.Err != nil) == (at%1000 == 0) && (result.Err != nil || result.ID == sinkID(at))
	})
	return sink
}

// loadRows streams rows through a client, has every result looked at, once, and
// calls watch now and then.
func loadRows(
	tb testing.TB,
	client *salesforce.Client,
	rows int,
	description string,
	watch func(),
	right func(at int, result *salesforce.RowResult) bool,
) {
	spec := salesforce.IngestSpec{
		Object: "Lead", Op: salesforce.OpUpsert, Key: "LeadsyncKey__c",
		Columns: []string{"LeadsyncKey__c", "LastName", "Company", "Description"},
	}
	source := func(yield func(salesforce.Fields, error) bool) {
		for i := range rows {
			if i%(rows/20) == 0 {
				watch()
			}
			if !yield(
				salesforce.Fields{
					"LeadsyncKey__c": "key," + strconv.Itoa(i),
					"LastName":       "Last",
					"Company":        "Co, Inc.",
					"Description":    description,
				},
				nil,
			) {
				return
			}
		}
	}
	done, seen := 0, make([]uint64, rows/64+1)
	for result, err := range client.Ingest(tb.Context(), spec, source) {
		if err != nil {
			require.NoError(tb, err)
		}
		at, err := strconv.Atoi(strings.TrimPrefix(result.Key, "key,"))
		if err != nil || at >= rows || seen[at/64]&(1<<(at%64)) != 0 || !right(at, &result) {
			tb.Fatalf("row %s has the result %v", result.Key, result)
		}
		seen[at/64] |= 1 << (at % 64)
		if done++; done%(rows/20) == 0 {
			watch()
		}
	}
	require.Equal(tb, rows, done)
}

// Not parallel: it looks at the heap of the whole process.
func TestIngestHoldsNeitherRowsNorResults(t *testing.T) {
	live := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	var most uint64
	start := live()
	sink := loadSink(t, 50_000, strings.Repeat("x", 300)+"\n", func() { most = max(most, live()) })
	require.Greater(t, sink.body, int64(15<<20))
	require.Less(t, int64(most)-int64(start), int64(6<<20), "the data is 17 MB")
}

// BenchmarkIngest streams 1,000,000 rows and their results, and reports the most
// memory that the process had from the system (rss-MB, where /proc has it, is
// the peak of its life).
func BenchmarkIngest(b *testing.B) {
	const rows = 1_000_000
	for b.Loop() {
		var most uint64
		sink := loadSink(b, rows, strings.Repeat("x", 60)+"\n", func() {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			most = max(most, m.Sys-m.HeapReleased)
		})
		b.ReportMetric(float64(most)/1e6, "peak-MB")
		b.ReportMetric(float64(sink.body)/1e6, "data-MB")
		b.ReportMetric(float64(len(sink.jobs)), "jobs")
	}
	b.ReportMetric(rows*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
	if peak := peakResident(); peak > 0 {
		b.ReportMetric(peak, "rss-MB")
	}
}

// fakeOrgProcess is set in the environment of a process that serves a fake org.
const fakeOrgProcess = "LEADSYNC_FAKE_ORG"

// TestFakeOrgProcess is no test: BenchmarkIngestIntoAFakeOrg runs it in a process
// of its own, so that the org's memory is not the client's. It serves until its
// standard input ends.
func TestFakeOrgProcess(t *testing.T) {
	if os.Getenv(fakeOrgProcess) == "" {
		t.Skip("serves BenchmarkIngestIntoAFakeOrg")
	}
	org := sftest.NewOrg(t, sftest.WithLogSize(1), sftest.WithBulkPolls(1))
	org.AddExternalID("Lead")
	fmt.Fprintln(os.Stdout, "\n"+org.URL(), org.Token())
	_, _ = io.Copy(io.Discard, os.Stdin)
}

// startFakeOrg starts a fake org in another process, for as long as the test runs.
func startFakeOrg(tb testing.TB) (url, token string) {
	command := exec.Command(os.Args[0], "-test.run=^TestFakeOrgProcess$")
	command.Env = append(os.Environ(), fakeOrgProcess+"=1")
	in, err := command.StdinPipe()
	require.NoError(tb, err)
	out, err := command.StdoutPipe()
	require.NoError(tb, err)
	require.NoError(tb, command.Start())
	tb.Cleanup(func() {
		_ = in.Close()
		_ = command.Wait()
	})
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if address, token, ok := strings.Cut(lines.Text(), " "); ok && strings.HasPrefix(address, "http://") {
			return address, token
		}
	}
	tb.Fatal("the fake org did not start")
	return "", ""
}

// BenchmarkIngestIntoAFakeOrg streams 1,000,000 rows, or LEADSYNC_BULK_ROWS, into a
// fake org in another process, which keeps and checks them all and takes some GB
// for that. rss-MB is the peak of this process, the client's.
func BenchmarkIngestIntoAFakeOrg(b *testing.B) {
	rows := 1_000_000
	if text := os.Getenv("LEADSYNC_BULK_ROWS"); text != "" {
		n, err := strconv.Atoi(text)
		require.NoError(b, err)
		rows = n
	}
	for b.Loop() {
		url, token := startFakeOrg(b)
		client, err := newClient(b, url, oauth2.StaticTokenSource(&oauth2.Token{AccessToken: token}), salesforce.Config{
			Hosts:      []string{strings.TrimPrefix(url, "http://")},
			JitterFunc: func() float64 { return 0.1 }, Timeout: 10 * time.Minute,
		})
		require.NoError(b, err)
		loadRows(b, client, rows, strings.Repeat("x", 60)+"\n", func() {}, func(_ int, result *salesforce.RowResult) bool {
			return result.Err == nil && result.Created
		})
	}
	b.ReportMetric(float64(rows*b.N)/b.Elapsed().Seconds(), "rows/s")
	if peak := peakResident(); peak > 0 {
		b.ReportMetric(peak, "rss-MB")
	}
}

// peakResident is the largest resident memory that the process has had, in MB,
// 0 where the system does not report it.
func peakResident() float64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kilobytes, _ := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			return kilobytes / 1e3
		}
	}
	return 0
}

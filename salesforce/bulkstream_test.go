// SPDX-License-Identifier: Apache-2.0

package salesforce_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

func TestResultsThatAreNoCSVAreAnError(t *testing.T) {
	t.Parallel()
	reset := errors.New("connection reset")
	with := func(r *http.Response, change func(*http.Response)) *http.Response {
		change(r)
		return r
	}
	zipped := func(r *http.Response) { r.Header.Set("Content-Encoding", "gzip") }
	for name, c := range map[string]struct {
		reply *http.Response
		want  string // "" for a good reply
	}{
		"good":               {answerOf(200, "text/csv", oneResult), ""},
		"good, with charset": {answerOf(200, "text/csv; charset=UTF-8", oneResult), ""},
		"good, packed":       {with(answerOf(200, "text/csv", packed(oneResult)), zipped), ""},
		"good, of a known length, no last line break": {
			with(answerOf(200, "text/csv", oneResult[:len(oneResult)-1]), func(r *http.Response) {
				r.ContentLength = int64(len(oneResult) - 1)
			}), "",
		},
		"cut": {
			answerOf(200, "text/csv", oneResult[:len(oneResult)-1]), "successfulResults: record 2: the data is cut off",
		},
		"cut at the start": {answerOf(200, "text/csv", ""), "results of 0 rows, where the job processed 1"},
		"packed and cut": {
			with(answerOf(200, "text/csv", packed(oneResult)[:30]), zipped), "successfulResults: record 1: unexpected EOF",
		},
		"packed and empty": {with(answerOf(200, "text/csv", ""), zipped), "results of 0 rows, where the job processed 1"},
		"not packed": {
			with(answerOf(200, "text/csv", "<html>s3cret"), zipped),
			"successfulResults: salesforce: http status 200 OK: gzip: invalid header",
		},
		"json": {
			answerOf(200, "application/json", `{"s3cret":1}`),
			"successfulResults: salesforce: http status 200 OK: reply is not text/csv",
		},
		"html": {
			answerOf(200, "text/html; charset=utf-8", "s3cret"),
			"successfulResults: salesforce: http status 200 OK: reply is not text/csv",
		},
		"no type": {
			answerOf(200, "", oneResult), "successfulResults: salesforce: http status 200 OK: reply is not text/csv",
		},
		"redirect": {answerOf(302, "text/html", ""), "successfulResults: salesforce: http status 302 Found"},
		"not found": {
			answerOf(404, "application/json", `[{"errorCode":"NOT_FOUND","message":"s3cret"}]`),
			"successfulResults: salesforce: NOT_FOUND",
		},
		"a state too early": {
			answerOf(400, "application/json", `[{"errorCode":"INVALIDJOBSTATE","message":"s3cret"}]`),
			"successfulResults: salesforce: INVALIDJOBSTATE",
		},
		"broken": {with(answerOf(200, "text/csv", ""), func(r *http.Response) {
			r.Body = io.NopCloser(io.MultiReader(strings.NewReader(oneResult[:30]), iotest.ErrReader(reset)))
		}), "successfulResults: record 2: connection reset"},
		"one more row than the job had": {
			answerOf(200, "text/csv", oneResult+"00Q000000000002,true,b\n"), "results of 2 rows, where the job processed 1",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := &bulkWire{results: func(*http.Request) (*http.Response, error) { return c.reply, nil }}
			results, err := w.resume(t, salesforce.Config{})
			if c.want == "" {
				require.NoError(t, err)
				require.Equal(t, salesforce.ID("00Q000000000001EAA"), results["a"].ID)
				return
			}
			require.EqualError(t, err, "salesforce: bulk job 750000000000001AAA (JobComplete): "+c.want)
			require.Equal(t, bulkJob, jobError(t, err).Job.ID)
		})
	}
}

func TestResultsOfAnEndlessRecordAreAnError(t *testing.T) {
	t.Parallel()
	read := 0
	w := &bulkWire{results: func(*http.Request) (*http.Response, error) {
		r := answerOf(200, "text/csv", "")
		r.Body = io.NopCloser(readerFunc(func(p []byte) (int, error) {
			read += len(p)
			for i := range p {
				p[i] = 'x'
			}
			return len(p), nil
		}))
		return r, nil
	}}
	_, err := w.resume(t, salesforce.Config{})
	require.ErrorContains(t, err, "longer than a record can be")
	require.Less(t, read, 8<<20)
}

type readerFunc func(p []byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func TestResultsThatStallAreAnError(t *testing.T) {
	t.Parallel()
	for name, stalled := range map[string]func(r *http.Request) (*http.Response, error){
		"before the reply": func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		},
		"within the reply": func(r *http.Request) (*http.Response, error) {
			reply := answerOf(200, "text/csv", "")
			reply.Body = io.NopCloser(io.MultiReader(strings.NewReader(oneResult), readerFunc(func([]byte) (int, error) {
				<-r.Context().Done()
				return 0, r.Context().Err()
			})))
			return reply, nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				_, err := (&bulkWire{results: stalled}).resume(
					t, salesforce.Config{Timeout: time.Minute, MaxRetries: -1, JitterFunc: func() float64 { return 0 }},
				)
				require.ErrorContains(t, err, "no progress for 1m0s")
				require.Equal(t, time.Minute, time.Since(start))
			})
		})
	}
}

func TestResultsThatStallOnceReportTheLastFailure(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		w := &bulkWire{results: func(r *http.Request) (*http.Response, error) {
			if asked++; asked > 1 {
				return nil, errors.New("connection reset")
			}
			<-r.Context().Done()
			return nil, r.Context().Err()
		}}
		_, err := w.resume(t, salesforce.Config{MaxRetries: 1})
		require.ErrorContains(t, err, "no response: connection reset")
	})
}

// A caller, or a source of rows, may take longer than Config.Timeout.
func TestTransfersWaitForTheCaller(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		org := newBulkOrg(t)
		client := connectWithin(t, org, salesforce.Config{Timeout: time.Second})
		given := 0
		for result, err := range client.Ingest(t.Context(), leadSpec, func(yield func(salesforce.Fields, error) bool) {
			for i := range 5 {
				time.Sleep(time.Minute)
				if !yield(lead(fmt.Sprint(i)), nil) {
					return
				}
			}
		}) {
			require.NoError(t, err)
			require.NoError(t, result.Err)
			time.Sleep(time.Minute)
			given++
		}
		require.Equal(t, 5, given)
	})
}

func TestUploadThatStallsIsAnError(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		org := newBulkOrg(t)
		client := connectWithin(t, org, salesforce.Config{Timeout: time.Second, MaxRetries: -1})
		lose(org, http.MethodPut, "/batches", sftest.Fault{Delay: time.Hour})
		_, err := ingested(t, client.Ingest(t.Context(), leadSpec, rowsOf(lead("a"))))
		require.ErrorContains(t, err, "no progress for 1s")
		time.Sleep(2 * time.Hour) // let the org finish
	})
}

func TestResultsAreAskedForAgain(t *testing.T) {
	t.Parallel()
	for name, trouble := range map[string]func() (*http.Response, error){
		"broken":      func() (*http.Response, error) { return nil, errors.New("connection reset") },
		"unavailable": func() (*http.Response, error) { return answerOf(503, "text/html", "<html>"), nil },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				asked := 0
				w := &bulkWire{results: func(*http.Request) (*http.Response, error) {
					if asked++; asked <= 2 {
						return trouble()
					}
					return answerOf(200, "text/csv", oneResult), nil
				}}
				start := time.Now()
				results, err := w.resume(t, salesforce.Config{JitterFunc: func() float64 { return 1 }})
				require.NoError(t, err)
				require.Len(t, results, 1)
				require.Equal(t, 3*time.Second, time.Since(start))

				asked = -10
				_, err = w.resume(t, salesforce.Config{MaxRetries: 1, JitterFunc: func() float64 { return 0 }})
				require.Error(t, err)
				require.Equal(t, -8, asked)
			})
		})
	}
}

func TestResultsRenewAnExpiredToken(t *testing.T) {
	t.Parallel()
	org := newBulkOrg(t, sftest.WithBulkPolls(0))
	var expired atomic.Bool
	org.OnRequest(func(r sftest.Request) {
		if r.Method == http.MethodGet && expired.CompareAndSwap(false, true) {
			org.ExpireToken() // after the only look, before the results
		}
	})
	results, err := ingested(t, connect(t, org).Ingest(t.Context(), leadSpec, rowsOf(lead("a"))))
	require.NoError(t, err)
	require.NoError(t, results["a"].Err)
}

func TestResultsRenewATokenOnce(t *testing.T) {
	t.Parallel()
	inactive := &oauth2.RetrieveError{ErrorCode: "invalid_grant", Response: &http.Response{StatusCode: 400}}
	for name, test := range map[string]struct {
		source oauth2.TokenSource
		asked  int
		code   salesforce.StatusCode
	}{
		"the same":  {oauth2.StaticTokenSource(&oauth2.Token{AccessToken: "a"}), 1, salesforce.InvalidSessionID},
		"ever new":  {&tokens{texts: []string{"a", "b", "c", "d", "e", "f", "g", "h"}}, 2, salesforce.InvalidSessionID},
		"no other":  {&tokens{texts: []string{"a"}, err: inactive}, 1, "invalid_grant"},
		"no second": {&tokens{texts: []string{"a", "b"}, err: inactive}, 2, salesforce.InvalidSessionID},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			asked := 0
			w := &bulkWire{results: func(*http.Request) (*http.Response, error) {
				asked++
				return answerOf(401, "application/json", `[{"errorCode":"INVALID_SESSION_ID","message":"x"}]`), nil
			}}
			_, err := w.resumeWith(t, test.source, salesforce.Config{})
			var e *salesforce.Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, test.code, e.Code)
			require.False(t, e.Uncertain)
			require.Equal(t, test.asked, asked)
		})
	}
}

// A tamperer hands requests to an org, and gives results another body.
type tamperer struct {
	org    *sftest.Org
	suffix string
	status int
	body   string
}

func (x *tamperer) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.HasSuffix(r.URL.Path, x.suffix) {
		return answerOf(x.status, "text/csv", x.body), nil
	}
	return x.org.Transport().RoundTrip(r)
}

func TestIngestMissesResults(t *testing.T) {
	t.Parallel()
	const head = "sf__Id,sf__Error,LeadsyncKey__c\n"
	for want, x := range map[string]tamperer{
		"(JobComplete): 2 rows have no result": {
			suffix: "successfulResults", status: 200, body: "sf__Id,sf__Created,LeadsyncKey__c\n",
		},
		"(JobComplete): failedResults: record 2: a key that was not sent, or has its result already": {
			suffix: "failedResults", status: 200, body: head + ",X:y:--,s3cret\n"},
		"(JobComplete): failedResults: salesforce: http status 404 Not Found": {suffix: "failedResults", status: 404},
		"(Failed): InternalServerError; unprocessedrecords: salesforce: http status 404 Not Found": {
			suffix: "unprocessedrecords", status: 404},
		"(Failed): InternalServerError; 1 rows have no result": {
			suffix: "unprocessedrecords", status: 200, body: "LeadsyncKey__c\n",
		},
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			x.org = newBulkOrg(t)
			if strings.HasPrefix(want, "(Failed)") {
				x.org.FailBulk(2, "InternalServerError : x")
			}
			client, err := newClient(t, instance, &orgTokens{org: x.org}, salesforce.Config{
				HTTPClient: &http.Client{Transport: &x}, JitterFunc: func() float64 { return 0 },
			})
			require.NoError(t, err)
			_, err = ingested(
				t, client.Ingest(t.Context(), leadSpec, rowsOf(lead("a"), lead("b"), salesforce.Fields{"LeadsyncKey__c": "bad"})),
			)
			require.EqualError(t, err, "salesforce: bulk job "+string(jobError(t, err).Job.ID)+" "+want)
		})
	}
}

func TestUploadThatIsAnsweredTooEarlyIsAnError(t *testing.T) {
	t.Parallel()
	for want, status := range map[string]int{
		"salesforce: http status 413 Request Entity Too Large": 413, "reply came before the end of the data": 201,
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			x := tamperer{org: newBulkOrg(t), suffix: "batches", status: status}
			client, err := newClient(
				t, instance, &orgTokens{org: x.org}, salesforce.Config{HTTPClient: &http.Client{Transport: &x}},
			)
			require.NoError(t, err)
			row := lead("a")
			row["Description"] = strings.Repeat("d", 20_000)
			results, err := ingested(t, client.Ingest(t.Context(), leadSpec, func(yield func(salesforce.Fields, error) bool) {
				for i := range 100 {
					row["LeadsyncKey__c"] = i
					if !yield(row, nil) {
						return
					}
				}
			}))
			require.Empty(t, results)
			require.EqualError(t, errors.Unwrap(err), want)
			require.Zero(t, x.org.Count("Lead"))
		})
	}
}

// failingTokens has a token so many times.
type failingTokens struct {
	org  *sftest.Org
	left atomic.Int32
}

func (s *failingTokens) Token() (*oauth2.Token, error) {
	if s.left.Add(-1) < 0 {
		return nil, errors.New("s3cret")
	}
	return &oauth2.Token{AccessToken: s.org.Token()}, nil
}

func TestIngestWithoutATokenSaysWhere(t *testing.T) {
	t.Parallel()
	for calls, want := range []string{
		"salesforce: no bulk job: no response: no access token",
		"salesforce: bulk job 750… (Open): no response: no access token",
		"salesforce: bulk job 750…: no response: no access token",
		"salesforce: bulk job 750… (UploadComplete): no response: no access token",
		"salesforce: bulk job 750… (JobComplete): successfulResults: salesforce: no response: no access token",
	} {
		org := newBulkOrg(t, sftest.WithBulkPolls(0))
		tokens := &failingTokens{org: org}
		tokens.left.Store(int32(calls))
		client, err := newClient(t, instance, tokens, salesforce.Config{
			HTTPClient: &http.Client{Transport: org.Transport()}, JitterFunc: func() float64 { return 0 },
		})
		require.NoError(t, err)
		_, err = ingested(t, client.Ingest(t.Context(), leadSpec, rowsOf(lead("a"))))
		if id := string(jobError(t, err).Job.ID); id != "" {
			require.EqualError(t, err, strings.Replace(want, "750…", id, 1))
		} else {
			require.EqualError(t, err, want)
		}
	}
}

func TestResultsStopWaitingWithTheContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		w := roundTripper(func(r *http.Request) (*http.Response, error) {
			if strings.HasSuffix(r.URL.Path, "Results") {
				time.AfterFunc(time.Second/2, cancel)
				return answerOf(503, "text/html", ""), nil
			}
			return (&bulkWire{}).RoundTrip(r)
		})
		client, err := newClient(t, instance, &orgTokens{token: "t"}, salesforce.Config{
			HTTPClient: &http.Client{Transport: w}, JitterFunc: func() float64 { return 1 },
		})
		require.NoError(t, err)
		start := time.Now()
		_, err = ingested(t, client.ResumeIngest(ctx, bulkJob, "Key__c"))
		require.ErrorIs(t, err, context.Canceled)
		require.Equal(t, time.Second/2, time.Since(start))
	})
}

func TestBulkCountsItsCalls(t *testing.T) {
	t.Parallel()
	org := newBulkOrg(t)
	var paths []string
	client, err := newClient(t, org.URL(), &orgTokens{org: org}, salesforce.Config{
		Hosts:      []string{strings.TrimPrefix(org.URL(), "http://")},
		JitterFunc: func() float64 { return 0 },
		OnCall: func(_ context.Context, call salesforce.Call) {
			paths = append(
				paths,
				fmt.Sprint(
					call.Method, " ", strings.ReplaceAll(call.Path, "/services/data/v62.0/jobs/ingest", ""), " ", call.Status,
				),
			)
		},
	})
	require.NoError(t, err)
	var job salesforce.ID
	for result, err := range client.Ingest(t.Context(), leadSpec, rowsOf(lead("a"))) {
		require.NoError(t, err)
		job = result.Job
	}
	for i := range paths {
		paths[i] = strings.ReplaceAll(paths[i], string(job), "id")
	}
	require.Equal(t, []string{
		"POST  200", "PUT /id/batches 201", "PATCH /id 200", "GET /id 200", "GET /id 200", "GET /id 200",
		"GET /id/successfulResults 200",
	}, paths)
	require.EqualValues(t, org.Calls(), client.Usage().Calls)
	require.EqualValues(t, org.Calls(), client.Usage().Used)
}

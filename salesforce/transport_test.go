// SPDX-License-Identifier: Apache-2.0

package salesforce_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"log"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"github.com/leadsync/leadsync/salesforce"
)

func TestClientNeverRepeatsWhatCouldWriteTwice(t *testing.T) {
	t.Parallel()
	writes := map[string]struct {
		writes     []salesforce.Write
		repeatable bool
	}{
		"create": {[]salesforce.Write{unkeyed}, false},
		"create alone": {
			[]salesforce.Write{{Op: unkeyed.Op, Object: "Lead", Fields: unkeyed.Fields, Alone: true}},
			false,
		},
		"create with reference text": {
			[]salesforce.Write{{Op: unkeyed.Op, Object: "Lead", Fields: salesforce.Fields{"LastName": "@{r0}"}}},
			false,
		},
		"one create among others": {[]salesforce.Write{update, allowed, unkeyed, upsert}, false},
		"keyed create":            {[]salesforce.Write{keyed}, true},
		"update":                  {[]salesforce.Write{update}, true},
		"upsert":                  {[]salesforce.Write{upsert}, true},
		"delete":                  {[]salesforce.Write{remove}, true},
		"keyed ones":              {[]salesforce.Write{keyed, update, upsert}, true},
	}
	for failureName, failure := range failures {
		for writeName, write := range writes {
			t.Run(failureName+"/"+writeName, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					w := &wire{script: []line{failure.line}}
					results, err := w.client(t, salesforce.Config{}, nil).Write(t.Context(), write.writes...)
					require.NoError(t, err)
					want := 1
					if failure.passes && (write.repeatable || !failure.mayBeDone) {
						want = 5
					}
					if failureName == "refused composite" {
						want = 2*len(write.writes) - 1 // halves of it, until each is alone
					}
					require.Equal(t, want, len(w.sent)) //nolint:testifylint // Len prints the requests
					for _, result := range results {
						var e *salesforce.Error
						require.ErrorAs(t, result.Err, &e)
						require.Equal(t, failure.mayBeDone, e.Uncertain)
						require.Empty(t, result.ID)
					}
				})
			})
		}
	}
}

func TestClientRepeatsReads(t *testing.T) {
	t.Parallel()
	for name, failure := range failures {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := &wire{script: []line{failure.line}}
				results, err := w.client(t, salesforce.Config{MaxRetries: 2}, nil).
					Read(t.Context(), salesforce.DescribeObject("Lead", ""))
				require.NoError(t, err)
				var e *salesforce.Error
				require.ErrorAs(t, results[0].Err, &e)
				require.False(t, e.Uncertain)
				require.NotContains(t, e.Error(), "secret")
				require.NotContains(t, e.Error(), "example")
				want := 1
				if failure.passes {
					want = 3
				}
				require.Len(t, w.sent, want)
			})
		})
	}
}

func TestWithoutRetriesRepeatsNothing(t *testing.T) {
	t.Parallel()
	for name, failure := range failures {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := &wire{script: []line{failure.line}}
				results, err := w.client(t, salesforce.Config{}, nil).
					Read(salesforce.WithoutRetries(t.Context()), salesforce.DescribeObject("Lead", ""))
				require.NoError(t, err)
				require.Error(t, results[0].Err)
				require.Len(t, w.sent, 1)
			})
		})
	}
}

func TestClientStaysUncertainOfAnEarlierAttempt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := &wire{
			script: []line{{err: io.ErrUnexpectedEOF}, refusal(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")},
		}
		results, err := w.client(t, salesforce.Config{}, nil).Write(t.Context(), keyed)
		require.NoError(t, err)
		var e *salesforce.Error
		require.ErrorAs(t, results[0].Err, &e)
		require.Equal(t, salesforce.RequestLimitExceeded, e.Code)
		require.True(t, e.Uncertain)
		require.Len(t, w.sent, 2)
	})
}

func TestClientStaysUncertainWhenNoOtherTokenComes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := &wire{script: []line{{err: io.ErrUnexpectedEOF}, refusal(401, "INVALID_SESSION_ID", "x")}}
		source := &tokens{texts: []string{"a"}, err: errors.New("down")}
		results, err := w.client(t, salesforce.Config{}, source).Write(t.Context(), keyed)
		require.NoError(t, err)
		var e *salesforce.Error
		require.ErrorAs(t, results[0].Err, &e)
		require.ErrorIs(t, e, source.err)
		require.True(t, e.Uncertain)
	})
}

func TestWriteIsUncertainWhenItsContextEndsBeforeTheAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		w := &wire{script: []line{{hang: true}}}
		client := w.client(t, salesforce.Config{}, nil)
		written, err := client.Write(ctx, unkeyed)
		require.NoError(t, err)
		var e *salesforce.Error
		require.ErrorAs(t, written[0].Err, &e)
		require.True(t, e.Uncertain)
		require.NotErrorIs(t, e, salesforce.ErrNotSent)
		require.ErrorIs(t, e, context.DeadlineExceeded)
	})
}

func TestWriteIsNotSentWhenItsContextEndsBeforeAConnection(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		transport := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}}
		client, err := newClient(t, instance, oauth2.StaticTokenSource(&oauth2.Token{AccessToken: "t"}), salesforce.Config{
			HTTPClient: &http.Client{Transport: transport},
		})
		require.NoError(t, err)
		results, err := client.Write(ctx, unkeyed)
		require.NoError(t, err)
		require.ErrorIs(t, results[0].Err, salesforce.ErrNotSent)
		require.ErrorIs(t, results[0].Err, context.DeadlineExceeded)
		transport.CloseIdleConnections()
	})
}

func TestClientSucceedsAfterRepeats(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := &wire{script: []line{{status: 503}, {err: io.ErrUnexpectedEOF}, ok}}
		results, err := w.client(t, salesforce.Config{}, nil).Write(t.Context(), update)
		require.NoError(t, err)
		require.NoError(t, results[0].Err)
		require.Len(t, w.sent, 3)
		require.Equal(t, w.sent[0].body, w.sent[2].body)
	})
}

func TestClientRepeatsWhatNeverWentOut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		dials, calls := 0, 0
		transport := &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
			dials++
			return nil, errors.New("no route to host")
		}}
		client, err := newClient(t, instance, oauth2.StaticTokenSource(&oauth2.Token{AccessToken: "t"}), salesforce.Config{
			HTTPClient: &http.Client{Transport: transport},
			OnCall:     func(context.Context, salesforce.Call) { calls++ },
		})
		require.NoError(t, err)
		results, err := client.Write(t.Context(), unkeyed)
		require.NoError(t, err)
		var e *salesforce.Error
		require.ErrorAs(t, results[0].Err, &e)
		require.False(t, e.Uncertain)
		require.ErrorContains(t, e, "no route to host")
		require.Equal(t, 5, dials)
		require.Zero(t, client.Usage().Calls, "a call that never went out was counted")
		require.Zero(t, calls)
	})
}

// A certificate that is not trusted is not the next time either.
func TestClientDoesNotTryAnUntrustedServerAgain(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	defer server.Close()
	asked := 0
	client, err := newClient(t, server.URL, oauth2.StaticTokenSource(&oauth2.Token{AccessToken: "t"}), salesforce.Config{
		Hosts:      []string{strings.TrimPrefix(server.URL, "https://")},
		JitterFunc: func() float64 { asked++; return 0 },
	})
	require.NoError(t, err)
	results, err := client.Write(t.Context(), update)
	require.NoError(t, err)
	var e *salesforce.Error
	require.ErrorAs(t, results[0].Err, &e)
	require.ErrorContains(t, e, "certificate")
	require.False(t, e.Uncertain)
	require.False(t, e.Retryable())
	require.Zero(t, asked, "waited to try again")
}

func TestClientWaitsLongerBeforeEachRepeat(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		jitter float64
		line   line
		waits  []time.Duration
	}{
		"longest": {1, line{status: 503}, []time.Duration{1, 2, 4, 8, 16, 30, 30}},
		"half":    {0.5, line{status: 503}, []time.Duration{0, 1, 2, 4, 8, 15, 15}},
		"retry-after": {
			1, line{status: 503, headers: map[string]string{"Retry-After": "7"}}, []time.Duration{7, 7, 7, 7, 7, 7, 7},
		},
		"unusable retry-after": {
			1, line{status: 503, headers: map[string]string{"Retry-After": "soon"}}, []time.Duration{1, 2, 4, 8, 16, 30, 30},
		},
		"too long retry-after": {1, line{status: 503, headers: map[string]string{"Retry-After": "3600"}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := &wire{script: []line{test.line}}
				cfg := salesforce.Config{MaxRetries: 7, JitterFunc: func() float64 { return test.jitter }}
				_, err := w.client(t, cfg, nil).Write(t.Context(), update)
				require.NoError(t, err)
				var waits []time.Duration
				for i := 1; i < len(w.sent); i++ {
					waits = append(waits, w.sent[i].at.Sub(w.sent[i-1].at)/time.Second)
				}
				require.Equal(t, test.waits, waits)
			})
		})
	}
}

func TestClientTakesRetryAfterAsADate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		at := time.Now().Add(time.Hour).UTC().Format(http.TimeFormat)
		w := &wire{script: []line{{status: 503, headers: map[string]string{"Retry-After": at, "X-Sfdc-Request-Id": "q1"}}}}
		results, err := w.client(t, salesforce.Config{}, nil).Write(t.Context(), update)
		require.NoError(t, err)
		var e *salesforce.Error
		require.ErrorAs(t, results[0].Err, &e)
		require.InDelta(t, time.Hour, e.RetryAfter, float64(time.Second))
		require.Equal(t, "q1", e.RequestID)
	})
}

func TestClientDoesNotWaitPastTheDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		start := time.Now()
		w := &wire{script: []line{refusal(503, "SERVER_UNAVAILABLE", "busy")}}
		cfg := salesforce.Config{MaxRetries: 100, JitterFunc: func() float64 { return 1 }}
		results, err := w.client(t, cfg, nil).Write(ctx, update)
		require.NoError(t, err)
		require.Len(t, w.sent, 3, "waits of 1 s and 2 s fit, one of 4 s does not")
		require.Equal(t, 3*time.Second, time.Since(start))
		var e *salesforce.Error
		require.ErrorAs(t, results[0].Err, &e)
		require.Equal(t, salesforce.ServerUnavailable, e.Code)
	})
}

func TestClientGivesUpARequestWithoutAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		w := &wire{script: []line{{hang: true}}}
		results, err := w.client(t, salesforce.Config{MaxRetries: -1}, nil).
			Read(t.Context(), salesforce.DescribeObject("Lead", ""))
		require.NoError(t, err)
		require.ErrorContains(t, results[0].Err, "no reply within 2m0s")
		require.NotErrorIs(t, results[0].Err, context.DeadlineExceeded, "the caller's deadline has not passed")
		require.Equal(t, 2*time.Minute, time.Since(start))
		require.Len(t, w.sent, 1)
	})
}

func TestReadReturnsTheErrorOfTheContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		w := &wire{script: []line{{hang: true}}}
		results, err := w.client(t, salesforce.Config{}, nil).Read(ctx, salesforce.DescribeObject("Lead", ""))
		require.Equal(t, context.DeadlineExceeded, err)
		require.Nil(t, results)
	})
}

func TestWriteKeepsAnAnswerThatCameWithTheCancel(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	w := &wire{script: []line{ok}}
	client := w.client(t, salesforce.Config{OnCall: func(context.Context, salesforce.Call) { cancel() }}, nil)
	results, err := client.Write(ctx, unkeyed)
	require.NoError(t, err)
	require.NoError(t, results[0].Err)
}

func TestClientSendsItsHeaders(t *testing.T) {
	t.Parallel()
	w := &wire{script: []line{ok}}
	cfg := salesforce.Config{ClientName: "host/2", Version: "v66.0"}
	_, err := w.client(t, cfg, nil).Write(t.Context(), update)
	require.NoError(t, err)
	header := w.sent[0].header
	require.Equal(t, instance+"/services/data/v66.0/composite", w.sent[0].url)
	require.Equal(t, "Bearer 00Dtoken!secret", header.Get("Authorization"))
	require.Equal(t, "gzip", header.Get("Accept-Encoding"))
	require.Equal(t, "client=host/2", header.Get("Sforce-Call-Options"))
	require.Regexp(t, `^leadsync/`, header.Get("User-Agent"))
	require.Empty(t, header.Get("Content-Encoding"), "a short body was compressed")
}

func TestClientCompressesBothWays(t *testing.T) {
	t.Parallel()
	w := &wire{
		script: []line{{status: 200, headers: map[string]string{"Content-Encoding": "gzip"}, body: gzipped(created)}},
	}
	long := update
	long.Fields = salesforce.Fields{"Description": strings.Repeat("x", 5000)}
	results, err := w.client(t, salesforce.Config{}, nil).Write(t.Context(), long)
	require.NoError(t, err)
	require.NoError(t, results[0].Err)
	require.Equal(t, "gzip", w.sent[0].header.Get("Content-Encoding"))
	require.Less(t, len(w.sent[0].body), 1000)
	unzipped, err := gzip.NewReader(strings.NewReader(w.sent[0].body))
	require.NoError(t, err)
	text, err := io.ReadAll(unzipped)
	require.NoError(t, err)
	require.Contains(t, string(text), strings.Repeat("x", 5000))
}

// An empty body has no checksum to be read, whatever its encoding is said to be.
func TestClientTakesAnEmptyBodyThatIsSaidToBeCompressed(t *testing.T) {
	t.Parallel()
	packed := map[string]string{"Content-Encoding": "gzip"}
	w := &wire{script: []line{{status: 204, headers: packed}}}
	direct := salesforce.Write{
		Op:     salesforce.OpUpdate,
		Object: "Lead",
		ID:     update.ID,
		Fields: salesforce.Fields{"Title": "@{r0}"},
		Alone:  true,
	}
	results, err := w.client(t, salesforce.Config{}, nil).Write(t.Context(), direct)
	require.NoError(t, err)
	require.NoError(t, results[0].Err)
	require.Len(t, w.sent, 1)
}

func gzipped(text string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write([]byte(text))
	_ = w.Close()
	return b.String()
}

func TestClientBoundsAReply(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		bomb := gzipped(strings.Repeat(" ", 1<<20) + created)
		w := &wire{script: []line{{status: 200, headers: map[string]string{"Content-Encoding": "gzip"}, body: bomb}}}
		results, err := w.client(t, salesforce.Config{MaxReply: 1 << 10}, nil).Write(t.Context(), update)
		require.NoError(t, err)
		var e *salesforce.Error
		require.ErrorAs(t, results[0].Err, &e)
		require.ErrorContains(t, e, "MaxReply")
		require.False(t, e.Retryable())
		require.Len(t, w.sent, 1)
	})
}

func TestClientTakesAReplyUnderTheLargestBound(t *testing.T) {
	t.Parallel()
	w := &wire{script: []line{ok}}
	results, err := w.client(t, salesforce.Config{MaxReply: math.MaxInt64}, nil).Write(t.Context(), update)
	require.NoError(t, err)
	require.NoError(t, results[0].Err)
}

func TestClientReadsAtMostTheBound(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		endless := roundTripFunc(func(r *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(zeros{}), Request: r}, nil
		})
		client, err := newClient(t, instance, oauth2.StaticTokenSource(&oauth2.Token{AccessToken: "t"}), salesforce.Config{
			HTTPClient: &http.Client{Transport: endless},
			MaxReply:   1 << 10,
		})
		require.NoError(t, err)
		results, err := client.Read(t.Context(), salesforce.DescribeObject("Lead", ""))
		require.NoError(t, err)
		require.ErrorContains(t, results[0].Err, "MaxReply")
	})
}

// zeros never ends.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

func TestClientFollowsNoRedirect(t *testing.T) {
	t.Parallel()
	w := &wire{script: []line{{status: 307, headers: map[string]string{"Location": "https://evil.example.org/"}}, ok}}
	results, err := w.client(t, salesforce.Config{}, nil).Write(t.Context(), update)
	require.NoError(t, err)
	var e *salesforce.Error
	require.ErrorAs(t, results[0].Err, &e)
	require.Equal(t, 307, e.HTTPStatus)
	require.Len(t, w.sent, 1)
}

package salesforce_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
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

	"github.com/leadsync/leadsync/salesforce"
	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"
)

const instance = "https://example.my.salesforce.com"

// A wire is a transport that answers from a script, the last line again and
// again, and records what was sent and when.
type wire struct {
	script []line
	sent   []sentRequest
}

type line struct {
	status  int
	headers map[string]string
	body    string
	err     error
	hang    bool // until the request's context ends
}

type sentRequest struct {
	header http.Header
	url    string
	body   string
	at     time.Time
}

func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	text, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	w.sent = append(w.sent, sentRequest{r.Header.Clone(), r.URL.String(), string(text), time.Now()})
	l := w.script[min(len(w.sent), len(w.script))-1]
	if l.hang {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	if l.err != nil {
		return nil, l.err
	}
	header := make(http.Header)
	for name, value := range l.headers {
		header.Set(name, value)
	}
	return &http.Response{StatusCode: l.status, Header: header, Body: io.NopCloser(strings.NewReader(l.body)), Request: r}, nil
}

func (w *wire) client(t testing.TB, cfg salesforce.Config, tokens oauth2.TokenSource) *salesforce.Client {
	if tokens == nil {
		tokens = oauth2.StaticTokenSource(&oauth2.Token{AccessToken: "00Dtoken!secret"})
	}
	cfg.HTTPClient = &http.Client{Transport: w}
	client, err := newClient(t, instance, tokens, cfg)
	require.NoError(t, err)
	return client
}

const created = `{"compositeResponse":[{"referenceId":"r0","httpStatusCode":200,"httpHeaders":{},"body":[{"id":"00Q000000000001","success":true,"errors":[]}]}]}`

// ok answers any single write of the record 00Q000000000001.
var ok = line{status: 200, body: created}

func refusal(status int, code, message string) line {
	body, _ := json.Marshal([]map[string]any{{"errorCode": code, "message": message}})
	return line{status: status, body: string(body)}
}

var (
	unkeyed = salesforce.Write{Op: salesforce.OpCreate, Object: "Lead", Fields: salesforce.Fields{"LastName": "L"}}
	keyed   = salesforce.Write{Op: salesforce.OpCreate, Object: "Lead", Fields: salesforce.Fields{"Key__c": "k"}, UniqueField: "Key__c"}
	update  = salesforce.Write{Op: salesforce.OpUpdate, Object: "Lead", ID: "00Q000000000001", Fields: salesforce.Fields{"Title": "T"}}
	upsert  = salesforce.Write{Op: salesforce.OpUpsert, Object: "Lead", Key: salesforce.ExternalKey{Field: "Key__c", Value: "k"}}
	allowed = salesforce.Write{Op: salesforce.OpCreate, Object: "Lead", Fields: keyed.Fields, UniqueField: "Key__c", AllowDuplicate: true}
	remove  = salesforce.Write{Op: salesforce.OpDelete, Object: "Lead", ID: "00Q000000000001"}
)

// failures are the ways in which an answer fails to come, or is no success.
var failures = map[string]struct {
	line line
	// mayBeDone says that Salesforce may have carried the request out.
	mayBeDone bool
	// passes says that the failure may pass, so that a repeat makes sense.
	passes bool
}{
	"broken connection":   {line{err: errors.New("connection reset by peer")}, true, true},
	"no answer in time":   {line{hang: true}, true, true},
	"cut reply":           {line{status: 200, headers: map[string]string{"Content-Encoding": "gzip"}, body: "\x1f\x8b"}, true, true},
	"500":                 {refusal(500, "UNKNOWN_EXCEPTION", "ErrorId"), true, true},
	"502 page":            {line{status: 502, body: "<html>"}, true, true},
	"503":                 {refusal(503, "SERVER_UNAVAILABLE", "busy"), true, true},
	"503 without a body":  {line{status: 503}, true, true},
	"408":                 {line{status: 408}, true, true},
	"408 of Salesforce":   {refusal(408, "X", "x"), true, true},
	"429 page":            {line{status: 429, body: "<html>"}, true, true},
	"too many at once":    {refusal(403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentPerOrgLongTxn Limit exceeded."), false, true},
	"too many in a day":   {refusal(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."), false, false},
	"expired session":     {refusal(401, "INVALID_SESSION_ID", "Session expired or invalid"), false, false},
	"refused composite":   {refusal(400, "JSON_PARSER_ERROR", "x"), false, false},
	"403 page":            {line{status: 403, body: "<html>"}, true, false},
	"redirect":            {line{status: 302, headers: map[string]string{"Location": "https://example.org/"}}, true, false},
	"200 page":            {line{status: 200, body: "<html>"}, true, false},
	"200 without a body":  {line{status: 200}, true, false},
	"another composition": {line{status: 200, body: `{"compositeResponse":[]}`}, true, false},
}

func TestClientNeverRepeatsWhatCouldWriteTwice(t *testing.T) {
	t.Parallel()
	writes := map[string]struct {
		writes     []salesforce.Write
		repeatable bool
	}{
		"create":                     {[]salesforce.Write{unkeyed}, false},
		"create alone":               {[]salesforce.Write{{Op: unkeyed.Op, Object: "Lead", Fields: unkeyed.Fields, Alone: true}}, false},
		"create with reference text": {[]salesforce.Write{{Op: unkeyed.Op, Object: "Lead", Fields: salesforce.Fields{"LastName": "@{r0}"}}}, false},
		"one create among others":    {[]salesforce.Write{update, allowed, unkeyed, upsert}, false},
		"keyed create":               {[]salesforce.Write{keyed}, true},
		"update":                     {[]salesforce.Write{update}, true},
		"upsert":                     {[]salesforce.Write{upsert}, true},
		"delete":                     {[]salesforce.Write{remove}, true},
		"keyed ones":                 {[]salesforce.Write{keyed, update, upsert}, true},
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
					require.Len(t, w.sent, want)
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
				results, err := w.client(t, salesforce.Config{MaxRetries: 2}, nil).Read(t.Context(), salesforce.DescribeObject("Lead", ""))
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

func TestClientRepeatsNothingForWhoAsksOnce(t *testing.T) {
	t.Parallel()
	for name, failure := range failures {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := &wire{script: []line{failure.line}}
				results, err := w.client(t, salesforce.Config{}, nil).Read(salesforce.WithoutRetries(t.Context()), salesforce.DescribeObject("Lead", ""))
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
		w := &wire{script: []line{{err: io.ErrUnexpectedEOF}, refusal(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")}}
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
		dials, told := 0, 0
		transport := &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
			dials++
			return nil, errors.New("no route to host")
		}}
		client, err := newClient(t, instance, oauth2.StaticTokenSource(&oauth2.Token{AccessToken: "t"}), salesforce.Config{
			HTTPClient: &http.Client{Transport: transport},
			OnCall:     func(context.Context, salesforce.Call) { told++ },
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
		require.Zero(t, told)
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
		"longest":              {1, line{status: 503}, []time.Duration{1, 2, 4, 8, 16, 30, 30}},
		"half":                 {0.5, line{status: 503}, []time.Duration{0, 1, 2, 4, 8, 15, 15}},
		"retry-after":          {1, line{status: 503, headers: map[string]string{"Retry-After": "7"}}, []time.Duration{7, 7, 7, 7, 7, 7, 7}},
		"unusable retry-after": {1, line{status: 503, headers: map[string]string{"Retry-After": "soon"}}, []time.Duration{1, 2, 4, 8, 16, 30, 30}},
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
		results, err := w.client(t, salesforce.Config{MaxRetries: -1}, nil).Read(t.Context(), salesforce.DescribeObject("Lead", ""))
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
	w := &wire{script: []line{{status: 200, headers: map[string]string{"Content-Encoding": "gzip"}, body: gzipped(created)}}}
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
	direct := salesforce.Write{Op: salesforce.OpUpdate, Object: "Lead", ID: update.ID, Fields: salesforce.Fields{"Title": "@{r0}"}, Alone: true}
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

func TestClientReadsNoMoreThanTheBound(t *testing.T) {
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

type roundTripFunc func(*http.Request) (*http.Response, error)

func (f roundTripFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

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

// tokens hands out one token after the other, the next when the one before was
// invalidated.
type tokens struct {
	texts       []string
	err         error // when there are no more
	invalidated []string
}

func (s *tokens) Token() (*oauth2.Token, error) {
	if len(s.texts) == 0 {
		return nil, s.err
	}
	return &oauth2.Token{AccessToken: s.texts[0]}, nil
}

func (s *tokens) Invalidate(token string) {
	s.invalidated = append(s.invalidated, token)
	s.texts = s.texts[1:]
}

func TestClientRenewsAnExpiredTokenOnce(t *testing.T) {
	t.Parallel()
	expired := refusal(401, "INVALID_SESSION_ID", "Session expired or invalid")
	for name, test := range map[string]struct {
		tokens tokens
		script []line
		sent   []string
		code   salesforce.StatusCode
	}{
		"renewed":    {tokens{texts: []string{"a", "b"}}, []line{expired, ok}, []string{"a", "b"}, ""},
		"refused":    {tokens{texts: []string{"a", "b", "c"}}, []line{expired}, []string{"a", "b"}, "INVALID_SESSION_ID"},
		"same again": {tokens{texts: []string{"a", "a"}}, []line{expired}, []string{"a"}, "INVALID_SESSION_ID"},
		"no other": {
			tokens{texts: []string{"a"}, err: &oauth2.RetrieveError{ErrorCode: "invalid_grant", Response: &http.Response{StatusCode: 400}, Body: []byte("secret")}},
			[]line{expired}, []string{"a"}, "invalid_grant",
		},
		"another 401": {tokens{texts: []string{"a", "b"}}, []line{refusal(401, "INVALID_AUTH_HEADER", "x")}, []string{"a"}, "INVALID_AUTH_HEADER"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := &wire{script: test.script}
			results, err := w.client(t, salesforce.Config{}, &test.tokens).Write(t.Context(), unkeyed)
			require.NoError(t, err)
			var sent []string
			for _, request := range w.sent {
				sent = append(sent, strings.TrimPrefix(request.header.Get("Authorization"), "Bearer "))
			}
			require.Equal(t, test.sent, sent)
			if test.code == "" {
				require.NoError(t, results[0].Err)
				return
			}
			var e *salesforce.Error
			require.ErrorAs(t, results[0].Err, &e)
			require.Equal(t, test.code, e.Code)
			require.False(t, e.Uncertain)
			require.NotContains(t, fmt.Sprint(e), "secret")
		})
	}
}

// A 401 that is not Salesforce's own tells of the token too, but not for certain
// that nothing was done.
func TestClientRenewsATokenThatAPageTurnsAway(t *testing.T) {
	t.Parallel()
	page := line{status: 401, body: "<html>"}
	w := &wire{script: []line{page, ok}}
	results, err := w.client(t, salesforce.Config{}, &tokens{texts: []string{"a", "b"}}).Write(t.Context(), update)
	require.NoError(t, err)
	require.NoError(t, results[0].Err)
	require.Len(t, w.sent, 2)

	w = &wire{script: []line{page, ok}}
	results, err = w.client(t, salesforce.Config{}, &tokens{texts: []string{"a", "b"}}).Write(t.Context(), unkeyed)
	require.NoError(t, err)
	var e *salesforce.Error
	require.ErrorAs(t, results[0].Err, &e)
	require.True(t, e.Uncertain)
	require.Len(t, w.sent, 1)
}

// A token that was read from a file may have the file's line break at its end.
func TestClientRefusesATokenThatItCannotSend(t *testing.T) {
	t.Parallel()
	for want, source := range map[string]oauth2.TokenSource{
		"no answer: token source gave no token":             oauth2.StaticTokenSource(nil),
		"no answer: access token holds a control character": oauth2.StaticTokenSource(&oauth2.Token{AccessToken: "s3cret\n"}),
	} {
		w := &wire{script: []line{ok}}
		client := w.client(t, salesforce.Config{}, source)
		results, err := client.Write(t.Context(), unkeyed)
		require.NoError(t, err)
		require.EqualError(t, results[0].Err, "salesforce: "+want)
		_, _, err = client.Identity(t.Context())
		require.EqualError(t, err, "salesforce: "+want)
		require.Empty(t, w.sent)
	}
}

func TestClientKeepsATokenWithoutInvalidate(t *testing.T) {
	t.Parallel()
	w := &wire{script: []line{refusal(401, "INVALID_SESSION_ID", "x")}}
	results, err := w.client(t, salesforce.Config{}, nil).Write(t.Context(), unkeyed)
	require.NoError(t, err)
	require.Error(t, results[0].Err)
	require.Len(t, w.sent, 1)
}

func TestClientSendsNothingWithoutAToken(t *testing.T) {
	t.Parallel()
	w := &wire{script: []line{ok}}
	source := &tokens{err: errors.New("Post https://host/?secret: refused")}
	client := w.client(t, salesforce.Config{}, source)
	results, err := client.Write(t.Context(), unkeyed)
	require.NoError(t, err)
	require.ErrorIs(t, results[0].Err, source.err)
	require.NotContains(t, results[0].Err.Error(), "secret")
	_, _, err = client.Identity(t.Context())
	require.ErrorIs(t, err, source.err)
	require.Empty(t, w.sent)
}

// stuckTokens is a source that waits for what does not come.
type stuckTokens struct{ asked chan struct{} }

func (s stuckTokens) Token() (*oauth2.Token, error) {
	s.asked <- struct{}{}
	select {}
}

func TestClientDoesNotWaitForATokenPastItsContext(t *testing.T) {
	t.Parallel()
	for name, call := range map[string]func(context.Context, *salesforce.Client) error{
		"read": func(ctx context.Context, client *salesforce.Client) error {
			_, err := client.Read(ctx, salesforce.DescribeObject("Lead", ""))
			return err
		},
		"write": func(ctx context.Context, client *salesforce.Client) error {
			results, err := client.Write(ctx, unkeyed)
			require.NoError(t, err)
			require.ErrorIs(t, results[0].Err, salesforce.ErrNotSent)
			return results[0].Err
		},
		"identity": func(ctx context.Context, client *salesforce.Client) error {
			_, _, err := client.Identity(ctx)
			return err
		},
		"job": func(ctx context.Context, client *salesforce.Client) error {
			_, err := client.IngestJob(ctx, bulkJob)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			source := stuckTokens{make(chan struct{})}
			go func() {
				<-source.asked
				cancel()
			}()
			w := &wire{script: []line{ok}}
			require.ErrorIs(t, call(ctx, w.client(t, salesforce.Config{}, source)), context.Canceled)
			require.Empty(t, w.sent)
		})
	}
}

// SPDX-License-Identifier: Apache-2.0

package salesforce

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
	"unicode"

	"github.com/hashicorp/go-retryablehttp"
	"golang.org/x/oauth2"

	"github.com/leadsync/leadsync/internal/hook"
	"github.com/leadsync/leadsync/salesforce/internal/dial"
	"github.com/leadsync/leadsync/salesforce/internal/limit"
	"github.com/leadsync/leadsync/salesforce/internal/name"
	"github.com/leadsync/leadsync/salesforce/internal/scratch"
)

const (
	// gzipAbove is the size in bytes above which a request body is compressed.
	gzipAbove = 1 << 10
	// The longest wait before a repeat doubles from firstWait to longestWait.
	firstWait   = time.Second
	longestWait = 30 * time.Second
	// maxRetryAfter is the longest Retry-After that the Client waits for; a longer one
	// is left to the caller.
	maxRetryAfter = time.Minute
)

// A request is a request of the Client.
type request struct {
	method  string
	path    string // with its query string
	headers map[string]string
	payload []byte
	// subrequests is the number of subrequests of a composite, otherwise 1.
	subrequests int
	// repeatable means that sending the request twice has the effect of sending it once.
	repeatable bool
	// free means that it does not count as an API call.
	free bool
	// space is where the payload and the body of the reply are, until the next request in
	// it; nil: they have memory of their own.
	space *scratch.Space
}

// An exchange is one request with all its attempts and the last reply. It is the
// http.RoundTripper of its attempts and the retry policy for go-retryablehttp: the
// contents of a request decide whether it may be repeated, not its method.
type exchange struct {
	request
	client *Client
	place  place // where the last attempts were sent
	token  string

	// status, header and body are the last reply; status is 0 without one.
	status int
	header http.Header
	body   []byte
	// sent means that the last attempt may have reached Salesforce; maybeDone, that
	// some attempt did and no reply proves that it wrote nothing.
	sent, maybeDone bool
	// calls counts the attempts that were sent.
	calls int
	// wait is the wait before the next attempt, bound the longest one after that.
	wait, bound time.Duration
}

// do sends a request, and repeats it where that is safe. The exchange has the reply of
// a success.
func (c *Client) do(ctx context.Context, r request) (x *exchange, failure *Error) {
	token, failure := c.token(ctx)
	if failure != nil {
		return nil, failure
	}
	if failure := c.follow(token, false); failure != nil {
		return nil, failure
	}
	x = &exchange{request: r, client: c}
	if x.space == nil {
		x.space = c.spaces.Take()
		defer func() {
			x.space.Leave()
			c.spaces.Return(x.space)
			x.space = nil
		}()
	}
	failure = x.send(ctx, token)
	switch {
	case failure == nil:
	case x.expired(failure):
		failure = x.sendRenewed(ctx, token, failure)
	case x.gone(failure):
		failure = x.sendElsewhere(ctx, token, failure)
	}
	return x, failure
}

// malformed is the error of a successful reply that cannot be read.
func (x *exchange) malformed(err error, uncertain bool) *Error {
	return &Error{HTTPStatus: x.status, RequestID: requestID(x.header), Err: err, Uncertain: uncertain}
}

// expired reports whether the token was rejected. OAuth resources say so in plain text.
// A 401 that is not Salesforce's JSON means the same, but does not prove that nothing
// was done.
func (x *exchange) expired(e *Error) bool {
	if x.free {
		return e.HTTPStatus == http.StatusForbidden && strings.Contains(string(x.body), "Bad_OAuth_Token")
	}
	return e.HTTPStatus == http.StatusUnauthorized && (e.Code == InvalidSessionID || e.Code == "" && x.repeatable)
}

// sendRenewed sends the request once more with a new token, if the source has one.
func (x *exchange) sendRenewed(ctx context.Context, old *oauth2.Token, refused *Error) *Error {
	token, failure := x.otherToken(ctx, old)
	switch {
	case failure != nil:
		return failure
	case token == nil:
		return refused
	}
	if failure := x.client.follow(token, false); failure != nil {
		failure.Uncertain = x.maybeDone
		return failure
	}
	return x.send(ctx, token)
}

// otherToken returns a token that replaces a rejected one, nil if the source has no
// other.
func (x *exchange) otherToken(ctx context.Context, old *oauth2.Token) (*oauth2.Token, *Error) {
	if source, ok := x.client.tokens.(interface{ Invalidate(token string) }); ok {
		source.Invalidate(old.AccessToken)
	}
	token, failure := x.client.token(ctx)
	if failure != nil {
		failure.Uncertain = x.maybeDone
		return nil, failure
	}
	if token.AccessToken == old.AccessToken {
		return nil, nil
	}
	return token, nil
}

// send makes the attempts with one token.
func (x *exchange) send(ctx context.Context, token *oauth2.Token) *Error {
	x.token, x.place = token.AccessToken, x.client.place()
	packed := len(x.payload) > gzipAbove
	var payload []byte // not that in the space: the transport may read it after it has returned
	if packed {
		payload = x.space.Compress(x.payload)
	} else {
		payload = bytes.Clone(x.payload)
	}
	req, err := retryablehttp.NewRequestWithContext(ctx, x.method, x.place.origin+x.path, payload)
	if err != nil {
		return &Error{Err: dial.WithoutURL(err)}
	}
	for name, value := range x.headers {
		req.Header.Set(name, value)
	}
	req.Header.Set("Content-Type", "application/json; charset=UTF-8")
	if packed {
		req.Header.Set("Content-Encoding", "gzip")
	}
	inner := *x.place.http
	inner.Transport = x
	inner.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	// One client for each exchange, so that the policy knows the request. Without the
	// ErrorHandler the body of the last error reply would be lost.
	repeater := retryablehttp.Client{
		HTTPClient:   &inner,
		RetryMax:     max(x.client.cfg.MaxRetries, 0),
		CheckRetry:   x.checkRetry,
		Backoff:      func(time.Duration, time.Duration, int, *http.Response) time.Duration { return x.wait },
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
	}
	resp, err := repeater.Do(req)
	if err == nil {
		_ = resp.Body.Close() // already read; stops the timer of HTTPClient.Timeout
	}
	return x.failure(err)
}

// failure returns the error of the attempts, nil after a success.
func (x *exchange) failure(err error) *Error {
	switch {
	case err != nil:
		return &Error{Err: dial.WithoutURL(err), Uncertain: x.maybeDone}
	case x.success():
		return nil
	}
	e := errorOf(x.status, x.body)
	e.RequestID = requestID(x.header)
	e.RetryAfter = retryAfter(x.header)
	e.Uncertain = x.maybeDone
	return e
}

func (x *exchange) success() bool { return x.status >= 200 && x.status < 300 }

// RoundTrip makes one attempt and reads the whole reply.
func (x *exchange) RoundTrip(req *http.Request) (*http.Response, error) {
	x.status, x.header, x.body, x.sent = 0, nil, nil, false
	if req.Context().Err() != nil {
		return nil, req.Context().Err()
	}
	ctx, cancel := context.WithTimeout(req.Context(), x.client.cfg.Timeout)
	defer cancel()
	var asked, connected atomic.Bool
	attempt := req.Clone(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) { asked.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { connected.Store(true) },
	}))
	attempt.Header.Set("Authorization", "Bearer "+x.token)
	attempt.Header.Set("Accept", "application/json")
	attempt.Header.Set("Accept-Encoding", "gzip")
	attempt.Header.Set("User-Agent", dial.UserAgent)
	attempt.Header.Set("Sforce-Call-Options", "client="+x.client.cfg.ClientName)

	start := time.Now()
	resp, err := x.place.transport().RoundTrip(attempt)
	if err == nil {
		err = x.readReply(resp)
	}
	// A transport that requested a connection and got none has sent nothing. One that
	// does not report its connections may have sent everything.
	x.sent = err == nil || connected.Load() || !asked.Load()
	x.settle(req.Context(), start, err)
	switch {
	case err == nil:
		resp.Body = io.NopCloser(bytes.NewReader(x.body))
		return resp, nil
	case req.Context().Err() == nil && ctx.Err() != nil:
		return nil, fmt.Errorf("no reply within %v", x.client.cfg.Timeout)
	}
	return nil, err
}

// settle records whether the attempt may have been carried out, and counts it. err is why its
// reply cannot be read, if so.
func (x *exchange) settle(ctx context.Context, start time.Time, err error) {
	if !x.sent {
		return
	}
	x.calls++
	if !x.success() && !provesNothingDone(x.status, x.body) {
		x.maybeDone = true
	}
	if x.free {
		return
	}
	x.client.meter.count(x.header.Get("Sforce-Limit-Info"))
	countCall(ctx)
	if x.client.cfg.OnCall == nil {
		return
	}
	call := Call{
		Host:        x.place.host(),
		Method:      x.method,
		Path:        x.pathOf(),
		Subrequests: x.subrequests,
		Attempt:     x.calls,
		Status:      x.status,
		Err:         err,
		Elapsed:     time.Since(start),
	}
	_ = hook.Call(x.client.cfg.Logger, hook.Hook{Kind: "OnCall"}, func() { x.client.cfg.OnCall(ctx, call) })
}

// provesNothingDone reports whether Salesforce itself refused a whole request or
// subrequest. A 5xx does not prove it, nor does a page from a proxy.
func provesNothingDone(status int, body []byte) bool {
	switch {
	case status == http.StatusMultipleChoices:
		return true
	case status < 400, status >= 500, status == http.StatusRequestTimeout:
		return false
	}
	return errorOf(status, body).Code != ""
}

// readReply reads the whole reply, up to MaxReply, unless decoding it would take far
// more memory.
func (x *exchange) readReply(resp *http.Response) error {
	defer resp.Body.Close()
	bound := x.client.cfg.MaxReply
	zipped := strings.EqualFold(resp.Header.Get("Content-Encoding"), "gzip")
	text, err := x.space.ReadAll(resp.Body, zipped, bound)
	if err != nil {
		return fmt.Errorf("reply of http status %d: %w", resp.StatusCode, err)
	}
	if int64(len(text)) > bound {
		return errLongReply
	}
	if limit.IsDense(text) {
		return errDenseReply
	}
	x.status, x.header, x.body = resp.StatusCode, resp.Header, text
	return nil
}

// checkRetry decides whether the request is repeated, and sets the wait before that.
func (x *exchange) checkRetry(ctx context.Context, _ *http.Response, err error) (bool, error) {
	if !x.transient(err) || ctx.Err() != nil || !x.repeatable && x.maybeDone || ctx.Value(noRetriesKey{}) != nil {
		return false, nil
	}
	x.wait = x.nextWait()
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= x.wait {
		return false, nil
	}
	return x.wait <= maxRetryAfter, nil
}

type noRetriesKey struct{}

// WithoutRetries returns a context under which a Client repeats no request, whatever
// Config.MaxRetries is, except once with a new token. A caller with its own schedule
// uses it to check whether Salesforce is available again.
func WithoutRetries(ctx context.Context) context.Context {
	return context.WithValue(ctx, noRetriesKey{}, true)
}

// transient reports whether the last attempt may succeed when repeated within a minute.
func (x *exchange) transient(err error) bool {
	if err != nil {
		return !isPermanent(err)
	}
	if x.success() {
		return false
	}
	e := errorOf(x.status, x.body)
	return e.Retryable() && e.Limit() != LimitDaily
}

// nextWait returns the time to wait before the next attempt: the Retry-After of
// Salesforce, else a random fraction of a bound that doubles.
func (x *exchange) nextWait() time.Duration {
	if asked := retryAfter(x.header); asked > 0 {
		return asked
	}
	if x.bound == 0 {
		x.bound = firstWait
	}
	wait := time.Duration(x.client.cfg.JitterFunc() * float64(x.bound))
	x.bound = min(2*x.bound, longestWait)
	return wait
}

// pathOf returns the path of a request without parts that may be values: the query
// string and the key of an upsert, /services/data/v62.0/sobjects/Lead/Email/...
func (r *request) pathOf() string {
	path, _, _ := strings.Cut(r.path, "?")
	parts := strings.Split(path, "/")
	if r.method == http.MethodPatch && len(parts) == 8 && parts[4] == "sobjects" {
		return strings.Join(parts[:7], "/")
	}
	return path
}

func requestID(header http.Header) string {
	if id := header.Get("X-Sfdc-Request-Id"); id != "" {
		return id
	}
	return header.Get("X-Request-Id")
}

// retryAfter reads Retry-After, in seconds or as a date; 0 without a valid one.
func retryAfter(header http.Header) time.Duration {
	text := header.Get("Retry-After")
	if seconds, err := strconv.ParseInt(text, 10, 32); err == nil {
		return max(0, time.Duration(seconds)*time.Second)
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(0, time.Until(at))
	}
	return 0
}

// errSourceEnded is the failure of a token source that ended its goroutine
// (runtime.Goexit).
var errSourceEnded = errors.New("the token source ended its goroutine")

// token gets a token from the source, which takes no context and may be waiting for
// Salesforce or for the host to store a new token.
func (c *Client) token(ctx context.Context) (*oauth2.Token, *Error) {
	type answer struct {
		token *oauth2.Token
		err   error
	}
	asked := make(chan answer, 1)
	go func() {
		got := answer{err: errSourceEnded} // unless it returns
		defer func() { asked <- got }()
		p := hook.Call(c.cfg.Logger, hook.Hook{Kind: "token source"}, func() { got.token, got.err = c.tokens.Token() })
		if p != nil {
			got.err = errors.New(p.Reason())
		}
	}()
	select {
	case <-ctx.Done():
		return nil, &Error{Err: ctx.Err()}
	case got := <-asked:
		switch {
		case got.err != nil:
			return nil, tokenFailure(got.err)
		case got.token == nil:
			return nil, &Error{Err: &tokenError{text: "token source gave no token"}}
		case strings.ContainsFunc(got.token.AccessToken, unicode.IsControl):
			// Such as a line break at the end of the file where it is stored.
			return nil, &Error{Err: &tokenError{text: "access token holds a control character"}}
		}
		return got.token, nil
	}
}

// tokenFailure is the error of a TokenSource. After a refusal by Salesforce its Code is
// the OAuth error, such as invalid_grant.
func tokenFailure(err error) *Error {
	e := &Error{Err: &tokenError{"no access token", err}}
	var refused *oauth2.RetrieveError
	if errors.As(err, &refused) {
		if name.IsIdentifier(refused.ErrorCode) {
			e.Code = StatusCode(refused.ErrorCode)
		}
		e.Message = refused.ErrorDescription
		if refused.Response != nil {
			e.HTTPStatus = refused.Response.StatusCode
		}
	}
	return e
}

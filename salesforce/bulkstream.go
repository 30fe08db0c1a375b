// SPDX-License-Identifier: Apache-2.0

package salesforce

import (
	"cmp"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/oauth2"

	"github.com/leadsync/leadsync/salesforce/internal/bulk"
	"github.com/leadsync/leadsync/salesforce/internal/dial"
	"github.com/leadsync/leadsync/salesforce/internal/scratch"
)

// A transfer is one request whose body or reply is too long to be held in memory or to
// finish within Config.Timeout. The Timeout instead bounds the time without progress,
// not counting the time that the caller takes to produce or consume rows.
type transfer struct {
	exchange

	timer   *time.Timer
	stalled atomic.Bool
	cancel  context.CancelFunc
}

func (c *Client) newTransfer(method, path string) *transfer {
	return &transfer{exchange: exchange{
		request: request{method: method, path: path, subrequests: 1, repeatable: method == http.MethodGet,
			space: new(scratch.Space)},
		client: c,
	}}
}

// attempt sends the request once. After a successful GET the caller reads the body and
// then calls end; all other replies are read here.
func (t *transfer) attempt(ctx context.Context, token *oauth2.Token, body io.Reader) (*http.Response, error) {
	t.status, t.header, t.body, t.place = 0, nil, nil, t.client.place()
	t.stalled.Store(false)
	outer := ctx
	ctx, t.cancel = context.WithCancel(ctx)
	t.timer = time.AfterFunc(t.client.cfg.Timeout, func() {
		t.stalled.Store(true)
		t.cancel()
	})
	start := time.Now()
	resp, err := t.roundTrip(ctx, token, body)
	t.sent = true // perhaps not, but counting one call too many does no harm
	t.settle(outer, start, err)
	if err == nil && t.method == http.MethodGet && t.success() {
		t.timer.Stop()
		return resp, nil
	}
	t.end()
	return nil, t.explain(err)
}

func (t *transfer) roundTrip(ctx context.Context, token *oauth2.Token, body io.Reader) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, t.method, t.place.origin+t.path, body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+token.AccessToken)
	req.Header.Set("Accept", "text/csv, application/json")
	req.Header.Set("Accept-Encoding", "gzip")
	req.Header.Set("User-Agent", dial.UserAgent)
	req.Header.Set("Sforce-Call-Options", "client="+t.client.cfg.ClientName)
	if body != nil {
		req.Header.Set("Content-Type", "text/csv; charset=UTF-8")
	}
	resp, err := t.place.transport().RoundTrip(req)
	if err != nil {
		return nil, err
	}
	t.status, t.header = resp.StatusCode, resp.Header
	if t.method == http.MethodGet && t.success() {
		return resp, nil
	}
	return resp, t.readReply(resp)
}

// end releases the resources of an attempt.
func (t *transfer) end() {
	t.timer.Stop()
	t.cancel()
}

// explain returns the error of a stalled transfer, and err for any other failure.
func (t *transfer) explain(err error) error {
	if err != nil && t.stalled.Load() {
		return fmt.Errorf("no progress for %v", t.client.cfg.Timeout)
	}
	return err
}

// An outgoing body stops the timer while the caller produces rows.
type outgoing struct {
	io.Reader
	t *transfer
}

func (o *outgoing) Read(p []byte) (int, error) {
	o.t.timer.Stop()
	n, err := o.Reader.Read(p)
	o.t.timer.Reset(o.t.client.cfg.Timeout)
	return n, err
}

// An incoming body runs the timer only while it waits for data.
type incoming struct {
	io.Reader
	t *transfer
}

func (i *incoming) Read(p []byte) (int, error) {
	i.t.timer.Reset(i.t.client.cfg.Timeout)
	n, err := i.Reader.Read(p)
	i.t.timer.Stop()
	if err == io.EOF {
		return n, err
	}
	return n, i.t.explain(err)
}

// upload sends body as a job's data. It is never repeated: the data has been consumed,
// and a job accepts it only once.
func (c *Client) upload(ctx context.Context, job ID, body io.Reader) error {
	token, refused := c.token(ctx)
	if refused != nil {
		return refused
	}
	t := c.newTransfer(http.MethodPut, c.path(jobIngest)+"/"+string(job)+"/batches")
	_, err := t.attempt(ctx, token, &outgoing{body, t})
	if failure := t.failure(err); failure != nil {
		failure.Uncertain = false // nothing is processed before the job is closed
		return failure
	}
	return nil
}

// A download is a reply of CSV that is being read.
type download struct {
	*bulk.Reader
	header http.Header
	close  func()
}

// download requests CSV, and repeats the request where that may help.
func (c *Client) download(ctx context.Context, path string) (*download, error) {
	token, refused := c.token(ctx)
	if refused != nil {
		return nil, refused
	}
	t := c.newTransfer(http.MethodGet, path)
	for attempts, renewed := 0, false; ; attempts++ {
		resp, err := t.attempt(ctx, token, nil)
		if resp != nil {
			return t.open(resp)
		}
		failure := t.failure(err)
		if !renewed && t.expired(failure) {
			renewed = true
			other, refused := t.otherToken(ctx, token)
			if other != nil {
				token = other
				continue
			}
			failure = cmp.Or(refused, failure)
		}
		again, _ := t.checkRetry(ctx, nil, err)
		if !again || attempts >= c.cfg.MaxRetries {
			failure.Uncertain = false // it only reads
			return nil, failure
		}
		if err := sleep(ctx, t.wait); err != nil {
			return nil, &Error{Err: err}
		}
	}
}

// open checks that a reply is CSV, and starts to read it.
func (t *transfer) open(resp *http.Response) (*download, error) {
	d := &download{header: resp.Header, close: func() {
		t.end()
		_ = resp.Body.Close()
	}}
	kind, _, err := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if (err != nil || kind != "text/csv") && resp.ContentLength != 0 {
		d.close()
		return nil, &Error{
			HTTPStatus: resp.StatusCode, RequestID: requestID(resp.Header), Err: errors.New("reply is not text/csv"),
		}
	}
	var body io.Reader = &incoming{resp.Body, t}
	// A length, a last chunk or a checksum proves that the body is complete.
	whole := resp.ContentLength >= 0 || resp.ProtoMajor > 1 || slices.Contains(resp.TransferEncoding, "chunked")
	if strings.EqualFold(resp.Header.Get("Content-Encoding"), "gzip") {
		unzipped, err := gzip.NewReader(body)
		switch {
		case err == nil:
			body, whole = unzipped, true
		case !errors.Is(err, io.EOF): // EOF: a reply without a body
			d.close()
			return nil, &Error{HTTPStatus: resp.StatusCode, Err: err}
		}
	}
	d.Reader = bulk.NewReader(body, whole)
	return d, nil
}

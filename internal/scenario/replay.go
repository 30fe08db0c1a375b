// SPDX-License-Identifier: Apache-2.0

package scenario

import (
	"bytes"
	"io"
	"net/http"
	"sync"
	"testing"

	"golang.org/x/oauth2"

	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// A Replay answers requests as an org has answered the same requests before, in their
// order, without the work of an org: what a measurement of the library should not count.
type Replay struct {
	org     http.RoundTripper // nil when it replays
	token   string
	mu      sync.Mutex
	replies []reply
	next    int
}

type reply struct {
	status int
	header http.Header
	body   []byte
}

// Record returns a Replay that passes requests to org, and keeps the replies.
func Record(org *sftest.Org) *Replay { return &Replay{org: org.Transport(), token: org.Token()} }

// Again makes the next requests get the kept replies from the first one on.
func (r *Replay) Again() { r.org, r.next = nil, 0 }

// Client returns a new client whose requests r answers.
func (r *Replay) Client(t testing.TB) *salesforce.Client {
	t.Helper()
	const address = "https://replay.my.salesforce.com"
	client, err := salesforce.New(address, oauth2.StaticTokenSource(&oauth2.Token{AccessToken: r.token}),
		&salesforce.Config{HTTPClient: &http.Client{Transport: r}})
	fatal(t, err)
	return client
}

// RoundTrip implements http.RoundTripper.
func (r *Replay) RoundTrip(request *http.Request) (*http.Response, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.org != nil {
		if err := r.keep(request); err != nil {
			return nil, err
		}
	} else if request.Body != nil {
		_ = request.Body.Close()
	}
	if r.next == len(r.replies) {
		return nil, io.ErrUnexpectedEOF
	}
	kept := &r.replies[r.next]
	r.next++
	return &http.Response{StatusCode: kept.status, ProtoMajor: 1, ProtoMinor: 1, Header: kept.header,
		Body: io.NopCloser(bytes.NewReader(kept.body)), ContentLength: int64(len(kept.body)), Request: request}, nil
}

// keep asks the org, and keeps its reply.
func (r *Replay) keep(request *http.Request) error {
	response, err := r.org.RoundTrip(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	r.replies = append(r.replies, reply{response.StatusCode, response.Header, body})
	return nil
}

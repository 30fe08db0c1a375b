// SPDX-License-Identifier: Apache-2.0

package login_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/internal/resend"
)

const instance = "https://example.my.salesforce.com"

// A wire is a transport that answers from a script, the last line again and again,
// and records the requests.
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
}

func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	text, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	w.sent = append(w.sent, sentRequest{r.Header.Clone(), r.URL.String(), string(text)})
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
	return &http.Response{
		StatusCode: l.status,
		Header:     header,
		Body:       io.NopCloser(strings.NewReader(l.body)),
		Request:    r,
	}, nil
}

type roundTripFunc func(*http.Request) (*http.Response, error)

func (f roundTripFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// newClient returns a client whose requests are watched: none may be sent again that
// could write twice.
func newClient(t *testing.T, address string, tokens oauth2.TokenSource, cfg salesforce.Config) *salesforce.Client {
	// Not http.DefaultTransport: each httptest.Server that closes ends its connections.
	own := &http.Transport{}
	t.Cleanup(own.CloseIdleConnections)
	transport := http.RoundTripper(own)
	if cfg.HTTPClient != nil {
		transport = cfg.HTTPClient.Transport
	}
	watch := resend.New(t.Errorf, func(string, map[string]any) bool { return false })
	cfg.HTTPClient = &http.Client{Transport: resend.Transport(watch, transport)}
	client, err := salesforce.New(address, tokens, &cfg)
	require.NoError(t, err)
	return client
}

// testID is the id of record n of an object.
func testID(prefix string, n int) salesforce.ID {
	return salesforce.ID(prefix + fmt.Sprintf("%012d", n)).ID18()
}

// client returns a client whose requests the wire answers too.
func (w *wire) client(t *testing.T, tokens oauth2.TokenSource) *salesforce.Client {
	return newClient(t, instance, tokens, salesforce.Config{HTTPClient: &http.Client{Transport: w}})
}

var unkeyed = salesforce.Write{Op: salesforce.OpCreate, Object: "Lead", Fields: salesforce.Fields{"LastName": "L"}}

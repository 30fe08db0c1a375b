// SPDX-License-Identifier: Apache-2.0

package resend_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce/internal/resend"
)

const (
	refused = `[{"errorCode":"INVALID_SESSION_ID","message":"x"}]`
	create  = `{"compositeRequest":[{"method":"GET","url":"/services/data/v62.0/query?q=x"},
		{"method":"POST","url":"/services/data/v62.0/composite/sobjects","body":{"records":[{"attributes":{"type":"Lead"},
		"Key__c":"k"},{"attributes":{"type":"Lead"}}]}}]}`
)

// An answer is what a transport gives back.
type answer struct {
	status int
	body   string
	err    error
}

func (a answer) RoundTrip(*http.Request) (*http.Response, error) {
	if a.err != nil {
		return nil, a.err
	}
	return &http.Response{StatusCode: a.status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(a.body))}, nil
}

func keyed(_ string, fields map[string]any) bool { return fields["Key__c"] != nil }

func TestWatchReportsASecondSendThatCouldWriteTwice(t *testing.T) {
	t.Parallel()
	lost := answer{err: errors.New("connection reset")}
	for name, test := range map[string]struct {
		method, path, body string
		answer             answer
		reported           bool
	}{
		"lost":            {"POST", "composite", create, lost, true},
		"page":            {"POST", "composite", create, answer{status: 503, body: "<html>"}, true},
		"403 page":        {"POST", "composite", create, answer{status: 403, body: "<html>"}, true},
		"cut":             {"POST", "composite", create, answer{status: 200, body: `{"compo`}, true},
		"answered":        {"POST", "composite", create, answer{status: 200, body: `{}`}, false},
		"refused":         {"POST", "composite", create, answer{status: 401, body: refused}, false},
		"single":          {"POST", "sobjects/Lead", `{"LastName":"L"}`, lost, true},
		"single with key": {"POST", "sobjects/Lead", `{"Key__c":"k"}`, lost, false},
		"no json":         {"POST", "sobjects/Lead", `?`, lost, true},
		"update":          {"PATCH", "sobjects/Lead/00Q000000000001", `{}`, lost, false},
		"read":            {"GET", "query?q=x", "", lost, false},
		"retrieve":        {"POST", "composite/sobjects/Lead", `{"ids":[]}`, lost, false},
		"bulk data":       {"PUT", "jobs/ingest/750000000000001AAA/batches", "Id\n1\n", answer{status: 201}, true},
		"bulk job":        {"POST", "jobs/ingest", `{}`, lost, false},
		"bulk close":      {"PATCH", "jobs/ingest/750000000000001AAA", `{"state":"UploadComplete"}`, lost, false},
		"graph": {
			"POST", "composite/graph",
			`{"graphs":[` + strings.Replace(create, "composite/sobjects", "sobjects/Lead", 1) + `]}`, lost, true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var reports []string
			watch := resend.New(
				func(format string, args ...any) { reports = append(reports, fmt.Sprintf(format, args...)) },
				keyed,
			)
			transport := resend.Transport(watch, test.answer)
			for range 2 {
				send(t, transport, test.method, test.path, test.body)
			}
			require.Equal(t, test.reported, len(reports) == 1, "%v", reports)
		})
	}
}

func TestWatchLetsASenderLookFirst(t *testing.T) {
	t.Parallel()
	watch := resend.New(t.Errorf, keyed)
	transport := resend.Transport(watch, answer{status: 503})
	send(t, transport, "POST", "composite", create)
	send(t, transport, "GET", "query?q=x", "")
	send(t, transport, "POST", "composite", create)
}

func send(t *testing.T, transport http.RoundTripper, method, path, body string) {
	r, err := http.NewRequestWithContext(
		t.Context(),
		method,
		"https://example.my.salesforce.com/services/data/v62.0/"+path,
		strings.NewReader(body),
	)
	require.NoError(t, err)
	resp, err := transport.RoundTrip(r)
	if err == nil {
		_, _ = io.ReadAll(resp.Body)
		require.NoError(t, resp.Body.Close())
	}
}

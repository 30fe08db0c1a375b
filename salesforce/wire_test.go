// SPDX-License-Identifier: Apache-2.0

package salesforce_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"github.com/leadsync/leadsync/salesforce"
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
	return &http.Response{
		StatusCode: l.status,
		Header:     header,
		Body:       io.NopCloser(strings.NewReader(l.body)),
		Request:    r,
	}, nil
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

const created = `{"compositeResponse":[{"referenceId":"r0","httpStatusCode":200,"httpHeaders":{},` +
	`"body":[{"id":"00Q000000000001","success":true,"errors":[]}]}]}`

// ok answers any single write of the record 00Q000000000001.
var ok = line{status: 200, body: created}

func refusal(status int, code, message string) line {
	body, _ := json.Marshal([]map[string]any{{"errorCode": code, "message": message}})
	return line{status: status, body: string(body)}
}

var (
	unkeyed = salesforce.Write{Op: salesforce.OpCreate, Object: "Lead", Fields: salesforce.Fields{"LastName": "L"}}
	keyed   = salesforce.Write{
		Op:          salesforce.OpCreate,
		Object:      "Lead",
		Fields:      salesforce.Fields{"Key__c": "k"},
		UniqueField: "Key__c",
	}
	update = salesforce.Write{
		Op:     salesforce.OpUpdate,
		Object: "Lead",
		ID:     "00Q000000000001",
		Fields: salesforce.Fields{"Title": "T"},
	}
	upsert = salesforce.Write{
		Op:     salesforce.OpUpsert,
		Object: "Lead",
		Key:    salesforce.ExternalKey{Field: "Key__c", Value: "k"},
	}
	allowed = salesforce.Write{
		Op:             salesforce.OpCreate,
		Object:         "Lead",
		Fields:         keyed.Fields,
		UniqueField:    "Key__c",
		AllowDuplicate: true,
	}
	remove = salesforce.Write{Op: salesforce.OpDelete, Object: "Lead", ID: "00Q000000000001"}
)

// failures are the ways in which an answer fails to come, or is no success.
var failures = map[string]struct {
	line line
	// mayBeDone says that Salesforce may have carried the request out.
	mayBeDone bool
	// passes says that the failure may pass, so that a repeat makes sense.
	passes bool
}{
	"broken connection": {line{err: errors.New("connection reset by peer")}, true, true},
	"no answer in time": {line{hang: true}, true, true},
	"cut reply": {
		line{status: 200, headers: map[string]string{"Content-Encoding": "gzip"}, body: "\x1f\x8b"},
		true,
		true,
	},
	"500":                {refusal(500, "UNKNOWN_EXCEPTION", "ErrorId"), true, true},
	"502 page":           {line{status: 502, body: "<html>"}, true, true},
	"503":                {refusal(503, "SERVER_UNAVAILABLE", "busy"), true, true},
	"503 without a body": {line{status: 503}, true, true},
	"408":                {line{status: 408}, true, true},
	"408 of Salesforce":  {refusal(408, "X", "x"), true, true},
	"429 page":           {line{status: 429, body: "<html>"}, true, true},
	"too many at once": {
		refusal(403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentPerOrgLongTxn Limit exceeded."),
		false,
		true,
	},
	"too many in a day": {refusal(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."), false, false},
	"expired session":   {refusal(401, "INVALID_SESSION_ID", "Session expired or invalid"), false, false},
	"refused composite": {refusal(400, "JSON_PARSER_ERROR", "x"), false, false},
	"403 page":          {line{status: 403, body: "<html>"}, true, false},
	"redirect": {
		line{status: 302, headers: map[string]string{"Location": "https://example.org/"}},
		true,
		false,
	},
	"200 page":            {line{status: 200, body: "<html>"}, true, false},
	"200 without a body":  {line{status: 200}, true, false},
	"another composition": {line{status: 200, body: `{"compositeResponse":[]}`}, true, false},
}

type roundTripFunc func(*http.Request) (*http.Response, error)

func (f roundTripFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// SPDX-License-Identifier: Apache-2.0

package salesforce_test

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/internal/resend"
	"github.com/leadsync/leadsync/salesforce/login"
)

// A scriptedOrg is a server that takes composite calls, holds them against the
// platform's limits, and answers each subrequest as the test says.
type scriptedOrg struct {
	t      testing.TB
	server *httptest.Server
	// answer gives the reply to a subrequest; nil, or a reply without status,
	// means success.
	answer func(sub) reply
	// outer, if set, may take over the whole call; it reports whether it did.
	outer func(w http.ResponseWriter, r *http.Request, call []sub) bool

	mu    sync.Mutex
	calls [][]sub
	made  int
}

type sub struct {
	Method      string            `json:"method"`
	URL         string            `json:"url"`
	ReferenceID string            `json:"referenceId"`
	Headers     map[string]string `json:"httpHeaders"`
	Body        json.RawMessage   `json:"body"`
}

type reply struct {
	status  int
	headers map[string]string
	body    any
}

type record map[string]any

// records returns the rows of a collection.
func (s sub) records(t testing.TB) []record {
	var body struct {
		AllOrNone *bool
		Records   []json.RawMessage
	}
	require.NoError(t, json.Unmarshal(s.Body, &body))
	require.NotNil(t, body.AllOrNone)
	require.False(t, *body.AllOrNone)
	var rows []record
	for _, raw := range body.Records {
		require.True(t, strings.HasPrefix(string(raw), `{"attributes":{"type":"`), "attributes is not the first key")
		var row record
		require.NoError(t, json.Unmarshal(raw, &row))
		rows = append(rows, row)
	}
	return rows
}

// row returns the row that a subrequest writes alone.
func (s sub) row(t testing.TB) record {
	var row record
	require.NoError(t, json.Unmarshal(s.Body, &row))
	return row
}

// row returns the answer to row n of a subrequest.
func (r reply) row(n int) record {
	if rows, ok := r.body.([]record); ok {
		return rows[n]
	}
	row, _ := r.body.(record)
	return row
}

func (r record) object() string { return r["attributes"].(map[string]any)["type"].(string) }

func (s sub) isCollection() bool { return strings.Contains(s.URL, "/composite/sobjects") }

func (s sub) isHeavy() bool { return s.isCollection() || strings.Contains(s.URL, "/query") }

func newOrg(t testing.TB) *scriptedOrg {
	org := &scriptedOrg{t: t}
	org.server = httptest.NewServer(org)
	t.Cleanup(org.server.Close)
	return org
}

// newClient is how the tests of this package come to a client that sends: its
// requests are watched.
func newClient(
	t testing.TB,
	address string,
	tokens oauth2.TokenSource,
	cfg salesforce.Config,
) (*salesforce.Client, error) {
	var transport http.RoundTripper
	if cfg.HTTPClient != nil {
		transport = cfg.HTTPClient.Transport
	}
	cfg.HTTPClient = watched(t, transport)
	return salesforce.New(address, tokens, &cfg)
}

// watched is an HTTP client that fails the test when a request is sent again
// that could write twice. Fields that end in Key__c are unique.
func watched(t testing.TB, transport http.RoundTripper) *http.Client {
	if transport == nil {
		// Not http.DefaultTransport: each httptest.Server that closes ends its connections.
		own := &http.Transport{}
		t.Cleanup(own.CloseIdleConnections)
		transport = own
	}
	watch := resend.New(t.Errorf, func(_ string, fields map[string]any) bool {
		for name, value := range fields {
			if strings.HasSuffix(name, "Key__c") && value != "" {
				return true
			}
		}
		return false
	})
	return &http.Client{Transport: resend.Transport(watch, transport)}
}

func (o *scriptedOrg) client(cfg salesforce.Config) *salesforce.Client {
	cfg.Hosts = []string{strings.TrimPrefix(o.server.URL, "http://")}
	if cfg.HTTPClient == nil {
		cfg.HTTPClient = o.server.Client()
	}
	client, err := newClient(
		o.t, o.server.URL, oauth2.StaticTokenSource(&oauth2.Token{AccessToken: "00Dtoken!secret"}), cfg,
	)
	require.NoError(o.t, err)
	return client
}

func (o *scriptedOrg) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	call, err := o.decode(r)
	if err != nil {
		o.t.Errorf("%s %s: %v", r.Method, r.URL.Path, err)
		http.Error(w, "bad test request", http.StatusTeapot)
		return
	}
	o.mu.Lock()
	o.calls = append(o.calls, call)
	o.mu.Unlock()
	if o.outer != nil && o.outer(w, r, call) {
		return
	}
	o.reply(w, call)
}

func (o *scriptedOrg) decode(r *http.Request) ([]sub, error) {
	if r.Method != http.MethodPost || r.URL.RequestURI() != "/services/data/v62.0/composite" {
		return nil, fmt.Errorf("want POST composite, got %s", r.URL.RequestURI())
	}
	if r.Header.Get("Authorization") == "" {
		return nil, fmt.Errorf("no token")
	}
	var body io.Reader = r.Body
	if r.Header.Get("Content-Encoding") == "gzip" {
		unzipped, err := gzip.NewReader(r.Body)
		if err != nil {
			return nil, err
		}
		body = unzipped
	}
	var request struct {
		AllOrNone, CollateSubrequests *bool
		CompositeRequest              []sub
	}
	if err := json.NewDecoder(body).Decode(&request); err != nil {
		return nil, err
	}
	if request.AllOrNone == nil || *request.AllOrNone || request.CollateSubrequests == nil || *request.CollateSubrequests {
		return nil, fmt.Errorf("allOrNone and collateSubrequests must be there and false")
	}
	return request.CompositeRequest, o.check(request.CompositeRequest)
}

// check holds a call against the platform's limits.
func (o *scriptedOrg) check(call []sub) error {
	heavy := 0
	for _, s := range call {
		if s.isHeavy() {
			heavy++
		}
		if !s.isCollection() || s.Method == http.MethodDelete {
			continue
		}
		rows := s.records(o.t)
		if len(rows) == 0 || len(rows) > 200 {
			return fmt.Errorf("collection of %d rows", len(rows))
		}
		runs, ids := 1, map[any]bool{}
		for i, row := range rows {
			if i > 0 && row.object() != rows[i-1].object() {
				runs++
			}
			if id, ok := row["id"]; ok && ids[id] {
				return fmt.Errorf("one id twice in a collection")
			}
			ids[row["id"]] = true
		}
		if runs > 10 {
			return fmt.Errorf("%d runs of one type", runs)
		}
	}
	if len(call) == 0 || len(call) > 25 || heavy > 5 {
		return fmt.Errorf("%d subrequests, %d of them queries or collections", len(call), heavy)
	}
	return nil
}

func (o *scriptedOrg) reply(w http.ResponseWriter, call []sub) {
	responses := make([]map[string]any, len(call))
	answers := make(map[string]any, len(call))
	for i, s := range call {
		var r reply
		var missing string
		if s.Body, missing = o.resolve(s.Body, answers); missing != "" {
			r = reply{status: http.StatusBadRequest, body: []record{{
				"errorCode": "PROCESSING_HALTED", "message": "Invalid reference specified. No value for " + missing,
			}}}
		}
		if r.status == 0 && o.answer != nil {
			r = o.answer(s)
		}
		if r.status == 0 {
			r = o.success(s)
		}
		answers[s.ReferenceID] = r.body
		responses[i] = map[string]any{
			"body":           r.body,
			"httpHeaders":    r.headers,
			"httpStatusCode": r.status,
			"referenceId":    s.ReferenceID,
		}
	}
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	w.Header().Set("Sforce-Limit-Info", "api-usage=18/5000")
	_ = json.NewEncoder(w).Encode(map[string]any{"compositeResponse": responses})
}

var inCallReference = regexp.MustCompile(`@\{(r[0-9]+)(?:\[([0-9]+)\])?\.id\}`)

// resolve replaces the references in a body by the ids in earlier answers of the call, and
// returns one that finds none.
func (o *scriptedOrg) resolve(body json.RawMessage, answers map[string]any) (_ json.RawMessage, missing string) {
	resolved := inCallReference.ReplaceAllFunc(body, func(found []byte) []byte {
		parts := inCallReference.FindStringSubmatch(string(found))
		answer, _ := answers[parts[1]].(record)
		if rows, _ := answers[parts[1]].([]record); parts[2] != "" {
			n, _ := strconv.Atoi(parts[2])
			answer = nil
			if n < len(rows) {
				answer = rows[n]
			}
		}
		if answer["id"] == nil {
			missing = string(found)
		}
		return fmt.Append(nil, answer["id"])
	})
	return resolved, missing
}

// success carries a write out.
func (o *scriptedOrg) success(s sub) reply {
	switch {
	case s.isCollection() && s.Method == http.MethodDelete:
		var results []record
		ids, _, _ := strings.Cut(strings.SplitN(s.URL, "ids=", 2)[1], "&")
		for id := range strings.SplitSeq(ids, ",") {
			results = append(results, record{"id": id, "success": true, "errors": []any{}})
		}
		return reply{status: 200, body: results}
	case s.isCollection():
		var results []record
		for _, row := range s.records(o.t) {
			id := row["id"]
			if id == nil {
				id = o.newID()
			}
			results = append(results, record{"id": id, "success": true, "errors": []any{}})
		}
		return reply{status: 200, body: results}
	case s.Method == http.MethodPost, strings.Contains(s.URL, "/Key__c/"):
		return reply{status: 201, body: record{"id": o.newID(), "success": true, "errors": []any{}}}
	}
	return reply{status: 204}
}

func (o *scriptedOrg) newID() salesforce.ID {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.made++
	return salesforce.ID(fmt.Sprintf("00Q%012d", o.made)).ID18()
}

// callCount returns how many calls were made.
func (o *scriptedOrg) callCount() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.calls)
}

func testID(prefix string, n int) salesforce.ID {
	return salesforce.ID(fmt.Sprintf("%s%012d", prefix, n)).ID18()
}

// newApp is an app whose requests go through transport.
func newApp(t *testing.T, transport http.RoundTripper) *login.App {
	app, err := login.NewApp(login.AppConfig{
		ClientID: "client", ClientSecret: "s3cret", LoginURL: instance, HTTPClient: &http.Client{Transport: transport},
	})
	require.NoError(t, err)
	return app
}

func jsonReply(status int, body string) *http.Response {
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}
}

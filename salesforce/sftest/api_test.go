// SPDX-License-Identifier: Apache-2.0

package sftest_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce/sftest"
)

const base = "/services/data/v62.0"

// An api calls an org as a plain HTTP client would.
type api struct {
	t   *testing.T
	org *sftest.Org
}

// A response is an answer with its JSON decoded.
type response struct {
	Status int
	Header http.Header
	Body   any
	Text   string
}

func newAPI(t *testing.T, opts ...sftest.Option) (*sftest.Org, *api) {
	t.Helper()
	org := sftest.NewOrg(t, opts...)
	return org, &api{t, org}
}

// do sends a request below the version. body is a JSON text, or a value to
// encode; headers are names and values in turn.
func (a *api) do(method, path string, body any, headers ...string) *response {
	a.t.Helper()
	res, err := a.send(method, base+path, body, headers...)
	require.NoError(a.t, err)
	return res
}

func (a *api) send(method, path string, body any, headers ...string) (*response, error) {
	a.t.Helper()
	var sent io.Reader
	switch body := body.(type) {
	case nil:
	case string:
		sent = strings.NewReader(body)
	default:
		text, err := json.Marshal(body)
		require.NoError(a.t, err)
		sent = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(a.t.Context(), method, a.org.URL()+path, sent)
	require.NoError(a.t, err)
	req.Header.Set("Authorization", "Bearer "+a.org.Token())
	if sent != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	return decoded(a.t, res)
}

// answered sends a request without a network.
func answered(t *testing.T, transport http.RoundTripper, req *http.Request) *response {
	t.Helper()
	res, err := transport.RoundTrip(req)
	require.NoError(t, err)
	out, err := decoded(t, res)
	require.NoError(t, err)
	return out
}

func decoded(t *testing.T, res *http.Response) (*response, error) {
	t.Helper()
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, err
	}
	out := &response{Status: res.StatusCode, Header: res.Header, Text: string(text)}
	if len(text) > 0 && json.Valid(text) {
		require.NoError(t, json.Unmarshal(text, &out.Body))
	}
	return out, nil
}

func (a *api) query(soql string) *response {
	a.t.Helper()
	return a.do("GET", "/query?q="+url.QueryEscape(soql), nil)
}

// column is one field of every row that a query answers, as text.
func (a *api) column(soql, field string) []string {
	a.t.Helper()
	res := a.query(soql)
	require.Equal(a.t, 200, res.Status, res.Text)
	values := []string{}
	for _, row := range res.at("records").([]any) {
		text, _ := row.(map[string]any)[field].(string)
		values = append(values, text)
	}
	return values
}

// composite sends subrequests and answers their results.
func (a *api) composite(allOrNone bool, parts ...part) []*response {
	a.t.Helper()
	res := a.do("POST", "/composite", map[string]any{"allOrNone": allOrNone, "compositeRequest": parts})
	require.Equal(a.t, 200, res.Status, res.Text)
	var results []*response
	for _, v := range res.at("compositeResponse").([]any) {
		one := v.(map[string]any)
		header := http.Header{}
		for name, value := range one["httpHeaders"].(map[string]any) {
			header.Set(name, value.(string))
		}
		results = append(results, &response{Status: int(one["httpStatusCode"].(float64)), Header: header, Body: one["body"]})
	}
	return results
}

type part struct {
	Method  string            `json:"method"`
	URL     string            `json:"url"`
	Ref     string            `json:"referenceId"`
	Body    any               `json:"body,omitempty"`
	Headers map[string]string `json:"httpHeaders,omitempty"`
}

// at walks into the body: a string is a member, an int an element.
func (r *response) at(path ...any) any {
	v := r.Body
	for _, step := range path {
		switch step := step.(type) {
		case string:
			m, _ := v.(map[string]any)
			v = m[step]
		case int:
			list, _ := v.([]any)
			if step >= len(list) {
				return nil
			}
			v = list[step]
		}
	}
	return v
}

// code is the code of the first error.
func (r *response) code() any { return r.at(0, "errorCode") }

func (r *response) id() string {
	id, _ := r.at("id").(string)
	return id
}

// rows is a collection's records, each with its attributes first, as
// Salesforce wants them.
func rows(object string, records ...string) string {
	var list []string
	for _, record := range records {
		fields := strings.TrimSuffix(strings.TrimPrefix(record, "{"), "}")
		if fields != "" {
			fields = "," + fields
		}
		list = append(list, `{"attributes":{"type":"`+object+`"}`+fields+`}`)
	}
	return strings.Join(list, ",")
}

func collection(allOrNone bool, records ...string) json.RawMessage {
	flag := "false"
	if allOrNone {
		flag = "true"
	}
	return json.RawMessage(`{"allOrNone":` + flag + `,"records":[` + strings.Join(records, ",") + `]}`)
}

// fields is a seed.
type fields = map[string]any

func addLead(org *sftest.Org, email string) string {
	return org.Insert("Lead", fields{"LastName": "Doe", "Company": "Acme", "Email": email})
}

func addContact(org *sftest.Org, email string) string {
	return org.Insert("Contact", fields{"LastName": "Doe", "Email": email})
}

// A spy takes the place of a test, and keeps what the org complains of.
type spy struct {
	complaints []string
	cleanups   []func()
}

func (s *spy) Helper()                        {}
func (s *spy) Cleanup(f func())               { s.cleanups = append(s.cleanups, f) }
func (s *spy) Errorf(format string, _ ...any) { s.complaints = append(s.complaints, format) }

// request is one below the version, with a body of any kind.
func (a *api) request(method, path string, body io.Reader) *http.Request {
	a.t.Helper()
	req, err := http.NewRequestWithContext(a.t.Context(), method, a.org.URL()+base+path, body)
	require.NoError(a.t, err)
	req.Header.Set("Authorization", "Bearer "+a.org.Token())
	return req
}

// roundTrip sends a request over the network, and throws the answer's body away.
func (a *api) roundTrip(req *http.Request) *http.Response {
	a.t.Helper()
	res, err := http.DefaultClient.Do(req)
	require.NoError(a.t, err)
	require.NoError(a.t, res.Body.Close())
	return res
}

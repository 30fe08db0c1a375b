// SPDX-License-Identifier: Apache-2.0

package salesforce_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/soql"
)

func TestNewRefusesWhatItCannotUse(t *testing.T) {
	t.Parallel()
	static := oauth2.StaticTokenSource(&oauth2.Token{AccessToken: "t"})
	for name, test := range map[string]struct {
		url    string
		tokens oauth2.TokenSource
		cfg    *salesforce.Config
		want   string
	}{
		"no tokens":      {instance, nil, nil, "no token source"},
		"no url":         {"", static, nil, "instance url"},
		"unparsable url": {"https://%zz", static, nil, "instance url: malformed"},
		"no scheme":      {"example.my.salesforce.com", static, nil, "instance url"},
		"http":           {"http://example.my.salesforce.com", static, nil, "not https"},
		"http, listed": {
			"http://edge.example.org", static, &salesforce.Config{Hosts: []string{"edge.example.org"}}, "not https",
		},
		"other scheme": {"ftp://example.my.salesforce.com", static, nil, "not https"},
		"other host":   {"https://example.org", static, nil, "example.org is not under salesforce.com"},
		"lookalike":    {"https://evilsalesforce.com", static, nil, "not under salesforce.com"},
		"suffix":       {"https://x.salesforce.com.example.org", static, nil, "not under salesforce.com"},
		"bare domain":  {"https://salesforce.com", static, nil, "not under salesforce.com"},
		"trailing dot": {"https://x.salesforce.com.", static, nil, "not under salesforce.com"},
		"port":         {"https://x.my.salesforce.com:8443", static, nil, "port"},
		"user":         {"https://user@x.my.salesforce.com", static, nil, "nothing else"},
		"path":         {"https://x.my.salesforce.com/services", static, nil, "nothing else"},
		"query":        {"https://x.my.salesforce.com/?a=b", static, nil, "nothing else"},
		"fragment":     {"https://x.my.salesforce.com/#a", static, nil, "nothing else"},
		"opaque":       {"https:x.my.salesforce.com", static, nil, "nothing else"},
		"loopback":     {"http://127.0.0.1:8080", static, nil, "127.0.0.1 is not under"},
		"loopback, port": {
			"http://127.0.0.1:8080", static, &salesforce.Config{Hosts: []string{"127.0.0.1:80"}}, "127.0.0.1 is not under",
		},
		"version":          {instance, static, &salesforce.Config{Version: "62.0"}, "Version"},
		"version path":     {instance, static, &salesforce.Config{Version: "v62.0/../x"}, "Version"},
		"version too old":  {instance, static, &salesforce.Config{Version: "v45.0"}, `Version "v45.0" is older than v46.0`},
		"client name":      {instance, static, &salesforce.Config{ClientName: "a, defaultNamespace=b"}, "ClientName"},
		"client line":      {instance, static, &salesforce.Config{ClientName: "a\r\nb"}, "ClientName"},
		"negative timeout": {instance, static, &salesforce.Config{Timeout: -1}, "Timeout"},
		"negative bound":   {instance, static, &salesforce.Config{MaxReply: -1}, "MaxReply"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, err := salesforce.New(test.url, test.tokens, test.cfg)
			require.ErrorContains(t, err, test.want)
			require.Nil(t, client)
		})
	}
}

func TestNewTakesTheHostsOfSalesforceAndItsOwn(t *testing.T) {
	t.Parallel()
	static := oauth2.StaticTokenSource(&oauth2.Token{AccessToken: "t"})
	for url, hosts := range map[string][]string{
		"https://x.my.salesforce.com":              nil,
		"https://X.My.Salesforce.com/":             nil,
		"https://x--dev.sandbox.my.salesforce.com": nil,
		"https://x.my.salesforce.com:443":          nil,
		"https://na1.salesforce.mil":               nil,
		"https://edge.example.org":                 {"edge.example.org"},
		"https://edge.example.org:8443":            {"Edge.example.org"},
		"http://127.0.0.1:8080":                    {"127.0.0.1:8080"},
		"http://[::1]:8080":                        {"[::1]:8080"},
		"http://localhost:8080":                    {"localhost"},
	} {
		_, err := salesforce.New(url, static, &salesforce.Config{Hosts: hosts})
		require.NoError(t, err, url)
	}
}

func TestIdentityReturnsWhatTheTokenContains(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		token     string
		idURL     any
		org, user salesforce.ID
	}{
		"id url": {
			"00D000000000009!x",
			"https://login.salesforce.com/id/00D000000000001EAA/005000000000001",
			"00D000000000001EAA",
			"005000000000001AAA",
		},
		"short ids": {
			"t", "https://x.my.salesforce.com/id/00D000000000001/005000000000001AAA", "00D000000000001EAA", "005000000000001AAA",
		},
		"access token": {"00D000000000001!AQ.x", nil, "00D000000000001EAA", ""},
		"other ids":    {"t", "https://login.salesforce.com/id/001000000000001/003000000000001", "", ""},
		"other path": {
			"00D000000000001!x", "https://login.salesforce.com/00D000000000009/005000000000001", "00D000000000001EAA", "",
		},
		"no url":  {"00D000000000001!x", "%zz", "00D000000000001EAA", ""},
		"no text": {"t", 7, "", ""},
		"nothing": {"opaque", nil, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			token := (&oauth2.Token{AccessToken: test.token}).WithExtra(map[string]any{"id": test.idURL})
			client, err := newClient(t, instance, oauth2.StaticTokenSource(token), salesforce.Config{})
			require.NoError(t, err)
			org, user, err := client.Identity(t.Context())
			require.NoError(t, err)
			require.Equal(t, test.org, org)
			require.Equal(t, test.user, user)
		})
	}
}

func TestIdentityEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	w := &wire{}
	_, _, err := w.client(t, salesforce.Config{}, nil).Identity(ctx)
	require.Equal(t, context.Canceled, err)
}

func TestClientReportsEachCall(t *testing.T) {
	t.Parallel()
	org := newOrg(t)
	down := true
	org.outer = func(w http.ResponseWriter, _ *http.Request, _ []sub) bool {
		defer func() { down = false }()
		if down {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		return down
	}
	var mu sync.Mutex
	var calls []salesforce.Call
	client := org.client(salesforce.Config{
		JitterFunc: func() float64 { return 0 },
		OnCall: func(_ context.Context, call salesforce.Call) {
			mu.Lock()
			defer mu.Unlock()
			calls = append(calls, call)
		},
	})
	email := soql.From("Lead", "Id").Where(soql.Eq("Email", "secret@example.com"))
	_, err := client.Read(t.Context(), salesforce.Query(email), salesforce.DescribeObject("Lead", ""))
	require.NoError(t, err)
	require.Len(t, calls, 2)
	for i, status := range []int{503, 200} {
		require.Positive(t, calls[i].Elapsed)
		calls[i].Elapsed = 0
		want := salesforce.Call{
			Host:        strings.TrimPrefix(org.server.URL, "http://"),
			Method:      "POST",
			Path:        "/services/data/v62.0/composite",
			Subrequests: 2,
			Attempt:     i + 1,
			Status:      status,
		}
		require.Equal(t, want, calls[i])
	}
	require.Equal(t, salesforce.Usage{Calls: 2, Used: 18, Limit: 5000}, client.Usage())
}

func TestClientReportsWhyThereIsNoReply(t *testing.T) {
	t.Parallel()
	broken := errors.New("connection reset")
	var calls []salesforce.Call
	client := (&wire{script: []line{{err: broken}, {status: 200, body: "[]", headers: map[string]string{
		"Content-Encoding": "gzip"}}}}).client(t, salesforce.Config{MaxRetries: -1,
		OnCall: func(_ context.Context, call salesforce.Call) { calls = append(calls, call) }}, nil)
	for range 2 {
		results, err := client.Read(t.Context(), salesforce.DescribeObject("Lead", ""))
		require.NoError(t, err)
		require.Error(t, results[0].Err)
	}
	require.Len(t, calls, 2)
	require.Equal(t, []int{0, 0}, []int{calls[0].Status, calls[1].Status})
	require.ErrorIs(t, calls[0].Err, broken)
	require.ErrorContains(t, calls[1].Err, "reply of http status 200")
}

func TestCallsOfAContextAreCountedWithRepeatsAndWithinOthers(t *testing.T) {
	t.Parallel()
	org := newOrg(t)
	requests := 0
	org.outer = func(w http.ResponseWriter, _ *http.Request, _ []sub) bool {
		requests++
		if requests == 1 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		return requests == 1
	}
	client := org.client(salesforce.Config{JitterFunc: func() float64 { return 0 }})
	day, ofDay := salesforce.CountCalls(t.Context())
	for i, want := range []int{2, 1} { // the first is repeated
		batch, ofBatch := salesforce.CountCalls(day)
		require.Zero(t, ofBatch())
		_, err := client.Read(batch, salesforce.DescribeObject("Lead", ""))
		require.NoError(t, err)
		require.Equal(t, want, ofBatch(), "read %d", i)
	}
	require.Equal(t, 3, ofDay())
	_, err := client.Read(t.Context(), salesforce.DescribeObject("Lead", ""))
	require.NoError(t, err)
	require.Equal(t, 3, ofDay(), "calls of another context")
	require.Equal(t, 4, requests)
}

func TestClientReportsNoKey(t *testing.T) {
	t.Parallel()
	var calls []salesforce.Call
	client := (&wire{script: []line{{status: 200, body: `{"id":"00Q000000000001","success":true,` +
		`"created":true}`}}}).client(
		t,
		salesforce.Config{
			OnCall: func(_ context.Context, call salesforce.Call) { calls = append(calls, call) },
		},
		nil,
	)
	_, err := client.Write(t.Context(), salesforce.Write{
		Op: salesforce.OpUpsert, Object: "Lead", Key: salesforce.ExternalKey{Field: "Email", Value: "secret@example.com"},
		Fields: salesforce.Fields{"Title": "@{r0}"}, UpdateOnly: true,
	})
	require.NoError(t, err)
	require.Equal(t, "/services/data/v62.0/sobjects/Lead/Email", calls[0].Path)
}

func TestUsageReadsTheLimitHeader(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]salesforce.Usage{
		"api-usage=10018/100000":                                      {Calls: 1, Used: 10018, Limit: 100000},
		"api-usage=10018/100000; api-bursts=1/750":                    {Calls: 1, Used: 10018, Limit: 100000},
		"api-bursts=1/750 ;api-usage= 7 / 9 ":                         {Calls: 1, Used: 7, Limit: 9},
		"api-usage=25/5000; per-app-api-usage=17/250(appName=sample)": {Calls: 1, Used: 25, Limit: 5000},
		"per-app-api-usage=17/250(appName=sample)":                    {Calls: 1},
		"api-usage=1":                      {Calls: 1},
		"api-usage=x/y":                    {Calls: 1},
		"api-usage=-1/5":                   {Calls: 1},
		"api-usage=1/0":                    {Calls: 1},
		"api-usage=99999999999999999999/1": {Calls: 1},
		"":                                 {Calls: 1},
	} {
		w := &wire{script: []line{{status: 200, headers: map[string]string{"Sforce-Limit-Info": header}, body: created}}}
		client := w.client(t, salesforce.Config{}, nil)
		require.Zero(t, client.Usage())
		_, err := client.Write(t.Context(), update)
		require.NoError(t, err)
		require.Equal(t, want, client.Usage(), header)
	}
}

func TestUsageKeepsTheLastLimitHeader(t *testing.T) {
	t.Parallel()
	w := &wire{
		script: []line{{status: 200, headers: map[string]string{"Sforce-Limit-Info": "api-usage=1/5"}, body: created}, ok},
	}
	client := w.client(t, salesforce.Config{Timeout: time.Second}, nil)
	for range 2 {
		_, err := client.Write(t.Context(), update)
		require.NoError(t, err)
	}
	require.Equal(t, salesforce.Usage{Calls: 2, Used: 1, Limit: 5}, client.Usage())
}

func FuzzLimitHeader(f *testing.F) {
	f.Add("api-usage=10018/100000; api-bursts=1/750")
	f.Add("api-usage=/;=,api-usage")
	f.Fuzz(func(t *testing.T, header string) {
		w := &wire{script: []line{{status: 200, headers: map[string]string{"Sforce-Limit-Info": header}, body: created}}}
		client := w.client(t, salesforce.Config{}, nil)
		_, err := client.Write(t.Context(), update)
		require.NoError(t, err)
		usage := client.Usage()
		require.EqualValues(t, 1, usage.Calls)
		require.GreaterOrEqual(t, usage.Used, int64(0))
		require.GreaterOrEqual(t, usage.Limit, int64(0))
	})
}

func FuzzInstanceURL(f *testing.F) {
	for _, seed := range []string{
		instance, "https://x.salesforce.com@evil.example.org", "https://evil.example.org#.salesforce.com",
		"https://evil.example.org\\.salesforce.com", "https://x.salesforce.com:443/", "http://[::1]",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, address string) {
		w := &wire{script: []line{ok}}
		client, err := newClient(t, address, oauth2.StaticTokenSource(&oauth2.Token{AccessToken: "t"}), salesforce.Config{
			HTTPClient: &http.Client{Transport: w},
			MaxRetries: -1,
		})
		if err != nil {
			return
		}
		_, err = client.Write(t.Context(), update)
		require.NoError(t, err)
		for _, request := range w.sent {
			u, err := url.Parse(request.url)
			require.NoError(t, err)
			require.Equal(t, "https", u.Scheme)
			require.Regexp(t, `\.salesforce\.(com|mil)$`, u.Hostname())
		}
	})
}

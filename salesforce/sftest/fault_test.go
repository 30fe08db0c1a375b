// SPDX-License-Identifier: Apache-2.0

package sftest_test

import (
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce/sftest"
)

const newContact = `{"LastName":"L"}`

// What a client sees of each fault, and whether the row is there after it.
func TestFaults(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		fault  sftest.Fault
		status int // 0: the connection broke
		text   string
		rows   int
	}{
		{
			"status with Salesforce's own error", sftest.Fault{Status: 503}, 503,
			`[{"message":"Server Unavailable","errorCode":"SERVER_UNAVAILABLE"}]`, 0,
		},
		{
			"status with a body",
			sftest.Fault{Status: 400, Body: `[{"message":"m","errorCode":"UNABLE_TO_LOCK_ROW"}]`}, 400,
			`[{"message":"m","errorCode":"UNABLE_TO_LOCK_ROW"}]`, 0,
		},
		{
			"web page", sftest.Fault{Status: 502, HTML: true}, 502,
			`<html><head><title>502</title></head><body><h1>Bad Gateway</h1></body></html>`, 0,
		},
		{"connection cut before", sftest.Fault{DropBefore: true}, 0, "", 0},
		{"connection cut after", sftest.Fault{DropAfter: true}, 0, "", 1},
		{"answer cut", sftest.Fault{CutBody: true}, 0, "", 1},
		{"delay alone", sftest.Fault{Delay: time.Millisecond}, 201, "", 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			for _, network := range []bool{true, false} {
				org := sftest.NewOrg(t, sftest.WithResends())
				org.Fail(func(_ *http.Request, n int) *sftest.Fault {
					if n > 1 {
						return nil
					}
					return &tc.fault
				})
				a := &api{t, org}
				status, text, err := a.create(network)
				if tc.status == 0 {
					require.Error(t, err)
				} else {
					require.NoError(t, err)
					require.Equal(t, tc.status, status)
				}
				if tc.text != "" {
					require.Equal(t, tc.text, text)
				}
				require.Equal(t, tc.rows, org.Count("Contact"))
				status, _, err = a.create(network)
				require.NoError(t, err)
				require.Equal(t, 201, status, "the second request is none of the fault's business")
			}
		})
	}
}

// create posts a Contact without any retry, over the network or not.
func (a *api) create(network bool) (status int, text string, err error) {
	a.t.Helper()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	if !network {
		client.Transport = a.org.Transport()
	}
	req, err := http.NewRequestWithContext(a.t.Context(), http.MethodPost, a.org.URL()+base+"/sobjects/Contact",
		reader(newContact))
	require.NoError(a.t, err)
	req.Header.Set("Authorization", "Bearer "+a.org.Token())
	req.GetBody = nil
	res, err := client.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	return res.StatusCode, string(body), err
}

func reader(s string) io.Reader { return io.NopCloser(stringReader(s)) }

// The server keeps working after the client gave up
// (docs/salesforce.md, Repeats): the row comes seconds after the connection
// died. Virtual time, no network.
func TestFaultCommitsLater(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		org := sftest.NewOrg(t)
		org.Fail(func(*http.Request, int) *sftest.Fault { return &sftest.Fault{CommitLater: 30 * time.Second} })
		a := &api{t, org}
		_, _, err := a.createInProcess()
		require.Error(t, err)
		<-time.After(29 * time.Second)
		synctest.Wait()
		require.Zero(t, org.Count("Contact"))
		<-time.After(2 * time.Second)
		synctest.Wait()
		require.Equal(t, 1, org.Count("Contact"))
		require.Equal(t, 201, org.Requests()[0].Status)
	})
}

// createInProcess is create without a server, as a synctest bubble needs it.
func (a *api) createInProcess() (status int, text string, err error) {
	a.t.Helper()
	req, err := http.NewRequestWithContext(a.t.Context(), http.MethodPost,
		"https://org.example"+base+"/sobjects/Contact", reader(newContact))
	require.NoError(a.t, err)
	req.Header.Set("Authorization", "Bearer "+a.org.Token())
	res, err := a.org.Transport().RoundTrip(req)
	if err != nil {
		return 0, "", err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	return res.StatusCode, string(body), err
}

// A client that gives up does not undo what it asked for.
func TestRequestOutlivesItsClient(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		org := sftest.NewOrg(t, sftest.WithLatency(10*time.Second))
		client := &http.Client{Transport: org.Transport(), Timeout: time.Second}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://org.example"+base+"/sobjects/Contact",
			reader(newContact))
		require.NoError(t, err)
		req.Header.Set("Authorization", "Bearer "+org.Token())
		start := time.Now()
		_, err = client.Do(req) //nolint:bodyclose // there is none
		require.Error(t, err)
		require.Equal(t, time.Second, time.Since(start))
		require.Zero(t, org.Count("Contact"))
		<-time.After(10 * time.Second)
		synctest.Wait()
		require.Equal(t, 1, org.Count("Contact"))
	})
}

func TestFaultSeesTheRequest(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	var bodies []string
	var counts []int
	org.Fail(func(r *http.Request, n int) *sftest.Fault {
		body, err := io.ReadAll(r.Body)
		require.NoError(t, err)
		bodies, counts = append(bodies, string(body)), append(counts, n)
		return nil
	})
	a.do("POST", "/sobjects/Contact", newContact)
	a.do("GET", "/limits", nil)
	require.Equal(t, []string{newContact, ""}, bodies)
	require.Equal(t, []int{1, 2}, counts)
	require.Equal(t, 1, org.Count("Contact"))
	org.Fail(nil)
	require.Equal(t, 200, a.do("GET", "/limits", nil).Status)
}

// A hook that ends its goroutine, as require does when it fails, must not hang the
// client.
func TestTransportAnswersWhenAHookEndsTheGoroutine(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	org.OnRow("Contact", func(_ string, row map[string]any) *sftest.RowError {
		if row["LastName"] == "Bad" {
			runtime.Goexit()
		}
		return nil
	})
	sent := collection(false, rows("Contact", `{"LastName":"Good"}`, `{"LastName":"Bad"}`))
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost,
		"https://org.example"+base+"/composite/sobjects", strings.NewReader(string(sent)))
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer "+org.Token())
	_, err = org.Transport().RoundTrip(req) //nolint:bodyclose // there is none
	require.EqualError(t, err, "sftest: connection cut")
	require.Zero(t, org.Count("Contact"), "the transaction is taken back")
	a := &api{t, org}
	require.Equal(t, []string{"", ""}, a.do("POST", "/composite/sobjects", collection(false, contacts(2))).rowCodes())
	require.Equal(t, 2, org.Count("Contact"))
}

func TestOptionsRefuseWhatMakesNoSense(t *testing.T) {
	t.Parallel()
	for _, n := range []int{-1, 0, 2001} {
		require.Panics(t, func() { sftest.WithPageSize(n) }, n)
	}
	require.NotPanics(t, func() { sftest.WithPageSize(2000) })
	require.Panics(t, func() { sftest.NewOrg(t).FailBulk(1, "") })
}

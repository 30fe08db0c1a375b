// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// controlled runs fakeorg with the control API.
func controlled(t *testing.T, args ...string) (e controlledOrg) {
	t.Helper()
	line, stop := printed(t, io.Discard, append(args, "-control", "127.0.0.1:0")...)
	t.Cleanup(stop)
	e.line = line
	require.NoError(t, json.Unmarshal(line, &e))
	return e
}

type controlledOrg struct {
	endpoint
	Control      string
	ControlToken string `json:"control_token"`
	line         []byte
}

// control sends a request to the control API.
func (e controlledOrg) control(t *testing.T, method, path, body string) (int, map[string]any) {
	t.Helper()
	return endpoint{URL: e.Control, Token: e.ControlToken}.ask(t, http.DefaultClient, method, path, body)
}

// A test in another language needs nothing but its standard library.
func TestScenarioInPython(t *testing.T) {
	t.Parallel()
	python, err := exec.LookPath("python3")
	if err != nil && os.Getenv("CI") != "true" {
		t.Skip("there is no python3")
	}
	require.NoError(t, err)
	org := controlled(t, "-schema", "testdata/scenario.json")
	cmd := exec.CommandContext(t.Context(), python, "-I", "testdata/scenario.py")
	cmd.Stdin = strings.NewReader(string(org.line))
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	require.Equal(t, "done\n", string(out))
}

func TestControlIsForThisComputerAndItsTokenOnly(t *testing.T) {
	t.Parallel()
	for _, addr := range []string{"0.0.0.0:0", ":0", "example.com:0", "192.0.2.1:0", "127.0.0.1"} {
		c := &config{addr: "127.0.0.1:0", control: addr, empty: true}
		require.Error(t, run(t.Context(), c, io.Discard, io.Discard), addr)
	}
	org := controlled(t, "-empty")
	for _, token := range []string{"", org.Token, org.ControlToken + "x"} {
		status, _ := endpoint{URL: org.Control, Token: token}.ask(t, http.DefaultClient, "GET", "/org", "")
		require.Equal(t, 401, status)
	}
	status, about := org.control(t, "GET", "/org", "")
	require.Equal(t, 200, status)
	require.Equal(t, org.Token, about["token"])
	require.NotEqual(t, org.ControlToken, controlled(t, "-empty").ControlToken)
}

func TestControlSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	org := controlled(t, "-empty")
	for _, tc := range []struct{ method, path, body, says string }{
		{"POST", "/rows/Nope", `{}`, "no object Nope"},
		{"GET", "/rows/Nope", ``, "no object Nope"},
		{"POST", "/rows/Lead", `{"Nope":1}`, "Nope"},
		{"POST", "/merge", `{"object":"Lead","winner":"x"}`, "losers"},
		{"POST", "/merge", `{"winner":"x","losers":["y"]}`, "object: it is required"},
		{"POST", "/merge", `{"object":"Lead","losers":["y"]}`, "winner: it is required"},
		{"POST", "/convert", `{}`, "lead: it is required"},
		{"POST", "/clock", `{}`, "advance: it is required"},
		{"POST", "/clock", ``, "there is no JSON"},
		{"POST", "/clock", `{"advance":"1h"} {}`, "after the JSON"},
		{"POST", "/clock", `{"advance":"2562047h"}`, "advance: the clock may be 876000h0m0s ahead at most"},
		{"POST", "/refuse-tokens", `{"why":"app-blocked"}`, "times: it is required"},
		{"POST", "/refuse-tokens", `{"times":1}`, "why: it is required"},
		{"POST", "/lock", `{"tries":1}`, "object: it is required"},
		{"POST", "/lock", `{"object":"Lead"}`, "id: it is required"},
		{"POST", "/slow", `{"row":"1s"}`, "object: it is required"},
		{"POST", "/slow", `{"object":"Lead"}`, "row: it is required"},
		{"POST", "/restore", `{}`, "no snapshot 0"},
		{"PUT", "/faults", `[] []`, "after the JSON"},
		{"PUT", "/faults", `[{"status":500,"header":{"a b":"x"}}]`, `fault 0: header: "a b" is no name`},
		{"PUT", "/faults", `[{"status":500,"header":{"":"x"}}]`, `fault 0: header: "" is no name`},
		{"PUT", "/faults", `[{"status":500,"header":{"X-A":"x\r\nX-B: y"}}]`, "fault 0: header: the value of X-A"},
		{"PUT", "/faults", `[{"delay":"-1s"}]`, "fault 0: delay: must not be negative"},
		{"PUT", "/faults", `[{"commitLater":"-1s"}]`, "fault 0: commitLater: must not be negative"},
		{"POST", "/convert", `{"lead":"x"}`, "x"},
		{"POST", "/clock", `{"advance":"-1h"}`, "advance: must not be negative"},
		{"POST", "/clock", `{"advance":"soon"}`, "soon"},
		{"POST", "/refuse-tokens", `{"why":"mood","times":1}`, "mood"},
		{"POST", "/schema", `{"fields":{"Nope":[{"name":"X__c"}]}}`, "no object Nope"},
		{"POST", "/reset", `{"pageSize":9999}`, "page-size"},
		{"POST", "/reset", `{"session":"long"}`, "session: "},
		{"POST", "/reset", `{"nope":1}`, "nope"},
		{"POST", "/limits", `{"apiCalls":-1}`, "negative"},
		{"POST", "/limits", `{"latency":"-1s"}`, "negative"},
		{"POST", "/limits", `{"session":"long"}`, "session: "},
		{"POST", "/limits", `{"pageSize":10}`, "pageSize"},
		{"POST", "/schema", `{"apps":[{"clientId":"a","key":"secret"}]}`, "the key of app a: it is not PEM"},
		{"PUT", "/faults", `[{"path":"("}]`, "fault 0"},
		{"PUT", "/faults", `[{"method":"GET"}]`, "does nothing"},
		{"PUT", "/faults", `[{"delay":"x"}]`, "x"},
		{"PUT", "/faults", `[null]`, "null"},
		{"POST", "/restore", `{"snapshot":7}`, "7"},
		{"POST", "/lock", `{"object":"Lead","id":"x","tries":1}`, "x"},
		{"POST", "/lock", `{"object":"Lead","id":"x","tries":-1}`, "tries"},
		{"POST", "/slow", `{"object":"Nope","row":"1s"}`, "Nope"},
		{"POST", "/slow", `{"object":"Lead","row":"-1s"}`, "row"},
		{"POST", "/slow", `{"object":"Lead","row":"long"}`, "long"},
		{"POST", "/fail-bulk", `{"rows":1}`, "message"},
		{"POST", "/fail-bulk", `{"rows":-1,"message":"m"}`, "rows"},
	} {
		status, answer := org.control(t, tc.method, tc.path, tc.body)
		require.Equal(t, 400, status, tc)
		require.Contains(t, answer["error"], tc.says, tc)
	}
	status, _ := org.ask(t, http.DefaultClient, "GET", versionPath+"/limits", "")
	require.Equal(t, 200, status)
}

func TestClockIsNeverTooFarAhead(t *testing.T) {
	t.Parallel()
	org := controlled(t, "-empty")
	for range 2 { // the sum counts, and stays what it was
		status, _ := org.control(t, "POST", "/clock", `{"advance":"430000h"}`)
		require.Equal(t, 200, status)
	}
	_, before := org.control(t, "GET", "/org", "")
	status, answer := org.control(t, "POST", "/clock", `{"advance":"430000h"}`)
	require.Equal(t, 400, status, answer)
	_, after := org.control(t, "GET", "/org", "")
	require.Equal(t, before["now"].(string)[:len("2006-01")], after["now"].(string)[:len("2006-01")])
}

func TestRowsAreChangedOnlyAsTheyCanBe(t *testing.T) {
	t.Parallel()
	org := controlled(t, "-empty")
	status, made := org.control(t, "POST", "/rows/Lead", `{"LastName":"L","Company":"C"}`)
	require.Equal(t, 200, status)
	_, other := org.control(t, "POST", "/rows/Lead", `{"LastName":"M","Company":"C"}`)
	id := made["id"].(string)
	row, id15 := "/rows/Lead/"+id, id[:15]
	for _, tc := range []struct {
		method, path, body string
		status             int
		says               string
	}{
		{"PATCH", row, `{"Id":"` + other["id"].(string) + `"}`, 400, "the Id of a row cannot change"},
		{"PATCH", row, `{"iD":"00Q000000000abc"}`, 400, "the Id of a row cannot change"},
		{"PATCH", row, `{"Id":null}`, 400, "the Id of a row cannot change"},
		{"PATCH", row, `{"Id":"` + id15 + `","Title":"T"}`, 200, ""},
		{"POST", row + "/undelete", ``, 409, "Lead " + id + " is not deleted"},
		{"DELETE", "/rows/Lead/" + id15, ``, 200, ""},
		{"DELETE", row, ``, 409, "Lead " + id + " is deleted"},
		{"PATCH", row, `{"Title":"T"}`, 409, "Lead " + id + " is deleted"},
		{"POST", row + "/undelete", ``, 200, ""},
		{"PATCH", row, `{"Title":"T"}`, 200, ""},
		{"PATCH", "/rows/Lead/00Q000000000abc", `{"Title":"T"}`, 404, "the org has no Lead 00Q000000000abc"},
		{"DELETE", "/rows/Lead/x", ``, 404, "the org has no Lead x"},
		{"POST", "/rows/Lead/x/undelete", ``, 404, "the org has no Lead x"},
		{"DELETE", "/rows/Nope/x", ``, 400, "no object Nope"},
		{"GET", "/nowhere", ``, 404, "there is nothing at /nowhere"},
		{"PUT", "/clock", ``, 405, "/clock takes POST, not PUT"},
	} {
		status, answer := org.control(t, tc.method, tc.path, tc.body)
		require.Equal(t, tc.status, status, tc)
		says, _ := answer["error"].(string)
		require.Contains(t, says, tc.says, tc)
	}
}

func TestLimitsChangeWhileTheOrgRuns(t *testing.T) {
	t.Parallel()
	org := controlled(t, "-empty", "-session", "2h")
	status, limits := org.control(t, "POST", "/limits", "")
	require.Equal(t, 200, status)
	require.Equal(t, map[string]any{"apiCalls": 5e6, "longRequests": 5.0, "storageRows": 0.0, "session": "2h0m0s",
		"latency": "0s"}, limits)
	const lead = `{"LastName":"L","Company":"C"}`
	create := func() int {
		status, _ := org.ask(t, http.DefaultClient, "POST", versionPath+"/sobjects/Lead", lead)
		return status
	}
	require.Equal(t, 201, create())
	status, limits = org.control(t, "POST", "/limits", `{"storageRows":1,"apiCalls":3}`)
	require.Equal(t, 200, status)
	require.Equal(t, []any{3.0, 1.0, "2h0m0s"}, []any{limits["apiCalls"], limits["storageRows"], limits["session"]})
	require.Equal(t, []int{400, 400, 403}, []int{create(), create(), create()}, "full, full, and no call left")
	status, _ = org.control(t, "POST", "/limits", `{"storageRows":0,"apiCalls":10}`)
	require.Equal(t, 200, status)
	require.Equal(t, 201, create())
}

func TestJobFailsOnDemand(t *testing.T) {
	t.Parallel()
	org := controlled(t, "-empty")
	for path, body := range map[string]string{
		"/fail-bulk": `{"message":"InternalServerError : try again"}`, "/slow": `{"object":"Lead","row":"0s"}`,
	} {
		status, _ := org.control(t, "POST", path, body)
		require.Equal(t, 200, status)
	}
	const jobs = versionPath + "/jobs/ingest"
	status, job := org.ask(t, http.DefaultClient, "POST", jobs, `{"object":"Lead","operation":"insert"}`)
	require.Equal(t, 200, status)
	one := jobs + "/" + job["id"].(string)
	status, _ = org.ask(t, http.DefaultClient, "PUT", one+"/batches", "LastName,Company\nL,C\n")
	require.Equal(t, 201, status)
	status, _ = org.ask(t, http.DefaultClient, "PATCH", one, `{"state":"UploadComplete"}`)
	require.Equal(t, 200, status)
	require.Eventually(t, func() bool {
		_, job = org.ask(t, http.DefaultClient, "GET", one, "")
		return job["state"] == "Failed"
	}, time.Minute, time.Millisecond)
	require.Equal(t, "InternalServerError : try again", job["errorMessage"])
}

func TestFaultsTakeTheRequestsThatTheyMatch(t *testing.T) {
	t.Parallel()
	org := controlled(t, "-empty")
	status, _ := org.control(t, "PUT", "/faults", `[
		{"method":"get","path":"/limits$","skip":1,"times":2,"status":500,"header":{"X-Why":"test"}},
		{"path":"/sobjects/Contact","dropAfter":true},
		{"path":"recordCount","status":502,"html":true}]`)
	require.Equal(t, 200, status)
	var statuses []int
	for range 4 {
		status, _ := org.ask(t, http.DefaultClient, "GET", versionPath+"/limits", "")
		statuses = append(statuses, status)
	}
	require.Equal(t, []int{200, 500, 500, 200}, statuses)
	status, _ = org.ask(t, http.DefaultClient, "GET", versionPath+"/limits/recordCount", "")
	require.Equal(t, 502, status)

	req, err := http.NewRequestWithContext(t.Context(), "POST", org.URL+versionPath+"/sobjects/Contact",
		strings.NewReader(`{"LastName":"L"}`))
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer "+org.Token)
	_, err = http.DefaultClient.Do(req) //nolint:bodyclose // there is no answer
	require.Error(t, err)
	status, _ = org.control(t, "DELETE", "/faults", "")
	require.Equal(t, 200, status)
	status, page := org.ask(t, http.DefaultClient, "GET", versionPath+"/query?q=SELECT+Id+FROM+Contact", "")
	require.Equal(t, 200, status)
	require.Len(t, page["records"], 1, "the create was carried out")
}

// The description in docs has every operation, and no other.
func TestControlIsDescribed(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/fakeorg.json")
	require.NoError(t, err)
	var described struct {
		Paths      map[string]map[string]any
		Components struct {
			Schemas map[string]struct{ Enum []string }
		}
	}
	require.NoError(t, json.Unmarshal(text, &described))
	var got, want []string
	for path, operations := range described.Paths {
		for method := range operations {
			got = append(got, strings.ToUpper(method)+" "+path)
		}
	}
	for _, r := range routes() {
		want = append(want, r.method+" "+r.path)
	}
	require.ElementsMatch(t, want, got)
	var names []string
	for name := range refusals() {
		names = append(names, name)
	}
	require.ElementsMatch(t, names, described.Components.Schemas["refusal"].Enum)
}

// SPDX-License-Identifier: Apache-2.0

package sftest_test

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce/sftest"
)

func stringReader(s string) io.Reader { return strings.NewReader(s) }

// docs/salesforce.md, Requests: oldest first, no token needed, no call, no
// limit header.
func TestVersionsAreFree(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	res, err := a.send("GET", "/services/data", nil, "Authorization", "")
	require.NoError(t, err)
	require.Equal(t, 200, res.Status)
	require.Equal(t, map[string]any{"label": "Summer '14", "url": "/services/data/v31.0", "version": "31.0"}, res.at(0))
	require.Equal(t, "Spring '26", res.at(35, "label"))
	require.Equal(t, "66.0", res.at(35, "version"))
	require.Empty(t, res.Header.Get("Sforce-Limit-Info"))
	require.Zero(t, org.Calls())
}

func TestAnyKnownVersionWorks(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	id := addLead(org, "a@example.com")
	for version, status := range map[string]int{"v31.0": 200, "v62.0": 200, "v67.0": 200, "v30.0": 410, "v99.0": 404} {
		res, err := a.send("GET", "/services/data/"+version+"/sobjects/Lead/"+id, nil)
		require.NoError(t, err)
		require.Equal(t, status, res.Status, version)
		if status == 200 {
			require.Equal(t, "/services/data/"+version+"/sobjects/Lead/"+id, res.at("attributes", "url"))
		}
	}
	require.Equal(t, base+"/sobjects", a.do("GET", "/", nil).at("sobjects"))
	require.InDelta(t, 1, a.do("GET", "/limits/recordCount?sObjects=Lead", nil).at("sObjects", 0, "count"), 0)
}

func TestUnknownResourceFailsTheTest(t *testing.T) {
	t.Parallel()
	for _, path := range []string{
		base + "/jobs/other", base + "/sobjects/Lead/describe/approvalLayouts",
		base + "/composite/sobjects/Lead/a/b", "/services/apexrest/x", "/services/oauth2/device",
		base + "/sobjects/Lead/quickActions", base + "/sobjects/Lead/00QdM000000000HUAQ/Owner",
		base + "/limits/other", base + "/tooling/sobjects", "/services/data/latest/limits",
	} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			tb := &spy{}
			org := sftest.NewOrg(tb)
			defer org.Close()
			res, err := (&api{t, org}).send("GET", path, nil)
			require.NoError(t, err)
			require.Contains(t, res.Text, path)
			require.Equal(t, 501, res.Status)
			require.Len(t, tb.complaints, 1)
			require.Len(t, tb.cleanups, 1)
		})
	}
}

// An object that every org has and the fake has not is not refused as a wrong name
// is, whoever names it.
func TestObjectsThatTheFakeLacksFailTheTest(t *testing.T) {
	t.Parallel()
	ask := map[string]func(a *api) *response{
		"row":     func(a *api) *response { return a.do("GET", "/sobjects/asset/02idM0000000001", nil) },
		"query":   func(a *api) *response { return a.query("SELECT Id FROM UserRecordAccess") },
		"history": func(a *api) *response { return a.query("SELECT Id FROM LeadHistory") },
		"join": func(a *api) *response {
			return a.query("SELECT Id FROM Contact WHERE Id IN (SELECT ContactId FROM Asset)")
		},
		"collection": func(a *api) *response {
			return a.do("POST", "/composite/sobjects", collection(false, contacts(1), rows("Product2", `{}`)))
		},
		"tree": func(a *api) *response { return a.do("POST", "/composite/tree/Order", `{"records":[]}`) },
		"bulk": func(a *api) *response {
			return a.do("POST", "/jobs/ingest", fields{"object": "Asset", "operation": "insert"})
		},
		"count": func(a *api) *response { return a.do("GET", "/limits/recordCount?sObjects=Lead,Quote", nil) },
		"subrequest": func(a *api) *response {
			return a.composite(false, get("p", "/sobjects/EmailTemplate/describe"))[0]
		},
	}
	for name, ask := range ask {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tb := &spy{}
			org := sftest.NewOrg(tb)
			defer org.Close()
			a := &api{t, org}
			ask(a).refused(t, 501, "NOT_IMPLEMENTED")
			require.Len(t, tb.complaints, 1)
			require.Equal(t, 200, a.query("SELECT Id FROM Lead").Status, "the next request is answered")
		})
	}
}

func TestObjectThatTheFakeLacksCanBeDefined(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	org.DefineObject("Solution", "501", sftest.Field{Name: "Subject"})
	require.Equal(t, 201, a.do("POST", "/sobjects/Solution", `{"Subject":"Lost badge"}`).Status)
	require.Equal(t, []string{"Lost badge"}, a.column("SELECT Subject FROM Solution", "Subject"))
}

// What an update does with it is not documented, and could overwrite what is newer.
func TestUpdateIfModifiedSinceFailsTheTest(t *testing.T) {
	t.Parallel()
	tb := &spy{}
	org := sftest.NewOrg(tb)
	defer org.Close()
	id := addLead(org, "l@example.com")
	(&api{t, org}).do("PATCH", "/sobjects/Lead/"+id, `{"Title":"T"}`, "If-Modified-Since",
		"Mon, 01 Jan 2001 00:00:00 GMT").refused(t, 501, "NOT_IMPLEMENTED")
	require.Nil(t, org.Row("Lead", id)["Title"])
	require.Len(t, tb.complaints, 1)
}

func TestOrgWithoutTestAnswers501(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(nil)
	defer org.Close()
	require.Equal(t, 501, (&api{t, org}).do("GET", "/tooling/sobjects", nil).Status)
}

// docs/salesforce.md, Headers: bodies may be packed in both directions.
func TestBodiesMayBePacked(t *testing.T) {
	t.Parallel()
	org, _ := newAPI(t)
	for encoding, pack := range map[string]func(io.Writer) io.WriteCloser{
		"gzip":    func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) },
		"deflate": func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) },
	} {
		var packed bytes.Buffer
		w := pack(&packed)
		_, err := io.WriteString(w, newContact)
		require.NoError(t, err)
		require.NoError(t, w.Close())
		req, err := http.NewRequestWithContext(t.Context(), "POST", org.URL()+base+"/sobjects/Contact", &packed)
		require.NoError(t, err)
		req.Header.Set("Authorization", "Bearer "+org.Token())
		req.Header.Set("Content-Encoding", encoding)
		req.Header.Set("Accept-Encoding", "gzip")
		res, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		defer res.Body.Close()
		require.Equal(t, 201, res.StatusCode)
		require.Equal(t, "gzip", res.Header.Get("Content-Encoding"))
		unpacked, err := gzip.NewReader(res.Body)
		require.NoError(t, err)
		var body map[string]any
		require.NoError(t, json.NewDecoder(unpacked).Decode(&body))
		require.Equal(t, true, body["success"])
	}
	require.Equal(t, 2, org.Count("Contact"))
}

func TestEncodingOfNoBodyIsIgnored(t *testing.T) {
	t.Parallel()
	_, a := newAPI(t)
	require.Equal(t, 200, a.do("GET", "/limits", nil, "Content-Encoding", "gzip").Status)
}

// docs/salesforce.md, Limits: 414 for a long URI, 431 when it is long with the
// headers.
func TestLongRequestsAreRefused(t *testing.T) {
	t.Parallel()
	_, a := newAPI(t)
	long := "/query?q=" + strings.Repeat("x", 16_384)
	require.Equal(t, 414, a.do("GET", long, nil).Status)
	require.Equal(t, 431, a.do("GET", "/limits", nil, "X-Long", strings.Repeat("x", 16_384)).Status)
}

// docs/salesforce.md, Requests: messages are in the user's language.
func TestMessagesMayBeInAnotherLanguage(t *testing.T) {
	t.Parallel()
	_, a := newAPI(t, sftest.WithMessages(func(code, _ string) string { return "¿" + code + "?" }))
	res := a.do("POST", "/sobjects/Lead", `{}`)
	require.Equal(t, "¿REQUIRED_FIELD_MISSING?", res.at(0, "message"))
	require.Equal(t, "REQUIRED_FIELD_MISSING", res.code())
	rows := a.composite(false, post("c", "/composite/sobjects", collection(false, rows("Lead", `{}`))))
	require.Equal(t, "¿REQUIRED_FIELD_MISSING?", rows[0].at(0, "errors", 0, "message"))
	require.InDelta(t, 0, a.query("SELECT Id FROM Lead").at("totalSize"), 0)
}

func TestHandlerServesElsewhere(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	server := httptest.NewServer(org.Handler())
	defer server.Close()
	req, err := http.NewRequestWithContext(t.Context(), "GET", server.URL+"/services/oauth2/userinfo", nil)
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer "+org.Token())
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer res.Body.Close()
	var info struct{ URLs map[string]string }
	require.NoError(t, json.NewDecoder(res.Body).Decode(&info))
	require.Equal(t, server.URL, info.URLs["custom_domain"])
}

func TestClosedOrgStopsAnswering(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(nil)
	a := &api{t, org}
	require.Equal(t, 200, a.do("GET", "/limits", nil).Status)
	org.Close()
	org.Close()
	_, err := a.send("GET", base+"/limits", nil)
	require.Error(t, err)
}

// Requests may come at the same time; -race watches.
func TestConcurrentRequests(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	org.AddExternalID("Contact")
	org.OnRequest(func(sftest.Request) {})
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 20 {
				_, err := a.send("PATCH", base+"/sobjects/Contact/LeadsyncKey__c/one", newContact)
				if err != nil {
					t.Error(err)
				}
				_, err = a.send("GET", base+"/query?q=SELECT+Id+FROM+Contact", nil)
				if err != nil {
					t.Error(err)
				}
				org.Rows("Contact")
			}
		})
	}
	wg.Wait()
	require.Equal(t, 1, org.Count("Contact"))
	require.Equal(t, 320, org.Calls())
}

// Whether a null parent empties the reference, is ignored or refused is unknown.
func TestNullParentsFailTheTest(t *testing.T) {
	t.Parallel()
	tb := &spy{}
	org := sftest.NewOrg(tb, sftest.WithBulkPolls(0))
	defer org.Close()
	org.AddExternalID("Account")
	a := &api{t, org}
	a.do("POST", "/sobjects/Contact", `{"LastName":"L","account":null}`).refused(t, 501, "NOT_IMPLEMENTED")
	job := a.load(fields{"object": "Contact", "operation": "insert"}, "LastName,Account.LeadsyncKey__c\nL,#N/A\n")
	a.ended(job, "JobComplete")
	require.Contains(t, a.lines(job + "/failedResults")[0], "NOT_IMPLEMENTED")
	require.Len(t, tb.complaints, 2)
	require.Zero(t, org.Count("Contact"))
}

func TestFieldsOfReferencesToObjectsOfTheRealOrgFailTheTest(t *testing.T) {
	t.Parallel()
	tb := &spy{}
	org := sftest.NewOrg(tb)
	defer org.Close()
	a := &api{t, org}
	a.do("POST", "/sobjects/Lead", `{"LastName":"L","Company":"C","DandbCompanyId":"06E000000000001AAA"}`).refused(t, 501,
		"NOT_IMPLEMENTED")
	require.Len(t, tb.complaints, 1)
	require.Zero(t, org.Count("Lead"))

	org.DefineField("Lead", sftest.Field{Name: "DandbCompanyId"})
	org.HideField("Lead", "DandbCompanyId")
	a.do("POST", "/sobjects/Lead", `{"LastName":"L","Company":"C","DandbCompanyId":"x"}`).refused(t, 400, "INVALID_FIELD")
	a.query("SELECT DandbCompanyId FROM Lead").refused(t, 400, "INVALID_FIELD")
	require.Len(t, tb.complaints, 1, "it is there, and hidden")
}

// A host's tests run beside one another, on the connections of http.DefaultClient.
func TestCloseLeavesTheConnectionsOfOthers(t *testing.T) { //nolint:paralleltest // others close connections too
	var connections atomic.Int32
	other := httptest.NewUnstartedServer(http.NotFoundHandler())
	other.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	other.Start()
	defer other.Close()
	ask := func(url string) error {
		req, err := http.NewRequestWithContext(t.Context(), "GET", url, nil)
		require.NoError(t, err)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			return err
		}
		_, err = io.Copy(io.Discard, res.Body)
		return errors.Join(err, res.Body.Close())
	}
	org := sftest.NewOrg(t)
	require.NoError(t, ask(org.URL()+"/services/data"))
	require.NoError(t, ask(other.URL))

	org.Close()

	require.NoError(t, ask(other.URL))
	require.EqualValues(t, 1, connections.Load())
	require.Error(t, ask(org.URL()+"/services/data"))
}

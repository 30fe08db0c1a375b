// SPDX-License-Identifier: Apache-2.0

package sftest_test

import (
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce/sftest"
)

// An async is a client of the first Bulk API.
type async struct {
	t       *testing.T
	org     *sftest.Org
	session string
}

func newAsync(t *testing.T) (*sftest.Org, *async) {
	t.Helper()
	org := sftest.NewOrg(t, sftest.WithBulkPolls(1))
	org.AddExternalID("Lead", "Account")
	return org, &async{t, org, org.Token()}
}

func (a *async) do(method, path, kind, body string) (status int, text string) {
	a.t.Helper()
	req, err := http.NewRequestWithContext(a.t.Context(), method, a.org.URL()+"/services/async/62.0/job"+path,
		strings.NewReader(body))
	require.NoError(a.t, err)
	req.Header.Set("X-SFDC-Session", a.session)
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	res, err := http.DefaultClient.Do(req)
	require.NoError(a.t, err)
	defer func() { require.NoError(a.t, res.Body.Close()) }()
	data, err := io.ReadAll(res.Body)
	require.NoError(a.t, err)
	return res.StatusCode, string(data)
}

const (
	inXML  = "application/xml; charset=utf-8"
	inJSON = "application/json"
	inCSV  = "text/csv"
)

var elementID = regexp.MustCompile(`<id>(\w{18})</id>`)

// create makes a job by XML, and returns its address.
func (a *async) create(members string) string {
	a.t.Helper()
	status, text := a.do("POST", "", inXML,
		`<?xml version="1.0" encoding="UTF-8"?><jobInfo xmlns="http://www.force.com/2009/06/asyncapi/dataload">`+members+
			`</jobInfo>`)
	require.Equal(a.t, 201, status, text)
	require.Contains(a.t, text, "<state>Open</state>")
	return "/" + elementID.FindStringSubmatch(text)[1]
}

// batch adds a batch by CSV, and returns its address.
func (a *async) batch(job, data string) string {
	a.t.Helper()
	status, text := a.do("POST", job+"/batch", inCSV, data)
	require.Equal(a.t, 201, status, text)
	require.Contains(a.t, text, "<state>Queued</state>")
	return job + "/batch/" + elementID.FindStringSubmatch(text)[1]
}

// look polls until the batch has ended, and returns its info.
func (a *async) look(batch string) string {
	a.t.Helper()
	_, text := a.do("GET", batch, "", "")
	require.Contains(a.t, text, "<state>Queued</state>")
	_, text = a.do("GET", batch, "", "")
	return text
}

func TestFirstBulkAPILoadsCSVInOrder(t *testing.T) {
	t.Parallel()
	org, a := newAsync(t)
	old := org.Insert("Lead", map[string]any{"LeadsyncKey__c": "old", "LastName": "Before", "Company": "Co"})
	job := a.create("<operation>upsert</operation><object>Lead</object>" +
		"<externalIdFieldName>LeadsyncKey__c</externalIdFieldName><contentType>CSV</contentType>")
	batch := a.batch(job, "LeadsyncKey__c,LastName,Company\nnew,New,Co\nshort,,\nold,After,#N/A\nold2,Late,Co\n")
	info := a.look(batch)
	require.Contains(t, info, "<state>Completed</state>")
	require.Contains(t, info, "<numberRecordsProcessed>4</numberRecordsProcessed>")
	require.Contains(t, info, "<numberRecordsFailed>2</numberRecordsFailed>")

	_, text := a.do("GET", batch+"/result", "", "")
	lines := strings.Split(text, "\n")
	require.Equal(t, `"Id","Success","Created","Error"`, lines[0])
	require.Regexp(t, `^"00Q\w{15}","true","true",""$`, lines[1])
	require.Equal(t, `"","false","false",`+
		`"REQUIRED_FIELD_MISSING:Required fields are missing: [LastName, Company]:LastName Company --"`, lines[2])
	require.Contains(t, lines[3], `"REQUIRED_FIELD_MISSING:`)
	require.Equal(t, "Before", org.Row("Lead", old)["LastName"])

	status, text := a.do("POST", job, inXML, "<jobInfo><state>Closed</state></jobInfo>")
	require.Equal(t, 200, status)
	require.Contains(t, text, "<state>Closed</state>")
	require.Contains(t, text, "<numberBatchesCompleted>1</numberBatchesCompleted>")
	status, text = a.do("POST", job+"/batch", inCSV, "LastName\nX\n")
	require.Equal(t, 400, status)
	require.Contains(t, text, "<exceptionCode>InvalidJobState</exceptionCode>")
	_, text = a.do("GET", batch+"/request", "", "")
	require.True(t, strings.HasPrefix(text, "LeadsyncKey__c,LastName,Company\n"))
}

func TestFirstBulkAPILoadsAndReadsJSON(t *testing.T) {
	t.Parallel()
	org, a := newAsync(t)
	account := org.Insert("Account", map[string]any{"Name": "Engines", "LeadsyncKey__c": "acme"})
	run := func(operation, object, data string) string {
		status, text := a.do("POST", "", inJSON,
			`{"operation":"`+operation+`","object":"`+object+`","contentType":"JSON"}`)
		require.Equal(t, 201, status, text)
		var info struct{ ID, State string }
		require.NoError(t, json.Unmarshal([]byte(text), &info))
		job := "/" + info.ID
		_, text = a.do("POST", job+"/batch", inJSON, data)
		require.NoError(t, json.Unmarshal([]byte(text), &info))
		batch := job + "/batch/" + info.ID
		a.do("GET", batch, inJSON, "")
		_, text = a.do("GET", batch, inJSON, "")
		require.NoError(t, json.Unmarshal([]byte(text), &info))
		require.Equal(t, "Completed", info.State, text)
		return batch
	}
	batch := run("insert", "Contact", `[{"LastName":"Ada","Account":{"LeadsyncKey__c":"acme"}},{"FirstName":"X"}]`)
	_, text := a.do("GET", batch+"/result", inJSON, "")
	require.Regexp(t, `^\[{"success":true,"created":true,"id":"003\w{15}","errors":\[\]},`+
		`{"success":false,"created":false,"id":null,"errors":\[{"extendedErrorDetails":null,"fields":\["LastName"\],`+
		`"message":"Required fields are missing: \[LastName\]","statusCode":"REQUIRED_FIELD_MISSING"}\]}\]$`, text)
	require.Equal(t, account, org.Rows("Contact")[0]["AccountId"])

	batch = run("query", "Contact", "SELECT LastName, Account.Name FROM Contact")
	_, text = a.do("GET", batch+"/result", inJSON, "")
	var results []string
	require.NoError(t, json.Unmarshal([]byte(text), &results))
	_, text = a.do("GET", batch+"/result/"+results[0], inJSON, "")
	require.Regexp(t, `^\[{"attributes":{"type":"Contact","url":"/services/data/v62.0/sobjects/Contact/003\w{15}"},`+
		`"LastName":"Ada","Account":{"attributes":.*"Name":"Engines"}}\]$`, text)
}

func TestFirstBulkAPIQueriesAndRefuses(t *testing.T) {
	t.Parallel()
	org, a := newAsync(t)
	org.Insert("Lead", map[string]any{"LastName": "Ada", "Company": "Co"})
	job := a.create("<operation>query</operation><object>Lead</object><contentType>CSV</contentType>")
	batch := a.batch(job, "SELECT LastName FROM Lead")
	require.Contains(t, a.look(batch), "<state>Completed</state>")
	_, text := a.do("GET", batch+"/result", "", "")
	id := regexp.MustCompile(`<result>(\w+)</result>`).FindStringSubmatch(text)
	require.NotNil(t, id, text)
	_, text = a.do("GET", batch+"/result/"+id[1], "", "")
	require.Equal(t, "\"LastName\"\n\"Ada\"\n", text)

	bad := a.look(a.batch(job, "SELECT Nope FROM Lead"))
	require.Contains(t, bad, "<state>Failed</state><stateMessage>InvalidBatch : Failed to process query: INVALID_FIELD:")
	_, text = a.do("GET", job+"/batch", "", "")
	require.Equal(t, 2, strings.Count(text, "<batchInfo>"))

	waiting := a.batch(job, "SELECT Id FROM Lead")
	_, text = a.do("POST", job, inXML, "<jobInfo><state>Aborted</state></jobInfo>")
	require.Contains(t, text, "<state>Aborted</state>")
	_, text = a.do("GET", waiting, "", "")
	require.Contains(t, text, "<state>NotProcessed</state>")

	for _, c := range [][2]string{
		{"<operation>guess</operation><object>Lead</object><contentType>CSV</contentType>", "Invalid operation: guess"},
		{"<operation>insert</operation><object>Nope</object><contentType>CSV</contentType>", "Unable to find object: Nope"},
		{"<operation>upsert</operation><object>Lead</object><contentType>CSV</contentType>", "External ID was blank"},
	} {
		status, text := a.do("POST", "", inXML, "<jobInfo>"+c[0]+"</jobInfo>")
		require.Equal(t, 400, status)
		require.Contains(t, text, "<exceptionCode>InvalidJob</exceptionCode>")
		require.Contains(t, text, c[1])
	}
	a.session = "00D!expired"
	status, text := a.do("GET", job, "", "")
	require.Equal(t, 400, status)
	require.Contains(t, text, "<exceptionCode>InvalidSessionId</exceptionCode>"+
		"<exceptionMessage>Invalid session id</exceptionMessage>")
	_, text = a.do("GET", job, inJSON, "")
	require.JSONEq(t, `{"exceptionCode":"InvalidSessionId","exceptionMessage":"Invalid session id"}`, text)
}

func TestFirstBulkAPICountsCalls(t *testing.T) {
	t.Parallel()
	org, a := newAsync(t)
	job := a.create("<operation>insert</operation><object>Lead</object><contentType>CSV</contentType>")
	a.batch(job, "LastName,Company\nAda,Co\n")
	require.Equal(t, 2, org.Calls())
	require.Equal(t, 1, org.Requests()[1].Writes)
	require.NotContains(t, org.Requests()[1].Path, org.Token())
}

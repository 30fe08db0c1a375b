// SPDX-License-Identifier: Apache-2.0

package salesforce_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/soql"
)

// page is a page of a query's answer.
func page(total int, next string, ids ...salesforce.ID) reply {
	records := make([]record, len(ids))
	for i, id := range ids {
		records[i] = record{"attributes": record{"type": "Lead"}, "Id": id}
	}
	body := record{"totalSize": total, "done": next == "", "records": records}
	if next != "" {
		body["nextRecordsUrl"] = next
	}
	return reply{status: 200, body: body}
}

func describe(object string) reply {
	return reply{
		status:  200,
		headers: map[string]string{"last-modified": "Wed, 21 Oct 2026 07:28:00 GMT"},
		body: record{
			"name":       object,
			"createable": true,
			"fields":     []record{{"name": "LastName", "type": "string", "length": 80}},
		},
	}
}

// statement is the SOQL of a query subrequest.
func (s sub) statement(t *testing.T) string {
	u, err := url.Parse(s.URL)
	require.NoError(t, err)
	return u.Query().Get("q")
}

func byEmail(email string) *soql.Select {
	return soql.From("Lead", "Id").Where(soql.Eq("Email", email))
}

func TestReadPacksAllKindsIntoOneCall(t *testing.T) {
	t.Parallel()
	org := newOrg(t)
	id := testID("00Q", 1)
	org.answer = func(s sub) reply {
		require.Equal(t, http.MethodGet, s.Method)
		require.Empty(t, s.Body)
		switch s.URL {
		case "/services/data/v62.0/sobjects/Lead/describe":
			require.Empty(t, s.Headers)
			return describe("Lead")
		case "/services/data/v62.0/sobjects/Contact/describe":
			require.Equal(t, map[string]string{"If-Modified-Since": "Wed, 21 Oct 2026 07:28:00 GMT"}, s.Headers)
			return reply{status: 304}
		case "/services/data/v62.0/sobjects/Lead/" + string(id) + "?fields=Id,Email,Owner.Name":
			return reply{status: 200, body: record{"attributes": record{"type": "Lead"}, "Id": id, "Email": nil}}
		case "/services/data/v62.0/sobjects/Lead/" + string(id):
			return reply{status: 200, body: record{"attributes": record{"type": "Lead"}, "Id": id, "Name": "Ada"}}
		}
		switch {
		case strings.HasPrefix(s.URL, "/services/data/v62.0/query?"):
			require.Equal(t, "SELECT Id FROM Lead WHERE Email = 'a+b&c@example.com'", s.statement(t))
			return page(1, "", id)
		case strings.HasPrefix(s.URL, "/services/data/v62.0/queryAll?"):
			return page(0, "")
		}
		t.Errorf("unexpected %s", s.URL)
		return reply{}
	}
	results, err := org.client(salesforce.Config{}).Read(t.Context(),
		salesforce.DescribeObject("Lead", ""),
		salesforce.Query(byEmail("a+b&c@example.com")),
		salesforce.DescribeObject("Contact", "Wed, 21 Oct 2026 07:28:00 GMT"),
		salesforce.Get("Lead", id[:15], "Email", "id", "Owner.Name"),
		salesforce.Get("Lead", id),
		salesforce.QueryAll(byEmail("x")),
	)
	require.NoError(t, err)
	require.Equal(t, 1, org.callCount())
	for _, result := range results {
		require.NoError(t, result.Err)
	}
	require.Equal(t, "Wed, 21 Oct 2026 07:28:00 GMT", results[0].Describe.LastModified)
	field, ok := results[0].Describe.Field("lastname")
	require.True(t, ok)
	require.Equal(t, 80, field.Length)
	require.Equal(t, id, results[1].Records[0].ID)
	require.True(t, results[2].NotModified)
	require.Nil(t, results[2].Describe)
	require.Equal(t, id, results[3].Records[0].ID)
	require.Equal(t, "Ada", results[4].Records[0].Text("Name"))
	require.Empty(t, results[5].Records)
}

func TestAStatementIsEscapedAsAQuery(t *testing.T) {
	t.Parallel()
	org := newOrg(t)
	var got string
	org.answer = func(s sub) reply {
		got = s.URL
		return page(0, "")
	}
	var text strings.Builder
	for c := rune(' '); c <= 0x17f; c++ {
		text.WriteRune(c)
	}
	read := salesforce.Query(byEmail(text.String() + "\U0001f600"))
	statement, err := read.Query.Build()
	require.NoError(t, err)
	_, err = org.client(salesforce.Config{}).Read(t.Context(), read)
	require.NoError(t, err)
	require.Equal(t, "/services/data/v62.0/query?q="+url.QueryEscape(statement), got)
}

func TestReadSpendsTheFewestCalls(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ queries, describes, calls int }{
		"none":                  {0, 0, 0},
		"one":                   {1, 0, 1},
		"5 queries":             {5, 20, 1},
		"6 queries":             {6, 0, 2},
		"25 describes":          {0, 25, 1},
		"26 describes":          {0, 26, 2},
		"queries bound":         {11, 30, 3},
		"subrequests bound":     {5, 46, 3},
		"describes fill a call": {6, 44, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			org := newOrg(t)
			org.answer = func(s sub) reply {
				if strings.Contains(s.URL, "/describe") {
					return describe("Lead")
				}
				return page(0, "")
			}
			var reads []salesforce.Read
			for range test.queries {
				reads = append(reads, salesforce.Query(byEmail("x")))
			}
			for range test.describes {
				reads = append(reads, salesforce.DescribeObject("Lead", ""))
			}
			results, err := org.client(salesforce.Config{}).Read(t.Context(), reads...)
			require.NoError(t, err)
			require.Len(t, results, len(reads))
			for i, result := range results {
				require.NoError(t, result.Err)
				require.Equal(t, i >= test.queries, result.Describe != nil)
			}
			require.Equal(t, test.calls, org.callCount())
		})
	}
}

func TestReadFetchesThePagesOfSeveralQueriesTogether(t *testing.T) {
	t.Parallel()
	org := newOrg(t)
	org.answer = func(s sub) reply {
		locator, next := strings.CutPrefix(s.URL, "/services/data/v60.0/query/0r8")
		if !next {
			n := int(s.statement(t)[len("SELECT Id FROM Lead WHERE Email = '")] - '0')
			return page(3, fmt.Sprintf("/services/data/v60.0/query/0r8%d-1", n), testID("00Q", 10*n))
		}
		var n, at int
		_, err := fmt.Sscanf(locator, "%d-%d", &n, &at)
		require.NoError(t, err)
		if at == 1 {
			return page(3, fmt.Sprintf("/services/data/v60.0/query/0r8%d-2", n), testID("00Q", 10*n+1))
		}
		return page(3, "", testID("00Q", 10*n+2))
	}
	var reads []salesforce.Read
	for n := range 5 {
		reads = append(reads, salesforce.Query(byEmail(fmt.Sprint(n))))
	}
	results, err := org.client(salesforce.Config{}).Read(t.Context(), reads...)
	require.NoError(t, err)
	for n, result := range results {
		require.NoError(t, result.Err)
		require.Len(t, result.Records, 3)
		for i, r := range result.Records {
			require.Equal(t, testID("00Q", 10*n+i), r.ID)
		}
	}
	require.Equal(t, 3, org.callCount())
}

func TestReadRefusesAWrongAnswer(t *testing.T) {
	t.Parallel()
	id, next := testID("00Q", 1), "/services/data/v62.0/query/0r8-2000"
	query := salesforce.Query(byEmail("x"))
	raw := func(text string) reply { return reply{status: 200, body: json.RawMessage(text)} }
	paged := func(next string) reply { return page(2, next, id) }
	for name, test := range map[string]struct {
		read salesforce.Read
		// replies are given one after the other, the last again and again.
		replies []reply
		want    string
	}{
		"no page":           {query, []reply{raw(`{}`)}, "not a page"},
		"null":              {query, []reply{raw(`null`)}, "not a page"},
		"a list":            {query, []reply{raw(`[]`)}, "not a page"},
		"text":              {query, []reply{raw(`"<html>"`)}, "not a page"},
		"no records":        {query, []reply{raw(`{"totalSize":0,"done":true}`)}, "not a page"},
		"no done":           {query, []reply{raw(`{"totalSize":0,"records":[]}`)}, "not a page"},
		"no total":          {query, []reply{raw(`{"done":true,"records":[]}`)}, "not a page"},
		"rows of no object": {query, []reply{raw(`{"totalSize":1,"done":true,"records":[7]}`)}, "not a page"},
		"a null row":        {query, []reply{raw(`{"totalSize":1,"done":true,"records":[null]}`)}, "not a page"},
		"too many rows":     {query, []reply{page(1, "", id, id)}, "2 rows of 1"},
		"too few rows":      {query, []reply{page(2, "", id)}, "1 rows of 2"},
		"no next page": {
			query, []reply{raw(`{"totalSize":2,"done":false,"records":[{"Id":"00Q000000000001"}]}`)}, "no next page",
		},
		"empty page":    {query, []reply{page(2, next)}, "empty page"},
		"endless pages": {query, []reply{paged(next)}, "3 rows of 2"},
		"foreign next page": {
			query, []reply{paged("https://evil.example.org/services/data/v62.0/query/0r8")}, "malformed next page",
		},
		"other resource": {query, []reply{paged("/services/data/v62.0/sobjects/Lead")}, "malformed next page"},
		"step up":        {query, []reply{paged("/services/data/v62.0/query/../sobjects")}, "malformed next page"},
		"query string": {
			query, []reply{paged("/services/data/v62.0/query/?q=SELECT+Id+FROM+User")}, "malformed next page",
		},
		"reference": {query, []reply{paged("/services/data/v62.0/query/@{r0}")}, "malformed next page"},
		"later page refused": {
			query,
			[]reply{paged(next), {status: 404, body: []record{{"errorCode": "INVALID_QUERY_LOCATOR", "message": "x"}}}},
			"INVALID_QUERY_LOCATOR",
		},
		"unasked 304":       {salesforce.DescribeObject("Lead", ""), []reply{{status: 304}}, "http status 304"},
		"304 of a query":    {query, []reply{{status: 304}}, "http status 304"},
		"other describe":    {salesforce.DescribeObject("Lead", ""), []reply{describe("Contact")}, "not a describe of Lead"},
		"no describe":       {salesforce.DescribeObject("Lead", ""), []reply{raw(`[]`)}, "not a describe of Lead"},
		"other record":      {salesforce.Get("Lead", id), []reply{raw(`{"Id":"00Q000000000002"}`)}, "not the record"},
		"record without id": {salesforce.Get("Lead", id), []reply{raw(`{}`)}, "not the record"},
		"no record": {
			salesforce.Get("Lead", id),
			[]reply{{status: 404, body: []record{{"errorCode": "NOT_FOUND", "message": "secret"}}}},
			"NOT_FOUND",
		},
		"page for an error": {
			salesforce.Get("Lead", id), []reply{{status: 502, body: "<html>"}}, "http status 502 Bad Gateway",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			org := newOrg(t)
			answered := 0
			org.answer = func(s sub) reply {
				if strings.HasSuffix(s.URL, "/sobjects/Good/describe") {
					return describe("Good")
				}
				answered++
				return test.replies[min(answered, len(test.replies))-1]
			}
			results, err := org.client(salesforce.Config{}).Read(t.Context(), test.read, salesforce.DescribeObject("Good", ""))
			require.NoError(t, err)
			var e *salesforce.Error
			require.ErrorAs(t, results[0].Err, &e)
			require.ErrorContains(t, e, test.want)
			require.NotContains(t, e.Error(), "secret")
			require.False(t, e.Uncertain)
			require.Empty(t, results[0].Records)
			require.Nil(t, results[0].Describe)
			require.NoError(t, results[1].Err, "the failure affected another read")
		})
	}
}

// wrongComposites are replies to one subrequest that do not answer it.
var wrongComposites = map[string]struct{ body, want string }{
	"no json":   {`<html>`, "not a composite reply"},
	"cut":       {`{"compositeResponse":[{"referenceId":"r0","httpSta`, "not a composite reply"},
	"no object": {`[]`, "not a composite reply"},
	"no list":   {`{}`, "not a composite reply"},
	"short":     {`{"compositeResponse":[]}`, "0 responses to 1 requests"},
	"long": {
		`{"compositeResponse":[{"referenceId":"r0","httpStatusCode":200},{"referenceId":"r1","httpStatusCode":200}]}`,
		"2 responses to 1 requests",
	},
	"unknown":     {`{"compositeResponse":[{"referenceId":"r1","httpStatusCode":200}]}`, "unknown referenceId"},
	"other form":  {`{"compositeResponse":[{"referenceId":"r00","httpStatusCode":200}]}`, "unknown referenceId"},
	"nameless":    {`{"compositeResponse":[{"httpStatusCode":200}]}`, "unknown referenceId"},
	"no status":   {`{"compositeResponse":[{"referenceId":"r0"}]}`, "without a status"},
	"wrong types": {`{"compositeResponse":[{"referenceId":"r0","httpStatusCode":"200"}]}`, "not a composite reply"},
}

func TestReadRefusesAWrongCompositeReply(t *testing.T) {
	t.Parallel()
	for name, test := range wrongComposites {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := &wire{script: []line{{status: 200, body: test.body}}}
			results, err := w.client(t, salesforce.Config{}, nil).Read(t.Context(), salesforce.DescribeObject("Lead", ""))
			require.NoError(t, err)
			require.ErrorContains(t, results[0].Err, test.want)
		})
	}
}

func TestReadMatchesAnswersByReference(t *testing.T) {
	t.Parallel()
	answer := func(references ...string) line {
		var responses []string
		for _, ref := range references {
			responses = append(
				responses, fmt.Sprintf(`{"referenceId":%q,"httpStatusCode":200,"body":{"name":"O%s"}}`, ref, ref[1:]),
			)
		}
		return line{status: 200, body: `{"compositeResponse":[` + strings.Join(responses, ",") + `]}`}
	}
	reads := []salesforce.Read{salesforce.DescribeObject("O0", ""), salesforce.DescribeObject("O1", "")}
	w := &wire{script: []line{answer("r1", "r0"), answer("r1", "r1")}}
	client := w.client(t, salesforce.Config{}, nil)
	results, err := client.Read(t.Context(), reads...)
	require.NoError(t, err)
	require.Equal(t, salesforce.Object("O0"), results[0].Describe.Name)
	require.Equal(t, salesforce.Object("O1"), results[1].Describe.Name)
	results, err = client.Read(t.Context(), reads...)
	require.NoError(t, err)
	for _, result := range results {
		require.ErrorContains(t, result.Err, "repeated referenceId")
	}
}

func TestReadRefusesAMalformedRead(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		read salesforce.Read
		want string
	}{
		"no query":      {salesforce.Query(nil), "no statement"},
		"wrong query":   {salesforce.QueryAll(soql.From("Lead", "a b")), `"a b"`},
		"object":        {salesforce.DescribeObject("Lead/x", ""), `"Lead/x"`},
		"since":         {salesforce.DescribeObject("Lead", "yesterday\r\nX: y"), "since"},
		"id":            {salesforce.Get("Lead", "s3cret"), "malformed record id"},
		"field":         {salesforce.Get("Lead", testID("00Q", 1), "a,b"), `"a,b"`},
		"record object": {salesforce.Get("", testID("00Q", 1)), "object name"},
		"kind":          {salesforce.Read{Kind: 9, Object: "Lead"}, "unknown kind"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			org := newOrg(t)
			results, err := org.client(salesforce.Config{}).Read(t.Context(), salesforce.DescribeObject("Lead", ""), test.read)
			require.ErrorContains(t, err, "read 1: ")
			require.ErrorContains(t, err, test.want)
			require.NotContains(t, err.Error(), "s3cret")
			require.Nil(t, results)
			require.Zero(t, org.callCount())
		})
	}
}

// FuzzCompositeReply feeds any body to reads of each kind and to a write.
func FuzzCompositeReply(f *testing.F) {
	f.Add(200, created)
	f.Add(
		200,
		`{"compositeResponse":[{"referenceId":"r0","httpStatusCode":400,"body":[{"errorCode":"X","message":"y",`+
			`"fields":["Z"]}]}]}`,
	)
	f.Add(
		200,
		`{"compositeResponse":[{"referenceId":"r0","httpStatusCode":200,"body":{"totalSize":1,"done":true,`+
			`"records":[{"Id":"00Q000000000001"}]}}]}`,
	)
	f.Add(
		200,
		`{"compositeResponse":[{"referenceId":"r0","httpStatusCode":200,"body":{"name":"Lead","fields":[{"name":"Id",`+
			`"type":"id"}]}}]}`,
	)
	f.Add(200, `{"compositeResponse":[{"referenceId":"r0","httpStatusCode":200,"body":{"sobjects":[{"name":"Lead"}]}}]}`)
	f.Add(200, oneLayout)
	f.Add(503, `<html>`)
	for _, test := range wrongComposites {
		f.Add(200, test.body)
	}
	f.Fuzz(func(t *testing.T, status int, body string) {
		w := &wire{script: []line{{status: status, body: body}}}
		client := w.client(t, salesforce.Config{MaxRetries: -1}, nil)
		for _, read := range []salesforce.Read{
			salesforce.Query(byEmail("x")), salesforce.Get("Lead", testID("00Q", 1)), salesforce.DescribeObject("Lead", ""),
			salesforce.ListObjects(""), salesforce.RecordTypePicklists("Lead"),
		} {
			reads, err := client.Read(t.Context(), read)
			require.NoError(t, err)
			if failure := reads[0].Err; failure != nil {
				require.Equal(t, salesforce.ReadResult{Err: failure}, reads[0])
			}
		}
		results, err := client.Write(t.Context(), unkeyed)
		require.NoError(t, err)
		require.Equal(t, results[0].Err == nil, len(results[0].ID) == 18)
	})
}

// SPDX-License-Identifier: Apache-2.0

package interop_test

import (
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/simpleforce/simpleforce"
	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce/sftest"
)

// simpleforce logs every failed request, with its body, through the standard
// logger.
func TestMain(m *testing.M) {
	log.SetOutput(io.Discard)
	os.Exit(m.Run())
}

// newSimpleforce connects simpleforce with a token. Its LoginPassword uses SOAP,
// which the fake org does not support.
func newSimpleforce(org *sftest.Org) *simpleforce.Client {
	client := simpleforce.NewClient(org.URL()+"/", simpleforce.DefaultClientID, simpleforce.DefaultAPIVersion)
	client.SetSidLoc(org.Token(), org.URL())
	return client
}

func TestSimpleforceWritesOneRecord(t *testing.T) {
	t.Parallel()
	org := newOrg(t)
	client := newSimpleforce(org)

	contact := client.SObject("Contact").Set("LastName", "Lovelace").Set("Email", "ada@example.com").Create()
	require.NotNil(t, contact)
	id := contact.ID()
	requireRow(t, org, "Contact", id, map[string]any{"LastName": "Lovelace", "Email": "ada@example.com"})

	read := client.SObject("Contact").Get(id)
	require.NotNil(t, read)
	require.Equal(t, "Lovelace", read.StringField("LastName"))
	require.Equal(t, id, read.ID())
	require.Equal(t, "Contact", read.Type())
	require.Contains(t, read.AttributesField().URL, id)
	require.Contains(t, *read, "Phone")
	require.Nil(t, read.InterfaceField("Phone"), "null fields are returned")
	require.Equal(t, org.UserID(), read.SObjectField("User", "OwnerId").ID())

	require.NotNil(t, client.SObject("Contact").Set("Id", id).Set("FirstName", "Ada").Set("Email", nil).Update())
	requireRow(t, org, "Contact", id, map[string]any{"Name": "Ada Lovelace", "Email": nil})

	// Delete ignores its argument and uses the id of the object.
	require.NoError(t, client.SObject("Contact").Set("Id", id).Delete())
	require.Zero(t, org.Count("Contact"))
	require.Nil(t, client.SObject("Contact").Get(id))
}

func TestSimpleforceRunsWithoutANetwork(t *testing.T) {
	t.Parallel()
	org := newOrg(t)
	client := simpleforce.NewClient("https://fake.example", simpleforce.DefaultClientID, simpleforce.DefaultAPIVersion)
	client.SetSidLoc(org.Token(), "https://fake.example")
	client.SetHttpClient(&http.Client{Transport: org.Transport()})
	contact := client.SObject("Contact").Set("LastName", "Lovelace").Create()
	require.NotNil(t, contact)
	requireRow(t, org, "Contact", contact.ID(), map[string]any{"LastName": "Lovelace"})
}

// The client expects no response body for an upsert that updates. Since v46.0 there
// is one, and the client accepts it too.
func TestSimpleforceUpsertsByExternalID(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"45.0", "54.0"} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			org := newOrg(t)
			client := simpleforce.NewClient(org.URL(), simpleforce.DefaultClientID, version)
			client.SetSidLoc(org.Token(), org.URL())
			upsert := func(name string) *simpleforce.SObject {
				return client.SObject("Contact").Set("ExternalIDField", key).Set(key, "p1").Set("LastName", name).Upsert()
			}
			made := upsert("Byron")
			require.NotNil(t, made)
			require.NotEmpty(t, made.ID())
			again := upsert("Lovelace")
			require.NotNil(t, again)
			require.Equal(t, 1, org.Count("Contact"))
			requireRow(t, org, "Contact", made.ID(), map[string]any{"LastName": "Lovelace", key: "p1"})
			if version == "45.0" {
				require.Empty(t, again.ID())
			} else {
				require.Equal(t, made.ID(), again.ID())
			}
		})
	}
}

func TestSimpleforceReadsPageAfterPage(t *testing.T) {
	t.Parallel()
	org := newOrg(t, sftest.WithPageSize(100))
	insertContacts(org, 250)
	client := newSimpleforce(org)

	var names []string
	next := "SELECT Id, LastName FROM Contact ORDER BY LastName"
	for pages := 1; next != ""; pages++ {
		page, err := client.Query(next)
		require.NoError(t, err)
		require.Equal(t, 250, page.TotalSize)
		require.Equal(t, pages == 3, page.Done)
		for _, record := range page.Records {
			names = append(names, record.StringField("LastName"))
		}
		next = page.NextRecordsURL
	}
	require.Len(t, names, 250)
	for i, name := range names {
		require.Equal(t, personName(i), name)
	}
	require.Equal(t, 3, org.Calls())
}

func TestSimpleforceFollowsWhatAQueryFound(t *testing.T) {
	t.Parallel()
	org := newOrg(t)
	account := org.Insert("Account", map[string]any{"Name": "Engines & Co 'Ltd'"})
	org.Insert("Contact", map[string]any{"LastName": "Lovelace", "AccountId": account})
	client := newSimpleforce(org)

	found, err := client.Query(`SELECT Id, Account.Name FROM Contact WHERE Account.Name = 'Engines & Co \'Ltd\''`)
	require.NoError(t, err)
	require.Len(t, found.Records, 1)
	parent := found.Records[0].SObjectField("Account", "Account")
	require.Equal(t, account, parent.ID(), "read from the URL of the nested row")
	require.Equal(t, "Engines & Co 'Ltd'", parent.Get().StringField("Name"))

	counted, err := client.Query("SELECT count() FROM Contact")
	require.NoError(t, err)
	require.Equal(t, 1, counted.TotalSize)
	require.Empty(t, counted.Records)
}

// The client does not support collections and composites; ApexREST sends any
// request.
func TestSimpleforceWritesCollections(t *testing.T) {
	t.Parallel()
	org := newOrg(t)
	client := newSimpleforce(org)
	records := make([]string, 200)
	for i := range records {
		records[i] = fmt.Sprintf(`{"attributes":{"type":"Contact"},"LastName":%q}`, personName(i))
	}
	records[7] = `{"attributes":{"type":"Contact"}}`

	data, err := client.ApexREST("POST", "services/data/v54.0/composite/sobjects",
		strings.NewReader(`{"records":[`+strings.Join(records, ",")+`]}`))
	require.NoError(t, err)
	var results []struct {
		ID      string
		Success bool
		Errors  []struct{ StatusCode string }
	}
	require.NoError(t, json.Unmarshal(data, &results))
	require.Len(t, results, 200)
	require.Equal(t, 199, org.Count("Contact"))
	require.Equal(t, "REQUIRED_FIELD_MISSING", results[7].Errors[0].StatusCode)

	data, err = client.ApexREST("DELETE", "services/data/v54.0/composite/sobjects?allOrNone=true&ids="+results[0].ID+","+
		results[1].ID, nil)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(data, &results))
	require.True(t, results[0].Success && results[1].Success)
	require.Equal(t, 197, org.Count("Contact"))
}

func TestSimpleforceSendsComposites(t *testing.T) {
	t.Parallel()
	org := newOrg(t)
	client := newSimpleforce(org)
	body := `{"allOrNone":true,"compositeRequest":[
		{"method":"POST","url":"/services/data/v54.0/sobjects/Account","referenceId":"account","body":{"Name":"Engines"}},
		{"method":"POST","url":"/services/data/v54.0/sobjects/Contact","referenceId":"contact","body":{"LastName":"Lovelace",
		"AccountId":"@{account.id}"}},
		{"method":"GET","url":"/services/data/v54.0/query?q=SELECT+Account.Name+FROM+Contact+WHERE+Id='@{contact.id}'",
		"referenceId":"read"}]}`

	data, err := client.ApexREST("POST", "services/data/v54.0/composite", strings.NewReader(body))
	require.NoError(t, err)
	var composite struct {
		CompositeResponse []struct {
			HTTPStatusCode int
			ReferenceID    string
			Body           json.RawMessage
		}
	}
	require.NoError(t, json.Unmarshal(data, &composite))
	require.Len(t, composite.CompositeResponse, 3)
	require.Equal(t, 201, composite.CompositeResponse[1].HTTPStatusCode)
	var found simpleforce.QueryResult
	require.NoError(t, json.Unmarshal(composite.CompositeResponse[2].Body, &found))
	require.Equal(t, "Engines", found.Records[0].InterfaceField("Account").(map[string]any)["Name"])
	require.Equal(t, 1, org.Calls())
}

// The client does not support the Bulk API either. ApexREST can read in bulk, but it
// sends every body as JSON (force.go, httpRequest), so it cannot upload rows.
func TestSimpleforceReadsInBulk(t *testing.T) {
	t.Parallel()
	org := newOrg(t, sftest.WithPageSize(100), sftest.WithBulkPolls(1))
	insertContacts(org, 150)
	client := newSimpleforce(org)
	rest := func(method, path, body string) []byte {
		data, err := client.ApexREST(method, "services/data/v54.0/jobs/"+path, strings.NewReader(body))
		require.NoError(t, err)
		return data
	}
	var job struct{ ID, State string }
	require.NoError(t, json.Unmarshal(rest("POST", "query",
		`{"operation":"query","query":"SELECT LastName FROM Contact ORDER BY LastName"}`), &job))
	var states []string
	for range 2 {
		require.NoError(t, json.Unmarshal(rest("GET", "query/"+job.ID, ""), &job))
		states = append(states, job.State)
	}
	require.Equal(t, []string{"UploadComplete", "JobComplete"}, states)
	// The client does not expose the header with the locator of the next page.
	page := strings.Split(string(rest("GET", "query/"+job.ID+"/results?maxRecords=50", "")), "\n")
	require.Equal(t, []string{`"LastName"`, `"Person 000"`}, page[:2])
	require.Len(t, page, 52)

	require.NoError(t, json.Unmarshal(rest("POST", "ingest", `{"object":"Contact","operation":"insert"}`), &job))
	_, err := client.ApexREST("PUT", "services/data/v54.0/jobs/ingest/"+job.ID+"/batches",
		strings.NewReader("LastName\nHopper\n"))
	var refused simpleforce.SalesforceError
	require.ErrorAs(t, err, &refused)
	require.Equal(t, 415, refused.HttpCode)
	require.Equal(t, 150, org.Count("Contact"))
}

// An unsupported request is also reported as a failure of the test.
func TestSimpleforceGetsErrorsForUnsupportedRequests(t *testing.T) {
	t.Parallel()
	w := &witness{T: t}
	client := newSimpleforce(sftest.NewOrg(w))
	require.Error(t, client.LoginPassword("integration@fake.example", "secret", ""), "SOAP login is off, as in new orgs")
	_, err := client.ExecuteAnonymous("System.debug(1);")
	require.Error(t, err)
	_, err = client.Tooling().Query("SELECT Id FROM ApexClass")
	require.Error(t, err)
	require.Equal(t, []string{
		"sftest: the fake org does not support GET /services/data/v54.0/tooling/executeAnonymous/",
		"sftest: the fake org does not support the object ApexClass of the Tooling API",
	}, w.failures)
}

func TestSimpleforceDescribes(t *testing.T) {
	t.Parallel()
	org := newOrg(t)
	client := newSimpleforce(org)

	lead := client.SObject("Lead").Describe()
	require.NotNil(t, lead)
	require.Equal(t, "00Q", (*lead)["keyPrefix"])
	require.NotEmpty(t, (*lead)["fields"])
	require.Nil(t, client.SObject("Nope__c").Describe())

	// DescribeGlobal uses the URL passed to NewClient, not the instance URL.
	global, err := client.DescribeGlobal()
	require.NoError(t, err)
	require.Equal(t, "UTF-8", (*global)["encoding"])
	require.NotEmpty(t, (*global)["sobjects"])
}

func TestSimpleforceIsRefused(t *testing.T) {
	t.Parallel()
	org := newOrg(t)
	client := newSimpleforce(org)
	query := func(soql string) func() error {
		return func() error {
			_, err := client.Query(soql)
			return err
		}
	}
	rest := func(method, path, body string) func() error {
		return func() error {
			_, err := client.ApexREST(method, "services/data/v54.0"+path, strings.NewReader(body))
			return err
		}
	}
	for name, tc := range map[string]struct {
		do     func() error
		status int
		code   string
	}{
		"SOQL cut short":           {query("SELECT Id FROM Contact WHERE"), 400, "MALFORMED_QUERY"},
		"SOQL with unknown field":  {query("SELECT Nope__c FROM Contact"), 400, "INVALID_FIELD"},
		"SOQL with unknown object": {query("SELECT Id FROM Nope__c"), 400, "INVALID_TYPE"},
		"unknown locator":          {query("/services/data/v54.0/query/0r8000000000000-2000"), 404, "INVALID_QUERY_LOCATOR"},
		"unknown row": {func() error {
			return client.SObject("Contact").Set("Id", "003000000000009AAA").Delete()
		}, 404, "INVALID_CROSS_REFERENCE_KEY"},
		"required field":        {rest("POST", "/sobjects/Lead", `{"LastName":"L"}`), 400, "REQUIRED_FIELD_MISSING"},
		"body that is not JSON": {rest("POST", "/sobjects/Lead", `LastName=L`), 400, "JSON_PARSER_ERROR"},
		"no body":               {rest("POST", "/sobjects/Lead", ``), 400, "JSON_PARSER_ERROR"},
		"empty composite":       {rest("POST", "/composite", `{"compositeRequest":[]}`), 400, "REQUIRED_FIELD_MISSING"},
		"wrong method":          {rest("PATCH", "/sobjects/Lead", `{}`), 405, "METHOD_NOT_ALLOWED"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var refused simpleforce.SalesforceError
			require.ErrorAs(t, tc.do(), &refused)
			require.Equal(t, tc.code, refused.ErrorCode)
			require.Equal(t, tc.status, refused.HttpCode)
			require.NotEmpty(t, refused.ErrorMessage)
		})
	}
	// For a create and an update the client only reports that they failed.
	require.Nil(t, client.SObject("Contact").Set("FirstName", "Ada").Create())
	require.Nil(t, client.SObject("Contact").Set("Id", "003000000000009AAA").Set("FirstName", "Ada").Update())
}

func TestSimpleforceMeetsAnExpiredToken(t *testing.T) {
	t.Parallel()
	org := newOrg(t)
	client := newSimpleforce(org)
	org.ExpireToken()

	_, err := client.Query("SELECT Id FROM Contact")
	var refused simpleforce.SalesforceError
	require.ErrorAs(t, err, &refused)
	require.Equal(t, 401, refused.HttpCode)
	require.Equal(t, "INVALID_SESSION_ID", refused.ErrorCode)

	client.SetSidLoc(org.Token(), org.URL())
	_, err = client.Query("SELECT Id FROM Contact")
	require.NoError(t, err)
}

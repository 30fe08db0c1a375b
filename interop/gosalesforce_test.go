// SPDX-License-Identifier: Apache-2.0

package interop_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"strings"
	"testing"

	gosalesforce "github.com/k-capehart/go-salesforce/v3"
	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce/sftest"
)

// newGoSalesforce connects go-salesforce with the client credentials flow.
//
// The client uses its default version, v63.0. With any other version the
// subrequests of its composites still use v63.0, and a query fails at its second
// page: the client removes the version from that page's URL only if it is v63.0, and
// then prepends its own.
func newGoSalesforce(t *testing.T, org *sftest.Org, opts ...gosalesforce.Option) *gosalesforce.Salesforce {
	t.Helper()
	client, err := gosalesforce.Init(gosalesforce.Creds{Domain: org.URL(), ConsumerKey: "key",
		ConsumerSecret: "secret"}, opts...)
	require.NoError(t, err)
	return client
}

func TestGoSalesforceLogsIn(t *testing.T) {
	t.Parallel()
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	block := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(private)})

	for name, tc := range map[string]struct {
		creds func(*sftest.Org) gosalesforce.Creds
		flow  gosalesforce.AuthFlowType
	}{
		"client credentials": {func(*sftest.Org) gosalesforce.Creds {
			return gosalesforce.Creds{ConsumerKey: "key", ConsumerSecret: "secret"}
		}, gosalesforce.AuthFlowClientCredentials},
		"user name and password": {func(*sftest.Org) gosalesforce.Creds {
			return gosalesforce.Creds{ConsumerKey: "key", ConsumerSecret: "secret", Username: "integration@fake.example",
				Password: "p", SecurityToken: "t"}
		}, gosalesforce.AuthFlowUsernamePassword},
		"signed assertion": {func(*sftest.Org) gosalesforce.Creds {
			return gosalesforce.Creds{ConsumerKey: "key", Username: "integration@fake.example", ConsumerRSAPem: string(block)}
		}, gosalesforce.AuthFlowJWT},
		"access token": {func(org *sftest.Org) gosalesforce.Creds {
			return gosalesforce.Creds{AccessToken: org.Token()}
		}, gosalesforce.AuthFlowAccessToken},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			org := newOrg(t)
			org.AddApp(sftest.App{ClientID: "key", ClientSecret: "secret", Key: &private.PublicKey})
			creds := tc.creds(org)
			creds.Domain = org.URL()

			client, err := gosalesforce.Init(creds)
			require.NoError(t, err)
			require.Equal(t, tc.flow, client.GetAuthFlow())
			require.Equal(t, org.Token(), client.GetAccessToken())
			require.Equal(t, org.URL(), client.GetInstanceUrl())
			require.Equal(t, []string{"integration@fake.example"},
				goSalesforceColumn(t, client, "SELECT Username FROM User", "Username"))

			// The session is renewed by the same flow, if there is one.
			org.ExpireToken()
			err = client.Query("SELECT Username FROM User", &[]map[string]any{})
			if tc.flow == gosalesforce.AuthFlowAccessToken {
				require.EqualError(t, err, "invalid session, unable to refresh session")
				return
			}
			require.NoError(t, err)
			require.Equal(t, org.Token(), client.GetAccessToken())
		})
	}
}

func TestGoSalesforceRunsWithoutANetwork(t *testing.T) {
	t.Parallel()
	org := newOrg(t)
	// The client's logins bypass the RoundTripper; a token needs no login.
	client, err := gosalesforce.Init(gosalesforce.Creds{Domain: "https://fake.example", AccessToken: org.Token()},
		gosalesforce.WithRoundTripper(org.Transport()))
	require.NoError(t, err)
	result, err := client.InsertOne("Contact", map[string]any{"LastName": "Lovelace"})
	require.NoError(t, err)
	requireRow(t, org, "Contact", result.Id, map[string]any{"LastName": "Lovelace"})
}

func TestGoSalesforceLoginIsRejected(t *testing.T) {
	t.Parallel()
	org := newOrg(t)
	_, err := gosalesforce.Init(gosalesforce.Creds{Domain: org.URL(), AccessToken: "00Dnot!it"})
	require.ErrorContains(t, err, "unable to refresh session")

	org.AddApp(sftest.App{ClientID: "key", ClientSecret: "secret"})
	_, err = gosalesforce.Init(gosalesforce.Creds{Domain: org.URL(), ConsumerKey: "key", ConsumerSecret: "wrong"})
	require.ErrorContains(t, err, "failed authentication")

	org.DeactivateUser()
	_, err = gosalesforce.Init(gosalesforce.Creds{Domain: org.URL(), ConsumerKey: "key", ConsumerSecret: "secret"})
	require.ErrorContains(t, err, "400 Bad Request")
}

func TestGoSalesforceWritesOneRecord(t *testing.T) {
	t.Parallel()
	org := newOrg(t)
	client := newGoSalesforce(t, org)

	result, err := client.InsertOne("Contact", map[string]any{"LastName": "Lovelace", "Email": "ada@example.com",
		"MailingCity": "London", "Birthdate": "1815-12-10"})
	require.NoError(t, err)
	require.True(t, result.Success)
	require.Empty(t, result.Errors)
	id := result.Id
	requireRow(t, org, "Contact", id, map[string]any{"LastName": "Lovelace", "Email": "ada@example.com",
		"MailingCity": "London", "Birthdate": "1815-12-10"})

	require.NoError(t, client.UpdateOne("Contact", map[string]any{"Id": id, "FirstName": "Ada", "Email": nil}))
	requireRow(t, org, "Contact", id, map[string]any{"Name": "Ada Lovelace", "Email": nil})

	require.NoError(t, client.DeleteOne("Contact", map[string]any{"Id": id}))
	require.Zero(t, org.Count("Contact"))
	require.Equal(t, "ENTITY_IS_DELETED", goSalesforceCode(t, client.DeleteOne("Contact", map[string]any{"Id": id})))
}

// Structs instead of maps; a numeric key.
func TestGoSalesforceWritesStructs(t *testing.T) {
	t.Parallel()
	org := newOrg(t)
	org.DefineField("Contact",
		sftest.Field{Name: "Badge__c", Type: "double", Precision: 6, ExternalID: true, Unique: true})
	client := newGoSalesforce(t, org)
	type contact struct {
		Id, LastName string
		Badge__c     int
	}
	made, err := client.InsertOne("Contact", contact{LastName: "Byron", Badge__c: 7})
	require.NoError(t, err)
	require.NoError(t, client.UpdateOne("Contact", contact{Id: made.Id, LastName: "Lovelace", Badge__c: 7}))
	upserted, err := client.UpsertOne("Contact", "Badge__c", contact{LastName: "King", Badge__c: 7})
	require.NoError(t, err)
	require.Equal(t, made.Id, upserted.Id)
	results, err := client.InsertCollection("Contact", []contact{{LastName: "Noel", Badge__c: 7}}, 200)
	require.NoError(t, err)
	require.Equal(t, []string{"DUPLICATE_VALUE"}, goSalesforceCodes(results))
	var found []contact
	require.NoError(t, client.Query("SELECT Id, LastName, Badge__c FROM Contact", &found))
	require.Equal(t, []contact{{Id: made.Id, LastName: "King", Badge__c: 7}}, found)
	require.NoError(t, client.DeleteOne("Contact", found[0]))
	require.Zero(t, org.Count("Contact"))
}

func TestGoSalesforceUpsertsByExternalID(t *testing.T) {
	t.Parallel()
	org := newOrg(t)
	client := newGoSalesforce(t, org)

	made, err := client.UpsertOne("Contact", key, map[string]any{key: "p1", "LastName": "Byron"})
	require.NoError(t, err)
	require.True(t, made.Success)
	again, err := client.UpsertOne("Contact", key, map[string]any{key: "P1", "LastName": "Lovelace"})
	require.NoError(t, err)
	require.Equal(t, made.Id, again.Id, "the field is not case-sensitive")
	requireRow(t, org, "Contact", made.Id, map[string]any{"LastName": "Lovelace", key: "p1"})
	require.Equal(t, 1, org.Count("Contact"))
}

// Two records with the same key return 300 and their URLs. The client treats 300 as
// success and then cannot decode the body.
func TestGoSalesforceSeesAnAmbiguousKey(t *testing.T) {
	t.Parallel()
	org := newOrg(t, sftest.Existing("Contact", "ada@example.com"), sftest.Existing("Contact", "ada@example.com"))
	client := newGoSalesforce(t, org)

	_, err := client.UpsertOne("Contact", "Email", map[string]any{"Email": "ada@example.com", "LastName": "Lovelace"})
	var unreadable *json.UnmarshalTypeError
	require.ErrorAs(t, err, &unreadable)
	require.Equal(t, "array", unreadable.Value)
	for _, row := range org.Rows("Contact") {
		require.Equal(t, "[not provided]", row["LastName"])
	}
}

func TestGoSalesforceWritesCollections(t *testing.T) {
	t.Parallel()
	org := newOrg(t)
	client := newGoSalesforce(t, org)
	rows := make([]map[string]any, 250)
	for i := range rows {
		rows[i] = map[string]any{"LastName": personName(i), key: fmt.Sprintf("p%d", i)}
	}

	org.ResetLog()
	results, err := client.InsertCollection("Contact", rows, 200)
	require.NoError(t, err)
	require.False(t, results.HasSalesforceErrors)
	require.Len(t, results.Results, 250)
	require.Equal(t, 250, org.Count("Contact"))
	require.Equal(t, 2, org.Calls())

	updates := []map[string]any{
		{"Id": results.Results[0].Id, "FirstName": "Ada"},
		{"Id": results.Results[1].Id, "FirstName": strings.Repeat("a", 41)},
		{"Id": results.Results[2].Id, "NoSuchField__c": 1},
	}
	updated, err := client.UpdateCollection("Contact", updates, 200)
	require.NoError(t, err)
	require.True(t, updated.HasSalesforceErrors)
	require.Equal(t, []string{"", "STRING_TOO_LONG", "INVALID_FIELD"}, goSalesforceCodes(updated))
	require.Equal(t, []string{"FirstName"}, updated.Results[1].Errors[0].Fields)
	requireRow(t, org, "Contact", results.Results[0].Id, map[string]any{"FirstName": "Ada"})

	upserted, err := client.UpsertCollection("Contact", key, []map[string]any{
		{key: "p0", "LastName": "Lovelace"}, {key: "new", "LastName": "Turing"}, {key: "bare"},
	}, 200)
	require.NoError(t, err)
	require.Equal(t, []string{"", "", "REQUIRED_FIELD_MISSING"}, goSalesforceCodes(upserted))
	require.Equal(t, results.Results[0].Id, upserted.Results[0].Id)
	require.Equal(t, 251, org.Count("Contact"))

	doomed := []map[string]any{{"Id": results.Results[3].Id}, {"Id": results.Results[4].Id}, {"Id": results.Results[3].Id}}
	deleted, err := client.DeleteCollection("Contact", doomed, 200)
	require.NoError(t, err)
	require.Equal(t, []string{"", "", "ENTITY_IS_DELETED"}, goSalesforceCodes(deleted))
	require.Equal(t, 249, org.Count("Contact"))
}

func TestGoSalesforceWritesComposites(t *testing.T) {
	t.Parallel()
	org := newOrg(t)
	client := newGoSalesforce(t, org)
	people := func(from, n int) []map[string]any {
		rows := make([]map[string]any, n)
		for i := range rows {
			rows[i] = map[string]any{"LastName": personName(from + i), key: fmt.Sprintf("p%d", from+i)}
		}
		return rows
	}

	org.ResetLog()
	made, err := client.InsertComposite("Contact", people(0, 50), 10, true)
	require.NoError(t, err)
	require.False(t, made.HasSalesforceErrors)
	require.Len(t, made.Results, 50)
	require.Equal(t, 50, org.Count("Contact"))
	require.Equal(t, 1, org.Calls())
	require.Len(t, org.Requests()[0].Subrequests, 5)

	// One bad row rolls back those of its own subrequest and of all others.
	bad := people(50, 20)
	bad[3]["Email"] = "not an address"
	refused, err := client.InsertComposite("Contact", bad, 10, true)
	require.NoError(t, err)
	require.True(t, refused.HasSalesforceErrors)
	codes := goSalesforceCodes(refused)
	require.Len(t, codes, 20)
	for i, code := range codes {
		want := "ALL_OR_NONE_OPERATION_ROLLED_BACK"
		if i == 3 {
			want = "INVALID_EMAIL_ADDRESS"
		}
		require.Equal(t, want, code, i)
	}
	require.Equal(t, 50, org.Count("Contact"))

	some, err := client.UpsertComposite("Contact", key, bad, 10, false)
	require.NoError(t, err)
	require.Equal(t, "INVALID_EMAIL_ADDRESS", goSalesforceCodes(some)[3])
	require.Equal(t, 69, org.Count("Contact"))

	updated, err := client.UpdateComposite("Contact", []map[string]any{
		{"Id": made.Results[0].Id, "FirstName": "Ada"}, {"Id": made.Results[1].Id, "FirstName": "Alan"},
	}, 1, false)
	require.NoError(t, err)
	require.False(t, updated.HasSalesforceErrors)
	requireRow(t, org, "Contact", made.Results[1].Id, map[string]any{"FirstName": "Alan"})

	deleted, err := client.DeleteComposite("Contact",
		[]map[string]any{{"Id": made.Results[0].Id}, {"Id": made.Results[1].Id}}, 1, true)
	require.NoError(t, err)
	require.False(t, deleted.HasSalesforceErrors)
	require.Equal(t, 67, org.Count("Contact"))
}

// A composite allows five collections, but the client sends up to 25. The response
// is one error of the whole composite; the client decodes it as the result of a row
// and loses its code.
func TestGoSalesforceExceedsACompositesCollections(t *testing.T) {
	t.Parallel()
	org := newOrg(t)
	client := newGoSalesforce(t, org)
	rows := make([]map[string]any, 6)
	for i := range rows {
		rows[i] = map[string]any{"LastName": personName(i)}
	}
	results, err := client.InsertComposite("Contact", rows, 1, false)
	require.NoError(t, err)
	require.True(t, results.HasSalesforceErrors)
	require.Len(t, results.Results, 1)
	require.Zero(t, org.Count("Contact"))
}

func TestGoSalesforceIsRefused(t *testing.T) {
	t.Parallel()
	org := newOrg(t)
	org.DefineField("Contact",
		sftest.Field{Name: "Badge__c", Type: "picklist", Restricted: true, Options: []string{"Gold"}})
	org.AddRule("Contact",
		sftest.Rule{Message: "No first name X", Field: "FirstName", Refuses: func(row map[string]any) bool {
			return row["FirstName"] == "X"
		}})
	org.Insert("Contact", map[string]any{"LastName": "Lovelace", key: "taken"})
	client := newGoSalesforce(t, org)
	insert := func(fields map[string]any) func() error {
		return func() error {
			_, err := client.InsertOne("Contact", fields)
			return err
		}
	}
	query := func(soql string) func() error {
		return func() error { return client.Query(soql, &[]map[string]any{}) }
	}
	for name, tc := range map[string]struct {
		do   func() error
		code string
	}{
		"required field": {insert(map[string]any{"FirstName": "Ada"}), "REQUIRED_FIELD_MISSING"},
		"too long":       {insert(map[string]any{"LastName": strings.Repeat("l", 81)}), "STRING_TOO_LONG"},
		"unknown field":  {insert(map[string]any{"LastName": "L", "Nope__c": 1}), "INVALID_FIELD"},
		"read-only field": {insert(map[string]any{"LastName": "L", "CreatedDate": "2026-01-01T00:00:00Z"}),
			"INVALID_FIELD_FOR_INSERT_UPDATE"},
		"e-mail": {insert(map[string]any{"LastName": "L", "Email": "ada"}), "INVALID_EMAIL_ADDRESS"},
		"restricted picklist": {insert(map[string]any{"LastName": "L", "Badge__c": "Tin"}),
			"INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"},
		"unique field": {insert(map[string]any{"LastName": "L", key: "TAKEN"}), "DUPLICATE_VALUE"},
		"validation rule": {insert(map[string]any{"LastName": "L", "FirstName": "X"}),
			"FIELD_CUSTOM_VALIDATION_EXCEPTION"},
		"reference to nothing": {insert(map[string]any{"LastName": "L", "AccountId": "001000000000009"}),
			"INVALID_CROSS_REFERENCE_KEY"},
		"malformed id":    {insert(map[string]any{"LastName": "L", "AccountId": "no id"}), "MALFORMED_ID"},
		"wrong JSON type": {insert(map[string]any{"LastName": "L", "Birthdate": "10.12.1815"}), "JSON_PARSER_ERROR"},
		"unknown object": {func() error {
			_, err := client.InsertOne("Nope__c", map[string]any{"Name": "n"})
			return err
		}, "NOT_FOUND"},
		"unknown row": {func() error {
			return client.UpdateOne("Contact", map[string]any{"Id": "003000000000009AAA", "LastName": "L"})
		}, "NOT_FOUND"},
		"invalid key field": {func() error {
			_, err := client.UpsertOne("Contact", "Title", map[string]any{"Title": "Countess", "LastName": "L"})
			return err
		}, "NOT_FOUND"},
		"SOQL cut short":           {query("SELECT Id FROM"), "MALFORMED_QUERY"},
		"SOQL with unknown field":  {query("SELECT Nope__c FROM Contact"), "INVALID_FIELD"},
		"SOQL with unknown object": {query("SELECT Id FROM Nope__c"), "INVALID_TYPE"},
		"empty collection": {func() error {
			_, err := client.DoRequest(http.MethodPost, "/composite/sobjects", []byte(`{"records":[]}`))
			return err
		}, "REQUIRED_FIELD_MISSING"},
		"body that is not JSON": {func() error {
			_, err := client.DoRequest(http.MethodPost, "/sobjects/Contact", []byte(`{`))
			return err
		}, "JSON_PARSER_ERROR"},
		"wrong method": {func() error {
			_, err := client.DoRequest(http.MethodDelete, "/sobjects/Contact", nil)
			return err
		}, "METHOD_NOT_ALLOWED"},
		"unknown version": {func() error {
			_, err := newGoSalesforce(t, org, gosalesforce.WithAPIVersion("v9.0")).
				InsertOne("Contact", map[string]any{"LastName": "L"})
			return err
		}, "NOT_FOUND"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tc.code, goSalesforceCode(t, tc.do()))
		})
	}
	t.Cleanup(func() { require.Equal(t, 1, org.Count("Contact")) })
}

func TestGoSalesforceMeetsADuplicateRule(t *testing.T) {
	t.Parallel()
	org := newOrg(t, sftest.Existing("Contact", "ada@example.com"))
	org.AddDuplicateRule("Contact", sftest.DuplicateRule{})
	client := newGoSalesforce(t, org)
	row := `{"LastName":"Lovelace","Email":"ada@example.com"}`

	_, err := client.DoRequest(http.MethodPost, "/sobjects/Contact", []byte(row))
	require.Equal(t, "DUPLICATES_DETECTED", goSalesforceCode(t, err))
	_, err = client.DoRequest(http.MethodPost, "/sobjects/Contact", []byte(row),
		gosalesforce.WithHeader("Sforce-Duplicate-Rule-Header", "allowSave=true"))
	require.NoError(t, err)
	require.Equal(t, 2, org.Count("Contact"))
}

// goSalesforceCode returns the errorCode of an error, whose text is the response
// body.
func goSalesforceCode(t *testing.T, err error) string {
	t.Helper()
	require.Error(t, err)
	var body []gosalesforce.SalesforceErrorMessage
	require.NoError(t, json.Unmarshal([]byte(err.Error()), &body), "%v", err)
	require.Len(t, body, 1)
	require.NotEmpty(t, body[0].Message)
	return body[0].ErrorCode
}

// goSalesforceCodes returns the status codes of the rows, empty for those written.
func goSalesforceCodes(results gosalesforce.SalesforceResults) []string {
	var codes []string
	for _, r := range results.Results {
		code := ""
		if !r.Success {
			code = r.Errors[0].StatusCode
		}
		codes = append(codes, code)
	}
	return codes
}

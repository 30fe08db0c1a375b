// SPDX-License-Identifier: Apache-2.0

package interop_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"

	gosalesforce "github.com/k-capehart/go-salesforce/v3"
	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce/sftest"
)

func TestGoSalesforceReadsAllPages(t *testing.T) {
	t.Parallel()
	for name, compression := range map[string]bool{"plain": false, "compressed": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			org := newOrg(t, sftest.WithPageSize(100))
			insertContacts(org, 250)
			client := newGoSalesforce(t, org, gosalesforce.WithCompressionHeaders(compression))

			org.ResetLog()
			names := goSalesforceColumn(t, client,
				"SELECT Id, LastName FROM Contact WHERE LastName LIKE 'Person%' ORDER BY LastName", "LastName")
			require.Len(t, names, 250)
			for i, name := range names {
				require.Equal(t, personName(i), name)
			}
			require.Equal(t, 3, org.Calls())
		})
	}
}

func TestGoSalesforceDecodesParentsAndNulls(t *testing.T) {
	t.Parallel()
	org := newOrg(t)
	account := org.Insert("Account", map[string]any{"Name": "Analytical Engines", "NumberOfEmployees": 12})
	org.Insert("Contact", map[string]any{"LastName": "Lovelace", "AccountId": account})
	org.Insert("Contact", map[string]any{"LastName": "O'Turing"})
	client := newGoSalesforce(t, org)

	var contacts []struct {
		Id, LastName, Email string
		Account             *struct {
			Name              string
			NumberOfEmployees int
		}
	}
	require.NoError(t, client.Query("SELECT Id, LastName, Email, Account.Name, Account.NumberOfEmployees FROM Contact "+
		"ORDER BY LastName", &contacts))
	require.Len(t, contacts, 2)
	require.Equal(t, "Analytical Engines", contacts[0].Account.Name)
	require.Equal(t, 12, contacts[0].Account.NumberOfEmployees)
	require.Empty(t, contacts[0].Email)
	require.Nil(t, contacts[1].Account)

	// The client's struct queries name the fields themselves.
	type where struct {
		LastName string `soql:"equalsOperator,fieldName=LastName"`
	}
	type selected struct {
		ID       string `soql:"selectColumn,fieldName=Id"`
		LastName string `soql:"selectColumn,fieldName=LastName"`
	}
	var found []map[string]any
	require.NoError(t, client.QueryStruct(struct {
		Select selected `soql:"selectClause,tableName=Contact"`
		Where  where    `soql:"whereClause"`
	}{Where: where{LastName: "O'Turing"}}, &found))
	require.Len(t, found, 1)
	require.Equal(t, "O'Turing", found[0]["LastName"])
}

func TestGoSalesforceDescribes(t *testing.T) {
	t.Parallel()
	org := newOrg(t)
	client := newGoSalesforce(t, org)

	var global struct {
		SObjects []struct {
			Name, KeyPrefix string
			Createable      bool
		}
	}
	goSalesforceGet(t, client, "/sobjects/", &global)
	prefixes := map[string]string{}
	for _, o := range global.SObjects {
		prefixes[o.Name] = o.KeyPrefix
	}
	require.Equal(t, "00Q", prefixes["Lead"])
	require.Equal(t, "003", prefixes["Contact"])

	var lead struct {
		Name   string
		Fields []struct {
			Name, Type string
			Length     int
			Nillable   bool
			ExternalID bool
		}
	}
	res := goSalesforceGet(t, client, "/sobjects/lead/describe/", &lead)
	require.Equal(t, "Lead", lead.Name)
	found := map[string]bool{}
	for _, f := range lead.Fields {
		found[f.Name] = true
		if f.Name == "Company" {
			require.Equal(t, 255, f.Length)
			require.False(t, f.Nillable)
		}
		require.Equal(t, f.Name == key, f.ExternalID, f.Name)
	}
	require.True(t, found["Company"] && found[key])

	// The client treats 304 as an error, and fails to decode its empty body.
	_, err := client.DoRequest(http.MethodGet, "/sobjects/Lead/describe", nil,
		gosalesforce.WithHeader("If-Modified-Since", res.Header.Get("Last-Modified")))
	require.ErrorContains(t, err, "unexpected end of JSON input")
	seen := org.Requests()
	require.Equal(t, http.StatusNotModified, seen[len(seen)-1].Status)
}

func TestGoSalesforceReadsARowAndTheLimits(t *testing.T) {
	t.Parallel()
	org := newOrg(t)
	id := org.Insert("Contact", map[string]any{"LastName": "Lovelace"})
	client := newGoSalesforce(t, org)

	var row map[string]any
	goSalesforceGet(t, client, "/sobjects/Contact/"+id+"?fields=LastName,Email", &row)
	require.Equal(t, "Lovelace", row["LastName"])
	require.Contains(t, row, "Email")
	require.NotContains(t, row, "FirstName")

	var limits map[string]struct{ Max, Remaining int }
	res := goSalesforceGet(t, client, "/limits", &limits)
	require.Equal(t, 15_000, limits["DailyApiRequests"].Max)
	require.Equal(t, fmt.Sprintf("api-usage=%d/15000", org.Calls()), res.Header.Get("Sforce-Limit-Info"))
}

func goSalesforceColumn(t *testing.T, client *gosalesforce.Salesforce, soql, field string) []string {
	t.Helper()
	var rows []map[string]any
	require.NoError(t, client.Query(soql, &rows))
	var values []string
	for _, row := range rows {
		text, _ := row[field].(string)
		values = append(values, text)
	}
	return values
}

func goSalesforceGet(t *testing.T, client *gosalesforce.Salesforce, path string, into any) *http.Response {
	t.Helper()
	res, err := client.DoRequest(http.MethodGet, path, nil)
	require.NoError(t, err)
	defer res.Body.Close()
	require.NoError(t, json.NewDecoder(res.Body).Decode(into))
	return res
}

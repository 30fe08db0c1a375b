// SPDX-License-Identifier: Apache-2.0

package interop_test

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	gosalesforce "github.com/k-capehart/go-salesforce/v3"
	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce/sftest"
)

// The client waits for the first of its jobs to end, not for all (bulk.go,
// doBulkJob). The org ends a job at the first poll; GetJobResults counts as one.
func TestGoSalesforceLoadsInBulk(t *testing.T) {
	t.Parallel()
	for name, compression := range map[string]bool{"plain": false, "compressed": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			org := newOrg(t, sftest.WithBulkPolls(0))
			client := newGoSalesforce(t, org, gosalesforce.WithCompressionHeaders(compression))
			rows := make([]map[string]any, 250)
			for i := range rows {
				rows[i] = map[string]any{"LastName": personName(i), "Description": "a \"quoted\",\nbroken line",
					key: fmt.Sprintf("p%d", i)}
			}
			rows[7]["LastName"] = nil // as an empty cell

			jobs, err := client.InsertBulk("Contact", rows, 100, true)
			require.NoError(t, err)
			require.Len(t, jobs, 3)
			var made []map[string]any
			for i, job := range jobs {
				result := goSalesforceJob(t, client, job)
				require.Equal(t, "JobComplete", result.State)
				made = append(made, result.SuccessfulRecords...)
				if i == 0 {
					require.Equal(t, 1, result.NumberRecordsFailed)
					require.Equal(t, "REQUIRED_FIELD_MISSING:Required fields are missing: [LastName]:LastName --",
						result.FailedRecords[0]["sf__Error"])
				} else {
					require.Empty(t, result.FailedRecords)
				}
			}
			require.Len(t, made, 249)
			require.Equal(t, 249, org.Count("Contact"))
			require.Equal(t, "true", made[0]["sf__Created"])
			id := made[0]["sf__Id"].(string)
			requireRow(t, org, "Contact", id,
				map[string]any{"LastName": made[0]["LastName"], "Description": "a \"quoted\",\nbroken line"})

			jobs, err = client.UpdateBulk("Contact",
				[]map[string]any{{"Id": id, "FirstName": "Ada"}, {"Id": "003000000000009AAA", "FirstName": "Nobody"}}, 10, true)
			require.NoError(t, err)
			updated := goSalesforceJob(t, client, jobs[0])
			require.Len(t, updated.SuccessfulRecords, 1)
			require.Contains(t, updated.FailedRecords[0]["sf__Error"], "INVALID_CROSS_REFERENCE_KEY:")
			requireRow(t, org, "Contact", id, map[string]any{"FirstName": "Ada"})

			jobs, err = client.UpsertBulk("Contact", key,
				[]map[string]any{{key: "P0", "LastName": "Lovelace"}, {key: "new", "LastName": "Turing"}}, 10, true)
			require.NoError(t, err)
			upserted := goSalesforceJob(t, client, jobs[0])
			require.ElementsMatch(t, []any{"false", "true"},
				[]any{upserted.SuccessfulRecords[0]["sf__Created"], upserted.SuccessfulRecords[1]["sf__Created"]})
			require.Equal(t, 250, org.Count("Contact"))

			jobs, err = client.DeleteBulk("Contact", []map[string]any{{"Id": id}, {"Id": id}}, 10, true)
			require.NoError(t, err)
			deleted := goSalesforceJob(t, client, jobs[0])
			require.Len(t, deleted.SuccessfulRecords, 1)
			require.Contains(t, deleted.FailedRecords[0]["sf__Error"], "ENTITY_IS_DELETED:")
			require.Equal(t, 249, org.Count("Contact"))
		})
	}
}

func TestGoSalesforceLoadsFilesInBulk(t *testing.T) {
	t.Parallel()
	org := newOrg(t, sftest.WithBulkPolls(0))
	client := newGoSalesforce(t, org)
	file := func(lines string) string {
		path := filepath.Join(t.TempDir(), "rows.csv")
		require.NoError(t, os.WriteFile(path, []byte(lines), 0o600))
		return path
	}

	// The client reads CRLF, and sends LF.
	jobs, err := client.InsertBulkFile("Contact",
		file("LastName,"+key+"\r\nByron,p1\r\n\"Turing, Alan\",p2\r\n,p3\r\n"), 2, true)
	require.NoError(t, err)
	require.Len(t, jobs, 2)
	require.Len(t, goSalesforceJob(t, client, jobs[0]).SuccessfulRecords, 2)
	require.Len(t, goSalesforceJob(t, client, jobs[1]).FailedRecords, 1)
	require.Equal(t, []any{"Byron", "Turing, Alan"}, column(org, "Contact", "LastName"))
	id := column(org, "Contact", "Id")[0].(string)

	jobs, err = client.UpdateBulkFile("Contact", file("Id,Email,FirstName\n"+id+",#N/A,Ada\n"), 10, true)
	require.NoError(t, err)
	require.Len(t, goSalesforceJob(t, client, jobs[0]).SuccessfulRecords, 1)
	jobs, err = client.UpsertBulkFile("Contact", key, file(key+",LastName\np1,Lovelace\n"), 10, true)
	require.NoError(t, err)
	require.Len(t, goSalesforceJob(t, client, jobs[0]).SuccessfulRecords, 1)
	requireRow(t, org, "Contact", id, map[string]any{"Name": "Ada Lovelace", "Email": nil})
	jobs, err = client.DeleteBulkFile("Contact", file("Id\n"+id+"\n"), 10, true)
	require.NoError(t, err)
	require.Len(t, goSalesforceJob(t, client, jobs[0]).SuccessfulRecords, 1)
	require.Equal(t, 1, org.Count("Contact"))

	_, err = client.InsertBulkFile("Contact", filepath.Join(t.TempDir(), "nope.csv"), 10, true)
	require.ErrorIs(t, err, os.ErrNotExist)
	// The client reads the first line of an empty file without a check (bulk.go,
	// doBulkJobWithFile).
	require.Panics(t, func() { _, _ = client.InsertBulkFile("Contact", file(""), 10, true) })
}

// The assignment rule of a job changes the owner of a Lead.
func TestGoSalesforceAssignsLeadsInBulk(t *testing.T) {
	t.Parallel()
	org := newOrg(t, sftest.WithBulkPolls(0))
	queue := org.Insert("Group", map[string]any{"Name": "Booth", "Type": "Queue"})
	org.AssignLeadsTo(queue)
	client := newGoSalesforce(t, org)
	lead := func(id string) []map[string]any {
		return []map[string]any{{"LastName": "Lovelace", "Company": "Engines", key: id}}
	}

	_, err := client.InsertBulk("Lead", lead("p1"), 10, true)
	require.NoError(t, err)
	_, err = client.InsertBulkAssign("Lead", lead("p2"), 10, true, "01Q000000000001AAA")
	require.NoError(t, err)
	_, err = client.UpsertBulkAssign("Lead", key, lead("p3"), 10, true, "01Q000000000001AAA")
	require.NoError(t, err)
	require.Equal(t, []any{org.UserID(), queue, queue}, column(org, "Lead", "OwnerId"))
	_, err = client.InsertBulkAssign("Contact", lead("p4"), 10, true, "01Q000000000001AAA")
	require.ErrorContains(t, err, "doesn't support this type of object")
}

// The org ends a job at the third poll, and returns the rows in pages.
func TestGoSalesforceReadsInBulk(t *testing.T) {
	t.Parallel()
	org := newOrg(t, sftest.WithPageSize(100))
	insertContacts(org, 250)
	account := org.Insert("Account", map[string]any{"Name": "Engines, \"Co\"", "NumberOfEmployees": 12})
	org.Insert("Contact", map[string]any{"LastName": "Person 999", "AccountId": account})
	client := newGoSalesforce(t, org)
	query := "SELECT LastName, Account.Name, Account.NumberOfEmployees FROM Contact WHERE LastName LIKE 'Person%' " +
		"ORDER BY LastName"
	path := filepath.Join(t.TempDir(), "rows.csv")

	require.NoError(t, client.QueryBulkExport(query, path))
	rows := readCSV(t, path)
	require.Len(t, rows, 252)
	require.Equal(t, []string{"LastName", "Account.Name", "Account.NumberOfEmployees"}, rows[0])
	require.Equal(t, []string{"Person 249", "", ""}, rows[250])
	require.Equal(t, []string{"Person 999", "Engines, \"Co\"", "12"}, rows[251])

	pages, err := client.QueryBulkIterator(query)
	require.NoError(t, err)
	var names []string
	for pages.Next() {
		var page []struct {
			LastName string
			Account  string `csv:"Account.Name"`
		}
		require.NoError(t, pages.Decode(&page))
		for _, row := range page {
			names = append(names, row.LastName)
		}
	}
	require.NoError(t, pages.Error())
	require.Len(t, names, 251)
	require.True(t, slices.IsSorted(names))

	type selected struct {
		LastName string `soql:"selectColumn,fieldName=LastName"`
	}
	require.NoError(t, client.QueryStructBulkExport(struct {
		Select selected `soql:"selectClause,tableName=Contact"`
	}{}, path))
	require.Len(t, readCSV(t, path), 252)
	require.NoError(t, client.QueryBulkExport("SELECT LastName FROM Contact WHERE LastName = 'Nobody'", path))
	require.Equal(t, [][]string{{"LastName"}}, readCSV(t, path))
}

func TestGoSalesforceIsRefusedInBulk(t *testing.T) {
	t.Parallel()
	org := newOrg(t, sftest.WithBulkPolls(0))
	client := newGoSalesforce(t, org)
	rows := []map[string]any{{"LastName": "Lovelace"}}
	job := func(_ []string, err error) error { return err }
	export := func(soql string) error { return client.QueryBulkExport(soql, filepath.Join(t.TempDir(), "rows.csv")) }
	for name, tc := range map[string]struct {
		do   func() error
		code string
	}{
		"unknown object": {func() error { return job(client.InsertBulk("Nope__c", rows, 10, true)) }, "INVALIDJOB"},
		"invalid key field": {func() error {
			return job(client.UpsertBulk("Contact", "Title", rows, 10, true))
		}, "INVALIDJOB"},
		"SOQL cut short":          {func() error { return export("SELECT Id FROM") }, "MALFORMED_QUERY"},
		"SOQL with unknown field": {func() error { return export("SELECT Nope__c FROM Contact") }, "INVALID_FIELD"},
		"SOQL that counts":        {func() error { return export("SELECT COUNT() FROM Contact") }, "API_ERROR"},
		"unknown job": {func() error {
			_, err := client.GetJobResults("750000000000009AAA")
			return err
		}, "NOT_FOUND"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tc.code, goSalesforceCode(t, tc.do()))
		})
	}
	t.Run("batch size", func(t *testing.T) {
		t.Parallel()
		require.ErrorContains(t, job(client.InsertBulk("Contact", rows, 10_001, true)), "batch size")
	})
	t.Run("unknown column", func(t *testing.T) {
		t.Parallel()
		err := job(client.InsertBulk("Contact", []map[string]any{{"Nope__c": 1}}, 10, true))
		require.EqualError(t, err, "InvalidBatch : Field name not found : Nope__c")
	})
	t.Cleanup(func() { require.Zero(t, org.Count("Contact")) })
}

// A job that fails midway keeps the rows that it has written.
func TestGoSalesforceSeesABulkJobFail(t *testing.T) {
	t.Parallel()
	org := newOrg(t, sftest.WithBulkPolls(0))
	org.FailBulk(1, "InternalServerError : retry later")
	client := newGoSalesforce(t, org)
	_, err := client.InsertBulk("Contact", []map[string]any{{"LastName": "Lovelace"}, {"LastName": "Turing"}}, 10, true)
	require.EqualError(t, err, "InternalServerError : retry later")
	require.Equal(t, 1, org.Count("Contact"))
}

func goSalesforceJob(t *testing.T, client *gosalesforce.Salesforce, id string) gosalesforce.BulkJobResults {
	t.Helper()
	result, err := client.GetJobResults(id)
	require.NoError(t, err)
	return result
}

func readCSV(t *testing.T, path string) [][]string {
	t.Helper()
	file, err := os.Open(path)
	require.NoError(t, err)
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	require.NoError(t, err)
	return rows
}

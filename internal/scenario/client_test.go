// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
	"github.com/leadsync/leadsync/salesforce/soql"
)

// The benchmarks leave the work of the fake org out: its replies are those of an earlier time.

// BenchmarkClientWrite creates 1,000 Leads with a Task each: in two calls, of which each row is encoded once and
// each result decoded.
func BenchmarkClientWrite(b *testing.B) {
	org, writes := sftest.NewOrg(b), leadsWithTasks(1000)
	benchmarkReplies(b, org, func(client *salesforce.Client) {
		results, err := client.Write(b.Context(), writes...)
		require.NoError(b, err)
		require.NoError(b, results[len(results)-1].Err)
	})
}

// BenchmarkClientWriteRefused has each of 1,000 Leads refused by a validation rule.
func BenchmarkClientWriteRefused(b *testing.B) {
	org, writes := sftest.NewOrg(b), leadsWithTasks(1000)
	org.AddRule("Lead", sftest.Rule{Message: "Not on a Sunday", Field: "Title",
		Refuses: func(map[string]any) bool { return true }})
	benchmarkReplies(b, org, func(client *salesforce.Client) {
		results, err := client.Write(b.Context(), writes...)
		require.NoError(b, err)
		require.Error(b, results[0].Err)
	})
}

// BenchmarkClientRead reads 1,000 Leads by a query, and the text of each of their fields.
func BenchmarkClientRead(b *testing.B) {
	org := sftest.NewOrg(b)
	for _, write := range leadsWithTasks(1000)[:1000] {
		org.Insert("Lead", write.Fields)
	}
	fields := []string{"Id", "FirstName", "LastName", "Company", "Email", "Phone", "Title", "LastModifiedDate"}
	benchmarkReplies(b, org, func(client *salesforce.Client) {
		results, err := client.Read(b.Context(), salesforce.Query(soql.From("Lead", fields...)))
		require.NoError(b, err)
		require.Len(b, results[0].Records, 1000)
		for i := range results[0].Records {
			for _, field := range fields {
				if results[0].Records[i].Text(field) == "" {
					b.Fatal(field)
				}
			}
		}
	})
}

// benchmarkReplies measures what a client does with the replies that org has given once.
func benchmarkReplies(b *testing.B, org *sftest.Org, do func(*salesforce.Client)) {
	b.Helper()
	replay := scenario.Record(org)
	client := replay.Client(b)
	do(client)
	b.ReportAllocs()
	for b.Loop() {
		replay.Again()
		do(client)
	}
}

// leadsWithTasks creates n Leads, and then a Task for each.
func leadsWithTasks(n int) []salesforce.Write {
	writes := make([]salesforce.Write, 0, 2*n)
	for i := range n {
		writes = append(writes, salesforce.Write{Op: salesforce.OpCreate, Object: "Lead", Fields: salesforce.Fields{
			"FirstName": "Pat", "LastName": fmt.Sprintf("Person %d", i), "Company": fmt.Sprintf("Company %d", i%50),
			"Email": fmt.Sprintf("p%d@company%d.example", i, i%50), "Phone": "+49 30 123456", "Title": "Engineer"}})
	}
	for i := range n {
		writes = append(writes, salesforce.Write{Op: salesforce.OpCreate, Object: "Task",
			Fields: salesforce.Fields{"Subject": "Meeting", "Description": "at the stand", "Status": "Completed"},
			Refs:   []salesforce.Ref{{Field: "WhoId", Write: i}}})
	}
	return writes
}

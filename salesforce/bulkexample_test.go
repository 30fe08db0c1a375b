package salesforce_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/oauth2"

	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
	"github.com/leadsync/leadsync/salesforce/soql"
)

// bulkOrg is a fake org with a key field on Lead, and a client of it.
func bulkOrg() (*sftest.Org, *salesforce.Client) {
	org := sftest.NewOrg(nil)
	org.AddExternalID("Lead")
	client, err := salesforce.New(
		org.URL(),
		oauth2.StaticTokenSource(&oauth2.Token{AccessToken: org.Token()}),
		&salesforce.Config{
			Hosts:      []string{strings.TrimPrefix(org.URL(), "http://")},
			JitterFunc: func() float64 { return 0 },
		},
	)
	if err != nil {
		panic(err)
	}
	return org, client
}

// Rows stream from wherever they are, and each comes back with what became of
// it, known by the caller's own key.
func ExampleClient_Ingest() {
	org, client := bulkOrg()
	defer org.Close()

	badges := func(yield func(salesforce.Fields, error) bool) {
		for _, name := range []string{"Lovelace", "Turing", ""} {
			row := salesforce.Fields{"LeadsyncKey__c": "badge-" + name, "LastName": name, "Company": "Analytical"}
			if !yield(row, nil) {
				return
			}
		}
	}
	spec := salesforce.IngestSpec{
		Object: "Lead", Op: salesforce.OpUpsert, Key: "LeadsyncKey__c",
		Columns: []string{"LeadsyncKey__c", "LastName", "Company"},
	}
	var lines []string
	for result, err := range client.Ingest(context.Background(), spec, badges) {
		if failed := (*salesforce.JobError)(nil); errors.As(err, &failed) {
			fmt.Println("to be resumed:", failed.Job.ID, failed)
			return
		}
		lines = append(lines, fmt.Sprintln(result.Key, result.Created, result.Err))
	}
	slices.Sort(lines) // results come in no order
	fmt.Print(strings.Join(lines, ""))
	// Output:
	// badge- false salesforce: REQUIRED_FIELD_MISSING on LastName
	// badge-Lovelace true <nil>
	// badge-Turing true <nil>
}

func ExampleClient_BulkQuery() {
	org, client := bulkOrg()
	defer org.Close()
	org.Insert("Lead", map[string]any{"LastName": "Lovelace", "Company": "Analytical"})

	query := soql.From("Lead", "LastName", "Email").Where(soql.Eq("Company", "Analytical"))
	for row, err := range client.BulkQuery(context.Background(), salesforce.QuerySpec{Query: query}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%s %q\n", row["LastName"], row["Email"])
	}
	// Output: Lovelace ""
}

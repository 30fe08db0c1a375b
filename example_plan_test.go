// SPDX-License-Identifier: Apache-2.0

package leadsync_test

import (
	"context"
	"fmt"
	"log"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/revert"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// A plan is shown, applied, and undone by what its outcomes say.
func ExampleSyncer_Plan() {
	org := sftest.NewOrg(nil)
	defer org.Close()
	org.Insert("Contact",
		map[string]any{"FirstName": "Ada", "LastName": "Lovelace", "Email": "ada@example.com", "Title": "Countess"})
	rules := leadsync.DefaultMapping()
	rules.Existing = mapping.OverwriteExisting // also what others have written
	syncer, err := leadsync.New(connect(org), &leadsync.Config{Mapper: rules})
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	plan, err := syncer.Plan(ctx,
		&leadsync.Lead{ID: "L1", LastName: "Lovelace", Email: "ada@example.com", JobTitle: "Analyst"})
	if err != nil {
		log.Fatal(err)
	}
	for _, change := range plan.Changes {
		for _, f := range change.Fields {
			fmt.Printf("%s %s: %v -> %v (%s)\n", change.Object, f.Field, f.Before, f.After, f.Reason)
		}
	}
	fmt.Println("planned:", org.Rows("Contact")[0]["Title"])

	outcomes, err := syncer.Apply(ctx, plan)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("applied:", org.Rows("Contact")[0]["Title"])

	report, err := syncer.Revert(ctx, outcomes, revert.Options{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("reverted:", org.Rows("Contact")[0]["Title"], len(report.Restored), "restored", len(report.Left), "left")
	// Output:
	// Contact Title: Countess -> Analyst (unless-edited from jobTitle)
	// planned: Countess
	// applied: Analyst
	// reverted: Countess 1 restored 0 left
}

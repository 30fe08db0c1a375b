// SPDX-License-Identifier: Apache-2.0

package leadsync_test

import (
	"context"
	"fmt"
	"log"
	"sync/atomic"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// README.md has the middle of this example; a test compares the two.
func ExampleSyncer_Summary() {
	org := sftest.NewOrg(nil)
	defer org.Close()
	var lifted atomic.Bool
	org.AddRule("Lead", sftest.Rule{Message: "Budget is required", Field: "Description",
		Refuses: func(row map[string]any) bool { return !lifted.Load() && row["Description"] == nil }})
	syncer, err := leadsync.New(connect(org), nil)
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	_, err = syncer.Capture(ctx,
		&leadsync.Lead{ID: "L1", EventID: "expo", LastName: "Lovelace", Company: "Engines", Email: "ada@example.com"},
		&leadsync.Lead{ID: "L2", EventID: "expo", LastName: "Babbage", Company: "Engines", Email: "charles@example.com"},
		&leadsync.Lead{ID: "L3", EventID: "expo", LastName: "Menabrea", Company: "Turin", Email: "luigi@example.com",
			Notes: "Has a budget."},
		&leadsync.Lead{ID: "L4", EventID: "expo", LastName: "Somerville", Company: "Royal", Email: "mary(at)example.com"},
	)
	if err != nil {
		log.Fatal(err)
	}
	if err := syncer.Drain(ctx); err != nil {
		log.Fatal(err)
	}
	lifted.Store(true)

	summary, err := syncer.Summary(ctx, leadsync.Filter{Event: "expo"})
	if err != nil {
		log.Fatal(err)
	}
	for _, group := range summary.Groups {
		for _, cause := range group.Causes {
			fmt.Println(group.Code, cause.Count, cause.Fields, cause.Rule)
			if cause.Rule != "Budget is required" {
				continue
			}
			// The rule was lifted in Salesforce meanwhile.
			n, err := syncer.Push(ctx, cause.Filter)
			if err != nil {
				log.Fatal(err)
			}
			fmt.Println(n, "leads will be retried")
		}
	}

	if err := syncer.Drain(ctx); err != nil {
		log.Fatal(err)
	}
	if summary, err = syncer.Summary(ctx, leadsync.Filter{}); err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.0f %% cleared\n", 100*summary.Share(leadsync.Cleared))
	// Output:
	// DATA_VALUE_VALIDATION 2 [Description] Budget is required
	// 2 leads will be retried
	// DATA_VALUE_VALIDATION 1 [Email] is not an e-mail address that Salesforce accepts
	// 75 % cleared
}

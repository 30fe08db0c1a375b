// SPDX-License-Identifier: Apache-2.0

package sftest_test

import (
	"fmt"
	"time"

	"github.com/leadsync/leadsync/salesforce/sftest"
)

// What the org answers while a bulk job is under way.
func ExampleOrg_OnBulk() {
	org := sftest.NewOrg(nil, sftest.WithBulkPolls(0)) // the first look at a job waits for its end
	defer org.Close()
	org.OnBulk(func(_ string, rows int) {
		fmt.Println(rows, "rows done,", org.Count("Lead"), "Leads")
	})
	job := bulkJob(org, "LastName,Company\nTuring,C\nClarke,C\nFlowers,C\n")
	fmt.Println(job.State, org.Count("Lead"))
	// Output:
	// 0 rows done, 0 Leads
	// JobComplete 3
}

// Jobs that nobody polls.
func ExampleWithBulkDelay() {
	org := sftest.NewOrg(nil, sftest.WithBulkDelay(time.Millisecond))
	defer org.Close()
	done := make(chan struct{})
	org.OnBulk(func(string, int) { close(done) })
	fmt.Println(bulkJob(org, "LastName,Company\nTuring,C\n").State != "Failed")
	<-done
	// Output:
	// true
}

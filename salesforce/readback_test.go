// SPDX-License-Identifier: Apache-2.0

package salesforce_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// afterTheFirst calls flow once, after the first request.
func afterTheFirst(org *sftest.Org, flow func()) {
	var once sync.Once
	org.OnRequest(func(sftest.Request) { once.Do(flow) })
}

// What was written is read back in a later call that has room, or in the one that also wrote
// what refers to it, and never in a call of its own.
func TestWriteReadsBackWhatLandedWhereThatCostsNoCall(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		people, tasks int
		read          bool
		title         string // a flow changes it after the first call
	}{
		{1, 1, true, "Engineer"}, {200, 200, true, "Engineer"}, {800, 400, true, "ENGINEER"},
		{200, 0, false, ""},     // nothing else to write
		{1000, 1000, false, ""}, // no room
	} {
		t.Run(fmt.Sprintf("%d people, %d tasks", row.people, row.tasks), func(t *testing.T) {
			t.Parallel()
			calls := make(map[bool]int)
			for _, asks := range []bool{false, true} {
				org := sftest.NewOrg(t)
				client := connect(t, org)
				writes := peopleWithTasks(row.people, 0, nil)[:row.people+row.tasks]
				for i := range writes[:row.people] {
					if asks {
						writes[i].ReadBack = []string{"Title", "Department"}
					}
				}
				org.ResetLog()
				afterTheFirst(org, func() {
					for _, contact := range org.Rows("Contact") {
						org.Update("Contact", contact["Id"].(string), map[string]any{"Title": "ENGINEER"})
					}
				})
				results, err := client.Write(t.Context(), writes...)
				require.NoError(t, err)
				read := 0
				for i, result := range results {
					require.NoError(t, result.Err)
					if result.Landed != nil {
						read++
						require.Less(t, i, row.people)
						require.Equal(t, salesforce.Fields{"Title": row.title, "Department": "Research"}, result.Landed)
					}
				}
				require.Equal(t, map[bool]int{true: row.people}[asks && row.read], read)
				calls[asks] = org.Calls()
			}
			require.Equal(t, calls[false], calls[true])
		})
	}
}

// A record that cannot be read is not said to have landed, and fails nothing.
func TestWriteThatCannotReadBackIsStillWritten(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	client := connect(t, org)
	writes := peopleWithTasks(2, 0, nil)
	writes[0].ReadBack, writes[1].ReadBack = []string{"Nothing__c"}, []string{"Title"}
	results, err := client.Write(t.Context(), writes...)
	require.NoError(t, err)
	for _, result := range results {
		require.NoError(t, result.Err)
		require.Nil(t, result.Landed)
	}
	require.Equal(t, 2, org.Count("Task"))
}

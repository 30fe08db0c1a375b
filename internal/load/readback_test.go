// SPDX-License-Identifier: Apache-2.0

package load_test

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/internal/load"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// Of many records a sample is read back, and all of them where automation has changed one of it.
func TestWriteReadsASampleBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const n, contacts = 10_500, 500
		const sample = contacts + 4*2000 // a query of Contacts, and four of five of Leads
		org, _ := keyedOrg(t, sftest.WithLogSize(100))
		writes := make([]salesforce.Write, n)
		for i := range writes {
			object, before := salesforce.ObjectLead, map[string]any{"LastName": "Before", "Company": "Acme"}
			if i%(n/contacts) == 0 {
				object, before = salesforce.ObjectContact, map[string]any{"LastName": "Before"}
			}
			id := org.Insert(string(object), before)
			writes[i] = salesforce.Write{Op: salesforce.OpUpdate, Object: object, ID: salesforce.ID(id),
				Fields: salesforce.Fields{"LastName": fmt.Sprint("After ", i)}, ReadBack: []string{"LastName"}}
		}
		for name, tc := range map[string]struct {
			differs func(int, salesforce.Fields) bool
			read    int
			calls   int
		}{
			"nothing differs": {func(i int, landed salesforce.Fields) bool {
				return landed["LastName"] != fmt.Sprint("After ", i)
			}, sample, 0},
			"a Contact differs":    {func(i int, _ salesforce.Fields) bool { return i == 0 }, n, 1},
			"all have to be known": {nil, n, 1},
		} {
			org.ResetLog()
			results, err := load.Write(t.Context(), clientOf(t, org),
				load.Options{Least: least, Differs: tc.differs}, writes...)
			require.NoError(t, err)
			require.Equal(t, load.Calls(writes, least)+tc.calls, org.Calls()-looks(org)+jobs(org), name)
			var read []int
			for i, result := range results {
				require.NoError(t, result.Err)
				if result.Landed != nil {
					require.Equal(t, salesforce.Fields{"LastName": fmt.Sprint("After ", i)}, result.Landed)
					read = append(read, i)
				}
			}
			require.Len(t, read, tc.read, name)
			require.Less(t, slices.Min(read), n/100)
			require.Greater(t, slices.Max(read), n-n/100, "the sample is of the last ones too")
		}
	})
}

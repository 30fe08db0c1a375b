// SPDX-License-Identifier: Apache-2.0

package sqlite_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/store/sqlite"
)

// A poll reads indexes of the leads that are due, or may be, whatever else the store has.
func TestClaimReadsNoOtherLeads(t *testing.T) {
	t.Parallel()
	store := open(t, filepath.Join(t.TempDir(), "leads.db"), nil)
	for query, indexes := range map[string][]string{
		sqlite.Claimable: {"lead_queued", "lead_later", "lead_waiting"},
		sqlite.Due:       {"lead_queued", "lead_due", "lead_waiting", "tally_in_flight"},
	} {
		steps, err := store.Strings(t.Context(), "EXPLAIN QUERY PLAN "+query, connection, 0, 10)
		require.NoError(t, err)
		plan := strings.Join(steps, "\n")
		for _, index := range indexes {
			require.Contains(t, plan, index)
		}
		require.NotContains(t, plan, "SCAN lead")
		require.NotContains(t, plan, "AUTOMATIC")
	}
}

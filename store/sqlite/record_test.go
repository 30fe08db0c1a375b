// SPDX-License-Identifier: Apache-2.0

package sqlite_test

import (
	"fmt"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// What is remembered of a record takes at most 0.4 KB of the file, its index included.
func TestRecordsAreSmall(t *testing.T) {
	t.Parallel()
	const count, most = 5000, 400
	st := open(t, filepath.Join(t.TempDir(), "leads.db"), nil)
	records := make([]leadtype.RecordMemory, count)
	for i := range records {
		records[i] = leadtype.RecordMemory{ID: salesforce.ID(fmt.Sprintf("00Q%015d", i)),
			Lead: leadsync.LeadID(fmt.Sprintf("0191d3a8-7c1e-7abc-9def-%012d", i))}
		records[i].Note("Email", fmt.Sprintf("somebody.%d@example.com", i))
	}
	require.NoError(t, st.Remember(t.Context(), connection, records))
	sizes, err := st.Strings(t.Context(), `SELECT CAST(sum(pgsize) AS TEXT) FROM dbstat WHERE name IN ('record', ?)`,
		"record_lead")
	require.NoError(t, err)
	size, err := strconv.Atoi(sizes[0])
	require.NoError(t, err)
	require.LessOrEqual(t, size/count, most)
	t.Logf("%d bytes a record", size/count)
}

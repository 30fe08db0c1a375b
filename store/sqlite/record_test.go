// SPDX-License-Identifier: Apache-2.0

package sqlite_test

import (
	"fmt"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// What is remembered of a record with twenty fields takes at most 0.4 KB of the file, its
// index included.
func TestRecordsAreSmall(t *testing.T) {
	t.Parallel()
	const count, fields, most = 5000, 20, 400
	st := open(t, filepath.Join(t.TempDir(), "leads.db"), nil)
	records := make([]leadtype.RecordMemory, count)
	for i := range records {
		records[i] = leadtype.RecordMemory{ID: salesforce.ID(fmt.Sprintf("00Q%015d", i)),
			Lead: leadsync.LeadID(fmt.Sprintf("L%d", i))}
		for n := range fields {
			field := &salesforce.Field{Name: fmt.Sprintf("A_field_with_a_name_%d__c", n), Type: salesforce.TypeString}
			records[i].Note(field, fmt.Sprintf("value %d of %d", n, i), time.Unix(int64(1_770_000_000+i), 0))
		}
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

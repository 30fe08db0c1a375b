// SPDX-License-Identifier: Apache-2.0

package postgres_test

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

// lookUps are the plans for any parameters of the statements that join a table with given values.
func lookUps(t *testing.T, on *pgx.Conn, seen *recorder) map[string]string {
	t.Helper()
	plans := make(map[string]string)
	for statement, how := range seen.statements {
		if strings.HasPrefix(statement, "WITH given ") {
			plans[how.operation+": "+statement] = explainAny(t, on, statement)
		}
	}
	require.Greater(t, len(plans), 4)
	return plans
}

// byConnection reports whether a plan reads all rows of a connection by an index.
func byConnection(plan string) bool {
	for line := range strings.Lines(plan) {
		condition, found := strings.CutPrefix(strings.TrimSpace(line), "Index Cond: ")
		if found && !strings.Contains(condition, " AND ") && strings.Contains(condition, "connection") {
			return true
		}
	}
	return strings.Contains(plan, "Seq Scan")
}

// The server keeps a plan that it made while a table was new, until it examines the table.
func TestLookUpsOfANewSchemaReadNoWholeConnection(t *testing.T) {
	t.Parallel()
	kept, plain, name, seen := traced(t)
	_, err := kept.Capture(t.Context(), connection, captured("L1", "L2", "L7"))
	require.NoError(t, err)
	seen.clear()
	use(t, kept, connection, func(operation string) {
		seen.mu.Lock()
		defer seen.mu.Unlock()
		seen.operation = operation
	})
	on, err := plain.Acquire(t.Context())
	require.NoError(t, err)
	defer on.Release()
	_, err = on.Exec(t.Context(), `SET enable_seqscan = off`) // as in each transaction of the store
	require.NoError(t, err)
	for statement, plan := range lookUps(t, on.Conn(), seen) {
		require.False(t, byConnection(plan), "%s\n%s", statement, plan)
	}

	// The control: without what the migration told it.
	_, err = on.Exec(t.Context(), `DELETE FROM pg_catalog.pg_statistic WHERE starelid IN (
		SELECT oid FROM pg_catalog.pg_class WHERE relnamespace = $1::regnamespace)`, `"`+name+`"`)
	require.NoError(t, err)
	whole := 0
	for _, plan := range lookUps(t, on.Conn(), seen) {
		if byConnection(plan) {
			whole++
		}
	}
	require.NotZero(t, whole)
}

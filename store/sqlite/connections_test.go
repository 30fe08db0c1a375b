// SPDX-License-Identifier: Apache-2.0

package sqlite_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/store/sqlite"
)

// An idle host asks once a poll for all connections: that must not read their leads.
func TestDueConnectionsReadNoLeadsThatAreNotDue(t *testing.T) {
	t.Parallel()
	store := open(t, filepath.Join(t.TempDir(), "leads.db"), nil)
	require.NoError(t, store.Exec(t.Context(), `INSERT INTO lead (connection, lead_id, sequence, event, strategy, stage,
			state, retry_at, data)
		WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
		SELECT printf('org %04d', i % 1000), i, i, '', '', iif(i % 5 = 0, 'pre-sync', 'cleared'),
			iif(i % 5 = 0, 'queued', ''), iif(i % 1000 = 10, 0, 9e15), '{}' FROM n`))
	due, err := store.DueConnections(t.Context(), "", 10)
	require.NoError(t, err)
	require.Equal(t, []string{"org 0010"}, due)
	steps, err := store.Strings(t.Context(), "EXPLAIN QUERY PLAN "+sqlite.DueConnections, "", 0, 10)
	require.NoError(t, err)
	plan := strings.Join(steps, "\n")
	require.Contains(t, plan, "lead_queued")
	require.Contains(t, plan, "lead_due")
	require.Contains(t, plan, "lead_waiting")
	require.Contains(t, plan, "tally_in_flight")
	require.Contains(t, plan, "tally_frozen")
	require.Contains(t, plan, "connection_automatic")
	require.NotContains(t, plan, "SCAN lead")
}

// Another process, or the same one later, finds what was kept.
func TestConnectionsAreKeptInTheFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "leads.db")
	first, err := sqlite.Open(path, nil)
	require.NoError(t, err)
	for i := range 3 {
		require.NoError(t, first.SetSettings(t.Context(), connection, int64(i), fmt.Appendf(nil, "%d", i), "ada"))
	}
	require.NoError(t, first.AddCalls(t.Context(), connection, 7))
	want, err := first.Connection(t.Context(), connection)
	require.NoError(t, err)
	require.NoError(t, first.Close())

	again := open(t, path, nil)
	got, err := again.Connection(t.Context(), connection)
	require.NoError(t, err)
	require.Equal(t, want, got)
	hours, err := again.Calls(t.Context(), connection)
	require.NoError(t, err)
	require.EqualValues(t, 7, hours[0].Calls)
}

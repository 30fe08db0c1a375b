// SPDX-License-Identifier: Apache-2.0

package sqlite_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/store/sqlite"
)

func TestOnlyTheLastPlansOfEachConnectionAreRemembered(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "leads.db")
	store, err := sqlite.Open(path, nil)
	require.NoError(t, err)
	require.NoError(t, store.Exec(t.Context(), `INSERT INTO plan (connection, plan)
		WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000) SELECT 'org', i FROM n`))
	take := func(connection, plan string) bool {
		taken, err := store.TakePlan(t.Context(), connection, plan)
		require.NoError(t, err)
		return taken
	}
	require.True(t, take("other", "1"))
	require.False(t, take("org", "1"))
	require.True(t, take("org", "10001"))
	require.False(t, take("org", "2"))
	require.True(t, take("org", "1"), "the oldest")
	require.False(t, take("other", "1"))
	require.NoError(t, store.Close())

	store, err = sqlite.Open(path, nil)
	require.NoError(t, err)
	defer store.Close()
	require.False(t, take("org", "10001"), "another process knows it")
}

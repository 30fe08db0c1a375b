// SPDX-License-Identifier: Apache-2.0

package postgres_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/store/postgres"
)

// Steps that are old enough are pruned wherever they are in the history, as behind those of a clock that was ahead.
func TestPruneReachesOldStepsBehindManyLaterOnes(t *testing.T) {
	t.Parallel()
	on := pool(t)
	opened, err := postgres.New(t.Context(), on, &postgres.Options{Schema: schema(t, on)})
	require.NoError(t, err)
	_, err = opened.Capture(t.Context(), connection, captured("L1"))
	require.NoError(t, err)
	_, err = opened.Strings(t.Context(), `INSERT INTO leadsync.history
			(connection, sequence, at, change, stage, state, generation)
		SELECT connection, sequence, v.at, 'pushed', stage, state, 0 FROM leadsync.lead, (
			SELECT 4102444800000000 + n AS at FROM generate_series(1, 20000) AS n
			UNION ALL SELECT n FROM generate_series(1, 21000) AS n UNION ALL SELECT 4102444800000000) AS v
		RETURNING ''`)
	require.NoError(t, err)
	pruned, err := opened.Prune(t.Context(), connection, time.Unix(1, 0))
	require.NoError(t, err)
	require.Equal(t, 21000, pruned)
	steps, err := opened.History(t.Context(), connection, "L1")
	require.NoError(t, err)
	require.Len(t, steps, 1+20000+1)
}

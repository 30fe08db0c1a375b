// SPDX-License-Identifier: Apache-2.0

package postgres_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/store"
)

// The connections of a process that died are named from the moment their leases have run out until
// another has taken them over, the one that has waited longest first.
func TestConnectionsOfADeadProcessAreNamedFirst(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	kept := open(t, func() time.Time { return now })
	abandoned := func(limit int) []string {
		t.Helper()
		names, err := kept.Abandoned(t.Context(), limit)
		require.NoError(t, err)
		return names
	}
	leases := make(map[string]store.Lease)
	for i, name := range []string{"first", "claimed", "second", "released", "empty", "later", "never"} {
		if name != "empty" {
			due := captured("L1")
			if name == "later" {
				due[0].DueAt = now.Add(time.Hour)
			}
			_, err := kept.Capture(t.Context(), name, due)
			require.NoError(t, err)
		}
		if name == "never" {
			continue
		}
		lease, err := kept.Acquire(t.Context(), name, "dead", time.Duration(10+i)*time.Second)
		require.NoError(t, err)
		leases[name] = lease
	}
	claimed, err := kept.Claim(t.Context(), leases["claimed"], 10)
	require.NoError(t, err)
	require.Len(t, claimed, 1)
	require.NoError(t, kept.Release(t.Context(), leases["released"]))
	require.Empty(t, abandoned(10), "the process may live")

	now = now.Add(11 * time.Second)
	require.Equal(t, []string{"first", "claimed"}, abandoned(10))
	now = now.Add(time.Minute)
	require.Equal(t, []string{"first", "claimed", "second"}, abandoned(10))
	require.Equal(t, []string{"first"}, abandoned(1))
	_, err = kept.Acquire(t.Context(), "first", "alive", time.Minute)
	require.NoError(t, err)
	require.Equal(t, []string{"claimed", "second"}, abandoned(10))
	require.Empty(t, abandoned(-1))
}

// SPDX-License-Identifier: Apache-2.0

package postgres_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/store/postgres"
)

// listener collects the names that a Store is told.
func listener(t *testing.T, st *postgres.Store) (told chan string, stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	told = make(chan string, 100)
	ended := make(chan error, 1)
	go func() { ended <- st.Hints(ctx, func(name string) { told <- name }) }()
	t.Cleanup(cancel)
	require.Eventually(t, func() bool { // it listens
		require.NoError(t, st.Hint(t.Context(), "ready"))
		select {
		case <-told:
			return true
		default:
			return false
		}
	}, time.Minute, 10*time.Millisecond)
	return told, func() error {
		cancel()
		return <-ended
	}
}

func TestHintsReachTheProcessesOfTheSchema(t *testing.T) {
	t.Parallel()
	on := pool(t)
	options := &postgres.Options{Schema: schema(t, on)}
	first, err := postgres.New(t.Context(), on, options)
	require.NoError(t, err)
	second, err := postgres.New(t.Context(), pool(t, "pool_max_conns=2"), options)
	require.NoError(t, err)
	elsewhere, err := postgres.New(t.Context(), on, &postgres.Options{Schema: schema(t, on)})
	require.NoError(t, err)

	told, stop := listener(t, second)
	require.NoError(t, elsewhere.Hint(t.Context(), "of another schema"))
	for _, name := range []string{"acme", "a\x00b", `\'";--`, "b\xff", "שלום", "x"} {
		require.NoError(t, first.Hint(t.Context(), name))
	}
	var got []string
	for name := ""; name != "x"; got = append(got, name) {
		if name = <-told; name == "ready" {
			got = got[:0:0]
			name = ""
		}
	}
	require.Subset(t, got, []string{"acme", "a\x00b", `\'";--`, "b\xff", "שלום"})
	require.NotContains(t, got, "of another schema")
	require.ErrorIs(t, stop(), context.Canceled)
	require.NoError(t, second.Hint(t.Context(), "its pool works"))
}

func TestHintsEndWithTheirConnection(t *testing.T) {
	t.Parallel()
	on := pool(t)
	st, err := postgres.New(t.Context(), pool(t, "application_name=hints_of_"+t.Name()),
		&postgres.Options{Schema: schema(t, on)})
	require.NoError(t, err)
	ended := make(chan error, 1)
	go func() { ended <- st.Hints(t.Context(), func(string) {}) }()
	require.Eventually(t, func() bool {
		_, err := on.Exec(t.Context(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
			WHERE application_name = 'hints_of_TestHintsEndWithTheirConnection' AND query = 'LISTEN leadsync'`)
		require.NoError(t, err)
		select {
		case err := <-ended:
			require.Error(t, err)
			return true
		default:
			return false
		}
	}, time.Minute, 10*time.Millisecond)
}

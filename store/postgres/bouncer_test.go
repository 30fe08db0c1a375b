// SPDX-License-Identifier: Apache-2.0

package postgres_test

import (
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/postgres"
	"github.com/leadsync/leadsync/store/storetest"
)

// The store works through PgBouncer in transaction mode: where that keeps prepared statements apart as it is, and
// before in the modes of pgx that need none. The whole suite runs in the last of them where LEADSYNC_TEST_FULL is set.
func TestStoreWorksThroughPgBouncer(t *testing.T) {
	t.Parallel()
	dsn, prepares := server.Bouncer(t)
	modes := []string{"cache_describe", "exec"}
	if prepares {
		modes = append(modes, "cache_statement")
	}
	openIn := func(t *testing.T, mode string, now func() time.Time) *postgres.Store {
		t.Helper()
		on := poolOf(t, dsn, "default_query_exec_mode="+mode)
		opened, err := postgres.New(t.Context(), on, &postgres.Options{Schema: schema(t, on)})
		require.NoError(t, err)
		opened.SetClock(now)
		return opened
	}
	for _, mode := range modes {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			callAll(t, openIn(t, mode, nil))
			many := openIn(t, mode, nil)
			copies := copying(many)
			_, err := many.Capture(t.Context(), connection, manyLeads())
			require.NoError(t, err)
			require.Equal(t, int32(2), copies.Load())
			syncAll(t, many, 400)
		})
		if os.Getenv("LEADSYNC_TEST_FULL") == "" || mode != modes[len(modes)-1] {
			continue
		}
		t.Run(mode+" in full", func(t *testing.T) {
			t.Parallel()
			storetest.Run(t, func(t *testing.T, now func() time.Time) store.Store { return damager{openIn(t, mode, now)} })
			storetest.RunConnections(t, func(t *testing.T, now func() time.Time) store.Store { return openIn(t, mode, now) })
		})
	}
}

// What a pooler makes of prepared statements says what to do.
func TestErrorsOfAPoolerSayWhatToDo(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"42P05", "26000"} {
		on := pool(t)
		opened, err := postgres.New(t.Context(), on, &postgres.Options{Schema: schema(t, on)})
		require.NoError(t, err)
		_, err = on.Exec(t.Context(), `CREATE FUNCTION `+opened.Prefix()+`refuse(text) RETURNS bytea LANGUAGE plpgsql AS
			$$ BEGIN RAISE EXCEPTION 'prepared statement' USING ERRCODE = '`+code+`'; END $$`)
		require.NoError(t, err)
		opened.Rewrite(func(string) string { return `SELECT ` + opened.Prefix() + `refuse($1)` })
		_, err = opened.RunState(t.Context(), connection)
		require.ErrorContains(t, err, "default_query_exec_mode=exec", code)
	}
}

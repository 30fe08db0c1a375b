// SPDX-License-Identifier: Apache-2.0

package postgres_test

import (
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/postgres"
)

func TestSchemaIsMigratedOnceByManyPools(t *testing.T) {
	t.Parallel()
	name := schema(t, pool(t))
	var wg sync.WaitGroup
	stores, errs := make([]*postgres.Store, 8), make([]error, 8)
	for i := range stores {
		on := pool(t, "pool_max_conns=2")
		wg.Go(func() { stores[i], errs[i] = postgres.New(t.Context(), on, &postgres.Options{Schema: name}) })
	}
	wg.Wait()
	for i, opened := range stores {
		require.NoError(t, errs[i])
		report, err := opened.Capture(t.Context(), connection, captured("L1"))
		require.NoError(t, err)
		require.Equal(t, store.CaptureReport{New: 1 - min(i, 1), Same: min(i, 1),
			Strategies: map[string][]string{"expo": {"s"}}}, report)
	}
	versions, err := stores[0].Strings(t.Context(), `SELECT version::text FROM leadsync.migration ORDER BY version`)
	require.NoError(t, err)
	require.Equal(t, []string{"1", "2", "3", "4", "5", "6"}, versions)
}

func TestOpenedAgainHasWhatWasCaptured(t *testing.T) {
	t.Parallel()
	name := schema(t, pool(t))
	for i := range 3 {
		opened, err := postgres.Open(t.Context(), server.DSN(t), &postgres.Options{Schema: name})
		require.NoError(t, err)
		report, err := opened.Capture(t.Context(), connection, captured("L1"))
		require.NoError(t, err)
		require.Equal(t, min(i, 1), report.Same)
		require.NoError(t, opened.Close())
		require.NoError(t, opened.Close(), "more than once")
		_, err = opened.List(t.Context(), connection, store.Filter{})
		require.Error(t, err)
	}
}

func TestSchemaOfANewerVersionIsRefused(t *testing.T) {
	t.Parallel()
	on := pool(t)
	options := &postgres.Options{Schema: schema(t, on)}
	_, err := postgres.New(t.Context(), on, options)
	require.NoError(t, err)
	_, err = on.Exec(t.Context(), `INSERT INTO `+options.Schema+`.migration (version) VALUES (1000)`)
	require.NoError(t, err)
	_, err = postgres.New(t.Context(), on, options)
	require.ErrorIs(t, err, postgres.ErrSchema)
	require.ErrorContains(t, err, "it is 1000")
}

func TestHostMayMigrateWithItsOwnTool(t *testing.T) {
	t.Parallel()
	on := pool(t)
	options := &postgres.Options{Schema: schema(t, on), NoMigrations: true}
	_, err := postgres.New(t.Context(), on, options)
	require.ErrorIs(t, err, postgres.ErrSchema)
	var schemas int
	require.NoError(t, on.QueryRow(t.Context(), `SELECT count(*) FROM pg_namespace WHERE nspname = $1`, options.Schema).
		Scan(&schemas))
	require.Zero(t, schemas, "it was made all the same")

	texts, err := postgres.Migrations(options.Schema)
	require.NoError(t, err)
	require.Len(t, texts, postgres.SchemaVersion)
	for _, text := range texts {
		require.NotContains(t, strings.ReplaceAll(text, options.Schema, ""), "leadsync")
		_, err = on.Exec(t.Context(), text)
		require.NoError(t, err)
	}
	opened, err := postgres.New(t.Context(), on, options)
	require.NoError(t, err)
	report, err := opened.Capture(t.Context(), connection, captured("L1"))
	require.NoError(t, err)
	require.Equal(t, 1, report.New)
}

func TestSchemaNeedsAName(t *testing.T) {
	t.Parallel()
	on := pool(t)
	for _, name := range []string{"Upper", "a b", `a"; DROP TABLE x; --`, "1st", "é", "a.b", strings.Repeat("a", 64)} {
		_, err := postgres.New(t.Context(), on, &postgres.Options{Schema: name})
		require.ErrorContains(t, err, "is no name for a schema", name)
		_, err = postgres.Migrations(name)
		require.ErrorContains(t, err, "is no name for a schema", name)
	}
	// A word that SQL reserves is a name like any other.
	_, err := on.Exec(t.Context(), `DROP SCHEMA IF EXISTS "select" CASCADE`)
	require.NoError(t, err)
	opened, err := postgres.New(t.Context(), on, &postgres.Options{Schema: "select"})
	require.NoError(t, err)
	_, err = opened.Capture(t.Context(), connection, captured("L1"))
	require.NoError(t, err)
	_, err = on.Exec(t.Context(), `DROP SCHEMA "select" CASCADE`)
	require.NoError(t, err)
}

func TestDatabaseNeedsUTF8(t *testing.T) {
	t.Parallel()
	on := pool(t)
	const name = "leadsync_test_latin1"
	_, err := on.Exec(t.Context(), `DROP DATABASE IF EXISTS `+name)
	require.NoError(t, err)
	_, err = on.Exec(t.Context(), `CREATE DATABASE `+name+`
		ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0`)
	require.NoError(t, err)
	_, err = postgres.Open(t.Context(), server.DSN(t)+" database="+name, nil)
	require.ErrorIs(t, err, postgres.ErrServer)
	_, err = on.Exec(t.Context(), `DROP DATABASE `+name)
	require.NoError(t, err)
}

// A schema of version 1 counts nothing: what it has is counted once. What changes add is folded.
func TestLeadsOfASchemaOfVersion1AreCounted(t *testing.T) {
	t.Parallel()
	on := pool(t)
	options := &postgres.Options{Schema: schema(t, on)}
	texts, err := postgres.Migrations(options.Schema)
	require.NoError(t, err)
	_, err = on.Exec(t.Context(), texts[0])
	require.NoError(t, err)
	_, err = on.Exec(t.Context(), strings.ReplaceAll(`
		INSERT INTO leadsync.connection (name, sequence, version) VALUES ('org', 3, 3);
		INSERT INTO leadsync.lease (connection) SELECT id FROM leadsync.connection;
		INSERT INTO leadsync.lead (connection, sequence, lead_id, event, strategy, stage, state, since, version, data)
			SELECT id, n, 'L' || n, 'expo', 's', 'pre-sync', 'queued', n, n, '{"id":"L' || n || '"}'
			FROM leadsync.connection, generate_series(1, 3) AS n;
		INSERT INTO leadsync.search (connection, term, sequence) SELECT connection, 'Wunfit', sequence FROM leadsync.lead`,
		postgres.DefaultSchema+".", `"`+options.Schema+`".`))
	require.NoError(t, err)
	opened, err := postgres.New(t.Context(), on, options)
	require.NoError(t, err)
	counts, err := opened.Count(t.Context(), connection, store.Filter{})
	require.NoError(t, err)
	require.Len(t, counts.Groups, 1)
	require.Equal(t, 3, counts.Groups[0].Leads)
	require.Equal(t, leadtype.LeadID("L1"), counts.Groups[0].Oldest)
	for event, want := range map[string][]store.WarningCount{"": {{Kind: "unfit", Leads: 3}},
		"expo": {{Kind: "unfit", Leads: 3}}, "gala": nil} {
		warned, err := opened.CountWarnings(t.Context(), connection, store.Filter{Event: event})
		require.NoError(t, err)
		require.Equal(t, want, warned)
	}

	for range 200 {
		_, err := opened.Push(t.Context(), connection, store.Filter{}, "")
		require.NoError(t, err)
		_, err = opened.Capture(t.Context(), connection, captured("L1", "L4"))
		require.NoError(t, err)
	}
	rows, err := opened.Strings(t.Context(), `SELECT leads::text FROM leadsync.tally
		UNION ALL SELECT leads::text FROM leadsync.event_warned`)
	require.NoError(t, err)
	require.Less(t, len(rows), 200)
}

func TestNewNeedsAPool(t *testing.T) {
	t.Parallel()
	_, err := postgres.New(t.Context(), nil, nil)
	require.ErrorContains(t, err, "the pool is nil")
}

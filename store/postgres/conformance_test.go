// SPDX-License-Identifier: Apache-2.0

package postgres_test

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/pgtest"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/postgres"
	"github.com/leadsync/leadsync/store/storetest"
)

const connection = "org"

// server is the server of this test binary, started by the first test that needs it.
var server pgtest.Server

func TestMain(m *testing.M) {
	code := m.Run()
	server.Stop()
	os.Exit(code)
}

func TestStoreKeepsTheContract(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, now func() time.Time) leadsync.Store {
		return damager{open(t, now)}
	})
}

func TestStoreKeepsConnections(t *testing.T) {
	t.Parallel()
	storetest.RunConnections(t, func(t *testing.T, now func() time.Time) leadsync.Store { return open(t, now) })
}

// A damager is a store that can be damaged.
type damager struct{ *postgres.Store }

func (s damager) Damage(ctx context.Context, connection string, lead leadtype.LeadID, part, text string) error {
	column := map[string]string{store.PartLead: "data", store.PartActivities: "activities",
		store.PartIntents: "intents", store.PartOutcome: "outcome"}[part]
	return s.Store.Damage(ctx, connection, lead, column, text)
}

// pool returns a pool of connections to the server, closed with the test.
func pool(t testing.TB, settings ...string) *pgxpool.Pool {
	t.Helper()
	return poolOf(t, server.DSN(t), settings...)
}

func poolOf(t testing.TB, dsn string, settings ...string) *pgxpool.Pool {
	t.Helper()
	for _, setting := range settings {
		dsn += " " + setting
	}
	made, err := pgxpool.New(t.Context(), dsn)
	require.NoError(t, err)
	t.Cleanup(made.Close)
	return made
}

// schema returns the name of a schema of the test's own, which is dropped at its end.
func schema(t testing.TB, in *pgxpool.Pool) string {
	t.Helper()
	name := fmt.Sprintf("test_%d_%d", os.Getpid(), time.Now().UnixNano())
	t.Cleanup(func() {
		_, err := in.Exec(context.WithoutCancel(t.Context()), `DROP SCHEMA IF EXISTS "`+name+`" CASCADE`)
		require.NoError(t, err)
	})
	return name
}

// open opens a store in a schema of its own.
func open(t testing.TB, now func() time.Time, settings ...string) *postgres.Store {
	t.Helper()
	on := pool(t, settings...)
	opened, err := postgres.New(t.Context(), on, &postgres.Options{Schema: schema(t, on)})
	require.NoError(t, err)
	opened.SetClock(now)
	return opened
}

// startOwn returns a server of the test's own.
func startOwn(t *testing.T) *pgtest.Server {
	t.Helper()
	own := new(pgtest.Server)
	t.Cleanup(own.Stop)
	own.PrivateDSN(t)
	return own
}

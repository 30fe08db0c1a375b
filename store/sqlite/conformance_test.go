// SPDX-License-Identifier: Apache-2.0

package sqlite_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/sqlite"
	"github.com/leadsync/leadsync/store/storetest"
)

func TestStoreKeepsTheContract(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, now func() time.Time) leadsync.Store {
		return damager{open(t, filepath.Join(t.TempDir(), "leads.db"), now)}
	})
}

func TestStoreKeepsConnections(t *testing.T) {
	t.Parallel()
	storetest.RunConnections(t, func(t *testing.T, now func() time.Time) leadsync.Store {
		return open(t, filepath.Join(t.TempDir(), "leads.db"), now)
	})
}

// A damager is a store that can be damaged.
type damager struct{ *sqlite.Store }

func (s damager) Damage(ctx context.Context, connection string, lead leadtype.LeadID, part, text string) error {
	column := map[string]string{store.PartLead: "data", store.PartActivities: "activities",
		store.PartIntents: "intents", store.PartOutcome: "outcome"}[part]
	return s.Store.Damage(ctx, connection, lead, column, text)
}

// open opens a store and closes it with the test.
func open(t *testing.T, path string, now func() time.Time) *sqlite.Store {
	t.Helper()
	store, err := sqlite.Open(path, &sqlite.Options{Now: now})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	return store
}

func BenchmarkStore(b *testing.B) {
	storetest.Benchmark(b, func(b *testing.B) leadsync.Store {
		b.Helper()
		store, err := sqlite.Open(filepath.Join(b.TempDir(), "leads.db"), nil)
		require.NoError(b, err)
		b.Cleanup(func() { require.NoError(b, store.Close()) })
		return store
	})
}

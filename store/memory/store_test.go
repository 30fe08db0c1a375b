// SPDX-License-Identifier: Apache-2.0

package memory_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/memory"
	"github.com/leadsync/leadsync/store/storetest"
)

func TestMemoryStoreKeepsTheContract(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(_ *testing.T, now func() time.Time) store.Store {
		return damager{memory.New(now)}
	})
}

func TestMemoryStoreKeepsConnections(t *testing.T) {
	t.Parallel()
	storetest.RunConnections(t, func(_ *testing.T, now func() time.Time) store.Store { return memory.New(now) })
}

// A damager is a store that can be damaged.
type damager struct{ *memory.Store }

func (s damager) Damage(_ context.Context, connection string, lead leadtype.LeadID, part, text string) error {
	if !s.Store.Damage(connection, lead, part, text) {
		return storetest.ErrUndamaged
	}
	return nil
}

func TestOnlyTheLastPlansAreRemembered(t *testing.T) {
	t.Parallel()
	store := memory.New(nil)
	take := func(n int) bool {
		taken, err := store.TakePlan(t.Context(), "org", fmt.Sprint(n))
		require.NoError(t, err)
		return taken
	}
	for n := range 10_001 {
		require.True(t, take(n))
	}
	require.False(t, take(1))
	require.True(t, take(0))
}

func BenchmarkMemoryStore(b *testing.B) {
	storetest.Benchmark(b, func(*testing.B) store.Store { return memory.New(nil) })
}

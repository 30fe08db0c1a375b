// SPDX-License-Identifier: Apache-2.0

package postgres_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/store/postgres"
	"github.com/leadsync/leadsync/store/storetest"
)

func BenchmarkStore(b *testing.B) {
	server.DSN(b) // its start is not measured
	storetest.Benchmark(b, func(b *testing.B) leadsync.Store {
		b.Helper()
		on := pool(b)
		opened, err := postgres.New(b.Context(), on, &postgres.Options{Schema: schema(b, on)})
		require.NoError(b, err)
		b.ResetTimer()
		return opened
	})
}

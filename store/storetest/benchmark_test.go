// SPDX-License-Identifier: Apache-2.0

package storetest_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/memory"
	"github.com/leadsync/leadsync/store/storetest"
)

// The benchmarks run to their end on a store: a step of theirs that fails ends them.
func TestBenchmarkRunsOnAStore(t *testing.T) {
	t.Parallel()
	opened, failed := 0, false
	testing.Benchmark(func(b *testing.B) {
		storetest.Benchmark(b, func(*testing.B) store.Store {
			opened++
			return memory.New(time.Now)
		})
		failed = failed || b.Failed()
	})
	require.False(t, failed)
	require.GreaterOrEqual(t, opened, 3)
}

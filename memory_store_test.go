package leadsync_test

import (
	"testing"
	"time"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/store/storetest"
)

func TestMemoryStoreKeepsTheContract(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(_ *testing.T, now func() time.Time) leadsync.Store {
		return leadsync.NewMemoryStore(now)
	})
}

func BenchmarkMemoryStore(b *testing.B) {
	storetest.Benchmark(b, func(*testing.B) leadsync.Store { return leadsync.NewMemoryStore(nil) })
}

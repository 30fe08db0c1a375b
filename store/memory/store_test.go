package memory_test

import (
	"testing"
	"time"

	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/memory"
	"github.com/leadsync/leadsync/store/storetest"
)

func TestMemoryStoreKeepsTheContract(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(_ *testing.T, now func() time.Time) store.Store {
		return memory.New(now)
	})
}

func BenchmarkMemoryStore(b *testing.B) {
	storetest.Benchmark(b, func(*testing.B) store.Store { return memory.New(nil) })
}

package leadsync_test

import (
	"fmt"
	"testing"

	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// BenchmarkSync syncs the mix of DESIGN.md 4 into a fake org that holds its
// share of them; the second time nothing is left to write.
func BenchmarkSync(b *testing.B) {
	for _, n := range []int{200, 1000} {
		for _, again := range []bool{false, true} {
			b.Run(fmt.Sprintf("leads=%d/again=%t", n, again), func(b *testing.B) {
				b.ReportAllocs()
				calls := 0
				for range b.N {
					b.StopTimer()
					org := sftest.NewOrg(b)
					leads, cfg := scenario.EventMix(org, n)
					syncer := scenario.SyncerOf(b, org, cfg)
					if again {
						if _, err := syncer.Sync(b.Context(), leads...); err != nil {
							b.Fatal(err)
						}
					}
					before := org.Calls()
					b.StartTimer()
					if _, err := syncer.Sync(b.Context(), leads...); err != nil {
						b.Fatal(err)
					}
					calls += org.Calls() - before
				}
				b.ReportMetric(float64(calls)/float64(b.N*n), "calls/lead")
				b.ReportMetric(float64(calls)/float64(b.N), "calls/op")
			})
		}
	}
}

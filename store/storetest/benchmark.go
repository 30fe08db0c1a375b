// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
)

// Benchmark measures a store: captures one by one from many callers, captures in
// batches, and claiming, journalling and settling batches of a thousand. open opens
// an empty store and closes it in the benchmark's Cleanup. Each reports leads per
// second.
func Benchmark(b *testing.B, open func(b *testing.B) store.Store) {
	b.Run("CaptureOne", func(b *testing.B) { benchmarkCaptureOne(b, open(b)) })
	b.Run("CaptureThousand", func(b *testing.B) { benchmarkCaptureThousand(b, open(b)) })
	b.Run("DrainThousand", func(b *testing.B) { benchmarkDrain(b, open(b)) })
}

const thousandLeads = 1000

// perSecond reports the number of leads per second of measured time.
func perSecond(b *testing.B, leads int) {
	b.ReportMetric(float64(leads)/b.Elapsed().Seconds(), "leads/s")
}

func benchmarkCaptureOne(b *testing.B, st store.Store) {
	var n atomic.Int64
	b.SetParallelism(64)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			id := leadtype.LeadID(fmt.Sprintf("L%d", n.Add(1)))
			_, err := st.Capture(b.Context(), connection, []store.Captured{{Lead: lead(id), State: store.StateQueued}})
			if err != nil {
				b.Error(err)
				return
			}
		}
	})
	perSecond(b, b.N)
}

// batch returns a thousand leads, distinct for each number.
func batch(number int) []store.Captured {
	captured := make([]store.Captured, thousandLeads)
	for i := range captured {
		captured[i] = store.Captured{Lead: lead(leadtype.LeadID(fmt.Sprintf("L%d-%d", number, i))), State: store.StateQueued}
	}
	return captured
}

func benchmarkCaptureThousand(b *testing.B, store store.Store) {
	for n := range b.N {
		if _, err := store.Capture(b.Context(), connection, batch(n)); err != nil {
			b.Fatal(err)
		}
	}
	perSecond(b, b.N*thousandLeads)
}

func benchmarkDrain(b *testing.B, store store.Store) {
	for n := range b.N {
		if _, err := store.Capture(b.Context(), connection, batch(n)); err != nil {
			b.Fatal(err)
		}
	}
	lease, err := store.Acquire(b.Context(), connection, "a", time.Hour)
	if err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	var journals time.Duration
	for range b.N {
		if err := drainBatch(b, store, lease, &journals); err != nil {
			b.Fatal(err)
		}
	}
	perSecond(b, b.N*thousandLeads)
	perBatch := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 / float64(b.N) }
	b.ReportMetric(perBatch(journals), "journal-ms")
	b.ReportMetric(perBatch(b.Elapsed()-journals), "claim-settle-ms")
}

// drainBatch claims, journals and settles a batch, and adds to journals how long the journal took.
func drainBatch(b *testing.B, st store.Store, lease store.Lease, journals *time.Duration) error {
	claimed, err := st.Claim(b.Context(), lease, thousandLeads)
	if err != nil || len(claimed) != thousandLeads {
		return fmt.Errorf("claimed %d leads: %w", len(claimed), err)
	}
	intents := make(map[leadtype.LeadID][]leadtype.Intent, len(claimed))
	settlements := make([]store.Settlement, len(claimed))
	for i, c := range claimed {
		intents[c.Lead.ID] = []leadtype.Intent{intent("k")}
		settlements[i] = store.Settlement{LeadID: c.Lead.ID, Generation: c.Generation, Outcome: cleared(c.Lead.ID)}
	}
	begun := time.Now()
	if err := st.Journal(b.Context(), lease, intents); err != nil {
		return err
	}
	*journals += time.Since(begun)
	_, err = st.Settle(b.Context(), lease, settlements)
	return err
}

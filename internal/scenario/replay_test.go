// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// BenchmarkReplay syncs the leads of the root's BenchmarkSync, and leaves the work of the
// fake org out: its replies are those of an earlier sync.
func BenchmarkReplay(b *testing.B) {
	for _, n := range []int{1, 200, 1000} {
		b.Run(fmt.Sprintf("leads=%d", n), func(b *testing.B) {
			again := replayed(b, n)
			b.ReportAllocs()
			for b.Loop() {
				again()
			}
		})
	}
}

// What a lead costs must not creep up again. The replies cost a part of it that is small and
// always the same.
func TestSyncAllocatesLittleForEachLead(t *testing.T) { //nolint:paralleltest // it counts those of the process
	const leads = 200
	again := replayed(t, leads)
	allocations := testing.AllocsPerRun(1, again) / leads
	require.Less(t, allocations, 180.0)
}

// replayed syncs n leads of the mix, and returns what syncs them again with the replies
// of the first time.
func replayed(tb testing.TB, n int) (again func()) {
	tb.Helper()
	org := sftest.NewOrg(tb)
	leads, cfg := scenario.EventMix(org, n)
	replay := scenario.Record(org)
	sync := func() {
		syncer, err := leadsync.New(replay.Client(tb), cfg)
		if err != nil {
			tb.Fatal(err)
		}
		if _, err := syncer.Sync(tb.Context(), leads...); err != nil {
			tb.Fatal(err)
		}
	}
	sync()
	return func() { replay.Again(); sync() }
}

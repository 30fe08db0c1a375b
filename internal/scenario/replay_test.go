// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/salesforce/sftest"
	"github.com/leadsync/leadsync/store/memory"
)

// BenchmarkReplay syncs the leads of the root's BenchmarkSync, and leaves the work of the
// fake org out: its replies are those of an earlier sync.
func BenchmarkReplay(b *testing.B) {
	for name, sync := range map[string]syncing{"Sync": replaySync, "Plan": replayPlan, "Drain": replayDrain} {
		for _, n := range []int{1, 200, 1000} {
			b.Run(fmt.Sprintf("%s/leads=%d", name, n), func(b *testing.B) {
				again := replayed(b, n, sync)
				b.ReportAllocs()
				for b.Loop() {
					again()
				}
			})
		}
	}
}

// What a lead costs must not creep up again. The replies cost a part of it that is small and
// always the same.
func TestSyncAllocatesLittleForEachLead(t *testing.T) { //nolint:paralleltest // it counts those of the process
	const leads = 200
	for name, most := range map[string]float64{"Sync": 106, "Drain": 132} {
		sync := map[string]syncing{"Sync": replaySync, "Drain": replayDrain}[name]
		require.Less(t, testing.AllocsPerRun(1, replayed(t, leads, sync))/leads, most, name)
	}
}

// A syncing syncs leads by a new Syncer.
type syncing func(ctx context.Context, syncer *leadsync.Syncer, leads []*leadsync.Lead) error

func replaySync(ctx context.Context, syncer *leadsync.Syncer, leads []*leadsync.Lead) error {
	_, err := syncer.Sync(ctx, leads...)
	return err
}

func replayPlan(ctx context.Context, syncer *leadsync.Syncer, leads []*leadsync.Lead) error {
	_, err := syncer.Plan(ctx, leads...)
	return err
}

func replayDrain(ctx context.Context, syncer *leadsync.Syncer, leads []*leadsync.Lead) error {
	if _, err := syncer.Capture(ctx, leads...); err != nil {
		return err
	}
	return syncer.Drain(ctx)
}

// replayed syncs n leads of the mix, and returns what syncs them again with the replies
// of the first time.
func replayed(tb testing.TB, n int, sync syncing) (again func()) {
	tb.Helper()
	org := sftest.NewOrg(tb)
	leads, shared := scenario.EventMix(org, n)
	replay := scenario.Record(org)
	once := func() {
		cfg := *shared
		cfg.Store = memory.New(nil)
		syncer, err := leadsync.New(replay.Client(tb), &cfg)
		require.NoError(tb, err)
		require.NoError(tb, sync(tb.Context(), syncer, leads))
	}
	once()
	return func() { replay.Again(); once() }
}

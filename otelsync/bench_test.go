// SPDX-License-Identifier: Apache-2.0

package otelsync_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	tracenoop "go.opentelemetry.io/otel/trace/noop"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/otelsync"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// discard is an exporter that drops spans.
type discard struct{}

func (discard) ExportSpans(context.Context, []sdktrace.ReadOnlySpan) error { return nil }
func (discard) Shutdown(context.Context) error                             { return nil }

// providers are the ways in which a Syncer is observed; nil is not at all.
func providers(name string) *otelsync.Config {
	switch name {
	case "noop":
		return &otelsync.Config{TracerProvider: tracenoop.NewTracerProvider(), MeterProvider: metricnoop.NewMeterProvider()}
	case "sdk":
		return &otelsync.Config{TracerProvider: sdktrace.NewTracerProvider(sdktrace.WithBatcher(discard{})),
			MeterProvider: sdkmetric.NewMeterProvider(sdkmetric.WithReader(sdkmetric.NewManualReader()))}
	}
	return nil
}

// observed returns a Syncer that was already told of leads, so that a sync looks them up and writes
// nothing; the rest of its work is much more.
func observed(tb testing.TB, name string, n int) (*leadsync.Syncer, []*leadsync.Lead) {
	tb.Helper()
	org := sftest.NewOrg(tb)
	all, cfg := scenario.EventMix(org, n)
	telemetry := new(otelsync.Telemetry)
	client := salesforce.Config{}
	if with := providers(name); with != nil {
		var err error
		telemetry, err = otelsync.New(with)
		require.NoError(tb, err)
		cfg.Trace, client.OnCall = telemetry.Trace(), telemetry.OnCall
	}
	syncer, err := leadsync.New(clientOf(tb, org, client), cfg)
	require.NoError(tb, err)
	_, err = syncer.Sync(tb.Context(), all...)
	require.NoError(tb, err)
	return syncer, all
}

// BenchmarkSync syncs 1,000 leads again: without otelsync, with providers that do nothing, and with
// the SDK.
func BenchmarkSync(b *testing.B) {
	for _, name := range []string{"without", "noop", "sdk"} {
		b.Run(name, func(b *testing.B) {
			syncer, all := observed(b, name, 1000)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := syncer.Sync(b.Context(), all...); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// Not parallel: no other test may allocate. A batch costs some two hundred allocations, however
// many leads it has.
func TestObservingABatchCostsFewAllocations(t *testing.T) {
	const n = 200
	outcomes := make([]*leadsync.Outcome, n)
	for i := range outcomes {
		outcomes[i] = &leadsync.Outcome{Stage: leadsync.Cleared, Action: leadsync.Created}
	}
	stages := map[leadtype.PipelineStage]int{ // with their calls
		leadtype.MatchStage: 1, leadtype.PlanStage: 0, leadtype.WriteStage: 3, leadtype.SettleStage: 0}
	for name, most := range map[string]float64{"noop": 200, "sdk": 300} {
		telemetry, err := otelsync.New(providers(name))
		require.NoError(t, err)
		trace := telemetry.Trace()
		got := testing.AllocsPerRun(100, func() {
			ctx := trace.BatchStart(t.Context(), n)
			for stage, calls := range stages {
				within := trace.StageStart(ctx, stage)
				for range calls {
					telemetry.OnCall(within, salesforce.Call{Method: "POST", Path: "/services/data/v62.0/composite", Status: 200})
				}
				trace.StageDone(within, stage, 1, nil)
			}
			trace.BatchDone(ctx, outcomes, 1, nil)
			trace.Recorded(ctx, outcomes, nil)
		})
		t.Logf("%s: %v allocations", name, got)
		require.LessOrEqual(t, got, most, name)
	}
}

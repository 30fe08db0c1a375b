// SPDX-License-Identifier: Apache-2.0

package otelsync

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// Trace returns the hooks for leadsync.Config.Trace, of any number of Syncers, and for
// fleet.Config.Base.
//
// A batch is a child of the span in the context of Sync, Run or Drain. Give Run a context without one,
// so that each batch is a trace of its own.
func (t *Telemetry) Trace() *leadsync.Trace {
	return &leadsync.Trace{
		BatchStart: t.batchStart,
		BatchDone:  t.batchDone,
		StageStart: t.stageStart,
		StageDone:  t.stageDone,
		Recorded:   t.recorded,
		Paused: func(ctx context.Context, reason *leadsync.Error) {
			t.incident(ctx, incidentPaused, reason)
		},
		Waits: func(ctx context.Context, reason *leadsync.Error) {
			t.incident(ctx, incidentWaits, reason)
		},
		Resumes: func(ctx context.Context) { trace.SpanFromContext(ctx).AddEvent("leadsync.resumes") },
	}
}

// A batch is what the context of one holds for its end.
type batch struct {
	span  trace.Span
	leads int
	calls func() int // of the API so far
}

type (
	batchKey      struct{}
	stageStartKey struct{}
)

func (t *Telemetry) batchStart(ctx context.Context, leads int) context.Context {
	ctx, span := t.tracer.Start(ctx, "leadsync.sync",
		trace.WithAttributes(append(ofConnection(ctx), batchLeadsKey.Int(leads))...))
	ctx, calls := salesforce.CountCalls(ctx)
	return context.WithValue(ctx, batchKey{}, &batch{span: span, leads: leads, calls: calls})
}

func (t *Telemetry) batchDone(ctx context.Context, outcomes []*leadsync.Outcome, elapsed time.Duration, err error) {
	b, ok := ctx.Value(batchKey{}).(*batch)
	if !ok {
		return // another hook has replaced the context
	}
	calls := b.calls()
	if b.span.IsRecording() {
		stages := make(map[leadsync.Stage]int)
		for _, out := range outcomes {
			stages[out.Stage]++
		}
		b.span.SetAttributes(batchCallsKey.Int(calls), clearedKey.Int(stages[leadsync.Cleared]),
			failedKey.Int(stages[leadsync.Failed]), preSyncKey.Int(stages[leadsync.PreSync]))
	}
	finish(b.span, err)
	of := t.attributes(ctx, failure(err)...)
	t.metrics.batch.Record(ctx, elapsed.Seconds(), of)
	t.metrics.batchLeads.Record(ctx, int64(b.leads), of)
	t.metrics.batchCalls.Record(ctx, int64(calls), of)
}

func (t *Telemetry) stageStart(ctx context.Context, stage leadtype.PipelineStage) context.Context {
	ctx, span := t.tracer.Start(ctx, "leadsync."+string(stage),
		trace.WithAttributes(append(ofConnection(ctx), pipelineKey.String(string(stage)))...))
	return context.WithValue(ctx, stageStartKey{}, span)
}

func (t *Telemetry) stageDone(ctx context.Context, stage leadtype.PipelineStage, elapsed time.Duration, err error) {
	if span, ok := ctx.Value(stageStartKey{}).(trace.Span); ok {
		finish(span, err)
	}
	t.metrics.stage.Record(ctx, elapsed.Seconds(),
		t.attributes(ctx, append(failure(err), pipelineKey.String(string(stage)))...))
}

// failure returns error.type for err, none for nil.
func failure(err error) []attribute.KeyValue {
	if err == nil {
		return nil
	}
	return []attribute.KeyValue{errorType(err)}
}

// finish ends a span, with the type of err and without its text: that of an error that a host has
// made may hold anything.
func finish(span trace.Span, err error) {
	if err != nil {
		kind := errorType(err)
		span.SetAttributes(kind)
		span.SetStatus(codes.Error, kind.Value.AsString())
	}
	span.End()
}

// recorded counts outcomes: those that are alike with one measurement.
func (t *Telemetry) recorded(ctx context.Context, outcomes []*leadsync.Outcome, waited []time.Duration) {
	type kind struct {
		stage  leadsync.Stage
		action leadsync.Action
		code   leadsync.Code
	}
	counts := make(map[kind]int64)
	var lag metric.MeasurementOption
	for i, out := range outcomes {
		if out == nil {
			continue
		}
		counts[kind{out.Stage, out.Action, out.Code()}]++
		if out.Stage != leadsync.Cleared || waited == nil {
			continue
		}
		if lag == nil {
			lag = t.attributes(ctx)
		}
		t.metrics.lag.Record(ctx, waited[i].Seconds(), lag)
	}
	for of, leads := range counts {
		about := []attribute.KeyValue{stageKey.String(string(of.stage))}
		if of.action != "" {
			about = append(about, actionKey.String(string(of.action)))
		}
		if of.code != "" {
			about = append(about, codeType(of.code))
		}
		t.metrics.leads.Add(ctx, leads, t.attributes(ctx, about...))
	}
}

// incident counts why syncing stops, and adds it to the span around Run.
func (t *Telemetry) incident(ctx context.Context, kind string, reason *leadsync.Error) {
	why := codeType(reason.Code)
	t.metrics.incidents.Add(ctx, 1, t.attributes(ctx, incidentKey.String(kind), why))
	trace.SpanFromContext(ctx).AddEvent("leadsync."+kind, trace.WithAttributes(append(ofConnection(ctx), why)...))
}

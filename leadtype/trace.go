// SPDX-License-Identifier: Apache-2.0

package leadtype

import (
	"context"
	"slices"
	"time"

	"github.com/leadsync/leadsync/internal/hook"
)

// A PipelineStage is one of the stages that a batch of leads passes through once it is claimed.
type PipelineStage string

// The stages, in their order.
const (
	MatchStage  PipelineStage = "match"  // the records that the leads belong to are looked up
	PlanStage   PipelineStage = "plan"   // what to write is decided; no I/O
	WriteStage  PipelineStage = "write"  // creates are journalled, then everything is sent
	SettleStage PipelineStage = "settle" // each lead gets its outcome; no I/O
)

// A Trace is a set of hooks into a leadsync.Syncer, all optional: set those of interest.
// Outcomes also go to a Sink; a Trace is for timing, spans and metrics. Hooks are called
// in line, maybe from several goroutines, and should be quick. They get no values
// of leads except those that an Outcome holds, and ConnectionOf their context is the
// Syncer's. One that panics is logged to leadsync.Config.Logger, and syncing continues as if
// it had returned. Where one returns a nil context, the one that it got stays.
//
// A host can measure the rest elsewhere: each API call and its repeats with
// salesforce.Config.OnCall, which gets the context of the stage, and with the transport of
// its HTTPClient, which can make spans of them; the backlog of a connection with
// leadsync.Syncer.Health. Run logs to leadsync.Config.Logger what an operator has to
// know. The module otelsync makes spans and metrics of all of it.
type Trace struct {
	// BatchStart is called before a batch of leads enters the pipeline. The context
	// that it returns is the batch's: its stages get it, and BatchDone.
	BatchStart func(ctx context.Context, leads int) context.Context
	// BatchDone is called with the outcomes of the batch. With an err the connection
	// stopped it: without outcomes nothing was written, and with some they say how far
	// it came. They must not be kept or changed, and may not be final: Run turns failures
	// that pass by themselves into retries before it calls Recorded and the Sink.
	BatchDone func(ctx context.Context, outcomes []*Outcome, elapsed time.Duration, err error)
	// StageStart is called before a stage, and StageDone after it. The context that
	// StageStart returns is the stage's: calls of the Client get it, and StageDone. The stages
	// of a batch come one after another, some several times: where a lookup is refused the
	// batch is split, and some leads are looked at twice. Plan has match and plan, and Apply
	// match, write and settle, without a batch. With an err the stage stopped what it is part of.
	StageStart func(ctx context.Context, stage PipelineStage) context.Context
	StageDone  func(ctx context.Context, stage PipelineStage, elapsed time.Duration, err error)
	// Recorded is called with outcomes before they go to the Sink, also where there is none: of
	// captured leads once the Store has them, so that they are final but for those in Pre-Sync,
	// of Sync and Apply, and of what a person decided. Those of captured leads come with
	// how long each has waited: waited[i] is from when the lead of outcomes[i] was captured or
	// pushed last, by the Store's clock, until now. Otherwise waited is nil. Neither may be kept
	// or changed.
	Recorded func(ctx context.Context, outcomes []*Outcome, waited []time.Duration)
	// Paused is called once each time Run pauses a connection until a person acts.
	Paused func(ctx context.Context, reason *Error)
	// Waits is called when Run starts to wait for Salesforce, for the budget or for the
	// Store, and retries by itself: once, however often it retries. Resumes is called
	// when syncing continues after that.
	Waits   func(ctx context.Context, reason *Error)
	Resumes func(ctx context.Context)
}

type connectionKey struct{}

// WithConnection returns a context whose ConnectionOf is connection.
func WithConnection(ctx context.Context, connection string) context.Context {
	return context.WithValue(ctx, connectionKey{}, connection)
}

// ConnectionOf returns the leadsync.Config.Connection of the Syncer that calls a hook of a Trace or,
// through its Client, salesforce.Config.OnCall with ctx: one Trace may serve several. It is
// "" for other calls.
func ConnectionOf(ctx context.Context) string {
	connection, _ := ctx.Value(connectionKey{}).(string)
	return connection
}

// Join returns a Trace that calls the hooks of each of traces in turn; those of BatchDone and
// StageDone in the reverse order, so that spans nest. It skips nil traces and hooks; its own
// hooks are all set. When one of them panics, the others are still called, and then the panic
// continues.
func Join(traces ...*Trace) *Trace {
	traces = slices.DeleteFunc(slices.Clone(traces), func(t *Trace) bool { return t == nil })
	reversed := slices.Clone(traces)
	slices.Reverse(reversed)
	return &Trace{
		BatchStart: func(ctx context.Context, leads int) context.Context {
			return start(ctx, traces, func(ctx context.Context, t *Trace) context.Context {
				if t.BatchStart == nil {
					return ctx
				}
				return t.BatchStart(ctx, leads)
			})
		},
		BatchDone: func(ctx context.Context, outcomes []*Outcome, elapsed time.Duration, err error) {
			each(reversed, func(t *Trace) {
				if t.BatchDone != nil {
					t.BatchDone(ctx, outcomes, elapsed, err)
				}
			})
		},
		StageStart: func(ctx context.Context, stage PipelineStage) context.Context {
			return start(ctx, traces, func(ctx context.Context, t *Trace) context.Context {
				if t.StageStart == nil {
					return ctx
				}
				return t.StageStart(ctx, stage)
			})
		},
		StageDone: func(ctx context.Context, stage PipelineStage, elapsed time.Duration, err error) {
			each(reversed, func(t *Trace) {
				if t.StageDone != nil {
					t.StageDone(ctx, stage, elapsed, err)
				}
			})
		},
		Recorded: func(ctx context.Context, outcomes []*Outcome, waited []time.Duration) {
			each(traces, func(t *Trace) {
				if t.Recorded != nil {
					t.Recorded(ctx, outcomes, waited)
				}
			})
		},
		Paused: stops(traces, func(t *Trace) func(context.Context, *Error) { return t.Paused }),
		Waits:  stops(traces, func(t *Trace) func(context.Context, *Error) { return t.Waits }),
		Resumes: func(ctx context.Context) {
			each(traces, func(t *Trace) {
				if t.Resumes != nil {
					t.Resumes(ctx)
				}
			})
		},
	}
}

// stops returns a hook that calls the one that hookOf returns of each of traces.
func stops(traces []*Trace, hookOf func(t *Trace) func(context.Context, *Error)) func(context.Context, *Error) {
	return func(ctx context.Context, reason *Error) {
		each(traces, func(t *Trace) {
			if call := hookOf(t); call != nil {
				call(ctx, reason)
			}
		})
	}
}

// start calls begin with each of traces, with the context that the one before it returned. One
// that returns nil leaves it as it is.
func start(ctx context.Context, traces []*Trace,
	begin func(ctx context.Context, t *Trace) context.Context) context.Context {
	started := ctx
	var all hook.Several
	for _, t := range traces {
		p := all.Call(func() {
			if next := begin(started, t); next != nil {
				started = next
			}
		})
		started = hook.ResultOr(p, started)
	}
	all.End(started)
	return started
}

// each calls call with each of traces.
func each(traces []*Trace, call func(t *Trace)) {
	var all hook.Several
	for _, t := range traces {
		_ = all.Call(func() { call(t) })
	}
	all.End(nil)
}

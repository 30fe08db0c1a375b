// SPDX-License-Identifier: Apache-2.0

package leadtype

import (
	"context"
	"slices"
	"time"

	"github.com/leadsync/leadsync/internal/hook"
)

// A Trace is a set of hooks into a leadsync.Syncer, all optional: set those of interest.
// Outcomes also go to a Sink; a Trace is for timing and spans. Hooks are called
// in line, maybe from several goroutines, and should be quick. They get no values
// of leads except those that an Outcome holds. One that panics is logged to
// leadsync.Config.Logger, and syncing continues as if it had returned.
//
// A host can measure the rest elsewhere: each API call and its repeats with
// salesforce.Config.OnCall, which gets the batch's context, and with the transport of
// its HTTPClient, which can make spans of them; a lead that Run retries with
// Outcome.RetryAt, which the Sink gets; the backlog of a connection with
// leadsync.Syncer.Health. Run logs to leadsync.Config.Logger what an operator has to
// know.
type Trace struct {
	// BatchStart is called before a batch of leads enters the pipeline. The context
	// that it returns is the batch's: calls of the Client get it, and BatchDone.
	BatchStart func(ctx context.Context, leads int) context.Context
	// BatchDone is called with the outcomes of the batch. With an err the connection
	// stopped it: without outcomes nothing was written, and with some they say how far
	// it came. They must not be kept or changed, and may not be final: Run turns failures
	// that pass by themselves into retries before it calls the Sink.
	BatchDone func(ctx context.Context, outcomes []*Outcome, elapsed time.Duration, err error)
	// Paused is called once each time Run pauses a connection until a person acts.
	Paused func(ctx context.Context, reason *Error)
	// Waits is called when Run starts to wait for Salesforce, for the budget or for the
	// Store, and retries by itself: once, however often it retries. Resumes is called
	// when syncing continues after that.
	Waits   func(ctx context.Context, reason *Error)
	Resumes func(ctx context.Context)
}

// Join returns a Trace that calls the hooks of each of traces in turn; those of BatchDone
// in the reverse order, so that spans nest. It skips nil traces and hooks; its own hooks
// are all set. When one of them panics, the others are still called, and then the panic
// continues.
func Join(traces ...*Trace) *Trace {
	traces = slices.DeleteFunc(slices.Clone(traces), func(t *Trace) bool { return t == nil })
	return &Trace{
		BatchStart: func(ctx context.Context, leads int) context.Context {
			started := ctx
			var all hook.Several
			for _, t := range traces {
				if t.BatchStart != nil {
					p := all.Call(func() { started = t.BatchStart(started, leads) })
					started = hook.ResultOr(p, started)
				}
			}
			all.End(started)
			return started
		},
		BatchDone: func(ctx context.Context, outcomes []*Outcome, elapsed time.Duration, err error) {
			var all hook.Several
			for _, t := range slices.Backward(traces) {
				if t.BatchDone != nil {
					_ = all.Call(func() { t.BatchDone(ctx, outcomes, elapsed, err) })
				}
			}
			all.End(nil)
		},
		Paused: func(ctx context.Context, reason *Error) {
			var all hook.Several
			for _, t := range traces {
				if t.Paused != nil {
					_ = all.Call(func() { t.Paused(ctx, reason) })
				}
			}
			all.End(nil)
		},
		Waits: func(ctx context.Context, reason *Error) {
			var all hook.Several
			for _, t := range traces {
				if t.Waits != nil {
					_ = all.Call(func() { t.Waits(ctx, reason) })
				}
			}
			all.End(nil)
		},
		Resumes: func(ctx context.Context) {
			var all hook.Several
			for _, t := range traces {
				if t.Resumes != nil {
					_ = all.Call(func() { t.Resumes(ctx) })
				}
			}
			all.End(nil)
		},
	}
}

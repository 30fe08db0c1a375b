package leadsync

import (
	"context"
	"slices"
	"time"
)

// A Trace is a set of hooks into a Syncer, all optional: set those of interest.
// Outcomes also go to a Sink; a Trace is for timing and spans. Hooks are called
// in line, maybe from several goroutines, and should be quick. They get no
// values of leads but those that an Outcome holds.
//
// The rest of what a host may want to measure is elsewhere. salesforce.Config.OnCall
// is told of each API call and its repeats, under the batch's context, as is the
// transport of HTTPClient, which can make spans of them. A lead that Run tries again
// comes to the Sink with Outcome.RetryAt. How far a connection lags behind is in
// Syncer.Health. Syncer.Run logs to Config.Logger what an operator has to know.
type Trace struct {
	// BatchStart is told that leads go through the pipeline together. The context
	// that it returns is the batch's: calls of the Client get it, and BatchDone.
	BatchStart func(ctx context.Context, leads int) context.Context
	// BatchDone is told what became of the batch. With an err the connection stopped
	// it: without outcomes nothing was written, and with some they say how far it came.
	// They must not be kept or changed, and may not be the last word: Run goes on to
	// make waits of the failures that pass by themselves, and then tells the Sink.
	BatchDone func(ctx context.Context, outcomes []*Outcome, elapsed time.Duration, err error)
	// Paused is told that Run stopped a connection until somebody acts, once
	// each time.
	Paused func(ctx context.Context, reason *Error)
	// Waits is told that Run waits, for Salesforce, for the budget or for the Store,
	// and tries again by itself: once, however often it tries. Resumes is told when
	// syncing goes on after that.
	Waits   func(ctx context.Context, reason *Error)
	Resumes func(ctx context.Context)
}

// Join returns a Trace that calls the hooks of each of traces in turn; those of
// BatchDone in the reverse order, so that spans nest. It leaves out nil ones.
func Join(traces ...*Trace) *Trace {
	traces = slices.DeleteFunc(slices.Clone(traces), func(t *Trace) bool { return t == nil })
	return &Trace{
		BatchStart: func(ctx context.Context, leads int) context.Context {
			for _, t := range traces {
				ctx = t.batchStart(ctx, leads)
			}
			return ctx
		},
		BatchDone: func(ctx context.Context, outcomes []*Outcome, elapsed time.Duration, err error) {
			for _, t := range slices.Backward(traces) {
				t.batchDone(ctx, outcomes, elapsed, err)
			}
		},
		Paused: func(ctx context.Context, reason *Error) {
			for _, t := range traces {
				t.paused(ctx, reason)
			}
		},
		Waits: func(ctx context.Context, reason *Error) {
			for _, t := range traces {
				t.waits(ctx, reason)
			}
		},
		Resumes: func(ctx context.Context) {
			for _, t := range traces {
				t.resumes(ctx)
			}
		},
	}
}

// The methods call the hooks that are set; t may be nil.

func (t *Trace) batchStart(ctx context.Context, leads int) context.Context {
	if t == nil || t.BatchStart == nil {
		return ctx
	}
	return t.BatchStart(ctx, leads)
}

func (t *Trace) batchDone(ctx context.Context, outcomes []*Outcome, elapsed time.Duration, err error) {
	if t != nil && t.BatchDone != nil {
		t.BatchDone(ctx, outcomes, elapsed, err)
	}
}

func (t *Trace) paused(ctx context.Context, reason *Error) {
	if t != nil && t.Paused != nil {
		t.Paused(ctx, reason)
	}
}

func (t *Trace) waits(ctx context.Context, reason *Error) {
	if t != nil && t.Waits != nil {
		t.Waits(ctx, reason)
	}
}

func (t *Trace) resumes(ctx context.Context) {
	if t != nil && t.Resumes != nil {
		t.Resumes(ctx)
	}
}

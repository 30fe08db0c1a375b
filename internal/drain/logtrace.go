// SPDX-License-Identifier: Apache-2.0

package drain

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/leadsync/leadsync/internal/hook"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// A logged batch is what its context holds for the message at its end.
type logged struct {
	leads int
	calls func() int // of the API so far
}

type loggedKey struct{}

// LogTrace returns a trace that logs each batch: its start at Debug, and once it is done
// how many leads it had, what became of them, and the API calls and milliseconds that it
// took, at Info. The other hooks are not set, as a Drainer logs those itself.
func LogTrace(log *slog.Logger) *leadtype.Trace {
	return &leadtype.Trace{
		BatchStart: func(ctx context.Context, leads int) context.Context {
			log.DebugContext(ctx, "leadsync: batch started", "leads", leads)
			counted, calls := salesforce.CountCalls(ctx)
			return context.WithValue(counted, loggedKey{}, logged{leads: leads, calls: calls})
		},
		BatchDone: func(ctx context.Context, outcomes []*leadtype.Outcome, elapsed time.Duration, err error) {
			log.LogAttrs(ctx, slog.LevelInfo, "leadsync: batch done", doneAttrs(ctx, outcomes, elapsed, err)...)
		},
	}
}

// doneAttrs says what became of a batch. A lead that waits may still fail: see
// leadtype.Trace.BatchDone.
func doneAttrs(ctx context.Context, outcomes []*leadtype.Outcome, elapsed time.Duration, err error) []slog.Attr {
	stages := make(map[leadtype.Stage]int)
	for _, out := range outcomes {
		stages[out.Stage]++
	}
	var attrs []slog.Attr
	if batch, ok := ctx.Value(loggedKey{}).(logged); ok { // else a hook has replaced the context
		attrs = append(attrs, slog.Int("leads", batch.leads), slog.Int("calls", batch.calls()))
	}
	attrs = append(attrs, slog.Int64("milliseconds", elapsed.Milliseconds()),
		slog.Int("cleared", stages[leadtype.Cleared]), slog.Int("failed", stages[leadtype.Failed]),
		slog.Int("preSync", stages[leadtype.PreSync]))
	var failure *leadtype.Error
	if errors.As(err, &failure) {
		attrs = append(attrs, slog.String("code", string(failure.Code)))
	}
	return attrs
}

// GuardTrace returns a trace that calls the hooks of t, which must all be set, for a connection:
// leadtype.ConnectionOf their contexts is that. They do not panic: a panic is logged.
func GuardTrace(t *leadtype.Trace, connection string, log *slog.Logger) *leadtype.Trace {
	call := func(name string, f func()) *hook.Panic { return hook.Call(log, hook.Hook{Kind: "Trace." + name}, f) }
	of := func(ctx context.Context) context.Context {
		if leadtype.ConnectionOf(ctx) == connection {
			return ctx
		}
		return leadtype.WithConnection(ctx, connection)
	}
	return &leadtype.Trace{
		BatchStart: func(ctx context.Context, leads int) context.Context {
			started := of(ctx)
			p := call("BatchStart", func() { started = t.BatchStart(started, leads) })
			return hook.ResultOr(p, started)
		},
		BatchDone: func(ctx context.Context, outcomes []*leadtype.Outcome, elapsed time.Duration, err error) {
			_ = call("BatchDone", func() { t.BatchDone(of(ctx), outcomes, elapsed, err) })
		},
		StageStart: func(ctx context.Context, stage leadtype.PipelineStage) context.Context {
			started := of(ctx)
			p := call("StageStart", func() { started = t.StageStart(started, stage) })
			return hook.ResultOr(p, started)
		},
		StageDone: func(ctx context.Context, stage leadtype.PipelineStage, elapsed time.Duration, err error) {
			_ = call("StageDone", func() { t.StageDone(of(ctx), stage, elapsed, err) })
		},
		Recorded: func(ctx context.Context, outcomes []*leadtype.Outcome, waited []time.Duration) {
			_ = call("Recorded", func() { t.Recorded(of(ctx), outcomes, waited) })
		},
		Paused: func(ctx context.Context, reason *leadtype.Error) {
			_ = call("Paused", func() { t.Paused(of(ctx), reason) })
		},
		Waits: func(ctx context.Context, reason *leadtype.Error) {
			_ = call("Waits", func() { t.Waits(of(ctx), reason) })
		},
		Resumes: func(ctx context.Context) { _ = call("Resumes", func() { t.Resumes(of(ctx)) }) },
	}
}

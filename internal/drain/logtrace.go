// SPDX-License-Identifier: Apache-2.0

package drain

import (
	"context"
	"errors"
	"log/slog"
	"time"

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

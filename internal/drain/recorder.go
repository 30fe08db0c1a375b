// SPDX-License-Identifier: Apache-2.0

package drain

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync/atomic"
	"time"

	"github.com/leadsync/leadsync/internal/hook"
	"github.com/leadsync/leadsync/leadtype"
)

// A sink is what a Recorder needs of a Sink.
type sink interface {
	Record(ctx context.Context, outcomes []*leadtype.Outcome) error
}

// errSinkEnded is the failure of a Sink that ended its goroutine (runtime.Goexit).
var errSinkEnded = errors.New("the sink ended its goroutine")

// A Recorder sends outcomes to the host's Sink, and does not let a Sink that fails,
// panics or hangs stop the sync. It is safe for concurrent use.
type Recorder struct {
	Sink    sink            // nil: outcomes go nowhere
	Trace   *leadtype.Trace // with every hook set; nil for none
	Timeout time.Duration
	Logger  *slog.Logger
	Now     func() time.Time

	Incidents Incidents
	late      atomic.Int32 // calls of the Sink that ran out of time and have not returned
}

// Record sends the outcomes of a batch of captured leads, which have waited so long, and what it
// shows of incidents, and waits for the Sink no longer than the timeout.
func (r *Recorder) Record(ctx context.Context, outcomes []*leadtype.Outcome, waited []time.Duration) {
	r.record(ctx, FromRun, outcomes, waited)
}

// RecordFrom is Record for outcomes from another source.
func (r *Recorder) RecordFrom(ctx context.Context, from Source, outcomes []*leadtype.Outcome) {
	r.record(ctx, from, outcomes, nil)
}

func (r *Recorder) record(ctx context.Context, from Source, outcomes []*leadtype.Outcome, waited []time.Duration) {
	if r.Trace != nil && len(outcomes) > 0 {
		r.Trace.Recorded(ctx, slices.Clone(outcomes), waited)
	}
	begun := r.Incidents.Note(outcomes, r.Now(), from)
	for i := range begun {
		r.Logger.WarnContext(ctx, "leadsync: values of many leads were left out for one cause",
			"object", begun[i].Object, "fields", begun[i].Fields, "code", begun[i].Code, "reason", begun[i].Reason,
			"leads", begun[i].Leads, "of", begun[i].Of)
	}
	if r.Sink == nil || len(outcomes) == 0 {
		return
	}
	if r.late.Load() > 0 {
		r.Logger.WarnContext(ctx, "leadsync: sink still busy, outcomes skipped", "outcomes", len(outcomes))
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), r.Timeout)
	defer cancel()
	done := make(chan error, 1)
	own := slices.Clone(outcomes) // outcome i stays lead i's, whatever order the Sink wants them in
	go func() {
		err := errSinkEnded // unless it returns
		defer func() { done <- err }()
		if p := hook.Call(r.Logger, hook.Hook{Kind: "Sink"}, func() { err = r.send(ctx, own, begun) }); p != nil {
			err = p
		}
	}()
	select {
	case err := <-done:
		if err != nil {
			r.Logger.WarnContext(ctx, "leadsync: the sink failed", "outcomes", len(outcomes), "error", err)
		}
	case <-ctx.Done():
		r.Logger.ErrorContext(ctx, "leadsync: the sink does not return",
			"outcomes", len(outcomes), "after", r.Timeout)
		r.late.Add(1)
		go func() {
			err := <-done
			r.late.Add(-1)
			r.Logger.WarnContext(ctx, "leadsync: the sink returned late", "outcomes", len(outcomes), "error", err)
		}()
	}
}

// send gives outcomes and incidents to the Sink.
func (r *Recorder) send(ctx context.Context, outcomes []*leadtype.Outcome, begun []leadtype.Incident) error {
	err := r.Sink.Record(ctx, outcomes)
	told, ok := r.Sink.(leadtype.IncidentSink)
	for i := range begun {
		if ok {
			err = errors.Join(err, told.Incident(ctx, begun[i]))
		}
	}
	return err
}

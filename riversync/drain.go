// SPDX-License-Identifier: Apache-2.0

package riversync

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"github.com/riverqueue/river"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/fleet"
)

const (
	// longestJob is when a job is stopped after the batch under way.
	longestJob = 15 * time.Minute
	// heldSnooze is how long a job snoozes whose connection another process syncs.
	heldSnooze = 5 * time.Second
	// longestRetry bounds how long a job waits that failed.
	longestRetry = 5 * time.Minute
)

// A drainer is the worker of the jobs that Insert inserts.
type drainer struct {
	river.WorkerDefaults[DrainArgs]
	*Jobs
}

// Timeout implements river.Worker.
func (d *drainer) Timeout(*river.Job[DrainArgs]) time.Duration { return longestJob }

// NextRetry implements river.Worker.
func (d *drainer) NextRetry(job *river.Job[DrainArgs]) time.Time {
	n := time.Duration(job.Attempt)
	return d.cfg.Now().Add(min(n*n*n*n*time.Second, longestRetry))
}

// Work implements river.Worker.
func (d *drainer) Work(ctx context.Context, job *river.Job[DrainArgs]) error {
	name := job.Args.Connection
	if err := fleet.CheckName(name); err != nil {
		return river.JobCancel(err) // no retry helps
	}
	left, err := d.fleet.Drain(ctx, name, d.cfg.Batches)
	switch {
	case err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded):
		return river.JobSnooze(0) // others have their turn
	case err != nil:
		return err
	}
	if err := river.RecordOutput(ctx, left); err != nil {
		return err
	}
	switch left.State {
	case fleet.LeftMore:
		return river.JobSnooze(0)
	case fleet.LeftLater, fleet.LeftPaused:
		return d.snooze(job, left.Wait)
	case fleet.LeftHeld, fleet.LeftSettings: // another worker may have it
		return d.snooze(job, heldSnooze)
	case fleet.LeftNothing:
		return nil
	}
	d.end(ctx, name, left)
	return nil
}

// snooze returns what lets a job wait. A stand-in ends instead: the sweep comes again.
func (d *drainer) snooze(job *river.Job[DrainArgs], wait time.Duration) error {
	if slices.Contains(job.Tags, standIn) {
		return nil
	}
	return river.JobSnooze(min(wait, d.cfg.LongestSnooze))
}

// end notes that a job ends though leads wait.
func (d *drainer) end(ctx context.Context, name string, left fleet.Left) {
	level := slog.LevelInfo
	if left.State == fleet.LeftIncident {
		level = slog.LevelWarn
	}
	attrs := []any{"connection", name, "state", left.State}
	if left.Code != "" {
		attrs = append(attrs, "code", left.Code, "description", describe(left.Code))
	}
	d.cfg.Logger.Log(ctx, level, "leadsync: the job of a connection ends while leads may wait", attrs...)
}

// describe says what a code means.
func describe(code leadsync.Code) string { return (&leadsync.Error{Code: code}).Description() }

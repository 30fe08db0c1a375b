// SPDX-License-Identifier: Apache-2.0

package riversync

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

const (
	// standIn is the tag of a job beside that of a process that seems to have died.
	standIn = "stand-in"
	// deadAfter is how long a job may have been running, in River's eyes, without its connection being
	// held: longer than it takes to begin and to end.
	deadAfter = time.Minute
	// longestSweep is when a sweep is stopped; the next one continues.
	longestSweep = 5 * time.Minute
)

// A sweeper is the worker of the jobs of Sweep.
type sweeper struct {
	river.WorkerDefaults[SweepArgs]
	*Jobs
}

// A swept is what a sweep has done, for who looks at the job.
type swept struct {
	Due      int `json:"due"`      // connections
	Inserted int `json:"inserted"` // jobs
	StandIns int `json:"standIns"`
}

// Timeout implements river.Worker.
func (s *sweeper) Timeout(*river.Job[SweepArgs]) time.Duration { return longestSweep }

// Work implements river.Worker. It inserts job by job: one transaction for all of them would have to wait
// for those of the host in turn.
func (s *sweeper) Work(ctx context.Context, _ *river.Job[SweepArgs]) error {
	client, err := river.ClientFromContextSafely[pgx.Tx](ctx)
	if err != nil {
		return err
	}
	due, err := s.fleet.Due(ctx)
	if err != nil {
		return err
	}
	did := swept{Due: len(due)}
	for _, name := range due {
		job, err := s.insert(ctx, inserter{insert: client.Insert, retry: client.JobRetry}, name, time.Time{})
		switch {
		case err != nil:
			return err
		case job == nil:
			did.Inserted++
		case s.seemsDead(job):
			if err := s.standIn(ctx, client, name); err != nil {
				return err
			}
			did.StandIns++
		}
	}
	return river.RecordOutput(ctx, did)
}

// seemsDead reports whether a job of a due connection, which no process holds, runs no more.
func (j *Jobs) seemsDead(job *rivertype.JobRow) bool {
	return job.State == rivertype.JobStateRunning && job.AttemptedAt != nil &&
		j.cfg.Now().Sub(*job.AttemptedAt) >= deadAfter
}

// standIn inserts a second job of a connection, at most one in deadAfter. If the first runs after
// all, the lease keeps them apart.
func (j *Jobs) standIn(ctx context.Context, client *river.Client[pgx.Tx], name string) error {
	_, err := client.Insert(ctx, DrainArgs{Connection: name}, &river.InsertOpts{Queue: j.cfg.Queue,
		Tags: []string{standIn}, UniqueOpts: river.UniqueOpts{ByArgs: true, ByPeriod: deadAfter, ByState: unfinished()}})
	return asOwn(ctx, "insert a job", err)
}

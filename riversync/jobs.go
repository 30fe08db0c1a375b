// SPDX-License-Identifier: Apache-2.0

package riversync

import (
	"cmp"
	"log/slog"
	"time"

	"github.com/riverqueue/river"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/fleet"
)

// Config is the configuration of Jobs. New refuses a value that cannot work, with a
// *leadsync.Error that names the field.
type Config struct {
	// Queue is the queue of River that the jobs are inserted into. Empty means
	// river.QueueDefault. Its MaxWorkers is how many orgs a process syncs at once.
	Queue string
	// Batches is how many batches a job syncs at most before others have their turn: with fewer,
	// small customers wait less for large ones, and with more, River has less to do. Zero means
	// 5; New refuses a negative value.
	Batches int
	// LongestSnooze bounds how long a job snoozes, whatever it waits for. Zero means an hour; New
	// refuses less than a second.
	LongestSnooze time.Duration
	// SweepEvery is how often the sweep looks for due connections without a job. Zero means 15
	// seconds; New refuses less than a second.
	SweepEvery time.Duration
	// Logger gets messages for operators, without personal data. Nil logs nothing.
	Logger *slog.Logger
	// Now is the clock, safe for concurrent use. Nil means time.Now.
	Now func() time.Time
}

// Jobs syncs the connections of a Fleet by jobs of River. It is safe for concurrent use, and by
// any number of clients and processes.
type Jobs struct {
	fleet *fleet.Fleet
	cfg   Config
}

// New returns the jobs of a Fleet. cfg may be nil.
func New(f *fleet.Fleet, cfg *Config) (*Jobs, error) {
	if f == nil {
		return nil, refuse("new", "fleet", "is nil")
	}
	if cfg == nil {
		cfg = new(Config)
	}
	full := *cfg
	full.Queue, full.Batches = cmp.Or(full.Queue, river.QueueDefault), cmp.Or(full.Batches, 5)
	full.LongestSnooze = cmp.Or(full.LongestSnooze, time.Hour)
	full.SweepEvery = cmp.Or(full.SweepEvery, 15*time.Second)
	switch {
	case full.Batches < 0:
		return nil, refuse("new", "Config.Batches", "must not be negative")
	case full.LongestSnooze < time.Second:
		return nil, refuse("new", "Config.LongestSnooze", "must be a second or more")
	case full.SweepEvery < time.Second:
		return nil, refuse("new", "Config.SweepEvery", "must be a second or more")
	}
	if full.Logger == nil {
		full.Logger = slog.New(slog.DiscardHandler)
	}
	if full.Now == nil {
		full.Now = time.Now
	}
	return &Jobs{fleet: f, cfg: full}, nil
}

// refuse returns the error of a field that cannot work.
func refuse(op, field, reason string) error {
	return &leadsync.Error{Op: op, Code: leadsync.DataValueValidation, Fields: []string{field}, Reason: reason}
}

// absent is why a field is refused.
const absent = "is nil"

// Register adds the workers of the jobs to those of a client, which has to work Config.Queue. The
// error is river.AddWorkerSafely's.
func (j *Jobs) Register(workers *river.Workers) error {
	if workers == nil {
		return refuse("register", "workers", absent)
	}
	if err := river.AddWorkerSafely(workers, &drainer{Jobs: j}); err != nil {
		return err
	}
	return river.AddWorkerSafely(workers, &sweeper{Jobs: j})
}

// AddTo adds to the Config of a River client what a process needs that works on the jobs: the workers of
// Register, the job of Sweep, and Config.Queue, unless the Config has it, with orgs as its MaxWorkers.
func (j *Jobs) AddTo(cfg *river.Config, orgs int) error {
	if cfg == nil {
		return refuse("register", "cfg", absent)
	}
	if cfg.Workers == nil {
		cfg.Workers = river.NewWorkers()
	}
	if err := j.Register(cfg.Workers); err != nil {
		return err
	}
	cfg.PeriodicJobs = append(cfg.PeriodicJobs, j.Sweep())
	if cfg.Queues == nil {
		cfg.Queues = make(map[string]river.QueueConfig)
	}
	if _, has := cfg.Queues[j.cfg.Queue]; !has {
		cfg.Queues[j.cfg.Queue] = river.QueueConfig{MaxWorkers: orgs}
	}
	return nil
}

// Sweep returns the periodic job that inserts the jobs of due connections which have none, for
// river.Config.PeriodicJobs of the clients that work the queue. It is inserted every Config.SweepEvery, by
// whichever process is River's leader.
func (j *Jobs) Sweep() *river.PeriodicJob {
	return river.NewPeriodicJob(river.PeriodicInterval(j.cfg.SweepEvery), j.sweepJob,
		&river.PeriodicJobOpts{ID: SweepArgs{}.Kind(), RunOnStart: true})
}

// sweepJob returns a job of Sweep, one at most in a period: without that, the sweep of a process that has
// died would keep others from being inserted.
func (j *Jobs) sweepJob() (river.JobArgs, *river.InsertOpts) {
	return SweepArgs{}, &river.InsertOpts{Queue: j.cfg.Queue, MaxAttempts: 1,
		UniqueOpts: river.UniqueOpts{ByPeriod: j.cfg.SweepEvery, ByState: unfinished()}}
}

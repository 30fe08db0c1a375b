// SPDX-License-Identifier: Apache-2.0

package drain

import (
	"context"
	"time"

	"github.com/leadsync/leadsync/internal/load"
	"github.com/leadsync/leadsync/internal/verdict"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/store"
)

// Jobs are the ingest jobs through which large batches are written. One that may be at work is
// kept in the handover before its data is sent, and nothing is looked up or written while it is:
// when a process has ended in the middle of a job, the next one waits for the job's end, and then
// finds in the org what it wrote.
type Jobs struct {
	// Together returns how many of so many leads are written together, of which batch is the
	// number in calls.
	Together func(ctx context.Context, leads, batch int) int
	// Ended reports whether a job has ended, or can never begin.
	Ended func(ctx context.Context, job salesforce.ID) (bool, error)
}

// JobClient is what of *salesforce.Client tells what became of a job.
type JobClient interface {
	IngestJob(ctx context.Context, id salesforce.ID) (salesforce.Job, error)
	AbortIngest(ctx context.Context, id salesforce.ID) error
}

// NewJobs returns the Jobs of a client, nil of one that has none.
func NewJobs(client any, together func(ctx context.Context, leads, batch int) int) *Jobs {
	jobs, ok := client.(JobClient)
	if !ok {
		return nil
	}
	return &Jobs{Together: together, Ended: func(ctx context.Context, job salesforce.ID) (bool, error) {
		return jobEnded(ctx, jobs, job)
	}}
}

// jobEnded is Jobs.Ended. A job whose data was never complete is aborted: only the process that
// made it would have closed it. What Salesforce does not know any more has ended.
func jobEnded(ctx context.Context, client JobClient, id salesforce.ID) (bool, error) {
	job, err := client.IngestJob(ctx, id)
	switch {
	case err != nil && salesforce.StatusOf(err) == salesforce.NotFound:
		return true, nil
	case err != nil:
		return false, err
	case job.State == salesforce.JobOpen:
		return client.AbortIngest(ctx, id) == nil, nil
	}
	return job.State.Ended(), nil
}

// The waits for a job of an earlier process double from firstLook to lastLook.
const (
	firstLook = 5 * time.Second
	lastLook  = 5 * time.Minute
)

// lookAgain returns how long to wait before look n at a job, from 0.
func lookAgain(n int) time.Duration { return min(firstLook<<min(n, 10), lastLook) }

// awaitsJob reports whether a job of an earlier batch may still be at work.
func (d *Drainer) awaitsJob(ctx context.Context) (bool, error) {
	if d.handover.Job == "" || d.Jobs == nil {
		return false, nil
	}
	ended, err := d.Jobs.Ended(ctx, d.handover.Job)
	switch {
	case err != nil && ctx.Err() != nil:
		return false, ctx.Err()
	case err != nil:
		failure := verdict.Classify("run", "", err)
		d.fail(failure)
		return false, failure
	case !ended:
		if d.jobLooks == 0 {
			d.Logger.InfoContext(ctx, "leadsync: waits for the end of an earlier bulk job", "job", d.handover.Job)
		}
		d.jobWait = lookAgain(d.jobLooks)
		d.jobLooks++
		return true, nil
	}
	d.jobLooks = 0
	return false, d.setJob(ctx, "")
}

// setJob keeps which job may be at work.
func (d *Drainer) setJob(ctx context.Context, job salesforce.ID) error {
	before := d.handover.Job
	d.handover.Job = job
	data := d.handover.encode()
	if err := d.Store.SetRunState(ctx, d.lease, data); err != nil {
		d.handover.Job = before
		return err
	}
	d.kept = data
	return nil
}

// Begin implements load.Journal.
func (d *Drainer) Begin(ctx context.Context, job salesforce.ID) error { return d.setJob(ctx, job) }

// End implements load.Journal.
func (d *Drainer) End(ctx context.Context, _ salesforce.ID) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), keepTimeout)
	defer cancel()
	if err := d.setJob(ctx, ""); err != nil {
		d.Logger.WarnContext(ctx, "leadsync: the end of a bulk job was not kept", "error", err)
	}
}

// withJobs returns a context whose batch keeps its jobs in journal.
func (r *Runner) withJobs(ctx context.Context, journal load.Journal) context.Context {
	if r.Jobs == nil {
		return ctx
	}
	return load.WithJournal(ctx, journal)
}

// claimMore claims, after a full batch, as many leads more as are written together.
func (d *Drainer) claimMore(ctx context.Context, claimed []store.Claimed) ([]store.Claimed, error) {
	if d.Jobs == nil || len(claimed) < d.BatchSize {
		return claimed, nil
	}
	counts, err := d.Store.Count(ctx, d.connection, store.Filter{States: []store.State{store.StateQueued}})
	if err != nil {
		return nil, err
	}
	queued := len(claimed)
	for _, group := range counts.Groups {
		queued += group.Leads
	}
	together := d.Jobs.Together(ctx, queued, d.BatchSize)
	if together <= len(claimed) {
		return claimed, nil
	}
	more, err := d.claimReadable(ctx, together-len(claimed))
	if err != nil {
		return nil, err
	}
	return append(claimed, more...), nil
}

// partSize returns how many leads of a batch go through the stages together.
func (b *Batch) partSize() int {
	if b.d.Jobs == nil || len(b.items) <= b.d.BatchSize {
		return len(b.items)
	}
	return b.d.Jobs.Together(b.held, len(b.items), b.d.BatchSize)
}

// guestJobs is the load.Journal of a guest.
type guestJobs struct{ *tenant }

// Begin implements load.Journal.
func (g guestJobs) Begin(ctx context.Context, job salesforce.ID) error { return g.setJob(ctx, job) }

// End implements load.Journal.
func (g guestJobs) End(ctx context.Context, _ salesforce.ID) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), keepTimeout)
	defer cancel()
	if err := g.setJob(ctx, ""); err != nil {
		g.log.WarnContext(ctx, "leadsync: the end of a bulk job was not kept", "error", err)
	}
}

// setJob keeps which job may be at work, beside what Run has handed on.
func (t *tenant) setJob(ctx context.Context, job salesforce.ID) error {
	data, err := t.store.RunState(ctx, t.connection)
	if err != nil {
		return err
	}
	h := readHandover(data)
	h.Job = job
	return t.store.SetRunState(ctx, t.lease, h.encode())
}

// awaitJob waits for the end of the job of an earlier process. The guest has the lease when it
// returns without an error, and gives it back in between.
func (r *Runner) awaitJob(ctx context.Context, t *tenant, op string) error {
	for n := 0; r.Jobs != nil; n++ {
		data, err := r.Store.RunState(ctx, r.Connection)
		if err != nil {
			return verdict.StoreError(ctx, op, err)
		}
		job := readHandover(data).Job
		if job == "" {
			return nil
		}
		ended, err := r.Jobs.Ended(ctx, job)
		switch {
		case err != nil && ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			return verdict.ForLead(verdict.Classify(op, "", err), leadtype.LeadID(""))
		case ended:
			return verdict.StoreError(ctx, op, t.setJob(ctx, ""))
		}
		if err := t.rejoin(ctx, lookAgain(n)); err != nil {
			return verdict.StoreError(ctx, op, err)
		}
	}
	return nil
}

// rejoin gives the lease back for a while.
func (t *tenant) rejoin(ctx context.Context, after time.Duration) error {
	t.giveBack(ctx)
	timer := time.NewTimer(after)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
		return ctx.Err()
	}
	return t.await(ctx)
}

// SPDX-License-Identifier: Apache-2.0

package drain

import (
	"context"
	"time"

	"github.com/leadsync/leadsync/salesforce"
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

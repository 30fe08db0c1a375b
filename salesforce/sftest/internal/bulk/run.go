// SPDX-License-Identifier: Apache-2.0

package bulk

import (
	"math/rand/v2"
	"sync"
	"time"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/db"
	"github.com/leadsync/leadsync/salesforce/sftest/internal/wire"
)

// Times of jobs (docs/salesforce.md, Bulk API).
const (
	maxOpen    = 24 * time.Hour     // how long an ingest job stays open
	maxAge     = 7 * 24 * time.Hour // how long a job is kept
	maxAttempt = 5 * time.Minute    // for a batch
	maxRetries = 20                 // of a batch
)

// readRun is how many rows of a query are read with the lock at once.
const readRun = 2_000

// A crew carries out jobs in the background.
type crew struct {
	waiting map[*bulkJob]*time.Timer // of jobs that have not begun
	work    sync.WaitGroup
	closed  bool
}

// queue lets a job begin once its time has come.
func (b *API) queue(job *bulkJob) {
	job.closed = b.db.Now()
	if b.opts.Delay <= 0 || b.crew.closed {
		return
	}
	if b.crew.waiting == nil {
		b.crew.waiting = map[*bulkJob]*time.Timer{}
	}
	b.crew.waiting[job] = time.AfterFunc(b.opts.Delay, func() {
		b.db.Lock()
		defer b.db.Unlock()
		b.begin(job)
	})
}

// Tick begins the jobs whose time has come by the org's clock, which a test may have moved.
func (b *API) Tick() {
	now := b.db.Now()
	for job := range b.crew.waiting {
		if now.Sub(job.closed) >= b.opts.Delay {
			b.begin(job)
		}
	}
}

// begin starts a job in the background unless it has begun, was aborted or deleted.
func (b *API) begin(job *bulkJob) {
	if timer := b.crew.waiting[job]; timer != nil {
		timer.Stop()
		delete(b.crew.waiting, job)
	}
	if job.begun || job.ended() || b.crew.closed || !job.unlisted && b.jobs[job.id] != job {
		if job.done == nil {
			job.done = make(chan struct{})
			close(job.done)
		}
		return
	}
	job.begun, job.done = true, make(chan struct{})
	job.state, job.modified = jobInProgress, b.db.SaveTime()
	b.crew.work.Go(func() {
		defer close(job.done)
		if job.kind == "query" {
			b.collect(job)
			return
		}
		b.carryOut(job)
	})
}

// Close stops the jobs at their next step, and waits for them. The caller does not hold the
// lock.
func (b *API) Close() {
	b.db.Lock()
	b.crew.closed = true
	for _, timer := range b.crew.waiting {
		timer.Stop()
	}
	b.db.Unlock()
	b.crew.work.Wait()
}

// expire ends the jobs that were open for too long, and forgets the old ones
// (docs/salesforce.md, Bulk API; the state of the former and its message are unverified).
func (b *API) expire() {
	now := b.db.Now()
	for id, job := range b.jobs {
		age := now.Sub(job.created)
		switch {
		case age >= maxAge && (job.ended() || !job.begun):
			delete(b.jobs, id)
		case age >= maxOpen && job.state == jobOpen:
			job.state, job.message = jobFailed, "InvalidJob : the job was open for more than 24 hours"
			job.modified = job.created.Add(maxOpen)
			job.leave()
		}
	}
}

// pause calls the test's function for steps.
func (b *API) pause(job *bulkJob, rows int) {
	if b.opts.Step != nil {
		b.opts.Step(job.id, rows)
	}
}

// step runs do with the lock if the job continues, and reports whether it still does after that.
func (b *API) step(job *bulkJob, do func()) (goesOn bool) {
	b.db.Lock()
	defer b.db.Unlock()
	if job.state != jobInProgress || b.crew.closed {
		return false
	}
	do()
	return job.state == jobInProgress
}

// carryOut writes the rows of an ingest job, batch by batch.
func (b *API) carryOut(job *bulkJob) {
	var rows [][]string
	with := ""
	if !b.step(job, func() { rows, with = b.prepare(job) }) {
		return
	}
	for start := 0; start < len(rows); start += bulkBatch {
		if !b.carryOutBatch(job, start, rows[start:min(start+bulkBatch, len(rows))]) {
			return
		}
	}
	b.step(job, func() { b.finish(job, with) })
}

// prepare checks the columns of a job, and returns its rows, up to where FailBulk stops it. Of
// the messages "Field name not found" is recorded.
func (b *API) prepare(job *bulkJob) (rows [][]string, with string) {
	problem := job.problem
	for _, column := range job.columns {
		if problem == "" && !job.knows(column) {
			problem = "InvalidBatch : Field name not found : " + column
		}
	}
	if problem != "" {
		b.end(job, problem)
		return nil, ""
	}
	rows, with = job.rows, b.stopWith
	if with != "" {
		rows = rows[:min(b.stopAt, len(rows))]
		b.stopWith = ""
	}
	return rows, with
}

// end ends a job: with a message it has failed.
func (b *API) end(job *bulkJob, message string) {
	job.state, job.message, job.modified = jobComplete, message, b.db.SaveTime()
	if message != "" {
		job.state = jobFailed
	}
	job.leave()
}

// finish ends a job whose rows were carried out. Results are in no particular order
// (docs/salesforce.md, Bulk API); this order is reproducible.
func (b *API) finish(job *bulkJob, message string) {
	b.end(job, message)
	shuffle := rand.New(rand.NewPCG(job.seed, 0))
	for _, list := range [][][]string{job.succeeded, job.failed, job.unprocessed} {
		shuffle.Shuffle(len(list), func(i, k int) { list[i], list[k] = list[k], list[i] })
	}
}

// carryOutBatch writes the rows of a batch, as many at a time as triggers see at once. A batch
// that takes too long is tried again from where it was, until that was too often
// (docs/salesforce.md, Bulk API). It reports whether the job continues.
func (b *API) carryOutBatch(job *bulkJob, start int, rows [][]string) bool {
	records := make([]any, len(rows))
	for i, row := range rows {
		if len(row) == len(job.columns) {
			records[i] = job.fields(row)
		}
	}
	var twice map[string]bool
	attempts, spent := 1, time.Duration(0)
	for at := 0; at < len(rows); {
		n := min(db.MaxRows, len(rows)-at)
		var slow time.Duration
		b.pause(job, start+at)
		goesOn := b.step(job, func() {
			if twice == nil && job.key != nil {
				twice = db.RepeatedKeys(records, job.key)
			}
			slow = b.tryRun(job, rows[at:at+n], records[at:at+n], twice, maxAttempt-spent)
			switch {
			case spent+slow <= maxAttempt:
				job.next = start + at + n
			case attempts > maxRetries:
				b.finish(job, "InternalServerError : the batch was retried more than 20 times")
			default:
				job.retries++
			}
			job.busy += min(slow, maxAttempt-spent)
		})
		if b.opts.Wait(min(slow, maxAttempt-spent)); !goesOn {
			return false
		}
		if spent += slow; spent > maxAttempt {
			attempts, spent = attempts+1, 0
			continue
		}
		at += n
	}
	return true
}

// tryRun writes rows, or takes them back if they are slower than is left, and returns how long
// they take.
func (b *API) tryRun(job *bulkJob, rows [][]string, records []any, twice map[string]bool,
	left time.Duration) (slow time.Duration) {
	succeeded, failed, results := len(job.succeeded), len(job.failed), len(job.results)
	b.db.Atomically(func() bool {
		note := &wire.Note{}
		b.carryOutRun(job, rows, records, twice)
		b.db.Settle(note)
		slow = note.Slow
		return slow <= left
	})
	if slow > left {
		job.succeeded, job.failed = job.succeeded[:succeeded], job.failed[:failed]
		job.results = job.results[:min(results, len(job.results))]
	}
	return slow
}

// collect runs the statement of a query job.
func (b *API) collect(job *bulkJob) {
	var rows []*db.Row
	if !b.step(job, func() {
		job.columns = columnsOf(job.query)
		rows = b.query.Run(job.query)
	}) {
		return
	}
	for start := 0; start < len(rows); start += readRun {
		run := rows[start:min(start+readRun, len(rows))]
		b.pause(job, start)
		if !b.step(job, func() { b.collectRun(job, run) }) {
			return
		}
	}
	b.step(job, func() { job.state, job.modified = jobComplete, b.db.SaveTime() })
}

// SPDX-License-Identifier: Apache-2.0

package salesforce

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/leadsync/leadsync/salesforce/internal/name"
)

// The codes of a bulk job, which Salesforce spells without underscores.
// Source: docs/salesforce.md, Bulk API.
const (
	InvalidBatch    StatusCode = "INVALIDBATCH"
	InvalidJob      StatusCode = "INVALIDJOB"
	InvalidJobState StatusCode = "INVALIDJOBSTATE"
)

// A JobState is the state of a bulk job. The set is open; an unknown state counts as
// that of a running job. Source: docs/salesforce.md, Bulk API.
type JobState string

// The states of a bulk job.
const (
	// JobOpen is an ingest job whose data is not complete. It writes nothing.
	JobOpen           JobState = "Open"
	JobUploadComplete JobState = "UploadComplete"
	JobInProgress     JobState = "InProgress"
	// JobComplete is a job that has ended; some of its rows may have failed.
	JobComplete JobState = "JobComplete"
	// JobFailed and JobAborted are jobs that ended early. What they wrote before
	// stays written.
	JobFailed  JobState = "Failed"
	JobAborted JobState = "Aborted"
)

// Ended reports whether the job has ended.
func (s JobState) Ended() bool { return s == JobComplete || s == JobFailed || s == JobAborted }

// A Job describes a bulk job. Salesforce keeps jobs and their results for 7 days.
// Source: docs/salesforce.md, Bulk API.
type Job struct {
	ID     ID
	Object Object
	// Operation is Salesforce's name of it: insert, update, upsert, delete,
	// hardDelete, query or queryAll.
	Operation string
	State     JobState
	// Processed counts the rows that have a result, Failed those of them that failed.
	Processed, Failed int64
	// Message is Salesforce's text about why the job failed. It may quote values.
	Message string
}

// A JobError is the failure of a bulk job.
type JobError struct {
	// Job is the job as last seen. Its ID is empty when no job was created, its State
	// when it is not known.
	Job Job
	// Err is the cause: a *Error when Salesforce refused or did not answer.
	Err error
}

// Error names the job, its state and the cause.
func (e *JobError) Error() string {
	cause := strings.TrimPrefix(e.Err.Error(), "salesforce: ")
	switch {
	case e.Job.ID == "":
		return "salesforce: no bulk job: " + cause
	case e.Job.State == "":
		return fmt.Sprintf("salesforce: bulk job %s: %s", e.Job.ID, cause)
	}
	return fmt.Sprintf("salesforce: bulk job %s (%s): %s", e.Job.ID, e.Job.State, cause)
}

// Unwrap returns the cause.
func (e *JobError) Unwrap() error { return e.Err }

// The resources of the two kinds of jobs.
const (
	jobIngest = "jobs/ingest"
	jobQuery  = "jobs/query"
)

// createJob creates a job. It is repeated when the response is lost: a job without data
// that is never closed does nothing, and Salesforce deletes it after 7 days.
func (c *Client) createJob(ctx context.Context, kind string, body map[string]string) (Job, error) {
	return c.callJob(ctx, http.MethodPost, c.path(kind), "", body)
}

// readJob reads a job.
func (c *Client) readJob(ctx context.Context, kind string, id ID) (Job, error) {
	return c.callJob(ctx, http.MethodGet, c.path(kind)+"/"+string(id), id, nil)
}

// moveJob changes the state of a job. It may be repeated: a job never returns to an
// earlier state, so the second request is refused or changes nothing. After a refusal
// or a lost response it reads the job to learn the outcome; the job that it returns with
// an error is that one.
func (c *Client) moveJob(ctx context.Context, kind string, id ID, to JobState) (Job, error) {
	state := map[string]string{"state": string(to)}
	moved, err := c.callJob(ctx, http.MethodPatch, c.path(kind)+"/"+string(id), id, state)
	if err == nil {
		return moved, nil
	}
	now, lookErr := c.readJob(ctx, kind, id)
	if lookErr != nil {
		return Job{ID: id}, err
	}
	if now.State == to || to == JobUploadComplete && now.State != JobOpen && now.State != JobAborted {
		return now, nil
	}
	return now, err
}

// callJob sends a request about a job and reads the job from the answer. Unless id is
// empty, it must be the job of that id.
func (c *Client) callJob(ctx context.Context, method, path string, id ID, body map[string]string) (Job, error) {
	r := request{method: method, path: path, subrequests: 1, repeatable: true}
	if body != nil {
		r.payload, _ = json.Marshal(body) // texts always encode
	}
	x, failure := c.do(ctx, r)
	if failure != nil {
		failure.Uncertain = failure.Uncertain && method != http.MethodGet
		return Job{}, failure
	}
	job, err := parseJob(x.body, id)
	if err != nil {
		return Job{}, x.malformed(err, method != http.MethodGet)
	}
	return job, nil
}

// parseJob reads a job's description.
func parseJob(body []byte, id ID) (Job, error) {
	var reply struct {
		ID        ID       `json:"id"`
		Object    Object   `json:"object"`
		Operation string   `json:"operation"`
		State     JobState `json:"state"`
		Processed int64    `json:"numberRecordsProcessed"`
		Failed    int64    `json:"numberRecordsFailed"`
		Message   string   `json:"errorMessage"`
	}
	if json.Unmarshal(body, &reply) != nil {
		return Job{}, errors.New("reply is not a bulk job")
	}
	got, err := ParseID(string(reply.ID))
	switch {
	case err != nil:
		return Job{}, errors.New("reply is a bulk job without an id")
	case id != "" && !got.Equal(id):
		return Job{}, errors.New("reply is another bulk job")
	case !name.IsIdentifier(reply.State):
		return Job{}, errors.New("reply is a bulk job without a state")
	}
	return Job{
		ID: got, Object: reply.Object, Operation: reply.Operation, State: reply.State,
		Processed: reply.Processed, Failed: reply.Failed, Message: reply.Message,
	}, nil
}

// failure returns why a job ended early, nil for one that did not.
func (j *Job) failure() error {
	switch j.State {
	case JobAborted:
		return errors.New("aborted before its end")
	case JobFailed:
		return jobMessage(j.Message)
	}
	return nil
}

// jobMessage reads the message of a failed job, such as "InvalidBatch : Field name not
// found : X": a code, a sentence and, for some, a field.
func jobMessage(message string) *Error {
	e := &Error{HTTPStatus: http.StatusOK, Message: message}
	parts := strings.Split(message, " : ")
	if name.IsIdentifier(parts[0]) {
		e.Code = StatusCode(parts[0])
	}
	if last := parts[len(parts)-1]; len(parts) > 2 && name.IsPath(last) {
		e.Fields = []string{last}
	}
	if e.Code == "" {
		e.Err = errors.New("bulk job failed")
	}
	return e
}

// A job of many rows is first looked at when rowTime for each is over, at the latest: with the
// jitter that is half of the time, and then less and less often. Salesforce does not say how
// fast it is; 2,000 rows in a second are more than an org with automation manages.
const (
	rowTime     = time.Second / 2000
	longestPoll = 10 * time.Minute
)

// waitForJob polls until the job has ended, the less often the more rows it has, because each
// look is an API call. With an error it returns the job as last seen.
func (c *Client) waitForJob(ctx context.Context, kind string, job Job, rows int64) (Job, error) {
	first := min(max(firstWait, time.Duration(rows)*rowTime), longestPoll)
	longest := max(longestWait, first)
	for bound := first; !job.State.Ended(); bound = min(2*bound, longest) {
		if err := sleep(ctx, time.Duration(c.cfg.JitterFunc()*float64(bound))); err != nil {
			return job, err
		}
		next, err := c.readJob(ctx, kind, job.ID)
		if err != nil {
			return job, err
		}
		job = next
	}
	return job, nil
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return ctx.Err()
	case <-ctx.Done():
		return ctx.Err()
	}
}

// cleanUpTime bounds the request that aborts a job after its upload failed.
const cleanUpTime = 10 * time.Second

// dropJob aborts a job whose upload failed. A failure does not matter: a job that is
// never closed writes nothing.
func (c *Client) dropJob(ctx context.Context, id ID) {
	// The context may have ended the upload.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanUpTime)
	defer cancel()
	state := map[string]string{"state": string(JobAborted)}
	_, _ = c.callJob(ctx, http.MethodPatch, c.path(jobIngest)+"/"+string(id), id, state)
}

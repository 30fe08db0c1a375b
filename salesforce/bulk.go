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

// The codes of a bulk job, which are spelled unlike all others (SALESFORCE.md 1,
// Bulk 2.0).
const (
	InvalidBatch    StatusCode = "INVALIDBATCH"
	InvalidJob      StatusCode = "INVALIDJOB"
	InvalidJobState StatusCode = "INVALIDJOBSTATE"
)

// A JobState is where a bulk job stands. The set is open; a state that this
// package does not know counts as one of a job under way.
// Source: SALESFORCE.md 1, Bulk 2.0.
type JobState string

// The states of a bulk job (SALESFORCE.md 1, Bulk 2.0).
const (
	// JobOpen is an ingest job whose data is not complete. It writes nothing.
	JobOpen           JobState = "Open"
	JobUploadComplete JobState = "UploadComplete"
	JobInProgress     JobState = "InProgress"
	// JobComplete is a job that is done; some of its rows may have failed.
	JobComplete JobState = "JobComplete"
	// JobFailed and JobAborted are jobs that ended early. What they wrote until
	// then stays written.
	JobFailed  JobState = "Failed"
	JobAborted JobState = "Aborted"
)

// Ended reports whether the job will do nothing more.
func (s JobState) Ended() bool { return s == JobComplete || s == JobFailed || s == JobAborted }

// A Job is a bulk job as Salesforce tells of it. Salesforce keeps jobs and their
// results for 7 days. Source: SALESFORCE.md 1, Bulk 2.0.
type Job struct {
	ID     ID
	Object Object
	// Operation is Salesforce's name: insert, update, upsert, delete, hardDelete,
	// query, queryAll.
	Operation string
	State     JobState
	// Processed is how many rows are done, Failed how many of them failed.
	Processed, Failed int64
	// Message is why the job failed, in Salesforce's words. It may quote values.
	Message string
}

// A JobError says what went wrong with a bulk job.
type JobError struct {
	// Job is as it was last seen. Its ID is empty when none was made, its State
	// when that could not be learned.
	Job Job
	// Err is the cause: a *Error where Salesforce refused or did not answer.
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

// Job kinds, as their resources are named.
const (
	jobIngest = "jobs/ingest"
	jobQuery  = "jobs/query"
)

// createJob makes a job. A lost answer is asked for again: a job without data
// that nobody closes does nothing, and Salesforce drops it after 7 days.
func (c *Client) createJob(ctx context.Context, kind string, body map[string]string) (Job, error) {
	return c.callJob(ctx, http.MethodPost, c.path(kind), "", body)
}

// readJob asks how a job stands.
func (c *Client) readJob(ctx context.Context, kind string, id ID) (Job, error) {
	return c.callJob(ctx, http.MethodGet, c.path(kind)+"/"+string(id), id, nil)
}

// moveJob brings a job into a state. Asking twice does no more than once: a job
// goes from state to state and never back, so that the second request is refused
// or changes nothing. What a refusal or a lost answer leaves open, the state
// tells; beside an error the job is returned as it is then.
func (c *Client) moveJob(ctx context.Context, kind string, id ID, to JobState) (Job, error) {
	moved, err := c.callJob(ctx, http.MethodPatch, c.path(kind)+"/"+string(id), id, map[string]string{"state": string(to)})
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

// callJob sends a request about a job and reads the job from the answer, which
// must be id's unless id is empty.
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

// failure is why a job ended early, nil for one that did not.
func (j *Job) failure() error {
	switch j.State {
	case JobAborted:
		return errors.New("aborted before its end")
	case JobFailed:
		return jobMessage(j.Message)
	}
	return nil
}

// jobMessage reads the message of a failed job, such as "InvalidBatch : Field
// name not found : X": a code, a sentence, and a field where there is one to
// blame.
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

// waitForJob polls until the job has ended. What it returns beside an error is
// the job as last seen.
func (c *Client) waitForJob(ctx context.Context, kind string, job Job) (Job, error) {
	for bound := firstWait; !job.State.Ended(); bound = min(2*bound, longestWait) {
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

// cleanUpTime bounds the request that drops a job after its upload failed.
const cleanUpTime = 10 * time.Second

// dropJob aborts a job that will get no more data. A failure does not matter: a
// job that is never closed writes nothing.
func (c *Client) dropJob(ctx context.Context, id ID) {
	// The context may be what ended the upload.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanUpTime)
	defer cancel()
	_, _ = c.callJob(ctx, http.MethodPatch, c.path(jobIngest)+"/"+string(id), id, map[string]string{"state": string(JobAborted)})
}

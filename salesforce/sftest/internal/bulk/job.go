// SPDX-License-Identifier: Apache-2.0

// Package bulk answers the Bulk API 2.0 of the fake org.
package bulk

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/db"
	"github.com/leadsync/leadsync/salesforce/sftest/internal/query"
	"github.com/leadsync/leadsync/salesforce/sftest/internal/wire"
)

// The states of a bulk job (docs/salesforce.md, Bulk API).
const (
	jobOpen           = "Open"
	jobUploadComplete = "UploadComplete"
	jobInProgress     = "InProgress"
	jobComplete       = "JobComplete"
	jobFailed         = "Failed"
	jobAborted        = "Aborted"
)

// An API answers the resources of the Bulk API 2.0.
type API struct {
	db    *db.DB
	query *query.Engine
	opts  Options
	jobs  map[string]*bulkJob
	// stopAt and stopWith are the arguments of Org.FailBulk.
	stopAt   int
	stopWith string
}

// Options are the settings of an API.
type Options struct {
	Polls    int // looks at a job until it has ended
	PageSize int
	Message  func(code, message string) string // nil to leave messages as they are
}

// New returns the Bulk API of an org.
func New(d *db.DB, query *query.Engine, opts Options) *API {
	return &API{db: d, query: query, opts: opts, jobs: map[string]*bulkJob{}}
}

// QueryJobs returns how many query jobs there are.
func (b *API) QueryJobs() int {
	n := 0
	for _, job := range b.jobs {
		if job.kind == "query" {
			n++
		}
	}
	return n
}

// A bulkJob is an ingest or a query job.
type bulkJob struct {
	id, kind  string // kind is ingest or query
	operation string
	obj       *db.Object
	key       *db.Field // of an upsert
	rule      string    // assignmentRuleId
	format    csvFormat
	version   string
	created   time.Time
	modified  time.Time // when it last changed its state

	state   string
	message string
	polls   int    // since the data was complete
	data    []byte // of an ingest job
	loaded  bool
	query   *query.Query

	header                         string // as it was sent
	columns                        []string
	succeeded, failed, unprocessed [][]string
	found                          [][]string // of a query
}

// FailBulk implements Org.FailBulk.
func (b *API) FailBulk(rows int, message string) {
	b.stopAt, b.stopWith = rows, message
}

// Serve answers /jobs/ingest and /jobs/query, and the resources below them.
func (b *API) Serve(req *wire.Request) *wire.Reply {
	path := req.Path[1:]
	if len(path) == 0 || path[0] != "ingest" && path[0] != "query" {
		return b.db.Unsupported(req.Method + " " + req.Text)
	}
	kind := path[0]
	first := map[string]int{"ingest": 41, "query": 47}[kind] // Bulk API 2.0 guide
	switch {
	case !req.Since(first):
		return wire.NotFound().Reply()
	case len(path) == 1 && req.Method == http.MethodGet:
		return b.listJobs(req, kind)
	case len(path) == 1:
		return wire.Only(req, func(req *wire.Request) *wire.Reply {
			return b.createJob(req, kind)
		}, http.MethodGet, http.MethodPost)
	}
	id, _ := wire.CanonicalID(path[1])
	job := b.jobs[id]
	if job == nil || job.kind != kind {
		return wire.NotFound().Reply()
	}
	if len(path) == 2 {
		return b.jobResource(req, job)
	}
	switch {
	case len(path) > 3:
	case kind == "query" && path[2] == "results":
		return wire.Only(req, func(req *wire.Request) *wire.Reply { return b.queryResults(req, job) }, http.MethodGet)
	case kind == "ingest" && path[2] == "batches":
		return wire.Only(req, func(req *wire.Request) *wire.Reply { return b.loadData(req, job) }, http.MethodPut)
	case kind == "ingest" && slices.Contains([]string{"successfulResults", "failedResults", "unprocessedrecords"},
		path[2]):
		return wire.Only(req, func(*wire.Request) *wire.Reply { return job.results(path[2]) }, http.MethodGet)
	}
	return b.db.Unsupported(req.Method + " " + req.Text)
}

func (b *API) createJob(req *wire.Request, kind string) *wire.Reply {
	body, data, whole, err := readMultipart(req)
	if !whole {
		body, _ = req.Body.(wire.Object)
		err = req.BodyErr
	}
	if err != nil {
		return err.Reply()
	}
	job := &bulkJob{kind: kind, operation: body.Text("operation"), version: req.Version, created: b.db.SaveTime()}
	job.modified = job.created
	if err := job.setFormat(body); err != nil {
		return err.Reply()
	}
	if kind == "ingest" {
		if err := b.planIngest(job, body); err != nil {
			return err.Reply()
		}
	} else if refused := b.planQuery(req, job, body.Text("query")); refused != nil {
		return refused
	}
	if whole && kind == "ingest" {
		job.data, job.loaded, job.state = data, true, jobUploadComplete
		req.Note.AddWrites(job.countRows())
	}
	job.id = b.db.NewID("750")
	b.jobs[job.id] = job
	described := b.describeJob(job)
	job.addFormat(&described)
	return wire.Answer(200, described)
}

// invalidJob refuses a job; the codes of bulk jobs are spelled differently from others
// (docs/salesforce.md, Bulk API).
func invalidJob(message string) *wire.Error {
	return wire.Refuse(400, "INVALIDJOB", "InvalidJob : "+message)
}

// setFormat reads the format of the job's CSV.
func (j *bulkJob) setFormat(body wire.Object) *wire.Error {
	if kind := body.Text("contentType"); kind != "" && kind != "CSV" {
		return invalidJob("Content Type not supported: " + kind)
	}
	delimiters := map[string]byte{
		"": ',', "COMMA": ',', "TAB": '\t', "SEMICOLON": ';', "PIPE": '|', "CARET": '^', "BACKQUOTE": '`',
	}
	endings := map[string]string{"": "\n", "LF": "\n", "CRLF": "\r\n"}
	delimiter, known := delimiters[body.Text("columnDelimiter")]
	ending, alsoKnown := endings[body.Text("lineEnding")]
	if !known || !alsoKnown {
		return wire.Refuse(400, "JSON_PARSER_ERROR", "Cannot deserialize the columnDelimiter or the lineEnding")
	}
	j.format = csvFormat{delimiter: delimiter, ending: ending}
	return nil
}

// jobResource answers /jobs/ingest/id and /jobs/query/id.
func (b *API) jobResource(req *wire.Request, job *bulkJob) *wire.Reply {
	switch req.Method {
	case http.MethodGet:
		b.advance(req, job)
		return wire.Answer(200, b.jobProgress(job))
	case http.MethodPatch:
		if req.BodyErr != nil {
			return req.BodyErr.Reply()
		}
		body, _ := req.Body.(wire.Object)
		if err := job.move(body.Text("state")); err != nil {
			return err.Reply()
		}
		job.modified = b.db.SaveTime()
		if job.state == jobUploadComplete {
			req.Note.AddWrites(job.countRows())
		}
		return wire.Answer(200, b.describeJob(job))
	case http.MethodDelete:
		if !job.ended() && (job.kind == "query" || job.state != jobUploadComplete) { // Bulk API 2.0 guide
			return invalidState("Deleting a job that has not ended is not allowed").Reply()
		}
		delete(b.jobs, job.id)
		return wire.Answer(204, nil)
	}
	return wire.WrongMethod(req.Method, "GET", "PATCH", "DELETE")
}

func (j *bulkJob) ended() bool {
	return j.state == jobComplete || j.state == jobFailed || j.state == jobAborted
}

// invalidState refuses what a job's state does not allow. One text is recorded
// (restforce#905), the others are modelled on it.
func invalidState(message string) *wire.Error { return wire.Refuse(400, "INVALIDJOBSTATE", message) }

// move changes the state for a client.
func (j *bulkJob) move(to string) *wire.Error {
	switch {
	case to == jobAborted && j.ended():
		return invalidState("Aborting already Completed Job not allowed")
	case to == jobUploadComplete && j.state != jobOpen:
		return invalidState("Closing already Closed Job not allowed")
	case to == jobUploadComplete && !j.loaded:
		return invalidState("Closing a job without data is not allowed")
	case to != jobUploadComplete && to != jobAborted:
		return invalidJob("Invalid job state: " + to)
	}
	j.state = to
	if to == jobAborted {
		j.leave()
	}
	return nil
}

// advance moves a job on at a poll.
func (b *API) advance(req *wire.Request, job *bulkJob) {
	if job.ended() || job.state == jobOpen {
		return
	}
	job.polls++
	before := job.state
	switch {
	case job.polls > b.opts.Polls && job.kind == "ingest":
		b.carryOut(req, job)
	case job.polls > b.opts.Polls:
		b.collect(job)
	case job.polls > 1:
		job.state = jobInProgress
	}
	if job.state != before {
		job.modified = b.db.SaveTime()
	}
}

// describeJob returns the part of a job that every answer has, as recorded
// (docs/salesforce.md, Bulk API).
func (b *API) describeJob(job *bulkJob) wire.Object {
	d := wire.Object{
		{Name: "id", Value: job.id}, {Name: "operation", Value: job.operation},
		{Name: "object", Value: job.obj.Name},
	}
	d.Add("createdById", b.db.UserID)
	d.Add("createdDate", job.created)
	d.Add("systemModstamp", job.modified)
	d.Add("state", job.state)
	if job.key != nil {
		d.Add("externalIdFieldName", job.key.Name)
	}
	if job.rule != "" {
		d.Add("assignmentRuleId", job.rule)
	}
	d.Add("concurrencyMode", "Parallel")
	d.Add("contentType", "CSV")
	var version float64
	_, _ = fmt.Sscan(strings.TrimPrefix(job.version, "v"), &version)
	d.Add("apiVersion", version)
	return d
}

// addFormat adds the format of a job's data and, while it is open, the URL to upload it to.
func (j *bulkJob) addFormat(d *wire.Object) {
	if j.state == jobOpen {
		d.Add("contentUrl", "services/data/"+j.version+"/jobs/ingest/"+j.id+"/batches")
	}
	delimiters := map[byte]string{
		',': "COMMA", '\t': "TAB", ';': "SEMICOLON", '|': "PIPE", '^': "CARET", '`': "BACKQUOTE",
	}
	d.Add("lineEnding", map[string]string{"\n": "LF", "\r\n": "CRLF"}[j.format.ending])
	d.Add("columnDelimiter", delimiters[j.format.delimiter])
}

// jobProgress returns a job with the progress of its rows. Processing takes no time.
func (b *API) jobProgress(job *bulkJob) wire.Object {
	d := b.jobEntry(job)
	d.Add("numberRecordsProcessed", len(job.succeeded)+len(job.failed)+len(job.found))
	if job.kind == "ingest" {
		d.Add("numberRecordsFailed", len(job.failed))
	}
	d.Add("retries", 0)
	d.Add("totalProcessingTime", 0)
	if job.kind == "ingest" {
		d.Add("apiActiveProcessingTime", 0)
		d.Add("apexProcessingTime", 0)
	}
	if job.message != "" {
		d.Add("errorMessage", job.message)
	}
	return d
}

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

// An API answers the resources of the Bulk API 2.0. The lock of the database guards it.
type API struct {
	db    *db.DB
	query *query.Engine
	opts  Options
	jobs  map[string]*bulkJob
	// stopAt and stopWith are the arguments of Org.FailBulk.
	stopAt   int
	stopWith string
	crew     crew
}

// Options are the settings of an API.
type Options struct {
	Polls    int                               // looks at a job until it has ended; negative: they make no difference
	Delay    time.Duration                     // after which a job begins whether it is looked at or not; 0 for never
	PageSize int                               // most rows of a page
	Message  func(code, message string) string // nil to leave messages as they are
	// Step is called before each of a job's steps, without the lock.
	Step func(job string, rows int)
	// Wait waits, at most until the org is closed.
	Wait func(time.Duration)
}

// New returns the Bulk API of an org.
func New(d *db.DB, query *query.Engine, opts Options) *API {
	return &API{db: d, query: query, opts: opts, jobs: map[string]*bulkJob{}}
}

// QueryJobs returns how many query jobs of the last 24 hours there are.
func (b *API) QueryJobs() int {
	n, now := 0, b.db.Now()
	for _, job := range b.jobs {
		if job.kind == "query" && now.Sub(job.created) < 24*time.Hour {
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
	seed      uint64 // of the order of its results
	created   time.Time
	modified  time.Time // when it last changed its state
	closed    time.Time // when its data was complete

	state   string
	message string
	polls   int // since the data was complete
	table
	loaded bool // its data has come
	ready  bool // its data is read
	query  *query.Query
	begun  bool
	done   chan struct{} // closed when it has ended; nil before it has begun
	told   bool          // a request was told of what it has written
	// unlisted is a batch of the first Bulk API, whose results keep the order of its rows.
	unlisted bool
	results  []Result
	json     bool          // what a query finds is kept as JSON too
	records  []wire.Object // what it found
	retries  int
	busy     time.Duration // what slow rows took

	next                           int // the first row that is not carried out
	succeeded, failed, unprocessed [][]string
	found                          [][]string // of a query
}

// A Result is what became of a row of a batch.
type Result struct {
	ID      string
	Created bool
	Error   *wire.RowError
}

// FailBulk implements Org.FailBulk.
func (b *API) FailBulk(rows int, message string) {
	b.stopAt, b.stopWith = rows, message
}

// An answer is a reply, or what makes it once the lock is released.
type answer struct {
	reply *wire.Reply
	later func() *wire.Reply
}

// direct is an answer that is ready.
func direct(reply *wire.Reply) answer { return answer{reply: reply} }

// Serve answers /jobs/ingest and /jobs/query, and the resources below them. The caller does not
// hold the lock: what takes long is done without it.
func (b *API) Serve(req *wire.Request) *wire.Reply {
	a := b.decide(req)
	if a.later != nil {
		return a.later()
	}
	return a.reply
}

// decide answers a request with the lock.
func (b *API) decide(req *wire.Request) answer {
	b.db.Lock()
	defer b.db.Unlock()
	defer b.db.Settle(req.Note)
	b.expire()
	path := req.Path[1:]
	if len(path) == 0 || path[0] != "ingest" && path[0] != "query" {
		return direct(b.db.Unsupported(req.Method + " " + req.Text))
	}
	kind := path[0]
	first := map[string]int{"ingest": 41, "query": 47}[kind] // Bulk API 2.0 guide
	switch {
	case !req.Since(first):
		return direct(wire.NotFound().Reply())
	case len(path) == 1 && req.Method == http.MethodGet:
		return direct(b.listJobs(req, kind))
	case len(path) == 1:
		return direct(wire.Only(req, func(req *wire.Request) *wire.Reply {
			return b.known(b.createJob(req, kind))
		}, http.MethodGet, http.MethodPost))
	}
	id, _ := wire.CanonicalID(path[1])
	job := b.jobs[id]
	switch {
	case job == nil || job.kind != kind:
		return direct(wire.NotFound().Reply())
	case len(path) == 2:
		return b.jobResource(req, job)
	case len(path) == 3:
		return b.jobData(req, job, path[2])
	}
	return direct(b.db.Unsupported(req.Method + " " + req.Text))
}

// jobData answers what is below a job: its data and its results.
func (b *API) jobData(req *wire.Request, job *bulkJob, name string) answer {
	method, serve := http.MethodGet, job.resultFile
	switch {
	case job.kind == "query" && name == "results":
		serve = func(*wire.Request) answer { return b.queryResults(req, job) }
	case job.kind == "query" && name == "resultPages" && req.Since(58):
		serve = func(*wire.Request) answer { return b.resultPages(req, job) }
	case job.kind == "ingest" && name == "batches":
		method, serve = http.MethodPut, func(*wire.Request) answer { return b.loadData(req, job) }
	case job.kind == "ingest" && slices.Contains([]string{"successfulResults", "failedResults", "unprocessedrecords"},
		name):
	default:
		return direct(b.db.Unsupported(req.Method + " " + req.Text))
	}
	if req.Method != method {
		return direct(wire.WrongMethod(req.Method, method))
	}
	return serve(req)
}

// known answers with 501 if the request named an object that the fake lacks.
func (b *API) known(reply *wire.Reply) *wire.Reply {
	if name := b.db.TakeUnsupported(); name != "" {
		return b.db.Unsupported("the object " + name + ", which Org.DefineObject can add")
	}
	return reply
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
	job := &bulkJob{
		kind: kind, operation: body.Text("operation"), version: req.Version, created: b.db.SaveTime(), seed: b.db.Serial,
	}
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
		job.table, job.loaded, job.state = job.format.read(data), true, jobUploadComplete
		req.Note.AddWrites(len(job.rows))
	}
	job.id = b.db.NewID("750")
	b.jobs[job.id] = job
	if job.state == jobUploadComplete {
		b.queue(job)
	}
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
func (b *API) jobResource(req *wire.Request, job *bulkJob) answer {
	switch req.Method {
	case http.MethodGet:
		return b.look(req, job)
	case http.MethodPatch:
		if req.BodyErr != nil {
			return direct(req.BodyErr.Reply())
		}
		body, _ := req.Body.(wire.Object)
		if err := job.move(body.Text("state")); err != nil {
			return direct(err.Reply())
		}
		job.modified = b.db.SaveTime()
		if job.state == jobUploadComplete {
			req.Note.AddWrites(len(job.rows))
			b.queue(job)
		}
		return direct(wire.Answer(200, b.describeJob(job)))
	case http.MethodDelete:
		if !job.ended() && (job.kind == "query" || job.state != jobUploadComplete) { // Bulk API 2.0 guide
			return direct(invalidState("Deleting a job that has not ended is not allowed").Reply())
		}
		delete(b.jobs, job.id)
		return direct(wire.Answer(204, nil))
	}
	return direct(wire.WrongMethod(req.Method, "GET", "PATCH", "DELETE"))
}

// look answers a poll. The one after the last that WithBulkPolls asks for waits until the job
// has ended.
func (b *API) look(req *wire.Request, job *bulkJob) answer {
	if job.ended() || job.state == jobOpen || b.opts.Polls < 0 {
		return direct(b.shown(req, job))
	}
	job.polls++
	switch {
	case job.polls > b.opts.Polls:
		b.begin(job)
		return answer{later: func() *wire.Reply {
			<-job.done
			b.db.Lock()
			defer b.db.Unlock()
			return b.shown(req, job)
		}}
	case job.polls > 1 && job.state == jobUploadComplete:
		job.state, job.modified = jobInProgress, b.db.SaveTime()
	}
	return direct(b.shown(req, job))
}

// shown describes a job to a poll; the first that sees its end counts what it has written.
func (b *API) shown(req *wire.Request, job *bulkJob) *wire.Reply {
	if job.ended() && !job.told {
		job.told = true
		req.Note.Written += len(job.succeeded)
	}
	return wire.Answer(200, b.jobProgress(job))
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
	case to == jobUploadComplete && !j.ready:
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

// jobProgress returns a job with the progress of its rows. Only slow rows take time.
func (b *API) jobProgress(job *bulkJob) wire.Object {
	d := b.jobEntry(job)
	d.Add("numberRecordsProcessed", len(job.succeeded)+len(job.failed)+len(job.found))
	if job.kind == "ingest" {
		d.Add("numberRecordsFailed", len(job.failed))
	}
	d.Add("retries", job.retries)
	busy := int(job.busy.Milliseconds())
	d.Add("totalProcessingTime", busy)
	if job.kind == "ingest" {
		d.Add("apiActiveProcessingTime", busy)
		d.Add("apexProcessingTime", busy)
	}
	if job.message != "" {
		d.Add("errorMessage", job.message)
	}
	return d
}

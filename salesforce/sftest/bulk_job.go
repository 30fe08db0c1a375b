package sftest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// The states of a bulk job (SALESFORCE.md 1, Bulk 2.0).
const (
	jobOpen           = "Open"
	jobUploadComplete = "UploadComplete"
	jobInProgress     = "InProgress"
	jobComplete       = "JobComplete"
	jobFailed         = "Failed"
	jobAborted        = "Aborted"
)

// bulk is what the org knows of bulk jobs.
type bulk struct {
	jobs map[string]*bulkJob
	// stopAt and stopWith are what Org.FailBulk asked for.
	stopAt   int
	stopWith string
}

// A bulkJob is an ingest or a query job.
type bulkJob struct {
	id, kind  string // kind is ingest or query
	operation string
	obj       *object
	key       *field // of an upsert
	rule      string // assignmentRuleId
	format    csvFormat
	version   string
	created   time.Time
	modified  time.Time // when it last changed its state

	state   string
	message string
	polls   int    // since the data was complete
	data    []byte // of an ingest job
	loaded  bool
	query   *query

	header                         string // as it was sent
	columns                        []string
	succeeded, failed, unprocessed [][]string
	found                          [][]string // of a query
}

// WithBulkPolls makes a bulk job take that many looks at it before it has ended;
// the first of them sees UploadComplete, the others InProgress. The default is 2.
func WithBulkPolls(n int) Option { return func(o *options) { o.bulkPolls = n } }

// FailBulk makes the next ingest job that is carried out fail after that many
// rows, with message as its errorMessage. What it wrote until then stays. FailBulk
// panics without a message.
func (o *Org) FailBulk(rows int, message string) {
	if message == "" {
		panic("sftest: a job fails with a message")
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.bulk.stopAt, o.bulk.stopWith = rows, message
}

// jobs answers /jobs/ingest and /jobs/query, and what is below them. The caller
// holds o.mu.
func (o *Org) jobs(req *request) *reply {
	path := req.path[1:]
	if len(path) == 0 || path[0] != "ingest" && path[0] != "query" {
		return o.surprised(req.method + " " + req.text)
	}
	kind := path[0]
	first := map[string]int{"ingest": 41, "query": 47}[kind] // Bulk API 2.0 guide
	switch {
	case !req.since(first):
		return notFound().reply()
	case len(path) == 1 && req.method == http.MethodGet:
		return o.listJobs(req, kind)
	case len(path) == 1:
		return only(req, func(req *request) *reply { return o.createJob(req, kind) }, http.MethodGet, http.MethodPost)
	}
	id, _ := canonicalID(path[1])
	job := o.bulk.jobs[id]
	if job == nil || job.kind != kind {
		return notFound().reply()
	}
	if len(path) == 2 {
		return o.jobResource(req, job)
	}
	switch {
	case len(path) > 3:
	case kind == "query" && path[2] == "results":
		return only(req, func(req *request) *reply { return o.queryResults(req, job) }, http.MethodGet)
	case kind == "ingest" && path[2] == "batches":
		return only(req, func(req *request) *reply { return o.loadData(req, job) }, http.MethodPut)
	case kind == "ingest" && slices.Contains([]string{"successfulResults", "failedResults", "unprocessedrecords"}, path[2]):
		return only(req, func(*request) *reply { return job.results(path[2]) }, http.MethodGet)
	}
	return o.surprised(req.method + " " + req.text)
}

func (o *Org) createJob(req *request, kind string) *reply {
	body, data, whole, err := readMultipart(req)
	if !whole {
		body, _ = req.body.(jsonObject)
		err = req.bodyErr
	}
	if err != nil {
		return err.reply()
	}
	job := &bulkJob{kind: kind, operation: body.text("operation"), version: req.version, created: o.saveTime()}
	job.modified = job.created
	if err := job.setFormat(body); err != nil {
		return err.reply()
	}
	if kind == "ingest" {
		if err := o.planIngest(job, body); err != nil {
			return err.reply()
		}
	} else if refused := o.planQuery(req, job, body.text("query")); refused != nil {
		return refused
	}
	if whole && kind == "ingest" {
		job.data, job.loaded, job.state = data, true, jobUploadComplete
		req.entry.attempt(job.countRows())
	}
	job.id = o.newID("750")
	if o.bulk.jobs == nil {
		o.bulk.jobs = map[string]*bulkJob{}
	}
	o.bulk.jobs[job.id] = job
	described := o.describeJob(job)
	job.addFormat(&described)
	return answer(200, described)
}

// invalidJob refuses a job; the codes of bulk jobs are spelled unlike others
// (SALESFORCE.md 1, Bulk 2.0).
func invalidJob(message string) *apiError {
	return refuse(400, "INVALIDJOB", "InvalidJob : "+message)
}

// setFormat reads how the job's CSV is made.
func (j *bulkJob) setFormat(body jsonObject) *apiError {
	if kind := body.text("contentType"); kind != "" && kind != "CSV" {
		return invalidJob("Content Type not supported: " + kind)
	}
	delimiters := map[string]byte{"": ',', "COMMA": ',', "TAB": '\t', "SEMICOLON": ';', "PIPE": '|', "CARET": '^', "BACKQUOTE": '`'}
	endings := map[string]string{"": "\n", "LF": "\n", "CRLF": "\r\n"}
	delimiter, known := delimiters[body.text("columnDelimiter")]
	ending, alsoKnown := endings[body.text("lineEnding")]
	if !known || !alsoKnown {
		return refuse(400, "JSON_PARSER_ERROR", "Cannot deserialize the columnDelimiter or the lineEnding")
	}
	j.format = csvFormat{delimiter: delimiter, ending: ending}
	return nil
}

// jobResource is /jobs/ingest/id and /jobs/query/id.
func (o *Org) jobResource(req *request, job *bulkJob) *reply {
	switch req.method {
	case http.MethodGet:
		o.advance(req, job)
		return answer(200, o.jobProgress(job))
	case http.MethodPatch:
		if req.bodyErr != nil {
			return req.bodyErr.reply()
		}
		body, _ := req.body.(jsonObject)
		if err := job.move(body.text("state")); err != nil {
			return err.reply()
		}
		job.modified = o.saveTime()
		if job.state == jobUploadComplete {
			req.entry.attempt(job.countRows())
		}
		return answer(200, o.describeJob(job))
	case http.MethodDelete:
		if !job.ended() && (job.kind == "query" || job.state != jobUploadComplete) { // Bulk API 2.0 guide
			return invalidState("Deleting a job that has not ended is not allowed").reply()
		}
		delete(o.bulk.jobs, job.id)
		return answer(204, nil)
	}
	return wrongMethod(req.method, "GET", "PATCH", "DELETE")
}

func (j *bulkJob) ended() bool {
	return j.state == jobComplete || j.state == jobFailed || j.state == jobAborted
}

// invalidState refuses what does not go with a job's state. One text is
// recorded (restforce#905), the others are made like it.
func invalidState(message string) *apiError { return refuse(400, "INVALIDJOBSTATE", message) }

// move is a client's change of the state.
func (j *bulkJob) move(to string) *apiError {
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

// advance lets a job get on by one look at it.
func (o *Org) advance(req *request, job *bulkJob) {
	if job.ended() || job.state == jobOpen {
		return
	}
	job.polls++
	before := job.state
	switch {
	case job.polls > o.opts.bulkPolls && job.kind == "ingest":
		o.carryOut(req, job)
	case job.polls > o.opts.bulkPolls:
		o.collect(job)
	case job.polls > 1:
		job.state = jobInProgress
	}
	if job.state != before {
		job.modified = o.saveTime()
	}
}

// describeJob is what every answer tells of a job, as recorded (SALESFORCE.md 1,
// Bulk 2.0).
func (o *Org) describeJob(job *bulkJob) jsonObject {
	d := jsonObject{{name: "id", value: job.id}, {name: "operation", value: job.operation}, {name: "object", value: job.obj.name}}
	d.add("createdById", o.userID)
	d.add("createdDate", job.created)
	d.add("systemModstamp", job.modified)
	d.add("state", job.state)
	if job.key != nil {
		d.add("externalIdFieldName", job.key.Name)
	}
	if job.rule != "" {
		d.add("assignmentRuleId", job.rule)
	}
	d.add("concurrencyMode", "Parallel")
	d.add("contentType", "CSV")
	var version float64
	_, _ = fmt.Sscan(strings.TrimPrefix(job.version, "v"), &version)
	d.add("apiVersion", version)
	return d
}

// addFormat adds how the data of a job is made and, as long as it is open, where it
// goes.
func (j *bulkJob) addFormat(d *jsonObject) {
	if j.state == jobOpen {
		d.add("contentUrl", "services/data/"+j.version+"/jobs/ingest/"+j.id+"/batches")
	}
	delimiters := map[byte]string{',': "COMMA", '\t': "TAB", ';': "SEMICOLON", '|': "PIPE", '^': "CARET", '`': "BACKQUOTE"}
	d.add("lineEnding", map[string]string{"\n": "LF", "\r\n": "CRLF"}[j.format.ending])
	d.add("columnDelimiter", delimiters[j.format.delimiter])
}

// jobProgress is a job with what has become of its rows. Processing takes no time.
func (o *Org) jobProgress(job *bulkJob) jsonObject {
	d := o.jobEntry(job)
	d.add("numberRecordsProcessed", len(job.succeeded)+len(job.failed)+len(job.found))
	if job.kind == "ingest" {
		d.add("numberRecordsFailed", len(job.failed))
	}
	d.add("retries", 0)
	d.add("totalProcessingTime", 0)
	if job.kind == "ingest" {
		d.add("apiActiveProcessingTime", 0)
		d.add("apexProcessingTime", 0)
	}
	if job.message != "" {
		d.add("errorMessage", job.message)
	}
	return d
}

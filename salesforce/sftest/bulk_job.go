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

// A bulkAPI answers the resources of the Bulk API 2.0.
type bulkAPI struct {
	db    *database
	query *engine
	opts  bulkOptions
	jobs  map[string]*bulkJob
	// stopAt and stopWith are what Org.FailBulk asked for.
	stopAt   int
	stopWith string
}

// bulkOptions are the options of a bulkAPI.
type bulkOptions struct {
	polls    int // looks at a job until it has ended
	pageSize int
	message  func(code, message string) string // nil to leave messages as they are
}

func newBulkAPI(d *database, query *engine, opts bulkOptions) *bulkAPI {
	return &bulkAPI{db: d, query: query, opts: opts, jobs: map[string]*bulkJob{}}
}

// queryJobs is how many query jobs there are.
func (b *bulkAPI) queryJobs() int {
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

// FailBulk is as Org.FailBulk.
func (b *bulkAPI) FailBulk(rows int, message string) {
	b.stopAt, b.stopWith = rows, message
}

// jobs answers /jobs/ingest and /jobs/query, and what is below them. The caller
// holds o.mu.
func (b *bulkAPI) serve(req *request) *reply {
	path := req.path[1:]
	if len(path) == 0 || path[0] != "ingest" && path[0] != "query" {
		return b.db.surprised(req.method + " " + req.text)
	}
	kind := path[0]
	first := map[string]int{"ingest": 41, "query": 47}[kind] // Bulk API 2.0 guide
	switch {
	case !req.since(first):
		return notFound().reply()
	case len(path) == 1 && req.method == http.MethodGet:
		return b.listJobs(req, kind)
	case len(path) == 1:
		return only(req, func(req *request) *reply { return b.createJob(req, kind) }, http.MethodGet, http.MethodPost)
	}
	id, _ := canonicalID(path[1])
	job := b.jobs[id]
	if job == nil || job.kind != kind {
		return notFound().reply()
	}
	if len(path) == 2 {
		return b.jobResource(req, job)
	}
	switch {
	case len(path) > 3:
	case kind == "query" && path[2] == "results":
		return only(req, func(req *request) *reply { return b.queryResults(req, job) }, http.MethodGet)
	case kind == "ingest" && path[2] == "batches":
		return only(req, func(req *request) *reply { return b.loadData(req, job) }, http.MethodPut)
	case kind == "ingest" && slices.Contains([]string{"successfulResults", "failedResults", "unprocessedrecords"}, path[2]):
		return only(req, func(*request) *reply { return job.results(path[2]) }, http.MethodGet)
	}
	return b.db.surprised(req.method + " " + req.text)
}

func (b *bulkAPI) createJob(req *request, kind string) *reply {
	body, data, whole, err := readMultipart(req)
	if !whole {
		body, _ = req.body.(jsonObject)
		err = req.bodyErr
	}
	if err != nil {
		return err.reply()
	}
	job := &bulkJob{kind: kind, operation: body.text("operation"), version: req.version, created: b.db.saveTime()}
	job.modified = job.created
	if err := job.setFormat(body); err != nil {
		return err.reply()
	}
	if kind == "ingest" {
		if err := b.planIngest(job, body); err != nil {
			return err.reply()
		}
	} else if refused := b.planQuery(req, job, body.text("query")); refused != nil {
		return refused
	}
	if whole && kind == "ingest" {
		job.data, job.loaded, job.state = data, true, jobUploadComplete
		req.entry.attempt(job.countRows())
	}
	job.id = b.db.newID("750")
	b.jobs[job.id] = job
	described := b.describeJob(job)
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
func (b *bulkAPI) jobResource(req *request, job *bulkJob) *reply {
	switch req.method {
	case http.MethodGet:
		b.advance(req, job)
		return answer(200, b.jobProgress(job))
	case http.MethodPatch:
		if req.bodyErr != nil {
			return req.bodyErr.reply()
		}
		body, _ := req.body.(jsonObject)
		if err := job.move(body.text("state")); err != nil {
			return err.reply()
		}
		job.modified = b.db.saveTime()
		if job.state == jobUploadComplete {
			req.entry.attempt(job.countRows())
		}
		return answer(200, b.describeJob(job))
	case http.MethodDelete:
		if !job.ended() && (job.kind == "query" || job.state != jobUploadComplete) { // Bulk API 2.0 guide
			return invalidState("Deleting a job that has not ended is not allowed").reply()
		}
		delete(b.jobs, job.id)
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
func (b *bulkAPI) advance(req *request, job *bulkJob) {
	if job.ended() || job.state == jobOpen {
		return
	}
	job.polls++
	before := job.state
	switch {
	case job.polls > b.opts.polls && job.kind == "ingest":
		b.carryOut(req, job)
	case job.polls > b.opts.polls:
		b.collect(job)
	case job.polls > 1:
		job.state = jobInProgress
	}
	if job.state != before {
		job.modified = b.db.saveTime()
	}
}

// describeJob is what every answer tells of a job, as recorded (SALESFORCE.md 1,
// Bulk 2.0).
func (b *bulkAPI) describeJob(job *bulkJob) jsonObject {
	d := jsonObject{{name: "id", value: job.id}, {name: "operation", value: job.operation}, {name: "object", value: job.obj.name}}
	d.add("createdById", b.db.userID)
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
func (b *bulkAPI) jobProgress(job *bulkJob) jsonObject {
	d := b.jobEntry(job)
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

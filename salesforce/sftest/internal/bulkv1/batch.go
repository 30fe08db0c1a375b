// SPDX-License-Identifier: Apache-2.0

package bulkv1

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/bulk"
	"github.com/leadsync/leadsync/salesforce/sftest/internal/wire"
)

// Bounds of a batch (docs/salesforce.md, The first Bulk API).
const (
	maxBytes = 10_000_000
	maxRows  = 10_000
)

// A batch is a part of a job.
type batch struct {
	id      string
	job     *job
	created time.Time
	sent    []byte
	kind    string // Content-Type of what was sent
	run     *bulk.Batch
	result  string // the id of the result of a query
}

// batches answers the address of a job's batches: a list, or a new one. Which code a closed job
// has is unverified.
func (a *API) batches(r *Request, j *job) *wire.Reply {
	kinds := map[string][]string{"CSV": {"text/csv"}, "JSON": {"application/json"}}
	switch kind, _, _ := strings.Cut(r.HTTP.Header.Get("Content-Type"), ";"); {
	case r.HTTP.Method == http.MethodGet:
		return j.list(r)
	case r.HTTP.Method != http.MethodPost:
		return wire.WrongMethod(r.HTTP.Method, http.MethodGet, http.MethodPost)
	case j.state != open:
		return refuse(r, "InvalidJobState", "Job is already "+j.state)
	case kinds[j.content][0] != strings.ToLower(strings.TrimSpace(kind)):
		return refuse(r, "InvalidBatch", "The Content-Type of the batch does not match that of the job: "+j.content)
	case len(r.Body) > maxBytes:
		return refuse(r, "ClientInputError", "The batch is larger than 10000000 bytes")
	}
	t := &batch{id: a.db.NewID("751"), job: j, created: a.db.SaveTime(), sent: r.Body, kind: kinds[j.content][0]}
	spec := bulk.BatchSpec{Operation: j.operation, Object: j.obj, Key: j.key, Rule: j.rule}
	if j.content == "JSON" {
		spec.Version = fmt.Sprintf("v%d.0", j.version)
	}
	switch {
	case j.reads():
		if unsupported := a.compile(r, j, &spec); unsupported != nil {
			return unsupported
		}
		t.result = a.db.NewID("752")
	case j.content == "JSON":
		spec.Columns, spec.Rows, spec.Problem = readJSON(r.Body)
	default:
		spec.Columns, spec.Rows, spec.Problem = bulk.ReadCSV(r.Body)
	}
	if len(spec.Rows) > maxRows {
		spec.Problem = "InvalidBatch : Records not processed: a batch has at most 10000"
	}
	r.Note.AddWrites(len(spec.Rows))
	t.run = a.bulk.NewBatch(spec)
	j.batches = append(j.batches, t)
	return t.info().reply(r, 201)
}

// compile reads the statement of a query. One that cannot be read makes the batch fail.
func (a *API) compile(r *Request, j *job, spec *bulk.BatchSpec) (unsupported *wire.Reply) {
	text := string(r.Body)
	r.Note.AddSOQL(text)
	q, refused := a.query.Compile(text, j.operation == "queryAll")
	if name := a.db.TakeUnsupported(); name != "" {
		return a.db.Unsupported("the object " + name + ", which Org.DefineObject can add")
	}
	var err *wire.Error
	switch {
	case refused != nil && refused.Unsupported != "":
		return a.db.Unsupported(refused.Unsupported)
	case refused != nil:
		err = refused.Reply(text)
	default:
		err, spec.Query = bulk.Refuses(q), q
	}
	if err != nil {
		first := err.Reply().Body.([]any)[0].(wire.Object)
		spec.Problem = "InvalidBatch : Failed to process query: " + first.Text("errorCode") + ": " + first.Text("message")
		spec.Query = nil
	}
	return nil
}

func (j *job) list(r *Request) *wire.Reply {
	var text strings.Builder
	list := make([]any, len(j.batches))
	for i, t := range j.batches {
		list[i] = t.info().object()
		text.WriteString(t.info().xml(""))
	}
	if r.json {
		return wire.Answer(200, wire.Object{{Name: "batchInfo", Value: list}})
	}
	return wire.Answer(200, wire.XML(fmt.Sprintf(`%s<batchInfoList xmlns="%s">%s</batchInfoList>`, xml.Header, namespace,
		text.String())))
}

// info describes the batch.
func (t *batch) info() info {
	state, message := t.run.State()
	processed, failed := t.run.Counts()
	i := info{element: "batchInfo"}
	i.add("id", t.id)
	i.add("jobId", t.job.id)
	i.add("state", state)
	i.addText("stateMessage", message)
	i.add("createdDate", t.created)
	i.add("systemModstamp", t.created)
	i.add("numberRecordsProcessed", processed)
	i.add("numberRecordsFailed", failed)
	i.add("totalProcessingTime", t.run.Busy())
	i.add("apiActiveProcessingTime", t.run.Busy())
	i.add("apexProcessingTime", t.run.Busy())
	return i
}

// data answers what is below a batch: what was sent, its result, and a query's rows.
func (a *API) data(r *Request, t *batch, name, result string) *wire.Reply {
	switch state, _ := t.run.State(); {
	case name == "request" && result == "" && t.kind == "text/csv":
		return wire.Answer(200, wire.CSV(t.sent))
	case name == "request" && result == "":
		v, err := wire.Decode(t.sent)
		if err != nil { // such as a statement
			return wire.Answer(200, wire.Word(t.sent))
		}
		return wire.Answer(200, v)
	case name != "result":
		return a.db.Unsupported(r.HTTP.Method + " " + r.HTTP.URL.Path)
	case state != "Completed": // the text is unverified
		return refuse(r, "InvalidBatch", "Batch not completed")
	case !t.job.reads() && result == "":
		return a.results(t)
	case t.job.reads() && result == "" && t.job.content == "JSON":
		return wire.Answer(200, []string{t.result})
	case t.job.reads() && result == "":
		return wire.Answer(200, wire.XML(fmt.Sprintf(`<result-list xmlns="%s"><result>%s</result></result-list>`, namespace,
			t.result)))
	case !t.job.reads() || result != t.result && result != t.result[:15]:
		return refuse(r, "InvalidBatch", "Unable to find result for id: "+result)
	}
	return t.rows()
}

// results tells what became of the rows that were sent.
func (a *API) results(t *batch) *wire.Reply {
	results := t.run.Results()
	if t.job.content == "CSV" {
		text := bulk.AppendCSV(nil, []string{"Id", "Success", "Created", "Error"})
		for _, one := range results {
			message := ""
			if one.Error != nil {
				message = a.bulk.RowError(one.Error)
			}
			text = bulk.AppendCSV(text, []string{one.ID, fmt.Sprint(one.Error == nil), fmt.Sprint(one.Created), message})
		}
		return wire.Answer(200, wire.CSV(text))
	}
	list := make([]any, len(results))
	for i, one := range results {
		errors := []any{}
		if one.Error != nil {
			row := wire.Sorted(one.Error.InRow())
			if a.message != nil {
				row, _ = wire.RewriteMessages(row, a.message).(wire.Object)
			}
			row = append(wire.Object{{Name: "extendedErrorDetails", Value: nil}}, row...)
			errors = append(errors, row)
		}
		list[i] = wire.Object{
			{Name: "success", Value: one.Error == nil}, {Name: "created", Value: one.Created},
			{Name: "id", Value: wire.TextOrNull(one.ID)}, {Name: "errors", Value: errors},
		}
	}
	return wire.Answer(200, list)
}

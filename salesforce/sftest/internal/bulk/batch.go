// SPDX-License-Identifier: Apache-2.0

package bulk

import (
	"bytes"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/db"
	"github.com/leadsync/leadsync/salesforce/sftest/internal/query"
	"github.com/leadsync/leadsync/salesforce/sftest/internal/wire"
)

// A Batch is a batch of the first Bulk API. It is carried out as a job of the second one is,
// which no resource of that shows. The lock of the database guards it.
type Batch struct {
	api *API
	job *bulkJob
}

// A BatchSpec says what a batch does: it writes the rows below the columns, or runs the query.
type BatchSpec struct {
	Operation string
	Object    *db.Object
	Key       *db.Field // of an upsert
	Rule      string    // the assignment rule, "" for none
	Columns   []string
	Rows      [][]string
	Problem   string // why the data cannot be read, "" if it can
	Query     *query.Query
	Version   string // such as v62.0, for the addresses of records in JSON; else ""
}

// NewBatch makes a batch, which begins when its time has come.
func (b *API) NewBatch(s BatchSpec) *Batch {
	job := &bulkJob{
		kind: "ingest", operation: s.Operation, obj: s.Object, key: s.Key, rule: s.Rule, created: b.db.SaveTime(),
		state: jobUploadComplete, loaded: true, ready: true, query: s.Query, unlisted: true, version: s.Version,
		json: s.Version != "",
	}
	if s.Query != nil {
		job.kind = "query"
	}
	job.modified = job.created
	job.columns, job.rows, job.problem = s.Columns, s.Rows, s.Problem
	b.queue(job)
	return &Batch{api: b, job: job}
}

// ReadCSV reads data with commas and either line ending. problem says why it cannot be read.
func ReadCSV(data []byte) (columns []string, rows [][]string, problem string) {
	format := csvFormat{delimiter: ',', ending: "\n"}
	if first, _, _ := bytes.Cut(data, []byte("\n")); bytes.HasSuffix(first, []byte("\r")) {
		format.ending = "\r\n"
	}
	t := format.read(data)
	return t.columns, t.rows, t.problem
}

// AppendCSV appends a row of CSV with all values in quotes, and its line ending.
func AppendCSV(text []byte, row []string) []byte {
	return append(csvFormat{delimiter: ','}.appendQuoted(text, row), '\n')
}

// State returns the state of the batch and, of one that failed, why
// (docs/salesforce.md, Bulk API).
func (t *Batch) State() (state, message string) {
	switch t.job.state {
	case jobUploadComplete:
		return "Queued", ""
	case jobInProgress:
		return "InProgress", ""
	case jobAborted:
		return "NotProcessed", ""
	case jobFailed:
		return "Failed", t.job.message
	}
	return "Completed", ""
}

// Counts returns how many rows were carried out, and how many of them failed.
func (t *Batch) Counts() (processed, failed int) {
	return len(t.job.succeeded) + len(t.job.failed) + len(t.job.found), len(t.job.failed)
}

// Busy returns how many milliseconds slow rows took.
func (t *Batch) Busy() int { return int(t.job.busy.Milliseconds()) }

// Look counts a poll. Where it is the one that waits, it returns what to wait for without the
// lock, else nil.
func (t *Batch) Look() <-chan struct{} {
	if t.job.ended() || t.api.opts.Polls < 0 {
		return nil
	}
	if t.job.polls++; t.job.polls <= t.api.opts.Polls {
		return nil
	}
	t.api.begin(t.job)
	return t.job.done
}

// Abort stops the batch unless it has ended.
func (t *Batch) Abort() {
	if !t.job.ended() {
		t.job.state = jobAborted
		t.job.leave()
	}
}

// Results returns what became of the rows, in their order.
func (t *Batch) Results() []Result { return t.job.results }

// Found returns the rows of a query below its columns.
func (t *Batch) Found() (columns []string, rows [][]string) { return t.job.columns, t.job.found }

// Records returns the rows of a query as JSON has them.
func (t *Batch) Records() []wire.Object { return t.job.records }

// Refuses returns why the first Bulk API does not take a statement, as the second one refuses
// it; nil if it does (docs/salesforce.md, Bulk API).
func Refuses(q *query.Query) *wire.Error { return refuseQuery(q, "Bulk Query") }

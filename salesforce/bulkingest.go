package salesforce

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"

	"github.com/leadsync/leadsync/salesforce/internal/bulk"
	"github.com/leadsync/leadsync/salesforce/internal/limit"
	"github.com/leadsync/leadsync/salesforce/internal/name"
)

// MaxJobBytes is the most data of one ingest job, in bytes of CSV. Salesforce
// takes 150 MB after a conversion that adds up to half. Its other limits are for
// the host to mind: 150 million rows in 24 hours, 15,000 batches of 10,000 rows
// (SALESFORCE.md 1, Bulk 2.0).
const MaxJobBytes = limit.JobBytes

// An IngestSpec says what Client.Ingest does with its rows.
// Source: SALESFORCE.md 1, Bulk 2.0.
type IngestSpec struct {
	// Object is the type of all rows.
	Object Object
	// Op is what happens to each row.
	Op Op
	// HardDelete makes a delete final: the records pass by the recycle bin. The user
	// needs the right Bulk API Hard Delete; without it Salesforce refuses the job.
	HardDelete bool
	// Key is the field that names the record of an upsert: an External ID, or a
	// standard idLookup field. Other operations take none.
	Key string
	// Columns are the fields that rows may hold. Update and delete need Id among
	// them, upsert its Key. A column may name a parent by its external id, such as
	// Account.Key__c. Empty means Id alone for a delete; there is no other default.
	Columns []string
	// RowKey is the column whose value the caller knows a row by. Results come in
	// no order, so each row needs its own. It must be a field of the object. Empty
	// means Key for an upsert and Id for an update and a delete; a create has no
	// default.
	RowKey string
	// AssignmentRule is the rule that re-owns Leads and Cases, empty for none.
	AssignmentRule ID
	// JobBytes bounds the data of one job, in bytes. Zero means MaxJobBytes, which
	// is also the most.
	JobBytes int64
	// OnJob, if set, is told of each job before it gets data. A host that keeps
	// the id can go on with ResumeIngest after a crash. An error ends the load.
	OnJob func(ctx context.Context, job Job) error
}

// A RowResult is what became of one row of a load. Source: SALESFORCE.md 1, Bulk 2.0.
type RowResult struct {
	// Key is the row's value in the column IngestSpec.RowKey, an Id in its
	// 18-character form. Of a row that was refused here for the lack of a usable
	// key it is empty; Err then tells the row by its number.
	Key string
	// Job is the job that carried the row, empty where none did.
	Job ID
	// ID is the record's, empty where the row failed and Salesforce names none.
	ID ID
	// Created says that the row made the record.
	Created bool
	// Err is nil when the row was carried out. It is a *Error where Salesforce
	// refused the row, wraps ErrNotSent where this package did, and is
	// ErrNotProcessed where the job ended before the row.
	Err error
}

// ErrNotProcessed is the Err of a row that its job did not come to. Salesforce
// is as if the row had not been sent. Source: SALESFORCE.md 1, Bulk 2.0.
var ErrNotProcessed = errors.New("salesforce: not processed")

// Ingest writes rows through Bulk API 2.0. It streams: neither the rows nor the
// results are held in memory, only 8 bytes and some for each row of the job under
// way.
//
// Write is the better way below 2,000 rows, as Salesforce itself advises
// (SALESFORCE.md 0): a job takes five calls and more, and waits its turn. Write is
// also the one for rows that refer to each other, whose results are wanted at
// once, or that need AllowDuplicate, which a job does not know (SALESFORCE.md 1,
// from memory).
//
// Rows are uploaded as they come, in jobs of at most JobBytes, one job after the
// other. When a job has ended its results are given out, and only then is the
// next one filled. Each row gets one result, in no order. A row that Salesforce
// could not take is given out at once, with an Err that wraps ErrNotSent, and
// the rest goes on: text that is not UTF-8, holds a NUL or is longer than 32,000
// characters, a record longer than 400,000, a field that is not among the
// Columns, a key that is missing or that another row of the job has.
//
// A field that is nil, or an empty text, is cleared (#N/A in CSV); one that is
// absent stays as it is on update and takes its default on create. The text #N/A
// itself cannot be written this way and is refused.
//
// An error ends the load and is the last thing given out. It is a *JobError with
// the job it struck, except for an error that names what is wrong with spec. What
// was given out before it is true. A job that was not closed is dropped and
// writes nothing, also when the source of rows fails; the results of one that was
// closed, or whose state is not known, are to be had from ResumeIngest. To stop
// early, break: a job that is still being filled is dropped, a closed one goes on.
//
// No row is ever carried out twice. Data is sent once, and nothing is done with
// it until the job is closed; closing twice is closing once. Rows do not wait
// for the writes of Write, nor those for them. While data moves, Config.Timeout
// bounds how long nothing does, without the time that rows and the loop take;
// Config.MaxReply does not count.
func (c *Client) Ingest(ctx context.Context, spec IngestSpec, rows iter.Seq2[Fields, error]) iter.Seq2[RowResult, error] {
	return func(yield func(RowResult, error) bool) {
		spec, err := spec.complete()
		if err != nil {
			yield(RowResult{}, fmt.Errorf("salesforce: ingest: %w", err))
			return
		}
		next, stop := iter.Pull2(rows)
		defer stop()
		l := &load{
			client: c, spec: spec, next: next, yield: yield,
			encoder: newRowEncoder(spec.Columns, spec.RowKey),
		}
		l.advance()
		if l.err != nil {
			l.fail(Job{}, l.err)
		}
		for l.line != nil && l.runJob(ctx) {
		}
	}
}

// complete fills the defaults in and reports what is wrong with the spec.
func (s IngestSpec) complete() (IngestSpec, error) {
	byID := s.Op == OpUpdate || s.Op == OpDelete
	switch {
	case s.Op == OpUpsert && s.RowKey == "":
		s.RowKey = s.Key
	case byID && s.RowKey == "":
		s.RowKey = "Id"
	}
	if s.Op == OpDelete && len(s.Columns) == 0 {
		s.Columns = []string{"Id"}
	}
	if s.JobBytes == 0 {
		s.JobBytes = MaxJobBytes
	}
	switch {
	case s.Op < OpCreate || s.Op > OpDelete:
		return s, fmt.Errorf("unknown operation %d", s.Op)
	case !name.IsIdentifier(s.Object):
		return s, fmt.Errorf("malformed object name %q", string(s.Object))
	case s.HardDelete && s.Op != OpDelete:
		return s, fmt.Errorf("%s with HardDelete", s.Op)
	case (s.Op == OpUpsert) != (s.Key != ""):
		return s, fmt.Errorf("%s with Key %q", s.Op, s.Key)
	case s.JobBytes < 0 || s.JobBytes > MaxJobBytes:
		return s, fmt.Errorf("JobBytes is not between 0 and %d", MaxJobBytes)
	case s.AssignmentRule != "" && s.AssignmentRule.ID18().Prefix() != "01Q":
		return s, errors.New("AssignmentRule is not the id of a rule")
	}
	return s, s.checkColumns(byID)
}

func (s *IngestSpec) checkColumns(byID bool) error {
	if len(s.Columns) > limit.BulkFields {
		return fmt.Errorf("more than %d columns", limit.BulkFields)
	}
	seen := map[string]bool{}
	for _, column := range s.Columns {
		if folded := strings.ToLower(column); !name.IsPath(column) || seen[folded] {
			return fmt.Errorf("column %q is malformed or given twice", column)
		}
		seen[strings.ToLower(column)] = true
	}
	switch {
	case s.RowKey == "":
		return errors.New("no RowKey")
	case !seen[strings.ToLower(s.RowKey)]:
		return fmt.Errorf("row key %s is not among the columns", s.RowKey)
	case s.Op == OpUpsert && !seen[strings.ToLower(s.Key)]:
		return fmt.Errorf("key %s is not among the columns", s.Key)
	case byID && !seen["id"]:
		return fmt.Errorf("%s without the column Id", s.Op)
	case s.Op == OpCreate && seen["id"]:
		return errors.New("create takes no column Id")
	case s.Op == OpDelete && len(s.Columns) > 1:
		return errors.New("delete takes no column but Id")
	}
	return nil
}

// A load is the progress of one Ingest.
type load struct {
	client  *Client
	spec    IngestSpec
	encoder *rowEncoder
	next    func() (Fields, error, bool)
	yield   func(RowResult, error) bool
	stopped bool // nothing more may be given out

	number int64  // of the row last taken, from 1
	line   []byte // of the row that is next to be sent, nil when there is none
	key    string
	err    error // of the source of rows

	keys *bulk.KeySet // of the job under way
}

// fail ends the load.
func (l *load) fail(job Job, err error) bool {
	if !l.stopped {
		l.stopped = true
		l.yield(RowResult{}, &JobError{Job: job, Err: err})
	}
	return false
}

// advance takes rows up to the next one that can be sent.
func (l *load) advance() {
	for l.line = nil; !l.stopped; {
		row, err, ok := l.next()
		if !ok || err != nil {
			l.err = err
			return
		}
		l.number++
		if l.line, l.key, err = l.encoder.encode(row); err == nil {
			return
		}
		l.refuse(l.encoder.keyOf(row), err)
	}
}

// refuse gives out a row that is not sent.
func (l *load) refuse(key string, why error) {
	result := RowResult{Key: strings.Clone(key), Err: fmt.Errorf("%w: row %d: %w", ErrNotSent, l.number, why)}
	l.stopped = !l.yield(result, nil)
}

// runJob fills one job, waits for its end and gives out its results. It reports
// whether there may be another one.
func (l *load) runJob(ctx context.Context) bool {
	job, err := l.client.createJob(ctx, jobIngest, l.spec.job())
	if err != nil {
		return l.fail(Job{}, err)
	}
	if l.spec.OnJob != nil {
		err = l.spec.OnJob(ctx, job)
	}
	if err == nil {
		err = l.fill(ctx, job.ID)
	}
	if err != nil {
		l.client.dropJob(ctx, job.ID)
		return l.fail(job, err)
	}
	job, err = l.client.moveJob(ctx, jobIngest, job.ID, JobUploadComplete)
	if err != nil {
		if job.State == JobOpen { // a close that is still on its way must not find it so
			l.client.dropJob(ctx, job.ID)
		}
		return l.fail(job, err)
	}
	r := &results{client: l.client, rowKey: l.spec.RowKey, keys: l.keys, known: true, yield: l.yield}
	return r.run(ctx, job)
}

// job is the description that makes a job.
func (s *IngestSpec) job() map[string]string {
	operation := s.Op.String()
	switch {
	case s.Op == OpCreate:
		operation = "insert"
	case s.HardDelete:
		operation = "hardDelete"
	}
	body := map[string]string{
		"object": string(s.Object), "operation": operation,
		"contentType": "CSV", "columnDelimiter": "COMMA", "lineEnding": "LF",
	}
	if s.Key != "" {
		body["externalIdFieldName"] = s.Key
	}
	if s.AssignmentRule != "" {
		body["assignmentRuleId"] = string(s.AssignmentRule)
	}
	return body
}

var (
	errEarlyReply = errors.New("reply came before the end of the data")
	errStopped    = errors.New("the caller stopped")
)

// fill uploads the rows of one job.
func (l *load) fill(ctx context.Context, job ID) error {
	data, sink := io.Pipe()
	defer sink.CloseWithError(errStopped) // for a panic in the caller's loop
	uploaded := make(chan error, 1)
	go func() {
		err := l.client.upload(ctx, job, data)
		data.CloseWithError(errEarlyReply) // lets go of rows that nobody takes any more
		uploaded <- err
	}()
	err := l.writeRows(sink)
	sink.CloseWithError(err) // with an error, the request breaks off
	failure := <-uploaded
	if failure != nil && (err == nil || errors.Is(err, errEarlyReply)) {
		return failure
	}
	return err
}

// writeRows writes the header and as many rows as one job takes.
func (l *load) writeRows(sink io.Writer) error {
	l.keys = bulk.NewKeySet()
	w := bufio.NewWriterSize(sink, 64<<10)
	header := bulk.AppendRecord(nil, l.spec.Columns)
	size := int64(len(header))
	_, _ = w.Write(header) // an error comes back from the next Write or Flush
	for ; l.line != nil; l.advance() {
		length := int64(len(l.line))
		if size+length > l.spec.JobBytes && l.keys.Len() > 0 {
			break
		}
		if !l.keys.Add(l.key) {
			l.refuse(l.key, fmt.Errorf("field %s: an earlier row of the job has the same key", l.spec.RowKey))
			continue
		}
		size += length
		if _, err := w.Write(l.line); err != nil {
			return err
		}
	}
	switch {
	case l.err != nil:
		return l.err
	case l.stopped:
		return errStopped
	}
	return w.Flush()
}

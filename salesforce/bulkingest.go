// SPDX-License-Identifier: Apache-2.0

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

// MaxJobBytes is the most data of one ingest job, in bytes of CSV. Salesforce accepts
// 150 MB after a conversion that adds up to half. The host must observe its other
// limits: 150 million rows and 15,000 batches of 10,000 rows in 24 hours.
// Source: docs/salesforce.md, Bulk API.
const MaxJobBytes = limit.JobBytes

// An IngestSpec describes a load with Client.Ingest.
// Source: docs/salesforce.md, Bulk API.
type IngestSpec struct {
	// Object is the type of all rows.
	Object Object
	// Op is what happens to each row.
	Op Op
	// HardDelete deletes without the recycle bin. The user needs the permission Bulk
	// API Hard Delete; without it Salesforce refuses the job.
	HardDelete bool
	// Key is the field that identifies the record of an upsert: an External ID, or a
	// standard idLookup field. It is empty for other operations.
	Key string
	// Columns are the fields that rows may have. Update and delete need Id among them,
	// upsert its Key. A column may reference a parent by its external id, such as
	// Account.Key__c. Empty means Id for a delete; other operations have no default.
	Columns []string
	// RowKey is the column that identifies a row in the results, which come in no
	// particular order. It must be a field of the object with a different value in each
	// row. So may several columns together, separated by commas, such as
	// CampaignId,LeadId,ContactId. Empty means Key for an upsert and Id for an update or a
	// delete; a create has no default.
	RowKey string
	// FailuresOnly saves the call for the results of an update or a delete job in which no row
	// failed: a row that has no result when Ingest ends without an error was carried out.
	FailuresOnly bool
	// AssignmentRule is the rule that assigns owners to Leads and Cases, empty for none.
	AssignmentRule ID
	// JobBytes bounds the data of one job, in bytes. Zero means MaxJobBytes, which is
	// also the maximum.
	JobBytes int64
	// OnJob, if set, is called with each job before its data is sent. A host that
	// stores the id can continue with ResumeIngest after a crash. An error ends the load.
	OnJob func(ctx context.Context, job Job) error
}

// A RowResult is the result of one row of a load.
// Source: docs/salesforce.md, Bulk API.
type RowResult struct {
	// Key is the row's value in the column IngestSpec.RowKey, an Id in its 18-character
	// form; of several columns it is their values, separated by commas. It is empty for a row
	// that was refused here because its key is unusable;
	// Err then has the number of the row.
	Key string
	// Job is the job that carried the row, empty when none did.
	Job ID
	// ID is the record's, empty when the row failed and Salesforce named none.
	ID ID
	// Created means that the row created the record.
	Created bool
	// Err is nil when the row was carried out. It is a *Error when Salesforce refused
	// the row, wraps ErrNotSent when this package did, and is ErrNotProcessed when the
	// job ended before the row.
	Err error
}

// ErrNotProcessed is the Err of a row that its job did not reach; it changed nothing
// in Salesforce. Source: docs/salesforce.md, Bulk API.
var ErrNotProcessed = errors.New("salesforce: not processed")

// Ingest writes rows through Bulk API 2.0. It streams: neither rows nor results are
// held in memory, only a little more than 8 bytes for each row of the current job.
//
// Use Write for fewer than 2,000 rows, as Salesforce recommends: a job takes at least
// five calls and is queued. Also use Write for rows that refer to each other, whose
// results are needed immediately, or that need AllowDuplicate, which jobs do not
// support (unverified).
//
// Rows are uploaded as they come, in jobs of at most JobBytes, one job at a time: the
// results of a job are yielded before the next one is filled. Each row has one
// result, in no particular order; but see FailuresOnly. A row that Salesforce could not accept is yielded
// immediately, with an Err that wraps ErrNotSent, and the load continues: text that is
// not UTF-8, contains a NUL or is longer than 32,000 characters, a record longer than
// 400,000, a field that is not among the Columns, a key that is missing or that an
// earlier row of the job has.
//
// A field that is nil or an empty text is cleared (#N/A in CSV); one that is absent is
// left unchanged by an update and set to its default by a create. The text #N/A itself
// cannot be written this way and is refused.
//
// An error ends the load and is yielded last. It is a *JobError with the job, except
// for one about spec. The results yielded before it are valid. A job that was not
// closed is aborted and writes nothing, also when the source of rows fails; for one
// that was closed, or whose state is not known, ResumeIngest has the results. A loop
// may break: a job that is being filled is then aborted, a closed one continues.
//
// No row is ever carried out twice: data is sent once and is not processed before the
// job is closed, which may be repeated. Ingest and Write do not wait for each other.
// During a transfer Config.Timeout bounds the time without progress, not counting what
// rows and the loop take; Config.MaxReply does not apply.
// Source: docs/salesforce.md, Bulk API.
func (c *Client) Ingest(
	ctx context.Context, spec IngestSpec, rows iter.Seq2[Fields, error],
) iter.Seq2[RowResult, error] {
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

// complete returns the spec with its defaults, or what is wrong with it.
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
	case s.FailuresOnly && !byID:
		return s, fmt.Errorf("%s with FailuresOnly", s.Op)
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
	if s.RowKey == "" {
		return errors.New("no RowKey")
	}
	for _, column := range rowKeyColumns(s.RowKey) {
		if !seen[strings.ToLower(column)] {
			return fmt.Errorf("row key %s is not among the columns", column)
		}
	}
	switch {
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
	stopped bool // nothing more may be yielded

	number int64  // of the row last taken, from 1
	line   []byte // of the row that is next to be sent, nil when there is none
	key    string
	err    error // of the source of rows

	keys *bulk.KeySet // of the current job
}

// fail ends the load.
func (l *load) fail(job Job, err error) bool {
	if !l.stopped {
		l.stopped = true
		l.yield(RowResult{}, &JobError{Job: job, Err: err})
	}
	return false
}

// advance reads rows up to the next one that can be sent.
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

// refuse yields a row that is not sent.
func (l *load) refuse(key string, why error) {
	result := RowResult{Key: strings.Clone(key), Err: fmt.Errorf("%w: row %d: %w", ErrNotSent, l.number, why)}
	l.stopped = !l.yield(result, nil)
}

// runJob fills one job, waits for its end and yields its results. It reports whether
// there may be another job.
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
		if job.State == JobOpen { // a delayed close must not find it open
			l.client.dropJob(ctx, job.ID)
		}
		return l.fail(job, err)
	}
	r := &results{client: l.client, rowKey: l.spec.RowKey, keys: l.keys, known: true, yield: l.yield,
		failuresOnly: l.spec.FailuresOnly}
	return r.run(ctx, job)
}

// job is the description by which a job is created.
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
	defer sink.CloseWithError(errStopped) // if the caller's loop panics
	uploaded := make(chan error, 1)
	go func() {
		err := l.client.upload(ctx, job, data)
		data.CloseWithError(errEarlyReply) // unblocks writeRows after an early reply
		uploaded <- err
	}()
	err := l.writeRows(sink)
	sink.CloseWithError(err) // an error aborts the request
	failure := <-uploaded
	if failure != nil && (err == nil || errors.Is(err, errEarlyReply)) {
		return failure
	}
	return err
}

// writeRows writes the header and the rows of one job.
func (l *load) writeRows(sink io.Writer) error {
	l.keys = bulk.NewKeySet()
	w := bufio.NewWriterSize(sink, 64<<10)
	header := bulk.AppendRecord(nil, l.spec.Columns)
	size := int64(len(header))
	_, _ = w.Write(header) // the next Write or Flush returns an error again
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

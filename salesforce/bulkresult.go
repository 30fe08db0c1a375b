// SPDX-License-Identifier: Apache-2.0

package salesforce

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/leadsync/leadsync/salesforce/internal/bulk"
	"github.com/leadsync/leadsync/salesforce/internal/name"
)

// IngestJob reads an ingest job. The error is a *JobError.
// Source: docs/salesforce.md, Bulk API.
func (c *Client) IngestJob(ctx context.Context, id ID) (Job, error) {
	return c.lookUp(ctx, jobIngest, id)
}

// lookUp reads a job. Its errors are *JobError.
func (c *Client) lookUp(ctx context.Context, kind string, id ID) (Job, error) {
	canonical, err := ParseID(string(id))
	if err != nil {
		return Job{}, &JobError{Err: err}
	}
	job, err := c.readJob(ctx, kind, canonical)
	if err != nil {
		return Job{}, &JobError{Job: Job{ID: canonical}, Err: err}
	}
	return job, nil
}

// AbortIngest aborts an ingest job. What it has already written stays written;
// ResumeIngest yields those rows. A job that has ended cannot be aborted: the error is
// a *JobError whose Job has the state. Source: docs/salesforce.md, Bulk API.
func (c *Client) AbortIngest(ctx context.Context, id ID) error {
	canonical, err := ParseID(string(id))
	if err != nil {
		return &JobError{Err: err}
	}
	job, err := c.moveJob(ctx, jobIngest, canonical, JobAborted)
	if err != nil {
		return &JobError{Job: job, Err: err}
	}
	return nil
}

// ResumeIngest continues a job that an Ingest created, perhaps in another process: it
// waits for the job's end and yields the results as Ingest does. rowKey is the
// IngestSpec.RowKey of that Ingest, or its default. A job that was never closed is an
// error: none of it was carried out, and AbortIngest removes it.
//
// The rows that were sent are not known here, so a result for any other row is not
// detected. A missing one is: the counts of a completed job are compared.
// Source: docs/salesforce.md, Bulk API.
func (c *Client) ResumeIngest(ctx context.Context, id ID, rowKey string) iter.Seq2[RowResult, error] {
	return func(yield func(RowResult, error) bool) {
		if slices.ContainsFunc(rowKeyColumns(rowKey), func(column string) bool { return !name.IsPath(column) }) {
			yield(RowResult{}, fmt.Errorf("salesforce: resume: malformed row key %q", rowKey))
			return
		}
		job, err := c.lookUp(ctx, jobIngest, id)
		if err == nil && job.State == JobOpen {
			err = &JobError{Job: job, Err: errors.New("never closed, so none of it was processed")}
		}
		if err != nil {
			yield(RowResult{}, err)
			return
		}
		r := &results{client: c, rowKey: rowKey, keys: bulk.NewKeySet(), yield: yield}
		r.run(ctx, job)
	}
}

// results yields the results of one job.
type results struct {
	client *Client
	rowKey string
	yield  func(RowResult, error) bool
	job    Job

	// keys are those that were sent if known, otherwise those that have their result.
	keys  *bulk.KeySet
	known bool
	// failuresOnly: the results need not be read when all rows were carried out.
	failuresOnly bool
}

// run waits for the job, yields its results, and reports whether nothing failed.
func (r *results) run(ctx context.Context, job Job) bool {
	var err error
	rows := job.Processed
	if r.known {
		rows = int64(r.keys.Len())
	}
	r.job, err = r.client.waitForJob(ctx, jobIngest, job, rows)
	if err == nil {
		err = r.rows(ctx)
	}
	if errors.Is(err, errStopped) {
		return false
	}
	switch failure := r.job.failure(); {
	case failure != nil && err != nil:
		err = fmt.Errorf("%w; %w", failure, err)
	case failure != nil:
		err = failure
	}
	if err != nil {
		r.yield(RowResult{}, &JobError{Job: r.job, Err: err})
	}
	return err == nil
}

// rows yields all results and checks that they are complete. It does not request a
// file that must be empty.
func (r *results) rows(ctx context.Context) error {
	early := r.job.State != JobComplete
	if r.failuresOnly && !early && r.job.Failed == 0 && r.job.Processed == int64(r.keys.Len()) {
		return nil
	}
	missing := func() bool { return r.known && r.keys.Open() > 0 }
	succeeded, err := r.file(ctx, successful, early || missing() || r.job.Processed > r.job.Failed)
	if err != nil {
		return err
	}
	refused, err := r.file(ctx, failed, early || missing() || r.job.Failed > 0)
	if err != nil {
		return err
	}
	if _, err := r.file(ctx, unprocessed, early || missing()); err != nil {
		return err
	}
	switch {
	case missing():
		return fmt.Errorf("%d rows have no result", r.keys.Open())
	case !r.known && !early && (refused != r.job.Failed || succeeded != r.job.Processed-r.job.Failed):
		return fmt.Errorf("results of %d rows, where the job processed %d", succeeded+refused, r.job.Processed)
	}
	return nil
}

// A resultFile is one of the three files with a job's results.
type resultFile struct {
	resource string
	columns  []string // added by Salesforce
	read     func(result *RowResult, added []string) error
}

var (
	successful  = resultFile{"successfulResults", []string{"sf__Id", "sf__Created"}, readSuccess}
	failed      = resultFile{"failedResults", []string{"sf__Id", "sf__Error"}, readFailure}
	unprocessed = resultFile{"unprocessedrecords", nil, readUnprocessed}
)

func readSuccess(result *RowResult, added []string) (err error) {
	if result.ID, err = ParseID(added[0]); err != nil {
		return errors.New("a row without a record id")
	}
	if result.Created, err = strconv.ParseBool(added[1]); err != nil {
		return errors.New("a row that does not say whether it created the record")
	}
	return nil
}

func readFailure(result *RowResult, added []string) error {
	result.ID, _ = ParseID(added[0]) // only updates have it
	result.Err = rowFailure(added[1])
	return nil
}

func readUnprocessed(result *RowResult, _ []string) error {
	result.Err = ErrNotProcessed
	return nil
}

// file yields the rows of one file and counts them. It does nothing unless the file
// is wanted.
func (r *results) file(ctx context.Context, f resultFile, wanted bool) (count int64, err error) {
	if !wanted {
		return 0, nil
	}
	d, err := r.client.download(ctx, r.client.path(jobIngest)+"/"+string(r.job.ID)+"/"+f.resource)
	if err == nil {
		defer d.close()
		count, err = r.decode(d.Reader, f)
	}
	if err != nil {
		return count, fmt.Errorf("%s: %w", f.resource, err)
	}
	return count, nil
}

// decode yields the rows of a file and counts them.
func (r *results) decode(in *bulk.Reader, f resultFile) (count int64, err error) {
	header, err := in.Read()
	if errors.Is(err, io.EOF) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	width := len(header)
	places, err := bulk.Columns(header, append(slices.Clone(f.columns), rowKeyColumns(r.rowKey)...)...)
	if err != nil {
		return 0, err
	}
	cells := make([]string, len(places))
	for ; ; count++ {
		record, err := in.Read()
		switch {
		case errors.Is(err, io.EOF):
			return count, nil
		case err != nil:
			return count, err
		case len(record) != width:
			return count, fmt.Errorf("record %d: %d fields under %d columns", in.Record(), len(record), width)
		}
		for i, place := range places {
			cells[i] = record[place]
		}
		if err := r.give(f, cells); err != nil {
			return count, fmt.Errorf("record %d: %w", in.Record(), err)
		}
	}
}

// give yields one row. The last cells are its key.
func (r *results) give(f resultFile, cells []string) error {
	own := len(f.columns)
	result := RowResult{Key: strings.Clone(joinKey(cells[own:])), Job: r.job.ID}
	if err := f.read(&result, cells[:own]); err != nil {
		return err
	}
	if err := r.claim(result.Key); err != nil {
		return err
	}
	if !r.yield(result, nil) {
		return errStopped
	}
	return nil
}

// claim records that a key has its result.
func (r *results) claim(key string) error {
	switch {
	case r.known && !r.keys.Answer(key):
		return errors.New("a key that was not sent, or has its result already")
	case !r.known && !r.keys.Add(key):
		return errors.New("a key that has its result already")
	}
	return nil
}

// rowFailure reads sf__Error, such as "INVALID_FIELD:message:CloseDate --" or
// "UNABLE_TO_LOCK_ROW:message:--".
func rowFailure(text string) *Error {
	code, message, ok := strings.Cut(text, ":")
	if !ok || !name.IsIdentifier(code) {
		return &Error{HTTPStatus: http.StatusOK, Message: text, Err: errors.New("row failed without a code")}
	}
	p := problem{StatusCode: StatusCode(code), Message: message}
	if body, ok := strings.CutSuffix(message, "--"); ok {
		at := strings.LastIndexByte(body, ':')
		fields := strings.FieldsFunc(body[at+1:], func(c rune) bool { return c == ' ' || c == ',' })
		if at >= 0 && !slices.ContainsFunc(fields, func(field string) bool { return !name.IsPath(field) }) {
			p.Message, p.Fields = body[:at], fields
		}
	}
	return errorFrom(http.StatusOK, []problem{p})
}

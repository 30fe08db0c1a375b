// SPDX-License-Identifier: Apache-2.0

package salesforce

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/url"
	"strings"

	"github.com/leadsync/leadsync/salesforce/internal/bulk"
	"github.com/leadsync/leadsync/salesforce/soql"
)

// A QuerySpec describes a query with Client.BulkQuery.
// Source: docs/salesforce.md, Bulk API.
type QuerySpec struct {
	// Query is the statement. A bulk query takes no OFFSET, aggregates or children.
	Query *soql.Select
	// All includes deleted, merged and archived rows.
	All bool
	// OnJob, if set, is called with the job once it is created. A host that stores the
	// id can continue with ResumeBulkQuery after a crash. An error ends the query.
	OnJob func(ctx context.Context, job Job) error
}

// BulkQuery reads rows through Bulk API 2.0, which suits results of many pages: it
// waits until Salesforce has collected all rows, and then streams them. A row maps the
// fields, spelled as in Query, to the text of the CSV: true and false, digits, dates as
// in JSON, and "" for null. Each row is a new map.
//
// An error ends the rows and is yielded last: a *JobError with the job, or what is
// wrong with the statement. The rows before it are valid but incomplete.
// Source: docs/salesforce.md, Bulk API.
func (c *Client) BulkQuery(ctx context.Context, spec QuerySpec) iter.Seq2[map[string]string, error] {
	return func(yield func(map[string]string, error) bool) {
		statement, err := spec.Query.Build()
		if err != nil {
			yield(nil, fmt.Errorf("salesforce: %w", err))
			return
		}
		operation := "query"
		if spec.All {
			operation = "queryAll"
		}
		job, err := c.createJob(ctx, jobQuery, map[string]string{"operation": operation, "query": statement})
		if err == nil && spec.OnJob != nil {
			err = spec.OnJob(ctx, job)
		}
		if err != nil {
			yield(nil, &JobError{Job: job, Err: err})
			return
		}
		q := &queryRows{client: c, job: job, fields: spec.Query.Fields(), yield: yield}
		q.run(ctx)
	}
}

// ResumeBulkQuery yields all rows of a job that a BulkQuery created, perhaps in another
// process. Fields are spelled as Salesforce spells them.
// Source: docs/salesforce.md, Bulk API.
func (c *Client) ResumeBulkQuery(ctx context.Context, id ID) iter.Seq2[map[string]string, error] {
	return func(yield func(map[string]string, error) bool) {
		job, err := c.lookUp(ctx, jobQuery, id)
		if err != nil {
			yield(nil, err)
			return
		}
		q := &queryRows{client: c, job: job, yield: yield}
		q.run(ctx)
	}
}

// queryRows yields the rows of one query job.
type queryRows struct {
	client *Client
	job    Job
	fields []string // empty when the statement is not known
	yield  func(map[string]string, error) bool
	count  int64
}

func (q *queryRows) run(ctx context.Context) {
	err := q.pages(ctx)
	if err != nil && !errors.Is(err, errStopped) {
		q.yield(nil, &JobError{Job: q.job, Err: err})
	}
}

// pages waits for the job and yields its pages.
func (q *queryRows) pages(ctx context.Context) (err error) {
	if q.job, err = q.client.waitForJob(ctx, jobQuery, q.job, 0); err != nil {
		return err
	}
	if failure := q.job.failure(); failure != nil {
		return failure
	}
	seen := map[string]bool{}
	for locator := ""; ; {
		if locator, err = q.page(ctx, locator); err != nil {
			return err
		}
		if locator == "" {
			break
		}
		if seen[locator] {
			return errors.New("the results lead back to a page that was already read")
		}
		seen[locator] = true
	}
	if q.count != q.job.Processed {
		return fmt.Errorf("results of %d rows, where the job found %d", q.count, q.job.Processed)
	}
	return nil
}

// page yields the page of a locator, empty for the first, and returns the next
// locator, empty after the last.
func (q *queryRows) page(ctx context.Context, locator string) (string, error) {
	path := q.client.path(jobQuery) + "/" + string(q.job.ID) + "/results"
	if locator != "" {
		path += "?locator=" + url.QueryEscape(locator)
	}
	d, err := q.client.download(ctx, path)
	if err != nil {
		return "", err
	}
	defer d.close()
	if err := q.decode(d.Reader); err != nil {
		return "", err
	}
	if next := d.header.Get("Sforce-Locator"); next != "null" {
		return next, nil
	}
	return "", nil
}

// decode yields the rows of one page.
func (q *queryRows) decode(in *bulk.Reader) error {
	header, err := in.Read()
	if errors.Is(err, io.EOF) {
		return nil
	}
	if err != nil {
		return err
	}
	names, err := q.names(header)
	if err != nil {
		return err
	}
	for {
		record, err := in.Read()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		case len(record) != len(names):
			return fmt.Errorf("record %d: %d fields under %d columns", in.Record(), len(record), len(names))
		}
		row := make(map[string]string, len(names))
		for i, name := range names {
			row[name] = record[i]
		}
		q.count++
		if !q.yield(row, nil) {
			return errStopped
		}
	}
}

// names are the columns as the caller knows them.
func (q *queryRows) names(header []string) ([]string, error) {
	names := make([]string, len(header))
	for i, column := range header {
		names[i] = strings.Clone(column)
	}
	if q.fields == nil {
		_, err := bulk.Columns(names, names...)
		return names, err
	}
	places, err := bulk.Columns(names, q.fields...)
	if err != nil {
		return nil, err
	}
	if len(names) != len(q.fields) {
		return nil, fmt.Errorf("%d columns for %d fields", len(names), len(q.fields))
	}
	for i, place := range places {
		names[place] = q.fields[i]
	}
	return names, nil
}

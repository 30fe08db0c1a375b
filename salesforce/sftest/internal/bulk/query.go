// SPDX-License-Identifier: Apache-2.0

package bulk

import (
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/db"
	"github.com/leadsync/leadsync/salesforce/sftest/internal/query"
	"github.com/leadsync/leadsync/salesforce/sftest/internal/wire"
)

// MaxPage is how many rows a page of results has at most
// (docs/salesforce.md, Bulk API).
const MaxPage = 250_000

// planQuery compiles the statement of a query job. Bulk queries do not support aggregates,
// child queries, TYPEOF and OFFSET (docs/salesforce.md, Bulk API; SOQL reference, TYPEOF);
// the texts are unverified.
func (b *API) planQuery(req *wire.Request, job *bulkJob, text string) *wire.Reply {
	if job.operation != "query" && job.operation != "queryAll" {
		return invalidJob("Invalid operation: " + job.operation).Reply()
	}
	req.Note.AddSOQL(text)
	var refused *query.Error
	job.query, refused = b.query.Compile(text, job.operation == "queryAll")
	switch {
	case refused != nil && refused.Unsupported != "":
		return b.db.Unsupported(refused.Unsupported)
	case refused != nil:
		return refused.Reply(text).Reply()
	}
	if err := refuseQuery(job.query, "Bulk V2 Query"); err != nil {
		return err.Reply()
	}
	job.state, job.obj = jobUploadComplete, job.query.Obj
	return nil
}

// refuseQuery refuses what queries in bulk do not support.
func refuseQuery(q *query.Query, in string) *wire.Error {
	switch {
	case q.Count, q.Group != nil, q.Shape.Nests():
		return wire.Refuse(400, "API_ERROR", "Aggregate Relationships not supported in "+in)
	// Bulk API 2.0 guide
	case slices.ContainsFunc(q.Paths, func(p *query.Path) bool { return p.Last != nil && p.Last.Type == "address" }):
		return wire.Refuse(400, "API_ERROR", "Selecting compound data not supported in Bulk Query")
	case slices.ContainsFunc(q.Paths, func(p *query.Path) bool { return p.Last != nil && p.Last.Kind() == db.KindBlob }):
		return wire.Refuse(400, "API_ERROR", "Binary fields not supported in "+in)
	case q.Offset > 0:
		return wire.Refuse(400, "API_ERROR", "OFFSET is not supported in "+in)
	}
	return nil
}

// columnsOf returns the header of a query's results.
func columnsOf(q *query.Query) []string {
	columns := make([]string, len(q.Paths))
	for i, p := range q.Paths {
		columns[i] = strings.Join(p.Names, ".")
	}
	return columns
}

// collectRun adds rows to the results of a query job.
func (b *API) collectRun(job *bulkJob, rows []*db.Row) {
	for _, r := range rows {
		if job.json {
			job.records = append(job.records, b.query.Render(r, job.query.Shape, job.query.All, job.version, false))
		}
		cells := make([]string, len(job.query.Paths))
		for i, p := range job.query.Paths {
			cells[i] = cellOf(b.query.Follow(r, p, job.query.All))
		}
		job.found = append(job.found, cells)
	}
}

// cellOf returns a value as CSV carries it; null is an empty cell.
func cellOf(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case time.Time:
		return v.UTC().Format("2006-01-02T15:04:05.000Z")
	}
	return string(wire.Append(nil, v))
}

// queryResults answers one page of rows, with the locator of the next one in Sforce-Locator,
// null after the last.
func (b *API) queryResults(req *wire.Request, job *bulkJob) answer {
	if job.state != jobComplete {
		return direct(invalidState("Results of a job that has not ended are not available").Reply())
	}
	size := b.opts.PageSize
	start, refused := job.startOf(req)
	if refused != nil {
		return direct(refused.Reply())
	}
	if n, err := strconv.Atoi(req.Query.Get("maxRecords")); err == nil && n > 0 {
		size = min(size, n)
	}
	end := min(start+size, len(job.found))
	locator := "null"
	if end < len(job.found) {
		locator = locatorOf(end)
	}
	header, rows := job.columns, job.found[start:end]
	return answer{later: func() *wire.Reply {
		text := append(job.format.appendQuoted(nil, header), job.format.ending...)
		for _, row := range rows {
			text = append(job.format.appendQuoted(text, row), job.format.ending...)
		}
		return wire.Answer(200, wire.CSV(text)).With("Sforce-Locator", locator).With("Sforce-NumberOfRecords",
			strconv.Itoa(len(rows)))
	}}
}

func locatorOf(start int) string {
	return base64.RawURLEncoding.EncodeToString([]byte(strconv.Itoa(start)))
}

// startOf returns the row that the locator of a request names, the first without one.
func (j *bulkJob) startOf(req *wire.Request) (int, *wire.Error) {
	locator := req.Query.Get("locator")
	if locator == "" {
		return 0, nil
	}
	text, err := base64.RawURLEncoding.DecodeString(locator)
	start, notNumber := strconv.Atoi(string(text))
	if err != nil || notNumber != nil || start < 0 || start > 0 && start >= len(j.found) {
		return 0, wire.Refuse(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
	}
	return start, nil
}

// resultPages answers the addresses of up to five pages of rows, which may be read side by side
// (docs/salesforce.md, Bulk API; that the pages are as large as those of results is unverified).
func (b *API) resultPages(req *wire.Request, job *bulkJob) answer {
	const most = 5
	if job.state != jobComplete {
		return direct(invalidState("Results of a job that has not ended are not available").Reply())
	}
	start, refused := job.startOf(req)
	if refused != nil {
		return direct(refused.Reply())
	}
	path := "/services/data/" + req.Version + "/jobs/query/" + job.id
	pages := []any{}
	for {
		pages = append(pages, wire.Object{{Name: "resultUrl", Value: path + "/results?locator=" + locatorOf(start)}})
		if start += b.opts.PageSize; len(pages) == most || start >= len(job.found) {
			break
		}
	}
	var next any
	if start < len(job.found) {
		next = path + "/resultPages?locator=" + locatorOf(start)
	}
	return direct(wire.Answer(200, wire.Object{
		{Name: "resultPages", Value: pages}, {Name: "nextRecordsUrl", Value: next}, {Name: "done", Value: next == nil},
	}))
}

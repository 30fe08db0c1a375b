package sftest

import (
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
	"time"
)

// planQuery reads the statement of a query job. Aggregates, child queries,
// TYPEOF and OFFSET are not for bulk queries (SALESFORCE.md 1; SOQL reference,
// TYPEOF); the texts are from memory.
func (b *bulkAPI) planQuery(req *request, job *bulkJob, text string) *reply {
	if job.operation != "query" && job.operation != "queryAll" {
		return invalidJob("Invalid operation: " + job.operation).reply()
	}
	req.entry.addSOQL(text)
	var refused *soqlError
	job.query, refused = b.query.compile(text, job.operation == "queryAll")
	switch {
	case refused != nil && refused.beyond != "":
		return b.db.surprised(refused.beyond)
	case refused != nil:
		return refused.reply(text).reply()
	case job.query.count, job.query.group != nil, job.query.shape.nests():
		return refuse(400, "API_ERROR", "Aggregate Relationships not supported in Bulk V2 Query").reply()
	case slices.ContainsFunc(job.query.paths, func(p *path) bool { return p.last != nil && p.last.Type == "address" }): // Bulk API 2.0 guide
		return refuse(400, "API_ERROR", "Selecting compound data not supported in Bulk Query").reply()
	case job.query.offset > 0:
		return refuse(400, "API_ERROR", "OFFSET is not supported in Bulk V2 Query").reply()
	}
	job.state, job.obj = jobUploadComplete, job.query.obj
	return nil
}

// collect runs the statement of a query job.
func (b *bulkAPI) collect(job *bulkJob) {
	for _, p := range job.query.paths {
		job.columns = append(job.columns, strings.Join(p.names, "."))
	}
	for _, r := range b.query.run(job.query) {
		cells := make([]string, len(job.query.paths))
		for i, p := range job.query.paths {
			cells[i] = cellOf(b.query.follow(r, p, job.query.all))
		}
		job.found = append(job.found, cells)
	}
	job.state = jobComplete
}

// cellOf is a value as CSV carries it; null is an empty cell.
func cellOf(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case time.Time:
		return v.UTC().Format("2006-01-02T15:04:05.000Z")
	}
	return string(appendJSON(nil, v))
}

// queryResults answers one page of rows, and in Sforce-Locator where the next
// one is, null after the last.
func (b *bulkAPI) queryResults(req *request, job *bulkJob) *reply {
	if job.state != jobComplete {
		return invalidState("Results of a job that has not ended are not available").reply()
	}
	start, size := 0, b.opts.pageSize
	if locator := req.query.Get("locator"); locator != "" {
		text, err := base64.RawURLEncoding.DecodeString(locator)
		if start, _ = strconv.Atoi(string(text)); err != nil || start <= 0 || start >= len(job.found) {
			return refuse(400, "INVALID_QUERY_LOCATOR", "invalid query locator").reply()
		}
	}
	if n, err := strconv.Atoi(req.query.Get("maxRecords")); err == nil && n > 0 {
		size = min(size, n)
	}
	end := min(start+size, len(job.found))
	var text []byte
	for _, row := range append([][]string{job.columns}, job.found[start:end]...) {
		text = append(job.format.appendQuoted(text, row), job.format.ending...)
	}
	locator := "null"
	if end < len(job.found) {
		locator = base64.RawURLEncoding.EncodeToString([]byte(strconv.Itoa(end)))
	}
	return answer(200, csvText(text)).with("Sforce-Locator", locator).with("Sforce-NumberOfRecords", strconv.Itoa(end-start))
}

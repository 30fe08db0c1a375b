package sftest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// maxJobs is how many jobs a page lists (Bulk API 2.0 guide, Get Information
// About All Jobs).
const maxJobs = 1000

// listJobs answers GET /jobs/ingest and /jobs/query. The fake has no job of the
// first Bulk API to list beside those of this one.
func (b *bulkAPI) listJobs(req *request, kind string) *reply {
	var ids []string
	for id, job := range b.jobs {
		if job.kind == kind && job.listed(req) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	start := 0
	if locator := req.query.Get("queryLocator"); locator != "" {
		n, err := strconv.Atoi(locator)
		if err != nil || n <= 0 || n >= len(ids) {
			return refuse(400, "INVALID_QUERY_LOCATOR", "invalid query locator").reply()
		}
		start = n
	}
	end := min(start+min(b.opts.pageSize, maxJobs), len(ids))
	list := []any{}
	for _, id := range ids[start:end] {
		list = append(list, b.jobEntry(b.jobs[id]))
	}
	var next any
	if end < len(ids) {
		query := req.query
		query.Set("queryLocator", strconv.Itoa(end))
		next = fmt.Sprintf("/services/data/%s/jobs/%s?%s", req.version, kind, query.Encode())
	}
	return answer(200, jsonObject{{name: "done", value: end == len(ids)}, {name: "records", value: list}, {name: "nextRecordsUrl", value: next}})
}

// listed says whether the filters of a list let a job through.
func (j *bulkJob) listed(req *request) bool {
	kind, mode := req.query.Get("jobType"), req.query.Get("concurrencyMode")
	chunked := req.query.Get("isPkChunkingEnabled")
	return (kind == "" || strings.EqualFold(kind, j.jobType())) && (mode == "" || strings.EqualFold(mode, "Parallel")) && (chunked == "" || chunked == "false")
}

func (j *bulkJob) jobType() string {
	return map[string]string{"ingest": "V2Ingest", "query": "V2Query"}[j.kind]
}

// jobEntry is a job as a list shows it.
func (b *bulkAPI) jobEntry(job *bulkJob) jsonObject {
	entry := b.describeJob(job)
	entry.add("jobType", job.jobType())
	job.addFormat(&entry)
	return entry
}

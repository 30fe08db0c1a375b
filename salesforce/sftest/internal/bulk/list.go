// SPDX-License-Identifier: Apache-2.0

package bulk

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/wire"
)

// maxJobs is how many jobs a page lists (Bulk API 2.0 guide, Get Information
// About All Jobs).
const maxJobs = 1000

// listJobs answers GET /jobs/ingest and /jobs/query. The fake has no jobs of the first Bulk
// API to list.
func (b *API) listJobs(req *wire.Request, kind string) *wire.Reply {
	var ids []string
	for id, job := range b.jobs {
		if job.kind == kind && job.listed(req) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	start := 0
	if locator := req.Query.Get("queryLocator"); locator != "" {
		n, err := strconv.Atoi(locator)
		if err != nil || n <= 0 || n >= len(ids) {
			return wire.Refuse(400, "INVALID_QUERY_LOCATOR", "invalid query locator").Reply()
		}
		start = n
	}
	end := min(start+min(b.opts.PageSize, maxJobs), len(ids))
	list := []any{}
	for _, id := range ids[start:end] {
		list = append(list, b.jobEntry(b.jobs[id]))
	}
	var next any
	if end < len(ids) {
		query := req.Query
		query.Set("queryLocator", strconv.Itoa(end))
		next = fmt.Sprintf("/services/data/%s/jobs/%s?%s", req.Version, kind, query.Encode())
	}
	return wire.Answer(200, wire.Object{
		{Name: "done", Value: end == len(ids)}, {Name: "records", Value: list},
		{Name: "nextRecordsUrl", Value: next},
	})
}

// listed reports whether the filters of a list match a job.
func (j *bulkJob) listed(req *wire.Request) bool {
	kind, mode := req.Query.Get("jobType"), req.Query.Get("concurrencyMode")
	chunked := req.Query.Get("isPkChunkingEnabled")
	return (kind == "" || strings.EqualFold(kind, j.jobType())) &&
		(mode == "" || strings.EqualFold(mode, "Parallel")) && (chunked == "" || chunked == "false")
}

func (j *bulkJob) jobType() string {
	return map[string]string{"ingest": "V2Ingest", "query": "V2Query"}[j.kind]
}

// jobEntry returns a job as a list shows it.
func (b *API) jobEntry(job *bulkJob) wire.Object {
	entry := b.describeJob(job)
	entry.Add("jobType", job.jobType())
	job.addFormat(&entry)
	return entry
}

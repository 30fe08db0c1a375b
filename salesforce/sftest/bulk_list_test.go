// SPDX-License-Identifier: Apache-2.0

package sftest_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce/sftest"
)

// Jobs are listed by kind, in pages, and without their counts.
func TestBulkJobsAreListed(t *testing.T) {
	t.Parallel()
	_, a := newAPI(t, sftest.WithPageSize(2))
	require.JSONEq(t, `{"done":true,"records":[],"nextRecordsUrl":null}`, a.do("GET", "/jobs/ingest", nil).Text)
	var ids []any
	for range 3 {
		ids = append(ids, a.do("POST", "/jobs/query", fields{"operation": "query", "query": "SELECT Id FROM Lead"}).at("id"))
	}
	ingest := a.do("POST", "/jobs/ingest", fields{"operation": "insert", "object": "Lead"}).at("id")
	res := a.do("GET", "/jobs/query?jobType=V2Query&concurrencyMode=parallel", nil)
	require.Equal(t, []any{false, ids[0], ids[1]},
		[]any{res.at("done"), res.at("records", 0, "id"), res.at("records", 1, "id")})
	require.Equal(t, "V2Query", res.at("records", 0, "jobType"))
	require.NotContains(t, res.at("records", 0), "numberRecordsProcessed")
	next, err := a.send("GET", res.at("nextRecordsUrl").(string), nil)
	require.NoError(t, err)
	require.Equal(t, []any{true, ids[2], nil},
		[]any{next.at("done"), next.at("records", 0, "id"), next.at("nextRecordsUrl")})
	require.Equal(t, ingest, a.do("GET", "/jobs/ingest/", nil).at("records", 0, "id"))
	for query, n := range map[string]int{
		"jobType=Classic": 0, "jobType=V2Ingest": 1, "isPkChunkingEnabled=true": 0, "isPkChunkingEnabled=false": 1,
	} {
		require.Len(t, a.do("GET", "/jobs/ingest?"+query, nil).at("records"), n, query)
	}
	a.do("GET", "/jobs/query?queryLocator=9", nil).refused(t, 400, "INVALID_QUERY_LOCATOR")
	a.do("DELETE", "/jobs/query", nil).refused(t, 405, "METHOD_NOT_ALLOWED")
	require.Equal(t, 404, a.in("v46.0", "GET", "/jobs/query", nil).Status)
	require.Equal(t, 404, a.in("v40.0", "GET", "/jobs/ingest", nil).Status)
}

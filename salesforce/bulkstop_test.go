// SPDX-License-Identifier: Apache-2.0

package salesforce_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// lose makes the org carry out, or not, the first request that matches, and
// break the connection.
func lose(org *sftest.Org, method, suffix string, fault sftest.Fault) {
	var lost atomic.Bool
	org.Fail(func(r *http.Request, _ int) *sftest.Fault {
		if r.Method == method && strings.HasSuffix(r.URL.Path, suffix) && lost.CompareAndSwap(false, true) {
			return &fault
		}
		return nil
	})
}

func TestIngestSurvivesLostAnswers(t *testing.T) {
	t.Parallel()
	for name, request := range map[string]struct{ method, suffix string }{
		"create":  {http.MethodPost, "/jobs/ingest"},
		"close":   {http.MethodPatch, ""},
		"look":    {http.MethodGet, ""},
		"results": {http.MethodGet, "/successfulResults"},
	} {
		for fate, fault := range map[string]sftest.Fault{
			"lost on the way": {DropBefore: true}, "lost on the way back": {DropAfter: true}, "unavailable": {Status: 503},
		} {
			t.Run(name+" "+fate, func(t *testing.T) {
				t.Parallel()
				org := newBulkOrg(t)
				written := 0
				org.OnRow("Lead", func(string, map[string]any) *sftest.RowError {
					written++
					return nil
				})
				lose(org, request.method, request.suffix, fault)
				results, err := ingested(t, connect(t, org).Ingest(t.Context(), leadSpec, rowsOf(lead("a"), lead("b"))))
				require.NoError(t, err)
				require.Len(t, results, 2)
				require.True(t, results["a"].Created)
				require.Equal(t, 2, written)
			})
		}
	}
}

func TestIngestDropsAJobWhoseUploadFailed(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]sftest.Fault{
		"lost on the way": {DropBefore: true}, "lost on the way back": {DropAfter: true}, "unavailable": {Status: 503},
		"expired": {Status: 401},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			org := newBulkOrg(t)
			client := connect(t, org)
			lose(org, http.MethodPut, "/batches", fault)
			results, err := ingested(t, client.Ingest(t.Context(), leadSpec, rowsOf(lead("a"), lead("b"))))
			require.Empty(t, results)
			failure := jobError(t, err)
			var cause *salesforce.Error
			require.ErrorAs(t, err, &cause)
			require.False(t, cause.Uncertain, "an open job writes nothing")
			job, err := client.IngestJob(t.Context(), failure.Job.ID)
			require.NoError(t, err)
			require.Equal(t, salesforce.JobAborted, job.State)
			puts := 0
			for _, r := range org.Requests() {
				if r.Method == http.MethodPut {
					puts++
				}
			}
			require.Equal(t, 1, puts)
			require.Zero(t, org.Count("Lead"))
		})
	}
}

func TestIngestStopsWithTheSource(t *testing.T) {
	t.Parallel()
	broken := errors.New("disk gone")
	for name, before := range map[string]int{"before the first row": 0, "within a job": 3} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			org := newBulkOrg(t)
			client := connect(t, org)
			results, err := ingested(t, client.Ingest(t.Context(), leadSpec, func(yield func(salesforce.Fields, error) bool) {
				for i := range before {
					if !yield(lead(fmt.Sprint(i)), nil) {
						return
					}
				}
				yield(nil, broken)
			}))
			require.Empty(t, results)
			require.ErrorIs(t, err, broken)
			job := jobError(t, err).Job
			require.Equal(t, before > 0, job.ID != "")
			if before > 0 {
				job, err = client.IngestJob(t.Context(), job.ID)
				require.NoError(t, err)
				require.Equal(t, salesforce.JobAborted, job.State)
			} else {
				require.EqualError(t, err, "salesforce: no bulk job: disk gone")
				require.Zero(t, org.Calls())
			}
			require.Zero(t, org.Count("Lead"))
		})
	}
}

func TestIngestEndsItsUploadWhenTheLoopPanics(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { // which fails when a goroutine stays
		client := connectWithin(t, newBulkOrg(t), salesforce.Config{})
		require.PanicsWithValue(t, "the host's own", func() {
			for range client.Ingest(t.Context(), leadSpec, rowsOf(lead("a"), salesforce.Fields{"Title": "not a column"})) {
				panic("the host's own")
			}
		})
	})
}

func TestIngestStopsWithTheCaller(t *testing.T) {
	t.Parallel()
	org := newBulkOrg(t)
	var job salesforce.ID
	spec := leadSpec
	spec.OnJob = func(_ context.Context, made salesforce.Job) error {
		job = made.ID
		return nil
	}
	client := connect(t, org)
	bad := lead("bad")
	bad["Title"] = "not a column"
	for result, err := range client.Ingest(t.Context(), spec, rowsOf(lead("a"), bad, lead("b"))) {
		require.NoError(t, err)
		require.ErrorIs(t, result.Err, salesforce.ErrNotSent)
		break
	}
	seen, err := client.IngestJob(t.Context(), job)
	require.NoError(t, err)
	require.Equal(t, salesforce.JobAborted, seen.State)
	require.Zero(t, org.Count("Lead"))

	for range client.Ingest(t.Context(), spec, rowsOf(lead("a"), lead("b"))) {
		break
	}
	seen, err = client.IngestJob(t.Context(), job)
	require.NoError(t, err)
	require.Equal(t, salesforce.JobComplete, seen.State, "a closed job continues")
	require.Equal(t, 2, org.Count("Lead"))
}

func TestIngestStopsWhenTheJobCannotBeNoted(t *testing.T) {
	t.Parallel()
	org := newBulkOrg(t)
	full := errors.New("disk full")
	spec := leadSpec
	spec.OnJob = func(context.Context, salesforce.Job) error { return full }
	client := connect(t, org)
	_, err := ingested(t, client.Ingest(t.Context(), spec, rowsOf(lead("a"))))
	require.ErrorIs(t, err, full)
	job, err := client.IngestJob(t.Context(), jobError(t, err).Job.ID)
	require.NoError(t, err)
	require.Equal(t, salesforce.JobAborted, job.State)
}

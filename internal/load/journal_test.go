// SPDX-License-Identifier: Apache-2.0

package load_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/internal/load"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// A journal keeps the jobs that have begun, and those that have not ended.
type journal struct {
	begun, open []salesforce.ID
	refuse      error
	check       func(job salesforce.ID)
}

func (j *journal) Begin(_ context.Context, job salesforce.ID) error {
	if j.check != nil {
		j.check(job)
	}
	j.begun, j.open = append(j.begun, job), append(j.open, job)
	return j.refuse
}

func (j *journal) End(_ context.Context, job salesforce.ID) {
	j.open = slices.DeleteFunc(j.open, func(id salesforce.ID) bool { return id == job })
}

func TestWriteJournalsAJobBeforeItsData(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		org, campaign := keyedOrg(t)
		var writes []salesforce.Write
		for n := range 20 {
			writes = newcomer(writes, n, campaign)
		}
		uploads := func() (n int) {
			for _, r := range org.Requests() {
				if r.Method == http.MethodPut {
					n++
				}
			}
			return n
		}
		j := new(journal)
		j.check = func(salesforce.ID) {
			require.Equal(t, len(j.begun), uploads(), "of the jobs before")
			require.Empty(t, j.open)
		}
		_, err := load.Write(t.Context(), clientOf(t, org), load.Options{Least: least, Journal: j}, writes...)
		require.NoError(t, err)
		require.Len(t, j.begun, 3)
		require.Empty(t, j.open)
	})
}

func TestWriteSendsNothingWithoutItsJournal(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		org, campaign := keyedOrg(t)
		var writes []salesforce.Write
		for n := range 20 {
			writes = newcomer(writes, n, campaign)
		}
		lost := errors.New("the lease is lost")
		j := &journal{refuse: lost}
		results, err := load.Write(t.Context(), clientOf(t, org), load.Options{Least: least, Journal: j}, writes...)
		require.NoError(t, err)
		for i, result := range results {
			require.ErrorIs(t, result.Err, salesforce.ErrNotSent)
			if i%3 == 0 {
				require.ErrorIs(t, result.Err, lost)
			}
		}
		require.Zero(t, org.Count("Lead"))
		require.Len(t, j.begun, 1)
	})
}

func TestWriteIsUncertainOfAJobThatItCannotWaitFor(t *testing.T) {
	t.Parallel()
	for name, journaled := range map[string]bool{"kept": true, "aborted": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				org, campaign := keyedOrg(t, sftest.WithBulkPolls(20))
				var writes []salesforce.Write
				for n := range 20 {
					writes = newcomer(writes, n, campaign)
				}
				opts, j := load.Options{Least: least}, new(journal)
				if journaled {
					opts.Journal = j
				}
				ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
				defer cancel()
				client := clientOf(t, org)
				results, err := load.Write(ctx, client, opts, writes...)
				require.NoError(t, err)
				for i, result := range results {
					var e *salesforce.Error
					if i%3 == 0 {
						require.ErrorAs(t, result.Err, &e)
						require.True(t, e.Uncertain)
						require.ErrorIs(t, result.Err, context.DeadlineExceeded)
						continue
					}
					require.ErrorIs(t, result.Err, salesforce.ErrNotSent)
				}
				require.Equal(t, 1, jobs(org))
				if !journaled {
					require.Zero(t, org.Count("Lead"), "it is aborted")
					return
				}
				require.Equal(t, j.begun, j.open)
				for range 30 {
					_, err := client.IngestJob(t.Context(), j.open[0])
					require.NoError(t, err)
				}
				require.Equal(t, 20, org.Count("Lead"), "it went on")
			})
		})
	}
}

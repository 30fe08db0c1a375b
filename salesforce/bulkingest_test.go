// SPDX-License-Identifier: Apache-2.0

package salesforce_test

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
	"github.com/leadsync/leadsync/salesforce/soql"
)

// leadSpec upserts Leads by the key that newBulkOrg gives them.
var leadSpec = salesforce.IngestSpec{
	Object: "Lead", Op: salesforce.OpUpsert, Key: "LeadsyncKey__c",
	Columns: []string{"LeadsyncKey__c", "LastName", "Company", "Email", "Phone", "Description"},
}

func newBulkOrg(t *testing.T, options ...sftest.Option) *sftest.Org {
	org := sftest.NewOrg(t, options...)
	org.AddExternalID("Lead", "Account")
	return org
}

// connectWithin connects without a network, for testing/synctest.
func connectWithin(t *testing.T, org *sftest.Org, cfg salesforce.Config) *salesforce.Client {
	cfg.HTTPClient = &http.Client{Transport: org.Transport()}
	client, err := newClient(t, instance, &orgTokens{org: org}, cfg)
	require.NoError(t, err)
	return client
}

func lead(key string) salesforce.Fields {
	return salesforce.Fields{"LeadsyncKey__c": key, "LastName": "Last " + key, "Company": "Co"}
}

func rowsOf(rows ...salesforce.Fields) iter.Seq2[salesforce.Fields, error] {
	return func(yield func(salesforce.Fields, error) bool) {
		for _, row := range rows {
			if !yield(row, nil) {
				return
			}
		}
	}
}

// ingested takes all results by key, and the error that ended them.
func ingested(t *testing.T, results iter.Seq2[salesforce.RowResult, error]) (map[string]salesforce.RowResult, error) {
	byKey := map[string]salesforce.RowResult{}
	var end error
	for result, err := range results {
		require.NoError(t, end, "something after an error")
		if end = err; err != nil {
			require.Empty(t, result)
			continue
		}
		require.NotContains(t, byKey, result.Key)
		byKey[result.Key] = result
	}
	return byKey, end
}

func jobError(t *testing.T, err error) *salesforce.JobError {
	var failure *salesforce.JobError
	require.ErrorAs(t, err, &failure)
	return failure
}

func TestIngestJoinsResultsToRows(t *testing.T) {
	t.Parallel()
	org := newBulkOrg(t)
	org.Insert(
		"Lead",
		map[string]any{"LeadsyncKey__c": "old", "LastName": "Before", "Company": "Co", "Phone": "1", "Description": "d"},
	)
	keys := []string{"old", "plain", "a,b", `say "hi"`, "two\nlines", "dos\r\nlines", ";", "ünï", " spaced"}
	var rows []salesforce.Fields
	for _, key := range keys {
		row := lead(key)
		row["Description"] = "comma, \"quote\"\r\nand line"
		rows = append(rows, row)
	}
	refused := lead("refused")
	refused["Email"] = "no address"
	rows = append(rows, refused)

	results, err := ingested(t, connect(t, org).Ingest(t.Context(), leadSpec, rowsOf(rows...)))
	require.NoError(t, err)
	require.Len(t, results, len(rows))
	for _, key := range keys {
		result := results[key]
		require.NoError(t, result.Err, key)
		require.Equal(t, key != "old", result.Created, key)
		require.Equal(t, "750", result.Job.Prefix())
		stored := org.Row("Lead", string(result.ID))
		require.Equal(t, "Last "+key, stored["LastName"])
		require.Equal(t, "comma, \"quote\"\r\nand line", stored["Description"])
	}
	var failure *salesforce.Error
	require.ErrorAs(t, results["refused"].Err, &failure)
	require.Equal(t, salesforce.InvalidEmailAddress, failure.Code)
	require.Equal(t, []string{"Email"}, failure.Fields)
	require.NotContains(t, failure.Error(), "no address")
}

func TestIngestDeletes(t *testing.T) {
	t.Parallel()
	org := newBulkOrg(t)
	id := org.Insert("Lead", map[string]any{"LastName": "L", "Company": "C"})
	gone := org.Insert("Lead", map[string]any{"LastName": "L", "Company": "C"})
	org.Delete("Lead", gone)
	spec := salesforce.IngestSpec{Object: "Lead", Op: salesforce.OpDelete}
	results, err := ingested(t, connect(t, org).Ingest(t.Context(), spec, rowsOf(
		salesforce.Fields{"Id": salesforce.ID(id)}, salesforce.Fields{"Id": gone},
	)))
	require.NoError(t, err)
	require.NoError(t, results[id].Err)
	var failure *salesforce.Error
	require.ErrorAs(t, results[gone].Err, &failure)
	require.Equal(t, salesforce.EntityIsDeleted, failure.Code)
	require.Zero(t, org.Count("Lead"))
}

func TestIngestDeletesForGoodWhenAskedTo(t *testing.T) {
	t.Parallel()
	org := newBulkOrg(t)
	client := connect(t, org)
	binned := org.Insert("Lead", map[string]any{"LastName": "L", "Company": "C"})
	gone := org.Insert("Lead", map[string]any{"LastName": "L", "Company": "C"})
	drop := func(hard bool, id string) (map[string]salesforce.RowResult, error) {
		spec := salesforce.IngestSpec{Object: "Lead", Op: salesforce.OpDelete, HardDelete: hard}
		return ingested(t, client.Ingest(t.Context(), spec, rowsOf(salesforce.Fields{"Id": salesforce.ID(id)})))
	}
	results, err := drop(false, binned)
	require.NoError(t, err)
	require.NoError(t, results[binned].Err)

	_, err = drop(true, gone)
	require.EqualError(t, err, "salesforce: no bulk job: FEATURENOTENABLED", "the user has not the right at first")
	require.Equal(t, 1, org.Count("Lead"))

	org.SetPermission("PermissionsBulkApiHardDelete", true)
	results, err = drop(true, gone)
	require.NoError(t, err)
	require.NoError(t, results[gone].Err)
	reads, err := client.Read(t.Context(), salesforce.QueryAll(soql.From("Lead", "Id", "IsDeleted")))
	require.NoError(t, err)
	require.NoError(t, reads[0].Err)
	require.Len(t, reads[0].Records, 1)
	require.Equal(t, salesforce.ID(binned), reads[0].Records[0].ID)
	require.True(t, reads[0].Records[0].Bool("IsDeleted"), "in the recycle bin, where a hard delete leaves nothing")
}

func TestIngestRefusesASpecThatCannotWork(t *testing.T) {
	t.Parallel()
	for want, change := range map[string]func(*salesforce.IngestSpec){
		"unknown operation 9":              func(s *salesforce.IngestSpec) { s.Op = 9 },
		`malformed object name "Lead X"`:   func(s *salesforce.IngestSpec) { s.Object = "Lead X" },
		`upsert with Key ""`:               func(s *salesforce.IngestSpec) { s.Key = "" },
		`create with Key "LeadsyncKey__c"`: func(s *salesforce.IngestSpec) { s.Op = salesforce.OpCreate },
		"upsert with HardDelete":           func(s *salesforce.IngestSpec) { s.HardDelete = true },
		"no RowKey": func(s *salesforce.IngestSpec) {
			s.Op, s.Key = salesforce.OpCreate, ""
		},
		"row key Nope__c is not among the columns": func(s *salesforce.IngestSpec) { s.RowKey = "Nope__c" },
		"key Nope__c is not among the columns":     func(s *salesforce.IngestSpec) { s.Key, s.RowKey = "Nope__c", "Email" },
		`column "Email" is malformed or given twice`: func(s *salesforce.IngestSpec) {
			s.Columns = []string{"LeadsyncKey__c", "email", "Email"}
		},
		`column "A,B" is malformed or given twice`: func(s *salesforce.IngestSpec) { s.Columns = []string{"A,B"} },
		"more than 5000 columns":                   func(s *salesforce.IngestSpec) { s.Columns = make([]string, 5001) },
		"JobBytes is not between 0 and 100000000":  func(s *salesforce.IngestSpec) { s.JobBytes = 100_000_001 },
		"AssignmentRule is not the id of a rule":   func(s *salesforce.IngestSpec) { s.AssignmentRule = "00Q000000000001" },
		"update without the column Id": func(s *salesforce.IngestSpec) {
			s.Op, s.Key, s.RowKey = salesforce.OpUpdate, "", "Email"
		},
		"delete takes no column but Id": func(s *salesforce.IngestSpec) {
			s.Op, s.Key, s.Columns = salesforce.OpDelete, "", []string{"Id", "Email"}
		},
		"create takes no column Id": func(s *salesforce.IngestSpec) {
			s.Op, s.Key, s.RowKey, s.Columns = salesforce.OpCreate, "", "Email", []string{"Id", "Email"}
		},
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			org := newBulkOrg(t)
			spec := leadSpec
			change(&spec)
			results, err := ingested(t, connect(t, org).Ingest(t.Context(), spec, rowsOf(lead("a"))))
			require.EqualError(t, err, "salesforce: ingest: "+want)
			require.Empty(t, results)
			require.Zero(t, org.Calls())
		})
	}
}

func TestIngestMakesNoJobOfAnObjectThatIsNotThere(t *testing.T) {
	t.Parallel()
	org := newBulkOrg(t)
	spec := leadSpec
	spec.Object = "Nope__c"
	_, err := ingested(t, connect(t, org).Ingest(t.Context(), spec, rowsOf(lead("a"))))
	require.EqualError(t, err, "salesforce: no bulk job: INVALIDJOB")
}

func TestIngestSplitsIntoJobs(t *testing.T) {
	t.Parallel()
	org := newBulkOrg(t, sftest.WithBulkPolls(0))
	var jobs []salesforce.ID
	spec := leadSpec
	spec.JobBytes = 500
	spec.OnJob = func(_ context.Context, job salesforce.Job) error {
		require.Equal(t, salesforce.JobOpen, job.State)
		jobs = append(jobs, job.ID)
		return nil
	}
	var rows []salesforce.Fields
	for i := range 100 {
		rows = append(rows, lead(fmt.Sprint("k", i)))
	}
	rows = append(
		rows,
		salesforce.Fields{"LeadsyncKey__c": "long", "LastName": "L", "Company": "C", "Description": strings.Repeat("d", 600)},
	)
	largest := 0
	org.Fail(func(r *http.Request, _ int) *sftest.Fault {
		if r.Method == http.MethodPut {
			var size int
			for b := make([]byte, 1<<10); ; {
				n, err := r.Body.Read(b)
				if size += n; err != nil {
					break
				}
			}
			largest = max(largest, size)
		}
		return nil
	})
	results, err := ingested(t, connect(t, org).Ingest(t.Context(), spec, rowsOf(rows...)))
	require.NoError(t, err)
	require.Len(t, results, len(rows))
	carried := map[salesforce.ID]bool{}
	for key, result := range results {
		require.NoError(t, result.Err, key)
		carried[result.Job] = true
	}
	require.ElementsMatch(t, jobs, slices.Collect(maps.Keys(carried)))
	require.Greater(t, len(jobs), 5)
	require.Greater(t, largest, 600, "the long row is sent alone")
	require.Less(t, largest, 800)
}

func TestIngestEndsWithTheJobThatFailed(t *testing.T) {
	t.Parallel()
	org := newBulkOrg(t)
	spec := leadSpec
	spec.Columns = append(slices.Clone(spec.Columns), "Nope__c")
	results, err := ingested(t, connect(t, org).Ingest(t.Context(), spec, rowsOf(lead("a"), lead("b"))))
	failure := jobError(t, err)
	require.Equal(t, salesforce.JobFailed, failure.Job.State)
	require.Equal(t, "750", failure.Job.ID.Prefix())
	require.EqualError(t, err, "salesforce: bulk job "+string(failure.Job.ID)+" (Failed): InvalidBatch on Nope__c")
	var cause *salesforce.Error
	require.ErrorAs(t, err, &cause)
	require.Equal(t, "InvalidBatch : Field name not found : Nope__c", cause.Message)
	require.Len(t, results, 2)
	for _, result := range results {
		require.ErrorIs(t, result.Err, salesforce.ErrNotProcessed)
	}
	require.Zero(t, org.Count("Lead"))
}

func TestIngestReportsWhatAJobDidBeforeItFailed(t *testing.T) {
	t.Parallel()
	org := newBulkOrg(t)
	org.FailBulk(2, "InternalServerError : Unexpected")
	bad := lead("bad")
	bad["Email"] = "x"
	results, err := ingested(
		t, connect(t, org).Ingest(t.Context(), leadSpec, rowsOf(lead("a"), bad, lead("b"), lead("c"))),
	)
	failure := jobError(t, err)
	require.ErrorContains(t, err, "(Failed): InternalServerError")
	require.EqualValues(t, 2, failure.Job.Processed)
	require.EqualValues(t, 1, failure.Job.Failed)
	require.Len(t, results, 4)
	require.NoError(t, results["a"].Err)
	require.ErrorContains(t, results["bad"].Err, "INVALID_EMAIL_ADDRESS")
	require.ErrorIs(t, results["b"].Err, salesforce.ErrNotProcessed)
	require.ErrorIs(t, results["c"].Err, salesforce.ErrNotProcessed)
}

func TestIngestPollsLessAndLessOften(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		org := newBulkOrg(t, sftest.WithBulkPolls(9))
		client := connectWithin(t, org, salesforce.Config{JitterFunc: func() float64 { return 1 }})
		results, err := ingested(t, client.Ingest(t.Context(), leadSpec, rowsOf(lead("a"))))
		require.NoError(t, err)
		require.NoError(t, results["a"].Err)
		var looks []time.Time
		for _, r := range org.Requests() {
			if r.Method == http.MethodGet && !strings.HasSuffix(r.Path, "Results") {
				looks = append(looks, r.Time)
			}
		}
		require.Len(t, looks, 10)
		for i, seconds := range []int{2, 4, 8, 16, 30, 30, 30, 30, 30} {
			require.Equal(t, time.Duration(seconds)*time.Second, looks[i+1].Sub(looks[i]))
		}
	})
}

func TestIngestGivesTheJobWhenTheContextEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		org := newBulkOrg(t, sftest.WithBulkPolls(5))
		client := connectWithin(t, org, salesforce.Config{JitterFunc: func() float64 { return 1 }})
		ctx, cancel := context.WithTimeout(t.Context(), 4*time.Second)
		defer cancel()
		results, err := ingested(t, client.Ingest(ctx, leadSpec, rowsOf(lead("a"), lead("b"))))
		require.Empty(t, results)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		job := jobError(t, err).Job
		require.Equal(t, salesforce.JobInProgress, job.State)

		results, err = ingested(t, client.ResumeIngest(t.Context(), job.ID, "LeadsyncKey__c"))
		require.NoError(t, err)
		require.Len(t, results, 2)
		require.True(t, results["a"].Created)
		require.Equal(t, 2, org.Count("Lead"))

		again, err := ingested(t, client.ResumeIngest(t.Context(), job.ID[:15], "leadsynckey__c"))
		require.NoError(t, err)
		require.Equal(t, results, again)
	})
}

func TestIngestRunsAnAssignmentRuleWhenAsked(t *testing.T) {
	t.Parallel()
	org := newBulkOrg(t)
	owner := org.Insert(
		"User", map[string]any{"LastName": "Queue", "Username": "q@example.com", "Email": "q@example.com", "Alias": "q"},
	)
	org.AssignLeadsTo(owner)
	spec := leadSpec
	results, err := ingested(t, connect(t, org).Ingest(t.Context(), spec, rowsOf(lead("a"))))
	require.NoError(t, err)
	require.Equal(t, org.UserID(), org.Row("Lead", string(results["a"].ID))["OwnerId"])
	spec.AssignmentRule = "01Q000000000001"
	results, err = ingested(t, connect(t, org).Ingest(t.Context(), spec, rowsOf(lead("b"))))
	require.NoError(t, err)
	require.Equal(t, owner, org.Row("Lead", string(results["b"].ID))["OwnerId"])
}

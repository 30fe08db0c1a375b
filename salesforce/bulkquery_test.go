// SPDX-License-Identifier: Apache-2.0

package salesforce_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
	"github.com/leadsync/leadsync/salesforce/soql"
)

// queried takes all rows, and the error that ended them.
func queried(t *testing.T, rows iter.Seq2[map[string]string, error]) (all []map[string]string, end error) {
	for row, err := range rows {
		require.NoError(t, end, "something after an error")
		if end = err; err == nil {
			all = append(all, row)
		}
	}
	return all, end
}

func TestBulkQueryReadsAllPages(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t, sftest.WithPageSize(3))
	account := org.Insert("Account", map[string]any{"Name": "A, \"B\"\r\nC"})
	for i := range 8 {
		org.Insert("Contact", map[string]any{"LastName": fmt.Sprint("L", i), "AccountId": account})
	}
	gone := org.Insert("Contact", map[string]any{"LastName": "L8", "Email": "gone@example.com"})
	org.Delete("Contact", gone)
	client := connect(t, org)
	query := soql.From("Contact", "lastname", "Account.Name", "Email", "IsDeleted").OrderBy("LastName")
	rows, err := queried(t, client.BulkQuery(t.Context(), salesforce.QuerySpec{Query: query}))
	require.NoError(t, err)
	require.Len(t, rows, 8)
	for i, row := range rows {
		require.Equal(
			t,
			map[string]string{
				"lastname":     fmt.Sprint("L", i),
				"Account.Name": "A, \"B\"\r\nC",
				"Email":        "",
				"IsDeleted":    "false",
			},
			row,
		)
	}
	rows, err = queried(t, client.BulkQuery(t.Context(), salesforce.QuerySpec{Query: query, All: true}))
	require.NoError(t, err)
	require.Len(t, rows, 9)
	require.Equal(
		t, map[string]string{"lastname": "L8", "Account.Name": "", "Email": "gone@example.com", "IsDeleted": "true"}, rows[8],
	)
}

func TestBulkQueryOfNothing(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	rows, err := queried(t, connect(t, org).BulkQuery(t.Context(), salesforce.QuerySpec{Query: soql.From("Lead", "Id")}))
	require.NoError(t, err)
	require.Empty(t, rows)
}

func TestBulkQuerySaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	client := connect(t, org)
	for want, query := range map[string]*soql.Select{
		"salesforce: soql: no statement":               nil,
		`salesforce: soql: malformed field name "a b"`: soql.From("Lead", "a b"),
		"salesforce: no bulk job: INVALID_FIELD":       soql.From("Lead", "Nope__c"),
		"salesforce: no bulk job: INVALID_TYPE":        soql.From("Nope__c", "Id"),
	} {
		_, err := queried(t, client.BulkQuery(t.Context(), salesforce.QuerySpec{Query: query}))
		require.EqualError(t, err, want)
	}
	_, err := queried(t, client.ResumeBulkQuery(t.Context(), "750000000000009"))
	require.EqualError(t, err, "salesforce: bulk job 750000000000009AAA: NOT_FOUND")
	full := errors.New("disk full")
	spec := salesforce.QuerySpec{
		Query: soql.From("Lead", "Id"),
		OnJob: func(context.Context, salesforce.Job) error { return full },
	}
	_, err = queried(t, client.BulkQuery(t.Context(), spec))
	require.ErrorIs(t, err, full)
	require.Equal(t, "750", jobError(t, err).Job.ID.Prefix())
}

func TestBulkQueryWithoutResultsIsAnError(t *testing.T) {
	t.Parallel()
	x := tamperer{org: sftest.NewOrg(t), suffix: "/results", status: 404}
	client, err := newClient(t, instance, &orgTokens{org: x.org}, salesforce.Config{
		HTTPClient: &http.Client{Transport: &x}, JitterFunc: func() float64 { return 0 },
	})
	require.NoError(t, err)
	_, err = queried(t, client.BulkQuery(t.Context(), salesforce.QuerySpec{Query: soql.From("Lead", "Id")}))
	require.ErrorContains(t, err, "(JobComplete): http status 404")
}

func TestBulkQueryResumes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		org := sftest.NewOrg(t, sftest.WithPageSize(2))
		for range 5 {
			org.Insert("Lead", map[string]any{"LastName": "L", "Company": "C"})
		}
		client := connectWithin(t, org, salesforce.Config{JitterFunc: func() float64 { return 1 }})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		rows, err := queried(t, client.BulkQuery(ctx, salesforce.QuerySpec{Query: soql.From("Lead", "lastname")}))
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Empty(t, rows)
		rows, err = queried(t, client.ResumeBulkQuery(t.Context(), jobError(t, err).Job.ID))
		require.NoError(t, err)
		require.Len(t, rows, 5)
		require.Equal(t, map[string]string{"LastName": "L"}, rows[0])
	})
}

func TestBulkQueryStopsWithTheCaller(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t, sftest.WithPageSize(2))
	for range 5 {
		org.Insert("Lead", map[string]any{"LastName": "L", "Company": "C"})
	}
	for range connect(t, org).BulkQuery(t.Context(), salesforce.QuerySpec{Query: soql.From("Lead", "Id")}) {
		break
	}
	pages := 0
	for _, r := range org.Requests() {
		if strings.HasSuffix(r.Path, "/results") {
			pages++
		}
	}
	require.Equal(t, 1, pages)
}

func TestBulkQueryDoesNotTrustItsReplies(t *testing.T) {
	t.Parallel()
	state := `{"id":"` + string(bulkJob) + `","state":"JobComplete","numberRecordsProcessed":2}`
	for name, c := range map[string]struct {
		state, body, locator, want string
	}{
		"good":             {state, "ID,Name\n1,a\n2,b\n", "null", ""},
		"other order":      {state, "Name,Id\na,1\nb,2\n", "null", ""},
		"no locator":       {state, "Id,Name\n1,a\n2,b\n", "", ""},
		"a missing column": {state, "Id\n1\n", "null", "(JobComplete): column Name is missing"},
		"a column more":    {state, "Id,Name,Email\n1,a,s3cret\n", "null", "(JobComplete): 3 columns for 2 fields"},
		"a short record":   {state, "Id,Name\n1\n", "null", "(JobComplete): record 2: 1 fields under 2 columns"},
		"a missing row":    {state, "Id,Name\n1,a\n", "null", "(JobComplete): results of 1 rows, where the job found 2"},
		"no rows at all":   {state, "", "null", "(JobComplete): results of 0 rows, where the job found 2"},
		"a cut header":     {state, "Id,Na", "null", "(JobComplete): record 1: the data is cut off"},
		"two of a column":  {state, "Id,Name,name\n", "null", "(JobComplete): column Name appears twice"},
		"a cut row":        {state, "Id,Name\n1,a\n2,s3cr", "null", "(JobComplete): record 3: the data is cut off"},
		"a circle": {
			state, "Id,Name\n", "abc", "(JobComplete): the results lead back to a page that was already read",
		},
		"a failed job": {
			strings.Replace(state, "JobComplete", "Failed", 1), "", "", "(Failed): http status 200 OK: bulk job failed",
		},
		"an aborted job": {
			strings.Replace(state, "JobComplete", "Aborted", 1), "", "", "(Aborted): aborted before its end",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := roundTripper(func(r *http.Request) (*http.Response, error) {
				if !strings.HasSuffix(r.URL.Path, "/results") {
					return answerOf(200, "application/json", c.state), nil
				}
				reply := answerOf(200, "text/csv", c.body)
				reply.Header.Set("Sforce-Locator", c.locator)
				return reply, nil
			})
			client, err := newClient(
				t, instance, &orgTokens{token: "t"}, salesforce.Config{HTTPClient: &http.Client{Transport: w}},
			)
			require.NoError(t, err)
			rows, err := queried(t, client.BulkQuery(t.Context(), salesforce.QuerySpec{Query: soql.From("Lead", "Id", "Name")}))
			if c.want != "" {
				require.EqualError(t, err, "salesforce: bulk job 750000000000001AAA "+c.want)
				return
			}
			require.NoError(t, err)
			require.Equal(t, []map[string]string{{"Id": "1", "Name": "a"}, {"Id": "2", "Name": "b"}}, rows)
		})
	}
}

type roundTripper func(r *http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// SPDX-License-Identifier: Apache-2.0

package salesforce_test

import (
	"encoding/json"
	"fmt"
	"io"
	"math/bits"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// limited is the failure of a trigger that exceeds a limit.
func limited() *sftest.RowError {
	return sftest.FailedTrigger("Rollup", "AfterInsert", "System.LimitException: Too many SOQL queries: 101")
}

// standing returns an org whose triggers stand so many Leads at a time, a client of it, and
// a count of how often each row was sent.
func standing(t *testing.T, rows *int) (*sftest.Org, *salesforce.Client, map[string]int) {
	t.Helper()
	org := sftest.NewOrg(t)
	org.OnBatch("Lead", func(n int) *sftest.RowError {
		if n > *rows {
			return limited()
		}
		return nil
	})
	sent := make(map[string]int)
	org.Fail(func(r *http.Request, _ int) *sftest.Fault {
		body, err := io.ReadAll(r.Body)
		if err == nil {
			for _, name := range personName.FindAllString(string(body), -1) {
				sent[name]++
			}
		}
		return nil
	})
	return org, clientOf(t, org), sent
}

func clientOf(t *testing.T, org *sftest.Org) *salesforce.Client {
	t.Helper()
	client, err := newClient(t, org.URL(), oauth2.StaticTokenSource(&oauth2.Token{AccessToken: org.Token()}),
		salesforce.Config{Hosts: []string{strings.TrimPrefix(org.URL(), "http://")}})
	require.NoError(t, err)
	return client
}

var personName = regexp.MustCompile(`P[0-9]+-`)

func people(from, n int) []salesforce.Write {
	writes := make([]salesforce.Write, n)
	for i := range writes {
		writes[i] = create("Lead", salesforce.Fields{"LastName": fmt.Sprintf("P%d-", from+i), "Company": "C"})
	}
	return writes
}

// idealCalls is how many calls n rows take when it is known how many go through.
func idealCalls(n, rows int) int {
	perCall := min(max(5*rows, 25), 1000)
	return (n + perCall - 1) / perCall
}

func TestWriteFindsHowManyRowsAutomationStands(t *testing.T) {
	t.Parallel()
	for n, stood := range map[int][]int{
		1000: {60, 1}, 237: {199, 100, 12, 7, 5, 4, 2}, 30: {30, 12, 7, 2},
	} {
		for _, rows := range stood {
			t.Run(fmt.Sprintf("%d of %d", rows, n), func(t *testing.T) {
				t.Parallel()
				org, client, sent := standing(t, &rows)
				wave := func(from int) int {
					calls := org.Calls()
					results, err := client.Write(t.Context(), people(from, n)...)
					require.NoError(t, err)
					for _, result := range results {
						require.NoError(t, result.Err)
					}
					require.Equal(t, from+n, org.Count("Lead"))
					return org.Calls() - calls
				}
				first, second := wave(0), wave(n)
				ideal := idealCalls(n, rows)
				t.Logf("%d of %d: ideal %d, first %d, second %d", rows, n, ideal, first, second)
				require.LessOrEqual(t, first, max(2*ideal, 3))
				if n == 1000 {
					require.LessOrEqual(t, float64(second), 1.2*float64(ideal))
				}
				require.LessOrEqual(t, second, ideal+1)
				require.Len(t, sent, 2*n)
				for name, times := range sent {
					require.LessOrEqual(t, times, bits.Len(uint(n))+1, name)
				}
			})
		}
	}
}

// The control: a client that has found nothing yet spends as much as the first one.
func TestWriteOfAnotherClientHasToFindTheRowsAgain(t *testing.T) {
	t.Parallel()
	rows, from := 12, 0
	org, client, _ := standing(t, &rows)
	wave := func(client *salesforce.Client) int {
		calls := org.Calls()
		_, err := client.Write(t.Context(), people(from, 237)...)
		require.NoError(t, err)
		from += 237
		return org.Calls() - calls
	}
	first := wave(client)
	require.Less(t, wave(client), first)
	require.Equal(t, first, wave(clientOf(t, org)))
}

func TestWriteGrowsBackWhenAutomationStandsMore(t *testing.T) {
	t.Parallel()
	rows := 10
	org, client, _ := standing(t, &rows)
	from := 0
	wave := func(n int) int {
		calls := org.Calls()
		results, err := client.Write(t.Context(), people(from, n)...)
		require.NoError(t, err)
		for _, result := range results {
			require.NoError(t, result.Err)
		}
		from += n
		return org.Calls() - calls
	}
	wave(1000)
	rows = 200
	require.Greater(t, wave(1000), 5, "slowly")
	for range 3 {
		wave(1000)
	}
	require.Equal(t, 1, wave(1000))
	rows = 30
	wave(1000)
	require.LessOrEqual(t, wave(1000), idealCalls(1000, 30)+1)
}

// A trigger that fails for a row fails for all that come with it.
func TestWriteFindsTheRowsThatTriggersFailFor(t *testing.T) {
	t.Parallel()
	all := func(int) bool { return true }
	for name, test := range map[string]struct {
		n, calls int
		bad      func(i int) bool
		message  string
	}{
		"one of 200":   {200, 6, func(i int) bool { return i == 77 }, "NullPointerException"},
		"one of 1000":  {1000, 6, func(i int) bool { return i == 999 }, "NullPointerException"},
		"every 29th":   {200, 8, func(i int) bool { return i%29 == 7 }, "NullPointerException"},
		"one, a limit": {1000, 8, func(i int) bool { return i == 500 }, "LimitException: Apex CPU time limit exceeded"},
		"all of 1000":  {1000, 6, all, "NullPointerException"},
		"all, a limit": {1000, 6, all, "System.LimitException: Too many SOQL queries: 101"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			org := newOrg(t)
			answered := 0
			org.answer = func(s sub) reply {
				answered++
				failure := []record{{"statusCode": "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "message": test.message}}
				if !s.isCollection() {
					var row record
					require.NoError(t, json.Unmarshal(s.Body, &row))
					if test.bad(int(row["Number"].(float64))) {
						return reply{status: 400, body: []record{{"errorCode": failure[0]["statusCode"], "message": test.message}}}
					}
					return reply{}
				}
				rows := s.records(t)
				if !slices.ContainsFunc(rows, func(r record) bool { return test.bad(int(r["Number"].(float64))) }) {
					return reply{}
				}
				answers := make([]record, len(rows))
				for i := range answers {
					answers[i] = record{"success": false, "errors": failure}
				}
				return reply{status: 200, body: answers}
			}
			writes := make([]salesforce.Write, test.n)
			for i := range writes {
				writes[i] = create("Lead", salesforce.Fields{"Number": i})
			}
			client := org.client(salesforce.Config{})
			results, err := client.Write(t.Context(), writes...)
			require.NoError(t, err)
			for i, result := range results {
				if test.bad(i) {
					require.ErrorContains(t, result.Err, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", i)
				} else {
					require.NoError(t, result.Err, i)
				}
			}
			require.LessOrEqual(t, org.callCount(), test.calls)
		})
	}
}

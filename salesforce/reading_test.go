// SPDX-License-Identifier: Apache-2.0

package salesforce_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce"
)

// pagedOrg answers a query with three pages of two rows.
func pagedOrg(t *testing.T) *scriptedOrg {
	org := newOrg(t)
	org.answer = func(s sub) reply {
		const base = "/services/data/v62.0/query/0r8-"
		switch {
		case strings.Contains(s.URL, "?q="):
			return page(6, base+"2", testID("00Q", 0), testID("00Q", 1))
		case s.URL == base+"2":
			return page(6, base+"4", testID("00Q", 2), testID("00Q", 3))
		}
		return page(6, "", testID("00Q", 4), testID("00Q", 5))
	}
	return org
}

func TestRowsGivesOutAllPages(t *testing.T) {
	t.Parallel()
	org := pagedOrg(t)
	n := 0
	for row, err := range org.client(salesforce.Config{}).Rows(t.Context(), salesforce.Query(byEmail("x"))) {
		require.NoError(t, err)
		require.Equal(t, testID("00Q", n), row.ID)
		n++
		require.Equal(t, (n+1)/2, org.callCount(), "a page came too early")
	}
	require.Equal(t, 6, n)
}

func TestRowsStopsWhereTheLoopBreaksOff(t *testing.T) {
	t.Parallel()
	org := pagedOrg(t)
	for range org.client(salesforce.Config{}).Rows(t.Context(), salesforce.QueryAll(byEmail("x"))) {
		break
	}
	require.Equal(t, 1, org.callCount())
}

// collect returns how many rows came, and the error that ended them.
func collect(
	t *testing.T,
	client *salesforce.Client,
	ctx context.Context,
	read salesforce.Read,
) (rows int, failure error) {
	for row, err := range client.Rows(ctx, read) {
		require.NoError(t, failure, "rows went on after an error")
		if err != nil {
			require.Nil(t, row)
			failure = err
			continue
		}
		rows++
	}
	return rows, failure
}

func TestRowsEndsWithItsError(t *testing.T) {
	t.Parallel()
	query := salesforce.Query(byEmail("x"))
	t.Run("of Salesforce", func(t *testing.T) {
		t.Parallel()
		org := pagedOrg(t)
		pages := org.answer
		org.answer = func(s sub) reply {
			if strings.Contains(s.URL, "?q=") {
				return pages(s)
			}
			return reply{status: 404, body: []record{{"errorCode": "INVALID_QUERY_LOCATOR", "message": "x"}}}
		}
		rows, err := collect(t, org.client(salesforce.Config{}), t.Context(), query)
		require.Equal(t, 2, rows)
		require.ErrorContains(t, err, "INVALID_QUERY_LOCATOR")
	})
	t.Run("too many rows", func(t *testing.T) {
		t.Parallel()
		org := newOrg(t)
		org.answer = func(sub) reply {
			return page(2, "/services/data/v62.0/query/0r8-1", testID("00Q", 1))
		}
		rows, err := collect(t, org.client(salesforce.Config{}), t.Context(), query)
		require.Equal(t, 2, rows)
		require.ErrorContains(t, err, "3 rows of 2")
	})
	t.Run("of the context", func(t *testing.T) {
		t.Parallel()
		org := pagedOrg(t)
		ctx, cancel := context.WithCancel(t.Context())
		client := org.client(salesforce.Config{OnCall: func(context.Context, salesforce.Call) { cancel() }})
		rows, err := collect(t, client, ctx, query)
		require.Zero(t, rows)
		require.Equal(t, context.Canceled, err)
	})
	t.Run("of the read", func(t *testing.T) {
		t.Parallel()
		org := pagedOrg(t)
		client := org.client(salesforce.Config{})
		_, err := collect(t, client, t.Context(), salesforce.Query(nil))
		require.ErrorContains(t, err, "no statement")
		_, err = collect(t, client, t.Context(), salesforce.DescribeObject("Lead", ""))
		require.ErrorContains(t, err, "not a query")
		require.Zero(t, org.callCount())
	})
}

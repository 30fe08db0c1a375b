// SPDX-License-Identifier: Apache-2.0

package postgres_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/review"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/postgres"
)

// A server may be a network away: its transactions begin and end with the statements in them.
func TestTransactionsTakeFewRoundTrips(t *testing.T) {
	t.Parallel()
	kept, _, _, seen := traced(t)
	_, err := kept.Capture(t.Context(), connection, captured("L0"))
	require.NoError(t, err)
	trips := func(most int, do func() error) {
		t.Helper()
		seen.clear()
		require.NoError(t, do())
		require.LessOrEqual(t, seen.trips, most)
	}
	trips(3, func() error {
		_, err := kept.Capture(t.Context(), connection, captured("L1", "L2"))
		return err
	})
	var lease store.Lease
	trips(4, func() (err error) {
		lease, err = kept.Acquire(t.Context(), connection, "a", time.Hour)
		return err
	})
	var claimed []store.Claimed
	trips(3, func() (err error) {
		claimed, err = kept.Claim(t.Context(), lease, 10)
		return err
	})
	require.Len(t, claimed, 3)
	trips(3, func() error {
		return kept.Journal(t.Context(), lease, map[leadtype.LeadID][]leadtype.Intent{"L1": {{Key: "k"}}})
	})
	trips(4, func() error {
		_, err := kept.Settle(t.Context(), lease, []store.Settlement{{LeadID: "L1", Generation: claimed[1].Generation,
			Outcome: &leadtype.Outcome{LeadID: "L1", Stage: leadtype.Cleared},
			Records: []leadtype.RecordMemory{{ID: "00Q000000000001AAA"}}}})
		return err
	})
	trips(2, func() error {
		_, err := review.SummarizeStore(t.Context(), kept, connection, store.Filter{}, nil)
		return err
	})
	for statement := range seen.statements { // while nothing changes: the server would plan each anew, for its version
		require.NotContains(t, statement, "version >")
	}
	counts, err := kept.Count(t.Context(), connection, store.Filter{})
	require.NoError(t, err)
	_, err = kept.Capture(t.Context(), connection, captured("L3"))
	require.NoError(t, err)
	trips(2, func() error {
		_, err := kept.CountWarnings(t.Context(), connection, store.Filter{Version: counts.Version})
		return err
	})
}

// What each change adds to the counts is folded before it is much to read. What is one row already stays.
func TestCountsAreFoldedInPlace(t *testing.T) {
	t.Parallel()
	kept := open(t, nil)
	rows := func() []string {
		found, err := kept.Strings(t.Context(), `SELECT event || ': ' || leads || ' ' || ctid FROM leadsync.tally ORDER BY 1`)
		require.NoError(t, err)
		return found
	}
	of := func(event, id string) {
		lead := captured(leadtype.LeadID(id))
		lead[0].Lead.EventID = event
		_, err := kept.Capture(t.Context(), connection, lead)
		require.NoError(t, err)
	}
	of("once", "L0")
	before := rows()
	for n := range 40 {
		of("often", fmt.Sprintf("L%d", n+1))
		require.Less(t, len(rows()), 20)
	}
	require.Equal(t, before[0], rows()[len(rows())-1])
	counts, err := kept.CountEvents(t.Context(), connection, store.Filter{})
	require.NoError(t, err)
	require.Equal(t, 40, counts[0].Stages[leadtype.PreSync])
	require.Equal(t, 1, counts[1].Stages[leadtype.PreSync])
}

// A change of many leads folds what it adds to the counts.
func TestAChangeOfManyLeadsFoldsTheCounts(t *testing.T) {
	t.Parallel()
	kept := open(t, nil)
	for batch := range 3 {
		many := make([]store.Captured, 100)
		for i := range many {
			many[i] = captured(leadtype.LeadID(fmt.Sprintf("L%d-%d", batch, i)))[0]
		}
		_, err := kept.Capture(t.Context(), connection, many)
		require.NoError(t, err)
	}
	rows, err := kept.Strings(t.Context(), `SELECT leads::text FROM leadsync.tally`)
	require.NoError(t, err)
	require.Equal(t, []string{"300"}, rows)
}

// A transaction that is none, or of a database without the schema, is told as what it is.
func TestATransactionThatCannotBeUsedIsTold(t *testing.T) {
	t.Parallel()
	on := pool(t)
	opened, err := postgres.New(t.Context(), on, &postgres.Options{Schema: schema(t, on)})
	require.NoError(t, err)
	_, err = opened.CaptureTx(t.Context(), nil, connection, captured("L1"))
	require.ErrorContains(t, err, "the transaction is nil")
	require.ErrorContains(t, opened.AddActivitiesTx(t.Context(), nil, connection, "L1", store.StateQueued, nil),
		"the transaction is nil")
	_, err = opened.ConnectionTx(t.Context(), nil, connection)
	require.ErrorContains(t, err, "the transaction is nil")

	tx, err := on.Begin(t.Context())
	require.NoError(t, err)
	defer func() { require.NoError(t, tx.Rollback(t.Context())) }()
	_, err = tx.Exec(t.Context(), `DROP SCHEMA `+strings.TrimSuffix(opened.Prefix(), ".")+` CASCADE`)
	require.NoError(t, err)
	_, err = opened.CaptureTx(t.Context(), tx, connection, captured("L1"))
	require.ErrorContains(t, err, "the store's schema is not in this database")
	_, err = opened.ConnectionTx(t.Context(), tx, connection)
	require.ErrorContains(t, err, "the store's schema is not in this database")
}

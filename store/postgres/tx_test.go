// SPDX-License-Identifier: Apache-2.0

package postgres_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
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
}

// SPDX-License-Identifier: Apache-2.0

package drain

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/internal/match"
	"github.com/leadsync/leadsync/internal/verdict"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// refusedQuery is the error of a lookup that Salesforce refuses for what it asks.
func refusedQuery() error {
	return verdict.Classify("match", "",
		&salesforce.Error{HTTPStatus: http.StatusBadRequest, Code: "QUERY_TOO_COMPLICATED"})
}

func itemsOf(ids ...leadtype.LeadID) []*match.Item {
	items := make([]*match.Item, len(ids))
	for i, id := range ids {
		items[i] = &match.Item{Lead: &leadtype.Lead{ID: id}}
	}
	return items
}

func TestSplitRefusedLeavesTheLeadAtFaultAlone(t *testing.T) {
	t.Parallel()
	var sizes []int
	items := itemsOf("L1", "L2", "L3", "L4")
	err := SplitRefused(items, time.Now,
		func(items []*match.Item) error {
			sizes = append(sizes, len(items))
			for _, it := range items {
				if it.Lead.ID == "L3" {
					return refusedQuery()
				}
			}
			return clearAll(t.Context(), items, nil)
		})
	require.NoError(t, err)
	require.Equal(t, []int{4, 2, 2, 1, 1}, sizes)
	for i, want := range []leadtype.Stage{leadtype.Cleared, leadtype.Cleared, leadtype.Failed, leadtype.Cleared} {
		require.Equal(t, want, items[i].Outcome.Stage)
	}
	require.Equal(t, leadtype.LeadID("L3"), items[2].Outcome.Err.LeadID)
}

// What was written before the connection broke is kept; the rest was not reached.
func TestSplitRefusedKeepsWhatWasWrittenBeforeAnError(t *testing.T) {
	t.Parallel()
	calls := 0
	items := itemsOf("L1", "L2")
	err := SplitRefused(items, time.Now, func(items []*match.Item) error {
		switch calls++; calls {
		case 1:
			return refusedQuery()
		case 2:
			return clearAll(t.Context(), items, nil)
		}
		return context.Canceled
	})
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, leadtype.Cleared, items[0].Outcome.Stage)
	require.Equal(t, leadtype.PreSync, items[1].Outcome.Stage)
	require.Equal(t, leadtype.BatchCollateral, items[1].Outcome.Err.Code)
}

package leadsync

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce"
)

// refusedQuery is the error of a lookup that Salesforce refuses for what it asks.
func refusedQuery() error {
	return classify("match", "", &salesforce.Error{HTTPStatus: http.StatusBadRequest, Code: "QUERY_TOO_COMPLICATED"})
}

func itemsOf(ids ...LeadID) []*item {
	items := make([]*item, len(ids))
	for i, id := range ids {
		items[i] = &item{lead: &Lead{ID: id}}
	}
	return items
}

func TestSplitRefusedLeavesTheLeadAtFaultAlone(t *testing.T) {
	t.Parallel()
	var sizes []int
	results, err := splitRefused(itemsOf("L1", "L2", "L3", "L4"), time.Now, func(items []*item) ([]result, error) {
		sizes = append(sizes, len(items))
		for _, it := range items {
			if it.lead.ID == "L3" {
				return nil, refusedQuery()
			}
		}
		return clearAll(t.Context(), items, nil)
	})
	require.NoError(t, err)
	require.Equal(t, []int{4, 2, 2, 1, 1}, sizes)
	for i, want := range []Stage{Cleared, Cleared, Failed, Cleared} {
		require.Equal(t, want, results[i].outcome.Stage)
	}
	require.Equal(t, LeadID("L3"), results[2].outcome.Err.LeadID)
}

// What was written before the connection broke is kept; the rest was not reached.
func TestSplitRefusedKeepsWhatWasWrittenBeforeAnError(t *testing.T) {
	t.Parallel()
	calls := 0
	results, err := splitRefused(itemsOf("L1", "L2"), time.Now, func(items []*item) ([]result, error) {
		switch calls++; calls {
		case 1:
			return nil, refusedQuery()
		case 2:
			return clearAll(t.Context(), items, nil)
		}
		return nil, context.Canceled
	})
	require.ErrorIs(t, err, context.Canceled)
	require.Len(t, results, 2)
	require.Equal(t, Cleared, results[0].outcome.Stage)
	require.Equal(t, PreSync, results[1].outcome.Stage)
	require.Equal(t, BatchCollateral, results[1].outcome.Err.Code)
}

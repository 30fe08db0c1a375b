// SPDX-License-Identifier: Apache-2.0

package review_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/review"
	"github.com/leadsync/leadsync/store"
)

// A counter is what a store counted, and the entries that it lists.
type counter struct {
	counts  store.Counts
	entries []store.Entry
	err     error // of List
	asked   []store.Filter
}

func (c *counter) Count(context.Context, string, store.Filter) (store.Counts, error) {
	return c.counts, nil
}

func (c *counter) List(_ context.Context, _ string, filter store.Filter) ([]store.Entry, error) {
	c.asked = append(c.asked, filter)
	return c.entries, c.err
}

// A fix names all options that a picklist lacks: one lead is the sample of a count, and
// the others are read.
func TestSummaryOfAStoreGathersTheMissingOptions(t *testing.T) {
	t.Parallel()
	lacks := func(option string) *leadtype.Error {
		return refused(leadtype.DataValueValidation, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
			"bad value for restricted picklist field: "+option, "Tier__c")
	}
	from := &counter{
		counts: store.Counts{Version: 7, Groups: []store.Count{
			{Stage: leadtype.PreSync, State: store.StateQueued, Leads: 3},
			{Stage: leadtype.Cleared, Action: leadtype.Created, Leads: 2},
			{Stage: leadtype.Failed, Code: leadtype.DataValueValidation, Cause: "c1", Leads: 2,
				Sample: failed("L1", lacks("Gold"))},
		}},
		entries: []store.Entry{{Last: failed("L2", lacks("Tin"))}, {}},
	}

	summary, err := review.SummarizeStore(t.Context(), from, "default", store.Filter{Event: "expo", Limit: 5}, nil)

	require.NoError(t, err)
	require.Equal(t, 7, summary.Total)
	require.Equal(t, map[store.State]int{store.StateQueued: 3}, summary.States)
	require.Equal(t, map[leadtype.Action]int{leadtype.Created: 2}, summary.Actions)
	require.Equal(t, 2, summary.Groups[0].Count)
	require.Contains(t, summary.Groups[0].Causes[0].Fix, `"Gold", "Tin"`)
	require.Len(t, from.asked, 1)
	require.Equal(t, int64(7), from.asked[0].Version, "as of the count")
	require.Equal(t, "expo", from.asked[0].Event)

	from.err = errors.New("disk full")
	_, err = review.SummarizeStore(t.Context(), from, "default", store.Filter{}, nil)
	require.ErrorIs(t, err, from.err)
}

// A warned is a counter that also counts warnings.
type warned struct {
	counter
	calls int
}

func (w *warned) CountWarnings(context.Context, string, store.Filter) ([]store.WarningCount, error) {
	w.calls++
	return []store.WarningCount{{Kind: leadtype.Truncated, Leads: 2}}, nil
}

func TestCountsOfAStoreLeaveTheWarningsOut(t *testing.T) {
	t.Parallel()
	from := &warned{counter: counter{counts: store.Counts{Groups: []store.Count{
		{Stage: leadtype.Cleared, Action: leadtype.Created, Leads: 2},
		{Stage: leadtype.Failed, Code: leadtype.RateLimit, Cause: "c1", Leads: 1},
	}}}}
	counts, err := review.CountStore(t.Context(), from, "default", store.Filter{Event: "expo"}, nil)
	require.NoError(t, err)
	require.Zero(t, from.calls)
	require.Empty(t, counts.Warnings)

	summary, err := review.SummarizeStore(t.Context(), from, "default", store.Filter{Event: "expo"}, nil)
	require.NoError(t, err)
	require.Equal(t, 1, from.calls)
	require.Len(t, summary.Warnings, 1)
	summary.Warnings = counts.Warnings
	require.Equal(t, summary, counts, "all else is the same")
}

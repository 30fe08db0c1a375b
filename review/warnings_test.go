// SPDX-License-Identifier: Apache-2.0

package review_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/review"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/memory"
)

// The leads are counted by what their outcomes warn of, notes apart: of outcomes, and of
// what a Store has, where the filter of a group selects its leads.
func TestSummaryCountsWarningsAndNotesApart(t *testing.T) {
	t.Parallel()
	warned := func(id leadtype.LeadID, kinds ...leadtype.WarningKind) *leadtype.Outcome {
		out := &leadtype.Outcome{LeadID: id, Stage: leadtype.Cleared, Action: leadtype.Created}
		for _, kind := range kinds {
			out.Warnings = append(out.Warnings, leadtype.Warning{Kind: kind, Reason: "r"})
		}
		return out
	}
	outcomes := []*leadtype.Outcome{warned("L1", leadtype.Unfit, leadtype.Unfit, leadtype.KeptExisting),
		warned("L2", leadtype.Unfit, leadtype.Locked), warned("L3", leadtype.BlankText), warned("L4")}

	summary := review.Summarize(outcomes)
	require.Equal(t, []review.WarningGroup{
		{Kind: leadtype.Unfit, Count: 2, Leads: []leadtype.LeadID{"L1", "L2"},
			Filter: store.Filter{Leads: []leadtype.LeadID{"L1", "L2"}, Warnings: []leadtype.WarningKind{leadtype.Unfit}}},
		{Kind: leadtype.Locked, Count: 1, Leads: []leadtype.LeadID{"L2"},
			Filter: store.Filter{Leads: []leadtype.LeadID{"L2"}, Warnings: []leadtype.WarningKind{leadtype.Locked}}},
	}, summary.Warnings)
	require.Len(t, summary.Notes, 2)
	require.Equal(t, leadtype.BlankText, summary.Notes[0].Kind)

	kept := memory.New(nil)
	var captured []store.Captured
	for _, out := range outcomes {
		captured = append(captured, store.Captured{Lead: &leadtype.Lead{ID: out.LeadID}, State: store.StateQueued})
	}
	_, err := kept.Capture(t.Context(), "c", captured)
	require.NoError(t, err)
	lease, err := kept.Acquire(t.Context(), "c", "a", 1<<40)
	require.NoError(t, err)
	claimed, err := kept.Claim(t.Context(), lease, 10)
	require.NoError(t, err)
	for i, c := range claimed {
		_, err = kept.Settle(t.Context(), lease, []store.Settlement{{LeadID: c.Lead.ID, Generation: c.Generation,
			Outcome: outcomes[i]}})
		require.NoError(t, err)
	}
	stored, err := review.SummarizeStore(t.Context(), kept, "c", store.Filter{Limit: 1}, nil)
	require.NoError(t, err)
	require.Len(t, stored.Warnings, 2)
	for i, group := range stored.Warnings {
		require.Equal(t, summary.Warnings[i].Kind, group.Kind)
		require.Equal(t, summary.Warnings[i].Count, group.Count)
		entries, err := kept.List(t.Context(), "c", group.Filter)
		require.NoError(t, err)
		require.Len(t, entries, group.Count)
	}
	pushed, err := kept.Push(t.Context(), "c", stored.Warnings[1].Filter)
	require.NoError(t, err)
	require.Equal(t, 1, pushed, "a push of a group sends it alone")
}

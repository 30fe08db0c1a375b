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

// group returns the group of leads with one warning of a kind.
func group(kind leadtype.WarningKind, leads ...leadtype.LeadID) review.WarningGroup {
	key := (&leadtype.Warning{Kind: kind, Reason: "r"}).CauseKey()
	return review.WarningGroup{Kind: kind, Count: len(leads), Leads: leads,
		Filter: store.Filter{Leads: leads, Warnings: []leadtype.WarningKind{kind}},
		Causes: []review.WarningCause{{Key: key, Reason: "r", Count: len(leads), Leads: leads,
			Filter: store.Filter{Leads: leads, WarningCauses: []leadtype.CauseKey{key}}}}}
}

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
	require.Equal(t, []review.WarningGroup{group(leadtype.Unfit, "L1", "L2"), group(leadtype.Locked, "L2")},
		summary.Warnings)
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
		require.Len(t, group.Causes, 1)
		require.Equal(t, summary.Warnings[i].Causes[0].Key, group.Causes[0].Key)
		require.Equal(t, "r", group.Causes[0].Reason)
		byCause, err := kept.List(t.Context(), "c", group.Causes[0].Filter)
		require.NoError(t, err)
		require.Equal(t, entries, byCause)
	}
	pushed, err := kept.Push(t.Context(), "c", stored.Warnings[1].Filter, "")
	require.NoError(t, err)
	require.Equal(t, 1, pushed, "a push of a group sends it alone")
}

// Warnings of one kind are divided by field and reason; numbers and ids of records make no
// other cause.
func TestSummaryDividesWarningsByCause(t *testing.T) {
	t.Parallel()
	warned := func(id leadtype.LeadID, field, reason string) *leadtype.Outcome {
		return &leadtype.Outcome{LeadID: id, Stage: leadtype.Cleared, Warnings: []leadtype.Warning{
			{Kind: leadtype.Unfit, Code: leadtype.DataValueValidation, Object: "Lead", Field: field, Reason: reason}}}
	}
	summary := review.Summarize([]*leadtype.Outcome{warned("L1", "Title", "is longer than 40 characters"),
		warned("L2", "Title", "is no option"), warned("L3", "Phone", "is longer than 40 characters"),
		warned("L4", "Title", "is longer than 80 characters"), warned("L5", "Title", "is not of 00Q5g00000AbCdEAAV"),
		warned("L6", "Title", "is not of 00Q5g00000AbCdFAAV")})
	require.Len(t, summary.Warnings, 1)
	require.Equal(t, 6, summary.Warnings[0].Count)
	got := make(map[string][]leadtype.LeadID)
	for _, cause := range summary.Warnings[0].Causes {
		require.Equal(t, leadtype.DataValueValidation, cause.Code)
		require.NotEmpty(t, cause.Description)
		require.NotEmpty(t, cause.Fix)
		require.Equal(t, len(cause.Leads), cause.Count)
		got[cause.Field+": "+cause.Reason] = cause.Leads
	}
	require.Equal(t, map[string][]leadtype.LeadID{
		"Title: is longer than 40 characters": {"L1", "L4"}, "Title: is no option": {"L2"},
		"Phone: is longer than 40 characters": {"L3"}, "Title: is not of 00Q5g00000AbCdEAAV": {"L5", "L6"}}, got)
}

// A kind of a host's own Mapper may have colons.
func TestSummaryDividesWarningsOfAnyKind(t *testing.T) {
	t.Parallel()
	summary := review.Summarize([]*leadtype.Outcome{{LeadID: "L1", Stage: leadtype.Cleared,
		Warnings: []leadtype.Warning{{Kind: "host:own", Reason: "r"}}}})
	require.Equal(t, []review.WarningGroup{group("host:own", "L1")}, summary.Warnings)
}

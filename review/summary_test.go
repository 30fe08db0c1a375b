// SPDX-License-Identifier: Apache-2.0

package review_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/review"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/store"
)

func failed(id leadtype.LeadID, err *leadtype.Error) *leadtype.Outcome {
	return &leadtype.Outcome{LeadID: id, Stage: leadtype.Failed, Err: err}
}

func refused(code leadtype.Code, status salesforce.StatusCode, message string, fields ...string) *leadtype.Error {
	return &leadtype.Error{Code: code, Object: "Lead", Fields: fields,
		Err: &salesforce.Error{Code: status, Message: message, Fields: fields}}
}

func TestSummarizeGroupsByCodeAndCause(t *testing.T) {
	t.Parallel()
	const picklist = salesforce.StatusCode("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST")
	invalid := leadtype.DataValueValidation
	summary := review.Summarize([]*leadtype.Outcome{
		failed("L1", refused(invalid, picklist, "Tier: bad value for restricted picklist field: Gold", "Tier__c")),
		nil,
		{LeadID: "L2", Stage: leadtype.Cleared, Action: leadtype.Created},
		failed("L3", refused(invalid, "FIELD_CUSTOM_VALIDATION_EXCEPTION", "Budget is required", "Budget__c")),
		failed("L4", refused(invalid, picklist, "Tier: ungültiger Wert: Platinum", "Tier__c")),
		failed("L5", refused(invalid, "FIELD_CUSTOM_VALIDATION_EXCEPTION", "Budget is too high", "Budget__c")),
		{LeadID: "L6", Stage: leadtype.PreSync, Err: &leadtype.Error{Code: leadtype.RateLimit}},
		failed("L7", nil),
		failed("L8", refused(invalid, picklist, "bad value for restricted picklist field: Gold", "Tier__c")),
		failed("L9", &leadtype.Error{Code: leadtype.NoTagMapping, Fields: []string{"qualifier.interest"},
			Reason: "an answer has no option"}),
		failed("L10", refused(leadtype.RemoteAutomation, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
			"FillRegion: execution of BeforeInsert\n\ncaused by: ada@acme.example")),
		failed("L11", &leadtype.Error{Code: leadtype.NoTagMapping, Fields: []string{"qualifier.interest"},
			Reason: "an answer has no option"}),
		failed("L12", refused(leadtype.RemoteAutomation, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
			"FillRegion: execution of BeforeInsert\n\ncaused by: bob@acme.example")),
		{LeadID: "L13", Stage: leadtype.Cleared, Action: leadtype.Unchanged},
	})
	require.Equal(t, 13, summary.Total)
	require.Equal(t, map[leadtype.Stage]int{leadtype.Failed: 10, leadtype.Cleared: 2, leadtype.PreSync: 1}, summary.Stages)
	require.Equal(t, map[leadtype.Action]int{leadtype.Created: 1, leadtype.Unchanged: 1}, summary.Actions)

	var codes []string
	for _, g := range summary.Groups {
		codes = append(codes, fmt.Sprintf("%d %s", g.Count, g.Code))
		description, fix := g.Code.Description(), g.Code.Fix()
		if len(g.Causes) == 1 {
			description, fix = g.Causes[0].Description, g.Causes[0].Fix
		}
		require.Equal(t, description, g.Description)
		require.Equal(t, fix, g.Fix)
	}
	require.Equal(t, []string{"5 DATA_VALUE_VALIDATION", "2 NO_TAG_MAPPING", "2 REMOTE_AUTOMATION", "1 UNKNOWN"}, codes)

	values := summary.Groups[0]
	require.Equal(t, []leadtype.LeadID{"L1", "L3", "L4", "L5", "L8"}, values.Leads)
	require.Contains(t, summary.Groups[1].Fix, "qualifier.interest", "of its one cause")
	require.Len(t, values.Causes, 3)
	first := summary.Groups[0].Causes[0]
	require.Equal(t, review.Cause{
		Key: first.Key, Filter: store.Filter{Leads: first.Leads, Stages: []leadtype.Stage{leadtype.Failed},
			Codes: []leadtype.Code{invalid}, Causes: []leadtype.CauseKey{first.Key}},
		Object: "Lead", Fields: []string{"Tier__c"}, Rule: string(picklist), Count: 3,
		Leads: []leadtype.LeadID{"L1", "L4", "L8"},
		Fix: `Add the missing options "Gold", "Platinum" to the restricted picklist Lead.Tier__c, lift its restriction, ` +
			`or map to a text field instead; then retry.`,
		Description: invalid.Description(),
	}, values.Causes[0])
	require.Equal(t, "Budget is required", values.Causes[1].Rule)
	require.Equal(t, "Budget is too high", values.Causes[2].Rule)
	require.Equal(t, "an answer has no option", summary.Groups[1].Causes[0].Rule)
	require.Equal(t, 2, summary.Groups[2].Causes[0].Count, "one trigger, whatever it said")
	require.Equal(t, "FillRegion", summary.Groups[2].Causes[0].Rule)
}

func TestSummarizeEntriesCountsTheStageOfNow(t *testing.T) {
	t.Parallel()
	before := failed("L1", &leadtype.Error{Code: leadtype.OwnerInvalid})
	summary := review.SummarizeEntries([]store.Entry{
		{Lead: &leadtype.Lead{ID: "L1"}, Stage: leadtype.PreSync, State: store.StateQueued, Last: before},
		{Lead: &leadtype.Lead{ID: "L2"}, Stage: leadtype.PreSync, State: store.StateFrozen},
		{Lead: &leadtype.Lead{ID: "L3"}, Stage: leadtype.Failed, Last: before},
	})
	require.Equal(t, map[leadtype.Stage]int{leadtype.PreSync: 2, leadtype.Failed: 1}, summary.Stages)
	require.Len(t, summary.Groups, 1)
	require.Equal(t, []leadtype.LeadID{"L3"}, summary.Groups[0].Leads)
}

func TestSummaryAddsUp(t *testing.T) {
	t.Parallel()
	stages := []leadtype.Stage{leadtype.PreSync, leadtype.Failed, leadtype.Cleared, "new"}
	actions := []leadtype.Action{leadtype.Created, leadtype.Updated, leadtype.Unchanged, ""}
	errs := []*leadtype.Error{nil, {Code: leadtype.OwnerInvalid},
		{Code: leadtype.OwnerInvalid, Fields: []string{"OwnerId"}}, {Code: "NOVELTY"}}
	rapid.Check(t, func(t *rapid.T) {
		outcomes := rapid.SliceOf(rapid.Custom(func(t *rapid.T) *leadtype.Outcome {
			return &leadtype.Outcome{
				Stage:  rapid.SampledFrom(stages).Draw(t, "stage"),
				Action: rapid.SampledFrom(actions).Draw(t, "action"),
				Err:    rapid.SampledFrom(errs).Draw(t, "err"),
			}
		})).Draw(t, "outcomes")
		s := review.Summarize(outcomes)
		require.Equal(t, len(outcomes), s.Total)
		require.Equal(t, s.Total, sum(s.Stages))
		require.Equal(t, s.Stages[leadtype.Cleared], sum(s.Actions))
		failures := 0
		for _, g := range s.Groups {
			failures += g.Count
			require.Len(t, g.Leads, g.Count)
			causes := 0
			for _, c := range g.Causes {
				causes += c.Count
				require.Len(t, c.Leads, c.Count)
			}
			require.Equal(t, g.Count, causes)
		}
		require.Equal(t, s.Stages[leadtype.Failed], failures)
		require.Len(t, leadtype.OnlyFailed(outcomes), failures)
	})
}

func sum[K comparable](counts map[K]int) int {
	total := 0
	for _, n := range counts {
		total += n
	}
	return total
}

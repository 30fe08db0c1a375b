// SPDX-License-Identifier: Apache-2.0

package leadsync_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/preflight"
	"github.com/leadsync/leadsync/review"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/store"
)

func TestSummaryCountsTheStore(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	const picklist = salesforce.StatusCode("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST")
	invalid := leadsync.DataValueValidation
	s.have(t, clearedOutcome("L1"),
		failed("L2", refused(invalid, picklist, "Tier: bad value for restricted picklist field: Gold", "Tier__c")),
		failed("L3", refused(invalid, picklist, "Tier: bad value for restricted picklist field: Platinum", "Tier__c")),
		failed("L4", refused(invalid, "FIELD_CUSTOM_VALIDATION_EXCEPTION", "Budget is required", "Budget__c")),
		failed("L5", &leadsync.Error{Code: leadsync.AmbiguousMatch, Reason: "2 records match; choose one"}),
		failed("L6", &leadsync.Error{Code: leadsync.AmbiguousMatch, Reason: "3 records match; choose one"}),
	)
	_, err := s.Capture(t.Context(), person("L7"), &leadsync.Lead{ID: "L8", EventID: "fair", Email: "b@example.com"})
	require.NoError(t, err)

	summary := s.summary(t, leadsync.Filter{After: 3, Limit: 1}) // pages are of no account
	require.Equal(t, 8, summary.Total)
	require.Equal(t, map[leadsync.Stage]int{leadsync.Cleared: 1, leadsync.Failed: 5, leadsync.PreSync: 2}, summary.Stages)
	require.Equal(t, map[store.State]int{store.StateQueued: 2}, summary.States)
	require.Equal(t, map[leadsync.Action]int{leadsync.Created: 1}, summary.Actions)
	require.InDelta(t, 5.0/8, summary.Share(leadsync.Failed), 1e-9)
	require.Zero(t, review.Summary{}.Share(leadsync.Failed))

	require.Len(t, summary.Groups, 2)
	values, several := summary.Groups[0], summary.Groups[1]
	require.Equal(t, 3, values.Count)
	require.Equal(t, invalid.Description(), values.Description)
	require.Nil(t, values.Leads)
	require.Equal(t, []int{2, 1}, []int{values.Causes[0].Count, values.Causes[1].Count})
	require.Contains(t, values.Causes[0].Fix, `"Gold", "Platinum"`, "the options that any of the leads misses")
	require.Equal(t, "Budget is required", values.Causes[1].Rule)
	require.Len(t, several.Causes, 1, "how many records fit makes no other cause")
	require.Equal(t, []leadsync.LeadID{"L2", "L3", "L4"}, s.ids(t, values.Filter))
	require.Equal(t, []leadsync.LeadID{"L4"}, s.ids(t, values.Causes[1].Filter))

	require.Equal(t, 1, s.summary(t, leadsync.Filter{Event: "fair"}).Total)
	require.Equal(t, 2, s.summary(t, leadsync.Filter{Stages: []leadsync.Stage{leadsync.PreSync}}).Total)
}

func TestCountsAreTheSummaryWithoutTheWarnings(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	cut := clearedOutcome("L1")
	cut.Warnings = []leadtype.Warning{{Kind: leadtype.Truncated, Object: "Lead", Field: "Title", Reason: "was cut"}}
	s.have(t, cut, failed("L2", &leadsync.Error{Code: leadsync.AmbiguousMatch, Reason: "2 records match; choose one"}))
	summary := s.summary(t, leadsync.Filter{})
	require.NotEmpty(t, summary.Warnings)
	counts, err := s.Counts(t.Context(), leadsync.Filter{Limit: 1})
	require.NoError(t, err)
	require.Empty(t, counts.Warnings)
	summary.Warnings = counts.Warnings
	require.Equal(t, summary, counts)
}

func TestEventsCountTheLeadsOfEach(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	s.have(t, failed("L1", &leadsync.Error{Code: leadsync.OwnerInvalid}), clearedOutcome("L2"), clearedOutcome("L3"))
	_, err := s.Capture(t.Context(), &leadsync.Lead{ID: "L4", EventID: "fair", Email: "a@example.com"})
	require.NoError(t, err)
	events, err := s.Events(t.Context(), leadsync.Filter{})
	require.NoError(t, err)
	require.Equal(t, []store.EventCount{
		{Event: "expo", Stages: map[leadsync.Stage]int{leadsync.Cleared: 2, leadsync.Failed: 1}},
		{Event: "fair", Stages: map[leadsync.Stage]int{leadsync.PreSync: 1}}}, events)
}

func TestPushOfAGroupRetriesExactlyTheLeadsShown(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	owner, locked := &leadsync.Error{Code: leadsync.OwnerInvalid}, &leadsync.Error{Code: leadsync.RecordLocked}
	s.have(t, failed("shown", owner), failed("other cause", locked), failed("fails again", owner),
		failed("fails otherwise", owner), failed("clears", owner))
	group := s.summary(t, leadsync.Filter{}).Groups[0]
	require.Equal(t, 4, group.Count)

	_, err := s.Push(t.Context(), leadsync.Filter{Leads: []leadsync.LeadID{"fails again", "fails otherwise", "clears"}})
	require.NoError(t, err)
	s.settle(t, failed("fails again", owner), failed("fails otherwise", locked), clearedOutcome("clears"))
	s.have(t, failed("came later", owner))

	for _, filter := range []leadsync.Filter{group.Filter, group.Causes[0].Filter} {
		require.Equal(t, []leadsync.LeadID{"shown"}, s.ids(t, filter))
	}
	n, err := s.Push(t.Context(), group.Causes[0].Filter)
	require.NoError(t, err)
	require.Equal(t, 1, n)
	require.Equal(t, []leadsync.LeadID{"shown"}, s.ids(t, leadsync.Filter{States: []store.State{store.StateQueued}}))
	n, err = s.Push(t.Context(), group.Filter)
	require.NoError(t, err)
	require.Zero(t, n)
}

func TestSummaryAsJSONCarriesTheFilters(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	s.have(t, failed("L1", &leadsync.Error{Code: leadsync.OwnerInvalid}),
		failed("L2", &leadsync.Error{Code: leadsync.RecordLocked}))
	shown, err := json.Marshal(s.summary(t, leadsync.Filter{Event: "expo", Leads: []leadsync.LeadID{"L1", "L2"}}))
	require.NoError(t, err)
	var page struct {
		Groups []struct {
			Filter leadsync.Filter
			Causes []struct{ Filter leadsync.Filter }
		}
	}
	require.NoError(t, json.Unmarshal(shown, &page))
	require.Equal(t, []leadsync.LeadID{"L1"}, s.ids(t, page.Groups[0].Filter))
	require.Equal(t, []leadsync.LeadID{"L2"}, s.ids(t, page.Groups[1].Causes[0].Filter))
	_, err = s.Push(t.Context(), leadsync.Filter{Leads: []leadsync.LeadID{"L1"}})
	require.NoError(t, err)
	s.settle(t, failed("L1", &leadsync.Error{Code: leadsync.OwnerInvalid}))
	require.Empty(t, s.ids(t, page.Groups[0].Filter), "the version came along")
}

// A page is given them as JSON, all in one style.
func TestReviewJSONNamesEveryField(t *testing.T) {
	t.Parallel()
	for _, shown := range []any{store.CaptureReport{}, leadsync.Health{}, store.EventCount{}, review.Summary{},
		review.Group{}, review.Cause{}, leadsync.Filter{}, leadsync.Entry{}, store.Step{}, leadsync.Outcome{},
		leadtype.Candidate{}, preflight.Report{}} {
		for _, f := range reflect.VisibleFields(reflect.TypeOf(shown)) {
			require.Regexp(t, "^([a-z]|-$)", f.Tag.Get("json"), "%T.%s", shown, f.Name)
		}
	}
}

func TestSummaryEqualsARecount(t *testing.T) {
	t.Parallel()
	errs := []*leadsync.Error{nil, {Code: leadsync.OwnerInvalid},
		{Code: leadsync.OwnerInvalid, Fields: []string{"OwnerId"}}, {Code: "NOVELTY", Reason: "after 3 tries"}}
	rapid.Check(t, func(t *rapid.T) {
		s := newShelf(t)
		id := rapid.Custom(func(t *rapid.T) leadsync.LeadID {
			return leadsync.LeadID(fmt.Sprintf("L%d", rapid.IntRange(0, 9).Draw(t, "id")))
		})
		outcome := rapid.Custom(func(t *rapid.T) *leadsync.Outcome {
			return &leadsync.Outcome{
				LeadID: id.Draw(t, "of"),
				Stage:  rapid.SampledFrom([]leadsync.Stage{leadsync.PreSync, leadsync.Failed, leadsync.Cleared}).Draw(t, "stage"),
				Action: rapid.SampledFrom([]leadsync.Action{leadsync.Created, leadsync.Unchanged, ""}).Draw(t, "action"),
				Err:    rapid.SampledFrom(errs).Draw(t, "err"),
			}
		})
		t.Repeat(map[string]func(*rapid.T){
			"capture": func(t *rapid.T) {
				lead := person(id.Draw(t, "lead"))
				lead.Notes = rapid.SampledFrom([]string{"", "new"}).Draw(t, "notes")
				_, err := s.Capture(context.Background(), lead)
				require.NoError(t, err)
			},
			"settle": func(t *rapid.T) { s.settle(t, rapid.SliceOf(outcome).Draw(t, "outcomes")...) },
			"push": func(t *rapid.T) {
				for _, group := range s.summary(t, leadsync.Filter{}).Groups {
					cause := rapid.SampledFrom(group.Causes).Draw(t, "cause")
					n, err := s.Push(context.Background(), cause.Filter)
					require.NoError(t, err)
					require.Equal(t, cause.Count, n)
				}
			},
			"dismiss": func(t *rapid.T) {
				_, err := s.By("ada").Dismiss(context.Background(),
					leadsync.Filter{Leads: []leadsync.LeadID{id.Draw(t, "lead")}}, "why not")
				require.NoError(t, err)
			},
			"forget": func(t *rapid.T) { require.NoError(t, s.Forget(context.Background(), id.Draw(t, "lead"))) },
			"":       func(t *rapid.T) { s.recount(t) },
		})
	})
}

// recount wants the summary to be that of the leads listed, and each lead to be
// where its history ends.
func (s *shelf) recount(t require.TestingT) {
	entries, err := s.Leads(context.Background(), leadsync.Filter{})
	require.NoError(t, err)
	got, want := s.summary(t, leadsync.Filter{}), review.SummarizeEntries(entries)
	require.Equal(t, want.Total, got.Total)
	require.Equal(t, want.Total, sum(got.Stages))
	require.Equal(t, want.Stages, got.Stages)
	require.Equal(t, want.States, got.States)
	require.Equal(t, want.Actions, got.Actions)
	require.Len(t, got.Groups, len(want.Groups))
	for i, group := range got.Groups {
		require.Equal(t, want.Groups[i].Code, group.Code)
		require.Equal(t, want.Groups[i].Leads, s.ids(t, group.Filter))
		require.Len(t, group.Causes, len(want.Groups[i].Causes))
		for k, cause := range group.Causes {
			require.Equal(t, want.Groups[i].Causes[k].Key, cause.Key)
			require.Equal(t, want.Groups[i].Causes[k].Rule, cause.Rule)
			require.Equal(t, want.Groups[i].Causes[k].Leads, s.ids(t, cause.Filter))
			require.Equal(t, len(want.Groups[i].Causes[k].Leads), cause.Count)
		}
	}
	for _, e := range entries {
		steps, err := s.History(context.Background(), e.Lead.ID)
		require.NoError(t, err)
		require.Equal(t, e.Stage, steps[len(steps)-1].Stage)
	}
}

func TestReviewReportsWhatTheStoreSays(t *testing.T) {
	t.Parallel()
	broken := errors.New("disk on fire")
	s := newOfflineSyncer(t, leadsync.Config{Store: brokenStore{err: broken}})
	calls := map[string]func(context.Context) error{
		"Summary": func(ctx context.Context) error { _, err := s.Summary(ctx, leadsync.Filter{}); return err },
		"Health":  func(ctx context.Context) error { _, err := s.Health(ctx); return err },
		"History": func(ctx context.Context) error { _, err := s.History(ctx, "L1"); return err },
		"Events":  func(ctx context.Context) error { _, err := s.Events(ctx, leadsync.Filter{}); return err },
		"PruneHistory": func(ctx context.Context) error {
			_, err := s.PruneHistory(ctx, time.Time{})
			return err
		},
		"Forget": func(ctx context.Context) error { return s.Forget(ctx, "L1") },
		"Choose": func(ctx context.Context) error { return s.Choose(ctx, "L1", "00Q000000000001AAA") },
		"Dismiss": func(ctx context.Context) error {
			_, err := s.By("ada").Dismiss(ctx, leadsync.Filter{}, "why")
			return err
		},
		"ExportCSV": func(ctx context.Context) error { return s.ExportCSV(ctx, nil, leadsync.Filter{}, nil) },
	}
	for name, call := range calls {
		err := call(t.Context())
		var own *leadsync.Error
		require.ErrorAs(t, err, &own, name)
		require.ErrorIs(t, err, broken, name)
		require.ErrorIs(t, err, leadsync.Unknown, name)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s = newOfflineSyncer(t, leadsync.Config{})
	for name, call := range calls {
		require.Equal(t, context.Canceled, call(ctx), name)
	}
}

func sum[K comparable](counts map[K]int) int {
	total := 0
	for _, n := range counts {
		total += n
	}
	return total
}

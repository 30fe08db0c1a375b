// SPDX-License-Identifier: Apache-2.0

package leadsync_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/memory"
)

func TestChooseRefusesWhatIsNoChoice(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	probe := leadtype.ProbeTrace{Probe: leadtype.Probe{Object: "Lead", Field: "Email"}, Candidates: []leadtype.Candidate{
		{Object: "Lead", ID: "00Q000000000001AAA"}, {Object: "Lead", ID: "00Q000000000002AAA"},
		{Object: "Lead", ID: "00Q000000000003AAA", Note: "deleted"}}}
	earlier := leadtype.ProbeTrace{Probe: leadtype.Probe{Object: "Lead", Field: "Id"},
		Candidates: []leadtype.Candidate{{Object: "Lead", ID: "00Q000000000004AAA"}}}
	several := &leadsync.Error{Op: "match", Code: leadsync.AmbiguousMatch, Object: "Lead", Fields: []string{"Email"},
		Err: &salesforce.Error{Duplicates: []salesforce.Duplicate{{ID: "003000000000001AAA"}, {ID: "500000000000001AAA"}}}}
	ambiguous := failed("L1", several)
	ambiguous.Trace.Probes = []leadtype.ProbeTrace{earlier, probe}
	s.have(t, ambiguous, failed("L2", &leadsync.Error{Code: leadsync.OwnerInvalid}), clearedOutcome("L3"))
	before := scenario.StoredIn(t, s.Syncer)
	cases := []struct {
		name   string
		lead   leadsync.LeadID
		record salesforce.ID
		field  string
	}{
		{"a stranger", "L9", "00Q000000000001AAA", "id"},
		{"another failure", "L2", "00Q000000000001AAA", "id"},
		{"a cleared lead", "L3", "00Q000000000001AAA", "id"},
		{"no record", "L1", "", "record"},
		{"no id", "L1", "me@example.com", "record"},
		{"another record", "L1", "00Q000000000009AAA", "record"},
		{"a deleted candidate", "L1", "00Q000000000003AAA", "record"},
		{"another probe's", "L1", "00Q000000000004AAA", "record"},
		{"a duplicate of an object of no account", "L1", "500000000000001AAA", "record"},
	}
	for _, c := range cases {
		err := s.Choose(t.Context(), c.lead, c.record)
		var own *leadsync.Error
		require.ErrorAs(t, err, &own, c.name)
		require.Equal(t, leadsync.DataValueValidation, own.Code, c.name)
		require.Equal(t, []string{c.field}, own.Fields, c.name)
		require.NotContains(t, err.Error(), "me@example.com")
	}
	require.Equal(t, before, scenario.StoredIn(t, s.Syncer))
	require.NoError(t, s.Choose(t.Context(), "L1", "00Q000000000002AAA"))
	require.Contains(t, leadsync.Explain(scenario.StoredIn(t, s.Syncer)[0].Last), "A person chose 00Q000000000002AAA.")
	require.Error(t, s.Choose(t.Context(), "L1", "00Q000000000001AAA"), "it is queued")
	require.Nil(t, leadtype.Candidates(nil))
	require.Nil(t, leadtype.Candidates(clearedOutcome("L3")))
}

// staleStore changes nothing, as if every lead had changed before.
type staleStore struct{ *memory.Store }

func (s staleStore) Resolve(_ context.Context, _ string, resolutions []store.Resolution) ([]leadsync.LeadID, error) {
	stale := make([]leadsync.LeadID, len(resolutions))
	for i, r := range resolutions {
		stale[i] = r.LeadID
	}
	return stale, nil
}

func TestDecisionsOnALeadThatChangedMeanwhileDoNotCount(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	ambiguous := failed("L1", &leadsync.Error{Code: leadsync.AmbiguousMatch, Object: "Lead", Fields: []string{"Email"}})
	ambiguous.Trace.Probes = []leadtype.ProbeTrace{{Probe: leadtype.Probe{Object: "Lead", Field: "Email"},
		Candidates: []leadtype.Candidate{{Object: "Lead", ID: "00Q000000000001AAA"}}}}
	s.have(t, ambiguous)
	other := newOfflineSyncer(t, leadsync.Config{Store: staleStore{s.store}})
	err := other.Choose(t.Context(), "L1", "00Q000000000001AAA")
	require.ErrorIs(t, err, leadsync.RowContention)
	require.Contains(t, err.(*leadsync.Error).Fix(), "repeat the call")
	n, err := other.By("ada").Dismiss(t.Context(), leadsync.Filter{}, "why")
	require.NoError(t, err)
	require.Zero(t, n)
}

func TestDismissClearsFailedLeadsWithWhoAndWhy(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	wrong := failed("L2", &leadsync.Error{Code: leadsync.OwnerInvalid, Object: "Lead"})
	wrong.Object, wrong.ID = "Lead", "00Q000000000001AAA"
	wrong.Warnings = []leadtype.Warning{{Kind: leadtype.Truncated, Reason: "text was cut"}}
	s.have(t, clearedOutcome("L1"), wrong, failed("L3", &leadsync.Error{Code: leadsync.RecordLocked}))
	_, err := s.Capture(t.Context(), person("L4"))
	require.NoError(t, err)

	n, err := s.By("ada@host.example").Dismiss(t.Context(),
		leadsync.Filter{Leads: []leadsync.LeadID{"L1", "L2", "L4", "stranger"}}, "left the company")
	require.NoError(t, err)
	require.Equal(t, 1, n)
	want := &leadsync.Outcome{LeadID: "L2", Stage: leadsync.Cleared, Action: leadsync.Dismissed, Object: "Lead",
		ID: "00Q000000000001AAA", At: s.now,
		Warnings: []leadtype.Warning{{Kind: leadtype.Truncated, Reason: "text was cut"},
			{Kind: leadtype.Chosen, Code: leadsync.OwnerInvalid, Object: "Lead",
				Reason: "dismissed by ada@host.example: left the company"}}}
	require.Equal(t, want, scenario.StoredIn(t, s.Syncer)[1].Last)
	require.Equal(t, []*leadsync.Outcome{want}, s.sink)
	summary := s.summary(t, leadsync.Filter{})
	require.Equal(t, map[leadsync.Action]int{leadsync.Created: 1, leadsync.Dismissed: 1}, summary.Actions)
	require.Equal(t, 1, summary.Stages[leadsync.Failed])
	steps, err := s.History(t.Context(), "L2")
	require.NoError(t, err)
	require.Equal(t, store.StepResolved, steps[2].Kind)
	require.Equal(t, want, steps[2].Outcome)
	require.Equal(t, "ada@host.example", steps[2].By)

	n, err = s.By("ada").Dismiss(t.Context(), leadsync.Filter{Stages: []leadsync.Stage{leadsync.Cleared}}, "why")
	require.NoError(t, err)
	require.Zero(t, n, "only failed leads can be")

	changed := person("L2")
	changed.Notes = "is back"
	_, err = s.Capture(t.Context(), changed)
	require.NoError(t, err)
	require.Equal(t, store.StateQueued, scenario.StoredIn(t, s.Syncer)[1].State)
}

func TestDismissNeedsWhoAndWhy(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	s.have(t, failed("L1", &leadsync.Error{Code: leadsync.OwnerInvalid}))
	cases := []struct {
		name, by, reason, field string
		code                    leadsync.Code
	}{
		{"nobody", " ", "why", "by", leadsync.RequiredFieldMissing},
		{"no reason", "ada", "\t\n", "reason", leadsync.RequiredFieldMissing},
		{"no text", "ada", "\xff", "reason", leadsync.DataValueValidation},
		{"too long", "ada", strings.Repeat("x", 1001), "reason", leadsync.DataValueValidation},
	}
	for _, c := range cases {
		n, err := s.By(c.by).Dismiss(t.Context(), leadsync.Filter{}, c.reason)
		var own *leadsync.Error
		require.ErrorAs(t, err, &own, c.name)
		require.Equal(t, []string{c.field}, own.Fields, c.name)
		require.Equal(t, c.code, own.Code, c.name)
		require.Zero(t, n)
	}
	require.Equal(t, leadsync.Failed, scenario.StoredIn(t, s.Syncer)[0].Stage)
}

func TestDismissGoesThroughAnyNumberOfLeads(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	s.have(t, manyFailed(1000)...)
	n, err := s.By("ada").Dismiss(t.Context(), leadsync.Filter{Limit: 600}, "a test import")
	require.NoError(t, err)
	require.Equal(t, 600, n)
	n, err = s.By("ada").Dismiss(t.Context(), leadsync.Filter{}, "a test import")
	require.NoError(t, err)
	require.Equal(t, 400, n)
	require.Len(t, s.sink, 1000)
}

package scenario_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/memory"
)

// captureAndDrain captures leads and syncs them.
func captureAndDrain(t *testing.T, s *leadsync.Syncer, leads ...*leadsync.Lead) {
	t.Helper()
	_, err := s.Capture(t.Context(), leads...)
	require.NoError(t, err)
	require.NoError(t, s.Drain(t.Context()))
}

func onlyEntry(t *testing.T, s *leadsync.Syncer) leadsync.Entry {
	t.Helper()
	entries := leadsOf(t, s)
	require.Len(t, entries, 1)
	return entries[0]
}

func TestChooseSyncsTheLeadToTheRecordChosen(t *testing.T) {
	t.Parallel()
	domain := func(org *sftest.Org) string {
		return org.Insert("Account", map[string]any{"Name": "A", "Website": "analytical.example"})
	}
	cases := []struct {
		name   string
		cfg    leadsync.Config
		lead   func(*leadsync.Lead)
		insert func(*sftest.Org) string
		object salesforce.Object
	}{
		{"of several Leads", leadsync.Config{Ambiguous: leadsync.HoldAmbiguous}, nil,
			func(org *sftest.Org) string { return scenario.InsertLead(org, "Lovelace", scenario.Ada().Email) }, "Lead"},
		{"of several Contacts", leadsync.Config{Ambiguous: leadsync.HoldAmbiguous}, nil,
			func(org *sftest.Org) string { return scenario.InsertContact(org, "Lovelace", scenario.Ada().Email) }, "Contact"},
		{"of several Accounts", leadsync.Config{Ambiguous: leadsync.HoldAmbiguous, Strategy: leadsync.AccountsAndContacts}, nil, domain, "Account"},
		{"of several Accounts, the one known being gone", leadsync.Config{Ambiguous: leadsync.HoldAmbiguous, Strategy: leadsync.AccountsAndContacts},
			func(l *leadsync.Lead) { l.AccountID = "001000000000999AAA" }, domain, "Account"},
		{"of several duplicates", leadsync.Config{}, nil, func(org *sftest.Org) string {
			if org.Count("Lead") == 0 {
				lastNameRule(org, true)
			}
			return scenario.InsertLead(org, "Lovelace", "")
		}, "Lead"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			org := sftest.NewOrg(t)
			records := []string{c.insert(org), c.insert(org), c.insert(org)}
			synctest.Test(t, func(t *testing.T) {
				s := timelessSyncer(t, org, &c.cfg)
				lead := scenario.Ada()
				if c.lead != nil {
					c.lead(lead)
				}
				captureAndDrain(t, s, lead)
				entry := onlyEntry(t, s)
				require.Equal(t, leadsync.Failed, entry.Stage)
				require.ErrorIs(t, entry.Last.Err, leadsync.AmbiguousMatch)
				var ids []string
				for _, candidate := range leadtype.Candidates(entry.Last) {
					require.Equal(t, c.object, candidate.Object)
					ids = append(ids, string(candidate.ID))
				}
				require.ElementsMatch(t, records, ids)

				chosen := salesforce.ID(records[1])
				require.NoError(t, s.Choose(t.Context(), lead.ID, chosen[:15]))
				again := *lead
				again.Notes = "captured once more"
				captureAndDrain(t, s, &again)
				entry = onlyEntry(t, s)
				require.Equal(t, leadsync.Cleared, entry.Stage, "%v", entry.Last.Err)
				if c.object == "Account" {
					require.Equal(t, chosen, entry.Last.AccountID)
					require.Equal(t, records[1], org.Row("Contact", string(entry.Last.ID))["AccountId"])
				} else {
					require.Equal(t, chosen, entry.Last.ID)
				}
				require.Equal(t, 3, org.Count(string(c.object)))
			})
		})
	}
}

// A decidingStore fails to keep decisions.
type decidingStore struct{ leadsync.Store }

func (decidingStore) Resolve(context.Context, string, []store.Resolution) ([]leadsync.LeadID, error) {
	return nil, errors.New("disk full")
}

func TestDecisionThatTheStoreCannotKeepIsNotMade(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	first := scenario.InsertContact(org, "Lovelace", "ada@analytical.example")
	scenario.InsertContact(org, "Lovelace", "ada@analytical.example")
	syncer := scenario.SyncerOf(t, org, &leadsync.Config{Ambiguous: leadsync.HoldAmbiguous, Store: decidingStore{memory.New(nil)}})
	captureAndDrain(t, syncer, scenario.Ada())

	require.ErrorContains(t, syncer.Choose(t.Context(), "L1", salesforce.ID(first)), "disk full")
	dismissed, err := syncer.Dismiss(t.Context(), leadsync.Filter{}, "ada", "spam")
	require.ErrorContains(t, err, "disk full")
	require.Zero(t, dismissed)
	require.Equal(t, leadsync.Failed, onlyEntry(t, syncer).Stage)
}

func TestChooseRefusesWhatIsNoChoice(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	probe := leadtype.ProbeTrace{Probe: leadtype.Probe{Object: "Lead", Field: "Email"}, Candidates: []leadtype.Candidate{
		{Object: "Lead", ID: "00Q000000000001AAA"}, {Object: "Lead", ID: "00Q000000000002AAA"}, {Object: "Lead", ID: "00Q000000000003AAA", Note: "deleted"}}}
	earlier := leadtype.ProbeTrace{Probe: leadtype.Probe{Object: "Lead", Field: "Id"}, Candidates: []leadtype.Candidate{{Object: "Lead", ID: "00Q000000000004AAA"}}}
	several := &leadsync.Error{Op: "match", Code: leadsync.AmbiguousMatch, Object: "Lead", Fields: []string{"Email"},
		Err: &salesforce.Error{Duplicates: []salesforce.Duplicate{{ID: "003000000000001AAA"}, {ID: "500000000000001AAA"}}}}
	ambiguous := failed("L1", several)
	ambiguous.Trace.Probes = []leadtype.ProbeTrace{earlier, probe}
	s.have(t, ambiguous, failed("L2", &leadsync.Error{Code: leadsync.OwnerInvalid}), clearedOutcome("L3"))
	before := leadsOf(t, s.Syncer)
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
		{"a duplicate that the strategy does not look for", "L1", "003000000000001AAA", "record"},
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
	require.Equal(t, before, leadsOf(t, s.Syncer))
	require.NoError(t, s.Choose(t.Context(), "L1", "00Q000000000002AAA"))
	require.Contains(t, leadsync.Explain(leadsOf(t, s.Syncer)[0].Last), "A person chose 00Q000000000002AAA.")
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
	ambiguous.Trace.Probes = []leadtype.ProbeTrace{{Probe: leadtype.Probe{Object: "Lead", Field: "Email"}, Candidates: []leadtype.Candidate{{Object: "Lead", ID: "00Q000000000001AAA"}}}}
	s.have(t, ambiguous)
	other := newCaptor(t, leadsync.Config{Store: staleStore{s.store}})
	require.ErrorIs(t, other.Choose(t.Context(), "L1", "00Q000000000001AAA"), leadsync.RowContention)
	n, err := other.Dismiss(t.Context(), leadsync.Filter{}, "ada", "why")
	require.NoError(t, err)
	require.Zero(t, n)
}

func TestDismissClearsFailedLeadsWithWhoAndWhy(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	wrong := failed("L2", &leadsync.Error{Code: leadsync.OwnerInvalid, Object: "Lead"})
	wrong.Object, wrong.ID = "Lead", "00Q000000000001AAA"
	wrong.Warnings = []leadtype.Warning{{Reason: "text was cut"}}
	s.have(t, clearedOutcome("L1"), wrong, failed("L3", &leadsync.Error{Code: leadsync.RecordLocked}))
	_, err := s.Capture(t.Context(), person("L4"))
	require.NoError(t, err)

	n, err := s.Dismiss(t.Context(), leadsync.Filter{Leads: []leadsync.LeadID{"L1", "L2", "L4", "stranger"}}, "ada@host.example", "left the company")
	require.NoError(t, err)
	require.Equal(t, 1, n)
	want := &leadsync.Outcome{LeadID: "L2", Stage: leadsync.Cleared, Action: leadtype.Dismissed, Object: "Lead", ID: "00Q000000000001AAA", At: s.now,
		Warnings: []leadtype.Warning{{Reason: "text was cut"}, {Code: leadsync.OwnerInvalid, Object: "Lead", Reason: "dismissed by ada@host.example: left the company"}}}
	require.Equal(t, want, leadsOf(t, s.Syncer)[1].Last)
	require.Equal(t, []*leadsync.Outcome{want}, s.sink)
	summary := s.summary(t, leadsync.Filter{})
	require.Equal(t, map[leadsync.Action]int{leadsync.Created: 1, leadtype.Dismissed: 1}, summary.Actions)
	require.Equal(t, 1, summary.Stages[leadsync.Failed])
	steps, err := s.History(t.Context(), "L2")
	require.NoError(t, err)
	require.Equal(t, store.StepResolved, steps[2].Kind)
	require.Equal(t, want, steps[2].Outcome)

	n, err = s.Dismiss(t.Context(), leadsync.Filter{Stages: []leadsync.Stage{leadsync.Cleared}}, "ada", "why")
	require.NoError(t, err)
	require.Zero(t, n, "only failed leads can be")

	changed := person("L2")
	changed.Notes = "is back"
	_, err = s.Capture(t.Context(), changed)
	require.NoError(t, err)
	require.Equal(t, store.StateQueued, leadsOf(t, s.Syncer)[1].State)
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
		n, err := s.Dismiss(t.Context(), leadsync.Filter{}, c.by, c.reason)
		var own *leadsync.Error
		require.ErrorAs(t, err, &own, c.name)
		require.Equal(t, []string{c.field}, own.Fields, c.name)
		require.Equal(t, c.code, own.Code, c.name)
		require.Zero(t, n)
	}
	require.Equal(t, leadsync.Failed, leadsOf(t, s.Syncer)[0].Stage)
}

func TestDismissGoesThroughAnyNumberOfLeads(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	s.have(t, manyFailed(1000)...)
	n, err := s.Dismiss(t.Context(), leadsync.Filter{Limit: 600}, "ada", "a test import")
	require.NoError(t, err)
	require.Equal(t, 600, n)
	n, err = s.Dismiss(t.Context(), leadsync.Filter{}, "ada", "a test import")
	require.NoError(t, err)
	require.Equal(t, 400, n)
	require.Len(t, s.sink, 1000)
}

// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"context"
	"errors"
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
	entries := scenario.StoredIn(t, s)
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
		{"of several Accounts", leadsync.Config{Ambiguous: leadsync.HoldAmbiguous, Strategy: leadsync.AccountsAndContacts},
			nil, domain, "Account"},
		{"of several Accounts, the one known being gone",
			leadsync.Config{Ambiguous: leadsync.HoldAmbiguous, Strategy: leadsync.AccountsAndContacts},
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
	syncer := scenario.SyncerOf(t, org,
		&leadsync.Config{Ambiguous: leadsync.HoldAmbiguous, Store: decidingStore{memory.New(nil)}})
	captureAndDrain(t, syncer, scenario.Ada())

	require.ErrorContains(t, syncer.Choose(t.Context(), "L1", salesforce.ID(first)), "disk full")
	dismissed, err := syncer.By("ada").Dismiss(t.Context(), leadsync.Filter{}, "spam")
	require.ErrorContains(t, err, "disk full")
	require.Zero(t, dismissed)
	require.Equal(t, leadsync.Failed, onlyEntry(t, syncer).Stage)
}

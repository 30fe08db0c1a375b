// SPDX-License-Identifier: Apache-2.0

package sqlite_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
	"github.com/leadsync/leadsync/store"
)

// What people decide is in the file: each step of these stories is another process.
func TestDecisionsOutliveProcesses(t *testing.T) {
	t.Parallel()
	email := scenario.Ada().Email
	for name, c := range map[string]struct {
		cfg    leadsync.Config
		insert func(org *sftest.Org) string // the candidate
	}{
		"another person at the address": {leadsync.Config{}, func(org *sftest.Org) string {
			return org.Insert("Contact", map[string]any{"FirstName": "Bob", "LastName": "Babbage", "Email": email})
		}},
		"a duplicate": {leadsync.Config{Strategy: leadsync.LeadsOnly}, func(org *sftest.Org) string {
			org.AddDuplicateRule("Lead", sftest.DuplicateRule{MatchOn: []string{"LastName"}, Against: []string{"Contact"}})
			return scenario.InsertContact(org, "Lovelace", "")
		}},
		"a converted Lead": {leadsync.Config{Converted: leadsync.HoldConverted}, func(org *sftest.Org) string {
			contact, _ := org.Convert(scenario.InsertLead(org, "Lovelace", email))
			org.Update("Contact", contact, map[string]any{"Email": nil})
			return contact
		}},
	} {
		for _, record := range []salesforce.ID{"", leadtype.NewRecord} {
			t.Run(name+" "+string(record), func(t *testing.T) {
				t.Parallel()
				org, open := sftest.NewOrg(t), processes(t)
				there := c.insert(org)
				process := func() *leadsync.Syncer {
					cfg := c.cfg
					cfg.Store = open()
					return scenario.SyncerOf(t, org, &cfg)
				}
				sync := func(notes string) leadsync.Entry {
					lead := scenario.Ada()
					lead.Notes = notes
					_, err := process().Capture(t.Context(), lead)
					require.NoError(t, err)
					syncer := process()
					require.NoError(t, syncer.Drain(t.Context()))
					return scenario.StoredIn(t, syncer)[0]
				}
				held := leadtype.Candidates(sync("").Last)
				require.Len(t, held, 1)
				require.Equal(t, there, string(held[0].ID))
				chosen := record
				if record == "" {
					chosen = held[0].ID
				}
				require.NoError(t, process().By("zoe").Choose(t.Context(), "L1", chosen))
				require.NoError(t, process().Drain(t.Context()))
				leads := org.Count("Lead")

				entry := sync("once more")
				require.Equal(t, leadsync.Cleared, entry.Stage, "%v", entry.Last.Err)
				require.Equal(t, record == "", entry.Last.ID == held[0].ID)
				require.Equal(t, leads, org.Count("Lead"))
				require.Contains(t, leadsync.Explain(entry.Last), "zoe chose ")
				steps, err := process().History(t.Context(), "L1")
				require.NoError(t, err)
				require.Equal(t, store.StepResolved, steps[2].Kind)
				require.Equal(t, "zoe", steps[2].By)
			})
		}
	}
}

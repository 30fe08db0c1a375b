// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// addressless returns Ada without an e-mail address and with a title.
func addressless(title string) *leadsync.Lead {
	lead := scenario.Ada()
	lead.Email, lead.JobTitle = "", title
	lead.Activities = []leadsync.Activity{{Kind: leadsync.ActivityNote, Notes: "hello"}}
	return lead
}

// warnedOf counts the outcomes with a warning of a kind.
func warnedOf(kind leadtype.WarningKind, outcomes ...*leadsync.Outcome) int {
	n := 0
	for _, out := range outcomes {
		for _, w := range out.Warnings {
			if w.Kind == kind {
				n++
			}
		}
	}
	return n
}

// A lead without an address is synced with one title after the other. The Syncer
// remembers its record; another one, as after a restart, cannot, and says so, unless the
// org has key fields.
func TestSyncRemembersTheRecordOfALead(t *testing.T) {
	t.Parallel()
	for _, strategy := range []leadsync.Strategy{
		leadsync.LeadsAndContacts, leadsync.LeadsOnly, leadsync.AccountsAndContacts,
	} {
		for _, keyed := range []bool{false, true} {
			for _, restarted := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s, keys %t, restarted %t", strategy.Name(), keyed, restarted), func(t *testing.T) {
					t.Parallel()
					org := sftest.NewOrg(t)
					if keyed {
						org.AddExternalID("Lead", "Contact", "Account", "Task")
					}
					cfg := &leadsync.Config{Strategy: strategy}
					syncer := timelessSyncer(t, org, cfg)
					var outcomes []*leadsync.Outcome
					for _, title := range []string{"Countess", "Programmer", "Programmer", "Analyst"} {
						outcomes = append(outcomes, scenario.SyncOne(t, syncer, addressless(title)))
						if restarted {
							syncer = timelessSyncer(t, org, cfg)
						}
					}
					people, warned := 1, 1
					if restarted && !keyed {
						people = 3 // the third call found identical values
						warned = 4 // each Syncer says it once
					}
					if keyed {
						warned = 0
					}
					require.Equal(t, people, org.Count("Lead")+org.Count("Contact"))
					require.Equal(t, people, org.Count("Task"))
					require.Equal(t, warned, warnedOf(leadtype.NotIdentifiable, outcomes...))
				})
			}
		}
	}
}

// What Run wrote is known to Sync, and the other way round.
func TestSyncAndRunKnowOfEachOther(t *testing.T) {
	t.Parallel()
	for name, steps := range map[string]string{"captured first": "rs", "synced first": "sr", "often": "rsrssr"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			org := sftest.NewOrg(t)
			syncer := timelessSyncer(t, org, nil)
			for i, step := range steps {
				lead := addressless(fmt.Sprint("Title ", i))
				if step == 's' {
					scenario.SyncOne(t, syncer, lead)
					continue
				}
				_, err := syncer.Capture(t.Context(), lead)
				require.NoError(t, err)
				require.NoError(t, syncer.Drain(t.Context()))
			}
			require.Equal(t, 1, org.Count("Lead"))
			require.Equal(t, 1, org.Count("Task"))
			require.Equal(t, fmt.Sprint("Title ", len(steps)-1), org.Rows("Lead")[0]["Title"])
			require.Zero(t, warnedOf(leadtype.NotIdentifiable, scenario.StoredIn(t, syncer)[0].Last), "the Store keeps it")
		})
	}
}

// A record that is gone is not held on to, and a forgotten lead is not known.
func TestSyncForgetsARecordThatIsGone(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	syncer := timelessSyncer(t, org, nil)
	first := scenario.SyncOne(t, syncer, addressless("Countess"))
	org.Delete("Lead", string(first.ID))
	second := scenario.SyncOne(t, syncer, addressless("Programmer"))
	require.NotEqual(t, first.ID, second.ID)
	require.NoError(t, syncer.Forget(t.Context(), first.LeadID))
	third := scenario.SyncOne(t, syncer, addressless("Analyst"))
	require.NotEqual(t, second.ID, third.ID)
}

// What a kept plan made is known, too.
func TestSyncKnowsWhatAnAppliedPlanMade(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	syncer := timelessSyncer(t, org, nil)
	plan, err := syncer.Plan(t.Context(), addressless("Countess"))
	require.NoError(t, err)
	outcomes, err := syncer.Apply(t.Context(), plan)
	require.NoError(t, err)
	require.Equal(t, 1, warnedOf(leadtype.NotIdentifiable, outcomes...))
	out := scenario.SyncOne(t, syncer, addressless("Programmer"))
	require.Zero(t, warnedOf(leadtype.NotIdentifiable, out))
	require.Equal(t, 1, org.Count("Lead"))
}

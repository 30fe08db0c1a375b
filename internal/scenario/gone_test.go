// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// Two people shared the record of one of them, which a person deleted. Before, the id of the
// record that was gone made them one person, and the new record had what either said.
func TestTheRecordThatTwoPeopleSharedMakesThemNotOnePerson(t *testing.T) {
	t.Parallel()
	for name, last := range map[string]string{"another person": "Novak", "in doubt": "Naga"} {
		for _, first := range []int{0, 1} {
			t.Run(fmt.Sprintf("%s, %d first", name, first), func(t *testing.T) {
				t.Parallel()
				org := sftest.NewOrg(t)
				shared := org.Insert("Lead", map[string]any{"FirstName": "Pia", "LastName": "Gibson",
					"Email": "pia@initech.example", "Company": "Initech"})
				pia, other := sharedLead("L1", "Pia", "Gibson"), sharedLead("L2", "Tomas", last)
				if last == "Naga" {
					other.FirstName = "Pia"
				}
				leads := []*leadsync.Lead{pia, other}
				if first == 1 {
					leads = []*leadsync.Lead{other, pia}
				}
				s := scenario.SyncerOf(t, org, &leadsync.Config{OtherPerson: leadtype.AttachOther})
				captureIn(t, s, leads...)
				require.NoError(t, s.Drain(t.Context()))
				for _, entry := range scenario.StoredIn(t, s) {
					require.Equal(t, shared, string(entry.Last.ID))
				}
				org.Delete("Lead", shared)
				requireOneOf(t, org, s, leads)
			})
		}
	}
}

// requireOneOf pushes two leads and wants a record of the first one's, and nothing of the
// other's in it but what was blank.
func requireOneOf(t *testing.T, org *sftest.Org, s *leadsync.Syncer, leads []*leadsync.Lead) {
	t.Helper()
	pushIn(t, s, leadsync.Filter{})
	require.NoError(t, s.Drain(t.Context()))
	rows := org.Rows("Lead")
	require.Len(t, rows, 1)
	owner := leads[0]
	require.Equal(t, []any{owner.FirstName, owner.LastName, owner.JobTitle, owner.Phone},
		[]any{rows[0]["FirstName"], rows[0]["LastName"], rows[0]["Title"], rows[0]["Phone"]})
	for _, entry := range scenario.StoredIn(t, s) {
		require.Equal(t, rows[0]["Id"], string(entry.Last.ID))
		if entry.Lead.ID == owner.ID {
			require.Empty(t, entry.Last.Warnings)
			continue
		}
		require.Len(t, entry.Last.Warnings, 1)
		require.Contains(t, []leadtype.WarningKind{leadtype.OtherPerson, leadtype.Doubt}, entry.Last.Warnings[0].Kind)
	}
}

func sharedLead(id leadsync.LeadID, first, last string) *leadsync.Lead {
	lead := mailboxLead(id, first, last)
	lead.Email = "pia@initech.example"
	return lead
}

// The id that a host gives is one person's, whatever the names say: that of a record which is
// gone makes two leads one person still. So does that of a record which both had for their own.
func TestTheIDOfARecordThatIsGoneIsOnePersons(t *testing.T) {
	t.Parallel()
	for name, given := range map[string]bool{"given by the host": true, "their own": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			org := sftest.NewOrg(t)
			shared := org.Insert("Lead", map[string]any{"FirstName": "Pia", "LastName": "Gibson", "Email": mailbox,
				"Company": "Initech"})
			leads := []*leadsync.Lead{mailboxLead("L1", "Pia", "Gibson"), mailboxLead("L2", "P.", "Gibson")}
			if given {
				for _, lead := range leads {
					lead.LeadID = salesforce.ID(shared)
				}
				leads[1].FirstName, leads[1].LastName = "Tomas", "Novak"
			}
			s := scenario.SyncerOf(t, org, nil)
			captureIn(t, s, leads...)
			require.NoError(t, s.Drain(t.Context()))
			org.Delete("Lead", shared)
			pushIn(t, s, leadsync.Filter{})
			require.NoError(t, s.Drain(t.Context()))
			require.Equal(t, 1, org.Count("Lead"))
			for _, entry := range scenario.StoredIn(t, s) {
				require.Equal(t, leadsync.Cleared, entry.Stage)
				require.NotContains(t, entry.Last.WarningKinds(), leadtype.OtherPerson)
				require.NotContains(t, entry.Last.WarningKinds(), leadtype.Doubt)
			}
		})
	}
}

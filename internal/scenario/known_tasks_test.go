// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// misread is Ada with a call and a note, and the e-mail address of Grace, whose name the
// badge had.
func misread() *leadsync.Lead {
	lead := scenario.Ada()
	lead.FirstName, lead.LastName, lead.Email = "Grace", "Hopper", gracesEmail
	lead.Activities = []leadsync.Activity{{ID: "a1", Kind: leadsync.ActivityCall, Notes: "called back"},
		{Kind: leadsync.ActivityNote, Notes: "wants a demo"}}
	return lead
}

// readAgain is the lead with its own name and address.
func readAgain() *leadsync.Lead {
	lead := misread()
	lead.FirstName, lead.LastName, lead.Email = scenario.Ada().FirstName, scenario.Ada().LastName, adasEmail
	return lead
}

// requireTasksOn requires that both activities are logged once, on a record.
func requireTasksOn(t *testing.T, org *sftest.Org, record string) {
	t.Helper()
	require.Equal(t, 2, org.Count("Task"))
	for _, task := range org.Rows("Task") {
		require.Equal(t, record, task["WhoId"])
	}
}

// Without a Store the Syncer remembers which activities of a lead are logged: they move to the
// record that is the lead's after a correction. They were logged there again.
func TestActivitiesMoveAlongWithoutAStore(t *testing.T) {
	t.Parallel()
	for _, strategy := range []leadsync.Strategy{leadsync.LeadsAndContacts, leadsync.AccountsAndContacts} {
		for _, keys := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, keys %t", strategy.Name(), keys), func(t *testing.T) {
				t.Parallel()
				org := sftest.NewOrg(t)
				if keys {
					org.AddExternalID("Lead", "Contact", "Account", "Task")
				}
				s := scenario.SyncerOf(t, org, &leadsync.Config{Strategy: strategy})
				grace := scenario.InsertContact(org, "Hopper", gracesEmail)
				require.Equal(t, grace, string(scenario.SyncOne(t, s, misread()).ID))
				requireTasksOn(t, org, grace)
				out := scenario.SyncOne(t, s, readAgain())
				require.NotEqual(t, grace, string(out.ID))
				requireTasksOn(t, org, string(out.ID))
				require.Equal(t, leadsync.Unchanged, scenario.SyncOne(t, s, readAgain()).Action)
				requireTasksOn(t, org, string(out.ID))
			})
		}
	}
}

// An activity is remembered when a sync in between does not have it.
func TestActivitiesOfEarlierSyncsMoveAlongWithoutAStore(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	s := scenario.SyncerOf(t, org, nil)
	grace := scenario.InsertLead(org, "Hopper", gracesEmail)
	first, second := misread(), misread()
	first.Activities, second.Activities = first.Activities[:1], second.Activities[1:]
	scenario.SyncOne(t, s, first)
	scenario.SyncOne(t, s, second)
	requireTasksOn(t, org, grace)
	out := scenario.SyncOne(t, s, readAgain())
	requireTasksOn(t, org, string(out.ID))
}

// A move that Salesforce refuses is made up for by the next sync.
func TestAnActivityThatDidNotMoveMovesLaterWithoutAStore(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	s := scenario.SyncerOf(t, org, nil)
	scenario.InsertLead(org, "Hopper", gracesEmail)
	scenario.SyncOne(t, s, misread())
	refuses := true
	org.OnRow("Task", func(operation string, _ map[string]any) *sftest.RowError {
		if !refuses || !strings.EqualFold(operation, "update") {
			return nil
		}
		return &sftest.RowError{StatusCode: "FIELD_CUSTOM_VALIDATION_EXCEPTION", Message: "not now"}
	})
	outcomes, err := s.Sync(t.Context(), readAgain())
	require.ErrorIs(t, err, leadsync.DataValueValidation)
	refuses = false
	out := scenario.SyncOne(t, s, readAgain())
	require.Equal(t, outcomes[0].ID, out.ID)
	requireTasksOn(t, org, string(out.ID))
}

// A Task that a rep has deleted is not logged again, as it is not with a Store.
func TestADeletedActivityIsNotLoggedAgainWithoutAStore(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	s := scenario.SyncerOf(t, org, nil)
	scenario.SyncOne(t, s, misread())
	for _, task := range org.Rows("Task") {
		org.Delete("Task", task["Id"].(string))
	}
	require.Equal(t, leadsync.Unchanged, scenario.SyncOne(t, s, misread()).Action)
	require.Zero(t, org.Count("Task"))
}

// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// manyKeys is how many leads of longIDs have keys that are asked for by what they begin with.
const manyKeys = 2200

// together returns a configuration that takes so many leads at once.
func together() *leadsync.Config { return &leadsync.Config{BulkAbove: 1000} }

// longIDs returns leads whose keys fill statements.
func longIDs(n int) []*leadsync.Lead {
	leads := scenario.EventLeads(n)
	for i, lead := range leads {
		lead.ID = leadsync.LeadID(fmt.Sprintf("%s-%05d", strings.Repeat("x", 170), i))
	}
	return leads
}

// keysAsked counts the statements that ask for keys one by one, and by what they begin with.
func keysAsked(org *sftest.Org) (oneByOne, covers int) {
	for _, r := range org.Requests() {
		for _, statement := range r.SOQL {
			switch {
			case strings.Contains(statement, "LeadsyncKey__c IN"):
				oneByOne++
			case strings.Contains(statement, "LeadsyncKey__c LIKE"):
				covers++
			}
		}
	}
	return oneByOne, covers
}

// knownOf makes three of the leads known to the org, but to no store of the next sync: one by its
// key alone, for its address is another record's; one whose Task is on another record; and one by
// its key of an earlier version. It returns the ids of the first and the last.
func knownOf(t *testing.T, org *sftest.Org, leads []*leadsync.Lead) (own, old string) {
	t.Helper()
	_, err := scenario.SyncerOf(t, org, nil).Sync(t.Context(), leads[0], leads[1])
	require.NoError(t, err)
	for _, row := range org.Rows("Lead") {
		if row["Email"] == leads[0].Email {
			own = row["Id"].(string)
		}
	}
	org.Update("Lead", own, map[string]any{"Email": "moved@example.com"})
	scenario.InsertLead(org, leads[0].LastName, leads[0].Email)
	other := scenario.InsertLead(org, "Other", "other@example.com")
	for _, row := range org.Rows("Task") {
		if row["WhoId"] != own {
			org.Update("Task", row["Id"].(string), map[string]any{"WhoId": other})
		}
	}
	old = org.Insert("Lead", map[string]any{"FirstName": "Pat", "LastName": leads[2].LastName, "Company": "Acme",
		"LeadsyncKey__c": string(leads[2].ID)})
	return own, old
}

func TestManyNewLeadsAreNotAskedForKeyByKey(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t, sftest.WithLogSize(1000))
	org.AddExternalID("Lead", "Contact", "Task")
	leads := longIDs(manyKeys)
	own, old := knownOf(t, org, leads)
	before := org.Count("Lead")
	syncer := scenario.SyncerOf(t, org, together())
	_, err := syncer.Preflight(t.Context())
	require.NoError(t, err)
	org.ResetLog()

	planned, err := syncer.Plan(t.Context(), leads...)

	require.NoError(t, err)
	require.Equal(t, planned.LookupCalls, org.Calls())
	oneByOne, covers := keysAsked(org)
	require.Zero(t, oneByOne)
	require.Equal(t, 4, covers, "Leads and Tasks, in both forms")
	outcomes, err := syncer.Sync(t.Context(), leads...)
	require.NoError(t, err)
	require.Equal(t, own, string(outcomes[0].ID), "the key is stronger than the address")
	require.Equal(t, old, string(outcomes[2].ID))
	require.Equal(t, before+manyKeys-3, org.Count("Lead"))
	oneByOne, _ = keysAsked(org)
	require.Zero(t, oneByOne)
	require.Equal(t, manyKeys, org.Count("Task"))
}

func TestManyKnownLeadsAreAskedForKeyByKey(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t, sftest.WithLogSize(1000))
	org.AddExternalID("Lead", "Contact", "Task")
	leads := longIDs(manyKeys)
	first, err := scenario.SyncerOf(t, org, nil).Sync(t.Context(), leads...)
	require.NoError(t, err)
	org.Update("Lead", string(first[7].ID), map[string]any{"Email": "moved@example.com"})
	scenario.InsertLead(org, leads[7].LastName, leads[7].Email)
	again := scenario.SyncerOf(t, org, together())
	org.ResetLog()

	outcomes, err := again.Sync(t.Context(), leads...)

	require.NoError(t, err)
	oneByOne, _ := keysAsked(org)
	require.Positive(t, oneByOne, "more of them are in the org than one page has")
	for i, out := range outcomes {
		require.Equal(t, first[i].ID, out.ID)
	}
	require.Equal(t, manyKeys, org.Count("Task"))
}

// refusingLike is a client of an org that refuses LIKE, as for an encrypted field.
type refusingLike struct {
	*salesforce.Client
}

func (c refusingLike) Read(ctx context.Context, reads ...salesforce.Read) ([]salesforce.ReadResult, error) {
	results, err := c.Client.Read(ctx, reads...)
	for i := range results {
		if reads[i].Query != nil && strings.Contains(reads[i].Query.String(), " LIKE ") {
			results[i] = salesforce.ReadResult{Err: errors.New("refused")}
		}
	}
	return results, err
}

func TestRefusedCoverLeavesTheKeysToBeAskedForOneByOne(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t, sftest.WithLogSize(1000))
	org.AddExternalID("Lead", "Contact", "Task")
	leads := longIDs(manyKeys)
	own, old := knownOf(t, org, leads)
	syncer, err := leadsync.New(refusingLike{scenario.ClientOf(t, org)}, together())
	require.NoError(t, err)

	outcomes, err := syncer.Sync(t.Context(), leads...)

	require.NoError(t, err)
	oneByOne, covers := keysAsked(org)
	require.Positive(t, oneByOne)
	require.Positive(t, covers)
	require.Equal(t, own, string(outcomes[0].ID))
	require.Equal(t, old, string(outcomes[2].ID))
	require.Equal(t, manyKeys, org.Count("Task"))
}

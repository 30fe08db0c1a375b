// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// statusOrg returns an org with a campaign, and a Syncer that has read it and gives members its
// status Met.
func statusOrg(t *testing.T) (*sftest.Org, *leadsync.Syncer) {
	t.Helper()
	org := sftest.NewOrg(t)
	campaign := scenario.Expo(org)
	syncer := scenario.SyncerOf(t, org, &leadsync.Config{
		Campaigns: []leadsync.CampaignLink{{CampaignID: campaign, Status: "Met"}}})
	scenario.SyncOne(t, syncer, statusLead(0))
	require.Equal(t, "Met", org.Rows("CampaignMember")[0]["Status"])
	return org, syncer
}

func statusLead(n int) *leadsync.Lead {
	lead := scenario.Ada()
	lead.ID, lead.Email = leadsync.LeadID(fmt.Sprint("S", n)), fmt.Sprintf("s%d@analytical.example", n)
	return lead
}

func renameStatus(org *sftest.Org, from, to string) {
	for _, row := range org.Rows("CampaignMemberStatus") {
		if row["Label"] == from {
			org.Update("CampaignMemberStatus", row["Id"].(string), map[string]any{"Label": to})
		}
	}
}

// Salesforce refuses no status that a campaign does not have, but sets the default one: a process
// that has read the old name must not give members another status in silence.
func TestRenamedMemberStatusIsNoticedByTheNextBatch(t *testing.T) {
	t.Parallel()
	org, syncer := statusOrg(t)
	renameStatus(org, "Met", "Visited")
	calls := org.Calls()
	outcomes, err := syncer.Sync(t.Context(), statusLead(1))
	require.ErrorIs(t, err, leadsync.CampaignStatus)
	require.Equal(t, []string{"Status"}, outcomes[0].Err.Fields)
	require.Len(t, org.Rows("CampaignMember"), 1, "none with another status")
	require.Equal(t, calls+3, org.Calls(), "the look-up, one reading of the org, the person")

	calls = org.Calls()
	_, err = syncer.Sync(t.Context(), statusLead(2))
	require.ErrorIs(t, err, leadsync.CampaignStatus)
	require.Equal(t, calls+2, org.Calls(), "the org is read once")

	renameStatus(org, "Visited", "Met")
	scenario.SyncOne(t, syncer, statusLead(2))
	require.Equal(t, "Met", org.Rows("CampaignMember")[1]["Status"])
}

// What asks for the statuses costs no call, and a status that is not there any more none of
// another lead's.
func TestMemberStatusesCostNoCall(t *testing.T) {
	t.Parallel()
	org, syncer := statusOrg(t)
	calls := org.Calls()
	var leads []*leadsync.Lead
	for n := range 200 {
		leads = append(leads, statusLead(n))
	}
	_, err := syncer.Sync(t.Context(), leads...)
	require.NoError(t, err)
	require.Equal(t, calls+2, org.Calls())
}

// A member whom a flow has added since the look-up gets the status of the link all the same.
func TestMemberWhoJoinedMeanwhileGetsTheStatus(t *testing.T) {
	t.Parallel()
	for _, stored := range []bool{true, false} {
		org := sftest.NewOrg(t)
		campaign := scenario.Expo(org)
		contact := org.Insert("Contact", map[string]any{"FirstName": "Ada", "LastName": "Lovelace",
			"Email": scenario.Ada().Email})
		syncer := scenario.SyncerOf(t, org, &leadsync.Config{
			Campaigns: []leadsync.CampaignLink{{CampaignID: campaign, Status: "Met"}}})
		var once sync.Once
		org.Fail(func(r *http.Request, _ int) *sftest.Fault {
			if body, _ := io.ReadAll(r.Body); strings.Contains(string(body), `"method":"P`) {
				once.Do(func() {
					org.Insert("CampaignMember", map[string]any{"CampaignId": string(campaign), "ContactId": contact})
				})
			}
			return nil
		})
		if stored {
			_, err := syncer.Capture(t.Context(), scenario.Ada())
			require.NoError(t, err)
			require.NoError(t, syncer.Drain(t.Context()))
		} else {
			scenario.SyncOne(t, syncer, scenario.Ada())
		}
		require.Equal(t, "Met", org.Rows("CampaignMember")[0]["Status"])
		calls := org.Calls()
		scenario.SyncOne(t, syncer, scenario.Ada())
		require.Equal(t, calls+1, org.Calls(), "nothing is left to write")
	}
}

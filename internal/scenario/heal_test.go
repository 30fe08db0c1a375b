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
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// beforeTheWrite does something to the org between a sync's lookup and its
// first write.
func beforeTheWrite(org *sftest.Org, do func()) {
	var once sync.Once
	org.Fail(func(r *http.Request, _ int) *sftest.Fault {
		if scenario.WritesRecords(r) {
			once.Do(do)
		}
		return nil
	})
}

// keyOfL1 is the key of the person of lead "L1".
const keyOfL1 = "ls1:0:,1:p,4:%4c1,"

func TestRecordThatHasOurKeyIsAdopted(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	org.AddExternalID("Lead", "Task")
	lead := scenario.Ada()
	lead.Activities = []leadsync.Activity{{ID: "a", Kind: leadsync.ActivityCall}}
	var there string
	beforeTheWrite(org, func() {
		there = org.Insert("Lead", map[string]any{"LastName": "Lovelace", "Company": "AE", "LeadsyncKey__c": keyOfL1})
	})

	out := scenario.SyncOne(t, scenario.SyncerOf(t, org, nil), lead)

	require.Equal(t, there, string(out.ID))
	require.Equal(t, 1, org.Count("Lead"))
	require.Equal(t, there, org.Rows("Task")[0]["WhoId"])
	require.Equal(t, "Ada", org.Row("Lead", there)["FirstName"])
}

func TestRecordDeletedBetweenLookupAndWriteIsLookedUpAgain(t *testing.T) {
	t.Parallel()
	for name, edit := range map[string]func(org *sftest.Org, id string) (want string){
		"deleted":   func(org *sftest.Org, id string) string { org.Delete("Lead", id); return "" },
		"converted": func(org *sftest.Org, id string) string { contact, _ := org.Convert(id); return contact },
		"merged": func(org *sftest.Org, id string) string {
			other := scenario.InsertLead(org, "Lovelace", "ada@analytical.example")
			org.Merge("Lead", other, id)
			return other
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			org := sftest.NewOrg(t)
			id := scenario.InsertLead(org, "Lovelace", "ada@analytical.example")
			lead := scenario.Ada()
			lead.Activities = []leadsync.Activity{{ID: "a", Kind: leadsync.ActivityCall}}
			var want string
			beforeTheWrite(org, func() { want = edit(org, id) })

			out := scenario.SyncOne(t, scenario.SyncerOf(t, org, nil), lead)

			if want != "" {
				require.Equal(t, want, string(out.ID))
			}
			require.NotEqual(t, id, string(out.ID))
			require.Equal(t, 1, org.Count("Task"))
			require.Equal(t, string(out.ID), org.Rows("Task")[0]["WhoId"])
		})
	}
}

func TestFailedPersonTakesNoChildWithIt(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	org.AddRule("Lead", sftest.Rule{Name: "No", Message: "no", Refuses: func(row map[string]any) bool {
		return row["LastName"] == "Lovelace"
	}})
	bad, good := scenario.Ada(), scenario.Ada()
	good.ID, good.Email, good.LastName = "L2", "charles@analytical.example", "Babbage"
	bad.Activities = []leadsync.Activity{{Kind: leadsync.ActivityCall}}
	good.Activities = bad.Activities

	outcomes, err := scenario.SyncerOf(t, org,
		&leadsync.Config{Campaigns: []leadsync.CampaignLink{{CampaignID: scenario.Expo(org)}}}).Sync(t.Context(), bad, good)

	require.ErrorIs(t, err, leadsync.DataValueValidation)
	require.Equal(t, leadsync.Failed, outcomes[0].Stage)
	for _, part := range outcomes[0].Parts[1:] {
		require.Empty(t, part.Action)
		require.Nil(t, part.Err, "what was not reached has no error of its own")
	}
	require.Equal(t, leadsync.Cleared, outcomes[1].Stage)
	require.Equal(t, 1, org.Count("CampaignMember"))
	require.Equal(t, 1, org.Count("Task"))
}

func TestDeactivatedUserIsTheConnectionsFaultNotTheLeads(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	beforeTheWrite(org, org.DeactivateUser)

	outcomes, err := scenario.SyncerOf(t, org, nil).Sync(t.Context(), scenario.Ada())

	require.ErrorIs(t, err, leadsync.Authentication)
	require.Equal(t, leadsync.PreSync, outcomes[0].Stage)
	require.ErrorIs(t, outcomes[0].Err, leadsync.Authentication)
}

func TestRecordThatHasOurKeyGetsTheValues(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	org.AddExternalID("Lead", "Task")
	var there string
	beforeTheWrite(org, func() {
		there = org.Insert("Lead", map[string]any{"LastName": "Lovelace", "Company": "AE", "LeadsyncKey__c": keyOfL1})
	})
	out := scenario.SyncOne(t, scenario.SyncerOf(t, org, nil), scenario.Ada())
	require.Equal(t, there, string(out.ID))
	require.Equal(t, "Ada", org.Row("Lead", there)["FirstName"])
}

func TestLeadWhoseLookupIsRefusedFailsAlone(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	org.Fail(func(r *http.Request, _ int) *sftest.Fault {
		body, _ := io.ReadAll(r.Body)
		if strings.Contains(string(body), "poison") {
			return &sftest.Fault{Status: http.StatusBadRequest,
				Body: `[{"errorCode":"QUERY_TOO_COMPLICATED","message":"too much"}]`}
		}
		return nil
	})
	var leads []*leadsync.Lead
	for i := range 20 {
		lead := scenario.Ada()
		lead.ID, lead.Email = leadsync.LeadID(fmt.Sprint(i)), fmt.Sprintf("p%d@analytical.example", i)
		leads = append(leads, lead)
	}
	leads[13].Email = "poison@analytical.example"

	outcomes, err := scenario.SyncerOf(t, org, nil).Sync(t.Context(), leads...)

	var batch *leadsync.BatchError
	require.ErrorAs(t, err, &batch)
	require.Len(t, batch.Failed, 1)
	require.ErrorIs(t, batch.Failed[13], leadsync.Unknown)
	require.Equal(t, leadsync.Failed, outcomes[13].Stage)
	require.Equal(t, 19, org.Count("Lead"))
}

// The lookup is split because of the first lead, and the connection ends before
// the second half.
func TestLeadsBeyondASplitThatEndsKeepTheirPlace(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	org.Fail(func(r *http.Request, _ int) *sftest.Fault {
		body, _ := io.ReadAll(r.Body)
		switch lookup := strings.Contains(string(body), "SELECT"); {
		case lookup && strings.Contains(string(body), "poison"):
			return &sftest.Fault{Status: http.StatusBadRequest,
				Body: `[{"errorCode":"QUERY_TOO_COMPLICATED","message":"too much"}]`}
		case lookup && strings.Contains(string(body), "later"):
			return &sftest.Fault{Status: http.StatusForbidden, Body: `[{"errorCode":"API_DISABLED_FOR_ORG","message":"no"}]`}
		}
		return nil
	})
	var leads []*leadsync.Lead
	for i, name := range []string{"poison", "good", "late", "later"} {
		lead := scenario.Ada()
		lead.ID, lead.Email = leadsync.LeadID(fmt.Sprint(i)), name+"@analytical.example"
		leads = append(leads, lead)
	}

	outcomes, err := scenario.SyncerOf(t, org, nil).Sync(t.Context(), leads...)

	require.ErrorIs(t, err, leadsync.ConnectionPermission)
	var stages []leadsync.Stage
	for i, o := range outcomes {
		require.Equal(t, leads[i].ID, o.LeadID)
		stages = append(stages, o.Stage)
	}
	require.Equal(t, []leadsync.Stage{leadsync.Failed, leadsync.Cleared, leadsync.PreSync, leadsync.PreSync}, stages)
	require.Equal(t, 1, org.Count("Lead"))
}

func TestFieldDeletedDuringTheSessionIsNoticed(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	there := scenario.InsertContact(org, "Lovelace", "ada@analytical.example")
	rows := leadsync.DefaultMapping()
	rows.Missing = mapping.Skip
	syncer := scenario.SyncerOf(t, org, &leadsync.Config{Mapper: rows})
	scenario.SyncOne(t, syncer, scenario.Ada())
	org.HideField("Contact", "MobilePhone")
	lead := scenario.Ada()
	lead.JobTitle, lead.MobilePhone = "Countess", "123"

	out := scenario.SyncOne(t, syncer, lead)

	require.Equal(t, there, string(out.ID))
	require.Equal(t, "Countess", org.Row("Contact", there)["Title"])
	require.Len(t, out.Warnings, 1)
	require.Equal(t, leadsync.MissingRemoteField, out.Warnings[0].Code)
}

// A failed or incomplete lookup must never pass for "no match".
func TestSecondLookupThatFailsFailsTheBatch(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	campaign := scenario.Expo(org)
	there := scenario.InsertContact(org, "Lovelace", "other@analytical.example")
	lead := scenario.Ada()
	lead.ContactID = salesforce.ID(there)
	syncer := scenario.SyncerOf(t, org, &leadsync.Config{Campaigns: []leadsync.CampaignLink{{CampaignID: campaign}}})
	_, err := syncer.Preflight(t.Context())
	require.NoError(t, err)
	org.Fail(func(_ *http.Request, n int) *sftest.Fault {
		if n > 1 { // the members of a person who was found by id are asked for once that is known
			return &sftest.Fault{Status: http.StatusServiceUnavailable}
		}
		return nil
	})

	outcomes, err := syncer.Sync(t.Context(), lead)

	require.ErrorIs(t, err, leadsync.RemoteUnavailable)
	require.Equal(t, leadsync.PreSync, outcomes[0].Stage)
	require.Zero(t, scenario.WritesOf(org))
}

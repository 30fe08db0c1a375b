// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

func TestProbeThatCannotBeAskedFailsItsLeadAlone(t *testing.T) {
	t.Parallel()
	for name, probe := range map[string]leadtype.Probe{
		"object of no person": {Object: "Task", Field: "Subject", Value: "x"},
		"a number":            {Object: "Lead", Field: "NumberOfEmployees", Value: "5"},
		"long text":           {Object: "Lead", Field: "Description", Value: "5"},
		"a reference":         {Object: "Lead", Field: "OwnerId", Value: "005000000000001"},
		"unknown field":       {Object: "Lead", Field: "Nope__c", Value: "5"},
		"compound":            {Object: "Lead", Field: "Address", Value: "5"},
		"empty object":        {Object: "", Field: "Email", Value: "5"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			org := sftest.NewOrg(t)
			scenario.InsertLead(org, "Lovelace", "ada@analytical.example")
			odd, good := scenario.Ada(), scenario.Ada()
			good.ID, good.Email, good.Strategy = "L2", "b@analytical.example", "leads-only"
			syncer := scenario.SyncerOf(t, org, &leadsync.Config{Strategy: scenario.Probing{probe}})
			outcomes, _ := syncer.Sync(t.Context(), odd, good)
			require.Equal(t, leadsync.Failed, outcomes[0].Stage)
			require.Equal(t, leadsync.Cleared, outcomes[1].Stage)
		})
	}
}

func TestProbeIsSpeltAsSalesforceSpellsIt(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	id := scenario.InsertLead(org, "Lovelace", "ada@analytical.example")

	out := scenario.SyncOne(t,
		scenario.SyncerOf(t, org,
			&leadsync.Config{Strategy: scenario.Probing{{Object: "lead", Field: "email", Value: "ada@analytical.example"}}}),
		scenario.Ada())

	require.Equal(t, id, string(out.ID))
	require.Equal(t, "Lead by e-mail", out.Trace.Rule)
}

func TestOverlongValueFailsNoOtherLeadsLookup(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 5000)
	for name, edit := range map[string]func(*leadsync.Lead){
		"email":   func(l *leadsync.Lead) { l.Email = long + "@analytical.example" },
		"company": func(l *leadsync.Lead) { l.Company = long },
		"website": func(l *leadsync.Lead) { l.Website = long + ".com" },
		"rep":     func(l *leadsync.Lead) { l.CapturedBy = long + "@analytical.example" },
		"last":    func(l *leadsync.Lead) { l.Email, l.LastName = "", long },
		"ids":     func(l *leadsync.Lead) { l.ContactID, l.LeadID = salesforce.ID(long), salesforce.ID(long) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			org := sftest.NewOrg(t)
			odd, good := scenario.Ada(), scenario.Ada()
			good.ID, good.Email, good.Company = "L2", "b@other.example", "Other"
			edit(odd)
			syncer := scenario.SyncerOf(t, org, &leadsync.Config{Strategy: leadsync.AccountsAndContacts,
				Campaigns: []leadsync.CampaignLink{{CampaignID: scenario.Expo(org)}}})
			odd.Activities = []leadsync.Activity{{Kind: leadsync.ActivityCall}}
			outcomes, _ := syncer.Sync(t.Context(), odd, good)
			require.Equal(t, leadsync.Cleared, outcomes[1].Stage)
			n := org.Count("Account")
			_, _ = syncer.Sync(t.Context(), odd, good)
			require.Equal(t, n, org.Count("Account"), "the account whose name was cut is known again")
		})
	}
}

func TestHiddenFieldIsLeftOutOfTheLookup(t *testing.T) {
	t.Parallel()
	for name, hide := range map[string]func(*sftest.Org){
		"Contact.Email":            func(o *sftest.Org) { o.HideField("Contact", "Email") },
		"Contact":                  func(o *sftest.Org) { o.Forbid("Contact", "read") },
		"Account":                  func(o *sftest.Org) { o.Forbid("Account", "read") },
		"Task.ActivityDate":        func(o *sftest.Org) { o.HideField("Task", "ActivityDate") },
		"Task.Description":         func(o *sftest.Org) { o.HideField("Task", "Description") },
		"Lead.MasterRecordId":      func(o *sftest.Org) { o.HideField("Lead", "MasterRecordId") },
		"Lead.IsConverted":         func(o *sftest.Org) { o.HideField("Lead", "IsConverted") },
		"Lead.ConvertedContactId":  func(o *sftest.Org) { o.HideField("Lead", "ConvertedContactId") },
		"CampaignMember.ContactId": func(o *sftest.Org) { o.HideField("CampaignMember", "ContactId") },
		"CampaignMember.Status":    func(o *sftest.Org) { o.HideField("CampaignMember", "Status") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			org := sftest.NewOrg(t)
			campaign := scenario.Expo(org)
			hide(org)
			syncer := scenario.SyncerOf(t, org,
				&leadsync.Config{Strategy: leadsync.LeadsOnly, Campaigns: []leadsync.CampaignLink{{CampaignID: campaign}}})
			known, blank := scenario.Ada(), scenario.Ada()
			known.LeadID = salesforce.ID(scenario.InsertLead(org, "Byron", "byron@x.example"))
			blank.ID, blank.Email = "L2", ""
			known.Activities = []leadsync.Activity{{Kind: leadsync.ActivityCall,
				At: time.Date(2026, 5, 4, 0, 0, 0, 0, time.UTC)}}
			_, err := syncer.Sync(t.Context(), known, blank)
			require.NoError(t, err)
			_, err = syncer.Sync(t.Context(), known, blank)
			require.NoError(t, err)
			require.Equal(t, 2, org.Count("Lead"))
			require.Equal(t, 2, org.Count("CampaignMember"))
			require.Equal(t, 1, org.Count("Task"))
		})
	}
}

func TestLeadThatOnlyAHiddenFieldIdentifiesFailsAlone(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	org.HideField("Lead", "Email")
	blank := scenario.Ada()
	blank.Email = ""
	outcomes, _ := scenario.SyncerOf(t, org, &leadsync.Config{Strategy: leadsync.LeadsOnly,
		Campaigns: []leadsync.CampaignLink{{CampaignID: scenario.Expo(org)}}}).Sync(t.Context(), blank)
	require.Equal(t, leadsync.Failed, outcomes[0].Stage)
	require.ErrorIs(t, outcomes[0].Err, leadsync.MissingRemoteField)
}

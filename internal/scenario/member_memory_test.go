// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/revert"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// expo is a desk whose leads join a campaign, with the booth where they were.
func expo(t *testing.T, write mapping.WriteRule) *desk {
	d := newDesk(t, leadsync.Config{})
	d.org.DefineField("CampaignMember", sftest.Field{Name: "Booth__c", Type: "string"})
	campaign := d.org.Insert("Campaign", map[string]any{"Name": "Expo", "IsActive": true})
	for i, label := range []string{"Registered", "Attended"} {
		d.org.Insert("CampaignMemberStatus", map[string]any{"CampaignId": campaign, "Label": label, "SortOrder": 10 + i})
	}
	d.cfg.Campaigns = []leadsync.CampaignLink{{CampaignID: salesforce.ID(campaign), Status: "Attended",
		Fields: []leadsync.Rule{{Source: "custom.booth", Field: "Booth__c", Write: write}}}}
	return d
}

func atBooth(booth string) *leadsync.Lead {
	return later(visitor(), func(l *leadsync.Lead) { l.Custom = map[string]any{"booth": booth} })
}

func (d *desk) member() map[string]any {
	d.t.Helper()
	rows := d.org.Rows("CampaignMember")
	require.Len(d.t, rows, 1)
	return rows[0]
}

// Before, each activity wrote the membership again, over what a rep had corrected.
func TestALateActivityLeavesTheMembershipAlone(t *testing.T) {
	t.Parallel()
	d := expo(t, mapping.Overwrite)
	d.sync(atBooth("A1"))
	d.org.Update("CampaignMember", d.member()["Id"].(string), map[string]any{"Booth__c": "B2", "Status": "Registered"})
	d.syncWith(func(s *leadsync.Syncer) error {
		return s.CaptureActivities(t.Context(), "L1", leadsync.Activity{Kind: leadsync.ActivityEmail, Notes: "sent"})
	})
	require.Equal(t, []any{"B2", "Registered"}, []any{d.member()["Booth__c"], d.member()["Status"]})
	require.Equal(t, 1, d.org.Count("Task"))

	// Another value is written, as the row says.
	out := d.sync(atBooth("A3"))["L1"]
	require.Equal(t, []any{"A3", "Attended"}, []any{d.member()["Booth__c"], d.member()["Status"]})

	// What is reverted is written again.
	d.revert(out)
	require.Equal(t, "B2", d.member()["Booth__c"])
	d.push(leadsync.Filter{})
	require.Equal(t, "A3", d.member()["Booth__c"])
}

// Before, unless-edited never updated a field of a membership.
func TestACorrectionOfAMembershipStays(t *testing.T) {
	t.Parallel()
	d := expo(t, mapping.UnlessEdited)
	d.sync(atBooth("A1"))
	require.Empty(t, warned(d.sync(atBooth("A2"))["L1"], "Booth__c"))
	require.Equal(t, "A2", d.member()["Booth__c"])
	d.org.Update("CampaignMember", d.member()["Id"].(string), map[string]any{"Booth__c": "B2"})
	require.Equal(t, []leadtype.WarningKind{leadtype.KeptEdited}, warned(d.sync(atBooth("A3"))["L1"], "Booth__c"))
	require.Equal(t, "B2", d.member()["Booth__c"])
	d.org.Update("CampaignMember", d.member()["Id"].(string), map[string]any{"Booth__c": nil})
	require.Equal(t, []leadtype.WarningKind{leadtype.KeptCleared}, warned(d.sync(atBooth("A4"))["L1"], "Booth__c"))
	require.Nil(t, d.member()["Booth__c"])
}

// The control: without the memory nothing of a membership is kept up to date.
func TestACorrectionOfAMembershipNeedsTheMemory(t *testing.T) {
	t.Parallel()
	d := expo(t, mapping.UnlessEdited)
	d.store = amnesiacStore{d.store}
	d.sync(atBooth("A1"))
	require.Equal(t, []leadtype.WarningKind{leadtype.KeptExisting}, warned(d.sync(atBooth("A2"))["L1"], "Booth__c"))
}

// Sync without a store remembers memberships, and what it has settled, within its process.
func TestSyncRemembersMembershipsAndSettledParts(t *testing.T) {
	t.Parallel()
	d := expo(t, mapping.UnlessEdited)
	d.cfg.Mapper = overwritingAll()
	syncer := scenario.SyncerOf(t, d.org, &d.cfg)
	out := scenario.SyncOne(t, syncer, atBooth("A1"))
	scenario.SyncOne(t, syncer, atBooth("A2"))
	require.Equal(t, "A2", d.member()["Booth__c"])
	d.edit(out, map[string]any{"Title": "Chief Officer"})
	d.org.Update("CampaignMember", d.member()["Id"].(string), map[string]any{"Booth__c": "B2"})
	d.org.ResetLog()
	scenario.SyncOne(t, syncer, atBooth("A2"))
	require.Zero(t, scenario.WritesOf(d.org))

	out = scenario.SyncOne(t, syncer, later(atBooth("A2"), func(l *leadsync.Lead) { l.JobTitle = "Manager" }))
	require.Equal(t, "Manager", d.org.Row("Lead", string(out.ID))["Title"])
	require.Equal(t, "B2", d.member()["Booth__c"])
	_, err := syncer.Revert(t.Context(), []*leadsync.Outcome{out}, revert.Options{})
	require.NoError(t, err)
	scenario.SyncOne(t, syncer, later(atBooth("A2"), func(l *leadsync.Lead) { l.JobTitle = "Manager" }))
	require.Equal(t, "Manager", d.org.Row("Lead", string(out.ID))["Title"])
}

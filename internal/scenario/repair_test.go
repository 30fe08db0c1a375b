// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce/sftest"
	"github.com/leadsync/leadsync/store/memory"
)

// brokenOrg returns an org that lacks what three leads need, the leads, a configuration,
// and what repairs the org.
func brokenOrg(t *testing.T) (*sftest.Org, []*leadsync.Lead, *leadsync.Config, func()) {
	t.Helper()
	org := sftest.NewOrg(t)
	picklist := func(options ...string) {
		org.DefineField("Lead", sftest.Field{Name: "Pick__c", Type: "picklist", Restricted: true, Options: options})
	}
	picklist("A")
	org.DefineField("Lead", sftest.Field{Name: "Hidden__c"})
	org.HideField("Lead", "Hidden__c")
	campaign := scenario.Expo(org)
	mapper := leadsync.DefaultMapping()
	mapper.Sections[0].Rules = append(mapper.Sections[0].Rules,
		leadsync.Rule{Source: "custom.hidden", Field: "Hidden__c", Missing: mapping.Fail},
		leadsync.Rule{Source: "custom.pick", Field: "Pick__c"})
	leads := expoLeads(3)
	for i, lead := range leads {
		lead.EventID = "other"
		switch i {
		case 0:
			lead.Custom = map[string]any{"pick": "B"}
		case 1:
			lead.Custom = map[string]any{"hidden": "x"}
		case 2:
			lead.EventID = "ev"
		}
	}
	cfg := &leadsync.Config{Mapper: mapper, Strategy: leadsync.LeadsOnly,
		Campaigns: []leadsync.CampaignLink{{EventID: "ev", CampaignID: campaign, Status: "Talked"}}}
	return org, leads, cfg, func() {
		picklist("A", "B")
		org.DefineField("Lead", sftest.Field{Name: "Hidden__c"})
		org.Insert("CampaignMemberStatus", map[string]any{"CampaignId": string(campaign), "Label": "Talked", "SortOrder": 20})
	}
}

// TestARepairIsSeenByTheNextPush pushes leads right after the org was repaired: in the
// process that found the failures, and in another one that knows the org of before.
func TestARepairIsSeenByTheNextPush(t *testing.T) {
	t.Parallel()
	for _, other := range []bool{false, true} {
		t.Run(fmt.Sprintf("in another process %v", other), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				org, leads, cfg, repair := brokenOrg(t)
				cfg.Store = memory.New(nil)
				first := timelessSyncer(t, org, cfg)
				second := timelessSyncer(t, org, cfg)
				scenario.SyncOne(t, second, expoLead(10)) // knows the org
				_, err := first.Capture(t.Context(), leads...)
				require.NoError(t, err)
				require.NoError(t, first.Drain(t.Context()))
				summary, err := first.Summary(t.Context(), leadsync.Filter{})
				require.NoError(t, err)
				require.Equal(t, 3, summary.Stages[leadsync.Failed])

				time.Sleep(time.Second)
				repair()
				pushed, err := first.Push(t.Context(), leadsync.Filter{Stages: []leadsync.Stage{leadsync.Failed}})
				require.NoError(t, err)
				require.Equal(t, 3, pushed)
				drains := first
				if other {
					drains = second
				}
				require.NoError(t, drains.Drain(t.Context()))
				for _, entry := range scenario.StoredIn(t, first) {
					require.Equal(t, leadsync.Cleared, entry.Stage, "%s: %v", entry.Lead.ID, entry.Last.Err)
				}
			})
		})
	}
}

// TestARepairIsSeenByTheNextLeadThatNeedsIt syncs others of the kind minutes later.
func TestARepairIsSeenByTheNextLeadThatNeedsIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		org, leads, cfg, repair := brokenOrg(t)
		syncer := timelessSyncer(t, org, cfg)
		_, err := syncer.Sync(t.Context(), leads...)
		require.Error(t, err)
		time.Sleep(2 * time.Minute)
		repair()
		calls := org.Calls()
		outcomes, err := syncer.Sync(t.Context(), leads...)
		require.NoError(t, err)
		require.Len(t, outcomes, 3)
		require.LessOrEqual(t, org.Calls()-calls, 6)
	})
}

// The schema is looked at again once a minute at most, however often leads fail.
func TestFailuresOfTheSchemaCostOneCallAMinute(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		org, leads, cfg, _ := brokenOrg(t)
		syncer := timelessSyncer(t, org, cfg)
		sync := func() int {
			calls := org.Calls()
			_, err := syncer.Sync(t.Context(), leads[0])
			require.Error(t, err)
			return org.Calls() - calls
		}
		sync()
		without := sync()
		total := 0
		for range 60 {
			total += sync() - without
			time.Sleep(10 * time.Second)
		}
		require.Positive(t, total)
		require.LessOrEqual(t, total, 10)
	})
}

// TestAPushOfNewLeadsDoesNotReadTheOrgAgain pushes leads that have not been synced yet: a
// repair of the org is nothing to them.
func TestAPushOfNewLeadsDoesNotReadTheOrgAgain(t *testing.T) {
	t.Parallel()
	for _, filter := range []leadsync.Filter{{}, {Stages: []leadsync.Stage{leadsync.PreSync}}} {
		org := sftest.NewOrg(t)
		syncer := scenario.SyncerOf(t, org, &leadsync.Config{Mode: leadsync.Manual})
		_, err := syncer.Preflight(t.Context())
		require.NoError(t, err)
		_, err = syncer.Capture(t.Context(), expoLeads(3)...)
		require.NoError(t, err)
		pushed, err := syncer.Push(t.Context(), filter)
		require.NoError(t, err)
		require.Equal(t, 3, pushed)
		calls := org.Calls()
		require.NoError(t, syncer.Drain(t.Context()))
		require.EqualValues(t, 2, org.Calls()-calls, "a lookup and a write")
	}
}

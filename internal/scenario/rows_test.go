// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// Triggers of the org stand only so many rows at a time.
func TestLeadsClearHoweverFewRowsAutomationStands(t *testing.T) {
	t.Parallel()
	n := sized(120, 1000)
	for _, object := range []string{"Lead", "Task", "CampaignMember"} {
		for _, rows := range []int{30, 1, 10, 60, 150}[:sized(2, 5)] {
			for _, drains := range []bool{true, false}[:sized(1, 2)] {
				t.Run(fmt.Sprintf("%s, %d rows, drains %v", object, rows, drains), func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) {
						org := sftest.NewOrg(t)
						org.OnBatch(object, func(n int) *sftest.RowError {
							if n > rows {
								return sftest.FailedTrigger("Rollup", "AfterInsert",
									"System.LimitException: Apex CPU time limit exceeded")
							}
							return nil
						})
						leads, cfg := scenario.EventMix(org, 2*n)
						ideal := 4 + (n*9/10-1)/max(5*rows, 25) // the calls without the trigger, and those that it adds
						if object == "Lead" {
							leads, cfg, ideal = expoLeads(2*n), new(leadsync.Config), 2+(n-1)/max(5*rows, 25)
						}
						cfg.Strategy = leadsync.LeadsOnly
						syncer := timelessSyncer(t, org, cfg)
						var waves [2]int
						for k, wave := range [][]*leadsync.Lead{leads[:n], leads[n:]} {
							calls := org.Calls()
							clearAll(t, syncer, wave, drains)
							waves[k] = org.Calls() - calls
						}
						t.Logf("%d rows of %s: ideal %d, first and second %v", rows, object, ideal, waves)
						require.LessOrEqual(t, waves[0], 2*ideal+(1000-n)/500)
						require.LessOrEqual(t, float64(waves[1]), 1.2*float64(ideal)+float64(1000-n)/500) // a call more for few leads
					})
				})
			}
		}
	}
}

// clearAll syncs leads, which must all clear.
func clearAll(t *testing.T, syncer *leadsync.Syncer, leads []*leadsync.Lead, drains bool) {
	t.Helper()
	if !drains {
		outcomes, err := syncer.Sync(t.Context(), leads...)
		require.NoError(t, err)
		require.Len(t, outcomes, len(leads))
		return
	}
	_, err := syncer.Capture(t.Context(), leads...)
	require.NoError(t, err)
	ctx, stop := context.WithTimeout(t.Context(), time.Hour)
	defer stop()
	require.NoError(t, syncer.Drain(ctx))
	summary, err := syncer.Summary(t.Context(), leadsync.Filter{})
	require.NoError(t, err)
	require.Zero(t, summary.Stages[leadsync.Failed])
}

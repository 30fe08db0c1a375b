// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
	"github.com/leadsync/leadsync/store/memory"
)

// A host that drains for a few minutes a day uses the calls of each day: those of the last
// Drain count from when they were made, not from when the next one begins.
func TestADailyDrainUsesTheCallsOfEachDay(t *testing.T) {
	t.Parallel()
	for name, lasting := range map[string]bool{"one process": true, "new processes": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				org := sftest.NewOrg(t, sftest.WithAPILimit(8), sftest.WithNow(time.Now))
				kept := memory.New(nil)
				process := func() *leadsync.Syncer {
					client, err := salesforce.New("https://acme.my.salesforce.com",
						oauth2.StaticTokenSource(&oauth2.Token{AccessToken: org.Token()}),
						&salesforce.Config{HTTPClient: &http.Client{Transport: org.Transport()}})
					require.NoError(t, err)
					syncer, err := leadsync.New(client, &leadsync.Config{Store: kept, BatchSize: 100, APIBudget: 1})
					require.NoError(t, err)
					return syncer
				}
				syncer := process()
				_, err := syncer.Capture(t.Context(), expoLeads(500)...)
				require.NoError(t, err)
				for day := range 3 {
					before := org.Count("Lead")
					ctx, stop := context.WithTimeout(t.Context(), 3*time.Minute)
					_ = syncer.Drain(ctx) // which ends with the calls of the day
					stop()
					require.Truef(t, org.Count("Lead") > before || before == 500, "day %d: %d Leads", day, before)
					time.Sleep(25 * time.Hour)
					if !lasting {
						syncer = process()
					}
				}
				require.Equal(t, 500, org.Count("Lead"))
			})
		})
	}
}

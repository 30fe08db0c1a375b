// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/internal/turn"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// A rush is leads that many goroutines sync at once, and the records that they must be.
type rush struct {
	strategy leadsync.Strategy
	lead     func(i int) *leadsync.Lead
	want     map[string]int
}

// rushes are leads that are one lead, one person or one company.
func rushes() map[string]rush {
	lead := func(id, email, company string) *leadsync.Lead {
		return &leadsync.Lead{ID: leadsync.LeadID(id), FirstName: "Ada", LastName: "Love", Email: email, Company: company,
			EventID: "expo"}
	}
	numbered := func(text string, i int) string { return fmt.Sprintf(text, i) }
	return map[string]rush{
		"one lead": {leadsync.LeadsAndContacts,
			func(int) *leadsync.Lead { return lead("L", "ada@acme.example", "Acme") },
			map[string]int{"Lead": 1, "CampaignMember": 1}},
		"one lead without an address": {leadsync.LeadsAndContacts,
			func(int) *leadsync.Lead { return lead("L", "", "Acme") },
			map[string]int{"Lead": 1, "CampaignMember": 1}},
		"one person": {leadsync.LeadsAndContacts,
			func(i int) *leadsync.Lead { return lead(numbered("L%d", i), "ada@acme.example", "Acme") },
			map[string]int{"Lead": 1, "CampaignMember": 1}},
		"one person, in other words": {leadsync.LeadsOnly, func(i int) *leadsync.Lead {
			spelt := []string{"ada@acme.example", " Ada@ACME.example", "ada@acme.example\u200b"}[i%3]
			return lead(numbered("L%d", i), spelt, "Acme")
		}, map[string]int{"Lead": 1, "CampaignMember": 1}},
		"one Contact": {leadsync.AccountsAndContacts,
			func(i int) *leadsync.Lead { return lead(numbered("L%d", i), "ada@acme.example", "Acme") },
			map[string]int{"Account": 1, "Contact": 1, "CampaignMember": 1}},
		"one company": {leadsync.AccountsAndContacts,
			func(i int) *leadsync.Lead { return lead(numbered("L%d", i), numbered("p%d@acme.example", i), "Acme") },
			map[string]int{"Account": 1, "Contact": 8, "CampaignMember": 8}},
		"one company by name": {leadsync.AccountsAndContacts, func(i int) *leadsync.Lead {
			return lead(numbered("L%d", i), numbered("p%d@gmail.com", i), []string{"Acme", "ACME Inc.", "acme GmbH"}[i%3])
		}, map[string]int{"Account": 1, "Contact": 8, "CampaignMember": 8}},
	}
}

// sync syncs the leads of a rush, each lead by a goroutine of its own, and returns what the org
// holds. apart says that each has a process of its own, in which nothing takes turns.
func (c *rush) sync(t *testing.T, keyed, apart bool, syncers int) map[string]int {
	org := sftest.NewOrg(t, sftest.WithLatency(20*time.Millisecond))
	if keyed {
		org.AddExternalID("Lead", "Contact", "Account", "Task")
	}
	cfg := &leadsync.Config{Strategy: c.strategy, Campaigns: []leadsync.CampaignLink{{CampaignID: scenario.Expo(org)}}}
	var all []*leadsync.Syncer
	for range syncers {
		all = append(all, timelessSyncer(t, org, cfg))
	}
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			ctx := t.Context()
			if apart {
				ctx = turn.Apart(ctx)
			}
			outcomes, err := all[i%len(all)].Sync(ctx, c.lead(i))
			if !apart {
				require.NoError(t, err)
				require.Equal(t, leadsync.Cleared, outcomes[0].Stage)
			}
		})
	}
	wg.Wait()
	got := make(map[string]int)
	for _, object := range []string{"Lead", "Contact", "Account", "CampaignMember"} {
		if n := org.Count(object); n > 0 {
			got[object] = n
		}
	}
	return got
}

func TestConcurrentSyncsOfOnePersonOrCompanyMakeOneRecord(t *testing.T) {
	t.Parallel()
	for name, c := range rushes() {
		for _, keyed := range []bool{false, true} {
			for _, syncers := range []int{2, 1}[:sized(1, 2)] {
				t.Run(fmt.Sprintf("%s, keys %t, %d syncers", name, keyed, syncers), func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) {
						require.Equal(t, c.want, c.sync(t, keyed, false, syncers))
					})
				})
			}
		}
	}
}

// Without turns, as in processes that have no Store in common, records are doubled. Key
// fields prevent that of one lead id and of one company.
func TestConcurrentSyncsDoubleWithoutTurns(t *testing.T) {
	t.Parallel()
	for name, c := range rushes() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				require.NotEqual(t, c.want, c.sync(t, false, true, 1))
			})
			if name == "one lead" || name == "one lead without an address" || name == "one company" {
				synctest.Test(t, func(t *testing.T) {
					require.Equal(t, c.want, c.sync(t, true, true, 1), "with key fields")
				})
			}
		})
	}
}

// Run is one of those who take turns, and so is a Run of another Syncer.
func TestRunBesideSyncMakesOneRecord(t *testing.T) {
	t.Parallel()
	for _, syncers := range []int{1, 2} {
		for _, apart := range []bool{false, true} {
			t.Run(fmt.Sprintf("%d syncers, apart %t", syncers, apart), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					org := sftest.NewOrg(t, sftest.WithLatency(20*time.Millisecond))
					runs := timelessSyncer(t, org, nil)
					syncs := runs
					if syncers == 2 {
						syncs = timelessSyncer(t, org, nil)
					}
					ctx, cancel := context.WithCancel(t.Context())
					if apart {
						ctx = turn.Apart(ctx)
					}
					var wg sync.WaitGroup
					wg.Go(func() { require.NoError(t, runs.Run(ctx)) })
					for i := range 10 {
						lead := scenario.Ada()
						lead.ID, lead.Email = leadsync.LeadID(fmt.Sprintf("L%d", i)), fmt.Sprintf("ada%d@analytical.example", i)
						_, err := runs.Capture(t.Context(), lead)
						require.NoError(t, err)
						second := *lead
						second.ID += "b"
						for _, lead := range []*leadsync.Lead{lead, &second} {
							wg.Go(func() { _, _ = syncs.Sync(t.Context(), lead) })
						}
					}
					time.Sleep(time.Minute)
					cancel()
					wg.Wait()
					if apart {
						require.Less(t, 10, org.Count("Lead"))
					} else {
						require.Equal(t, 10, org.Count("Lead"))
					}
				})
			})
		}
	}
}

// Different people do not wait for each other: eight at once, each by a Syncer of its
// own, take as long as one, and eight times one person take longer.
func TestSyncsOfDifferentPeopleDoNotWait(t *testing.T) {
	t.Parallel()
	took := func(n int, same bool) time.Duration {
		var d time.Duration
		synctest.Test(t, func(t *testing.T) {
			org := sftest.NewOrg(t, sftest.WithLatency(20*time.Millisecond))
			syncers := make([]*leadsync.Syncer, n)
			for i := range syncers {
				syncers[i] = timelessSyncer(t, org, &leadsync.Config{Strategy: leadsync.LeadsOnly})
				_, err := syncers[i].Preflight(t.Context())
				require.NoError(t, err)
			}
			start := time.Now()
			var wg sync.WaitGroup
			for i, syncer := range syncers {
				lead := scenario.Ada() // colleagues
				lead.ID = leadsync.LeadID(fmt.Sprintf("L%d", i))
				if !same {
					lead.Email = fmt.Sprintf("p%d@analytical.example", i)
				}
				wg.Go(func() {
					_, err := syncer.Sync(t.Context(), lead)
					require.NoError(t, err)
				})
			}
			wg.Wait()
			d = time.Since(start)
		})
		return d
	}
	one := took(1, false)
	require.Equal(t, 40*time.Millisecond, one, "two calls")
	require.Equal(t, one, took(8, false))
	require.Equal(t, one+7*20*time.Millisecond, took(8, true), "the others find that nothing is left to do")
}

// A Sync whose context ends while it waits for its turn writes nothing, and says so.
func TestSyncThatWaitsForItsTurnEndsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		org := sftest.NewOrg(t)
		syncer := timelessSyncer(t, org, nil)
		scenario.SyncOne(t, syncer, scenario.Ada())
		slow := make(chan struct{})
		org.OnRequest(func(sftest.Request) { <-slow })
		requests := len(org.Requests())
		var wg sync.WaitGroup
		wg.Go(func() {
			lead := scenario.Ada()
			lead.JobTitle = "Countess"
			_, err := syncer.Sync(t.Context(), lead)
			require.NoError(t, err)
		})
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		lead := scenario.Ada()
		lead.ID = "L2"
		outcomes, err := syncer.Sync(ctx, lead)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Equal(t, leadsync.PreSync, outcomes[0].Stage)
		require.ErrorIs(t, outcomes[0].Err, leadsync.BatchCollateral)
		require.Empty(t, outcomes[0].Parts)
		close(slow)
		wg.Wait()
		require.Equal(t, requests+2, len(org.Requests()), "the other Sync's two")
		require.Equal(t, 1, org.Count("Lead"))
		_, err = syncer.Sync(t.Context(), lead)
		require.NoError(t, err)
		require.Equal(t, 1, org.Count("Lead"))
	})
}

// A plan that a host has kept takes its turn, too.
func TestApplyTakesItsTurn(t *testing.T) {
	t.Parallel()
	for _, apart := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			org := sftest.NewOrg(t, sftest.WithLatency(20*time.Millisecond))
			syncer := timelessSyncer(t, org, nil)
			plan, err := syncer.Plan(t.Context(), scenario.Ada())
			require.NoError(t, err)
			var wg sync.WaitGroup
			for range 3 {
				wg.Go(func() {
					ctx := t.Context()
					if apart {
						ctx = turn.Apart(ctx)
					}
					_, _ = syncer.Apply(ctx, plan)
				})
				wg.Go(func() {
					lead := scenario.Ada()
					lead.ID = "L2"
					_, _ = syncer.Sync(t.Context(), lead)
				})
			}
			wg.Wait()
			if apart {
				require.Less(t, 1, org.Count("Lead"))
			} else {
				require.Equal(t, 1, org.Count("Lead"))
			}
		})
	}
}

// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// sync syncs leads until all are cleared, and returns their outcomes.
func (c *nameless) sync(syncer *leadsync.Syncer, leads ...*leadsync.Lead) []*leadsync.Outcome {
	c.t.Helper()
	for range 5 {
		outcomes, err := syncer.Sync(c.t.Context(), leads...)
		if err == nil {
			return outcomes
		}
		require.ErrorIs(c.t, err, leadsync.UncertainWrite)
		time.Sleep(4 * time.Minute)
	}
	require.Fail(c.t, "the leads do not clear")
	return nil
}

// TestNamesakesKeepTheirRecordsWithoutAStore: Sync remembers in the process what a Store
// would, also of leads that come one by one and change in between.
func TestNamesakesKeepTheirRecordsWithoutAStore(t *testing.T) {
	for name, fault := range drops() {
		for _, lost := range []int{1, 2, 3} {
			t.Run(fmt.Sprintf("%s/write %d", name, lost), func(t *testing.T) {
				eachNameless(t, lost+len(name), func(c *nameless, leads []*leadsync.Lead) {
					c.cfg.Store = nil
					syncer := c.syncer()
					c.org.Fail(losing(fault, 0, lost))
					var want []string
					for _, lead := range leads {
						for _, a := range lead.Activities {
							want = append(want, a.Notes)
						}
						outcomes, err := syncer.Sync(c.t.Context(), lead)
						if err != nil {
							require.ErrorIs(c.t, err, leadsync.UncertainWrite)
							require.Equal(c.t, leadsync.PreSync, outcomes[0].Stage)
						}
					}
					time.Sleep(time.Minute)
					outcomes := c.sync(syncer, leads...)
					require.NoError(c.t, mixed(c.org, outcomes, want))
					before := outcomes[0].ID
					leads[0].JobTitle = "Other title of " + string(leads[0].ID)
					outcomes = c.sync(syncer, leads...)
					require.Equal(c.t, before, outcomes[0].ID)
					require.NoError(c.t, mixed(c.org, outcomes, want))
				})
			})
		}
	}
}

// lone has the create of L0 sent without a response, before or after the commit, and then
// inserts records of the same name that no lead is known to have.
func (c *nameless) lone(committed bool, titles ...string) *leadsync.Syncer {
	c.t.Helper()
	c.org.Fail(losing(sftest.Fault{DropAfter: committed, DropBefore: !committed}, 0, 1))
	syncer := c.syncer()
	c.capture(syncer, titled("L0"))
	c.run(syncer, time.Second)
	for _, title := range titles {
		c.org.Insert("Lead", map[string]any{"LastName": "visitor", "Company": " Walk-ins", "Title": title,
			"CreatedById": c.org.UserID()})
	}
	return syncer
}

// TestOneOpenCreateAndLookAlikes: what a create left is recognised by what it holds; where
// nothing tells, a person chooses.
func TestOneOpenCreateAndLookAlikes(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		committed bool
		titles    []string
		code      leadsync.Code // of the lead after an hour
		records   int           // in the org
	}{
		"its own record and another's":        {true, []string{"Driver"}, "", 2},
		"its own record and two of another's": {true, []string{"Driver", "Driver"}, "", 3},
		"one look-alike":                      {false, []string{""}, "", 1},
		"two look-alikes":                     {false, []string{"Driver", "Pilot"}, leadsync.AmbiguousMatch, 2},
		"none":                                {false, nil, "", 1},
	} {
		t.Run(name, func(t *testing.T) {
			inNameless(t, func(c *nameless) {
				syncer := c.lone(tc.committed, tc.titles...)
				c.run(syncer, time.Hour)
				entries, err := c.store.List(c.t.Context(), "default", leadsync.Filter{})
				require.NoError(c.t, err)
				require.Equal(c.t, tc.code, entries[0].Last.Code())
				require.Equal(c.t, tc.records, c.org.Count("Lead"))
				if tc.committed {
					require.Equal(c.t, "record from an earlier create whose response was lost", entries[0].Last.Trace.Rule)
				}
				if tc.code == "" {
					require.Equal(c.t, leadsync.Cleared, entries[0].Stage)
				}
			})
		})
	}
}

// TestAPersonChoosesWhatACreateLeft: Choose takes one of the records that it may have left.
func TestAPersonChoosesWhatACreateLeft(t *testing.T) {
	inNameless(t, func(c *nameless) {
		syncer := c.lone(false, "Driver", "Pilot")
		c.run(syncer, 20*time.Minute)
		entries, err := c.store.List(c.t.Context(), "default", leadsync.Filter{})
		require.NoError(c.t, err)
		require.Equal(c.t, leadsync.Failed, entries[0].Stage)
		require.Contains(c.t, leadtype.Explain(entries[0].Last), "Lead.LastName found Lead ")
		candidates := leadtype.Candidates(entries[0].Last)
		require.Len(c.t, candidates, 2)
		require.NoError(c.t, syncer.Choose(c.t.Context(), "L0", candidates[1].ID))
		c.run(syncer, 20*time.Minute)

		entries, err = c.store.List(c.t.Context(), "default", leadsync.Filter{})
		require.NoError(c.t, err)
		require.Equal(c.t, leadsync.Cleared, entries[0].Stage)
		require.Equal(c.t, candidates[1].ID, entries[0].Last.ID)
		require.Equal(c.t, 2, c.org.Count("Lead"))
		found, err := c.store.Records(c.t.Context(), "default", []salesforce.ID{candidates[1].ID})
		require.NoError(c.t, err)
		require.Contains(c.t, found, candidates[1].ID)
	})
}

// TestNamesakesSurviveWhatever draws namesakes of several kinds, captured over time and
// again with more activities, lost answers, outages, failing settlements and deaths.
func TestNamesakesSurviveWhatever(t *testing.T) {
	t.Parallel()
	for seed := range uint64(sized(8, 250)) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			inNameless(t, func(c *nameless) { c.whatever(rand.New(rand.NewPCG(seed, 1))) })
		})
	}
}

func (c *nameless) whatever(random *rand.Rand) {
	c.t.Helper()
	one := func(n int) bool { return random.IntN(n) == 0 }
	strategies := []leadsync.Strategy{leadsync.LeadsAndContacts, leadsync.AccountsAndContacts, leadsync.LeadsOnly}
	c.cfg.Strategy = strategies[random.IntN(len(strategies))]
	c.cfg.LeaseTTL, c.cfg.BatchSize = time.Minute, 1+random.IntN(5)
	if one(4) {
		c.org.AddExternalID([][]string{{"Lead", "Contact"}, {"Task"}, {"Account"}}[random.IntN(3)]...)
	}
	faults := []sftest.Fault{{DropAfter: true}, {DropBefore: true}, {CutBody: true}, {Status: 503, HTML: true},
		{CommitLater: time.Duration(1+random.IntN(500)) * time.Second}}
	settles := &failingSettle{Store: c.store}
	c.cfg.Store = settles
	syncer := c.syncer()
	names := slices.Sorted(maps.Keys(kinds()))
	leads := make(map[leadsync.LeadID]*leadsync.Lead)
	for range 2 + random.IntN(6) {
		id := leadsync.LeadID(fmt.Sprintf("L%d", len(leads)))
		if one(4) && len(leads) > 0 {
			id = leadsync.LeadID(fmt.Sprintf("L%d", random.IntN(len(leads))))
			leads[id] = changedNamesake(leads[id], random.IntN(4))
		} else {
			leads[id] = kinds()[names[random.IntN(len(names))]](id)
		}
		c.capture(syncer, leads[id])
		switch random.IntN(6) {
		case 0:
			settles.left = 1 + random.IntN(2)
		case 1, 2:
			c.org.Fail(losing(faults[random.IntN(len(faults))], random.IntN(2)*6, 1+random.IntN(2)))
		case 3:
			settles.left = 1000
			c.run(syncer, time.Second)
			settles.left = 0
			syncer = c.syncer()
		case 4:
			continue // with the next one
		}
		c.run(syncer, time.Duration(random.IntN(90))*time.Second)
	}
	settles.left = 0
	c.org.Fail(nil)
	c.run(syncer, 6*time.Hour)
	c.check()
}

// changedNamesake returns a lead with other data, by which it may be a namesake no more.
func changedNamesake(before *leadsync.Lead, what int) *leadsync.Lead {
	lead := *before
	switch what {
	case 0:
		lead.JobTitle = "Other title of " + string(lead.ID)
	case 1:
		lead.Email = strings.ToLower(string(lead.ID)) + "@unknown.example"
	case 2:
		lead.LastName = "Known " + string(lead.ID)
	case 3:
		lead.Company = "Firm of " + string(lead.ID)
	}
	return &lead
}

// TestNamesakesAreSyncedAtTheSameTime: each goroutine has a lead of its own, some the
// same one; all have the same name.
func TestNamesakesAreSyncedAtTheSameTime(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"nothing", "both"} {
		t.Run(kind, func(t *testing.T) {
			inNameless(t, func(c *nameless) {
				syncer := c.syncer()
				outcomes := make([]*leadsync.Outcome, 8)
				var working sync.WaitGroup
				for i := range 16 {
					working.Go(func() {
						id := leadsync.LeadID(fmt.Sprintf("L%d", i%8))
						synced, err := syncer.Sync(c.t.Context(), kinds()[kind](id))
						if err == nil && i < 8 {
							outcomes[i] = synced[0]
						}
					})
				}
				working.Wait()
				var want []string
				for i, out := range outcomes {
					require.NotNil(c.t, out)
					for _, a := range kinds()[kind](leadsync.LeadID(fmt.Sprintf("L%d", i))).Activities {
						want = append(want, a.Notes)
					}
				}
				require.NoError(c.t, mixed(c.org, outcomes, want))
			})
		})
	}
}

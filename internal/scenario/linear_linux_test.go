// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"fmt"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// cpuOf returns the processor time that f takes in this thread, however busy the machine
// is.
func cpuOf(t *testing.T, f func()) time.Duration {
	t.Helper()
	const thread = 1 // RUSAGE_THREAD
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	used := func() time.Duration {
		var u syscall.Rusage
		require.NoError(t, syscall.Getrusage(thread, &u))
		return time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	runtime.GC()
	before := used()
	f()
	return used() - before
}

// requireLinear requires that eight times as much takes about eight times as long, and
// not 64 times. work prepares the work of a size and returns it.
func requireLinear(t *testing.T, work func(n int) func()) {
	t.Helper()
	const size, factor = 1000, 8
	var ratio float64
	for range 5 { // the first ones warm up
		small := cpuOf(t, work(size))
		ratio = float64(cpuOf(t, work(factor*size))) / float64(max(small, time.Millisecond))
		if ratio < 3*factor {
			return
		}
	}
	t.Fatalf("%d times as much took %.0f times as long", factor, ratio)
}

func TestLargeLeadsTakeLinearTime(t *testing.T) {
	one := func(fill func(lead *leadsync.Lead, i int)) func(n int) *leadsync.Lead {
		return func(n int) *leadsync.Lead {
			lead := scenario.Ada()
			lead.Answers, lead.Custom = make(map[string][]string), make(map[string]any)
			for i := range n {
				fill(lead, i)
			}
			return lead
		}
	}
	cfg := &leadsync.Config{Qualifiers: []leadsync.Qualifier{{Name: "many", Multiple: true,
		Fields: map[salesforce.Object]string{"Lead": "Description"}}}}
	syncer := scenario.SyncerOf(t, sftest.NewOrg(t), cfg)
	for name, lead := range map[string]func(n int) *leadsync.Lead{
		"warnings": one(func(lead *leadsync.Lead, i int) { lead.Answers[fmt.Sprint("unused ", i)] = []string{"x"} }),
		"answers": one(func(lead *leadsync.Lead, i int) {
			lead.Answers["many"] = append(lead.Answers["many"], fmt.Sprint("answer ", i))
		}),
		"activities": one(func(lead *leadsync.Lead, i int) {
			lead.Activities = append(lead.Activities,
				leadsync.Activity{Kind: leadsync.ActivityNote, At: time.Unix(int64(i), 0), Notes: fmt.Sprint("note ", i)})
		}),
		"custom values": one(func(lead *leadsync.Lead, i int) { lead.Custom[fmt.Sprint("c", i)] = i }),
	} {
		t.Run(name, func(t *testing.T) {
			requireLinear(t, func(n int) func() {
				crowd := lead(n)
				return func() {
					planned, err := syncer.Plan(t.Context(), crowd)
					require.NoError(t, err)
					require.Nil(t, planned.Leads[0].Err)
				}
			})
		})
	}
}

func TestLargeSettingsTakeLinearTime(t *testing.T) {
	client := scenario.ClientOf(t, sftest.NewOrg(t))
	campaign := func(i int) salesforce.ID { return salesforce.ID(fmt.Sprintf("701%012d", i)) }
	for name, add := range map[string]func(cfg *leadsync.Config, i int){
		"links to campaigns": func(cfg *leadsync.Config, i int) {
			cfg.Campaigns = append(cfg.Campaigns, leadsync.CampaignLink{EventID: fmt.Sprint("e", i), CampaignID: campaign(i),
				Ladder: []string{"Sent", "Responded"}, Status: "Sent"})
		},
		"links to one campaign": func(cfg *leadsync.Config, i int) {
			cfg.Campaigns = append(cfg.Campaigns, leadsync.CampaignLink{EventID: fmt.Sprint("e", i), CampaignID: campaign(1)})
		},
		"rungs": func(cfg *leadsync.Config, i int) {
			if i == 0 {
				cfg.Campaigns = []leadsync.CampaignLink{{CampaignID: campaign(1)}}
			}
			link := &cfg.Campaigns[0]
			link.Ladder = append(link.Ladder, fmt.Sprint("rung ", i))
		},
		"qualifiers": func(cfg *leadsync.Config, i int) {
			cfg.Qualifiers = append(cfg.Qualifiers, leadsync.Qualifier{Name: fmt.Sprint("q", i),
				Events: []string{fmt.Sprint("e", i)}, Fields: map[salesforce.Object]string{"Lead": "Title"}})
		},
	} {
		t.Run(name, func(t *testing.T) {
			requireLinear(t, func(n int) func() {
				cfg := new(leadsync.Config)
				for i := range n {
					add(cfg, i)
				}
				return func() {
					_, err := leadsync.New(client, cfg)
					require.NoError(t, err)
				}
			})
		})
	}
}

// A batch asks each link whether it takes a lead, unless they are found by event.
func TestLinksOfOtherEventsCostALeadNothing(t *testing.T) {
	t.Parallel()
	cfg := new(leadsync.Config)
	for i := range 2000 {
		cfg.Campaigns = append(cfg.Campaigns, leadsync.CampaignLink{EventID: fmt.Sprint("e", i%1000),
			CampaignID: salesforce.ID(fmt.Sprintf("701%012d", i)), Archived: i == 1007})
	}
	cfg.Campaigns[500].EventID = ""
	org := sftest.NewOrg(t)
	syncer := scenario.SyncerOf(t, org, cfg)
	lead := scenario.Ada()
	lead.EventID = "e7"
	planned, err := syncer.Plan(t.Context(), lead)
	require.NoError(t, err)
	var keys []string
	for _, part := range planned.Leads[0].Parts {
		if part.Kind == leadtype.PartMember {
			keys = append(keys, part.Key)
		}
	}
	require.Equal(t, []string{string(salesforce.ID("701000000000007").ID18()),
		string(salesforce.ID("701000000000500").ID18())}, keys, "in the order of the links")
	require.Less(t, len(org.Requests()), 8, "the campaigns are read together")
}

// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// faults are the ways in which an answer is lost.
func faults() map[string]sftest.Fault {
	return map[string]sftest.Fault{
		"before commit":      {DropBefore: true},
		"after commit":       {DropAfter: true},
		"answer cut":         {CutBody: true},
		"a page from before": {Status: http.StatusServiceUnavailable, HTML: true},
	}
}

// TestALostAnswerCreatesNoDuplicates loses the answer to each request of a sync in
// turn, in each way, with and without key fields, and syncs until all is clear.
func TestALostAnswerCreatesNoDuplicates(t *testing.T) {
	t.Parallel()
	for _, strategy := range []leadsync.Strategy{leadsync.LeadsAndContacts, leadsync.AccountsAndContacts} {
		for _, keyed := range []bool{false, true} {
			for name, fault := range faults() {
				for at := 1; at <= 5; at++ {
					t.Run(fmt.Sprintf("%s/keyed %t/%s/request %d", strategy.Name(), keyed, name, at), func(t *testing.T) {
						t.Parallel()
						losesOneAnswer(t, strategy, keyed, fault, at)
					})
				}
			}
		}
	}
}

func losesOneAnswer(t *testing.T, strategy leadsync.Strategy, keyed bool, fault sftest.Fault, at int) {
	clock := newClock()
	org := sftest.NewOrg(t, sftest.WithNow(clock.now))
	if keyed {
		org.AddExternalID("Lead", "Contact", "Account", "Task")
	}
	var lost atomic.Bool
	org.Fail(func(_ *http.Request, n int) *sftest.Fault {
		if n == at && lost.CompareAndSwap(false, true) {
			return &fault
		}
		return nil
	})
	syncer := scenario.SyncerOf(t, org, &leadsync.Config{Strategy: strategy, Now: clock.now,
		Campaigns: []leadsync.CampaignLink{{CampaignID: scenario.Expo(org)}}})
	var leads []*leadsync.Lead
	for i := range 5 {
		lead := scenario.Ada()
		lead.ID, lead.LastName, lead.Company = leadsync.LeadID(fmt.Sprintf("L%d", i)), fmt.Sprintf("Lovelace %d", i),
			fmt.Sprintf("Company %d", i%2)
		if lead.Email = fmt.Sprintf("p%d@company%d.example", i, i%2); i == 4 {
			lead.Email, lead.Website = "", "company0.example"
		}
		lead.Activities = []leadsync.Activity{{Kind: leadsync.ActivityCall, Notes: "hello",
			At: time.Date(2026, 5, 4, 0, 0, 0, 0, time.UTC)}}
		leads = append(leads, lead)
	}

	cleared := false
	for range 4 {
		_, err := syncer.Sync(t.Context(), leads...)
		if cleared = err == nil; cleared {
			break
		}
		clock.advance(11 * time.Minute)
	}

	require.True(t, cleared, "everything clears after the fault")
	require.Equal(t, 5, org.Count("Lead")+org.Count("Contact"))
	require.Equal(t, 5, org.Count("CampaignMember"))
	require.Equal(t, 5, org.Count("Task"))
	if strategy == leadsync.AccountsAndContacts {
		require.Equal(t, 2, org.Count("Account"))
	}
}

// A clock is advanced by hand.
type clock struct{ nanoseconds atomic.Int64 }

func newClock() *clock {
	c := new(clock)
	c.nanoseconds.Store(time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC).UnixNano())
	return c
}

func (c *clock) now() time.Time          { return time.Unix(0, c.nanoseconds.Load()) }
func (c *clock) advance(d time.Duration) { c.nanoseconds.Add(int64(d)) }

// TestAnotherLeadOfThePersonWaitsForALostCreate: the create of the first lead
// may still come when the second one, of the same person or company, is synced.
func TestAnotherLeadOfThePersonWaitsForALostCreate(t *testing.T) {
	t.Parallel()
	for _, comesLate := range []bool{false, true} {
		t.Run(fmt.Sprintf("comes late %t", comesLate), func(t *testing.T) {
			t.Parallel()
			org := sftest.NewOrg(t)
			clock := newClock()
			syncer := scenario.SyncerOf(t, org, &leadsync.Config{Strategy: leadsync.AccountsAndContacts, Now: clock.now})
			first, same, colleague := scenario.Ada(), scenario.Ada(), scenario.Ada()
			same.ID = "L2"
			colleague.ID, colleague.Email = "L3", "charles@analytical.example"
			org.Fail(func(r *http.Request, n int) *sftest.Fault {
				if n == 3 { // the session, the lookup, and this
					return &sftest.Fault{DropBefore: true}
				}
				return nil
			})
			_, err := syncer.Sync(t.Context(), first)
			require.ErrorIs(t, err, leadsync.UncertainWrite)

			outcomes, err := syncer.Sync(t.Context(), same, colleague)

			require.ErrorIs(t, err, leadsync.UncertainWrite)
			for _, out := range outcomes {
				require.Equal(t, leadsync.PreSync, out.Stage)
				require.False(t, out.RetryAt.IsZero())
			}
			require.Zero(t, org.Count("Account")+org.Count("Contact"))
			if comesLate {
				org.Insert("Account", map[string]any{"Name": "Analytical Engines Ltd"})
			}
			clock.advance(11 * time.Minute)
			_, err = syncer.Sync(t.Context(), first, same, colleague)
			require.NoError(t, err)
			require.Equal(t, 1, org.Count("Account"))
			require.Equal(t, 2, org.Count("Contact"))
		})
	}
}

// TestAFoundColleagueDoesNotSettleALostAccount: a person found at the company
// says nothing of an account whose create got no answer.
func TestAFoundColleagueDoesNotSettleALostAccount(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	elsewhere := org.Insert("Account", map[string]any{"Name": "Holding"})
	org.Insert("Contact",
		map[string]any{"LastName": "Babbage", "Email": "charles@analytical.example", "AccountId": elsewhere})
	clock := newClock()
	syncer := scenario.SyncerOf(t, org, &leadsync.Config{Strategy: leadsync.AccountsAndContacts, Now: clock.now})
	first, found, next := scenario.Ada(), scenario.Ada(), scenario.Ada()
	found.ID, found.Email, found.LastName = "L2", "charles@analytical.example", "Babbage"
	next.ID, next.Email = "L3", "luigi@analytical.example"
	org.Fail(func(_ *http.Request, n int) *sftest.Fault {
		if n == 3 { // the session, the lookup, and this
			return &sftest.Fault{DropBefore: true}
		}
		return nil
	})
	_, err := syncer.Sync(t.Context(), first)
	require.ErrorIs(t, err, leadsync.UncertainWrite)
	scenario.SyncOne(t, syncer, found)

	_, err = syncer.Sync(t.Context(), next)

	require.ErrorIs(t, err, leadsync.UncertainWrite)
	require.Equal(t, 1, org.Count("Account"))
}

package leadsync_test

import (
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
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

// TestALostAnswerDoublesNothing loses the answer to each request of a sync in
// turn, in each way, with and without key fields, and syncs until all is clear.
func TestALostAnswerDoublesNothing(t *testing.T) {
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
	org := sftest.NewOrg(t)
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
	syncer := syncerOf(t, org, &leadsync.Config{Strategy: strategy,
		Campaigns: []leadsync.CampaignLink{{CampaignID: expo(org)}}})
	var leads []*leadsync.Lead
	for i := range 5 {
		lead := ada()
		lead.ID, lead.LastName, lead.Company = leadsync.LeadID(fmt.Sprintf("L%d", i)), fmt.Sprintf("Lovelace %d", i), fmt.Sprintf("Company %d", i%2)
		if lead.Email = fmt.Sprintf("p%d@company%d.example", i, i%2); i == 4 {
			lead.Email, lead.Website = "", "company0.example"
		}
		lead.Activities = []leadsync.Activity{{Kind: leadsync.ActivityCall, Notes: "hello", At: time.Date(2026, 5, 4, 0, 0, 0, 0, time.UTC)}}
		leads = append(leads, lead)
	}

	cleared := false
	for range 4 {
		_, err := syncer.Sync(t.Context(), leads...)
		if cleared = err == nil; cleared {
			break
		}
	}

	require.True(t, cleared, "everything clears after the fault")
	require.Equal(t, 5, org.Count("Lead")+org.Count("Contact"))
	require.Equal(t, 5, org.Count("CampaignMember"))
	require.Equal(t, 5, org.Count("Task"))
	if strategy == leadsync.AccountsAndContacts {
		require.Equal(t, 2, org.Count("Account"))
	}
}

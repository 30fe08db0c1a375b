// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce/sftest"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/memory"
)

// A lostRepeat is a batch of two namesakes, the first of whom is refused for her title: the
// request of that number that writes goes wrong.
type lostRepeat struct {
	fault     sftest.Fault
	request   int
	dies      bool // the process does then
	nameless  bool // no e-mail address tells the two apart
	alike     bool // but for the title, the two have the same values, and no activities
	keyFields bool
	store     func(leadsync.Store) leadsync.Store // nil: as it is
}

// The answer to the write without the refused field, or to that before it, is lost, in each
// phase, with and without the process: each lead has one record in the end, with what it
// wrote.
func TestLostRepeatWithoutAFieldNeitherLosesNorDoubles(t *testing.T) {
	t.Parallel()
	for phase, fault := range lossPhases() {
		for _, request := range []int{1, 2} {
			for _, dies := range []bool{false, true} {
				for _, identified := range []string{"address", "key", "nothing"} {
					t.Run(fmt.Sprintf("%s/request %d/dies %t/by %s", phase, request, dies, identified), func(t *testing.T) {
						t.Parallel()
						l := lostRepeat{fault: fault, request: request, dies: dies, nameless: identified != "address",
							keyFields: identified == "key"}
						require.Empty(t, l.problem(t))
					})
				}
			}
		}
	}
}

// A forgetfulRejournal keeps the first journal of each lead only.
type forgetfulRejournal struct {
	leadsync.Store
	seen map[leadsync.LeadID]bool
}

func (s *forgetfulRejournal) Journal(ctx context.Context, lease store.Lease,
	intents map[leadsync.LeadID][]leadtype.Intent) error {
	first := make(map[leadsync.LeadID][]leadtype.Intent)
	for id, list := range intents {
		if !s.seen[id] {
			first[id] = list
		}
		s.seen[id] = true
	}
	if len(first) == 0 {
		return nil
	}
	return s.Store.Journal(ctx, lease, first)
}

// TestLostRepeatNeedsTheJournal is a control: with the fingerprint of the first attempt, the
// record that the second one left is not recognized.
func TestLostRepeatNeedsTheJournal(t *testing.T) {
	t.Parallel()
	l := lostRepeat{fault: sftest.Fault{DropAfter: true}, request: 2, dies: true, nameless: true, alike: true}
	require.Empty(t, l.problem(t))
	l.store = func(s leadsync.Store) leadsync.Store {
		return &forgetfulRejournal{s, make(map[leadsync.LeadID]bool)}
	}
	require.NotEmpty(t, l.problem(t))
}

// problem returns what is wrong in the end, "" for nothing.
func (l *lostRepeat) problem(t *testing.T) (problem string) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		org := sftest.NewOrg(t)
		if l.keyFields {
			org.AddExternalID("Lead", "Contact", "Account", "Task")
		}
		refusing(org, "Lead", "STRING_TOO_LONG", "Title")
		kept := leadsync.Store(memory.New(nil))
		if l.store != nil {
			kept = l.store(kept)
		}
		cfg := leadsync.Config{Store: kept, Poll: time.Minute, LeaseTTL: time.Minute, Gather: leadsync.NoGather}
		first := startAt(t, org, cfg)
		requests := 0
		org.Fail(func(r *http.Request, _ int) *sftest.Fault {
			if !scenario.WritesRecords(r) {
				return nil
			}
			if requests++; requests != l.request {
				return nil
			}
			if l.dies {
				first.kill()
			}
			return &l.fault
		})
		_, err := first.syncer.Capture(t.Context(), l.leads()...)
		require.NoError(t, err)
		time.Sleep(time.Second)
		second := startAt(t, org, cfg)
		time.Sleep(3 * time.Hour)
		problem = l.wrong(t, org, second)
	})
	return problem
}

// leads are two people of one name. The phone numbers tell whose a record is.
func (l *lostRepeat) leads() []*leadsync.Lead {
	leads := make([]*leadsync.Lead, 2)
	for i := range leads {
		lead := scenario.Ada()
		lead.ID, lead.Phone = leadsync.LeadID(fmt.Sprintf("L%d", i)), fmt.Sprintf("555 %d", i)
		lead.Email = fmt.Sprintf("ada%d@analytical.example", i)
		if l.nameless {
			lead.Email = ""
		}
		lead.Activities = []leadsync.Activity{{ID: "1", Kind: leadsync.ActivityCall, Notes: lead.Phone}}
		if l.alike {
			lead.Phone, lead.Activities = "", nil
		}
		leads[i] = lead
	}
	leads[0].JobTitle = "Countess"
	return leads
}

// wrong says what of two leads is lost, doubled or mixed.
func (l *lostRepeat) wrong(t *testing.T, org *sftest.Org, p *process) string {
	t.Helper()
	if n, tasks := org.Count("Lead"), org.Count("Task"); n != 2 || tasks != 2 && !l.alike {
		return fmt.Sprintf("%d Leads and %d Tasks", n, tasks)
	}
	for i, entry := range scenario.StoredIn(t, p.syncer) {
		if entry.Stage != leadsync.Cleared {
			return fmt.Sprintf("%s is %s: %v", entry.Lead.ID, entry.Stage, entry.Last.Err)
		}
		row := org.Row("Lead", string(entry.Last.ID))
		if row["Phone"] != fmt.Sprintf("555 %d", i) && !l.alike || row["Title"] != nil {
			return fmt.Sprintf("%s has the record of %v", entry.Lead.ID, row["Phone"])
		}
		if owed := len(entry.Last.Owed) > 0; owed != (i == 0) {
			return fmt.Sprintf("%s is owed a value: %t", entry.Lead.ID, owed)
		}
	}
	return ""
}

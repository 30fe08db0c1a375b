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
	"golang.org/x/oauth2"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
	"github.com/leadsync/leadsync/store/memory"
)

// A lostWrite is a lead for which one kind of record is all that is to be
// written first, and what the org must hold in the end.
type lostWrite struct {
	strategy leadsync.Strategy
	prepare  func(*sftest.Org, *leadsync.Lead, *leadsync.Config)
	want     map[string]int
	// harmless says that Salesforce itself keeps a second one out.
	harmless bool
}

func lostWrites() map[string]lostWrite {
	known := func(org *sftest.Org, lead *leadsync.Lead) {
		org.Insert("Lead", map[string]any{"FirstName": lead.FirstName, "LastName": lead.LastName, "Email": lead.Email,
			"Company": lead.Company})
	}
	return map[string]lostWrite{
		"person": {leadsync.LeadsAndContacts, func(*sftest.Org, *leadsync.Lead, *leadsync.Config) {},
			map[string]int{"Lead": 1}, false},
		"account": {leadsync.AccountsAndContacts, func(*sftest.Org, *leadsync.Lead, *leadsync.Config) {},
			map[string]int{"Account": 1, "Contact": 1}, false},
		"member": {leadsync.LeadsAndContacts, func(org *sftest.Org, lead *leadsync.Lead, cfg *leadsync.Config) {
			known(org, lead)
			cfg.Campaigns = []leadsync.CampaignLink{{CampaignID: scenario.Expo(org)}}
		}, map[string]int{"Lead": 1, "CampaignMember": 1}, true},
		"task": {leadsync.LeadsAndContacts, func(org *sftest.Org, lead *leadsync.Lead, _ *leadsync.Config) {
			known(org, lead)
			lead.Activities = []leadsync.Activity{{Kind: leadsync.ActivityCall, Notes: "hello"},
				{Kind: leadsync.ActivityCall, Notes: "hello", ID: "again"}}
		}, map[string]int{"Lead": 1, "Task": 2}, false},
		"custom upsert": {leadsync.LeadsAndContacts, func(org *sftest.Org, lead *leadsync.Lead, cfg *leadsync.Config) {
			scenario.AddVisits(org)
			known(org, lead)
			cfg.Mapper = mappedTo(visits()).Mapper
		}, map[string]int{"Lead": 1, "Visit__c": 1}, true},
		"update": {leadsync.LeadsAndContacts, func(org *sftest.Org, lead *leadsync.Lead, _ *leadsync.Config) {
			known(org, lead)
			lead.JobTitle = "Countess"
		}, map[string]int{"Lead": 1}, true},
	}
}

// lossPhases are the phases in which the answer to a write can be lost.
func lossPhases() map[string]sftest.Fault {
	return map[string]sftest.Fault{
		"before commit": {DropBefore: true},
		"after commit":  {DropAfter: true},
		"in the body":   {CutBody: true},
		"9 minutes before commit, and the connection died": {CommitLater: 9 * time.Minute},
	}
}

// TestALostWriteCreatesNoDuplicates loses the answer to the first request that writes,
// for each kind of record and in each phase, with and without key fields. The
// process continues, or dies and another one starts.
func TestALostWriteCreatesNoDuplicates(t *testing.T) {
	t.Parallel()
	for kind, write := range lostWrites() {
		for phase, fault := range lossPhases() {
			for _, keyFields := range []bool{false, true} {
				for _, dies := range []bool{false, true} {
					t.Run(fmt.Sprintf("%s/%s/keys %t/dies %t", kind, phase, keyFields, dies), func(t *testing.T) {
						t.Parallel()
						require.Equal(t, write.want, write.lose(t, fault, keyFields, dies, 0))
					})
				}
			}
		}
	}
}

// TestALostWriteCreatesDuplicatesWithoutAWait is the control: the absence of what may
// still come is taken for a proof.
func TestALostWriteCreatesDuplicatesWithoutAWait(t *testing.T) {
	t.Parallel()
	for kind, write := range lostWrites() {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			got := write.lose(t, sftest.Fault{CommitLater: 9 * time.Minute}, false, false, 1)
			if write.harmless {
				require.Equal(t, write.want, got)
			} else {
				require.NotEqual(t, write.want, got)
			}
		})
	}
}

// lose returns what the org holds when all is cleared after the loss.
func (l *lostWrite) lose(t *testing.T, fault sftest.Fault, keyFields, dies bool,
	verifyAfter time.Duration) map[string]int {
	t.Helper()
	got := make(map[string]int)
	synctest.Test(t, func(t *testing.T) {
		org := sftest.NewOrg(t)
		if keyFields {
			org.AddExternalID("Lead", "Contact", "Account", "Task")
		}
		lead := scenario.Ada()
		cfg := leadsync.Config{Strategy: l.strategy, Store: memory.New(nil), Poll: time.Minute, LeaseTTL: time.Minute,
			VerifyAfter: verifyAfter, Gather: leadsync.NoGather}
		l.prepare(org, lead, &cfg)
		lost := false
		org.Fail(func(r *http.Request, _ int) *sftest.Fault {
			if lost || !scenario.WritesRecords(r) {
				return nil
			}
			lost = true
			return &fault
		})
		first := startAt(t, org, cfg)
		if dies {
			first.meet(fate{call: "write", what: killedAfter})
		}
		_, err := first.syncer.Capture(t.Context(), lead)
		require.NoError(t, err)
		time.Sleep(time.Second)
		second := startAt(t, org, cfg)
		time.Sleep(time.Hour)

		require.True(t, lost)
		require.Equal(t, !dies, first.alive())
		summary, err := second.syncer.Summary(t.Context(), leadsync.Filter{})
		require.NoError(t, err)
		require.Equal(t, 1, summary.Stages[leadsync.Cleared])
		for object := range l.want {
			got[object] = org.Count(object)
		}
	})
	return got
}

// startAt runs a process on a fake org, until the test ends.
func startAt(t *testing.T, org *sftest.Org, cfg leadsync.Config) *process {
	t.Helper()
	client, err := salesforce.New("https://acme.my.salesforce.com",
		oauth2.StaticTokenSource(&oauth2.Token{AccessToken: org.Token()}),
		&salesforce.Config{HTTPClient: &http.Client{Transport: org.Transport()}})
	require.NoError(t, err)
	p := start(t.Context(), cfg, func(p *process) leadsync.Client { return &mortalClient{p, client} })
	t.Cleanup(func() {
		p.cancel()
		<-p.done
	})
	return p
}

// A mortalClient is the Client of a process, whole calls at a time.
type mortalClient struct {
	p      *process
	client leadsync.Client
}

func (c *mortalClient) Read(ctx context.Context,
	reads ...salesforce.Read) (results []salesforce.ReadResult, err error) {
	if dead := c.p.call("read", func() { results, err = c.client.Read(ctx, reads...) }); dead != nil {
		return nil, dead
	}
	return results, err
}

func (c *mortalClient) Write(ctx context.Context,
	writes ...salesforce.Write) (results []salesforce.WriteResult, err error) {
	if dead := c.p.call("write", func() { results, err = c.client.Write(ctx, writes...) }); dead != nil {
		return nil, dead
	}
	return results, err
}

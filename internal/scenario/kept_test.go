// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce/sftest"
	"github.com/leadsync/leadsync/store/memory"
)

// throughJSON returns a plan as a host gets it back from its database.
func throughJSON(t *testing.T, plan *leadsync.Plan) *leadsync.Plan {
	t.Helper()
	data, err := json.Marshal(plan)
	require.NoError(t, err)
	require.NotContains(t, string(data), `\u0000`, "some databases refuse it")
	kept := new(leadsync.Plan)
	require.NoError(t, json.Unmarshal(data, kept))
	return kept
}

// oldPlan returns a plan as an earlier version wrote it: of Ada, with a task, for a new
// Contact in a new Account.
func oldPlan(t *testing.T) *leadsync.Plan {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "plan_v1.json"))
	require.NoError(t, err)
	plan := new(leadsync.Plan)
	require.NoError(t, json.Unmarshal(data, plan))
	require.Empty(t, plan.ID)
	require.Empty(t, plan.Leads[0].Keys)
	return plan
}

// A keptLoss is a plan whose writes get no answer, and a lead that is synced after it.
type keptLoss struct {
	plan     func(*testing.T, *leadsync.Syncer) *leadsync.Plan
	strategy leadsync.Strategy
	next     func(*leadsync.Lead) // of Ada
	want     map[string]int
}

func keptLosses() map[string]keptLoss {
	kept := func(t *testing.T, syncer *leadsync.Syncer) *leadsync.Plan {
		plan, err := syncer.Plan(t.Context(), withCall(scenario.Ada()))
		require.NoError(t, err)
		return throughJSON(t, plan)
	}
	old := func(t *testing.T, _ *leadsync.Syncer) *leadsync.Plan { return oldPlan(t) }
	same := func(lead *leadsync.Lead) { withCall(lead) }
	again := func(lead *leadsync.Lead) { lead.ID = "another lead of hers" }
	phone := func(lead *leadsync.Lead) { lead.ID, lead.Email, lead.Phone = "L2", "ada@private.example", "1815" }
	colleague := func(lead *leadsync.Lead) {
		lead.ID, lead.FirstName, lead.LastName, lead.Email = "L2", "Charles", "Babbage", "charles@analytical.example"
	}
	in := func(object string) map[string]int {
		return map[string]int{object: 1, "Task": 1}
	}
	company := func(contacts int) map[string]int {
		return map[string]int{"Account": 1, "Contact": contacts, "Task": 1}
	}
	return map[string]keptLoss{
		"the same lead":             {kept, leadsync.LeadsAndContacts, same, in("Lead")},
		"another lead of hers":      {kept, leadsync.LeadsOnly, again, in("Lead")},
		"her company":               {kept, leadsync.AccountsAndContacts, same, company(1)},
		"a colleague":               {kept, leadsync.AccountsAndContacts, colleague, company(2)},
		"another with her phone":    {kept, byPhone{}, phone, in("Lead")},
		"old: the same lead":        {old, leadsync.AccountsAndContacts, same, company(1)},
		"old: another lead of hers": {old, leadsync.AccountsAndContacts, again, company(1)},
		"old: a colleague":          {old, leadsync.AccountsAndContacts, colleague, company(2)},
	}
}

// byPhone is a strategy that knows people by their phone.
type byPhone struct{}

func (byPhone) Name() string { return "by phone" }

func (byPhone) Probes(lead *leadsync.Lead) []leadtype.Probe {
	return []leadtype.Probe{{Object: "Lead", Field: "Phone", Value: lead.Phone}}
}

func (byPhone) NoHit(*leadsync.Lead) leadtype.NoHit { return leadtype.NoHit{Person: "Lead"} }

func withCall(lead *leadsync.Lead) *leadsync.Lead {
	lead.JobTitle, lead.Phone = "Countess", "1815"
	lead.Activities = []leadsync.Activity{{ID: "a", Kind: leadsync.ActivityCall, Notes: "hello"}}
	return lead
}

// apply applies the plan, whose first write is lost, and syncs the next lead until it
// clears. It returns what the org holds then.
func (l *keptLoss) apply(t *testing.T, fault sftest.Fault, keys bool, damage func(*leadsync.Plan)) map[string]int {
	t.Helper()
	got := make(map[string]int)
	synctest.Test(t, func(t *testing.T) {
		org := sftest.NewOrg(t)
		if keys {
			org.AddExternalID("Lead", "Contact", "Account", "Task")
		}
		cfg := leadsync.Config{Strategy: l.strategy, Store: memory.New(nil), Mode: leadsync.Disabled}
		syncer := startAt(t, org, cfg).syncer
		plan := l.plan(t, syncer)
		if damage != nil {
			damage(plan)
		}
		time.Sleep(time.Minute)
		lost := false
		org.Fail(func(r *http.Request, _ int) *sftest.Fault {
			if lost || !scenario.WritesRecords(r) {
				return nil
			}
			lost = true
			return &fault
		})
		_, _ = syncer.Apply(t.Context(), plan)
		require.True(t, lost)
		ada, next := withCall(scenario.Ada()), scenario.Ada()
		l.next(next)
		for range 60 {
			_, err := syncer.Sync(t.Context(), next)
			if err == nil {
				break
			}
			require.ErrorIs(t, err, leadsync.UncertainWrite)
			time.Sleep(time.Minute)
		}
		time.Sleep(time.Hour)
		scenario.SyncOne(t, syncer, ada)
		scenario.SyncOne(t, syncer, next)
		for object := range l.want {
			got[object] = org.Count(object)
		}
	})
	return got
}

// TestALostAnswerToAKeptPlanCreatesNoDuplicates failed before a plan's JSON held what
// identifies its people: a lead that was synced after it was created once more.
func TestALostAnswerToAKeptPlanCreatesNoDuplicates(t *testing.T) {
	t.Parallel()
	for name, loss := range keptLosses() {
		for phase, fault := range lossPhases() {
			for _, keys := range []bool{false, true} {
				if strings.HasPrefix(name, "old") && keys {
					continue // the plan was made for an org without key fields
				}
				t.Run(fmt.Sprintf("%s/%s/keys %t", name, phase, keys), func(t *testing.T) {
					t.Parallel()
					require.Equal(t, loss.want, loss.apply(t, fault, keys, nil))
				})
			}
		}
	}
}

// The control: a plan that names another person.
func TestAPlanThatForgetsItsPeopleCreatesDuplicates(t *testing.T) {
	t.Parallel()
	for name, loss := range keptLosses() {
		next := scenario.Ada()
		if loss.next(next); next.ID == scenario.Ada().ID {
			continue // the Syncer remembers the lead's own creates whatever the plan says
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := loss.apply(t, sftest.Fault{CommitLater: 9 * time.Minute}, false, func(plan *leadsync.Plan) {
				plan.Leads[0].LeadID = "nobody"
				plan.Leads[0].Keys = leadtype.IdentityKeys{Person: []string{"lead\x00nobody"}}
				for i := range plan.Changes {
					plan.Changes[i].Leads = []leadsync.LeadID{"nobody"}
				}
			})
			require.NotEqual(t, loss.want, got)
		})
	}
}

func TestKeptPlanIsAppliedOnce(t *testing.T) {
	t.Parallel()
	for name, plans := range map[string]func(*testing.T, *leadsync.Syncer) (first, second *leadsync.Plan){
		"the value": func(t *testing.T, syncer *leadsync.Syncer) (_, _ *leadsync.Plan) {
			plan, err := syncer.Plan(t.Context(), scenario.Ada())
			require.NoError(t, err)
			return plan, plan
		},
		"from JSON": func(t *testing.T, syncer *leadsync.Syncer) (_, _ *leadsync.Plan) {
			plan, err := syncer.Plan(t.Context(), scenario.Ada())
			require.NoError(t, err)
			return throughJSON(t, plan), throughJSON(t, plan)
		},
		"of an earlier version": func(t *testing.T, _ *leadsync.Syncer) (_, _ *leadsync.Plan) {
			return oldPlan(t), oldPlan(t)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			org, kept := sftest.NewOrg(t), memory.New(nil)
			first, second := plans(t, scenario.SyncerOf(t, org, nil))
			_, err := scenario.SyncerOf(t, org, &leadsync.Config{Store: kept}).Apply(t.Context(), first)
			require.NoError(t, err)
			// Without it only the refusal keeps a second record out.
			for _, object := range []string{"Lead", "Contact"} {
				for _, row := range org.Rows(object) {
					org.Update(object, row["Id"].(string), map[string]any{"Email": "ada@elsewhere.example"})
				}
			}
			calls, people := org.Calls(), org.Count("Lead")+org.Count("Contact")

			outcomes, err := scenario.SyncerOf(t, org, &leadsync.Config{Store: kept}).Apply(t.Context(), second)

			require.ErrorIs(t, err, leadsync.StaleRemoteRecord)
			var refused *leadsync.Error
			require.ErrorAs(t, err, &refused)
			require.Equal(t, []string{"id"}, refused.Fields)
			require.Contains(t, refused.Fix(), "Plan the leads again")
			require.Nil(t, outcomes)
			require.Equal(t, people, org.Count("Lead")+org.Count("Contact"))
			require.Equal(t, calls, org.Calls())

			// The control: a Store that has not seen the plan.
			_, err = scenario.SyncerOf(t, org, nil).Apply(t.Context(), second)
			require.NoError(t, err)
			require.Equal(t, people+1, org.Count("Lead")+org.Count("Contact"))
		})
	}
}

func TestKeptPlanIsAppliedByOneOfManyCallers(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	syncer := scenario.SyncerOf(t, org, nil)
	plan, err := syncer.Plan(t.Context(), scenario.Ada())
	require.NoError(t, err)
	errs := make([]error, 8)
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() { _, errs[i] = syncer.Apply(t.Context(), throughJSON(t, plan)) })
	}
	wg.Wait()
	refused := 0
	for _, err := range errs {
		if err != nil {
			require.ErrorIs(t, err, leadsync.StaleRemoteRecord)
			refused++
		}
	}
	require.Equal(t, len(errs)-1, refused)
	require.Equal(t, 1, org.Count("Lead"))
}

func TestPlanOfWhichNothingWasSentCanBeApplied(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	scenario.InsertContact(org, "Lovelace", scenario.Ada().Email)
	syncer := scenario.SyncerOf(t, org, nil)
	plan, err := syncer.Plan(t.Context(), scenario.Ada())
	require.NoError(t, err)
	org.Forbid("Contact", "read")
	_, err = syncer.Apply(t.Context(), plan)
	require.Error(t, err)
	org.Allow("Contact", "read")
	damaged := throughJSON(t, plan)
	damaged.Changes[0].Leads = nil
	_, err = syncer.Apply(t.Context(), damaged)
	require.ErrorIs(t, err, leadsync.DataValueValidation)

	outcomes, err := syncer.Apply(t.Context(), plan)

	require.NoError(t, err)
	require.Equal(t, leadsync.Updated, outcomes[0].Action)
}

func TestPlanIsNotAppliedWhenTheStoreFails(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	plan, err := scenario.SyncerOf(t, org, nil).Plan(t.Context(), scenario.Ada())
	require.NoError(t, err)
	syncer := scenario.SyncerOf(t, org, &leadsync.Config{Store: fullStore{memory.New(nil)}})
	_, err = syncer.Apply(t.Context(), plan)
	require.ErrorIs(t, err, io.ErrShortWrite)
	require.Zero(t, org.Count("Lead"))
}

// A fullStore cannot record that a plan is applied.
type fullStore struct{ leadsync.Store }

func (fullStore) TakePlan(context.Context, string, string) (bool, error) {
	return false, io.ErrShortWrite
}

// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/revert"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// dependentOrg returns an org with Badges, which are a detail of Contacts
// and Leads.
func dependentOrg(t *testing.T) (*sftest.Org, *clock, *leadsync.Config) {
	org, clock, cfg := revertFixture(t)
	org.DefineObject("Badge__c", "a0B", sftest.Field{Name: "Lead__c", Type: "reference", ReferenceTo: []string{"Lead"},
		MasterDetail: true})
	org.DefineObject("Seat__c", "a0S", sftest.Field{Name: "Contact__c", Type: "reference",
		ReferenceTo:  []string{"Contact"},
		MasterDetail: true})
	org.DefineObject("Poll__c", "a0P", sftest.Field{Name: "Contact__c", Type: "reference",
		ReferenceTo: []string{"Contact"}})
	return org, clock, cfg
}

// A dependentCase is a record of others that belongs to one of the run.
type dependentCase struct {
	strategy leadsync.Strategy
	object   string
	fields   func(person, account string) map[string]any
	left     string // the object that is left for it
}

func dependentCases() map[string]dependentCase {
	inAccount, alone := leadsync.AccountsAndContacts, leadsync.LeadsOnly
	to := func(fields map[string]any, field string, ofAccount bool) func(person, account string) map[string]any {
		return func(person, account string) map[string]any {
			fields[field] = person
			if ofAccount {
				fields[field] = account
			}
			return fields
		}
	}
	event := func() map[string]any {
		return map[string]any{"Subject": "Demo", "StartDateTime": "2026-05-04T09:00:00Z", "DurationInMinutes": 30}
	}
	return map[string]dependentCase{
		"an Opportunity of the Account": {inAccount, "Opportunity", to(map[string]any{"Name": "Deal",
			"StageName": "Prospecting",
			"CloseDate": "2026-12-31"}, "AccountId", true), "Account"},
		"an Event with the Contact":  {inAccount, "Event", to(event(), "WhoId", false), "Contact"},
		"an Event about the Account": {inAccount, "Event", to(event(), "WhatId", true), "Account"},
		"an Event with the Lead":     {alone, "Event", to(event(), "WhoId", false), "Lead"},
		"a Case of the Contact": {inAccount, "Case", to(map[string]any{"Subject": "Help"}, "ContactId", false),
			"Contact"},
		"a Case of the Account": {inAccount, "Case", to(map[string]any{"Subject": "Help"}, "AccountId", true),
			"Account"},
		"a detail of the Lead":    {alone, "Badge__c", to(map[string]any{}, "Lead__c", false), "Lead"},
		"a detail of the Contact": {inAccount, "Seat__c", to(map[string]any{}, "Contact__c", false), "Contact"},
		"a Task with the Contact": {inAccount, "Task", to(map[string]any{"Subject": "Call"}, "WhoId", false), "Contact"},
		"a Contact of the Account": {inAccount, "Contact", to(map[string]any{"LastName": "Babbage"}, "AccountId", true),
			"Account"},
		"an unneeded lookup, no more": {inAccount, "Poll__c", to(map[string]any{}, "Contact__c", false), ""},
	}
}

// Before dependents were read, Opportunities, Events and details went along in silence.
func TestRevertLeavesWhatOthersGaveToARecord(t *testing.T) {
	t.Parallel()
	for name, test := range dependentCases() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			org, clock, cfg := dependentOrg(t)
			cfg.Strategy = test.strategy
			syncer := scenario.SyncerOf(t, org, cfg)
			outcomes := syncAll(t, syncer, scenario.Ada())
			clock.advance(2 * time.Minute)
			child := org.Insert(test.object, test.fields(string(outcomes[0].ID), string(outcomes[0].AccountID)))

			report := revertAll(t, syncer, outcomes, revert.Options{Delete: true})

			require.Equal(t, false, org.Row(test.object, child)["IsDeleted"], "it did not go along")
			if test.left == "" {
				require.Empty(t, report.Left)
				return
			}
			left := report.Left[0]
			require.Equal(t, salesforce.Object(test.left), left.Object)
			require.ErrorIs(t, left.Err, leadsync.StaleRemoteRecord)
			require.Contains(t, left.Err.Reason, test.object+" that refers to it is kept")
			require.Equal(t, []revert.Dependent{{Object: salesforce.Object(test.object), ID: salesforce.ID(child)}},
				left.Dependents)
			require.Equal(t, false, org.Row(test.left, string(left.ID))["IsDeleted"])
			require.Contains(t, report.String(), "    with "+test.object+" "+child)
			again := revertAll(t, syncer, outcomes, revert.Options{Delete: true})
			require.Equal(t, report.Left, again.Left)

			told := revertAll(t, syncer, outcomes, revert.Options{Delete: true, WithDependents: true})
			if test.object == "Case" { // the org itself keeps what has Cases
				require.ErrorContains(t, told.Left[0].Err, "DELETE_FAILED")
				require.Equal(t, false, org.Row(test.left, string(left.ID))["IsDeleted"])
				return
			}
			require.Empty(t, told.Left)
			require.Equal(t, true, org.Row(test.left, string(left.ID))["IsDeleted"])
			listed := 0
			for _, deleted := range told.Deleted {
				listed += len(deleted.Dependents)
			}
			require.Equal(t, 1, listed, "what went along")
		})
	}
}

func TestRevertBoundsTheListOfDependents(t *testing.T) {
	t.Parallel()
	org, clock, cfg := dependentOrg(t)
	syncer := scenario.SyncerOf(t, org, cfg)
	outcomes := syncAll(t, syncer, scenario.Ada())
	clock.advance(2 * time.Minute)
	for range revert.MaxDependents + 5 {
		org.Insert("Badge__c", map[string]any{"Lead__c": string(outcomes[0].ID)})
	}
	calls := org.Calls()
	report := revertAll(t, syncer, outcomes, revert.Options{Delete: true})
	require.Equal(t, calls+2, org.Calls(), "the records, their dependents")
	require.Len(t, report.Left[0].Dependents, revert.MaxDependents)
	require.Equal(t, 5, report.Left[0].MoreDependents)
	require.Contains(t, report.String(), "    with 5 more\n")
	data, err := json.Marshal(report)
	require.NoError(t, err)
	require.Contains(t, string(data), `"moreDependents":5`)
}

// What the connected user cannot see cannot be found, and stops nothing.
func TestRevertGoesOnWithoutWhatTheUserCannotSee(t *testing.T) {
	t.Parallel()
	org, _, cfg := dependentOrg(t)
	cfg.Strategy = leadsync.AccountsAndContacts
	syncer := scenario.SyncerOf(t, org, cfg)
	outcomes := syncAll(t, syncer, scenario.Ada())
	org.HideField("Case", "ContactId")
	report := revertAll(t, syncer, outcomes, revert.Options{Delete: true})
	require.Empty(t, report.Left)
	require.Len(t, report.Deleted, 2)
}

// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

func TestNamesakeOfAnotherCompanyIsAnotherContact(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	syncer := scenario.SyncerOf(t, org, &leadsync.Config{Strategy: leadsync.AccountsAndContacts})
	one, other := scenario.Ada(), scenario.Ada()
	one.Email, other.Email = "", ""
	other.ID, other.Company = "L2", "Difference Engines"
	scenario.SyncOne(t, syncer, one)
	scenario.SyncOne(t, syncer, other)
	require.Equal(t, 2, org.Count("Contact"))
	scenario.SyncOne(t, syncer, one)
	scenario.SyncOne(t, syncer, other)
	require.Equal(t, 2, org.Count("Contact"))
	require.Equal(t, 2, org.Count("Account"))
}

func TestUnconvertedLeadIsPreferredToAConvertedOnesContact(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	email := "ada@analytical.example"
	converted := scenario.InsertLead(org, "Lovelace", email)
	open := scenario.InsertLead(org, "Lovelace", email)
	contact, _ := org.Convert(converted)
	org.Update("Contact", contact, map[string]any{"Email": "ada@elsewhere.example"})
	out := scenario.SyncOne(t, scenario.SyncerOf(t, org, nil), scenario.Ada())
	require.Equal(t, open, string(out.ID))
	require.Equal(t, open, string(out.Trace.Probes[3].Candidates[0].ID))
}

func TestLeadWithADefaultCompanyIsRecognised(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	mapping := leadsync.DefaultMapping()
	for s := range mapping.Sections {
		for r := range mapping.Sections[s].Rules {
			if rule := &mapping.Sections[s].Rules[r]; mapping.Sections[s].Object == "Lead" && rule.Field == "Company" {
				rule.Default = "n/a"
			}
		}
	}
	syncer := scenario.SyncerOf(t, org, &leadsync.Config{Mapper: mapping})
	lead := scenario.Ada()
	lead.Email, lead.Company = "", ""
	scenario.SyncOne(t, syncer, lead)
	scenario.SyncOne(t, syncer, lead)
	require.Equal(t, 1, org.Count("Lead"))
}

func TestKeyedConvertedLeadIsReplaced(t *testing.T) {
	t.Parallel()
	for _, email := range []string{"ada@analytical.example", ""} {
		for _, children := range []bool{false, true} {
			t.Run(fmt.Sprintf("%q %t", email, children), func(t *testing.T) {
				t.Parallel()
				org := sftest.NewOrg(t)
				org.AddExternalID("Lead", "Contact", "Account", "Task")
				syncer := scenario.SyncerOf(t, org, &leadsync.Config{Strategy: leadsync.LeadsOnly})
				lead := scenario.Ada()
				lead.Email = email
				if children {
					lead.Activities = []leadsync.Activity{{Kind: leadsync.ActivityCall}}
				}
				first := scenario.SyncOne(t, syncer, lead)
				org.Convert(string(first.ID))
				second := scenario.SyncOne(t, syncer, lead)
				require.NotEqual(t, first.ID, second.ID)
				require.Equal(t, leadsync.Created, second.Action)
				third := scenario.SyncOne(t, syncer, lead)
				require.Equal(t, second.ID, third.ID)
				require.Equal(t, 2, org.Count("Lead"))
			})
		}
	}
}

func TestRecordsOfABigBatchAreReadBeforeTheirTasks(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	known := scenario.InsertLead(org, "Byron", "byron@elsewhere.example")
	var leads []*leadsync.Lead
	for i := range 2000 {
		lead := scenario.Ada()
		lead.ID = leadsync.LeadID(fmt.Sprintf("L%04d", i))
		lead.Email = fmt.Sprintf("%04d-%s@analytical.example", i, strings.Repeat("x", 50))
		lead.ContactID = salesforce.ID(fmt.Sprintf("003000000%06d", i))
		lead.LeadID = salesforce.ID(fmt.Sprintf("00Q000000%06d", i))
		leads = append(leads, lead)
	}
	last := leads[len(leads)-1]
	last.LeadID = salesforce.ID(known)
	last.Activities = []leadsync.Activity{{Kind: leadsync.ActivityCall}}
	org.Insert("Task", map[string]any{"WhoId": known, "Subject": "Call", "Status": "Completed"})

	plan, err := scenario.SyncerOf(t, org, &leadsync.Config{BatchSize: 2000}).Plan(t.Context(), leads...)

	require.NoError(t, err)
	end := plan.Leads[len(leads)-1]
	require.Equal(t, known, string(end.ID))
	require.Equal(t, leadtype.PartTask, end.Parts[1].Kind)
	require.Equal(t, leadtype.Unplanned, end.Parts[1].Change, "the Task is there")
}

// A creating strategy has no probes.
type creating leadtype.NoHit

func (c creating) Name() string                           { return "creating" }
func (c creating) Probes(*leadsync.Lead) []leadtype.Probe { return nil }
func (c creating) NoHit(*leadsync.Lead) leadtype.NoHit    { return leadtype.NoHit(c) }

func TestStrategyCreatesAPersonOrNothing(t *testing.T) {
	t.Parallel()
	for object, stage := range map[salesforce.Object]leadsync.Stage{
		"": leadsync.Failed, "Account": leadsync.Failed, "Task": leadsync.Failed, "lead": leadsync.Cleared,
		"Contact": leadsync.Cleared,
	} {
		org := sftest.NewOrg(t)
		outcomes, _ := scenario.SyncerOf(t, org, &leadsync.Config{Strategy: creating{Person: object}}).
			Sync(t.Context(), scenario.Ada())
		require.Equal(t, stage, outcomes[0].Stage, object)
		require.Zero(t, org.Count("Account"))
	}
}

package leadsync_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

func TestNamesakeOfAnotherCompanyIsAnotherContact(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	syncer := syncerOf(t, org, &leadsync.Config{Strategy: leadsync.AccountsAndContacts})
	one, other := ada(), ada()
	one.Email, other.Email = "", ""
	other.ID, other.Company = "L2", "Difference Engines"
	syncOne(t, syncer, one)
	syncOne(t, syncer, other)
	require.Equal(t, 2, org.Count("Contact"))
	syncOne(t, syncer, one)
	syncOne(t, syncer, other)
	require.Equal(t, 2, org.Count("Contact"))
	require.Equal(t, 2, org.Count("Account"))
}

func TestUnconvertedLeadIsPreferredToAConvertedOnesContact(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	email := "ada@analytical.example"
	converted := insertLead(org, "Lovelace", email)
	open := insertLead(org, "Lovelace", email)
	contact, _ := org.Convert(converted)
	org.Update("Contact", contact, map[string]any{"Email": "ada@elsewhere.example"})
	out := syncOne(t, syncerOf(t, org, nil), ada())
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
	syncer := syncerOf(t, org, &leadsync.Config{Mapper: mapping})
	lead := ada()
	lead.Email, lead.Company = "", ""
	syncOne(t, syncer, lead)
	syncOne(t, syncer, lead)
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
				syncer := syncerOf(t, org, &leadsync.Config{Strategy: leadsync.LeadsOnly})
				lead := ada()
				lead.Email = email
				if children {
					lead.Activities = []leadsync.Activity{{Kind: leadsync.ActivityCall}}
				}
				first := syncOne(t, syncer, lead)
				org.Convert(string(first.ID))
				second := syncOne(t, syncer, lead)
				require.NotEqual(t, first.ID, second.ID)
				require.Equal(t, leadsync.Created, second.Action)
				third := syncOne(t, syncer, lead)
				require.Equal(t, second.ID, third.ID)
				require.Equal(t, 2, org.Count("Lead"))
			})
		}
	}
}

func TestRecordsOfABigBatchAreReadBeforeTheirTasks(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	known := insertLead(org, "Byron", "byron@elsewhere.example")
	var leads []*leadsync.Lead
	for i := range 2000 {
		lead := ada()
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

	plan, err := syncerOf(t, org, &leadsync.Config{BatchSize: 2000}).Plan(t.Context(), leads...)

	require.NoError(t, err)
	end := plan.Leads[len(leads)-1]
	require.Equal(t, known, string(end.ID))
	require.Equal(t, leadsync.PartTask, end.Parts[1].Kind)
	require.Equal(t, leadsync.Unplanned, end.Parts[1].Change, "the Task is there")
}

// A creating strategy finds nobody.
type creating leadsync.NoHit

func (c creating) Name() string                           { return "creating" }
func (c creating) Probes(*leadsync.Lead) []leadsync.Probe { return nil }
func (c creating) NoHit(*leadsync.Lead) leadsync.NoHit    { return leadsync.NoHit(c) }

func TestStrategyCreatesAPersonOrNothing(t *testing.T) {
	t.Parallel()
	for object, stage := range map[salesforce.Object]leadsync.Stage{
		"": leadsync.Failed, "Account": leadsync.Failed, "Task": leadsync.Failed, "lead": leadsync.Cleared, "Contact": leadsync.Cleared,
	} {
		org := sftest.NewOrg(t)
		outcomes, _ := syncerOf(t, org, &leadsync.Config{Strategy: creating{Person: object}}).Sync(t.Context(), ada())
		require.Equal(t, stage, outcomes[0].Stage, object)
		require.Zero(t, org.Count("Account"))
	}
}

package leadsync_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
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

// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

const mailbox = "info@initech.example"

func mailboxLead(id leadsync.LeadID, first, last string) *leadsync.Lead {
	return &leadsync.Lead{ID: id, FirstName: first, LastName: last, Email: mailbox, Company: "Initech",
		JobTitle: "T-" + string(id), Phone: "+1 555 010" + string(id[1:])}
}

func warningKinds(out *leadsync.Outcome) []leadtype.WarningKind {
	var kinds []leadtype.WarningKind
	for _, w := range out.Warnings {
		kinds = append(kinds, w.Kind)
	}
	return kinds
}

// Before names counted, the last of three people who share an address gave the record its
// name, and the two others were nowhere.
func TestPeopleOfOneAddressAreNotOneRecord(t *testing.T) {
	t.Parallel()
	for _, strategy := range []leadsync.Strategy{leadsync.LeadsAndContacts, leadsync.LeadsOnly,
		leadsync.AccountsAndContacts} {
		for policy, want := range map[leadtype.OtherPersonPolicy]int{leadtype.HoldOther: 1, leadtype.AttachOther: 1,
			leadtype.CreateOther: 3} {
			t.Run(strategy.Name()+"/"+string(policy), func(t *testing.T) {
				t.Parallel()
				org := sftest.NewOrg(t)
				campaign := scenario.Expo(org)
				cfg := &leadsync.Config{Strategy: strategy, OtherPerson: policy,
					Campaigns: []leadsync.CampaignLink{{CampaignID: campaign}}}
				leads := []*leadsync.Lead{mailboxLead("L1", "Pia", "Gibson"), mailboxLead("L2", "Samir", "Naga"),
					mailboxLead("L3", "Tomas", "Novak"), mailboxLead("L4", "P.", "Gibson")}
				var outs []*leadsync.Outcome
				for range 3 {
					outs, _ = scenario.SyncerOf(t, org, cfg).Sync(t.Context(), leads...)
					require.Equal(t, want, org.Count("Lead")+org.Count("Contact"))
				}
				require.Equal(t, outs[0].ID, outs[3].ID, "a name with an initial is the same one")
				require.Equal(t, map[leadtype.OtherPersonPolicy]int{leadtype.HoldOther: 1, leadtype.AttachOther: 1,
					leadtype.CreateOther: 3}[policy], org.Count("CampaignMember"))
				row := org.Row(string(outs[0].Object), string(outs[0].ID))
				require.Equal(t, "Gibson", row["LastName"])
				require.Equal(t, "Pia", row["FirstName"])
				switch policy {
				case leadtype.HoldOther:
					require.ErrorIs(t, outs[1].Err, leadsync.AmbiguousMatch)
					require.Equal(t, outs[0].ID, leadtype.Candidates(outs[1])[0].ID)
				case leadtype.AttachOther:
					require.Equal(t, outs[0].ID, outs[1].ID)
					require.Contains(t, warningKinds(outs[1]), leadtype.OtherPerson)
				case leadtype.CreateOther:
					require.NotEqual(t, outs[1].ID, outs[2].ID)
				}
				org.ResetLog()
				_, _ = scenario.SyncerOf(t, org, cfg).Sync(t.Context(), leads...)
				require.Zero(t, scenario.WritesOf(org))
			})
		}
	}
}

func TestTheRecordWithTheNameIsTakenAmongSeveral(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	pia := org.Insert("Contact", map[string]any{"FirstName": "Pia", "LastName": "Gibson", "Email": mailbox})
	org.Insert("Contact", map[string]any{"FirstName": "Samir", "LastName": "Naga", "Email": mailbox})
	out := scenario.SyncOne(t, scenario.SyncerOf(t, org, nil), mailboxLead("L1", "Pia", "Gibson"))
	require.Equal(t, pia, string(out.ID))
}

func TestInDoubtARecordKeepsItsNameAndItsValues(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	anna := org.Insert("Lead", map[string]any{"FirstName": "Anna", "LastName": "Kowalska", "Email": mailbox,
		"Company": "Initech", "Title": "CEO"})
	out := scenario.SyncOne(t, scenario.SyncerOf(t, org, nil), mailboxLead("L1", "Anna", "Nowak"))
	require.Equal(t, anna, string(out.ID))
	require.Contains(t, warningKinds(out), leadtype.Doubt)
	row := org.Row("Lead", anna)
	require.Equal(t, []any{"Kowalska", "CEO"}, []any{row["LastName"], row["Title"]})
	require.NotNil(t, row["Phone"], "it was blank")
}

func TestAPersonChoosesANewRecordForOneOfTwoPeople(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	scenario.InsertContact(org, "Gibson", mailbox)
	s := scenario.SyncerOf(t, org, nil)
	captureIn(t, s, mailboxLead("L1", "Tomas", "Novak"))
	require.NoError(t, s.Drain(t.Context()))
	require.ErrorIs(t, onlyEntry(t, s).Last.Err, leadsync.AmbiguousMatch)
	require.NoError(t, s.Choose(t.Context(), "L1", leadtype.NewRecord))
	for range 2 {
		require.NoError(t, s.Drain(t.Context()))
		entry := onlyEntry(t, s)
		require.Equal(t, leadsync.Cleared, entry.Stage, "%v", entry.Last.Err)
		require.Equal(t, 1, org.Count("Lead"))
		pushIn(t, s, leadsync.Filter{})
	}
	require.Equal(t, 1, org.Count("Contact"))
}

func TestADuplicateOfAnotherNameIsNotReused(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	org.AddDuplicateRule("Lead", sftest.DuplicateRule{Name: "Phone", MatchOn: []string{"Phone"}, Block: true})
	other := org.Insert("Lead", map[string]any{"LastName": "Gibson", "Company": "Initech", "Phone": "+1 555 0101"})
	outs, err := scenario.SyncerOf(t, org, nil).Sync(t.Context(), mailboxLead("L1", "Tomas", "Novak"))
	require.ErrorIs(t, err, leadsync.AmbiguousMatch)
	require.Equal(t, salesforce.ID(other), leadtype.Candidates(outs[0])[0].ID)
	out := scenario.SyncOne(t, scenario.SyncerOf(t, org, nil), mailboxLead("L1", "Pia", "Gibson"))
	require.Equal(t, other, string(out.ID))
	require.Contains(t, warningKinds(out), leadtype.RecordReused)
}

func TestPlaceholdersAreNobodys(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	s := scenario.SyncerOf(t, org, nil)
	one, two := mailboxLead("L1", "Ana", "Lopez"), mailboxLead("L2", "Ben", "Meyer")
	one.Email, two.Email = "noemail@noemail.com", "noemail@noemail.com"
	outs, err := s.Sync(t.Context(), one, two)
	require.NoError(t, err)
	require.Equal(t, 2, org.Count("Lead"))
	require.Nil(t, org.Row("Lead", string(outs[0].ID))["Email"])
	require.Contains(t, warningKinds(outs[0]), leadtype.Placeholder)

	s = scenario.SyncerOf(t, org, &leadsync.Config{Strategy: leadsync.AccountsAndContacts})
	one.Email, one.Company = "ana@gmail.com", "Self-employed"
	two.Email, two.Company = "ben@gmail.com", "student"
	_, err = s.Sync(t.Context(), one, two)
	require.NoError(t, err)
	require.Equal(t, 2, org.Count("Contact"))
	require.Zero(t, org.Count("Account"))
}

// Before, a lead without a first name vouched for all leads of its batch: the last one gave
// the record its name and what it filled in, which a batch of its own does not.
func TestFirstNameThatALeadOfTheBatchAddsTellsTheNextOne(t *testing.T) {
	t.Parallel()
	leads := []*leadsync.Lead{mailboxLead("L1", "", "Gibson"), mailboxLead("L2", "Pia", "Gibson"),
		mailboxLead("L3", "Tomas", "Gibson"), mailboxLead("L4", "Pia", "Gibson")}
	for _, lead := range leads {
		lead.Email = "gibson@initech.example"
	}
	for name, batches := range map[string][][]*leadsync.Lead{"one batch": {leads}, "one by one": {leads[:1], leads[1:2],
		leads[2:3], leads[3:]}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			org := sftest.NewOrg(t)
			syncer := scenario.SyncerOf(t, org, new(leadsync.Config))
			var outs []*leadsync.Outcome
			for _, batch := range batches {
				synced, err := syncer.Sync(t.Context(), batch...)
				require.NoError(t, err)
				outs = append(outs, synced...)
			}
			require.Contains(t, warningKinds(outs[2]), leadtype.Doubt)
			require.NotContains(t, warningKinds(outs[3]), leadtype.Doubt)
			require.Equal(t, 1, org.Count("Lead"))
			require.Equal(t, "Pia", org.Rows("Lead")[0]["FirstName"])
			require.Equal(t, "T-L4", org.Rows("Lead")[0]["Title"])
		})
	}
}

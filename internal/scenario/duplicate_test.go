// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// lastNameRule makes the org take people of one last name for duplicates, which
// no probe looks at.
func lastNameRule(org *sftest.Org, block bool, against ...string) {
	org.AddDuplicateRule("Lead", sftest.DuplicateRule{MatchOn: []string{"LastName"}, Against: against, Block: block})
}

func TestDuplicateIsReusedWithItsChildren(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	lastNameRule(org, true)
	there := scenario.InsertLead(org, "Lovelace", "old@analytical.example")
	lead, other := scenario.Ada(), scenario.Ada()
	lead.Activities = []leadsync.Activity{{Kind: leadsync.ActivityCall}}
	other.ID, other.Email, other.LastName = "L2", "charles@analytical.example", "Babbage"
	syncer := scenario.SyncerOf(t, org,
		&leadsync.Config{Campaigns: []leadsync.CampaignLink{{CampaignID: scenario.Expo(org)}}})

	outcomes, err := syncer.Sync(t.Context(), lead, other)

	require.NoError(t, err)
	require.Equal(t, there, string(outcomes[0].ID))
	require.Equal(t, leadsync.Updated, outcomes[0].Action)
	require.Equal(t, leadsync.Created, outcomes[1].Action)
	require.Equal(t, 2, org.Count("Lead"))
	require.Equal(t, 2, org.Count("CampaignMember"))
	require.Equal(t, there, org.Rows("Task")[0]["WhoId"])
	require.Equal(t, "Ada", org.Row("Lead", there)["FirstName"])
	require.Equal(t, "old@analytical.example", org.Row("Lead", there)["Email"],
		"an e-mail address is written only where there is none")
}

func TestDuplicateOfAContactIsReusedWhereTheStrategyDealsInContacts(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		strategy leadsync.Strategy
		reuses   bool
	}{{leadsync.LeadsAndContacts, true}, {leadsync.LeadsOnly, false}} {
		t.Run(row.strategy.Name(), func(t *testing.T) {
			t.Parallel()
			org := sftest.NewOrg(t)
			lastNameRule(org, true, "Contact")
			there := scenario.InsertContact(org, "Lovelace", "old@analytical.example")

			outcomes, err := scenario.SyncerOf(t, org, &leadsync.Config{Strategy: row.strategy}).
				Sync(t.Context(), scenario.Ada())

			if row.reuses {
				require.NoError(t, err)
				require.Equal(t, there, string(outcomes[0].ID))
				return
			}
			require.ErrorIs(t, err, leadsync.DuplicateRecord)
			var sf *salesforce.Error
			require.ErrorAs(t, outcomes[0].Err, &sf)
			require.Equal(t, salesforce.ID(there), sf.Duplicates[0].ID)
			require.Nil(t, org.Row("Contact", there)["FirstName"])
		})
	}
}

func TestSeveralDuplicatesWaitForAChoice(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	lastNameRule(org, false)
	scenario.InsertLead(org, "Lovelace", "a@analytical.example")
	scenario.InsertLead(org, "Lovelace", "b@analytical.example")

	outcomes, err := scenario.SyncerOf(t, org, nil).Sync(t.Context(), scenario.Ada())

	require.ErrorIs(t, err, leadsync.AmbiguousMatch)
	require.Equal(t, leadsync.Failed, outcomes[0].Stage)
	require.Equal(t, 2, org.Count("Lead"))
}

func TestDuplicatePolicyDecides(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		policy leadsync.DuplicatePolicy
		block  bool
		leads  int
		code   leadsync.Code
	}{
		{leadsync.AllowDuplicate, false, 2, ""},
		{leadsync.AllowDuplicate, true, 1, leadsync.DuplicateRecord},
		{leadsync.HoldDuplicate, false, 1, leadsync.DuplicateRecord},
		{leadsync.ReuseDuplicate, false, 1, ""},
	} {
		t.Run(string(row.policy), func(t *testing.T) {
			t.Parallel()
			org := sftest.NewOrg(t)
			lastNameRule(org, row.block)
			scenario.InsertLead(org, "Lovelace", "old@analytical.example")

			_, err := scenario.SyncerOf(t, org, &leadsync.Config{Duplicates: row.policy}).Sync(t.Context(), scenario.Ada())

			require.Equal(t, row.code, leadsync.CodeOf(err))
			require.Equal(t, row.leads, org.Count("Lead"))
		})
	}
}

func TestDuplicateAccountIsReused(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	org.AddDuplicateRule("Account", sftest.DuplicateRule{MatchOn: []string{"Phone"}, Block: true})
	there := org.Insert("Account", map[string]any{"Name": "Quite Another Name", "Phone": "123"})
	lead := scenario.Ada()
	lead.CompanyPhone = "123"

	out := scenario.SyncOne(t, scenario.SyncerOf(t, org, &leadsync.Config{Strategy: leadsync.AccountsAndContacts}), lead)

	require.Equal(t, there, string(out.AccountID))
	require.Equal(t, there, org.Row("Contact", string(out.ID))["AccountId"])
	require.Equal(t, 1, org.Count("Account"))
}

// The refused Contact goes again in the Account that was created before it.
func TestDuplicateInANewAccountIsReused(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	org.AddDuplicateRule("Contact", sftest.DuplicateRule{MatchOn: []string{"LastName"}, Block: true})
	org.AddRule("Contact", sftest.Rule{Field: "AccountId", Refuses: func(row map[string]any) bool {
		return row["LastName"] == "Lovelace" && row["AccountId"] == nil
	}})
	account := org.Insert("Account", map[string]any{"Name": "Somewhere"})
	there := org.Insert("Contact", map[string]any{"LastName": "Lovelace", "AccountId": account})

	out := scenario.SyncOne(t, scenario.SyncerOf(t, org, &leadsync.Config{Strategy: leadsync.AccountsAndContacts}),
		scenario.Ada())

	require.Equal(t, there, string(out.ID))
	require.Equal(t, "Ada", org.Row("Contact", there)["FirstName"])
	require.Equal(t, 1, org.Count("Contact"))
}

// A rule that names another person's record: the lead is held, its trace says that the rule named
// it, and what the probes had found before.
func TestDuplicateOfAnotherPersonIsToldAsSuch(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	org.AddDuplicateRule("Lead", sftest.DuplicateRule{MatchOn: []string{"Company"}})
	there := org.Insert("Lead",
		map[string]any{"FirstName": "Bob", "LastName": "Babbage", "Company": scenario.Ada().Company})
	outcomes, err := scenario.SyncerOf(t, org, nil).Sync(t.Context(), scenario.Ada())
	require.ErrorIs(t, err, leadsync.AmbiguousMatch)
	explained := leadsync.Explain(outcomes[0])
	require.Contains(t, explained, "Lead.Id found Lead "+there+" (named by a duplicate rule).")
	require.Contains(t, explained, "Lead.Email found nothing.")
	candidates := leadtype.Candidates(outcomes[0])
	require.Len(t, candidates, 1)
	require.Equal(t, leadtype.WhyReported, candidates[0].Why)
	require.Empty(t, candidates[0].Field)
}

// uniqueOrg is an org in which a Lead of a person has a code that no other Lead may have.
func uniqueOrg(t *testing.T, first, last string) (*sftest.Org, *leadsync.Lead, *leadsync.Mapping) {
	t.Helper()
	org := sftest.NewOrg(t)
	org.DefineField("Lead", sftest.Field{Name: "Code__c", Unique: true})
	org.Insert("Lead", map[string]any{"FirstName": first, "LastName": last, "Company": "Somewhere", "Code__c": "A7"})
	m := leadsync.DefaultMapping()
	m.Sections[0].Rules = append(m.Sections[0].Rules, mapping.Rule{Source: "custom.code", Field: "Code__c"})
	lead := scenario.Ada()
	lead.Custom = map[string]any{"code": "a7"}
	return org, lead, m
}

// What a unique field names is told as such: it was said that a duplicate rule did, and that a new
// record may be chosen, which the field refuses again.
func TestRecordNamedByAUniqueFieldIsToldAsSuch(t *testing.T) {
	t.Parallel()
	org, lead, m := uniqueOrg(t, "Bob", "Babbage")
	outcomes, err := scenario.SyncerOf(t, org, &leadsync.Config{Mapper: m}).Sync(t.Context(), lead)
	require.ErrorIs(t, err, leadsync.AmbiguousMatch)
	require.Contains(t, outcomes[0].Err.Error(), "in Code__c, which is unique, has not the lead's name")
	require.NotContains(t, outcomes[0].Err.Fix(), "a new one")
	require.False(t, leadtype.OffersNew(outcomes[0]))
	require.Contains(t, leadsync.Explain(outcomes[0]), "(named by a unique field)")
	require.Equal(t, leadtype.WhyReported, leadtype.Candidates(outcomes[0])[0].Why)

	org, lead, m = uniqueOrg(t, "Ada", "Lovelace")
	out := scenario.SyncOne(t, scenario.SyncerOf(t, org, &leadsync.Config{Mapper: m}), lead)
	require.Equal(t, leadtype.RecordReused, out.Warnings[0].Kind)
	require.Contains(t, out.Warnings[0].Reason, "a unique field named")
	require.Equal(t, 1, org.Count("Lead"))

	org, lead, m = uniqueOrg(t, "Ada", "Lovelace")
	outcomes, err = scenario.SyncerOf(t, org, &leadsync.Config{Mapper: m, Duplicates: leadsync.HoldDuplicate}).
		Sync(t.Context(), lead)
	require.ErrorIs(t, err, leadsync.DuplicateRecord)
	require.Contains(t, outcomes[0].Err.Fix(), "Another record has the value of Lead.Code__c, which is unique: Lead 00Q")
	require.False(t, leadtype.OffersNew(outcomes[0]))
}

// The record of an update is known: what refuses the update names another one. The lead was told
// to have its own record by a duplicate rule, and it was written a second time.
func TestRefusedUpdateIsNotTakenForAMatch(t *testing.T) {
	t.Parallel()
	org, lead, m := uniqueOrg(t, "Ada", "Lovelace")
	own := org.Insert("Lead", map[string]any{"FirstName": "Ada", "LastName": "Lovelace", "Company": lead.Company,
		"Email": lead.Email})
	outcomes, err := scenario.SyncerOf(t, org, &leadsync.Config{Mapper: m}).Sync(t.Context(), lead)
	require.ErrorIs(t, err, leadsync.DuplicateRecord)
	out := outcomes[0]
	require.Equal(t, own, string(out.ID))
	require.Equal(t, "Lead by e-mail", out.Trace.Rule)
	require.Empty(t, out.Warnings)
	require.Contains(t, out.Err.Fix(), "Another record has the value of Lead.Code__c, which is unique: Lead 00Q")
	require.Equal(t, 1, scenario.WritesOf(org))
	require.Len(t, leadtype.Candidates(out), 2, "the other record, and its own")
}

// A mutedClient does not answer the writes that are sent alone.
type mutedClient struct{ leadsync.Client }

func (c mutedClient) Write(ctx context.Context, writes ...salesforce.Write) ([]salesforce.WriteResult, error) {
	if writes[0].Alone {
		return nil, errors.New("no answer")
	}
	return c.Client.Write(ctx, writes...)
}

func TestUnnamedDuplicateRemainsAnError(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	lastNameRule(org, true)
	scenario.InsertLead(org, "Lovelace", "old@analytical.example")
	syncer, err := leadsync.New(mutedClient{scenario.ClientOf(t, org)}, nil)
	require.NoError(t, err)

	outcomes, err := syncer.Sync(t.Context(), scenario.Ada())

	require.ErrorIs(t, err, leadsync.DuplicateRecord)
	require.Equal(t, leadsync.Failed, outcomes[0].Stage)
	require.Equal(t, 1, org.Count("Lead"))
}

func TestManyDuplicatesAreReadTwentyFiveACall(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	lastNameRule(org, true)
	var leads []*leadsync.Lead
	for i := range 50 {
		lead := scenario.Ada()
		lead.ID, lead.LastName = leadsync.LeadID(fmt.Sprint(i)), fmt.Sprintf("Lovelace %d", i)
		lead.Email = ""
		scenario.InsertLead(org, lead.LastName, "old@analytical.example")
		leads = append(leads, lead)
	}
	syncer := scenario.SyncerOf(t, org, nil)

	_, err := syncer.Sync(t.Context(), leads...)

	require.NoError(t, err)
	require.Equal(t, 50, org.Count("Lead"))
	require.Equal(t, 7, org.Calls(), "session, look, write, two to learn, look, write")
}

// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// TestStrategyTable reads like the table of strategies: what each probe finds,
// which one wins, and what is created when none hits.
func TestStrategyTable(t *testing.T) {
	t.Parallel()
	const (
		both     = leadsync.LeadsAndContacts
		only     = leadsync.LeadsOnly
		accounts = leadsync.AccountsAndContacts
	)
	contactByID := func(org *sftest.Org, l *leadsync.Lead) string {
		id := scenario.InsertContact(org, "Byron", "other@analytical.example")
		l.ContactID = salesforce.ID(id)
		return id
	}
	contactByEmail := func(org *sftest.Org, l *leadsync.Lead) string {
		return scenario.InsertContact(org, "Lovelace", l.Email)
	}
	leadByID := func(org *sftest.Org, l *leadsync.Lead) string {
		id := scenario.InsertLead(org, "Byron", "another@analytical.example")
		l.LeadID = salesforce.ID(id)
		return id
	}
	leadByEmail := func(org *sftest.Org, l *leadsync.Lead) string { return scenario.InsertLead(org, "Lovelace", l.Email) }
	type seed = func(*sftest.Org, *leadsync.Lead) string

	for _, row := range []struct {
		strategy leadsync.Strategy
		name     string
		there    []seed // what the org holds; the first is what must be found
		object   salesforce.Object
		rule     string
		creates  bool
	}{
		{both, "contact id", []seed{contactByID}, "Contact", "Contact by id", false},
		{both, "contact e-mail", []seed{contactByEmail}, "Contact", "Contact by e-mail", false},
		{both, "lead id", []seed{leadByID}, "Lead", "Lead by id", false},
		{both, "lead e-mail", []seed{leadByEmail}, "Lead", "Lead by e-mail", false},
		{both, "contact id before contact e-mail", []seed{contactByID, contactByEmail}, "Contact", "Contact by id", false},
		{both, "contact e-mail before lead id", []seed{contactByEmail, leadByID}, "Contact", "Contact by e-mail", false},
		{both, "lead id before lead e-mail", []seed{leadByID, leadByEmail}, "Lead", "Lead by id", false},
		{both, "all four", []seed{contactByID, contactByEmail, leadByID, leadByEmail}, "Contact", "Contact by id", false},
		{both, "no hit creates a Lead", nil, "Lead", "no hit", true},

		{only, "lead id", []seed{leadByID}, "Lead", "Lead by id", false},
		{only, "lead e-mail", []seed{leadByEmail}, "Lead", "Lead by e-mail", false},
		{only, "lead id before lead e-mail", []seed{leadByID, leadByEmail}, "Lead", "Lead by id", false},
		{only, "a Contact is not looked at", []seed{leadByEmail, contactByID, contactByEmail}, "Lead",
			"Lead by e-mail", false},
		{only, "no hit creates a Lead", nil, "Lead", "no hit", true},

		{accounts, "contact id", []seed{contactByID}, "Contact", "Contact by id", false},
		{accounts, "contact e-mail", []seed{contactByEmail}, "Contact", "Contact by e-mail", false},
		{accounts, "contact id before contact e-mail", []seed{contactByID, contactByEmail}, "Contact",
			"Contact by id", false},
		{accounts, "a Lead is not looked at", []seed{contactByEmail, leadByID, leadByEmail}, "Contact",
			"Contact by e-mail", false},
		{accounts, "no hit creates Account and Contact", nil, "Contact", "no hit", true},
	} {
		t.Run(row.strategy.Name()+"/"+row.name, func(t *testing.T) {
			t.Parallel()
			org := sftest.NewOrg(t)
			lead := scenario.Ada()
			want := ""
			for i, seed := range row.there {
				if id := seed(org, lead); i == 0 {
					want = id
				}
			}
			before := org.Count("Lead") + org.Count("Contact")

			out := scenario.SyncOne(t, scenario.SyncerOf(t, org, &leadsync.Config{Strategy: row.strategy}), lead)

			require.Equal(t, row.object, out.Object)
			require.Equal(t, row.rule, out.Trace.Rule)
			if row.creates {
				require.Equal(t, leadsync.Created, out.Action)
				require.Equal(t, before+1, org.Count("Lead")+org.Count("Contact"))
				require.NotNil(t, org.Row(string(row.object), string(out.ID)))
				return
			}
			require.Equal(t, want, string(out.ID))
			require.NotEqual(t, leadsync.Created, out.Action)
			require.Equal(t, before, org.Count("Lead")+org.Count("Contact"))
			require.Equal(t, "Ada", org.Row(string(row.object), want)["FirstName"])
		})
	}
}

func TestBlankEmailSkipsTheProbe(t *testing.T) {
	t.Parallel()
	for _, email := range []string{"", " \t "} {
		t.Run(fmt.Sprintf("%q", email), func(t *testing.T) {
			t.Parallel()
			org := sftest.NewOrg(t)
			org.Insert("Contact", map[string]any{"LastName": "Nobody"})
			lead := scenario.Ada()
			lead.Email = email

			out := scenario.SyncOne(t, scenario.SyncerOf(t, org, nil), lead)

			require.Equal(t, leadsync.Created, out.Action)
			require.Equal(t, "blank", out.Trace.Probes[1].Skipped)
			require.Nil(t, org.Row("Lead", string(out.ID))["Email"])
		})
	}
}

func TestEmailIsComparedTrimmedAndWithoutCase(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	want := scenario.InsertContact(org, "Lovelace", "ada@analytical.example")
	lead := scenario.Ada()
	lead.Email = "  ADA@Analytical.Example "

	out := scenario.SyncOne(t, scenario.SyncerOf(t, org, nil), lead)

	require.Equal(t, want, string(out.ID))
}

// TestConvertedLead covers a Lead that became a Contact, under each strategy,
// synced three times: it never makes more than one record.
func TestConvertedLead(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		strategy leadsync.Strategy
		policy   leadsync.ConvertedPolicy
		object   salesforce.Object
		follows  bool
	}{
		{leadsync.LeadsAndContacts, leadsync.Follow, "Contact", true},
		{leadsync.LeadsAndContacts, leadsync.NewLead, "Lead", false},
		{leadsync.LeadsOnly, leadsync.Follow, "Lead", false},
		{leadsync.LeadsOnly, leadsync.NewLead, "Lead", false},
	} {
		for _, by := range []string{"id", "e-mail"} {
			t.Run(fmt.Sprintf("%s/%s/by %s", row.strategy.Name(), row.policy, by), func(t *testing.T) {
				t.Parallel()
				org := sftest.NewOrg(t)
				converted := scenario.InsertLead(org, "Lovelace", "ada@analytical.example")
				contact, _ := org.Convert(converted)
				org.Update("Contact", contact, map[string]any{"Email": "elsewhere@analytical.example"})
				lead := scenario.Ada()
				if by == "id" {
					lead.LeadID = salesforce.ID(converted)
				}
				syncer := scenario.SyncerOf(t, org, &leadsync.Config{Strategy: row.strategy, Converted: row.policy})
				leads, contacts := org.Count("Lead"), org.Count("Contact")

				var id salesforce.ID
				for i := range 3 {
					out := scenario.SyncOne(t, syncer, lead)
					require.Equal(t, row.object, out.Object)
					if i > 0 {
						require.Equal(t, id, out.ID)
						require.Equal(t, leadsync.Unchanged, out.Action)
					}
					id = out.ID
				}

				if row.follows {
					require.Equal(t, contact, string(id))
					require.Equal(t, leads, org.Count("Lead"))
				} else {
					require.NotEqual(t, converted, string(id))
					require.Equal(t, leads+1, org.Count("Lead"))
				}
				require.Equal(t, contacts, org.Count("Contact"))
			})
		}
	}
}

func TestConvertedLeadIsHeldWhenAskedTo(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	org.Convert(scenario.InsertLead(org, "Lovelace", "ada@analytical.example"))
	lead := scenario.Ada()
	contacts := org.Rows("Contact")
	org.Update("Contact", contacts[0]["Id"].(string), map[string]any{"Email": nil})
	syncer := scenario.SyncerOf(t, org, &leadsync.Config{Converted: leadsync.HoldConverted})

	outcomes, err := syncer.Sync(t.Context(), lead)

	require.ErrorIs(t, err, leadsync.StaleRemoteRecord)
	require.Equal(t, leadsync.Failed, outcomes[0].Stage)
	require.Zero(t, scenario.WritesOf(org))
}

// TestAccountsAndContactsDoesNotLookAtConvertedLeads: the strategy's third case
// of a converted Lead. Its Contact is found as any Contact is.
func TestAccountsAndContactsDoesNotLookAtConvertedLeads(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	contact, _ := org.Convert(scenario.InsertLead(org, "Lovelace", "ada@analytical.example"))
	syncer := scenario.SyncerOf(t, org, &leadsync.Config{Strategy: leadsync.AccountsAndContacts})
	for i := range 3 {
		out := scenario.SyncOne(t, syncer, scenario.Ada())
		require.Equal(t, contact, string(out.ID))
		require.Equal(t, i > 0, out.Action == leadsync.Unchanged)
	}
	require.Equal(t, 1, org.Count("Contact"))
}

func TestSeveralHitsTakeTheLastModified(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	first := scenario.InsertContact(org, "Lovelace", "ada@analytical.example")
	second := scenario.InsertContact(org, "Lovelace", "ada@analytical.example")
	org.Update("Contact", first, map[string]any{"Title": "Countess"})

	out := scenario.SyncOne(t, scenario.SyncerOf(t, org, nil), scenario.Ada())

	require.Equal(t, first, string(out.ID))
	candidates := out.Trace.Probes[1].Candidates
	require.Equal(t, []salesforce.ID{salesforce.ID(first), salesforce.ID(second)},
		[]salesforce.ID{candidates[0].ID, candidates[1].ID})
}

func TestSeveralHitsAreHeldWhenAskedTo(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	scenario.InsertContact(org, "Lovelace", "ada@analytical.example")
	scenario.InsertContact(org, "Lovelace", "ada@analytical.example")

	outcomes, err := scenario.SyncerOf(t, org, &leadsync.Config{Ambiguous: leadsync.HoldAmbiguous}).
		Sync(t.Context(), scenario.Ada())

	require.ErrorIs(t, err, leadsync.AmbiguousMatch)
	require.Len(t, outcomes[0].Trace.Probes[1].Candidates, 2)
	require.Zero(t, scenario.WritesOf(org))
}

func TestTwoLeadsOfOnePersonBecomeOneRecord(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		strategy leadsync.Strategy
		object   string
	}{
		{leadsync.LeadsAndContacts, "Lead"}, {leadsync.LeadsOnly, "Lead"}, {leadsync.AccountsAndContacts, "Contact"},
	} {
		t.Run(row.strategy.Name(), func(t *testing.T) {
			t.Parallel()
			org := sftest.NewOrg(t)
			first, second := scenario.Ada(), scenario.Ada()
			second.ID, second.Email, second.JobTitle = "L2", "ADA@analytical.example", "Countess"

			outcomes, err := scenario.SyncerOf(t, org, &leadsync.Config{Strategy: row.strategy}).Sync(t.Context(), first, second)

			require.NoError(t, err)
			require.Equal(t, 1, org.Count(row.object))
			require.Equal(t, outcomes[0].ID, outcomes[1].ID)
			require.Equal(t, leadsync.Created, outcomes[1].Action)
			require.Equal(t, leadsync.LeadID("L1"), outcomes[1].Trace.FoldedInto)
			require.Equal(t, "Countess", org.Row(row.object, string(outcomes[0].ID))["Title"])
		})
	}
}

// The second lead's address finds no record, since Salesforce has another one; the
// first lead shows whose it is.
func TestLeadWithoutAHitJoinsTheRecordItsTwinFound(t *testing.T) {
	t.Parallel()
	for _, order := range [][]int{{0, 1}, {1, 0}} {
		org := sftest.NewOrg(t)
		there := scenario.InsertContact(org, "Lovelace", "byron@analytical.example")
		known, twin := scenario.Ada(), scenario.Ada()
		known.ContactID, twin.ID, twin.JobTitle = salesforce.ID(there), "L2", "Countess"
		leads := []*leadsync.Lead{known, twin}

		outcomes, err := scenario.SyncerOf(t, org, nil).Sync(t.Context(), leads[order[0]], leads[order[1]])

		require.NoError(t, err)
		require.Equal(t, there, string(outcomes[0].ID))
		require.Equal(t, there, string(outcomes[1].ID))
		require.Equal(t, "Countess", org.Row("Contact", there)["Title"])
		require.Equal(t, leadsync.LeadID("L1"), outcomes[slices.Index(order, 1)].Trace.FoldedInto)
		require.Zero(t, org.Count("Lead"))
	}
}

func TestUnknownStrategyHoldsTheLead(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	lead := scenario.Ada()
	lead.Strategy = "yesterday's"

	outcomes, err := scenario.SyncerOf(t, org, nil).Sync(t.Context(), lead)

	require.Error(t, err)
	require.Equal(t, leadsync.PreSync, outcomes[0].Stage)
	require.Equal(t, []string{"strategy"}, outcomes[0].Err.Fields)
	require.Zero(t, scenario.WritesOf(org))
}

// What a sync created is found by the next one, also where the text was cleaned
// or the name is no pattern for itself.
func TestRecordIsFoundByTheOddTextItWasCreatedFrom(t *testing.T) {
	t.Parallel()
	for _, email := range []string{"ada\x00@x.example", "\x07ADA@X.example\x7f", "ada@MÜLLER.example",
		"\u00a0ada@x.example "} {
		org := sftest.NewOrg(t)
		syncer, lead := scenario.SyncerOf(t, org, nil), scenario.Ada()
		lead.Email = email
		scenario.SyncOne(t, syncer, lead)
		require.Equal(t, leadsync.Unchanged, scenario.SyncOne(t, syncer, lead).Action, "%q", email)
	}
	for _, company := range []string{
		"Ana\x00lytical", "ＡＣＭＥ", "ﬁrm of five", "\u200bAcme Ltd", "e\u0301cole", "=cmd|x", "\u202eabcdef", "ǅ", "(re)source",
		`"Acme" Inc`, "HP, Inc.", "3M,", "AT&T", "a", "Straße AG", "100% _x_ Inc", `A'B\C`, "שלום בע״מ", "株式会社ＫＤＤＩ",
	} {
		org := sftest.NewOrg(t)
		syncer := scenario.SyncerOf(t, org, &leadsync.Config{Strategy: leadsync.AccountsAndContacts})
		for _, email := range []string{"a@gmail.com", "b@gmail.com"} {
			lead := scenario.Ada()
			lead.ID, lead.Email, lead.Company = leadsync.LeadID(email), email, company
			scenario.SyncOne(t, syncer, lead)
		}
		require.Equal(t, 1, org.Count("Account"), "%q", company)
	}
}

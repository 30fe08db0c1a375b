// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

func TestAccountsAndContactsFindsTheAccount(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name    string
		account map[string]any
		lead    func(*leadsync.Lead)
		rule    string // "" means that a new account is created
	}{
		{"by the website's domain", map[string]any{"Name": "AE", "Website": "https://www.Analytical.example/about"},
			func(l *leadsync.Lead) { l.Website = "shop.analytical.example" }, "Account by Website"},
		{"by the e-mail's domain", map[string]any{"Name": "AE", "Website": "analytical.example"},
			func(*leadsync.Lead) {}, "Account by Website"},
		{"never by a free-mail domain", map[string]any{"Name": "Google", "Website": "gmail.com"},
			func(l *leadsync.Lead) { l.Email = "ada@gmail.com" }, ""},
		{"never by a page at a social network",
			map[string]any{"Name": "Other", "Website": "https://www.linkedin.com/company/other"},
			func(l *leadsync.Lead) { l.Website, l.Email = "linkedin.com/company/analytical", "ada@gmail.com" }, ""},
		{"never by such a page for who works at the network",
			map[string]any{"Name": "Other", "Website": "https://www.linkedin.com/company/other"},
			func(l *leadsync.Lead) { l.Email = "ada@linkedin.com" }, ""},
		{"by the network's front page for who works there",
			map[string]any{"Name": "LinkedIn", "Website": "https://www.linkedin.com/"},
			func(l *leadsync.Lead) { l.Website, l.Email = "linkedin.com/in/ada", "ada@linkedin.com" }, "Account by Website"},
		{"by the e-mail's domain beside a page at a social network",
			map[string]any{"Name": "AE", "Website": "analytical.example"},
			func(l *leadsync.Lead) { l.Website = "https://facebook.com/analytical" }, "Account by Website"},
		{"never by a part of a domain", map[string]any{"Name": "Other", "Website": "notanalytical.example"},
			func(*leadsync.Lead) {}, ""},
		{"by name with case, punctuation and legal form folded", map[string]any{"Name": "ANALYTICAL-ENGINES, LIMITED"},
			func(*leadsync.Lead) {}, "Account by Name"},
		{"by a short name with its legal form behind a comma", map[string]any{"Name": "HP, Inc."},
			func(l *leadsync.Lead) { l.Company = "HP" }, "Account by Name"},
		{"never by the beginning of a name", map[string]any{"Name": "Analytical Engines Overseas"},
			func(*leadsync.Lead) {}, ""},
		{"by a known id", map[string]any{"Name": "Whatever"}, nil, "Account by id"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			org := sftest.NewOrg(t)
			account := org.Insert("Account", row.account)
			lead := scenario.Ada()
			if row.lead != nil {
				row.lead(lead)
			} else {
				lead.AccountID = salesforce.ID(account)
			}

			out := scenario.SyncOne(t, scenario.SyncerOf(t, org, &leadsync.Config{Strategy: leadsync.AccountsAndContacts}), lead)

			contact := org.Row("Contact", string(out.ID))
			require.Equal(t, string(out.AccountID), contact["AccountId"])
			if row.rule == "" {
				require.Equal(t, "no hit", out.Trace.Rule)
				require.Equal(t, 2, org.Count("Account"))
				require.NotEqual(t, account, contact["AccountId"])
				return
			}
			require.Equal(t, "no hit; "+row.rule, out.Trace.Rule)
			require.Equal(t, account, contact["AccountId"])
			require.Equal(t, 1, org.Count("Account"))
		})
	}
}

func TestAccountOfTheDomainIsPreferredToThatOfTheName(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	org.Insert("Account", map[string]any{"Name": "Analytical Engines"})
	byDomain := org.Insert("Account", map[string]any{"Name": "AE Holding", "Website": "analytical.example"})

	out := scenario.SyncOne(t, scenario.SyncerOf(t, org, &leadsync.Config{Strategy: leadsync.AccountsAndContacts}),
		scenario.Ada())

	require.Equal(t, byDomain, string(out.AccountID))
}

func TestAccountOfAMatchedContactIsLeftAlone(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	account := org.Insert("Account", map[string]any{"Name": "Old Employer"})
	contact := org.Insert("Contact",
		map[string]any{"LastName": "Lovelace", "Email": "ada@analytical.example", "AccountId": account})
	lead := scenario.Ada()
	lead.Industry = "Machinery"

	out := scenario.SyncOne(t, scenario.SyncerOf(t, org, &leadsync.Config{Strategy: leadsync.AccountsAndContacts}), lead)

	require.Equal(t, contact, string(out.ID))
	require.Nil(t, org.Row("Account", account)["Industry"])
	require.Equal(t, account, org.Row("Contact", contact)["AccountId"])
	require.Equal(t, 1, org.Count("Account"))
}

func TestTwoPeopleOfOneCompanyShareOneNewAccount(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	first, second := scenario.Ada(), scenario.Ada()
	second.ID, second.Email, second.FirstName, second.LastName = "L2", "charles@analytical.example", "Charles", "Babbage"
	second.Company = "Analytical Engines"

	outcomes, err := scenario.SyncerOf(t, org, &leadsync.Config{Strategy: leadsync.AccountsAndContacts}).
		Sync(t.Context(), first, second)

	require.NoError(t, err)
	require.Equal(t, 1, org.Count("Account"))
	require.Equal(t, 2, org.Count("Contact"))
	require.Equal(t, outcomes[0].AccountID, outcomes[1].AccountID)
}

func TestNoAccountIsWrittenForAPersonThatCannotBe(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	org.Insert("Account", map[string]any{"Name": "Known"})
	nameless, misfit := scenario.Ada(), scenario.Ada()
	nameless.LastName = ""
	misfit.ID, misfit.Email, misfit.Company, misfit.Industry = "L2", "not an address", "Known", "Machinery"

	_, err := scenario.SyncerOf(t, org, &leadsync.Config{Strategy: leadsync.AccountsAndContacts}).
		Sync(t.Context(), nameless, misfit)

	require.ErrorIs(t, err, leadsync.RequiredFieldMissing)
	require.ErrorIs(t, err, leadsync.DataValueValidation)
	require.Zero(t, scenario.WritesOf(org))
}

// A website that anyone can have does not identify a company.
func TestWebsiteThatAnyoneCanHaveIsNoCompany(t *testing.T) {
	t.Parallel()
	for _, websites := range [][2]string{
		{"gmail.com", "www.gmail.com"},
		{"https://www.linkedin.com/company/analytical", "https://de.linkedin.com/company/difference"},
		{"https://linktr.ee/analytical", "linktr.ee/difference"},
		{"linkedin.com", "www.linkedin.com"},
	} {
		org := sftest.NewOrg(t)
		one, other := scenario.Ada(), scenario.Ada()
		one.Website, other.Website = websites[0], websites[1]
		one.Email, other.Email = "a@gmail.com", "b@gmail.com"
		other.ID, other.Company = "L2", "Difference Engines"
		cfg := &leadsync.Config{Strategy: leadsync.AccountsAndContacts}
		_, err := scenario.SyncerOf(t, org, cfg).Sync(t.Context(), one, other)
		require.NoError(t, err)
		require.Equal(t, 2, org.Count("Account"), websites)

		third := scenario.Ada()
		third.ID, third.Website, third.Email, third.Company = "L3", websites[0], "c@gmail.com", "Third"
		scenario.SyncOne(t, scenario.SyncerOf(t, org, cfg), third)
		require.Equal(t, 3, org.Count("Account"), websites)
	}
}

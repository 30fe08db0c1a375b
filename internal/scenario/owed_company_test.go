// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// owingCompany is a desk where the tier of a lead's company is owed: the org has no such
// option yet.
func owingCompany(t *testing.T, leads ...*leadsync.Lead) (d *desk, outcomes map[leadsync.LeadID]*leadsync.Outcome) {
	t.Helper()
	m := mapping.Default()
	for i := range m.Sections {
		if m.Sections[i].Object == "Account" {
			m.Sections[i].Rules = append(m.Sections[i].Rules, mapping.Rule{Source: "custom.tier", Field: "Tier__c",
				Unfit: mapping.Skip})
		}
	}
	d = newDesk(t, leadsync.Config{Mapper: m, Strategy: leadsync.AccountsAndContacts, Gather: leadsync.NoGather})
	tiers(d, "Gold")
	outcomes = d.sync(leads...)
	for _, out := range outcomes {
		require.Len(t, out.Owed, 1)
		require.Equal(t, leadtype.WarningKind(leadtype.Unfit), out.Owed[0].Kind)
	}
	return d, outcomes
}

func tiers(d *desk, options ...string) {
	d.org.DefineField("Account", sftest.Field{Name: "Tier__c", Type: "picklist", Options: options, Restricted: true})
}

// colleagues are two leads of one company.
func colleagues() (one, other *leadsync.Lead) {
	one = later(tieredAs("Silver"), func(l *leadsync.Lead) { l.Industry = "Tech" })
	return one, later(one, func(l *leadsync.Lead) { l.ID, l.LastName, l.Email = "L2", "Other", "cy@acme.example" })
}

// What is owed of a company is written once the org has been repaired, and nothing else of
// it, though its people are found then. It was owed for ever before.
func TestWhatIsOwedOfACompanyIsWritten(t *testing.T) {
	t.Parallel()
	one, other := colleagues()
	d, outcomes := owingCompany(t, one, other)
	company := string(outcomes["L1"].AccountID)
	d.org.Update("Account", company, map[string]any{"Industry": nil})
	tiers(d, "Gold", "Silver")
	stranger := later(visitor(), func(l *leadsync.Lead) {
		l.ID, l.LastName, l.Email, l.Company, l.Website = "y", "Young", "y@y.example", "Initech", "initech.example"
	})
	outcomes = d.sync(stranger)
	row := d.org.Row("Account", company)
	require.Equal(t, []any{"Silver", nil}, []any{row["Tier__c"], row["Industry"]})
	for _, id := range []leadsync.LeadID{"L1", "L2"} {
		out := outcomes[id]
		require.Equal(t, leadsync.Cleared, out.Stage)
		require.Empty(t, out.Owed, id)
		require.Empty(t, ofKind(out, leadtype.Unfit), id)
		require.Equal(t, company, string(out.AccountID))
	}
	d.org.ResetLog()
	d.syncWith(func(s *leadsync.Syncer) error {
		_, err := s.Push(t.Context(), leadsync.Filter{Leads: []leadsync.LeadID{"L1", "L2"}})
		return err
	})
	require.Zero(t, scenario.WritesOf(d.org))
}

// A correction of the lead that has the value fit writes it, too, and no other row of the
// company. A company that was merged into another owes on.
func TestACorrectionWritesWhatIsOwedOfACompany(t *testing.T) {
	t.Parallel()
	for _, merged := range []bool{false, true} {
		one, _ := colleagues()
		d, outcomes := owingCompany(t, one)
		company := string(outcomes["L1"].AccountID)
		if merged {
			survivor := d.org.Insert("Account", map[string]any{"Name": "Acme Holding"})
			d.org.Update("Contact", string(outcomes["L1"].ID), map[string]any{"AccountId": survivor})
			d.org.Merge("Account", survivor, company)
			company = survivor
		}
		before := d.org.Row("Account", company)["Industry"]
		out := d.sync(later(one, func(l *leadsync.Lead) {
			l.Industry, l.Custom = "Software", map[string]any{"tier": "Gold"}
		}))["L1"]
		row := d.org.Row("Account", company)
		require.Equal(t, []any{"Gold", before}, []any{row["Tier__c"], row["Industry"]}, merged)
		require.Empty(t, out.Owed)
	}
}

// A person who has left the company owes it nothing, and the outcome says so, once.
func TestAPersonWhoHasLeftOwesTheCompanyNothing(t *testing.T) {
	t.Parallel()
	one, _ := colleagues()
	d, outcomes := owingCompany(t, one)
	elsewhere := d.org.Insert("Account", map[string]any{"Name": "Elsewhere"})
	d.org.Update("Contact", string(outcomes["L1"].ID), map[string]any{"AccountId": elsewhere})
	tiers(d, "Gold", "Silver")
	out := d.sync(later(one, func(l *leadsync.Lead) { l.Phone = "2" }))["L1"]
	require.Empty(t, out.Owed)
	require.Equal(t, []leadtype.WarningKind{leadtype.Dropped}, warned(out, "Tier__c"))
	for _, row := range d.org.Rows("Account") {
		require.Nil(t, row["Tier__c"])
	}
	out = d.sync(later(one, func(l *leadsync.Lead) { l.Phone = "3" }))["L1"]
	require.Empty(t, warned(out, "Tier__c"))
}

// A push with a field of the company writes over what a user has edited there. It did
// nothing before, because the person was found by then.
func TestAPushWritesOverAFieldOfACompany(t *testing.T) {
	t.Parallel()
	one, other := colleagues()
	d := newDesk(t, leadsync.Config{Strategy: leadsync.AccountsAndContacts, Gather: leadsync.NoGather})
	company := string(d.sync(one)["L1"].AccountID)
	d.org.Update("Account", company, map[string]any{"Industry": "Paper"})
	out := d.sync(later(other, func(l *leadsync.Lead) { l.Industry, l.CompanyPhone = "Software", "1" }))["L2"]
	require.Equal(t, []leadtype.WarningKind{leadtype.KeptEdited}, warned(out, "Industry"))
	d.org.Update("Account", company, map[string]any{"Phone": "2"})
	d.syncWith(func(s *leadsync.Syncer) error {
		_, err := s.Push(t.Context(), leadsync.Filter{Leads: []leadsync.LeadID{"L2"}},
			leadtype.Ask{Over: []string{"Account.Industry"}})
		return err
	})
	row := d.org.Row("Account", company)
	require.Equal(t, []any{"Software", "2"}, []any{row["Industry"], row["Phone"]})
}

// A push writes over nothing of the company of a person who was only matched: it may not be
// the lead's.
func TestAPushLeavesTheCompanyOfAMatchedPerson(t *testing.T) {
	t.Parallel()
	for _, strategy := range []leadsync.Strategy{leadsync.AccountsAndContacts, leadsync.LeadsAndContacts} {
		d := newDesk(t, leadsync.Config{Strategy: strategy, Gather: leadsync.NoGather})
		company := d.org.Insert("Account", map[string]any{"Name": "Globex"})
		d.org.Insert("Contact", map[string]any{"FirstName": "Pia", "LastName": "Gibson", "Email": "pia@acme.example",
			"AccountId": company})
		require.Equal(t, company, string(d.sync(visitor())["L1"].AccountID))
		d.syncWith(func(s *leadsync.Syncer) error {
			_, err := s.Push(t.Context(), leadsync.Filter{}, leadtype.Ask{Over: []string{"Account.Website"}})
			return err
		})
		require.Nil(t, d.org.Row("Account", company)["Website"], strategy.Name())
	}
}

// What is owed of a company stays owed while the user does not see which company the person is
// in.
func TestWhatIsOwedOfACompanyStaysOwedWhileItIsHidden(t *testing.T) {
	t.Parallel()
	one, _ := colleagues()
	d, outcomes := owingCompany(t, one)
	d.org.HideField("Contact", "AccountId")
	out := d.sync(later(one, func(l *leadsync.Lead) { l.Phone = "2" }))["L1"]
	require.Equal(t, leadsync.Cleared, out.Stage)
	require.Equal(t, outcomes["L1"].Owed, out.Owed)
	require.Empty(t, ofKind(out, leadtype.Dropped))
}

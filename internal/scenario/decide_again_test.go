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

// goneWarnings are the warnings of an outcome about a choice that counts no more.
func goneWarnings(out *leadsync.Outcome) (records []salesforce.ID) {
	for _, w := range out.Warnings {
		if w.Kind == leadtype.Chosen {
			records = append(records, w.Record)
		}
	}
	return records
}

func TestChoiceThatHasBecomeImpossible(t *testing.T) {
	t.Parallel()
	hold := leadsync.Config{Ambiguous: leadsync.HoldAmbiguous}
	cases := map[string]struct {
		cfg    leadsync.Config
		object string
		change func(org *sftest.Org, chosen, other string) (becomes string) // "" where the lead is held again
	}{
		"deleted": {hold, "Contact", func(org *sftest.Org, chosen, _ string) string {
			org.Delete("Contact", chosen)
			return ""
		}},
		"merged": {hold, "Contact", func(org *sftest.Org, chosen, other string) string {
			org.Merge("Contact", other, chosen)
			return other
		}},
		"converted": {hold, "Lead", func(org *sftest.Org, chosen, _ string) string {
			contact, _ := org.Convert(chosen)
			return contact
		}},
		"converted, which is held": {
			leadsync.Config{Ambiguous: leadsync.HoldAmbiguous, Converted: leadsync.HoldConverted}, "Lead",
			func(org *sftest.Org, chosen, _ string) string {
				contact, _ := org.Convert(chosen)
				org.Update("Contact", contact, map[string]any{"Email": nil})
				return ""
			}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			org := sftest.NewOrg(t)
			insert := map[string]func(*sftest.Org, string, string) string{"Contact": scenario.InsertContact,
				"Lead": scenario.InsertLead}[c.object]
			chosen := insert(org, "Lovelace", adaOf().Email)
			other, third := insert(org, "Lovelace", adaOf().Email), insert(org, "Lovelace", adaOf().Email)
			d := newDecider(t, org, c.cfg)
			d.sync(adaOf())
			d.held("L1", leadsync.AmbiguousMatch)
			require.NoError(t, d.syncer().Choose(t.Context(), "L1", salesforce.ID(chosen)))
			becomes := c.change(org, chosen, other)
			d.sync()

			if becomes != "" {
				require.Equal(t, becomes, string(d.cleared("L1").ID))
				require.Empty(t, goneWarnings(d.cleared("L1")))
				return
			}
			entry := d.entry("L1")
			require.Equal(t, leadsync.Failed, entry.Stage)
			candidates := leadtype.Candidates(entry.Last)
			if name == "deleted" {
				require.Equal(t, []salesforce.ID{salesforce.ID(chosen)}, goneWarnings(entry.Last))
				require.NotContains(t, leadsync.Explain(entry.Last), "chose "+chosen)
				require.ElementsMatch(t, []string{other, third}, ids(candidates))
			} else {
				require.Equal(t, leadtype.WhyBecame, candidates[0].Why)
				require.Equal(t, chosen, string(candidates[0].From))
			}
			d.decide("L1", string(candidates[0].ID))
			out := d.cleared("L1")
			require.Equal(t, candidates[0].ID, out.ID)
			require.Empty(t, out.Left, "nothing was written to the record chosen first")
			require.Empty(t, goneWarnings(out))
		})
	}
}

// The account that was chosen is gone: it is looked for again.
func TestChosenAccountThatIsGone(t *testing.T) {
	t.Parallel()
	c := heldCases()["several Accounts"]
	org := sftest.NewOrg(t)
	records := c.insert(org)
	third := org.Insert("Account", map[string]any{"Name": "A", "Website": "analytical.example"})
	d := newDecider(t, org, c.cfg)
	d.sync(adaOf())
	require.NoError(t, d.syncer().Choose(t.Context(), "L1", salesforce.ID(records[0])))
	org.Delete("Account", records[0])
	d.sync()
	require.ElementsMatch(t, []string{records[1], third}, ids(d.held("L1", c.code)))
	require.Equal(t, []salesforce.ID{salesforce.ID(records[0])}, goneWarnings(d.entry("L1").Last))
	d.decide("L1", third)
	require.Equal(t, third, string(d.cleared("L1").AccountID))
}

// A person and an account are decided one after the other, and neither decision undoes the
// other.
func TestPersonAndAccountAreDecidedBoth(t *testing.T) {
	t.Parallel()
	for name, pick := range map[string]func(person, account string) (string, string){
		"a new person in an Account that is there": func(_, account string) (string, string) { return isNew, account },
		"a new person in a new Account":            func(string, string) (string, string) { return isNew, isNew },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			org := sftest.NewOrg(t)
			there := org.Insert("Contact",
				map[string]any{"FirstName": "Bob", "LastName": "Babbage", "Email": adaOf().Email})
			var accounts []string
			for range 2 {
				accounts = append(accounts, org.Insert("Account", map[string]any{"Name": "A", "Website": "analytical.example"}))
			}
			d := newDecider(t, org,
				leadsync.Config{Ambiguous: leadsync.HoldAmbiguous, Strategy: leadsync.AccountsAndContacts})
			d.sync(adaOf())
			require.Equal(t, []string{there}, ids(d.held("L1", leadsync.AmbiguousMatch)))
			person, account := pick(there, accounts[1])
			d.decide("L1", person)
			require.ElementsMatch(t, accounts, ids(d.held("L1", leadsync.AmbiguousMatch)), "of the account now")
			require.NoError(t, d.syncer().By("eve").Choose(t.Context(), "L1", salesforce.ID(account)))
			d.sync()

			out := d.cleared("L1")
			require.Equal(t, leadsync.Created, out.Action)
			require.NotEqual(t, there, string(out.ID))
			require.Equal(t, 2, org.Count("Contact"))
			in := org.Row("Contact", string(out.ID))["AccountId"]
			if account == isNew {
				require.NotContains(t, accounts, in)
				require.Equal(t, 3, org.Count("Account"))
			} else {
				require.Equal(t, account, in)
				require.Equal(t, 2, org.Count("Account"))
			}
			explained := leadsync.Explain(out)
			require.Contains(t, explained, "zoe chose that a record is created.")
			require.Contains(t, explained, "eve chose ")
		})
	}
}

// A choice is for the lead as it is, also where some of its texts stand for no value.
func TestChoiceHoldsForALeadWithTextsThatStandForNothing(t *testing.T) {
	t.Parallel()
	c := heldCases()["several Contacts"]
	org := sftest.NewOrg(t)
	records := c.insert(org)
	d := newDecider(t, org, c.cfg)
	lead := adaOf()
	lead.Company, lead.FirstName = "n/a", "N/A"
	d.sync(lead)
	d.held("L1", c.code)
	for _, notes := range []string{"once more", "and again"} {
		if d.entry("L1").Stage == leadsync.Failed {
			d.decide("L1", records[1])
		}
		require.Equal(t, records[1], string(d.cleared("L1").ID))
		again := *lead
		again.Notes = notes
		d.sync(&again)
	}
	out := d.cleared("L1")
	require.Equal(t, records[1], string(out.ID))
	require.Contains(t, leadsync.Explain(out), "zoe chose "+records[1])
}

func TestCorrectionVoidsAChoice(t *testing.T) {
	t.Parallel()
	for name, c := range heldCases() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			org := sftest.NewOrg(t)
			records := c.insert(org)
			d := newDecider(t, org, c.cfg)
			d.sync(adaOf())
			require.NoError(t, d.syncer().Choose(t.Context(), "L1", salesforce.ID(records[0])))
			corrected := adaOf()
			corrected.FirstName, corrected.LastName = "Mary", "Somerville"
			corrected.Email, corrected.Company, corrected.CompanyPhone = "mary@science.example", "Science", "456"
			d.sync(corrected)
			out := d.cleared("L1")
			require.NotEqual(t, records[0], personOr(out, c.object))
			require.NotContains(t, leadsync.Explain(out), "chose")
		})
	}
}

// A duplicate rule that alerts when the record chosen is updated does not hold the lead
// again: the person has seen the others.
func TestChosenRecordIsWrittenThoughARuleAlerts(t *testing.T) {
	t.Parallel()
	for _, block := range []bool{false, true} {
		org := sftest.NewOrg(t)
		first := scenario.InsertContact(org, "Lovelace", adaOf().Email)
		second := scenario.InsertContact(org, "Lovelace", adaOf().Email)
		org.AddDuplicateRule("Contact", sftest.DuplicateRule{MatchOn: []string{"Email", "FirstName"}, Block: block})
		org.Update("Contact", second, map[string]any{"FirstName": "Ada"})
		d := newDecider(t, org, leadsync.Config{Ambiguous: leadsync.HoldAmbiguous})
		d.sync(adaOf())
		d.decide("L1", first)
		if !block {
			require.Equal(t, first, string(d.cleared("L1").ID))
			require.Equal(t, "Ada", org.Row("Contact", first)["FirstName"])
			continue
		}
		candidates := d.held("L1", leadsync.DuplicateRecord)
		require.Contains(t, d.entry("L1").Last.Err.Reason, "a duplicate rule blocks it")
		require.Contains(t, ids(candidates), first)
		require.Equal(t, leadtype.WhyOwn, candidates[0].Why)
	}
}

// A record that was matched may be a duplicate for the org: it is written when a person says
// so, and only then.
func TestRecordThatTheOrgTakesForADuplicateIsDecided(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	own := scenario.InsertContact(org, "Lovelace", adaOf().Email)
	org.Insert("Contact", map[string]any{"FirstName": "Ada", "LastName": "Lovelace"})
	org.AddDuplicateRule("Contact", sftest.DuplicateRule{MatchOn: []string{"FirstName", "LastName"}})
	d := newDecider(t, org, leadsync.Config{})
	d.sync(adaOf())
	candidates := d.held("L1", leadsync.DuplicateRecord)
	require.Equal(t, []leadtype.Candidate{{Object: "Contact", ID: salesforce.ID(own), Why: leadtype.WhyOwn}}, candidates)
	require.Nil(t, org.Row("Contact", own)["FirstName"])
	d.decide("L1", own)
	require.Equal(t, own, string(d.cleared("L1").ID))
	require.Equal(t, "Ada", org.Row("Contact", own)["FirstName"])
	require.Empty(t, d.cleared("L1").Left)
}

// A rule that blocks lets no new record in, and the failure says so.
func TestRuleThatBlocksRefusesANewRecord(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	lastNameRule(org, true)
	there := scenario.InsertLead(org, "Lovelace", "")
	d := newDecider(t, org, leadsync.Config{Duplicates: leadsync.HoldDuplicate})
	d.sync(adaOf())
	d.decide("L1", isNew)
	require.Equal(t, []string{there}, ids(d.held("L1", leadsync.DuplicateRecord)))
	require.Contains(t, d.entry("L1").Last.Err.Reason, "a person chose this, and a duplicate rule blocks it")
	require.Equal(t, 1, org.Count("Lead"))
	d.decide("L1", there)
	require.Equal(t, there, string(d.cleared("L1").ID))
	require.NotContains(t, leadsync.Explain(d.cleared("L1")), "is created")
}

// Records of other people that turn up at the address after a person wanted a new one do not hold
// the lead again: none of them is the lead's. One of its name is, and of two a person decides.
func TestNewRecordIsCreatedThoughOthersTurnUp(t *testing.T) {
	t.Parallel()
	bob, eve, doubt, ada := [2]string{"Bob", "Babbage"}, [2]string{"Eve", "Somerville"}, [2]string{"Ann", "Lovelace"},
		[2]string{"Ada", "Lovelace"}
	for name, c := range map[string]struct {
		since   [][2]string
		becomes int // which of them the lead is, -1 for a new record, -2 where it is held
	}{
		"nobody":                     {nil, -1},
		"another person":             {[][2]string{bob}, -1},
		"several others":             {[][2]string{bob, eve}, -1},
		"others in doubt":            {[][2]string{doubt, doubt}, -1},
		"others beside one like her": {[][2]string{bob, ada, eve}, 1},
		"several like her":           {[][2]string{ada, bob, ada}, -2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			org := sftest.NewOrg(t)
			insert := func(name [2]string) string {
				return org.Insert("Lead", map[string]any{"FirstName": name[0], "LastName": name[1], "Email": adaOf().Email,
					"Company": "C"})
			}
			first := []string{insert(ada), insert(ada)}
			d := newDecider(t, org, leadsync.Config{Ambiguous: leadsync.HoldAmbiguous})
			d.sync(adaOf())
			require.ElementsMatch(t, first, ids(d.held("L1", leadsync.AmbiguousMatch)))
			var since []string
			for _, name := range c.since {
				since = append(since, insert(name))
			}
			d.decide("L1", isNew)

			if c.becomes == -2 {
				require.Subset(t, ids(d.held("L1", leadsync.AmbiguousMatch)), since)
				return
			}
			out := d.cleared("L1")
			if c.becomes >= 0 {
				require.Equal(t, since[c.becomes], string(out.ID))
				return
			}
			require.NotContains(t, append(first, since...), string(out.ID))
			require.Equal(t, leadsync.Created, out.Action)
			explained := leadsync.Explain(out)
			for i, id := range since {
				note := map[bool]string{true: leadtype.NotePassed, false: "has another name"}[c.since[i] == doubt]
				require.Contains(t, explained, id+" ("+note+")")
			}
			require.Contains(t, explained, "zoe chose that a record is created.")
		})
	}
}

// AllowSave is for the row of the lead that was decided, not for its batch.
func TestNewRecordIsAllowedForOneLeadOfABatch(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	lastNameRule(org, false)
	scenario.InsertLead(org, "Lovelace", "")
	scenario.InsertLead(org, "Babbage", "")
	d := newDecider(t, org, leadsync.Config{Duplicates: leadsync.HoldDuplicate})
	d.sync(adaOf())
	require.NoError(t, d.syncer().Choose(t.Context(), "L1", leadtype.NewRecord))
	other := adaOf()
	other.ID, other.FirstName, other.LastName, other.Email = "L2", "Charles", "Babbage", "charles@analytical.example"
	d.sync(other)
	require.Equal(t, leadsync.Created, d.cleared("L1").Action)
	d.held("L2", leadsync.DuplicateRecord)
	require.Equal(t, 3, org.Count("Lead"))
}

// The Lead that was the lead's own has been converted: what it became is the lead's, and
// nothing has to be reverted.
func TestOwnLeadThatIsConvertedIsDecided(t *testing.T) {
	t.Parallel()
	for _, strategy := range []leadsync.Strategy{leadsync.LeadsAndContacts, leadsync.LeadsOnly} {
		for _, keys := range []bool{false, true} {
			org := sftest.NewOrg(t)
			if keys {
				org.AddExternalID("Lead", "Contact", "Account", "Task")
			}
			d := newDecider(t, org, leadsync.Config{Converted: leadsync.HoldConverted, Strategy: strategy})
			d.sync(adaOf())
			lead := string(d.cleared("L1").ID)
			contact, _ := org.Convert(lead)
			org.Update("Contact", contact, map[string]any{"Email": nil})
			again := adaOf()
			again.JobTitle = "Countess"
			d.sync(again)
			require.Equal(t, []string{contact}, ids(d.held("L1", leadsync.StaleRemoteRecord)))
			require.Equal(t, lead, string(d.held("L1", leadsync.StaleRemoteRecord)[0].From))
			d.decide("L1", contact)
			again.JobTitle = "Analyst"
			d.sync(again)
			out := d.cleared("L1")
			require.Equal(t, contact, string(out.ID))
			require.Empty(t, out.Left)
			require.Equal(t, "Analyst", org.Row("Contact", contact)["Title"])
			require.Zero(t, org.Count("Lead")-1, "the converted one")
			require.Contains(t, leadsync.Explain(out), "zoe chose "+contact)
		}
	}
}

// That the record chosen is gone is said as well where a duplicate rule then names another one.
func TestChoiceOfADeletedRecordIsOverThoughARuleNamesAnother(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	bob := org.Insert("Lead", map[string]any{"FirstName": "Bob", "LastName": "Babbage", "Email": adaOf().Email,
		"Company": "C"})
	d := newDecider(t, org, leadsync.Config{})
	d.sync(adaOf())
	d.held("L1", leadsync.AmbiguousMatch)
	require.NoError(t, d.syncer().Choose(t.Context(), "L1", salesforce.ID(bob)))
	org.Delete("Lead", bob)
	lastNameRule(org, true)
	there := scenario.InsertLead(org, "Lovelace", "old@analytical.example")
	d.sync()
	out := d.cleared("L1")
	require.Equal(t, there, string(out.ID))
	require.Equal(t, []salesforce.ID{salesforce.ID(bob)}, goneWarnings(out))
}

// The lead continues without the record that was chosen, and no later trace has the choice.
func TestChoiceOfADeletedRecordIsOver(t *testing.T) {
	t.Parallel()
	c := heldCases()["several Contacts"]
	org := sftest.NewOrg(t)
	records := c.insert(org)
	d := newDecider(t, org, c.cfg)
	d.sync(adaOf())
	require.NoError(t, d.syncer().Choose(t.Context(), "L1", salesforce.ID(records[0])))
	org.Delete("Contact", records[0])
	d.sync()
	out := d.cleared("L1")
	require.Equal(t, records[1], string(out.ID))
	require.Equal(t, []salesforce.ID{salesforce.ID(records[0])}, goneWarnings(out))
	require.Empty(t, out.Trace.Chosen)
	require.NotContains(t, leadsync.Explain(out), "person chose "+records[0])
}

// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/preflight"
	"github.com/leadsync/leadsync/revert"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
	"github.com/leadsync/leadsync/store/memory"
)

// personOrg is an org with person accounts and one person, whose Contact has a field of its
// own.
func personOrg(t *testing.T, person map[string]any) (org *sftest.Org, account, contact string) {
	t.Helper()
	org = sftest.NewOrg(t, sftest.WithPersonAccounts())
	org.DefineField("Contact", sftest.Field{Name: "Tier__c"})
	values := map[string]any{"FirstName": "Pia", "LastName": "Gibson", "PersonEmail": "pia@gmail.com"}
	maps.Copy(values, person)
	account = org.Insert("Account", values)
	contact, _ = org.Row("Account", account)["PersonContactId"].(string)
	return org, account, contact
}

func pia() *leadsync.Lead {
	return &leadsync.Lead{ID: "pia", FirstName: "Pia", LastName: "Gibson", Email: "pia@gmail.com", JobTitle: "Founder",
		Phone: "+1 555 0100", City: "Boston", Country: "USA", Notes: "Wants a demo", Company: "Gibson Guitars",
		CompanySize: "5000", Website: "gibson.example", Custom: map[string]any{"tier": "Gold"}}
}

// tiered is the default mapping with a rule for the Contact's own field.
func tiered(rules ...mapping.Rule) *leadsync.Mapping {
	m := leadsync.DefaultMapping()
	rules = append(rules, mapping.Rule{Source: "custom.tier", Field: "Tier__c", Write: mapping.UnlessEdited})
	for i := range m.Sections {
		if m.Sections[i].Object == "Contact" {
			m.Sections[i].Rules = append(m.Sections[i].Rules, rules...)
		}
	}
	return m
}

// A Contact that is a person account was written itself, which Salesforce refuses: the lead
// failed. It is written through its Account, and what refers to it is the Contact's.
func TestPersonAccountIsWrittenThroughItsAccount(t *testing.T) {
	t.Parallel()
	for _, strategy := range []leadsync.Strategy{leadsync.LeadsAndContacts, leadsync.AccountsAndContacts} {
		t.Run(strategy.Name(), func(t *testing.T) {
			t.Parallel()
			org, account, contact := personOrg(t, nil)
			campaign := scenario.Expo(org)
			lead := pia()
			lead.Activities = []leadsync.Activity{{ID: "call", Kind: leadsync.ActivityCall, Notes: "Called"}}
			cfg := leadsync.Config{Strategy: strategy, Mapper: tiered(), Store: memory.New(nil),
				Campaigns: []leadsync.CampaignLink{{CampaignID: campaign}}}
			syncer := scenario.SyncerOf(t, org, &cfg)

			out := scenario.SyncOne(t, syncer, lead)

			row := org.Row("Account", account)
			for field, want := range map[string]any{"PersonTitle": "Founder", "Phone": "+1 555 0100", "Tier__pc": "Gold",
				"PersonMailingCity": "Boston", "PersonMailingCountry": "USA", "Description": "Wants a demo",
				"Name": "Pia Gibson", "Website": nil, "NumberOfEmployees": nil, "BillingCity": nil} {
				require.Equal(t, want, row[field], field)
			}
			require.Equal(t, "Contact", string(out.Object))
			require.Equal(t, contact, string(out.ID))
			require.Equal(t, account, string(out.AccountID))
			require.Equal(t, leadsync.Updated, out.Action)
			require.Empty(t, out.Warnings)
			require.Equal(t, []int{1, 1, 0}, []int{org.Count("Account"), org.Count("Contact"), org.Count("Lead")})
			require.Equal(t, contact, org.Rows("CampaignMember")[0]["ContactId"])
			require.Equal(t, contact, org.Rows("Task")[0]["WhoId"])

			before := org.Row("Account", account)
			for range 2 {
				syncer = scenario.SyncerOf(t, org, &cfg) // which knows what the store does
				require.Equal(t, leadsync.Unchanged, scenario.SyncOne(t, syncer, lead).Action, "the second run writes nothing")
			}
			require.Equal(t, before, org.Row("Account", account))
			require.Equal(t, 1, org.Count("Task"))
		})
	}
}

// A batch with person accounts takes the calls that one with other Contacts takes.
func TestPersonAccountsTakeNoMoreCalls(t *testing.T) {
	t.Parallel()
	const people = 250
	calls := make(map[bool]int)
	for _, persons := range []bool{true, false} {
		org := sftest.NewOrg(t, sftest.WithPersonAccounts())
		company := org.Insert("Account", map[string]any{"Name": "Acme"})
		leads := make([]*leadsync.Lead, people)
		for i := range leads {
			lead := pia()
			lead.ID, lead.Email = leadsync.LeadID(fmt.Sprint("p", i)), fmt.Sprintf("pia%d@gmail.com", i)
			leads[i] = lead
			if persons {
				org.Insert("Account", map[string]any{"FirstName": "Pia", "LastName": "Gibson", "PersonEmail": lead.Email})
			} else {
				org.Insert("Contact", map[string]any{"FirstName": "Pia", "LastName": "Gibson", "Email": lead.Email,
					"AccountId": company})
			}
		}
		syncer := scenario.SyncerOf(t, org, nil)
		plan, err := syncer.Plan(t.Context(), leads...)
		require.NoError(t, err)
		org.ResetLog()
		for _, out := range syncAll(t, syncer, leads...) {
			require.Equal(t, leadsync.Updated, out.Action)
		}
		calls[persons] = org.Calls()
		require.Equal(t, plan.Calls+plan.LookupCalls, org.Calls(), "as the plan says")
		require.Equal(t, people, org.Count("Contact"))
	}
	require.Equal(t, calls[false], calls[true])
}

// With a strategy that knows no Contacts the person becomes a Lead; the person account stays.
func TestPersonAccountStaysWithLeadsOnly(t *testing.T) {
	t.Parallel()
	org, account, _ := personOrg(t, nil)
	before := org.Row("Account", account)
	out := scenario.SyncOne(t, scenario.SyncerOf(t, org, &leadsync.Config{Strategy: leadsync.LeadsOnly}), pia())
	require.Equal(t, leadsync.Created, out.Action)
	require.Equal(t, before, org.Row("Account", account))
}

// The memory is the Contact's: what a person edits in the Account, or in the Contact, stays.
func TestPersonAccountKeepsWhatAPersonEdits(t *testing.T) {
	t.Parallel()
	d := newDesk(t, leadsync.Config{Mapper: tiered()})
	var account string
	d.org, account, _ = personOrg(t, nil)
	d.sync(pia())
	d.org.Update("Account", account, map[string]any{"PersonTitle": "Owner", "Tier__pc": nil})
	again := pia()
	again.JobTitle, again.Phone, again.Custom = "Co-Founder", "+1 555 0199", map[string]any{"tier": "Silver"}
	out := d.sync(again)["pia"]
	row := d.org.Row("Account", account)
	require.Equal(t, []any{"Owner", "+1 555 0199", nil}, []any{row["PersonTitle"], row["Phone"], row["Tier__pc"]})
	require.Equal(t, map[string]leadtype.WarningKind{"Title": leadtype.KeptEdited, "Tier__c": leadtype.KeptCleared},
		kindsByField(out))
}

func kindsByField(out *leadsync.Outcome) map[string]leadtype.WarningKind {
	kinds := make(map[string]leadtype.WarningKind)
	for _, w := range out.Warnings {
		kinds[w.Field] = w.Kind
	}
	return kinds
}

// Two person accounts are merged after the first sync: the memory follows to the survivor.
func TestPersonAccountKeepsItsMemoryThroughAMerge(t *testing.T) {
	t.Parallel()
	d := newDesk(t, leadsync.Config{Mapper: tiered()})
	var account string
	d.org, account, _ = personOrg(t, nil)
	d.sync(pia())
	winner := d.org.Insert("Account", map[string]any{"FirstName": "Pia", "LastName": "Gibson",
		"PersonEmail": "pia@gmail.com", "PersonTitle": "Founder", "Phone": "+1 555 0000"})
	d.org.Merge("Account", winner, account)
	again := pia()
	again.JobTitle, again.Phone = "Co-Founder", "+1 555 0199"
	out := d.sync(again)["pia"]
	row := d.org.Row("Account", winner)
	require.Equal(t, leadsync.Cleared, out.Stage)
	require.Equal(t, winner, string(out.AccountID))
	require.Equal(t, "Co-Founder", row["PersonTitle"], "the survivor has what leadsync wrote")
	require.Equal(t, "+1 555 0000", row["Phone"], "which another user wrote")
}

func TestRevertRestoresThePersonAccount(t *testing.T) {
	t.Parallel()
	org, account, _ := personOrg(t, map[string]any{"PersonTitle": "Luthier", "Phone": "1", "Tier__pc": "Old"})
	before := org.Row("Account", account)
	mapper := tiered()
	for i := range mapper.Sections {
		for k := range mapper.Sections[i].Rules {
			mapper.Sections[i].Rules[k].Write = mapping.Overwrite
		}
	}
	syncer := scenario.SyncerOf(t, org, &leadsync.Config{Mapper: mapper})
	outcomes := syncAll(t, syncer, pia())
	require.Equal(t, "Founder", org.Row("Account", account)["PersonTitle"])
	org.Update("Account", account, map[string]any{"Phone": "3"})

	report := revertAll(t, syncer, outcomes, revert.Options{Delete: true})

	require.Len(t, report.Restored, 1)
	require.Len(t, report.Left, 1)
	require.Equal(t, []string{"Phone"}, report.Left[0].Err.Fields, "changed since")
	row := org.Row("Account", account)
	for _, field := range []string{"PersonTitle", "Tier__pc", "PersonMailingCity", "Description", "Name"} {
		require.Equal(t, before[field], row[field], field)
	}
	require.Equal(t, "3", row["Phone"])
}

// A Plan says what is written where, and its JSON is carried out as well.
func TestPlanNamesThePersonAccount(t *testing.T) {
	t.Parallel()
	org, account, contact := personOrg(t, map[string]any{"PersonTitle": "Luthier"})
	syncer := scenario.SyncerOf(t, org, &leadsync.Config{Mapper: scenario.Overwriting()})
	plan, err := syncer.Plan(t.Context(), pia())
	require.NoError(t, err)
	require.Contains(t, plan.String(), "update Contact "+contact+" through person account "+account)
	require.Contains(t, plan.String(), "Title: Luthier -> Founder")
	change := plan.Changes[0]
	at := slices.IndexFunc(change.Fields, func(f leadtype.FieldChange) bool { return f.Field == "Title" })
	require.Equal(t, "PersonTitle", change.Fields[at].PersonField)
	require.Equal(t, "Luthier", change.Fields[at].Before)
	text, err := json.Marshal(plan)
	require.NoError(t, err)
	kept := new(leadsync.Plan)
	require.NoError(t, json.Unmarshal(text, kept))
	_, err = syncer.Apply(t.Context(), kept)
	require.NoError(t, err)
	require.Equal(t, "Founder", org.Row("Account", account)["PersonTitle"])
}

// What the Account has no field for is left out, with a warning each; the rest is written.
func TestPersonAccountWarnsOfWhatItDoesNotTake(t *testing.T) {
	t.Parallel()
	org, account, _ := personOrg(t, nil)
	org.HideField("Account", "PersonTitle")
	org.HideField("Account", "PersonMailingCity")
	org.ReadOnlyField("Account", "Tier__pc")
	other := org.Insert("Account", map[string]any{"Name": "Acme"})
	rt := org.DefineRecordType("Contact", sftest.RecordType{Name: "Guest"})
	lead := pia()
	lead.Custom["account"], lead.Custom["rt"] = other, rt
	mapper := tiered(mapping.Rule{Source: "custom.account", Field: "AccountId"},
		mapping.Rule{Source: "custom.rt", Field: "RecordTypeId"})
	cfg := &leadsync.Config{Mapper: mapper, Store: memory.New(nil)}
	out := scenario.SyncOne(t, scenario.SyncerOf(t, org, cfg), lead)
	require.Equal(t, map[string]leadtype.WarningKind{"Title": leadtype.Missing, "MailingCity": leadtype.Missing,
		"MailingCountry": leadtype.Missing, "Tier__c": leadtype.Locked, "AccountId": leadtype.Dropped,
		"RecordTypeId": leadtype.Dropped}, kindsByField(out))
	row := org.Row("Account", account)
	require.Equal(t, "+1 555 0100", row["Phone"])
	require.Nil(t, row["PersonMailingCountry"], "an address is one value")
	require.Len(t, out.Owed, 4, "what the org may come to take")

	org.DefineField("Contact", sftest.Field{Name: "Tier__c"}) // with the right to write it
	out = scenario.SyncOne(t, scenario.SyncerOf(t, org, cfg), lead)
	require.Equal(t, "Gold", org.Row("Account", account)["Tier__pc"], "it is written once the org takes it")
	require.Len(t, out.Owed, 3)
}

// What Salesforce refuses of a person account goes again without the field, as of any record.
func TestPersonAccountOwesWhatIsRefused(t *testing.T) {
	t.Parallel()
	org, account, _ := personOrg(t, nil)
	org.OnRow("Account", func(_ string, row map[string]any) *sftest.RowError {
		if row["PersonTitle"] == "Founder" {
			return &sftest.RowError{StatusCode: "STRING_TOO_LONG", Message: "Title: data value too large",
				Fields: []string{"PersonTitle"}}
		}
		return nil
	})
	out := scenario.SyncOne(t, scenario.SyncerOf(t, org, nil), pia())
	require.Equal(t, map[string]leadtype.WarningKind{"Title": leadtype.Owed}, kindsByField(out))
	require.Equal(t, "+1 555 0100", org.Row("Account", account)["Phone"])
}

// An org whose Accounts show the connected user no fields of persons: what they have is
// written, the rest is left out, and a lead without a company is no Lead.
func TestPersonAccountWhoseAccountShowsLittle(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	org.DefineField("Contact", sftest.Field{Name: "IsPersonAccount", Type: "boolean", ReadOnly: true})
	org.DefineField("Lead", sftest.Field{Name: "Company"})
	account := org.Insert("Account", map[string]any{"Name": "Pia Gibson"})
	org.Insert("Contact", map[string]any{"AccountId": account, "FirstName": "Pia", "LastName": "Gibson",
		"Email": "pia@gmail.com", "IsPersonAccount": true})
	org.OnRow("Contact", func(_ string, row map[string]any) *sftest.RowError {
		if row["IsPersonAccount"] == true {
			return &sftest.RowError{StatusCode: "INVALID_PERSON_ACCOUNT_OPERATION", Message: "cannot reference person contact"}
		}
		return nil
	})
	syncer := scenario.SyncerOf(t, org, nil)
	lead := &leadsync.Lead{ID: "p1", FirstName: "Pia", LastName: "Gibson", Email: "pia@gmail.com", JobTitle: "Founder",
		Phone: "+1 555 0100"}
	out := scenario.SyncOne(t, syncer, lead)
	require.Equal(t, map[string]leadtype.WarningKind{"Title": leadtype.Missing}, kindsByField(out))
	require.Equal(t, "+1 555 0100", org.Row("Account", account)["Phone"])
	require.Equal(t, leadsync.Unchanged, scenario.SyncOne(t, syncer, lead).Action)
	require.ErrorIs(t, failed(t, syncer, &leadsync.Lead{ID: "p2", FirstName: "Tom", LastName: "Novak",
		Email: "tom@gmail.com"}).Err, leadsync.RequiredFieldMissing)
	require.Zero(t, org.Count("Lead"))
}

// A reference by a key is written by the relationship of the Account's field, and reverted.
func TestPersonAccountRefersByAKey(t *testing.T) {
	t.Parallel()
	org, account, _ := personOrg(t, nil)
	org.DefineObject("Region__c", "a0R", sftest.Field{Name: "Code__c", ExternalID: true, Unique: true})
	org.DefineField("Contact", sftest.Field{Name: "Region__c", Type: "reference", ReferenceTo: []string{"Region__c"}})
	west := org.Insert("Region__c", map[string]any{"Name": "West", "Code__c": "W"})
	east := org.Insert("Region__c", map[string]any{"Name": "East", "Code__c": "E"})
	org.Update("Account", account, map[string]any{"Region__pc": east})
	syncer := scenario.SyncerOf(t, org, &leadsync.Config{Mapper: tiered(
		mapping.Rule{Source: "custom.region", Field: "Region__c", By: "Region__c.Code__c"})})
	lead := pia()
	lead.Custom["region"] = "W"
	out := scenario.SyncOne(t, syncer, lead)
	require.Empty(t, out.Warnings)
	require.Equal(t, west, org.Row("Account", account)["Region__pc"])
	require.Equal(t, leadsync.Unchanged, scenario.SyncOne(t, syncer, lead).Action)
	revertAll(t, syncer, []*leadsync.Outcome{out}, revert.Options{})
	require.Equal(t, east, org.Row("Account", account)["Region__pc"])
}

// The response of the update is lost: what it was to write counts as leadsync's, and is not
// taken for a person's.
func TestPersonAccountAfterALostResponse(t *testing.T) {
	t.Parallel()
	org, account, _ := personOrg(t, map[string]any{"Phone": "1"})
	syncer := scenario.SyncerOf(t, org, &leadsync.Config{Mapper: tiered()})
	org.Fail(func(r *http.Request, _ int) *sftest.Fault {
		body, _ := io.ReadAll(r.Body)
		return &sftest.Fault{DropAfter: strings.Contains(string(body), "PersonTitle\":")}
	})
	outcomes, _ := syncer.Sync(t.Context(), pia())
	require.ErrorIs(t, outcomes[0].Err, leadsync.UncertainWrite)
	require.Equal(t, "Founder", org.Row("Account", account)["PersonTitle"])
	org.Fail(nil)
	again := pia()
	again.JobTitle = "Co-Founder"
	out := scenario.SyncOne(t, syncer, again)
	require.Equal(t, "Co-Founder", org.Row("Account", account)["PersonTitle"])
	require.Equal(t, "1", org.Row("Account", account)["Phone"])
	require.Equal(t, map[string]leadtype.WarningKind{"Phone": leadtype.KeptExisting}, kindsByField(out))
}

// A person account of the company's name or website is no company: nobody is created in it.
func TestPersonAccountsAreNoCompanies(t *testing.T) {
	t.Parallel()
	for name, company := range map[string]bool{"a company of the name": true, "persons only": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			org, account, _ := personOrg(t, map[string]any{"LastName": "Guitars", "Website": "gibson.example"})
			before := org.Row("Account", account)
			acme := ""
			if company {
				acme = org.Insert("Account", map[string]any{"Name": "Pia Guitars"})
			}
			lead := &leadsync.Lead{ID: "tom", FirstName: "Tom", LastName: "Novak", Email: "tom@gibson.example",
				Company: "Pia Guitars", AccountID: salesforce.ID(account)}
			out := scenario.SyncOne(t, scenario.SyncerOf(t, org,
				&leadsync.Config{Strategy: leadsync.AccountsAndContacts}), lead)
			require.Equal(t, 2, org.Count("Account"))
			require.NotEqual(t, account, string(out.AccountID))
			if company {
				require.Equal(t, acme, string(out.AccountID))
			}
			require.Equal(t, before, org.Row("Account", account))
			require.Contains(t, leadtype.Explain(out), leadtype.NotePerson)
		})
	}
}

// Where person accounts are on, Salesforce takes a Lead without a company, and makes it a
// person account: that takes a setting.
func TestLeadWithoutACompanyNeedsPersonLeads(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t, sftest.WithPersonAccounts())
	lead := &leadsync.Lead{ID: "tom", FirstName: "Tom", LastName: "Novak", Email: "tom@gmail.com"}
	out := failed(t, scenario.SyncerOf(t, org, nil), lead)
	require.ErrorIs(t, out.Err, leadsync.RequiredFieldMissing)
	require.Equal(t, []string{"Company"}, out.Err.Fields)
	require.Contains(t, out.Err.Error(), "personLeads")
	require.Zero(t, org.Count("Lead"))

	var settings leadsync.Settings
	require.NoError(t, json.Unmarshal([]byte(`{"personLeads":true}`), &settings))
	cfg := new(leadsync.Config)
	require.NoError(t, settings.Fill(cfg))
	syncer := scenario.SyncerOf(t, org, cfg)
	created := scenario.SyncOne(t, syncer, lead)
	require.Equal(t, "Lead", string(created.Object))

	contact, account := org.Convert(string(created.ID))
	lead.JobTitle = "Luthier"
	out = scenario.SyncOne(t, syncer, lead)
	require.Equal(t, contact, string(out.ID))
	require.Equal(t, "Luthier", org.Row("Account", account)["PersonTitle"])
}

// failed returns the outcome of a lead that fails.
func failed(t *testing.T, syncer *leadsync.Syncer, lead *leadsync.Lead) *leadsync.Outcome {
	t.Helper()
	outcomes, err := syncer.Sync(t.Context(), lead)
	require.Error(t, err)
	require.Equal(t, leadsync.Failed, outcomes[0].Stage)
	return outcomes[0]
}

// A refusal of a person account has a code and a fix of its own.
func TestRefusalOfAPersonAccountSaysSo(t *testing.T) {
	t.Parallel()
	org, account, _ := personOrg(t, nil)
	org.HideField("Contact", "IsPersonAccount")
	before := org.Row("Account", account)
	out := failed(t, scenario.SyncerOf(t, org, nil), pia())
	require.ErrorIs(t, out.Err, leadsync.PersonAccount)
	require.Contains(t, out.Err.Fix(), "IsPersonAccount")
	require.Equal(t, before, org.Row("Account", account))
}

func TestPreflightSaysHowPersonAccountsAreWritten(t *testing.T) {
	t.Parallel()
	org, _, _ := personOrg(t, nil)
	org.HideField("Account", "PersonTitle")
	report, err := scenario.SyncerOf(t, org, nil).Preflight(t.Context())
	require.NoError(t, err)
	var found []string
	for _, f := range report.Findings {
		if strings.Contains(f.Reason, "person account") {
			found = append(found, string(f.Severity)+" "+string(f.Object)+" "+f.Field)
		}
	}
	require.Equal(t, []string{string(preflight.SeverityWarning) + " Contact Title",
		string(preflight.SeverityInfo) + " Contact IsPersonAccount",
		string(preflight.SeverityInfo) + " Lead Company"}, found)
}

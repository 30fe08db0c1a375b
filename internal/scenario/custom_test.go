// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/revert"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// visits returns a section for Visit__c that refers to the person and the account.
func visits(rules ...leadsync.Rule) mapping.Section {
	return mapping.Section{Object: "Visit__c", Key: "VisitKey__c",
		Lookups: []mapping.Lookup{{Field: "Lead__c", To: mapping.ToPerson}, {Field: "Contact__c", To: mapping.ToPerson},
			{Field: "Account__c", To: mapping.ToAccount}},
		Rules: append([]leadsync.Rule{{Source: "notes", Field: "Notes__c"}}, rules...)}
}

// deals returns a section for Opportunity whose key is the company.
func deals() mapping.Section {
	return mapping.Section{Object: "Opportunity", Key: "DealKey__c",
		Lookups: []mapping.Lookup{{Field: "AccountId", To: mapping.ToAccount}},
		Rules: []leadsync.Rule{
			{Source: "company", Field: "DealKey__c", Transforms: []string{"lower"}},
			{Source: "company", Field: "Name"},
			{Constant: "Prospecting", Field: "StageName", CreateOnly: true},
			{Source: "capturedAt", Field: "CloseDate", CreateOnly: true, Transforms: []string{"date", "addDays:30"},
				Default: "2026-12-31"},
		}}
}

func mappedTo(sections ...mapping.Section) *leadsync.Config {
	m := scenario.Overwriting()
	m.Sections = append(m.Sections, sections...)
	return &leadsync.Config{Mapper: m}
}

// partOf returns the lead's part of an object.
func partOf(t testing.TB, out *leadsync.Outcome, object salesforce.Object) leadtype.Part {
	t.Helper()
	for _, part := range out.Parts {
		if part.Object == object {
			return part
		}
	}
	require.Fail(t, "no part", string(object))
	return leadtype.Part{}
}

// Any custom object, with lookups to the person and the account.
func TestCustomObjectRefersToPersonAndAccount(t *testing.T) {
	t.Parallel()
	for _, strategy := range []leadsync.Strategy{leadsync.LeadsAndContacts, leadsync.LeadsOnly,
		leadsync.AccountsAndContacts} {
		for _, there := range []string{"", "Lead", "Contact"} {
			t.Run(fmt.Sprintf("%s, a %s is there", strategy.Name(), there), func(t *testing.T) {
				t.Parallel()
				org := scenario.VisitOrg(t)
				account := org.Insert("Account", map[string]any{"Name": "Elsewhere"})
				switch there {
				case "Lead":
					scenario.InsertLead(org, "Lovelace", "ada@analytical.example")
				case "Contact":
					org.Update("Contact", scenario.InsertContact(org, "Lovelace", "ada@analytical.example"),
						map[string]any{"AccountId": account})
				}
				cfg := mappedTo(visits())
				cfg.Strategy = strategy
				lead := scenario.Ada()
				lead.Notes = "hello"
				syncer := scenario.SyncerOf(t, org, cfg)

				out := scenario.SyncOne(t, syncer, lead)

				part := partOf(t, out, "Visit__c")
				require.Equal(t, leadtype.PartCustom, part.Kind)
				require.Equal(t, leadsync.Created, part.Action)
				require.Empty(t, out.Warnings)
				visit := org.Row("Visit__c", string(part.ID))
				require.Equal(t, "L1", visit["VisitKey__c"])
				require.Equal(t, "hello", visit["Notes__c"])
				want := map[string]any{}
				if out.Object == salesforce.ObjectLead {
					want["Lead__c"] = string(out.ID)
				} else {
					want["Contact__c"], want["Account__c"] = string(out.ID), org.Row("Contact", string(out.ID))["AccountId"]
					require.NotNil(t, want["Account__c"])
				}
				for _, field := range []string{"Lead__c", "Contact__c", "Account__c"} {
					require.Equal(t, want[field], visit[field], field)
				}

				org.ResetLog()
				again := scenario.SyncOne(t, syncer, lead)
				require.Zero(t, scenario.WritesOf(org))
				require.Equal(t, leadsync.Unchanged, partOf(t, again, "Visit__c").Action)
				require.Equal(t, part.ID, partOf(t, again, "Visit__c").ID)
			})
		}
	}
}

// Two leads of a batch with the same key share one record, composed in order.
func TestLeadsWithTheSameKeyShareARecord(t *testing.T) {
	t.Parallel()
	org := scenario.VisitOrg(t)
	cfg := mappedTo(deals())
	cfg.Strategy = leadsync.AccountsAndContacts
	first, second, other := scenario.Ada(), scenario.Ada(), scenario.Ada()
	second.ID, second.Email, second.Company = "L2", "charles@analytical.example", "ANALYTICAL engines ltd"
	other.ID, other.Email, other.Company = "L3", "x@other.example", "Other"
	syncer := scenario.SyncerOf(t, org, cfg)

	outcomes := syncAll(t, syncer, first, second, other)

	require.Equal(t, 2, org.Count("Opportunity"))
	deal := partOf(t, outcomes[0], "Opportunity")
	shared := partOf(t, outcomes[1], "Opportunity")
	shared.Digest = deal.Digest // each lead has its own
	require.Equal(t, deal, shared)
	row := org.Row("Opportunity", string(deal.ID))
	require.Equal(t, "ANALYTICAL engines ltd", row["Name"], "the last lead's value")
	require.Equal(t, string(outcomes[0].AccountID), row["AccountId"])
	require.Equal(t, "2026-12-31", row["CloseDate"])
	org.ResetLog()
	syncAll(t, syncer, first, second, other)
	require.Zero(t, scenario.WritesOf(org))
}

// A key is compared as the org compares it.
func TestCaseSensitiveKeysAreTwoRecords(t *testing.T) {
	t.Parallel()
	for _, sensitive := range []bool{false, true} {
		t.Run(fmt.Sprint(sensitive), func(t *testing.T) {
			t.Parallel()
			org := scenario.VisitOrg(t)
			org.DefineField("Visit__c",
				sftest.Field{Name: "VisitKey__c", ExternalID: true, Unique: true, CaseSensitive: sensitive})
			org.Insert("Visit__c", map[string]any{"VisitKey__c": "K1"})
			first, second := scenario.Ada(), scenario.Ada()
			second.ID, second.Email = "L2", "charles@analytical.example"
			first.Custom, second.Custom = map[string]any{"key": "k1"}, map[string]any{"key": "K1"}
			syncer := scenario.SyncerOf(t, org, mappedTo(visits(leadsync.Rule{Source: "custom.key", Field: "VisitKey__c"})))
			syncAll(t, syncer, first, second)
			require.Equal(t, 1+btoi(sensitive), org.Count("Visit__c"))
			require.Equal(t, "K1", org.Rows("Visit__c")[0]["VisitKey__c"], "a key that is there keeps its spelling")
			org.ResetLog()
			syncAll(t, syncer, first, second)
			require.Zero(t, scenario.WritesOf(org))
		})
	}
}

// An object that is dropped with a warning does not keep a lead from being
// cleared.
func TestRecordIsSkippedWithAWarning(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		required string // lookup field
		rule     leadsync.Rule
		field    string
	}{
		"a blank key":                        {"", leadsync.Rule{Source: "custom.key", Field: "VisitKey__c"}, "VisitKey__c"},
		"no account for a required lookup":   {"Account", leadsync.Rule{Constant: "x", Field: "Booth__c"}, "Account__c"},
		"a Lead where a Contact is required": {"Contact", leadsync.Rule{Constant: "x", Field: "Booth__c"}, "Contact__c"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			org := scenario.VisitOrg(t)
			if row.required != "" {
				org.DefineField("Visit__c",
					sftest.Field{Name: row.field, Type: "reference", ReferenceTo: []string{row.required}, Required: true})
			}
			child := mapping.Section{Object: "Opportunity", Key: "DealKey__c", Rules: deals().Rules[1:]}
			org.DefineField("Opportunity", sftest.Field{Name: "Visit__c", Type: "reference", ReferenceTo: []string{"Visit__c"}})
			child.Lookups = []mapping.Lookup{{Field: "Visit__c", To: "visit__c"}}
			syncer := scenario.SyncerOf(t, org, mappedTo(child, visits(row.rule)))

			out := scenario.SyncOne(t, syncer, scenario.Ada())

			require.Zero(t, org.Count("Visit__c"))
			require.Len(t, out.Warnings, 1)
			require.Equal(t, leadsync.RequiredFieldMissing, out.Warnings[0].Code)
			require.Equal(t, salesforce.Object("Visit__c"), out.Warnings[0].Object)
			require.Equal(t, row.field, out.Warnings[0].Field)
			require.Contains(t, leadsync.Explain(out), "record skipped")
			require.Equal(t, 1, org.Count("Opportunity"), "what would refer to it goes without")
			org.ResetLog()
			scenario.SyncOne(t, syncer, scenario.Ada())
			require.Zero(t, scenario.WritesOf(org))
		})
	}
}

func TestFoundRecordGetsOnlyWhatDiffers(t *testing.T) {
	t.Parallel()
	org := scenario.VisitOrg(t)
	other := scenario.InsertContact(org, "Other", "other@x.example")
	visit := org.Insert("Visit__c",
		map[string]any{"VisitKey__c": "L1", "Notes__c": "old", "Booth__c": "7", "Contact__c": other})
	lead := scenario.Ada()
	lead.Notes = "new"
	cfg := mappedTo(visits(leadsync.Rule{Constant: "7", Field: "Booth__c"},
		leadsync.Rule{Source: "city", Field: "Name", Write: mapping.WriteIfBlank, Default: "Visit"}))
	cfg.Strategy = leadsync.AccountsAndContacts
	syncer := scenario.SyncerOf(t, org, cfg)

	plan, err := syncer.Plan(t.Context(), lead)
	require.NoError(t, err)
	require.Contains(t, plan.String(), "Notes__c: old -> new")
	outcomes, err := syncer.Apply(t.Context(), plan)
	require.NoError(t, err)

	part := partOf(t, outcomes[0], "Visit__c")
	require.Equal(t, leadsync.Updated, part.Action)
	require.ElementsMatch(t, []leadtype.FieldChange{
		{Field: "Name", After: "Visit", Reason: "write-if-blank by default for city"},
		{Field: "Notes__c", Before: "old", After: "new", Reason: "overwrite from notes"},
		{Field: "Contact__c", Before: other, After: string(outcomes[0].ID), Reason: "lookup"},
		{Field: "Account__c", After: string(outcomes[0].AccountID), Reason: "lookup"},
	}, part.Changes, "what it takes to put it back, also where a new record's id was written")
	require.Equal(t, string(outcomes[0].ID), org.Row("Visit__c", visit)["Contact__c"])

	report := revertAll(t, syncer, outcomes, revert.Options{Delete: true})
	require.Empty(t, report.Left)
	row := org.Row("Visit__c", visit)
	require.Equal(t, other, row["Contact__c"])
	require.Equal(t, "old", row["Notes__c"])
	require.Nil(t, row["Account__c"])
	require.Equal(t, 1, org.Count("Contact"), "the visit is restored and no longer refers to the new contact")
	require.Zero(t, org.Count("Account"))
	org.ResetLog()
	require.Empty(t, revertAll(t, syncer, outcomes, revert.Options{Delete: true}).Left)
	require.Zero(t, scenario.WritesOf(org))
}

func TestLookupOnCreateOnlyLeavesARecordAlone(t *testing.T) {
	t.Parallel()
	org := scenario.VisitOrg(t)
	visit := org.Insert("Visit__c", map[string]any{"VisitKey__c": "L1"})
	section := visits()
	for i := range section.Lookups {
		section.Lookups[i].CreateOnly = true
	}
	out := scenario.SyncOne(t, scenario.SyncerOf(t, org, mappedTo(section)), scenario.Ada())
	require.Nil(t, org.Row("Visit__c", visit)["Lead__c"])
	require.Equal(t, leadsync.Unchanged, partOf(t, out, "Visit__c").Action)
}

// chain is an Opportunity in the account, and a Visit__c on it.
func chain() *leadsync.Config {
	section := visits()
	section.Lookups = append(section.Lookups, mapping.Lookup{Field: "Opportunity__c", To: "Opportunity"})
	cfg := mappedTo(section, deals()) // the parent's section comes last
	cfg.Strategy = leadsync.AccountsAndContacts
	return cfg
}

func TestSectionsAreWrittenInTheOrderOfTheirLookups(t *testing.T) {
	t.Parallel()
	org := scenario.VisitOrg(t)
	syncer := scenario.SyncerOf(t, org, chain())

	out := scenario.SyncOne(t, syncer, scenario.Ada())

	visit := org.Row("Visit__c", string(partOf(t, out, "Visit__c").ID))
	require.Equal(t, string(partOf(t, out, "Opportunity").ID), visit["Opportunity__c"])
	require.Equal(t, string(out.AccountID), org.Rows("Opportunity")[0]["AccountId"])
	var order []string
	for _, object := range []string{"Account", "Contact", "Opportunity", "Visit__c"} {
		org.OnRow(object, func(op string, _ map[string]any) *sftest.RowError {
			order = append(order, op+" "+object)
			return nil
		})
	}
	report := revertAll(t, syncer, []*leadsync.Outcome{out}, revert.Options{Delete: true})
	require.Empty(t, report.Left)
	require.Equal(t, []string{"delete Visit__c", "delete Opportunity", "delete Contact", "delete Account"}, order)
}

func TestRevertKeepsWhatAnotherCustomRecordRefersTo(t *testing.T) {
	t.Parallel()
	org := scenario.VisitOrg(t)
	syncer := scenario.SyncerOf(t, org, chain())
	out := scenario.SyncOne(t, syncer, scenario.Ada())
	org.Insert("Visit__c", map[string]any{"VisitKey__c": "theirs", "Contact__c": string(out.ID),
		"Opportunity__c": string(partOf(t, out, "Opportunity").ID)})

	report := revertAll(t, syncer, []*leadsync.Outcome{out}, revert.Options{Delete: true})

	left := make(map[salesforce.Object]string)
	for _, r := range report.Left {
		left[r.Object] = r.Err.Reason
	}
	require.Equal(t, map[salesforce.Object]string{"Contact": "a Visit__c that refers to it is kept",
		"Opportunity": "a Visit__c that refers to it is kept",
		"Account":     "a Contact that refers to it is kept"}, left)
	require.Len(t, report.Deleted, 1)
}

// Answers map to a field of any object.
func TestAnswersGoToCustomObjects(t *testing.T) {
	t.Parallel()
	org := scenario.VisitOrg(t)
	org.DefineField("Visit__c",
		sftest.Field{Name: "Interest__c", Type: "picklist", Restricted: true, Options: []string{"Product Demo"}})
	cfg := mappedTo(visits())
	cfg.Qualifiers = []leadsync.Qualifier{{Name: "interest",
		Options: map[string]string{"demo": "Product Demo", "price": "Pricing"},
		Fields:  map[salesforce.Object]string{"visit__c": "Interest__c"}}}
	syncer := scenario.SyncerOf(t, org, cfg)
	lead := scenario.Ada()
	lead.Answers = map[string][]string{"interest": {"price"}}
	outcomes, err := syncer.Sync(t.Context(), lead)
	require.ErrorIs(t, err, leadsync.NoTagMapping)
	require.Equal(t, leadsync.Created, partOf(t, outcomes[0], "Lead").Action)

	lead.Answers["interest"] = []string{"demo"}
	scenario.SyncOne(t, syncer, lead)
	require.Equal(t, "Product Demo", org.Rows("Visit__c")[0]["Interest__c"])
	org.ResetLog()
	scenario.SyncOne(t, syncer, lead)
	require.Zero(t, scenario.WritesOf(org))
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

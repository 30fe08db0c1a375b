package leadsync_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// visitOrg is an org with an object of its own, and keys on Opportunity.
func visitOrg(t testing.TB, options ...sftest.Option) *sftest.Org {
	org := sftest.NewOrg(t, options...)
	addVisits(org)
	return org
}

func addVisits(org *sftest.Org) {
	org.DefineObject("Region__c", "a0R", sftest.Field{Name: "Code__c", ExternalID: true, Unique: true})
	org.DefineObject("Visit__c", "a0V",
		sftest.Field{Name: "VisitKey__c", ExternalID: true, Unique: true},
		sftest.Field{Name: "Lead__c", Type: "reference", ReferenceTo: []string{"Lead"}},
		sftest.Field{Name: "Contact__c", Type: "reference", ReferenceTo: []string{"Contact"}},
		sftest.Field{Name: "Account__c", Type: "reference", ReferenceTo: []string{"Account"}},
		sftest.Field{Name: "Opportunity__c", Type: "reference", ReferenceTo: []string{"Opportunity"}},
		sftest.Field{Name: "Region__c", Type: "reference", ReferenceTo: []string{"Region__c"}},
		sftest.Field{Name: "Notes__c", Type: "textarea"},
		sftest.Field{Name: "Booth__c"},
	)
	org.DefineField("Opportunity", sftest.Field{Name: "DealKey__c", ExternalID: true, Unique: true})
}

// visits is a section for Visit__c that hangs on the person and the account.
func visits(rules ...leadsync.Rule) leadsync.ObjectMapping {
	return leadsync.ObjectMapping{Object: "Visit__c", Key: "VisitKey__c",
		Lookups: []leadsync.Lookup{{Field: "Lead__c", To: leadsync.ToPerson}, {Field: "Contact__c", To: leadsync.ToPerson}, {Field: "Account__c", To: leadsync.ToAccount}},
		Rules:   append([]leadsync.Rule{{Source: "notes", Field: "Notes__c"}}, rules...)}
}

// deals is a section for Opportunity, told by the company.
func deals() leadsync.ObjectMapping {
	return leadsync.ObjectMapping{Object: "Opportunity", Key: "DealKey__c",
		Lookups: []leadsync.Lookup{{Field: "AccountId", To: leadsync.ToAccount}},
		Rules: []leadsync.Rule{
			{Source: "company", Field: "DealKey__c", Transforms: []string{"lower"}},
			{Source: "company", Field: "Name"},
			{Constant: "Prospecting", Field: "StageName", CreateOnly: true},
			{Source: "capturedAt", Field: "CloseDate", CreateOnly: true, Transforms: []string{"date", "addDays:30"}, Default: "2026-12-31"},
		}}
}

func mappedTo(sections ...leadsync.ObjectMapping) *leadsync.Config {
	m := leadsync.DefaultMapping()
	m.Sections = append(m.Sections, sections...)
	return &leadsync.Config{Mapper: m}
}

// partOf returns the lead's part of an object.
func partOf(t testing.TB, out *leadsync.Outcome, object salesforce.Object) leadsync.Part {
	t.Helper()
	for _, part := range out.Parts {
		if part.Object == object {
			return part
		}
	}
	require.Fail(t, "no part", string(object))
	return leadsync.Part{}
}

// PRODUCT.md 4: any custom object, with lookups to the person and the account.
func TestCustomObjectHangsOnPersonAndAccount(t *testing.T) {
	t.Parallel()
	for _, strategy := range []leadsync.Strategy{leadsync.LeadsAndContacts, leadsync.LeadsOnly, leadsync.AccountsAndContacts} {
		for _, there := range []string{"", "Lead", "Contact"} {
			t.Run(fmt.Sprintf("%s, a %s is there", strategy.Name(), there), func(t *testing.T) {
				t.Parallel()
				org := visitOrg(t)
				account := org.Insert("Account", map[string]any{"Name": "Elsewhere"})
				switch there {
				case "Lead":
					insertLead(org, "Lovelace", "ada@analytical.example")
				case "Contact":
					org.Update("Contact", insertContact(org, "Lovelace", "ada@analytical.example"), map[string]any{"AccountId": account})
				}
				cfg := mappedTo(visits())
				cfg.Strategy = strategy
				lead := ada()
				lead.Notes = "hello"
				syncer := syncerOf(t, org, cfg)

				out := syncOne(t, syncer, lead)

				part := partOf(t, out, "Visit__c")
				require.Equal(t, leadsync.PartCustom, part.Kind)
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
				again := syncOne(t, syncer, lead)
				require.Zero(t, writesOf(org))
				require.Equal(t, leadsync.Unchanged, partOf(t, again, "Visit__c").Action)
				require.Equal(t, part.ID, partOf(t, again, "Visit__c").ID)
			})
		}
	}
}

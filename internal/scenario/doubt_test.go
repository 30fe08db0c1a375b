// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
	"github.com/leadsync/leadsync/store/memory"
)

// Two people have one address, and their names agree in part. Before, the second failed with
// the first one's code, because the record that both were to share could not be created.
func TestALeadInDoubtDoesNotFailWithAnother(t *testing.T) {
	t.Parallel()
	jones := &leadsync.Lead{ID: "L1", FirstName: "Ada", LastName: "Jones", Email: "ada@acme.example"}
	lovelace := &leadsync.Lead{
		ID:        "L2",
		FirstName: "Ada",
		LastName:  "Lovelace",
		Email:     "ada@acme.example",
		Company:   "Acme",
	}
	for _, batch := range [][]*leadsync.Lead{{jones, lovelace}, {lovelace, jones}} {
		org := sftest.NewOrg(t)
		outcomes, _ := scenario.SyncerOf(t, org, nil).Sync(t.Context(), batch...) // the other one may fail
		for _, out := range outcomes {
			if out.LeadID == "L2" {
				require.Equal(t, leadsync.Cleared, out.Stage, "%v", out.Err)
			}
		}
		require.Equal(t, 1, org.Count("Lead"))
		require.Equal(t, "Lovelace", org.Rows("Lead")[0]["LastName"])
	}
}

// A record that is found by the lead's key is the lead's, whoever its person is. Before, a
// lead that was attached to another person's record had one without values.
func TestALeadInDoubtFillsItsOwnRecords(t *testing.T) {
	t.Parallel()
	for last, kind := range map[string]leadtype.WarningKind{"Meyer": leadtype.OtherPerson, "Lovelace": leadtype.Doubt} {
		org := scenario.VisitOrg(t)
		org.Insert(
			"Lead",
			map[string]any{"FirstName": "Ben", "LastName": "Hopper", "Email": "ada@acme.example", "Company": "Acme"},
		)
		rules := leadsync.DefaultMapping()
		rules.Sections = append(rules.Sections, mapping.Section{Object: "Visit__c", Key: "VisitKey__c",
			Rules: []leadsync.Rule{{Source: "custom.booth", Field: "Booth__c", Write: mapping.UnlessEdited}}})
		syncer := scenario.SyncerOf(t, org, &leadsync.Config{Mapper: rules, OtherPerson: leadtype.AttachOther})
		lead := &leadsync.Lead{ID: "L1", FirstName: "Ada", LastName: last, Email: "ada@acme.example"}
		if kind == leadtype.Doubt {
			lead.FirstName = "Ben"
		}
		for _, booth := range []string{"A1", "B2"} {
			lead.Custom = map[string]any{"booth": booth}
			out := scenario.SyncOne(t, syncer, lead)
			require.Contains(t, out.WarningKinds(), kind)
			require.Equal(t, booth, org.Rows("Visit__c")[0]["Booth__c"])
		}
		require.Equal(t, "Hopper", org.Rows("Lead")[0]["LastName"])
	}
}

// Before, a doubt about the address of many was forgotten at the next sync: the record was
// known by its id then.
func TestADoubtAboutAnAddressOfManyStays(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	id := org.Insert("Lead", map[string]any{"LastName": "Gibson", "Email": "info@acme.example", "Company": "Acme"})
	syncer := scenario.SyncerOf(t, org, nil)
	lead := &leadsync.Lead{ID: "L1", FirstName: "Pia", LastName: "Gibson", Email: "info@acme.example", Company: "Initech"}
	for range 3 {
		out := scenario.SyncOne(t, syncer, lead)
		require.Equal(t, salesforce.ID(id), out.ID)
		require.Contains(t, out.WarningKinds(), leadtype.Doubt)
		require.Nil(t, org.Row("Lead", id)["FirstName"])
	}
	require.Equal(t, "Acme", org.Row("Lead", id)["Company"])
}

// A lead keeps the record that was created for it. Before, another person's took its place
// once the lead's first name was known: then the two names agreed in part.
func TestALeadKeepsItsOwnRecordInDoubt(t *testing.T) {
	t.Parallel()
	for _, stored := range []bool{false, true} {
		d := newDesk(t, leadsync.Config{OtherPerson: leadtype.CreateOther})
		contact := d.org.Insert(
			"Contact",
			map[string]any{"FirstName": "Ada", "LastName": "Jones", "Email": "ada@acme.example"},
		)
		syncer := scenario.SyncerOf(t, d.org, &d.cfg)
		sync := func(lead *leadsync.Lead) *leadsync.Outcome {
			if stored {
				return d.sync(lead)["L1"]
			}
			return scenario.SyncOne(t, syncer, lead)
		}
		lead := &leadsync.Lead{ID: "L1", LastName: "Lovelace", Email: "ada@acme.example", Company: "Acme"}
		own := sync(lead)
		lead = later(lead, func(l *leadsync.Lead) { l.FirstName, l.JobTitle = "Ada", "Countess" })
		out := sync(lead)
		require.Equal(t, own.ID, out.ID)
		require.Equal(t, "Countess", d.org.Row("Lead", string(out.ID))["Title"])
		require.Nil(t, d.org.Row("Contact", contact)["Title"])
	}
}

// A lead that is attached to another person's record stays so when that is merged. Before, it
// wrote its values into the survivor.
func TestALeadStaysAttachedThroughAMerge(t *testing.T) {
	t.Parallel()
	for _, kept := range []leadsync.Store{nil, memory.New(nil)} {
		org := sftest.NewOrg(t)
		person := map[string]any{"FirstName": "Ada", "LastName": "Jones", "Email": "ada@acme.example", "Company": "Acme"}
		first := org.Insert("Lead", person)
		syncer := scenario.SyncerOf(t, org, &leadsync.Config{OtherPerson: leadtype.AttachOther, Store: kept})
		lead := &leadsync.Lead{ID: "L1", FirstName: "Ben", LastName: "Meyer", Email: "ada@acme.example", Company: "Acme"}
		sync := func() *leadsync.Outcome {
			if kept == nil {
				return scenario.SyncOne(t, syncer, lead)
			}
			captureAndDrain(t, syncer, lead)
			return scenario.StoredIn(t, syncer)[0].Last
		}
		require.Equal(t, salesforce.ID(first), sync().ID)
		second := org.Insert("Lead", person)
		org.Merge("Lead", second, first)
		lead = later(lead, func(l *leadsync.Lead) { l.Phone, l.Scans = "+1 617 555 0100", 2 })
		require.Equal(t, salesforce.ID(second), sync().ID)
		require.Nil(t, org.Row("Lead", second)["Phone"])
	}
}

// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"encoding/json"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

func TestPlanWritesNothingAndSaysEachChange(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	contact := org.Insert("Contact",
		map[string]any{"LastName": "Lovelace", "Email": "ada@analytical.example", "Title": "Miss"})
	lead, fresh := scenario.Ada(), scenario.Ada()
	lead.JobTitle = "Countess"
	fresh.ID, fresh.Email, fresh.LastName = "L2", "new@analytical.example", "Babbage"

	syncer := scenario.SyncerOf(t, org, &leadsync.Config{Mapper: scenario.Overwriting()})
	plan, err := syncer.Plan(t.Context(), lead, fresh, nil)

	require.NoError(t, err)
	require.Zero(t, scenario.WritesOf(org))
	require.Len(t, plan.Leads, 3)
	require.ErrorIs(t, plan.Leads[2].Err, leadsync.RequiredFieldMissing)
	require.Equal(t, salesforce.ID(contact), plan.Leads[0].ID)
	require.Contains(t, plan.Changes[0].Fields, leadtype.FieldChange{Field: "Title", Before: "Miss", After: "Countess",
		Reason: "overwrite from jobTitle", FormOf: "L1"})
	require.True(t, plan.Changes[1].Create)
	require.Equal(t, 1, plan.Calls)
	text := plan.String()
	require.Contains(t, text, "Title: Miss -> Countess (overwrite from jobTitle)")
	require.Contains(t, text, "create Lead")
	require.Contains(t, text, "2 records to write in 1 API call\n")
	data, err := json.Marshal(plan)
	require.NoError(t, err)
	require.Contains(t, string(data), `"before":"Miss","after":"Countess"`)
}

// A person reads a plan line by line: a value takes one, whatever is in it, and a
// blank one is said.
func TestPlanPrintsEachValueOnALine(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	org.Update("Lead", scenario.InsertLead(org, "Lovelace", "ada@analytical.example"),
		map[string]any{"Fax": "123", "Description": "one\ntwo"})
	m := scenario.Overwriting()
	m.Sections[0].Rules = append(m.Sections[0].Rules,
		leadsync.Rule{Source: "custom.fax", Field: "Fax", Write: mapping.Clear})
	lead := scenario.Ada()
	lead.JobTitle, lead.City, lead.Notes = "Analyst", strings.Repeat("ä", 40), strings.Repeat("x", 5<<20)
	syncer := scenario.SyncerOf(t, org, &leadsync.Config{Mapper: m})

	plan, err := syncer.Plan(t.Context(), lead)

	require.NoError(t, err)
	text := plan.String()
	require.Contains(t, text, "\n    City: (blank) -> "+lead.City+" (overwrite from city)\n")
	require.Contains(t, text, "\n    Fax: 123 -> (blank) (clear from custom.fax)\n")
	require.Contains(t, text, "\n    Title: (blank) -> Analyst (overwrite from jobTitle)\n")
	require.Contains(t, text, `Description: "one\ntwo" -> "one\ntwo\nxxx`)
	require.Contains(t, text, `xxx"... (32000 characters) (append from notes)`)
	require.Less(t, len(text), 2000)
}

func TestPlanPrintsWhatFailsOfALead(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	lead := scenario.Ada()
	lead.Activities = []leadsync.Activity{{Kind: "telepathy"}}
	plan, err := scenario.SyncerOf(t, org, nil).Plan(t.Context(), lead)
	require.NoError(t, err)
	require.Contains(t, plan.String(), "\n  Task: DATA_VALUE_VALIDATION")
	require.Contains(t, plan.String(), "\n1 record to write in 1 API call\n")
}

func TestPlanOfUnfitLeadsSpendsNoCall(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	plan, err := scenario.SyncerOf(t, org, nil).Plan(t.Context(), nil, &leadsync.Lead{ID: "L2"})
	require.NoError(t, err)
	require.ErrorIs(t, plan.Leads[0].Err, leadsync.RequiredFieldMissing)
	require.ErrorIs(t, plan.Leads[1].Err, leadsync.RequiredFieldMissing)
	require.Equal(t, "plan", plan.Leads[1].Err.Op)
	require.Zero(t, org.Calls())
}

func TestApplyCarriesOutAKeptPlan(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	campaign := scenario.Expo(org)
	scenario.InsertContact(org, "Lovelace", "ada@analytical.example")
	fresh := scenario.Ada()
	fresh.ID, fresh.Email = "L2", "new@analytical.example"
	fresh.Activities = []leadsync.Activity{{Kind: leadsync.ActivityCall}}
	syncer := scenario.SyncerOf(t, org, &leadsync.Config{Campaigns: []leadsync.CampaignLink{{CampaignID: campaign}}})
	plan, err := syncer.Plan(t.Context(), scenario.Ada(), fresh)
	require.NoError(t, err)
	calls := org.Calls()

	outcomes, err := syncer.Apply(t.Context(), plan)

	require.NoError(t, err)
	require.Equal(t, 1+plan.Calls, org.Calls()-calls)
	require.Equal(t, leadsync.Updated, outcomes[0].Action)
	require.Equal(t, leadsync.Created, outcomes[1].Action)
	require.Equal(t, 2, org.Count("CampaignMember"))
	require.Equal(t, 1, org.Count("Task"))
}

func TestApplyRefusesJustTheLeadsWhoseRecordChanged(t *testing.T) {
	t.Parallel()
	var seconds atomic.Int64 // SystemModstamp has no finer grain
	org := sftest.NewOrg(t, sftest.WithNow(func() time.Time { return time.Unix(1_780_000_000+seconds.Add(1), 0) }))
	changed := scenario.InsertContact(org, "Lovelace", "ada@analytical.example")
	gone := scenario.InsertContact(org, "Lovelace", "gone@analytical.example")
	scenario.InsertContact(org, "Lovelace", "same@analytical.example")
	second, third := scenario.Ada(), scenario.Ada()
	second.ID, second.Email = "L2", "gone@analytical.example"
	third.ID, third.Email = "L3", "same@analytical.example"
	syncer := scenario.SyncerOf(t, org, nil)
	plan, err := syncer.Plan(t.Context(), scenario.Ada(), second, third)
	require.NoError(t, err)
	org.Update("Contact", changed, map[string]any{"Title": "Somebody was faster"})
	org.Delete("Contact", gone)

	outcomes, err := syncer.Apply(t.Context(), plan)

	require.ErrorIs(t, err, leadsync.StaleRemoteRecord)
	require.ErrorIs(t, outcomes[0].Err, leadsync.StaleRemoteRecord)
	require.ErrorIs(t, outcomes[1].Err, leadsync.StaleRemoteRecord)
	require.Contains(t, outcomes[0].Err.Fix(), "look the person up again")
	require.Equal(t, leadsync.Updated, outcomes[2].Action)
	require.Nil(t, org.Row("Contact", changed)["FirstName"])
}

// A kept plan is applied again, or another process was faster: no person is created twice.
func TestApplyRefusesPeopleWhoCameSinceThePlan(t *testing.T) {
	t.Parallel()
	kept := func(t *testing.T, org *sftest.Org) *leadsync.Plan {
		second := scenario.Ada()
		second.ID, second.Email = "L2", "second@analytical.example"
		plan, err := scenario.SyncerOf(t, org, nil).Plan(t.Context(), scenario.Ada(), second)
		require.NoError(t, err)
		text, err := json.Marshal(plan)
		require.NoError(t, err)
		again := new(leadsync.Plan)
		require.NoError(t, json.Unmarshal(text, again))
		return again
	}
	for name, row := range map[string]struct {
		meanwhile func(*testing.T, *sftest.Org, *leadsync.Plan)
		refused   []bool
	}{
		"no change": {func(*testing.T, *sftest.Org, *leadsync.Plan) {}, []bool{false, false}},
		"a Contact": {func(_ *testing.T, org *sftest.Org, _ *leadsync.Plan) {
			scenario.InsertContact(org, "Byron", "ADA@analytical.example")
		}, []bool{true, false}},
		"a Lead": {func(_ *testing.T, org *sftest.Org, _ *leadsync.Plan) {
			scenario.InsertLead(org, "Byron", "second@analytical.example")
		}, []bool{false, true}},
		"the plan itself": {func(t *testing.T, org *sftest.Org, plan *leadsync.Plan) {
			_, err := scenario.SyncerOf(t, org, nil).Apply(t.Context(), plan)
			require.NoError(t, err)
		}, []bool{true, true}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			org := sftest.NewOrg(t)
			plan := kept(t, org)
			row.meanwhile(t, org, plan)

			outcomes, _ := scenario.SyncerOf(t, org, nil).Apply(t.Context(), plan)

			for i, refused := range row.refused {
				require.Equal(t, refused, errors.Is(outcomes[i].Err, leadsync.StaleRemoteRecord), i)
			}
			require.Equal(t, 2, org.Count("Lead")+org.Count("Contact"))
		})
	}
}

func TestApplyRefusesADamagedPlan(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	syncer := scenario.SyncerOf(t, org, nil)
	plan, err := syncer.Plan(t.Context(), scenario.Ada())
	require.NoError(t, err)
	for name, damage := range map[string]func(*leadsync.Plan){
		"a part beyond the changes": func(p *leadsync.Plan) { p.Leads[0].Parts[0].Change = 7 },
		"a reference to itself":     func(p *leadsync.Plan) { p.Changes[0].Refs = []salesforce.Ref{{Field: "OwnerId"}} },
		"a create with an id":       func(p *leadsync.Plan) { p.Changes[0].ID = "00Q000000000001AAA" },
		"a change without leads":    func(p *leadsync.Plan) { p.Changes[0].Leads = nil },
		"a lead that is not there":  func(p *leadsync.Plan) { p.Leads[0] = nil },
	} {
		t.Run(name, func(t *testing.T) {
			data, err := json.Marshal(plan)
			require.NoError(t, err)
			var damaged leadsync.Plan
			require.NoError(t, json.Unmarshal(data, &damaged))
			damage(&damaged)
			_, err = syncer.Apply(t.Context(), &damaged)
			require.ErrorIs(t, err, leadsync.DataValueValidation)
		})
	}
	_, err = syncer.Apply(t.Context(), nil)
	require.ErrorIs(t, err, leadsync.RequiredFieldMissing)
	require.Zero(t, scenario.WritesOf(org))
}

// The Lead of a moment ago is converted, which is why the plan makes another.
func TestApplyCreatesBesideThePeopleThePlanKnew(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	org.Convert(scenario.InsertLead(org, "Lovelace", scenario.Ada().Email))
	syncer := scenario.SyncerOf(t, org, &leadsync.Config{Strategy: leadsync.LeadsOnly})
	plan, err := syncer.Plan(t.Context(), scenario.Ada())
	require.NoError(t, err)

	outcomes, err := syncer.Apply(t.Context(), plan)

	require.NoError(t, err)
	require.Equal(t, leadsync.Created, outcomes[0].Action)
}

func TestApplyWritesNothingWhenItCannotReadAgain(t *testing.T) {
	t.Parallel()
	for name, fail := range map[string]func(*sftest.Org){
		"the connection": func(org *sftest.Org) { org.DisableAPI() },
		"the object":     func(org *sftest.Org) { org.Forbid("Contact", "read") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			org := sftest.NewOrg(t)
			scenario.InsertContact(org, "Lovelace", "ada@analytical.example")
			syncer := scenario.SyncerOf(t, org, nil)
			plan, err := syncer.Plan(t.Context(), scenario.Ada())
			require.NoError(t, err)
			fail(org)

			outcomes, err := syncer.Apply(t.Context(), plan)

			require.Error(t, err)
			require.Nil(t, outcomes)
			require.Zero(t, scenario.WritesOf(org))
		})
	}
}

func TestPlanFoldsAcrossBatches(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	syncer := scenario.SyncerOf(t, org, &leadsync.Config{BatchSize: 1})
	twin := scenario.Ada()
	twin.ID = "L2"
	plan, err := syncer.Plan(t.Context(), scenario.Ada(), twin)
	require.NoError(t, err)
	_, err = syncer.Apply(t.Context(), plan)
	require.NoError(t, err)
	require.Equal(t, 1, org.Count("Lead"))
}

func TestApplyMovesAMembersStatusUp(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	campaign := scenario.Expo(org)
	contact := scenario.InsertContact(org, "Lovelace", "ada@analytical.example")
	member := org.Insert("CampaignMember",
		map[string]any{"CampaignId": string(campaign), "ContactId": contact, "Status": "Sent"})
	syncer := scenario.SyncerOf(t, org,
		&leadsync.Config{Campaigns: []leadsync.CampaignLink{{CampaignID: campaign, Status: "Met"}}})
	plan, err := syncer.Plan(t.Context(), scenario.Ada())
	require.NoError(t, err)

	_, err = syncer.Apply(t.Context(), plan)

	require.NoError(t, err)
	require.Equal(t, "Met", org.Row("CampaignMember", member)["Status"])
}

// Issue: field-level before and after with the reason of each change and of each
// drop.
func TestPlanSaysTheReasonOfEachChangeAndDrop(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	org.AddExternalID("Lead")
	org.DefineField("Lead", sftest.Field{Name: "Interest__c", Type: "string", Length: 50})
	org.DefineField("CampaignMember", sftest.Field{Name: "Topic__c", Type: "string", Length: 50})
	org.DefineField("CampaignMember", sftest.Field{Name: "Stand__c", Type: "string", Length: 50})
	fallback := insertUser(org, "sales@host.example", "sales@host.example")
	m := leadsync.DefaultMapping()
	m.Sections[0].Rules = append(m.Sections[0].Rules,
		leadsync.Rule{Constant: "New", Field: "Status"},
		leadsync.Rule{Source: "custom.rating", Default: "Warm", Field: "Rating", Write: mapping.WriteIfBlank},
		leadsync.Rule{Source: "custom.gone", Field: "Gone__c", Missing: mapping.Skip})
	lead := scenario.Ada()
	lead.Notes, lead.CapturedBy = "hello", "unheard@host.example"
	lead.Answers = map[string][]string{"Interest": {"engines"}}
	lead.Custom = map[string]any{"gone": "x"}
	lead.Activities = []leadsync.Activity{{ID: "1", Kind: leadsync.ActivityCall, By: lead.CapturedBy}}
	syncer := scenario.SyncerOf(t, org, &leadsync.Config{
		Mapper: m, FallbackOwner: salesforce.ID(fallback),
		Qualifiers: []leadsync.Qualifier{{Name: "Interest", Type: mapping.QualifierText,
			Fields: map[salesforce.Object]string{"Lead": "interest__c"}}},
		Campaigns: []leadsync.CampaignLink{{CampaignID: scenario.Expo(org), Status: "Met",
			Fields: []leadsync.Rule{{Source: "notes", Field: "Topic__c"}, {Constant: "A1", Field: "Stand__c"}}}},
	})

	plan, err := syncer.Plan(t.Context(), lead)

	require.NoError(t, err)
	reasons := make(map[string]string)
	for _, c := range plan.Changes {
		for _, f := range c.Fields {
			reasons[string(c.Object)+"."+f.Field] = f.Reason
		}
	}
	for field, reason := range map[string]string{
		"Lead.LastName":           "unless-edited from lastName",
		"Lead.Email":              "unless-edited from email",
		"Lead.Description":        "append from notes",
		"Lead.Status":             "overwrite by constant",
		"Lead.Rating":             "write-if-blank by default for custom.rating",
		"Lead.Interest__c":        "answer to qualifier.Interest",
		"Lead.OwnerId":            "fallback owner",
		"Lead.LeadsyncKey__c":     "key",
		"CampaignMember.Status":   "campaign",
		"CampaignMember.Topic__c": "overwrite from notes",
		"CampaignMember.Stand__c": "overwrite by constant",
		"Task.Subject":            "activity",
		"Task.OwnerId":            "fallback owner",
	} {
		require.Equal(t, reason, reasons[field], field)
	}
	for field, reason := range reasons {
		require.NotEmpty(t, reason, field)
	}
	drops := make(map[string]leadsync.Code)
	for _, w := range plan.Leads[0].Warnings {
		require.NotEmpty(t, w.Reason)
		drops[string(w.Object)+"."+w.Field] = w.Code
	}
	require.Equal(t, map[string]leadsync.Code{"Lead.Gone__c": leadsync.MissingRemoteField,
		"Lead.OwnerId": leadsync.OwnerInvalid, "Task.OwnerId": leadsync.OwnerInvalid}, drops)
	require.Contains(t, plan.String(), "warning: Lead.Gone__c: does not exist or is hidden from the connected user "+
		"(left out: missing, MISSING_REMOTE_FIELD)")

	data, err := json.Marshal(plan)
	require.NoError(t, err)
	var kept leadsync.Plan
	require.NoError(t, json.Unmarshal(data, &kept))
	again, err := json.Marshal(&kept)
	require.NoError(t, err)
	require.Equal(t, string(data), string(again))
}

// The member that two leads share was to be that of the record which is not created.
func TestApplySaysWhyALeadGoesWithAnother(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	syncer := scenario.SyncerOf(t, org,
		&leadsync.Config{Campaigns: []leadsync.CampaignLink{{CampaignID: scenario.Expo(org)}}})
	other := scenario.Ada()
	other.ID, other.Strategy = "L2", "accounts-and-contacts"
	plan, err := syncer.Plan(t.Context(), scenario.Ada(), other)
	require.NoError(t, err)
	scenario.InsertLead(org, "Byron", scenario.Ada().Email)

	outcomes, err := syncer.Apply(t.Context(), plan)

	require.ErrorIs(t, err, leadsync.StaleRemoteRecord)
	require.Equal(t, "a record with the e-mail address was created since the plan was made", outcomes[0].Err.Reason)
	require.Equal(t, "the new record that it references is not created", outcomes[1].Err.Reason)
	require.Zero(t, scenario.WritesOf(org))
}

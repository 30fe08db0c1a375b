package leadsync_test

import (
	"encoding/json"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

func TestPlanWritesNothingAndSaysEachChange(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	contact := org.Insert("Contact", map[string]any{"LastName": "Lovelace", "Email": "ada@analytical.example", "Title": "Miss"})
	lead, fresh := ada(), ada()
	lead.JobTitle = "Countess"
	fresh.ID, fresh.Email, fresh.LastName = "L2", "new@analytical.example", "Babbage"

	plan, err := syncerOf(t, org, nil).Plan(t.Context(), lead, fresh, nil)

	require.NoError(t, err)
	require.Zero(t, writesOf(org))
	require.Len(t, plan.Leads, 3)
	require.ErrorIs(t, plan.Leads[2].Err, leadsync.RequiredFieldMissing)
	require.Equal(t, salesforce.ID(contact), plan.Leads[0].ID)
	require.Contains(t, plan.Changes[0].Fields, leadsync.FieldChange{Field: "Title", Before: "Miss", After: "Countess"})
	require.True(t, plan.Changes[1].Create)
	require.Equal(t, 1, plan.Calls)
	text := plan.String()
	require.Contains(t, text, "Title: Miss -> Countess")
	require.Contains(t, text, "create Lead")
	require.Contains(t, text, "2 records to write in 1 API calls")
	data, err := json.Marshal(plan)
	require.NoError(t, err)
	require.Contains(t, string(data), `"before":"Miss","after":"Countess"`)
}

func TestApplyCarriesOutAKeptPlan(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	campaign := expo(org)
	insertContact(org, "Lovelace", "ada@analytical.example")
	fresh := ada()
	fresh.ID, fresh.Email = "L2", "new@analytical.example"
	fresh.Activities = []leadsync.Activity{{Kind: leadsync.ActivityCall}}
	syncer := syncerOf(t, org, &leadsync.Config{Campaigns: []leadsync.CampaignLink{{CampaignID: campaign}}})
	plan, err := syncer.Plan(t.Context(), ada(), fresh)
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
	changed := insertContact(org, "Lovelace", "ada@analytical.example")
	gone := insertContact(org, "Gone", "gone@analytical.example")
	insertContact(org, "Same", "same@analytical.example")
	second, third := ada(), ada()
	second.ID, second.Email = "L2", "gone@analytical.example"
	third.ID, third.Email = "L3", "same@analytical.example"
	syncer := syncerOf(t, org, nil)
	plan, err := syncer.Plan(t.Context(), ada(), second, third)
	require.NoError(t, err)
	org.Update("Contact", changed, map[string]any{"Title": "Somebody was faster"})
	org.Delete("Contact", gone)

	outcomes, err := syncer.Apply(t.Context(), plan)

	require.ErrorIs(t, err, leadsync.StaleRemoteRecord)
	require.ErrorIs(t, outcomes[0].Err, leadsync.StaleRemoteRecord)
	require.ErrorIs(t, outcomes[1].Err, leadsync.StaleRemoteRecord)
	require.Equal(t, leadsync.Updated, outcomes[2].Action)
	require.Nil(t, org.Row("Contact", changed)["FirstName"])
}

func TestApplyRefusesADamagedPlan(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	syncer := syncerOf(t, org, nil)
	plan, err := syncer.Plan(t.Context(), ada())
	require.NoError(t, err)
	for name, damage := range map[string]func(*leadsync.Plan){
		"a part beyond the changes": func(p *leadsync.Plan) { p.Leads[0].Parts[0].Change = 7 },
		"a reference to itself":     func(p *leadsync.Plan) { p.Changes[0].Refs = []salesforce.Ref{{Field: "OwnerId"}} },
		"a create with an id":       func(p *leadsync.Plan) { p.Changes[0].ID = "00Q000000000001AAA" },
		"a change that is nobody's": func(p *leadsync.Plan) { p.Changes[0].Leads = nil },
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
	require.Zero(t, writesOf(org))
}

func TestPlanFoldsAcrossBatches(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	syncer := syncerOf(t, org, &leadsync.Config{BatchSize: 1})
	twin := ada()
	twin.ID = "L2"
	plan, err := syncer.Plan(t.Context(), ada(), twin)
	require.NoError(t, err)
	_, err = syncer.Apply(t.Context(), plan)
	require.NoError(t, err)
	require.Equal(t, 1, org.Count("Lead"))
}

func TestApplyMovesAMembersStatusUp(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	campaign := expo(org)
	contact := insertContact(org, "Lovelace", "ada@analytical.example")
	member := org.Insert("CampaignMember", map[string]any{"CampaignId": string(campaign), "ContactId": contact, "Status": "Sent"})
	syncer := syncerOf(t, org, &leadsync.Config{Campaigns: []leadsync.CampaignLink{{CampaignID: campaign, Status: "Met"}}})
	plan, err := syncer.Plan(t.Context(), ada())
	require.NoError(t, err)

	_, err = syncer.Apply(t.Context(), plan)

	require.NoError(t, err)
	require.Equal(t, "Met", org.Row("CampaignMember", member)["Status"])
}

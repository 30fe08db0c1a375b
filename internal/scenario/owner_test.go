// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/preflight"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// insertUser inserts an active User.
func insertUser(org *sftest.Org, username, email string) string {
	return org.Insert("User", map[string]any{"LastName": "Rep", "Username": username, "Email": email, "IsActive": true})
}

// capturedBy is a lead with an activity, both of a rep.
func capturedBy(rep string) *leadsync.Lead {
	lead := scenario.Ada()
	lead.CapturedBy = rep
	lead.Activities = []leadsync.Activity{{ID: "1", Kind: leadsync.ActivityCall, By: rep}}
	return lead
}

// A refresh of a sandbox marks the addresses of its Users, which then identify the reps as
// before; elsewhere such an address is another one.
func TestRepsAreFoundInARefreshedSandbox(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name    string
		sandbox bool
		emails  []string // of Users
		owner   int      // which of them, -1: the connected user
	}{
		{"marked", true, []string{"rep@host.example.invalid"}, 0},
		{"marked with capitals", true, []string{"Rep@Host.example.INVALID"}, 0},
		{"one is corrected", true, []string{"rep@host.example.invalid", "rep@host.example"}, 1},
		{"several are marked", true, []string{"rep@host.example.invalid", "rep@host.example.invalid"}, -1},
		{"not marked", true, []string{"rep@host.example"}, 0},
		{"production", false, []string{"rep@host.example.invalid"}, -1},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			org := sftest.NewOrg(t)
			org.Update("Organization", org.OrgID(), map[string]any{"IsSandbox": row.sandbox})
			owner := org.UserID()
			for i, email := range row.emails {
				user := insertUser(org, fmt.Sprintf("rep%d@host.example.dev", i), email)
				if i == row.owner {
					owner = user
				}
			}
			syncer := scenario.SyncerOf(t, org, &leadsync.Config{})

			out := scenario.SyncOne(t, syncer, capturedBy("rep@host.example"))

			require.Equal(t, owner, org.Rows("Lead")[0]["OwnerId"])
			require.Equal(t, owner, org.Rows("Task")[0]["OwnerId"])
			require.Equal(t, row.owner < 0, len(out.Warnings) > 0)
			calls := org.Calls()
			scenario.SyncOne(t, syncer, capturedBy("rep@host.example"))
			require.Equal(t, 1, org.Calls()-calls, "a rep who was found is not asked for again")
		})
	}
}

// A new record is owned by the rep, the active user with the e-mail address; else by
// the fallback owner, by default the connected user.
func TestNewRecordsBelongToTheRepElseToTheFallbackOwner(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, rep string
		fallback  bool
		lead      string // who owns the Lead and the Task
		warnings  int
	}{
		{"the rep", "REP@host.example", true, "rep", 0},
		{"a rep with a name beside the address", "Rep <REP@host.example>", true, "rep", 0},
		{"a rep as a link", "mailto:rep@host.example", true, "rep", 0},
		{"a rep whose user has another name", "ROVER@host.example", true, "rover", 0},
		{"an unknown rep", "unheard@host.example", false, "connected", 2},
		{"an unknown rep, with a fallback", "unheard@host.example", true, "fallback", 2},
		{"an inactive rep", "gone@host.example", true, "fallback", 2},
		{"no rep", "", false, "connected", 0},
		{"no rep, with a fallback", "", true, "fallback", 0},
		{"an address that several users share", "shared@host.example", true, "fallback", 2},
		{"an address that is the name of one of several users", "named@host.example", true, "named", 0},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			org := sftest.NewOrg(t)
			users := map[string]string{
				"connected": org.UserID(),
				"rep":       insertUser(org, "rep@host.example", "rep@host.example"),
				"rover":     insertUser(org, "rover@crm.example", "rover@host.example"),
				"fallback":  insertUser(org, "inside.sales@host.example", "sales@host.example"),
				"named":     insertUser(org, "named@host.example", "named@host.example"),
			}
			insertUser(org, "0", "named@host.example")
			insertUser(org, "1", "shared@host.example")
			insertUser(org, "2", "shared@host.example")
			org.Update("User", insertUser(org, "gone@host.example", "gone@host.example"), map[string]any{"IsActive": false})
			cfg := &leadsync.Config{}
			if row.fallback {
				cfg.FallbackOwner = salesforce.ID(users["fallback"])
			}

			out := scenario.SyncOne(t, scenario.SyncerOf(t, org, cfg), capturedBy(row.rep))

			require.Equal(t, users[row.lead], org.Rows("Lead")[0]["OwnerId"])
			require.Equal(t, users[row.lead], org.Rows("Task")[0]["OwnerId"])
			require.Len(t, out.Warnings, row.warnings)
			for _, w := range out.Warnings {
				require.Equal(t, leadsync.OwnerInvalid, w.Code)
				require.Equal(t, "OwnerId", w.Field)
				require.NotContains(t, w.Reason, row.rep)
			}
		})
	}
}

func TestFallbackOwnerMayBeAQueueWhereTheObjectTakesOne(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	queue := org.Insert("Group", map[string]any{"Name": "Event leads", "Type": "Queue"})
	cfg := &leadsync.Config{FallbackOwner: salesforce.ID(queue)}
	scenario.SyncOne(t, scenario.SyncerOf(t, org, cfg), scenario.Ada())
	require.Equal(t, queue, org.Rows("Lead")[0]["OwnerId"])

	cfg.Strategy = leadsync.AccountsAndContacts
	lead := scenario.Ada()
	lead.ID, lead.Email = "L2", "grace@navy.example"
	scenario.SyncOne(t, scenario.SyncerOf(t, org, cfg), lead)
	require.Equal(t, org.UserID(), org.Rows("Contact")[0]["OwnerId"], "a queue owns no Contact")
	require.Equal(t, org.UserID(), org.Rows("Account")[0]["OwnerId"])
}

// The owner of a record that was there is not ours to replace.
func TestInactiveOwnerOfAnOldRecordFailsTheLead(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	scenario.InsertContact(org, "Lovelace", "ada@analytical.example")
	org.OnRow("Contact", func(string, map[string]any) *sftest.RowError {
		return &sftest.RowError{StatusCode: "INACTIVE_OWNER_OR_USER", Message: "operation performed with inactive user"}
	})

	outcomes, err := scenario.SyncerOf(t, org, nil).Sync(t.Context(), scenario.Ada())

	require.ErrorIs(t, err, leadsync.OwnerInvalid)
	require.Equal(t, leadsync.Failed, outcomes[0].Stage)
	require.Equal(t, 1, scenario.WritesOf(org))
}

func TestFallbackOwnerOwnsCustomObjectsToo(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	org.DefineObject("Visit__c", "a01", sftest.Field{Name: "Key__c", Length: 80, ExternalID: true, Unique: true})
	fallback := insertUser(org, "sales@host.example", "sales@host.example")
	m := leadsync.DefaultMapping()
	m.Sections = append(m.Sections, mapping.Section{Object: "Visit__c", Key: "Key__c"})
	scenario.SyncOne(t, scenario.SyncerOf(t, org, &leadsync.Config{Mapper: m, FallbackOwner: salesforce.ID(fallback)}),
		scenario.Ada())
	require.Equal(t, fallback, org.Rows("Visit__c")[0]["OwnerId"])
}

func TestRepOfAnotherLeadOfThePersonComesBeforeTheFallbackOwner(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	rep := insertUser(org, "rep@host.example", "rep@host.example")
	fallback := insertUser(org, "sales@host.example", "sales@host.example")
	first, second := scenario.Ada(), capturedBy("rep@host.example")
	second.ID = "L2"
	_, err := scenario.SyncerOf(t, org, &leadsync.Config{FallbackOwner: salesforce.ID(fallback)}).
		Sync(t.Context(), first, second)
	require.NoError(t, err)
	require.Len(t, org.Rows("Lead"), 1)
	require.Equal(t, rep, org.Rows("Lead")[0]["OwnerId"])
}

// OWNER_INVALID is tried again with the fallback owner.
func TestOwnerThatTheOrgRefusesGivesWayOnce(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	rep := insertUser(org, "rep@host.example", "rep@host.example")
	fallback := insertUser(org, "sales@host.example", "sales@host.example")
	syncer := scenario.SyncerOf(t, org, &leadsync.Config{FallbackOwner: salesforce.ID(fallback)})
	scenario.SyncOne(t, syncer, capturedBy("rep@host.example"))
	org.Update("User", rep, map[string]any{"IsActive": false}) // the session knows the rep as active

	second := capturedBy("rep@host.example")
	second.ID, second.Email = "L2", "grace@navy.example"
	out := scenario.SyncOne(t, syncer, second)

	require.Equal(t, leadsync.Created, out.Action)
	require.Equal(t, fallback, org.Row("Lead", string(out.ID))["OwnerId"])
	require.Len(t, out.Warnings, 2, "one for the Lead, one for the Task")
	require.Equal(t, leadsync.OwnerInvalid, out.Warnings[0].Code)
	tasks := org.Rows("Task")
	require.Len(t, tasks, 2)

	org.ResetLog()
	third := capturedBy("rep@host.example")
	third.ID, third.Email = "L3", "alan@bletchley.example"
	scenario.SyncOne(t, syncer, third)
	require.Equal(t, 2, org.Calls(), "the session remembers who was refused: no create is refused again")

	org.Update("User", fallback, map[string]any{"IsActive": false})
	fourth := capturedBy("")
	fourth.ID, fourth.Email = "L4", "edsger@eindhoven.example"
	out = scenario.SyncOne(t, syncer, fourth)
	require.Equal(t, org.UserID(), org.Row("Lead", string(out.ID))["OwnerId"], "the last resort is the connected user")
}

func TestHeldOwnerFailsTheLead(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	rep := insertUser(org, "rep@host.example", "rep@host.example")
	syncer := scenario.SyncerOf(t, org, &leadsync.Config{Owners: leadsync.HoldOwner})

	outcomes, err := syncer.Sync(t.Context(), capturedBy("unheard@host.example"))
	require.ErrorIs(t, err, leadsync.OwnerInvalid)
	require.Equal(t, leadsync.Failed, outcomes[0].Stage)
	require.Equal(t, []string{"OwnerId"}, outcomes[0].Err.Fields)
	require.Zero(t, org.Count("Lead"))

	lead := capturedBy("unheard@host.example")
	lead.CapturedBy = ""
	outcomes, err = syncer.Sync(t.Context(), lead)
	require.ErrorIs(t, err, leadsync.OwnerInvalid, "a task has an owner too")
	require.Equal(t, salesforce.ObjectTask, outcomes[0].Err.Object)
	require.Equal(t, 1, org.Count("Lead"))

	known := capturedBy("rep@host.example")
	known.ID, known.Email = "L2", "grace@navy.example"
	scenario.SyncOne(t, syncer, known)
	org.Update("User", rep, map[string]any{"IsActive": false})
	known.ID, known.Email = "L3", "alan@bletchley.example"
	_, err = syncer.Sync(t.Context(), known)
	require.ErrorIs(t, err, leadsync.OwnerInvalid)
	require.Equal(t, 2, org.Count("Lead"))
}

// A reference may be mapped from an e-mail address, whatever the source, and no
// call is spent on it but the lookup that is made anyway.
func TestAnyRowMayNameAUserByEmail(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	partner := insertUser(org, "partner@host.example", "partner@host.example")
	constant := insertUser(org, "desk@host.example", "desk@host.example")
	org.DefineField("Lead", sftest.Field{Name: "Partner__c", Type: "reference", ReferenceTo: []string{"User"}})
	org.DefineField("Lead", sftest.Field{Name: "Desk__c", Type: "reference", ReferenceTo: []string{"User"}})
	org.DefineField("CampaignMember", sftest.Field{Name: "Host__c", Type: "reference", ReferenceTo: []string{"User"}})
	m := leadsync.DefaultMapping()
	m.Sections[0].Rules = append(m.Sections[0].Rules,
		leadsync.Rule{Source: "custom.partner", Field: "Partner__c", Transforms: []string{"trim", "lower"}},
		leadsync.Rule{Constant: "desk@host.example", Field: "Desk__c"})
	syncer := scenario.SyncerOf(t, org,
		&leadsync.Config{Mapper: m, Campaigns: []leadsync.CampaignLink{{CampaignID: scenario.Expo(org),
			Fields: []leadsync.Rule{{Source: "custom.partner", Field: "Host__c"}}}}})
	_, err := syncer.Preflight(t.Context())
	require.NoError(t, err)
	org.ResetLog()
	lead := scenario.Ada()
	lead.Custom = map[string]any{"partner": " Partner@Host.example "}

	out := scenario.SyncOne(t, syncer, lead)

	require.Empty(t, out.Warnings)
	require.Equal(t, partner, org.Rows("Lead")[0]["Partner__c"])
	require.Equal(t, constant, org.Rows("Lead")[0]["Desk__c"])
	require.Equal(t, partner, org.Rows("CampaignMember")[0]["Host__c"])
	require.Equal(t, 2, org.Calls(), "the lookup, the person with the member")
	require.Equal(t, leadsync.Unchanged, scenario.SyncOne(t, syncer, lead).Action)
}

func TestPreflightLooksAtTheFallbackOwner(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	gone := insertUser(org, "gone@host.example", "gone@host.example")
	org.Update("User", gone, map[string]any{"IsActive": false})
	queue := org.Insert("Group", map[string]any{"Name": "Event leads", "Type": "Queue"})
	org.Insert("QueueSobject", map[string]any{"QueueId": queue, "SobjectType": "Lead"})
	for _, row := range []struct {
		name, id string
		want     string
	}{
		{"an active user", insertUser(org, "rep@host.example", "rep@host.example"), ""},
		{"a queue", queue, ""},
		{"a queue of Tasks", org.Insert("Group", map[string]any{"Name": "Calls", "Type": "Queue"}), "does not take Leads"},
		{"an inactive user", gone, "is an inactive user"},
		{"a group", org.Insert("Group", map[string]any{"Name": "Sales", "Type": "Regular"}), "a group that is not a queue"},
		{"nobody", "005000000000999", "does not exist"},
	} {
		report, err := scenario.SyncerOf(t, org, &leadsync.Config{FallbackOwner: salesforce.ID(row.id)}).
			Preflight(t.Context())
		require.NoError(t, err)
		var found []preflight.Finding
		for _, f := range report.Findings {
			if f.Path == "fallbackOwner" || f.Object == salesforce.ObjectUser {
				found = append(found, f)
			}
		}
		if row.want == "" {
			require.Empty(t, found, row.name)
			continue
		}
		require.Len(t, found, 1, row.name)
		require.Equal(t, leadsync.OwnerInvalid, found[0].Code)
		require.Equal(t, preflight.SeverityWarning, found[0].Severity)
		require.Contains(t, found[0].Reason, row.want)
		require.NotEmpty(t, found[0].Fix)
	}
}

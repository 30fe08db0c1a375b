// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

func TestSyncedPersonBecomesMemberWithTheLinksStatus(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	campaign := scenario.Expo(org)

	out := scenario.SyncOne(t, scenario.SyncerOf(t, org,
		&leadsync.Config{Campaigns: []leadsync.CampaignLink{{CampaignID: campaign, Status: "met"}}}), scenario.Ada())

	members := org.Rows("CampaignMember")
	require.Len(t, members, 1)
	require.Equal(t, string(out.ID), members[0]["LeadId"])
	require.Equal(t, "Met", members[0]["Status"])
}

func TestMemberStatusMovesUpTheLadderNeverDown(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ has, wants, ends string }{
		{"Sent", "Responded", "Responded"}, {"Responded", "Met", "Met"}, {"Met", "Sent", "Met"},
		{"Responded", "", "Responded"}, {"Sent", "Sent", "Sent"},
	} {
		t.Run(row.has+" to "+row.wants, func(t *testing.T) {
			t.Parallel()
			org := sftest.NewOrg(t)
			campaign := scenario.Expo(org)
			contact := scenario.InsertContact(org, "Lovelace", "ada@analytical.example")
			org.Insert("CampaignMember", map[string]any{"CampaignId": string(campaign), "ContactId": contact, "Status": row.has})

			out := scenario.SyncOne(t, scenario.SyncerOf(t, org,
				&leadsync.Config{Campaigns: []leadsync.CampaignLink{{CampaignID: campaign, Status: row.wants}}}), scenario.Ada())

			require.Equal(t, row.has == row.ends && row.wants != "" && row.wants != row.has, saysKept(out))
			members := org.Rows("CampaignMember")
			require.Len(t, members, 1)
			require.Equal(t, row.ends, members[0]["Status"])
		})
	}
}

// saysKept reports whether an outcome says that the member's status was not moved down, as
// none did before.
func saysKept(out *leadsync.Outcome) bool {
	return slices.Contains(warned(out, "Status"), leadtype.StatusKept)
}

func TestAnswerChoosesTheMembersStatus(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	campaign := scenario.Expo(org)
	lead := scenario.Ada()
	lead.Answers = map[string][]string{"met": {"no idea", " YES "}}
	link := leadsync.CampaignLink{CampaignID: campaign, Status: "Sent",
		StatusBy: &mapping.StatusBy{Qualifier: "met", Statuses: map[string]string{"yes": "Met"}}}

	out := scenario.SyncOne(t, scenario.SyncerOf(t, org, &leadsync.Config{Campaigns: []leadsync.CampaignLink{link}}), lead)

	require.Equal(t, "Met", org.Rows("CampaignMember")[0]["Status"])
	require.Empty(t, out.Warnings, "the answer has its use")
}

func TestLinkAppliesToItsEventAndScansUnlessArchived(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name string
		edit func(*leadsync.CampaignLink, *leadsync.Lead)
		want int
	}{
		{"its event", func(c *leadsync.CampaignLink, l *leadsync.Lead) { c.EventID, l.EventID = "expo", "expo" }, 1},
		{"another event", func(c *leadsync.CampaignLink, l *leadsync.Lead) { c.EventID, l.EventID = "expo", "fair" }, 0},
		{"every event", func(c *leadsync.CampaignLink, l *leadsync.Lead) { l.EventID = "fair" }, 1},
		{"enough scans", func(c *leadsync.CampaignLink, l *leadsync.Lead) { c.MinScans, l.Scans = 2, 2 }, 1},
		{"too few scans", func(c *leadsync.CampaignLink, l *leadsync.Lead) { c.MinScans, l.Scans = 2, 1 }, 0},
		{"archived", func(c *leadsync.CampaignLink, l *leadsync.Lead) { c.Archived = true }, 0},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			org := sftest.NewOrg(t)
			lead, link := scenario.Ada(), leadsync.CampaignLink{CampaignID: scenario.Expo(org)}
			row.edit(&link, lead)
			scenario.SyncOne(t, scenario.SyncerOf(t, org, &leadsync.Config{Campaigns: []leadsync.CampaignLink{link}}), lead)
			require.Equal(t, row.want, org.Count("CampaignMember"))
		})
	}
}

func TestStatusThatTheCampaignLacksFailsTheMemberNotThePerson(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	campaign := scenario.Expo(org)

	outcomes, err := scenario.SyncerOf(t, org,
		&leadsync.Config{Campaigns: []leadsync.CampaignLink{{CampaignID: campaign, Status: "Partied"}}}).
		Sync(t.Context(), scenario.Ada())

	require.ErrorIs(t, err, leadsync.CampaignStatus)
	require.Equal(t, leadsync.Failed, outcomes[0].Stage)
	require.Equal(t, leadsync.Created, outcomes[0].Parts[0].Action)
	require.Equal(t, 1, org.Count("Lead"))
	require.Zero(t, org.Count("CampaignMember"))
}

// A campaign that was deleted since the session was read has no status to add: that was the fix.
func TestCampaignThatIsGoneIsToldAsSuch(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	campaign := scenario.Expo(org)
	syncer := scenario.SyncerOf(t, org, &leadsync.Config{Campaigns: []leadsync.CampaignLink{{CampaignID: campaign}}})
	_, err := syncer.Preflight(t.Context())
	require.NoError(t, err)
	org.Delete("Campaign", string(campaign))
	outcomes, err := syncer.Sync(t.Context(), scenario.Ada())
	require.ErrorIs(t, err, leadsync.CampaignStatus)
	require.Contains(t, outcomes[0].Err.Fix(), "Correct the campaign's id in the campaign link")
}

func TestPersonIsAMemberOnceNotAsLeadAndContact(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	campaign := scenario.Expo(org)
	lead := scenario.InsertLead(org, "Lovelace", "ada@analytical.example")
	org.Insert("CampaignMember", map[string]any{"CampaignId": string(campaign), "LeadId": lead})
	scenario.InsertContact(org, "Lovelace", "ada@analytical.example")

	out := scenario.SyncOne(t, scenario.SyncerOf(t, org,
		&leadsync.Config{Campaigns: []leadsync.CampaignLink{{CampaignID: campaign}}}), scenario.Ada())

	require.Equal(t, salesforce.ObjectContact, out.Object)
	require.Equal(t, 1, org.Count("CampaignMember"))
}

func TestMemberAndTaskOfAPersonFoundByIDAreSeen(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	campaign := scenario.Expo(org)
	contact := scenario.InsertContact(org, "Lovelace", "private@elsewhere.example")
	lead := scenario.Ada()
	lead.ContactID = salesforce.ID(contact)
	lead.Activities = []leadsync.Activity{{Kind: leadsync.ActivityNote, Notes: "hello"}}
	cfg := &leadsync.Config{Campaigns: []leadsync.CampaignLink{{CampaignID: campaign}}}
	scenario.SyncOne(t, scenario.SyncerOf(t, org, cfg), lead)
	org.ResetLog()

	out := scenario.SyncOne(t, scenario.SyncerOf(t, org, cfg), lead)

	require.Equal(t, leadsync.Unchanged, out.Action)
	require.Zero(t, scenario.WritesOf(org))
	require.Equal(t, 1, org.Count("CampaignMember"))
	require.Equal(t, 1, org.Count("Task"))
}

func TestMemberFieldsKeepTheirWriteRule(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	org.DefineField("CampaignMember", sftest.Field{Name: "Topic__c", Type: "string", Length: 50})
	syncer := scenario.SyncerOf(t, org,
		&leadsync.Config{Campaigns: []leadsync.CampaignLink{{CampaignID: scenario.Expo(org),
			Fields: []leadsync.Rule{{Source: "notes", Field: "Topic__c", Write: mapping.WriteIfBlank}}}}})
	lead := scenario.Ada()
	lead.Notes = "first"
	scenario.SyncOne(t, syncer, lead)
	lead.Notes = "second"
	scenario.SyncOne(t, syncer, lead)
	require.Equal(t, "first", org.Rows("CampaignMember")[0]["Topic__c"])
}

func TestMemberErrorBlamesItsLeadAlone(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	campaign := scenario.Expo(org)
	syncer := scenario.SyncerOf(t, org, &leadsync.Config{
		Campaigns: []leadsync.CampaignLink{
			{EventID: "bad", CampaignID: campaign, Status: "No such"}, {EventID: "good", CampaignID: campaign}}})
	bad, good := scenario.Ada(), scenario.Ada()
	good.ID, bad.EventID, good.EventID = "L2", "bad", "good"
	outcomes, _ := syncer.Sync(t.Context(), bad, good)
	require.Equal(t, leadsync.Failed, outcomes[0].Stage)
	require.Equal(t, leadsync.Cleared, outcomes[1].Stage)
	require.Equal(t, 1, org.Count("CampaignMember"))
}

func TestPersonOfTwoStrategiesIsAMemberOnce(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	syncer := scenario.SyncerOf(t, org,
		&leadsync.Config{Campaigns: []leadsync.CampaignLink{{CampaignID: scenario.Expo(org)}}})
	one, other := scenario.Ada(), scenario.Ada()
	other.ID, other.Strategy = "L2", "accounts-and-contacts"
	_, err := syncer.Sync(t.Context(), one, other)
	require.NoError(t, err)
	require.Equal(t, 1, org.Count("CampaignMember"))
}

// The member that two records of a person share gets the higher of their statuses.
func TestPersonOfTwoStrategiesGetsTheHigherStatus(t *testing.T) {
	t.Parallel()
	for _, answers := range [][2]string{{"came", "talked"}, {"talked", "came"}} {
		org := sftest.NewOrg(t)
		org.DefineField("CampaignMember", sftest.Field{Name: "Topic__c", Type: "string", Length: 50})
		syncer := scenario.SyncerOf(t, org,
			&leadsync.Config{Campaigns: []leadsync.CampaignLink{{CampaignID: scenario.Expo(org),
				StatusBy: &mapping.StatusBy{Qualifier: "q", Statuses: map[string]string{"came": "Responded", "talked": "Met"}},
				Fields:   []leadsync.Rule{{Source: "custom.topic", Field: "Topic__c"}}}}})
		one, other := scenario.Ada(), scenario.Ada()
		one.Answers, other.Answers = map[string][]string{"q": {answers[0]}}, map[string][]string{"q": {answers[1]}}
		other.ID, other.Strategy, other.Custom = "L2", "accounts-and-contacts", map[string]any{"topic": "engines"}
		_, err := syncer.Sync(t.Context(), one, other)
		require.NoError(t, err)
		members := org.Rows("CampaignMember")
		require.Len(t, members, 1)
		require.Equal(t, "Met", members[0]["Status"], answers)
		require.Equal(t, "engines", members[0]["Topic__c"])
	}
}

// An event may link to several campaigns, each with its own status.
func TestEventMayLinkToSeveralCampaigns(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	first, second := scenario.Expo(org), scenario.Expo(org)
	lead := scenario.Ada()
	lead.EventID = "expo"
	syncer := scenario.SyncerOf(t, org, &leadsync.Config{Campaigns: []leadsync.CampaignLink{
		{EventID: "expo", CampaignID: first, Status: "Met"}, {EventID: "expo", CampaignID: second},
		{EventID: "fair", CampaignID: second, Status: "Met"}}})

	out := scenario.SyncOne(t, syncer, lead)

	statuses := make(map[any]any)
	for _, member := range org.Rows("CampaignMember") {
		require.Equal(t, string(out.ID), member["LeadId"])
		statuses[member["CampaignId"]] = member["Status"]
	}
	require.Equal(t, map[any]any{string(first): "Met", string(second): "Sent"}, statuses)
	require.Equal(t, leadsync.Unchanged, scenario.SyncOne(t, syncer, lead).Action)
}

// The link's own ladder counts before the campaign's order, and a status that
// is not on it is left alone.
func TestLinksOwnLadderOrdersStatuses(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ has, wants, ends string }{
		{"Met", "Responded", "Responded"}, {"Responded", "Met", "Responded"}, {"Sent", "Met", "Sent"},
	} {
		t.Run(row.has+" to "+row.wants, func(t *testing.T) {
			t.Parallel()
			org := sftest.NewOrg(t)
			campaign := scenario.Expo(org)
			contact := scenario.InsertContact(org, "Lovelace", "ada@analytical.example")
			org.Insert("CampaignMember", map[string]any{"CampaignId": string(campaign), "ContactId": contact, "Status": row.has})
			out := scenario.SyncOne(t, scenario.SyncerOf(t, org, &leadsync.Config{Campaigns: []leadsync.CampaignLink{
				{CampaignID: campaign, Status: row.wants, Ladder: []string{"Met", "responded"}}}}), scenario.Ada())
			require.Equal(t, row.has == row.ends, saysKept(out))
			require.Equal(t, row.ends, org.Rows("CampaignMember")[0]["Status"])
		})
	}
}

// Several links to one campaign are of one ladder, whichever comes first: the
// highest of their statuses on it counts.
func TestLinksToOneCampaignShareItsLadder(t *testing.T) {
	t.Parallel()
	for _, has := range []string{"", "Sent", "Responded", "Met"} {
		org := sftest.NewOrg(t)
		campaign := scenario.Expo(org)
		if has != "" {
			contact := scenario.InsertContact(org, "Lovelace", "ada@analytical.example")
			org.Insert("CampaignMember", map[string]any{"CampaignId": string(campaign), "ContactId": contact, "Status": has})
		}
		syncer := scenario.SyncerOf(t, org, &leadsync.Config{Campaigns: []leadsync.CampaignLink{
			{CampaignID: campaign[:15], Status: "Met"},
			{CampaignID: campaign, Status: "Responded", Ladder: []string{"Sent", "Met", "Responded"}},
			{CampaignID: campaign, Status: "Sent"}}})
		scenario.SyncOne(t, syncer, scenario.Ada())
		require.Equal(t, "Responded", org.Rows("CampaignMember")[0]["Status"], has)
		require.Equal(t, leadsync.Unchanged, scenario.SyncOne(t, syncer, scenario.Ada()).Action)
	}
}

// A person who is a member already is not an error, also when another user added it
// in the meantime.
func TestAlreadyAMemberIsNoError(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	campaign := scenario.Expo(org)
	contact := scenario.InsertContact(org, "Lovelace", "ada@analytical.example")
	beforeTheWrite(org, func() {
		org.Insert("CampaignMember", map[string]any{"CampaignId": string(campaign), "ContactId": contact})
	})
	out := scenario.SyncOne(t, scenario.SyncerOf(t, org,
		&leadsync.Config{Campaigns: []leadsync.CampaignLink{{CampaignID: campaign}}}), scenario.Ada())
	require.Equal(t, leadsync.Cleared, out.Stage)
	require.Equal(t, 1, org.Count("CampaignMember"))
}

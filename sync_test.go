// SPDX-License-Identifier: Apache-2.0

package leadsync_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

func TestNewNamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	client := scenario.ClientOf(t, org)
	for _, row := range []struct {
		field string
		cfg   leadsync.Config
	}{
		{"Config.BatchSize", leadsync.Config{BatchSize: -1}},
		{"Config.BatchSize", leadsync.Config{BatchSize: 2001}},
		{"Config.VerifyAfter", leadsync.Config{VerifyAfter: -1}},
		{"Config.APIBudget", leadsync.Config{APIBudget: 1.1}},
		{"Config.APIBudget", leadsync.Config{APIBudget: math.NaN()}},
		{"Config.SinkTimeout", leadsync.Config{SinkTimeout: -time.Second}},
		{"Config.LeaseTTL", leadsync.Config{LeaseTTL: time.Second}},
		{"Config.LeaseTTL", leadsync.Config{LeaseTTL: time.Hour + 1}},
		{"Config.Mode", leadsync.Config{Mode: "sometimes"}},
		{"Config.NewID", leadsync.Config{NewID: func() string { return "" }}},
		{"Config.NewID", leadsync.Config{NewID: func() string { return "host-1" }}},
		{"converted", leadsync.Config{Converted: "maybe"}},
		{"ambiguous", leadsync.Config{Ambiguous: "guess"}},
		{"campaigns[0].campaignId", leadsync.Config{Campaigns: []leadsync.CampaignLink{{CampaignID: "Expo"}}}},
		{"campaigns[0].fields[0].source",
			leadsync.Config{Campaigns: []leadsync.CampaignLink{{CampaignID: "701000000000001AAA",
				Fields: []leadsync.Rule{{Source: "nickname", Field: "Note__c"}}}}}},
		{"mapping.objects[0].key",
			leadsync.Config{Mapper: &leadsync.Mapping{Sections: []mapping.Section{{Object: "Visit__c"}}}}},
		{"mapping.objects[0].object",
			leadsync.Config{Mapper: &leadsync.Mapping{Sections: []mapping.Section{{Object: "CampaignMember", Key: "Key__c"}}}}},
		{"mapping.objects[0].object",
			leadsync.Config{Mapper: &leadsync.Mapping{
				Sections: []mapping.Section{{Object: "campaignmember", Key: "Key__c"}}}}},
		{"Config.Mapper", leadsync.Config{Mapper: visitMapper{leadsync.DefaultMapping()}}},
		{"duplicates", leadsync.Config{Duplicates: "ignore"}},
		{"owners", leadsync.Config{Owners: "anybody"}},
		{"fallbackOwner", leadsync.Config{FallbackOwner: "rep@host.example"}},
		{"fallbackOwner", leadsync.Config{FallbackOwner: "003000000000001AAA"}},
		{"keyPrefix", leadsync.Config{KeyPrefix: "two words"}},
		{"keyPrefix", leadsync.Config{KeyPrefix: strings.Repeat("x", 65)}},
		{`externalIds["Lead"]`, leadsync.Config{ExternalIDs: map[salesforce.Object]string{"Lead": "Key__c = 1"}}},
		{"Config.Poll", leadsync.Config{Poll: -1}},
		{"Config.Strategy", leadsync.Config{Strategy: nameless{}}},
		{"Config.Strategies[0]", leadsync.Config{Strategies: []leadsync.Strategy{nil}}},
		{"Config.Strategies[0]", leadsync.Config{Strategies: []leadsync.Strategy{impostor{leadsync.LeadsOnly}}}},
		{"Config.Strategies[0]", leadsync.Config{Strategies: []leadsync.Strategy{(*impostor)(nil)}}},
		{"Config.Mapper", leadsync.Config{Mapper: (*leadsync.Mapping)(nil)}},
		{"Config.Sink", leadsync.Config{Sink: leadsync.SinkFunc(nil)}},
	} {
		_, err := leadsync.New(client, &row.cfg)
		var e *leadsync.Error
		require.ErrorAs(t, err, &e, row.field)
		require.Equal(t, []string{row.field}, e.Fields)
	}

	_, err := leadsync.New(nil, nil)
	require.ErrorIs(t, err, leadsync.RequiredFieldMissing)
	_, err = leadsync.New((*salesforce.Client)(nil), nil)
	require.ErrorIs(t, err, leadsync.RequiredFieldMissing)

	_, err = leadsync.New(client, nil)
	require.NoError(t, err)
}

// A visitMapper is a host's own mapper that wants to fill an object of its own.
type visitMapper struct{ leadsync.Mapper }

func (visitMapper) Objects() []salesforce.Object { return []salesforce.Object{"Lead", "Visit__c"} }

func TestNewTakesTheSameStrategyTwiceWhateverItsType(t *testing.T) {
	t.Parallel()
	same := scenario.Probing{{Object: "Lead", Field: "Email"}}
	_, err := leadsync.New(scenario.ClientOf(t, sftest.NewOrg(t)),
		&leadsync.Config{Strategy: same, Strategies: []leadsync.Strategy{same}})
	require.NoError(t, err)
}

// A nameless strategy is none that a captured lead could name.
type nameless struct{ scenario.Probing }

func (nameless) Name() string { return "" }

// An impostor is another strategy of the same name.
type impostor struct{ leadsync.Strategy }

func TestSyncRefusesUnfitLeadsAloneAndKeepsTheRest(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	twin := scenario.Ada()
	twin.Email, twin.EventID = "someone.else@analytical.example", "expo"
	leads := []*leadsync.Lead{nil, {}, {ID: "nobody"}, scenario.Ada(), twin, {ID: "\xff", LastName: "X"},
		{ID: "bad", LastName: "a\xffb"}, {ID: leadsync.LeadID(strings.Repeat("x", 256)), LastName: "X"}}

	outcomes, err := scenario.SyncerOf(t, org, nil).Sync(t.Context(), leads...)

	var batch *leadsync.BatchError
	require.ErrorAs(t, err, &batch)
	require.Len(t, outcomes, len(leads))
	want := []struct {
		code  leadsync.Code
		field string
	}{
		{leadsync.RequiredFieldMissing, "lead"}, {leadsync.RequiredFieldMissing, "id"},
		{leadsync.RequiredFieldMissing, "email"}, {},
		{leadsync.DataValueValidation, "id"}, {leadsync.DataValueValidation, "id"},
		{leadsync.DataValueValidation, "lastName"}, {leadsync.DataValueValidation, "id"},
	}
	for i, out := range outcomes {
		if want[i].code == "" {
			require.Equal(t, leadsync.Created, out.Action)
			require.NotContains(t, batch.Failed, i)
			continue
		}
		require.ErrorIs(t, out.Err, want[i].code)
		require.Equal(t, want[i].field, out.Err.Fields[0])
		require.ErrorIs(t, batch.Failed[i], want[i].code)
		require.Equal(t, "sync", out.Err.Op)
	}
	require.Equal(t, "expo", outcomes[4].EventID)
	require.Equal(t, 1, org.Count("Lead"))
}

func TestTextThatIsNotUTF8IsRefusedInEveryField(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	syncer := scenario.SyncerOf(t, org, nil)
	const bad = "a\xffb"
	for field, spoil := range map[string]func(*leadsync.Lead){
		"city":               func(l *leadsync.Lead) { l.City = bad },
		"otherEmails":        func(l *leadsync.Lead) { l.OtherEmails = []string{"a@x.example", bad} },
		"qualifier.Interest": func(l *leadsync.Lead) { l.Answers = map[string][]string{"Interest": {"demo", bad}} },
		"custom.badge": func(l *leadsync.Lead) {
			l.Custom = map[string]any{"badge": []any{map[string]any{"colour": bad}}}
		},
		"custom.key": func(l *leadsync.Lead) { l.Custom = map[string]any{"key": map[string]any{bad: 1}} },
		"activity.call": func(l *leadsync.Lead) {
			l.Activities = []leadsync.Activity{{Kind: leadsync.ActivityNote}, {Kind: leadsync.ActivityCall, By: bad}}
		},
	} {
		lead := scenario.Ada()
		spoil(lead)
		outcomes, err := syncer.Sync(t.Context(), lead)
		require.ErrorIs(t, err, leadsync.DataValueValidation, field)
		require.Equal(t, []string{field}, outcomes[0].Err.Fields)
	}
	require.Zero(t, org.Calls())
}

func TestSyncOfNothingSpendsNothing(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	outcomes, err := scenario.SyncerOf(t, org, nil).Sync(t.Context())
	require.NoError(t, err)
	require.Empty(t, outcomes)
	require.Zero(t, org.Calls())
}

func TestSyncAgainIsUnchangedAndWritesNothing(t *testing.T) {
	t.Parallel()
	for _, strategy := range []leadsync.Strategy{leadsync.LeadsAndContacts, leadsync.LeadsOnly,
		leadsync.AccountsAndContacts} {
		t.Run(strategy.Name(), func(t *testing.T) {
			t.Parallel()
			org := sftest.NewOrg(t)
			campaign := org.Insert("Campaign", map[string]any{"Name": "Expo", "IsActive": true})
			cfg := &leadsync.Config{Strategy: strategy,
				Campaigns: []leadsync.CampaignLink{{CampaignID: salesforce.ID(campaign), Status: "Responded"}}}
			leads := hostileLeads()
			first, err := scenario.SyncerOf(t, org, cfg).Sync(t.Context(), leads...)
			require.NoError(t, err)
			org.ResetLog()

			again, err := scenario.SyncerOf(t, org, cfg).Sync(t.Context(), leads...)

			require.NoError(t, err)
			require.Zero(t, scenario.WritesOf(org))
			for i := range again {
				require.Equal(t, leadsync.Created, first[i].Action, leads[i].ID)
				require.Equal(t, leadsync.Unchanged, again[i].Action, leads[i].ID)
				require.Equal(t, first[i].ID, again[i].ID)
			}
		})
	}
}

// hostileLeads are people as events capture them, without e-mail addresses
// among them, each with an activity.
func hostileLeads() []*leadsync.Lead {
	at := time.Date(2026, 5, 4, 9, 30, 0, 0, time.FixedZone("", 2*60*60))
	var leads []*leadsync.Lead
	for i, name := range []string{`O'Brien \ Söhne`, "山田", "=cmd|'/c calc'!A1", "שלום", "😀 Smile", `"; DROP`, "a%_b",
		"line\nbreak", strings.Repeat("long", 30)} {
		for _, email := range []string{"", fmt.Sprintf("p%d@hostile.example", i)} {
			leads = append(leads, &leadsync.Lead{
				ID: leadsync.LeadID(fmt.Sprintf("h%d-%t", i, email != "")), FirstName: "Ann", LastName: name, Email: email,
				Company: name + " GmbH", Phone: "+49 (0)30 / 12345", Notes: name + "\r\n" + name, CapturedAt: at,
				Activities: []leadsync.Activity{{Kind: leadsync.ActivityCall, Notes: "about " + name}},
			})
		}
	}
	return leads
}

func TestTwoUnknownsOfOneNameBecomeTwoRecordsOnce(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	first, second := scenario.Ada(), scenario.Ada()
	first.Email, second.Email, second.ID = "", "", "L2"
	for range 3 {
		_, err := scenario.SyncerOf(t, org, nil).Sync(t.Context(), first, second)
		require.NoError(t, err)
		require.Equal(t, 2, org.Count("Lead"))
	}
}

func TestASecondPersonOfTheNameIsNotMistakenForTheFirst(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	first, second := scenario.Ada(), scenario.Ada()
	first.Email, second.Email, second.ID, second.Phone = "", "", "L2", "+44 20 7946 0000"
	syncer := scenario.SyncerOf(t, org, nil)
	scenario.SyncOne(t, syncer, first)

	out := scenario.SyncOne(t, syncer, second)

	require.Equal(t, leadsync.Created, out.Action)
	require.Equal(t, 2, org.Count("Lead"))
}

func TestValidationRuleIsTypedAndReachable(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	org.AddRule("Lead", sftest.Rule{Name: "Phone_needed", Message: "Give us a phone", Field: "Phone",
		Refuses: func(row map[string]any) bool { return row["Phone"] == nil }})
	good := scenario.Ada()
	good.ID, good.Email, good.Phone = "L2", "charles@analytical.example", "1"

	outcomes, err := scenario.SyncerOf(t, org, nil).Sync(t.Context(), scenario.Ada(), good)

	require.ErrorIs(t, err, leadsync.DataValueValidation)
	require.Equal(t, leadsync.Failed, outcomes[0].Stage)
	require.Equal(t, []string{"Phone"}, outcomes[0].Err.Fields)
	var raw *salesforce.Error
	require.ErrorAs(t, outcomes[0].Err, &raw)
	require.Equal(t, "Give us a phone", raw.Message)
	require.NotContains(t, outcomes[0].Err.Error(), "Give us")
	require.Equal(t, leadsync.Created, outcomes[1].Action)
}

func TestMissingCompanyIsRefusedBeforeAnyWrite(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	lead := scenario.Ada()
	lead.Company, lead.LastName = "", ""

	outcomes, err := scenario.SyncerOf(t, org, nil).Sync(t.Context(), lead)

	require.ErrorIs(t, err, leadsync.RequiredFieldMissing)
	require.ElementsMatch(t, []string{"Company", "LastName"}, outcomes[0].Err.Fields)
	require.Zero(t, scenario.WritesOf(org))
}

func TestAFailedLookupIsNeverNoMatch(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	syncer := scenario.SyncerOf(t, org, nil)
	_, err := syncer.Plan(t.Context(), scenario.Ada()) // the session is known
	require.NoError(t, err)
	org.ResetLog()
	org.DisableAPI()

	outcomes, err := syncer.Sync(t.Context(), scenario.Ada())

	require.ErrorIs(t, err, leadsync.ConnectionPermission)
	require.Equal(t, leadsync.PreSync, outcomes[0].Stage)
	require.Zero(t, scenario.WritesOf(org))
}

func TestCancelledContextComesBackBare(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()

	outcomes, err := scenario.SyncerOf(t, org, nil).Sync(ctx, scenario.Ada())

	require.ErrorIs(t, err, context.Canceled)
	var e *leadsync.Error
	require.False(t, errors.As(err, &e))
	require.Equal(t, leadsync.PreSync, outcomes[0].Stage)
	require.Zero(t, org.Calls())
}

func TestSinkGetsEveryOutcome(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	var got []*leadsync.Outcome
	sink := leadsync.SinkFunc(func(_ context.Context, outcomes []*leadsync.Outcome) error {
		got = append(got, outcomes...)
		return errors.New("the ledger is full")
	})

	outcomes, err := scenario.SyncerOf(t, org, &leadsync.Config{Sink: sink}).Sync(t.Context(), scenario.Ada())

	require.NoError(t, err)
	require.Equal(t, outcomes, got)
}

// TestCallBudget holds README.md's table of calls, as the fake org counts them.
func TestCallBudget(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		strategy leadsync.Strategy
		leads    int
		calls    int
	}{
		{leadsync.LeadsAndContacts, 1, 3}, {leadsync.LeadsAndContacts, 200, 3}, {leadsync.LeadsAndContacts, 1000, 5},
		{leadsync.LeadsOnly, 1, 3}, {leadsync.LeadsOnly, 200, 3}, {leadsync.LeadsOnly, 1000, 5},
		{leadsync.AccountsAndContacts, 1, 3}, {leadsync.AccountsAndContacts, 200, 3},
		{leadsync.AccountsAndContacts, 1000, 5},
	} {
		t.Run(fmt.Sprintf("%s/%d", row.strategy.Name(), row.leads), func(t *testing.T) {
			t.Parallel()
			org := sftest.NewOrg(t)
			leads, cfg := scenario.EventMix(org, row.leads)
			cfg.Strategy = row.strategy

			outcomes, err := scenario.SyncerOf(t, org, cfg).Sync(t.Context(), leads...)

			require.NoError(t, err)
			require.Len(t, outcomes, row.leads)
			require.Equal(t, row.calls, org.Calls())
			require.Equal(t, row.leads, org.Count("Task"))
		})
	}
}

func TestContextThatEndsBetweenTwoWritesBlamesNoLead(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	ctx, cancel := context.WithCancel(t.Context())
	org.OnRequest(func(r sftest.Request) {
		if r.Writes > 0 {
			cancel()
		}
	})
	lead := scenario.Ada()
	// The text keeps the Task out of a composite, and so out of the person's call.
	lead.Activities = []leadsync.Activity{{Kind: leadsync.ActivityCall, Notes: "@{r0.id}"}}

	outcomes, err := scenario.SyncerOf(t, org, nil).Sync(ctx, lead)

	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, leadsync.PreSync, outcomes[0].Stage)
	require.ErrorIs(t, outcomes[0].Err, context.Canceled)
}

// An oddClient breaks the contract of Client.
type oddClient struct {
	*salesforce.Client
	read  func([]salesforce.ReadResult) []salesforce.ReadResult
	write func([]salesforce.WriteResult) []salesforce.WriteResult
}

func (c oddClient) Read(ctx context.Context, reads ...salesforce.Read) ([]salesforce.ReadResult, error) {
	results, err := c.Client.Read(ctx, reads...)
	if c.read != nil {
		results = c.read(results)
	}
	return results, err
}

func (c oddClient) Write(ctx context.Context, writes ...salesforce.Write) ([]salesforce.WriteResult, error) {
	results, err := c.Client.Write(ctx, writes...)
	if c.write != nil {
		results = c.write(results)
	}
	return results, err
}

func TestClientThatLosesResultsWritesNothingTwice(t *testing.T) {
	t.Parallel()
	for name, odd := range map[string]oddClient{
		"too few reads": {read: func(r []salesforce.ReadResult) []salesforce.ReadResult { return r[:len(r)-1] }},
		"no reads":      {read: func([]salesforce.ReadResult) []salesforce.ReadResult { return nil }},
		"too many reads": {read: func(r []salesforce.ReadResult) []salesforce.ReadResult {
			return append(r, salesforce.ReadResult{})
		}},
		"no writes": {write: func([]salesforce.WriteResult) []salesforce.WriteResult { return nil }},
		"no ids": {write: func(r []salesforce.WriteResult) []salesforce.WriteResult {
			return make([]salesforce.WriteResult, len(r))
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			org := sftest.NewOrg(t)
			odd.Client = scenario.ClientOf(t, org)
			syncer, err := leadsync.New(odd, &leadsync.Config{})
			require.NoError(t, err)

			outcomes, err := syncer.Sync(t.Context(), scenario.Ada())

			require.Error(t, err)
			require.Equal(t, leadsync.PreSync, outcomes[0].Stage)
			if odd.write == nil {
				require.ErrorIs(t, err, leadsync.Unknown)
				require.Zero(t, org.Count("Lead"))
				return
			}
			require.ErrorIs(t, outcomes[0].Err, leadsync.UncertainWrite, "something may have been written")
		})
	}
}

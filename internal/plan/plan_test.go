// SPDX-License-Identifier: Apache-2.0

package plan_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/internal/match"
	"github.com/leadsync/leadsync/internal/org"
	"github.com/leadsync/leadsync/internal/org/orgtest"
	"github.com/leadsync/leadsync/internal/plan"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
)

var (
	now   = time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)
	lead1 = salesforce.ID("00Q000000000001AAA")
	acme  = salesforce.ID("001000000000001AAA")
)

// A pending knows one create whose response was lost, or none.
type pending struct{ last *leadtype.Intent }

func (p pending) Last(*leadtype.Intent, *leadtype.LeadPlan, leadtype.PartKind, string, string) *leadtype.Intent {
	return p.last
}

func (pending) Namesakes(string) map[leadtype.LeadID][]leadtype.Intent { return nil }

// plannerOf returns a Planner of two rows for each object, and of the links.
func plannerOf(links ...mapping.CampaignLink) *plan.Planner {
	m := &mapping.Mapping{Sections: []mapping.Section{
		{Object: "Lead", Rules: []mapping.Rule{{Source: "lastName", Field: "LastName"},
			{Source: "company", Field: "Company"}, {Source: "email", Field: "Email"}}},
		{Object: "Contact", Rules: []mapping.Rule{{Source: "lastName", Field: "LastName"},
			{Source: "email", Field: "Email"}}},
		{Object: "Account", Rules: []mapping.Rule{{Source: "company", Field: "Name"}}},
	}}
	return &plan.Planner{Set: mapping.NewSet(mapping.Config{Mapper: m, Campaigns: links}), Pending: pending{},
		VerifyAfter: 10 * time.Minute, Now: func() time.Time { return now }}
}

// session is an org's, in which a Lead needs a company.
func session() *org.Session {
	s := &org.Session{Describes: map[salesforce.Object]*salesforce.Describe{
		"lead":           orgtest.Writable("Lead", "LastName", "Company", "Email"),
		"contact":        orgtest.Writable("Contact", "LastName", "Email", "AccountId"),
		"account":        orgtest.Writable("Account", "Name", "Website"),
		"task":           orgtest.Writable("Task", "Subject", "Description", "WhoId"),
		"campaignmember": orgtest.Writable("CampaignMember", "CampaignId", "LeadId", "ContactId", "Status"),
	}}
	company, _ := s.Describe("Lead").Field("Company")
	company.Nillable = false
	return s
}

// found returns the match of a lead by its e-mail address: the record, or that there
// is none.
func found(lead *leadtype.Lead, object salesforce.Object, record *salesforce.Record) *match.Match {
	probe := leadtype.Probe{Object: object, Field: "Email", Value: lead.Email}
	return &match.Match{Lead: lead, Item: &match.Item{Lead: lead}, Object: object, Person: record,
		InAccount: object == "Contact", Trace: leadtype.MatchTrace{Probes: []leadtype.ProbeTrace{{Probe: probe}}}}
}

func ada(id leadtype.LeadID) *leadtype.Lead {
	return &leadtype.Lead{ID: id, LastName: "Lovelace", Company: "Acme", Email: "ada@acme.example", EventID: "expo"}
}

// shown writes the changes of a plan, and the leads that are not synced.
func shown(p *leadtype.Plan) []string {
	var lines []string
	for _, c := range p.Changes {
		line := fmt.Sprintf("%v update %s %s:", c.Leads, c.Object, c.ID)
		if c.Create {
			line = fmt.Sprintf("%v create %s:", c.Leads, c.Object)
		}
		for _, f := range c.Fields {
			line += fmt.Sprintf(" %s=%v", f.Field, f.After)
		}
		for _, ref := range c.Refs {
			line += fmt.Sprintf(" %s=#%d", ref.Field, ref.Write)
		}
		lines = append(lines, line)
	}
	for _, lead := range p.Leads {
		if lead.Err != nil {
			lines = append(lines, fmt.Sprintf("%s: %s %s", lead.LeadID, lead.Err.Code,
				strings.Join(lead.Err.Fields, " ")))
		}
	}
	return lines
}

// A plan follows from what was found alone: there is no org, no store and no clock here.
func TestPlanFollowsFromWhatWasFound(t *testing.T) {
	t.Parallel()
	record := func(fields salesforce.Fields) *salesforce.Record {
		return &salesforce.Record{Object: "Lead", ID: lead1, Fields: fields}
	}
	nameless := ada("L2")
	nameless.Company = ""
	met := ada("L1")
	met.Activities = []leadtype.Activity{{Kind: leadtype.ActivityCall, Notes: "call back"}}
	inAcme := found(ada("L1"), "Contact", nil)
	inAcme.Account = &salesforce.Record{Object: "Account", ID: acme, Fields: salesforce.Fields{"Name": "Acme"}}
	failed := found(ada("L1"), "Lead", nil)
	failed.Err = &leadtype.Error{Code: leadtype.AmbiguousMatch, Fields: []string{"Email"}}
	const create = " create Lead: Company=Acme Email=ada@acme.example LastName=Lovelace"
	for name, tc := range map[string]struct {
		planner *plan.Planner
		matches []*match.Match
		want    []string
	}{
		"a new person": {plannerOf(), []*match.Match{found(ada("L1"), "Lead", nil)}, []string{"[L1]" + create}},
		"a known person gets only what differs": {plannerOf(), []*match.Match{found(ada("L1"), "Lead",
			record(salesforce.Fields{"LastName": "Lovelace", "Company": "Initech", "Email": "ada@acme.example"}))},
			[]string{"[L1] update Lead 00Q000000000001AAA: Company=Acme"}},
		"a known person whose values differ in case": {plannerOf(), []*match.Match{found(ada("L1"), "Lead",
			record(salesforce.Fields{"LastName": "Lovelace", "Company": "ACME", "Email": "ada@acme.example"}))}, nil},
		"a known person with the same values": {plannerOf(), []*match.Match{found(ada("L1"), "Lead",
			record(salesforce.Fields{"LastName": "Lovelace", "Company": "Acme", "Email": "ada@acme.example"}))}, nil},
		"two leads of one person": {plannerOf(),
			[]*match.Match{found(ada("L1"), "Lead", nil), found(ada("L2"), "Lead", nil)}, []string{"[L1 L2]" + create}},
		"a record that lacks a required value": {plannerOf(),
			[]*match.Match{found(nameless, "Lead", nil)}, []string{"L2: REQUIRED_FIELD_MISSING Company"}},
		"a lead that could not be matched": {plannerOf(), []*match.Match{failed},
			[]string{"L1: AMBIGUOUS_MATCH Email"}},
		"a new Contact in a new Account": {plannerOf(), []*match.Match{found(ada("L1"), "Contact", nil)},
			[]string{"[L1] create Account: Name=Acme",
				"[L1] create Contact: Email=ada@acme.example LastName=Lovelace AccountId=#0"}},
		"a new Contact in a known Account": {plannerOf(), []*match.Match{inAcme},
			[]string{"[L1] create Contact: AccountId=001000000000001AAA Email=ada@acme.example LastName=Lovelace"}},
		"a member": {plannerOf(mapping.CampaignLink{EventID: "expo", CampaignID: orgtest.CampaignID, Status: "Met"}),
			[]*match.Match{found(ada("L1"), "Lead", nil)}, []string{"[L1]" + create,
				"[L1] create CampaignMember: CampaignId=701000000000001AAA Status=Met LeadId=#0"}},
		"a Task": {plannerOf(), []*match.Match{found(met, "Lead", nil)}, []string{"[L1]" + create,
			"[L1] create Task: Description=call back Subject=Call WhoId=#0"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			result := &match.Result{Matches: tc.matches, Index: new(match.Index), Session: session(), Calls: 1}

			p := tc.planner.Plan(result)

			require.Equal(t, tc.want, shown(p))
			require.Equal(t, now, p.At)
			require.Equal(t, 1, p.LookupCalls)
			require.Equal(t, p, tc.planner.Plan(result), "nothing but the result counts")
		})
	}
}

// While a create whose response was lost may still be applied, no second one is planned.
func TestPendingCreateIsNotRepeated(t *testing.T) {
	t.Parallel()
	for age, want := range map[time.Duration]time.Time{
		time.Minute:                    now.Add(plan.VerifyEvery),
		9*time.Minute + 50*time.Second: now.Add(10 * time.Second),
		10 * time.Minute:               {},
	} {
		planner := plannerOf()
		planner.Pending = pending{&leadtype.Intent{Kind: leadtype.PartPerson, SentAt: now.Add(-age)}}
		p := planner.Plan(&match.Result{Matches: []*match.Match{found(ada("L1"), "Lead", nil)},
			Index: new(match.Index), Session: session()})
		require.Equal(t, want, p.Leads[0].RetryAt)
		if want.IsZero() {
			require.Len(t, p.Changes, 1, age)
			continue
		}
		require.Empty(t, p.Changes, age)
		require.ErrorIs(t, p.Leads[0].Err, leadtype.UncertainWrite)
	}
}

// Neither the leads nor the records found are changed: the planner works on copies.
func TestPlanLeavesTheResultAsItIs(t *testing.T) {
	t.Parallel()
	record := &salesforce.Record{Object: "Lead", ID: lead1, Fields: salesforce.Fields{"LastName": "Byron"}}
	lead := ada("L1")
	plannerOf().Plan(&match.Result{Matches: []*match.Match{found(lead, "Lead", record)},
		Index: new(match.Index), Session: session()})
	require.Equal(t, ada("L1"), lead)
	require.Equal(t, salesforce.Fields{"LastName": "Byron"}, record.Fields)
}

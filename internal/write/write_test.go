// SPDX-License-Identifier: Apache-2.0

package write_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/internal/match"
	"github.com/leadsync/leadsync/internal/org"
	"github.com/leadsync/leadsync/internal/plan"
	"github.com/leadsync/leadsync/internal/write"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

var now = time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)

const person, member = salesforce.ID("00Q000000000001EAA"), salesforce.ID("00v000000000001AAA")

// A client answers each call of Write with the same results.
type client struct {
	results []salesforce.WriteResult
	err     error
	calls   [][]salesforce.Write
}

func (c *client) Write(_ context.Context, writes ...salesforce.Write) ([]salesforce.WriteResult, error) {
	c.calls = append(c.calls, writes)
	return c.results, c.err
}

func writerTo(c *client) *write.Writer {
	return &write.Writer{Client: c, VerifyAfter: 10 * time.Minute, Session: func() *org.Session { return nil },
		Pending: new(write.Pending), Now: func() time.Time { return now }}
}

// planned returns the plan and the item of a lead that becomes a new Lead, with a key,
// and a member.
func planned() (*leadtype.Plan, []*match.Item) {
	p := &leadtype.Plan{At: now,
		Changes: []leadtype.Change{
			{Kind: leadtype.PartPerson, Object: "Lead", Create: true, UniqueField: "Key__c",
				Fields: []leadtype.FieldChange{{Field: "Key__c", After: "L1"}, {Field: "LastName", After: "Lovelace"}}},
			{Kind: leadtype.PartMember, Object: "CampaignMember", Create: true,
				Refs: []salesforce.Ref{{Field: "LeadId", Write: 0}}},
		},
		Leads: []*leadtype.LeadPlan{{LeadID: "L1", Object: "Lead", Parts: []leadtype.PlannedPart{
			{Kind: leadtype.PartPerson, Object: "Lead", Change: 0},
			{Kind: leadtype.PartMember, Object: "CampaignMember", Key: "701", Change: 1}}}},
	}
	return p, []*match.Item{{Lead: &leadtype.Lead{ID: "L1"}}}
}

func refusal(code salesforce.StatusCode, message string, fields ...string) salesforce.WriteResult {
	return salesforce.WriteResult{Err: &salesforce.Error{HTTPStatus: 400, Code: code, Message: message, Fields: fields}}
}

func TestOutcomeFollowsFromTheResults(t *testing.T) {
	t.Parallel()
	created := []salesforce.WriteResult{{ID: person, Created: true}, {ID: member, Created: true}}
	missing := refusal("REQUIRED_FIELD_MISSING", "Required fields are missing: [Company]", "Company")
	for name, tc := range map[string]struct {
		results []salesforce.WriteResult
		stage   leadtype.Stage
		code    leadtype.Code
		actions []leadtype.Action
		again   bool
	}{
		"all written": {created, leadtype.Cleared, "", []leadtype.Action{leadtype.Created, leadtype.Created}, false},
		"the person is a member already": {[]salesforce.WriteResult{created[0], refusal("DUPLICATE_VALUE", "duplicate")},
			leadtype.Cleared, "", []leadtype.Action{leadtype.Created, leadtype.Unchanged}, false},
		"the person was refused, and the member not sent": {[]salesforce.WriteResult{missing,
			{Err: salesforce.ErrNotSent}}, leadtype.Failed, leadtype.RequiredFieldMissing,
			[]leadtype.Action{"", ""}, false},
		"another record has the key": {[]salesforce.WriteResult{
			refusal("DUPLICATE_VALUE", "duplicate value found: Key__c duplicates value on record with id: x"),
			{Err: salesforce.ErrNotSent}}, leadtype.Failed, leadtype.DuplicateRecord, []leadtype.Action{"", ""}, true},
		"the client lost results": {created[:1], leadtype.PreSync, leadtype.UncertainWrite,
			[]leadtype.Action{"", ""}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			to := &client{results: tc.results}
			p, items := planned()
			x, err := writerTo(to).Write(t.Context(), p, items, nil)
			require.NoError(t, err)
			require.NoError(t, x.Settle())

			out := items[0].Outcome
			require.Equal(t, tc.stage, out.Stage)
			require.Equal(t, now, out.At)
			require.Equal(t, tc.again, items[0].Again)
			var actions []leadtype.Action
			for _, part := range out.Parts {
				actions = append(actions, part.Action)
			}
			require.Equal(t, tc.actions, actions)
			if tc.code == "" {
				require.Nil(t, out.Err)
				require.Equal(t, person, out.ID)
				return
			}
			require.Equal(t, tc.code, out.Err.Code)
			require.Equal(t, leadtype.LeadID("L1"), out.Err.LeadID)
			if tc.code == leadtype.UncertainWrite {
				require.Equal(t, now.Add(plan.VerifyEvery), out.RetryAt)
				require.Equal(t, []leadtype.Intent{{Kind: leadtype.PartPerson, Object: "Lead", Key: "L1", PlannedAt: now,
					SentAt: now, Person: leadtype.SentPerson{LastName: "Lovelace"}}}, items[0].Intents,
					"the create that may have been applied")
			}
		})
	}
}

func TestCreatesAreJournalledBeforeTheyAreSent(t *testing.T) {
	t.Parallel()
	to := &client{results: make([]salesforce.WriteResult, 2)}
	p, items := planned()
	full := errors.New("disk full")

	_, err := writerTo(to).Write(t.Context(), p, items,
		func(_ context.Context, intents map[leadtype.LeadID][]leadtype.Intent) error {
			require.Empty(t, to.calls)
			require.Equal(t, map[leadtype.LeadID][]leadtype.Intent{"L1": {{Kind: leadtype.PartPerson, Object: "Lead",
				Key: "L1", PlannedAt: now, SentAt: now, Person: leadtype.SentPerson{LastName: "Lovelace"}}}}, intents,
				"a member is unique by itself")
			return full
		})

	require.ErrorIs(t, err, full)
	require.Empty(t, to.calls)
}

func TestPlanWithoutChangesSpendsNoCall(t *testing.T) {
	t.Parallel()
	to := new(client)
	items := []*match.Item{{Lead: &leadtype.Lead{ID: "L1"}}}
	x, err := writerTo(to).Write(t.Context(), &leadtype.Plan{Leads: []*leadtype.LeadPlan{{LeadID: "L1", ID: person,
		Parts: []leadtype.PlannedPart{{Kind: leadtype.PartPerson, ID: person, Change: leadtype.Unplanned}}}}}, items, nil)
	require.NoError(t, err)
	require.NoError(t, x.Settle())
	require.Empty(t, to.calls)
	require.Equal(t, leadtype.Unchanged, items[0].Outcome.Action)
}

func TestChangesBecomeWrites(t *testing.T) {
	t.Parallel()
	region := leadtype.FieldChange{Field: "Region__c", By: "Region__r.Code__c", After: "EU"}
	for name, tc := range map[string]struct {
		change leadtype.Change
		want   salesforce.Write
	}{
		"an update, a field cleared": {leadtype.Change{Object: "Lead", ID: person,
			Fields: []leadtype.FieldChange{{Field: "City", Before: "Paris"}}},
			salesforce.Write{Op: salesforce.OpUpdate, Object: "Lead", ID: person, Fields: salesforce.Fields{"City": nil}}},
		"a reference by key": {leadtype.Change{Object: "Lead", Create: true, Fields: []leadtype.FieldChange{region}},
			salesforce.Write{Op: salesforce.OpCreate, Object: "Lead",
				Fields: salesforce.Fields{"Region__r": salesforce.ExternalKey{Field: "Code__c", Value: "EU"}}}},
		"an upsert": {leadtype.Change{Object: "Visit__c", Create: true, Upsert: true, UniqueField: "Key__c",
			Fields: []leadtype.FieldChange{{Field: "Key__c", After: "L1"}, {Field: "Notes__c", After: "x"}}},
			salesforce.Write{Op: salesforce.OpUpsert, Object: "Visit__c", Fields: salesforce.Fields{"Notes__c": "x"},
				Key: salesforce.ExternalKey{Field: "Key__c", Value: "L1"}}},
	} {
		require.Equal(t, tc.want, write.ForChange(&tc.change, ""), name)
		tc.want.AllowDuplicate = true
		require.Equal(t, tc.want, write.ForChange(&tc.change, leadtype.AllowDuplicate), name)
	}
}

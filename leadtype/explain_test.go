// SPDX-License-Identifier: Apache-2.0

package leadtype_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/leadtype"
)

func TestExplainSaysWhyAndWhat(t *testing.T) {
	t.Parallel()
	outcome := &leadtype.Outcome{
		LeadID: "L1", Stage: leadtype.Cleared, Action: leadtype.Updated, Object: "Contact", ID: "003000000000001AAA",
		Trace: leadtype.MatchTrace{
			Strategy: "leads-and-contacts", Rule: "last modified",
			Probes: []leadtype.ProbeTrace{
				{Probe: leadtype.Probe{Object: "Contact", Field: "Id"}, Skipped: "blank"},
				{Probe: leadtype.Probe{Object: "Lead", Field: "Id", Value: "00Q-secret"}},
				{Probe: leadtype.Probe{Object: "Contact", Field: "Email", Value: "ada@secret.example"}, Hit: true,
					Candidates: []leadtype.Candidate{
						{Object: "Contact", ID: "003000000000001AAA"}, {Object: "Contact", ID: "003000000000002AAA", Note: "older"}}},
				{Probe: leadtype.Probe{Object: "Lead", Field: "Email", Value: "ada@secret.example"}},
				{Probe: leadtype.Probe{Object: "Lead", Field: "Key__c"}, Removed: 1},
			},
			FoldedInto: "L0",
		},
		Parts: []leadtype.Part{
			{Kind: leadtype.PartPerson, Object: "Contact", ID: "003000000000001AAA", Action: leadtype.Updated},
			{Kind: leadtype.PartMember, Object: "CampaignMember", Key: "701000000000001AAA",
				Err: &leadtype.Error{Code: leadtype.CampaignStatus, Fields: []string{"Status"}}},
			{Kind: leadtype.PartAccount, Object: "Account", Err: &leadtype.Error{Code: leadtype.RowContention}},
			{Kind: leadtype.PartTask, Object: "Task", Key: "A1"},
		},
		Warnings: []leadtype.Warning{{Code: leadtype.DataValueValidation, Object: "Contact", Field: "Title",
			Reason: "text was cut"}},
	}
	require.Equal(t, `Lead "L1" is cleared (updated) as Contact 003000000000001AAA.
Strategy leads-and-contacts was used.
Contact.Id was not looked up: blank.
Lead.Id found nothing.
Contact.Email found Contact 003000000000001AAA, Contact 003000000000002AAA (older); the first was chosen.
Lead.Email was not tried: an earlier one had found the record.
Lead.Key__c found 1 record, not listed any more.
It is the same person as lead "L0", and was planned as one record with it.
Rule: last modified.
The person, Contact 003000000000001AAA, was updated.
The member, CampaignMember for "701000000000001AAA", failed with CAMPAIGN_STATUS (Status).
The account, Account, failed with ROW_CONTENTION.
The task, Task for "A1", was not attempted.
Warning: Contact.Title: text was cut (left out: unfit, DATA_VALUE_VALIDATION).`, leadtype.Explain(outcome))
	require.NotContains(t, fmt.Sprintf("%+v", *outcome), "secret", "the trace prints itself without the values sought")
}

// A person who reads why a lead failed sees which record, field and rule it is.
func TestExplainSaysWhatTheErrorIsAbout(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		err  leadtype.Error
		want string
	}{
		{leadtype.Error{Code: leadtype.StaleRemoteRecord, Object: "Visit__c",
			Reason: "the record has changed since the plan was made"},
			" (Visit__c: the record has changed since the plan was made)"},
		{leadtype.Error{Code: leadtype.DataValueValidation, Object: "Lead", Fields: []string{"Title", "Phone"},
			Reason: "is not valid UTF-8"}, " (Lead.Title, Phone: is not valid UTF-8)"},
		{leadtype.Error{Code: leadtype.NoTagMapping, Fields: []string{"qualifier.tier"}}, " (qualifier.tier)"},
		{leadtype.Error{Code: leadtype.Unknown, Err: errors.New("ada@secret.example")}, ""},
	} {
		text := leadtype.Explain(&leadtype.Outcome{LeadID: "L1", Stage: leadtype.Failed, Err: &row.err})
		require.Equal(t, "Lead \"L1\" is failed.\nWhy: "+string(row.err.Code)+": "+row.err.Code.Description()+row.want, text)
	}
}

func TestExplainSaysWhatALeadWaitsFor(t *testing.T) {
	t.Parallel()
	require.Equal(t, "Lead \"L1\" is pre-sync, to be retried at 2026-05-04T09:30:00Z.\nWhy: RATE_LIMIT: "+
		leadtype.RateLimit.Description(),
		leadtype.Explain(&leadtype.Outcome{LeadID: "L1", Stage: leadtype.PreSync,
			RetryAt: time.Date(2026, 5, 4, 9, 30, 0, 0, time.UTC), Err: &leadtype.Error{Code: leadtype.RateLimit}}))
	require.Empty(t, leadtype.Explain(nil))
	require.Empty(t, leadtype.MatchTrace{}.String())
}

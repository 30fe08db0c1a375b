package leadsync_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
)

func TestExplainSaysWhyAndWhat(t *testing.T) {
	t.Parallel()
	outcome := &leadsync.Outcome{
		LeadID: "L1", Stage: leadsync.Cleared, Action: leadsync.Updated, Object: "Contact", ID: "003000000000001AAA",
		Trace: leadsync.MatchTrace{
			Strategy: "leads-and-contacts", Rule: "last modified",
			Probes: []leadsync.ProbeTrace{
				{Probe: leadsync.Probe{Object: "Contact", Field: "Id"}, Skipped: "blank"},
				{Probe: leadsync.Probe{Object: "Lead", Field: "Id", Value: "00Q-secret"}},
				{Probe: leadsync.Probe{Object: "Contact", Field: "Email", Value: "ada@secret.example"}, Hit: true, Candidates: []leadsync.Candidate{
					{Object: "Contact", ID: "003000000000001AAA"}, {Object: "Contact", ID: "003000000000002AAA", Note: "older"}}},
			},
			FoldedInto: "L0",
		},
		Parts: []leadsync.Part{
			{Kind: leadsync.PartPerson, Object: "Contact", ID: "003000000000001AAA", Action: leadsync.Updated},
			{Kind: leadsync.PartMember, Object: "CampaignMember", Key: "701000000000001AAA", Err: &leadsync.Error{Code: leadsync.CampaignStatus, Fields: []string{"Status"}}},
			{Kind: leadsync.PartAccount, Object: "Account", Err: &leadsync.Error{Code: leadsync.RowContention}},
			{Kind: leadsync.PartTask, Object: "Task", Key: "A1"},
		},
		Warnings: []leadsync.Warning{{Code: leadsync.DataValueValidation, Object: "Contact", Field: "Title", Reason: "text was cut"}},
	}
	require.Equal(t, `Lead "L1" is cleared (updated) as Contact 003000000000001AAA.
Strategy leads-and-contacts was used.
Contact.Id was not looked up: blank.
Lead.Id found nothing.
Contact.Email found Contact 003000000000001AAA, Contact 003000000000002AAA (older); the first was chosen.
It is the same person as lead "L0" and shares its record.
Rule: last modified.
The person, Contact 003000000000001AAA, was updated.
The member, CampaignMember for "701000000000001AAA", failed with CAMPAIGN_STATUS (Status).
The account, Account, failed with ROW_CONTENTION.
The task, Task for "A1", was not reached.
Warning: DATA_VALUE_VALIDATION (Contact.Title): text was cut.`, leadsync.Explain(outcome))
	require.NotContains(t, fmt.Sprintf("%+v", *outcome), "secret", "the trace prints itself without the values sought")
}

// A person who reads why a lead failed sees which record, field and rule it is.
func TestExplainSaysWhatTheErrorIsAbout(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		err  leadsync.Error
		want string
	}{
		{leadsync.Error{Code: leadsync.StaleRemoteRecord, Object: "Visit__c", Reason: "the record has changed since the plan was made"},
			" (Visit__c: the record has changed since the plan was made)"},
		{leadsync.Error{Code: leadsync.DataValueValidation, Object: "Lead", Fields: []string{"Title", "Phone"}, Reason: "is not valid UTF-8"}, " (Lead.Title, Phone: is not valid UTF-8)"},
		{leadsync.Error{Code: leadsync.NoTagMapping, Fields: []string{"qualifier.tier"}}, " (qualifier.tier)"},
		{leadsync.Error{Code: leadsync.Unknown, Err: errors.New("ada@secret.example")}, ""},
	} {
		text := leadsync.Explain(&leadsync.Outcome{LeadID: "L1", Stage: leadsync.Failed, Err: &row.err})
		require.Equal(t, "Lead \"L1\" is failed.\nWhy: "+string(row.err.Code)+": "+row.err.Code.Description()+row.want, text)
	}
}

func TestExplainSaysWhatALeadWaitsFor(t *testing.T) {
	t.Parallel()
	require.Equal(t, "Lead \"L1\" is pre-sync, to be retried at 2026-05-04T09:30:00Z.\nWhy: RATE_LIMIT: "+leadsync.RateLimit.Description(),
		leadsync.Explain(&leadsync.Outcome{LeadID: "L1", Stage: leadsync.PreSync, RetryAt: time.Date(2026, 5, 4, 9, 30, 0, 0, time.UTC), Err: &leadsync.Error{Code: leadsync.RateLimit}}))
	require.Empty(t, leadsync.Explain(nil))
	require.Empty(t, leadsync.MatchTrace{}.String())
}

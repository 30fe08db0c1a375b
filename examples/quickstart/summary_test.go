// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/leadcsv"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

func leadsNamed(names ...leadsync.LeadID) []*leadsync.Lead {
	leads := make([]*leadsync.Lead, len(names))
	for i, name := range names {
		leads[i] = &leadsync.Lead{ID: name, LastName: "canary"}
	}
	return leads
}

func cleared(id leadsync.LeadID, action leadsync.Action, parts ...leadtype.Part) *leadsync.Outcome {
	return &leadsync.Outcome{LeadID: id, Stage: leadsync.Cleared, Action: action, Parts: parts}
}

func failed(id leadsync.LeadID, code leadsync.Code, reason string) *leadsync.Outcome {
	return &leadsync.Outcome{LeadID: id, Stage: leadsync.Failed, Err: &leadsync.Error{
		LeadID: id, Code: code, Object: "Lead", Fields: []string{"Interest__c"}, Reason: reason,
		Err: &salesforce.Error{Message: "canary: bad value"},
	}}
}

func part(object salesforce.Object, id salesforce.ID, action leadsync.Action) leadtype.Part {
	return leadtype.Part{Object: object, ID: id, Action: action}
}

func storedAs(outcomes ...*leadsync.Outcome) []leadsync.Entry {
	entries := make([]leadsync.Entry, len(outcomes))
	for i, o := range outcomes {
		entries[i] = leadsync.Entry{Lead: &leadsync.Lead{ID: o.LeadID}, Stage: o.Stage, Last: o}
	}
	return entries
}

func TestSummaryCountsLeadsByWhatTheRunDid(t *testing.T) {
	t.Parallel()
	leads := leadsNamed("new", "known", "same", "folded", "untouched", "failed", "frozen", "waiting", "refused")
	outcomes := []*leadsync.Outcome{
		cleared("new", leadsync.Created, part("Lead", "00Q1", leadsync.Created), part("Task", "00T1", leadsync.Created)),
		cleared("folded", leadsync.Created, part("Lead", "00Q1", leadsync.Created), part("Task", "00T2", leadsync.Created)),
		cleared("known", leadsync.Updated, part("Contact", "0031", leadsync.Updated),
			part("CampaignMember", "00v1", leadsync.Created)),
		cleared("same", leadsync.Unchanged, part("Contact", "0032", leadsync.Unchanged)),
		failed("failed", leadsync.NoTagMapping, "no option"),
		{LeadID: "waiting", Stage: leadsync.PreSync},
	}
	outcomes[1].Warnings = make([]leadtype.Warning, 2)
	outcomes[4].Parts = []leadtype.Part{part("Lead", "00Q2", leadsync.Updated), part("CampaignMember", "", "")}
	entries := storedAs(append(outcomes,
		cleared("untouched", leadsync.Created, part("Lead", "00Q9", leadsync.Created)), // by an earlier run
		&leadsync.Outcome{LeadID: "frozen", Stage: leadsync.PreSync})...)

	book := newLedger(leads, func(int) {})
	require.NoError(t, book.Record(t.Context(), outcomes[:3]))
	require.NoError(t, book.Record(t.Context(),
		append(outcomes[3:], cleared("stranger", leadsync.Created, part("Lead", "00Q8", leadsync.Created)))))
	s := summarize(leads, entries, map[leadsync.LeadID]error{"refused": leadsync.RequiredFieldMissing}, book)

	require.Equal(t, s.Leads, s.Created+s.Updated+s.Unchanged+s.Failed+s.Frozen)
	require.Equal(t, []int{9, 2, 1, 2, 2, 2, 2},
		[]int{s.Leads, s.Created, s.Updated, s.Unchanged, s.Failed, s.Frozen, s.Warnings})
	require.Equal(t, map[leadsync.Code]int{leadsync.NoTagMapping: 1, leadsync.RequiredFieldMissing: 1}, s.ByCode)
	require.Equal(t, map[salesforce.Object]tally{
		"Lead": {Created: 1, Updated: 1}, "Contact": {Updated: 1, unchanged: 1}, "CampaignMember": {Created: 1},
		"Task": {Created: 2},
	}, s.Objects)
}

func TestSummaryTakesTheLastOutcomeOfALead(t *testing.T) {
	t.Parallel()
	leads := leadsNamed("L1")
	var progress []int
	book := newLedger(leads, func(done int) { progress = append(progress, done) })
	first := &leadsync.Outcome{LeadID: "L1", Stage: leadsync.PreSync,
		Parts: []leadtype.Part{part("Lead", "00Q1", leadsync.Created)}}
	second := cleared("L1", leadsync.Created, part("Lead", "00Q1", leadsync.Updated))
	require.NoError(t, book.Record(t.Context(), []*leadsync.Outcome{first}))
	require.NoError(t, book.Record(t.Context(), []*leadsync.Outcome{second}))
	s := summarize(leads, storedAs(second), nil, book)
	require.Equal(t, []int{0, 1}, progress)
	require.Equal(t, 1, s.Created)
	require.Equal(t, map[salesforce.Object]tally{"Lead": {Created: 1}}, s.Objects)
}

func TestSummaryJSONHasTheAgreedKeys(t *testing.T) {
	t.Parallel()
	s := newSummary()
	s.ElapsedMS = 7
	var out bytes.Buffer
	require.NoError(t, s.writeJSON(&out))
	require.JSONEq(t, `{"leads":0,"created":0,"updated":0,"unchanged":0,"failed":0,"frozen":0,"api_calls":0,
	"preflight_calls":0,
		"by_code":{},"objects":{},"warnings":0,"elapsed_ms":7}`, out.String())

	s.ByCode[leadsync.RateLimit] = 2
	s.Objects["Lead"] = tally{Created: 3}
	out.Reset()
	require.NoError(t, s.writeJSON(&out))
	var got map[string]any
	require.NoError(t, json.Unmarshal(out.Bytes(), &got))
	require.Equal(t, map[string]any{"RATE_LIMIT": 2.0}, got["by_code"])
	require.Equal(t, map[string]any{"Lead": map[string]any{"created": 3.0, "updated": 0.0}}, got["objects"])
}

func TestSummaryTextGroupsFailuresWithoutValues(t *testing.T) {
	t.Parallel()
	leads := leadsNamed("L1", "L2", "L3", "L4")
	outcomes := []*leadsync.Outcome{
		failed("L1", leadsync.DataValueValidation, "too long"),
		failed("L2", leadsync.NoTagMapping, "no option"),
		failed("L3", leadsync.NoTagMapping, "no such answer"),
		failed("L4", leadsync.NoTagMapping, "no such answer"),
	}
	s := summarize(leads, storedAs(outcomes...), nil, newLedger(leads, func(int) {}))
	s.APICalls, s.PreflightCalls, s.Warnings = 5, 1, 1
	var out bytes.Buffer
	s.writeText(&out)
	text := out.String()
	require.NotContains(t, text, "canary")
	require.Contains(t, text, "5 API calls, 1 of them for preflight: 1.250 a lead. 1 warning.")
	require.Contains(t, text, "  3  NO_TAG_MAPPING: "+leadsync.NoTagMapping.Description()+"\n"+
		"       Lead Interest__c: no such answer (2 leads, the first L3)\n"+
		"       Lead Interest__c: no option (L2)\n"+
		"         -> Map the answer to an option of Lead.Interest__c, ")
	require.Less(t, strings.Index(text, "NO_TAG_MAPPING"), strings.Index(text, "DATA_VALUE_VALIDATION"))
}

func TestSummaryTextReportsThatNothingHappened(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	newSummary().writeText(&out)
	require.Contains(t, out.String(), "No record was touched.")
	require.NotContains(t, out.String(), "Failed")
	require.Contains(t, out.String(), "0 API calls, 0 of them for preflight. 0 warnings.")
}

func TestLongListsAreCut(t *testing.T) {
	t.Parallel()
	leads, refused := make([]*leadsync.Lead, 25), make(map[leadsync.LeadID]error)
	file := &leadcsv.Report{Rows: 30, LeftOut: make([]leadcsv.Problem, 25)}
	for i := range file.LeftOut {
		file.LeftOut[i] = leadcsv.Problem{Line: i + 1, Reason: "is empty"}
		leads[i] = &leadsync.Lead{ID: leadsync.LeadID(fmt.Sprint("L", i))}
		refused[leads[i].ID] = &leadsync.Error{Code: leadsync.Unknown, Fields: []string{fmt.Sprint("Field", i)}}
	}
	var out bytes.Buffer
	writeFile(&out, file)
	require.Equal(t, 22, strings.Count(out.String(), "\n"))
	require.Contains(t, out.String(), "30 rows, 5 leads, 25 left out\n")
	require.Contains(t, out.String(), "... and 5 more of the file\n")

	s := summarize(leads, nil, refused, newLedger(leads, func(int) {}))
	out.Reset()
	s.writeText(&out)
	require.Contains(t, out.String(), "... and 5 more\n")
}

func TestCausesPrintWhatIsKnown(t *testing.T) {
	t.Parallel()
	for want, err := range map[string]error{
		"email: is blank (L1)": &leadsync.Error{Code: leadsync.Unknown, Fields: []string{"email"}, Reason: "is blank"},
		"Task (L1)":            &leadsync.Error{Code: leadsync.Unknown, Object: "Task"},
		"no such user (L1)":    &leadsync.Error{Code: leadsync.Unknown, Reason: "no such user"},
		"Lead: UNABLE_TO_LOCK_ROW (L1)": &leadsync.Error{Code: leadsync.RowContention, Object: "Lead",
			Err: &salesforce.Error{Code: "UNABLE_TO_LOCK_ROW", Message: "canary"}},
		"no details (L1)": errors.New("canary"),
	} {
		leads := leadsNamed("L1")
		s := summarize(leads, nil, map[leadsync.LeadID]error{"L1": err}, newLedger(leads, func(int) {}))
		var out bytes.Buffer
		s.writeText(&out)
		require.Contains(t, out.String(), "       "+want+"\n")
	}
}

func TestLedgerKeepsTheMostInstructiveMatch(t *testing.T) {
	t.Parallel()
	plain := cleared("L1", leadsync.Created)
	hit := cleared("L2", leadsync.Updated)
	hit.Trace.Probes = []leadtype.ProbeTrace{{Candidates: []leadtype.Candidate{{ID: "0031"}}}}
	followed := cleared("L3", leadsync.Updated)
	followed.Trace.Probes = []leadtype.ProbeTrace{{Candidates: []leadtype.Candidate{{ID: "00Q1", Note: "converted"}}}}
	book := newLedger(leadsNamed("L1", "L2", "L3"), func(int) {})
	for i, o := range []*leadsync.Outcome{plain, hit, plain, followed, hit} {
		require.NoError(t, book.Record(t.Context(), []*leadsync.Outcome{o}))
		require.Same(t, []*leadsync.Outcome{plain, hit, hit, followed, followed}[i], book.example)
	}
}

func TestSummaryTextRoundsTime(t *testing.T) {
	t.Parallel()
	s := newSummary()
	s.ElapsedMS = 1234
	var out bytes.Buffer
	s.writeText(&out)
	require.Contains(t, out.String(), "0 leads in 1.2s:")
}

// SPDX-License-Identifier: Apache-2.0

package leadtype_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

const (
	leadA    salesforce.ID = "00Q000000000001EAA"
	leadB    salesforce.ID = "00Q000000000002EAA"
	contactA salesforce.ID = "003000000000001AAA"
	contactB salesforce.ID = "003000000000002AAA"
	accountA salesforce.ID = "001000000000001AAA"
	dealA    salesforce.ID = "006000000000001AAA"
)

// probed returns a probe that found records.
func probed(object salesforce.Object, field string, found ...leadtype.Candidate) leadtype.ProbeTrace {
	return leadtype.ProbeTrace{Probe: leadtype.Probe{Object: object, Field: field, Value: "secret"}, Candidates: found}
}

func undecided(code leadtype.Code, object salesforce.Object, fields ...string) *leadtype.Outcome {
	return &leadtype.Outcome{LeadID: "L1", Stage: leadtype.Failed,
		Err: &leadtype.Error{Code: code, Object: object, Fields: fields}}
}

// reporting adds what the org reported as duplicates.
func reporting(o *leadtype.Outcome, ids ...salesforce.ID) *leadtype.Outcome {
	sf := &salesforce.Error{Code: "DUPLICATES_DETECTED"}
	for _, id := range ids {
		sf.Duplicates = append(sf.Duplicates, salesforce.Duplicate{ID: id})
	}
	o.Err.Err = sf
	return o
}

func TestCandidatesOfEachKindOfHeldLead(t *testing.T) {
	t.Parallel()
	ambiguous := undecided(leadtype.AmbiguousMatch, "Lead", "Email")
	ambiguous.Trace.Probes = []leadtype.ProbeTrace{
		probed("Lead", "Id", leadtype.Candidate{Object: "Lead", ID: leadB}),
		probed("Lead", "Email", leadtype.Candidate{Object: "Lead", ID: leadA, Note: "has another name"},
			leadtype.Candidate{Object: "Lead", ID: leadA}, leadtype.Candidate{Object: "Lead", ID: leadB, Note: "deleted"})}
	either := undecided(leadtype.AmbiguousMatch, "", "Email")
	either.Trace.Probes = []leadtype.ProbeTrace{
		probed("Contact", "Email", leadtype.Candidate{Object: "Contact", ID: contactA}),
		probed("Lead", "Email", leadtype.Candidate{Object: "Lead", ID: leadA}),
		probed("Account", "Email", leadtype.Candidate{Object: "Account", ID: accountA})}
	accounts := undecided(leadtype.AmbiguousMatch, "Account", "Website")
	accounts.Trace.Probes = []leadtype.ProbeTrace{probed("Account", "Website",
		leadtype.Candidate{Object: "Account", ID: accountA},
		leadtype.Candidate{Object: "Account", ID: "001000000000002AAA", Note: leadtype.NotePerson})}
	converted := undecided(leadtype.StaleRemoteRecord, "Lead", "Email")
	converted.Err.Reason = leadtype.ReasonConverted
	converted.Trace.Probes = []leadtype.ProbeTrace{probed("Lead", "Email",
		leadtype.Candidate{Object: "Lead", ID: leadA, Note: leadtype.NoteConverted},
		leadtype.Candidate{Object: "Contact", ID: contactA, From: leadA}, leadtype.Candidate{Object: "Lead", ID: leadB})}
	duplicate := reporting(undecided(leadtype.DuplicateRecord, "Lead"), leadA, contactA, accountA, dealA, leadA[:15])
	own := reporting(undecided(leadtype.DuplicateRecord, "Account"), contactB)
	own.Object, own.ID = "Contact", contactA
	own.Parts = []leadtype.Part{{Kind: leadtype.PartAccount, Object: "Account", ID: accountA},
		{Kind: leadtype.PartPerson, Object: "Contact", ID: contactA, Err: own.Err}}
	account := reporting(undecided(leadtype.DuplicateRecord, "Account"), accountA, contactA)
	account.Object, account.ID = "Contact", contactB
	account.Parts = []leadtype.Part{{Kind: leadtype.PartAccount, Object: "Account", Err: account.Err}}
	custom := reporting(undecided(leadtype.DuplicateRecord, "Contact"), contactA)
	custom.Parts = []leadtype.Part{{Kind: leadtype.PartCustom, Object: "Contact", Err: custom.Err}}
	stale := reporting(undecided(leadtype.StaleRemoteRecord, "Lead"), leadA)

	found := func(object salesforce.Object, id salesforce.ID, field, note string) leadtype.Candidate {
		return leadtype.Candidate{Object: object, ID: id, Field: field, Note: note, Why: leadtype.WhyFound}
	}
	reported := func(object salesforce.Object, id salesforce.ID) leadtype.Candidate {
		return leadtype.Candidate{Object: object, ID: id, Why: leadtype.WhyReported}
	}
	for name, c := range map[string]struct {
		of      *leadtype.Outcome
		want    []leadtype.Candidate
		passed  []salesforce.ID
		awaits  bool
		account bool
	}{
		"several of one probe": {ambiguous, []leadtype.Candidate{found("Lead", leadA, "Email", "has another name")},
			[]salesforce.ID{leadA}, true, false},
		"several of two objects": {either, []leadtype.Candidate{found("Contact", contactA, "Email", ""),
			found("Lead", leadA, "Email", "")}, []salesforce.ID{contactA, leadA}, true, false},
		"several Accounts": {accounts, []leadtype.Candidate{found("Account", accountA, "Website", "")},
			[]salesforce.ID{accountA}, true, true},
		"several duplicates": {reporting(undecided(leadtype.AmbiguousMatch, "Lead"), leadA, leadB),
			[]leadtype.Candidate{reported("Lead", leadA), reported("Lead", leadB)}, []salesforce.ID{leadA, leadB}, true, false},
		"a converted Lead": {converted, []leadtype.Candidate{
			{Object: "Contact", ID: contactA, From: leadA, Why: leadtype.WhyBecame}, found("Lead", leadB, "Email", "")},
			[]salesforce.ID{contactA, leadA, leadB}, true, false},
		"a duplicate": {duplicate, []leadtype.Candidate{reported("Lead", leadA), reported("Contact", contactA)},
			[]salesforce.ID{leadA, contactA}, true, false},
		"its own record": {own, []leadtype.Candidate{reported("Contact", contactB),
			{Object: "Contact", ID: contactA, Why: leadtype.WhyOwn}}, []salesforce.ID{contactB, contactA}, true, false},
		"a duplicate Account": {account, []leadtype.Candidate{reported("Account", accountA)},
			[]salesforce.ID{accountA}, true, true},
		"candidates that expired":                    {ambiguous.Expired(), nil, nil, true, false},
		"a duplicate of a record of its own section": {custom, nil, nil, false, false},
		"an Opportunity": {undecided(leadtype.DuplicateRecord, "Opportunity"), nil, nil, false,
			false},
		"another stale record": {stale, nil, nil, false, false},
		"another failure":      {undecided(leadtype.OwnerInvalid, "Lead"), nil, nil, false, false},
		"a cleared lead":       {&leadtype.Outcome{Stage: leadtype.Cleared}, nil, nil, false, false},
		"nil":                  {nil, nil, nil, false, false},
	} {
		require.Equal(t, c.want, leadtype.Candidates(c.of), name)
		require.Equal(t, c.passed, leadtype.Passed(c.of), name)
		require.Equal(t, c.awaits, leadtype.AwaitsChoice(c.of), name)
		require.Equal(t, c.account, leadtype.AwaitsAccount(c.of), name)
		if c.of == nil {
			continue
		}
		kept, again := new(leadtype.Outcome), new(leadtype.Outcome)
		text, err := json.Marshal(c.of)
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(text, kept))
		require.Equal(t, c.want, leadtype.Candidates(kept), "%s, stored", name)
		text, err = json.Marshal(kept)
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(text, again))
		require.NotContains(t, string(text), `"why"`, "it is made when it is asked for")
		require.Equal(t, kept, again)
	}
}

func TestTraceSaysWhoChoseWhat(t *testing.T) {
	t.Parallel()
	for want, choice := range map[string]leadtype.Choice{
		"":                                      {Passed: []salesforce.ID{leadA}},
		"A person chose " + string(leadA) + ".": {Chosen: leadA},
		"zoe chose " + string(leadA) + ".":      {Chosen: leadA, ChosenBy: "zoe"},
		"zoe chose that a record is created.":   {Chosen: leadtype.NewRecord, ChosenBy: "zoe"},
		"eve chose Account " + string(accountA) + ".":      {ChosenAccount: accountA, AccountBy: "eve"},
		"A person chose Account " + string(accountA) + ".": {Chosen: accountA}, // of an earlier version
		"zoe chose that a record is created.\neve chose that an Account is created.": {Chosen: leadtype.NewRecord,
			ChosenBy: "zoe", ChosenAccount: leadtype.NewRecord, AccountBy: "eve"},
	} {
		require.Equal(t, want, leadtype.MatchTrace{Choice: choice}.String())
		require.Equal(t, strings.TrimSpace("Lead \"L1\" is cleared.\n"+want),
			leadtype.Explain(&leadtype.Outcome{LeadID: "L1", Stage: leadtype.Cleared,
				Trace: leadtype.MatchTrace{Choice: choice}}))
	}
	trace := leadtype.MatchTrace{Probes: []leadtype.ProbeTrace{probed("Lead", "Email",
		leadtype.Candidate{Object: "Lead", ID: leadA, Note: leadtype.NoteConverted},
		leadtype.Candidate{Object: "Contact", ID: contactA, From: leadA})}}
	require.Equal(t, "Lead.Email found Lead "+string(leadA)+" (converted), Contact "+string(contactA)+" (what Lead "+
		string(leadA)+" became).", trace.String())
}

func TestChoiceKnowsWhatWasPassedBy(t *testing.T) {
	t.Parallel()
	none := leadtype.Choice{}
	require.False(t, none.IsMade())
	require.False(t, none.PassesPeople())
	account := leadtype.Choice{ChosenAccount: leadtype.NewRecord, Passed: []salesforce.ID{accountA}}
	require.True(t, account.IsMade())
	require.False(t, account.PassesPeople())
	require.True(t, account.Passes(accountA[:15]))
	both := leadtype.Choice{Chosen: leadtype.NewRecord, Passed: []salesforce.ID{accountA, leadA}}
	require.True(t, both.PassesPeople())
	require.False(t, both.Passes(leadB))
	require.False(t, both.Passes(""))
}

// SPDX-License-Identifier: Apache-2.0

package write_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/internal/write"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/store"
)

const (
	chosenContact salesforce.ID = "003000000000001AAA"
	otherContact  salesforce.ID = "003000000000002AAA"
	chosenAccount salesforce.ID = "001000000000001AAA"
	otherAccount  salesforce.ID = "001000000000002AAA"
)

// between returns a lead for which a person chooses between records of an object.
func between(object salesforce.Object, ids ...salesforce.ID) *store.Entry {
	probe := leadtype.ProbeTrace{Probe: leadtype.Probe{Object: object, Field: "Name"}}
	for _, id := range ids {
		probe.Candidates = append(probe.Candidates, leadtype.Candidate{Object: object, ID: id})
	}
	return &store.Entry{Stage: leadtype.Failed, Lead: &leadtype.Lead{ID: "L1", LastName: "Lovelace", Company: "Engines"},
		Last: &leadtype.Outcome{LeadID: "L1", Stage: leadtype.Failed, Trace: leadtype.MatchTrace{
			Probes: []leadtype.ProbeTrace{probe}},
			Err: &leadtype.Error{Code: leadtype.AmbiguousMatch, Object: object, Fields: []string{"Name"}}}}
}

// next returns the same lead, which a person chooses for again after what it was decided.
func next(e, again *store.Entry, decided *leadtype.Outcome) *store.Entry {
	last := *again.Last
	last.ID, last.Object, last.AccountID = decided.ID, decided.Object, decided.AccountID
	last.Trace.Choice, last.Trace.Bond = decided.Trace.Choice, decided.Trace.Bond
	return &store.Entry{Stage: leadtype.Failed, Lead: e.Lead, Last: &last}
}

func TestChoicesOfPersonAndAccountAreApart(t *testing.T) {
	t.Parallel()
	people, accounts := between("Contact", chosenContact, otherContact), between("Account", chosenAccount, otherAccount)
	choose := func(e *store.Entry, record salesforce.ID, by string) *leadtype.Outcome {
		out, err := write.Choose(e, record, by)
		require.Nil(t, err)
		require.Equal(t, leadtype.PreSync, out.Stage)
		require.True(t, out.Trace.Bond.ChoiceHolds(e.Lead))
		return out
	}
	first := choose(people, leadtype.NewRecord, "zoe")
	require.Equal(t, leadtype.Choice{Chosen: leadtype.NewRecord, ChosenBy: "zoe",
		Passed: []salesforce.ID{chosenContact, otherContact}}, first.Trace.Choice)
	second := choose(next(people, accounts, first), leadtype.NewRecord, "eve")
	require.Equal(t, leadtype.Choice{Chosen: leadtype.NewRecord, ChosenBy: "zoe", ChosenAccount: leadtype.NewRecord,
		AccountBy: "eve", Passed: []salesforce.ID{chosenContact, otherContact, chosenAccount, otherAccount}},
		second.Trace.Choice)

	third := choose(next(people, people, second), chosenContact[:15], "ida")
	require.Equal(t, leadtype.Choice{Chosen: chosenContact, ChosenBy: "ida", ChosenAccount: leadtype.NewRecord,
		AccountBy: "eve", Passed: []salesforce.ID{chosenAccount, otherAccount}}, third.Trace.Choice)
	require.Equal(t, chosenContact, third.ID)
	require.Equal(t, leadtype.OriginChosen, third.Trace.Bond.Person)
	fourth := choose(next(people, accounts, third), chosenAccount, "")
	require.Equal(t, leadtype.Choice{Chosen: chosenContact, ChosenBy: "ida", ChosenAccount: chosenAccount},
		fourth.Trace.Choice)
	require.Equal(t, chosenAccount, fourth.AccountID)
	require.Equal(t, chosenContact, fourth.ID, "it is known still")
	require.Equal(t, leadtype.OriginChosen, fourth.Trace.Bond.Person)

	corrected := next(people, accounts, third)
	corrected.Lead = &leadtype.Lead{ID: "L1", LastName: "Somerville"}
	require.Equal(t, leadtype.Choice{ChosenAccount: chosenAccount, AccountBy: "eve"},
		choose(corrected, chosenAccount, "eve").Trace.Choice, "what was chosen for the lead before its correction is over")
	require.Equal(t, leadtype.Choice{}, people.Last.Trace.Choice, "what the store has stays")
}

func TestChoiceOfARecordThatWasNeverWrittenLeavesNothing(t *testing.T) {
	t.Parallel()
	people := between("Contact", chosenContact, otherContact)
	first, err := write.Choose(people, chosenContact, "zoe")
	require.Nil(t, err)
	again := next(people, people, first)
	other, err := write.Choose(again, otherContact, "zoe")
	require.Nil(t, err)
	require.Empty(t, other.Left)
	require.Empty(t, other.Warnings)
	again.Last.Parts = []leadtype.Part{{Kind: leadtype.PartPerson, Object: "Contact", ID: chosenContact}}
	other, err = write.Choose(again, otherContact, "zoe")
	require.Nil(t, err)
	require.Len(t, other.Left, 1, "the control")
	require.Equal(t, leadtype.Rebound, other.Warnings[0].Kind)
}

func TestChoiceIsRefusedWithWhatIsPossible(t *testing.T) {
	t.Parallel()
	people := between("Contact", chosenContact, otherContact)
	cleared := between("Contact", chosenContact)
	cleared.Stage = leadtype.Cleared
	expired := between("Contact", chosenContact)
	expired.Last = expired.Last.Expired()
	for name, c := range map[string]struct {
		of     *store.Entry
		record salesforce.ID
		field  string
		says   string
	}{
		"another record":          {people, "003000000000009AAA", "record", string(chosenContact)},
		"an account of a person":  {people, chosenAccount, "record", "must be one of"},
		"no record":               {people, "", "record", "must be one of"},
		"a text that is no id":    {people, "me@example.com", "record", "must be one of"},
		"a lead that is done":     {cleared, chosenContact, "id", "it is cleared"},
		"candidates that expired": {expired, chosenContact, "record", "push the lead"},
		"a lead without outcome":  {&store.Entry{Stage: leadtype.Failed, Lead: people.Lead}, chosenContact, "id", "failed"},
	} {
		out, err := write.Choose(c.of, c.record, "zoe")
		require.Nil(t, out, name)
		require.Equal(t, leadtype.DataValueValidation, err.Code, name)
		require.Equal(t, []string{c.field}, err.Fields, name)
		require.Contains(t, err.Reason, c.says, name)
		require.NotContains(t, err.Error(), "me@example.com")
	}
	out, err := write.Choose(expired, leadtype.NewRecord, "zoe")
	require.Nil(t, err, "a new record can be chosen still")
	require.Empty(t, out.Trace.Passed)
}

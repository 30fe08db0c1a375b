// SPDX-License-Identifier: Apache-2.0

package stored_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/internal/stored"
)

// fullOutcome is an outcome with a value in each field.
func fullOutcome() *leadtype.Outcome {
	at := time.Date(2026, 5, 4, 9, 30, 0, 123, time.UTC)
	return &leadtype.Outcome{LeadID: "L1", EventID: "é", Stage: leadtype.Failed, Action: leadtype.Updated,
		Object: "Contact", ID: "003000000000001AAA", AccountID: "001000000000001AAA",
		Parts: []leadtype.Part{{Kind: leadtype.PartPerson, Changes: []leadtype.FieldChange{{Field: "a", After: `"x"`}}}},
		Trace: leadtype.MatchTrace{Rule: "no hit", Probes: []leadtype.ProbeTrace{{Hit: true}}},
		Warnings: []leadtype.Warning{{Kind: leadtype.Chosen, Code: leadtype.NoTagMapping, Object: "Lead", Field: "F",
			Reason: "<reason>", Record: "003", Part: "p"}, {}},
		Owed: []leadtype.OwedValue{{}}, Ask: &leadtype.Ask{Owed: true}, RetryAt: at, At: at.Add(1), Together: 1,
		Suspect: &leadtype.Suspect{Tries: 1, At: at},
		Err: &leadtype.Error{Op: "map", Code: leadtype.DataValueValidation, LeadID: "L1", Object: "Lead",
			Fields: []string{"Email"}, Reason: "r", Options: map[string][]string{"F": {"o"}}, User: "u", Instance: "i",
			Err: leadtype.ErrBudget},
		Left: []*leadtype.Outcome{{LeadID: "left"}}, Earlier: []*leadtype.Outcome{{LeadID: "earlier"}},
	}
}

var outcomeTexts = []string{
	``, ` `, `{}`, `null`, `[]`, `{"leadId":null}`, `{"leadId":1}`, `{"LeadID":"1"}`, `{"leadId":"1","leadId":"2"}`,
	`{"leadId":"1"} x`, `{"leadId":"1"`, `{"unknown":1}`, `{"warnings":null}`, `{"warnings":[]}`, `{"warnings":[null]}`,
	`{"warnings":[{"kind":"a"}],"warnings":[{"code":"b"}]}`, `{"warnings":[{"Kind":"a"}]}`, `{"warnings":[{"new":1}]}`,
	`{"warnings":{}}`, `{"error":null}`, `{"error":{"code":"A"},"error":{"reason":"b"}}`, `{"error":1}`, `{"error":{}}`,
	`{"at":""}`, `{"at":null}`, `{"at":"2026-05-04"}`, `{"parts":[{]}`, `{"trace":{"rule":"\ud800"}}`,
	`{"trace":{"a":tru}}`, "{\"action\":\"\xff\"}", `{"parts":[]}x`,
	`{"left":[{"at":"2026-05-04T09:30:00Z"}],"at":"2026-05-04T09:30:00Z"}`,
}

func TestPrintedOutcomeIsWhatEncodingJSONReads(t *testing.T) {
	t.Parallel()
	outcome := fullOutcome()
	for i, v := 0, reflect.ValueOf(*outcome); i < v.NumField(); i++ {
		require.False(t, v.Field(i).IsZero(), v.Type().Field(i).Name)
	}
	text, _, err := stored.OutcomeJSON(outcome)
	require.NoError(t, err)
	comparePrinted(t, text)
	for _, text := range outcomeTexts {
		comparePrinted(t, text)
	}
	short, err := stored.DecodeOutcomeAs(store.DetailPrinted, text)
	require.NoError(t, err)
	require.Empty(t, short.Parts)
	require.Empty(t, short.Trace)
}

func FuzzPrintedOutcome(f *testing.F) {
	text, _, err := stored.OutcomeJSON(fullOutcome())
	require.NoError(f, err)
	for _, text := range append(outcomeTexts, text) {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) { comparePrinted(t, text) })
}

// comparePrinted decodes an outcome in both ways. What is left out may be of any form.
func comparePrinted(t *testing.T, text string) {
	t.Helper()
	want, err := stored.DecodeOutcome(text)
	got, printErr := stored.DecodeOutcomeAs(store.DetailPrinted, text)
	if err != nil {
		if printErr == nil {
			require.NotNil(t, got, "%q", text)
		}
		return
	}
	require.NoError(t, printErr, "%q", text)
	for _, o := range []*leadtype.Outcome{want, got} {
		if o != nil {
			o.Parts, o.Trace, o.Owed, o.Ask, o.Together, o.Suspect = nil, leadtype.MatchTrace{}, nil, nil, 0, nil
			o.Left, o.Earlier = nil, nil
		}
	}
	require.Equal(t, want, got, "%q", text)
}

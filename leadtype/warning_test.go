// SPDX-License-Identifier: Apache-2.0

package leadtype_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/leadtype"
)

// A warning that an earlier version stored is read as it is; KindFor says what it is about.
func TestStoredWarningWithoutAKindIsStillRead(t *testing.T) {
	t.Parallel()
	for stored, kind := range map[string]leadtype.WarningKind{
		`{"code":"CONNECTION_PERMISSION","field":"Title","reason":"r"}`: leadtype.Locked,
		`{"code":"MISSING_REMOTE_FIELD","reason":"r"}`:                  leadtype.Missing,
		`{"code":"OWNER_INVALID","reason":"r"}`:                         leadtype.OwnerReplaced,
		`{"code":"NO_TAG_MAPPING","reason":"r"}`:                        leadtype.Unmapped,
		`{"code":"","reason":"r"}`:                                      leadtype.Dropped,
	} {
		var out leadtype.Outcome
		require.NoError(t, json.Unmarshal([]byte(`{"warnings":[`+stored+`]}`), &out))
		require.Empty(t, out.Warnings[0].Kind)
		require.Equal(t, kind, leadtype.KindFor(out.Warnings[0].Code), stored)
		require.Equal(t, "r", out.Warnings[0].Reason)
		again, err := json.Marshal(out.Warnings[0])
		require.NoError(t, err)
		require.JSONEq(t, stored, string(again))
	}
}

// A reader sees whether something needs attention, and what became of the value.
func TestExplainAndPlanSayWhatBecameOfAValue(t *testing.T) {
	t.Parallel()
	warnings := []leadtype.Warning{
		{Kind: leadtype.Unfit, Code: leadtype.DataValueValidation, Object: "Lead", Field: "Phone",
			Reason: "is longer than 40 characters"},
		{Kind: leadtype.KeptExisting, Object: "Lead", Field: "Title"},
		{Kind: leadtype.Dropped, Reason: "left alone"},
	}
	text := leadtype.Explain(&leadtype.Outcome{LeadID: "L1", Stage: leadtype.Cleared, Warnings: warnings})
	require.Contains(t, text,
		"\nWarning: DATA_VALUE_VALIDATION (Lead.Phone): is longer than 40 characters (left out: unfit).")
	require.Contains(t, text, "\nNote: kept-existing (Lead.Title): (kept: has a value).")
	require.Contains(t, text, "\nWarning: dropped: left alone.")

	text = (&leadtype.Plan{Leads: []*leadtype.LeadPlan{{LeadID: "L1", Warnings: warnings}}}).String()
	require.Contains(t, text,
		"\n  warning: Lead.Phone: DATA_VALUE_VALIDATION: is longer than 40 characters (left out: unfit)\n")
	require.Contains(t, text, "\n  note: Lead.Title: kept-existing: (kept: has a value)\n")
}

// SPDX-License-Identifier: Apache-2.0

package leadtype_test

import (
	"encoding/json"
	"os"
	"strings"
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

// A reader sees whether something needs attention, what became of the value and why, of each
// kind; and never the value, which a warning does not have.
func TestExplainAndPlanSayWhatBecameOfAValue(t *testing.T) {
	t.Parallel()
	said := map[leadtype.WarningKind]string{
		leadtype.Truncated:          "cut: too long",
		leadtype.Locked:             "left out: locked",
		leadtype.Missing:            "left out: missing",
		leadtype.Unfit:              "left out: unfit",
		leadtype.Unmapped:           "left out: unmapped",
		leadtype.BlankText:          "left out: no value",
		leadtype.KeptEdited:         "kept: edited in Salesforce",
		leadtype.KeptExisting:       "kept: has a value",
		leadtype.KeptCleared:        "kept: emptied in Salesforce",
		leadtype.OtherPerson:        "kept: another person's record",
		leadtype.Doubt:              "left out: perhaps another person",
		leadtype.AddressContradicts: "left out: another address",
		leadtype.Placeholder:        "left out: placeholder",
		leadtype.NoSection:          "left out: no section in the mapping",
		leadtype.NotIdentifiable:    "not-identifiable",
		leadtype.Stale:              "left out: older than what is there",
		leadtype.OwnerReplaced:      "replaced: not one active owner",
		leadtype.Chosen:             "chosen",
		leadtype.RecordReused:       "record-reused",
		leadtype.Dropped:            "dropped",
		leadtype.TwoStrategies:      "two-strategies",
		leadtype.Rebound:            "rebound",
		leadtype.Owed:               "owed: written when the schema or the mapping has changed",
		leadtype.StatusKept:         "kept: a later status",
		leadtype.RuleChanged:        "replaced: written under other rules",
	}
	source, err := os.ReadFile("warning.go")
	require.NoError(t, err)
	require.Len(t, said, strings.Count(string(source), " WarningKind = "), "every kind")
	for kind, done := range said {
		label, before := "Warning", "warning"
		if kind.IsNote() {
			label, before = "Note", "note"
		}
		w := leadtype.Warning{Kind: kind, Object: "Lead", Field: "Title", Reason: "was not written: r"}
		require.Equal(t, done, kind.Done())
		require.Contains(t, explained(w), "\n"+label+": Lead.Title: was not written: r ("+done+").")
		require.Contains(t, planned(w), "\n  "+before+": Lead.Title: was not written: r ("+done+")\n")
	}
}

func TestWarningSaysItsCodeAndWhatItHas(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		warning leadtype.Warning
		want    string
	}{
		{leadtype.Warning{Kind: leadtype.Unfit, Code: leadtype.DataValueValidation, Object: "Lead", Field: "Phone",
			Reason: "is longer than 40 characters"},
			"Warning: Lead.Phone: is longer than 40 characters (left out: unfit, DATA_VALUE_VALIDATION)."},
		{leadtype.Warning{Kind: leadtype.Dropped, Reason: "left alone"}, "Warning: left alone (dropped)."},
		{leadtype.Warning{Kind: leadtype.NoSection, Object: "Contact"},
			"Warning: Contact (left out: no section in the mapping)."},
		{leadtype.Warning{Kind: leadtype.Unmapped, Code: leadtype.NoTagMapping, Field: "qualifier.tier", Reason: "r"},
			"Warning: qualifier.tier: r (left out: unmapped, NO_TAG_MAPPING)."},
		{leadtype.Warning{Code: leadtype.ConnectionPermission, Field: "Title", Reason: "of an earlier version"},
			"Warning: Title: of an earlier version (left out: locked, CONNECTION_PERMISSION)."},
	} {
		require.Contains(t, explained(row.warning), "\n"+row.want)
	}
}

func explained(w leadtype.Warning) string {
	return leadtype.Explain(&leadtype.Outcome{LeadID: "L1", Stage: leadtype.Cleared, Warnings: []leadtype.Warning{w}})
}

func planned(w leadtype.Warning) string {
	return (&leadtype.Plan{Leads: []*leadtype.LeadPlan{{LeadID: "L1", Warnings: []leadtype.Warning{w}}}}).String()
}

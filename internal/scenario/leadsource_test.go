// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// A new record gets the lead source of the settings, else the option that the org has for
// events, else none, and never the event's name, which is the campaign's.
func TestLeadSourceIsThatOfTheSettingsOrOfEvents(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		options, labels []string
		setting         string
		restricted      bool
		want            any
		findings        int
	}{
		"the first of the usual ones": {options: []string{"Web", "Conference", "Trade Show"}, want: "Trade Show"},
		"by its label":                {options: []string{"Web", "TS"}, labels: []string{"Web", "Trade Show"}, want: "TS"},
		"in German":                   {options: []string{"Web", "Messe"}, want: "Messe"},
		"none of them":                {options: []string{"Web", "Other"}},
		"the setting":                 {options: []string{"Web", "Trade Show"}, setting: "web", want: "Web"},
		"a setting that is no option": {options: []string{"Web", "Trade Show"}, setting: "Expo", want: "Expo", findings: 2},
		"one that is refused": {options: []string{"Web", "Trade Show"}, setting: "Expo", restricted: true,
			findings: 2},
	} {
		org := sftest.NewOrg(t)
		labels := make(map[string]string)
		for i, label := range row.labels {
			labels[row.options[i]] = label
		}
		for _, object := range []string{"Lead", "Contact"} {
			org.DefineField(object, sftest.Field{Name: "LeadSource", Type: "picklist", Options: row.options, Labels: labels,
				Restricted: row.restricted})
		}
		cfg := new(leadsync.Config)
		require.NoError(t, (&leadsync.Settings{LeadSource: row.setting}).Fill(cfg))
		syncer := scenario.SyncerOf(t, org, cfg)
		report, err := syncer.Preflight(t.Context())
		require.NoError(t, err)
		found := 0
		for _, finding := range report.Findings {
			if finding.Path == "leadSource" {
				found++
			}
		}
		require.Equal(t, row.findings > 0, found > 0, "%s: %v", name, report.Findings)
		lead := scenario.Ada()
		lead.EventName = "Expo"
		out := scenario.SyncOne(t, syncer, lead)
		got := org.Row("Lead", string(out.ID))["LeadSource"]
		require.Equal(t, row.want, got, name)
		require.Equal(t, row.restricted, len(out.Warnings) > 0, name)
	}
}

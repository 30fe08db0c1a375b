// SPDX-License-Identifier: Apache-2.0

package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
)

// The demo shows what leadsync does not write over, in plain words.
func TestRunSaysWhatBecameOfValuesThatWouldMakeARecordWorse(t *testing.T) {
	t.Parallel()
	r := program{}.run(t.Context())
	require.Equal(t, exitDone, r.code, r.stderr)
	for lead, want := range map[string]string{
		"L0241": "Lead.Phone  left out: unfit",
		"L0242": "Lead.Company  left out: no value",
		"L0243": "Lead.Title  left out: no value",
		"L0244": "Lead.Title  kept: edited in Salesforce",
		"L0245": "Lead.NumberOfEmployees  written: 5000",
		"L0246": "Contact.Email  held: another person at this address",
		"L0247": "Lead.City  left out: another address",
		"L0248": "Lead.HasOptedOutOfEmail  written: true",
		"L0249": "Lead.Timeline__c  left out: unfit",
		"L0250": "Lead.Email  left out: placeholder",
	} {
		require.Regexp(t, `(?m)^  `+lead+`  .+  `+strings.ReplaceAll(want, "  ", " +")+`$`, r.stdout)
	}
	for _, want := range []string{
		"  kept: edited in Salesforce      Lead Title: was not written: a user has changed it in Salesforce (L0244)\n",
		" warnings, 2 notes.\n",
	} {
		require.Contains(t, r.stdout, want)
	}
	again := program{org: demoOrg(t)}.run(t.Context())
	require.Regexp(t, `(?m)^  L0248 .* written: true$`, again.stdout, "in an org without a past too")
	require.NotRegexp(t, `L0244.*edited`, again.stdout)
}

// The control: what the records of the org hold afterwards.
func TestRecordsOfTheDemoOrgGetNoWorse(t *testing.T) {
	t.Parallel()
	org := demoOrg(t)
	program{org: org}.summary(t)
	leads := make(map[string]map[string]any)
	for _, row := range org.Rows("Lead") {
		if row["Email"] != nil {
			leads[row["Email"].(string)] = row
		}
	}
	require.Equal(t, "Hopping Radio AG", leads["hedy@hopping.example"]["Company"])
	require.Equal(t, "0-3", leads["hedy@hopping.example"]["Timeline__c"], "by its label")
	require.EqualValues(t, 5000, leads["emmy@erlangen.example"]["NumberOfEmployees"])
	require.Equal(t, "Hampton", leads["dorothy@hampton.example"]["City"])
	require.Equal(t, true, leads["annie@lewis.example"]["HasOptedOutOfEmail"])
	require.NotContains(t, leads, "noreply@penaalta.example")
	for _, contact := range org.Rows("Contact") {
		require.NotEqual(t, "Lumbergh", contact["LastName"])
	}
}

// The mapping of the demo's settings is the recommended one and two more rows for people.
func TestConfigOfTheDemoHasTheDefaultMapping(t *testing.T) {
	t.Parallel()
	config, err := readConfig("")
	require.NoError(t, err)
	want := leadsync.DefaultMapping()
	for i := range want.Sections {
		rules := config.Mapping.Sections[i].Rules
		if want.Sections[i].Object != salesforce.ObjectAccount {
			require.Equal(t, mapping.Raise, rules[len(rules)-2].Write)
			rules = rules[:len(rules)-2]
		}
		require.Equal(t, want.Sections[i].Rules, rules)
	}
}

// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/examples/internal/demoorg"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// runDemo runs the demo against org as if it were the one of this process.
func runDemo(t *testing.T, org *sftest.Org) string {
	t.Helper()
	opts, err := parse(nil, io.Discard)
	require.NoError(t, err)
	s := &session{opts: opts, log: io.Discard, org: org}
	settings, err := readConfig("")
	require.NoError(t, err)
	require.NoError(t, s.readLeads(nil))
	s.client, err = connectTo(org)
	require.NoError(t, err)
	store, closeStore, err := openStore("")
	require.NoError(t, err)
	t.Cleanup(closeStore)
	require.NoError(t, s.configure(t.Context(), settings, store))
	var out bytes.Buffer
	require.NoError(t, s.sync(t.Context(), &out))
	return out.String()
}

// rowOf returns the row of an object with the e-mail address.
func rowOf(org *sftest.Org, object, email string) map[string]any {
	for _, row := range org.Rows(object) {
		if row["Email"] == email {
			return row
		}
	}
	return nil
}

func TestTourRetriesUndoesAndWritesNothingTwice(t *testing.T) {
	t.Parallel()
	org := demoOrg(t)
	before := rowOf(org, "Lead", demoorg.EditedLead)
	out := runDemo(t, org)
	for _, line := range []string{
		`Lead qualifier\.interest: .* no active option "Investor Relations", .* \(3 leads, the first L0128\)`,
		`One record before and after: Lead ` + before["Id"].(string) + `, of lead L0244`,
		`  Phone +\(blank\) -> \+49 30 23125 144 +unless-edited from phone`,
		`  Title +kept: edited in Salesforce +was not written: .*`,
		`  the 3 leads of this cause retried, no others, in \d API calls: 3 synced, 0 failed`,
		`The same leads again: 0 records written, \d API calls`,
		`      Phone: \+49 30 23125 144 -> \(blank\)`,
		`  1 restored, 1 deleted, 0 kept, 0 left`,
	} {
		require.Regexp(t, "(?m)^ *"+line+"$", out)
	}
	retried := 0
	for _, row := range org.Rows("Lead") {
		if row["Interest__c"] == demoorg.MissingInterest {
			retried++
		}
	}
	require.Equal(t, 3, retried)
	after := rowOf(org, "Lead", demoorg.EditedLead)
	require.Equal(t, "Managing Director", after["Title"], "the rep's")
	require.Nil(t, after["Phone"])
	require.Nil(t, after["Interest__c"])
}

// The control: where an admin adds no option, the leads stay failed; and the tour says so.
func TestTourCountsWhatStaysFailed(t *testing.T) {
	t.Parallel()
	org := demoOrg(t)
	org.AddRule("Lead", sftest.Rule{Name: "No_Investors", Message: "Not here.", Field: "Interest__c",
		Refuses: func(row map[string]any) bool { return row["Interest__c"] == demoorg.MissingInterest }})
	require.Contains(t, runDemo(t, org), ": 0 synced, 3 failed\n")
}

func TestTourIsOfTheDemoInThisProcessOnly(t *testing.T) {
	t.Parallel()
	for name, r := range map[string]result{
		"json":      program{}.run(t.Context(), "-json"),
		"manual":    program{}.run(t.Context(), "-mode", "manual"),
		"plan":      program{}.run(t.Context(), "-plan"),
		"generated": program{}.run(t.Context(), "-n", "5"),
		"other org": program{org: demoOrg(t)}.run(t.Context()),
	} {
		require.Equal(t, exitDone, r.code, name)
		require.False(t, strings.Contains(r.stdout, "mended") || strings.Contains(r.stdout, "undone"), name)
	}
}

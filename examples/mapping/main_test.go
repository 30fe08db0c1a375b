// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce/sftest"
)

func TestMappingIsSyncedOnce(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	var stdout bytes.Buffer

	require.NoError(t, run(t.Context(), org, &stdout))

	text, again, ok := strings.Cut(stdout.String(), "== Synced again\n")
	require.True(t, ok)
	for _, line := range []string{
		"OK is true\nwarning: Visit__c.Badge__c (mapping.objects[3].rules[2].field): may not be written by the connected " +
			"user. Give", `"by": "Region__c.Code__c"`, "Region__r.Code__c: AT", "Interest__c: Pricing;Product Demo",
		"CloseDate: 2026-08-02",
		`Description: Met in 2025 -> "Met in 2025\nWants a quote"`, "Opportunity__c: the new Opportunity",
		"Contact__c: the new Contact",
		"note: Contact.Title: was not written: it has a value that leadsync has not written (kept: has a value)\n",
		"Topic__c: heating (unless-edited from custom.topic)", "HasOptedOutOfEmail: true (raise from custom.optOut)",
		"warning: Contact.Phone: is longer than 40 characters (left out: unfit, DATA_VALUE_VALIDATION)\n",
		"warning: Contact.Topic__c: has no value for the text of the lead, which was dropped (left out: unmapped, ",
		"Opportunity: shared with lead L2", "9 records to write in 1 API call\n", "lead L1: Contact updated",
		"lead L2: Account created", "lead L3: Visit__c created",
	} {
		require.Contains(t, text, line)
	}
	require.NotContains(t, text, "Countess", "an existing title is not overwritten")
	for line := range strings.Lines(again) {
		require.Regexp(t, "^lead L[123]: .* unchanged\n$", line)
	}
	require.Equal(t, 3, org.Count("Visit__c"))
	require.Equal(t, 2, org.Count("Opportunity"))
	for _, account := range org.Rows("Account") {
		require.Equal(t, account["Name"] == "Frequency Hopping", account["Region__c"] != nil)
	}
}

func TestMappingReportsThatTheOrgCannotBeReached(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, run(ctx, sftest.NewOrg(t), new(bytes.Buffer)), context.Canceled)
}

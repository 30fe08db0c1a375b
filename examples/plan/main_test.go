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

func TestPlanIsAppliedAndReverted(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	var stdout bytes.Buffer

	require.NoError(t, run(t.Context(), org, &stdout))

	plan, rest, _ := strings.Cut(stdout.String(), "== Applied")
	applied, reverted, ok := strings.Cut(rest, "== Reverted")
	require.True(t, ok)
	for text, lines := range map[string][]string{
		plan: {"Title: (blank) -> Head of Analysis", "City: (blank) -> Milton Keynes", "create Lead", "create Task",
			"Status: Registered -> Attended", "7 records to write in 1 API call\n"},
		applied: {"lead L1: updated Contact", "lead L2: updated Lead", "lead L3: created Lead"},
		reverted: {"Title: Head of Analysis -> (blank)", "Status: Attended -> Registered", "deleted Lead",
			"STALE_REMOTE_RECORD (Phone)", "4 restored, 3 deleted, 0 kept, 1 left"},
	} {
		for _, line := range lines {
			require.Contains(t, text, line)
		}
	}
	require.Zero(t, org.Count("Task"))
	require.Equal(t, 2, org.Count("CampaignMember"))
	for _, contact := range org.Rows("Contact") {
		require.Nil(t, contact["Title"])
		if contact["Email"] == "ada@acme.example" {
			require.Equal(t, "+44 20 7946 0999", contact["Phone"])
		}
	}
}

func TestPlanReportsThatTheOrgCannotBeReached(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, run(ctx, sftest.NewOrg(t), new(bytes.Buffer)), context.Canceled)
}

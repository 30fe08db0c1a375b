// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/preflight"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// findingOn returns what a preflight says of a field, nil for nothing.
func findingOn(report *preflight.Report, field string) *preflight.Finding {
	for i := range report.Findings {
		if report.Findings[i].Field == field {
			return &report.Findings[i]
		}
	}
	return nil
}

// Nobody is found by an address that Shield encrypts probabilistically. Preflight said nothing of
// it, and the fix was to correct the lead's address.
func TestEncryptedAddressIsFoundBeforehand(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	org.EncryptField("Contact", "Email")
	syncer := scenario.SyncerOf(t, org, nil)
	report, err := syncer.Preflight(t.Context())
	require.NoError(t, err)
	finding := findingOn(report, "Email")
	require.NotNil(t, finding)
	require.Equal(t, preflight.SeverityError, finding.Severity)
	require.Contains(t, finding.Fix, "deterministic scheme")

	outcomes, err := syncer.Sync(t.Context(), scenario.Ada())
	require.ErrorIs(t, err, leadsync.DataValueValidation)
	require.Equal(t, []string{"Email"}, outcomes[0].Err.Fields)
	require.Contains(t, outcomes[0].Err.Fix(), "If Contact.Email is encrypted")
	require.Zero(t, org.Count("Lead"))
}

// A lead without an e-mail address is looked for by its last name. Where that is encrypted the
// query was refused, and with it all leads of the batch; now that lead fails alone, or is created
// by its key.
func TestEncryptedNamesCostOnlyTheLeadsThatAreSearchedByThem(t *testing.T) {
	t.Parallel()
	for _, keyed := range []bool{false, true} {
		org := sftest.NewOrg(t)
		if keyed {
			org.AddExternalID("Lead")
		}
		org.EncryptField("Lead", "LastName")
		syncer := scenario.SyncerOf(t, org, nil)
		report, err := syncer.Preflight(t.Context())
		require.NoError(t, err)
		require.Equal(t, keyed, findingOn(report, "LastName") == nil)

		nameless := &leadsync.Lead{ID: "2", FirstName: "Charles", LastName: "Babbage", Company: "Engines"}
		for range 2 {
			outcomes, _ := syncer.Sync(t.Context(), scenario.Ada(), nameless)
			require.Equal(t, leadsync.Cleared, outcomes[0].Stage, outcomes[0].Err)
			if keyed {
				require.Equal(t, leadsync.Cleared, outcomes[1].Stage, outcomes[1].Err)
				continue
			}
			require.ErrorIs(t, outcomes[1].Err, leadsync.DataValueValidation)
			require.Equal(t, []string{"LastName"}, outcomes[1].Err.Fields)
			require.Contains(t, outcomes[1].Err.Fix(), "a key field on Lead")
			require.Empty(t, leadtype.Candidates(outcomes[1]))
		}
		require.Equal(t, map[bool]int{false: 1, true: 2}[keyed], org.Count("Lead"))
	}
}

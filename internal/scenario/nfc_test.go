// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/unicode/norm"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// zoe returns a lead whose accents are composed or not.
func zoe(id leadsync.LeadID, form norm.Form) *leadsync.Lead {
	return &leadsync.Lead{ID: id, FirstName: form.String("Zoë"), LastName: form.String("Müller"),
		Company: form.String("Café Ü"),
		City:    form.String("Zürich"), Activities: []leadsync.Activity{{Kind: leadsync.ActivityNote,
			Notes: form.String("für später")}}}
}

// A lead with decomposed accents was another person, whose fields changed back and forth.
func TestAccentsAreTheSameComposedOrNot(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	syncer := scenario.SyncerOf(t, org, nil)
	for _, form := range []norm.Form{norm.NFD, norm.NFC, norm.NFD} {
		outcome := scenario.SyncOne(t, syncer, zoe("L1", form))
		if form == norm.NFC {
			require.Equal(t, leadsync.Unchanged, outcome.Action)
		}
	}
	require.Equal(t, 1, org.Count("Lead"))
	require.Equal(t, 1, org.Count("Task"))
	for _, name := range []string{"FirstName", "LastName", "Company", "City"} {
		value, _ := org.Rows("Lead")[0][name].(string)
		require.True(t, norm.NFC.IsNormalString(value), name)
	}
}

// Both forms of a new company in one batch are one Account.
func TestAccentsAreTheSameWithinABatch(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	syncer := scenario.SyncerOf(t, org, &leadsync.Config{Strategy: leadsync.AccountsAndContacts})
	a, b := zoe("L1", norm.NFC), zoe("L2", norm.NFD)
	a.Email, b.Email = "a@x.example", "b@y.example"
	_, err := syncer.Sync(t.Context(), a, b)
	require.NoError(t, err)
	require.Equal(t, 1, org.Count("Account"))
}

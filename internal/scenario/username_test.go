// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// budgeted is an org with a rule that refuses every Lead.
func budgeted(t *testing.T) *sftest.Org {
	t.Helper()
	org := sftest.NewOrg(t)
	org.AddRule("Lead", sftest.Rule{Name: "Budget", Message: "Budget is required",
		Refuses: func(map[string]any) bool { return true }})
	return org
}

// A static token does not say whose it is. The name that a rule can exempt is asked for once, when
// a rule refuses a record, and that is no API call.
func TestTheUserToExemptIsNamedAlsoUnderAStaticToken(t *testing.T) {
	t.Parallel()
	org := budgeted(t)
	syncer := scenario.SyncerOf(t, org, nil)
	asked := func() int {
		n := 0
		for _, r := range org.Requests() {
			if r.Path == "/services/oauth2/userinfo" {
				n++
			}
		}
		return n
	}
	user := org.Row("User", org.UserID())["Username"].(string)
	require.NotEmpty(t, user)
	for n := range 3 {
		lead := scenario.Ada()
		lead.ID = leadsync.LeadID(rune('a' + n))
		outcomes, err := syncer.Sync(t.Context(), lead)
		require.Error(t, err)
		require.Contains(t, outcomes[0].Err.Fix(), `($User.Username <> "`+user+`")`)
		require.NotContains(t, outcomes[0].Err.Error(), user)
	}
	require.Equal(t, 1, asked())

	quiet := sftest.NewOrg(t) // the control: nobody asks before a rule refuses
	scenario.SyncOne(t, scenario.SyncerOf(t, quiet, nil), scenario.Ada())
	require.False(t, slices.ContainsFunc(quiet.Requests(),
		func(r sftest.Request) bool { return r.Path == "/services/oauth2/userinfo" }))
	require.Equal(t, 0, org.Calls()-callsWithoutName(t), "as many calls as without")
}

// callsWithoutName returns how many calls it takes with a client that does not know its user.
func callsWithoutName(t *testing.T) int {
	t.Helper()
	org := budgeted(t)
	syncer, err := leadsync.New(struct{ leadsync.Client }{scenario.ClientOf(t, org)}, nil)
	require.NoError(t, err)
	for n := range 3 {
		lead := scenario.Ada()
		lead.ID = leadsync.LeadID(rune('a' + n))
		outcomes, err := syncer.Sync(t.Context(), lead)
		require.Error(t, err)
		require.Contains(t, outcomes[0].Err.Fix(), "the connected user's name")
	}
	return org.Calls()
}

// A record that is there is named with its address, also where the org refuses a batch, which
// does not say which it is.
func TestADuplicateIsNamedWithItsAddress(t *testing.T) {
	t.Parallel()
	for _, policy := range []leadsync.DuplicatePolicy{leadsync.HoldDuplicate, leadsync.AllowDuplicate} {
		org := sftest.NewOrg(t)
		org.AddDuplicateRule("Lead", sftest.DuplicateRule{MatchOn: []string{"LastName"}, Block: true})
		there := salesforce.ID(org.Insert("Lead", map[string]any{"LastName": scenario.Ada().LastName, "Company": "Else"}))
		other := scenario.Ada()
		other.ID, other.LastName, other.Email = "other", "Byron", "byron@else.example"
		outcomes, err := scenario.SyncerOf(t, org, &leadsync.Config{Duplicates: policy}).
			Sync(t.Context(), scenario.Ada(), other)
		require.Error(t, err)
		require.Equal(t, leadsync.Cleared, outcomes[1].Stage)
		require.Equal(t, leadsync.DuplicateRecord, outcomes[0].Err.Code)
		require.Contains(t, outcomes[0].Err.Fix(), "Lead "+string(there.ID18())+" ("+org.URL()+"/"+string(there.ID18())+")")
		require.NotContains(t, outcomes[0].Err.Error(), org.URL())
		require.Contains(t, leadsync.DuplicateRecord.Fix(), "duplicate policy", "the code alone names none")
	}
}

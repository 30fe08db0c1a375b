// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// applyElsewhere plans leads, and applies the plan from its JSON in a process that has not
// read the org. It returns the outcomes, and how many calls that took.
func applyElsewhere(t *testing.T, org *sftest.Org, change func(), leads ...*leadsync.Lead) ([]*leadsync.Outcome, int) {
	t.Helper()
	plan, err := scenario.SyncerOf(t, org, nil).Plan(t.Context(), leads...)
	require.NoError(t, err)
	data, err := json.Marshal(plan)
	require.NoError(t, err)
	var kept leadsync.Plan
	require.NoError(t, json.Unmarshal(data, &kept))
	change()
	calls := org.Calls()
	outcomes, err := scenario.SyncerOf(t, org, nil).Apply(t.Context(), &kept)
	if err != nil {
		var failed *leadsync.BatchError
		require.ErrorAs(t, err, &failed)
	}
	return outcomes, org.Calls() - calls
}

// twoAtHome are leads of two people with a title.
func twoAtHome() []*leadsync.Lead {
	ada, grace := adaAtHome(), adaAtHome()
	grace.ID, grace.FirstName, grace.LastName, grace.Email = "L2", "Grace", "Hopper", gracesEmail
	return []*leadsync.Lead{ada, grace}
}

// What may be left out is known from the describes. A process that applies a plan without
// having read the org reads it then, once, and only then: the leads failed.
func TestApplyReadsTheOrgWhenAValueIsRefused(t *testing.T) {
	t.Parallel()
	quiet := func(*sftest.Org) {}
	var calls [2]int
	for i, refuse := range []func(*sftest.Org){quiet, func(org *sftest.Org) {
		refusing(org, "Lead", "STRING_TOO_LONG", "Title")
	}} {
		org := sftest.NewOrg(t)
		var outcomes []*leadsync.Outcome
		outcomes, calls[i] = applyElsewhere(t, org, func() { refuse(org) }, twoAtHome()...)
		for _, out := range outcomes {
			require.Equal(t, leadsync.Cleared, out.Stage, "%v", out.Err)
			if i == 1 {
				requireLeftOut(t, out, []string{"Title"})
			}
		}
		require.Equal(t, 2, org.Count("Lead"))
		require.Equal(t, 2, org.Count("Task"))
	}
	require.Equal(t, calls[0]+2, calls[1], "the describes, and the rows again")
}

// A refusal that stands anyway costs no call.
func TestApplyReadsNothingForARefusalThatStands(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	outcomes, calls := applyElsewhere(t, org, func() {
		refusing(org, "Lead", "FIELD_CUSTOM_VALIDATION_EXCEPTION", "Title")
	}, twoAtHome()...)
	for _, out := range outcomes {
		require.Equal(t, leadsync.Failed, out.Stage)
	}
	require.Equal(t, 2, calls, "the records again, and the write")
}

// Where the org cannot be read, the refusal stands, and nothing is lost.
func TestApplyFailsForARefusedValueWhereTheOrgCannotBeRead(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	tried := 0
	outcomes, _ := applyElsewhere(t, org, func() {
		refusing(org, "Lead", "STRING_TOO_LONG", "Title")
		org.Fail(func(r *http.Request, _ int) *sftest.Fault {
			body, _ := io.ReadAll(r.Body)
			if !strings.Contains(string(body), "/describe") {
				return nil
			}
			tried++
			return &sftest.Fault{Status: http.StatusForbidden, Body: `[{"errorCode":"API_DISABLED_FOR_ORG","message":"no"}]`}
		})
	}, twoAtHome()...)
	require.Equal(t, 1, tried, "for all rows together")
	for _, out := range outcomes {
		require.Equal(t, leadsync.Failed, out.Stage)
		require.ErrorIs(t, out.Err, leadtype.DataValueValidation)
		require.Equal(t, []string{"Title"}, out.Err.Fields)
	}
	require.Zero(t, org.Count("Lead"))
}

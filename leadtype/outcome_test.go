// SPDX-License-Identifier: Apache-2.0

package leadtype_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/leadtype"
)

func TestOnlyFailedKeepsOrder(t *testing.T) {
	t.Parallel()
	first := &leadtype.Outcome{LeadID: "L1", Stage: leadtype.Failed}
	second := &leadtype.Outcome{LeadID: "L2", Stage: leadtype.Failed}
	require.Equal(t, []*leadtype.Outcome{first, second},
		leadtype.OnlyFailed([]*leadtype.Outcome{first, nil, {Stage: leadtype.Cleared}, second}))
	require.Empty(t, leadtype.OnlyFailed(nil))
}

func TestAReboundOutcomeHasNoOptionsOfTheOtherOrg(t *testing.T) {
	t.Parallel()
	failed := &leadtype.Outcome{LeadID: "L1", Stage: leadtype.Failed, Err: &leadtype.Error{
		Code: leadtype.DataValueValidation, Object: "Lead", Fields: []string{"Tier__c"},
		Reason: "is not an active option of the restricted picklist", Options: map[string][]string{"Tier__c": {"Gold"}}}}
	require.Empty(t, failed.Rebound().Err.Options)
	require.NotContains(t, failed.Rebound().Err.Fix(), "Gold")
	require.Equal(t, []string{"Gold"}, failed.Err.Options["Tier__c"], "the outcome itself is not changed")
}

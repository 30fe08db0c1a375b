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

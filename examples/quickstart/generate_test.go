// SPDX-License-Identifier: Apache-2.0

package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
)

func TestGenerateMakesDistinctLeadsThatAreAlwaysTheSame(t *testing.T) {
	t.Parallel()
	leads := generate(1000)
	require.Equal(t, leads, generate(1000))
	require.Equal(t, leads[:10], generate(10))
	ids, people := make(map[leadsync.LeadID]bool), make(map[string]bool)
	for _, lead := range leads {
		ids[lead.ID], people[lead.Email] = true, true
		require.Equal(t, demoEvent, lead.EventID)
		require.Len(t, lead.Activities, 1)
		require.Empty(t, lead.CapturedBy)
		require.False(t, lead.CapturedAt.IsZero())
	}
	require.Len(t, ids, 1000)
	require.Len(t, people, 1000)
}

// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

func TestFailureKeepsWhatEarlierSyncsFound(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	syncer := scenario.SyncerOf(t, org, nil)
	lead := scenario.Ada()
	lead.Email = ""
	lead.Activities = []leadsync.Activity{{ID: "a", Kind: leadsync.ActivityCall}}
	sync := func() {
		_, err := syncer.Capture(t.Context(), lead)
		require.NoError(t, err)
		require.NoError(t, syncer.Drain(t.Context()))
	}
	sync()
	task := org.Rows("Task")[0]["Id"].(string)
	org.Update("Task", task, map[string]any{"Subject": "Call: went well"})
	lead.Email = "no address"
	sync()
	entries, err := syncer.Leads(t.Context(), leadsync.Filter{})
	require.NoError(t, err)
	require.Equal(t, leadsync.Failed, entries[0].Last.Stage)
	lead.Email = ""
	lead.LastName = "King"
	sync()
	require.Equal(t, 1, org.Count("Lead"))
	require.Equal(t, 1, org.Count("Task"))
}

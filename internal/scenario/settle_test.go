// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
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

// Two leads of one person were captured at one time, and the type of the record lacked the
// option for an answer of one. Before, that one was looked at again as a whole, and wrote over
// what the other had written last.
func TestLeadsOfOneTimeDoNotTakeTurns(t *testing.T) {
	t.Parallel()
	org, _, customer := tieredOrg(t)
	syncer := scenario.SyncerOf(t, org, &leadsync.Config{Qualifiers: []leadsync.Qualifier{{Name: "Tier",
		Fields: map[salesforce.Object]string{"Lead": "Tier__c"}, Unmapped: mapping.DropUnmapped}}})
	one, other := scenario.Ada(), scenario.Ada()
	one.CapturedAt = time.Now().Add(-time.Hour)
	other.ID, other.CapturedAt = "L2", one.CapturedAt
	one.Phone, other.Phone = "+1 555 0100", "+1 555 0200"
	one.Answers = map[string][]string{"Tier": {"Tin"}}
	again := func() (leadRow map[string]any, kinds []leadtype.WarningKind) {
		pushIn(t, syncer, leadsync.Filter{})
		require.NoError(t, syncer.Drain(t.Context()))
		return org.Rows("Lead")[0], scenario.StoredIn(t, syncer)[0].Last.WarningKinds()
	}
	captureIn(t, syncer, one, other)
	require.NoError(t, syncer.Drain(t.Context()))
	for range 2 {
		org.ResetLog()
		row, kinds := again()
		require.Zero(t, scenario.WritesOf(org))
		require.Equal(t, other.Phone, row["Phone"])
		require.Contains(t, kinds, leadtype.Unmapped)
	}
	org.Update("Lead", org.Rows("Lead")[0]["Id"].(string), map[string]any{"RecordTypeId": customer})
	row, kinds := again()
	require.Equal(t, []any{"Tin", other.Phone}, []any{row["Tier__c"], row["Phone"]}, "the new type has the option")
	require.NotContains(t, kinds, leadtype.Unmapped)
}

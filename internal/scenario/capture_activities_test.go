// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// keyings are orgs with and without key fields.
var keyings = map[string]func(*sftest.Org){
	"with key fields":    func(org *sftest.Org) { org.AddExternalID("Lead", "Contact", "Account", "Task") },
	"without key fields": func(*sftest.Org) {},
}

func TestActivityCapturedLaterIsTheOnlyThingWritten(t *testing.T) {
	t.Parallel()
	for name, set := range keyings {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			org := sftest.NewOrg(t)
			set(org)
			synctest.Test(t, func(t *testing.T) {
				syncer := timelessSyncer(t, org, nil)
				lead := scenario.Ada()
				lead.Activities = []leadsync.Activity{{ID: "A1", Kind: leadsync.ActivityCall, At: time.Now(), Notes: "first"}}
				_, err := syncer.Capture(t.Context(), lead)
				require.NoError(t, err)
				require.NoError(t, syncer.Drain(t.Context()))
				calls, writes := org.Calls(), scenario.WritesOf(org)

				second := leadsync.Activity{ID: "A2", Kind: leadsync.ActivityEmail, At: time.Now(), Notes: "second"}
				for range 3 {
					require.NoError(t, syncer.CaptureActivities(t.Context(), lead.ID, lead.Activities[0], second))
					require.NoError(t, syncer.Drain(t.Context()))
				}

				require.Equal(t, 2, org.Count("Task"))
				require.Equal(t, 1, scenario.WritesOf(org)-writes, "the Task, and nothing of the person")
				require.Equal(t, 2, org.Calls()-calls, "a lookup and a write")
				_, err = syncer.Capture(t.Context(), lead)
				require.NoError(t, err)
				require.Len(t, scenario.StoredIn(t, syncer)[0].Lead.Activities, 2, "a capture takes none away")
			})
		})
	}
}

func TestActivityOfAConvertedLeadIsLoggedOnTheContact(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	synctest.Test(t, func(t *testing.T) {
		syncer := timelessSyncer(t, org, nil)
		_, err := syncer.Capture(t.Context(), scenario.Ada())
		require.NoError(t, err)
		require.NoError(t, syncer.Drain(t.Context()))
		contact, _ := org.Convert(string(scenario.StoredIn(t, syncer)[0].Last.ID))

		require.NoError(t, syncer.CaptureActivities(t.Context(), "L1", leadsync.Activity{Kind: leadsync.ActivityMeeting}))
		require.NoError(t, syncer.Drain(t.Context()))

		require.Equal(t, contact, org.Rows("Task")[0]["WhoId"])
		require.Equal(t, 1, org.Count("Contact"))
	})
}

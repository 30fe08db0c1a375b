package scenario_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/salesforce/sftest"
	"github.com/leadsync/leadsync/store"
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
				require.Len(t, leadsOf(t, syncer)[0].Lead.Activities, 2, "a capture takes none away")
			})
		})
	}
}

func TestActivityOfALeadConvertedSinceGoesOnTheContact(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	synctest.Test(t, func(t *testing.T) {
		syncer := timelessSyncer(t, org, nil)
		_, err := syncer.Capture(t.Context(), scenario.Ada())
		require.NoError(t, err)
		require.NoError(t, syncer.Drain(t.Context()))
		contact, _ := org.Convert(string(leadsOf(t, syncer)[0].Last.ID))

		require.NoError(t, syncer.CaptureActivities(t.Context(), "L1", leadsync.Activity{Kind: leadsync.ActivityMeeting}))
		require.NoError(t, syncer.Drain(t.Context()))

		require.Equal(t, contact, org.Rows("Task")[0]["WhoId"])
		require.Equal(t, 1, org.Count("Contact"))
	})
}

func TestActivityOfALeadThatIsNotSyncedYetWaitsForIt(t *testing.T) {
	t.Parallel()
	s := newCaptor(t, leadsync.Config{WaitForEnrichment: true, Mode: leadsync.Manual})
	_, err := s.Capture(t.Context(), person("waiting"))
	require.NoError(t, err)
	require.NoError(t, s.CaptureActivities(t.Context(), "waiting", leadsync.Activity{Kind: leadsync.ActivityCall}))
	require.Equal(t, store.StateWaiting, leadsOf(t, s)[0].State)
	enriched := person("waiting")
	enriched.EnrichedAt = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	_, err = s.Capture(t.Context(), enriched)
	require.NoError(t, err)
	require.NoError(t, s.CaptureActivities(t.Context(), "waiting", leadsync.Activity{Kind: leadsync.ActivityEmail}))
	entry := leadsOf(t, s)[0]
	require.Equal(t, store.StateFrozen, entry.State)
	require.Len(t, entry.Lead.Activities, 2)
}

func TestActivityFreezesAClearedLeadUnderManual(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	s.have(t, clearedOutcome("L1"))
	require.NoError(t, s.SetMode(t.Context(), leadsync.Manual))
	require.NoError(t, s.CaptureActivities(t.Context(), "L1", leadsync.Activity{Kind: leadsync.ActivityCall}))
	require.Equal(t, store.StateFrozen, leadsOf(t, s.Syncer)[0].State)
}

func TestActivitiesThatCannotBeLoggedAreRefusedTogether(t *testing.T) {
	t.Parallel()
	s := newCaptor(t, leadsync.Config{})
	_, err := s.Capture(t.Context(), person("L1"))
	require.NoError(t, err)
	good := leadsync.Activity{Kind: leadsync.ActivityCall}
	cases := map[string]struct {
		activity leadsync.Activity
		want     string
	}{
		"kind":  {leadsync.Activity{Kind: "fax", Notes: "private"}, "is of no known kind"},
		"UTF-8": {leadsync.Activity{Kind: leadsync.ActivityCall, Notes: "\xff"}, "is not valid UTF-8"},
		"year":  {leadsync.Activity{Kind: leadsync.ActivityCall, At: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)}, "holds what JSON cannot carry"},
	}
	for name, c := range cases {
		err := s.CaptureActivities(t.Context(), "L1", good, c.activity)
		require.ErrorIs(t, err, leadsync.DataValueValidation, name)
		require.EqualError(t, err, `leadsync: capture activities lead "L1": DATA_VALUE_VALIDATION (activities[1]): `+c.want)
	}
	require.Empty(t, leadsOf(t, s)[0].Lead.Activities)

	err = s.CaptureActivities(t.Context(), "stranger", good)
	require.ErrorIs(t, err, store.ErrNoLead)
	require.EqualError(t, err, `leadsync: capture activities lead "stranger": DATA_VALUE_VALIDATION (id): capture the lead first: leadsync: the lead was not captured`)
}

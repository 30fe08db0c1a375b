// SPDX-License-Identifier: Apache-2.0

package leadsync_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/store"
)

func TestActivityOfALeadThatIsNotSyncedYetWaitsForIt(t *testing.T) {
	t.Parallel()
	s := newOfflineSyncer(t, leadsync.Config{WaitForEnrichment: true, Mode: leadsync.Manual})
	_, err := s.Capture(t.Context(), person("waiting"))
	require.NoError(t, err)
	require.NoError(t, s.CaptureActivities(t.Context(), "waiting", leadsync.Activity{Kind: leadsync.ActivityCall}))
	require.Equal(t, store.StateWaiting, scenario.StoredIn(t, s)[0].State)
	enriched := person("waiting")
	enriched.EnrichedAt = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	_, err = s.Capture(t.Context(), enriched)
	require.NoError(t, err)
	require.NoError(t, s.CaptureActivities(t.Context(), "waiting", leadsync.Activity{Kind: leadsync.ActivityEmail}))
	entry := scenario.StoredIn(t, s)[0]
	require.Equal(t, store.StateFrozen, entry.State)
	require.Len(t, entry.Lead.Activities, 2)
}

func TestActivityFreezesAClearedLeadUnderManual(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	s.have(t, clearedOutcome("L1"))
	require.NoError(t, s.SetMode(t.Context(), leadsync.Manual))
	require.NoError(t, s.CaptureActivities(t.Context(), "L1", leadsync.Activity{Kind: leadsync.ActivityCall}))
	require.Equal(t, store.StateFrozen, scenario.StoredIn(t, s.Syncer)[0].State)
}

func TestActivitiesThatCannotBeLoggedAreRefusedTogether(t *testing.T) {
	t.Parallel()
	s := newOfflineSyncer(t, leadsync.Config{})
	_, err := s.Capture(t.Context(), person("L1"))
	require.NoError(t, err)
	good := leadsync.Activity{Kind: leadsync.ActivityCall}
	cases := map[string]struct {
		activity leadsync.Activity
		want     string
	}{
		"kind": {leadsync.Activity{Kind: "fax", Notes: "private"}, `has an unknown kind: it ` +
			`must be one of "email", "call", "meeting", "linkedin", "sms", "note"`},
		"UTF-8": {leadsync.Activity{Kind: leadsync.ActivityCall, Notes: "\xff"}, "is not valid UTF-8"},
		"year": {leadsync.Activity{Kind: leadsync.ActivityCall, At: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)},
			"cannot be encoded as JSON"},
	}
	for name, c := range cases {
		err := s.CaptureActivities(t.Context(), "L1", good, c.activity)
		require.ErrorIs(t, err, leadsync.DataValueValidation, name)
		require.EqualError(t, err, `leadsync: capture activities lead "L1": DATA_VALUE_VALIDATION (activities[1]): `+c.want)
	}
	require.Empty(t, scenario.StoredIn(t, s)[0].Lead.Activities)

	err = s.CaptureActivities(t.Context(), "stranger", good)
	require.ErrorIs(t, err, store.ErrNoLead)
	require.EqualError(t, err,
		`leadsync: capture activities lead "stranger": DATA_VALUE_VALIDATION (id): capture the lead first: leadsync: the `+
			`lead was not captured`)
}

// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

func TestActivitiesBecomeTasksWithTheKindAsSubject(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	lead := scenario.Ada()
	zone := time.FixedZone("Tokyo", 9*60*60)
	for kind, subject := range map[leadsync.ActivityKind]string{"email": "Email", "call": "Call", "meeting": "Meeting",
		"linkedin": "LinkedIn", "sms": "SMS", "note": "Note"} {
		lead.Activities = append(lead.Activities,
			leadsync.Activity{Kind: kind, At: time.Date(2026, 5, 5, 1, 0, 0, 0, zone), Notes: subject + " notes"})
	}

	out := scenario.SyncOne(t, scenario.SyncerOf(t, org, nil), lead)

	tasks := org.Rows("Task")
	require.Len(t, tasks, 6)
	for _, task := range tasks {
		require.Equal(t, task["Subject"].(string)+" notes", task["Description"])
		require.Equal(t, "Completed", task["Status"])
		require.Equal(t, "2026-05-05", task["ActivityDate"], "the day is the event's, not UTC's")
		require.Equal(t, string(out.ID), task["WhoId"])
	}
}

func TestTaskOfAConvertedLeadIsOnTheContact(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	contact, _ := org.Convert(scenario.InsertLead(org, "Lovelace", "ada@analytical.example"))
	lead := scenario.Ada()
	lead.Activities = []leadsync.Activity{{Kind: leadsync.ActivityCall}}

	scenario.SyncOne(t, scenario.SyncerOf(t, org, nil), lead)

	require.Equal(t, contact, org.Rows("Task")[0]["WhoId"])
}

func TestTaskIsOwnedByTheRepsActiveUser(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	user := func(email string, active bool) string {
		return org.Insert("User", map[string]any{"LastName": "Rep", "Username": email, "Email": email, "IsActive": active})
	}
	rep := user("rep@host.example", true)
	user("gone@host.example", false)
	lead := scenario.Ada()
	lead.Activities = []leadsync.Activity{
		{ID: "1", Kind: leadsync.ActivityCall, By: "REP@host.example"},
		{ID: "2", Kind: leadsync.ActivityMeeting, By: "gone@host.example"},
		{ID: "3", Kind: leadsync.ActivityNote, By: "unheard@host.example"},
	}

	scenario.SyncOne(t, scenario.SyncerOf(t, org, nil), lead)

	owners := make(map[any]any)
	for _, task := range org.Rows("Task") {
		owners[task["Subject"]] = task["OwnerId"]
	}
	require.Equal(t, map[any]any{"Call": rep, "Meeting": org.UserID(), "Note": org.UserID()}, owners)
}

func TestLongNotesAreCutWithAWarning(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	lead := scenario.Ada()
	lead.Activities = []leadsync.Activity{{Kind: leadsync.ActivityNote, Notes: strings.Repeat("é", 40_000)}}
	syncer := scenario.SyncerOf(t, org, nil)

	out := scenario.SyncOne(t, syncer, lead)

	require.Len(t, []rune(org.Rows("Task")[0]["Description"].(string)), 32_000)
	require.Len(t, out.Warnings, 1)
	require.Equal(t, "Description", out.Warnings[0].Field)
	require.Equal(t, leadsync.Unchanged, scenario.SyncOne(t, syncer, lead).Action, "the cut text is recognised")
}

func TestAnActivityIsLoggedOnce(t *testing.T) {
	t.Parallel()
	for _, keyed := range []bool{false, true} {
		name := map[bool]string{false: "identified by its content", true: "identified by its key"}[keyed]
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			org := sftest.NewOrg(t)
			if keyed {
				org.AddExternalID("Lead", "Contact", "Account", "Task")
			}
			lead := scenario.Ada()
			lead.Activities = []leadsync.Activity{
				{ID: "a", Kind: leadsync.ActivityCall, Notes: "same"},
				{ID: "b", Kind: leadsync.ActivityCall, Notes: "same"}, // two calls alike are two calls
				{ID: "a", Kind: leadsync.ActivityCall, Notes: "same"}, // the same one twice is one
			}
			for range 3 {
				scenario.SyncOne(t, scenario.SyncerOf(t, org, nil), lead)
				require.Equal(t, 2, org.Count("Task"))
			}
			lead.Activities = append(lead.Activities, leadsync.Activity{ID: "c", Kind: leadsync.ActivityCall, Notes: "same"})
			scenario.SyncOne(t, scenario.SyncerOf(t, org, nil), lead)
			require.Equal(t, 3, org.Count("Task"))
		})
	}
}

func TestActivityOfNoKnownKindFailsItsTaskAlone(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	lead := scenario.Ada()
	lead.Activities = []leadsync.Activity{{Kind: "telepathy"}, {Kind: leadsync.ActivityCall}}

	outcomes, err := scenario.SyncerOf(t, org, nil).Sync(t.Context(), lead)

	require.ErrorIs(t, err, leadsync.DataValueValidation)
	require.Equal(t, leadsync.Failed, outcomes[0].Stage)
	require.Equal(t, 1, org.Count("Lead"))
	require.Equal(t, 1, org.Count("Task"))
}

func TestSecondActivityOfTheSameContentIsLogged(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	syncer := scenario.SyncerOf(t, org, nil)
	lead := scenario.Ada()
	at := time.Date(2026, 5, 4, 0, 0, 0, 0, time.UTC)
	lead.Activities = []leadsync.Activity{{ID: "b", Kind: leadsync.ActivityCall, At: at}}
	_, err := syncer.Capture(t.Context(), lead)
	require.NoError(t, err)
	require.NoError(t, syncer.Drain(t.Context()))
	lead.Activities = []leadsync.Activity{{ID: "a", Kind: leadsync.ActivityCall, At: at},
		{ID: "b", Kind: leadsync.ActivityCall, At: at}}
	_, err = syncer.Capture(t.Context(), lead)
	require.NoError(t, err)
	require.NoError(t, syncer.Drain(t.Context()))
	require.Equal(t, 2, org.Count("Task"))
}

func TestRepIsLookedUpAgainInALaterSession(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	now := time.Now()
	syncer := scenario.SyncerOf(t, org, &leadsync.Config{Now: func() time.Time { return now }})
	lead := scenario.Ada()
	lead.Activities = []leadsync.Activity{{ID: "1", Kind: leadsync.ActivityCall, By: "rep@host.example"}}
	scenario.SyncOne(t, syncer, lead)
	rep := org.Insert("User",
		map[string]any{"LastName": "Rep", "Username": "rep@host.example", "Email": "rep@host.example", "IsActive": true})
	now = now.Add(2 * time.Hour)
	lead.Activities = []leadsync.Activity{{ID: "2", Kind: leadsync.ActivityMeeting, By: "rep@host.example"}}

	scenario.SyncOne(t, syncer, lead)

	for _, task := range org.Rows("Task") {
		require.Equal(t, task["Subject"] == "Meeting", task["OwnerId"] == rep)
	}
}

// ActivityDate is the day in the event's time zone, whatever zone the activity's
// own time has; without the event's it is the activity's.
func TestActivityDateIsTheDayAtTheEvent(t *testing.T) {
	t.Parallel()
	tokyo := time.FixedZone("Tokyo", 9*60*60)
	captured := time.Date(2026, 5, 4, 9, 0, 0, 0, tokyo)
	for name, row := range map[string]struct {
		captured, at time.Time
		want         any
	}{
		"given in UTC":            {captured, time.Date(2026, 5, 4, 22, 0, 0, 0, time.UTC), "2026-05-05"},
		"given at the event":      {captured, time.Date(2026, 5, 5, 0, 30, 0, 0, tokyo), "2026-05-05"},
		"without a time":          {captured, time.Time{}, "2026-05-04"},
		"of an event without one": {time.Time{}, time.Date(2026, 5, 5, 0, 30, 0, 0, tokyo), "2026-05-05"},
		"of no time at all":       {time.Time{}, time.Time{}, nil},
	} {
		org := sftest.NewOrg(t)
		lead := scenario.Ada()
		lead.CapturedAt, lead.Activities = row.captured, []leadsync.Activity{{Kind: leadsync.ActivityNote, At: row.at}}
		scenario.SyncOne(t, scenario.SyncerOf(t, org, nil), lead)
		require.Equal(t, row.want, org.Rows("Task")[0]["ActivityDate"], name)
	}
}

// TaskSubtype where it fits.
func TestTaskSubtypeIsSetWhereItFits(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	lead := scenario.Ada()
	for _, kind := range []leadsync.ActivityKind{"email", "call", "meeting", "linkedin", "sms", "note"} {
		lead.Activities = append(lead.Activities, leadsync.Activity{ID: string(kind), Kind: kind})
	}
	scenario.SyncOne(t, scenario.SyncerOf(t, org, nil), lead)
	subtypes := make(map[any]any)
	for _, task := range org.Rows("Task") {
		subtypes[task["Subject"]] = task["TaskSubtype"]
	}
	require.Equal(t, "Email", subtypes["Email"])
	require.Equal(t, "Call", subtypes["Call"])
	for _, subject := range []string{"Meeting", "LinkedIn", "SMS", "Note"} {
		require.NotContains(t, []any{"Email", "Call"}, subtypes[subject], subject)
	}
}

// The id of an activity is the host's, else a hash of the rest: the same content
// is one activity, any other content another.
func TestActivityWithoutAnIDIsIdentifiedByAHash(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	org.AddExternalID("Lead", "Task")
	syncer := scenario.SyncerOf(t, org, nil)
	at := time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)
	call := leadsync.Activity{Kind: leadsync.ActivityCall, At: at, By: "rep@host.example", Notes: "hello"}
	elsewhere := call
	elsewhere.At, elsewhere.By = at.In(time.FixedZone("", 3600)), "Rep@Host.example" // the same instant and rep
	lead := scenario.Ada()
	lead.Activities = []leadsync.Activity{call, elsewhere}
	scenario.SyncOne(t, syncer, lead)
	require.Equal(t, 1, org.Count("Task"))

	later, other, note := call, call, call
	later.At, other.Notes, note.Kind = at.Add(time.Hour), "goodbye", leadsync.ActivityNote
	lead.Activities = append(lead.Activities, later, other, note)
	scenario.SyncOne(t, syncer, lead)
	require.Equal(t, 4, org.Count("Task"))
}

func TestLongIdsOfActivitiesFitTheKeyField(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	org.AddExternalID("Lead", "Task")
	syncer := scenario.SyncerOf(t, org, nil)
	lead := scenario.Ada()
	long := strings.Repeat("x", 300)
	lead.Activities = []leadsync.Activity{{ID: long + "1", Kind: leadsync.ActivityCall},
		{ID: long + "2", Kind: leadsync.ActivityCall}}

	scenario.SyncOne(t, syncer, lead)
	scenario.SyncOne(t, scenario.SyncerOf(t, org, nil), lead)

	require.Equal(t, 2, org.Count("Task"))
}

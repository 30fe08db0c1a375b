// SPDX-License-Identifier: Apache-2.0

package match

import (
	"time"

	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
)

// ClockSkew is how far Salesforce's clock and ours may differ.
const ClockSkew = 2 * time.Minute

// A Task is an activity of a lead on its way to Salesforce.
type Task struct {
	leadtype.Activity
	lead *leadtype.Lead
	Part string // identifies it among the lead's tasks
}

// TaskContent names the fields by which two Tasks of a person are the same.
func TaskContent() []string { return []string{"Subject", "ActivityDate", "Description"} }

// TasksOf returns the tasks that a lead wants: its activities and its answers to note
// qualifiers, each once.
func TasksOf(set *mapping.Set, lead *leadtype.Lead) []Task {
	activities := set.Activities(lead)
	tasks := make([]Task, 0, len(activities))
	var seen value.Set // nil for one
	if len(activities) > 1 {
		seen = make(value.Set, len(activities))
	}
	for i := range activities {
		id := activities[i].Key()
		if seen.Has(id) {
			continue
		}
		tasks = append(tasks, Task{Activity: activities[i], lead: lead, Part: id})
		if seen != nil {
			seen.Add(id)
		}
	}
	return tasks
}

// Subject is the Task's Subject: the name of the activity's kind, "" for an unknown
// kind.
func (t *Task) Subject() string {
	switch t.Kind {
	case leadtype.ActivityEmail:
		return "Email"
	case leadtype.ActivityCall:
		return "Call"
	case leadtype.ActivityMeeting:
		return "Meeting"
	case leadtype.ActivityLinkedIn:
		return "LinkedIn"
	case leadtype.ActivitySMS:
		return "SMS"
	case leadtype.ActivityNote:
		return "Note"
	}
	return ""
}

// Day is when it happened, in the time zone of the event, else of the activity.
func (t *Task) Day() (salesforce.Date, bool) {
	at := t.At
	if at.IsZero() {
		at = t.lead.CapturedAt
	}
	return salesforce.DateOf(value.InZone(at, value.EventZone(t.lead.CapturedAt))), !at.IsZero()
}

package leadsync

import "github.com/leadsync/leadsync/salesforce"

// A task is an activity of a lead on its way to Salesforce.
type task struct {
	Activity
	lead *Lead
	key  string // what the key field holds
	part string // identifies it among the lead's tasks
}

// tasksOf returns the tasks that a lead wants: its activities and its answers to note
// qualifiers, each once.
func tasksOf(set *mappingSet, lead *Lead) []task {
	var tasks []task
	seen := make(map[string]bool)
	for _, a := range set.activities(lead) {
		id := a.Key()
		if seen[id] {
			continue
		}
		seen[id] = true
		tasks = append(tasks, task{Activity: a, lead: lead, part: id, key: taskKeyText(lead.ID, id)})
	}
	return tasks
}

// subject is the Task's Subject: the name of the activity's kind, "" for an unknown
// kind.
func (t *task) subject() string {
	switch t.Kind {
	case ActivityEmail:
		return "Email"
	case ActivityCall:
		return "Call"
	case ActivityMeeting:
		return "Meeting"
	case ActivityLinkedIn:
		return "LinkedIn"
	case ActivitySMS:
		return "SMS"
	case ActivityNote:
		return "Note"
	}
	return ""
}

// day is when it happened, in the time zone of the event, else of the activity.
func (t *task) day() (salesforce.Date, bool) {
	at := t.At
	if at.IsZero() {
		at = t.lead.CapturedAt
	}
	return salesforce.DateOf(inZone(at, eventZone(t.lead.CapturedAt))), !at.IsZero()
}

package leadsync

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/leadsync/leadsync/internal/identity"
	"github.com/leadsync/leadsync/salesforce"
)

// An Activity is a touchpoint with a lead. It becomes a Task on the lead's
// record in Salesforce, logged once whatever is retried.
type Activity struct {
	// ID is the host's own key for the activity, unique within the lead. Empty
	// means a hash of the rest.
	ID   string       `json:"id,omitempty"`
	Kind ActivityKind `json:"kind"`
	// At is when it happened; zero means the lead's CapturedAt, whose time zone says
	// which day that is.
	At    time.Time `json:"at,omitzero"`
	By    string    `json:"by,omitempty"` // the rep's e-mail address
	Notes string    `json:"notes,omitempty"`
}

// An ActivityKind is what sort of touchpoint an Activity was.
type ActivityKind string

// The kinds of activity.
const (
	ActivityEmail    ActivityKind = "email"
	ActivityCall     ActivityKind = "call"
	ActivityMeeting  ActivityKind = "meeting"
	ActivityLinkedIn ActivityKind = "linkedin"
	ActivitySMS      ActivityKind = "sms"
	ActivityNote     ActivityKind = "note"
)

// AddActivities appends the activities whose ID, or whose content where they have
// none, no activity of the lead has yet.
func (l *Lead) AddActivities(activities ...Activity) {
	known := make(set, len(l.Activities))
	for i := range l.Activities {
		known.add(l.Activities[i].key())
	}
	for i := range activities {
		if key := activities[i].key(); !known.has(key) {
			known.add(key)
			l.Activities = append(l.Activities, activities[i])
		}
	}
}

// key tells an activity from the lead's others.
func (a *Activity) key() string {
	if a.ID != "" {
		return a.ID
	}
	return a.hash()
}

func (k ActivityKind) valid() bool {
	return slices.Contains([]ActivityKind{ActivityEmail, ActivityCall, ActivityMeeting, ActivityLinkedIn, ActivitySMS, ActivityNote}, k)
}

// A task is an activity of a lead on its way to Salesforce.
type task struct {
	Activity
	lead *Lead
	key  string // what the key field holds
	part string // what tells it from the lead's other tasks
}

// tasksOf returns the tasks that a lead wants: its activities and its answers
// to note qualifiers, each once.
func tasksOf(set *mappingSet, lead *Lead) []task {
	var tasks []task
	seen := make(map[string]bool)
	for _, a := range set.activities(lead) {
		id := a.key()
		if seen[id] {
			continue
		}
		seen[id] = true
		tasks = append(tasks, task{Activity: a, lead: lead, part: id, key: taskKeyText(lead.ID, id)})
	}
	return tasks
}

// hash is the id of an activity that has none: the same for the same content.
func (a *Activity) hash() string {
	h := sha256.New()
	for _, part := range []string{string(a.Kind), a.At.UTC().Format(time.RFC3339Nano), identity.Email(a.By), a.Notes} {
		fmt.Fprintf(h, "%d:%s", len(part), part)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// subject is the Task's Subject, exactly the activity's kind as people say it.
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

// planTasks plans a Task for each activity that Salesforce does not hold yet.
func (p *planning) planTasks(u *unit) {
	for i, one := range u.matches {
		if u.plans[i].Err != nil {
			continue
		}
		for _, t := range tasksOf(p.set, one.lead) {
			part := p.planTask(u, one, u.plans[i], &t)
			part.Err = part.Err.forLead(one.lead.ID)
			u.plans[i].Parts = append(u.plans[i].Parts, part)
		}
	}
}

func (p *planning) planTask(u *unit, one *match, plan *LeadPlan, t *task) PlannedPart {
	part := PlannedPart{Kind: PartTask, Object: salesforce.ObjectTask, Key: t.part, Change: Unplanned}
	if t.subject() == "" {
		part.Err = &Error{Op: "plan", Object: salesforce.ObjectTask, Code: DataValueValidation, Fields: []string{"Subject"}, Reason: "the activity is of no known kind"}
		return part
	}
	want, warnings, err := p.taskFields(t)
	if err != nil {
		part.Err = err
		return part
	}
	keyField := p.session.keyField(p.set, salesforce.ObjectTask)
	if part.ID = p.taskLogged(u, one, t, want, keyField); part.ID != "" {
		return part
	}
	plan.Warnings = append(plan.Warnings, warnings...)
	change := Change{Kind: PartTask, Object: salesforce.ObjectTask}
	if keyField != "" {
		want[keyField], change.UniqueField = t.key, keyField
	} else if at, waits := p.mayStillCome(p.pending.Last(one.item.intent(PartTask, t.part), partKeys(plan, PartTask, t.part), "")); waits {
		late := uncertain(salesforce.ObjectTask)
		part.Err, part.RetryAt = &late, at
		return part
	}
	p.refer(u, "WhoId", want, &change)
	part.Change, part.Err = p.change(change, nil, want, []LeadID{plan.LeadID})
	return part
}

// taskLogged returns the Task that already stands for an activity, if any: the
// one that an earlier sync of the lead wrote, the one with our key, or where
// the org has no key field one that cannot be told from it.
func (p *planning) taskLogged(u *unit, one *match, t *task, want salesforce.Fields, keyField string) salesforce.ID {
	if id := p.done[donePart{one.lead.ID, t.part}]; id != "" {
		return id
	}
	if keyField != "" {
		return p.index.taskIDs[strings.ToLower(t.key)]
	}
	if u.record == nil {
		return ""
	}
	text := func(field string) string { s, _ := want[field].(string); return s }
	like := taskKey{who: u.record.ID, subject: t.subject(), date: text("ActivityDate"), description: foldText(text("Description"))}
	for _, id := range p.index.tasks[like] {
		if !p.logged[id] {
			p.logged[id] = true
			return id
		}
	}
	return ""
}

// A donePart is one activity of a lead.
type donePart struct {
	lead LeadID
	part string
}

// remember takes in the Tasks that earlier syncs of a lead ended with.
func (p *planning) remember(it *item) {
	if it.last == nil {
		return
	}
	for _, part := range it.last.Parts {
		if part.Kind == PartTask && part.ID != "" && part.Err == nil {
			p.done[donePart{it.lead.ID, part.Key}] = part.ID
			p.logged[part.ID] = true
		}
	}
}

// taskFields are the Task's values, without its person. Fields that the org
// hides from the connected user are left out.
func (p *planning) taskFields(t *task) (salesforce.Fields, []Warning, *Error) {
	describe := p.session.describe(salesforce.ObjectTask)
	if describe == nil {
		return nil, nil, forbidden(salesforce.ObjectTask, "see")
	}
	values := salesforce.Fields{"Subject": t.subject(), "Description": t.Notes, "Status": "Completed"}
	if day, ok := t.day(); ok {
		values["ActivityDate"] = day.String()
	}
	if t.Kind == ActivityEmail || t.Kind == ActivityCall {
		values["TaskSubtype"] = t.subject()
	}
	owner, warnings, invalid := p.taskOwner(t)
	if invalid != nil {
		return nil, nil, invalid
	}
	if owner != "" {
		values[ownerField] = string(owner)
	}
	fields := make(salesforce.Fields, len(values))
	for _, name := range slices.Sorted(maps.Keys(values)) {
		field, ok := describe.Field(name)
		if !ok || !field.Createable {
			if name != "TaskSubtype" && name != ownerField {
				warnings = append(warnings, Warning{Code: ConnectionPermission, Object: salesforce.ObjectTask, Field: name, Reason: "skipped: the connected user may not write it"})
			}
			continue
		}
		value, notes, problem := convert(field, values[name], Options{})
		if problem != nil {
			return nil, nil, ofField("plan", salesforce.ObjectTask, problem)
		}
		warnings = append(warnings, warningsOf(salesforce.ObjectTask, notes)...)
		if value != nil {
			fields[field.Name] = value
		}
	}
	return fields, warnings, nil
}

package leadsync

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/leadsync/leadsync/salesforce"
)

// A taskPlanning plans the Tasks of a batch.
type taskPlanning struct {
	*planning
	done   map[doneTask]salesforce.ID // that earlier syncs created
	logged map[salesforce.ID]bool     // Tasks in Salesforce that are an activity's already
}

// A doneTask is one activity of a lead.
type doneTask struct {
	lead LeadID
	part string
}

func newTaskPlanning(p *planning, matches []*match) *taskPlanning {
	tasks := &taskPlanning{p, make(map[doneTask]salesforce.ID), make(map[salesforce.ID]bool)}
	for _, one := range matches {
		tasks.remember(one.item)
	}
	return tasks
}

// remember notes the Tasks of a lead's last sync.
func (p *taskPlanning) remember(it *item) {
	if it.last == nil {
		return
	}
	for _, part := range it.last.Parts {
		if part.Kind == PartTask && part.ID != "" && part.Err == nil {
			p.done[doneTask{it.lead.ID, part.Key}] = part.ID
			p.logged[part.ID] = true
		}
	}
}

// planTasks plans a Task for each activity that Salesforce does not hold yet.
func (p *taskPlanning) planTasks(u *person) {
	for i, one := range u.matches {
		if u.plans[i].Err != nil {
			continue
		}
		for _, t := range tasksOf(p.set, one.lead) {
			part := p.planTask(u, one, u.plans[i], &t)
			part.Err = forLead(part.Err, one.lead.ID)
			u.plans[i].Parts = append(u.plans[i].Parts, part)
		}
	}
}

func (p *taskPlanning) planTask(u *person, one *match, plan *LeadPlan, t *task) PlannedPart {
	part := PlannedPart{Kind: PartTask, Object: salesforce.ObjectTask, Key: t.part, Change: Unplanned}
	want, warnings, err := p.fields(t)
	if err != nil {
		part.Err = err
		return part
	}
	keyField := p.session.keyField(p.set, salesforce.ObjectTask)
	if part.ID = p.existing(u, one, t, want, keyField); part.ID != "" {
		return part
	}
	plan.Warnings = append(plan.Warnings, warnings...)
	change := Change{Kind: PartTask, Object: salesforce.ObjectTask}
	if keyField != "" {
		want[keyField], change.UniqueField = t.key, keyField
	} else if part.Err, part.RetryAt = p.pendingTask(one, plan, t); part.Err != nil {
		return part
	}
	p.refer(u, "WhoId", want, &change)
	part.Change, part.Err = p.change(change, nil, want, []LeadID{plan.LeadID})
	return part
}

// pendingTask says that an earlier create of the Task may still be applied, and when
// to look again; nil when there is none.
func (p *taskPlanning) pendingTask(one *match, plan *LeadPlan, t *task) (*Error, time.Time) {
	last := p.pending.Last(one.item.intent(PartTask, t.part), partKeys(plan, PartTask, t.part), "")
	at, waits := p.lookAgain(last)
	if !waits {
		return nil, time.Time{}
	}
	return uncertain(salesforce.ObjectTask), at
}

// existing returns the Task that is the activity's already, if any: the one that an
// earlier sync of the lead created, the one with our key, or where the org has no key
// field one with the same content.
func (p *taskPlanning) existing(
	u *person, one *match, t *task, want salesforce.Fields, keyField string,
) salesforce.ID {
	if id := p.done[doneTask{one.lead.ID, t.part}]; id != "" {
		return id
	}
	if keyField != "" {
		return p.index.taskIDs[strings.ToLower(t.key)]
	}
	if u.record == nil {
		return ""
	}
	text := func(field string) string { s, _ := want[field].(string); return s }
	same := taskKey{
		who: u.record.ID, subject: t.subject(), date: text("ActivityDate"), description: foldText(text("Description"))}
	for _, id := range p.index.tasks[same] {
		if !p.logged[id] {
			p.logged[id] = true
			return id
		}
	}
	return ""
}

// fields are the Task's values, without its person. Fields that the org hides from
// the connected user are left out.
func (p *taskPlanning) fields(t *task) (salesforce.Fields, []Warning, *Error) {
	if t.subject() == "" {
		return nil, nil, &Error{Op: "plan", Object: salesforce.ObjectTask, Code: DataValueValidation,
			Fields: []string{"Subject"}, Reason: "the activity has an unknown kind"}
	}
	describe := p.session.describe(salesforce.ObjectTask)
	if describe == nil {
		return nil, nil, forbidden(salesforce.ObjectTask, "see")
	}
	values := taskValues(t)
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
			warnings = append(warnings, skippedTaskField(name)...)
			continue
		}
		converted, notes, problem := convert(field, values[name], Options{})
		if problem != nil {
			return nil, nil, ofField("plan", salesforce.ObjectTask, problem)
		}
		warnings = append(warnings, warningsOf(salesforce.ObjectTask, notes)...)
		if converted != nil {
			fields[field.Name] = converted
		}
	}
	return fields, warnings, nil
}

// taskValues are the values of a Task before they are converted.
func taskValues(t *task) salesforce.Fields {
	values := salesforce.Fields{"Subject": t.subject(), "Description": t.Notes, "Status": "Completed"}
	if day, ok := t.day(); ok {
		values["ActivityDate"] = day.String()
	}
	if t.Kind == ActivityEmail || t.Kind == ActivityCall {
		values["TaskSubtype"] = t.subject()
	}
	return values
}

// skippedTaskField warns of a field that the connected user may not write. A subtype
// or an owner is only a nicety.
func skippedTaskField(name string) []Warning {
	if name == "TaskSubtype" || name == ownerField {
		return nil
	}
	return []Warning{{Code: ConnectionPermission, Object: salesforce.ObjectTask, Field: name,
		Reason: "skipped: the connected user may not write it"}}
}

// taskOwner returns the owner of a new Task: the rep, else the fallback owner.
func (p *taskPlanning) taskOwner(t *task) (salesforce.ID, []Warning, *Error) {
	rep, ok := p.session.reps.user(t.By)
	if ok && !p.session.reps.refused(rep) {
		return rep, nil, nil
	}
	var warnings []Warning
	switch {
	case ok:
		warnings = []Warning{refusedOwner(salesforce.ObjectTask)}
	case !blankText(t.By) && p.owners == HoldOwner:
		return "", nil, &Error{Op: "plan", Object: salesforce.ObjectTask, Code: OwnerInvalid, Fields: []string{ownerField},
			Reason: noSuchUser}
	case !blankText(t.By):
		warnings = []Warning{{Code: OwnerInvalid, Object: salesforce.ObjectTask, Field: ownerField, Reason: noSuchUser}}
	}
	return p.fallbackOwner(salesforce.ObjectTask), warnings, nil
}

// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/leadsync/leadsync/internal/match"
	"github.com/leadsync/leadsync/internal/reading"
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/internal/verdict"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// A taskPlanning plans the Tasks of a batch.
type taskPlanning struct {
	*planning
	done   map[doneTask]salesforce.ID // that earlier syncs created
	logged map[salesforce.ID]bool     // Tasks in Salesforce that are an activity's already

	describe *salesforce.Describe // of Task for new records, nil where it is hidden
	status   string               // of a Task without rules, "" for the org's default
	// Most Tasks of a batch have the same day and the same taskValues.
	day  salesforce.Date
	date string // of day
	last [5]convertedText
	// plain is where plainFields gathers them.
	plain salesforce.Fields
}

// A convertedText is what became of a text for a field.
type convertedText struct {
	text    string // "" at first
	value   any
	notes   []value.Note
	problem *value.Problem
}

// convert converts a text for one of the taskValues' fields.
func (c *convertedText) convert(field *salesforce.Field, text string) *convertedText {
	if c.text != text {
		c.text = text
		c.value, c.notes, c.problem = value.Convert(field, text, value.Options{})
	}
	return c
}

// A doneTask is one activity of a lead.
type doneTask struct {
	lead leadtype.LeadID
	part string
}

func newTaskPlanning(p *planning, matches []*match.Match) *taskPlanning {
	target := p.target(salesforce.ObjectTask, nil)
	tasks := &taskPlanning{planning: p, done: make(map[doneTask]salesforce.ID), logged: make(map[salesforce.ID]bool),
		describe: target.Describe, plain: make(salesforce.Fields)}
	if target.Describe != nil {
		tasks.describe = p.Set.DescribeForNew(target)
		tasks.status = p.session.DoneTask(tasks.describe).Name
	}
	for _, one := range matches {
		tasks.remember(one.Item)
	}
	return tasks
}

// remember notes the Tasks of a lead's last sync.
func (p *taskPlanning) remember(it *match.Item) {
	if it.Last == nil {
		return
	}
	for _, part := range it.Last.Parts {
		if part.Kind == leadtype.PartTask && part.ID != "" && part.Err == nil {
			p.done[doneTask{it.Lead.ID, part.Key}] = part.ID
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
		tasks := one.Tasks(p.Set)
		for k := range tasks {
			part := p.planTask(u, one, u.plans[i], &tasks[k])
			part.Err = verdict.ForLead(part.Err, one.Lead.ID)
			u.plans[i].Parts = append(u.plans[i].Parts, part)
		}
	}
}

func (p *taskPlanning) planTask(u *person, one *match.Match, plan *leadtype.LeadPlan,
	t *match.Task) leadtype.PlannedPart {
	part := leadtype.PlannedPart{Kind: leadtype.PartTask, Object: salesforce.ObjectTask, Key: t.Part,
		Change: leadtype.Unplanned}
	keyField := match.KeyFieldOf(p.session, p.Set, salesforce.ObjectTask)
	part.ID = p.known(one, t, keyField)
	if part.ID == "" && keyField.Name == "" {
		if sent := p.sentTask(u, one, t); sent != nil {
			part.ID = sent.ID
			part.Change, part.Err = p.moveTask(u, one, sent)
			return part
		}
	}
	var want salesforce.Fields
	var warnings []leadtype.Warning
	if part.ID == "" {
		if want, warnings, part.Err = p.fields(u, one, t); part.Err == nil {
			part.ID = p.existing(u, one, plan, t, want, keyField)
		} else if part.ID = p.loggedPlain(u, t, keyField); part.ID != "" {
			part.Err = nil // it is there: the rules are for a new one
		}
	}
	if part.Err != nil {
		return part
	}
	if part.ID != "" {
		part.Change, part.Err = p.moveTask(u, one, p.taskRecord(part.ID, keyField.Task(one.Lead.ID, t.Part)))
		return part
	}
	if lost := p.lostTask(one, t, want); lost != nil && keyField.Name == "" {
		part.ID = lost.ID
		part.Change, part.Err = p.moveTask(u, one, lost)
		return part
	}
	for i := range warnings {
		warnings[i].Part = t.Part
	}
	plan.Warnings = append(plan.Warnings, warnings...)
	change := leadtype.Change{Kind: leadtype.PartTask, Object: salesforce.ObjectTask}
	if keyField.Name != "" {
		want[keyField.Name], change.UniqueField = keyField.Task(one.Lead.ID, t.Part), keyField.Name
	} else if part.Err, part.RetryAt = p.pendingTask(one, plan, t); part.Err != nil {
		return part
	}
	p.refer(u, "WhoId", want, &change)
	part.Change, part.Err = p.change(change, nil, want, u.idOf(plan))
	return part
}

// moveTask plans to move a Task that was logged on a record which is not the corrected
// lead's. One that a person has moved or deleted is left alone, and so is one that another
// user created.
func (p *taskPlanning) moveTask(u *person, one *match.Match, task *salesforce.Record) (int, *leadtype.Error) {
	if task == nil {
		return leadtype.Unplanned, nil
	}
	by, who := salesforce.ID(task.Text("CreatedById")), salesforce.ID(task.Text("WhoId")).ID18()
	foreign := p.session.User != "" && by != "" && !p.session.User.Equal(by)
	if foreign || u.record != nil && u.record.ID.Equal(who) || !slices.Contains(one.LeftRecords(), who) {
		return leadtype.Unplanned, nil
	}
	want := make(salesforce.Fields)
	change := leadtype.Change{Kind: leadtype.PartTask, Object: salesforce.ObjectTask}
	p.refer(u, "WhoId", want, &change)
	if len(change.Refs) > 0 {
		change.Replaced = salesforce.Fields{"WhoId": string(who)}
	}
	return p.change(change, task, want, []leadtype.LeadID{one.Lead.ID})
}

// sentTask returns the Task that holds what a create of the activity without a response was
// to write, nil for none: on the person's record, or on one that the corrected lead has left.
// What the rules make of the activity now is another matter.
func (p *taskPlanning) sentTask(u *person, one *match.Match, t *match.Task) *salesforce.Record {
	intent := one.Item.Intent(leadtype.PartTask, t.Part)
	if intent == nil || intent.Content == "" {
		return nil
	}
	records := one.FormerRecords()
	if u.record != nil {
		records = slices.Insert(records, 0, u.record.ID)
	}
	for _, record := range records {
		for _, content := range p.index.TasksOn(record) {
			if content.Digest(one.Lead.ID) != intent.Content {
				continue
			}
			if id := p.take(content); id != "" {
				return &salesforce.Record{Object: salesforce.ObjectTask, ID: id,
					Fields: salesforce.Fields{"WhoId": string(content.Who)}}
			}
		}
	}
	return nil
}

// lostTask returns the Task of a create without a response on a record that the corrected
// lead has left, nil for none.
func (p *taskPlanning) lostTask(one *match.Match, t *match.Task, want salesforce.Fields) *salesforce.Record {
	if one.Item.Intent(leadtype.PartTask, t.Part) == nil {
		return nil
	}
	for _, record := range one.FormerRecords() {
		if id := p.sameTask(record, t, want); id != "" {
			return &salesforce.Record{Object: salesforce.ObjectTask, ID: id,
				Fields: salesforce.Fields{"WhoId": string(record)}}
		}
	}
	return nil
}

// taskKey returns what makes a Task on a record the same as the one wanted.
func taskKey(who salesforce.ID, t *match.Task, want salesforce.Fields) match.TaskKey {
	text := func(field string) string { s, _ := want[field].(string); return s }
	return match.TaskKey{Who: who, Subject: t.Subject(), Date: text("ActivityDate"),
		Description: value.StoredText(text("Description"))}
}

// taskRecord returns a Task of which it is known whose it is, nil for any other.
func (p *taskPlanning) taskRecord(id salesforce.ID, key string) *salesforce.Record {
	if task := p.index.Movable[id.ID18()]; task != nil {
		return task
	}
	if task, ok := p.index.Keyed[key]; ok && task.ID == id {
		return &salesforce.Record{Object: salesforce.ObjectTask, ID: id, Fields: salesforce.Fields{"WhoId": string(task.Who)}}
	}
	return nil
}

// pendingTask says that an earlier create of the Task may still be applied, and when
// to look again; nil when there is none.
func (p *taskPlanning) pendingTask(one *match.Match, plan *leadtype.LeadPlan,
	t *match.Task) (*leadtype.Error, time.Time) {
	last := p.Pending.Last(one.Item.Intent(leadtype.PartTask, t.Part), plan, leadtype.PartTask, t.Part, "")
	at, waits := p.lookAgain(last)
	if !waits {
		return nil, time.Time{}
	}
	return uncertain(salesforce.ObjectTask), at
}

// known returns the Task that is the activity's whatever it holds, if any: the one that an
// earlier sync of the lead created, or the one with our key.
func (p *taskPlanning) known(one *match.Match, t *match.Task, keyField match.KeyField) salesforce.ID {
	if id := p.done[doneTask{one.Lead.ID, t.Part}]; id != "" {
		return id
	}
	if keyField.Name != "" {
		return p.index.Keyed[keyField.Task(one.Lead.ID, t.Part)].ID
	}
	return ""
}

// loggedPlain returns a Task with the activity's own content, "" for none.
func (p *taskPlanning) loggedPlain(u *person, t *match.Task, keyField match.KeyField) salesforce.ID {
	if u.record == nil || keyField.Name != "" || p.describe == nil || t.Subject() == "" {
		return ""
	}
	plain, _ := p.plainFields(t)
	return p.take(taskKey(u.record.ID, t, plain))
}

// existing returns the Task that is the activity's already by its content, if any: one with
// our key in its earlier form, or where the org has no key field one with the same content.
func (p *taskPlanning) existing(
	u *person, one *match.Match, plan *leadtype.LeadPlan, t *match.Task, want salesforce.Fields,
	keyField match.KeyField,
) salesforce.ID {
	if u.record == nil {
		return ""
	}
	if keyField.Name != "" {
		return p.oldTask(one, plan, t, taskKey(u.record.ID, t, want), keyField)
	}
	return p.sameTask(u.record.ID, t, want)
}

// sameTask returns a Task of a record with the activity's content that is no other
// activity's, "" for none: with that which the rules of the mapping give it, else with its
// own, as it is of Tasks that were logged before there were such rules.
func (p *taskPlanning) sameTask(record salesforce.ID, t *match.Task, want salesforce.Fields) salesforce.ID {
	id := p.take(taskKey(record, t, want))
	if id == "" && p.Set.MapsTasks() {
		plain, _ := p.plainFields(t)
		id = p.take(taskKey(record, t, plain))
	}
	return id
}

// take returns a Task with some content that is no activity's yet, "" for none.
func (p *taskPlanning) take(content match.TaskKey) salesforce.ID {
	for _, id := range p.index.Tasks[content] {
		if !p.logged[id] {
			p.logged[id] = true
			return id
		}
	}
	return ""
}

// oldTask returns the Task with the activity's key in its earlier form, if it is the
// activity's. That key is not the activity's alone: "a" + "b/1" and "a/b" + "1" are the
// same, and so are those of two systems that number their leads. A Task of another
// record is another lead's; where ids have a slash, so is one with other content.
func (p *taskPlanning) oldTask(one *match.Match, plan *leadtype.LeadPlan, t *match.Task, same match.TaskKey,
	keyField match.KeyField) salesforce.ID {
	key := match.OldTaskKey(one.Lead.ID, t.Part)
	task, ok := p.index.Keyed[key]
	if !ok || p.logged[task.ID] || !p.isWho(one, same.Who, task.Who) {
		return ""
	}
	alike := task.Subject == same.Subject && strings.Contains(task.Description, same.Description)
	if !alike {
		if strings.Count(key, "/") > 1 {
			return ""
		}
		p.warn(plan, leadtype.Warning{Kind: leadtype.RecordReused, Code: leadtype.AmbiguousMatch,
			Object: salesforce.ObjectTask, Field: keyField.Name, Part: t.Part,
			Reason: "the Task with the activity's key in its earlier form has other content and was taken for it"})
	}
	p.logged[task.ID] = true
	return task.ID
}

// isWho reports whether a Task of the record who belongs to the person of a lead, whose
// record is person: to it, or to one that was merged into it or converted to it. It is true
// where the connected user does not see whose Task it is.
func (p *taskPlanning) isWho(one *match.Match, person, who salesforce.ID) bool {
	if _, seen := p.session.Describe(salesforce.ObjectTask).Field("WhoId"); !seen || who == person {
		return true
	}
	return slices.ContainsFunc(one.Trace.Probes, func(probe leadtype.ProbeTrace) bool {
		return probe.Hit && slices.ContainsFunc(probe.Candidates, func(c leadtype.Candidate) bool {
			return c.ID == who && c.Note != "" && c.Note != leadtype.NoteDeleted && c.Note != leadtype.NoteNoHit
		})
	})
}

// fields are the Task's values, without its person. Fields that the org hides from
// the connected user are left out, and values that it does not take, with a warning.
func (p *taskPlanning) fields(u *person, one *match.Match, t *match.Task) (salesforce.Fields, []leadtype.Warning,
	*leadtype.Error) {
	if t.Subject() == "" {
		unknown := &leadtype.Error{Op: "plan", Object: salesforce.ObjectTask, Code: leadtype.DataValueValidation,
			Fields: []string{"Subject"}, Reason: "the activity has an unknown kind"}
		if why, ok := errors.AsType[*leadtype.Error](t.Check()); ok {
			unknown.Reason = "the activity " + why.Reason
		}
		return nil, nil, unknown
	}
	if p.describe == nil {
		return nil, nil, verdict.Forbidden(salesforce.ObjectTask, "see")
	}
	fields, warnings := p.plainFields(t)
	if p.Set.MapsTasks() {
		var err *leadtype.Error
		if fields, warnings, err = p.mappedFields(u, one, t, fields, warnings); err != nil {
			return nil, nil, err
		}
	}
	if fields[value.OwnerField] != nil {
		return fields, warnings, nil
	}
	owner, more, invalid := p.taskOwner(t)
	if field, ok := p.describe.Field(value.OwnerField); owner != "" && ok && field.Createable {
		fields[field.Name] = string(owner)
	}
	return fields, append(warnings, more...), invalid
}

// mappedFields are the Task's values after the rules of the mapping. fields are those that it
// has without rules, warnings what there is to say of them.
func (p *taskPlanning) mappedFields(u *person, one *match.Match, t *match.Task,
	fields salesforce.Fields, warnings []leadtype.Warning) (salesforce.Fields, []leadtype.Warning, *leadtype.Error) {
	target := p.target(salesforce.ObjectTask, nil)
	target.Record = &salesforce.Record{Object: salesforce.ObjectTask, Fields: fields}
	mapped := p.Set.MapTask(one.Captured(), &t.Activity, target)
	if mapped.Err != nil {
		return nil, nil, mapped.Err
	}
	mapped.Warnings = p.checkOwner(salesforce.ObjectTask, mapped.Fields, mapped.Warnings)
	warnings = append(withoutReplaced(warnings, mapped.Fields), mapped.Warnings...)
	fields = maps.Clone(fields)
	maps.Copy(fields, mapped.Fields)
	maps.DeleteFunc(fields, func(_ string, v any) bool { return v == nil })
	if fields["WhatId"] != nil && u.object == salesforce.ObjectLead {
		delete(fields, "WhatId")
		warnings = append(warnings, unfitTaskField("WhatId", "was left out: a Task of a Lead cannot be related to "+
			"another record"))
	}
	return fields, warnings, nil
}

// plainFields are the values that a Task has without rules, as its fields take them. They are
// good until the next call.
func (p *taskPlanning) plainFields(t *match.Task) (salesforce.Fields, []leadtype.Warning) {
	var warnings []leadtype.Warning
	fields := p.plain
	clear(fields)
	for i, v := range p.taskValues(t) {
		if v.text == "" {
			continue
		}
		field, ok := p.describe.Field(v.field)
		if !ok || !field.Createable {
			warnings = append(warnings, skippedTaskField(v.field)...)
			continue
		}
		converted := p.last[i].convert(field, v.text)
		if converted.problem != nil {
			warnings = append(warnings, unfitTaskField(field.Name, converted.problem.Reason))
			continue
		}
		warnings = append(warnings, verdict.WarningsOf(salesforce.ObjectTask, converted.notes)...)
		if converted.value != nil {
			fields[field.Name] = converted.value
		}
	}
	return fields, warnings
}

// unfitTaskField warns of a value that the org does not take.
func unfitTaskField(name, reason string) leadtype.Warning {
	return leadtype.Warning{Kind: leadtype.Unfit, Code: leadtype.DataValueValidation, Object: salesforce.ObjectTask,
		Field: name, Reason: reason}
}

// withoutReplaced returns the warnings but for those of fields that rules have filled.
func withoutReplaced(warnings []leadtype.Warning, filled salesforce.Fields) []leadtype.Warning {
	return slices.DeleteFunc(warnings, func(w leadtype.Warning) bool {
		_, replaced := filled[w.Field]
		return replaced
	})
}

// plainTask are the fields that a Task may have without rules.
var plainTask = []string{"WhoId", "Subject", "Description", "Status", "ActivityDate", "TaskSubtype", value.OwnerField}

// A taskValue is the value that a field of a Task has without rules, "" for none.
type taskValue struct{ field, text string }

// taskValues are the values that a Task has without rules, before they are converted.
func (p *taskPlanning) taskValues(t *match.Task) [5]taskValue {
	var date, subtype string
	if day, ok := t.Day(); ok {
		if day != p.day {
			p.day, p.date = day, day.String()
		}
		date = p.date
	}
	if t.Kind == leadtype.ActivityEmail || t.Kind == leadtype.ActivityCall {
		subtype = t.Subject()
	}
	return [...]taskValue{{"ActivityDate", date}, {"Description", reading.Entities(t.Notes)}, {"Status", p.status},
		{"Subject", t.Subject()}, {"TaskSubtype", subtype}}
}

// skippedTaskField warns of a field that the connected user may not write. A subtype
// or an owner is only a nicety.
func skippedTaskField(name string) []leadtype.Warning {
	if name == "TaskSubtype" || name == value.OwnerField {
		return nil
	}
	return []leadtype.Warning{{Kind: leadtype.Locked, Code: leadtype.ConnectionPermission,
		Object: salesforce.ObjectTask, Field: name, Reason: "skipped: the connected user may not write it"}}
}

// taskOwner returns the owner of a new Task: the rep, else the fallback owner.
func (p *taskPlanning) taskOwner(t *match.Task) (salesforce.ID, []leadtype.Warning, *leadtype.Error) {
	rep, ok := p.session.Reps.User(t.By)
	if ok && !p.session.Reps.Refused(rep) {
		return rep, nil, nil
	}
	var warnings []leadtype.Warning
	switch {
	case ok:
		warnings = []leadtype.Warning{refusedOwner(salesforce.ObjectTask)}
	case !value.BlankText(t.By) && p.Owners == leadtype.HoldOwner:
		return "", nil, &leadtype.Error{Op: "plan", Object: salesforce.ObjectTask, Code: leadtype.OwnerInvalid,
			Fields: []string{value.OwnerField}, Reason: value.NoSuchUser}
	case !value.BlankText(t.By):
		warnings = []leadtype.Warning{replacedOwner(salesforce.ObjectTask, value.NoSuchUser)}
	}
	return p.fallbackOwner(salesforce.ObjectTask), warnings, nil
}

// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/leadsync/leadsync/internal/match"
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// An openCreate is the create of a lead's person that has no response yet. Several leads
// may have the same names and company, and no e-mail address: then the journal tells by
// digests what each of them was to write.
type openCreate struct {
	lead   leadtype.LeadID
	name   string // match.NameKey, "" where the e-mail address tells the person apart
	person *leadtype.Intent
	tasks  []map[string]string // digests of the Tasks that were to be written with it
	keys   value.Set           // of the lead's Tasks, where it is in the batch
}

func newOpenCreate(lead leadtype.LeadID, intents []leadtype.Intent) *openCreate {
	o := &openCreate{lead: lead}
	for i := range intents {
		switch intent := &intents[i]; {
		case intent.Kind == leadtype.PartPerson && intent.Key == "":
			o.person, o.name = intent, match.Nameless(intent)
		case intent.Kind == leadtype.PartTask && intent.Fields != nil:
			o.tasks = append(o.tasks, intent.Fields)
		}
	}
	if o.person == nil {
		return nil
	}
	return o
}

// gather collects the open creates of the batch's people and of their namesakes.
func (t *twinning) gather(people []*person) {
	inBatch, names := make(value.Set), make(value.Set)
	for _, u := range people {
		for _, one := range u.matches {
			inBatch.Add(string(one.Lead.ID))
			if o := newOpenCreate(one.Lead.ID, one.Item.Intents); o != nil && u.record == nil && o.name != "" {
				names.Add(o.name)
				t.open[o.name] = append(t.open[o.name], o)
			}
			for _, twin := range one.Twins {
				names.Add(match.TwinKey(twin))
			}
		}
	}
	for _, name := range names.Sorted() {
		namesakes := t.Pending.Namesakes(name)
		for _, lead := range slices.Sorted(maps.Keys(namesakes)) {
			if o := newOpenCreate(lead, namesakes[lead]); o != nil && !inBatch.Has(string(lead)) {
				t.open[name] = append(t.open[name], o)
			}
		}
	}
}

// mayBeLeft reports whether a record may be what another lead's open create left.
func (t *twinning) mayBeLeft(u *person, record *salesforce.Record) bool {
	l := t.newLeft(record)
	return slices.ContainsFunc(l.open, func(o *openCreate) bool { return !slices.Contains(u.live(), o.lead) && l.fits(o) })
}

// takeLeft gives people with an open create the record that it left, and stops those for
// whom several may be it. It returns the people whose create left none.
func (t *twinning) takeLeft(people []*person) []*person {
	for before := -1; before != len(people); { // what one takes may decide for another
		before = len(people)
		people = slices.DeleteFunc(people, func(u *person) bool {
			best := t.bestLeft(u)
			clear := len(best) > 0 && !t.waits(u, best) && !isUnclear(t.openOf(u), best)
			if clear {
				t.give(u, best[0].record, ruleLost)
			}
			return clear
		})
	}
	return slices.DeleteFunc(people, func(u *person) bool {
		best := t.bestLeft(u)
		switch at, _ := t.lookAgain(u.intent(leadtype.PartPerson)); {
		case len(best) == 0:
			return false
		case t.waits(u, best):
			u.stop(uncertain(u.object), at)
		default:
			t.stopUnclear(u, best)
		}
		return true
	})
}

// waits reports whether another lead, whose create was not the same, may still take one
// of the records, or the person's own may still appear.
func (t *twinning) waits(u *person, best []*left) bool {
	own := t.openOf(u)
	_, waits := t.lookAgain(own.person)
	return waits && isContested(best, own, func(o *openCreate) bool { return !own.alike(o) || !own.sameTasks(o) })
}

// isUnclear reports whether nothing tells which of the records the create left: there are
// more than creates of the same content, or one may as well be that of another content.
func isUnclear(own *openCreate, best []*left) bool {
	alike := 1
	for _, o := range best[0].rivals(own) {
		if own.alike(o) {
			alike++
		}
	}
	return len(best) > alike || isContested(best, own, func(o *openCreate) bool { return !own.alike(o) })
}

// isContested reports whether nothing tells one of the records from what another create
// left, of those that count.
func isContested(records []*left, own *openCreate, counts func(*openCreate) bool) bool {
	return slices.ContainsFunc(records, func(l *left) bool {
		return slices.ContainsFunc(l.rivals(own), func(o *openCreate) bool { return counts(o) && l.evidence(own, o) == 0 })
	})
}

// bestLeft returns the records that hold most of what the open create of a person was to
// write, of those that it may have left.
func (t *twinning) bestLeft(u *person) []*left {
	own := t.openOf(u)
	if own == nil {
		return nil
	}
	var best []*left
	most := 0
	for _, record := range t.free(u) {
		l := t.newLeft(record)
		if !l.fits(own) || l.isAnothers(own) {
			continue
		}
		switch n := l.score(own); {
		case len(best) == 0 || n > most:
			best, most = []*left{l}, n
		case n == most:
			best = append(best, l)
		}
	}
	return best
}

// openOf returns the open create of a person, nil for none.
func (t *twinning) openOf(u *person) *openCreate {
	for _, one := range u.matches {
		if o := newOpenCreate(one.Lead.ID, one.Item.Intents); o != nil {
			o.keys = t.taskKeys(one.Lead)
			return o
		}
	}
	return nil
}

// taskKeys returns the keys of a lead's Tasks, none where the org has no field for them.
func (t *twinning) taskKeys(lead *leadtype.Lead) value.Set {
	keys := make(value.Set)
	if field := match.KeyFieldOf(t.session, t.Set, salesforce.ObjectTask); field.Name != "" {
		for _, task := range match.TasksOf(t.Set, lead) {
			keys.Add(field.Task(lead.ID, task.Part))
			keys.Add(match.OldTaskKey(lead.ID, task.Part))
		}
	}
	return keys
}

// stopUnclear holds a person whose open create may have left one of several records, or
// one that may as well be another lead's, until a person chooses.
func (t *twinning) stopUnclear(u *person, unclear []*left) {
	const field = "LastName"
	probe := leadtype.ProbeTrace{Probe: leadtype.Probe{Object: u.object, Field: field}}
	for _, l := range unclear {
		probe.Candidates = append(probe.Candidates, leadtype.Candidate{Object: u.object, ID: l.record.ID.ID18()})
	}
	for _, lead := range u.plans {
		lead.Trace.Probes = slices.Concat(lead.Trace.Probes, []leadtype.ProbeTrace{probe})
	}
	u.stop(&leadtype.Error{Op: "plan", Object: u.object, Code: leadtype.AmbiguousMatch, Fields: []string{field},
		Reason: fmt.Sprintf("an earlier create timed out, and %s may be what it left or a namesake's; choose one",
			value.Counted(len(unclear), "record"))}, time.Time{})
}

// A left is a record that an open create may have left, with what tells whose it is.
type left struct {
	*planning
	record *salesforce.Record
	tasks  []match.LoggedTask
	open   []*openCreate // of all leads of its name
}

func (t *twinning) newLeft(record *salesforce.Record) *left {
	l := &left{planning: t.planning, record: record, tasks: t.index.Logged[record.ID.ID18()]}
	if value.BlankText(record.Text("Email")) { // else the address tells whose it is
		l.open = t.open[match.TwinKey(record)]
	}
	return l
}

// fits reports whether a create may have made the record, by its time, or by what is
// known of it.
func (l *left) fits(o *openCreate) bool {
	if o.person.Record != "" {
		return o.person.Record.Equal(l.record.ID)
	}
	return l.made(o.person, l.record)
}

// rivals are the open creates of other leads that may have made the record.
func (l *left) rivals(own *openCreate) []*openCreate {
	var rivals []*openCreate
	for _, o := range l.open {
		if o.lead != own.lead && l.fits(o) {
			rivals = append(rivals, o)
		}
	}
	return rivals
}

// holds reports whether the record holds what a create was to write to a field, which may
// be nothing. It is not known of a field that was not read.
func (l *left) holds(o *openCreate, field string) bool {
	held, read := l.record.Fields[field]
	switch {
	case !read:
		return false
	case o.person.Fields[field] == "":
		return value.IsBlank(held)
	}
	return value.Digest(o.name, field, value.Canonical(held)) == o.person.Fields[field]
}

// logged returns how many of the record's Tasks a create was to write.
func (l *left) logged(o *openCreate) int {
	n := 0
	for _, task := range l.tasks {
		if o.keys.Has(task.Key) || slices.ContainsFunc(o.tasks, func(digests map[string]string) bool {
			return isTask(o.name, digests, &task)
		}) {
			n++
		}
	}
	return n
}

// isTask reports whether digests are those of a Task's content.
func isTask(name string, digests map[string]string, task *match.LoggedTask) bool {
	content := map[string]string{"Subject": task.Subject, "ActivityDate": task.Date, "Description": task.Description}
	for _, field := range match.TaskContent() {
		digest := ""
		if content[field] != "" {
			digest = value.Digest(name, field, content[field])
		}
		if digests[field] != digest {
			return false
		}
	}
	return true
}

// taskWeight is how many fields a Task counts for: no one but the lead's own sync writes it.
const taskWeight = 10

// score is how much of what a create was to write the record holds.
func (l *left) score(o *openCreate) int {
	n := taskWeight * l.logged(o)
	for field := range o.person.Fields {
		if l.holds(o, field) {
			n++
		}
	}
	return n
}

// evidence says whose the record is rather, by what two creates were to write that
// differs: positive for the first, negative for the second, 0 where nothing tells.
func (l *left) evidence(one, other *openCreate) int {
	n := taskWeight * (l.logged(one) - l.logged(other))
	for _, field := range differing(one, other) {
		if l.holds(one, field) {
			n++
		}
		if l.holds(other, field) {
			n--
		}
	}
	return n
}

// isAnothers reports whether the record is rather what another lead's create left: it
// holds what that was to write, or a Task with the key of another lead.
func (l *left) isAnothers(own *openCreate) bool {
	keyed := func(task match.LoggedTask) bool { return task.Key != "" }
	return slices.ContainsFunc(l.rivals(own), func(o *openCreate) bool {
		return o.person.Record != "" || l.evidence(own, o) < 0
	}) ||
		slices.ContainsFunc(l.tasks, keyed) && l.logged(own) == 0
}

// alike reports whether two creates were to write the same to the record of the person.
func (o *openCreate) alike(other *openCreate) bool {
	known := o.person.Fields != nil && other.person.Fields != nil
	return known && len(differing(o, other)) == 0
}

// sameTasks reports whether two creates had the same Tasks with them.
func (o *openCreate) sameTasks(other *openCreate) bool {
	return len(o.tasks) == len(other.tasks) &&
		!slices.ContainsFunc(o.tasks, func(task map[string]string) bool {
			return !slices.ContainsFunc(other.tasks, func(of map[string]string) bool { return maps.Equal(task, of) })
		})
}

// differing returns the fields to which two creates were to write different values, none
// where the journal does not tell.
func differing(one, other *openCreate) []string {
	a, b := one.person.Fields, other.person.Fields
	if a == nil || b == nil {
		return nil
	}
	var fields []string
	for field, digest := range a {
		if b[field] != digest {
			fields = append(fields, field)
		}
	}
	for field := range b {
		if a[field] == "" {
			fields = append(fields, field)
		}
	}
	return fields
}

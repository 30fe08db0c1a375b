// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"fmt"
	"maps"
	"slices"
	"strings"
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
	// kind numbers what the record of the person was to hold, and whole that and the Tasks:
	// creates that were to write the same have the same. 0 is not known.
	kind, whole int
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
			if len(one.Twins) > 0 {
				names.Add(match.TwinKey(one.Twins[0])) // all have the same
			}
			o := newOpenCreate(one.Lead.ID, one.Item.Intents)
			if o == nil || u.record != nil {
				continue
			}
			o.keys = t.taskKeys(one.Lead)
			t.own[o.lead] = o
			if t.enter(o); o.name != "" {
				names.Add(o.name)
			}
		}
	}
	for _, name := range names.Sorted() {
		namesakes := t.Pending.Namesakes(name)
		for _, lead := range slices.Sorted(maps.Keys(namesakes)) {
			if o := newOpenCreate(lead, namesakes[lead]); o != nil && !inBatch.Has(string(lead)) {
				t.enter(o)
			}
		}
	}
}

// enter enters an open create among those of its name.
func (t *twinning) enter(o *openCreate) {
	if o.name == "" {
		return
	}
	t.open[o.name] = append(t.open[o.name], o)
	if o.person.Fields == nil {
		return
	}
	if t.fields[o.name] == nil {
		t.fields[o.name] = make(value.Set)
	}
	for field := range o.person.Fields {
		t.fields[o.name].Add(field)
	}
	content := o.name + contentOf(o.person.Fields)
	o.kind = t.kindOf(content)
	var tasks []string
	for _, task := range o.tasks {
		tasks = append(tasks, contentOf(task))
	}
	slices.Sort(tasks)
	o.whole = t.kindOf(content + "\x00" + strings.Join(tasks, "\x00"))
}

// contentOf writes digests as one text.
func contentOf(digests map[string]string) string {
	var b strings.Builder
	for _, field := range slices.Sorted(maps.Keys(digests)) {
		b.WriteString(field + "=" + digests[field] + ";")
	}
	return b.String()
}

// kindOf numbers contents from 1.
func (t *twinning) kindOf(content string) int {
	if t.kinds[content] == 0 {
		t.kinds[content] = len(t.kinds) + 1
	}
	return t.kinds[content]
}

// mayBeLeft reports whether a record may be what another lead's open create left.
func (t *twinning) mayBeLeft(u *person, record *salesforce.Record) bool {
	l := t.left(record)
	return slices.ContainsFunc(l.open(), func(o *openCreate) bool {
		return !slices.Contains(u.live(&t.ids), o.lead) && l.fits(o)
	})
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
	return waits && isContested(best, own, func(o *openCreate) bool { return own.whole == 0 || own.whole != o.whole })
}

// isUnclear reports whether nothing tells which of the records the create left: there are
// more of them than creates of the same content, or one may as well be from a create of
// other content.
func isUnclear(own *openCreate, best []*left) bool {
	differs := func(o *openCreate) bool { return own.kind == 0 || own.kind != o.kind }
	alike := 1
	best[0].rivals(own, func(o *openCreate) bool {
		if !differs(o) {
			alike++
		}
		return false
	})
	return len(best) > alike || isContested(best, own, differs)
}

// isContested reports whether nothing tells one of the records from what another create
// left, of those that count.
func isContested(records []*left, own *openCreate, counts func(*openCreate) bool) bool {
	if !slices.ContainsFunc(records[0].open(), func(o *openCreate) bool { return o != own && counts(o) }) {
		return false
	}
	return slices.ContainsFunc(records, func(l *left) bool {
		return l.rivals(own, func(o *openCreate) bool { return counts(o) && l.evidence(own, o) == 0 })
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
	for _, record := range t.free(u, (*twinsOf).notKnown) {
		l := t.left(record)
		switch {
		case !l.fits(own):
		case len(best) > 0 && l.score(own) < best[0].score(own):
		case l.isAnothers(own):
		case len(best) > 0 && l.score(own) == best[0].score(own):
			best = append(best, l)
		default:
			best = []*left{l}
		}
	}
	return best
}

// openOf returns the open create of a person, nil for none.
func (t *twinning) openOf(u *person) *openCreate {
	for _, one := range u.matches {
		if o := t.own[one.Lead.ID]; o != nil {
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
		Reason: fmt.Sprintf("an earlier create had no response, and %s may be its record or a namesake's: choose one",
			value.Counted(len(unclear), "record"))}, time.Time{})
}

// A left is a record that an open create may have left, with what tells whose it is.
type left struct {
	*twinning
	record  *salesforce.Record
	name    string // match.NameKey, "" where its e-mail address tells whose it is
	tasks   []match.LoggedTask
	created time.Time // zero when it was not read
	digests map[string]string
	scores  map[*openCreate]int
}

// left returns what tells whose a record is.
func (t *twinning) left(record *salesforce.Record) *left {
	l := t.lefts[record]
	if l != nil {
		return l
	}
	l = &left{twinning: t, record: record, tasks: t.index.Logged[record.ID.ID18()], digests: make(map[string]string),
		scores: make(map[*openCreate]int)}
	l.created, _ = record.Time("CreatedDate")
	if value.BlankText(record.Text("Email")) {
		l.name = match.TwinKey(record)
	}
	t.lefts[record] = l
	return l
}

// open are the open creates of all leads of its name.
func (l *left) open() []*openCreate {
	if l.name == "" {
		return nil
	}
	return l.twinning.open[l.name]
}

// fits reports whether a create may have made the record, by its time, or by what is
// known of it. A record of the future shows that the clocks differ: then it may be any.
func (l *left) fits(o *openCreate) bool {
	if o.person.Record != "" {
		return o.person.Record.Equal(l.record.ID)
	}
	late := l.created.After(o.person.SentAt.Add(lateCommit)) && !l.created.After(l.at.Add(ClockSkew))
	return l.created.IsZero() || !late && !l.created.Before(o.person.PlannedAt.Add(-ClockSkew))
}

// rivals reports whether is holds for one of the open creates of other leads that may have
// made the record.
func (l *left) rivals(own *openCreate, is func(*openCreate) bool) bool {
	return slices.ContainsFunc(l.open(), func(o *openCreate) bool { return o != own && l.fits(o) && is(o) })
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
	digest, known := l.digests[field]
	if !known {
		digest = value.Digest(o.name, field, value.Canonical(held))
		l.digests[field] = digest
	}
	return digest == o.person.Fields[field]
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

// taskWeight is how many fields a Task counts for: only the lead's own sync writes it.
const taskWeight = 10

// score is how much of what a create was to write the record holds, of all fields that
// the open creates of its name were to write, and of the Tasks.
func (l *left) score(o *openCreate) int {
	n, known := l.scores[o]
	if known {
		return n
	}
	n = taskWeight * l.logged(o)
	for field := range l.fields[o.name] {
		if o.person.Fields != nil && l.holds(o, field) {
			n++
		}
	}
	l.scores[o] = n
	return n
}

// evidence says which of two creates is more likely to have made the record: positive for
// the first, negative for the second, 0 where nothing tells. What both were to write counts
// for both.
func (l *left) evidence(one, other *openCreate) int {
	if one.kind == 0 || other.kind == 0 { // the journal does not tell
		return taskWeight * (l.logged(one) - l.logged(other))
	}
	return l.score(one) - l.score(other)
}

// isAnothers reports whether the record is more likely to be what another lead's create
// left: it holds what that was to write, or a Task with the key of another lead.
func (l *left) isAnothers(own *openCreate) bool {
	keyed := func(task match.LoggedTask) bool { return task.Key != "" }
	return l.rivals(own, func(o *openCreate) bool { return o.person.Record != "" || l.evidence(own, o) < 0 }) ||
		slices.ContainsFunc(l.tasks, keyed) && l.logged(own) == 0
}

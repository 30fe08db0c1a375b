// SPDX-License-Identifier: Apache-2.0

package dashboard

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/store"
)

// A qualifiersView is the page of the qualifiers.
type qualifiersView struct {
	*settingsView
	Questions []question
	Unknown   *leadtype.Advice // why the org's options are not known
	Edit      *questionForm    // nil where none is open
}

// A question is a qualifier beside the fields that its answers go to.
type question struct {
	Index     int
	Qualifier mapping.Qualifier
	Fields    []answerField
	Answers   []answerRow
	Missing   int  // answers whose option the org lacks
	Known     bool // the org's fields
}

// An answerField is a field that answers go to.
type answerField struct {
	Object  salesforce.Object
	Name    string
	Field   *mapping.FormField // nil where the org's user does not see it, or nothing is known
	Options []mapping.FormOption
	Picks   bool // it takes options alone
}

// An answerRow is an answer and the option it becomes, with what each field says of it.
type answerRow struct {
	Answer string
	Option string
	New    bool // leads gave it, and nobody has said what it becomes
	Marks  []answerMark
}

// An answerMark is what a field says of an option.
type answerMark string

// The marks, keys of words.
const (
	markTaken   answerMark = "taken"
	markMissing answerMark = "missing"
	markAdded   answerMark = "added" // the picklist takes any value
	markGone    answerMark = "gone"
	markUnset   answerMark = "unset"
)

func showQualifiers(v *visit) {
	b, err := v.settings()
	if v.failed(err) {
		return
	}
	var form *questionForm
	all, asked := v.qualifiersOf(b), v.r.URL.Query().Get("edit")
	if at, err := strconv.Atoi(asked); err == nil && at >= 0 && at < len(all) && b.Editable {
		form = &questionForm{Index: at, Was: all[at].Name, Qualifier: all[at]}
	} else if asked == "new" && b.Editable {
		form = &questionForm{Index: len(all)}
	}
	v.showQuestions(b, form)
}

// showQuestions shows the page, with a question in its form where one is open.
func (v *visit) showQuestions(b *settingsView, form *questionForm) {
	q := &qualifiersView{settingsView: b, Edit: form}
	last, err := v.org.syncer.Leads(v.ctx(), store.Filter{Newest: true, Limit: sampledLeads})
	if v.failed(err) {
		return
	}
	all := v.qualifiersOf(b)
	var objects []salesforce.Object
	for i := range all {
		objects = append(objects, sortedKeys(all[i].Fields)...)
	}
	org := schema{}
	if len(objects) > 0 {
		if org, err = v.schema(objects...); err != nil {
			q.Unknown, org = v.adviceOn(err), schema{}
		}
	}
	known := mapping.NewForm(org.describes, nil, nil)
	for i := range all {
		q.Questions = append(q.Questions, v.questionOf(i, all[i], known, last))
	}
	if form != nil && v.failed(v.offerFields(form, b)) {
		return
	}
	v.show("qualifiers", "qualifiers", "Qualifiers", q)
}

// qualifiersOf are those of the settings, else the host's.
func (v *visit) qualifiersOf(b *settingsView) []mapping.Qualifier {
	if b.Settings.Qualifiers == nil && v.org.fleet != nil {
		return v.org.fleet.Base().Qualifiers
	}
	return b.Settings.Qualifiers
}

func (v *visit) questionOf(i int, q mapping.Qualifier, form *mapping.Form, last []store.Entry) question {
	view := question{Index: i, Qualifier: q, Known: len(form.Objects) > 0}
	for _, object := range sortedKeys(q.Fields) {
		f := answerField{Object: object, Name: q.Fields[object]}
		for j := range form.Objects {
			if form.Objects[j].Object.Equal(object) {
				f.Field = fieldOf(&form.Objects[j], f.Name)
			}
		}
		if f.Field != nil {
			f.Options, f.Picks = f.Field.Options, f.Field.Restricted
		}
		view.Fields = append(view.Fields, f)
	}
	for _, answer := range sortedKeys(q.Options) {
		view.add(answerRow{Answer: answer, Option: q.Options[answer]})
	}
	for _, answer := range v.unmapped(&q, last) {
		view.add(answerRow{Answer: answer, Option: view.proposed(answer), New: true})
	}
	return view
}

// proposed is the option that an answer equals, empty for none.
func (q *question) proposed(answer string) string {
	for _, f := range q.Fields {
		for _, o := range f.Options {
			if strings.EqualFold(o.Value, answer) || strings.EqualFold(o.Label, answer) {
				return o.Value
			}
		}
	}
	return ""
}

// unmapped are answers of the last leads that the options lack, none under Redact.
func (v *visit) unmapped(q *mapping.Qualifier, last []store.Entry) []string {
	if v.opts.Redact || len(q.Options) == 0 {
		return nil
	}
	found := map[string]bool{}
	for i := range last {
		if last[i].Lead == nil {
			continue
		}
		for _, answer := range last[i].Lead.Answers[q.Name] {
			has := func(known string) bool { return strings.EqualFold(known, strings.TrimSpace(answer)) }
			if !slices.ContainsFunc(sortedKeys(q.Options), has) {
				found[answer] = true
			}
		}
	}
	return sortedKeys(found)
}

// add marks what each field says of a row.
func (q *question) add(row answerRow) {
	for _, f := range q.Fields {
		mark := f.mark(row.Option)
		if row.New {
			mark = markUnset
		}
		row.Marks = append(row.Marks, mark)
	}
	if q.Known && (slices.Contains(row.Marks, markMissing) || slices.Contains(row.Marks, markGone)) {
		q.Missing++
	}
	q.Answers = append(q.Answers, row)
}

func (f *answerField) mark(option string) answerMark {
	has := func(o mapping.FormOption) bool {
		return strings.EqualFold(o.Value, option) || strings.EqualFold(o.Label, option)
	}
	switch {
	case f.Field == nil:
		return markGone
	case len(f.Options) == 0 || slices.ContainsFunc(f.Options, has):
		return markTaken
	case f.Picks:
		return markMissing
	}
	return markAdded
}

// saveQualifier saves what the answers to a question become.
func saveQualifier(v *visit) {
	at, err := strconv.Atoi(v.r.PathValue("question"))
	revision, notNumber := strconv.ParseInt(v.r.PostFormValue("revision"), 10, 64)
	if err != nil || notNumber != nil || v.org.fleet == nil {
		v.fail(v.w, v.r, http.StatusNotFound)
		return
	}
	b, err := v.settings()
	if v.failed(err) {
		return
	}
	edited := *b.Settings
	edited.Qualifiers = slices.Clone(v.qualifiersOf(b))
	if at < 0 || at >= len(edited.Qualifiers) || edited.Qualifiers[at].Name != v.r.PostFormValue("name") {
		v.fail(v.w, v.r, http.StatusNotFound)
		return
	}
	q := &edited.Qualifiers[at]
	q.Options = enteredValues(v.r.PostForm["from"], v.r.PostForm["to"])
	q.Unmapped = mapping.UnmappedPolicy(v.r.PostFormValue("unmapped"))
	v.saveSettings(&edited, revision, "qualifiers", func(why *refusal) {
		if b, err = v.settings(); v.failed(err) {
			return
		}
		kept := *b.Settings
		if kept.Qualifiers = slices.Clone(v.qualifiersOf(b)); at < len(kept.Qualifiers) {
			kept.Qualifiers[at].Options, kept.Qualifiers[at].Unmapped = q.Options, q.Unmapped
		}
		b.Settings, b.Refused = &kept, why
		v.showQuestions(b, nil)
	})
}

// A questionForm is a question as it is entered, with what the form offers.
type questionForm struct {
	problems
	Index     int
	Was       string // its name as it is saved, empty for a new one
	Qualifier mapping.Qualifier
	Objects   []questionObject
	Events    []store.EventCount
	MayForce  bool // only the org stands against it
}

// A questionObject is an object that has a field for the answers, or may have one.
type questionObject struct {
	Object salesforce.Object
	Field  string
	Fields []mapping.FormField
}

// Types are what answers may be.
func (*questionForm) Types() []mapping.QualifierType {
	return []mapping.QualifierType{mapping.QualifierPicklist, mapping.QualifierText, mapping.QualifierNumber,
		mapping.QualifierBoolean, mapping.QualifierNote}
}

// EventLines are the events that ask, one a line.
func (f *questionForm) EventLines() string { return strings.Join(f.Qualifier.Events, "\n") }

// offerFields fills in the objects that answers may go to, with the fields that the org has.
func (v *visit) offerFields(f *questionForm, b *settingsView) error {
	rows, _ := v.rowsOf(&draft{mapping: b.Settings.Mapping})
	objects := []salesforce.Object{salesforce.ObjectLead, salesforce.ObjectContact, salesforce.ObjectAccount}
	for _, more := range append(rows.Objects(), sortedKeys(f.Qualifier.Fields)...) {
		if !slices.ContainsFunc(objects, more.Equal) && !more.Equal(salesforce.ObjectTask) {
			objects = append(objects, more)
		}
	}
	var form *mapping.Form
	if org, err := v.schema(slices.Clone(objects)...); err == nil { // else there are no names to choose from
		form = mapping.NewForm(org.describes, nil, nil)
	}
	for _, object := range objects {
		o := questionObject{Object: object}
		for name, field := range f.Qualifier.Fields {
			if name.Equal(object) {
				o.Field = field
			}
		}
		for i := 0; form != nil && i < len(form.Objects); i++ {
			if form.Objects[i].Object.Equal(object) {
				o.Fields = form.Objects[i].Fields
			}
		}
		f.Objects = append(f.Objects, o)
	}
	var err error
	f.Events, err = v.org.syncer.Events(v.ctx(), store.Filter{})
	f.Events = f.Events[:min(len(f.Events), eventsOffered)]
	return err
}

// enter takes what was entered of a question. What its answers become is entered elsewhere.
func (f *questionForm) enter(form url.Values) {
	q := &f.Qualifier
	q.Name, q.Type = strings.TrimSpace(form.Get("name")), mapping.QualifierType(form.Get("type"))
	q.Multiple, q.Required, q.Archived = form.Has("multiple"), form.Has("required"), form.Has("archived")
	q.Separator = form.Get("separator")
	q.Events, q.Fields = nil, nil
	for line := range strings.Lines(form.Get("events")) {
		if event := strings.TrimSpace(line); event != "" {
			q.Events = append(q.Events, event)
		}
	}
	for object, field := range enteredValues(form["object"], form["field"]) {
		if q.Fields == nil {
			q.Fields = map[salesforce.Object]string{}
		}
		q.Fields[salesforce.Object(object)] = field
	}
}

// saveQuestion saves a question: a new one, or one that is there.
func saveQuestion(v *visit) {
	revision, err := strconv.ParseInt(v.r.PostFormValue("revision"), 10, 64)
	what := v.r.PostFormValue("do")
	if err != nil || v.org.fleet == nil || !slices.Contains([]string{"save", "force", "remove", "read"}, what) {
		v.fail(v.w, v.r, http.StatusNotFound)
		return
	}
	if what == "read" {
		v.schemas.forget(v.org.schemaKey())
		redirect(v.w, v.base()+"qualifiers")
		return
	}
	b, err := v.settings()
	if v.failed(err) {
		return
	}
	edited, f := *b.Settings, &questionForm{Was: v.r.PostFormValue("was")}
	edited.Qualifiers = slices.Clone(v.qualifiersOf(b))
	f.Index = questionAt(edited.Qualifiers, f.Was)
	switch {
	case f.Was == "":
		edited.Qualifiers = append(edited.Qualifiers, mapping.Qualifier{})
	case f.Index == len(edited.Qualifiers): // another user has removed it
		b.Refused = &refusal{What: savedMeanwhile}
		v.showQuestions(b, nil)
		return
	}
	f.Qualifier = edited.Qualifiers[f.Index]
	f.enter(v.r.PostForm)
	edited.Qualifiers[f.Index] = f.Qualifier
	if what == "remove" {
		edited.Qualifiers = slices.Delete(edited.Qualifiers, f.Index, f.Index+1)
	} else if !v.suits(f, &edited, what == "force") {
		b.Revision = revision
		v.showQuestions(b, f)
		return
	}
	v.saveSettings(&edited, revision, "qualifiers", func(why *refusal) {
		if b, err = v.settings(); v.failed(err) {
			return
		}
		b.Refused = why
		f.Index = questionAt(v.qualifiersOf(b), f.Was)
		v.showQuestions(b, f)
	})
}

// questionAt is the place of the question with a name, that after the last for none.
func questionAt(all []mapping.Qualifier, name string) int {
	at := slices.IndexFunc(all, func(q mapping.Qualifier) bool { return q.Name == name && name != "" })
	if at < 0 {
		return len(all)
	}
	return at
}

// suits says whether a question may be saved, and notes in its form what is wrong.
func (v *visit) suits(f *questionForm, edited *leadsync.Settings, force bool) bool {
	under := "qualifiers[" + strconv.Itoa(f.Index) + "]."
	f.problems = v.problemsOf(edited, under, nil)
	if f.MayForce = len(f.issues) == 0; !f.MayForce {
		return false
	}
	objects := sortedKeys(f.Qualifier.Fields)
	org, err := v.schema(objects...)
	if err != nil || len(org.describes) == 0 || force || len(objects) == 0 {
		return true
	}
	f.problems = v.problemsOf(edited, under, org.describes)
	for _, object := range objects {
		if d := org.describes[object]; d != nil {
			if _, has := d.Field(f.Qualifier.Fields[object]); !has && len(f.At(f.Key("fields", string(object)))) == 0 {
				f.add(f.Key("fields", string(object)), "is no field that the connected user sees")
			}
		}
	}
	return len(f.issues) == 0
}

const savedMeanwhile = "Someone else has saved settings meanwhile. Look at what is there now, and save again."

// saveSettings saves settings and returns to a page; refused shows that page with why it could not.
func (v *visit) saveSettings(s *leadsync.Settings, revision int64, page string, refused func(*refusal)) {
	err := v.org.fleet.SetSettings(v.ctx(), v.org.name, s, revision)
	switch {
	case err == nil:
		v.backTo(page, note{key: "saved"})
	case errors.Is(err, store.ErrRevision):
		refused(&refusal{What: savedMeanwhile})
	default:
		refused(v.refusalOf(err))
	}
}

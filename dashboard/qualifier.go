// SPDX-License-Identifier: Apache-2.0

package dashboard

import (
	"errors"
	"net/http"
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
	if b, err := v.settings(); !v.failed(err) {
		v.showQuestions(b)
	}
}

func (v *visit) showQuestions(b *settingsView) {
	q := &qualifiersView{settingsView: b}
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
	form := mapping.NewForm(org.describes, nil, nil)
	for i := range all {
		q.Questions = append(q.Questions, v.questionOf(i, all[i], form, last))
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
		v.showQuestions(b)
	})
}

// saveSettings saves settings and returns to a page; refused shows that page with why it could not.
func (v *visit) saveSettings(s *leadsync.Settings, revision int64, page string, refused func(*refusal)) {
	err := v.org.fleet.SetSettings(v.ctx(), v.org.name, s, revision)
	switch {
	case err == nil:
		v.backTo(page, note{key: "saved"})
	case errors.Is(err, store.ErrRevision):
		refused(&refusal{What: "Someone else has saved settings meanwhile. Look at what is there now, and save again."})
	default:
		refused(v.refusalOf(err))
	}
}

// SPDX-License-Identifier: Apache-2.0

package dashboard

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/store"
)

// A leadView is a lead's page.
type leadView struct {
	Sequence   int64
	Name       string
	Sub        string // title and company
	Event      string
	EventPage  string
	Stage      stageChip
	Entry      *store.Entry
	Failure    *trouble
	Open       string // the record in Salesforce
	Records    []recordView
	General    []warningView // that belong to no record above
	Probes     []probeView
	Rule       string
	Folded     string
	Candidates []candidateView
	Compared   *comparison
	Sections   []section
	Activities []activityView
	History    []stepView
	Undone     time.Time // zero where nothing was taken back since the last sync
	CanUndo    bool
	CanTry     bool // a mapping, on its page
	CanDismiss bool
	OffersNew  bool // none of the candidates may be chosen
	Explained  []string
}

type probeView struct {
	Object     string
	Field      string
	Hit        bool
	Said       string // the key of a text: what became of the probe
	Reason     string // why it was skipped
	Candidates []candidateView
}

type section struct {
	Heading string
	Own     bool // the names of its rows are the host's own
	Rows    []dataRow
}

type activityView struct {
	Kind  string
	At    time.Time
	By    string
	Notes longText
}

type stepView struct {
	At      time.Time
	By      string
	Said    string // the key of a text
	Of      string // the mode, the action or the code
	Account string // why it failed
}

func showLead(v *visit) {
	entry := v.lead()
	if entry == nil {
		return
	}
	steps, err := v.org.syncer.History(v.ctx(), entry.Lead.ID)
	if v.failed(err) {
		return
	}
	body := v.leadView(entry, steps)
	v.show("lead", "reconciliation", "Lead", body)
}

func (v *visit) leadView(e *store.Entry, steps []store.Step) *leadView {
	b := &leadView{Sequence: e.Sequence, Name: v.nameOfLead(e), Stage: chipOf(e), Entry: e}
	b.CanDismiss, b.CanTry = e.Stage == leadtype.Failed, v.org.fleet != nil
	b.Event = cmp.Or(e.Lead.EventName, e.Lead.EventID)
	b.EventPage = query{Event: e.Lead.EventID}.address()
	if !v.opts.Redact {
		b.Sub = strings.Join(nonEmpty(e.Lead.JobTitle, e.Lead.Company, e.Lead.Email), " · ")
		b.Sections = sectionsOf(e.Lead)
		b.Activities = activitiesOf(e.Lead)
	}
	b.History, b.Undone = historyOf(steps, v), undoneSince(steps)
	if e.Unreadable != nil {
		advice := v.advise(e.Unreadable)
		b.Failure = &trouble{Code: e.Unreadable.Code, What: advice.Description, Fix: advice.Fix}
	}
	if e.Last != nil {
		v.fillOutcome(b, e.Last)
	}
	return b
}

// fillOutcome shows what the last sync did.
func (v *visit) fillOutcome(b *leadView, o *leadtype.Outcome) {
	if o.Err != nil {
		advice := v.advise(o.Err)
		b.Failure = &trouble{
			Code: o.Err.Code, What: advice.Description, Why: o.Err.Reason, Fix: advice.Fix, Until: o.RetryAt,
			At: nonEmpty(append([]string{string(o.Err.Object)}, o.Err.Fields...)...),
		}
		b.Failure.Mend = mendedOn(o.Err.Code, string(o.Err.Object), o.Err.Fields)
		if o.Err.Code == leadsync.NoTagMapping || o.Err.Code == leadsync.DataValueValidation {
			for _, field := range o.Err.Fields {
				b.Failure.Said = append(b.Failure.Said, v.saidOf(b.Entry.Lead, o.Err.Object, field)...)
			}
		}
	}
	b.Open = v.org.link(o.ID)
	told, said := make([]bool, len(o.Warnings)), func(w *leadtype.Warning) []dataRow { return v.saidIn(b.Entry.Lead, w) }
	for i := range o.Parts {
		b.Records = append(b.Records, v.recordView(&o.Parts[i], o.Warnings, told, said))
		b.CanUndo = b.CanUndo || o.Parts[i].ID != "" && o.Parts[i].Action != leadtype.Unchanged
	}
	for i := range o.Warnings {
		if w := &o.Warnings[i]; !told[i] {
			b.General = append(b.General,
				warningView{string(w.Object), w.Field, w.Reason, v.warningFix(w), said(w)})
		}
	}
	b.CanUndo = b.CanUndo || len(o.Earlier) > 0 || len(o.Left) > 0
	b.Rule, b.Folded = o.Trace.Rule, string(cmp.Or(o.Trace.FoldedInto, o.Trace.AttachedTo))
	for i := range o.Trace.Probes {
		b.Probes = append(b.Probes, v.probeView(&o.Trace.Probes[i]))
	}
	if leadtype.AwaitsChoice(o) {
		b.Candidates = v.candidates(leadtype.Candidates(o))
		b.Compared = v.compare(b.Entry.Lead, b.Candidates)
		b.OffersNew = leadtype.OffersNew(o)
	}
	b.Explained = strings.Split(strings.TrimSpace(leadsync.Explain(o)), "\n")
}

// saidIn returns what the lead says where a warning is about an answer or a text without an option.
func (v *visit) saidIn(l *leadtype.Lead, w *leadtype.Warning) []dataRow {
	if w.Kind != leadtype.Unmapped {
		return nil
	}
	return v.saidOf(l, w.Object, w.Field)
}

// saidOf returns what a lead says for a field that an error or a warning names, nothing under Redact:
// the answers that have no option, where the field is a question's, else the value of its source.
func (v *visit) saidOf(l *leadtype.Lead, object salesforce.Object, field string) []dataRow {
	b, err := v.settings()
	if v.opts.Redact || err != nil {
		return nil
	}
	qualifiers := v.qualifiersOf(b)
	question, asked := strings.CutPrefix(field, "qualifier.")
	for i := range qualifiers {
		for of, name := range qualifiers[i].Fields {
			if !asked && of.Equal(object) && strings.EqualFold(name, field) && len(l.Answers[qualifiers[i].Name]) > 0 {
				question, asked = qualifiers[i].Name, true
			}
		}
	}
	if asked {
		answers := l.Answers[question]
		for i := range qualifiers {
			if qualifiers[i].Name != question {
				continue
			}
			if without := v.unmapped(&qualifiers[i], []store.Entry{{Lead: l}}); len(without) > 0 {
				answers = without
			}
		}
		if len(answers) == 0 {
			return nil
		}
		return []dataRow{{question, longText(strings.Join(answers, "; "))}}
	}
	rows, _ := v.rowsOf(&draft{mapping: b.Settings.Mapping})
	for i := range rows.Sections {
		for j := range rows.Sections[i].Rules {
			r := &rows.Sections[i].Rules[j]
			if !rows.Sections[i].Object.Equal(object) || !strings.EqualFold(r.Field, field) || r.Source == "" {
				continue
			}
			if text := valueText(l.Value(r.Source)); text != "" {
				return []dataRow{{r.Source, text}}
			}
		}
	}
	return nil
}

func (v *visit) probeView(p *leadtype.ProbeTrace) probeView {
	view := probeView{Object: string(p.Object), Field: p.Field, Hit: p.Hit, Reason: p.Skipped}
	view.Candidates = v.candidates(p.Candidates)
	switch {
	case p.Skipped != "":
		view.Said = "skipped"
	case p.Tried == leadtype.TriedNo:
		view.Said = "not tried"
	case p.Hit:
		view.Said = "found"
	case len(p.Candidates) > 0:
		view.Said = "found, not used"
	default:
		view.Said = "nothing found"
	}
	return view
}

// sectionsOf shows what the lead says, by subject.
func sectionsOf(l *leadtype.Lead) []section {
	person, company, event := section{Heading: "Person"}, section{Heading: "Company"}, section{Heading: "Event"}
	for _, name := range leadtype.SourceFields() {
		text := valueText(l.Value(name))
		if text == "" {
			continue
		}
		into := &person
		switch name {
		case "website", "industry":
			into = &company
		case "eventId", "eventName", "capturedAt", "enrichedAt", "updatedAt", "revision", "capturedBy", "scans",
			"provenance", "id", "score", "scoreBand":
			into = &event
		default:
			if strings.HasPrefix(name, "company") {
				into = &company
			}
		}
		into.Rows = append(into.Rows, dataRow{name, text})
	}
	answers, custom := section{Heading: "Answers", Own: true}, section{Heading: "Further values", Own: true}
	for _, name := range sortedKeys(l.Answers) {
		answers.Rows = append(answers.Rows, dataRow{name, longText(strings.Join(l.Answers[name], "; "))})
	}
	for _, name := range sortedKeys(l.Custom) {
		custom.Rows = append(custom.Rows, dataRow{name, valueText(l.Custom[name])})
	}
	return slices.DeleteFunc([]section{person, company, event, answers, custom},
		func(s section) bool { return len(s.Rows) == 0 })
}

func activitiesOf(l *leadtype.Lead) []activityView {
	var views []activityView
	for _, a := range l.Activities {
		views = append(views, activityView{string(a.Kind), a.At, a.By, longText(a.Notes)})
	}
	return views
}

// historyOf shows the steps, the last first.
func historyOf(steps []store.Step, v *visit) []stepView {
	var views []stepView
	for i := range steps {
		s := &steps[len(steps)-1-i]
		view := stepView{At: s.At, By: s.By, Said: stepWord(steps[:len(steps)-1-i], s), Of: string(s.Mode)}
		if s.Outcome != nil {
			view.Of = string(s.Outcome.Action)
			if s.Outcome.Err != nil {
				view.Of = string(s.Outcome.Err.Code)
				view.Account = v.advise(s.Outcome.Err).Description
			}
		}
		views = append(views, view)
	}
	return views
}

// undoneSince is when records of the lead were last reverted, zero where it has been synced since.
func undoneSince(steps []store.Step) time.Time {
	for i := range steps {
		switch s := &steps[len(steps)-1-i]; s.Kind {
		case store.StepReverted:
			return s.At
		case store.StepSettled:
			return time.Time{}
		}
	}
	return time.Time{}
}

// stepWord is the kind of a step, told apart by what became of the lead where it was synced, by what it
// was before where it was pushed, and by what it waits for where it was captured.
func stepWord(before []store.Step, s *store.Step) string {
	switch {
	case s.Kind == store.StepPushed && len(before) > 0:
		return pushedFrom(&before[len(before)-1])
	case s.Kind == store.StepCaptured && (s.State == store.StateFrozen || s.State == store.StateWaiting):
		return "captured " + string(s.State)
	case s.Kind != store.StepSettled || s.Outcome == nil || s.Outcome.Err == nil:
		return string(s.Kind)
	case s.Stage == leadtype.Failed:
		return "failed"
	}
	return "tried"
}

// pushedFrom is the word for a lead that was pushed out of what it was.
func pushedFrom(was *store.Step) string {
	switch {
	case was.State == store.StateFrozen:
		return "released"
	case was.State == store.StateWaiting:
		return "hurried"
	case was.Stage == leadtype.Failed:
		return "retried"
	case was.Stage == leadtype.Cleared:
		return "again"
	}
	return string(store.StepPushed)
}

func nonEmpty(texts ...string) []string {
	return slices.DeleteFunc(texts, func(s string) bool { return strings.TrimSpace(s) == "" })
}

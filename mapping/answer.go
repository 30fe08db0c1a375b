// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/leadsync/leadsync/internal/blank"
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/internal/verdict"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// mapAnswers returns the fields of the target that a lead's answers fill. What
// concerns the lead as a whole, required answers, is looked at with the person, so
// that it is said once.
// The fields that the Mapper fills beside them are run.mapped.
func mapAnswers(qualifiers []Qualifier, run *answering) {
	run.fields = salesforce.Fields{}
	lead, target := run.lead, run.target
	isPerson := target.Object == salesforce.ObjectLead || target.Object == salesforce.ObjectContact
	if isPerson && target.Only == nil {
		run.checkRequired(qualifiers)
	}
	for i := range qualifiers {
		q := &qualifiers[i]
		answers := answersOf(lead, q.Name)
		field := q.field(target.Object)
		if !q.asks(lead) || q.Type == QualifierNote || field == "" || len(answers) == 0 {
			continue
		}
		if f := run.answer(q, field, answers); f != nil && target.counts(field) {
			run.faults = append(run.faults, f)
		}
	}
	controllersFirst(run.pending, func(p pendingAnswer) *salesforce.Field { return p.field })
	for _, p := range run.pending {
		if f := run.fill(p.Qualifier, p.field, p.answers); f != nil && target.counts(p.field.Name) {
			run.faults = append(run.faults, f)
		}
	}
}

// An answering is one lead's answers on their way into one record.
type answering struct {
	mapping  *Mapping // nil beside a host's own Mapper
	lead     *leadtype.Lead
	target   Target
	words    blank.Words
	mapped   salesforce.Fields
	fields   salesforce.Fields
	pending  []pendingAnswer
	warnings []leadtype.Warning
	faults   []*fault
	equal    []string // see Mapped
}

// A pendingAnswer goes into a dependent picklist, after the others.
type pendingAnswer struct {
	*Qualifier
	field   *salesforce.Field
	answers []string
}

func (r *answering) checkRequired(qualifiers []Qualifier) {
	for i := range qualifiers {
		q := &qualifiers[i]
		if q.Required && q.asks(r.lead) && !q.answered(r.lead) {
			r.faults = append(r.faults, &fault{code: leadtype.RequiredFieldMissing, field: q.source(), reason: "has no answer"})
		}
	}
}

// answered reports whether a lead has an answer. A word such as None is one, also where its
// field takes it for no value; what a form shows before anybody has answered is none.
func (q *Qualifier) answered(lead *leadtype.Lead) bool {
	return slices.ContainsFunc(answersOf(lead, q.Name), func(answer string) bool {
		return q.maps(answer) || !blank.Always(answer) && !blank.Prompt(answer)
	})
}

// maps reports whether an answer is one of the options' texts.
func (q *Qualifier) maps(answer string) bool {
	_, mapped := value.Values(q.Options).Of(answer)
	return mapped && len(q.Options) > 0
}

// answer puts the answers to one qualifier into a field.
func (r *answering) answer(q *Qualifier, name string, answers []string) *fault {
	problem := func(code leadtype.Code, reason string) *fault {
		return &fault{code: code, field: q.source(), reason: fmt.Sprintf("%s.%s %s", r.target.Object, name, reason)}
	}
	if r.target.Describe == nil {
		return &fault{code: leadtype.ConnectionPermission, field: q.source(), reason: value.UnseenObject}
	}
	field, ok := r.target.Describe.Field(name)
	if !ok {
		return problem(leadtype.MissingRemoteField, value.UnseenField)
	}
	if answers = r.withoutBlanks(q, field, answers); len(answers) == 0 {
		return nil
	}
	if !value.Writeable(field, r.target.Creates()) {
		r.warn(leadtype.Locked, leadtype.ConnectionPermission, field, value.WhyLocked(field))
		return nil
	}
	differs := func(answer string) bool { return !value.SameName(answer, answers[0]) }
	if !q.Multiple && !slices.ContainsFunc(answers, differs) {
		answers = answers[:1] // given twice, it is one
	}
	switch {
	case len(answers) > 1 && !q.Multiple:
		return r.unfit(field, problem(leadtype.DataValueValidation, "takes one answer"))
	case !q.fits(field, answers):
		return r.unfit(field, problem(leadtype.DataValueValidation, "takes an answer that is a "+string(q.Type)))
	case field.DependentPicklist:
		r.pending = append(r.pending, pendingAnswer{q, field, answers})
		return nil
	}
	return r.fill(q, field, answers)
}

// fill puts answers into a field as the options that they are mapped to.
func (r *answering) fill(q *Qualifier, field *salesforce.Field, answers []string) *fault {
	controller := controllerOf(&r.target, field, r.fields, r.mapped)
	options, missing, lacks := q.options(field, controller, answers)
	switch {
	case missing == "":
	case r.holds(q, field, answers):
		return nil
	case q.Unmapped == DropUnmapped:
		if r.leaves(field) {
			return nil
		}
		r.warn(leadtype.Unmapped, leadtype.NoTagMapping, field, missing+": the answer was dropped")
	default:
		return r.unfit(field, &fault{code: leadtype.NoTagMapping, field: q.source(),
			reason: fmt.Sprintf("%s.%s %s", r.target.Object, field.Name, missing), options: lacks, picklist: field.Name})
	}
	return r.put(q, field, controller, options)
}

// withoutBlanks leaves out answers that stand for none, and notes it.
func (r *answering) withoutBlanks(q *Qualifier, field *salesforce.Field, answers []string) []string {
	given := q.given(r.lead, r.words, field)
	if len(given) < len(answers) {
		r.warnings = append(r.warnings, leadtype.Warning{Kind: leadtype.BlankText, Object: r.target.Object, Field: field.Name,
			Reason: q.source() + " has an answer that stands for none"})
	}
	return given
}

// given returns a lead's answers without those that stand for none, which are not those
// that the qualifier maps, and not words that are an option of its field. The field may be
// nil.
func (q *Qualifier) given(lead *leadtype.Lead, words blank.Words, field *salesforce.Field) []string {
	return slices.DeleteFunc(answersOf(lead, q.Name), func(answer string) bool {
		return !q.maps(answer) &&
			(blank.Always(answer) || words.Has(answer) && (field == nil || !isValueOf(field, answer)))
	})
}

// holds reports whether the record has what the answers are mapped to, such as an
// option that is no longer active: it may keep it.
func (r *answering) holds(q *Qualifier, field *salesforce.Field, answers []string) bool {
	options := make([]string, len(answers))
	for i, answer := range answers {
		option, mapped := value.Values(q.Options).Of(answer)
		if !mapped {
			return false
		}
		options[i] = option
	}
	return r.target.holds(field, options)
}

func (r *answering) put(
	q *Qualifier, field *salesforce.Field, controller *value.Controller, options []string,
) *fault {
	if field.Type == salesforce.TypePicklist && len(options) > 1 {
		return r.unfit(field, misfit(q.source(), fmt.Sprintf("%s.%s takes one answer", r.target.Object, field.Name)))
	}
	var v any = options
	if field.Type != salesforce.TypeMultipicklist {
		separator := q.Separator
		if separator == "" {
			separator = "; "
		}
		v = strings.Join(options, separator)
	}
	converted, notes, problem := value.Convert(field, v,
		value.Options{Zone: value.EventZone(r.lead.CapturedAt), Controller: controller, Numbers: r.numbers(field)})
	if problem != nil {
		if r.target.holds(field, v) && (controller == nil || r.target.holds(controller.Field, controller.Value)) {
			return nil
		}
		return r.unfit(field, misfit(q.source(), fmt.Sprintf("%s.%s %s", r.target.Object, field.Name, problem.Reason)).
			lacking(field.Name, problem.Option))
	}
	if converted != nil && r.replaces(field, converted) {
		r.warnings = append(r.warnings, verdict.WarningsOf(r.target.Object, notes)...)
		r.fields[field.Name] = converted
	}
	return nil
}

// numbers says how answers become a number of a field: as the text of a row for it does.
func (r *answering) numbers(field *salesforce.Field) *value.Numbers {
	if !value.IsNumeric(field.Type) {
		return nil
	}
	m, rule := r.mapping, Rule{Field: field.Name}
	if m == nil {
		m = new(Mapping)
	} else if row := m.rule(r.target.Object, field.Name); row.Field != "" {
		rule = row
	}
	run := mapRun{Mapping: m, lead: r.lead, target: r.target, zone: value.EventZone(r.lead.CapturedAt)}
	numbers := r.target.numbers(m, &rule, field, run.currencies)
	if numbers.People && numbers.Range == "" {
		numbers.Range = value.RangeLow
	}
	return numbers
}

// rule returns the rule under which answers are written to a field: that of a row for a
// consent, or the one that fits a field which is a consent by its name or label, else
// UnlessEdited.
func (r *answering) rule(field *salesforce.Field) *Rule {
	rule, rules := &Rule{Field: field.Name, Write: UnlessEdited}, []Rule(nil)
	if r.mapping != nil {
		rules = r.mapping.rules(r.target.Object)
	}
	row := consentRow(rules, field, r.target.Describe)
	if row != nil && (row.writeRule(&r.target).isConsent() || !row.ofConsent()) {
		return row
	}
	for i := range rules {
		if row := &rules[i]; row.Write != Never && strings.EqualFold(row.Field, field.Name) {
			rule.Existing = row.Existing
		}
	}
	rule.Write = cmp.Or(consentRule(field), rule.Write)
	return rule
}

// over is what answers write over in a field. A box that is not ticked, and of which
// nothing is remembered, has no value yet.
func (r *answering) over(field *salesforce.Field) replacement {
	current, _ := r.target.current(field)
	over := replacement{rule: r.rule(field), lead: r.lead, target: &r.target, field: field, current: current,
		names: new(nameParts)}
	if r.mapping != nil {
		over.existing = r.mapping.Existing
	}
	over.lacks = value.IsBlank(current)
	if ticked, isBox := current.(bool); isBox && !ticked && field.Type == salesforce.TypeBoolean {
		hold, _ := r.target.hold(field, current)
		over.lacks = hold == leadtype.HoldUnknown
	}
	return over
}

// unfit returns what is wrong with answers that their field does not take, nil where the record
// would keep what it has anyway.
func (r *answering) unfit(field *salesforce.Field, f *fault) *fault {
	if r.leaves(field) {
		return nil
	}
	return f
}

// leaves reports whether the record keeps what it has in a field whatever the answers are, and
// warns of it as replaces does.
func (r *answering) leaves(field *salesforce.Field) bool {
	over, ok := r.written(field)
	if !ok {
		return true
	}
	return !over.lacks && over.rule.writeRule(&r.target) == WriteIfBlank || !r.decide(field, over.edited())
}

// written returns what answers write over in a field, as the record of a doubtful person takes
// them. It is not ok where they write nothing.
func (r *answering) written(field *salesforce.Field) (over replacement, ok bool) {
	over = r.over(field)
	if r.target.Doubt {
		if over.rule = r.target.inDoubt(over.rule); over.rule == nil {
			return over, false
		}
	}
	if _, known := r.target.current(field); !known {
		r.warn(leadtype.Dropped, "", field, "was left alone: its current value was not read")
		return over, false
	}
	return over, true
}

// replaces reports whether answers are written over what the record has.
func (r *answering) replaces(field *salesforce.Field, v any) bool {
	over, ok := r.written(field)
	if !ok {
		return false
	}
	write := over.rule.writeRule(&r.target)
	if said, isBox := r.mapped[field.Name].(bool); isBox && write.isConsent() && said == (write == Raise) {
		return false // a row has the safer value
	}
	switch {
	case write.isConsent():
	case over.lacks:
		return r.decide(field, over.cleared())
	case write == WriteIfBlank:
		return false
	}
	return r.decide(field, over.of(v))
}

// decide warns of what a ruling keeps, and reports whether the answers are written.
func (r *answering) decide(field *salesforce.Field, by ruling) bool {
	if by.kind != "" {
		r.warn(by.kind, "", field, by.reason)
	}
	if by.equal {
		r.equal = append(r.equal, field.Name)
	}
	return by.write
}

func (r *answering) warn(kind leadtype.WarningKind, code leadtype.Code, field *salesforce.Field, reason string) {
	r.warnings = append(r.warnings,
		leadtype.Warning{Kind: kind, Code: code, Object: r.target.Object, Field: field.Name, Reason: reason})
}

// fits reports whether answers are of the qualifier's type. Whether they are numbers that the
// field takes is left to their conversion.
func (q *Qualifier) fits(field *salesforce.Field, answers []string) bool {
	for _, answer := range answers {
		switch q.Type {
		case QualifierNumber:
			if !value.IsNumeric(field.Type) && !value.Fits(salesforce.TypeDouble, answer) {
				return false
			}
		case QualifierBoolean:
			if !value.Fits(salesforce.TypeBoolean, answer) {
				return false
			}
		}
	}
	return true
}

// options returns what to send for answers, each once. Where answers have no option
// they are left out, and missing says so in words: it names an option that the
// qualifier asks for, and never an answer. lacks are the options that a restricted picklist
// lacks, which may be answers.
func (q *Qualifier) options(
	field *salesforce.Field, controller *value.Controller, answers []string,
) (options []string, missing string, lacks []string) {
	mapped := value.Values(q.Options)
	if q.Multiple {
		answers = mapped.Split(field, answers)
	}
	find, sent := mapped.Finder(len(answers)), make(value.Set)
	for _, answer := range answers {
		option, ok := find(answer)
		if !ok && q.Unmapped == PassUnmapped {
			option, ok = answer, !field.RestrictedPicklist
		}
		spelled, hits := option, 1
		if field.RestrictedPicklist {
			spelled, hits = optionFor(field, controller, option)
		}
		switch {
		case !ok:
			missing = "has no option for an answer: the qualifier does not map it"
		case hits == 1 && !sent.Has(spelled):
			options = append(options, spelled)
			sent.Add(spelled)
		case hits == 1: // it is there already
		case hits > 1:
			missing = "has more than one active option for an answer, and is a restricted picklist"
		case len(q.Options) > 0:
			missing = fmt.Sprintf(value.NoActiveOption+" %q, and is a restricted picklist", option)
			lacks = append(lacks, option)
		default:
			missing = value.NoActiveOption + " for an answer, and is a restricted picklist"
			lacks = append(lacks, option)
		}
	}
	return options, missing, lacks
}

// optionFor is value.OptionFor, but an option that the controlling value does not allow
// is found too: it is refused when it is converted.
func optionFor(field *salesforce.Field, controller *value.Controller, text string) (option string, hits int) {
	option, hits = value.OptionFor(field, text, controller)
	if hits == 0 && controller != nil {
		if _, hits = value.OptionFor(field, text, nil); hits > 0 {
			return text, 1
		}
	}
	return option, hits
}

// unusedAnswers warns of answers that nothing in the configuration reads for the lead's
// event. What a host's own Mapper reads is not known: beside one there is no warning.
func (s *Set) unusedAnswers(lead *leadtype.Lead) []leadtype.Warning {
	if s.mapping() == nil || len(lead.Answers) == 0 {
		return nil
	}
	used := s.answersRead(lead)
	var warnings []leadtype.Warning
	for _, name := range slices.Sorted(maps.Keys(lead.Answers)) {
		source := value.PrefixQualifier + name
		if !used.Has(source) && !s.links.sources.Has(source) && len(answersOf(lead, name)) > 0 {
			warnings = append(warnings,
				leadtype.Warning{Kind: leadtype.Unmapped, Code: leadtype.NoTagMapping, Field: source,
					Reason: "does not belong to a qualifier of the event"})
		}
	}
	return warnings
}

// answersRead returns the sources that qualifiers and rules read.
func (s *Set) answersRead(lead *leadtype.Lead) value.Set {
	used := make(value.Set)
	for i := range s.cfg.Qualifiers {
		if q := &s.cfg.Qualifiers[i]; q.Archived || q.asks(lead) {
			used.Add(q.source())
		}
	}
	for _, section := range s.mapping().Sections {
		addSources(used, section.Rules)
	}
	return used
}

func addSources(sources value.Set, rules []Rule) {
	for i := range rules {
		sources.Add(rules[i].Source)
	}
}

// answerReason names the qualifier whose answers fill a field, "" for none.
// Answers come after rules, and of several qualifiers the last one counts.
func (s *Set) answerReason(object salesforce.Object, field string, leads []*leadtype.Lead) string {
	reason := ""
	for _, lead := range leads {
		for i := range s.cfg.Qualifiers {
			if q := &s.cfg.Qualifiers[i]; q.fills(object, field, lead) {
				reason = "answer to " + q.source()
			}
		}
	}
	return reason
}

// Activities returns a lead's activities and its answers to note qualifiers. They must not be
// changed.
func (s *Set) Activities(lead *leadtype.Lead) []leadtype.Activity {
	return append(slices.Clip(lead.Activities), noteAnswers(s.cfg.Qualifiers, lead, s.blankWords())...)
}

// noteAnswers returns the answers to note qualifiers as activities, whose ids
// change with the answer only.
func noteAnswers(qualifiers []Qualifier, lead *leadtype.Lead, words blank.Words) []leadtype.Activity {
	var notes []leadtype.Activity
	for i := range qualifiers {
		q := &qualifiers[i]
		if q.Type != QualifierNote || !q.asks(lead) {
			continue
		}
		answers := q.given(lead, words, nil)
		if len(answers) == 0 {
			continue
		}
		text := q.Name + ": " + strings.Join(answers, "\n")
		sum := sha256.Sum256([]byte(text))
		notes = append(notes, leadtype.Activity{
			ID:   value.PrefixQualifier + hex.EncodeToString(sum[:16]),
			Kind: leadtype.ActivityNote, At: lead.CapturedAt, By: lead.CapturedBy, Notes: text,
		})
	}
	return notes
}

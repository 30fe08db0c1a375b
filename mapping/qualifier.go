package mapping

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/leadsync/leadsync/internal/strictjson"
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/internal/verdict"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// A Qualifier is a question that reps put to leads, and where its answers go.
type Qualifier struct {
	// Name is the question's, as the leads' Answers have it. Its source field is
	// qualifier.<name>.
	Name string `json:"name"`
	// Type is what an answer is. Empty means QualifierPicklist.
	Type QualifierType `json:"type,omitempty"`
	// Multiple allows several answers: they go together into a multipicklist, or
	// joined into text.
	Multiple bool `json:"multiple,omitempty"`
	// Required fails a lead that has no answer with REQUIRED_FIELD_MISSING.
	Required bool `json:"required,omitempty"`
	// Archived qualifiers take no part: their answers stay where they are.
	Archived bool `json:"archived,omitempty"`
	// Events are the ids of the events that ask. Empty means all.
	Events []string `json:"events,omitempty"`
	// Fields say where the answers go: a field for each object that is a Lead, a
	// Contact, an Account or has a section in the mapping. No two qualifiers of an
	// event share one. An answer counts before a row of the mapping for the field.
	Fields map[salesforce.Object]string `json:"fields,omitempty"`
	// Options map answers, compared without regard to case, to picklist options.
	// Empty means that the answers are options themselves.
	Options map[string]string `json:"options,omitempty"`
	// Unmapped says what happens to an answer without an option. Empty means
	// HoldUnmapped.
	Unmapped UnmappedPolicy `json:"unmapped,omitempty"`
	// Separator joins several answers into text. Empty means "; ".
	Separator string `json:"separator,omitempty"`
}

// A QualifierType is what the answers to a Qualifier are.
type QualifierType string

// The types of qualifier.
const (
	QualifierPicklist QualifierType = "picklist"
	QualifierText     QualifierType = "text"
	QualifierNumber   QualifierType = "number"
	QualifierBoolean  QualifierType = "boolean"
	// QualifierNote becomes a Task with the answer as its notes.
	QualifierNote QualifierType = "note"
)

// An UnmappedPolicy says what happens to an answer that has no option.
type UnmappedPolicy string

// The policies for answers without an option.
const (
	// HoldUnmapped fails the lead with NO_TAG_MAPPING.
	HoldUnmapped UnmappedPolicy = "hold"
	// PassUnmapped sends the answer as it is, where the field is not a restricted
	// picklist; there it holds.
	PassUnmapped UnmappedPolicy = "pass"
	// DropUnmapped leaves the answer out, with a warning.
	DropUnmapped UnmappedPolicy = "drop"
)

// source returns the name of the qualifier's source field.
func (q *Qualifier) source() string { return value.PrefixQualifier + q.Name }

// asks reports whether the qualifier takes part for a lead.
func (q *Qualifier) asks(lead *leadtype.Lead) bool {
	return !q.Archived && (len(q.Events) == 0 || slices.Contains(q.Events, lead.EventID))
}

// fills reports whether a lead has answers that go into a field.
func (q *Qualifier) fills(object salesforce.Object, field string, lead *leadtype.Lead) bool {
	return q.Type != QualifierNote && q.asks(lead) && strings.EqualFold(q.field(object), field) &&
		len(value.TrimmedValues(lead.Answers[q.Name])) > 0
}

// field returns the name of the field of object that takes the answers.
func (q *Qualifier) field(object salesforce.Object) string {
	for name, field := range q.Fields {
		if name.Equal(object) {
			return field
		}
	}
	return ""
}

// mapAnswers returns the fields of the target that a lead's answers fill. What
// concerns the lead as a whole, required answers, is looked at with the person, so
// that it is said once.
func mapAnswers(qualifiers []Qualifier, lead *leadtype.Lead, target Target) (salesforce.Fields, []leadtype.Warning, []*fault) {
	run := answering{lead: lead, target: target, fields: salesforce.Fields{}}
	if target.Object == salesforce.ObjectLead || target.Object == salesforce.ObjectContact {
		run.checkRequired(qualifiers)
	}
	for i := range qualifiers {
		q := &qualifiers[i]
		answers := value.TrimmedValues(lead.Answers[q.Name])
		field := q.field(target.Object)
		if !q.asks(lead) || q.Type == QualifierNote || field == "" || len(answers) == 0 {
			continue
		}
		if f := run.answer(q, field, answers); f != nil {
			run.faults = append(run.faults, f)
		}
	}
	return run.fields, run.warnings, run.faults
}

// An answering is one lead's answers on their way into one record.
type answering struct {
	lead     *leadtype.Lead
	target   Target
	fields   salesforce.Fields
	warnings []leadtype.Warning
	faults   []*fault
}

func (r *answering) checkRequired(qualifiers []Qualifier) {
	for i := range qualifiers {
		q := &qualifiers[i]
		if q.Required && q.asks(r.lead) && len(value.TrimmedValues(r.lead.Answers[q.Name])) == 0 {
			r.faults = append(r.faults, &fault{leadtype.RequiredFieldMissing, q.source(), "has no answer"})
		}
	}
}

// answer puts the answers to one qualifier into a field.
func (r *answering) answer(q *Qualifier, name string, answers []string) *fault {
	problem := func(code leadtype.Code, reason string) *fault {
		return &fault{code, q.source(), fmt.Sprintf("%s.%s %s", r.target.Object, name, reason)}
	}
	if r.target.Describe == nil {
		return &fault{leadtype.ConnectionPermission, q.source(), value.UnseenObject}
	}
	field, ok := r.target.Describe.Field(name)
	if !ok {
		return problem(leadtype.MissingRemoteField, value.UnseenField)
	}
	if !value.Writeable(field, r.target.Creates()) {
		r.warn(leadtype.ConnectionPermission, field, value.LockedField)
		return nil
	}
	if len(answers) > 1 && !q.Multiple {
		return problem(leadtype.DataValueValidation, "takes one answer")
	}
	if !q.fits(answers) {
		return problem(leadtype.DataValueValidation, "takes an answer that is a "+string(q.Type))
	}
	options, missing := q.options(field, answers)
	switch {
	case missing == "":
	case r.holds(q, field, answers):
		return nil
	case q.Unmapped == DropUnmapped:
		r.warn(leadtype.NoTagMapping, field, missing+": the answer was dropped")
	default:
		return problem(leadtype.NoTagMapping, missing)
	}
	return r.put(q, field, options)
}

// holds reports whether the record has what the answers are mapped to, such as an
// option that is no longer active: it may keep it.
func (r *answering) holds(q *Qualifier, field *salesforce.Field, answers []string) bool {
	options := make([]string, len(answers))
	for i, answer := range answers {
		option, mapped := q.option(answer)
		if !mapped {
			return false
		}
		options[i] = option
	}
	return r.target.holds(field, options)
}

func (r *answering) put(q *Qualifier, field *salesforce.Field, options []string) *fault {
	if field.Type == salesforce.TypePicklist && len(options) > 1 {
		return &fault{leadtype.DataValueValidation, q.source(), fmt.Sprintf("%s.%s takes one answer", r.target.Object, field.Name)}
	}
	var v any = options
	if field.Type != salesforce.TypeMultipicklist {
		separator := q.Separator
		if separator == "" {
			separator = "; "
		}
		v = strings.Join(options, separator)
	}
	converted, notes, problem := value.Convert(field, v, value.Options{Zone: value.EventZone(r.lead.CapturedAt)})
	if problem != nil {
		return &fault{leadtype.DataValueValidation, q.source(), fmt.Sprintf("%s.%s %s", r.target.Object, field.Name, problem.Reason)}
	}
	r.warnings = append(r.warnings, verdict.WarningsOf(r.target.Object, notes)...)
	if converted != nil {
		r.fields[field.Name] = converted
	}
	return nil
}

func (r *answering) warn(code leadtype.Code, field *salesforce.Field, reason string) {
	r.warnings = append(r.warnings, leadtype.Warning{Code: code, Object: r.target.Object, Field: field.Name, Reason: reason})
}

// fits reports whether answers are of the qualifier's type.
func (q *Qualifier) fits(answers []string) bool {
	for _, answer := range answers {
		switch q.Type {
		case QualifierNumber:
			if !value.Fits(salesforce.TypeDouble, answer) {
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
// qualifier asks for, and never an answer.
func (q *Qualifier) options(field *salesforce.Field, answers []string) (options []string, missing string) {
	for _, answer := range answers {
		option, mapped := q.option(answer)
		if !mapped && q.Unmapped == PassUnmapped {
			option, mapped = answer, !field.RestrictedPicklist
		}
		spelled, active := option, true
		if field.RestrictedPicklist {
			spelled, active = value.FindOption(field, option)
		}
		switch {
		case !mapped:
			missing = "has no option for an answer: the qualifier does not map it"
		case active && !slices.Contains(options, spelled):
			options = append(options, spelled)
		case active: // it is there already
		case len(q.Options) > 0:
			missing = fmt.Sprintf("has no active option %q, and is a restricted picklist", option)
		default:
			missing = "has no active option for an answer, and is a restricted picklist"
		}
	}
	return options, missing
}

// option returns the option that an answer is mapped to.
func (q *Qualifier) option(answer string) (string, bool) {
	if len(q.Options) == 0 {
		return answer, true
	}
	for name, option := range q.Options {
		if strings.EqualFold(strings.TrimSpace(name), answer) {
			return option, true
		}
	}
	return "", false
}

// noteAnswers returns the answers to note qualifiers as activities, whose ids
// change with the answer only.
func noteAnswers(qualifiers []Qualifier, lead *leadtype.Lead) []leadtype.Activity {
	var notes []leadtype.Activity
	for i := range qualifiers {
		q := &qualifiers[i]
		answers := value.TrimmedValues(lead.Answers[q.Name])
		if q.Type != QualifierNote || !q.asks(lead) || len(answers) == 0 {
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

// UnmarshalJSON reads a qualifier, as Settings.UnmarshalJSON does.
func (q *Qualifier) UnmarshalJSON(data []byte) error {
	type plain Qualifier
	return verdict.OfJSON(verdict.OpSettings, strictjson.Decode(data, (*plain)(q)))
}

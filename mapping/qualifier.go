// SPDX-License-Identifier: Apache-2.0

package mapping

import (
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
	// Archived qualifiers are not used: their answers are ignored, without a warning.
	Archived bool `json:"archived,omitempty"`
	// Events are the ids of the events that ask. Empty means all.
	Events []string `json:"events,omitempty"`
	// Fields say where the answers go: a field for each object that is a Lead, a
	// Contact, an Account or has a section in the mapping. No two qualifiers of an
	// event share one. An answer counts before a rule of the mapping for the field. It is
	// written as under UnlessEdited; to a checkbox that has a rule with Raise or Lower, or that
	// is an opt-out or a consent by its name or label, as under Raise or Lower.
	Fields map[salesforce.Object]string `json:"fields,omitempty"`
	// Options map answers, compared as Rule.Values are, to picklist options.
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
		len(answersOf(lead, q.Name)) > 0
}

// fillsBox reports whether a field that answers fill, and that is a consent by its name, is
// known to be a checkbox without a describe: by the answers, or because it is a standard field.
func (q *Qualifier) fillsBox(field string) bool {
	if q.Type == QualifierBoolean || !strings.Contains(field, "__") {
		return true
	}
	for _, option := range q.Options {
		if option != "true" && option != "false" {
			return false
		}
	}
	return len(q.Options) > 0
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

// UnmarshalJSON reads a qualifier, as leadsync.Settings.UnmarshalJSON does.
func (q *Qualifier) UnmarshalJSON(data []byte) error {
	type plain Qualifier
	return verdict.OfJSON(verdict.OpSettings, strictjson.Decode(data, (*plain)(q)))
}

// SPDX-License-Identifier: Apache-2.0

package leadtype

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/leadsync/leadsync/internal/value"
)

// Explain says in plain sentences, one a line, why the record of a lead was
// chosen and what was done to it. It holds ids and names of fields, no values.
// It is empty for nil.
func Explain(o *Outcome) string {
	if o == nil {
		return ""
	}
	lines := []string{fmt.Sprintf("Lead %q is %s.", string(o.LeadID), o.status())}
	if trace := o.Trace.String(); trace != "" {
		lines = append(lines, trace)
	}
	for _, part := range o.Parts {
		lines = append(lines, part.sentence())
	}
	if o.Stage != Cleared && len(o.Warnings) > 0 {
		lines = append(lines, plannedOnly)
	}
	for _, warning := range o.Warnings {
		lines = append(lines, warning.label()+": "+warning.String()+".")
	}
	if o.Err != nil {
		lines = append(lines, o.Err.sentence())
	}
	return strings.Join(lines, "\n")
}

// plannedOnly stands before the warnings of a lead that is not cleared.
const plannedOnly = "It is not cleared: what follows is about what was planned, and not written in full."

// status is the stage with what there is to say of it.
func (o *Outcome) status() string {
	text := string(o.Stage)
	if o.Action != "" {
		text += " (" + string(o.Action) + ")"
	}
	if o.ID != "" {
		text += " as " + named(o.Object, o.ID)
	}
	if !o.RetryAt.IsZero() {
		text += ", to be retried at " + value.TimeText(o.RetryAt)
	}
	return text
}

// sentence says what became of a part.
func (p Part) sentence() string {
	kind := string(p.Kind)
	if p.Kind == PartCustom {
		kind = "record"
	}
	text := fmt.Sprintf("The %s, %s", kind, named(p.Object, p.ID))
	if p.Key != "" {
		text += fmt.Sprintf(" for %q", p.Key)
	}
	switch {
	case p.Err != nil && len(p.Err.Fields) > 0:
		return fmt.Sprintf("%s, failed with %s (%s).", text, p.Err.Code, strings.Join(p.Err.Fields, ", "))
	case p.Err != nil:
		return fmt.Sprintf("%s, failed with %s.", text, p.Err.Code)
	case p.Action == "":
		return text + ", was not attempted."
	}
	text += fmt.Sprintf(", was %s", p.Action)
	if len(p.Changes) > 0 && p.Action == Updated {
		text += " (" + strings.Join(fieldsOf(p.Changes), ", ") + ")"
	}
	switch p.Owner {
	case "":
	case DecidedByOrg:
		text += "; its owner was " + p.Owner
	default:
		text += "; its owner is " + p.Owner
	}
	return text + "."
}

// fieldsOf returns the fields that were written.
func fieldsOf(changes []FieldChange) []string {
	fields := make([]string, len(changes))
	for i := range changes {
		fields[i] = cmp.Or(changes[i].PersonField, changes[i].Field)
	}
	return fields
}

// sentence says what the error means, and what it is about.
func (e *Error) sentence() string {
	text := fmt.Sprintf("Why: %s: %s", e.Code, e.Code.Description())
	about := string(e.Object)
	if len(e.Fields) > 0 {
		about = strings.TrimPrefix(about+"."+strings.Join(e.Fields, ", "), ".")
	}
	if detail := strings.Trim(about+": "+e.Reason, ": "); detail != "" {
		text += " (" + detail + ")"
	}
	return text
}

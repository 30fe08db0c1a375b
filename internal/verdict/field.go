// SPDX-License-Identifier: Apache-2.0

package verdict

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// OfField makes a *Error of op on an object of what a field does not take.
func OfField(op string, object salesforce.Object, p *value.Problem) *leadtype.Error {
	return &leadtype.Error{Op: op, Code: leadtype.DataValueValidation, Object: object, Fields: []string{p.Field},
		Reason: p.Reason}
}

// WarningsOf makes warnings about a record of an object of what its fields do not
// keep.
func WarningsOf(object salesforce.Object, notes []value.Note) []leadtype.Warning {
	var warnings []leadtype.Warning
	for _, n := range notes {
		warnings = append(warnings, leadtype.Warning{Kind: leadtype.Truncated, Code: leadtype.DataValueValidation,
			Object: object, Field: n.Field, Reason: n.Reason})
	}
	return warnings
}

// maxPerson is the greatest length of who decided something, in bytes.
const maxPerson = 256

// OfPerson makes a *Error of op of a text that names who decided something, where it cannot;
// else it is nil. It may be empty.
func OfPerson(op, by string) error {
	reason := ""
	switch {
	case !utf8.ValidString(by):
		reason = "is not valid UTF-8"
	case len(by) > maxPerson:
		reason = fmt.Sprintf("has more than %d bytes", maxPerson)
	case strings.ContainsFunc(by, func(r rune) bool { return unicode.In(r, unicode.Cc, unicode.Zl, unicode.Zp) }):
		reason = "has a control character or a line break"
	case by != "" && strings.TrimSpace(by) == "":
		reason = "is blank: leave it empty where nobody is known"
	default:
		return nil
	}
	return &leadtype.Error{Op: op, Code: leadtype.DataValueValidation, Fields: []string{"by"}, Reason: reason}
}

// maxRemark is the greatest length of what a person says of a decision, in bytes.
const maxRemark = 1000

// OfRemark makes a *Error of op of a required text in which a person says who decided and
// why, where it is not one; else it is nil.
func OfRemark(op, field, text string) error {
	refuse := func(code leadtype.Code, reason string) error {
		return &leadtype.Error{Op: op, Code: code, Fields: []string{field}, Reason: reason}
	}
	switch {
	case strings.TrimSpace(text) == "":
		return refuse(leadtype.RequiredFieldMissing, "a dismissal requires who decided it and why")
	case !utf8.ValidString(text):
		return refuse(leadtype.DataValueValidation, "is not valid UTF-8")
	case len(text) > maxRemark:
		return refuse(leadtype.DataValueValidation, fmt.Sprintf("has more than %d bytes", maxRemark))
	}
	return nil
}

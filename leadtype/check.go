// SPDX-License-Identifier: Apache-2.0

package leadtype

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/leadsync/leadsync/internal/value"
)

// Check returns why the lead cannot be synced, as a *Error, and nil when it can.
func (l *Lead) Check() error {
	switch {
	case l == nil:
		return &Error{Op: "check", Code: RequiredFieldMissing, Fields: []string{"lead"}, Reason: "the lead is nil"}
	case strings.TrimSpace(string(l.ID)) == "":
		return &Error{Op: "check", Code: RequiredFieldMissing, Fields: []string{"id"}, Reason: "a lead needs an id"}
	case len(l.ID) > MaxLeadID:
		return &Error{Op: "check", Code: DataValueValidation, Fields: []string{"id"},
			Reason: fmt.Sprintf("an id has at most %d bytes", MaxLeadID)}
	case l.Revision < 0:
		return &Error{Op: "check", LeadID: l.ID, Code: DataValueValidation, Fields: []string{"revision"},
			Reason: "must not be negative"}
	case !utf8.ValidString(string(l.ID)):
		return &Error{Op: "check", Code: DataValueValidation, Fields: []string{"id"}, Reason: "is not valid UTF-8"}
	}
	if err := l.checkDepth(); err != nil {
		return err
	}
	if field := l.invalidText(); field != "" {
		return &Error{Op: "check", LeadID: l.ID, Code: DataValueValidation, Fields: []string{field},
			Reason: "is not valid UTF-8"}
	}
	if !l.identified() {
		return &Error{Op: "check", LeadID: l.ID, Code: RequiredFieldMissing,
			Fields: []string{"email", "lastName", "contactId", "leadId"},
			Reason: "set at least one of these fields to identify the person"}
	}
	return nil
}

// Check returns why the activity cannot be logged, as a *Error, and nil when it can.
func (a *Activity) Check() error {
	refuse := func(reason string) error { return &Error{Op: "check", Code: DataValueValidation, Reason: reason} }
	switch {
	case !a.Kind.valid():
		return refuse("has an unknown kind: it must be one of " + value.Quoted(activityKinds()))
	case !utf8.ValidString(a.ID + a.By + a.Notes):
		return refuse("is not valid UTF-8")
	}
	if err := a.checkLimits(); err != nil {
		return err
	}
	if _, err := json.Marshal(a); err != nil {
		return refuse(notJSON)
	}
	return nil
}

// identified reports whether a field identifies the person.
func (l *Lead) identified() bool {
	return slices.ContainsFunc([]string{l.Email, l.FirstName, l.LastName, string(l.ContactID), string(l.LeadID)},
		func(text string) bool { return strings.TrimSpace(text) != "" })
}

// invalidText returns the first source field whose text is not UTF-8.
func (l *Lead) invalidText() string {
	for i := range sourceTable {
		if f := &sourceTable[i]; f.text != nil && !utf8.ValidString(*f.text(l)) {
			return f.name
		}
	}
	if slices.ContainsFunc(l.OtherEmails, func(s string) bool { return !utf8.ValidString(s) }) {
		return "otherEmails"
	}
	for _, phone := range l.Phones {
		if !utf8.ValidString(phone.Number) || !utf8.ValidString(string(phone.Kind)) {
			return "phones"
		}
	}
	for name, answers := range l.Answers {
		if !validText(answers) {
			return value.PrefixQualifier + strings.ToValidUTF8(name, "?")
		}
	}
	for name, custom := range l.Custom {
		if !validText(custom) {
			return value.PrefixCustom + strings.ToValidUTF8(name, "?")
		}
	}
	for _, a := range l.Activities {
		if !utf8.ValidString(a.Notes) || !utf8.ValidString(a.By) || !utf8.ValidString(a.ID) {
			return value.PrefixActivity + strings.ToValidUTF8(string(a.Kind), "?")
		}
	}
	return ""
}

func validText(value any) bool {
	switch v := value.(type) {
	case string:
		return utf8.ValidString(v)
	case []string:
		return !slices.ContainsFunc(v, func(s string) bool { return !utf8.ValidString(s) })
	case json.Number:
		return utf8.ValidString(string(v))
	case []any:
		return !slices.ContainsFunc(v, func(e any) bool { return !validText(e) })
	case map[string]any:
		for key, e := range v {
			if !utf8.ValidString(key) || !validText(e) {
				return false
			}
		}
	}
	return true
}

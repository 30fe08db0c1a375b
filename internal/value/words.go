// SPDX-License-Identifier: Apache-2.0

package value

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/leadsync/leadsync/salesforce"
)

// The prefixes of source fields that carry a name.
const (
	PrefixQualifier = "qualifier."
	PrefixCustom    = "custom."
	PrefixActivity  = "activity."
)

// Why an object or a field cannot be written. Salesforce gives the same answer for a
// deleted field and for a hidden one.
const (
	UnseenObject = "the connected user cannot see the object"
	UnseenField  = "does not exist or is hidden from the connected user"
	LockedField  = "may not be written by the connected user"
)

// What follows LockedField where nobody may write the field.
const (
	ComputedField = ": Salesforce computes it"
	NumberedField = ": Salesforce numbers the records itself"
)

// WhyLocked says why a field may not be written.
func WhyLocked(field *salesforce.Field) string {
	switch {
	case field.Calculated:
		return LockedField + ComputedField
	case field.AutoNumber:
		return LockedField + NumberedField
	}
	return LockedField
}

// Parts of reasons by which package leadtype tells apart what to do.
const (
	NoOption       = "is not an active option of the restricted picklist"
	NoActiveOption = "has no active option"
	UnmappedText   = "has no value for the text of the lead"
	NoSection      = "the mapping has no section for"
	UnseenProbe    = UnseenField + ", and leads are matched by it"
	Unsearchable   = "finds no record: it is encrypted, not text, or otherwise not filterable"
	UniqueOther    = "which is unique, has not the lead's name"
)

// IsNamedSource reports whether name is a source field of the lead that carries a name.
func IsNamedSource(name string) bool {
	return strings.HasPrefix(name, PrefixQualifier) || strings.HasPrefix(name, PrefixCustom) ||
		strings.HasPrefix(name, PrefixActivity)
}

// NoSuchUser is why an e-mail address identifies no User.
const NoSuchUser = "there is not exactly one active user with that e-mail address"

// PathTo is how SOQL reaches the key of the record that field refers to.
func PathTo(field, key *salesforce.Field) string { return field.RelationshipName + "." + key.Name }

// RuleOf names what refused a record. The message of a validation or duplicate rule is
// the administrator's text and the same for every record; other messages may hold
// values, which would split a group of failures.
func RuleOf(err error, reason string) string {
	var sf *salesforce.Error
	if !errors.As(err, &sf) {
		return reason
	}
	switch sf.Code {
	case "FIELD_CUSTOM_VALIDATION_EXCEPTION", "DUPLICATES_DETECTED":
		if sf.Message != "" {
			return sf.Message
		}
	case "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY":
		if name := TriggerOf(sf); name != "" {
			return name
		}
	case "CANNOT_EXECUTE_FLOW_TRIGGER":
		if name := FlowOf(sf); name != "" {
			return name
		}
	}
	return cmp.Or(string(sf.Code), reason)
}

// RecordTypeMissing begins the message of a user who has no record type for an object
// (docs/salesforce.md, Errors).
const RecordTypeMissing = "record type missing for"

// TriggerOf returns the trigger that an Apex failure names, "" for none.
func TriggerOf(sf *salesforce.Error) string {
	if m := triggerInMessage.FindStringSubmatch(sf.Message); m != nil {
		return m[1]
	}
	return ""
}

// FlowOf returns the flow or process that a failure names, "" for none. The sentence is
// translated: its name is the first in quotes, else the id of its version stands there
// (docs/salesforce.md, Errors, unverified). A text with a mark of an address is none.
func FlowOf(sf *salesforce.Error) string {
	if sf.Code != salesforce.CannotExecuteFlowTrigger {
		return ""
	}
	if m := flowInMessage.FindStringSubmatch(sf.Message); m != nil {
		return m[1] + m[2]
	}
	return ""
}

var flowInMessage = regexp.MustCompile(`^[^"“„«]{0,80}["“„«]\s?([^"“”„«»@\n]{1,80}?)\s?["”“»]|` +
	`\b(301[0-9A-Za-z]{12}(?:[0-9A-Za-z]{3})?)\b`)

// triggerInMessage finds the trigger that an Apex failure names.
var triggerInMessage = regexp.MustCompile(`^([A-Za-z][\w.]*): execution of `)

// beforeOption is what Salesforce says, in English, before the option that a restricted
// picklist lacks.
const beforeOption = "bad value for restricted picklist field: "

// OptionOf returns the option that a restricted picklist lacks, with which Salesforce's
// message ends. In other languages than English it is "" where the message may begin with the
// label of a field or not: fields are those that are known.
func OptionOf(message string, fields []string) string {
	if _, option, ok := strings.Cut(message, beforeOption); ok {
		return option
	}
	label, rest, _ := strings.Cut(message, ": ")
	_, option, labelled := strings.Cut(rest, ": ")
	switch {
	case !labelled:
		return rest
	case slices.ContainsFunc(fields, func(name string) bool { return isLabelOf(label, name) }):
		return option
	}
	return ""
}

// isLabelOf reports whether a label is, but for case and spaces, the name of a field.
func isLabelOf(label, name string) bool {
	bare := strings.NewReplacer(" ", "", "_", "")
	return strings.EqualFold(bare.Replace(strings.TrimSuffix(label, "__c")), bare.Replace(strings.TrimSuffix(name, "__c")))
}

// CauseOf is what failures with one cause have in common. Numbers do not count: "3
// records match" and "4 records match" are one cause.
func CauseOf(object salesforce.Object, fields []string, err error, reason string) string {
	rule := numbers.ReplaceAllString(RuleOf(err, reason), "#")
	return strings.Join(append([]string{string(object), rule}, fields...), "\x00")
}

var numbers = regexp.MustCompile(`[0-9]+`)

// TimeText writes a time as RFC 3339, "" for the zero one.
func TimeText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.RFC3339)
}

// Shown prints a value for a person, on one line and shortened.
func Shown(value any) string {
	const longest = 200
	if value == nil {
		return "(blank)"
	}
	whole := fmt.Sprint(value)
	text := truncate(whole, longest)
	if strings.ContainsFunc(text, unicode.IsControl) {
		text = strconv.Quote(text)
	}
	if length := UTF16Length(whole); length > longest {
		text += fmt.Sprintf("... (%d characters)", length)
	}
	return text
}

// FailureText is a failure for a reader who sees which record it is about.
func FailureText(code string, fields []string, reason string) string {
	if len(fields) > 0 {
		code += " (" + strings.Join(fields, ", ") + ")"
	}
	if reason == "" {
		return code
	}
	return code + ": " + reason
}

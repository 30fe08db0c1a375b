// SPDX-License-Identifier: Apache-2.0

package leadtype

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/leadsync/leadsync/salesforce"
)

// A Warning is something that a person may want to know of a lead that went
// through: text cut, a field skipped, an answer dropped. It holds no value.
type Warning struct {
	// Kind says what it is about. It is empty only in what a Store keeps of an earlier
	// version: a warning of a host's own Mapper that has none gets that of KindFor.
	Kind WarningKind `json:"kind,omitempty"`
	// Code is what a failure of the same cause would have had, empty where there is none.
	Code   Code              `json:"code"`
	Object salesforce.Object `json:"object,omitempty"`
	Field  string            `json:"field,omitempty"`
	Reason string            `json:"reason"`
	// Record is the record that a Rebound warning is about, or a Chosen one.
	Record salesforce.ID `json:"record,omitempty"`
	// Part is the Part.Key of what the warning is about where a lead may have several: the
	// activity of a Task, the campaign of a member. It is empty otherwise.
	Part string `json:"part,omitempty"`
}

// A WarningKind is what a Warning is about. Its text is stored and does not change.
type WarningKind string

// The kinds of warnings.
const (
	// Truncated is for text that was cut to the length of its field.
	Truncated WarningKind = "truncated"
	// Locked is for a field that the connected user may not write.
	Locked WarningKind = "locked"
	// Missing is for a field that describe does not have: it is deleted, or hidden from
	// the connected user.
	Missing WarningKind = "missing"
	// Unfit is for a value that its field does not take.
	Unfit WarningKind = "unfit"
	// Unmapped is for a value that its map, or the map of its qualifier, does not have.
	Unmapped WarningKind = "unmapped"
	// BlankText is for text that stands for no value, such as "n/a". It is a note.
	BlankText WarningKind = "blank-text"
	// KeptEdited is for a field that was not written because a person changed it.
	KeptEdited WarningKind = "kept-edited"
	// KeptExisting is for a field that was not written because it had a value, and nothing
	// is known of who wrote that. It is a note.
	KeptExisting WarningKind = "kept-existing"
	// KeptCleared is for a field that was not written because a person emptied it.
	KeptCleared WarningKind = "kept-cleared"
	// OtherPerson is for a record that was found by its e-mail address and has the name of
	// another person.
	OtherPerson WarningKind = "other-person"
	// Doubt is for a record that was found by its e-mail address, and whose name agrees
	// with the lead's in part.
	Doubt WarningKind = "doubt"
	// AddressContradicts is for an address that was left out because it is not that of the
	// record and cannot replace it.
	AddressContradicts WarningKind = "address-contradicts"
	// Placeholder is for an e-mail address or a company that is nobody's own, such as
	// noreply@example.com.
	Placeholder WarningKind = "placeholder"
	// NoSection is for a record that the mapping has no section for.
	NoSection WarningKind = "no-section"
	// NotIdentifiable is for a lead that leadsync.Syncer.Sync cannot find again in another
	// process, because nothing that identifies it is in the org. The first such lead of a
	// Syncer has it.
	NotIdentifiable WarningKind = "not-identifiable"
	// Stale is for a value of an older capture than the one that was written last.
	Stale WarningKind = "stale"
	// OwnerReplaced is for an owner that the org does not take, or that is not one active
	// User.
	OwnerReplaced WarningKind = "owner-replaced"
	// Chosen is for what a person chose, and for a record that was chosen and is gone.
	Chosen WarningKind = "chosen"
	// RecordReused is for an existing record that a duplicate rule named, and that was
	// used in place of a new one.
	RecordReused WarningKind = "record-reused"
	// Dropped is for a part of the lead that was left out.
	Dropped WarningKind = "dropped"
	// TwoStrategies is for one person whose leads have strategies that make records of
	// different objects: both records are made.
	TwoStrategies WarningKind = "two-strategies"
	// Rebound is for a record that is no longer the lead's, because the lead was
	// corrected, and for an Account that was created for nothing; see Outcome.Left.
	Rebound WarningKind = "rebound"
	// Owed is for a value that Salesforce refused and that is written later, once the
	// schema or the mapping has changed.
	Owed WarningKind = "owed"
	// StatusKept is for a campaign member whose status was not moved down the ladder, or
	// from a status that is not on it.
	StatusKept WarningKind = "status-kept"
	// RuleChanged is for a value that the connection wrote, and that it has replaced now under
	// a mapping that has changed since. The value is in the before-image.
	RuleChanged WarningKind = "rule-changed"
)

// KindFor returns the kind of a warning with a code of which no more is known.
func KindFor(code Code) WarningKind {
	switch code {
	case MissingRemoteField:
		return Missing
	case ConnectionPermission:
		return Locked
	case DataValueValidation:
		return Unfit
	case NoTagMapping:
		return Unmapped
	case OwnerInvalid:
		return OwnerReplaced
	}
	return Dropped
}

// IsNote reports whether the kind says only what was to be expected, and needs nobody's
// attention.
func (k WarningKind) IsNote() bool { return k == KeptExisting || k == BlankText }

// CauseKey identifies what warnings have in common that one fix resolves: kind, object,
// field and reason, whatever the part. It is the kind, a colon and a digest of the rest, in which words with
// digits do not count, such as numbers and the ids of records. Stores keep it.
func (w *Warning) CauseKey() CauseKey {
	kind := cmp.Or(w.Kind, KindFor(w.Code))
	reason := w.Reason
	if strings.ContainsFunc(reason, unicode.IsNumber) {
		reason = wordsWithDigits.ReplaceAllString(reason, "#")
	}
	var some [256]byte
	text := append(append(some[:0], w.Object...), 0)
	text = append(append(text, w.Field...), 0)
	sum := sha256.Sum256(append(text, reason...))
	return CauseKey(hex.AppendEncode(append(append(some[:0], kind...), ':'), sum[:8]))
}

var wordsWithDigits = regexp.MustCompile(`[\pL\pN]*\pN[\pL\pN]*`)

// WarningKind returns the kind of a Warning's CauseKey, "" for that of an Error.
func (k CauseKey) WarningKind() WarningKind {
	return WarningKind(k[:max(0, strings.LastIndex(string(k), ":"))]) // a host's kind may have colons
}

// String says what the warning is about, and in parentheses what became of the value and the
// code, such as "Lead.Phone: is longer than 40 characters (left out: unfit,
// DATA_VALUE_VALIDATION)". It holds no values. Explain, the print of a Plan and exported
// files have it.
func (w *Warning) String() string {
	said := []string{w.where(), w.Reason}
	text := strings.Join(slices.DeleteFunc(said, func(s string) bool { return s == "" }), ": ")
	about := w.done()
	if w.Code != "" {
		about += ", " + string(w.Code)
	}
	return strings.TrimSpace(text + " (" + about + ")")
}

// where names the field, or the object where it is about no field, and which of several parts.
func (w *Warning) where() string {
	where := string(w.Object)
	if w.Field != "" {
		where = strings.TrimPrefix(where+"."+w.Field, ".")
	}
	if w.Part != "" {
		where += fmt.Sprintf(" for %q", w.Part)
	}
	return where
}

// label is what the warning is for a reader.
func (w *Warning) label() string {
	if w.Kind.IsNote() {
		return "Note"
	}
	return "Warning"
}

func (w *Warning) done() string { return cmp.Or(w.Kind, KindFor(w.Code)).Done() }

// Done says in a few words what became of the value that a warning of the kind is about,
// such as "left out: unfit" or "kept: edited in Salesforce"; for a kind that is not about a
// value it is the kind itself.
func (k WarningKind) Done() string {
	switch k {
	case Locked, Missing, Unfit, Unmapped, Placeholder:
		return "left out: " + string(k)
	case BlankText:
		return "left out: no value"
	case Stale:
		return "left out: older than what is there"
	case AddressContradicts:
		return "left out: another address"
	case Doubt:
		return "left out: perhaps another person"
	case NoSection:
		return "left out: no section in the mapping"
	case Truncated:
		return "cut: too long"
	case KeptEdited:
		return "kept: edited in Salesforce"
	case KeptCleared:
		return "kept: emptied in Salesforce"
	case KeptExisting:
		return "kept: has a value"
	case OtherPerson:
		return "kept: another person's record"
	case StatusKept:
		return "kept: a later status"
	case RuleChanged:
		return "replaced: written under other rules"
	case OwnerReplaced:
		return "replaced: not one active owner"
	case Owed:
		return "owed: written when the schema or the mapping has changed"
	}
	return string(k)
}

// SPDX-License-Identifier: Apache-2.0

package leadtype

import (
	"strings"

	"github.com/leadsync/leadsync/salesforce"
)

// A Warning is something that a person may want to know of a lead that went
// through: text cut, a field skipped, an answer dropped. It holds no value.
type Warning struct {
	// Kind says what it is about, empty for a kind that has no name yet.
	Kind WarningKind `json:"kind,omitempty"`
	// Code is what a failure of the same cause would have had, empty where there is none.
	Code   Code              `json:"code"`
	Object salesforce.Object `json:"object,omitempty"`
	Field  string            `json:"field,omitempty"`
	Reason string            `json:"reason"`
}

// A WarningKind is what a Warning is about. Its text is stored and does not change.
type WarningKind string

// The kinds of warnings.
const (
	// TwoStrategies is for one person whose leads have strategies that make records of
	// different objects: both records are made.
	TwoStrategies WarningKind = "two-strategies"
	// KeptEdited is for a field that was not written because a person changed it.
	KeptEdited WarningKind = "kept-edited"
	// Rebound is for a record that is no longer the lead's, because the lead was
	// corrected; see Outcome.Left.
	Rebound WarningKind = "rebound"
	// NotIdentifiable is for a lead that leadsync.Syncer.Sync cannot find again in another
	// process, because nothing that identifies it is in the org. The first such lead of a
	// Syncer has it.
	NotIdentifiable WarningKind = "not-identifiable"
)

// String says what the warning is about, without values.
func (w *Warning) String() string {
	where := string(w.Object)
	if w.Field != "" {
		where = strings.TrimPrefix(where+"."+w.Field, ".")
	}
	what := string(w.Code)
	if what == "" {
		what = string(w.Kind)
	}
	var said []string
	for _, text := range []string{where, what, w.Reason} {
		if text != "" {
			said = append(said, text)
		}
	}
	return strings.Join(said, ": ")
}

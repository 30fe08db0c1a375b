// SPDX-License-Identifier: Apache-2.0

package store

import "github.com/leadsync/leadsync/leadtype"

// A WarningCount is the leads whose last outcome has a warning of a kind.
type WarningCount struct {
	Kind  leadtype.WarningKind `json:"kind"`
	Leads int                  `json:"leads"`
	// Causes divide the kind; a lead may have several.
	Causes []WarningCauseCount `json:"causes"`
}

// A WarningCauseCount is the leads whose last outcome has a warning of a cause.
type WarningCauseCount struct {
	Cause leadtype.CauseKey `json:"cause"` // leadtype.Warning.CauseKey
	Leads int               `json:"leads"`
	// Sample is the first such warning of one of the leads. It has only the Kind where that
	// outcome cannot be read.
	Sample leadtype.Warning `json:"sample"`
}

// SampleWarning returns the Sample of a WarningCauseCount from the last outcome of a lead that
// was counted, nil when that cannot be read.
func SampleWarning(last *leadtype.Outcome, cause leadtype.CauseKey) leadtype.Warning {
	sample := leadtype.Warning{Kind: cause.WarningKind()}
	if last == nil {
		return sample
	}
	for _, w := range last.Warnings {
		if w.CauseKey() == cause {
			w.Kind = sample.Kind
			return w
		}
	}
	return sample
}

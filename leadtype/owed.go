// SPDX-License-Identifier: Apache-2.0

package leadtype

import "github.com/leadsync/leadsync/salesforce"

// An OwedValue is a value, or the parts of an address, that a sync left out of a record
// and that may be written once the schema of the org or the mapping has changed. It holds
// no value.
type OwedValue struct {
	// Kind is Owed where Salesforce refused the value, and the kind of the warning where it
	// was left out before anything was sent.
	Kind   WarningKind       `json:"kind"`
	Code   Code              `json:"code,omitempty"`
	Object salesforce.Object `json:"object"`
	Fields []string          `json:"fields"`
	Reason string            `json:"reason"`
	// Digest is of the rules and of the fields as the org describes them, and where
	// Salesforce refused them of the values, keyed with the lead's id. While it stays the
	// same, what Salesforce refused is not sent again.
	Digest string `json:"digest,omitempty"`
}

// Warnings are those of the fields that were left out.
func (o *OwedValue) Warnings() []Warning {
	warnings := make([]Warning, len(o.Fields))
	for i, field := range o.Fields {
		warnings[i] = Warning{Kind: o.Kind, Code: o.Code, Object: o.Object, Field: field, Reason: o.Reason}
	}
	return warnings
}

// Owe enters into an outcome what Salesforce refused, with its warnings.
func (o *Outcome) Owe(owed OwedValue) {
	o.Owed = append(o.Owed[:len(o.Owed):len(o.Owed)], owed)
	o.Warnings = append(o.Warnings[:len(o.Warnings):len(o.Warnings)], owed.Warnings()...)
}

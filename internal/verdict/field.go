// SPDX-License-Identifier: Apache-2.0

package verdict

import (
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

package leadsync

import (
	"github.com/leadsync/leadsync/salesforce"
)

// ofField makes a *Error of op on an object of what a field does not take.
func ofField(op string, object salesforce.Object, p *Problem) *Error {
	return &Error{Op: op, Code: DataValueValidation, Object: object, Fields: []string{p.Field}, Reason: p.Reason}
}

// warningsOf makes warnings about a record of an object of what its fields do not
// keep.
func warningsOf(object salesforce.Object, notes []Note) []Warning {
	var warnings []Warning
	for _, n := range notes {
		warnings = append(warnings, Warning{Code: DataValueValidation, Object: object, Field: n.Field, Reason: n.Reason})
	}
	return warnings
}

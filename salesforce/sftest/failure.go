// SPDX-License-Identifier: Apache-2.0

package sftest

import (
	"fmt"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/db"
	"github.com/leadsync/leadsync/salesforce/sftest/internal/wire"
)

// A RowError is why a row was refused: a status code and message as Salesforce
// gives them, and the API names of the fields to blame, if any.
type RowError struct {
	StatusCode string
	Message    string
	Fields     []string
}

// internal returns the error as the packages below have it.
func (e *RowError) internal() *wire.RowError {
	if e == nil {
		return nil
	}
	return &wire.RowError{StatusCode: e.StatusCode, Message: e.Message, Fields: e.Fields}
}

// LockedRow returns the refusal of a row that another transaction holds, for OnRow and
// OnBatch: UNABLE_TO_LOCK_ROW, naming the rows that are held
// (docs/salesforce.md, Errors).
func LockedRow(ids ...string) *RowError {
	err := db.LockedRow(ids...)
	return &RowError{StatusCode: err.StatusCode, Message: err.Message}
}

// FailedTrigger returns the refusal by an Apex trigger, for OnRow and OnBatch:
// CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY. event is the trigger's event, such as
// BeforeInsert; cause is any text, such as that of a lock or of a governor limit
// (docs/salesforce.md, Errors).
func FailedTrigger(trigger, event, cause string) *RowError {
	return &RowError{
		StatusCode: "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
		Message:    fmt.Sprintf("%s: execution of %s\n\ncaused by: %s", trigger, event, cause),
	}
}

// FailedFlow returns the refusal by a flow or process, for OnRow and OnBatch:
// CANNOT_EXECUTE_FLOW_TRIGGER (docs/salesforce.md, Errors, unverified).
func FailedFlow(flow, cause string) *RowError {
	return &RowError{
		StatusCode: "CANNOT_EXECUTE_FLOW_TRIGGER",
		Message: fmt.Sprintf(
			"We can't save this record because the %q process failed. Give your Salesforce admin these details. %s",
			flow, cause,
		),
	}
}

package sftest

import (
	"fmt"
	"strings"
)

// LockedRow is the refusal of a row that another transaction holds, for OnRow
// and OnBatch: UNABLE_TO_LOCK_ROW, naming the rows that are held (SALESFORCE.md
// 3).
func LockedRow(ids ...string) *RowError {
	return rowErr("UNABLE_TO_LOCK_ROW", fmt.Sprintf("unable to obtain exclusive access to this record or %d records: %s", len(ids), strings.Join(ids, ",")))
}

// FailedTrigger is the refusal by an Apex trigger, for OnRow and OnBatch:
// CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY. event is such as BeforeInsert; cause may
// be anything, a lock or a governor limit too (SALESFORCE.md 3).
func FailedTrigger(trigger, event, cause string) *RowError {
	return rowErr("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", fmt.Sprintf("%s: execution of %s\n\ncaused by: %s", trigger, event, cause))
}

// FailedFlow is the refusal by a flow or process, for OnRow and OnBatch:
// CANNOT_EXECUTE_FLOW_TRIGGER (SALESFORCE.md 3, memory).
func FailedFlow(flow, cause string) *RowError {
	return rowErr("CANNOT_EXECUTE_FLOW_TRIGGER", fmt.Sprintf("We can't save this record because the %q process failed. Give your Salesforce admin these details. %s", flow, cause))
}

// SPDX-License-Identifier: Apache-2.0

package revert_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/revert"
)

func TestReportIsPrintedRecordByRecord(t *testing.T) {
	t.Parallel()
	const lead, task = "00Q000000000001EAA", "00T000000000001EAA"
	report := &revert.Report{
		Restored: []revert.Reversal{{Object: "Lead", ID: lead, Fields: []leadtype.FieldChange{
			{Field: "City", Before: "Paris", After: "Rome"}, {Field: "Phone", Before: "1"}}}},
		Deleted: []revert.Reversal{{Object: "Task", ID: task}},
		Kept:    []revert.Reversal{{Object: "Contact", ID: "003000000000001AAA"}},
		Left: []revert.Reversal{
			{Object: "Lead", ID: lead, Err: &leadtype.Error{Code: leadtype.StaleRemoteRecord, Fields: []string{"Title"},
				Reason: "it has been changed since"}},
			{Object: "Task", Err: &leadtype.Error{Code: leadtype.UncertainWrite, Reason: "the response was lost"}}},
	}
	require.Equal(t, `restored Lead 00Q000000000001EAA
    City: Paris -> Rome
    Phone: 1 -> (blank)
deleted Task 00T000000000001EAA
kept Contact 003000000000001AAA, which the run created
left Lead 00Q000000000001EAA: STALE_REMOTE_RECORD (Title): it has been changed since
left Task: UNCERTAIN_WRITE: the response was lost
1 restored, 1 deleted, 1 kept, 2 left
`, report.String())
	require.Equal(t, "0 restored, 0 deleted, 0 kept, 0 left\n", new(revert.Report).String())
}

// A report that was kept as JSON and edited may lack the error of a record.
func TestReportIsPrintedWithoutItsErrors(t *testing.T) {
	t.Parallel()
	report := &revert.Report{Left: []revert.Reversal{{Object: "Lead"}}}
	require.Equal(t, "left Lead\n0 restored, 0 deleted, 0 kept, 1 left\n", report.String())
}

// SPDX-License-Identifier: Apache-2.0

package write_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/internal/match"
	"github.com/leadsync/leadsync/internal/write"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

func TestKnownRemembersTheLeadsSyncedLast(t *testing.T) {
	t.Parallel()
	var known write.Known
	id := func(i int) leadtype.LeadID { return leadtype.LeadID(fmt.Sprint("L", i)) }
	recall := func(i int) *leadtype.Outcome {
		it := &match.Item{Lead: &leadtype.Lead{ID: id(i)}}
		known.Recall([]*match.Item{it})
		return it.Last
	}
	note := func(i int, record salesforce.ID) {
		known.Note([]*leadtype.Outcome{{LeadID: id(i), Stage: leadtype.Failed, Object: "Lead", ID: record,
			Parts: []leadtype.Part{{Kind: leadtype.PartPerson}}, Err: &leadtype.Error{},
			Trace: leadtype.MatchTrace{Rule: "no hit", Probes: make([]leadtype.ProbeTrace, 4), FoldedInto: "L0"}}})
	}
	const most, recordID = 10_000, salesforce.ID("00Q000000000001AAA")
	for i := range most {
		note(i, recordID)
	}
	require.Equal(t, &leadtype.Outcome{LeadID: "L0", Stage: leadtype.Cleared, Object: "Lead", ID: recordID,
		Trace: leadtype.MatchTrace{Rule: "no hit"}}, recall(0))
	note(0, "00Q000000000002AAA") // synced again
	note(most, recordID)
	require.EqualValues(t, "00Q000000000002AAA", recall(0).ID)
	require.NotNil(t, recall(most))
	require.Nil(t, recall(1), "the one synced longest ago is out")
	require.NotNil(t, recall(2))

	note(most+1, "")
	require.Nil(t, recall(most+1), "it has no record")
	known.Forget(id(0))
	known.Forget(id(0))
	require.Nil(t, recall(0))
	mine := &match.Item{Lead: &leadtype.Lead{ID: id(2)}, Last: &leadtype.Outcome{ID: "003000000000001AAA"}}
	known.Recall([]*match.Item{mine})
	require.EqualValues(t, "003000000000001AAA", mine.Last.ID, "a Store knows better")
}

// SPDX-License-Identifier: Apache-2.0

package leadtype_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/leadtype"
)

func TestRecordMemoryKnowsWhatWasWrittenWithoutKeepingIt(t *testing.T) {
	t.Parallel()
	record := leadtype.RecordMemory{ID: "00Q00000000000AAAA"}
	require.False(t, record.Wrote("Email", ""), "nothing is remembered")
	record.Note("Email", "Ada@Example.com")
	require.True(t, record.Wrote("Email", " ada@example.com "))
	require.False(t, record.Wrote("Email", "other@example.com"))
	require.False(t, record.Wrote("Phone", "Ada@Example.com"))
	require.False(t, (*leadtype.RecordMemory)(nil).Wrote("Email", "Ada@Example.com"))
	text, err := json.Marshal(record)
	require.NoError(t, err)
	require.NotContains(t, string(text), "xample")
	require.Less(t, len(text), 200)

	other := leadtype.RecordMemory{ID: "00Q00000000000BAAA"}
	other.Note("Email", "Ada@Example.com")
	require.NotEqual(t, record.Written, other.Written, "digests do not link records")
}

// After an update without a response the record has what was written before or what was
// sent last: both are ours.
func TestRecordMemoryKnowsWhatWasSentWithoutAResponse(t *testing.T) {
	t.Parallel()
	sent := leadtype.RecordMemory{ID: "00Q00000000000AAAA"}
	sent.Note("Email", "b@example.com")
	update := &leadtype.Intent{Update: true, Record: sent.ID, Fields: sent.Written}

	record := leadtype.RecordMemory{ID: "00Q00000000000AAAA"}
	record.Note("Email", "a@example.com")
	record.NoteSent(update)
	for address, ours := range map[string]bool{"a@example.com": true, "b@example.com": true, "c@example.com": false} {
		require.Equal(t, ours, record.Wrote("Email", address), address)
	}
	require.False(t, record.Wrote("Phone", "b@example.com"))

	other := leadtype.RecordMemory{ID: "00Q00000000000BAAA"}
	other.NoteSent(update)
	require.Empty(t, other.Sent)
	other.NoteSent(&leadtype.Intent{Record: other.ID, Fields: sent.Written})
	require.Empty(t, other.Sent, "a create is no update")
}

func TestRecordMemoryOfTwentyFieldsIsShort(t *testing.T) {
	t.Parallel()
	record := leadtype.RecordMemory{ID: "00Q00000000000AAAA"}
	for _, field := range []string{"FirstName", "LastName", "Email", "Company", "Title", "Phone", "MobilePhone", "Website",
		"Industry", "NumberOfEmployees", "AnnualRevenue", "Street", "City", "State", "PostalCode", "Country", "LeadSource",
		"Description", "Salutation", "LinkedIn__c"} {
		record.Note(field, "any value")
	}
	text, err := json.Marshal(record.Written)
	require.NoError(t, err)
	require.LessOrEqual(t, len(text), 420)
}

func TestRecordMemoryMergeKeepsTheCreator(t *testing.T) {
	t.Parallel()
	first := leadtype.RecordMemory{ID: "00Q00000000000AAAA", Lead: "L1",
		Written: map[string]string{"Email": "1", "Phone": "2"}}
	later := leadtype.RecordMemory{ID: "00Q00000000000AAAA", Lead: "L2", Written: map[string]string{"Email": "3"}}
	require.Equal(t, leadtype.RecordMemory{ID: "00Q00000000000AAAA", Lead: "L1",
		Written: map[string]string{"Email": "3", "Phone": "2"}}, first.Merge(later))
	require.Equal(t, map[string]string{"Email": "1", "Phone": "2"}, first.Written)
	require.Equal(t, leadtype.LeadID("L2"), leadtype.RecordMemory{ID: "00Q00000000000AAAA"}.Merge(later).Lead)
}

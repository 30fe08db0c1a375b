// SPDX-License-Identifier: Apache-2.0

package leadtype_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

var (
	emailField = &salesforce.Field{Name: "Email", Type: salesforce.TypeEmail}
	titleField = &salesforce.Field{Name: "Title", Type: salesforce.TypeString}
	phoneField = &salesforce.Field{Name: "Phone", Type: salesforce.TypePhone}
	captured   = time.Date(2026, 5, 4, 9, 30, 0, 0, time.UTC)
)

func requireHold(t *testing.T, record *leadtype.RecordMemory, field *salesforce.Field, v any, want leadtype.Hold) {
	t.Helper()
	hold, _ := record.Holds(field, v)
	require.Equal(t, want, hold, "%s %v", field.Name, v)
}

func TestRecordMemoryKnowsWhatWasWrittenWithoutKeepingIt(t *testing.T) {
	t.Parallel()
	record := leadtype.RecordMemory{ID: "00Q00000000000AAAA"}
	requireHold(t, &record, emailField, "", leadtype.HoldUnknown)
	record.Note(emailField, "Ada@Example.com", captured)
	record.Note(titleField, "Head  of Sales", time.Time{})
	hold, at := record.Holds(emailField, " ada@example.com ")
	require.Equal(t, leadtype.HoldOurs, hold)
	require.Equal(t, captured, at)
	hold, at = record.Holds(titleField, "HEAD OF SALES")
	require.Equal(t, leadtype.HoldOurs, hold)
	require.Zero(t, at)
	requireHold(t, &record, emailField, "other@example.com", leadtype.HoldEdited)
	requireHold(t, &record, emailField, nil, leadtype.HoldEdited)
	requireHold(t, &record, phoneField, "Ada@Example.com", leadtype.HoldUnknown)
	requireHold(t, nil, emailField, "Ada@Example.com", leadtype.HoldUnknown)
	text, err := json.Marshal(record)
	require.NoError(t, err)
	require.NotContains(t, string(text), "xample")

	other := leadtype.RecordMemory{ID: "00Q00000000000BAAA"}
	other.Note(emailField, "Ada@Example.com", captured)
	other.Note(titleField, "Head of Sales", time.Time{})
	require.NotEqual(t, record.Written, other.Written, "digests do not link records")
}

func TestRecordMemoryOfTwentyFieldsIsSmall(t *testing.T) {
	t.Parallel()
	record := leadtype.RecordMemory{ID: "00Q00000000000AAAA", Lead: "ev-2026-000123"}
	for i := range 20 {
		field := &salesforce.Field{Name: fmt.Sprintf("A_field_with_a_long_name_%d__c", i), Type: salesforce.TypeString}
		record.Note(field, fmt.Sprintf("a value of some length %d", i), captured)
		requireHold(t, &record, field, fmt.Sprintf("a value of some length %d", i), leadtype.HoldOurs)
	}
	require.LessOrEqual(t, len(record.ID)+len(record.Lead)+len(record.Written), 400)
}

// Texts that were appended are remembered as long as there is room, those of leads that came
// last the longest. Before, the fourth text made the first one come back.
func TestRecordMemoryOfAppendedTextsIsSmall(t *testing.T) {
	t.Parallel()
	notes := &salesforce.Field{Name: "Description", Type: salesforce.TypeTextarea}
	text := func(i int) string { return fmt.Sprintf("what was said at fair %d", i) }
	for fields, kept := range map[int]int{0: 24, 14: 10, 20: 4, 21: 3, 23: 3} {
		record := leadtype.RecordMemory{ID: "00Q00000000000AAAA", Lead: "ev-2026-000123"}
		for i := range fields {
			field := &salesforce.Field{Name: fmt.Sprintf("A_field_with_a_long_name_%d__c", i), Type: salesforce.TypeString}
			record.Note(field, "a value", captured)
		}
		for i := range 40 {
			record.NoteAppended(notes, text(i), captured.Add(time.Duration(i)*time.Hour))
			record.NoteAppended(notes, text(0), captured) // its lead comes by again
		}
		require.True(t, record.Appended(notes, text(0)))
		for i := range 39 {
			require.Equal(t, i >= 39-kept+1, record.Appended(notes, text(i+1)), "%d of %d fields", i+1, fields)
		}
		require.LessOrEqual(t, len(record.ID)+len(record.Lead)+len(record.Written), 400)
		require.Equal(t, record, record.Merge(record))
	}
}

func TestAfterAWriteWithoutAResponseBothValuesAreOurs(t *testing.T) {
	t.Parallel()
	record := leadtype.RecordMemory{ID: "00Q00000000000AAAA"}
	record.Note(titleField, "CTO", captured)
	record.NoteOpen(titleField, "CEO", captured.Add(time.Hour))
	requireHold(t, &record, titleField, "CTO", leadtype.HoldOurs)
	requireHold(t, &record, titleField, "CEO", leadtype.HoldOurs)
	requireHold(t, &record, titleField, "CFO", leadtype.HoldEdited)
	requireHold(t, &record, titleField, "", leadtype.HoldEdited)
	record.Note(titleField, "COO", captured.Add(2*time.Hour))
	requireHold(t, &record, titleField, "COO", leadtype.HoldOurs)
	requireHold(t, &record, titleField, "CEO", leadtype.HoldOurs) // it may come late
	requireHold(t, &record, titleField, "CTO", leadtype.HoldEdited)
	require.True(t, record.MayChange())

	record.NoteOpen(phoneField, "617 555 0100", captured)
	requireHold(t, &record, phoneField, "", leadtype.HoldUnknown)
	requireHold(t, &record, phoneField, "(617) 555-0100", leadtype.HoldOurs)
	requireHold(t, &record, phoneField, "617 555 0199", leadtype.HoldUnknown)
}

func TestRecordMemoryKnowsWhatWasSentWithoutAResponse(t *testing.T) {
	t.Parallel()
	record := leadtype.RecordMemory{ID: "00Q00000000000AAAA"}
	record.Note(emailField, "a@example.com", captured)
	sent := leadtype.RecordMemory{ID: record.ID}
	sent.NoteOpen(emailField, "b@example.com", captured)
	update := &leadtype.Intent{Update: true, Record: record.ID, Fields: map[string]string{"Email": string(sent.Written)}}
	record.NoteSent(update)
	requireHold(t, &record, emailField, "a@example.com", leadtype.HoldOurs)
	requireHold(t, &record, emailField, "b@example.com", leadtype.HoldOurs)
	requireHold(t, &record, emailField, "c@example.com", leadtype.HoldEdited)
	requireHold(t, &record, phoneField, "b@example.com", leadtype.HoldUnknown)

	other := leadtype.RecordMemory{ID: "00Q00000000000BAAA"}
	other.NoteSent(update)
	require.Empty(t, other.Written)
	other.NoteSent(&leadtype.Intent{Record: other.ID, Fields: update.Fields})
	require.Empty(t, other.Written, "a create is no update")
}

func TestRecordMemoryMergeKeepsTheCreator(t *testing.T) {
	t.Parallel()
	first := leadtype.RecordMemory{ID: "00Q00000000000AAAA", Lead: "L1"}
	first.Note(emailField, "a@example.com", captured)
	first.Note(titleField, "CTO", captured)
	before := first.Written
	later := leadtype.RecordMemory{ID: "00Q00000000000AAAA", Lead: "L2"}
	later.Note(emailField, "b@example.com", captured.Add(time.Minute))
	merged := first.Merge(later)
	require.Equal(t, leadtype.LeadID("L1"), merged.Lead)
	requireHold(t, &merged, titleField, "CTO", leadtype.HoldOurs)
	requireHold(t, &merged, emailField, "b@example.com", leadtype.HoldOurs)
	requireHold(t, &merged, emailField, "a@example.com", leadtype.HoldEdited)
	require.Equal(t, before, first.Written)
	require.Equal(t, merged, merged.Merge(later), "merging twice changes nothing")
	require.Equal(t, leadtype.LeadID("L2"), leadtype.RecordMemory{ID: "00Q00000000000AAAA"}.Merge(later).Lead)
}

func TestAWrittenInAnotherFormRemembersNothing(t *testing.T) {
	t.Parallel()
	for _, text := range []leadtype.Written{"x", "0123456789abcde!", `{"Email":"d"}`} {
		record := leadtype.RecordMemory{ID: "00Q00000000000AAAA", Written: text}
		requireHold(t, &record, emailField, "a@example.com", leadtype.HoldUnknown)
	}
	record := leadtype.RecordMemory{ID: "00Q00000000000AAAA", Written: "x"}
	record.Note(emailField, "a@example.com", captured)
	requireHold(t, &record, emailField, "a@example.com", leadtype.HoldOurs)
}

// Of what two processes remember, it is not known which one wrote last.
func TestMemoriesBesideEachOtherBothCount(t *testing.T) {
	t.Parallel()
	stored := leadtype.RecordMemory{ID: "00Q00000000000AAAA", Lead: "L1"}
	stored.Note(titleField, "CEO", captured)
	own := leadtype.RecordMemory{ID: "00Q00000000000AAAA"}
	own.Note(titleField, "CTO", captured)
	own.Note(emailField, "a@example.com", captured)
	both := stored.Beside(own)
	require.Equal(t, leadtype.LeadID("L1"), both.Lead)
	for _, title := range []string{"CEO", "CTO"} {
		requireHold(t, &both, titleField, title, leadtype.HoldOurs)
	}
	requireHold(t, &both, titleField, "CFO", leadtype.HoldEdited)
	requireHold(t, &both, emailField, "", leadtype.HoldEdited)
	require.Equal(t, stored, stored.Beside(stored))
	stored.NoteSentAt(captured)
	own.NoteSentAt(captured.Add(time.Hour))
	for _, m := range []leadtype.RecordMemory{stored.Beside(own), own.Beside(stored)} {
		require.Equal(t, own.SentAt(), m.SentAt())
	}
	require.False(t, func() bool { m := stored.Beside(stored); return m.MayChange() }())
}

func TestNotingIsMerging(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		noted := leadtype.RecordMemory{ID: "00Q000000000001EAA"}
		merged := noted
		for range rapid.IntRange(1, 40).Draw(t, "values") {
			field := &salesforce.Field{Name: fmt.Sprintf("F%d__c", rapid.IntRange(0, 30).Draw(t, "field")),
				Type: salesforce.TypeString}
			text := rapid.SampledFrom([]string{"a", "b", ""}).Draw(t, "text")
			at := time.Unix(rapid.Int64Range(0, 5).Draw(t, "time")*1e9, 0)
			noted.Note(field, text, at)
			one := leadtype.RecordMemory{ID: noted.ID}
			one.Note(field, text, at)
			merged = merged.Merge(one)
			require.Equal(t, merged.Written, noted.Written)
		}
	})
}

func TestNotingSeveralValuesIsNotingOneAfterTheOther(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		draw := func(most int) (values []leadtype.WrittenValue) {
			for range rapid.IntRange(0, most).Draw(t, "values") {
				values = append(values, leadtype.WrittenValue{
					Field: &salesforce.Field{Name: fmt.Sprintf("F%d__c", rapid.IntRange(0, 30).Draw(t, "field")),
						Type: salesforce.TypeString},
					Value:      rapid.SampledFrom([]string{"a", "b", ""}).Draw(t, "text"),
					CapturedAt: time.Unix(rapid.Int64Range(0, 5).Draw(t, "time")*1e9, 0),
				})
			}
			return values
		}
		together := leadtype.RecordMemory{ID: "00Q000000000001EAA"}
		one := together
		for range 2 { // into an empty memory, and then into one that is not
			values := draw(30)
			together.NoteAll(values)
			for _, v := range values {
				one.Note(v.Field, v.Value, v.CapturedAt)
			}
			require.Equal(t, one, together)
		}
	})
}

package value

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/leadsync/leadsync/salesforce"
)

// PRODUCT.md 4: only fields that differ are sent.
func TestSameValueComparesAsSalesforceStores(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		fieldType     salesforce.FieldType
		current, want any
		same          bool
	}{
		{salesforce.TypeString, "Ada ", "Ada", true},
		{salesforce.TypeString, nil, "", true},
		{salesforce.TypeString, nil, "x", false},
		{salesforce.TypeString, "x", nil, false},
		{salesforce.TypeString, "Ada", "ada", false},
		{salesforce.TypeTextarea, "a\r\nb\r\n", "a\nb", true},
		{salesforce.TypeTextarea, "a\nb", "a b", false},
		{salesforce.TypeEmail, "ada@example.com", "Ada@Example.com", true},
		{salesforce.TypeEmail, "ada@example.com", "ada@example.org", false},
		{salesforce.TypeInt, json.Number("1"), int64(1), true},
		{salesforce.TypeInt, json.Number("1"), "1", true},
		{salesforce.TypeInt, json.Number("1"), 2, false},
		{salesforce.TypeInt, nil, 0, false},
		{salesforce.TypeDouble, json.Number("1.0"), json.Number("1"), true},
		{salesforce.TypeDouble, json.Number("1.0E7"), 10000000.0, true},
		{salesforce.TypeDouble, json.Number("1.25"), 1.2501, true},
		{salesforce.TypeDouble, json.Number("1.2345678901234568E17"), json.Number("123456789012345678"), true},
		{salesforce.TypeDouble, "none", json.Number("1"), false},
		{salesforce.TypeDatetime, "none", "2024-09-09", false},
		{salesforce.TypeDouble, json.Number("1.25"), 1.26, false},
		{salesforce.TypeBoolean, nil, false, true},
		{salesforce.TypeBoolean, true, "yes", true},
		{salesforce.TypeBoolean, false, true, false},
		{salesforce.TypeDatetime, "2024-09-09T20:41:31.000+0000", "2024-09-09T20:41:31.000Z", true},
		{salesforce.TypeDatetime, "2024-09-09T20:41:31.000+0000", "2024-09-09T22:41:31+02:00", true},
		{salesforce.TypeDatetime, "2024-09-09T20:41:31.000+0000", time.Date(2024, 9, 9, 20, 41, 31, 9, time.UTC), true},
		{salesforce.TypeDatetime, "2024-09-09T20:41:31.000+0000", "2024-09-09T20:41:32.000Z", false},
		{salesforce.TypeDate, "2024-09-09", "2024-09-09", true},
		{salesforce.TypeDate, "2024-09-09", "2024-09-10", false},
		{salesforce.TypeTime, "09:30:00.000Z", "09:30:00", true},
		{salesforce.TypeTime, "09:30:00.000Z", "09:31:00", false},
		{salesforce.TypeMultipicklist, "Hot;Cold", "Cold;Hot", true},
		{salesforce.TypeMultipicklist, "Hot;Cold", "Hot", false},
		{salesforce.TypePicklist, "Hot", "Hot", true},
		{salesforce.TypePicklist, "hot", "Hot", false},
		{salesforce.TypeReference, "001dM00003kRs59QAC", "001dM00003kRs59", true},
		{salesforce.TypeReference, "001dM00003kRs59QAC", "001dM00003kRs58", false},
		{salesforce.TypeID, salesforce.ID("001dM00003kRs59QAC"), "001dM00003kRs59", true},
		{salesforce.TypeAddress, map[string]any{"city": "x"}, "x", false},
	} {
		field := &salesforce.Field{Name: "F", Type: tc.fieldType, Precision: 6, Scale: 2, Digits: 8}
		require.Equal(t, tc.same, SameValue(field, tc.current, tc.want), "%s %v %v", tc.fieldType, tc.current, tc.want)
		require.Equal(t, tc.same, SameValue(field, tc.want, tc.current), "%s %v %v", tc.fieldType, tc.want, tc.current)
	}
}

// What Convert makes of a value is the same as what the org then holds.
func TestSameValueKnowsConvertedValues(t *testing.T) {
	t.Parallel()
	types := []salesforce.FieldType{
		salesforce.TypeString, salesforce.TypeTextarea, salesforce.TypeEmail, salesforce.TypePicklist, salesforce.TypeMultipicklist,
		salesforce.TypeBoolean, salesforce.TypeInt, salesforce.TypeDouble, salesforce.TypeDate, salesforce.TypeDatetime, salesforce.TypeTime, salesforce.TypeReference,
	}
	rapid.Check(t, func(t *rapid.T) {
		field := &salesforce.Field{Name: "F", Type: rapid.SampledFrom(types).Draw(t, "type"), Length: 18, Precision: 9, Scale: 2}
		value := rapid.OneOf(rapid.String(), rapid.StringMatching(`[0-9]{1,9}\.[0-9]{0,4}`), rapid.StringMatching(`[0-9a-zA-Z]{15}`),
			rapid.StringMatching(`20[0-9]{2}-0[1-9]-[0-2][1-9]( [01][0-9]:30)?`), rapid.SampledFrom([]string{"a@b.co", "yes", "09:30"})).Draw(t, "value")
		converted, _, problem := Convert(field, value, Options{})
		if problem != nil {
			return
		}
		wire, err := json.Marshal(map[string]any{"F": converted})
		require.NoError(t, err)
		var record salesforce.Record
		require.NoError(t, json.Unmarshal(wire, &record))
		stored, _ := record.Value("F")
		require.True(t, SameValue(field, stored, converted))
		require.True(t, SameValue(field, converted, stored))
	})
}

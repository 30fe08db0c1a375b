// SPDX-License-Identifier: Apache-2.0

package mapping_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
)

// mapOne maps one custom value through transforms into a long text.
func mapOne(value any, transforms ...string) (any, error) {
	m := &mapping.Mapping{Sections: []mapping.Section{{Object: "Lead", Rules: []mapping.Rule{
		{Source: "custom.x", Field: "Text__c", Transforms: transforms},
	}}}}
	describe := &salesforce.Describe{Name: "Lead", Fields: []salesforce.Field{
		{Name: "Text__c", Type: salesforce.TypeTextarea, Length: 1000, Createable: true, Updateable: true},
	}}
	fields, _, err := m.Map(&leadtype.Lead{ID: "L1", Custom: map[string]any{"x": value}},
		mapping.Target{Object: "Lead", Describe: describe})
	return fields["Text__c"], err
}

// Rows can hold named transforms: trim, title case, phone to E.164, date, join,
// split.
func TestBuiltInTransforms(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		in         any
		transforms []string
		want       any
	}{
		{" a ", []string{"trim"}, "a"},
		{"Ada", []string{"upper"}, "ADA"},
		{"ADA", []string{"lower"}, "ada"},
		{"ADA O'NEILL-MCDONALD", []string{"title"}, "Ada O'Neill-McDonald"},
		{"ada o'neil-KING", []string{"title"}, "ada o'neil-KING"}, // it is in both cases
		{"IŞIK", []string{"title:tr"}, "Işık"},
		{[]any{"a", "b"}, []string{"upper", "join:, "}, "A, B"},
		{[]string{"a", "", "b"}, []string{"join"}, "a; b"},
		{"a, b ,c", []string{"split:,", "join: | "}, "a | b | c"},
		{"a;b", []string{"split", "first"}, "a"},
		{[]string{" ", "b"}, []string{"first"}, "b"},
		{"x", []string{"first"}, "x"},
		{" ; ", []string{"split", "first"}, nil},
		{"x", []string{"join"}, "x"},
		{[]string{"a", "b"}, []string{"split:,", "join"}, "a; b"},
		{"a1b2", []string{"digits"}, "12"},
		{"none", []string{"digits"}, nil},
		{"51-200 employees", []string{"number"}, "51"},
		{"12,345,678.50", []string{"number"}, "12345678.5"},
		{"10'000+", []string{"number"}, "10000"},
		{"1,50", []string{"number"}, "1.5"},
		{"-7", []string{"number"}, "-7"},
		{12.5, []string{"number"}, "12.5"},
		{"2026-02-27", []string{"addDays:2"}, "2026-03-01"},
		{time.Date(2026, 5, 4, 23, 30, 0, 0, time.FixedZone("", -7*3600)), []string{"addDays:-1"}, "2026-05-03"},
		{"04.05.2026", []string{"date:02.01.2006", "addDays:30"}, "2026-06-03"},
		{"+49 (0)30 12-34", []string{"e164"}, "+49301234"},
		{"0049 30 1234", []string{"e164"}, "+49301234"},
		{"030 1234", []string{"e164:49"}, "+49301234"},
		{"030 1234", []string{"e164"}, "030 1234"},
		{"+1 415 555 0100 ext. 7", []string{"e164"}, "+14155550100 x7"},
		{"(415) 555-0100", []string{"e164:1"}, "+14155550100"},
		{"1 415 555 0100", []string{"e164:1"}, "+14155550100"},
		{"06 1234", []string{"e164:39"}, "+39061234"},
		{"04.05.2026", []string{"date:02.01.2006"}, "2026-05-04"},
		{"4.5.2026", []string{"date:02.01.2006"}, "2026-05-04"},
		{"04/05/2026", []string{"date:02/01/2006"}, "2026-05-04"},
		{"04/05/2026", []string{"date:01/02/2006"}, "2026-04-05"},
		{"4.5.26", []string{"date:02.01.06"}, "2026-05-04"},
		{"2026-05-04", []string{"date:02.01.2006"}, "2026-05-04"},
		{"4. Mai 2026", []string{"date"}, "2026-05-04"},
		{"5/4/2026 9:30 PM", []string{"datetime:1/2/2006 3:04 PM"}, "2026-05-04T21:30:00"},
		{"04.05.2026 21:30", []string{"datetime:02.01.2006 15:04"}, "2026-05-04T21:30:00"},
		{"04.05.2026 21:30", []string{"datetime"}, "2026-05-04T21:30:00"},
		{"04.05.2026", []string{"datetime"}, "2026-05-04"},
		{"04.05.2026 21:30 +0200", []string{"datetime:02.01.2006 15:04 -0700"}, "2026-05-04T21:30:00+02:00"},
		{"04.05.2026 21:30 CEST", []string{"datetime:02.01.2006 15:04 MST"}, "2026-05-04T19:30:00Z"},
		{"2026-05-04T10:00:00Z", []string{"date"}, "2026-05-04"},
		{time.Date(2026, 5, 4, 23, 0, 0, 0, berlin), []string{"date"}, "2026-05-04"},
	} {
		got, err := mapOne(tc.in, tc.transforms...)
		require.NoError(t, err, "%v %v", tc.in, tc.transforms)
		require.Equal(t, tc.want, got, "%v %v", tc.in, tc.transforms)
	}
}

func TestTransformsRefuseWhatTheyCannotTake(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"trim", "join", "split", "first", "date", "addDays:1"} {
		_, err := mapOne(map[string]any{"secret": 1}, name)
		require.ErrorIs(t, err, leadtype.DataValueValidation, name)
		require.NotContains(t, err.Error(), "secret")
	}
	for _, text := range []string{"1,001-5,000", "about 12", "-7 °C", "many", "1.234", "$5", "10-Jan"} {
		_, err := mapOne(text, "number")
		require.ErrorIs(t, err, leadtype.DataValueValidation, "no part of %q is dropped", text)
	}
	for text, name := range map[string]string{"secret": "date", "secret ": "addDays:1", "secret  ": "datetime",
		"1-800-secret": "e164:1", "555-0100 secret": "e164:1", "+1234567890123456 secret": "e164",
		"04.05.2026 secret": "date:02.01.2006", "05/13/2026": "date:02/01/2006", "03/04/2026": "date",
		"04.05.2026 21:30 XYZ": "datetime:02.01.2006 15:04 MST", "46146": "date", "4.9E+11": "e164:49"} {
		_, err := mapOne(text, name)
		require.ErrorIs(t, err, leadtype.DataValueValidation)
		require.NotContains(t, err.Error(), "secret")
	}
	_, err := mapOne("x", "nonsense")
	require.ErrorIs(t, err, leadtype.DataValueValidation)
}

// SPDX-License-Identifier: Apache-2.0

package mapping_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
)

// Checkboxes take yes and no in the main languages, and nothing that may be either.
func TestCheckboxesTakeYesAndNoOfManyLanguages(t *testing.T) {
	t.Parallel()
	m := &mapping.Mapping{Sections: []mapping.Section{{Object: "Lead", Rules: []mapping.Rule{
		{Source: "custom.x", Field: "Flag__c"}}}}}
	describe := &salesforce.Describe{Name: "Lead", Fields: []salesforce.Field{
		{Name: "Flag__c", Type: salesforce.TypeBoolean, Createable: true, Updateable: true}}}
	for _, tc := range []struct{ in, want any }{ // nil is unfit, "" no value
		{"Yes", true}, {"no", false}, {"TRUE", true}, {"1", true}, {1, true}, {0, false}, {true, true}, {"on", true}, {"x",
			true},
		{"✓", true}, {"☑", true}, {"☐", false}, {"checked", true}, {"agree", true}, {"Ja", true}, {"Nein", false}, {"Oui",
			true},
		{"Non", false}, {"Sí", true}, {"да", true}, {"нет", false}, {"はい", true}, {"いいえ", false}, {"Y", true},
		{[]string{"yes"}, true},
		{"1.0", true}, {1.0, true}, {"yes ", true}, {"nie", false}, {"", ""}, {nil, ""}, {"n/a", ""}, {"--", ""},
		{"I agree to the terms", nil}, {"maybe", nil}, {2, nil}, {[]string{"yes", "no"}, nil}, {"✗", nil}, {"jo", nil},
	} {
		fields, _, err := m.Map(&leadtype.Lead{ID: "L1", Custom: map[string]any{"x": tc.in}},
			mapping.Target{Object: "Lead", Describe: describe})
		switch tc.want {
		case nil:
			require.ErrorIs(t, err, leadtype.DataValueValidation, "%v: %v", tc.in, fields)
		case "":
			require.NoError(t, err, "%v", tc.in)
			require.Empty(t, fields, "%v", tc.in)
		default:
			require.NoError(t, err, "%v", tc.in)
			require.Equal(t, tc.want, fields["Flag__c"], "%v", tc.in)
		}
	}
}

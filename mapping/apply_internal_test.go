// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// Config.Transforms adds named transforms; unknown names are refused.
func TestMappingUsesTheTransformsOfTheConfig(t *testing.T) {
	t.Parallel()
	plain := &Mapping{Sections: []Section{{Object: "Lead", Rules: []Rule{
		{Source: "firstName", Field: "A__c", Transforms: []string{"shout", "trim"}},
		{Source: "lastName", Field: "B__c", Transforms: []string{"list"}},
	}}}}
	require.Len(t, plain.Validate(nil), 2)
	m := plain.With(map[string]TransformFunc{
		"shout": func(v any) (any, error) { return strings.ToUpper(v.(string)) + "! ", nil },
		"trim":  func(v any) (any, error) { return "<" + v.(string) + ">", nil },
		"list":  func(v any) (any, error) { return map[string]any{"a": v}, nil },
		"fail":  func(any) (any, error) { return nil, errors.New("secret") },
		"none":  nil,
	})
	require.Empty(t, m.Validate(nil))
	require.Len(t, plain.Validate(nil), 2, "the host's mapping stays as it is")

	target := Target{Object: "Lead", Describe: &salesforce.Describe{Fields: []salesforce.Field{
		{Name: "A__c", Type: salesforce.TypeString, Length: 40, Createable: true},
		{Name: "B__c", Type: salesforce.TypeString, Length: 40, Createable: true},
	}}}
	fields, _, err := m.Map(&leadtype.Lead{ID: "L1", FirstName: "Ada"}, target)
	require.NoError(t, err)
	require.Equal(t, salesforce.Fields{"A__c": "<ADA! >"}, fields, "a transform of the config comes before a built-in one")

	_, _, err = m.Map(&leadtype.Lead{ID: "L1", LastName: "Ada"}, target)
	require.ErrorIs(t, err, leadtype.DataValueValidation, "a result that is no plain value")

	for _, name := range []string{"fail", "none"} {
		m.Sections[0].Rules = []Rule{{Source: "firstName", Field: "A__c", Transforms: []string{name}}}
		_, _, err = m.Map(&leadtype.Lead{ID: "L1", FirstName: "Ada"}, target)
		require.ErrorIs(t, err, leadtype.DataValueValidation)
		require.NotContains(t, err.Error(), "secret")
	}
	require.Equal(t, "objects[0].rules[0].transforms[0]", m.Validate(nil)[0].Path)
}

// SPDX-License-Identifier: Apache-2.0

package value_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/salesforce"
)

const (
	composed   = "Zo\u00eb M\u00fcller"
	decomposed = "Zoe\u0308 Mu\u0308ller"
)

func TestAccentsAreComposed(t *testing.T) {
	t.Parallel()
	text, ok := value.CleanText(decomposed, false)
	require.True(t, ok)
	require.Equal(t, composed, text)
	require.Equal(t, composed, value.FoldText(decomposed))
	require.Equal(t, []string{composed}, value.TrimmedValues([]string{decomposed}))
	for _, fieldType := range []salesforce.FieldType{salesforce.TypeString, salesforce.TypeTextarea, salesforce.TypeEmail,
		salesforce.TypePicklist, salesforce.TypeMultipicklist} {
		field := &salesforce.Field{Name: "F", Type: fieldType}
		require.True(t, value.SameValue(field, decomposed, composed), fieldType)
		require.True(t, value.SameValue(field, composed, decomposed), fieldType)
		require.False(t, value.SameValue(field, "Zoe Muller", composed), fieldType)
	}
	option := salesforce.PicklistValue{Value: decomposed, Label: decomposed, Active: true}
	found, ok := value.FindOption(&salesforce.Field{PicklistValues: []salesforce.PicklistValue{option}}, composed)
	require.True(t, ok)
	require.Equal(t, decomposed, found, "in the org's spelling")
	require.True(t, value.ContainsFold([]string{decomposed}, "ZO\u00cb M\u00dcLLER"))
	require.Equal(t, value.FoldName(decomposed), value.FoldName("ZO\u00cb M\u00dcLLER"))
	require.NotEqual(t, value.FoldName("Zoe"), value.FoldName("Zo\u00eb"))
}

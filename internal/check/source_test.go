// SPDX-License-Identifier: Apache-2.0

package check

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/leadtype"
)

// Each source field of every lead is known, but for the id that the host chooses; a typical
// lead has the value of the field.
func TestEverySourceFieldHasItsTypicalValues(t *testing.T) {
	t.Parallel()
	var known []string
	for _, row := range sourceRows() {
		for source := range strings.FieldsSeq(row.names) {
			require.NotContains(t, known, source)
			known = append(known, source)
			for _, typical := range row.info.typical {
				require.NotNil(t, typicalLead(source, typical).Value(source), source)
			}
		}
	}
	unknown := slices.DeleteFunc(leadtype.SourceFields(), func(name string) bool { return slices.Contains(known, name) })
	require.Equal(t, []string{"id"}, unknown)
	for _, source := range known {
		require.True(t, leadtype.IsSourceField(source), source)
	}
	require.NotEmpty(t, infoOf("activity.note").typical)
	require.Empty(t, infoOf("custom.email").typical)
}

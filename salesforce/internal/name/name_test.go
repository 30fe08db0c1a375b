// SPDX-License-Identifier: Apache-2.0

package name_test

import (
	"cmp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce/internal/name"
)

func TestIsIdentifier(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"Id", "Key__c", "x1"} {
		require.True(t, name.IsIdentifier(s), s)
		require.True(t, name.IsPath(s+"."+s), s)
	}
	for _, s := range []string{"", "1x", "_x", "a b", "a-b", "ä", "a."} {
		require.False(t, name.IsIdentifier(s), s)
		require.False(t, name.IsPath("Id."+s), s)
	}
}

func TestLengthCountsUTF16(t *testing.T) {
	t.Parallel()
	require.Equal(t, 5, name.Length("aé€😀"))
}

func TestCheckText(t *testing.T) {
	t.Parallel()
	require.NoError(t, name.CheckText("é"))
	require.ErrorIs(t, name.CheckText("\xff"), name.ErrInvalidUTF8)
}

func TestCompareFold(t *testing.T) {
	t.Parallel()
	names := []string{"", "A", "account", "ACCOUNTID", "B_a__c", "b__c"}
	for i, a := range names {
		for j, b := range names {
			require.Equal(t, cmp.Compare(i, j), name.CompareFold(a, b), "%q %q", a, b)
			require.Equal(t, i == j, name.CompareFold(strings.ToUpper(a), strings.ToLower(b)) == 0)
		}
	}
}

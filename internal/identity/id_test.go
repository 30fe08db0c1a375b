// SPDX-License-Identifier: Apache-2.0

package identity_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/internal/identity"
)

func TestIDsAreAlikeButForWhatPeopleDoNotSee(t *testing.T) {
	t.Parallel()
	for _, alike := range [][]string{{"ab3", "aB3", " AB3 ", "ab3\u200b"}, {"strasse", "straße", "STRASSE"},
		{"é", "e\u0301", "É"}, {"ω", "Ω", "\u2126"}, {"a-1_x", "a-1_x"}} {
		for _, id := range alike {
			require.Equal(t, alike[0], identity.ID(id), id)
			require.Equal(t, identity.ID(id), identity.ID(identity.ID(id)))
		}
	}
	for _, other := range [][2]string{{"e", "é"}, {"a/b", "a%2fb"}, {"1", "①"}, {"a b", "ab"}} {
		require.NotEqual(t, identity.ID(other[0]), identity.ID(other[1]))
	}
}

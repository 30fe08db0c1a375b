// SPDX-License-Identifier: Apache-2.0

package identity_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/internal/identity"
)

func TestNamesDifferWhenNoPartAgrees(t *testing.T) {
	t.Parallel()
	for _, same := range [][2]string{{"Ada Lovelace", "LOVELACE, Ada"}, {"José Peña", "jose pena"}, {"Ada Lovelace", "Ada King"},
		{"Ada", "Ada Lovelace"}, {"", "Ada"}, {" - ", "Ada"}, {"Weiß", "WEISS"}} {
		require.False(t, identity.NamesDiffer(same[0], same[1]), same)
		require.False(t, identity.NamesDiffer(same[1], same[0]), same)
	}
	for _, other := range [][2]string{{"Ada Lovelace", "Bob Babbage"}, {"Ada", "Adam"}, {"李明", "王芳"}} {
		require.True(t, identity.NamesDiffer(other[0], other[1]), other)
	}
}

// SPDX-License-Identifier: Apache-2.0

package identity_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/internal/identity"
)

func TestNamesDifferWhenNoPartAgrees(t *testing.T) {
	t.Parallel()
	for _, same := range [][2]string{{"Ada Lovelace", "LOVELACE, Ada"}, {"José Peña", "jose pena"},
		{"Ada Lovelace", "Ada King"}, {"Ada", "Ada Lovelace"}, {"", "Ada"}, {" - ", "Ada"}, {"Weiß", "WEISS"}} {
		require.False(t, identity.NamesDiffer(same[0], same[1]), same)
		require.False(t, identity.NamesDiffer(same[1], same[0]), same)
	}
	for _, other := range [][2]string{{"Ada Lovelace", "Bob Babbage"}, {"Ada", "Adam"}, {"李明", "王芳"}} {
		require.True(t, identity.NamesDiffer(other[0], other[1]), other)
	}
}

func TestNamesAgreeWhenNoPartContradicts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b identity.Name
		want bool
	}{
		{identity.Name{First: "Ada", Last: "Lovelace"}, identity.Name{First: "ADA", Last: " lovelace"}, true},
		{identity.Name{First: "José", Last: "Müller"}, identity.Name{First: "Jose", Last: "Muller"}, true},
		{identity.Name{First: "Ada", Last: "Groß"}, identity.Name{First: "Ada", Last: "Gross"}, true},
		{identity.Name{First: "Lovelace", Last: "Ada"}, identity.Name{First: "Ada", Last: "Lovelace"}, true},
		{identity.Name{First: "A.", Last: "Lovelace"}, identity.Name{First: "Ada", Last: "Lovelace"}, true},
		{identity.Name{Last: "Lovelace"}, identity.Name{First: "Ada", Last: "Lovelace"}, true},
		{identity.Name{First: "Ada", Last: "King Lovelace"}, identity.Name{First: "Ada", Last: "Lovelace"}, true},
		{identity.Name{First: "Sean", Last: "O'Brien"}, identity.Name{First: "Sean", Last: "OBrien"}, true},
		{identity.Name{}, identity.Name{First: "Ada", Last: "Lovelace"}, true},
		{identity.Name{First: "Ada", Last: "Lovelace"}, identity.Name{First: "Anna", Last: "Lovelace"}, false},
		{identity.Name{First: "Ada", Last: "Lovelace"}, identity.Name{First: "Ada", Last: "Byron"}, false},
		{identity.Name{First: "Ada", Last: "Lovelace"}, identity.Name{First: "Charles", Last: "Babbage"}, false},
		{identity.Name{First: "Ada"}, identity.Name{First: "Charles", Last: "Babbage"}, false},
	} {
		require.Equal(t, c.want, c.a.Agrees(c.b), "%v %v", c.a, c.b)
		require.Equal(t, c.want, c.b.Agrees(c.a), "%v %v", c.b, c.a)
	}
}

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

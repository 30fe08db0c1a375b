// SPDX-License-Identifier: Apache-2.0

package identity_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/leadsync/leadsync/internal/identity"
)

func TestWordsAreThoseThatPeopleSearchFor(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"":                                nil,
		" -@. ":                           nil,
		"Ada Lovelace":                    {"ada", "lovelace"},
		"ada.lovelace@example.com":        {"ada", "lovelace", "example", "com"},
		"Zoë Müller-O'Neill":              {"zoe", "muller", "oneill"},
		"ZOE\u0308 O’NEILL":               {"zoe", "oneill"},
		"Größe & Söhne":                   {"grosse", "sohne"},
		"Юлия Иванова":                    {"yuliya", "ivanova"},
		"ﬁrma ＡＢＣ１２":                      {"firma", "abc12"},
		"badge-4711_B":                    {"badge", "4711", "b"},
		"ada Ada ADA":                     {"ada"},
		"山田太郎":                            {"山田太郎"},
		"as\u200bcii":                     {"ascii"},
		strings.Repeat("é", 100) + " b":   {strings.Repeat("e", 40), "b"},
		strings.Repeat("山", 41) + "\xff!": {strings.Repeat("山", 40)},
	} {
		require.Equal(t, want, identity.AppendWords(nil, text, 100), text)
	}
	require.Equal(t, []string{"b", "a", "c"}, identity.AppendWords([]string{"b"}, "a b c d", 3), "none twice, and no more")
}

// A search is repeated while a person types: each beginning of a text finds it.
func TestWordsOfABeginningBeginTheWords(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		runes := []rune(rapid.StringOfN(rapid.SampledFrom([]rune("aZéßøłŁ'’. -@_9Жщьяїα山ひカﬁＡ\u0301\u200b")), 0, 60, -1).
			Draw(t, "text"))
		words := identity.AppendWords(nil, string(runes), 100)
		typed := string(runes[:rapid.IntRange(0, len(runes)).Draw(t, "typed")])
		for _, begin := range identity.AppendWords(nil, typed, 100) {
			found := false
			for _, word := range words {
				found = found || strings.HasPrefix(word, begin)
			}
			require.True(t, found, "%q is in none of %q", begin, words)
		}
	})
}

// SPDX-License-Identifier: Apache-2.0

package postgres_test

import (
	"math/rand/v2"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/store/postgres"
)

func TestTextsAreKeptWithoutLoss(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"": "", "plain": "plain", "Zoë 山田 👩‍🚀": "Zoë 山田 👩‍🚀", "a\x00b": `a\0b`,
		`a\0b`: `a\\0b`, `\`: `\\`,
		"a\xffb": `a\xffb`, "\\\x00\\": `\\\0\\`, "\xc3": `\xc3`, "\ufffd": "\ufffd",
	} {
		require.Equal(t, want, postgres.Escape(text))
	}
	random := rand.New(rand.NewPCG(1, 2))
	alphabet := []string{"\x00", `\`, "0", "x", "f", "ff", "\xff", "é", "\xc3", "a", "\ufffd", "👩"}
	for range 10_000 {
		text := ""
		for range random.IntN(8) {
			text += alphabet[random.IntN(len(alphabet))]
		}
		kept := postgres.Escape(text)
		require.True(t, utf8.ValidString(kept))
		require.NotContains(t, kept, "\x00")
		back, err := postgres.Unescape(kept)
		require.NoError(t, err)
		require.Equal(t, text, back)
	}
	for _, damaged := range []string{`\`, `a\q`, `\x`, `\xf`, `\xzz`} {
		_, err := postgres.Unescape(damaged)
		require.Error(t, err, damaged)
	}
}

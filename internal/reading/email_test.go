// SPDX-License-Identifier: Apache-2.0

package reading_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/internal/reading"
)

func TestEmailAddressesAsPeopleAndToolsWriteThem(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"ann@acme.example": "ann@acme.example", " Ann@Acme.example ": "Ann@Acme.example",
		"ann@acme.example.": "ann@acme.example",
		"ann@acme.example;": "ann@acme.example", "ann@acme.example,": "ann@acme.example",
		"mailto:ann@acme.example":            "ann@acme.example",
		"MAILTO:ann@acme.example?subject=Hi": "ann@acme.example", "Ann Lee <ann@acme.example>": "ann@acme.example",
		`"Lee, Ann" <ann@acme.example>`: "ann@acme.example", "<ann@acme.example>": "ann@acme.example",
		`"ann@acme.example"`: "ann@acme.example",
		"'ann@acme.example'": "ann@acme.example", "ann @acme.example": "ann@acme.example",
		"ann@ acme.example": "ann@acme.example",
		"ann@acme .example": "ann@acme.example", "ann＠acme.example": "ann@acme.example",
		"ａｎｎ@acme．example": "ann@acme.example",
		"ann@acme。example": "ann@acme.example", "zero\u200bwidth@acme.example": "zerowidth@acme.example",
		"\ufeffann@acme.example\u00a0": "ann@acme.example", "anna‑lena@acme.example": "anna-lena@acme.example",
		"sean.o’brien@acme.example": "sean.o'brien@acme.example", "ann@acme.example; Ann@acme.example": "ann@acme.example",
		"<mailto:ann@acme.example>": "ann@acme.example", "plus+tag@acme.example": "plus+tag@acme.example", "": "",
		"o'neil@acme.example": "o'neil@acme.example", "not an address": "not an address",
		"ann@münchen.example":     "ann@münchen.example",
		"Email: ann@acme.example": "ann@acme.example", "E-Mail:ann@acme.example": "ann@acme.example",
		"E-Mail-Adresse : Ann <ann@acme.example>": "ann@acme.example", "Email address: ann@acme.example;": "ann@acme.example",
		"ann@acme.example<mailto:ann@acme.example>":              "ann@acme.example", // as mail programs copy it
		"ann@acme.example [mailto:Ann@acme.example?subject=Hi]":  "ann@acme.example",
		"ann@acme.example (mailto:ann@acme.example)":             "ann@acme.example",
		`<a href="mailto:ann@acme.example">ann@acme.example</a>`: "ann@acme.example",
		`<p>Mail: <b>ann@acme.example</b></p>`:                   "ann@acme.example",
	} {
		got, err := reading.ReadEmail(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
		again, err := reading.ReadEmail(got)
		require.NoError(t, err)
		require.Equal(t, got, again)
	}
	for _, text := range []string{"ann@acme.example, bob@acme.example", "ann@acme.example;bob@acme.example",
		"ann@acme.example bob@acme.example", "ann@acme.example/bob@acme.example", "ann@acme.example\nbob@acme.example",
		"ann@acme.example<mailto:bob@acme.example>", "Email: ann@acme.example, E-mail: bob@acme.example"} {
		_, err := reading.ReadEmail(text)
		require.Error(t, err, text)
	}
}

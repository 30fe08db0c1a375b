// SPDX-License-Identifier: Apache-2.0

package catalogue_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/internal/catalogue"
)

// A text in German names what it names in English.
func TestGermanHasThePlaceHoldersOfEnglish(t *testing.T) {
	t.Parallel()
	holders, ofCode := regexp.MustCompile(`\{\w+\}`), regexp.MustCompile(`^description\.[A-Z_]+$`)
	english := catalogue.All()
	for key, words := range english {
		german := catalogue.German(key)
		if german == "" {
			require.Regexp(t, ofCode, key, "has no German")
			continue
		}
		require.ElementsMatch(t, slices.Compact(slices.Sorted(slices.Values(holders.FindAllString(words, -1)))),
			slices.Compact(slices.Sorted(slices.Values(holders.FindAllString(german, -1)))), key)
	}
	text, err := os.ReadFile("german.txt")
	require.NoError(t, err)
	for line := range strings.Lines(string(text)) {
		if key, _, ok := strings.Cut(line, "\t"); ok {
			require.Contains(t, english, key)
		}
	}
}

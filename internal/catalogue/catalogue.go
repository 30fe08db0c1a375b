// SPDX-License-Identifier: Apache-2.0

// Package catalogue has the words of all texts that people read of failures and warnings, in
// English and German: see leadtype.Text, which fills in the place holders. It is the one place for
// them.
package catalogue

import (
	_ "embed"
	"maps"
	"strings"
)

var (
	//go:embed english.txt
	englishText string

	english = wordsOf(englishText)

	//go:embed german.txt
	germanText string

	german = wordsOf(germanText)

	// parts fills place holders for which there is nothing.
	parts = strings.NewReplacer("{field}", english["part.field"], "{object}", english["part.object"],
		"{options}", english["part.options"], "{user}", english["part.user"])
)

// wordsOf reads lines of a key, a tab and words.
func wordsOf(text string) map[string]string {
	words := make(map[string]string)
	for line := range strings.Lines(text) {
		if key, of, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "\t"); ok && !strings.HasPrefix(line, "#") {
			words[key] = of
		}
	}
	return words
}

// English returns the words of a key, and false for one that is not of the catalogue.
func English(key string) (string, bool) {
	words, ok := english[key]
	return words, ok
}

// German returns the German words of a key, "" for one that has none: the description of a code
// alone, of which the pages have their own.
func German(key string) string { return german[key] }

// All returns all words by key. The map is the caller's own.
func All() map[string]string { return maps.Clone(english) }

// Plain returns the description or the fix of a code alone, or of another code where the
// catalogue does not have it: what it names is "the field at fault" and the like.
func Plain(kind, code, other string) string {
	words, ok := english[kind+"."+code]
	if !ok {
		words = english[kind+"."+other]
	}
	return parts.Replace(words)
}

// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"strings"
	"unicode"
)

// longestSearched is how many letters of a word count in a search.
const longestSearched = 40

// Words returns the words of a text as people search for them: runs of letters and digits,
// in plain lower-case letters without accents and apostrophes, each once. Of a long one the
// first 40 letters count. What begins a word before it is folded begins it after that too.
func Words(text string) []string {
	var found []string
	seen := make(map[string]bool)
	for _, word := range strings.FieldsFunc(plainWord(foldLetters(text)), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.IsMark(r)
	}) {
		if word = firstLetters(word, longestSearched); !seen[word] {
			seen[word] = true
			found = append(found, word)
		}
	}
	return found
}

// firstLetters returns at most the first n letters of a word.
func firstLetters(word string, n int) string {
	for i := range word {
		if n == 0 {
			return word[:i]
		}
		n--
	}
	return word
}

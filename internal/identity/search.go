// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"slices"
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
	for word := range strings.FieldsFuncSeq(plainWord(foldLetters(text)), separates) {
		if word = firstLetters(word, longestSearched); !slices.Contains(found, word) {
			found = append(found, word)
		}
	}
	return found
}

// separates reports whether a character stands between words.
func separates(r rune) bool {
	if r < unicode.MaxASCII {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9') && (r < 'A' || r > 'Z')
	}
	return !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.IsMark(r)
}

// firstLetters returns at most the first n letters of a word.
func firstLetters(word string, n int) string {
	if len(word) <= n {
		return word
	}
	for i := range word {
		if n == 0 {
			return word[:i]
		}
		n--
	}
	return word
}

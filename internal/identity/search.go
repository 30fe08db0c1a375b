// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"slices"
	"strings"
	"unicode"
)

// longestSearched is how many letters of a word count in a search.
const longestSearched = 40

// AppendWords appends the words of a text as people search for them: runs of letters and digits,
// in plain lower-case letters without accents and apostrophes. Those that words has are left out,
// and those that would make it more than most. Of a long one the first 40 letters count. What
// begins a word before it is folded begins it after that too.
func AppendWords(words []string, text string, most int) []string {
	for word := range strings.FieldsFuncSeq(plainWord(foldLetters(text)), separates) {
		if len(words) >= most {
			break
		}
		if word = firstLetters(word, longestSearched); !slices.Contains(words, word) {
			words = append(words, word)
		}
	}
	return words
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

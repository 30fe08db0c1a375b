// SPDX-License-Identifier: Apache-2.0

package blank

import (
	_ "embed"
	"strings"
)

// The lists have one text a line, folded and sorted; words.txt and prompts.txt without outer
// punctuation.
// always.txt are the errors of spreadsheets in the languages of Excel and LibreOffice, and
// what no field has as a value. words.txt are the words na, none, null, nil, unknown,
// undefined and tbd, and what people write for them in other languages. Some of those are
// also how people say no, such as нет. prompts.txt are the first entries of drop-down lists.
var (
	//go:embed always.txt
	alwaysText string
	//go:embed words.txt
	wordsText string
	//go:embed prompts.txt
	promptsText string

	always  = linesOf(alwaysText)
	prompts = linesOf(promptsText)
	shipped = linesOf(wordsText + promptsText)
)

// A set holds folded texts.
type set map[string]struct{}

func (s set) has(text string) bool {
	_, ok := s[text]
	return ok
}

func linesOf(text string) set {
	lines := make(set)
	for line := range strings.Lines(text) {
		lines[strings.TrimSuffix(line, "\n")] = struct{}{}
	}
	return lines
}

// Prompt reports whether a text is what a form shows in a list before anybody has chosen, such as
// "Please select".
func Prompt(text string) bool { return len(text) <= longest && prompts.has(trimmed(Fold(text))) }

// Words are those that stand for no value as a whole text, without regard to case and
// outer punctuation. The zero value holds the shipped ones.
type Words struct{ own set }

// NewWords returns words in place of the shipped ones; nil stands for those.
func NewWords(words []string) Words {
	if words == nil {
		return Words{}
	}
	own := make(set, len(words))
	for _, word := range words {
		own[trimmed(Fold(word))] = struct{}{}
	}
	return Words{own}
}

// Has reports whether text is one of the words.
func (w Words) Has(text string) bool {
	words := w.own
	if words == nil {
		if words = shipped; len(text) > longest {
			return false
		}
	}
	if len(words) == 0 {
		return false
	}
	if len(text) > len("http") && strings.EqualFold(text[:4], "http") { // http://none
		text = Address(Fold(text))
	}
	var folded [longest]byte
	if n, ok := foldASCII(text, folded[:]); ok {
		_, has := words[string(folded[:n])] // looked up without a copy
		return has
	}
	word := trimmed(Fold(text))
	return words.has(word) || words.has(tight(word))
}

// foldASCII folds and trims text that needs nothing but lower case, as most does, and
// reports false for other text.
func foldASCII(text string, folded []byte) (int, bool) {
	if text == "" || len(text) > len(folded) || !plain(text[0]) || !plain(text[len(text)-1]) {
		return 0, false
	}
	short := len(text) < len("k. a. n. b.") // it may have spaces that do not count
	for i := range len(text) {
		c := text[i]
		switch {
		case c >= 'A' && c <= 'Z':
			c += 'a' - 'A'
		case c > '~' || c < ' ' || c == ' ' && text[i-1] == ' ' || short && (c == '.' || c == '/'):
			return 0, false
		}
		folded[i] = c
	}
	return len(text), true
}

// plain reports whether c is an ASCII letter or digit.
func plain(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}

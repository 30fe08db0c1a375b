// SPDX-License-Identifier: Apache-2.0

package identity

import (
	_ "embed"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// letters says how letters that are not plain ones are written in plain ones. See its
// first lines.
//
//go:embed letters.txt
var letters string

// spellingIndex returns the ways to write letters that count together, the usual one
// first.
var spellingIndex = sync.OnceValue(func() map[string][]string {
	index := make(map[string][]string)
	for line := range strings.Lines(letters) {
		ways := strings.Fields(line)
		if len(ways) < 2 || ways[0] == "#" {
			continue
		}
		for i := range ways {
			ways[i] = strings.TrimPrefix(ways[i], "-")
		}
		index[ways[0]] = append(index[ways[0]], ways[1:]...)
	}
	return index
})

// spellings returns the ways to write letters that count together, none for those that are
// not in the table.
func spellings(of string) []string { return spellingIndex()[of] }

// plainWord writes a word, which is folded, in plain letters, each in its usual way. A
// letter of a script that the table lacks is kept.
func plainWord(text string) string {
	if isASCII(text) {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		b.WriteString(plainLetter(r))
	}
	return b.String()
}

func plainLetter(r rune) string {
	if r < utf8.RuneSelf {
		return string(r)
	}
	if ways := spellings(string(r)); len(ways) > 0 {
		return ways[0]
	}
	var b strings.Builder
	for _, part := range norm.NFKD.String(string(r)) {
		switch {
		case unicode.Is(unicode.Mn, part):
		case part == r:
			b.WriteRune(r)
		default:
			b.WriteString(plainLetter(part))
		}
	}
	return b.String()
}

// longestWord is how many letters of a word are compared with their other spellings. No
// name is longer.
const longestWord = 63

// longestLetters is the most letters that count together in the table.
const longestLetters = 3

// spells reports whether a word of any script can be written as plain, of ASCII letters
// alone: Müller as muller and mueller, Юлия as yulia, julia and iuliia.
func spells(text, plain string) bool {
	if isASCII(text) {
		return text == plain
	}
	return spelled(text, plain)&(1<<len(plain)) != 0
}

// beginsWith reports whether a word of any script can be written as one that begins with a
// plain letter.
func beginsWith(text, initial string) bool {
	first, _ := utf8.DecodeRuneInString(text)
	if strings.HasPrefix(text, initial) || strings.HasPrefix(plainLetter(first), initial) {
		return true
	}
	for _, way := range spellings(string(first)) {
		if strings.HasPrefix(way, initial) {
			return true
		}
	}
	return false
}

// spelled returns the lengths of the beginnings of plain, as bits, that the whole of text
// can be written as.
func spelled(text, plain string) uint64 {
	runes := []rune(text)
	if len(runes) > longestWord || len(plain) > longestWord || !isASCII(plain) {
		return 0
	}
	var reach [longestWord + 1]uint64 // by how many runes are written
	reach[0] = 1
	for i := range runes {
		if reach[i] == 0 {
			continue
		}
		for n := 1; n <= longestLetters && i+n <= len(runes); n++ {
			part, listed := string(runes[i:i+n]), false
			if !isASCII(part) {
				for _, way := range spellings(part) {
					reach[i+n] |= advance(reach[i], plain, way)
					listed = true
				}
			}
			if n == 1 && !listed {
				reach[i+1] |= advance(reach[i], plain, plainLetter(runes[i]))
			}
		}
	}
	return reach[len(runes)]
}

// advance moves positions of plain over a text that is there.
func advance(from uint64, plain, way string) (to uint64) {
	for at := 0; at+len(way) <= len(plain); at++ {
		if from&(1<<at) != 0 && plain[at:at+len(way)] == way {
			to |= 1 << (at + len(way))
		}
	}
	return to
}

// A script is a way of writing of which words can be compared.
type script int

const (
	plainScript script = iota // Latin, or written in Latin letters by the table
	hanScript
	kanaScript
	hangulScript
	otherScript // any other: Arabic, Hebrew, Thai, ...
)

// scriptOf returns the script of a word's first letter that says one.
func scriptOf(text string) script {
	for _, r := range text {
		switch {
		case r < utf8.RuneSelf, unicode.In(r, unicode.Latin, unicode.Cyrillic, unicode.Greek):
			return plainScript
		case unicode.Is(unicode.Han, r):
			return hanScript
		case unicode.In(r, unicode.Hiragana, unicode.Katakana):
			return kanaScript
		case unicode.Is(unicode.Hangul, r):
			return hangulScript
		case unicode.IsLetter(r):
			return otherScript
		}
	}
	return plainScript
}

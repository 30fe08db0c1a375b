// SPDX-License-Identifier: Apache-2.0

package identity

import (
	_ "embed"
	"iter"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// letters says how letters that are not plain ones are written in plain ones. See its
// first lines.
//
//go:embed letters.txt
var letters string

// spellings yields the ways to write letters that count together, none for those that are
// not in the table.
func spellings(of string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for rest := letters; ; {
			at := strings.Index(rest, "\n"+of+" ")
			if at < 0 {
				return
			}
			rest = rest[at+len(of)+2:]
			line, _, _ := strings.Cut(rest, "\n")
			for way := range strings.SplitSeq(line, " ") {
				if way == "-" {
					way = ""
				}
				if !yield(way) {
					return
				}
			}
		}
	}
}

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
	for way := range spellings(string(r)) {
		return way
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
	return spelled(text, plain)&(1<<len(plain)) != 0
}

// beginsWith reports whether a word of any script can be written as one that begins with a
// plain letter.
func beginsWith(text, initial string) bool {
	first, _ := utf8.DecodeRuneInString(text)
	if strings.HasPrefix(text, initial) || strings.HasPrefix(plainLetter(first), initial) {
		return true
	}
	for way := range spellings(string(first)) {
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
				for way := range spellings(part) {
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

// SPDX-License-Identifier: Apache-2.0

package address

import (
	"bytes"
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Fold returns the key of a text in the tables: without case, accents, punctuation and
// invisible characters, its words one space apart. U.S.A. is usa.
func Fold(text string) string {
	if plainKey(text) {
		return text
	}
	if key, ok := foldASCII(text); ok {
		return key
	}
	text = norm.NFKD.String(cases.Fold().String(strings.ToValidUTF8(text, "")))
	var b strings.Builder
	b.Grow(len(text))
	word := 0 // letters since the last space
	gap := false
	for _, r := range text {
		letters := replaced(r)
		switch {
		case letters == "" && r == '.' && word == 1, unicode.In(r, unicode.Mn, unicode.Cf), isApostrophe(r):
			if r == '.' {
				word = 0 // D.C.: the next letter is one alone too
			}
			continue
		case letters == "":
			gap, word = b.Len() > 0, 0
			if r == '&' {
				gap, letters = false, " and "
				b.WriteString(letters)
			}
			continue
		case gap:
			b.WriteByte(' ')
			gap = false
		}
		b.WriteString(letters)
		word++
	}
	return strings.Join(strings.Fields(norm.NFC.String(b.String())), " ")
}

// foldASCII is Fold for most texts: one of ASCII letters, digits, spaces, commas and dashes.
func foldASCII(text string) (string, bool) {
	var room [64]byte
	key := room[:0]
	for i := range len(text) {
		switch c := text[i]; {
		case len(key) == len(room):
			return "", false
		case c >= 'A' && c <= 'Z':
			key = append(key, c+'a'-'A')
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9':
			key = append(key, c)
		case c != ' ' && c != ',' && c != '-':
			return "", false
		case len(key) > 0 && key[len(key)-1] != ' ':
			key = append(key, ' ')
		}
	}
	return string(bytes.TrimRight(key, " ")), true
}

// plainKey reports whether text is a key already.
func plainKey(text string) bool {
	before := byte(' ')
	for i := range len(text) {
		c := text[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && (c != ' ' || before == ' ') {
			return false
		}
		before = c
	}
	return text == "" || before != ' '
}

// replaced returns a letter or a digit as it is in keys, "" for anything else. The letters
// that Unicode does not decompose are here.
func replaced(r rune) string {
	switch r {
	case 'ø':
		return "o"
	case 'ł':
		return "l"
	case 'đ', 'ð':
		return "d"
	case 'þ':
		return "th"
	case 'æ':
		return "ae"
	case 'œ':
		return "oe"
	case 'ı':
		return "i"
	case 'ħ':
		return "h"
	}
	if unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Mc, r) {
		return string(r)
	}
	return ""
}

func isApostrophe(r rune) bool {
	switch r {
	case '\'', '’', '‘', 'ʼ', '`', '´', 'ʻ', '′':
		return true
	}
	return false
}

// SPDX-License-Identifier: Apache-2.0

package blank

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Empty reports whether a reader sees nothing of text: it has no character but spaces,
// control characters and invisible ones, such as U+200B, U+FEFF, soft hyphens and the
// marks of bidirectional text.
func Empty(text string) bool {
	for i := range len(text) {
		if '!' <= text[i] && text[i] <= '~' {
			return false
		}
	}
	for _, r := range text {
		if !invisible(r) {
			return false
		}
	}
	return true
}

// invisible reports whether a reader does not see r.
func invisible(r rune) bool {
	if r < utf8.RuneSelf {
		return r <= ' ' || r == 0x7f
	}
	return unicode.IsSpace(r) || unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zs, unicode.Variation_Selector) ||
		strings.ContainsRune(fillers, r)
}

// fillers are letters and marks that show nothing: those of Hangul and Khmer, the grapheme
// joiner, and the empty braille pattern.
const fillers = "\u115f\u1160\u3164\uffa0\u17b4\u17b5\u034f\u2800"

// Always reports whether text stands for no value whatever it is in: it is empty, or
// punctuation alone, or an error of a spreadsheet, or "n/a", or one of the shipped words
// in brackets, such as "(null)".
func Always(text string) bool {
	if len(text) > longest {
		return Empty(text)
	}
	seen := false
	for _, r := range text {
		if seen = !invisible(r) && !punctuation(r); seen {
			break
		}
	}
	if !seen {
		return strings.Count(text, "+") <= 1 // "++" is an answer
	}
	first := strings.TrimLeftFunc(text, invisible)
	if len(first) > 1 && (plain(first[1]) || first[1] == ' ') && plain(first[0]) &&
		!strings.EqualFold(first[:min(4, len(first))], "err:") {
		return false // most texts
	}
	switch first[0] {
	case 'n', 'N', '#', '\\', '(', '[', '{', '<', '-', 'e', 'E', 0xef: // the last begins full-width characters
		folded := Fold(text)
		return always.has(folded) || bracketed(folded) || libreOfficeError(folded)
	}
	return false
}

// longest bounds what is looked up, in bytes: no word in the lists is longer.
const longest = 80

// punctuation reports whether r says nothing alone. Signs of currencies and pictures do.
func punctuation(r rune) bool {
	return unicode.IsPunct(r) || strings.ContainsRune("+|~`^=<>¬¦¨´¸ーｰ", r)
}

// bracketed reports whether folded text is a shipped word or "n/a" in brackets, or between dashes
// as in the "--None--" of a picklist.
func bracketed(folded string) bool {
	if len(folded) < 3 {
		return false
	}
	first, last := folded[0], folded[len(folded)-1]
	switch string([]byte{first, last}) {
	case "()", "[]", "{}", "<>", "--":
		word := trimmed(folded)
		return shipped.has(word) || always.has(word)
	}
	return false
}

// libreOfficeError reports whether folded text is an error such as "Err:502".
func libreOfficeError(folded string) bool {
	digits, ok := strings.CutPrefix(folded, "err:")
	return ok && len(digits) == 3 && strings.Trim(digits, "0123456789") == ""
}

// Fold returns text such that two texts are the same when they differ in case, width, the
// composition of accents, spaces and invisible characters only. Folding what it returned
// gives the same again. Compare what people write for no value, such as "[Not Provided]",
// with it.
func Fold(text string) string {
	text = norm.NFKC.String(strings.ToValidUTF8(text, "\ufffd"))
	text = norm.NFKC.String(strings.ToLower(cases.Fold().String(text))) // Cherokee folds to capitals
	var b strings.Builder
	b.Grow(len(text))
	gap := false
	for _, r := range text {
		switch {
		case unicode.IsSpace(r):
			gap = b.Len() > 0
		case !invisible(r):
			if gap {
				b.WriteByte(' ')
				gap = false
			}
			b.WriteRune(r)
		}
	}
	return norm.NFKC.String(b.String()) // what was apart may compose now
}

// trimmed takes the outer punctuation off folded text.
func trimmed(folded string) string {
	return strings.TrimFunc(folded, func(r rune) bool { return r == ' ' || punctuation(r) })
}

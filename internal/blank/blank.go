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
		if !Invisible(r) {
			return false
		}
	}
	return true
}

// Invisible reports whether a reader does not see r.
func Invisible(r rune) bool {
	if r < utf8.RuneSelf {
		return r <= ' ' || r == 0x7f
	}
	return unicode.IsSpace(r) || Format(r) || unicode.In(r, unicode.Cc, unicode.Zs, unicode.Variation_Selector) ||
		strings.ContainsRune(fillers, r)
}

// Format reports whether r is a format character that nobody sees. The signs of Arabic that
// enclose numbers are formats too, and seen.
func Format(r rune) bool {
	return unicode.Is(unicode.Cf, r) && !unicode.Is(unicode.Prepended_Concatenation_Mark, r) || r == '\u180e'
}

// fillers are letters and marks that show nothing: those of Hangul and Khmer, the grapheme
// joiner, and the empty braille pattern.
const fillers = "\u115f\u1160\u3164\uffa0\u17b4\u17b5\u034f\u2800"

// Always reports whether text stands for no value whatever it is in: it is empty, or
// punctuation alone, or an error of a spreadsheet, or "n/a", in quotes and with spaces too,
// or one of the shipped words in brackets, such as "(null)", or the beginning of a web
// address with nothing behind it, such as "https://".
func Always(text string) bool {
	if len(text) > longest {
		return Empty(text)
	}
	seen := false
	for _, r := range text {
		if seen = !Invisible(r) && !punctuation(r); seen {
			break
		}
	}
	if !seen {
		return strings.Count(text, "+") <= 1 // "++" is an answer
	}
	first := strings.TrimLeftFunc(text, Invisible)
	if likely(first) {
		return false
	}
	switch r, _ := utf8.DecodeRuneInString(first); {
	case strings.ContainsRune("nNeEhHwW", r), r < utf8.RuneSelf && punctuation(r), r > '\u2000':
		folded := Fold(text)
		return always.has(folded) || tight(trimmed(folded)) == notAvailable || bracketed(folded) ||
			libreOfficeError(folded) || addressless(folded)
	case unicode.IsPunct(r): // ¿ and «
		folded := Fold(text)
		return tight(trimmed(folded)) == notAvailable || bracketed(folded)
	}
	return false
}

// notAvailable is what is blank in each field, and in quotes.
const notAvailable = "n/a"

// likely reports whether text, by its first letters, is none of what Always looks for. Most
// texts are.
func likely(text string) bool {
	if len(text) < 2 || !plain(text[0]) {
		return false
	}
	switch second := text[1]; {
	case second == ' ': // "N / A" is looked at, "A Corp" is not
		rest := strings.TrimLeft(text[1:], " ")
		return rest != "" && plain(rest[0])
	case !plain(second):
		return false
	case len(text) < 4:
		return true
	}
	switch text[0] | 0x20 {
	case 'e':
		return !strings.EqualFold(text[:4], "err:")
	case 'h':
		return !strings.EqualFold(text[:4], "http")
	case 'w':
		return !strings.EqualFold(text[:4], "www.")
	}
	return true
}

// addressless reports whether folded text begins a web address and says no more: "https://",
// "http://www.", and "http://n/a", as forms have it that put http:// before all.
func addressless(folded string) bool {
	rest := Address(folded)
	if rest == folded {
		return false
	}
	rest = tight(trimmed(rest))
	return rest == "" || rest == "www" || always.has(rest)
}

// Address returns a web address in small letters without its scheme, or the several that it
// has, and without "www.".
func Address(text string) string {
	for {
		rest := strings.TrimPrefix(withoutScheme(text), "www.")
		if rest == text {
			return text
		}
		text = rest
	}
}

// withoutScheme returns a web address without its scheme, of which the colon may lack.
func withoutScheme(text string) string {
	rest, ok := strings.CutPrefix(text, "http")
	if !ok {
		return text
	}
	rest = strings.TrimPrefix(rest, "s")
	if after, colon := strings.CutPrefix(rest, ":"); colon {
		return strings.TrimLeft(after, "/\\ ")
	}
	if after := strings.TrimLeft(rest, "/\\"); after != rest {
		return after // http//acme.example
	}
	return text
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
		return shipped.has(word) || tight(word) == notAvailable
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
		case !Invisible(r):
			if gap {
				b.WriteByte(' ')
				gap = false
			}
			b.WriteRune(r)
		}
	}
	return norm.NFKC.String(b.String()) // what was apart may compose now
}

// tight takes the spaces out of folded text that are beside a slash or behind a full stop:
// "n / a" is "n/a".
func tight(folded string) string { return spaced.Replace(folded) }

var spaced = strings.NewReplacer(" / ", "/", " /", "/", "/ ", "/", ". ", ".")

// trimmed takes the outer punctuation off folded text.
func trimmed(folded string) string {
	return strings.TrimFunc(folded, func(r rune) bool { return r == ' ' || punctuation(r) })
}

// SPDX-License-Identifier: Apache-2.0

package number

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/leadsync/leadsync/internal/reading"
)

// normal returns text in lower case with one form for what looks or means the same: ASCII
// digits, a space for every space, an apostrophe for every apostrophe, "-" for a minus and
// a hyphen, "–" for a dash, "," and "." for full-width marks. Invisible characters are left
// out. It reports false for text with digits of two scripts, or with a character that a
// number cannot have.
func normal(text string) (string, bool) {
	text = norm.NFC.String(strings.TrimFunc(text, hidden))
	var b strings.Builder
	b.Grow(len(text))
	var zero rune // of the script of the digits so far
	for _, r := range text {
		if unicode.IsDigit(r) {
			value := reading.Digit(r)
			if zero != 0 && zero != r-value {
				return "", false
			}
			zero = r - value
			b.WriteRune('0' + value)
			continue
		}
		form, ok := formOf(r)
		if !ok {
			return "", false
		}
		if form != 0 {
			b.WriteRune(unicode.ToLower(form))
		}
	}
	return strings.TrimSpace(b.String()), true
}

// hidden reports whether r does not belong to a text at its ends.
func hidden(r rune) bool {
	return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r)
}

// formOf returns the one form of a character, 0 for one that is left out, and false for one
// that a number cannot have.
func formOf(r rune) (rune, bool) {
	switch r {
	case '\u00ad', '\n', '\r', '\t', '\v', '\f': // a soft hyphen may be what is left of a range
		return 0, false
	case '\u2212', '\u2010', '\u2011', '\u2012', '\ufe63':
		return '-', true
	case '\u2014', '\u2015', '\u2500', '\ufe58':
		return '–', true
	case '\u2018', '\u2019', '\u02bc', '\u2032', '\u00b4', '`':
		return '\'', true
	case '\u301c', '\u223c':
		return '~', true
	case '\u066a':
		return '%', true
	case '\u2024', '\u3002':
		return 0, false
	}
	switch {
	case '\uff01' <= r && r <= '\uff5e':
		return r - '\uff01' + '!', true
	case r == ' ' || unicode.Is(unicode.Zs, r):
		return ' ', true
	case unicode.Is(unicode.Cf, r):
		return 0, true
	case unicode.IsControl(r):
		return 0, false
	}
	return r, true
}

// SPDX-License-Identifier: Apache-2.0

package reading

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// plain returns text with what looks alike made the same: digits of all scripts are 0 to
// 9, full-width signs narrow, spaces and hyphens plain, and control characters and what nobody sees are
// gone.
func plain(text string) string {
	if isPlain(text) {
		return strings.TrimSpace(text)
	}
	text = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case unicode.IsControl(r):
			return -1
		case r < 0x80:
			return r
		case unicode.IsDigit(r):
			return '0' + Digit(r)
		case unicode.Is(unicode.Cf, r):
			return -1
		case unicode.IsSpace(r):
			return ' '
		case unicode.Is(unicode.Pd, r), r == '\u2212', r == '\u30fc':
			return '-'
		case strings.ContainsRune("’‘ʼ´`", r):
			return '\''
		}
		return r
	}, norm.NFKC.String(text))
	return strings.TrimSpace(text)
}

func isPlain(text string) bool {
	for i := range len(text) {
		if c := text[i]; c >= 0x7f || c < ' ' && c != '\n' && c != '\t' {
			return false
		}
	}
	return true
}

// Digit returns the value of a decimal digit. The digits of a script follow one
// another from 0.
func Digit(r rune) rune {
	for _, digits := range unicode.Nd.R16 {
		if rune(digits.Lo) <= r && r <= rune(digits.Hi) {
			return (r - rune(digits.Lo)) % 10
		}
	}
	for _, digits := range unicode.Nd.R32 {
		if rune(digits.Lo) <= r && r <= rune(digits.Hi) {
			return (r - rune(digits.Lo)) % 10
		}
	}
	return 0
}

func digitsIn(text string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, text)
}

func allDigits(text string) bool { return text != "" && digitsIn(text) == text }

// unguarded takes off what spreadsheets and exports put around a text so that it stays
// text: ="0171", '0171, and =+49.
func unguarded(text string) string {
	if inner, ok := strings.CutPrefix(text, `="`); ok && strings.HasSuffix(inner, `"`) {
		return strings.TrimSpace(inner[:len(inner)-1])
	}
	if strings.HasPrefix(text, "=+") {
		return text[1:]
	}
	return strings.TrimSpace(strings.TrimPrefix(text, "'"))
}

// Source returns a text of a lead as it was meant: with its HTML entities as what they
// stand for, and without the formula ="..." by which a spreadsheet keeps it text.
func Source(text string) string { return Entities(CellText(text)) }

// CellText returns a text without the formula ="..." by which a spreadsheet keeps it text.
func CellText(text string) string {
	if inner, ok := strings.CutPrefix(text, `="`); ok && strings.HasSuffix(inner, `"`) {
		if inner = inner[:len(inner)-1]; !strings.Contains(inner, `"`) {
			return inner
		}
	}
	return text
}

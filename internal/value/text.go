// SPDX-License-Identifier: Apache-2.0

package value

import (
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"

	"github.com/leadsync/leadsync/internal/blank"
)

// CleanText trims text, drops its control characters and what nobody sees of it, and
// composes its accents (Unicode NFC). Line breaks are "\n" where the field has several
// lines; where it has one, a run of line breaks and tabs becomes one space. It reports false
// for text that is not UTF-8.
func CleanText(text string, lines bool) (string, bool) {
	if isClean(text) {
		return strings.Trim(text, " "), true
	}
	if !utf8.ValidString(text) {
		return "", false
	}
	text = strings.ReplaceAll(text, "\r\n", "\n")
	var b strings.Builder
	b.Grow(len(text))
	folding := false
	before := rune(0)
	for i, r := range text {
		breaks := isBreak(r)
		switch {
		case breaks && !lines:
			if !folding {
				b.WriteByte(' ')
			}
		case breaks && r != '\t':
			b.WriteByte('\n')
		case breaks || !unicode.IsControl(r) && !unseen(before, r, text[i+utf8.RuneLen(r):]):
			b.WriteRune(r)
			before = r
		}
		folding = breaks
	}
	return norm.NFC.String(strings.TrimSpace(b.String())), true
}

// isClean reports whether text has nothing but ASCII characters that one sees, and spaces.
func isClean(text string) bool {
	for i := range len(text) {
		if text[i] < ' ' || text[i] > '~' {
			return false
		}
	}
	return true
}

// unseen reports whether a reader does not see r between what is around it: a byte order
// mark, a space of no width, a mark of direction, a soft hyphen. A joiner within an emoji or
// a word, as in Persian, and the letters of a flag have a meaning.
func unseen(before, r rune, after string) bool {
	if r < 0x80 || !blank.Format(r) {
		return false
	}
	next, _ := utf8.DecodeRuneInString(after)
	const firstJoined = '\u0600' // Latin, Greek, Cyrillic and Hebrew letters do not join
	switch {
	case r == zeroWidthJoiner && before >= '\u0900' && unicode.Is(unicode.Mn, before): // ends a word of Malayalam
		return false
	case r == zeroWidthJoiner || r == zeroWidthNonJoiner:
		joins := func(r rune) bool {
			return r >= firstJoined && r != utf8.RuneError && !blank.Format(r) && !unicode.IsSpace(r)
		}
		return !joins(before) || !joins(next)
	case isTag(r):
		return before != blackFlag && !isTag(before)
	}
	return true
}

const (
	zeroWidthNonJoiner = '\u200c'
	blackFlag          = '\U0001F3F4'
)

// isTag reports whether r says which flag a flag is, as that of Scotland.
func isTag(r rune) bool { return r >= '\U000E0020' && r <= '\U000E007F' }

// isBreak reports whether r ends a line or is a tab.
func isBreak(r rune) bool {
	switch r {
	case '\n', '\r', '\t', '\v', '\f', '\u0085', '\u2028', '\u2029':
		return true
	}
	return false
}

// BlankText reports whether a reader sees nothing of text.
func BlankText(text string) bool { return blank.Empty(text) }

// BlankToNil returns text, nil for "".
func BlankToNil(text string) any {
	if text == "" {
		return nil
	}
	return text
}

// UTF16Length returns the length of text in UTF-16 units, as Salesforce counts it
// (unverified).
func UTF16Length(text string) int {
	n := 0
	for _, r := range text {
		n += utf16.RuneLen(r)
	}
	return n
}

// truncate cuts text to at most limit UTF-16 units and never within what a
// reader sees as one character, unless that alone is longer.
func truncate(text string, limit int) string {
	end, units := 0, 0
	for i, r := range text {
		if units += utf16.RuneLen(r); units > limit {
			break
		}
		end = i + utf8.RuneLen(r)
	}
	cut := end
	for cut > 0 && joined(text[:cut], text[cut:]) {
		_, size := utf8.DecodeLastRuneInString(text[:cut])
		cut -= size
	}
	if cut == 0 {
		cut = end
	}
	return strings.TrimSpace(text[:cut])
}

// joined reports whether the character at the end of before continues in after.
func joined(before, after string) bool {
	last, _ := utf8.DecodeLastRuneInString(before)
	next, size := utf8.DecodeRuneInString(after)
	switch {
	case size == 0:
		return false
	case unicode.IsMark(next), next == zeroWidthJoiner, last == zeroWidthJoiner:
		return true
	case next >= '\U0001F3FB' && next <= '\U0001F3FF': // skin tones
		return true
	}
	return isFlagLetter(next) && trailingFlagLetters(before)%2 == 1
}

const zeroWidthJoiner = '\u200d'

// isFlagLetter reports whether r is a regional indicator: two make a flag.
func isFlagLetter(r rune) bool { return r >= '\U0001F1E6' && r <= '\U0001F1FF' }

func trailingFlagLetters(text string) int {
	n := 0
	for {
		r, size := utf8.DecodeLastRuneInString(text)
		if !isFlagLetter(r) {
			return n
		}
		n++
		text = text[:len(text)-size]
	}
}

// asciiDomain gives an e-mail address the ASCII form of its domain.
func asciiDomain(address string) string {
	at := strings.LastIndexByte(address, '@')
	if at < 0 {
		return address
	}
	domain, err := idna.Lookup.ToASCII(address[at+1:])
	if err != nil || strings.EqualFold(domain, address[at+1:]) {
		return address
	}
	return address[:at+1] + domain
}

// validEmail reports whether Salesforce takes an address
// (docs/salesforce.md, Records): the local part is ASCII and does not begin with a
// full stop, several in a row are fine (help.salesforce.com 000384328); the domain
// has two labels or more, and may have a comment in brackets beside it. It is no
// stricter than that: what it refuses is not sent.
func validEmail(address string) bool {
	local, domain, ok := strings.Cut(address, "@")
	domain = withoutComment(domain)
	if !ok || local == "" || local[0] == '.' || !strings.Contains(domain, ".") {
		return false
	}
	for i := range len(local) {
		if !isAlphanumeric(local[i]) && !strings.ContainsRune("!#$%&'*+-./=?^_`{|}~", rune(local[i])) {
			return false
		}
	}
	for label := range strings.SplitSeq(domain, ".") {
		if !validLabel(label) {
			return false
		}
	}
	return true
}

// withoutComment returns a domain without the comment before or behind it.
func withoutComment(domain string) string {
	open, end := strings.IndexByte(domain, '('), strings.IndexByte(domain, ')')
	switch {
	case open == 0 && end > 0:
		return domain[end+1:]
	case open > 0 && end == len(domain)-1:
		return domain[:open]
	}
	return domain
}

func validLabel(label string) bool {
	if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
		return false
	}
	for i := range len(label) {
		if !isAlphanumeric(label[i]) && label[i] != '-' {
			return false
		}
	}
	return true
}

func isAlphanumeric(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}

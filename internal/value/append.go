// SPDX-License-Identifier: Apache-2.0

package value

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/leadsync/leadsync/internal/reading"
	"github.com/leadsync/leadsync/salesforce"
)

// Appended returns what a long text comes to with an addition as lines of its own. It is
// current where that has the addition already. What is stored of rich text stays byte for
// byte, and what is added to it is escaped. cut says that the whole ends with a part of the
// addition, and has no room for more of it; a plain text that is too long is cut when it is
// converted.
func Appended(field *salesforce.Field, current, addition string) (whole string, cut bool) {
	if field.RichText() {
		return appendedHTML(field, current, addition)
	}
	whole = current + "\n" + addition
	switch {
	case containsWords(current, addition):
		return current, false
	case UTF16Length(whole) > field.Length && endsWithBeginning(current, addition):
		return current, true
	}
	return whole, false
}

func appendedHTML(field *salesforce.Field, current, addition string) (whole string, cut bool) {
	if isHTML(addition) {
		addition = reading.HTMLText(addition)
	}
	shown, added := reading.HTMLText(current), reading.HTMLText(reading.EscapeHTML(addition))
	if added == "" || containsWords(shown, added) {
		return current, false
	}
	whole = reading.AppendHTML(current, addition)
	if field.Length <= 0 || UTF16Length(whole) <= field.Length {
		return whole, false
	}
	if endsWithBeginning(shown, added) {
		return current, true
	}
	return longest(addition, field.Length, func(text string) string {
		if text == "" {
			return current
		}
		return reading.AppendHTML(current, text)
	}), true
}

// longest returns f of as long a beginning of text as fits into limit.
func longest(text string, limit int, f func(string) string) string {
	if whole := f(text); limit <= 0 || UTF16Length(whole) <= limit {
		return whole
	}
	low, high := 0, UTF16Length(text) // low fits, high does not
	for high-low > 1 {
		middle := (low + high) / 2
		if UTF16Length(f(truncate(text, middle))) <= limit {
			low = middle
		} else {
			high = middle
		}
	}
	if low == 0 {
		return f("")
	}
	return f(truncate(text, low))
}

// isHTML reports whether text for a rich text field is HTML, not plain text.
func isHTML(text string) bool { return reading.IsHTML(text) || reading.HasEntity(text) }

// asHTML returns text as a rich text field takes it.
func asHTML(text string) string {
	if isHTML(text) {
		return text
	}
	return reading.EscapeHTML(text)
}

// richText converts to HTML. HTML is never cut, because that would break its tags.
func (c *conversion) richText(value any) (any, *Problem) {
	text, problem := c.cleanText(value)
	if problem != nil || text == "" {
		return nil, problem
	}
	whole := asHTML(text)
	switch {
	case c.field.Length <= 0 || UTF16Length(whole) <= c.field.Length:
		return whole, nil
	case c.opts.Refuse || isHTML(text):
		return nil, c.refuse("is longer than %d characters of HTML", c.field.Length)
	}
	c.notes = append(c.notes, cutNote(c.field))
	return BlankToNil(longest(text, c.field.Length, reading.EscapeHTML)), nil
}

// containsWords reports whether text contains part, not within words: "hell" is
// not in "hello".
func containsWords(text, part string) bool {
	first, _ := utf8.DecodeRuneInString(part)
	last, _ := utf8.DecodeLastRuneInString(part)
	before := ' '
	for at, r := range text {
		if rest, ok := strings.CutPrefix(text[at:], part); ok {
			after, _ := utf8.DecodeRuneInString(rest)
			within := inWord(before) && inWord(first) || inWord(last) && inWord(after)
			if !within {
				return true
			}
		}
		before = r
	}
	return false
}

func inWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) }

// endsWithBeginning reports whether the last lines of text are a beginning of
// addition: what an earlier append left of it when it was cut.
func endsWithBeginning(text, addition string) bool {
	for i, c := range text {
		if c == '\n' && strings.HasPrefix(addition, text[i+1:]) {
			return true
		}
	}
	return false
}
